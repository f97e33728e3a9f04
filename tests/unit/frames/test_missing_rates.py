"""Rows without a rate: raised by name, left null, or answered by a day before."""

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import kzt_rates
import kzt_rates.frames
from kzt_rates.store.sqlite import SqliteStore
from kzt_rates.testing import SettableClock

DAY = dt.date(2025, 12, 5)
USD, EUR = 499.65, 582.89


def frame_of(*rows: tuple[Any, ...]) -> pl.DataFrame:
    columns = dict(
        zip(("amount", "currency", "date"), map(list, zip(*rows, strict=True)), strict=True)
    )
    return pl.DataFrame(columns)


def values_of(frame: pl.DataFrame) -> list[Any]:
    return frame["converted"].to_list()


def test_a_clock_before_all_that_is_known():
    """Rates of the archive that lie ahead of the clock answer for no day before them."""
    clock = SettableClock("1999-06-01T12:00+05:00")
    with kzt_rates.Client(cache=False, offline=True, clock=clock) as client:
        for missing in ("raise", "null"):
            with pytest.raises(kzt_rates.Offline):
                kzt_rates.frames.convert(
                    frame_of((1.0, "USD", dt.date(1999, 5, 3))), missing=missing, client=client
                )


def test_an_error_names_the_first_rows(convert):
    """By position, at most three, and what is known of the first one."""
    good, bad = (1.0, "USD", DAY), (1.0, "USB", DAY)
    with pytest.raises(kzt_rates.UnknownCurrency) as caught:
        convert(frame_of(good, bad, good, (1.0, "BYR", DAY), (1.0, "ZZZ", DAY), (1.0, "QQQ", DAY)))
    message = str(caught.value)
    places = [message.index(f"row {row}: ") for row in (1, 3, 4)]
    assert places == sorted(places)
    assert "row 5" not in message
    assert "row 0" not in message
    assert "'USB'" in message
    assert "BYR for 2025-12-05" in message
    assert caught.value.code == "USB"
    assert "USD" in caught.value.suggestions
    with pytest.raises(kzt_rates.RateNotFound, match=r"^row 1: no official rate of BYR") as lone:
        convert(frame_of(good, (1.0, "BYR", DAY)))
    assert (lone.value.code, lone.value.date, lone.value.successor) == ("BYR", DAY, "BYN")


def test_rows_far_down_are_named_too(convert):
    """Positions are of the frame, and not of a part of it."""
    rows = 200_000
    codes = ["USD"] * rows
    codes[133_333] = "ZZZ"
    frame = pl.DataFrame({"amount": [1.0] * rows, "currency": codes})
    with pytest.raises(kzt_rates.UnknownCurrency, match="row 133333: "):
        convert(frame, date=DAY)


def test_pandas_names_the_index_too(convert):
    """The label helps where rows are known by it."""
    frame = frame_of((1.0, "USD", DAY), (1.0, "ZZZ", DAY)).to_pandas()
    frame.index = pd.Index(["first", "second"])
    with pytest.raises(kzt_rates.UnknownCurrency, match=r"^row 1 \(index '?second'?\): "):
        convert(frame)
    frame.index = pd.MultiIndex.from_tuples([("a", 1), ("b", 2)])
    with pytest.raises(kzt_rates.UnknownCurrency, match=r"^row 1 \(index \('b', .*2"):
        convert(frame)


@pytest.mark.parametrize(
    "text", ["ZZZ", "", "usdollar", "доллар", "U$D", "ſEK", "ＵＳＤ", "USD ", "nan"]
)
def test_text_that_is_no_code(convert, text):
    """It is an unknown currency, or null where that is wanted."""
    frame = frame_of((1.0, "USD", DAY), (1.0, text, DAY), (2.0, "EUR", DAY))
    for missing in ("raise", "previous"):
        with pytest.raises(kzt_rates.UnknownCurrency, match="row 1: "):
            convert(frame, missing=missing)
        with pytest.raises(kzt_rates.UnknownCurrency, match="row 1: "):
            convert(frame, to="currency", currency="KZT", missing=missing)
    assert values_of(convert(frame, missing="null")) == [USD, None, 2 * EUR]


@pytest.mark.parametrize(
    ("code", "day", "words"),
    [
        ("BYR", "2016-07-02", "the unit from 2000-01-01 to 2016-07-01"),
        ("BYN", "2016-07-01", "changed to the new Belarusian rouble on 2016-07-02"),
        ("VND", "2026-07-07", "the bank has published none"),
        ("LVL", "2014-06-01", "the euro replaced the lats on 2014-01-01"),
        ("USD", "0001-01-01", "USD for 0001-01-01"),
        ("USD", "9999-12-31", "more than 14 days ahead"),
        ("USD", "2026-09-05", "more than 14 days ahead"),
    ],
)
def test_days_without_a_rate(convert, code, day, words):
    """No such unit, not quoted yet, or not set yet: an error or null, and nobody is asked."""
    frame = frame_of((1.0, "USD", "2025-12-05"), (1.0, code, day))
    with pytest.raises(kzt_rates.RateNotFound, match=words):
        convert(frame)
    assert values_of(convert(frame, missing="null")) == [USD, None]
    with pytest.raises(kzt_rates.RateNotFound, match=words):
        convert(frame, to="KZT", missing="raise", places=2)


def test_days_that_no_calendar_has(convert):
    """Timestamps reach further than dates do."""
    dates = np.array(["2025-12-05", "-5000-01-01", "20000-12-31", "-290000-01-01"], "datetime64[s]")
    frame = pd.DataFrame({"amount": 1.0, "date": dates})
    found = convert(frame, currency="USD", missing="null")["converted"].tolist()
    assert found[0] == USD
    assert np.isnan(found[1:]).all()
    for missing in ("raise", "previous"):
        with pytest.raises(kzt_rates.RateNotFound, match=r"row 1 .*\n.*row 2 .*\n.*row 3 "):
            convert(frame, currency="USD", missing=missing)


def test_what_is_unknown_is_not_missing(convert):
    """Where the bank would have to be asked and may not be, that is said, whatever `missing`."""
    frame = frame_of((1.0, "USD", DAY), (1.0, "EUR", dt.date(2012, 3, 1)))
    for missing in ("raise", "null", "previous"):
        with pytest.raises(kzt_rates.Offline, match=r"EUR.*2012-03-01"):
            convert(frame, missing=missing)


@pytest.mark.parametrize("column", ["amount", "currency", "date", "to"])
def test_a_null_in_an_offending_row(convert, column):
    """A row with a null has no result, and nothing to complain of."""
    row = {"amount": 1.0, "currency": "ZZZ", "date": dt.date(1800, 1, 1), "to": "no code"}
    good = {"amount": 1.0, "currency": "USD", "date": DAY, "to": "KZT"}
    frame = pl.DataFrame([good, {**row, column: None}, good], schema_overrides={"date": pl.Date})
    for given in (frame, frame.to_pandas(), frame.to_arrow()):
        result = convert(given, to="to")["converted"]
        found = [None if pd.isna(one) else one for one in pl.Series(result).to_list()]
        assert found == [USD, None, USD]


def test_nan_is_missing_in_pandas(convert):
    """In pandas NaN is how a missing amount is written."""
    frame = pd.DataFrame({"amount": [1.0, np.nan], "currency": ["USD", "ZZZ"], "date": [DAY, DAY]})
    assert convert(frame)["converted"].tolist()[0] == USD
    assert np.isnan(convert(frame)["converted"].tolist()[1])


def test_the_tenge_and_equal_currencies_need_no_day(convert):
    """One unit of a currency is one of itself, on any day, known or not."""
    days = [DAY, dt.date(1800, 1, 1), dt.date(9999, 12, 31)]
    frame = pl.DataFrame({"amount": [1.5, 2.5, 3.5], "date": days, "code": ["USD", "EUR", "KZT"]})
    for code in ("KZT", "USD"):
        assert values_of(convert(frame, currency=code, to=code)) == [1.5, 2.5, 3.5]
        assert values_of(convert(frame, currency=code, to=code, places=0)) == [2.0, 3.0, 4.0]
    assert values_of(convert(frame, currency="code", to="code")) == [1.5, 2.5, 3.5]


def test_previous_is_as_the_verb_has_it():
    """A last rate answers for two weeks of days that are known to have none, and no longer."""
    clock = SettableClock("2026-08-21T12:00+05:00")
    first = dt.date(2013, 4, 24)  # the archive has francs of that day; the next are the export's
    days = [first + dt.timedelta(days) for days in range(16)]
    store = SqliteStore(":memory:")
    store.change(days[1:], lambda known: [day.replace(blanks={"CHF": clock()}) for day in known])
    with kzt_rates.Client(cache=store, offline=True, clock=clock) as client:
        options = {"currency": "CHF", "missing": "previous", "client": client}
        frame = pl.DataFrame({"amount": [1.0] * 15, "date": days[:15]})
        expected = [client.rate("CHF", on=day, missing="previous").per_unit for day in days[:15]]
        assert len(set(expected)) == 1
        found = values_of(kzt_rates.frames.convert(frame, **options))
        assert found == list(map(float, expected))
        lazy = kzt_rates.frames.convert(frame.lazy(), **options).collect()
        assert values_of(lazy) == found
        later = frame_of((1.0, "CHF", days[15]))
        with pytest.raises(kzt_rates.RateNotFound, match="2013-05-09"):
            kzt_rates.frames.convert(later, missing="previous", client=client)
    store.close()


def test_previous_ends_with_the_unit(convert, archive):
    """The last rate of the lats answers for no day of the euro, as the verb has it."""
    day = dt.date(2014, 1, 1)
    with pytest.raises(kzt_rates.RateNotFound, match="the euro replaced the lats"):
        archive.rate("LVL", on=day, missing="previous")
    frame = frame_of((1.0, "LVL", day))
    with pytest.raises(kzt_rates.RateNotFound, match="the euro replaced the lats"):
        convert(frame, missing="previous")
    # an older Polars has an error of its own for what is raised in a batch, with our words
    with pytest.raises((kzt_rates.RateNotFound, pl.exceptions.ComputeError), match="LVL for 2014"):
        convert(frame.lazy(), missing="previous").collect()


def test_a_day_beyond_the_clock(figures):
    """A figure on record that the clock says cannot be yet is none, as the verb has it."""
    clock = SettableClock("2025-12-05T12:00+05:00")
    frame = frame_of((1.0, "USD", dt.date(2026, 8, 21)))
    assert "USD" in figures["2026-08-21"]
    with kzt_rates.Client(cache=False, offline=True, clock=clock) as client:
        for call in (
            lambda: client.rate("USD", on="2026-08-21"),
            lambda: kzt_rates.frames.convert(frame, client=client),
        ):
            with pytest.raises(kzt_rates.RateNotFound, match="more than 14 days ahead"):
                call()
