"""The same rows through every library give the same numbers, to the bit."""

from decimal import Decimal
from typing import Any

import dask.dataframe as dd
import duckdb
import ibis
import numpy as np
import polars as pl
import pytest

ROWS = 20_000
CODES = ("USD", "EUR", "CNY", "RUB", "AMD", "HUF", "KRW", "UZS", "KZT")

pytestmark = [
    pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:The 'future.infer_string' option"),
]


@pytest.fixture(scope="module")
def rows() -> pl.DataFrame:
    """Rows of days of which the archive has every code."""
    chance = np.random.default_rng(26)
    first, last = 20424, 20459  # 2025-12-02 and 2026-01-06, as days since 1970
    days = pl.Series(chance.integers(first, last + 1, ROWS).astype(np.int32))
    return pl.DataFrame(
        {
            "id": np.arange(ROWS),
            "amount": np.round(chance.uniform(-1e4, 1e6, ROWS), 2),
            "currency": chance.choice(CODES, ROWS),
            "date": days.cast(pl.Date),
            "quote": chance.choice(CODES, ROWS),
        }
    )


def through(library: str, rows: pl.DataFrame, convert: Any, **options: Any) -> list[Any]:
    """Return what a library makes of rows, in their order."""
    arrow = rows.to_arrow()
    if library in ("pandas", "pandas of Arrow"):
        frame = rows.to_pandas(use_pyarrow_extension_array=library != "pandas")
        return convert(frame, **options)["converted"].tolist()
    if library == "PyArrow":
        return convert(arrow, **options)["converted"].to_pylist()
    if library == "Polars, lazy":
        lazy = convert(rows.lazy(), **options).collect(engine="streaming")
        return lazy.sort("id")["converted"].to_list()
    if library == "DuckDB":
        with duckdb.connect() as connection:
            relation = convert(connection.from_arrow(arrow), **options)
            return pl.DataFrame(relation.to_arrow_table()).sort("id")["converted"].to_list()
    if library == "Ibis":
        table = convert(ibis.memtable(arrow), **options)
        return pl.DataFrame(table.to_pyarrow()).sort("id")["converted"].to_list()
    frame = dd.from_pandas(rows.to_pandas(), npartitions=3)
    return convert(frame, **options).compute(scheduler="sync")["converted"].tolist()


@pytest.mark.parametrize(
    "library",
    ["pandas", "pandas of Arrow", "PyArrow", "Polars, lazy", "DuckDB", "Ibis", "Dask"],
)
@pytest.mark.parametrize("places", [None, 2])
@pytest.mark.parametrize("to", ["KZT", "EUR", "quote"])
def test_floats(rows, convert, library, places, to):
    """Every library gives what Polars gives in memory, which other tests hold to fractions."""
    expected = convert(rows, to=to, places=places)["converted"].to_list()
    assert through(library, rows, convert, to=to, places=places) == expected


@pytest.mark.parametrize("library", ["PyArrow", "Polars, lazy", "DuckDB", "Ibis"])
@pytest.mark.parametrize("places", [None, 2])
@pytest.mark.parametrize("to", ["KZT", "EUR"])
def test_decimals(rows, convert, library, places, to):
    """So it is with decimals, whose results are exact or rounded at one place."""
    exact = rows.head(2_000).with_columns(pl.col("amount").cast(pl.Decimal(14, 2)))
    expected = convert(exact, to=to, places=places)["converted"].to_list()
    assert all(isinstance(value, Decimal) for value in expected)
    assert through(library, exact, convert, to=to, places=places) == expected
