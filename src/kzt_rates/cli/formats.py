"""The formats: JSON and CSV for programs, tables for people."""

import sys
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, TypeAlias

from kzt_rates.cli.streams import one_line

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

Value: TypeAlias = "str | int | bool | Decimal | date | None"
Row: TypeAlias = "dict[str, Value]"
Document: TypeAlias = "Mapping[str, Value | Document | Sequence[Value | Document]]"

GAP = "  "
WIDTH = 78


def json_text(document: "Document | Sequence[Document]") -> str:
    """Return indented JSON: numbers as strings, dates ISO.

    Letters that the output has no room for are escaped, so that nothing is lost.
    """
    import json

    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    ascii_only = not encoding.lower().startswith("utf")
    return json.dumps(_plain(document), ensure_ascii=ascii_only, indent=2)


def csv_text(columns: "Sequence[str]", rows: "Iterable[Mapping[str, Value]]") -> str:
    """Return the columns of rows, with a header; empty where there is no value."""
    import csv
    import io

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([text_of(row[column]) for column in columns] for row in rows)
    return text.getvalue().removesuffix("\n")


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


def text_of(value: "Value") -> str:
    """Return a value as text: no exponent, dates ISO, `true` and `false`, nothing for `None`."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, date) else str(value)


def _plain(value: object) -> object:
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    assert isinstance(value, int | Decimal | date | datetime)
    return text_of(value)
