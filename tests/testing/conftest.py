"""A bank for each test, and plain ways to talk to it."""

import http.client
import socket
from collections.abc import Callable, Iterator
from datetime import date
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from kzt_rates.dates import bank_date

# Here by name too, so that these tests also run where kzt_rates is on the path but not installed.
from kzt_rates.testing import SettableClock, Sheet, StandInBank
from kzt_rates.testing.plugin import (  # noqa: F401
    kzt_async_client,
    kzt_bank,
    kzt_client,
    kzt_clock,
    kzt_everywhere,
)

SHEETS: dict[str, Sheet] = {
    "2025-12-04": {"USD": "506.71", "EUR": "590.52", "AMD": ("13.3", 10), "RUB": "6.55"},
    "2025-12-05": {"USD": "505.53", "EUR": "590.52", "AMD": ("13.25", 10), "RUB": "6.61"},
}
LATEST = "/rss/rates_all.xml"
EXPORT = "/ru/exchangerates/ezhednevnye-oficialnye-rynochnye-kursy-valyut/excel"
# some of the ids of the bank's form
IDS = {"USD": 5, "EUR": 6, "RUB": 16, "UZS": 20, "BYN": 38, "HUF": 42, "AMD": 51, "IRR": 53}

Get = Callable[[str], tuple[http.client.HTTPResponse, bytes]]
Dial = Callable[[str], socket.socket]


def daily(day: str) -> str:
    """Return the path of the daily feed for an ISO date."""
    return f"/rss/get_rates.cfm?fdate={bank_date(date.fromisoformat(day))}"


def export(start: str, end: str, *codes: str) -> str:
    """Return the path of the range export for ISO dates."""
    first, last = (bank_date(date.fromisoformat(day)) for day in (start, end))
    rates = "".join(f"&rates[]={IDS[code]}" for code in codes)
    return f"{EXPORT}?beginDate={first}&endDate={last}{rates}"


def cells(body: bytes) -> list[list[object]]:
    """Return the cells of a workbook's only sheet as openpyxl reads them."""
    book = openpyxl.load_workbook(BytesIO(body))
    assert len(book.worksheets) == 1
    return [list(row) for row in book.worksheets[0].iter_rows(values_only=True)]


@pytest.fixture
def clock() -> SettableClock:
    """Noon in Kazakhstan."""
    return SettableClock("2025-12-05T12:00+05:00")


@pytest.fixture
def bank(clock: SettableClock) -> Iterator[StandInBank]:
    """A bank with two sheets of four codes."""
    with StandInBank(SHEETS, clock=clock) as bank:
        yield bank


@pytest.fixture
def get(bank: StandInBank) -> Iterator[Get]:
    """GET on a new connection."""
    connections: list[http.client.HTTPConnection] = []

    def ask(path: str) -> tuple[http.client.HTTPResponse, bytes]:
        host, _, port = bank.url.removeprefix("http://").partition(":")
        connection = http.client.HTTPConnection(host, int(port), timeout=5)
        connections.append(connection)
        connection.request("GET", path)
        response = connection.getresponse()
        return response, response.read()

    yield ask
    for connection in connections:
        connection.close()


@pytest.fixture
def dial(bank: StandInBank) -> Iterator[Dial]:
    """Send a GET, and leave the reading to the test."""
    sockets: list[socket.socket] = []

    def ask(path: str) -> socket.socket:
        host, _, port = bank.url.removeprefix("http://").partition(":")
        connection = socket.create_connection((host, int(port)), timeout=5)
        sockets.append(connection)
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        return connection

    yield ask
    for connection in sockets:
        connection.close()


@pytest.fixture
def recorded() -> Callable[[str], bytes]:
    """Recorded responses of the bank, kept beside this repository."""
    return _reader_of("data", "responses")


@pytest.fixture
def case() -> Callable[[str], bytes]:
    """Answers that were once believed, kept beside this repository."""
    return _reader_of("cases")


def _reader_of(*folders: str) -> Callable[[str], bytes]:
    def read(name: str) -> bytes:
        file = Path(__file__).resolve().parents[3].joinpath("shared", *folders, name)
        if not file.is_file():
            pytest.skip(f"{name} is not here")
        return file.read_bytes()

    return read
