"""Exact rates in arrays: tenge per unit as whole numbers, by code and calendar day."""

from datetime import date
from math import gcd
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

    import numpy.typing as npt

    from kzt_rates.figures import Entry

    Ints = npt.NDArray[np.int64]
    Floats = npt.NDArray[np.float64]
    Flags = npt.NDArray[np.bool_]

EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
# The product of two stays below 2**53, where a float64 holds every whole number. A figure of
# more digits than that is looked up by itself.
LARGEST_PART = 2**26


def day_number(day: date) -> int:
    """Return the days since 1970-01-01.

    >>> day_number(date(1970, 1, 2))
    1
    """
    return day.toordinal() - EPOCH_ORDINAL


def date_of(number: int) -> date:
    """Return the date of a day's number; `ValueError` or `OverflowError` where there is none."""
    return date.fromordinal(int(number) + EPOCH_ORDINAL)


class Ratio(NamedTuple):
    """One unit of the base costs exactly `top / bottom` units of the quote."""

    top: int
    bottom: int


def per_unit(value: "Decimal", nominal: int) -> Ratio:
    """Return the tenge per unit of a published figure, in lowest terms."""
    top, bottom = value.as_integer_ratio()
    bottom *= nominal
    common = gcd(top, bottom)
    return Ratio(top // common, bottom // common)


class Span:
    """One currency's rates over consecutive days; a bottom of 0 where none is known."""

    __slots__ = ("bottoms", "first", "tops")

    def __init__(self, first: int, size: int) -> None:
        self.first = first
        self.tops = np.zeros(size, np.int64)
        self.bottoms = np.zeros(size, np.int64)

    @classmethod
    def of_points(cls, points: "Iterable[Entry]", *, drafts: bool = False) -> "Span":
        """Make the span of a currency's final figures, or of drafts too."""
        known = [point for point in points if point[3] or drafts]
        ratios = [value.as_integer_ratio() for _, value, _, _ in known]
        tops = _whole_numbers([top for top, _ in ratios])
        bottoms = _whole_numbers(
            [bottom * point[2] for (_, bottom), point in zip(ratios, known, strict=True)]
        )
        common = np.gcd(tops, bottoms)
        tops, bottoms = tops // common, bottoms // common
        fits = (tops < LARGEST_PART) & (bottoms < LARGEST_PART)
        days = _whole_numbers([point[0].toordinal() for point in known])[fits] - EPOCH_ORDINAL
        span = cls(int(days[0]), int(days[-1] - days[0]) + 1) if len(days) else cls(0, 0)
        places = days - span.first
        span.tops[places], span.bottoms[places] = tops[fits], bottoms[fits]
        return span

    def until(self, last: int) -> "Span":
        """Return the same rates without those after a day."""
        size = len(self.tops)
        return (
            self if self.first + size <= last + 1 else self.over(self.first, last - self.first + 1)
        )

    def over(self, first: int, size: int) -> "Span":
        """Return the same rates over other days."""
        other = Span(first, size)
        start = max(first, self.first)
        end = min(first + size, self.first + len(self.tops))
        if start < end:
            here = slice(start - self.first, end - self.first)
            there = slice(start - first, end - first)
            other.tops[there], other.bottoms[there] = self.tops[here], self.bottoms[here]
        return other


def _whole_numbers(numbers: "list[int]") -> "npt.NDArray[Any]":
    """Return an array of int64, or of Python's own where one of them is larger."""
    try:
        return np.array(numbers, np.int64)
    except OverflowError:
        return np.array(numbers, object)
