"""What runs on others' machines is pinned, may do little, and ends in one gate."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
CI = ROOT / ".github" / "workflows" / "ci.yml"
RUN = ROOT / ".ci" / "run"


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_actions_are_pinned(path: Path) -> None:
    """An action is named by its commit, which nobody can move, and by its version for people."""
    uses = re.findall(r"uses: (.*)", path.read_text(encoding="utf-8"))
    assert uses
    for action in uses:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action), action


def test_an_action_is_pinned_once() -> None:
    """All workflows use the same commit of an action."""
    texts = "".join(path.read_text(encoding="utf-8") for path in WORKFLOWS)
    pins = set(re.findall(r"uses: (\S+)@(\S+)", texts))
    assert len(pins) == len(dict(pins))


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_nothing_is_permitted_but_by_a_job(path: Path) -> None:
    """A workflow permits nothing; a job says what it needs."""
    assert "\npermissions: {}\n" in path.read_text(encoding="utf-8")


def test_the_gate_waits_for_every_job() -> None:
    """There is one check to require, and it is green where all the others are."""
    text = next(path for path in WORKFLOWS if path.stem == "ci").read_text(encoding="utf-8")
    jobs = re.findall(r"^  ([\w-]+):$", text.partition("\njobs:\n")[2], re.MULTILINE)
    (needs,) = re.findall(r"needs: \[(.*)\]", text.partition("\n  gate:\n")[2])
    assert sorted(needs.split(", ")) == sorted(set(jobs) - {"gate"})
    assert f'"{" ".join(["success"] * len(needs.split(", ")))}"' in text


def sessions() -> set[str]:
    """Return the names of the sessions in noxfile.py."""
    tree = ast.parse((ROOT / "noxfile.py").read_text(encoding="utf-8"))
    return {
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        and any(ast.unparse(one).startswith("nox.session") for one in node.decorator_list)
    }


@pytest.mark.parametrize("path", [*WORKFLOWS, RUN], ids=lambda path: path.stem)
def test_sessions_that_are_run_exist(path: Path) -> None:
    """What a workflow or `.ci/run` asks nox for is in noxfile.py."""
    asked = re.findall(r"nox -s ([\w ]+)", path.read_text(encoding="utf-8"))
    assert set(" ".join(asked).split()) <= sessions()


def test_every_check_is_run() -> None:
    """`.ci/run` leaves out no session of `check`; its last command is what `tests` runs."""
    tree = ast.parse((ROOT / "noxfile.py").read_text(encoding="utf-8"))
    (checks,) = (
        ast.unparse(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "CHECKS"
    )
    asked = " ".join(re.findall(r"nox -s ([\w ]+)", RUN.read_text(encoding="utf-8"))).split()
    assert sorted([*asked, "tests"]) == sorted(re.findall(r"'(\w+)'", checks))


def test_the_wheel_is_tried_on_every_python_and_system() -> None:
    """The matrix has the Pythons of the classifiers, on Linux, macOS and Windows."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = re.findall(r"Python :: (3\.\d+)", "\n".join(project["classifiers"]))
    installed = CI.read_text(encoding="utf-8").partition("\n  installed:\n")[2]
    assert f"python: {named}".replace("'", '"') in installed
    assert "system: [ubuntu-latest, macos-latest, windows-latest]\n" in installed
