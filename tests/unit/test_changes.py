"""How rates moved between two sheets, and the line that says it."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest

import kzt_rates
from kzt_rates import Change, Offline, RateNotFound, RateSheet
from kzt_rates.figures import Day, Figure
from kzt_rates.models.sheet import sheet_from

DAY, BEFORE = dt.date(2025, 12, 5), dt.date(2025, 12, 4)


def sheet(day: dt.date, **rates: tuple[str, int] | tuple[str, int, str]) -> RateSheet:
    figures = {
        code: Figure(value, nominal, *change, feed="daily", final=True)
        for code, (value, nominal, *change) in rates.items()
    }
    return sheet_from(Day(day, figures, complete=True, final=True), day)


def test_difference_and_percent():
    """499.65 is 4.24 less than 503.89, which is 0.8414…% of it (bc: scale=30; 424/503.89)."""
    moved = sheet(DAY, USD=("499.65", 1)).change_since(sheet(BEFORE, USD=("503.89", 1)))
    assert moved == {"USD": Change(Decimal("-4.24"), Decimal("-0.8414534918335350969457619719"))}


def test_every_figure_of_two_days(figures):
    """Each code of both sheets is there, in order, with what fractions give."""
    sheets = [
        sheet(day, **{code: figures[str(day)][code] for code in figures[str(day)]})
        for day in (BEFORE, DAY)
    ]
    moved = sheets[1].change_since(sheets[0])
    assert list(moved) == sorted(figures[str(DAY)].keys() & figures[str(BEFORE)].keys())
    for code, (difference, percent) in moved.items():
        (old, lot), (new, new_lot) = figures[str(BEFORE)][code], figures[str(DAY)][code]
        assert lot == new_lot
        assert Fraction(difference) == Fraction(new) - Fraction(old)
        exact = 100 * (Fraction(new) - Fraction(old)) / Fraction(old)
        assert abs(Fraction(percent) - exact) <= abs(exact) / 10**27


def test_nominals_are_respected():
    """13.14 for 10 after 1.325 for 1 is 0.11 less for 10, and not 11.815 more."""
    moved = sheet(DAY, AMD=("13.14", 10)).change_since(sheet(BEFORE, AMD=("1.325", 1)))
    assert moved["AMD"].difference == Decimal("-0.11")
    assert moved["AMD"].percent == Decimal("-0.8301886792452830188679245283")  # bc: 11/13.25


def test_what_one_of_them_lacks_is_not_there():
    """A code that either sheet lacks did not move: nothing is known of it."""
    moved = sheet(DAY, USD=("1", 1), EUR=("2", 1)).change_since(sheet(BEFORE, USD=("1", 1)))
    assert moved == {"USD": Change(Decimal(0), Decimal(0))}
    assert sheet(DAY).change_since(sheet(BEFORE)) == {}


@pytest.fixture
def offline(monkeypatch, tmp_path):
    """The module's functions, with the archive alone."""
    monkeypatch.setenv("KZT_RATES_OFFLINE", "1")
    monkeypatch.setenv("KZT_RATES_CACHE", str(tmp_path / "rates.sqlite"))
    kzt_rates.close()
    yield
    kzt_rates.close()


@pytest.mark.usefixtures("offline")
def test_a_date_in_place_of_a_sheet(figures):
    """A date is that day's sheet, as `kzt_rates.sheet` gives it; what is no date is an error."""
    today = kzt_rates.sheet(DAY)
    expected = Decimal(figures[str(DAY)]["USD"][0]) - Decimal(figures[str(BEFORE)]["USD"][0])
    for day in (BEFORE, "2025-12-04", "04.12.2025"):
        assert today.change_since(day)["USD"].difference == expected
    assert today.change_since(BEFORE) == today.change_since(kzt_rates.sheet(BEFORE))
    with pytest.raises(ValueError, match="a date is written"):
        today.change_since("yesterday")
    with pytest.raises(TypeError):
        today.change_since(5)
    with pytest.raises(RateNotFound):
        today.change_since("1990-01-01")


def test_the_ticker_has_the_banks_own_changes():
    """An arrow and two decimals behind each figure; nothing is asked where the bank gave all."""
    told = sheet(
        DAY, USD=("512.53", 1, "-0.92"), EUR=("592.43", 1, "1.5"), AMD=("13.14", 10, "0.00")
    )
    line = told.ticker(["USD", "EUR", "AMD", "KZT"], changes=True)
    assert line == "(05.12.2025) $ 512.53 ₸ ▼0.92 € 592.43 ₸ ▲1.50 10 ֏ 13.14 ₸ ±0.00 ₸ 1.00 ₸"
    assert told.ticker(["USD"], True, "ru") == "(05.12.2025) $ 512,53 ₸ ▼0,92"
    assert told.ticker(["USD"]) == told.ticker(["USD"], False) == "(05.12.2025) $ 512.53 ₸"


@pytest.mark.usefixtures("offline")
def test_what_the_bank_gave_no_change_of():
    """The archive has no changes: they are against the sheet of the day before."""
    today = kzt_rates.sheet(DAY)
    assert today["USD"].change is None
    assert today.ticker(["USD"], changes=True) == "(05.12.2025) $ 499.65 ₸ ▼4.24"
    with pytest.raises(Offline, match="2013-04-25"):  # not in the archive
        sheet(dt.date(2013, 4, 26), USD=("150", 1)).ticker(["USD"], changes=True)
    lone = sheet(dt.date(1993, 11, 15), USD=("4.75", 1))
    assert lone.ticker(["USD"], changes=True) == "(15.11.1993) $ 4.75 ₸"  # no day before
    with pytest.raises(RateNotFound, match="1993-11-14"):  # a date that was named is wanted
        lone.ticker(["USD"], changes="1993-11-14")


def test_the_ticker_since_another_sheet():
    """A sheet in place of `True` is what is compared with, whatever the bank's own change is."""
    told = sheet(DAY, USD=("512.53", 1, "-0.92"), EUR=("592.43", 1))
    since = sheet(BEFORE, USD=("500", 1))
    line = told.ticker(["USD", "EUR"], changes=since)
    assert line == "(05.12.2025) $ 512.53 ₸ ▲12.53 € 592.43 ₸"
