"""What holds for every series: slicing, periods, legs there and back, JSON."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kzt_rates import RateNotFound
from kzt_rates.models import Series
from kzt_rates.models.series import cross_of, series_of
from kzt_rates.models.statistics import group

ONE_DAY = dt.timedelta(days=1)
VALUES = st.decimals("0.01", "99999.99", places=2)
DATES = st.dates(dt.date(1993, 11, 15), dt.date(2030, 12, 31))
PERIODS = st.sampled_from(["week", "month", "quarter", "year"])
# what a calendar calls the period that a day is in
NAMES = {
    "week": lambda day: day.isocalendar()[:2],
    "month": lambda day: (day.year, day.month),
    "quarter": lambda day: (day.year, (day.month + 2) // 3),
    "year": lambda day: day.year,
}


@st.composite
def legs(draw, *codes: str) -> tuple[Series, ...]:
    """Return published series of the same days, some of them missing."""
    start, known = draw(DATES), draw(st.lists(st.booleans() | st.just(True), min_size=1))
    days = [start + ONE_DAY * n for n in range(len(known))]
    dates = tuple(day for day, is_known in zip(days, known, strict=True) if is_known)
    carried = {day: day - ONE_DAY for day in dates if draw(st.integers(0, 9)) == 0}
    return tuple(
        series_of(
            code, "KZT", start, days[-1], dates,
            tuple(draw(st.lists(VALUES, min_size=len(dates), max_size=len(dates)))),
            missing=tuple(day for day in days if day not in dates),
            carried=carried, provisional=dates[draw(st.integers(0, len(dates))) :],
        )
        for code in codes
    )  # fmt: skip


PUBLISHED = legs("USD").map(lambda found: found[0])
CROSSES = legs("USD", "EUR").map(lambda found: cross_of("USD", "EUR", found))
INVERSES = legs("USD").map(lambda found: cross_of("KZT", "USD", found))
SERIES = PUBLISHED | CROSSES | INVERSES


@given(SERIES)
def test_json_gives_back_an_equal_series(series):
    """Every series is equal after JSON, and passes its own checks again."""
    again = Series.model_validate_json(series.model_dump_json())
    assert again == series
    assert hash(again) == hash(series)


@given(SERIES, st.integers(-5, 70), st.integers(-5, 70))
def test_a_slice_is_the_days_between(series, first, last):
    """A slice holds the points, gaps and marks of its days, and would pass every check."""
    lower, upper = sorted((series.start + ONE_DAY * first, series.start + ONE_DAY * last))
    inside = lambda day: lower <= day <= upper  # noqa: E731
    if upper < series.start or lower > series.end:
        with pytest.raises(RateNotFound):
            series[lower:upper]
        return
    part = series[str(lower) : upper]
    assert list(part) == [point for point in series if inside(point.date)]
    assert part.missing == tuple(filter(inside, series.missing))
    assert part.provisional == tuple(filter(inside, series.provisional))
    assert part.carried.keys() == set(filter(inside, series.carried))
    assert [leg.base for leg in part.legs] == [leg.base for leg in series.legs]
    assert Series.model_validate(part.model_dump()) == part


@given(SERIES, st.dates())
def test_a_date_has_a_value_or_an_error(series, day):
    """`in`, subscript and `at` agree with the points, on any date."""
    known = dict(series)
    assert (day in series) == (day in known)
    for date in (day, *known, *series.missing):
        if date in known:
            assert series[date] == series.at(str(date)) == known[date]
        else:
            with pytest.raises(RateNotFound):
                series.at(date)


@given(PUBLISHED, PERIODS)
def test_every_day_is_in_exactly_one_period(series, period):
    """The periods share out the days in order, each to the one that the calendar names."""
    groups = group(series.dates, period)
    assert [place for _, days in groups for place in range(len(series))[days]] == [
        *range(len(series))
    ]
    for first, days in groups:
        names = {NAMES[period](day) for day in (first, *series.dates[days])}
        assert len(names) == 1
        assert NAMES[period](first - ONE_DAY) not in names
    assert all(NAMES[period](a) != NAMES[period](b) for (a, _), (b, _) in pairwise(groups))


@given(SERIES, PERIODS)
def test_means_of_periods_make_up_the_mean(series, period):
    """Each period's mean, times its days, adds up to the mean times all days, to 26 digits."""
    if not series.dates:
        return
    means = series.resample(period, "mean", allow_missing=True)
    counts = [len(range(len(series))[days]) for _, days in group(series.dates, period)]
    total = sum(Fraction(v) * n for v, n in zip(means.values, counts, strict=True))
    assert abs(total / Fraction(series.mean(allow_missing=True)) / len(series) - 1) < 1e-26
    assert Series.model_validate(means.model_dump()) == means


@given(legs("USD", "EUR"))
def test_there_and_back_are_reciprocal(found):
    """The dearest day of A in B is the cheapest of B in A; their growths multiply to 1."""
    there, back = cross_of("USD", "EUR", found), cross_of("EUR", "USD", found)
    if not there.dates:
        return
    assert there.max(allow_missing=True).date == back.min(allow_missing=True).date
    growths = [
        1 + Fraction(series.percent_change(allow_missing=True)) / 100 for series in (there, back)
    ]
    # a percentage near −100 has lost to the 100 what digits it has
    error = sum(abs(growth - 1) / growth for growth in growths) * Fraction(10) ** -27
    assert abs(growths[0] * growths[1] - 1) <= error
    if len(there) > 2:
        assert there.volatility(allow_missing=True) == back.volatility(allow_missing=True)


@given(SERIES)
def test_day_changes_add_up_to_the_span(series):
    """The changes from day to day sum to the change over the span, exactly for published ones."""
    if not series.dates:
        return
    moves = [value for _, value in series.change("day", allow_missing=True)]
    span = series.change(allow_missing=True)
    gap = abs(sum(map(Fraction, moves)) - Fraction(span))
    assert gap == 0 if not series.legs else gap <= sum(map(abs, moves)) * Decimal("1e-27")
