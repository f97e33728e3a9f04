"""Measures conversions of frames against what else their libraries offer, in turns.

Amounts of two decimals in 39 currencies over 25 years: `--rows` of them. The rates are made up,
a dense table of every currency and day, so that every library has the same to look up.
"""

import argparse
import datetime as dt
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl

import kzt_rates
from kzt_rates import frames
from kzt_rates.feed import export
from kzt_rates.figures import Day, Figure
from kzt_rates.store.sqlite import SqliteStore

FIRST, LAST = dt.date(2000, 1, 1), dt.date(2024, 12, 31)
EPOCH = dt.date(1970, 1, 1)
CODES = tuple(code for code in export.codes_of() if code not in ("BYR", "RUR"))
LIBRARIES = ("numpy", "pandas", "polars", "pyarrow", "duckdb", "narwhals")

Case = Callable[[], object]


class World:
    """The rates, a client that knows them, and the rows to convert."""

    def __init__(self, folder: Path, rows: int) -> None:
        random = np.random.default_rng(2026)
        days = (LAST - FIRST).days + 1
        self.hundredths = random.integers(100, 70_000, (days, len(CODES)))
        path = str(folder / "rates.sqlite")
        store = SqliteStore(path)
        for start in range(0, days, 1000):
            store.keep_export([self._day(on) for on in range(start, min(start + 1000, days))])
        store.close()
        self.client = kzt_rates.Client(cache=path, archive=False, offline=True)
        self.amounts = np.round(random.uniform(-1e4, 1e6, rows), 2)
        self.codes = random.integers(0, len(CODES), rows)
        self.days = random.integers(0, days, rows)
        self.rates = self.hundredths[self.days, self.codes] / 100
        self.numbers = (self.days + (FIRST - EPOCH).days).astype(np.int32)

    def _day(self, on: int) -> Day:
        figures = {
            code: Figure(f"{value // 100}.{value % 100:02}", 1, feed="export")
            for code, value in zip(CODES, self.hundredths[on].tolist(), strict=True)
        }
        return Day(FIRST + dt.timedelta(on), figures, final=True)

    def polars(self, kind: Any) -> pl.DataFrame:
        texts = pl.Series(np.array(CODES)[self.codes], dtype=pl.String)
        dates = pl.Series(self.numbers).cast(pl.Date)
        return pl.DataFrame({"amount": self.amounts, "currency": texts.cast(kind), "date": dates})

    def pandas(self) -> pd.DataFrame:
        return pd.DataFrame(
            {
                "amount": self.amounts,
                "currency": pd.Categorical.from_codes(self.codes, pd.Index(CODES)),
                "date": self.numbers.astype("datetime64[D]").astype("datetime64[us]"),
            }
        )

    def table(self) -> pl.DataFrame:
        table: pl.DataFrame = frames.table(FIRST, LAST, CODES, client=self.client)
        return table.select("currency", "date", "rate")


def check(world: World, converted: Any) -> None:
    """Hold a result against the product that numpy has of the same rates."""
    expected = world.amounts * world.rates
    worst = np.max(np.abs(np.asarray(converted) - expected) / np.spacing(np.abs(expected)))
    if not worst <= 2:
        raise SystemExit(f"a result is {worst} units in the last place off")


def in_memory(world: World) -> dict[str, tuple[Case, str | None]]:
    """Codes that are categories, and a column of dates."""
    out, client = np.empty(len(world.amounts)), world.client
    enum = world.polars(pl.Enum(CODES))
    arrow, categories = enum.to_arrow(), world.pandas()
    check(world, frames.convert(enum, client=client)["converted"])
    check(world, frames.convert(categories, client=client)["converted"])
    bare = "numpy, bare multiply"
    return {
        bare: (lambda: np.multiply(world.amounts, world.rates), None),
        "numpy, bare multiply into an array": (
            lambda: np.multiply(world.amounts, world.rates, out=out),
            bare,
        ),
        "Polars, Enum": (lambda: frames.convert(enum, client=client), bare),
        "PyArrow, dictionary": (lambda: frames.convert(arrow, client=client), bare),
        "pandas of numpy, categories": (lambda: frames.convert(categories, client=client), bare),
        "Polars, Enum, places=2": (lambda: frames.convert(enum, client=client, places=2), bare),
        "Polars, Enum, to EUR": (lambda: frames.convert(enum, client=client, to="EUR"), bare),
    }


def strings(world: World) -> dict[str, tuple[Case, str | None]]:
    """Codes that are text, against the joins by date that the libraries have."""
    client = world.client
    texts, table = world.polars(pl.String), world.table()
    frame = world.pandas().astype({"currency": "str"})
    rates = table.to_pandas().astype({"currency": "str"})
    rates["date"] = rates["date"].astype("datetime64[us]")
    check(world, frames.convert(texts, client=client)["converted"])
    check(world, frames.convert(frame, client=client)["converted"])

    def merge_asof() -> object:
        merged = pd.merge_asof(
            frame.sort_values("date"), rates.sort_values("date"), on="date", by="currency"
        )
        return merged["amount"] * merged["rate"]

    def join_asof() -> object:
        joined = texts.sort("date").join_asof(
            table.sort("date"), on="date", by="currency", check_sortedness=False
        )
        return joined["amount"] * joined["rate"]

    return {
        "pandas, sort_values and merge_asof": (merge_asof, None),
        "pandas, text": (
            lambda: frames.convert(frame, client=client),
            "pandas, sort_values and merge_asof",
        ),
        "Polars, sort and join_asof": (join_asof, None),
        "Polars, text": (
            lambda: frames.convert(texts, client=client),
            "Polars, sort and join_asof",
        ),
    }


def in_duckdb(world: World, connection: duckdb.DuckDBPyConnection) -> "Cases":
    """A relation, against the joins that one would write in SQL; every result is summed."""
    connection.register("amounts_in_python", world.polars(pl.String).to_arrow())
    connection.register("rates_in_python", world.table().to_arrow())
    connection.execute("CREATE TABLE amounts AS FROM amounts_in_python")
    connection.execute("CREATE TABLE rates AS FROM rates_in_python")
    relation = connection.table("amounts")

    def joined(how: str, on: str) -> Case:
        join = f"FROM amounts a {how} JOIN rates r ON a.currency = r.currency AND {on}"
        return lambda: connection.execute(f"SELECT sum(a.amount * r.rate) {join}").fetchall()

    def ours() -> object:
        return frames.convert(relation, client=world.client).aggregate("sum(converted)").fetchall()

    equal = "DuckDB, equi-join with a rate table"
    return {
        equal: (joined("LEFT", "a.date = r.date"), None),
        "DuckDB, ASOF JOIN": (joined("ASOF LEFT", "a.date >= r.date"), equal),
        "DuckDB": (ours, equal),
    }


def row_by_row(world: World) -> "Cases":
    """CurrencyConverter, applied to each row, with the currencies and dates that it has."""
    from currency_converter import CurrencyConverter  # type: ignore[import-untyped]

    peer = CurrencyConverter(fallback_on_missing_rate=True, fallback_on_wrong_date=True)
    frame = world.pandas().astype({"currency": "str"})
    dates = frame["date"].dt.date
    its = ["USD", "JPY", "GBP", "CHF", "SEK"]
    theirs = pd.DataFrame(
        {"amount": frame["amount"], "currency": [its[code % 5] for code in world.codes]}
    ).assign(date=dates)

    def apply() -> object:
        return theirs.apply(
            lambda row: peer.convert(row["amount"], row["currency"], "EUR", row["date"]), axis=1
        )

    name = "CurrencyConverter, df.apply"
    return {
        name: (apply, None),
        "pandas, text": (lambda: frames.convert(frame, client=world.client), name),
    }


Cases = dict[str, tuple[Case, str | None]]


def measure(cases: Cases, rounds: int) -> None:
    """Run all cases in turns; print each one's median and spread, and the median of its ratios."""
    times: dict[str, list[float]] = {name: [] for name in cases}
    if rounds > 1:
        for case, _ in cases.values():
            case()
    for _ in range(rounds):
        for name, (case, _) in cases.items():
            start = time.perf_counter()
            case()
            times[name].append((time.perf_counter() - start) * 1e3)
    for name, (_, against) in cases.items():
        low, median, high = min(times[name]), statistics.median(times[name]), max(times[name])
        print(f"{name:40s} {median:9.1f}  ({low:.1f}-{high:.1f})  {_ratio(times, name, against)}")


def _ratio(times: dict[str, list[float]], name: str, against: str | None) -> str:
    if against is None:
        return ""
    ratio = statistics.median(a / b for a, b in zip(times[name], times[against], strict=True))
    faster = f", {1 / ratio:.1f} times as fast" if ratio < 1 else ""
    return f"{ratio:.3g} of {against}{faster}"


@contextmanager
def world_of(rows: int) -> Iterator[World]:
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder), rows)
        yield world
        world.client.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=float, default=1e6, help="rows of each frame")
    parser.add_argument("--rounds", type=int, default=7, help="turns of every case")
    parser.add_argument("--peer", action="store_true", help="CurrencyConverter too: minutes")
    options = parser.parse_args()
    rows = int(options.rows)
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    print(f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} processors")
    print(f"{libraries}\n{rows:,} rows, {len(CODES)} currencies, {FIRST} to {LAST}; ms")
    with world_of(rows) as world:
        start = time.perf_counter()
        frames.convert(world.polars(pl.String)[:1000], client=world.client)
        print(f"\nThe first conversion, which reads the rates: {time.perf_counter() - start:.2f} s")
        for cases in (in_memory, strings):
            print(f"\n{cases.__doc__}")
            measure(cases(world), options.rounds)
        print(f"\n{in_duckdb.__doc__}")
        with duckdb.connect() as connection:
            measure(in_duckdb(world, connection), options.rounds)
        if options.peer:
            print(f"\n{row_by_row.__doc__}")
            measure(row_by_row(world), 1)


if __name__ == "__main__":
    main()
