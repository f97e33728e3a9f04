"""Which days to name on an axis of dates, and how."""

import datetime as dt
from itertools import pairwise
from typing import TYPE_CHECKING

from kzt_rates.plotting.i18n import MONTHS, MONTHS_ALONE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kzt_rates.typing import Language

# from the finest to the coarsest: a unit, how many of it, and how many days that is at least
STEPS = (
    ("day", 1, 1), ("day", 2, 2), ("day", 7, 7), ("day", 14, 14),
    ("month", 1, 28), ("month", 2, 59), ("month", 3, 90), ("month", 6, 181),
    ("year", 1, 365), ("year", 2, 730), ("year", 5, 1826), ("year", 10, 3652),
    ("year", 20, 7305), ("year", 50, 18262), ("year", 100, 36524), ("year", 500, 182621),
    ("year", 1000, 365242), ("year", 5000, 1826212),
)  # fmt: skip


def tick_days(first: dt.date, last: dt.date, most: int) -> list[dt.date]:
    """Return evenly spread days between two, both inclusive: as many as there may be.

    They are days, every other day, Mondays, every other Monday, or the first of months or years.

    >>> [str(day) for day in tick_days(dt.date(2015, 3, 1), dt.date(2020, 3, 31), 6)]
    ['2016-01-01', '2017-01-01', '2018-01-01', '2019-01-01', '2020-01-01']
    """
    length = (last - first).days
    return next(
        days
        for unit, count, least in STEPS
        # surely too many are not even counted
        if length // least <= 2 * most and len(days := _days(first, last, unit, count)) <= most
    )


def tick_labels(days: "Sequence[dt.date]", language: "Language") -> list[str]:
    r"""Return the names of days: the year below the first, and below where it changes.

    >>> tick_labels([dt.date(2025, 12, 22), dt.date(2025, 12, 29)], "ru")
    ['22 дек.\n2025', '29 дек.\n']
    """
    if all((day.month, day.day) == (1, 1) for day in days):
        return [str(day.year) for day in days]
    if all(day.day == 1 for day in days):
        names = [MONTHS_ALONE[language][day.month - 1] for day in days]
    else:
        names = [f"{day.day} {MONTHS[language][day.month - 1]}" for day in days]
    turns = [True, *(one.year != other.year for one, other in pairwise(days))]
    # with two lines each, for matplotlib sets the first of two lower than one by itself
    return [
        f"{name}\n{day.year if turn else ''}"
        for day, name, turn in zip(days, names, turns, strict=True)
    ]


def _days(first: dt.date, last: dt.date, unit: str, count: int) -> list[dt.date]:
    if unit == "day":
        # the ordinal of a Monday, divided by seven, leaves one
        start = first.toordinal() + (1 - first.toordinal()) % count
        return list(map(dt.date.fromordinal, range(start, last.toordinal() + 1, count)))
    months = count * (12 if unit == "year" else 1)
    begins = range(first.year * 12 // months * months, last.year * 12 + 12, months)
    days = [dt.date(month // 12, month % 12 + 1, 1) for month in begins if month >= 12]
    return [day for day in days if first <= day <= last]
