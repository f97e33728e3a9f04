"""What the machine needs at least: the same data, and nothing around it."""

import sqlite3
from array import array
from contextlib import ExitStack
from decimal import Decimal
from http.client import HTTPConnection
from urllib.parse import urlsplit

from lxml import etree

from benchmarks import world
from benchmarks.case import Case, Growth, in_threads
from benchmarks.places import SHEET, STORE, bank_url


def look_up(kind: str, when: str) -> Case:
    """A dict look-up and one multiplication, of floats or of decimals."""
    make = {"float": float, "Decimal": Decimal}[kind]
    rates = {("USD", day): make(found["USD"]) for day, found in world.sheets()}
    days, amount = world.in_order(when, [day for _, day in rates]), make(100)

    def call() -> None:
        for day in days:
            amount * rates["USD", day]

    return Case(call, len(days))


def threads() -> Case:
    """Sixteen threads that each look up and multiply."""
    return in_threads(look_up("Decimal", "same"))


def tree() -> Case:
    """The tree that lxml makes of a sheet, without a look into it."""
    body = SHEET.read_bytes()
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    return Case(lambda: etree.fromstring(body, parser))


def select(start: str, end: str) -> Case:
    """SQLite's own answer, with a `Decimal` of each value."""
    connection = sqlite3.connect(f"file:{STORE}?mode=ro", uri=True)
    query = "SELECT day, value FROM figure WHERE code = ? AND day BETWEEN ? AND ? ORDER BY day"

    def call() -> None:
        [(day, Decimal(value)) for day, value in connection.execute(query, ("USD", start, end))]

    held = ExitStack()
    held.callback(connection.close)
    return Case(call, held=held)


def select_one() -> Case:
    """SQLite's own answer for one currency and day."""
    connection = sqlite3.connect(f"file:{STORE}?mode=ro", uri=True)
    query = "SELECT value FROM figure WHERE code = ? AND day = ?"
    asked = [(code, day.isoformat()) for code, day in world.pairs()]

    def call() -> None:
        for pair in asked:
            100 * Decimal(connection.execute(query, pair).fetchone()[0])

    held = ExitStack()
    held.callback(connection.close)
    return Case(call, len(asked), held)


def select_all() -> Case:
    """All rows of the store, fetched and nothing else."""
    connection = sqlite3.connect(f"file:{STORE}?mode=ro", uri=True)
    query = "SELECT code, day, value, nominal FROM figure"
    held = ExitStack()
    held.callback(connection.close)
    return Case(lambda: connection.execute(query).fetchall(), held=held)


def grid() -> Growth:
    """A double for each rate in one array."""
    rates = (tiyn / 100 for row in world.hundredths() for tiyn in row)
    return Growth(lambda: array("d", [1.0]), lambda: array("d", rates))


def round_trip() -> Case:
    """One request for a sheet over an open connection."""
    address = urlsplit(bank_url())
    connection = HTTPConnection(address.hostname or "", address.port)

    def call() -> None:
        connection.request("GET", "/rss/get_rates.cfm?fdate=03.06.2024")
        connection.getresponse().read()

    held = ExitStack()
    held.callback(connection.close)
    return Case(call, held=held)
