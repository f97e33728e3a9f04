"""What is published is the same in all feeds, whatever day it is and whichever codes there are."""

from collections.abc import Iterator
from datetime import date, time, timedelta

import httpx
import pytest
from lxml import etree

from kzt_rates.testing import SettableClock, Sheet, StandInBank

from .conftest import LATEST, cells, daily, export

# A reform: a code goes, a code comes, and a code changes its nominal.
WORLD: dict[str, Sheet] = {
    "1993-11-15": {"USD": "4.7", "RUB": ("3.9", 1000)},
    "1993-11-16": {"USD": "4.704", "RUB": ("3.91", 1000)},
    "2014-02-24": {"USD": "184.5", "UZS": "0.08", "LTL": "73.4"},
    "2014-02-25": {"USD": "184.39", "UZS": ("8.33", 100), "AZN": "235.2"},
    "2014-02-26": {"USD": "184.06", "UZS": ("8.31", 100), "AZN": "234.8"},
}


@pytest.fixture
def clock() -> SettableClock:
    """The morning of a reform's day."""
    return SettableClock("2014-02-25T09:00+06:00")


@pytest.fixture
def bank(clock: SettableClock) -> Iterator[StandInBank]:
    """A bank that publishes tomorrow's sheet at half past three, and has since its first day."""
    bank = StandInBank(
        WORLD, clock=clock, archive_start="1993-11-15", stale_items=False, tomorrow_at="15:30"
    )
    with bank:
        yield bank


def ask(bank: StandInBank, path: str) -> bytes:
    return httpx.get(bank.url + path, trust_env=False).content


def lines(body: bytes, *tags: str) -> dict[str | None, tuple[str | None, ...]]:
    """Return some elements by code."""
    items = etree.fromstring(body).iter("item")
    return {item.findtext("title"): tuple(item.findtext(tag) for tag in tags) for item in items}


def in_the_export(bank: StandInBank, day: str, *codes: str) -> dict[str, tuple[object, ...]]:
    header, *rows = cells(ask(bank, export(day, day, *codes)))
    return {
        str(code): (value, nominal)
        for row in rows
        for code, nominal, value in zip(header[2::2], row[1::2], row[2::2], strict=True)
    }


@pytest.mark.parametrize("day", [day for day in WORLD if day != "2014-02-26"])
def test_one_world(bank: StandInBank, clock: SettableClock, day: str) -> None:
    """On its day a sheet is the same in all feeds, with its own codes and nominals."""
    clock.set(f"{day}T09:00+06:00")
    figures = {
        code: rate if isinstance(rate, tuple) else (str(rate), 1)
        for code, rate in WORLD[day].items()
    }
    printed = {code: (value, str(nominal)) for code, (value, nominal, *_) in figures.items()}
    assert lines(ask(bank, daily(day)), "description", "quant") == printed
    assert lines(ask(bank, LATEST), "description", "quant") == printed
    (dates,) = set(lines(ask(bank, LATEST), "pubDate").values())
    assert dates == (f"{day[8:]}.{day[5:7]}.{day[:4]}",)
    assert in_the_export(bank, day, "USD", "UZS") == {
        "USD": (float(printed["USD"][0]), 1),
        "UZS": (float(printed["UZS"][0]), int(printed["UZS"][1])) if "UZS" in printed
        else (None, None),
    }  # fmt: skip


def test_changes_over_a_reform(bank: StandInBank) -> None:
    """A change is against the day before as it was published, and a new code has none."""
    assert lines(ask(bank, daily("1993-11-16")), "change") == {
        "USD": ("+0.004",),
        "RUB": ("+0.01",),
    }
    changes = lines(ask(bank, daily("2014-02-25")), "change")
    assert changes == {"USD": ("-0.11",), "UZS": ("+8.25",), "AZN": ("",)}


@pytest.mark.parametrize(
    ("instant", "newest"),
    [
        ("2014-02-25T15:29:59+06:00", "25.02.2014"),
        ("2014-02-25T15:30+06:00", "26.02.2014"),
        ("2014-02-24T23:59+06:00", "25.02.2014"),
        ("2014-02-24T12:00+06:00", "24.02.2014"),
        ("1993-11-16T12:00+06:00", "16.11.1993"),
    ],
)
def test_tomorrow_at(bank: StandInBank, clock: SettableClock, instant: str, newest: str) -> None:
    """From its hour on tomorrow's sheet is in all three feeds, and before in none."""
    clock.set(instant)
    assert set(lines(ask(bank, LATEST), "pubDate").values()) == {(newest,)}
    day = date(int(newest[6:]), int(newest[3:5]), int(newest[:2]))
    after = (day + timedelta(days=1)).isoformat()
    assert b"<item>" in ask(bank, daily(day.isoformat()))
    assert b"<info>" in ask(bank, daily(after))
    rows = cells(ask(bank, export(day.isoformat(), after, "USD")))[1:]
    assert [row[0] for row in rows] == [newest]


def test_without_an_hour() -> None:
    """What is published is out at once, years ahead too; an hour may be a time."""
    clock = SettableClock("1993-11-16T12:00+06:00")
    with StandInBank(WORLD, clock=clock, stale_items=False) as bank:
        assert set(lines(ask(bank, LATEST), "pubDate").values()) == {("26.02.2014",)}
    with StandInBank(WORLD, clock=clock, stale_items=False, tomorrow_at=time(0, 0)) as bank:
        assert set(lines(ask(bank, LATEST), "pubDate").values()) == {("16.11.1993",)}
    with pytest.raises(ValueError, match="half past three"):
        StandInBank(tomorrow_at="half past three")


def test_before_the_first_sheet(bank: StandInBank, clock: SettableClock) -> None:
    """Where nothing is out yet there are no items and no rows."""
    clock.set("1993-11-01T12:00+06:00")
    assert lines(ask(bank, LATEST), "title") == {}
    assert len(cells(ask(bank, export("1993-11-14", "1993-11-16", "USD")))) == 1
