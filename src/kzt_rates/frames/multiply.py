"""Amounts times rates in arrays: by floats, or by whole numbers and rounded once."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from kzt_rates import arithmetic
from kzt_rates.frames.columns import BAD_AMOUNT, LARGEST_WHOLE_FLOAT, BadRows
from kzt_rates.frames.request import SCALE_WITHOUT_PLACES

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

    import numpy.typing as npt

    from kzt_rates.frames.columns import Amounts, AnyInts, Flags, Floats, Ints, Units
    from kzt_rates.frames.grid import Grid, Places

    Ties = Literal["away", "even"]
    RatiosOf = Callable[[Ints], tuple[Units, Units]]

# Values have two or three decimals, and nominals up to 1000 have added three.
DECIMALS_OF_A_RATE = 6
LARGEST_INT64 = 2**62  # with one bit to spare, for a remainder that is doubled
LARGEST_EXACT = 2.0**51
# Amount, rate, scaled rate and product are each off by at most 2**-53 of themselves.
DOUBT = 2.0**-48
# Money has two decimals; what has more has seldom more than six.
SCALES_OF_FLOATS = (2, 4, 6)


class Converted(NamedTuple):
    """The new column: `floats`, `units` of 10**-scale, or Python's `Decimal` in `objects`."""

    floats: Floats | None = None
    units: Units | None = None
    scale: int = 0
    objects: npt.NDArray[np.object_] | None = None
    nulls: Flags | None = None


class Multiplier:
    """Fills the new column: from the grid, and with the exact rates of rows that it lacks."""

    _out: npt.NDArray[Any]
    _grid: Grid

    def look_up(self, grid: Grid) -> None:
        """Take rates from a grid from now on."""
        self._grid = grid

    def fill(self, rows: slice, places: Places) -> Flags | None:
        """Convert rows with the rates at places of the grid; return which rows have none."""
        tops, bottoms = self._grid.table.ratios_at(places)
        none: Flags = bottoms == 0
        if not none.any():
            self.put(np.arange(rows.start, rows.stop), tops, bottoms)
            return None
        have = np.flatnonzero(~none)
        self.put(have + rows.start, tops[have], bottoms[have])
        return none

    def put(self, rows: Ints, tops: Units, bottoms: Units) -> None:
        """Convert rows with exact rates of their own."""
        raise NotImplementedError

    def converted(self, nulls: Flags | None) -> Converted:
        """Return the new column."""
        return Converted(floats=self._out, nulls=nulls)


def multiplier_of(amounts: Amounts, places: int | None) -> Multiplier:
    """Return what converts some amounts."""
    if amounts.floats is not None:
        floats = amounts.floats
        return Numbers(floats) if places is None else Money(floats, places)
    if amounts.whole is not None:
        if places is not None:
            return WholeMoney(amounts.whole, places)
        is_long = _is_long(amounts.whole)
        return LongNumbers(amounts.whole) if is_long else Numbers(amounts.whole)
    if amounts.units is not None:
        if places is None:
            return LongDecimals(amounts.units, amounts.scale)
        return Decimals(amounts.units, amounts.scale, places)
    assert amounts.objects is not None
    return Objects(amounts.objects, places)


def _is_long(numbers: npt.NDArray[np.integer]) -> bool:
    """Whether a float64 cannot hold all of them."""
    bounds = int(numbers.min(initial=0)), int(numbers.max(initial=0))
    return max(map(abs, bounds)) > LARGEST_WHOLE_FLOAT


class Numbers(Multiplier):
    """Floats and whole numbers times the nearest float of the rate."""

    def __init__(self, amounts: npt.NDArray[np.floating | np.integer]) -> None:
        self._amounts = amounts
        self._out = np.empty(len(amounts), np.float64)

    def fill(self, rows: slice, places: Places) -> Flags | None:
        """Convert rows with the rates at places of the grid; return which rows have none."""
        results = self._out[rows]
        self._grid.table.rates_at(places, out=results)
        none: Flags = np.isnan(results)
        np.multiply(self._amounts[rows], results, out=results)
        return none

    def put(self, rows: Ints, tops: Units, bottoms: Units) -> None:
        """Convert rows with exact rates of their own."""
        self._out[rows] = self._amounts[rows] * float_rates(tops, bottoms)


class Money(Multiplier):
    """Floats to some places, as the floats nearest to the exact money."""

    def __init__(self, amounts: Floats, places: int) -> None:
        self._amounts, self._places = amounts, places
        self._out = np.full(len(amounts), np.nan)

    def fill(self, rows: slice, places: Places) -> Flags | None:
        """Convert rows with the rates at places of the grid; return which rows have none."""

        def ratios_of(some: Ints) -> tuple[Units, Units]:
            return table.ratios_at(places[..., some])

        table = self._grid.table
        rates = table.rates_at(places)
        money = money_of_floats(self._amounts[rows], rates, ratios_of, self._places)
        self._out[rows] = money
        return np.isnan(rates)

    def put(self, rows: Ints, tops: Units, bottoms: Units) -> None:
        """Convert rows with exact rates of their own."""
        self._out[rows] = money_of_floats(
            self._amounts[rows],
            float_rates(tops, bottoms),
            lambda some: (tops[some], bottoms[some]),
            self._places,
        )


class LongNumbers(Multiplier):
    """Whole numbers that a float64 does not hold, as the floats nearest to the exact results."""

    def __init__(self, amounts: AnyInts) -> None:
        self._amounts = amounts
        self._out = np.full(len(amounts), np.nan)

    def put(self, rows: Ints, tops: Units, bottoms: Units) -> None:
        """Convert rows with exact rates of their own."""
        exact = zip(self._amounts[rows].tolist(), tops.tolist(), bottoms.tolist(), strict=True)
        self._out[rows] = [amount * top / bottom for amount, top, bottom in exact]


class WholeMoney(Multiplier):
    """Whole numbers to some places, as the floats nearest to the exact money."""

    def __init__(self, amounts: AnyInts, places: int) -> None:
        self._amounts, self._places = amounts, places
        self._out = np.full(len(amounts), np.nan)

    def put(self, rows: Ints, tops: Units, bottoms: Units) -> None:
        """Convert rows with exact rates of their own."""
        self._out[rows] = money_of_whole(self._amounts[rows], tops, bottoms, self._places)


class Decimals(Multiplier):
    """Decimals of one scale, to some places, ties away from zero."""

    def __init__(self, units: Units, scale: int, places: int) -> None:
        self._units, self._scale, self._places = units, scale, places
        self._out: Units = np.zeros(len(units), np.int64)

    def put(self, rows: Ints, tops: Units, bottoms: Units) -> None:
        """Convert rows with exact rates of their own."""
        self._keep(
            rows, multiplied(self._units[rows], self._scale, tops, bottoms, self._places, "away")
        )

    def converted(self, nulls: Flags | None) -> Converted:
        """Return the new column."""
        return Converted(units=self._out, scale=self._places, nulls=nulls)

    def _keep(self, rows: Ints, units: Units) -> None:
        if units.dtype == object and self._out.dtype != object:
            self._out = self._out.astype(object)
        self._out[rows] = units


class LongDecimals(Decimals):
    """Decimals of one scale, to the scale that all results have, ties to even.

    The tenge for any money end a few decimals further than the amount. As long as all do they
    are kept in 64 bits, at a scale of their own.
    """

    def __init__(self, units: Units, scale: int) -> None:
        super().__init__(units, scale, SCALE_WITHOUT_PLACES)
        self._short = min(scale + DECIMALS_OF_A_RATE, SCALE_WITHOUT_PLACES)

    def put(self, rows: Ints, tops: Units, bottoms: Units) -> None:
        """Convert rows with exact rates of their own."""
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

    def converted(self, nulls: Flags | None) -> Converted:
        """Return the new column."""
        return Converted(units=self._out, scale=self._short, nulls=nulls)


class Objects(Multiplier):
    """Python's own numbers, each as `kzt_rates.convert` converts it."""

    def __init__(self, amounts: npt.NDArray[np.object_], places: int | None) -> None:
        self._amounts, self._places = amounts, places
        self._out = np.full(len(amounts), None, np.object_)
        self._ratios: dict[tuple[int, int], arithmetic.Ratio] = {}

    def put(self, rows: Ints, tops: Units, bottoms: Units) -> None:
        """Convert rows with exact rates of their own."""
        bad: list[tuple[int, Exception]] = []
        amounts = self._amounts[rows].tolist()
        rates = zip(rows.tolist(), amounts, tops.tolist(), bottoms.tolist(), strict=True)
        for row, amount, top, bottom in rates:
            if amount is not None:
                try:
                    self._out[row] = self._convert(amount, top, bottom)
                except (TypeError, ValueError) as error:
                    bad.append((row, error))
        if bad:
            raise BadRows(BAD_AMOUNT, bad)

    def converted(self, nulls: Flags | None) -> Converted:
        """Return the new column."""
        if nulls is not None:
            self._refuse_bad(np.flatnonzero(nulls))
            self._out[nulls] = None
        return Converted(objects=self._out, nulls=nulls)

    def _refuse_bad(self, rows: Ints) -> None:
        """Raise `BadRows` for rows that no rate has been put to, as for all others."""
        bad: list[tuple[int, Exception]] = []
        for row, amount in zip(rows.tolist(), self._amounts[rows].tolist(), strict=True):
            try:
                if amount is not None:
                    arithmetic.parse_amount(amount)
            except (TypeError, ValueError) as error:
                bad.append((row, error))
        if bad:
            raise BadRows(BAD_AMOUNT, bad)

    def _convert(self, amount: Decimal, top: int, bottom: int) -> Decimal:
        ratio = self._ratios.get((top, bottom))
        if ratio is None:
            ratio = self._ratios[top, bottom] = arithmetic.Ratio(top, bottom)
        return ratio.convert(amount, self._places)


def multiplied(
    units: Units, scale: int, tops: Units, bottoms: Units, places: int, ties: Ties
) -> Units:
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
    units: Units, scale: int, tops: Units, bottoms: Units, places: int
) -> Ints | None:
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


def _divided(top: Units, bottom: Units, signs: Units, ties: Ties) -> Units:
    """Return top / bottom with the sign of others, rounded; a tie away from zero or to even."""
    quotients = top // bottom
    twice = 2 * (top - quotients * bottom)
    is_more = twice >= bottom if ties == "away" else twice > bottom
    if ties == "even":
        is_more = is_more | ((twice == bottom) & (quotients % 2 == 1))
    quotients = quotients + is_more.astype(np.int64)
    result: Units = np.where(signs < 0, -quotients, quotients)
    return result


def money_of_floats(amounts: Floats, rates: Floats, ratios_of: RatiosOf, places: int) -> Floats:
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


def _units(amounts: Floats, scale: int) -> tuple[Ints, Flags]:
    """Return floats in units of 10**-scale, and of which these are the shortest decimals."""
    scaled = np.rint(amounts * 10.0**scale)
    are_exact = (np.abs(scaled) < LARGEST_EXACT) & (scaled / 10.0**scale == amounts)
    return np.where(are_exact, scaled, 0).astype(np.int64), are_exact


def _as_floats(units: Units, places: int) -> Floats:
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


def float_rates(tops: Units, bottoms: Units) -> Floats:
    """Return top / bottom as the nearest floats, whatever their size."""
    return np.array(
        [top / bottom for top, bottom in zip(tops.tolist(), bottoms.tolist(), strict=True)],
        np.float64,
    )


def money_of_whole(amounts: AnyInts, tops: Units, bottoms: Units, places: int) -> Floats:
    """Return whole numbers times top / bottom to so many places, ties away from zero."""
    units = amounts.astype(object if amounts.dtype == np.uint64 else np.int64)
    return _as_floats(multiplied(units, 0, tops, bottoms, places, "away"), places)
