from collections.abc import Callable
from decimal import Decimal

import pytest
from lxml import etree

from kzt_rates.printing import change_since, in_bank_order, rates_xml
from kzt_rates.testing import (
    Published,
    Sheet,
    StandInBank,
    archive_sheets,
    daily_xml,
    rates_all_xml,
)

from .conftest import Get, daily


def items(body: bytes) -> list[dict[str, str]]:
    """Return the children's texts of each item, in document order."""
    return [{e.tag: e.text or "" for e in item} for item in etree.fromstring(body).iter("item")]


def test_daily_as_recorded(bank: StandInBank, get: Get, recorded: Callable[[str], bytes]) -> None:
    """From the archive's figures of two days the bank makes the recorded response to the byte."""
    for day, rates in archive_sheets("2026-04-01", "2026-04-02").items():
        bank.publish(day, rates)
    _, body = get(daily("2026-04-02"))
    assert body == recorded("get_rates_2026-04-02.xml")


def test_rss_as_recorded(recorded: Callable[[str], bytes]) -> None:
    """The RSS of 2017 comes out to the byte, with its RUR and its short years."""
    rates = {
        "RUR": ("5.53", 1, "-0.01"),
        "EUR": ("354.5", 1, "+0.12"),
        "USD": ("317.65", 1, "+1.38"),
    }
    body = rates_all_xml(("2017-06-16", rates), two_digit_years=True)
    assert body == recorded("rates_2017-06-16.xml")


def test_daily_elements() -> None:
    """An item holds the bank's six elements in its order, the name in Russian capitals."""
    body = daily_xml("2025-12-05", {"USD": "505.53", "AMD": ("13.25", 10, "-0.05")})
    assert body.startswith(b'<?xml version="1.0" encoding="utf-8"?>\n<rates>\n')
    root = etree.fromstring(body)
    assert root.findtext("date") == "05.12.2025"
    tags = ["fullname", "title", "description", "quant", "index", "change"]
    assert items(body) == [
        dict(zip(tags, ("ДОЛЛАР США", "USD", "505.53", "1", "", ""), strict=True)),
        dict(zip(tags, ("АРМЯНСКИЙ ДРАМ", "AMD", "13.25", "10", "DOWN", "-0.05"), strict=True)),
    ]
    assert [list(item) for item in items(body)] == [tags, tags]


def test_rates_as_users_write_them() -> None:
    """A rate is text, a Decimal, an int, a tuple or a Published; a name is escaped."""
    rates: Sheet = {
        "USD": Decimal("505.530"),
        "EUR": 590,
        "XYZ": Published("1", 5, "+0.10", name="A & <B>"),
    }
    usd, eur, xyz = items(daily_xml("05.12.2025", rates))
    assert (usd["description"], eur["description"]) == ("505.530", "590")
    assert (xyz["fullname"], xyz["quant"], xyz["index"]) == ("A & <B>", "5", "UP")


@pytest.mark.parametrize("rate", [505.53, True, None])
def test_floats_are_refused(rate: object) -> None:
    """A binary float has no digits as published, and is not taken."""
    with pytest.raises(TypeError):
        daily_xml("2025-12-05", {"USD": rate})  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("value", "before", "change"),
    [
        ("505.53", "506.71", "-1.18"),
        ("329.81", "328.01", "+1.80"),
        ("590.52", "590.52", "0.00"),
        ("3", "3.00", "0.00"),
        ("4.704", "4.7", "+0.004"),
        ("nan", "1", ""),
        ("x", "1", ""),
    ],
)
def test_changes(value: str, before: str, change: str) -> None:
    """A change is signed, has two decimals or more, and is zero without a sign."""
    assert change_since(value, before) == change


def test_envelopes() -> None:
    """Without rates there is an info, or in a blink not even that."""
    no_rate = etree.fromstring(daily_xml("2025-12-05", {}, "на 05.12.2025 информации нет"))
    assert "информации нет" in (no_rate.findtext("info") or "")
    blink = etree.fromstring(daily_xml("2025-12-05", {}))
    for root in (no_rate, blink):
        assert root.findtext("date") == "05.12.2025"
        assert root.find("item") is None
    assert blink.find("info") is None


def test_rss_elements() -> None:
    """An RSS item bears its own date and no name; several sheets can stand in one document."""
    body = rates_all_xml(
        ("2025-12-05", {"USD": "505.53"}),
        ("2013-12-31", {"LVL": "300.96"}),
        previous={"USD": "506.71"},
    )
    usd, lvl = items(body)
    assert list(usd) == ["title", "pubDate", "description", "quant", "index", "change", "link"]
    assert (usd["pubDate"], usd["index"], usd["change"]) == ("05.12.2025", "DOWN", "-1.18")
    assert (lvl["title"], lvl["pubDate"], lvl["change"]) == ("LVL", "31.12.2013", "")


def test_the_main_rates_and_the_banks_order() -> None:
    """`rates.xml` has four codes in an order of its own, a sheet that of the Russian names."""
    rates: Sheet = {"USD": "499.65", "AMD": ("13.14", 10), "EUR": "582.89", "CNY": "70.66"}
    before: Sheet = {"USD": "503.89"}
    root = etree.fromstring(rates_xml("2025-12-05", rates, previous=before))
    assert [item.findtext("title") for item in root.iter("item")] == ["EUR", "USD", "CNY"]
    assert [item.findtext("change") for item in root.iter("item")] == ["", "-4.24", ""]
    # АРМЯНСКИЙ ДРАМ, ДОЛЛАР США, ЕВРО, КИТАЙСКИЙ ЮАНЬ
    assert list(in_bank_order(rates)) == ["AMD", "USD", "EUR", "CNY"]
