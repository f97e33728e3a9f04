"""A currency's figures as arrays of whole numbers, against fractions of the same digits."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import hypothesis.strategies as some
import numpy as np
from hypothesis import example, given

from kzt_rates.frames.columns import day_number
from kzt_rates.frames.source import LARGEST_PART, Span

DAY = dt.date(2025, 12, 5)
# of a size that fits, on the edge of it, and beyond any machine's whole numbers
a_value = some.one_of(
    some.decimals("0.0001", "9999.99", places=4),
    some.integers(LARGEST_PART - 2, LARGEST_PART + 2).map(Decimal),
    some.decimals("1e-30", "1e30", allow_nan=False),
)
a_nominal = some.sampled_from([1, 3, 10, 100, 1000, 2**26, 2**62])
a_figure = some.tuples(some.integers(0, 40), a_value, a_nominal, some.booleans())


@given(some.lists(a_figure, unique_by=lambda figure: figure[0]).map(sorted), some.booleans())
@example([(0, Decimal(2**63), 1, True), (2, Decimal("505.53"), 10, True)], False)
@example([(0, Decimal(10), 2**62, True), (1, Decimal(2**64), 2**62, True)], False)
def test_a_span_has_each_figure_in_lowest_terms(figures, drafts):
    """Each is its value over its nominal; one of too many digits is not there, nor a draft."""
    points = [(DAY + dt.timedelta(on), *rest) for on, *rest in figures]
    expected = {}
    for on, value, nominal, final in points:
        ratio = Fraction(value) / nominal
        if (final or drafts) and max(ratio.numerator, ratio.denominator) < LARGEST_PART:
            expected[day_number(on)] = (ratio.numerator, ratio.denominator)
    span = Span.of_points(points, drafts=drafts)
    assert span.tops.dtype == span.bottoms.dtype == np.int64
    days = range(span.first, span.first + len(span.tops))
    found = zip(days, span.tops.tolist(), span.bottoms.tolist(), strict=True)
    assert {day: (top, bottom) for day, top, bottom in found if top or bottom} == expected
    assert {days[0], days[-1]} <= expected.keys() if expected else not days
