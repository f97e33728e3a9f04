"""Tables as those of PyArrow, by the Arrow interface of C to any other library, and as Parquet."""

from typing import TYPE_CHECKING, Any

from kzt_rates.process import require
from kzt_rates.tables.table import MAX_DIGITS
from kzt_rates.tables.text import text_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from kzt_rates.tables.table import Column, Table


def arrow_table(table: "Table", *, exact: bool) -> Any:
    """Return a `pyarrow.Table`; the schema's metadata says what it is about."""
    return _table(table, [column.name for column in table.columns] if exact else ())


def arrow_stream(table: "Table", requested_schema: object) -> object:
    """Return the table as a capsule of an Arrow stream, in the types asked for where given.

    Decimals and text that are asked for are made of the exact figures and never of floats. A
    date has no time zone: `ValueError` where one is asked for.
    """
    if requested_schema is None:
        return arrow_table(table, exact=False).__arrow_c_stream__()
    pa = require("pyarrow", "frames")
    wanted = pa.schema(_Schema(requested_schema))
    exact = [field.name for field in wanted if pa.types.is_decimal(field.type)]
    texts = [field.name for field in wanted if field.type in _text_types(pa)]
    for field in wanted:
        if pa.types.is_timestamp(field.type) and field.type.tz is not None:
            raise ValueError(
                f"{field.name} is a calendar date, which has no time zone: ask for date32, or "
                "for a timestamp without a zone"
            )
    return _table(table, exact, texts).cast(wanted).__arrow_c_stream__()


def parquet_bytes(table: "Table") -> bytes:
    """Return the content of a Parquet file, its figures as decimals."""
    made = arrow_table(table, exact=True)
    parquet = require("pyarrow.parquet", "frames")
    sink = require("pyarrow", "frames").BufferOutputStream()
    parquet.write_table(made, sink)
    content: bytes = sink.getvalue().to_pybytes()
    return content


class _Schema:
    """A capsule of a schema, as PyArrow takes one."""

    def __init__(self, capsule: object) -> None:
        self._capsule = capsule

    def __arrow_c_schema__(self) -> object:
        return self._capsule


def _table(table: "Table", exact: "Collection[str]", texts: "Collection[str]" = ()) -> Any:
    """Return a table whose figures are decimals in the columns named as exact, or texts."""
    pa = require("pyarrow", "frames")
    arrays = [
        _texts(pa, column)
        if column.kind == "figure" and column.name in texts
        else _array(pa, column, exact=column.name in exact)
        for column in table.columns
    ]
    fields = [
        pa.field(column.name, array.type)
        for column, array in zip(table.columns, arrays, strict=True)
    ]
    return pa.table(arrays, schema=pa.schema(fields, metadata=table.about))


def _text_types(pa: Any) -> "tuple[Any, ...]":
    return pa.string(), pa.large_string(), pa.string_view()


def _texts(pa: Any, column: "Column") -> Any:
    """Return the digits of figures."""
    digits = [None if value is None else text_of(value) for value in column.figures]
    return pa.array(digits, pa.string())


def _array(pa: Any, column: "Column", *, exact: bool) -> Any:
    if column.kind == "figure":
        if exact:
            return pa.array(column.figures, pa.decimal128(MAX_DIGITS, column.scale()))
        return pa.array(column.floats, pa.float64())
    types = {"date": pa.date32, "text": pa.string, "whole": pa.int64, "flag": pa.bool_}
    return pa.array(column.values, types[column.kind]())
