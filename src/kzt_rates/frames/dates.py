"""The days that a column of texts, of Python's objects or of instants stands for."""

from datetime import date, datetime
from typing import TYPE_CHECKING

import numpy as np

from kzt_rates.dates import parse_date
from kzt_rates.frames.almaty import offsets
from kzt_rates.frames.columns import Days
from kzt_rates.frames.ratios import day_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kzt_rates.frames.columns import AnyInts
    from kzt_rates.frames.ratios import Flags

SECONDS_A_DAY = 86_400
TICKS_A_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


def days_of_objects(
    distinct: "Sequence[object]", numbers: "AnyInts", nulls: "Flags | None"
) -> Days:
    """Return the days of rows that have dates, datetimes or text; raises as `parse_date` does."""
    days = np.zeros(max(len(distinct), 1), np.int64)
    used = np.unique(numbers if nulls is None else numbers[~nulls])
    for number in used.tolist():
        try:
            days[number] = day_number(_parsed(distinct[number]))
        except (ValueError, TypeError) as error:
            of_it = numbers == number if nulls is None else (numbers == number) & ~nulls
            raise type(error)(f"row {np.flatnonzero(of_it)[0]}: {error}") from None
    return Days(days[numbers], 1, nulls)


def _parsed(value: object) -> date:
    if isinstance(value, np.datetime64):
        value = value.astype("datetime64[us]").item()
    if not isinstance(value, date | datetime | str):
        raise TypeError(f"a date is a date, a datetime or text, not {type(value).__name__}")
    return parse_date(value)


def days_of_instants(ticks: "AnyInts", ticks_a_second: int, nulls: "Flags | None") -> Days:
    """Return the dates in Almaty of instants, counted in ticks since 1970 in UTC."""
    moved = offsets()
    since = np.array([start for start, _ in moved[1:]], np.int64)
    ahead = np.array([seconds for _, seconds in moved], np.int64)
    seconds = ticks.astype(np.int64) // ticks_a_second
    seconds = seconds + ahead[np.searchsorted(since, seconds, side="right")]
    return Days(seconds // SECONDS_A_DAY, 1, nulls)
