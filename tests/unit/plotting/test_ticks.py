"""Which days an axis names, and how."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kzt_rates.plotting import tick_days
from kzt_rates.plotting.i18n import tick_labels


def day(text):
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("first", "last", "most", "ticks"),
    [
        ("2025-12-01", "2025-12-04", 10, "2025-12-01 2025-12-02 2025-12-03 2025-12-04"),
        # every other day, the same ones in every picture, also over the end of a month
        ("2025-12-28", "2026-01-03", 4, "2025-12-28 2025-12-30 2026-01-01 2026-01-03"),
        # Mondays
        ("2025-12-02", "2025-12-31", 10, "2025-12-08 2025-12-15 2025-12-22 2025-12-29"),
        ("2025-06-01", "2025-08-31", 4, "2025-06-01 2025-07-01 2025-08-01"),
        ("2025-01-01", "2025-08-31", 6, "2025-01-01 2025-03-01 2025-05-01 2025-07-01"),
        ("2015-08-01", "2017-03-30", 4, "2016-01-01 2016-07-01 2017-01-01"),
        ("2015-08-01", "2020-03-30", 6, "2016-01-01 2017-01-01 2018-01-01 2019-01-01 2020-01-01"),
        ("1993-11-18", "2014-08-21", 7, "1995-01-01 2000-01-01 2005-01-01 2010-01-01"),
        ("1993-11-18", "2026-08-21", 3, "2000-01-01 2010-01-01 2020-01-01"),
    ],
)  # fmt: skip
def test_ticks(first, last, most, ticks):
    """Ten days, a month, a year, five years and thirty are named by round days."""
    assert [str(each) for each in tick_days(day(first), day(last), most)] == ticks.split()


@given(st.dates(), st.integers(0, 40_000), st.integers(2, 15))
def test_ticks_are_within(first, length, most):
    """However long an axis is, its days lie on it, ascend, and are not more than there may be."""
    last = dt.date.fromordinal(min(first.toordinal() + length, dt.date.max.toordinal()))
    ticks = tick_days(first, last, most)
    assert len(ticks) <= most
    assert ticks == sorted(set(ticks))
    assert all(first <= tick <= last for tick in ticks)


def test_whole_calendar():
    """The whole calendar has days to name."""
    assert [day.year for day in tick_days(dt.date.min, dt.date.max, 2)] == [5000]
    assert len(tick_days(dt.date.min, dt.date.max, 20)) == 19


@pytest.mark.parametrize(
    ("days", "language", "labels"),
    [
        ("2015-01-01 2016-01-01", "kk", ["2015", "2016"]),
        ("2015-11-01 2016-01-01 2016-03-01", "en", ["Nov\n2015", "Jan\n2016", "Mar\n"]),
        ("2015-05-01 2015-06-01", "ru", ["май\n2015", "июнь\n"]),
        ("2015-05-01 2015-05-02", "ru", ["1 мая\n2015", "2 мая\n"]),
        ("2025-12-29 2026-01-05 2026-01-12", "kk", ["29 жел.\n2025", "5 қаң.\n2026", "12 қаң.\n"]),
        ("", "en", []),
    ],
)
def test_labels(days, language, labels):
    """The year stands once, below the first day that is in it."""
    assert tick_labels([day(text) for text in days.split()], language) == labels
