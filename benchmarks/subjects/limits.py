"""What the machine needs at least: the same data, and nothing around it."""

import sqlite3
import urllib.request
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


def select_all() -> Case:
    """All rows of the store, fetched and nothing else."""
    connection = sqlite3.connect(f"file:{STORE}?mode=ro", uri=True)
    query = "SELECT code, day, value, nominal FROM figure"
    held = ExitStack()
    held.callback(connection.close)
    return Case(lambda: len(connection.execute(query).fetchall()) * [], held=held)


def grid() -> Growth:
    """A double for each rate in one array."""
    rates = (tiyn / 100 for row in world.hundredths() for tiyn in row)
    return Growth(lambda: array("d", [1.0]), lambda: array("d", rates))


def round_trip() -> Case:
    """One request over an open connection."""
    return round_trips("1")


def round_trips(times: str) -> Case:
    """Requests one after another over one connection, each for a sheet of the daily feed."""
    address = urlsplit(bank_url())
    connection = HTTPConnection(address.hostname or "", address.port)
    path = "/rss/get_rates.cfm?fdate=03.06.2024"

    def call() -> dict[str, float]:
        for _ in range(int(times)):
            connection.request("GET", path)
            connection.getresponse().read()
        return {"requests": float(times)}

    held = ExitStack()
    held.callback(connection.close)
    return Case(call, held=held)


def requests_so_far() -> int:
    """Return how many requests the bank has had."""
    with urllib.request.urlopen(f"{bank_url()}/requests") as response:
        return int(response.read())
