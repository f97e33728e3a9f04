"""No row that has a rate is said to have none, whatever is filtered, joined and cut off around it.

An engine runs a plan as it likes: it may look at rows that it never gives, move a filter, or turn
a join around. The frames here have rows without a rate that are sorted out before the conversion,
so that not one plan may fail, and what comes out is checked against fractions.
"""

import random
from datetime import date
from fractions import Fraction
from importlib import import_module
from itertools import count

import dask.dataframe as dd
import duckdb
import ibis
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from ibis import _

pytestmark = [
    pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:The 'future.infer_string' option"),
    # Dask's own, of a join whose partitions are one
    pytest.mark.filterwarnings("ignore::FutureWarning:dask"),
]

COLUMNS = ("n", "amount", "currency", "date", "to", "is_good")
LONG_AGO = date(1999, 1, 4)
SORTED_OUT = ("by flag", "by value", "by another table", "by both tables")
AFTERWARDS = ("positive", "some", "two", "largest", "joined", "beside others")

BEFORE_IN_SQL = {
    "by flag": "SELECT f.* FROM f WHERE is_good",
    "by value": "SELECT f.* FROM f WHERE currency <> 'XXX' AND date > DATE '2000-01-01'",
    "by another table": "SELECT f.* FROM f WHERE n IN (SELECT n FROM g WHERE least <= n)",
    "by both tables": "SELECT f.* FROM f JOIN g ON f.n = g.n WHERE g.least <= f.n",
}
AFTER_IN_SQL = {
    "positive": "SELECT * FROM c WHERE converted > 0",
    "some": "SELECT * FROM c WHERE n % 3 <> 0",
    "two": "SELECT * FROM c LIMIT 2",
    "largest": "SELECT * FROM c ORDER BY converted DESC NULLS LAST LIMIT 3",
    "joined": "SELECT c.n, c.converted FROM c JOIN g ON c.n = g.n",
    "beside others": "SELECT g.n, c.converted FROM g LEFT JOIN c ON c.n = g.n",
}


def converter_of(engine):
    module, _, function = engine.converter.rpartition(".")
    return getattr(import_module(f"kzt_rates.frames.{module}"), function)


class OnDuckDB:
    """Relations of a table of its own, of whose size DuckDB knows."""

    converter = "engines.duckdb.convert"
    _numbers = count()

    def __init__(self) -> None:
        self._connection = duckdb.connect()

    def frame(self, f: pa.Table, g: pa.Table):
        for name, rows in (("f", f), ("g", g)):
            self._connection.register("given", rows)
            self._connection.execute(f"CREATE TABLE {name} AS FROM given")
            self._connection.unregister("given")
        return self._connection.table("f")

    def before(self, frame, how):
        return self._connection.sql(BEFORE_IN_SQL[how])

    def after(self, frame, how):
        # each view has a name of its own, or DuckDB 1.1 takes it for the one before
        name = f"c_{next(self._numbers)}"
        return frame.query(name, f"WITH c AS (FROM {name}) {AFTER_IN_SQL[how]}")

    def rows(self, frame):
        return frame.project("n, converted").fetchall()


class OnIbis:
    """Expressions of Ibis, on tables in memory."""

    converter = "engines.ibis.convert"

    def __init__(self, backend: str) -> None:
        self._connection = getattr(ibis, backend).connect()

    def frame(self, f: pa.Table, g: pa.Table):
        f, g = (self._made(name, rows) for name, rows in (("f", f), ("g", g)))
        self._g = g
        return f

    def _made(self, name, rows):
        if self._connection.name == "polars":
            return self._connection.create_table(name, rows)
        self._connection.con.register("given", rows)
        self._connection.con.execute(f"CREATE TABLE {name} AS FROM given")
        self._connection.con.unregister("given")
        return self._connection.table(name)

    def before(self, f, how):
        if how == "by flag":
            return f.filter(f.is_good)
        if how == "by value":
            return f.filter((f.currency != "XXX") & (f.date > ibis.date("2000-01-01")))
        if how == "by another table":
            g = self._g.filter(_.least <= _.n)
            return f.semi_join(g, f.n == g.n)
        g = self._g.rename(of="n")
        return f.inner_join(g, f.n == g.of).filter(_.least <= _.n).drop("of", "least")

    def after(self, c, how):
        if how == "positive":
            return c.filter(_.converted > 0)
        if how == "some":
            return c.filter(_.n % 3 != 0)
        if how == "two":
            return c.limit(2)
        if how == "largest":
            return c.order_by(ibis.desc(_.converted)).limit(3)
        g, c = self._g.rename(of="n"), c.select("n", "converted")
        if how == "joined":
            return c.inner_join(g, c.n == g.of).select("n", "converted")
        return g.left_join(c, c.n == g.of).select(n="of", converted="converted")

    def rows(self, frame):
        return [
            tuple(row.values()) for row in frame.select("n", "converted").to_pyarrow().to_pylist()
        ]


class OnPolars:
    """Lazy frames of Polars, collected in memory or as a stream."""

    converter = "in_memory.convert_lazy_polars"

    def __init__(self, engine: str) -> None:
        self._engine = engine

    def frame(self, f: pa.Table, g: pa.Table):
        self._g = pl.from_arrow(g).lazy()
        return pl.from_arrow(f).lazy()

    def before(self, f, how):
        if how == "by flag":
            return f.filter("is_good")
        if how == "by value":
            return f.filter(pl.col("currency") != "XXX", pl.col("date") > date(2000, 1, 1))
        if how == "by another table":
            return f.join(self._g.filter(pl.col("least") <= pl.col("n")), on="n", how="semi")
        both = f.join(self._g, on="n").filter(pl.col("least") <= pl.col("n"))
        return both.drop("least")

    def after(self, c, how):
        if how == "positive":
            return c.filter(pl.col("converted") > 0)
        if how == "some":
            return c.filter(pl.col("n") % 3 != 0)
        if how == "two":
            return c.head(2)
        if how == "largest":
            return c.sort("converted", descending=True, nulls_last=True).head(3)
        if how == "joined":
            return c.join(self._g.select("n"), on="n")
        return self._g.select("n").join(c, on="n", how="left")

    def rows(self, frame):
        return frame.select("n", "converted").collect(engine=self._engine).rows()


class OnDask:
    """Dask's frames of three partitions, computed in this thread."""

    converter = "in_memory.convert_dask"

    def frame(self, f: pa.Table, g: pa.Table):
        self._g = dd.from_pandas(g.to_pandas(), npartitions=2)
        return dd.from_pandas(f.to_pandas(date_as_object=False), npartitions=3)

    def before(self, f, how):
        if how == "by flag":
            return f[f.is_good]
        if how == "by value":
            return f[(f.currency != "XXX") & (f.date > pd.Timestamp("2000-01-01"))]
        g = self._g[self._g.least <= self._g.n] if how == "by another table" else self._g
        both = f.merge(g, on="n")
        return both[both.least <= both.n].drop(columns="least")

    def after(self, c, how):
        if how == "positive":
            return c[c.converted > 0]
        if how == "some":
            return c[c.n % 3 != 0]
        if how == "two":
            return c.partitions[:1]
        if how == "largest":
            return c.nlargest(3, "converted")
        return c.merge(self._g[["n"]], on="n", how="inner" if how == "joined" else "right")

    def rows(self, frame):
        found = frame[["n", "converted"]].compute(scheduler="sync")
        return [(n, None if pd.isna(value) else value) for n, value in found.to_numpy().tolist()]


class OnSpark:
    """Views of Spark's SQL."""

    converter = "engines.spark.convert"
    _numbers = count()

    def __init__(self, session) -> None:
        from kzt_rates.frames.engines.spark import frame_of

        self._session, self._made = session, frame_of

    def frame(self, f: pa.Table, g: pa.Table):
        for name, rows in (("f", f), ("g", g)):
            self._made(self._session, rows).createOrReplaceTempView(name)
        return self._session.table("f")

    def before(self, frame, how):
        return self._session.sql(BEFORE_IN_SQL[how])

    def after(self, frame, how):
        frame.createOrReplaceTempView("c")
        return self._session.sql(AFTER_IN_SQL[how])

    def rows(self, frame):
        return [tuple(row) for row in frame.select("n", "converted").collect()]


ENGINES = {
    "DuckDB": OnDuckDB,
    "Ibis on DuckDB": lambda: OnIbis("duckdb"),
    "Ibis on Polars": lambda: OnIbis("polars"),
    "Polars": lambda: OnPolars("in-memory"),
    "Polars, streaming": lambda: OnPolars("streaming"),
    "Dask": OnDask,
}


class Trial:
    """Rows by chance, and what is done to them."""

    def __init__(self, rates, seed: int) -> None:
        dice = random.Random(seed)
        self.rows = list(self._rows(rates, dice, dice.choice([1, 40, 3000, 5000])))
        self.before = dice.choice(SORTED_OUT)
        self.after = [dice.choice(AFTERWARDS) for _ in range(dice.randint(1, 3))]
        self.request = {
            "to": dice.choice(["KZT", "EUR", "to"]),
            "missing": dice.choice(["raise", "previous"]),
            "places": dice.choice([None, 2]),
            "currency": dice.choice(["currency", "currency", "USD"]),
        }
        self.expected = {
            row["n"]: Fraction(row["amount"]) * self._ratio(rates, row)
            for row in self.rows
            if row["is_good"]
        }

    def _rows(self, rates, dice, size):
        days = [day for day in rates.days if all((c, day) in rates.known for c in ("USD", "EUR"))]
        some = dice.sample(days, 3) if dice.random() < 0.5 else days
        for n in range(size):
            day, is_good = dice.choice(some), dice.random() < 0.9
            codes = dice.choice([["USD"], ["USD", "EUR", "KZT"]])
            row = {
                "n": n,
                "amount": dice.randint(1, 10**6) / 4,
                "currency": dice.choice(codes),
                "date": day,
                "to": dice.choice(["KZT", "EUR"]),
                "is_good": is_good,
            }
            if not is_good:
                row |= {"date": LONG_AGO} if dice.random() < 0.5 else {"currency": "XXX"}
                row["date"] = LONG_AGO  # with one code for all rows as well
            yield row

    def _ratio(self, rates, row):
        base = row["currency"] if self.request["currency"] == "currency" else "USD"
        quote = row["to"] if self.request["to"] == "to" else self.request["to"]
        return rates.ratio(base, row["date"], quote)

    def run(self, engine, rates, request_of) -> None:
        f = pa.Table.from_pylist(self.rows)
        least = [row["n"] + (not row["is_good"]) for row in self.rows]
        frame = engine.frame(f, pa.table({"n": f["n"], "least": least}))
        frame = engine.before(frame, self.before)
        convert = converter_of(engine)
        in_tenge = engine.converter.startswith("in_memory")
        to = None if self.request["to"] == "to" else "KZT" if in_tenge else self.request["to"]
        frame = convert(frame, request_of(COLUMNS, **self.request), rates.table(to))
        for how in self.after:
            frame = engine.after(frame, how)
        self.check(engine.rows(frame))

    def check(self, found) -> None:
        are_more = "beside others" in self.after
        for n, value in found:
            if value is None:
                assert are_more
                continue
            exact = self.expected[n]
            tolerance = Fraction(1, 1000) + exact / 10**14
            if self.request["places"] is not None:
                tolerance += Fraction(1, 200)
            assert abs(Fraction(value) - exact) <= tolerance
        if not {"two", "largest", "beside others"} & set(self.after):
            kept = {n for n in self.expected if "some" not in self.after or n % 3}
            assert sorted(n for n, _ in found) == sorted(kept)


@pytest.mark.parametrize("seed", range(16))
@pytest.mark.parametrize("engine", ENGINES)
def test_plans(rates, engine, seed):
    """No plan of an engine fails for a row that was sorted out, or for one that has a rate."""
    Trial(rates, seed).run(ENGINES[engine](), rates, rates.request)


@pytest.mark.parametrize("seed", range(4))
def test_plans_of_spark(spark, rates, seed):
    """So it is with Spark."""
    Trial(rates, seed).run(OnSpark(spark), rates, rates.request)


@pytest.mark.parametrize("size", [1, 2, 2048, 3000, 8000])
@pytest.mark.parametrize("engine", ["DuckDB", "Ibis on DuckDB"])
def test_a_limit_behind_a_filter(rates, engine, size):
    """A frame smaller than the rates, of which a filter and a limit take two rows, gives two."""
    day = date(2025, 12, 5)
    rows = pa.table(
        {
            "n": range(size),
            "amount": [2.0] * size,
            "currency": ["USD"] * size,
            "date": [day] * size,
        }
    )
    on = ENGINES[engine]()
    given = on.frame(rows, rows.select(["n"]))
    convert = converter_of(on)
    found = convert(given, rates.request(COLUMNS[:4]), rates.table())
    for how in ("positive", "two"):
        found = on.after(found, how)
    assert [value for _, value in on.rows(found)] == [999.3] * min(size, 2)
