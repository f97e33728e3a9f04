"""What an Ibis backend is taught: dates in Almaty, exact money, an error that names its row."""

from functools import cache
from itertools import count
from typing import TYPE_CHECKING, Any

import ibis  # type: ignore[import-untyped]  # it has types, and no mark that says so
import numpy as np
import pyarrow as pa

from kzt_rates.frames import arrow_columns
from kzt_rates.frames.asked import DECIMAL_DIGITS, SCALE_WITHOUT_PLACES
from kzt_rates.frames.kinds import kind_of

if TYPE_CHECKING:
    from collections.abc import Callable

# Backends whose functions take whole columns of Arrow.
BACKENDS_OF_ARROW = ("duckdb", "polars")
_numbers = count()


def result_type(amount: Any, places: int | None) -> str:
    """Return the type of converted amounts: decimals of decimals, else float64."""
    if not amount.is_decimal():
        return "float64"
    return f"decimal({DECIMAL_DIGITS}, {SCALE_WITHOUT_PLACES if places is None else places})"


@cache
def day_of(kind: Any) -> "Callable[..., Any]":
    """Return the function from instants or texts to dates in Kazakhstan.

    It raises `ValueError` for a text that is none.
    """

    def days(dates: Any) -> Any:
        found = arrow_columns.days_of(_chunked(dates))
        numbers = np.asarray(found.part(slice(None)), np.int32)
        return pa.array(numbers, pa.int32(), mask=found.nulls).view(pa.date32())

    return _of_arrow(days, "day", (kind,), "date")


@cache
def money_of(kind: Any, places: int | None) -> "Callable[..., Any]":
    """Return the function from amounts, tops and bottoms to exact results, null where one is."""

    def money(amounts: Any, tops: Any, bottoms: Any) -> Any:
        columns = [_chunked(column) for column in (amounts, tops, bottoms)]
        nulls = np.zeros(len(columns[0]), np.bool_)
        for column in columns:
            nulls |= column.is_null().to_numpy()
        rows = np.flatnonzero(~nulls)
        one, other = (column.fill_null(1).to_numpy()[rows] for column in columns[1:])
        amount = kind_of(arrow_columns.amounts_of(columns[0]), places)
        with np.errstate(over="ignore", invalid="ignore"):
            amount.put(rows, one, other)
        return arrow_columns.column_of(amount.converted(nulls), places)

    return _of_arrow(money, "money", (kind, "int64", "int64"), result_type(kind, places))


@cache
def error_of(kind: str) -> "Callable[..., Any]":
    """Return DuckDB's function that fails with a message, in the place of a result."""

    def error(message: str) -> Any: ...

    return _function(ibis.udf.scalar.builtin, error, "error", ("string",), kind)


@cache
def checked_by(before: str, between: str, after: str) -> "Callable[..., Any]":
    """Return the function that gives rates back, or raises `ValueError` for the first lacking."""

    def checked(rates: Any, lacking: Any, codes: Any, days: Any) -> Any:
        row = _chunked(lacking).index(pa.scalar(True)).as_py()
        if row >= 0:
            code, day = (_chunked(column)[row].as_py() for column in (codes, days))
            raise ValueError(f"{before}{code}{between}{day}{after}")
        return rates

    return _of_arrow(checked, "checked", ("float64", "boolean", "string", "date"), "float64")


def _of_arrow(
    function: "Callable[..., Any]", name: str, given: tuple[Any, ...], returned: str
) -> "Callable[..., Any]":
    # each has a name of its own, since a backend knows one function of a name
    unique = f"kzt_rates_{name}_{next(_numbers)}"
    return _function(ibis.udf.scalar.pyarrow, function, unique, given, returned)


def _function(
    maker: Any, function: "Callable[..., Any]", name: str, given: tuple[Any, ...], returned: str
) -> "Callable[..., Any]":
    made: Callable[..., Any] = maker(function, name=name, signature=(given, returned))
    return made


def _chunked(column: Any) -> "pa.ChunkedArray":
    return column if isinstance(column, pa.ChunkedArray) else pa.chunked_array([column])
