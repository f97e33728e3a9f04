"""CurrencyConverter, with the made-up rates of `benchmarks.world` in the form it reads."""

from datetime import date, timedelta

import pandas as pd
from currency_converter import CurrencyConverter

from benchmarks import world
from benchmarks.case import Case, Growth, in_threads
from benchmarks.places import ECB_FILE


def convert(quote: str, when: str, kind: str = "float") -> Case:
    """Conversions of dollars, to the reference currency or across it."""
    peer, days = _whole(kind), world.in_order(when, world.days())
    theirs, amount = peer.convert, peer.cast(100)

    def call() -> None:
        for day in days:
            theirs(amount, "USD", quote, date=day)

    return Case(call, len(days))


def pairs() -> Case:
    """All currencies at days in random order."""
    theirs, asked = _whole("float").convert, world.pairs()

    def call() -> None:
        for code, day in asked:
            theirs(100, code, "KZT", date=day)

    return Case(call, len(asked))


def threads(kind: str) -> Case:
    """Sixteen threads that convert with one day's rate."""
    return in_threads(convert("KZT", "same", kind))


def history(start: str, end: str, kind: str) -> Case:
    """A conversion of one dollar on each day: it has no other way to give a series."""
    peer = _whole(kind)
    first, last = date.fromisoformat(start), date.fromisoformat(end)
    days = [first + timedelta(n) for n in range((last - first).days + 1)]
    return Case(lambda: [(day, peer.convert(1, "USD", "KZT", date=day)) for day in days])


def loaded(kind: str) -> Growth:
    """The rates of 39 currencies over 25 years."""
    return Growth(lambda: CurrencyConverter(None), lambda: _whole(kind))


def loop(rows: str, kind: str) -> Case:
    """A call for each row of three lists."""
    peer = _whole(kind)
    amounts, codes, days = world.rows(int(rows))
    money = list(map(peer.cast, map(str, amounts)))
    convert = peer.convert

    def call() -> None:
        [convert(a, c, "KZT", d) for a, c, d in zip(money, codes, days, strict=True)]

    return Case(call)


def apply(rows: str) -> Case:
    """`DataFrame.apply`, as its users convert a column."""
    peer = _whole("float")
    amounts, codes, days = world.rows(int(rows))
    frame = pd.DataFrame({"amount": amounts, "currency": codes, "date": days})

    def call() -> None:
        frame.apply(lambda r: peer.convert(r["amount"], r["currency"], "KZT", r["date"]), axis=1)

    return Case(call)


def _whole(kind: str) -> CurrencyConverter:
    return CurrencyConverter(str(ECB_FILE), ref_currency="KZT", decimal=kind == "Decimal")
