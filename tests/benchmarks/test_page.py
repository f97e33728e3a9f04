"""The page on speed says what was measured, and nothing else."""

import re
from fractions import Fraction

import pytest

from benchmarks import report
from benchmarks.cases import Group
from benchmarks.measuring import Figures

SECONDS = Group("any", "turns", 1, ())
MEMORY = Group("any", "memory", 1, ())


@pytest.fixture
def results() -> dict:
    """Results of all tables, made up: each row takes one millisecond more than the one before."""
    rows = {
        group.name: [
            {"name": row.name, "part": row.part, "turns": [number / 1000] * 3, "facts": {}}
            for number, row in enumerate(group.rows, 1)
        ]
        for group in report.GROUPS
    }
    held = {"forex-python": ["forex-python==1.9.2"]}
    held[report.FRAMES] = [f"{library}==1" for library in report.LIBRARIES]
    facts = dict.fromkeys(("processors", "model", "memory", "system", "python", "sqlite"), "any")
    return {"date": "2026-11-28", "machine": facts, "versions": held, "groups": rows}


def figures_of(cell: str) -> Fraction:
    """Return a figure of the page in seconds, or in bytes."""
    number, unit = cell.replace(",", "").split()
    units = {"s": 1, "ms": "1e-3", "µs": "1e-6", "ns": "1e-9", "MB": "1e6"}
    return Fraction(number) * Fraction(units[unit])


def rows_of_page() -> list[list[str]]:
    lines = report.PAGE.read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [row for row in cells if len(row) > 4 and "–" in row[2] and row[2][0].isdigit()]


def test_the_page_is_of_the_template() -> None:
    """Between the figures the page has the words of the template, all of them and no others."""
    template = report.TEMPLATE.read_text(encoding="utf-8")
    words = [re.escape(part) for part in re.split(r"\{\{ .+? \}\}", template)]
    assert re.fullmatch("(.+?)".join(words), report.PAGE.read_text(encoding="utf-8"), re.DOTALL)


def test_the_page_has_the_tables_that_are_measured() -> None:
    """Every row of every table is there, under its name."""
    page = report.PAGE.read_text(encoding="utf-8")
    for group in report.GROUPS:
        for row in group.rows:
            assert f"{row.name}" in page, f"{group.name}: {row.name}: measure again"


def test_a_figure_of_the_page_is_a_median() -> None:
    """What a row has in the middle lies between its least and its greatest turn."""
    rows = rows_of_page()
    assert len(rows) > 60
    for _, middle, spread, *_ in rows:
        least, greatest = map(figures_of, spread.split("–"))
        assert least <= figures_of(middle) <= greatest


def test_a_page_of_results(results: dict) -> None:
    """A page has the figures where the template names them."""
    page = report.page(results)
    assert "{{" not in page
    assert "measured on 2026-11-28" in page
    assert "| *bare Python* | 1.00 ms | 1.00 ms–1.00 ms | 3 |" in page


def test_every_table_has_a_limit_and_ours() -> None:
    """Of each case there is a limit, and how far kzt_rates is from it."""
    for group in report.GROUPS:
        parts = [row.part for row in group.rows]
        assert (parts.count("limit"), parts.count("ours")) == (1, 1), group.name


def test_ratios_are_medians_of_ratios() -> None:
    """A ratio is the median of each round's own, not that of the medians."""
    ours = Figures("ours", "ours", [2.0, 30.0, 8.0], {})
    limit = Figures("limit", "limit", [1.0, 10.0, 2.0], {})
    assert ours.times(limit) == 3.0


def test_a_table() -> None:
    """A row has its median, its spread, its turns, and its distance from the limit and ours."""
    rows = [
        Figures("floor", "limit", [0.001, 0.002, 0.004], {}),
        Figures("it", "ours", [0.002, 0.006, 0.004], {"requests": 1}),
        Figures("peer", "peer", [0.020], {"requests": 366}),
    ]
    lines = report.table(SECONDS, rows).splitlines()
    assert lines[2:] == [
        "| *floor* | 2.00 ms | 1.00 ms–4.00 ms | 3 |  |  |  |",
        "| **it** | 4.00 ms | 2.00 ms–6.00 ms | 3 | 1 | 2.00 |  |",
        "| peer | 20.0 ms |  | 1 | 366 | 20.0 | 0.10 of it |",
    ]


@pytest.mark.parametrize(
    ("number", "group", "shown"),
    [
        (0.0000123, SECONDS, "12.3 µs"),
        (0.99951, SECONDS, "1.00 s"),
        (4.2e-8, SECONDS, "42.0 ns"),
        (0.4567, SECONDS, "457 ms"),
        (125.0, SECONDS, "125 s"),
        (1.5e6, MEMORY, "1.50 MB"),
        (276_123_456, MEMORY, "276 MB"),
    ],
)
def test_an_amount(number: float, group: Group, shown: str) -> None:
    """A figure is shown with three digits, in the unit that is read best."""
    assert report.amount(number, group) == shown


@pytest.mark.parametrize(
    ("number", "shown"), [(0.00287, "0.0029"), (1.532, "1.53"), (12345.6, "12,346")]
)
def test_a_ratio(number: float, shown: str) -> None:
    """A ratio has three digits, a very small one two."""
    assert report.ratio(number) == shown


def test_results_of_other_tables(results: dict) -> None:
    """Results that lack a table that there is now are not made into a page."""
    del results["groups"]["import"]
    with pytest.raises(ValueError, match="measure again"):
        report.page(results)


def test_a_template_that_leaves_a_table_out(
    results: dict, monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:
    """A page that would not show what was measured is refused."""
    template = tmp_path / "page.md"
    text = report.TEMPLATE.read_text(encoding="utf-8")
    template.write_text(text.replace("{{ table: sheet }}", ""), encoding="utf-8")
    monkeypatch.setattr(report, "TEMPLATE", template)
    with pytest.raises(ValueError, match="sheet"):
        report.page(results)
