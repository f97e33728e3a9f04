"""The stand-in bank can give each answer that was once believed and must not be."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import httpx
from lxml import etree

from kzt_rates.testing import Published, Sheet, StandInBank, archive_sheets

from .conftest import cells, daily, export

DAY = "2026-08-01"


def ask(bank: StandInBank, path: str) -> bytes:
    return httpx.get(bank.url + path, trust_env=False).content


def items(body: bytes) -> dict[str | None, dict[str, str | None]]:
    """Return the texts of each item by code."""
    return {
        item.findtext("title"): {child.tag: child.text for child in item}
        for item in etree.fromstring(body).iter("item")
    }


def test_a_value_that_its_change_contradicts(case: Callable[[str], bytes]) -> None:
    """One value is another, and the change still fits the true one of 3.46."""
    genuine = case("daily-2026-08-01-irr-contradicts.xml")
    codes = ("USD", "RUB", "UZS", "AMD", "IRR")
    before = archive_sheets("2026-07-31", "2026-07-31")[date(2026, 7, 31)]
    values = {"USD": "473.59", "RUB": "5.94", "UZS": "3.96", "AMD": "13.05", "IRR": "3.46"}
    today: Sheet = {code: (values[code], before[code][1]) for code in codes}
    with StandInBank({"2026-07-31": before, DAY: today}) as bank:
        bank.fail("bad_value", code="IRR", value="11.24", feed="daily")
        assert items(ask(bank, daily(DAY))) == items(genuine)


def test_blank_lines_before_the_declaration(case: Callable[[str], bytes]) -> None:
    """A sheet without changes, whose names say nothing, begins with two empty lines."""
    genuine = case("daily-leading-blank-lines.xml")
    assert genuine.startswith(b"\r\n\r\n<?xml")
    sheet: Sheet = {
        str(code): Published(str(item["description"]), int(str(item["quant"])), "", "X")
        for code, item in items(genuine.lstrip()).items()
    }
    assert len(sheet) > 30
    with StandInBank({DAY: sheet}) as bank:
        bank.fail("leading_blanks", text="\r\n\r\n")
        body = ask(bank, daily(DAY))
    assert body.startswith(b"\r\n\r\n<?xml")
    assert items(body.lstrip()) == items(genuine.lstrip())


def test_an_export_cut_off(case: Callable[[str], bytes]) -> None:
    """Of four years' rows the first five hundred come, in a sound workbook."""
    genuine = case("export-usd-2010-2013-cut-after-500-rows.xlsx")
    first = date(2010, 1, 1)
    world: dict[date, Sheet] = {
        first + timedelta(days=n): {"USD": str(Decimal("148.73") + Decimal(n) / 100)}
        for n in range(1461)
    }
    with StandInBank(world, export_layout="plain") as bank:
        path = export("2010-01-01", "2013-12-31", "USD")
        bank.fail("first_rows", keep=500)
        assert cells(ask(bank, path)) == cells(genuine)
        assert len(cells(ask(bank, path))) == 1 + 1461
