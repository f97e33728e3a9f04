"""The page on speed says what was measured, and nothing else."""

import json
import re
from pathlib import Path
from statistics import median

import pytest

from benchmarks import report

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "explanation" / "performance.md").read_text(encoding="utf-8")
RESULTS = json.loads((ROOT / "benchmarks" / "results.json").read_text(encoding="utf-8"))


def test_the_page_is_of_the_results() -> None:
    """The page is the template with the measured figures."""
    assert report.page(RESULTS) == PAGE


def test_a_figure_of_the_page_is_a_median() -> None:
    """The median that the page has for an import is that of the rounds, in milliseconds."""
    (row,) = [row for row in RESULTS["groups"]["import"] if row["part"] == "ours"]
    (shown,) = re.findall(r"\*\*`import kzt_rates`\*\* \| ([\d.]+) ms", PAGE)
    assert float(shown) == pytest.approx(median(row["rounds"]) * 1000, rel=0.006)


def test_ratios_are_medians_of_ratios() -> None:
    """A ratio is the median of each round's own, not that of the medians."""
    ours, limit = (
        report.Figures(name, "peer", rounds, {})
        for name, rounds in (("ours", [2.0, 30.0, 8.0]), ("limit", [1.0, 10.0, 2.0]))
    )
    assert ours.times(limit) == 3.0


def test_a_table_without_a_case() -> None:
    """A page that leaves out a table that was measured is refused."""
    more = {**RESULTS, "groups": dict(RESULTS["groups"])}
    del more["groups"]["import"]
    with pytest.raises(KeyError):
        report.page(more)
