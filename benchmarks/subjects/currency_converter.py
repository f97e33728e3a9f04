"""CurrencyConverter, with the European Central Bank's rates that it comes with."""

from datetime import date, timedelta

import pandas as pd
from currency_converter import CurrencyConverter, RateNotFoundError

from benchmarks import world
from benchmarks.case import Case, Growth, in_threads
from benchmarks.places import ECB_FILE

REFERENCE = "EUR"
FOREIGN = "JPY"


def convert(quote: str, when: str, kind: str = "float") -> Case:
    """Conversions of dollars, to its reference currency or across it."""
    peer = CurrencyConverter(decimal=kind == "Decimal")
    first = date(2016, 1, 1)
    weekdays = [day for day in (first + timedelta(n) for n in range(1461)) if day.weekday() < 5]
    known = [day for day in weekdays if _has_rate(peer, day)]
    days, to = world.in_order(when, known), {"KZT": REFERENCE, "EUR": FOREIGN}[quote]
    theirs, amount = peer.convert, peer.cast(100)

    def call() -> None:
        for day in days:
            theirs(amount, "USD", to, date=day)

    return Case(call, len(days))


def threads() -> Case:
    """Sixteen threads that convert with one day's rate."""
    return in_threads(convert("KZT", "same"))


def history(start: str, end: str) -> Case:
    """A conversion of one dollar on each day: it has no other way to give a series."""
    peer = _whole(decimal=True)
    first, last = date.fromisoformat(start), date.fromisoformat(end)
    days = [first + timedelta(n) for n in range((last - first).days + 1)]
    return Case(lambda: [(day, peer.convert(1, "USD", "KZT", date=day)) for day in days] and None)


def loaded(kind: str) -> Growth:
    """The rates of 39 currencies over 25 years."""
    return Growth(lambda: CurrencyConverter(None), lambda: _whole(decimal=kind == "Decimal"))


def loop(rows: str, kind: str) -> Case:
    """A call for each row of three lists."""
    peer = _whole(decimal=kind == "Decimal")
    count = int(rows)
    amounts, codes, days = world.rows(count)
    money = list(map(peer.cast, map(str, amounts)))
    convert = peer.convert

    def call() -> None:
        [convert(a, c, "KZT", d) for a, c, d in zip(money, codes, days, strict=True)]

    return Case(call)


def apply(rows: str) -> Case:
    """`DataFrame.apply`, as its users convert a column."""
    peer = _whole(decimal=False)
    amounts, codes, days = world.rows(int(rows))
    frame = pd.DataFrame({"amount": amounts, "currency": codes, "date": days})

    def call() -> None:
        frame.apply(lambda r: peer.convert(r["amount"], r["currency"], "KZT", r["date"]), axis=1)

    return Case(call)


def _whole(*, decimal: bool) -> CurrencyConverter:
    return CurrencyConverter(str(ECB_FILE), ref_currency="KZT", decimal=decimal)


def _has_rate(peer: CurrencyConverter, day: date) -> bool:
    try:
        peer.convert(1, "USD", FOREIGN, date=day)
    except RateNotFoundError:
        return False
    return True
