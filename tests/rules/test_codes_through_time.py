"""Codes and nominals through time: what each currency was called, and quoted for, and until when.

T is 2025-12-10, unless a test is about July 2026.
"""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import kzt_rates

if TYPE_CHECKING:
    from conftest import World

NINE = ("EGP", "IDR", "ILS", "MNT", "OMR", "PKR", "QAR", "RON", "VND")
JULY_20 = "2026-07-20T12:00+05:00"


# The four cases in which a figure of the daily feed is joined with a nominal of another time.


@pytest.mark.parametrize("verb", ["rate", "sheet", "history", "sync"])
@pytest.mark.parametrize("known_before", [False, True])
def test_hungary_uzbekistan_belarus_of_2013(
    world: "World", verb: str, *, known_before: bool
) -> None:
    """On 2013-04-24 a forint, a som and a rouble were quoted per 1: 0.65, 0.07 and 0.02 tenge."""
    # the daily feed would say 0.65 per 10, 0.07 per 100 and 0.02 per 100
    world.reopen(current_nominals={"HUF": 10, "UZS": 100, "BYR": 100})
    world.publish_known("2013-04-24", "2013-04-24")
    client = world.client()
    true = {"HUF": Decimal("0.65"), "UZS": Decimal("0.07"), "BYR": Decimal("0.02")}
    if known_before:
        client.rate("USD", on="2013-04-24")
    for code, per_unit in true.items():
        if verb == "rate":
            rate = client.rate(code, on="2013-04-24")
            assert (rate.per_unit, rate.nominal) == (per_unit, 1)
        elif verb == "sheet":
            assert client.sheet("2013-04-24")[code].per_unit == per_unit
        elif verb == "history":
            assert client.history(code, start="2013-04-24", end="2013-04-24").values == (per_unit,)
        else:
            client.sync("2013-04-24", "2013-04-24", currencies=[code])
            assert world.client(offline=True).convert(1, code, on="2013-04-24") == per_unit
    assert set(world.asked) == {"export"}
    # 0.65 / 0.02 = 32.5
    assert client.convert(1, "HUF", "BYR", on="2013-04-24") == Decimal("32.5")


def test_a_daily_sheet_of_2013(world: "World") -> None:
    """A sheet with today's nominals under that date loses the three, alone, with the reasons."""
    world.reopen(stale_items=False)  # the lats of 2013-12-31 would be the newest
    world.set_clocks("2013-04-26T12:00+06:00")
    rates = world.figures["2013-04-24"]
    trap = {"HUF": ("0.65", 10), "UZS": ("0.07", 100), "BYR": ("0.02", 100)}
    for day in range(4, 12):
        world.bank.withdraw(f"2025-12-{day:02}")
    world.bank.publish("2013-04-24", {**rates, **trap})
    sheet = world.client().latest()
    assert str(sheet.date) == "2013-04-24"
    assert set(sheet.refused) == trap.keys()
    for code, (value, nominal) in trap.items():
        assert f"{value} per {nominal}" in sheet.refused[code]
        assert code not in sheet
    assert {code: (str(r.value), r.nominal) for code, r in sheet.items()} == {
        code: rate for code, rate in rates.items() if code not in trap
    }


@pytest.mark.parametrize("verb", ["rate", "history", "sheet then rate"])
def test_iran_across_july_2026(world: "World", verb: str) -> None:
    """The rial was per 1000 until 2026-07-07: the daily feed's 10000 of before is not believed."""
    world.reopen(current_nominals={"IRR": 10_000})
    world.set_clocks(JULY_20)
    world.publish("2026-06-26", "2026-07-20")
    client = world.client()
    # 0.35 per 1000 until the 2nd, 3.43 per 10000 on the 8th
    if verb == "history":
        for start, end in (("2026-07-01", "2026-07-03"), ("2026-07-06", "2026-07-10")):
            found = client.history("IRR", start=start, end=end)
            for day, value in found:
                digits, nominal = world.figures[str(day)]["IRR"]
                assert value == Decimal(digits) / nominal
            assert len(found) == (date.fromisoformat(end) - date.fromisoformat(start)).days + 1
        assert set(world.asked) == {"export"}
        return
    if verb != "rate":
        assert dict(client.sheet("2026-07-01").refused) == {}
        assert dict(client.sheet("2026-07-08").refused) == {}
    before = client.rate("IRR", on="2026-07-01")
    after = client.rate("IRR", on="2026-07-08")
    assert (str(before.value), before.nominal) == ("0.35", 1000)
    assert (str(after.value), after.nominal) == ("3.43", 10_000)
    sheets = [] if verb == "rate" else ["2026-07-01"]
    assert sorted(world.asked) == [*sheets, "2026-07-08", "export"]
    assert client.sheet("2026-07-01")["USD"].value == Decimal("480.72")
    assert client.sheet("2026-07-01")["IRR"].per_unit == before.per_unit


def test_a_blank_among_several_days(world: "World") -> None:
    """Over several dates a blank of an expected code is an error, and never a daily request."""
    world.set_clocks(JULY_20)
    world.publish("2026-06-26", "2026-07-20")  # without the weekends, which have rates
    client = world.client()
    with pytest.raises(kzt_rates.FeedError, match="2026-07-04"):
        client.history("IRR", start="2026-07-01", end="2026-07-08")
    assert world.asked == ["export"]
    assert [str(day) for day in client.sync("2026-07-01", "2026-07-08").holes["IRR"]] == [
        "2026-07-04",
        "2026-07-05",
    ]


def test_a_trap_in_the_place_of_the_exports_figure(world: "World") -> None:
    """What the export said of a day stays when a daily sheet of it refuses that code."""
    world.reopen(current_nominals={"IRR": 10_000})
    world.set_clocks(JULY_20)
    world.publish("2026-06-15", "2026-07-20")
    client = world.client()
    client.sync("2026-06-15", "2026-07-20", currencies=["IRR"])
    sheet = client.sheet("2026-07-01")
    assert (str(sheet["IRR"].value), sheet["IRR"].nominal) == ("0.35", 1000)
    assert (sheet.complete, dict(sheet.refused)) == (True, {})
    assert client.convert(1000, "IRR", on="2026-07-01") == Decimal("0.35")


# Codes.


@pytest.mark.parametrize(
    ("code", "day", "words", "successor"),
    [
        ("USD", "1993-11-14", ["1993-11-15"], None),
        ("BYN", "2016-07-01", ["2016-07-02", "BYR"], None),
        ("BYR", "2016-07-02", ["2016-07-01", "BYN"], "BYN"),
        ("BYR", "1999-12-31", ["2000-01-01"], "BYN"),
        ("TRY", "2005-01-05", ["2005-01-06", "TRL"], None),
        ("TRL", "2005-01-06", ["2005-01-06", "TRY"], "TRY"),
        ("RUB", "1997-12-31", ["1998-01-01", "RUR"], None),
        ("RUR", "1998-01-01", ["1998-01-01", "RUB"], "RUB"),
        ("EEK", "2011-01-01", ["2011-01-01", "EUR"], "EUR"),
        ("LVL", "2014-01-01", ["2014-01-01", "EUR"], "EUR"),
        ("LTL", "2015-01-01", ["2015-01-01", "EUR"], "EUR"),
        ("EUR", "1998-12-31", ["1999-01-01"], None),
        ("UAH", "1996-09-01", ["1996-09-02"], None),
        ("UZS", "1994-06-30", ["1994-07-01"], None),
        ("PLN", "1994-12-31", ["1995-01-01"], None),
        ("BRL", "1994-06-30", ["1994-07-01"], None),
        ("TJS", "2000-10-29", ["2000-10-30"], None),
        ("AZN", "2005-12-31", ["2006-01-01"], None),
        ("GEL", "1995-10-01", ["1995-10-02"], None),
    ],
)
def test_outside_of_its_life(
    world: "World", code: str, day: str, words: list[str], successor: str | None
) -> None:
    """A unit that did not exist: `no_such_unit`, unasked, with the law and what was there."""
    world.set_clocks(JULY_20)
    client = world.client()
    for ask in (
        lambda: client.rate(code, on=day),
        lambda: client.rate(code, on=day, refresh=True),
        lambda: client.convert(1, code, on=day),
        lambda: client.history(code, start=day, end=day),
        lambda: client.history("KZT", code, start=day, end=day, missing="raise"),
        lambda: world.client(offline=True).rate(code, on=day),
    ):
        with pytest.raises(kzt_rates.RateNotFound) as caught:
            ask()
        error = caught.value
        assert (error.reason, error.code, str(error.date)) == ("no_such_unit", code, day)
        assert error.successor == successor
        for word in (code, day, *words):
            assert word in str(error)
    assert world.asked == []


@pytest.mark.parametrize(
    ("code", "first"),
    [
        *(("BYN", "2016-07-02"), ("TRY", "2005-01-06"), ("RUB", "1998-01-01")),
        *(("EUR", "1999-01-01"), ("UAH", "1996-09-02"), ("UZS", "1994-07-01")),
        *(("PLN", "1995-01-01"), ("BRL", "1994-07-01"), ("TJS", "2000-10-30")),
        *(("AZN", "2006-01-01"), ("GEL", "1995-10-02"), ("USD", "1993-11-15")),
        *(("INR", "2005-05-05"), ("MXN", "1998-01-05"), ("AMD", "2013-04-24")),
    ],
)
def test_within_its_life(world: "World", code: str, first: str) -> None:
    """From a unit's first day on the export is asked, though no saved sheet is that old."""
    client = world.client()
    with pytest.raises(kzt_rates.RateNotFound) as caught:
        client.rate(code, on=first)
    assert caught.value.reason == "none_published"
    assert world.asked == ["export"]  # a blank cell is its word
    with pytest.raises(kzt_rates.RateNotFound):
        client.rate(code, on=first)
    assert len(world.asked) == 1


@pytest.mark.parametrize("code", NINE)
def test_before_it_was_first_seen(world: "World", code: str) -> None:
    """What was seen first on 2026-07-08 is asked of the daily feed before, and no sheet has it."""
    world.set_clocks(JULY_20)
    world.publish("2026-07-06", "2026-07-08")
    client = world.client()
    with pytest.raises(kzt_rates.Offline):
        world.client(offline=True).rate(code, on="2026-07-07")
    with pytest.raises(kzt_rates.RateNotFound) as caught:
        client.rate(code, on="2026-07-07")
    assert caught.value.reason == "none_published"
    assert world.asked == ["2026-07-07"]
    with pytest.raises(kzt_rates.RateNotFound) as caught:
        client.rate(code, on="1997-07-07")
    assert caught.value.reason == "not_available_here"
    assert world.asked == ["2026-07-07"]


@pytest.mark.parametrize("code", ["DEM", "FRF"])
def test_what_the_bank_publishes_no_more(world: "World", code: str) -> None:
    """Of a code that no table has only today is spoken of."""
    with pytest.raises(kzt_rates.UnknownCurrency, match="publishes no such code today"):
        world.client().rate(code, on="1997-07-07")
    assert world.asked == []


def test_the_message_names_what_is_known_here(world: "World", tmp_path: Path) -> None:
    """The first and last day with a rate known here are named where the code is out of range."""
    known = world.archive_of("2013-04-24", "2016-04-18")
    client = world.client(archive=known)
    with pytest.raises(kzt_rates.RateNotFound) as caught:
        client.rate("LTL", on="2020-01-01")
    for word in ("2013-04-24", "EUR"):
        assert word in str(caught.value)
    with pytest.raises(kzt_rates.RateNotFound, match=r"BYN.*2013-04-24 to 2016-04-18"):
        client.rate("BYR", on="2020-01-01")


def test_previous_carries_nothing_beyond_a_unit(world: "World") -> None:
    """`previous` steps over days without a rate, and not over the end of the unit itself."""
    rates = world.publish_dense("2016-06-25", "2016-07-10", "BYR", "BYN")
    world.bank.publish("2016-07-01", {"USD": "338"})
    client = world.client()
    rate = client.rate("BYR", on="2016-07-01", missing="previous")
    value, nominal = rates[date(2016, 6, 30)]["BYR"]
    assert (str(rate.value), rate.nominal, str(rate.effective_date)) == (
        *(value, nominal),
        "2016-06-30",
    )
    assert len(world.asked) == 1
    for code, on, successor in (("BYR", "2016-07-02", "BYN"), ("BYN", "2016-07-01", None)):
        for ask in (
            lambda: client.rate(code, on=on, missing="previous"),  # noqa: B023
            lambda: client.convert(1, "USD", code, on=on, missing="previous"),  # noqa: B023
        ):
            with pytest.raises(kzt_rates.RateNotFound) as caught:
                ask()
            assert (caught.value.reason, caught.value.successor) == ("no_such_unit", successor)
    assert len(world.asked) == 1


def test_the_rouble_at_1998(world: "World") -> None:
    """RUR ends 1997-12-31 and RUB begins the day after; the export calls both RUB."""
    rates = world.publish_dense("1997-12-01", "1998-01-31", "RUR", "RUB", "USD")
    client = world.client()
    young = client.history("RUB", start="1997-12-01", end="1998-01-31")
    old = client.history("RUR", start="1997-12-01", end="1998-01-31")
    assert [str(young.dates[0]), str(old.dates[-1])] == ["1998-01-01", "1997-12-31"]
    assert list(young.missing) == list(old.dates)
    assert list(old.missing) == list(young.dates)
    for series, code in ((young, "RUB"), (old, "RUR")):
        for day, value in series:
            digits, nominal = rates[day][code]
            assert value == Decimal(digits) / nominal
    assert (rates[old.dates[0]]["RUR"][1], rates[young.dates[0]]["RUB"][1]) == (1000, 1)
    # ten days beyond both ends, of which those of 1997 were not asked for again
    assert world.questions == ["1997-12-22..1998-02-10 RUB", "1997-11-21..1997-12-31 RUB"]
    with pytest.raises(kzt_rates.RateNotFound):
        client.history("RUB", start="1997-12-01", end="1998-01-31", missing="raise")
    assert len(client.history("RUB", "RUR", start="1997-12-25", end="1998-01-05")) == 0


def test_the_belarusian_rouble_at_2016(world: "World") -> None:
    """The export's BYN of before 2016-07-02 is BYR, also where BYN alone was asked for."""
    rates = world.publish_dense("2016-06-20", "2016-07-12")
    client = world.client()
    client.sync("2016-06-20", "2016-07-12", currencies=["USD", "BYN"])
    assert world.questions == ["2016-06-10..2016-07-22 BYN USD"]
    kept = world.rows("SELECT code, min(day), max(day), count(*) FROM figure GROUP BY code")
    assert kept == [
        ("BYN", "2016-07-02", "2016-07-12", 11),
        ("BYR", "2016-06-20", "2016-07-01", 12),
        ("USD", "2016-06-20", "2016-07-12", 23),
    ]
    old = client.rate("BYR", on="2016-07-01")
    assert (str(old.value), old.nominal) == rates[date(2016, 7, 1)]["BYR"] == ("1.68", 100)
    for code in ("BYR", "BYN"):
        series = client.history(code, start="2016-06-20", end="2016-07-12")
        assert len(series) == {"BYR": 12, "BYN": 11}[code]
    assert len(world.questions) == 1
    with pytest.raises(kzt_rates.RateNotFound):
        client.rate("BYN", on="2016-07-01")


def test_the_lira_at_2005(world: "World") -> None:
    """What the export has in the new lira's column before 2005-01-06 is refused, alone."""
    for day in ("2005-01-05", "2005-01-06"):
        world.bank.publish(day, {"USD": "130", "TRY": ("96.27", 1)})
    client = world.client()
    client.sync("2005-01-05", "2005-01-06", currencies=["USD", "TRY"])
    assert world.questions == ["2004-12-26..2005-01-16 TRY USD"]
    assert world.marks("2005-01-05", "refusal") == ["TRY"]
    assert world.rows("SELECT code, day FROM figure ORDER BY code, day") == [
        ("TRY", "2005-01-06"),
        ("USD", "2005-01-05"),
        ("USD", "2005-01-06"),
    ]
    assert client.rate("TRY", on="2005-01-06").value == Decimal("96.27")
    for code in ("TRY", "TRL"):
        with pytest.raises(kzt_rates.RateNotFound):
            client.rate(code, on="2005-01-05")


@pytest.mark.parametrize("code", ["EEK", "LVL", "LTL", "TRL"])
def test_what_no_feed_can_be_asked_for(world: "World", code: str) -> None:
    """Of the codes that are gone the archive's figures answer, and no other day is asked for."""
    known = {day: rates[code] for day, rates in world.figures.items() if code in rates}
    client = world.client(archive=None)
    for day, (value, nominal) in known.items():
        rate = client.rate(code, on=day)
        assert (str(rate.value), rate.nominal) == (value, nominal)
        assert client.history(code, start=day, end=day).values == (Decimal(value) / nominal,)
        before = str(date.fromisoformat(day) - timedelta(1))
        with pytest.raises(kzt_rates.RateNotFound) as caught:
            client.history(code, start=before, end=day)
        assert caught.value.reason == "not_available_here"
    assert client.sync(min(known), max(known), currencies=[code]).requests == 0
    assert world.asked == []


def test_the_nine_of_2026(world: "World") -> None:
    """They begin on 2026-07-08, and their ids are not known: the daily feed answers of them."""
    world.set_clocks("2026-08-21T12:00+05:00")
    world.publish("2026-07-06", "2026-08-21")
    client = world.client()
    # what the daily feed's old sheets are held against
    client.sync("2026-07-06", "2026-07-14", currencies=["CHF", "EUR", "USD"])
    assert world.asked == ["export"]
    world.bank.forget()
    assert client.rate("VND", on="2026-07-08").nominal == 1000
    series = client.history("EGP", start="2026-07-06", end="2026-07-10")
    expected: list[Any] = [
        (f"2026-07-{day:02}", Decimal(world.figures[f"2026-07-{day:02}"]["EGP"][0]))
        for day in (8, 9, 10)
    ]
    assert [(str(point.date), point.value) for point in series] == expected
    assert [str(day) for day in series.missing] == ["2026-07-06", "2026-07-07"]
    assert sorted(world.asked) == [f"2026-07-{day:02}" for day in (6, 7, 8, 9, 10)]
    report = client.sync("2026-07-13", "2026-07-14", currencies=["EGP", "VND"])
    assert world.asked[5:] == ["2026-07-13", "2026-07-14"]
    # of 48 codes three were known
    assert (report.requests, report.days, report.rates) == (2, 2, 2 * (48 - 3))


def test_the_nine_of_an_old_day_alone(world: "World") -> None:
    """Where nothing can be held against the daily feed's old sheet, its figure is provisional."""
    world.set_clocks("2026-08-21T12:00+05:00")
    world.publish("2026-07-06", "2026-08-21")
    client = world.client()
    assert client.rate("VND", on="2026-07-08").provisional
    # and its silence about a code is not the bank's word
    with pytest.raises(kzt_rates.FeedError):
        client.rate("VND", on="2026-07-07")
    assert world.asked == ["2026-07-08", "2026-07-07"]


def test_the_nine_beside_others(world: "World") -> None:
    """Over weeks the export is asked for the others alone, and the daily feed for each day."""
    world.set_clocks("2026-07-31T12:00+05:00")
    rates = world.publish_dense("2026-07-06", "2026-07-31")
    client = world.client()
    report = client.sync("2026-07-06", "2026-07-31", currencies=["CHF", "EUR", "USD", "VND"])
    days = [str(day) for day in rates]
    # up to T-8 the export; of the nine nobody knows the ids, nor by law when they began
    assert world.questions == ["2026-06-26..2026-07-23 CHF EUR USD", *days]
    # 18 days of three figures; then whole sheets, in which those three are nothing new
    assert (report.requests, report.days) == (27, 26)
    assert report.rates == sum(len(sheet) for sheet in rates.values())
    series = client.history("USD", "VND", start="2026-07-06", end="2026-07-31")
    with_nine = [day for day in days if day >= "2026-07-08"]
    assert [str(day) for day in series.dates] == with_nine
    assert [str(day) for day in series.missing] == ["2026-07-06", "2026-07-07"]
    assert len(world.questions) == 27


def test_a_code_of_no_table_over_dates(world: "World") -> None:
    """A code that only the store knows is asked of the daily feed, as far as that goes."""
    for day in (9, 10):
        on = f"2025-12-{day:02}"
        world.bank.publish(on, {**world.figures[on], "QQH": ("7.50", 100)})
    client = world.client()
    client.sheet("2025-12-10")
    series = client.history("QQH", start="2025-12-08", end="2025-12-10")
    assert [str(value) for value in series.values] == ["0.075", "0.075"]
    assert [str(day) for day in series.missing] == ["2025-12-08"]
    with pytest.raises(kzt_rates.RateNotFound) as caught:
        client.history("QQH", start="2020-01-01", end="2020-01-02")
    assert caught.value.reason == "not_available_here"
