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
    """The rial was per 1000 until 2026-07-07: the daily feed's 10000 of before is refused."""
    world.reopen(current_nominals={"IRR": 10_000})
    world.set_clocks(JULY_20)
    world.publish("2026-07-01", "2026-07-20")
    client = world.client()
    # 0.35 per 1000 until the 2nd, 3.43 per 10000 on the 8th
    if verb == "history":
        found = client.history("IRR", start="2026-07-01", end="2026-07-08")
        assert found["2026-07-01"] == Decimal("0.00035")
        assert found["2026-07-08"] == Decimal("0.000343")
        return
    if verb != "rate":
        assert set(client.sheet("2026-07-01").refused) == {"IRR"}
        assert dict(client.sheet("2026-07-08").refused) == {}
    before = client.rate("IRR", on="2026-07-01")
    after = client.rate("IRR", on="2026-07-08")
    assert (str(before.value), before.nominal) == ("0.35", 1000)
    assert (str(after.value), after.nominal) == ("3.43", 10_000)
    assert sorted(world.asked) == ["2026-07-01", "2026-07-08", "export"]
    assert client.sheet("2026-07-01")["USD"].value == Decimal("480.72")
    assert client.sheet("2026-07-01")["IRR"] == before


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
        ("BYN", "2016-07-01", ["2016-07-02", "BYR"], None),
        ("BYR", "2016-07-02", ["2016-07-01", "BYN"], "BYN"),
        ("TRY", "2005-01-05", ["2005-01-06", "TRL"], None),
        ("TRL", "2005-01-06", ["2005-01-05", "TRY"], "TRY"),
        ("RUB", "1997-12-31", ["1998-01-01", "RUR"], None),
        ("RUR", "1998-01-01", ["1997-12-31", "RUB"], "RUB"),
        ("EEK", "2011-01-01", ["2010-12-31", "EUR"], "EUR"),
        ("LVL", "2014-01-01", ["2013-12-31", "EUR"], "EUR"),
        ("LTL", "2016-04-18", ["EUR"], "EUR"),
        ("AMD", "2013-04-24", ["2014-03-10"], None),
        *((code, "2026-07-07", ["2026-07-08"], None) for code in NINE),
    ],
)
def test_outside_of_its_life(
    world: "World", code: str, day: str, words: list[str], successor: str | None
) -> None:
    """A code on a day it was not quoted: `RateNotFound`, unasked, with its dates and successor."""
    world.set_clocks(JULY_20)
    client = world.client()
    for ask in (
        lambda: client.rate(code, on=day),
        lambda: client.rate(code, on=day, refresh=True),
        lambda: client.convert(1, "USD", code, on=day),
        lambda: client.history(code, start=day, end=day),
        lambda: client.history("KZT", code, start=day, end=day, missing="raise"),
        lambda: world.client(offline=True).rate(code, on=day),
    ):
        with pytest.raises(kzt_rates.RateNotFound) as caught:
            ask()
        error = caught.value
        assert (error.reason, error.code, str(error.date)) == ("none_published", code, day)
        assert error.successor == successor
        for word in (code, day, *words):
            assert word in str(error)
    assert world.asked == []


def test_the_message_names_what_is_known_here(world: "World", tmp_path: Path) -> None:
    """The first and last day with a rate known here are named where the code is out of range."""
    known = world.archive_of("2013-04-24", "2016-04-18")
    client = world.client(archive=known)
    with pytest.raises(kzt_rates.RateNotFound) as caught:
        client.rate("LTL", on="2020-01-01")
    for word in ("2013-04-24", "EUR"):
        assert word in str(caught.value)
    with pytest.raises(kzt_rates.RateNotFound, match=r"2013-04-24 to 2016-04-18.*BYN"):
        client.rate("BYR", on="2020-01-01")


def test_previous_reaches_into_a_life_that_ended(world: "World") -> None:
    """`previous` steps over days of after the end as over any known to have no rate."""
    world.publish_dense("2016-06-25", "2016-07-10", "BYR", "BYN")
    client = world.client()
    rate = client.rate("BYR", on="2016-07-04", missing="previous")
    assert (str(rate.value), rate.nominal, str(rate.effective_date)) == ("1.68", 100, "2016-07-01")
    assert len(world.asked) == 1
    with pytest.raises(kzt_rates.RateNotFound) as caught:
        client.rate("BYR", on="2016-07-16", missing="previous")
    assert caught.value.successor == "BYN"


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
    assert world.questions == ["1998-01-01..1998-01-31 RUB", "1997-12-01..1997-12-31 RUB"]
    with pytest.raises(kzt_rates.RateNotFound):
        client.history("RUB", start="1997-12-01", end="1998-01-31", missing="raise")
    assert len(client.history("RUB", "RUR", start="1997-12-25", end="1998-01-05")) == 0


def test_the_belarusian_rouble_at_2016(world: "World") -> None:
    """The export's BYN of before 2016-07-02 is BYR, also where BYN alone was asked for."""
    rates = world.publish_dense("2016-06-20", "2016-07-12")
    client = world.client()
    client.sync("2016-06-20", "2016-07-12", currencies=["USD", "BYN"])
    assert world.questions == ["2016-06-20..2016-07-12 BYN USD"]
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
    """What the export has in the new lira's column of before 2005-01-06 is refused, alone."""
    for day in ("2005-01-05", "2005-01-06"):
        world.bank.publish(day, {"USD": "130", "TRY": ("96.27", 1)})
    client = world.client()
    client.sync("2005-01-05", "2005-01-06", currencies=["USD", "TRY"])
    assert world.questions == ["2005-01-05..2005-01-06 TRY USD"]
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
    assert client.rate("VND", on="2026-07-08").nominal == 1000
    series = client.history("EGP", start="2026-07-06", end="2026-07-10")
    expected: list[Any] = [
        (f"2026-07-{day:02}", Decimal(world.figures[f"2026-07-{day:02}"]["EGP"][0]))
        for day in (8, 9, 10)
    ]
    assert [(str(point.date), point.value) for point in series] == expected
    assert [str(day) for day in series.missing] == ["2026-07-06", "2026-07-07"]
    assert world.asked == ["2026-07-08", "2026-07-09", "2026-07-10"]
    report = client.sync("2026-07-13", "2026-07-14", currencies=["EGP", "VND"])
    assert world.asked[3:] == ["2026-07-13", "2026-07-14"]
    assert (report.requests, report.days, report.rates) == (2, 2, 96)


def test_the_nine_beside_others(world: "World") -> None:
    """Over weeks the export is asked for the others alone, and the daily feed for each day."""
    world.set_clocks("2026-07-31T12:00+05:00")
    rates = world.publish_dense("2026-07-06", "2026-07-31")
    client = world.client()
    report = client.sync("2026-07-06", "2026-07-31", currencies=["USD", "VND"])
    days = [str(day) for day in rates if str(day) >= "2026-07-08"]
    assert world.questions == ["2026-07-06..2026-07-31 USD", *days]
    # two days of the dollar alone, and of 24 the sheets with all 48
    assert (report.requests, report.days, report.rates) == (25, 26, 26 + 24 * 48)
    series = client.history("USD", "VND", start="2026-07-06", end="2026-07-31")
    assert [str(day) for day in series.dates] == days
    assert [str(day) for day in series.missing] == ["2026-07-06", "2026-07-07"]
    assert len(world.questions) == 25


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
