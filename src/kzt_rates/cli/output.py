"""The formats: JSON and CSV for programs, tables for people."""

import sys
from typing import TYPE_CHECKING

from kzt_rates.cli.terminal import can_show, one_line, use_utf_8
from kzt_rates.money import NO_BREAK_SPACE
from kzt_rates.tables import text as texts

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import date

    from kzt_rates.typing import Value

GAP = "  "
WIDTH = 78


def json_text(document: "Mapping[str, object] | Sequence[Mapping[str, object]]") -> str:
    """Return JSON for stdout: letters that it has no room for are escaped, and nothing is lost."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    ascii_only = not encoding.lower().startswith("utf")
    return texts.json_text(document, ascii_only=ascii_only)


def csv_text(columns: "Sequence[str]", rows: "Iterable[Mapping[str, Value]]") -> str:
    """Return CSV for stdout, where the last line is ended by what prints it.

    Letters that stdout has no room for make it UTF-8: a program must not read `?` for a name.
    """
    text = texts.csv_text(columns, rows).removesuffix("\n")
    if not can_show(text):
        use_utf_8(sys.stdout)
    return text


def count_text(number: int) -> str:
    r"""Return a whole number in groups of three.

    >>> count_text(20480).replace("\xa0", " ")
    '20 480'
    """
    return f"{number:_}".replace("_", NO_BREAK_SPACE)


def table_text(
    head: "Sequence[str]",
    rows: "Iterable[Sequence[str]]",
    right: "Collection[int]" = (),
    point: "Collection[int]" = (),
) -> str:
    """Return rows under a head, in columns.

    Those in `right` are aligned to the right, those in `point` at the mark before the decimals.
    """
    cells = [[_shown(cell) for cell in row] for row in rows]
    for column in point:
        aligned = _at_the_point([row[column] for row in cells])
        for row, cell in zip(cells, aligned, strict=True):
            row[column] = cell
    right = {*right, *point}
    lines = [tuple(head), *map(tuple, cells)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        GAP.join(
            cell.rjust(width) if number in right else cell.ljust(width)
            for number, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def _shown(cell: str) -> str:
    """Return a cell in one line; the spaces within its figures stay."""
    return NO_BREAK_SPACE.join(map(one_line, cell.split(NO_BREAK_SPACE)))


def _at_the_point(cells: "Sequence[str]") -> list[str]:
    """Return figures with as much space behind them as sets their points below one another."""
    tails = [len(cell) - len(cell.replace(",", ".").partition(".")[0]) for cell in cells]
    widest = max(tails, default=0)
    return [cell + " " * (widest - tail) for cell, tail in zip(cells, tails, strict=True)]


def spans_text(days: "Sequence[date]", form: str = "{} to {}") -> list[str]:
    """Return days in order as `first to last` for each run of consecutive ones.

    >>> from datetime import date
    >>> spans_text([date(2022, 12, 20), date(2023, 7, 28), date(2023, 7, 29)])
    ['2022-12-20', '2023-07-28 to 2023-07-29']
    """
    runs: list[tuple[date, date]] = []
    for day in days:
        if runs and (day - runs[-1][1]).days == 1:
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return [str(first) if first == last else form.format(first, last) for first, last in runs]


def wrapped(heading: str, parts: "Iterable[str]") -> list[str]:
    """Return a heading and comma-separated parts, in lines that fit a narrow terminal."""
    lines, line = [], heading
    for part in parts:
        if len(line) + len(part) + 1 > WIDTH and line.strip():
            lines.append(line.rstrip())
            line = "  "
        line += f"{part}, "
    return [*lines, line.removesuffix(", ")]
