"""pycbrf, which reads the Bank of Russia: its answers are made up here, without a network."""

import datetime as dt
import xml.etree.ElementTree as ET
from collections.abc import Iterable

import pycbrf.utils
from pycbrf import ExchangeRates

from benchmarks import world
from benchmarks.case import Case, Growth
from benchmarks.places import SHEET


class Answer:
    """What its requests are answered with."""

    def __init__(self, content: bytes) -> None:
        self.content = content


def answer_with(body: bytes) -> None:
    """Let each request be answered with a body, at once."""
    pycbrf.utils.requests.get = lambda *_, **__: Answer(body)


def document(day: dt.date, items: Iterable[tuple[str, str, str]]) -> bytes:
    """Return rates as the Bank of Russia writes them, given as (code, nominal, value)."""
    lines = [
        f'<Valute ID="R0{place:04}"><NumCode>{place:03}</NumCode><CharCode>{code}</CharCode>'
        f"<Nominal>{nominal}</Nominal><Name>Валюта {code}</Name>"
        f"<Value>{value.replace('.', ',')}</Value></Valute>"
        for place, (code, nominal, value) in enumerate(items)
    ]
    text = f'<ValCurs Date="{day:%d.%m.%Y}" name="Foreign Currency Market">{"".join(lines)}'
    return f'<?xml version="1.0" encoding="windows-1251"?>{text}</ValCurs>'.encode("windows-1251")


def convert(quote: str, when: str) -> Case:
    """Rates of days that the caller keeps; a cross by hand, as it has none."""
    days = _days()
    at_random = world.in_order(when, list(days))

    def direct() -> None:
        for day in at_random:
            100 * days[day]["USD"].rate

    def cross() -> None:
        for day in at_random:
            100 * days[day]["USD"].rate / days[day]["EUR"].rate

    return Case({"KZT": direct, "EUR": cross}[quote], len(at_random))


def sheet() -> Case:
    """Bytes to its rates: as many as the other case's sheet has."""
    items = ET.parse(SHEET).iter("item")
    rows = [(i.findtext("title"), i.findtext("quant"), i.findtext("description")) for i in items]
    body = document(
        world.LAST, [(code, n, value) for code, n, value in rows if code and n and value]
    )
    return Case(lambda: ExchangeRates._parse(body))


def history(start: str, end: str) -> Case:
    """A request for each day, answered at once, with the same rates."""
    first, last = dt.date.fromisoformat(start), dt.date.fromisoformat(end)
    days = [str(first + dt.timedelta(n)) for n in range((last - first).days + 1)]
    answer_with(document(last, [(code, "1", "505.53") for code in world.CODES]))
    return Case(lambda: [ExchangeRates(day)["USD"].rate for day in days])


def loaded() -> Growth:
    """An object for each day of 25 years, each with 39 rates."""
    return Growth(lambda: ExchangeRates._parse(document(world.FIRST, [])), _days)


def _days() -> "dict[dt.date, ExchangeRates]":
    kept = {}
    for day, rates in world.sheets():
        answer_with(document(day, [(code, "1", text) for code, text in rates.items()]))
        kept[day] = ExchangeRates(str(day))
    return kept
