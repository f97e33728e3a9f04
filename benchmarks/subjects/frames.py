"""`kzt_rates.frames.convert` for each library's frames, and what one would write by hand.

Amounts of two decimals in 39 currencies over 25 years. The rates are those of `benchmarks.world`,
a dense table of every currency and day, so that every library has the same to look up.
"""

import tempfile
from contextlib import ExitStack
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl

import kzt_rates
from benchmarks.case import Case, Growth
from benchmarks.places import STORE
from benchmarks.world import CODES, DAYS, FIRST, LAST, hundredths
from kzt_rates import frames

FIRST_NUMBER = int(np.datetime64(FIRST).astype(int))


class World:
    """The rates, a client that knows them, and the rows to convert."""

    def __init__(self, rows: int) -> None:
        random = np.random.default_rng(2026)
        self.grid = np.array(list(hundredths())) / 100
        self.client = _client()
        self.amounts = np.round(random.uniform(-1e4, 1e6, rows), 2)
        self.codes = random.integers(0, len(CODES), rows)
        self.days = random.integers(0, DAYS, rows)
        self.rates = self.grid[self.days, self.codes]
        self.numbers = (self.days + FIRST_NUMBER).astype(np.int32)

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

    def pandas_of_text(self) -> pd.DataFrame:
        return self.pandas().astype({"currency": "str"})

    def table(self) -> pl.DataFrame:
        """Return a table of all rates, to be joined with by hand."""
        table: pl.DataFrame = frames.table(FIRST, LAST, CODES, client=self.client)
        return table.select("currency", "date", "rate")

    def check(self, converted: Any) -> None:
        """Hold a result against the product that numpy has of the same rates."""
        expected = self.amounts * self.rates
        worst = np.max(np.abs(np.asarray(converted) - expected) / np.spacing(np.abs(expected)))
        if not worst <= 2:
            raise SystemExit(f"a result is {worst} units in the last place off")

    def check_sum(self, total: float) -> None:
        """Hold the sum of a result against numpy's."""
        expected = float(np.sum(self.amounts * self.rates))
        if abs(total - expected) > abs(expected) * 1e-9:
            raise SystemExit(f"a result sums to {total}, not {expected}")


@lru_cache(maxsize=1)
def _world(rows: int) -> World:
    return World(rows)


def _client() -> kzt_rates.Client:
    return kzt_rates.Client(cache=str(STORE), archive=False, offline=True)


def numpy_multiply(rows: str) -> Case:
    """The product of two arrays that are ready."""
    world = _world(int(rows))
    return Case(lambda: np.multiply(world.amounts, world.rates))


def numpy_gather(rows: str) -> Case:
    """A look-up of each row in a ready grid by ready numbers, and the product."""
    world = _world(int(rows))
    flat, width = world.grid.ravel(), len(CODES)
    return Case(lambda: world.amounts * flat.take(world.days * width + world.codes))


def polars(kind: str, rows: str, **how: Any) -> Case:
    """A Polars frame, with codes that are `Enum` or `String`."""
    world = _world(int(rows))
    frame = world.polars(pl.Enum(CODES) if kind == "Enum" else pl.String)
    if not how:
        world.check(frames.convert(frame, client=world.client)["converted"])
    return Case(lambda: frames.convert(frame, client=world.client, **how))


def polars_to_places(rows: str) -> Case:
    return polars("Enum", rows, places=2)


def polars_to_euro(rows: str) -> Case:
    return polars("Enum", rows, to="EUR")


def pyarrow(rows: str) -> Case:
    """A PyArrow table, with codes that are a dictionary."""
    world = _world(int(rows))
    table = world.polars(pl.Enum(CODES)).to_arrow()
    world.check(frames.convert(table, client=world.client)["converted"])
    return Case(lambda: frames.convert(table, client=world.client))


def pandas(kind: str, rows: str) -> Case:
    """A pandas frame, with codes that are categories or text."""
    world = _world(int(rows))
    frame = world.pandas() if kind == "categories" else world.pandas_of_text()
    world.check(frames.convert(frame, client=world.client)["converted"])
    return Case(lambda: frames.convert(frame, client=world.client))


def pandas_by_hand(how: str, rows: str) -> Case:
    """What pandas has for it: the rate of that very day, or that of the day or before."""
    world = _world(int(rows))
    frame, rates = world.pandas_of_text(), world.table().to_pandas().astype({"currency": "str"})
    rates["date"] = rates["date"].astype("datetime64[us]")
    rates = rates.sort_values("date")

    def merge() -> pd.Series:
        merged = frame.merge(rates, on=["currency", "date"], how="left")
        return merged["amount"] * merged["rate"]

    def merge_asof() -> pd.Series:
        merged = pd.merge_asof(frame.sort_values("date"), rates, on="date", by="currency")
        return merged["amount"] * merged["rate"]

    call = {"merge": merge, "merge_asof": merge_asof}[how]
    world.check_sum(float(call().sum()))
    return Case(call)


def polars_by_hand(how: str, rows: str) -> Case:
    """What Polars has for it."""
    world = _world(int(rows))
    frame, table = world.polars(pl.String), world.table().sort("date")

    def join() -> pl.Series:
        joined = frame.join(table, on=["currency", "date"], how="left", maintain_order="left")
        return joined["amount"] * joined["rate"]

    def join_asof() -> pl.Series:
        joined = frame.sort("date").join_asof(
            table, on="date", by="currency", check_sortedness=False
        )
        return joined["amount"] * joined["rate"]

    call = {"join": join, "join_asof": join_asof}[how]
    world.check_sum(float(call().sum()))
    return Case(call)


def duckdb_convert(rows: str) -> Case:
    """A relation of DuckDB; the result is summed."""
    world, connection, held = _tables(int(rows))
    relation = connection.table("amounts")

    def total() -> float:
        converted = frames.convert(relation, client=world.client)
        return float(converted.aggregate("sum(converted)").fetchall()[0][0])

    world.check_sum(total())
    return Case(total, held=held)


def duckdb_join(how: str, rows: str) -> Case:
    """What one would write in SQL, with a table of rates."""
    world, connection, held = _tables(int(rows))
    kind, sign = {"equal": ("LEFT", "="), "asof": ("ASOF LEFT", ">=")}[how]
    query = (
        f"SELECT sum(a.amount * r.rate) FROM amounts a {kind} JOIN rates r"
        f" ON a.currency = r.currency AND a.date {sign} r.date"
    )

    def total() -> float:
        return float(connection.execute(query).fetchall()[0][0])

    world.check_sum(total())
    return Case(total, held=held)


def ibis(rows: str) -> Case:
    """A table of Ibis over DuckDB; the result is summed."""
    ibis: Any = import_module("ibis")  # it has no types of its own
    world = _world(int(rows))
    backend = ibis.duckdb.connect()
    backend.con.register("amounts_in_python", world.polars(pl.String).to_arrow())
    backend.con.execute("CREATE TABLE amounts AS FROM amounts_in_python")
    table = backend.table("amounts")

    def total() -> float:
        return float(frames.convert(table, client=world.client)["converted"].sum().execute())

    world.check_sum(total())
    held = ExitStack()
    held.callback(backend.disconnect)
    return Case(total, held=held)


def dask(how: str, rows: str) -> Case:
    """A Dask frame of four partitions, in threads: converted and summed, or its amounts summed."""
    dataframe: Any = import_module("dask.dataframe")
    world = _world(int(rows))
    frame = dataframe.from_pandas(world.pandas_of_text(), npartitions=4, sort=False)

    def amounts() -> float:
        return float(frame["amount"].sum().compute())

    def total() -> float:
        return float(frames.convert(frame, client=world.client)["converted"].sum().compute())

    if how == "convert":
        world.check_sum(total())
    return Case({"convert": total, "amounts": amounts}[how])


def spark(how: str, rows: str) -> Case:
    """A PySpark frame of a Parquet file, in two threads, summed.

    Ours, a broadcast join by hand, or the amounts alone.
    """
    from pyspark.sql import SparkSession, functions

    world, held = _world(int(rows)), ExitStack()
    folder = Path(held.enter_context(tempfile.TemporaryDirectory()))
    world.polars(pl.String).write_parquet(folder / "amounts.parquet")
    world.table().write_parquet(folder / "rates.parquet")
    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.memory", "4g")
        .getOrCreate()
    )
    held.callback(session.stop)
    frame = session.read.parquet(str(folder / "amounts.parquet"))
    rates = session.read.parquet(str(folder / "rates.parquet"))

    def converted() -> Any:
        if how == "convert":
            return frames.convert(frame, client=world.client)
        if how == "amounts":
            return frame.withColumnRenamed("amount", "converted")
        joined = frame.join(functions.broadcast(rates), ["currency", "date"], "left")
        return joined.withColumn("converted", joined.amount * joined.rate)

    def total() -> float:
        return float(converted().agg(functions.sum("converted")).collect()[0][0])

    if how != "amounts":
        world.check_sum(total())
    return Case(total, held=held)


def pandas_multiply(rows: str) -> Case:
    """A column of a pandas frame multiplied, as a new column."""
    frame = _world(int(rows)).pandas_of_text()
    return Case(lambda: frame.assign(converted=frame["amount"] * 2))


def read_rates() -> Case:
    """The first conversion of a client, which reads all rates of the store into arrays."""
    frame = World.polars(_world(1000), pl.String)

    def call() -> None:
        with _client() as client:
            frames.convert(frame, client=client)

    return Case(call)


def client_of_arrays() -> Growth:
    """A client that has read all rates for frames."""
    frame = pl.DataFrame({"amount": [1.0], "currency": ["USD"], "date": [LAST]})

    def load() -> object:
        client = _client()
        every = pl.DataFrame(
            {"amount": [1.0] * len(CODES), "currency": CODES, "date": [LAST] * len(CODES)}
        )
        frames.convert(every, client=client)
        return client

    return Growth(lambda: frames.convert(frame, client=_client()), load)


def _tables(rows: int) -> tuple[World, duckdb.DuckDBPyConnection, ExitStack]:
    world, held = _world(rows), ExitStack()
    connection = held.enter_context(duckdb.connect())
    connection.register("amounts_in_python", world.polars(pl.String).to_arrow())
    connection.register("rates_in_python", world.table().to_arrow())
    connection.execute("CREATE TABLE amounts AS FROM amounts_in_python")
    connection.execute("CREATE TABLE rates AS FROM rates_in_python")
    return world, connection, held
