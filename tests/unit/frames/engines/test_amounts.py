"""Amounts of text, infinite ones and NaN in each lazy engine: as the verb has them."""

import datetime as dt
import shutil
from decimal import Decimal
from typing import Any

import dask.dataframe as dd
import duckdb
import ibis
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import kzt_rates

DAY = dt.date(2025, 12, 5)
GOOD = ["1", "-12.50", "+0.1", "007", None, "99999999999999.99", "0.005", "-0"]
BAD = [
    "1 000", "1\u00a0000", "1,5", "", " 1", "1\n", "1.", ".5", "-.5", "1e5", "0x1", "1_000", "--1",
    "NaN", "inf", "$1", "٣", "１", "1" * 51, "x" * 60,
]  # fmt: skip

pytestmark = [
    pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:The 'future.infer_string' option"),
]


def rows(amounts: Any) -> dict[str, Any]:
    return {"amount": amounts, "currency": ["USD"] * len(amounts), "date": [DAY] * len(amounts)}


def values_of(frame: Any) -> list[Any]:
    column = frame["converted"]
    values = column.to_pylist() if isinstance(column, pa.ChunkedArray) else column.to_list()
    return [None if pd.isna(value) else value for value in values]


def expected(texts: list[str | None], **options: Any) -> list[Decimal | None]:
    """Return what the verb makes of each, by the packaged archive."""
    with kzt_rates.Client(cache=False, offline=True) as client:
        return [None if t is None else client.convert(t, "USD", on=DAY, **options) for t in texts]


LAZY = ["Polars", "DuckDB", "DuckDB enum", "Ibis on DuckDB", "Ibis on Polars", "Dask", "Spark"]


@pytest.fixture(params=LAZY)
def through(request: pytest.FixtureRequest, convert: Any) -> Any:
    """Convert texts by one lazy engine after the other."""
    library = request.param
    if library == "Spark":
        if not shutil.which("java"):
            pytest.skip("Spark runs on Java, of which there is none here")
        from kzt_rates.frames.engines.spark import frame_of

        spark = request.getfixturevalue("spark")

    def run(amounts: list[Any], **options: Any) -> list[Any]:
        table = pa.table(rows(pa.array(amounts)))
        if library == "Polars":
            return values_of(convert(pl.DataFrame(table).lazy(), **options).collect())
        if library.startswith("DuckDB"):
            with duckdb.connect() as connection:
                relation = connection.from_arrow(table)
                if library == "DuckDB enum" and isinstance(amounts[0], str):
                    values = ", ".join(
                        f"'{one}'" for one in dict.fromkeys(a for a in amounts if a is not None)
                    )
                    enum = f"CAST(amount AS ENUM ({values})) AS amount, currency, date"
                    relation = relation.project(enum)
                return [row[-1] for row in convert(relation, **options).fetchall()]
        if library == "Ibis on DuckDB":
            found = convert(ibis.memtable(table), **options).to_pyarrow()  # in any order
            given, results = (found[name].to_pylist() for name in ("amount", "converted"))
            results = dict(zip(given, results, strict=True))
            return [results[amount] for amount in amounts]
        if library == "Ibis on Polars":
            found = convert(ibis.polars.connect().create_table("t", table), **options)
            return found.to_pyarrow()["converted"].to_pylist()
        if library == "Dask":
            frame = dd.from_pandas(table.to_pandas(), npartitions=1)
            return values_of(convert(frame, **options).compute(scheduler="sync"))
        found = convert(frame_of(spark, table), **options).collect()
        return [row[-1] for row in found]

    return run


@pytest.mark.parametrize("places", [None, 2])
def test_engines_convert_text_exactly(through, places):
    """So it is where a frame stays: the decimals of the verb."""
    assert through(GOOD, places=places) == expected(GOOD, places=places)


def test_engines_refuse_text_that_is_no_amount(through):
    """An error in our words stops the query; nothing is cut off, rounded or null."""
    for text in BAD:
        with pytest.raises(Exception, match=r"amount|characters") as refused:
            through(["5", text])
        assert any(
            words in str(refused.value)
            for words in ("without spaces or a comma", "at most 50 characters")
        )


def test_engines_refuse_infinite_amounts(through):
    """Infinity is no amount anywhere, and NaN where it is not how a library marks a null."""
    for places in (None, 2):
        for amount in (float("inf"), float("-inf")):
            with pytest.raises(Exception, match="an amount is a finite number, not"):
                through([1.0, amount], places=places)
