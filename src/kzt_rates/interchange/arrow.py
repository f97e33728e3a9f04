"""Tables as those of PyArrow, by the Arrow interface of C to any other library, and as Parquet."""

from typing import TYPE_CHECKING, Any

from kzt_rates.extras import require
from kzt_rates.interchange.tables import MAX_DIGITS

if TYPE_CHECKING:
    from collections.abc import Collection

    from kzt_rates.interchange.tables import Column, Table


def arrow_table(table: "Table", *, exact: bool) -> Any:
    """Return a `pyarrow.Table`; the schema's metadata says what it is about."""
    return _table(table, [column.name for column in table.columns] if exact else ())


def arrow_stream(table: "Table", requested_schema: object) -> object:
    """Return the table as a capsule of an Arrow stream, in the types asked for where given.

    Decimals that are asked for are made of the exact figures and never of floats.
    """
    if requested_schema is None:
        return arrow_table(table, exact=False).__arrow_c_stream__()
    pa = require("pyarrow", "frames")
    wanted = pa.schema(_Schema(requested_schema))
    exact = [field.name for field in wanted if pa.types.is_decimal(field.type)]
    return _table(table, exact).cast(wanted).__arrow_c_stream__()


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


def _table(table: "Table", exact: "Collection[str]") -> Any:
    """Return a table whose figures are decimals in the columns named as exact."""
    pa = require("pyarrow", "frames")
    arrays = [_array(pa, column, exact=column.name in exact) for column in table.columns]
    fields = [
        pa.field(column.name, array.type)
        for column, array in zip(table.columns, arrays, strict=True)
    ]
    return pa.table(arrays, schema=pa.schema(fields, metadata=table.about))


def _array(pa: Any, column: "Column", *, exact: bool) -> Any:
    if column.kind == "figure":
        if exact:
            return pa.array(column.figures, pa.decimal128(MAX_DIGITS, column.scale()))
        return pa.array(column.floats, pa.float64())
    types = {"date": pa.date32, "text": pa.string, "whole": pa.int64, "flag": pa.bool_}
    return pa.array(column.values, types[column.kind]())
