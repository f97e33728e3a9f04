"""What a series calculates, against `fractions`, `statistics`, `bc` and sums by hand."""

import csv
import datetime as dt
import math
import statistics
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest

from kzt_rates import RateNotFound
from kzt_rates.models import Series
from kzt_rates.models.series import cross_of, series_of

CSV = Path(__file__).parents[2] / "data" / "official_rates.csv"
ONE_DAY = dt.timedelta(days=1)
DIGITS_28 = Context(prec=28, rounding=ROUND_HALF_EVEN)


def days(*texts: str) -> tuple[dt.date, ...]:
    return tuple(map(dt.date.fromisoformat, texts))


def published(code: str, start: str, end: str) -> Series:
    """Return the bank's figures of a code; the days that the file lacks are missing."""
    with CSV.open(encoding="utf-8") as file:
        rates = {
            dt.date.fromisoformat(row["date"]): Decimal(row["value"]) / int(row["nominal"])
            for row in csv.DictReader(file)
            if row["currency"] == code and start <= row["date"] <= end
        }
    first, last = days(start, end)
    asked = [first + ONE_DAY * n for n in range((last - first).days + 1)]
    missing = tuple(day for day in asked if day not in rates)
    return series_of(code, "KZT", first, last, (*rates,), (*rates.values(),), missing=missing)


def steady(*values: str, code: str = "USD") -> Series:
    """Return a series of made-up values from 1 December 2025."""
    dates = tuple(dt.date(2025, 12, 1) + ONE_DAY * n for n in range(len(values)))
    return series_of(code, "KZT", dates[0], dates[-1], dates, tuple(map(Decimal, values)))


def rounded(number: Fraction) -> Decimal:
    return DIGITS_28.divide(Decimal(number.numerator), Decimal(number.denominator))


FLOAT = published("USD", "2015-08-19", "2015-08-24")
YEAR = published("USD", "2016-01-01", "2016-12-31")
# 22, 23 and 30 November are not in the file
GAPS = published("USD", "2025-11-20", "2025-12-02")
LEGS = tuple(published(code, "2025-12-01", "2025-12-07") for code in ("USD", "EUR"))
CROSS = cross_of("USD", "EUR", LEGS)
INVERSE = cross_of("KZT", "USD", (FLOAT,))
QUOTIENTS = [Fraction(a) / Fraction(b) for a, b in zip(LEGS[0].values, LEGS[1].values, strict=True)]


def test_a_cross_series_is_the_quotient_of_its_legs():
    """Each day's dollar by the same day's euro, and 1 by the dollar: `bc` with scale 40."""
    assert CROSS["2025-12-05"] == Decimal("0.8571943248297277359364545626")
    assert CROSS.values == tuple(map(rounded, QUOTIENTS))
    assert INVERSE["2015-08-20"] == Decimal("0.005308419152776303216902006582")
    assert INVERSE["2015-08-21"] == Decimal("0.003917574238031810702812818303")


def test_the_float_of_2015_in_figures():
    """188.38 → 255.26 is 66.88 tenge and 35.50 %; over the six days it is less."""
    fall = FLOAT["2015-08-20":"2015-08-21"]
    assert fall.change() == Decimal("66.88")
    assert fall.percent_change() == Decimal("35.50270729376791591464062002")
    assert FLOAT.change("span") == Decimal("64.12")
    assert FLOAT.change(by="day") == (
        (dt.date(2015, 8, 20), Decimal("0.03")),
        (dt.date(2015, 8, 21), Decimal("66.88")),
        (dt.date(2015, 8, 22), Decimal("-2.79")),
        (dt.date(2015, 8, 23), Decimal(0)),
        (dt.date(2015, 8, 24), Decimal(0)),
    )
    assert FLOAT.percent_change(by="day")[1] == (
        dt.date(2015, 8, 21), Decimal("35.50270729376791591464062002")
    )  # fmt: skip
    assert FLOAT["2015-08-20":"2015-08-20"].change() == 0
    assert FLOAT["2015-08-20":"2015-08-20"].change(by="day") == ()


def test_figures_of_a_cross_series_are_those_of_its_legs():
    """Of the exact quotients, not of the rounded ones: `bc` with scale 40 and `fractions`."""
    assert CROSS.percent_change() == Decimal("-0.7815463292735693097943568309")
    assert CROSS.mean() == Decimal("0.8597681317183820264813235499")
    assert CROSS.change() == rounded(QUOTIENTS[-1] - QUOTIENTS[0])
    assert [move for _, move in CROSS.percent_change(by="day")] == [
        rounded(100 * (b - a) / a) for a, b in pairwise(QUOTIENTS)
    ]
    # 100 * (188.35 / 252.47 - 1) terminates nowhere, and the rounded quotients give another end
    assert INVERSE.percent_change() == Decimal("-25.39707688042143621024280112")


def test_a_cross_is_compared_by_its_exact_quotients():
    """Two days whose quotients are equal in 28 digits are still told apart."""
    near = Decimal("3.00000000000000000000000000000001")
    dollar, euro = steady("1", "1"), steady("3", str(near), code="EUR")
    series = cross_of("USD", "EUR", (dollar, euro))
    assert series.values[0] == series.values[1]
    assert series.min().date == dt.date(2025, 12, 2)
    assert series.change() == rounded(1 / Fraction(near) - Fraction(1, 3))
    assert series.change() < 0


def test_a_mean_counts_every_calendar_day_once():
    """A weekend counts Saturday's rate thrice; the mean of 2016 is the exact sum over 366."""
    assert FLOAT.mean() == Decimal("231.5666666666666666666666667")
    assert YEAR.mean() == rounded(statistics.mean(map(Fraction, YEAR.values)))
    assert FLOAT["2015-08-19":"2015-08-20"].mean() == Decimal("188.365")


def test_extremes_are_the_first_of_their_value():
    """2016 was dearest on 22 January at 383.91; an extreme that lasts is named by its first day."""
    assert YEAR.max() == (dt.date(2016, 1, 22), Decimal("383.91"))
    assert YEAR.min()[1] == min(YEAR.values)
    assert YEAR.min()[0] == YEAR.dates[YEAR.values.index(min(YEAR.values))]
    weekend = FLOAT["2015-08-22":]
    assert weekend.min() == weekend.max() == (dt.date(2015, 8, 22), Decimal("252.47"))
    assert INVERSE.min()[0] == FLOAT.max()[0]


def test_volatility_is_the_deviation_of_logarithmic_returns():
    """The five returns from 19 to 24 August 2015 by `bc` with scale 60, and once a year."""
    assert FLOAT.volatility() == Decimal("0.1371674047402558317100137052")
    assert FLOAT.volatility(annualize=True) == Decimal("2.620579587984242594585931391")
    assert INVERSE.volatility() == FLOAT.volatility()


@pytest.mark.parametrize("series", [YEAR, CROSS], ids=repr)
def test_volatility_agrees_with_the_statistics_module(series):
    """`statistics` over Decimal logarithms of sixty digits, and over binary floats, roughly."""
    with localcontext() as context:
        context.prec = 60
        returns = [(b / a).ln() for a, b in pairwise(series.values)]
        deviation, year = statistics.variance(returns).sqrt(), Decimal(365).sqrt()
        annual = DIGITS_28.plus(deviation * year)
    if series is YEAR:
        assert series.volatility() == DIGITS_28.plus(deviation)
        assert series.volatility(annualize=True) == annual
    floats = [math.log(b / a) for a, b in pairwise(map(float, series.values))]
    assert math.isclose(series.volatility(), statistics.stdev(floats), rel_tol=1e-9)
    assert math.isclose(series.volatility(annualize=True), annual, rel_tol=1e-20)


def test_a_steady_growth_has_no_volatility():
    """Equal returns deviate by nothing, exactly; two days are too few to say."""
    assert steady("1", "2", "4", "8").volatility() == 0
    assert steady("7", "7", "7").volatility(annualize=True) == 0
    with pytest.raises(ValueError, match="at least three days, not 2"):
        steady("7", "8").volatility()


def test_a_volatility_far_below_its_returns_is_right_in_every_digit():
    """Returns of ln 2 and ln (2 + 2e-40) deviate by ln (1 + 1e-40) / √2."""
    series = steady("1", "2", "4.0000000000000000000000000000000000000004")
    # ln(1 + x) is x - x²/2 + …, and 1e-80 is beyond 28 digits: 1e-40 / √2, by `bc`
    assert series.volatility() == Decimal("7.071067811865475244008443621E-41")


def test_figures_refuse_to_pass_over_missing_days():
    """Each figure that would skip days names them, and gives way to `allow_missing=True`."""
    for figure in (
        GAPS.mean, GAPS.min, GAPS.max, GAPS.volatility,
        lambda: GAPS.resample("week", "mean"), lambda: GAPS.change("day"),
        lambda: GAPS.percent_change("day"),
    ):  # fmt: skip
        with pytest.raises(RateNotFound, match="2025-11-22, 2025-11-23, 2025-11-30: ") as caught:
            figure()
        error = caught.value
        assert (error.code, error.date, error.reason) == (
            "USD", dt.date(2025, 11, 22), "none_published"
        )  # fmt: skip
        assert error.nearest == days("2025-11-21", "2025-11-24")
    # 519.41 518.19 518.66 519.98 518.4 518.68 516.86 512.53 512.53 513.45: 5168.69 by hand
    assert GAPS.mean(allow_missing=True) == Decimal("516.869")
    assert GAPS.min(allow_missing=True) == (dt.date(2025, 11, 29), Decimal("512.53"))
    assert GAPS.max(allow_missing=True) == (dt.date(2025, 11, 25), Decimal("519.98"))
    moves = dict(GAPS.change("day", allow_missing=True))
    assert moves[dt.date(2025, 11, 24)] == Decimal("0.47")  # against 21 November
    assert len(moves) == 9
    assert len(GAPS.percent_change("day", allow_missing=True)) == 9
    logs = [math.log(b / a) for a, b in pairwise(map(float, GAPS.values))]
    assert math.isclose(GAPS.volatility(allow_missing=True), statistics.stdev(logs), rel_tol=1e-9)


def test_many_missing_days_are_named_in_part():
    """The first three are named, the others counted."""
    with pytest.raises(RateNotFound, match="2013-04-22, 2013-04-23, 2013-04-25 and 1 more: "):
        published("USD", "2013-04-22", "2013-04-26").mean()


def test_the_change_over_a_span_passes_over_nothing_between():
    """Only the first and the last day matter; where one is missing, it is named."""
    assert GAPS.change() == Decimal("-5.96")
    assert GAPS.percent_change() == rounded(Fraction(-59600, 51941))
    for part, named in (
        (GAPS["2025-11-22":], "2025-11-22: "),
        (GAPS[:"2025-11-30"], "2025-11-30: "),
        (GAPS["2025-11-23":"2025-11-30"], "2025-11-23, 2025-11-30: "),
    ):
        with pytest.raises(RateNotFound, match=named):
            part.change()
    assert GAPS["2025-11-22":].change(allow_missing=True) == Decimal("-5.21")


def test_carried_days_have_a_rate():
    """A day that an earlier one answers for is not passed over, and counts."""
    carried = {dt.date(2025, 11, 30): dt.date(2025, 11, 29)}
    dates = days("2025-11-29", "2025-11-30", "2025-12-01")
    series = series_of(
        "USD", "KZT", dates[0], dates[-1], dates,
        (Decimal("512.53"), Decimal("512.53"), Decimal("513.43")), carried=carried,
    )  # fmt: skip
    assert series.mean() == Decimal("512.83")
    assert series.resample("month", "last").carried == carried


def test_nothing_is_calculated_of_no_rate_at_all():
    """A series of missing days only raises, also where they may be passed over."""
    empty = GAPS["2025-11-22":"2025-11-23"]
    for figure in (empty.mean, empty.min, empty.volatility, empty.change, empty.percent_change):
        for allow_missing in (False, True):
            with pytest.raises(
                RateNotFound, match="2025-11-22, 2025-11-23: the series has no rate"
            ):
                figure(allow_missing=allow_missing)
    with pytest.raises(RateNotFound, match="no rate"):
        empty.resample("week", "mean", allow_missing=True)


def by_period(series: Series, period: str) -> dict:
    """Group the values by what the calendar calls the period."""
    groups: dict = {}
    for day, value in series:
        name = {
            "week": day.isocalendar()[:2],
            "month": (day.year, day.month),
            "quarter": (day.year, (day.month + 2) // 3),
            "year": day.year,
        }[period]
        groups.setdefault(name, []).append(Fraction(value))
    return groups


@pytest.mark.parametrize("period", ["week", "month", "quarter", "year"])
@pytest.mark.parametrize("how", ["mean", "first", "last", "min", "max"])
def test_resampling_2016_agrees_with_grouping_by_hand(period, how):
    """Every period's value is the exact one over its days, rounded once."""
    calculate = {
        "mean": statistics.mean, "first": lambda v: v[0], "last": lambda v: v[-1], "min": min,
        "max": max,
    }[how]  # fmt: skip
    series = YEAR.resample(period, how)
    assert series.values == tuple(rounded(calculate(v)) for v in by_period(YEAR, period).values())
    assert (series.step, series.start, series.end) == (period, YEAR.start, YEAR.end)
    assert len(series) == {"week": 53, "month": 12, "quarter": 4, "year": 1}[period]


def test_a_period_is_labelled_by_its_first_day():
    """Weeks begin on Monday, a quarter in January; the first label is not before the start."""
    part = YEAR["2016-02-10":"2016-07-03"]
    weeks, months = part.resample("week", "first"), part.resample("month", "first")
    quarters, years = part.resample("quarter", "last"), part.resample("year", "last")
    assert weeks.dates[:3] == days("2016-02-10", "2016-02-15", "2016-02-22")
    assert months.dates[-2:] == days("2016-06-01", "2016-07-01")
    assert quarters.dates == days("2016-02-10", "2016-04-01", "2016-07-01")
    assert years.dates == days("2016-02-10")
    assert quarters["2016-07-01"] == YEAR["2016-07-03"]


def test_a_cross_is_resampled_from_its_quotients():
    """The mean of a week's quotients, not the quotient of the week's means."""
    week = CROSS.resample("week", "mean")
    assert week.values == (Decimal("0.8597681317183820264813235499"),)
    assert week.legs == ()
    assert week == Series.model_validate_json(week.model_dump_json())


def test_a_resampled_series_is_not_summed_up_again():
    """Means of means are refused; the smallest month and the change over the year are not."""
    months = YEAR.resample("month", "mean")
    for figure in (
        months.mean, months.volatility, lambda: months.change("day"),
        lambda: months.percent_change("day"), lambda: months.resample("year", "mean"),
    ):  # fmt: skip
        with pytest.raises(ValueError, match="of the daily series"):
            figure()
    means = {statistics.mean(v): month for month, v in by_period(YEAR, "month").items()}
    assert months.max() == (dt.date(*means[max(means)], 1), rounded(max(means)))
    assert months.change() == DIGITS_28.subtract(months.values[-1], months.values[0])


def test_a_resampled_series_remembers_what_it_passed_over():
    """Its missing days stay named, and its own figures refuse them again."""
    weeks = GAPS.resample("week", "last", allow_missing=True)
    assert weeks.dates == days("2025-11-20", "2025-11-24", "2025-12-01")
    assert weeks.values == (Decimal("518.19"), Decimal("512.53"), Decimal("513.45"))
    assert weeks.missing == GAPS.missing
    for figure in (weeks.change, weeks.max):
        with pytest.raises(RateNotFound, match="2025-11-22"):
            figure()
    assert weeks.change(allow_missing=True) == Decimal("-4.74")


def test_what_cannot_be_asked_for_is_misuse():
    """Unknown periods, ways and spans are a `ValueError` that says what there is."""
    with pytest.raises(ValueError, match="'quarter' or 'year', not 'decade'"):
        YEAR.resample("decade", "mean")
    with pytest.raises(ValueError, match="'min', 'max', not 'median'"):
        YEAR.resample("month", "median")
    for change in (YEAR.change, YEAR.percent_change):
        with pytest.raises(ValueError, match="by 'span' or by 'day', not 'week'"):
            change("week")


def test_a_context_of_the_caller_changes_no_figure():
    """A caller's decimal context of two digits rounds nothing here, and stays as it was."""
    figures = (
        YEAR.mean, YEAR.change, YEAR.max, lambda: CROSS.percent_change("day"),
        lambda: FLOAT.volatility(annualize=True), lambda: CROSS.resample("week", "mean"),
        lambda: cross_of("EUR", "USD", LEGS),
    )  # fmt: skip
    before = [figure() for figure in figures]
    with localcontext(Context(prec=2)) as context:
        assert [figure() for figure in figures] == before
        assert context.prec == 2
        assert not any(context.flags.values())
