"""The figures of a code over years, read at one go."""

from datetime import date
from decimal import Decimal, DecimalException

from kzt_rates.figures import MAX_VALUE_CHARACTERS
from kzt_rates.store.rows import is_nominal, seals_of_figures

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3

    from kzt_rates.figures import Entry

# An array a column: the objects of a row a figure take as long as all that is made of them.
_POINTS = (
    "SELECT json_group_array(day), json_group_array(value), json_group_array(nominal),"
    " group_concat(CASE WHEN final IS NOT 1 THEN day END), total(final), sum(seal)"
    " FROM figure WHERE code = ? AND day BETWEEN ? AND ?"
)
_EXPECTED = "SELECT json_group_array(day) FROM day WHERE day BETWEEN ? AND ? AND instr(codes, ?)"

# The dates of the arrays that were read last: most currencies are known of the same days.
MAX_ARRAYS = 4
_dates_of: "dict[str, tuple[date, ...]]" = {}


def read_points(
    connection: "sqlite3.Connection", code: str, start: date, end: date
) -> "list[Entry]":
    """Return the figures of a code by day; `ValueError` for one that nobody here has written."""
    from json import loads

    first, last = start.isoformat(), end.isoformat()
    found = connection.execute(_POINTS, (code, first, last)).fetchone()
    days, values, nominals, drafts, finals, seal = found
    (expected,) = connection.execute(_EXPECTED, (first, last, code)).fetchone()
    if expected != days and not set(loads(expected)) <= set(loads(days)):
        raise ValueError(f"lost a figure of {code}")
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
    if (seal or 0) != seals_of_figures(code, loads(days), values) + 2 * sum(nominals) + finals:
        raise ValueError(f"damaged figures of {code}")
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
