"""What one would write without a library for rates: standard modules, pydantic, httpx."""

import asyncio
import sqlite3
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from http.client import HTTPConnection
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit
from zipfile import ZipFile

import httpx
import openpyxl
from lxml import etree
from pydantic import BaseModel, TypeAdapter

from benchmarks.case import THREADS, Case
from benchmarks.places import SHEET, bank_url
from benchmarks.prepared import SHEET_DAY
from benchmarks.world import CODES
from kzt_rates import Rate
from kzt_rates.feed import export_codes, export_path, longest_export_end
from kzt_rates.store.rows import creation
from kzt_rates.testing import dense_sheets, range_xlsx


class Item(BaseModel):
    """What a plain reader of the feed would make of an item."""

    code: str
    value: Decimal
    nominal: int
    change: Decimal | None
    name: str | None


def sheet(model: str) -> Case:
    """Bytes to validated models: of five fields, or those of kzt_rates itself."""
    body = SHEET.read_bytes()
    plain, ours = TypeAdapter(list[Item]), TypeAdapter(list[Rate])

    def texts(item: ET.Element) -> dict[str, object]:
        return {
            "value": item.findtext("description"),
            "nominal": item.findtext("quant"),
            "change": item.findtext("change") or None,
            "name": item.findtext("fullname"),
        }

    def five_fields() -> None:
        items = ET.fromstring(body).iter("item")
        plain.validate_python([{"code": item.findtext("title"), **texts(item)} for item in items])

    def ten_fields() -> None:
        known = {"quote": "KZT", "effective_date": SHEET_DAY, "requested_date": SHEET_DAY}
        items = ET.fromstring(body).iter("item")
        ours.validate_python(
            [{"base": item.findtext("title"), **texts(item), **known} for item in items]
        )

    return Case({"five": five_fields, "ten": ten_fields}[model])


def tasks(count: str) -> Case:
    """Tasks that each ask the bank, by one client of httpx.

    Sixteen at a time: a thousand at once end in `PoolTimeout` by its defaults.
    """
    url = f"{bank_url()}/rss/get_rates.cfm?fdate={date(2024, 6, 3):%d.%m.%Y}"

    async def ask() -> None:
        turns = asyncio.Semaphore(THREADS)

        async def get() -> None:
            async with turns:
                await client.get(url)

        async with httpx.AsyncClient() as client:
            await asyncio.gather(*(get() for _ in range(int(count))))

    return Case(lambda: asyncio.run(ask()))


def workbook(start: str, end: str) -> Case:
    """The cells of an answer of the range export, read by openpyxl and not looked at."""
    first, last = date.fromisoformat(start), date.fromisoformat(end)
    body = range_xlsx(dense_sheets(first, last), list(CODES), first, last)

    def call() -> None:
        book = openpyxl.load_workbook(BytesIO(body), read_only=True)
        list(book.worksheets[0].iter_rows(values_only=True))

    return Case(call)


def workbook_tree(start: str, end: str) -> Case:
    """The same answer unpacked, and lxml's tree of its sheet."""
    first, last = date.fromisoformat(start), date.fromisoformat(end)
    body = range_xlsx(dense_sheets(first, last), list(CODES), first, last)

    def call() -> None:
        with ZipFile(BytesIO(body)) as file:
            etree.fromstring(file.read("xl/worksheets/sheet1.xml"))

    return Case(call)


def fill(start: str, end: str) -> Case:
    """The requests of a sync and its rows written, with nothing read out of the answers."""
    address = urlsplit(bank_url())
    paths = list(_exports(date.fromisoformat(start), date.fromisoformat(end)))
    at = "2026-01-01T00:00:00+00:00"
    rows = [
        (code, str(day), value, nominal, None, None, "export", 1, at, 0, 0, 0)
        for day, rates in dense_sheets(start, end, export_codes()).items()
        for code, (value, nominal) in rates.items()
    ]

    def call() -> None:
        connection = HTTPConnection(address.hostname or "", address.port)
        with tempfile.TemporaryDirectory() as folder:
            database = sqlite3.connect(Path(folder, "c.sqlite"), isolation_level=None)
            for statement in (
                "PRAGMA journal_mode = WAL",
                "PRAGMA synchronous = NORMAL",
                *creation(),
                "BEGIN",
            ):
                database.execute(statement)
            for path in paths:
                connection.request("GET", path)
                connection.getresponse().read()
            places = ", ".join("?" * len(rows[0]))
            database.executemany(f"REPLACE INTO figure VALUES ({places})", rows)
            database.execute("COMMIT")
            database.close()
        connection.close()

    return Case(call, facts=lambda: {"rates": len(rows)})


def _exports(start: date, end: date) -> Iterator[str]:
    while start <= end:
        last = min(longest_export_end(start), end)
        yield export_path(CODES, start, last)
        start = last + timedelta(1)
