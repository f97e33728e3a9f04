"""Which days are marked, and with which words."""

import datetime as dt
from decimal import Decimal

import pytest

from kzt_rates.models.series import cross_of
from kzt_rates.money import LANGUAGES
from kzt_rates.plotting import i18n
from kzt_rates.plotting.i18n import DEVALUATIONS


def events_of(series, events, language):
    """Return the events that are marked in the picture of a series."""
    return i18n.events_of(series.base, series.quote, series.start, series.end, events, language)


def test_the_float_of_2015_is_the_largest_move_on_record(figures):
    """Of all days that follow one another in the figures, 2015-08-21 moved the dollar most."""
    rates = {
        dt.date.fromisoformat(day): Decimal(sheet["USD"][0])
        for day, sheet in figures.items()
        if "USD" in sheet
    }
    moves = {
        day: rate / rates[day - dt.timedelta(1)]
        for day, rate in rates.items()
        if day - dt.timedelta(1) in rates
    }
    largest = max(moves, key=moves.__getitem__)
    assert largest in dict(DEVALUATIONS)
    assert largest == dt.date(2015, 8, 21)


def test_devaluations_are_in_order_and_have_words():
    """Each day is a weekday after the tenge was brought in, with words in each language."""
    days = [day for day, _ in DEVALUATIONS]
    assert days == sorted(days)
    assert dt.date(1993, 11, 15) < days[0]
    assert all(day.weekday() < 5 for day in days)
    assert all(set(words) == set(LANGUAGES) for _, words in DEVALUATIONS)


@pytest.mark.parametrize(
    ("start", "end", "marked"),
    [
        ("2015-08-20", "2015-08-20", []),
        ("2015-08-20", "2015-08-21", ["21 Aug 2015, the tenge floats"]),
        ("2015-08-21", "2015-08-22", ["21 Aug 2015, the tenge floats"]),
        ("2015-08-22", "2015-08-23", []),
        ("2013-04-24", "2016-01-01", ["12 Feb 2014, devaluation", "21 Aug 2015, the tenge floats"]),
    ],
)
def test_devaluations_of_the_range(published, start, end, marked):
    """`True` marks the devaluations from the first to the last day, both inclusive."""
    series = published("USD", start, end)
    assert [event.text for event in events_of(series, True, "en")] == marked
    assert events_of(series, False, "en") == []


def test_other_pairs_have_no_devaluations_of_the_tenge(published):
    """What the tenge did on a day is not marked where the tenge is not shown."""
    dollar = published("USD", "2015-08-20", "2015-08-22")
    rouble = dollar.model_copy(update={"base": "RUB"})
    assert len(events_of(cross_of("KZT", "USD", (dollar,)), True, "ru")) == 1
    assert events_of(cross_of("USD", "RUB", (dollar, rouble)), True, "ru") == []


def test_events_of_ones_own(published):
    """A mapping is marked in the order of its dates, as far as they are in the range."""
    series = published("USD", "2015-08-20", "2015-08-22")
    own = {"22.08.2015": "b", dt.date(2015, 8, 20): "a", "2015-08-23": "c"}
    assert events_of(series, own, "kk") == [
        (dt.date(2015, 8, 20), "a"),
        (dt.date(2015, 8, 22), "b"),
    ]
    with pytest.raises(ValueError, match="a date is written"):
        events_of(series, {"August": "x"}, "en")
