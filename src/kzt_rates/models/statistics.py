"""Figures over dates and exact fractions: sums, logarithmic returns, periods of the calendar."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from decimal import (
    MAX_EMAX,
    MIN_EMIN,
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
)
from fractions import Fraction
from itertools import groupby, pairwise
from operator import add, itemgetter
from typing import Literal

from kzt_rates.arithmetic import ROUNDED, plain

Period = Literal["week", "month", "quarter", "year"]
How = Literal["mean", "first", "last", "min", "max"]

# The deviation of daily returns is some thousandths: of its 45 digits 17 are more than are given.
FIRST_PLACES = 48
GUARD_DIGITS = 10


def total(numbers: Iterable[Fraction]) -> Fraction:
    """Return the exact sum.

    Neighbours are added first, then their sums: so that only the last few additions carry the
    common denominator, which for thirty years of cross rates has sixty thousand digits.

    >>> total([Fraction(1, 2), Fraction(1, 3), Fraction(1, 6)])
    Fraction(1, 1)
    """
    sums = list(numbers)
    while len(sums) > 1:
        odd = sums[-1:] if len(sums) % 2 else []
        sums = [*map(add, sums[::2], sums[1::2]), *odd]
    return sums[0] if sums else Fraction(0)


def mean(numbers: Sequence[Fraction]) -> Fraction:
    """Return the exact arithmetic mean of at least one number."""
    return total(numbers) / len(numbers)


def difference(earlier: Fraction, later: Fraction) -> Fraction:
    """Return what was added to the earlier number."""
    return later - earlier


def percentage(earlier: Fraction, later: Fraction) -> Fraction:
    """Return what was added to the earlier number, in percent of it."""
    return 100 * (later - earlier) / earlier


SUMMARIES: dict[How, Callable[[Sequence[Fraction]], Fraction]] = {
    "mean": mean,
    "first": itemgetter(0),
    "last": itemgetter(-1),
    "min": min,
    "max": max,
}


def first_day(day: date, period: Period) -> date:
    """Return the first calendar day of the period that a day is in; a week begins on Monday.

    >>> first_day(date(2025, 12, 5), "week"), first_day(date(2025, 12, 5), "quarter")
    (datetime.date(2025, 12, 1), datetime.date(2025, 10, 1))
    """
    if period == "week":
        return day - timedelta(days=day.weekday())
    months = {"month": day.month, "quarter": day.month - (day.month - 1) % 3, "year": 1}
    return day.replace(month=months[period], day=1)


def next_first_day(day: date, period: Period) -> date:
    """Return the first calendar day of the period after the one that a day is in.

    >>> next_first_day(date(2025, 12, 5), "week"), next_first_day(date(2025, 12, 5), "quarter")
    (datetime.date(2025, 12, 8), datetime.date(2026, 1, 1))
    """
    if period == "week":
        return day + timedelta(days=7 - day.weekday())
    count = {"month": 1, "quarter": 3, "year": 12}[period]
    month = (day.year * 12 + day.month - 1) // count * count + count
    return date(month // 12, month % 12 + 1, 1)


def group(days: Sequence[date], period: Period) -> list[tuple[date, slice]]:
    """Return the first day of each period that holds some of the days, and where they are."""
    firsts = [first_day(day, period) for day in days]
    groups = [
        (first, list(places)) for first, places in groupby(range(len(days)), firsts.__getitem__)
    ]
    return [(first, slice(places[0], places[-1] + 1)) for first, places in groups]


def log_deviation(numbers: Sequence[Fraction], scale: int = 1) -> Decimal:
    """Return the sample standard deviation of ln(next / previous), times the root of `scale`.

    Takes at least three numbers above zero; the result is rounded once, to
    `SIGNIFICANT_DIGITS`.

    >>> log_deviation([Fraction(1), Fraction(2), Fraction(2)])  # ln 2 divided by the root of 2
    Decimal('0.4901290717342735958569508618')
    """
    ratios = [later / earlier for earlier, later in pairwise(numbers)]
    if ratios.count(ratios[0]) == len(ratios):
        return Decimal(0)
    places = FIRST_PLACES
    while True:
        low, high = _bounds(ratios, places, scale)
        if low == high:
            return low
        places *= 2


def _bounds(ratios: Sequence[Fraction], places: int, scale: int) -> tuple[Decimal, Decimal]:
    """Return two numbers that the deviation is between, rounded; equal where it is certain.

    The logarithms are cut to whole multiples of 10**-places, and the sums over them are exact.
    Where each of n numbers moves by one, their deviation moves by the root of n / (n - 1) at
    most; two leaves room for the guard digits.
    """
    context = Context(
        prec=places + GUARD_DIGITS,
        rounding=ROUND_HALF_EVEN,
        Emax=MAX_EMAX,
        Emin=MIN_EMIN,
        traps=[DivisionByZero, InvalidOperation, Overflow],
    )
    divide, ln, shift = context.divide, context.ln, context.scaleb
    logs = [
        int(shift(ln(divide(Decimal(ratio.numerator), Decimal(ratio.denominator))), places))
        for ratio in ratios
    ]
    count = len(logs)
    spread = count * sum(log * log for log in logs) - sum(logs) ** 2
    deviation = context.sqrt(divide(Decimal(spread * scale), Decimal(count * (count - 1))))
    bounds = (context.subtract(deviation, 2 * scale), context.add(deviation, 2 * scale))
    low, high = (plain(ROUNDED.plus(shift(bound, -places))) for bound in bounds)
    return low, high
