"""A frame of Spark that gains working columns, and is left by them when they have served."""

from typing import TYPE_CHECKING

import pyarrow as pa
import pyspark
from pyspark.sql import functions as F  # noqa: N812

from kzt_rates.frames.engines.spark_columns import named
from kzt_rates.frames.engines.sql_text import working_prefix

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession

TAKES_ARROW = int(pyspark.__version__.split(".")[0]) >= 4


class Stages:
    """Selects upon selects; a working column is worked out once for all that is said of it."""

    def __init__(self, frame: "DataFrame") -> None:
        self._frame = frame
        self._prefix = working_prefix(frame.columns)
        self._workings: list[str] = []

    def add(self, *columns: "Column") -> "list[Column]":
        """Add working columns in one stage, and return them by their names."""
        added = {self._name(): column for column in columns}
        self._frame = self._frame.withColumns(added)
        return [named(name) for name in added]

    def join(self, rows: "pa.Table", keys: "dict[str, Column]") -> "dict[str, Column]":
        """Left-join a small table that every executor gets; return its other columns.

        Without keys, all rows get those of its one row, if it has one. Since the small table is
        the one that is sent, Spark takes the frame's rows one by one, each with its rates: no row
        waits for them, as it does where the frame is hashed.
        """
        if not keys:
            return _constants(rows)
        names = {column: self._name() for column in rows.column_names}
        small = frame_of(self._frame.sparkSession, rows.rename_columns(list(names.values())))
        pairs = [named(names[column]) == key for column, key in keys.items()]
        self._frame = self._frame.join(F.broadcast(small), pairs, "left")
        return {column: named(name) for column, name in names.items() if column not in keys}

    def result(self, into: str, column: "Column") -> "DataFrame":
        """Return the frame with one column more and without its workings."""
        return self._frame.withColumn(into, column).drop(*self._workings)

    def _name(self) -> str:
        self._workings.append(f"{self._prefix}{len(self._workings)}")
        return self._workings[-1]


def frame_of(session: "SparkSession", rows: "pa.Table") -> "DataFrame":
    """Return a table of Arrow as a frame of Spark, of 3.5 too."""
    if TAKES_ARROW:
        return session.createDataFrame(rows)
    from pyspark.sql.pandas.types import from_arrow_schema

    columns = [column.to_pylist() for column in rows.columns]
    kinds = from_arrow_schema(rows.schema, prefer_timestamp_ntz=True)
    return session.createDataFrame(list(zip(*columns, strict=True)), kinds, verifySchema=False)


def _constants(rows: "pa.Table") -> "dict[str, Column]":
    values = rows.to_pylist()[0] if rows.num_rows else {}
    return {
        field.name: F.lit(values.get(field.name)).cast(_kind(field.type)) for field in rows.schema
    }


def _kind(kind: "pa.DataType") -> str:
    if isinstance(kind, pa.Decimal128Type):
        return f"decimal({kind.precision},{kind.scale})"
    return {"int64": "bigint", "date32[day]": "date"}.get(str(kind), str(kind))
