"""forex-python, whose service is answered for here, without a network."""

import json
from decimal import Decimal

from forex_python import converter

from benchmarks import world
from benchmarks.case import Case, Growth


class Answer:
    """What its requests are answered with."""

    status_code = 200

    def __init__(self, text: str) -> None:
        self.text = text

    def json(self) -> object:
        return json.loads(self.text)


def answer_with(rates: dict[str, str]) -> None:
    """Let each request be answered with rates, at once."""
    text = json.dumps({"rates": {code: float(value) for code, value in rates.items()}})
    converter.requests.get = lambda *_, **__: Answer(text)


def convert(quote: str, when: str, kind: str = "float") -> Case:
    """Conversions, each of them a request that is answered at once with one rate."""
    answer_with({quote: "505.53"})
    days = world.in_order(when, world.days())
    peer = converter.CurrencyRates(force_decimal=kind == "Decimal")
    theirs, amount = peer.convert, Decimal(100) if kind == "Decimal" else 100

    def call() -> None:
        for day in days:
            theirs("USD", quote, amount, day)

    return Case(call, len(days))


def history(start: str, end: str) -> Case:
    """A request for each day, answered at once with one rate."""
    answer_with({"KZT": "505.53"})
    days = [day for day in world.days() if start <= str(day) <= end]
    peer = converter.CurrencyRates()
    return Case(lambda: [peer.get_rate("USD", "KZT", day) for day in days])


def loaded() -> Growth:
    """A dictionary of 39 rates for each day of 25 years."""

    def load() -> object:
        peer, kept = converter.CurrencyRates(), {}
        for day, rates in world.sheets():
            answer_with(rates)
            kept[day] = peer.get_rates("KZT", day)
        return kept

    return Growth(converter.CurrencyRates, load)
