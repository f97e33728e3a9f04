"""What can be calculated of a series, from its values before they were rounded."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from kzt_rates.arithmetic import rounded
from kzt_rates.models.series_parts import require_daily, require_rates

if TYPE_CHECKING:
    from kzt_rates.models.series import Series


class Point(NamedTuple):
    """A date and a figure; equal to a plain pair of them."""

    date: dt.date
    value: Decimal


def exact_values(series: "Series") -> list[Fraction]:
    """Return the values before they were rounded: those of the legs, divided by one another."""
    if not series.legs:
        return list(map(Fraction, series.values))
    published = {leg.base: list(map(Fraction, leg.values)) for leg in series.legs}
    tenge = [Fraction(1)] * len(series.dates)
    tops, bottoms = published.get(series.base, tenge), published.get(series.quote, tenge)
    return [top / bottom for top, bottom in zip(tops, bottoms, strict=True)]


def moves(
    series: "Series",
    measure: Callable[[Fraction, Fraction], Fraction],
    by: str,
    *,
    allow_missing: bool,
) -> Decimal | tuple[Point, ...]:
    """Return how the value moved over the span or from day to day, by some measure."""
    skipped = series.missing
    if by == "day":
        require_daily(series, "change by day")
    elif by != "span":
        raise ValueError(f"a change is by 'span' or by 'day', not {by!r}")
    elif series.step == "day":  # a value of a resampled series stands on all days of its period
        skipped = tuple(day for day in skipped if day in (series.start, series.end))
    require_rates(series, f"change by {by}", skipped, allow_missing=allow_missing)
    exact = exact_values(series)
    if by == "span":
        return rounded(measure(exact[0], exact[-1]))
    figures = [rounded(measure(*pair)) for pair in pairwise(exact)]
    return tuple(map(Point, series.dates[1:], figures))


def extreme(
    series: "Series", choose: Callable[..., int], what: str, *, allow_missing: bool
) -> Point:
    """Return the first of the points whose exact value is the one to choose."""
    require_rates(series, what, series.missing, allow_missing=allow_missing)
    return series[choose(range(len(series)), key=exact_values(series).__getitem__)]
