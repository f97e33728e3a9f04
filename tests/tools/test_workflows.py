"""What runs on others' machines is pinned, may do little, and ends in one gate."""

import re
from pathlib import Path

import pytest

WORKFLOWS = sorted((Path(__file__).parents[2] / ".github" / "workflows").glob("*.yml"))


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
