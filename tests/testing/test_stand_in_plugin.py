import asyncio
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import httpx
import pytest
from lxml import etree

import kzt_rates
from kzt_rates.testing import SettableClock, StandInBank

from .conftest import LATEST, daily


def test_bank_has_real_figures(kzt_bank: StandInBank, kzt_clock: SettableClock) -> None:
    """The bank of the fixture has all codes of six days, the last of them tomorrow's."""
    for day in ("2025-12-01", "2025-12-05", "2025-12-06"):
        root = etree.fromstring(httpx.get(kzt_bank.url + daily(day)).content)
        assert len(root.findall("item")) == 39
    latest = httpx.get(kzt_bank.url + LATEST)
    assert b"<pubDate>06.12.2025</pubDate>" in latest.content
    assert latest.headers["Date"] == "Fri, 05 Dec 2025 07:00:00 GMT"
    assert kzt_clock().isoformat() == "2025-12-05T12:00:00+05:00"
    assert b"<info>" in httpx.get(kzt_bank.url + daily("2025-12-07")).content


def test_client_asks_the_bank(kzt_client: "kzt_rates.Client", kzt_bank: StandInBank) -> None:
    """The client of the fixture asks the bank once, and then its own cache."""
    for _ in range(2):
        assert kzt_client.convert(100, "USD", on="2025-12-05") == Decimal(49965)
    assert [(r.feed, r.day) for r in kzt_bank.requests] == [("daily", date(2025, 12, 5))]


@pytest.mark.parametrize("loop", ["asyncio", "trio"])
def test_async_client_asks_the_bank(
    loop: str, kzt_async_client: "Callable[[], kzt_rates.AsyncClient]", kzt_bank: StandInBank
) -> None:
    """The async client of the fixture is made and closed in the loop that uses it."""

    async def ask() -> Decimal:
        async with kzt_async_client() as client:
            return await client.convert(100, "USD", on="2025-12-05")

    found = asyncio.run(ask()) if loop == "asyncio" else pytest.importorskip("trio").run(ask)
    assert found == Decimal(49965)
    assert [r.feed for r in kzt_bank.requests] == ["daily"]
