"""The figures of a code over years, read at one go."""

from datetime import date, timedelta
from decimal import Decimal, DecimalException

from kzt_rates.figures import MAX_VALUE_CHARACTERS
from kzt_rates.store.rows import SEAL, is_nominal, numbers, sum_of_seals

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3

    from kzt_rates.figures import Entry

ONE_DAY = timedelta(days=1)

# An array a column: the objects of a row a figure take as long as all that is made of them.
_POINTS = (
    "SELECT json_group_array(day), json_group_array(value), json_group_array(nominal),"
    " group_concat(CASE WHEN final IS NOT 1 THEN day END), sum(seal)"
    " FROM figure WHERE code = ? AND day BETWEEN ? AND ?"
)
_EXPECTED = "SELECT day FROM day WHERE day BETWEEN ? AND ? AND instr(codes, ?)"

_COMPLETE = "SELECT json_group_array(day), sum(final), sum(seal) FROM day WHERE day BETWEEN ? AND ?"

# The dates of the arrays that were read last, and what they add to a sum of seals: most currencies
# are known of the same days.
MAX_ARRAYS = 4
_dates_of: "dict[str, tuple[tuple[date, ...], int]]" = {}


def read_points(
    connection: "sqlite3.Connection", code: str, start: date, end: date
) -> "list[Entry]":
    """Return the figures of a code by day; `ValueError` for one that nobody here has written."""
    from json import loads

    span = start.isoformat(), end.isoformat()
    found = connection.execute(_POINTS, (code, *span)).fetchone()
    days, values, nominals, drafts, seal = found
    dates, number_of_days = _dates(days)
    values, nominals = loads(values), loads(nominals)
    # all at once: a check of each would take longer than reading them
    digits = "".join(values).replace(".", "") or "0"
    if not (
        digits.isascii()
        and digits.isdigit()
        and max(map(len, values), default=0) <= MAX_VALUE_CHARACTERS
        and all(map(is_nominal, set(nominals)))
    ):
        raise ValueError(f"unreadable figures of {code}")
    provisional = set(map(date.fromisoformat, drafts.split(",") if drafts else ()))
    unsealed = sum_of_seals(code, len(dates), number_of_days, numbers(values))
    finals = len(dates) - len(provisional)
    if ((seal or 0) - 2 * sum(nominals) - finals - unsealed) % SEAL:
        raise ValueError(f"damaged figures of {code}")
    try:
        figures = list(map(Decimal, values))
    except DecimalException:
        raise ValueError(f"unreadable figures of {code}") from None
    if not all(figures):
        raise ValueError(f"a figure of {code} is zero")
    is_final = [day not in provisional for day in dates] if drafts else [True] * len(dates)
    # sorted, because SQLite promises no order within an array
    points = sorted(zip(dates, figures, nominals, is_final, strict=True))
    _require_none_lost(connection, code, (start, end), points)
    return points


def _require_none_lost(
    connection: "sqlite3.Connection", code: str, span: tuple[date, date], points: "list[Entry]"
) -> None:
    """Raise `ValueError` where a complete day had a figure that is not there any more."""
    spans = [span]
    if points:
        (start, end), first, last = span, points[0][0], points[-1][0]
        if len(points) == (last - first).days + 1:  # a figure a day, so none of them is lost
            before = first - ONE_DAY if first > start else None
            after = last + ONE_DAY if last < end else None
            spans = [(start, before)] if before else []
            spans += [(after, end)] if after else []
    known = {point[0].isoformat() for point in points} if spans == [span] else set()
    for start, end in spans:
        keys = start.isoformat(), end.isoformat(), code
        if not known.issuperset(day for (day,) in connection.execute(_EXPECTED, keys)):
            raise ValueError(f"lost a figure of {code}")


def read_complete_days(connection: "sqlite3.Connection", start: date, end: date) -> list[date]:
    """Return the complete days of a range; `ValueError` for one that nobody here has written."""
    span = start.isoformat(), end.isoformat()
    days, finals, seal = connection.execute(_COMPLETE, span).fetchone()
    dates, number_of_days = _dates(days)
    if ((seal or 0) - (finals or 0) - number_of_days) % SEAL:
        raise ValueError("a damaged day")
    return sorted(dates)


def _dates(days: str) -> tuple[tuple[date, ...], int]:
    """Return the dates of an array, the same ones for the same array, and their number."""
    found = _dates_of.get(days)
    if found is None:
        from json import loads

        texts = loads(days)
        found = tuple(map(date.fromisoformat, texts)), numbers(texts)
        if len(_dates_of) >= MAX_ARRAYS:
            _dates_of.clear()
        _dates_of[days] = found
    return found
