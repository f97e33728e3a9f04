"""Columns of pandas as arrays, and an array as a column beside them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa

from kzt_rates.arithmetic import parse_amount
from kzt_rates.frames import arrow, columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kzt_rates.frames.columns import AnyInts, Flags
    from kzt_rates.frames.multiply import Converted


def labels_of(column: pd.Series[Any]) -> columns.Labels:
    """Return the texts of a column of codes, categorical or plain; null ones marked."""
    kind = column.dtype
    if isinstance(kind, pd.ArrowDtype) or getattr(kind, "storage", "") == "pyarrow":
        return arrow.labels_of(_arrow(column))
    if isinstance(kind, pd.CategoricalDtype):
        numbers, texts = column.cat.codes.to_numpy(), list(column.cat.categories)
    elif pd.api.types.is_numeric_dtype(kind):
        if column.isna().all():  # pandas has no kind for a column of nothing
            return columns.Labels(
                (), np.zeros(len(column), np.intp), np.ones(len(column), np.bool_)
            )
        raise TypeError(f"a column of currency codes is text, not {kind}")
    else:
        numbers, texts = _factorized(column, "with a bad code", "a currency code is text")
    nulls = _where(numbers < 0)
    return columns.Labels(texts, columns.quiet_nulls(numbers, nulls), nulls)


def days_of(column: pd.Series[Any]) -> columns.Days:
    """Return the days of a column of dates, timestamps, texts, or Python's objects of these."""
    kind = column.dtype
    if isinstance(kind, pd.ArrowDtype):
        return arrow.days_of(_arrow(column))
    if isinstance(kind, pd.DatetimeTZDtype):
        nulls = _where(column.isna().to_numpy())
        instants = column.dt.tz_convert("UTC").to_numpy("datetime64[us]").view("i8")
        return columns.days_of_instants(
            columns.quiet_nulls(instants, nulls), columns.TICKS_A_SECOND["us"], nulls
        )
    if isinstance(kind, np.dtype) and kind.kind == "M":
        values = column.to_numpy()
        nulls = _where(np.isnat(values))
        ticks = columns.quiet_nulls(values.view("i8"), nulls)
        return columns.Days(
            ticks,
            columns.SECONDS_A_DAY * columns.TICKS_A_SECOND[np.datetime_data(values.dtype)[0]],
            nulls,
        )
    if pd.api.types.is_numeric_dtype(kind) and column.isna().all():
        return columns.Days(np.zeros(len(column), np.int64), 1, np.ones(len(column), np.bool_))
    if pd.api.types.is_numeric_dtype(kind) or isinstance(kind, pd.PeriodDtype):
        raise TypeError(f"a column of dates has dates, timestamps or text, not {kind}")
    if isinstance(kind, pd.CategoricalDtype):
        numbers, distinct = column.cat.codes.to_numpy(), list(column.cat.categories)
    else:
        numbers, distinct = _numbered(column)
    nulls = _where(numbers < 0)
    return columns.days_of_objects(distinct, columns.quiet_nulls(numbers, nulls), nulls)


def _numbered(column: pd.Series[Any]) -> tuple[AnyInts, list[object]]:
    """Number the distinct objects of a column, -1 for null ones.

    For Python two readings of a wall clock that was moved back are equal; their dates in Almaty
    need not be.
    """
    numbers, distinct = _factorized(
        column, "with a bad date", "a date is a date, a datetime or text"
    )
    if not any(isinstance(value, dt.datetime) and value.tzinfo for value in distinct):
        return numbers, list(distinct)
    keys: dict[tuple[object, int], int] = {}
    for row, value in enumerate(column.tolist()):
        if numbers[row] >= 0:
            numbers[row] = keys.setdefault((value, getattr(value, "fold", 0)), len(keys))
    return numbers, [value for value, _ in keys]


def amounts_of(column: pd.Series[Any]) -> columns.Amounts:
    """Return the amounts of a column of numbers or text; Python's `Decimal` among objects.

    In pandas NaN is how a missing value is written, in a column of Arrow too.
    """
    kind = column.dtype
    if isinstance(kind, pd.ArrowDtype):
        return arrow.amounts_of(_arrow(column), nan_is_null=True)
    if isinstance(kind, pd.CategoricalDtype):
        inner = kind.categories.dtype
        if not pd.api.types.is_string_dtype(inner):
            raise TypeError(f"a column of amounts has numbers or text, not categories of {inner}")
        return _amounts_of_texts(column.cat.codes.to_numpy(), list(column.cat.categories))
    if isinstance(kind, pd.StringDtype):
        return _amounts_of_texts(*_factorized(column, columns.BAD_AMOUNT, "an amount is text"))
    if pd.api.types.is_bool_dtype(kind) or not (
        kind == np.object_ or pd.api.types.is_any_real_numeric_dtype(kind)
    ):
        raise TypeError(f"a column of amounts has numbers or text, not {kind}")
    if kind == np.object_:
        nulls = _where(column.isna().to_numpy())
        return columns.Amounts(objects=_filled(column.to_numpy(), nulls), nulls=nulls)
    if not isinstance(kind, np.dtype):  # the nullable kinds of pandas
        nulls = _where(column.isna().to_numpy())
        values = column.fillna(0).to_numpy(kind.type)
    else:
        nulls, values = None, column.to_numpy()
    if values.dtype.kind in "iu":
        return columns.Amounts(whole=values, nulls=nulls)
    return columns.Amounts(floats=columns.as_written(values), nulls=nulls, nan_is_null=True)


def _amounts_of_texts(numbers: AnyInts, distinct: Sequence[object]) -> columns.Amounts:
    """Return the decimals of texts as objects, since pandas has no other kind for them."""
    nulls = _where(numbers < 0)
    found = columns.read_distinct(columns.BAD_AMOUNT, distinct, numbers, nulls, parse_amount)
    decimals = np.full(len(distinct) + 1, None, np.object_)  # the last is for nulls, number -1
    for number, amount in found.items():
        decimals[number] = amount
    return columns.Amounts(objects=decimals[numbers], nulls=nulls)


def _factorized(column: pd.Series[Any], what: str, wanted: str) -> tuple[AnyInts, list[Any]]:
    """Number the distinct values of a column; `BadRows` for those that have no hash."""
    try:
        numbers, distinct = pd.factorize(column)
        return numbers, list(distinct)
    except TypeError:
        failures: list[tuple[int, Exception]] = []
        for row, value in enumerate(column.tolist()):
            try:
                hash(value)
            except TypeError:
                failures.append((row, TypeError(f"{wanted}, not {type(value).__name__}")))
        raise columns.BadRows(what, failures) from None


def column_of(converted: Converted, like: pd.Series[Any], places: int | None) -> Any:
    """Return a converted column in the kind that the amounts have: of numpy, nullable or Arrow."""
    kind, nulls = like.dtype, converted.nulls
    if isinstance(kind, pd.ArrowDtype):
        array = arrow.column_of(converted, places)
        return pd.Series(pd.arrays.ArrowExtensionArray(array), index=like.index)
    if converted.objects is not None:
        return pd.Series(converted.objects, index=like.index, dtype=object)
    values = converted.floats
    assert values is not None
    if not isinstance(kind, np.dtype):
        mask = np.zeros(len(values), np.bool_) if nulls is None else nulls
        return pd.Series(pd.arrays.FloatingArray(values, mask), index=like.index)
    if nulls is not None:
        values[nulls] = np.nan
    return pd.Series(values, index=like.index, copy=False)


def _where(mask: Flags) -> Flags | None:
    return mask if mask.any() else None


def _filled(values: Any, nulls: Flags | None) -> Any:
    """Return objects with None for what pandas takes for null: NaN, NaT, NA."""
    if nulls is None:
        return values
    return np.where(nulls, None, values)


def _arrow(column: pd.Series[Any]) -> Any:
    """Return a column of pandas that is Arrow's already as a chunked array."""
    array = column.array.__arrow_array__()
    return array if isinstance(array, pa.ChunkedArray) else pa.chunked_array([array])
