"""Facts about currencies, held against the bank's own figures."""

import csv
import datetime as dt
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import pytest

import kzt_rates
from kzt_rates.currency import (
    FACTS,
    TENGE,
    TENGE_SINCE,
    VERIFIED_UNTIL,
    codes_out_of_time,
    exists_on,
    is_quoted_on,
    kin_of,
    life_of,
    nominal_on,
    nominals_on,
    parse_code,
    published_code,
    quoted_on,
    symbol_of,
    unit_life,
    unknown,
    why_not_on,
)
from kzt_rates.dates import ONE_DAY
from kzt_rates.errors import UnknownCurrency

CSV = Path(__file__).parents[2] / "data" / "official_rates.csv"


TENGE_BEGAN = dt.date.fromisoformat(TENGE_SINCE)
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
            assert nominal_on(code, day) in (nominal, None), (code, day)


def test_every_nominal_collected_is_the_one_of_the_table(collected):
    """Of the figures that the table was made from it knows the nominal and no other."""
    for day, nominals in collected.items():
        for code, nominal in nominals.items():
            assert nominals_on(code, day) == (nominal,), (code, day)
            assert nominal_on(code, day) == nominal, (code, day)


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
        ("UZS", "2014-02-24", (1,)),
        ("UZS", "2014-02-25", (100,)),
        ("BYR", "2014-02-24", (1,)),
        ("BYR", "2014-02-25", (100,)),
        ("BYR", "1999-12-31", ()),
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


@pytest.mark.parametrize(
    ("code", "day", "nominal"),
    [
        ("USD", "1993-11-18", 1),
        ("USD", "1993-11-14", None),  # there was no tenge
        ("USD", VERIFIED_UNTIL, 1),
        ("USD", "2026-08-22", None),  # nobody has looked yet
        ("IRR", "2026-07-07", 1000),
        ("IRR", "2026-07-08", 10000),
        ("HUF", "2013-04-24", 1),
        ("HUF", "2014-06-01", None),  # between two sheets
        ("HUF", "2016-04-18", 10),
        ("UZS", "2014-02-24", 1),
        ("UZS", "2014-02-25", 100),
        ("BYR", "2014-02-24", 1),
        ("BYR", "2014-02-25", 100),
        ("BYR", "2016-07-02", None),
        ("TRY", "2005-01-05", None),
        ("AMD", "2015-01-01", None),  # before its first sheet
        ("XXX", "2020-01-01", None),
    ],
)
def test_the_nominal_of_a_day(code, day, nominal):
    """The table's nominal where a sheet says it, none where it does not."""
    assert nominal_on(code, dt.date.fromisoformat(day)) == nominal


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
        ("BYR", "2000-01-01", "2016-07-01"),
        ("TRY", "2005-01-06", None),
        ("TRL", None, "2005-01-05"),
        ("RUB", "1998-01-01", None),
        ("RUR", None, "1997-12-31"),
        ("EEK", None, "2010-12-31"),
        ("LTL", None, "2014-12-31"),
        ("LVL", None, "2013-12-31"),
        ("EUR", "1999-01-01", None),
        ("AZN", "2014-02-25", None),
        ("GEL", "2014-03-10", None),
        ("CNY", None, None),  # reported since 1996-02-05, and no sheet without it is on record
        ("EGP", "2026-07-08", None),
        ("USD", None, None),
        ("XXX", None, None),
    ],
)
def test_lives(code, first, last):
    """The first and the last day that a currency can have been quoted, as far as known."""
    assert tuple(day and day.isoformat() for day in life_of(code)) == (first, last)
    since, until = life_of(code)
    if since is not None:
        assert is_quoted_on(code, since)
        assert not is_quoted_on(code, since - ONE_DAY)
    if until is not None:
        assert is_quoted_on(code, until)
        assert not is_quoted_on(code, until + ONE_DAY)


# What the bank's rates of the named day were of: the units of the rules, and no others.
UNITS = {
    "RUB": ("1998-01-01", None),
    "RUR": (None, "1997-12-31"),
    "BYN": ("2016-07-02", None),
    "BYR": ("2000-01-01", "2016-07-01"),
    "TRY": ("2005-01-06", None),
    "TRL": (None, "2005-01-05"),
    "UAH": ("1996-09-02", None),
    "UZS": ("1994-07-01", None),
    "PLN": ("1995-01-01", None),
    "BRL": ("1994-07-01", None),
    "TJS": ("2000-10-30", None),
    "AZN": ("2006-01-01", None),
    "GEL": ("1995-10-02", None),
    "EUR": ("1999-01-01", None),
    "EEK": (None, "2010-12-31"),
    "LVL": (None, "2013-12-31"),
    "LTL": (None, "2014-12-31"),
}


@pytest.mark.parametrize("code", [*FACTS, "XXX"])
def test_units_live_as_long_as_the_law_says(code):
    """A unit exists from its first to its last day by law; the tenge's own bounds them all."""
    since, until = unit_life(code)
    bounds = tuple(day and day.isoformat() for day in (since, until))
    assert bounds == UNITS.get(code, (None, None))
    assert exists_on(code, since or TENGE_BEGAN)
    assert not exists_on(code, (since or TENGE_BEGAN) - ONE_DAY)
    assert exists_on(code, until or dt.date.max)
    if until is not None:
        assert not exists_on(code, until + ONE_DAY)


def test_evidence_is_no_law():
    """That no sheet on record has a currency does not mean that there was none."""
    for code, day in (("INR", "2005-05-05"), ("MXN", "1998-01-05"), ("PKR", "1997-06-06")):
        on = dt.date.fromisoformat(day)
        assert exists_on(code, on)
        assert why_not_on(code, on) == ""
        assert code not in quoted_on(on)


@pytest.mark.parametrize(
    ("code", "day", "why"),
    [
        ("USD", "1993-11-14", "there was no tenge before 1993-11-15"),
        ("XXX", "1993-11-14", "there was no tenge before 1993-11-15"),
        ("EUR", "1993-11-14", "there was no tenge before 1993-11-15"),
        ("EUR", "1998-12-31", "the euro began on 1999-01-01"),
        ("EEK", "2011-01-01", "the euro replaced the kroon on 2011-01-01; its successor is EUR"),
        (
            "BYN",
            "2016-07-01",
            "the bank changed to the new Belarusian rouble on 2016-07-02; before, it was BYR",
        ),
        (
            "BYR",
            "2016-07-02",
            (
                "the Belarusian rouble BYR was the unit from 2000-01-01 to 2016-07-01;"
                " its successor is BYN"
            ),
        ),
        (
            "BYR",
            "1999-12-31",
            "the Belarusian rouble BYR was the unit from 2000-01-01 to 2016-07-01",
        ),
        (
            "RUB",
            "1997-12-31",
            "the rouble was redenominated on 1998-01-01; before, it was RUR",
        ),
        ("USD", "1993-11-15", ""),
    ],
)
def test_why_a_unit_does_not_exist(code, day, why):
    """The reason names the law's day, and what was there before or came after."""
    assert why_not_on(code, dt.date.fromisoformat(day)) == why


def test_the_table_keeps_its_days_in_order():
    """Law has a reason; a saved sheet lies within it, and the sheets without lie around it."""
    for code, facts in FACTS.items():
        assert bool(facts.law) == bool(facts.unit_since or facts.unit_until), code
        assert facts.unit_since <= facts.seen_since, code
        assert facts.absent_until < facts.seen_since, code
        assert facts.seen_since >= TENGE_SINCE, code
        if facts.seen_until:
            assert facts.seen_since <= facts.seen_until, code
            assert not facts.unit_until or facts.seen_until <= facts.unit_until, code
        if facts.absent_since:
            assert facts.seen_until < facts.absent_since, code
        ends = [(first, last) for _, first, last in facts.spans]
        assert ends == sorted(ends), code
        assert all(last < first for (_, last), (first, _) in pairwise(ends)), code


def test_sheets_are_within_the_days_seen(days):
    """No figure on record is of before its currency's first saved sheet, nor of after its last."""
    for day, nominals in days.items():
        for code in nominals.keys() & FACTS.keys():
            facts = FACTS[code]
            assert facts.seen_since <= day.isoformat() <= (facts.seen_until or "9"), (code, day)


@pytest.mark.parametrize(
    ("day", "count", "among", "not_among"),
    [
        ("2013-04-24", 34, "LTL LVL BYR", "AMD AZN EEK BYN"),
        ("2014-02-24", 32, "BYR", "LTL LVL AZN INR"),  # whether LTL was there nobody knows
        ("2014-02-25", 34, "AZN INR BYR", "AMD GEL MXN THB IRR"),
        ("2016-04-18", 39, "AMD GEL MXN THB IRR BYR", "LTL BYN"),
        ("2016-07-02", 39, "BYN", "BYR"),
        ("2022-02-23", 39, "BYN", "PKR"),
        ("2026-07-07", 39, "IRR", "PKR"),
        ("2026-07-08", 48, "EGP IDR ILS MNT OMR PKR QAR RON VND", "BYR"),
        ("2026-11-28", 48, "PKR", "BYR"),
    ],
)
def test_codes_to_expect(day, count, among, not_among):
    """A sheet has the codes that were seen on it or before, and after or still."""
    expected = quoted_on(dt.date.fromisoformat(day))
    assert len(expected) == count
    assert expected.issuperset(among.split())
    assert expected.isdisjoint(not_among.split())


@pytest.mark.parametrize(
    ("day", "strangers"),
    [
        ("2022-03-01", "EEK EGP IDR ILS LTL LVL MNT OMR PKR QAR RON RUR TRL VND BYR"),
        ("2026-07-07", "EEK EGP IDR ILS LTL LVL MNT OMR PKR QAR RON RUR TRL VND BYR"),
        ("2026-07-08", "EEK LTL LVL RUR TRL BYR"),
        # between two sheets that are years apart, no one can say
        ("2014-03-01", "EEK EGP IDR ILS LVL MNT OMR PKR QAR RON RUR TRL VND BYN"),
        ("2014-02-24", "AZN EEK EGP IDR ILS INR LVL MNT OMR PKR QAR RON RUR TRL VND BYN"),
        ("2010-12-31", "AZN EGP IDR ILS INR MNT OMR PKR QAR RON RUR TRL VND BYN"),
        ("2011-01-01", "AZN EEK EGP IDR ILS INR MNT OMR PKR QAR RON RUR TRL VND BYN"),
    ],
)
def test_codes_of_another_time(day, strangers):
    """Codes whose beginning or end is known to the day, by law or by two sheets, give it away."""
    found = codes_out_of_time([*FACTS, "XXX"], dt.date.fromisoformat(day))
    assert found == frozenset(strangers.split())


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


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("$", ("USD",)),
        ("US$", ("USD",)),
        ("€", ("EUR",)),
        ("£", ("GBP",)),
        ("₽", ("RUB",)),
        ("₸", ("KZT",)),
        ("руб", ("RUB",)),
        ("Рублей", ("RUB",)),
        ("840", ("USD",)),
        ("051", ("AMD",)),
        ("398", ("KZT",)),
        ("dollar", ("USD",)),
        (" Dollars ", ("USD",)),
        ("доллар США", ("USD",)),
        ("тенге", ("KZT",)),
        ("теңге", ("KZT",)),
        ("еуро", ("EUR",)),
        ("yen", ("JPY",)),
        ("манат", ("AZN",)),
        ("sdr", ("XDR",)),
        ("крона", ("CZK", "DKK", "NOK")),
    ],
)
def test_what_people_write_for_a_code(text, codes):
    """A sign, a number or a name is unknown still, and the error says which code to write."""
    error = unknown(text)
    assert error.suggestions == codes
    said = (
        f"write the code {codes[0]}" if len(codes) == 1 else f"did you mean {' or '.join(codes)}?"
    )
    assert str(error).endswith(said)


def test_every_number_is_of_a_known_currency():
    """Each currency of the table has one numeric code, and none has another's."""
    numbers = [facts.number for facts in (TENGE, *FACTS.values())]
    assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize("verb", [
    lambda day: kzt_rates.rate("USD", day),
    lambda day: kzt_rates.convert(100, "USD", day),
    lambda day: kzt_rates.history("USD", day, start="2025-12-05"),
])  # fmt: skip
def test_a_date_where_a_currency_belongs(verb):
    """A date in the place of the second currency is told its own place."""
    for day in ("2025-12-05", "05.12.2025"):
        with pytest.raises(UnknownCurrency, match=r"a date is given as on=, .* start= and end=$"):
            verb(day)
    with pytest.raises(TypeError, match=r"is text, not date; a date is given as on="):
        verb(dt.date(2025, 12, 5))


def test_the_nearest_codes_are_named():
    """An unknown code's error names the known codes that look like it."""
    error = unknown("usb")
    assert error.code == "USB"
    assert "USD" in error.suggestions
    assert "did you mean" in str(error)
    assert unknown("qqq").suggestions == ()
