"""Many days of one file at once: what is known of a code over years, and answers of the export."""

from datetime import date
from decimal import Decimal, DecimalException

from kzt_rates.figures import MAX_VALUE_CHARACTERS, Day
from kzt_rates.store.rows import (
    FIGURE_COLUMNS,
    is_nominal,
    read_figure,
    write_figure,
    write_instant,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Mapping, Sequence

    from kzt_rates.figures import Entry, Figure
    from kzt_rates.store.protocol import ReplacedOn

_OF_CODE = "FROM figure WHERE code = ? AND day BETWEEN ? AND ?"
# An array a column: the objects of a row a figure take as long as all that is made of them.
_POINTS = (
    "SELECT json_group_array(day), json_group_array(value), json_group_array(nominal),"
    f" group_concat(CASE WHEN final IS NOT 1 THEN day END) {_OF_CODE}"
)
_FIGURES = f"SELECT day, {FIGURE_COLUMNS} {_OF_CODE}"


# The dates of the arrays that were read last: most currencies are known of the same days.
MAX_ARRAYS = 4
_dates_of: "dict[str, tuple[date, ...]]" = {}


def read_points(
    connection: "sqlite3.Connection", code: str, start: date, end: date
) -> "list[Entry]":
    """Return the figures of a code by day; `ValueError` for one that nobody here has written."""
    from json import loads

    keys = (code, start.isoformat(), end.isoformat())
    days, *columns, drafts = connection.execute(_POINTS, keys).fetchone()
    values, nominals = map(loads, columns)
    # all at once: a check of each would take longer than reading them
    digits = "".join(values).replace(".", "") or "0"
    if not (
        digits.isascii()
        and digits.isdigit()
        and max(map(len, values), default=0) <= MAX_VALUE_CHARACTERS
        and all(map(is_nominal, set(nominals)))
    ):
        raise ValueError(f"unreadable figures of {code}")
    try:
        figures = list(map(Decimal, values))
    except DecimalException:
        raise ValueError(f"unreadable figures of {code}") from None
    if not all(figures):
        raise ValueError(f"a figure of {code} is zero")
    dates = _dates(days)
    provisional = set(map(date.fromisoformat, drafts.split(",") if drafts else ()))
    is_final = [day not in provisional for day in dates] if drafts else [True] * len(dates)
    # sorted, because SQLite promises no order within an array
    return sorted(zip(dates, figures, nominals, is_final, strict=True))


def _dates(days: str) -> tuple[date, ...]:
    """Return the dates of an array, the same ones for the same array."""
    from json import loads

    dates = _dates_of.get(days)
    if dates is None:
        dates = tuple(map(date.fromisoformat, loads(days)))
        if len(_dates_of) >= MAX_ARRAYS:
            _dates_of.clear()
        _dates_of[days] = dates
    return dates


def write_export(connection: "sqlite3.Connection", days: "Sequence[Day]") -> "list[ReplacedOn]":
    """Write figures and blanks of many days; return the figures that were known otherwise."""
    by_day = {day.date.isoformat(): day for day in days}
    codes = sorted(set().union(*(day.figures for day in days)))
    known = _known(connection, codes, by_day)
    replaced: list[ReplacedOn] = [
        (by_day[on].date, code, old, new)
        for (code, on), old in known.items()
        if on in by_day
        and (new := by_day[on].figures.get(code)) is not None
        and not old.same_as(new)
    ]
    blanks = [(on, code, at.isoformat()) for on in by_day for code, at in by_day[on].blanks.items()]
    connection.executemany("INSERT OR IGNORE INTO code VALUES (?)", [(code,) for code in codes])
    connection.executemany(
        "REPLACE INTO figure VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", _rows(by_day, known)
    )
    connection.executemany(
        "DELETE FROM blank WHERE day = ? AND code = ?", _filled(connection, by_day)
    )
    connection.executemany("REPLACE INTO blank VALUES (?, ?, ?)", blanks)
    return replaced


def _known(
    connection: "sqlite3.Connection", codes: "Sequence[str]", by_day: "Mapping[str, Day]"
) -> "dict[tuple[str, str], Figure]":
    """Return the figures on record of the codes, from the first day to the last."""
    return {
        (code, on): read_figure(row, "cache")
        for code in codes
        for on, *row in connection.execute(_FIGURES, (code, min(by_day), max(by_day)))
    }


def _rows(
    by_day: "Mapping[str, Day]", known: "Mapping[tuple[str, str], Figure]"
) -> "Iterator[tuple[object, ...]]":
    instant, fetched_at = None, None
    for on, day in by_day.items():
        for code, new in day.figures.items():
            if new.fetched_at is not instant:  # once for them all: they came in one answer
                instant, fetched_at = new.fetched_at, write_instant(new.fetched_at)
            yield write_figure(code, on, new, known.get((code, on)), "export", fetched_at)


def _filled(
    connection: "sqlite3.Connection", by_day: "Mapping[str, Day]"
) -> "list[tuple[str, str]]":
    """Return the blanks on record that have a figure now."""
    days = (min(by_day, default=""), max(by_day, default=""))
    blanks = connection.execute("SELECT day, code FROM blank WHERE day BETWEEN ? AND ?", days)
    return [(on, code) for on, code in blanks if on in by_day and code in by_day[on].figures]
