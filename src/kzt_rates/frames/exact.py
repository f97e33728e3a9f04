"""Exact money in arrays: whole numbers multiplied, divided and rounded once."""

from fractions import Fraction
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from kzt_rates.frames.columns import AnyInts
    from kzt_rates.frames.ratios import Flags, Floats, Ints

    Units = npt.NDArray[np.int64] | npt.NDArray[np.object_]
    Ties = Literal["away", "even"]
    RatiosOf = Callable[[Ints], tuple[Units, Units]]

LARGEST_INT64 = 2**62  # with one bit to spare, for a remainder that is doubled
LARGEST_EXACT = 2.0**51
# Amount, rate, scaled rate and product are each off by at most 2**-53 of themselves.
DOUBT = 2.0**-48
# Money has two decimals; what has more has seldom more than six.
SCALES_OF_FLOATS = (2, 4, 6)


def multiplied(
    units: "Units", scale: int, tops: "Units", bottoms: "Units", places: int, ties: "Ties"
) -> "Units":
    """Return amounts of 10**-scale times top / bottom, in units of 10**-places, rounded once.

    64-bit integers where they have room for all of it, else Python's.
    """
    up, down = 10 ** max(places - scale, 0), 10 ** max(scale - places, 0)
    if not len(units):
        return np.zeros(0, np.int64)
    largest = float(np.abs(units.astype(np.float64)).max()) * float(tops.max()) * up
    if max(largest, float(bottoms.max()) * down) < LARGEST_INT64:
        return _divided(np.abs(units) * tops * up, bottoms * down, units, ties)
    wide = units.astype(object)
    return _divided(
        np.abs(wide) * tops.astype(object) * up, bottoms.astype(object) * down, wide, ties
    )


def exactly_multiplied(
    units: "Units", scale: int, tops: "Units", bottoms: "Units", places: int
) -> "Ints | None":
    """Return amounts times top / bottom if all of them end within `places` and fit 64 bits."""
    if object in (units.dtype, tops.dtype) or not len(units) or places < scale:
        return None
    shares, rests = np.divmod(10 ** (places - scale), bottoms)
    if rests.any():
        return None
    rates = tops * shares
    if float(np.abs(units.astype(np.float64)).max()) * float(rates.max()) >= LARGEST_INT64:
        return None
    products: Ints = units * rates
    return products


def _divided(top: "Units", bottom: "Units", signs: "Units", ties: "Ties") -> "Units":
    """Return top / bottom with the sign of others, rounded; a tie away from zero or to even."""
    quotients = top // bottom
    twice = 2 * (top - quotients * bottom)
    is_more = twice >= bottom if ties == "away" else twice > bottom
    if ties == "even":
        is_more = is_more | ((twice == bottom) & (quotients % 2 == 1))
    quotients = quotients + is_more.astype(np.int64)
    result: Units = np.where(signs < 0, -quotients, quotients)
    return result


def money_of_floats(
    amounts: "Floats", rates: "Floats", ratios_of: "RatiosOf", places: int
) -> "Floats":
    """Return floats times rates to so many places, ties away from zero.

    A float stands for the shortest decimal that reads as it, and so does the result. Where the
    float product is clearly not half a unit, it rounds right; for the others `ratios_of` gives
    the exact ratios.
    """
    unit = 10.0**places
    product = rates * unit
    product *= amounts
    np.abs(product, out=product)
    result: Floats = np.rint(product)
    rest = product - result
    np.abs(rest, out=rest)
    product *= -DOUBT
    product += 0.5
    rows = np.flatnonzero(~(rest < product))  # of infinity nothing is clear
    result /= unit
    np.copysign(result, amounts, out=result)
    result += 0.0  # -0.0 is no money
    rows = rows[np.isfinite(amounts[rows]) & np.isfinite(rates[rows])]
    tops, bottoms = ratios_of(rows)
    for scale in SCALES_OF_FLOATS:
        if not len(rows):
            break
        units_of_rows, are_exact = _units(amounts[rows], scale)
        exact = rows[are_exact]
        money = multiplied(
            units_of_rows[are_exact], scale, tops[are_exact], bottoms[are_exact], places, "away"
        )
        result[exact] = _as_floats(money, places)
        rows, tops, bottoms = rows[~are_exact], tops[~are_exact], bottoms[~are_exact]
    for row, top, bottom in zip(rows.tolist(), tops.tolist(), bottoms.tolist(), strict=True):
        result[row] = _money(float(amounts[row]), top, bottom, places)
    return result


def _units(amounts: "Floats", scale: int) -> "tuple[Ints, Flags]":
    """Return floats in units of 10**-scale, and of which these are the shortest decimals."""
    scaled = np.rint(amounts * 10.0**scale)
    are_exact = (np.abs(scaled) < LARGEST_EXACT) & (scaled / 10.0**scale == amounts)
    return np.where(are_exact, scaled, 0).astype(np.int64), are_exact


def _as_floats(units: "Units", places: int) -> "Floats":
    if units.dtype != object and np.abs(units).max(initial=0) < LARGEST_EXACT:
        return units / 10.0**places
    return np.array([unit / 10**places for unit in units.tolist()], np.float64)


def _money(amount: float, top: int, bottom: int, places: int) -> float:
    """Return one float converted: of any size, by fractions."""
    exact = abs(Fraction(repr(amount))) * top * 10**places / bottom
    units = (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)
    try:
        return float((units if amount > 0 else -units) / 10**places)
    except OverflowError:
        return amount * float("inf")


def float_rates(tops: "Units", bottoms: "Units") -> "Floats":
    """Return top / bottom as the nearest floats, whatever their size."""
    return np.array(
        [top / bottom for top, bottom in zip(tops.tolist(), bottoms.tolist(), strict=True)],
        np.float64,
    )


def money_of_whole(amounts: "AnyInts", tops: "Units", bottoms: "Units", places: int) -> "Floats":
    """Return whole numbers times top / bottom to so many places, ties away from zero."""
    units = amounts.astype(object if amounts.dtype == np.uint64 else np.int64)
    return _as_floats(multiplied(units, 0, tops, bottoms, places, "away"), places)
