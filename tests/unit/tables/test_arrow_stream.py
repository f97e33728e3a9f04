"""Any Arrow library takes a series or a sheet by the interface of C, without a word of ours."""

import sys
from typing import Any

import duckdb
import narwhals as nw
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from kzt_rates.models import Series


def test_takers_of_a_series(year: Series) -> None:
    """Polars, PyArrow, pandas, DuckDB and narwhals see the days and the floats of the values."""
    dates, floats = list(year.dates), [float(value) for _, value in year]
    if hasattr(pl.DataFrame, "__arrow_c_stream__"):
        assert pl.DataFrame(year).to_dict(as_series=False) == {"date": dates, "rate": floats}
    assert pa.table(year).to_pydict() == {"date": dates, "rate": floats}
    if hasattr(pd.DataFrame, "from_arrow"):  # pandas 3
        assert pd.DataFrame.from_arrow(year)["rate"].tolist() == floats
    assert nw.from_arrow(year, backend="polars")["rate"].to_list() == floats
    with duckdb.connect() as connection:
        found = connection.sql("SELECT max(rate), count(*) FROM year WHERE date < '2016-02-01'")
        assert found.fetchall() == [(383.91, 31)]


def test_takers_of_a_sheet(make_sheet: Any) -> None:
    """A sheet is taken too, although it is a mapping, but by Polars' own constructor."""
    sheet = make_sheet("2025-12-05")
    assert pa.table(sheet).equals(sheet.to_arrow())
    if hasattr(pd.DataFrame, "from_arrow"):
        assert pd.DataFrame.from_arrow(sheet).shape == (39, 7)
    assert nw.from_arrow(sheet, backend="pyarrow").to_native().equals(sheet.to_arrow())
    with duckdb.connect() as connection:
        found = connection.sql("SELECT per_unit FROM sheet WHERE currency = 'AMD'")
        assert found.fetchall() == [(1.314,)]
    with pytest.raises(TypeError):  # in words of ours from Polars 2 on
        pl.DataFrame(sheet)


def test_a_schema_asked_for(cross: Series, year: Series, make_sheet: Any) -> None:
    """Decimals that are asked for have the exact digits; what cannot be given is an error."""

    def taken(source: object, **types: pa.DataType) -> pa.Table:
        return pa.RecordBatchReader.from_stream(source, schema=pa.schema(types)).read_all()

    exact = taken(cross, date=pa.date32(), rate=pa.decimal128(38, 28))
    assert exact["rate"].to_pylist() == [value for _, value in cross]
    assert taken(year, date=pa.date64(), rate=pa.float64())["date"].type == pa.date64()
    for types in (
        {"date": pa.date32(), "rate": pa.decimal128(38, 2)},
        {"day": pa.date32(), "rate": pa.float64()},
    ):
        with pytest.raises(ValueError, match=r"data loss|truncat|match"):
            taken(cross, **types)
    sheet = make_sheet("2025-12-05")
    schema = sheet.to_arrow().schema
    wanted = schema.set(4, pa.field("per_unit", pa.decimal128(20, 6)))
    mixed = pa.RecordBatchReader.from_stream(sheet, schema=wanted).read_all()
    assert mixed["value"].equals(sheet.to_arrow()["value"])
    assert mixed["per_unit"].to_pylist() == [rate.per_unit for rate in sheet.rates]


@pytest.mark.parametrize(
    ("library", "method", "line"),
    [
        ("pyarrow", "to_arrow", "pip install 'narwhals>=2.10.1' 'numpy>=1.26' 'pyarrow>=18'"),
        ("pyarrow", "__arrow_c_stream__", "'pyarrow>=18'"),
        ("pandas", "to_pandas", "pip install pandas"),
        ("polars", "to_polars", "pip install polars"),
    ],
)
def test_without_the_library(
    year: Series, monkeypatch: pytest.MonkeyPatch, library: str, method: str, line: str
) -> None:
    """Where a library is missing, the error says which line to type."""
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(ImportError) as found:
        getattr(year, method)()
    assert line in str(found.value)
    assert year.to_csv().count("\n") == 367


def test_text_that_is_asked_for_has_all_digits(year):
    """Who asks for text wants the digits, and not those of a float."""
    wanted = pa.schema([("date", pa.date32()), ("rate", pa.string())])
    got = pa.table(_Asking(year, wanted))["rate"].to_pylist()
    assert got == [str(value) for _, value in year]


def test_a_date_has_no_time_zone(year):
    """A calendar date as an instant in UTC is the day before in New York."""
    zoned = pa.schema([("date", pa.timestamp("us", "America/New_York")), ("rate", pa.float64())])
    with pytest.raises(ValueError, match="no time zone"):
        pa.table(_Asking(year, zoned))


class _Asking:
    """A series that is asked for in a schema."""

    def __init__(self, series, schema):
        self._series, self._schema = series, schema

    def __arrow_c_stream__(self, requested_schema=None):
        assert requested_schema is None
        return self._series.__arrow_c_stream__(self._schema.__arrow_c_schema__())
