"""Facts about currencies, held against the bank's own figures."""

import csv
import datetime as dt
from collections import defaultdict
from pathlib import Path

import pytest

from kzt_rates.currency_facts import (
    is_quoted_on,
    kin_of,
    life_of,
    nominals_on,
    parse_code,
    published_code,
    quoted_on,
    symbol_of,
    unknown,
)
from kzt_rates.currency_table import FACTS, TENGE, VERIFIED_UNTIL
from kzt_rates.errors import UnknownCurrency

CSV = Path(__file__).parents[2] / "data" / "official_rates.csv"


FROM_THE_BANK = {"export", "daily"}  # what a rebuild adds: the archive grows by these alone

Days = dict[dt.date, dict[str, int]]


@pytest.fixture(scope="module")
def days() -> Days:
    """Return every day's nominals by code."""
    return nominals_on_record(grown=True)


@pytest.fixture(scope="module")
def collected() -> Days:
    """Return the nominals of the figures that were there before any rebuild."""
    return nominals_on_record(grown=False)


def nominals_on_record(*, grown: bool) -> Days:
    found: Days = defaultdict(dict)
    with CSV.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if grown or row["source"] not in FROM_THE_BANK:
                found[dt.date.fromisoformat(row["date"])][row["currency"]] = int(row["nominal"])
    return found


def test_every_nominal_on_record_is_one_of_the_table(days):
    """No figure was published for a nominal that its currency did not have on that day."""
    for day, nominals in days.items():
        for code, nominal in nominals.items():
            assert nominal in nominals_on(code, day), (code, day)


def test_every_nominal_collected_is_the_one_of_the_table(collected):
    """Of the figures that the table was made from it knows the nominal and no other."""
    for day, nominals in collected.items():
        for code, nominal in nominals.items():
            assert nominals_on(code, day) == (nominal,), (code, day)


def test_whole_sheets_are_those_that_hold_all_quoted_codes(collected):
    """The days with 34, 39 or 48 codes are whole; no day with a few is."""
    for day, nominals in collected.items():
        assert (quoted_on(day) <= nominals.keys()) == (len(nominals) >= 34), day
    reforms = ("2013-04-24", "2016-04-18", "2026-07-07", "2026-07-08")
    sizes = [len(quoted_on(dt.date.fromisoformat(day))) for day in reforms]
    assert sizes == [34, 39, 39, 48]


@pytest.mark.parametrize(
    ("code", "day", "nominals"),
    [
        ("IRR", "2026-07-07", (1000,)),
        ("IRR", "2026-07-08", (10000,)),
        ("IRR", "2030-01-01", (10000,)),
        ("HUF", "2013-04-24", (1,)),
        ("HUF", "2014-06-01", (1, 10)),
        ("HUF", "2016-04-18", (10,)),
        ("UZS", "2013-04-24", (1,)),
        ("BYR", "2013-04-24", (1,)),
        ("BYR", "2016-07-01", (100,)),
        ("BYR", "2016-07-02", ()),
        ("BYN", "2016-07-01", ()),
        ("BYN", "2016-07-02", (1,)),
        ("VND", "2026-07-07", ()),
        ("RUR", "1997-12-31", (1000,)),
        ("RUB", "1997-12-31", ()),
        ("XXX", "2020-01-01", None),
    ],
)
def test_nominals_through_time(code, day, nominals):
    """The nominals a currency can have had on a day, none where it was not quoted."""
    assert nominals_on(code, dt.date.fromisoformat(day)) == nominals


def test_the_table_is_verified_as_far_as_there_are_figures(days):
    """It ends with a day of the figures; what a rebuild has added may be newer."""
    assert VERIFIED_UNTIL in {day.isoformat() for day in days}


def test_signs_are_nobody_elses():
    """No two currencies share a sign, and the yuan and the yen are told apart."""
    signs = [facts.symbol for facts in FACTS.values()] + [TENGE.symbol]
    assert len(set(signs)) == len(signs)
    assert (symbol_of("CNY"), symbol_of("JPY"), symbol_of("KZT"), symbol_of("QQQ")) == (
        "¥", "JP¥", "₸", "QQQ",
    )  # fmt: skip


def test_every_currency_has_its_names_and_a_successor_that_exists():
    """Names in three languages; successors are codes of the table."""
    for code, facts in FACTS.items():
        assert parse_code(code) == code
        assert facts.name_ru
        assert facts.name_kk
        assert facts.name_en
        assert facts.successor is None or facts.successor in FACTS


@pytest.mark.parametrize(
    ("printed", "day", "code"),
    [
        ("RUR", "2017-06-16", "RUB"),
        ("RUB", "2017-06-16", "RUB"),
        ("RUB", "1997-12-31", "RUR"),
        ("RUR", "1998-01-01", "RUB"),
        ("USD", "1997-12-31", "USD"),
    ],
)
def test_the_rouble_before_and_after_1998(printed, day, code):
    """RUR and RUB stand for the rouble of the day, whichever the feed prints."""
    assert published_code(printed, dt.date.fromisoformat(day)) == code


@pytest.mark.parametrize(
    ("code", "first", "last"),
    [
        ("BYN", "2016-07-02", None),
        ("BYR", None, "2016-07-01"),
        ("TRY", "2005-01-06", None),
        ("TRL", None, "2005-01-05"),
        ("RUB", "1998-01-01", None),
        ("RUR", None, "1997-12-31"),
        ("EEK", None, "2010-12-31"),
        ("LVL", None, "2013-12-31"),
        ("EUR", "1999-01-01", None),
        ("CNY", "1996-02-05", None),
        ("EGP", "2026-07-08", None),
        ("USD", None, None),
        ("XXX", None, None),
    ],
)
def test_lives(code, first, last):
    """The first and the last day that a currency can have been quoted, as far as known."""
    assert tuple(day and day.isoformat() for day in life_of(code)) == (first, last)
    for day in filter(None, life_of(code)):
        assert is_quoted_on(code, day)
        beyond = day + dt.timedelta(1 if last else -1)
        assert not is_quoted_on(code, beyond)


def test_every_figure_on_record_is_within_its_currencys_life(days):
    """No figure was published before the first or after the last day of the table."""
    for day, nominals in days.items():
        for code in nominals:
            first, last = life_of(code)
            assert (first or day) <= day <= (last or day), (code, day)


@pytest.mark.parametrize(
    ("code", "before", "after"),
    [
        ("BYN", "BYR", None),
        ("BYR", None, "BYN"),
        ("TRY", "TRL", None),
        ("TRL", None, "TRY"),
        ("RUB", "RUR", None),
        ("RUR", None, "RUB"),
        ("LTL", None, "EUR"),
        ("EUR", None, None),  # it replaced currencies, but was quoted beside them
        ("XXX", None, None),
    ],
)
def test_kin(code, before, after):
    """The currency that another one replaced, and the one that took its place."""
    assert kin_of(code) == (before, after)


@pytest.mark.parametrize("code", ["US", "USDD", "", "U$D", "ДОЛ", "US1", "ＵＳＤ", "ß$$"])
def test_what_cannot_be_a_code_is_unknown(code):
    """Text that is not three Latin letters is an unknown currency."""
    with pytest.raises(UnknownCurrency):
        parse_code(code)


def test_the_nearest_codes_are_named():
    """An unknown code's error names the known codes that look like it."""
    error = unknown("usb")
    assert error.code == "USB"
    assert "USD" in error.suggestions
    assert "did you mean" in str(error)
    assert unknown("qqq").suggestions == ()
