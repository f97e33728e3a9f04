"""A frame's columns as arrays: codes by number, days since 1970, amounts; nulls beside them."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from kzt_rates.arithmetic import parse_amount
from kzt_rates.dates import ALMATY_SINCE, parse_date

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeVar

    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]
    Floats = npt.NDArray[np.float64]
    Flags = npt.NDArray[np.bool_]
    T = TypeVar("T")
    AnyInts = npt.NDArray[np.integer]
    Units = npt.NDArray[np.int64] | npt.NDArray[np.object_]

DECIMALS_OF_SHORT_FLOATS = 4
MAX_NAMED_ROWS = 3
BAD_AMOUNT = "with a bad amount"
CHUNK_ROWS = 2**16  # what is gathered stays in the processor's caches
FIRST_YEAR = 1990  # before the first rate of the bank
UTC_OFFSET_NOW_SECONDS = 5 * 3600
SECONDS_A_DAY = 86_400
LARGEST_WHOLE_FLOAT = 2**53
TICKS_A_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}

EPOCH_ORDINAL = date(1970, 1, 1).toordinal()


def day_number(day: date) -> int:
    """Return the days since 1970-01-01.

    >>> day_number(date(1970, 1, 2))
    1
    """
    return day.toordinal() - EPOCH_ORDINAL


def date_of(number: int) -> date:
    """Return the date of a day's number; `ValueError` or `OverflowError` where there is none."""
    return date.fromordinal(int(number) + EPOCH_ORDINAL)


class Labels(NamedTuple):
    """The text of each row: `texts[numbers[row]]`; one text for all rows without `numbers`."""

    texts: Sequence[object]
    numbers: AnyInts | None = None
    nulls: Flags | None = None


class Days(NamedTuple):
    """The day of each row: `ticks[row] // ticks_a_day` since 1970-01-01; one for all if alone."""

    ticks: AnyInts | int
    ticks_a_day: int = 1
    nulls: Flags | None = None

    def part(self, rows: slice) -> AnyInts | int:
        """Return the days of some rows."""
        if isinstance(self.ticks, int):
            return self.ticks
        ticks = self.ticks[rows]
        return ticks if self.ticks_a_day == 1 else ticks // self.ticks_a_day


class Amounts(NamedTuple):
    """The amount of each row, in one of four ways: that of its column.

    `floats`; `whole` numbers; `units` of 10**-scale for decimals of one scale, in Python's
    integers where 64 bits do not hold them; `objects`, Python's numbers of any kind. Where NaN
    is how the library marks what is missing, `nan_is_null`.
    """

    floats: Floats | None = None
    whole: AnyInts | None = None
    units: Units | None = None
    scale: int = 0
    objects: npt.NDArray[np.object_] | None = None
    nulls: Flags | None = None
    nan_is_null: bool = False

    def are_null(self, rows: Ints) -> Flags:
        """Return which of some rows have no amount."""
        found = np.zeros(len(rows), np.bool_)
        if self.nulls is not None:
            found |= self.nulls[rows]
        if self.nan_is_null and self.floats is not None:
            found |= np.isnan(self.floats[rows])
        return found

    def __len__(self) -> int:
        for column in (self.floats, self.whole, self.units, self.objects):
            if column is not None:
                return len(column)
        return 0


class BadRows(Exception):
    """Rows with a value that is no amount, code or date; it never leaves the package as such."""

    def __init__(self, what: str, failures: Sequence[tuple[int, Exception]]) -> None:
        super().__init__(f"rows {what}: {failures}")
        self.what, self.failures = what, failures

    def named(self, name_of: Callable[[int], str]) -> Exception:
        """Return the error of the first row, with a message that names the first rows."""
        first = self.failures[0][1]
        lines = [f"{name_of(row)}: {error}" for row, error in self.failures[:MAX_NAMED_ROWS]]
        if len(lines) > 1:
            more = ", and perhaps more" if len(self.failures) >= MAX_NAMED_ROWS else ""
            lines = [f"rows {self.what}{more}:", *lines]
        first.args = ("\n  ".join(lines), *first.args[1:])
        return first


def read_distinct(
    what: str,
    distinct: Sequence[object],
    numbers: AnyInts,
    nulls: Flags | None,
    read: Callable[[Any], T],
) -> dict[int, T]:
    """Return what each distinct value that a row has is read as, by its number.

    Raises `BadRows` for the first rows with one that `read` refuses.
    """
    found: dict[int, T] = {}
    bad: dict[int, Exception] = {}
    for number in np.unique(numbers if nulls is None else numbers[~nulls]).tolist():
        try:
            found[number] = read(distinct[number])
        except (ValueError, TypeError) as error:
            bad[number] = error
    if bad:
        are_bad = np.isin(numbers, list(bad))
        if nulls is not None:
            are_bad &= ~nulls
        rows = np.flatnonzero(are_bad)[:MAX_NAMED_ROWS].tolist()
        raise BadRows(what, [(row, bad[int(numbers[row])]) for row in rows])
    return found


def amounts_of_texts(distinct: Sequence[object], numbers: AnyInts, nulls: Flags | None) -> Amounts:
    """Return the exact decimals of texts, which are read as `kzt_rates.convert` reads them."""
    found = read_distinct(BAD_AMOUNT, distinct, numbers, nulls, parse_amount)
    scale = max((-int(amount.as_tuple().exponent) for amount in found.values()), default=0)
    units = [0] * max(len(distinct), 1)
    for number, amount in found.items():
        top, bottom = amount.as_integer_ratio()
        units[number] = top * 10**scale // bottom
    return Amounts(units=whole_numbers(units)[numbers], scale=scale, nulls=nulls)


def whole_numbers(numbers: list[int]) -> npt.NDArray[Any]:
    """Return an array of int64, or of Python's own where one of them is larger."""
    try:
        return np.array(numbers, np.int64)
    except OverflowError:
        return np.array(numbers, object)


def refuse_infinite(amounts: Amounts, start: int = 0, stop: int | None = None) -> None:
    """Raise `BadRows` for floats that `kzt_rates.convert` refuses: infinite ones, and NaN."""
    if amounts.floats is None:
        return
    are_finite = np.isfinite(amounts.floats[start:stop])
    if are_finite.all():
        return
    rows = start + np.flatnonzero(~are_finite)
    rows = rows[~amounts.are_null(rows)][:MAX_NAMED_ROWS]
    if len(rows):
        texts = [f"an amount is a finite number, not {amounts.floats[row]}" for row in rows]
        raise BadRows(BAD_AMOUNT, list(zip(rows.tolist(), map(ValueError, texts), strict=True)))


def any_null(*masks: Flags | None) -> Flags | None:
    """Return where any of some masks holds; `None` where none is given."""
    found = None
    for mask in masks:
        if mask is not None:
            found = mask if found is None else found | mask
    return found


def as_written(numbers: npt.NDArray[Any]) -> Floats:
    """Return floats of any size as float64: the numbers that they print as.

    A float32 of 0.1 means 0.1, and not the 0.10000000149 which is its nearest float64.
    """
    if numbers.dtype == np.float64:
        return numbers
    result = numbers.astype(np.float64)
    # Below this such a float holds every whole number, and the shortest decimal that reads as it
    # is the one of fewest decimals.
    largest_whole = 2.0 ** (np.finfo(numbers.dtype).nmant + 1)
    rows = np.flatnonzero(np.abs(result) >= largest_whole)
    left = np.flatnonzero(np.abs(result) < largest_whole)
    for decimals in range(DECIMALS_OF_SHORT_FLOATS + 1):
        short = np.rint(result[left] * 10.0**decimals) / 10.0**decimals
        is_read_as_it = short.astype(numbers.dtype) == numbers[left]
        result[left[is_read_as_it]] = short[is_read_as_it]
        left = left[~is_read_as_it]
    rows = np.concatenate([rows, left])
    result[rows] = numbers[rows].astype(np.str_).astype(np.float64)
    return result


def quiet_nulls(values: AnyInts, nulls: Flags | None) -> AnyInts:
    """Return values with those of another row where one is null: what stands there is any."""
    if nulls is None or not nulls.any():
        return values
    rows = np.flatnonzero(~nulls)
    stand_in = values[rows[0]] if len(rows) else 0
    return np.where(nulls, stand_in, values)


EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


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


def _moved_at(offset_at: Callable[[int], int], low: int, high: int) -> int:
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


def days_of_objects(distinct: Sequence[object], numbers: AnyInts, nulls: Flags | None) -> Days:
    """Return the days of rows that have dates, datetimes or text; `BadRows` for others."""
    found = read_distinct("with a bad date", distinct, numbers, nulls, _parsed)
    days = np.zeros(max(len(distinct), 1), np.int64)
    for number, day in found.items():
        days[number] = day_number(day)
    return Days(days[numbers], 1, nulls)


def _parsed(value: object) -> date:
    if isinstance(value, np.datetime64):
        value = value.astype("datetime64[us]").item()
    if not isinstance(value, date | datetime | str):
        raise TypeError(f"a date is a date, a datetime or text, not {type(value).__name__}")
    return parse_date(value)


def days_of_instants(ticks: AnyInts, ticks_a_second: int, nulls: Flags | None) -> Days:
    """Return the dates in Almaty of instants, counted in ticks since 1970 in UTC."""
    moved = offsets()
    since = np.array([start for start, _ in moved[1:]], np.int64)
    ahead = np.array([seconds for _, seconds in moved], np.int64)
    seconds = ticks.astype(np.int64) // ticks_a_second
    seconds = seconds + ahead[np.searchsorted(since, seconds, side="right")]
    return Days(seconds // SECONDS_A_DAY, 1, nulls)
