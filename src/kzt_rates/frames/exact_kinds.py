"""Amounts that are multiplied as whole numbers: decimals, whole ones, Python's objects."""

from typing import TYPE_CHECKING

import numpy as np

from kzt_rates import arithmetic
from kzt_rates.frames.asked import SCALE_WITHOUT_PLACES
from kzt_rates.frames.exact import exactly_multiplied, money_of_whole, multiplied
from kzt_rates.frames.kinds import Converted

if TYPE_CHECKING:
    from decimal import Decimal

    import numpy.typing as npt

    from kzt_rates.frames.columns import AnyInts
    from kzt_rates.frames.exact import Units
    from kzt_rates.frames.grid import Grid
    from kzt_rates.frames.lookups import Places
    from kzt_rates.frames.ratios import Flags, Ints

# Values have two or three decimals, and nominals up to 1000 have added three.
DECIMALS_OF_A_RATE = 6


class _Exact:
    """Whole-number ratios at places of the grid."""

    def look_up(self, grid: "Grid") -> None:
        """Get ready to take rates from a grid."""
        self._grid = grid

    def fill(self, rows: slice, places: "Places") -> "Flags | None":
        """Convert rows with the rates at some places of the grid; say which have none."""
        tops, bottoms = self._grid.table.ratios_at(places)
        none: Flags = bottoms == 0
        if not none.any():
            self.put(np.arange(rows.start, rows.stop), tops, bottoms)
            return None
        have = np.flatnonzero(~none)
        self.put(have + rows.start, tops[have], bottoms[have])
        return none

    def put(self, rows: "Ints", tops: "Units", bottoms: "Units") -> None:
        """Convert rows with ratios of their own."""
        raise NotImplementedError


class LongNumbers(_Exact):
    """Whole numbers that a float64 does not hold, as the floats nearest to the exact results."""

    def __init__(self, amounts: "AnyInts") -> None:
        self._amounts = amounts
        self._out = np.full(len(amounts), np.nan)

    def put(self, rows: "Ints", tops: "Units", bottoms: "Units") -> None:
        """Convert rows with ratios of their own."""
        exact = zip(self._amounts[rows].tolist(), tops.tolist(), bottoms.tolist(), strict=True)
        self._out[rows] = [amount * top / bottom for amount, top, bottom in exact]

    def converted(self, nulls: "Flags | None") -> Converted:
        """Return the new column."""
        return Converted(floats=self._out, nulls=nulls)


class WholeMoney(_Exact):
    """Whole numbers to some places, as the floats nearest to the exact money."""

    def __init__(self, amounts: "AnyInts", places: int) -> None:
        self._amounts, self._places = amounts, places
        self._out = np.full(len(amounts), np.nan)

    def put(self, rows: "Ints", tops: "Units", bottoms: "Units") -> None:
        """Convert rows with ratios of their own."""
        self._out[rows] = money_of_whole(self._amounts[rows], tops, bottoms, self._places)

    def converted(self, nulls: "Flags | None") -> Converted:
        """Return the new column."""
        return Converted(floats=self._out, nulls=nulls)


class Decimals(_Exact):
    """Decimals of one scale, to some places, ties away from zero."""

    def __init__(self, units: "Units", scale: int, places: int) -> None:
        self._units, self._scale, self._places = units, scale, places
        self._out: Units = np.zeros(len(units), np.int64)

    def put(self, rows: "Ints", tops: "Units", bottoms: "Units") -> None:
        """Convert rows with ratios of their own."""
        self._keep(
            rows, multiplied(self._units[rows], self._scale, tops, bottoms, self._places, "away")
        )

    def converted(self, nulls: "Flags | None") -> Converted:
        """Return the new column."""
        return Converted(units=self._out, scale=self._places, nulls=nulls)

    def _keep(self, rows: "Ints", units: "Units") -> None:
        if units.dtype == object and self._out.dtype != object:
            self._out = self._out.astype(object)
        self._out[rows] = units


class LongDecimals(Decimals):
    """Decimals of one scale, to the scale that all results have, ties to even.

    The tenge for any money end a few decimals further than the amount. As long as all do they
    are kept in 64 bits, at a scale of their own.
    """

    def __init__(self, units: "Units", scale: int) -> None:
        super().__init__(units, scale, SCALE_WITHOUT_PLACES)
        self._short = min(scale + DECIMALS_OF_A_RATE, SCALE_WITHOUT_PLACES)

    def put(self, rows: "Ints", tops: "Units", bottoms: "Units") -> None:
        """Convert rows with ratios of their own."""
        units = self._units[rows]
        if not len(units):
            return
        if self._short < self._places:
            short = exactly_multiplied(units, self._scale, tops, bottoms, self._short)
            if short is not None:
                self._out[rows] = short
                return
            self._out = self._out.astype(object) * 10 ** (self._places - self._short)
            self._short = self._places
        self._keep(rows, multiplied(units, self._scale, tops, bottoms, self._places, "even"))

    def converted(self, nulls: "Flags | None") -> Converted:
        """Return the new column."""
        return Converted(units=self._out, scale=self._short, nulls=nulls)


class Objects(_Exact):
    """Python's own numbers, each as `kzt_rates.convert` converts it."""

    def __init__(self, amounts: "npt.NDArray[np.object_]", places: int | None) -> None:
        self._amounts, self._places = amounts, places
        self._out = np.full(len(amounts), None, np.object_)
        self._ratios: dict[tuple[int, int], arithmetic.Ratio] = {}

    def put(self, rows: "Ints", tops: "Units", bottoms: "Units") -> None:
        """Convert rows with ratios of their own."""
        amounts = self._amounts[rows].tolist()
        ratios = zip(rows.tolist(), amounts, tops.tolist(), bottoms.tolist(), strict=True)
        for row, amount, top, bottom in ratios:
            if amount is not None:
                self._out[row] = self._convert(amount, top, bottom)

    def converted(self, nulls: "Flags | None") -> Converted:
        """Return the new column."""
        if nulls is not None:
            self._out[nulls] = None
        return Converted(objects=self._out, nulls=nulls)

    def _convert(self, amount: "Decimal", top: int, bottom: int) -> "Decimal":
        ratio = self._ratios.get((top, bottom))
        if ratio is None:
            ratio = self._ratios[top, bottom] = arithmetic.Ratio(top, bottom)
        return ratio.convert(amount, self._places)
