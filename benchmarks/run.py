"""Measures what a user waits for, in turns, and prints medians and ratios."""

import argparse
import datetime as dt
import os
import platform
import sqlite3
import statistics
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable
from decimal import Decimal
from io import BytesIO

import openpyxl
from pydantic import BaseModel, TypeAdapter

import kzt_rates
from kzt_rates.feed import daily, export
from kzt_rates.models.sheet import sheet_of
from kzt_rates.store.archive import packaged_path
from kzt_rates.testing import archive_sheets, daily_xml, dense_sheets, range_xlsx

SHEET_DAY = dt.date(2026, 8, 21)  # 48 codes
DAY = dt.date(2025, 12, 5)
YEARS = dt.date(2016, 1, 1), dt.date(2019, 12, 31)  # 1,461 days

Case = Callable[[], object]

# name, code of a fresh process, the case it is held against, how many times that it may take
PROCESSES = (
    ("bare Python", ["-c", "pass"], None),
    ("import kzt_rates", ["-c", "import kzt_rates"], "bare Python"),
    ("sqlite3 and decimal", ["-c", "import sqlite3, decimal"], None),
    (
        "convert, a day of 39 codes",
        ["-c", "import kzt_rates; kzt_rates.convert(100, 'USD', on='2025-12-05')"],
        "sqlite3 and decimal",
    ),
    (
        "convert, a day of 4 codes",
        ["-c", "import kzt_rates; kzt_rates.convert(100, 'USD', on='2016-05-05')"],
        "sqlite3 and decimal",
    ),
    ("sqlite3, decimal and argparse", ["-c", "import sqlite3, decimal, argparse"], None),
    (
        "command line, convert",
        ["-m", "kzt_rates", "convert", "100", "USD", "--on", "2025-12-05"],
        "sqlite3, decimal and argparse",
    ),
)


class Item(BaseModel):
    """What a plain reader of the feed would make of an item."""

    code: str
    value: Decimal
    nominal: int
    change: Decimal | None
    name: str | None


def process(arguments: list[str]) -> Case:
    # bytecode is written by the first run, as pip writes it when it installs
    env = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, *arguments]
    return lambda: subprocess.run(command, env=env, check=True, stdout=subprocess.DEVNULL)


def conversions() -> dict[str, tuple[Case, str | None]]:
    client = kzt_rates.Client(offline=True)
    cases: dict[str, tuple[Case, str | None]] = {}
    try:
        from currency_converter import CurrencyConverter  # type: ignore[import-untyped]
    except ImportError:
        print("CurrencyConverter is not installed; its cases are left out")
        peer = cross = None
    else:
        peer, cross = "CurrencyConverter, float, direct", "CurrencyConverter, float, cross"
        ecb, day = CurrencyConverter(), dt.date(2016, 3, 4)
        cases[peer] = (lambda: ecb.convert(100, "USD", "EUR", date=day), None)
        cases[cross] = (lambda: ecb.convert(100, "USD", "JPY", date=day), None)
    ours = kzt_rates.convert
    return cases | {
        "convert, direct": (lambda: ours(100, "USD", on=DAY), peer),
        "convert, cross": (lambda: ours(100, "USD", "EUR", on=DAY), cross),
        "convert, direct, float amount": (lambda: ours(12.5, "USD", on=DAY), peer),
        "Client.convert, direct": (lambda: client.convert(100, "USD", on=DAY), peer),
        "Client.convert, cross": (lambda: client.convert(100, "USD", "EUR", on=DAY), cross),
    }


def sheets() -> dict[str, tuple[Case, str | None]]:
    found = archive_sheets(SHEET_DAY - dt.timedelta(1), SHEET_DAY)
    body = daily_xml(SHEET_DAY, found[SHEET_DAY], previous=found.get(SHEET_DAY - dt.timedelta(1)))
    plain_items, same_models = TypeAdapter(list[Item]), TypeAdapter(list[kzt_rates.Rate])

    def texts(item: ET.Element) -> dict[str, str | None]:
        return {
            "value": item.findtext("description"),
            "nominal": item.findtext("quant"),
            "change": item.findtext("change") or None,
            "name": item.findtext("fullname"),
        }

    def plain() -> object:
        items = ET.fromstring(body).iter("item")
        return plain_items.validate_python(
            [{"code": item.findtext("title"), **texts(item)} for item in items]
        )

    def same() -> object:
        items = ET.fromstring(body).iter("item")
        dates = {"effective_date": SHEET_DAY, "requested_date": SHEET_DAY}
        return same_models.validate_python(
            [
                {"base": item.findtext("title"), "quote": "KZT", **texts(item), **dates}
                for item in items
            ]
        )

    def ours() -> object:
        day = daily.read(body, SHEET_DAY)
        assert day is not None
        return sheet_of(day, SHEET_DAY)

    names = ("xml.etree, TypeAdapter of 5 fields", "xml.etree, TypeAdapter of Rate")
    return {
        names[0]: (plain, None),
        names[1]: (same, None),
        "bytes to RateSheet": (ours, names[0]),
        "bytes to RateSheet ": (ours, names[1]),
    }


def ranges() -> dict[str, tuple[Case, str | None]]:
    client = kzt_rates.Client(offline=True)
    start, end = YEARS
    archive = sqlite3.connect(f"file:{packaged_path()}?mode=ro&immutable=1", uri=True)
    query = "SELECT day, value FROM figure WHERE code = ? AND day BETWEEN ? AND ? ORDER BY day"
    keys = ("USD", start.isoformat(), end.isoformat())

    def select() -> object:
        return [(day, Decimal(value)) for day, value in archive.execute(query, keys)]

    def history() -> object:
        return client.history("USD", start=start, end=end)

    codes = [code for code in export.codes_of() if code not in ("BYR", "RUR")]
    body = range_xlsx(dense_sheets(start, end), codes, start, end)
    days = export.read(body, codes, start, end)
    print(f"{sum(len(day.figures) for day in days):,} figures in an export of {len(body):,} bytes")

    def workbook() -> object:
        book = openpyxl.load_workbook(BytesIO(body), read_only=True)
        return list(book.worksheets[0].iter_rows(values_only=True))

    return {
        "SELECT and Decimal": (select, None),
        "history of 1,461 days": (history, "SELECT and Decimal"),
        "openpyxl, read-only, cells alone": (workbook, None),
        "export to checked figures": (
            lambda: export.read(body, codes, start, end),
            "openpyxl, read-only, cells alone",
        ),
    }


def measure(
    cases: dict[str, tuple[Case, str | None]], rounds: int, repeat: int, unit: float
) -> None:
    """Run all cases in turns; print each one's median and spread, and the median of its ratios."""
    times: dict[str, list[float]] = {name: [] for name in cases}
    for case, _ in cases.values():
        case()
    for _ in range(rounds):
        for name, (case, _) in cases.items():
            start = time.perf_counter()
            for _ in range(repeat):
                case()
            times[name].append((time.perf_counter() - start) / repeat * unit)
    for name, (_, against) in cases.items():
        low, median, high = min(times[name]), statistics.median(times[name]), max(times[name])
        ratio = ""
        if against:
            pairs = zip(times[name], times[against], strict=True)
            ratio = f"{statistics.median(a / b for a, b in pairs):.2f} of {against}"
        print(f"{name:40s} {median:9.2f}  ({low:.2f}-{high:.2f})  {ratio}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=31, help="turns of every case")
    rounds = parser.parse_args().rounds
    print(f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} processors")
    print("\nA whole process, ms")
    processes = {name: (process(code), against) for name, code, against in PROCESSES}
    measure(processes, rounds, 1, 1e3)
    print("\nA warm conversion, µs")
    measure(conversions(), rounds, 3000, 1e6)
    print("\nA sheet, µs")
    measure(sheets(), rounds, 50, 1e6)
    print("\nFour years, ms")
    measure(ranges(), rounds, 1, 1e3)


if __name__ == "__main__":
    main()
