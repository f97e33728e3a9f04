"""Instants as dates in Kazakhstan, many at once: where the clocks of Almaty were moved."""

from datetime import datetime, timedelta, timezone
from functools import cache
from typing import TYPE_CHECKING

from kzt_rates.dates import ALMATY_SINCE

if TYPE_CHECKING:
    from collections.abc import Callable

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
FIRST_YEAR = 1990  # before the first rate of the bank
UTC_OFFSET_NOW_SECONDS = 5 * 3600


@cache
def offsets() -> tuple[tuple[int, int], ...]:
    """Return (seconds since 1970, seconds ahead of UTC from then on), ascending.

    The first pair holds for all instants before the second too: no rate is that old. The last is
    the law of 2024, which a time-zone database may not have heard of.
    """
    from dateutil.tz import gettz

    almaty = gettz("Asia/Almaty")
    if almaty is None:
        raise ValueError("the time-zone database has no Asia/Almaty")

    def offset_at(seconds: int) -> int:
        shift = (EPOCH + timedelta(seconds=seconds)).astimezone(almaty).utcoffset()
        assert shift is not None
        return int(shift.total_seconds())

    law = _seconds(ALMATY_SINCE)
    start = _seconds(datetime(FIRST_YEAR, 1, 1, tzinfo=timezone.utc))
    found = [(start, offset_at(start))]
    # clocks are never moved twice within a week
    for week in range(start, law, 7 * 86400):
        end = min(week + 7 * 86400, law - 1)
        if offset_at(end) != found[-1][1]:
            found.append((_moved_at(offset_at, week, end), offset_at(end)))
    return (*found, (law, UTC_OFFSET_NOW_SECONDS))


def _moved_at(offset_at: "Callable[[int], int]", low: int, high: int) -> int:
    """Return the first second that has the offset of the later of two instants."""
    later = offset_at(high)
    while low < high:
        middle = (low + high) // 2
        if offset_at(middle) == later:
            high = middle
        else:
            low = middle + 1
    return low


def _seconds(instant: datetime) -> int:
    return int((instant - EPOCH).total_seconds())
