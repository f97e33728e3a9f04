"""The archive's text: its rows, what the bank says of them, and the two put together."""

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from kzt_rates.currency import is_code

HEADER = "date,currency,value,nominal,source"

# A day as ISO text, and a code: rows are in this order.
Key = tuple[str, str]


class Row(NamedTuple):
    """One line of the file."""

    date: str
    currency: str
    value: str
    nominal: int
    source: str

    @property
    def key(self) -> Key:
        """Return what no two rows share."""
        return self.date, self.currency

    def same_as(self, other: "Row") -> bool:
        """Say whether two rows are the same number for the same nominal."""
        return self.nominal == other.nominal and Decimal(self.value) == Decimal(other.value)

    def __str__(self) -> str:
        return f"{self.value} per {self.nominal} ({self.source})"


class Changes(NamedTuple):
    """What becomes of the file: all its rows in order, and those that are new.

    `gone` are rows of the file that the bank was asked for and has none of, `unasked` those of
    codes and days that its feeds cannot be asked for; both stay.
    """

    rows: list[Row]
    added: list[Row]
    gone: list[Row]
    unasked: list[Row]


def plain(value: str) -> str:
    """Return a value as the file writes it: without trailing zeros."""
    digits = f"{Decimal(value):f}"
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def read_rows(path: str) -> dict[Key, Row]:
    """Return the rows of a file.

    Raises `ValueError`, naming the line, for what is no row, comes twice or out of order.
    """
    with open(path, encoding="utf-8", newline="\n") as file:
        header, *lines = file.read().removesuffix("\n").split("\n")
    if header != HEADER:
        raise ValueError(f"{path}, line 1: {header[:60]!r} is not {HEADER!r}")
    rows: dict[Key, Row] = {}
    before: Key = ("", "")
    for number, line in enumerate(lines, 2):
        row = _row_of(line)
        if row is None:
            raise ValueError(f"{path}, line {number}: {line[:60]!r} is no row of the archive")
        if row.key <= before:
            raise ValueError(
                f"{path}, line {number}: {line[:60]!r} is out of order, or comes twice"
            )
        before = row.key
        rows[row.key] = row
    return rows


def _row_of(line: str) -> Row | None:
    cells = line.split(",")
    if len(cells) != 5:
        return None
    on, code, value, nominal, source = cells
    try:
        is_day = date.fromisoformat(on).isoformat() == on
    except ValueError:
        return None
    whole, point, part = value.partition(".")
    is_number = all(text.isascii() and text.isdigit() for text in (whole, part or "0", nominal))
    if not (is_day and is_code(code) and is_number and source and bool(point) == bool(part)):
        return None
    row = Row(on, code, value, int(nominal), source)
    return row if Decimal(value) > 0 and row.nominal > 0 and plain(value) == value else None


def text_of(rows: Iterable[Row]) -> bytes:
    """Return the bytes of a file."""
    lines = (",".join(map(str, row)) for row in rows)
    return "\n".join((HEADER, *lines, "")).encode()


def write(path: str, content: bytes) -> None:
    """Replace a file, whole or not at all."""
    handle, draft = tempfile.mkstemp(dir=os.path.dirname(path) or ".", suffix=".csv")
    try:
        with open(handle, "wb") as file:
            file.write(content)
        os.chmod(draft, 0o644)
        os.replace(draft, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.remove(draft)
        raise


def differing(ones: Mapping[Key, Row], others: Mapping[Key, Row]) -> list[tuple[Row, Row]]:
    """Return the rows of both that are not the same figure, in order."""
    return [
        (ones[key], others[key])
        for key in sorted(ones.keys() & others.keys())
        if not ones[key].same_as(others[key])
    ]


def merged(
    file: Mapping[Key, Row], bank: Mapping[Key, Row], was_asked: Callable[[Row], bool]
) -> Changes:
    """Put the bank's rows to those of the file, which stay as they are with their source."""
    lacking = [row for key, row in sorted(file.items()) if key not in bank]
    return Changes(
        rows=[row for _, row in sorted({**bank, **file}.items())],
        added=[row for key, row in sorted(bank.items()) if key not in file],
        gone=[row for row in lacking if was_asked(row)],
        unasked=[row for row in lacking if not was_asked(row)],
    )


def report(changes: Changes) -> list[str]:
    """Return what changed, in lines of Markdown."""
    if changes.added:
        count = len(changes.added)
        lines = [f"{_rows(count)} added, {len(changes.rows)} in all.", ""]
        lines += _spans(changes.added)
    else:
        lines = [f"Nothing new: {len(changes.rows)} rows as before."]
    if changes.gone:
        lines += ["", f"{_rows(len(changes.gone))} that the bank no longer has, and that stay:", ""]
        lines += _spans(changes.gone)
    if changes.unasked:
        count = len(changes.unasked)
        lines += ["", f"{_rows(count)} that the bank was not asked for, and that stay:", ""]
        lines += _spans(changes.unasked)
    return lines


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"


def _spans(rows: Iterable[Row]) -> list[str]:
    days_by: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        days_by.setdefault((row.currency, row.source), []).append(row.date)
    return [
        f"- {code}: {_rows(len(days))}, {' to '.join(sorted({days[0], days[-1]}))} ({source})"
        for (code, source), days in sorted(days_by.items())
    ]
