"""The notebooks: each build of the pages runs them from start to end, so they must ask for it."""

import ast
import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
NOTEBOOKS = sorted((DOCS / "notebooks").glob("*.md"))


def test_there_are_four():
    """Today, invoices, the float of the tenge, and many rows."""
    assert len(NOTEBOOKS) == 4


def test_a_build_runs_them_and_stops_at_an_error():
    """A notebook that fails is a page that is not built; what one prints is of this build."""
    settings = {
        target.id: ast.literal_eval(node.value)
        for node in ast.parse((DOCS / "conf.py").read_text(encoding="utf-8")).body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name) and target.id.startswith("nb_")
    }
    assert settings["nb_execution_mode"] == "force"
    assert settings["nb_execution_raise_on_error"] is True
    assert "nb_execution_excludepatterns" not in settings


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_cell_is_run(path):
    """A notebook names its kernel, has cells, and lets none of them be skipped or fail."""
    text = path.read_text(encoding="utf-8")
    assert re.search(r"\A---\n(?:.*\n)*?kernelspec:\n(?:.*\n)*?  name: python3\n---\n", text)
    cells = re.findall(r"^```\{code-cell\} ipython3\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    assert len(cells) >= 5
    assert not re.search(r"raises-exception|skip-execution|remove-output|remove-cell", text)
    for cell in cells:
        ast.parse(re.sub(r"\A---\n.*?\n---\n", "", cell, flags=re.DOTALL))
