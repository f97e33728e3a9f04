"""The corners of the line of a series."""

import datetime as dt
import math

import pytest

from kzt_rates.models import Series
from kzt_rates.plotting import corners_of


def outline(series):
    """Return the corners of the line of a series by kind."""
    return corners_of(series._line().spans)


GAP = "gap"


def corners(line):
    """Return the corners as text, a gap for NaN."""
    return [
        (str(day)[5:], GAP if math.isnan(value) else value)
        for day, value in zip(line.dates, line.values, strict=True)
    ]


def test_a_rate_stands_on_its_day(published):
    """The line goes along each day, steps at its end, and ends with the last day."""
    lines = outline(published("USD", "2015-08-19", "2015-08-21"))
    assert corners(lines["published"]) == [
        ("08-19", 188.35), ("08-20", 188.38), ("08-21", 255.26), ("08-22", 255.26), ("08-22", GAP),
    ]  # fmt: skip
    assert lines["published"].alone == []
    assert lines["carried"].dates == lines["provisional"].dates == []


def test_a_missing_day_is_a_gap(published):
    """Nothing is drawn on a day without a rate; a day between two such is marked as alone."""
    series = published("USD", "2025-11-07", "2025-11-13")  # the 8th and the 9th are not on record
    lines = outline(series)
    assert corners(lines["published"]) == [
        ("11-07", 526.79), ("11-08", 526.79), ("11-08", GAP),
        ("11-10", 526.02), ("11-11", 523.58), ("11-12", 525.28), ("11-13", 524.65),
        ("11-14", 524.65), ("11-14", GAP),
    ]  # fmt: skip
    assert lines["published"].alone == [0]


def test_a_day_between_two_gaps(published):
    """Days without a neighbour are marked wherever they are, since they are easily overlooked."""
    series = published("USD", "2025-11-13", "2025-11-20")  # 15, 16 and 18 November are missing
    line = outline(series)["published"]
    assert [str(line.dates[place]) for place in line.alone] == ["2025-11-17"]
    assert line.values[line.alone[0]] == 522.19


def test_nothing_known():
    """A series without rates has no line."""
    day = dt.date(2021, 1, 2)
    series = Series(
        base="USD", quote="KZT", start=day, end=day, dates=(), values=(), missing=(day,)
    )
    assert all(line == ([], [], []) for line in outline(series).values())


def test_kinds_of_days(marked):
    """Carried and provisional days are lines of their own, and a step is the later day's."""
    lines = {kind: corners(line) for kind, line in outline(marked).items()}
    assert lines == {
        "published": [
            ("12-01", 512.53), ("12-02", 512.53), ("12-02", GAP),
            ("12-03", 512.53), ("12-03", 508.18), ("12-04", 508.18), ("12-04", GAP),
        ],
        "carried": [("12-02", 512.53), ("12-02", 512.53), ("12-03", 512.53), ("12-03", GAP)],
        "provisional": [("12-04", 508.18), ("12-04", 503.89), ("12-05", 503.89), ("12-05", GAP)],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("period", "firsts"),
    [
        ("week", ["08-20", "08-24", "08-31", "09-03"]),
        ("month", ["08-20", "09-01", "09-03"]),
        ("quarter", ["08-20", "09-03"]),
        ("year", ["08-20", "09-03"]),
    ],
)
def test_a_period_stands_on_its_days(published, period, firsts):
    """A resampled value stands until the next period begins, the last until the series ends."""
    series = published("USD", "2015-08-20", "2015-09-02").resample(period, "last")
    line = corners(outline(series)["published"])
    assert [day for day, value in line if value != GAP] == firsts


def test_a_missing_period_is_a_gap(published):
    """A month without any rate is not drawn over; a month of provisional days says so."""
    series = published("USD", "2020-03-01", "2021-02-28", provisional=[dt.date(2021, 2, 26)])
    assert [str(day) for day in series.missing][:2] == ["2020-03-31", "2020-04-01"]
    lines = outline(series.resample("month", "mean", allow_missing=True))
    assert [day for day, _ in corners(lines["published"])] == [
        "03-01", "04-01", "04-01", "01-01", "02-01", "02-01",
    ]  # fmt: skip
    assert [day for day, _ in corners(lines["provisional"])] == ["02-01", "02-01", "03-01", "03-01"]
