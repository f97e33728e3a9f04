"""The kinds of amounts, and which of them converts a column."""

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from kzt_rates.frames.columns import Amounts
    from kzt_rates.frames.exact import Units
    from kzt_rates.frames.grid import Grid
    from kzt_rates.frames.lookups import Places
    from kzt_rates.frames.ratios import Flags, Floats, Ints

LARGEST_WHOLE_FLOAT = 2**53


class Converted(NamedTuple):
    """The new column: `floats`, `units` of 10**-scale, or Python's `Decimal` in `objects`."""

    floats: "Floats | None" = None
    units: "Units | None" = None
    scale: int = 0
    objects: "npt.NDArray[np.object_] | None" = None
    nulls: "Flags | None" = None


class Kind(Protocol):
    """Fills the new column: from the grid, and with the ratios of rows that it lacks."""

    def look_up(self, grid: "Grid") -> None:
        """Get ready to take rates from a grid."""
        ...

    def fill(self, rows: slice, places: "Places") -> "Flags | None":
        """Convert rows with the rates at some places of the grid; say which have none."""
        ...

    def put(self, rows: "Ints", tops: "Units", bottoms: "Units") -> None:
        """Convert rows with ratios of their own."""
        ...

    def converted(self, nulls: "Flags | None") -> Converted:
        """Return the new column."""
        ...


def kind_of(amounts: "Amounts", places: int | None) -> Kind:
    """Return what converts some amounts."""
    from kzt_rates.frames import exact_kinds as exact
    from kzt_rates.frames import float_kinds as nearest

    if amounts.floats is not None:
        floats = amounts.floats
        return nearest.Numbers(floats) if places is None else nearest.Money(floats, places)
    if amounts.whole is not None:
        if places is not None:
            return exact.WholeMoney(amounts.whole, places)
        is_long = _is_long(amounts.whole)
        return exact.LongNumbers(amounts.whole) if is_long else nearest.Numbers(amounts.whole)
    if amounts.units is not None:
        if places is None:
            return exact.LongDecimals(amounts.units, amounts.scale)
        return exact.Decimals(amounts.units, amounts.scale, places)
    assert amounts.objects is not None
    return exact.Objects(amounts.objects, places)


def _is_long(numbers: "npt.NDArray[np.integer]") -> bool:
    """Say whether a float64 does not hold all of some whole numbers."""
    bounds = int(numbers.min(initial=0)), int(numbers.max(initial=0))
    return max(map(abs, bounds)) > LARGEST_WHOLE_FLOAT
