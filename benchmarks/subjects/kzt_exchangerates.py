"""python-kzt-exchangerates, against the stand-in bank; it keeps no day but the latest."""

import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from email.utils import formatdate
from typing import Any

import requests
from kzt_exchangerates import Rates

from benchmarks import world
from benchmarks.case import THREADS, Case, Growth
from benchmarks.places import SHEET, bank_url

Rates.rss_url = bank_url() + "/rss/{endpoint}"


def convert(quote: str) -> Case:
    """Conversions at the latest rates, the only ones it keeps; a cross by hand."""
    rates, turns = Rates(), range(1000)

    def direct() -> None:
        for _ in turns:
            100 * rates.get_exchange_rate("USD", from_kzt=True)

    def cross() -> None:
        for _ in turns:
            100 * rates.get_exchange_rate("USD", from_kzt=True) / rates.get_exchange_rate(
                "EUR", from_kzt=True
            )

    return Case({"KZT": direct, "EUR": cross}[quote], len(turns))


def sheet() -> Case:
    """Bytes to its dictionary of floats."""
    text, parse = SHEET.read_text(encoding="utf-8"), Rates._parse_rates_from_rss
    return Case(lambda: parse(Rates, ET.fromstring(text)))


def fill(start: str, end: str) -> Case:
    """The rates of every day, a request each."""
    first, last = date.fromisoformat(start), date.fromisoformat(end)
    days = [first + timedelta(n) for n in range((last - first).days + 1)]
    rates = Rates()

    found: list[dict[str, Any]] = []

    def call() -> None:
        found[:] = [rates.get_exchange_rates(from_kzt=True, date=f"{day:%d.%m.%Y}") for day in days]

    return Case(call, facts=lambda: {"rates": sum(len(day["rates"]) for day in found)})


def tasks() -> Case:
    """A thousand questions for one day, by sixteen threads."""
    rates = Rates()

    def ask(_: int) -> float:
        rate: float = rates.get_exchange_rate("USD", from_kzt=True, date="03.06.2024")
        return rate

    def call() -> None:
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(ask, range(1000)))

    return Case(call)


def loaded() -> Growth:
    """A dictionary of 39 rates for each day of 25 years, answered here without a network."""

    def load() -> object:
        rates, kept = Rates(), {}
        for day, found in world.sheets():
            answer_with(_body(day, found))
            kept[day] = rates.get_exchange_rates(from_kzt=True, date=f"{day:%d.%m.%Y}")
        return kept

    return Growth(Rates, load)


class Answer:
    """What a request is answered with, where memory is measured."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.headers = {"date": formatdate(usegmt=True)}


def answer_with(answer: Answer) -> None:
    """Let each request be answered at once."""

    def get(_: object) -> Any:
        return answer

    requests.get = get  # type: ignore[assignment]


def _body(day: date, rates: dict[str, str]) -> Answer:
    items = [
        f"<item><fullname>{code}</fullname><title>{code}</title><description>{text}</description>"
        "<quant>1</quant><index></index><change>0.00</change></item>"
        for code, text in rates.items()
    ]
    return Answer(f"<rates><date>{day:%d.%m.%Y}</date>{''.join(items)}</rates>")
