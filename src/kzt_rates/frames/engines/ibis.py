"""Ibis: a table expression joined with the rates, for the backend that it is bound to."""

from __future__ import annotations

from functools import cache
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple

import ibis  # type: ignore[import-untyped]  # it has types, and no mark that says so
import numpy as np
import pyarrow as pa

from kzt_rates.frames import arrow
from kzt_rates.frames.columns import refuse_infinite
from kzt_rates.frames.engines import NOT_FINITE, refuse_clashes, working_prefix
from kzt_rates.frames.in_memory import rows_named
from kzt_rates.frames.multiply import multiplier_of
from kzt_rates.frames.rate_tables import currencies_of, no_rate_texts, whole
from kzt_rates.frames.request import DECIMAL_DIGITS, SCALE_WITHOUT_PLACES

if TYPE_CHECKING:
    from collections.abc import Callable

    from ibis.expr.types import Table  # type: ignore[import-untyped]  # as above

    from kzt_rates.frames.rate_tables import RateTable, WholeTable
    from kzt_rates.frames.request import Codes, Dates, Request


CODE = "^[A-Za-z]{3}$"
# Backends whose functions take whole columns of Arrow.
BACKENDS_OF_ARROW = ("duckdb", "polars")
BACKENDS = (*BACKENDS_OF_ARROW, "sqlite")


class Found(NamedTuple):
    """The rate of each row, null where it has none, and what the message about that says."""

    rate: Any
    top: Any
    bottom: Any
    code: Any


def convert(frame: Table, request: Request, table: RateTable) -> Table:
    """Return an expression with one column more; nothing runs until its rows are asked for.

    Raises `TypeError` for columns of other types and for backends where it is not known to be
    right, `ValueError` for what a backend cannot do. The rows keep no order, as in Ibis.
    """
    backend = frame.get_backend().name
    if backend not in BACKENDS:
        raise TypeError(f"a table of Ibis is converted on {', '.join(BACKENDS)}, not on {backend}")
    if backend != "polars":
        refuse_clashes(frame.columns, request.into)
    _refuse_what_sqlite_cannot(frame, request, backend)
    prefix = working_prefix(frame.columns)
    base, quote, day = f"{prefix}base", f"{prefix}quote", f"{prefix}day"
    staged = frame.mutate(
        **{
            base: _codes(frame, request.currency),
            quote: _codes(frame, request.to),
            day: _days(frame, request.date),
        }
    )
    rates = whole(table, request.currency.code if request.to.column is None else None)
    joined = _joined(staged, rates, f"{prefix}of base ", base, day, backend)
    if request.to.column is not None:
        joined = _joined(joined, rates, f"{prefix}of quote ", quote, day, backend)
    found = _found(joined, request, table, prefix)
    amount = _typed(joined[request.amount], "float64")
    is_null = amount.isnull() | joined[base].isnull() | joined[quote].isnull()
    is_null |= joined[day].isnull()
    kind = result_type(amount.type(), request.places)
    converted = _converted(amount, found, request, is_null, joined[day], table, backend)
    result = ibis.cases((is_null, ibis.null(kind)), else_=converted)
    return joined.select(*frame.columns, result.name(request.into))


def _typed(column: Any, kind: str) -> Any:
    """Return a column; one of nulls alone, which has no type, as nulls of a kind."""
    return ibis.null(kind) if column.type().is_null() else column


def _codes(frame: Table, codes: Codes) -> Any:
    if codes.column is None:
        return ibis.literal(codes.code)
    column = _typed(frame[codes.column], "string")
    if not column.type().is_string():
        raise TypeError(f"the codes in {codes.column!r} are {column.type()}, not text")
    # "uſd" has no ASCII capitals, and is no code
    return ibis.cases((column.re_search(CODE), column.upper()), else_=column)


def _days(frame: Table, dates: Dates) -> Any:
    if dates.column is None:
        return ibis.literal(dates.day, type="date")
    column = _typed(frame[dates.column], "date")
    kind = column.type()
    if kind.is_date():
        return column
    if kind.is_timestamp() and kind.timezone is None:
        return column.date()
    if kind.is_timestamp() or kind.is_string():
        return day_of(kind)(column)
    raise TypeError(f"the dates in {dates.column!r} are {kind}: dates are needed")


def _joined(
    frame: Table, rates: WholeTable, prefix: str, code: str, day: str, backend: str
) -> Table:
    """Join the rates of one leg, their columns with a prefix."""
    rows = rates.keyed()
    joined = ibis.memtable(rows.rename_columns([prefix + name for name in rows.column_names]))
    if backend not in BACKENDS_OF_ARROW:  # it has no errors, so that a row without rates is one
        keys: Any = [frame[code] == joined[prefix + "code"], frame[day] == joined[prefix + "day"]]
        return frame.left_join(joined, keys)
    within = frame[day].between(ibis.literal(rates.start), ibis.literal(rates.end))
    is_known = _is_one_of(frame[code], rates.codes, backend) & within
    of_code, of_day = prefix + "key", prefix + "at"
    keyed = frame.mutate(
        **{
            of_code: ibis.cases((is_known, frame[code]), else_=ibis.literal("")),
            of_day: ibis.cases((is_known, frame[day]), else_=ibis.literal(rates.start)),
        }
    )
    keys = [keyed[of_code] == joined[prefix + "code"], keyed[of_day] == joined[prefix + "day"]]
    return keyed.inner_join(joined, keys)


def _is_one_of(code: Any, codes: list[str], backend: str) -> Any:
    if backend == "duckdb":  # which makes a join of IN, and of `contains`
        listed: Any = ibis.literal(codes, type="array<string>")
        return listed.index(code).fill_null(-1) >= 0
    return code.isin(codes)


def _found(joined: Table, request: Request, table: RateTable, prefix: str) -> Found:
    def leg(side: str, name: str) -> Any:
        return joined[f"{prefix}of {side} {name}"]

    code: Any = joined[f"{prefix}base"]
    quote: Any = joined[f"{prefix}quote"]
    is_same = code == quote
    rate, top, bottom = (leg("base", name) for name in ("rate", "top", "bottom"))
    if request.to.column is not None:
        is_same &= code.isin(currencies_of(table))
        lacks = [leg(side, "rate").isnull() for side in ("base", "quote")]
        top = leg("base", "top") * leg("quote", "bottom")
        bottom = leg("base", "bottom") * leg("quote", "top")
        rate = top.cast("float64") / bottom.cast("float64")
        if request.missing == "previous":  # both figures are of one day; tenge are of any
            is_pair = leg("base", "effective") == leg("quote", "effective")
            is_pair |= (code == "KZT") | (quote == "KZT")
            rate = ibis.cases((is_pair, rate), else_=ibis.null("float64"))
        code = ibis.cases((lacks[0], code), (lacks[1], quote), else_=code + " in " + quote)
    one = ibis.literal(1, type="int64")
    return Found(
        ibis.cases((is_same, ibis.literal(1.0)), else_=rate),
        ibis.cases((is_same, one), else_=top),
        ibis.cases((is_same, one), else_=bottom),
        code,
    )


def _converted(
    amount: Any,
    found: Found,
    request: Request,
    is_null: Any,
    day: Any,
    table: RateTable,
    backend: str,
) -> Any:
    """Return what a row with nothing null comes to; or, without a rate, null or an error."""
    lacks, rate = found.rate.isnull(), found.rate
    texts = no_rate_texts(request, table)
    kind = amount.type()
    is_checked = request.missing != "null"
    if is_checked and backend == "polars":
        rate = checked_by(*texts)(rate, lacks & ~is_null, found.code, day)
    is_exact = kind.is_decimal() or kind.is_string() or kind == ibis.dtype("float32")
    if request.places is None and not is_exact:
        result = _finite(amount, backend).cast("float64") * rate
    else:
        # a rate that is checked is asked for, and none is made up where there is no rate
        top = ibis.cases((rate.isnull(), ibis.null("int64")), else_=found.top)
        result = money_of(kind, request.places)(amount, top, found.bottom)
    if not is_checked or backend == "polars":
        return result
    before, between, after = texts
    message = ibis.literal(before) + found.code + between + day.cast("string") + after
    failure = error_of(result_type(kind, request.places))(message)
    return ibis.cases((lacks, failure), else_=result)


def _finite(amount: Any, backend: str) -> Any:
    """Return amounts of which infinite ones and NaN are errors; SQLite has no errors."""
    kind = amount.type()
    if not kind.is_floating() or backend == "sqlite":
        return amount
    if backend == "polars":
        return finite_of(kind)(amount)
    failure = error_of("float64")(ibis.literal(NOT_FINITE) + amount.cast("string"))
    return ibis.cases((amount.isnan() | amount.isinf(), failure), else_=amount)


def _refuse_what_sqlite_cannot(frame: Table, request: Request, backend: str) -> None:
    kind = _typed(frame[request.amount], "float64").type()
    if not (kind.is_numeric() or kind.is_string()) or kind.is_boolean():
        raise TypeError(f"the amounts in {request.amount!r} are {kind}: numbers or text are needed")
    if backend in BACKENDS_OF_ARROW:
        return
    if request.missing != "null":
        raise ValueError(f"{backend} cannot name a row without a rate: ask for missing='null'")
    is_exact = kind.is_decimal() or kind.is_string() or kind == ibis.dtype("float32")
    if request.places is not None or is_exact:
        raise ValueError(f"{backend} has floats alone: no decimals, and no exact money (places)")
    if request.date.column is not None and not frame[request.date.column].type().is_date():
        raise ValueError(f"{backend} has no type for dates but date: cast {request.date.column!r}")


_numbers = count()


def result_type(amount: Any, places: int | None) -> str:
    """Return the type of converted amounts: decimals of decimals, else float64."""
    if not (amount.is_decimal() or amount.is_string()):
        return "float64"
    return f"decimal({DECIMAL_DIGITS}, {SCALE_WITHOUT_PLACES if places is None else places})"


@cache
def day_of(kind: Any) -> Callable[..., Any]:
    """Return the function from instants or texts to dates in Kazakhstan.

    It raises `ValueError` for a text that is none.
    """

    def days(dates: Any) -> Any:
        with rows_named(_batch_row):
            found = arrow.days_of(_chunked(dates))
        numbers = np.asarray(found.part(slice(None)), np.int32)
        return pa.array(numbers, pa.int32(), mask=found.nulls).view(pa.date32())

    return _of_arrow(days, "day", (kind,), "date")


@cache
def finite_of(kind: Any) -> Callable[..., Any]:
    """Return the function that gives floats back; `ValueError` for infinite ones and NaN."""

    def finite(amounts: Any) -> Any:
        column = _chunked(amounts)
        with rows_named(_batch_row):
            refuse_infinite(arrow.amounts_of(column))
        return column

    return _of_arrow(finite, "finite", (kind,), kind)


def _batch_row(row: int) -> str:
    return f"batch row {row}"


@cache
def money_of(kind: Any, places: int | None) -> Callable[..., Any]:
    """Return the function from amounts, tops and bottoms to exact results, null where one is."""

    def money(amounts: Any, tops: Any, bottoms: Any) -> Any:
        columns = [_chunked(column) for column in (amounts, tops, bottoms)]
        nulls = np.zeros(len(columns[0]), np.bool_)
        for column in columns:
            nulls |= column.is_null().to_numpy()
        rows = np.flatnonzero(~nulls)
        one, other = (column.fill_null(1).to_numpy()[rows] for column in columns[1:])
        with rows_named(_batch_row), np.errstate(over="ignore", invalid="ignore"):
            amounts_given = arrow.amounts_of(columns[0])
            refuse_infinite(amounts_given)
            product = multiplier_of(amounts_given, places)
            product.put(rows, one, other)
            return arrow.column_of(product.converted(nulls), places)

    return _of_arrow(money, "money", (kind, "int64", "int64"), result_type(kind, places))


@cache
def error_of(kind: str) -> Callable[..., Any]:
    """Return DuckDB's function that fails with a message, in the place of a result."""

    def error(message: str) -> Any: ...

    return _function(ibis.udf.scalar.builtin, error, "error", ("string",), kind)


@cache
def checked_by(before: str, between: str, after: str) -> Callable[..., Any]:
    """Return the function that gives rates back, or raises `ValueError` for the first lacking."""

    def checked(rates: Any, lacking: Any, codes: Any, days: Any) -> Any:
        row = _chunked(lacking).index(pa.scalar(True)).as_py()
        if row >= 0:
            code, day = (_chunked(column)[row].as_py() for column in (codes, days))
            raise ValueError(f"{before}{code}{between}{day}{after}")
        return rates

    return _of_arrow(checked, "checked", ("float64", "boolean", "string", "date"), "float64")


def _of_arrow(
    function: Callable[..., Any], name: str, given: tuple[Any, ...], returned: str
) -> Callable[..., Any]:
    # each has a name of its own, since a backend knows one function of a name
    unique = f"kzt_rates_{name}_{next(_numbers)}"
    return _function(ibis.udf.scalar.pyarrow, function, unique, given, returned)


def _function(
    maker: Any, function: Callable[..., Any], name: str, given: tuple[Any, ...], returned: str
) -> Callable[..., Any]:
    made: Callable[..., Any] = maker(function, name=name, signature=(given, returned))
    return made


def _chunked(column: Any) -> pa.ChunkedArray:
    return column if isinstance(column, pa.ChunkedArray) else pa.chunked_array([column])
