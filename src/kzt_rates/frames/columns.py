"""A frame's columns as arrays: codes by number, days since 1970, amounts; nulls beside them."""

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from kzt_rates.frames.exact import Units
    from kzt_rates.frames.ratios import Flags, Floats, Ints

    AnyInts = npt.NDArray[np.integer]

DECIMALS_OF_SHORT_FLOATS = 4
CHUNK_ROWS = 2**16  # what is gathered stays in the processor's caches


class Labels(NamedTuple):
    """The text of each row: `texts[numbers[row]]`; one text for all rows without `numbers`."""

    texts: "Sequence[object]"
    numbers: "AnyInts | None" = None
    nulls: "Flags | None" = None


class Days(NamedTuple):
    """The day of each row: `ticks[row] // ticks_a_day` since 1970-01-01; one for all if alone."""

    ticks: "AnyInts | int"
    ticks_a_day: int = 1
    nulls: "Flags | None" = None

    def part(self, rows: slice) -> "AnyInts | int":
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

    floats: "Floats | None" = None
    whole: "AnyInts | None" = None
    units: "Units | None" = None
    scale: int = 0
    objects: "npt.NDArray[np.object_] | None" = None
    nulls: "Flags | None" = None
    nan_is_null: bool = False

    def are_null(self, rows: "Ints") -> "Flags":
        """Say of some rows whether their amount is null."""
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


def any_null(*masks: "Flags | None") -> "Flags | None":
    """Return where any of some masks holds; `None` where none is given."""
    found = None
    for mask in masks:
        if mask is not None:
            found = mask if found is None else found | mask
    return found


def as_written(numbers: "npt.NDArray[Any]") -> "Floats":
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


def quiet_nulls(values: "AnyInts", nulls: "Flags | None") -> "AnyInts":
    """Return values with those of another row where one is null: what stands there is any."""
    if nulls is None or not nulls.any():
        return values
    rows = np.flatnonzero(~nulls)
    stand_in = values[rows[0]] if len(rows) else 0
    return np.where(nulls, stand_in, values)
