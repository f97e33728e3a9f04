"""Many days of one file at once: what is known of a code over years, and answers of the export."""

from datetime import date
from decimal import Decimal, DecimalException

from kzt_rates.figures import Day
from kzt_rates.store.rows import FIGURE_COLUMNS, read_figure, write_figure

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from kzt_rates.figures import Entry, Figure
    from kzt_rates.store.protocol import ReplacedOn

_OF_CODE = "FROM figure WHERE code = ? AND day BETWEEN ? AND ?"
_POINTS = f"SELECT day, value, nominal, final {_OF_CODE} ORDER BY day"
_FIGURES = f"SELECT day, {FIGURE_COLUMNS} {_OF_CODE}"


def read_points(
    connection: "sqlite3.Connection", code: str, start: date, end: date
) -> "list[Entry]":
    """Return the figures of a code by day; `ValueError` for one that nobody here has written."""
    keys = (code, start.isoformat(), end.isoformat())
    rows = connection.execute(_POINTS, keys).fetchall()
    # all at once: a check of each would take longer than reading them
    digits = "".join([row[1] for row in rows]).replace(".", "") or "0"
    nominals = {row[2] for row in rows}
    if not (
        digits.isascii()
        and digits.isdigit()
        and all(isinstance(nominal, int) and nominal > 0 for nominal in nominals)
    ):
        raise ValueError(f"unreadable figures of {code}")
    day_of = date.fromisoformat
    try:
        points = [
            (day_of(on), Decimal(value), nominal, final == 1) for on, value, nominal, final in rows
        ]
    except DecimalException:
        raise ValueError(f"unreadable figures of {code}") from None
    if not all(point[1] for point in points):
        raise ValueError(f"a figure of {code} is zero")
    return points


def write_export(connection: "sqlite3.Connection", days: "Sequence[Day]") -> "list[ReplacedOn]":
    """Write figures and blanks of many days; return the figures that were known otherwise."""
    known = _known(connection, days)
    replaced: list[ReplacedOn] = []
    rows, blanks, filled = [], [], []
    for day in days:
        on = day.date.isoformat()
        for code, new in day.figures.items():
            old = known.get((code, on))
            if old is not None and not old.same_as(new):
                replaced.append((day.date, code, old, new))
            rows.append(write_figure(code, on, new, old, "export"))
            filled.append((on, code))
        blanks += [(on, code, at.isoformat()) for code, at in day.blanks.items()]
    codes = {(code,) for day in days for code in day.figures}
    connection.executemany("INSERT OR IGNORE INTO code VALUES (?)", sorted(codes))
    connection.executemany("REPLACE INTO figure VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
    if connection.execute("SELECT EXISTS (SELECT 1 FROM blank)").fetchone()[0]:
        connection.executemany("DELETE FROM blank WHERE day = ? AND code = ?", filled)
    connection.executemany("REPLACE INTO blank VALUES (?, ?, ?)", blanks)
    return replaced


def _known(
    connection: "sqlite3.Connection", days: "Sequence[Day]"
) -> "dict[tuple[str, str], Figure]":
    """Return the figures on record of the codes and days that are about to be written."""
    known: dict[tuple[str, str], Figure] = {}
    dates = [day.date for day in days if day.figures]
    if not dates:
        return known
    first, last = min(dates).isoformat(), max(dates).isoformat()
    for code in {code for day in days for code in day.figures}:
        for on, *row in connection.execute(_FIGURES, (code, first, last)):
            known[code, on] = read_figure(row, "cache")
    return known
