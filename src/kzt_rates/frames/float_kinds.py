"""Amounts that are floats: times the nearest float of the rate, or to the places of money."""

from typing import TYPE_CHECKING

import numpy as np

from kzt_rates.frames.exact import float_rates, money_of_floats
from kzt_rates.frames.kinds import Converted

if TYPE_CHECKING:
    import numpy.typing as npt

    from kzt_rates.frames.exact import Units
    from kzt_rates.frames.grid import Grid
    from kzt_rates.frames.lookups import Places
    from kzt_rates.frames.ratios import Flags, Floats, Ints


class Numbers:
    """Floats and whole numbers times the nearest float of the rate."""

    def __init__(self, amounts: "npt.NDArray[np.floating | np.integer]") -> None:
        self._amounts = amounts
        self._out = np.empty(len(amounts), np.float64)

    def look_up(self, grid: "Grid") -> None:
        """Get ready to take rates from a grid."""
        self._grid = grid

    def fill(self, rows: slice, places: "Places") -> "Flags | None":
        """Convert rows with the rates at some places of the grid; say which have none."""
        results = self._out[rows]
        self._grid.table.rates_at(places, out=results)
        none: Flags = np.isnan(results)
        np.multiply(self._amounts[rows], results, out=results)
        return none

    def put(self, rows: "Ints", tops: "Units", bottoms: "Units") -> None:
        """Convert rows with ratios of their own."""
        self._out[rows] = self._amounts[rows] * float_rates(tops, bottoms)

    def converted(self, nulls: "Flags | None") -> Converted:
        """Return the new column."""
        return Converted(floats=self._out, nulls=nulls)


class Money:
    """Floats to some places, as the floats nearest to the exact money."""

    def __init__(self, amounts: "Floats", places: int) -> None:
        self._amounts, self._places = amounts, places
        self._out = np.full(len(amounts), np.nan)

    def look_up(self, grid: "Grid") -> None:
        """Get ready to take rates from a grid."""
        self._grid = grid

    def fill(self, rows: slice, places: "Places") -> "Flags | None":
        """Convert rows with the rates at some places of the grid; say which have none."""

        def ratios_of(some: "Ints") -> "tuple[Units, Units]":
            return table.ratios_at(places[..., some])

        table = self._grid.table
        rates = table.rates_at(places)
        money = money_of_floats(self._amounts[rows], rates, ratios_of, self._places)
        self._out[rows] = money
        return np.isnan(rates)

    def put(self, rows: "Ints", tops: "Units", bottoms: "Units") -> None:
        """Convert rows with ratios of their own."""
        self._out[rows] = money_of_floats(
            self._amounts[rows],
            float_rates(tops, bottoms),
            lambda some: (tops[some], bottoms[some]),
            self._places,
        )

    def converted(self, nulls: "Flags | None") -> Converted:
        """Return the new column."""
        return Converted(floats=self._out, nulls=nulls)
