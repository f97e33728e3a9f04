"""Series as a value: every day accounted for, found by date, cut by date, equal after JSON."""

import csv
import datetime as dt
import pickle
from decimal import Decimal
from pathlib import Path

import pydantic
import pytest

from kzt_rates import RateNotFound
from kzt_rates.models import Point, Series
from kzt_rates.models.series import cross_of, series_of

CSV = Path(__file__).parents[2] / "data" / "official_rates.csv"
ONE_DAY = dt.timedelta(days=1)


def published(code: str, start: str, end: str, **marks) -> Series:
    """Return the bank's figures of a code; the days that the file lacks are missing."""
    with CSV.open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["currency"] == code]
    rates = {
        dt.date.fromisoformat(row["date"]): Decimal(row["value"]) / int(row["nominal"])
        for row in rows
        if start <= row["date"] <= end
    }
    first, last = dt.date.fromisoformat(start), dt.date.fromisoformat(end)
    days = [first + ONE_DAY * n for n in range((last - first).days + 1)]
    missing = tuple(day for day in days if day not in rates)
    return series_of(
        code, "KZT", first, last, tuple(rates), tuple(rates.values()), missing=missing, **marks
    )


def days(*texts: str) -> tuple[dt.date, ...]:
    return tuple(map(dt.date.fromisoformat, texts))


def cross(start: str = "2025-12-01", end: str = "2025-12-07") -> Series:
    return cross_of("USD", "EUR", tuple(published(code, start, end) for code in ("USD", "EUR")))


FLOAT = published("USD", "2015-08-19", "2015-08-24")
# 22, 23 and 30 November are not in the file
GAPS = published("USD", "2025-11-20", "2025-12-02")
MARKED = series_of(
    "USD", "KZT", *days("2025-11-28", "2025-12-01"), days("2025-11-29", "2025-11-30", "2025-12-01"),
    tuple(map(Decimal, ("512.53", "512.53", "512.53"))), missing=days("2025-11-28"),
    carried={day: dt.date(2025, 11, 29) for day in days("2025-11-30", "2025-12-01")},
    provisional=days("2025-12-01"),
)  # fmt: skip
INVERSE = cross_of("KZT", "USD", (FLOAT,))
IDENTITY = series_of(
    "USD", "USD", *days("2025-12-01", "2025-12-02"), days("2025-12-01", "2025-12-02"),
    (Decimal(1), Decimal(1)),
)  # fmt: skip


@pytest.mark.parametrize(
    "series",
    [
        FLOAT, GAPS, MARKED, INVERSE, IDENTITY, cross(), cross()["2025-12-03":],
        GAPS.resample("month", "mean", allow_missing=True), GAPS["2025-11-22":"2025-11-23"],
    ],
    ids=repr,
)  # fmt: skip
def test_a_series_survives_json_and_pickle(series):
    """JSON and pickle give back an equal series with an equal hash and repr."""
    for again in (
        Series.model_validate_json(series.model_dump_json()),
        pickle.loads(pickle.dumps(series)),
        Series.model_validate(series.model_dump()),
    ):
        assert again == series
        assert hash(again) == hash(series)
        assert repr(again) == repr(series)


def test_numbers_in_json_are_text():
    """No number of a series becomes a binary float in JSON."""
    assert '"values":["188.35","188.38"' in FLOAT.model_dump_json()


def test_series_of_other_days_differ():
    """Another value, mark or day makes another series, and all are keys of one dict."""
    changed = FLOAT.model_dump() | {"provisional": FLOAT.dates[-1:]}
    assert Series.model_validate(changed) != FLOAT
    assert len({FLOAT, GAPS, INVERSE, cross(), FLOAT["2015-08-19":"2015-08-23"]}) == 5


@pytest.mark.parametrize(
    ("series", "shown"),
    [
        (FLOAT, "<Series USD/KZT 2015-08-19..2015-08-24, 6 days>"),
        (FLOAT["2015-08-21":"2015-08-21"], "<Series USD/KZT 2015-08-21..2015-08-21, 1 day>"),
        (
            MARKED,
            "<Series USD/KZT 2025-11-28..2025-12-01, 3 days, 1 missing, 2 carried, 1 provisional>",
        ),
        (INVERSE, "<Series KZT/USD 2015-08-19..2015-08-24, 6 days>"),
        (FLOAT.resample("week", "last"), "<Series USD/KZT 2015-08-19..2015-08-24, 2 weeks>"),
    ],
)
def test_a_series_shows_its_pair_span_and_marks(series, shown):
    """The repr is one short line, and so is the text."""
    assert repr(series) == str(series) == shown


def test_a_series_is_a_sequence_of_points():
    """Length, iteration, and points by position, from either end."""
    assert len(FLOAT) == 6
    assert list(FLOAT)[:2] == [
        (dt.date(2015, 8, 19), Decimal("188.35")),
        (dt.date(2015, 8, 20), Decimal("188.38")),
    ]
    assert FLOAT[0].date == dt.date(2015, 8, 19)
    assert FLOAT[-1] == FLOAT[5] == Point(dt.date(2015, 8, 24), Decimal("252.47"))
    assert [point.date for point in reversed(FLOAT)] == list(reversed(FLOAT.dates))
    with pytest.raises(IndexError):
        FLOAT[6]


@pytest.mark.extras
def test_numpys_integers_are_positions():
    """A position may come from numpy."""
    import numpy as np

    assert FLOAT[np.int64(1)].value == Decimal("188.38")


@pytest.mark.parametrize(
    "date",
    [
        "2015-08-21", "21.08.2015", dt.date(2015, 8, 21),
        dt.datetime(2015, 8, 20, 20, tzinfo=dt.timezone.utc),  # 02:00 in Almaty
    ],
)  # fmt: skip
def test_a_value_is_found_by_its_date(date):
    """A date is taken in every form a user may write it."""
    assert FLOAT.at(date) == FLOAT[date] == Decimal("255.26")
    assert date in FLOAT


@pytest.mark.parametrize(
    ("series", "date", "nearest", "reason"),
    [
        (GAPS, "2025-11-23", ("2025-11-21", "2025-11-24"), "none_published"),
        (GAPS, "2025-12-03", ("2025-12-02", None), "outside_the_series"),
        (GAPS, "2025-11-19", (None, "2025-11-20"), "outside_the_series"),
        (MARKED, "2025-11-28", (None, "2025-11-29"), "none_published"),
        (FLOAT.resample("week", "mean"), "2015-08-21", ("2015-08-19", "2015-08-24"),
         "outside_the_series"),
    ],
)  # fmt: skip
def test_a_day_without_a_value_names_the_nearest(series, date, nearest, reason):
    """A missing day, or one outside, raises with the code, the date and its neighbours."""
    assert date not in series
    for look_up in (series.at, series.__getitem__):
        with pytest.raises(RateNotFound, match=f"USD for {date}") as caught:
            look_up(date)
        error = caught.value
        assert (error.code, str(error.date), error.reason) == ("USD", date, reason)
        assert error.nearest == tuple(near and dt.date.fromisoformat(near) for near in nearest)


def test_what_is_no_date_is_misuse_and_in_nothing():
    """`in` never raises; looking up raises `ValueError` for text, `TypeError` for types."""
    for thing in ("yesterday", "20150821", None, 5, 1.5, [], True, FLOAT[0]):
        assert thing not in FLOAT
    for thing in ("yesterday", "20150821"):
        with pytest.raises(ValueError, match="a date is written"):
            FLOAT[thing]
    for thing in (None, 1.5, [], True, FLOAT[0]):
        with pytest.raises(TypeError, match="a date is"):
            FLOAT[thing]


def test_a_slice_holds_both_its_ends():
    """A slice is from date to date, both inclusive, open ends and the overlap included."""
    part = FLOAT["2015-08-20":"22.08.2015"]
    assert list(part) == list(FLOAT)[1:4]
    assert (part.start, part.end) == days("2015-08-20", "2015-08-22")
    assert FLOAT[: dt.date(2015, 8, 20)] == FLOAT["2015-01-01":"2015-08-20"]
    assert FLOAT["2015-08-24":]["2015-08-24":].dates == days("2015-08-24")
    assert FLOAT[:] == FLOAT["2000-01-01":"2030-01-01"] == FLOAT


def test_a_slice_cuts_marks_and_legs():
    """What is missing, carried and provisional is cut with the days, and so are the legs."""
    part = MARKED["2025-11-28":"2025-11-30"]
    assert part.missing == days("2025-11-28")
    assert part.carried == {dt.date(2025, 11, 30): dt.date(2025, 11, 29)}
    assert part.provisional == ()
    assert GAPS["2025-11-24":"2025-11-30"].missing == days("2025-11-30")
    part = cross()["2025-12-05":"2025-12-06"]
    assert [leg.values for leg in part.legs] == [
        (Decimal("499.65"), Decimal("504.49")),
        (Decimal("582.89"), Decimal("587.73")),
    ]
    assert part == cross("2025-12-05", "2025-12-06")


def test_a_slice_of_missing_days_only_is_an_empty_series():
    """Days that are known to have no rate are a series without values."""
    empty = GAPS["2025-11-22":"2025-11-23"]
    assert (len(empty), list(empty), empty.missing) == (0, [], days("2025-11-22", "2025-11-23"))


@pytest.mark.parametrize(
    "bounds",
    [("2015-08-25", None), (None, "2015-08-18"), ("2016-01-01", "2016-12-31")],
)
def test_a_slice_outside_is_not_found(bounds):
    """Where a slice and the series have no day in common, the error names the series' span."""
    with pytest.raises(RateNotFound, match=r"2015-08-19\.\.2015-08-24") as caught:
        FLOAT[slice(*bounds)]
    assert caught.value.code == "USD"


def test_a_slice_that_cannot_be_is_misuse():
    """Positions and steps are a `TypeError`, an end before its start a `ValueError`."""
    with pytest.raises(TypeError, match="step"):
        FLOAT["2015-08-19":"2015-08-24":2]
    for bounds in (slice(0, 3), slice(-2, None), slice("2015-08-19", 3)):
        with pytest.raises(TypeError, match="a date is"):
            FLOAT[bounds]
    with pytest.raises(ValueError, match=r"2015-08-22\.\.2015-08-20"):
        FLOAT["2015-08-22":"2015-08-20"]


def test_a_slice_of_months_keeps_whole_months():
    """A part of a resampled series holds the periods begun in it, and says all their days."""
    months = published("USD", "2016-01-15", "2016-06-10").resample("month", "mean")
    part = months["2016-02-10":"2016-04-20"]
    assert part.dates == days("2016-03-01", "2016-04-01")
    assert (part.start, part.end) == days("2016-03-01", "2016-04-30")
    assert months["2016-06-01":"2016-06-05"].end == dt.date(2016, 6, 10)
    assert months["2016-01-01":"2016-01-20"].start == dt.date(2016, 1, 15)
    assert months[:] == months
    with pytest.raises(RateNotFound, match="2016-02-02"):
        months["2016-02-02":"2016-02-28"]


def fields(**changes) -> dict:
    """Return the fields of four days, the third missing, the fourth carried."""
    dates = days("2025-12-01", "2025-12-02", "2025-12-04")
    return {
        "base": "USD", "quote": "KZT", "start": "2025-12-01", "end": "2025-12-04",
        "dates": dates, "values": ("512.53", "513.45", "513.45"), "missing": days("2025-12-03"),
        "carried": {dates[2]: dates[1]}, "provisional": dates[2:],
    } | changes  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "claim"),
    [
        ({"missing": ()}, "either has a rate or is missing"),
        ({"missing": days("2025-12-04")}, "either has a rate or is missing"),
        ({"missing": days("2025-12-03", "2025-12-04")}, "either has a rate or is missing"),
        ({"end": "2025-12-05"}, "either has a rate or is missing"),
        ({"start": "2025-12-02"}, "ascend"),
        ({"end": "2025-12-03"}, "ascend"),
        ({"dates": days("2025-12-02", "2025-12-01", "2025-12-04")}, "ascend"),
        ({"dates": days("2025-12-01", "2025-12-01", "2025-12-04")}, "ascend"),
        ({"missing": days("2025-12-03", "2025-12-03")}, "ascend"),
        ({"provisional": days("2025-12-04", "2025-12-01")}, "ascend"),
        ({"start": "2025-12-05"}, "starts before"),
        ({"values": ("512.53", "513.45")}, "value for each"),
        ({"values": ("512.53", "0", "513.45")}, "a value is from"),
        ({"values": ("512.53", "-1", "513.45")}, "a value is from"),
        ({"values": ("512.53", "1e999", "513.45")}, "a value is from"),
        ({"values": ("512.53", "NaN", "513.45")}, "finite"),
        ({"provisional": days("2025-12-03")}, "only a day with a rate"),
        ({"carried": {"2025-12-03": "2025-12-02"}}, "only a day with a rate"),
        ({"carried": {"2025-12-04": "2025-12-04"}}, "an earlier one"),
        ({"quote": "EUR"}, "published legs"),
        ({"base": "KZT", "quote": "USD"}, "published legs"),
        ({"legs": (published("USD", "2025-12-01", "2025-12-04"),)}, "published legs"),
        ({"quote": "USD"}, "one of itself"),
        ({"base": "usd"}, "pattern"),
        ({"step": "day", "colour": "green"}, "Extra"),
        ({"step": "month"}, "first of a month"),
        ({"step": "decade"}, "step"),
    ],
)
def test_what_makes_no_series_is_refused(changes, claim):
    """No day is absent in silence, twice or out of order; no value is zero or unbelievable."""
    assert len(Series.model_validate(fields())) == 3
    with pytest.raises(pydantic.ValidationError, match=claim):
        Series.model_validate(fields(**changes))


@pytest.mark.parametrize(
    ("changes", "claim"),
    [
        ({"values": ("0.86", "0.86")}, "values its legs make"),
        ({"legs": lambda legs: legs[:1]}, "published legs"),
        ({"legs": lambda legs: (legs[0], legs[0])}, "published legs"),
        ({"legs": lambda legs: (legs[0], legs[1]["2025-12-01":"2025-12-01"])}, "own dates"),
        ({"legs": lambda legs: (cross_of("USD", "EUR", legs), legs[1])}, "in tenge"),
        ({"legs": lambda legs: (
            legs[0], Series.model_validate(
                legs[1].model_dump() | {"carried": {"2025-12-02": "2025-12-01"}}
            )
        )}, "one date"),
        ({"source": "my bank"}, "one source"),
    ],
)  # fmt: skip
def test_a_series_that_contradicts_its_legs_is_refused(changes, claim):
    """A cross series has the published legs of its own dates, and the values that they make."""
    series = cross("2025-12-01", "2025-12-02")
    given = {"values": series.values, "legs": lambda legs: legs} | changes
    made = {name: getattr(series, name) for name in Series.model_fields}
    with pytest.raises(pydantic.ValidationError, match=claim):
        Series(**made | given | {"legs": given["legs"](series.legs)})


def test_legs_are_of_the_same_span_day_by_day():
    """A leg with more days asked for, or one of a month that has a single day, is none."""
    dollar, euro = cross("2025-11-29", "2025-11-29").legs
    wider = published("EUR", "2025-11-29", "2025-11-30")
    assert wider.dates == euro.dates
    for leg, claim in ((wider, "own dates"), (euro.resample("month", "mean"), "day by day")):
        with pytest.raises(ValueError, match=claim):
            cross_of("USD", "EUR", (dollar, leg))


def test_a_resampled_series_marks_days_of_its_span():
    """Only days that went into a period are carried or provisional."""
    month = MARKED.resample("month", "mean", allow_missing=True).model_dump()
    for marked in ("2025-11-28", "2025-11-27", "2025-12-02"):
        for marks in ({"provisional": days(marked)}, {"carried": {marked: "2025-11-20"}}):
            with pytest.raises(ValueError, match=r"only a day with a rate|ascend"):
                Series.model_validate(month | marks)


def test_cross_of_refuses_legs_that_do_not_belong():
    """Legs of other dates, of another pair, or a pair without its legs make no cross series."""
    dollar, euro = cross().legs
    for base, legs in (
        ("USD", (dollar, euro["2025-12-02":])),
        ("USD", (dollar, GAPS)),
        ("GBP", (dollar, euro)),
        ("KZT", (dollar, euro)),
        ("USD", (dollar,)),
    ):
        with pytest.raises(ValueError, match="legs"):
            cross_of(base, "EUR", legs)


def test_a_cross_beyond_any_rate_is_refused():
    """Legs at both ends of what is believed make a quotient that is not."""
    day = days("2025-12-01")
    dollar, euro = (
        series_of(code, "KZT", day[0], day[0], day, (Decimal(value),))
        for code, value in (("USD", "1e20"), ("EUR", "1e-40"))
    )
    with pytest.raises(ValueError, match="a value is from"):
        cross_of("USD", "EUR", (dollar, euro))


def test_a_cross_series_has_the_marks_of_its_legs():
    """A day is provisional where either leg is; missing and carried are those of both."""
    marks = {"carried": {dt.date(2025, 12, 2): dt.date(2025, 12, 1)}}
    dollar = published("USD", "2025-11-30", "2025-12-02", provisional=days("2025-12-02"), **marks)
    euro = published("EUR", "2025-11-30", "2025-12-02", provisional=days("2025-12-01"), **marks)
    series = cross_of("USD", "EUR", (dollar, euro))
    assert series.provisional == days("2025-12-01", "2025-12-02")
    assert (series.missing, series.carried) == (dollar.missing, dollar.carried)
    assert series == Series.model_validate(series.model_dump())


def test_a_series_is_frozen():
    """A series cannot be changed."""
    with pytest.raises(pydantic.ValidationError, match="frozen"):
        FLOAT.values = ()
