"""The formats: JSON and CSV for programs, tables for people."""

import sys
from typing import TYPE_CHECKING

from kzt_rates.cli.streams import one_line
from kzt_rates.interchange import texts

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import date

    from kzt_rates.interchange.texts import Document
    from kzt_rates.typing import Value

GAP = "  "
WIDTH = 78


def json_text(document: "Document | Sequence[Document]") -> str:
    """Return JSON for stdout: letters that it has no room for are escaped, and nothing is lost."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    ascii_only = not encoding.lower().startswith("utf")
    return texts.json_text(document, ascii_only=ascii_only)


def csv_text(columns: "Sequence[str]", rows: "Iterable[Mapping[str, Value]]") -> str:
    """Return CSV for stdout, where the last line is ended by what prints it."""
    return texts.csv_text(columns, rows).removesuffix("\n")


def table_text(
    head: "Sequence[str]", rows: "Iterable[Sequence[str]]", right: "Collection[int]" = ()
) -> str:
    """Return rows under a head, in columns; those in `right` are aligned to the right."""
    lines = [tuple(head), *(tuple(map(one_line, row)) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        GAP.join(
            cell.rjust(width) if number in right else cell.ljust(width)
            for number, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def spans_text(days: "Sequence[date]") -> list[str]:
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
    return [str(first) if first == last else f"{first} to {last}" for first, last in runs]


def wrapped(heading: str, parts: "Iterable[str]") -> list[str]:
    """Return a heading and comma-separated parts, in lines that fit a narrow terminal."""
    lines, line = [], heading
    for part in parts:
        if len(line) + len(part) + 1 > WIDTH and line.strip():
            lines.append(line.rstrip())
            line = "  "
        line += f"{part}, "
    return [*lines, line.removesuffix(", ")]
