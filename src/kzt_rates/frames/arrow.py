"""Columns of Arrow as arrays, and an array as a column of Arrow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from kzt_rates.frames import columns
from kzt_rates.frames.request import DECIMAL_DIGITS, SCALE_WITHOUT_PLACES

if TYPE_CHECKING:
    from kzt_rates.frames.columns import AnyInts, Flags, Units
    from kzt_rates.frames.multiply import Converted


LOW_BITS = 64
LOW = 2**LOW_BITS - 1


def labels_of(column: pa.ChunkedArray) -> columns.Labels:
    """Return the texts of a column of codes, a dictionary or plain; null ones marked."""
    if pa.types.is_null(column.type):
        return columns.Labels((), np.zeros(len(column), np.int32), np.ones(len(column), np.bool_))
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if not _is_text(kind):
        raise TypeError(f"a column of currency codes is text, not {column.type}")
    return columns.Labels(*_numbered(column))


def _numbered(column: pa.ChunkedArray) -> tuple[list[object], AnyInts, Flags | None]:
    """Return a column, a dictionary or plain, as its distinct values by number."""
    # Arrow cannot unify dictionaries that have a null among their values
    if pa.types.is_dictionary(column.type) and any(
        chunk.dictionary.null_count for chunk in column.chunks
    ):
        column = column.cast(column.type.value_type)
    if not pa.types.is_dictionary(column.type):
        column = column.cast(pa.large_string()).dictionary_encode()
    array = _one(column.unify_dictionaries())
    nulls = _nulls(array)
    return array.dictionary.to_pylist(), columns.quiet_nulls(_numbers(array.indices), nulls), nulls


def days_of(column: pa.ChunkedArray) -> columns.Days:
    """Return the days of a column of dates, timestamps or texts."""
    kind = column.type
    if pa.types.is_null(kind):
        return columns.Days(np.zeros(len(column), np.int64), 1, np.ones(len(column), np.bool_))
    if pa.types.is_dictionary(kind):
        return days_of(column.cast(kind.value_type))
    if _is_text(kind):
        return columns.days_of_objects(*_numbered(column))
    if not (pa.types.is_date(kind) or pa.types.is_timestamp(kind)):
        raise TypeError(f"a column of dates has dates, timestamps or text, not {kind}")
    return _days_of_numbers(_one(column))


def _days_of_numbers(array: pa.Array) -> columns.Days:
    kind, nulls = array.type, _nulls(array)
    if pa.types.is_date32(kind):
        return columns.Days(columns.quiet_nulls(_numbers(array.view(pa.int32())), nulls), 1, nulls)
    ticks = columns.quiet_nulls(_numbers(array.view(pa.int64())), nulls)
    if pa.types.is_date64(kind):
        return columns.Days(ticks, columns.SECONDS_A_DAY * columns.TICKS_A_SECOND["ms"], nulls)
    a_second = columns.TICKS_A_SECOND[kind.unit]
    if kind.tz is not None:
        return columns.days_of_instants(ticks, a_second, nulls)
    return columns.Days(ticks, columns.SECONDS_A_DAY * a_second, nulls)


def amounts_of(column: pa.ChunkedArray, *, nan_is_null: bool = False) -> columns.Amounts:
    """Return the amounts of a column of numbers or text."""
    kind = column.type
    if pa.types.is_dictionary(kind) and not _is_text(kind.value_type):
        return amounts_of(column.cast(kind.value_type), nan_is_null=nan_is_null)
    if pa.types.is_dictionary(kind) or _is_text(kind):
        return columns.amounts_of_texts(*_numbered(column))
    if pa.types.is_decimal(kind):
        array = _one(column)
        return columns.Amounts(units=units_of(array), scale=kind.scale, nulls=_nulls(array))
    if pa.types.is_null(kind):
        return columns.Amounts(floats=np.zeros(len(column)), nulls=np.ones(len(column), np.bool_))
    if not (pa.types.is_floating(kind) or pa.types.is_integer(kind)):
        raise TypeError(f"a column of amounts has numbers or text, not {kind}")
    array = _one(column)
    nulls = _nulls(array)
    if pa.types.is_integer(kind):
        return columns.Amounts(whole=_numbers(array), nulls=nulls)
    return columns.Amounts(
        floats=columns.as_written(_numbers(array)), nulls=nulls, nan_is_null=nan_is_null
    )


def column_of(converted: Converted, places: int | None) -> pa.Array:
    """Return a converted column as Arrow: float64, or decimals of 38 digits."""
    nulls = converted.nulls
    if converted.floats is not None:
        return pa.array(converted.floats, pa.float64(), mask=nulls, from_pandas=False)
    assert converted.units is not None
    units, scale = converted.units, converted.scale
    array = decimals(units, scale, nulls)
    if places is not None:
        return array
    digits = DECIMAL_DIGITS - SCALE_WITHOUT_PLACES + scale
    _refuse_long(units, SCALE_WITHOUT_PLACES, nulls, digits)
    return array.cast(pa.decimal128(DECIMAL_DIGITS, SCALE_WITHOUT_PLACES))


def _is_text(kind: pa.DataType) -> bool:
    return kind in (pa.string(), pa.large_string(), pa.string_view())


def _one(column: pa.ChunkedArray) -> pa.Array:
    if column.num_chunks == 1:
        return column.chunk(0)
    return pa.concat_arrays(column.chunks or [pa.nulls(0, column.type)])


def _nulls(array: pa.Array) -> Flags | None:
    if not array.null_count:
        return None
    found: Flags = array.is_null().to_numpy(zero_copy_only=False)
    return found


def _numbers(array: pa.Array) -> AnyInts:
    """Return the numbers of an array without a copy; where one is null, anything."""
    kind = np.dtype(array.type.to_pandas_dtype())
    buffer = array.buffers()[1]
    if buffer is None:
        return np.zeros(len(array), kind)
    return np.frombuffer(buffer, kind, len(array), array.offset * kind.itemsize)


def units_of(array: pa.Array) -> Units:
    """Return decimals of one scale as whole numbers of their last place; 0 where one is null."""
    kind = array.type
    if kind.byte_width < 16:
        array = array.cast(pa.decimal128(DECIMAL_DIGITS, kind.scale))
    size = array.type.byte_width // 8
    if array.buffers()[1] is None:
        return np.zeros(len(array), np.int64)
    words = np.frombuffer(array.buffers()[1], np.int64, size * len(array), 8 * size * array.offset)
    words = words.reshape(-1, size)
    if array.null_count:
        words = np.where(array.is_null().to_numpy(zero_copy_only=False)[:, None], 0, words)
    low, signs = words[:, 0], words[:, 0] >> 63
    if (words[:, 1:] == signs[:, None]).all():  # the other words only say the sign
        return low.copy()
    units: Units = words[:, -1].astype(object)
    for place in range(size - 2, -1, -1):
        units = units * 2**LOW_BITS + words[:, place].astype(np.uint64).astype(object)
    return units


def decimals(units: Units, scale: int, nulls: Flags | None) -> pa.Array:
    """Return whole numbers of 10**-scale as decimals of 38 digits; `BadRows` for longer ones."""
    words = np.empty((len(units), 2), np.int64)
    _refuse_long(units, scale, nulls, DECIMAL_DIGITS)
    if units.dtype == object:
        words[:, 0] = (units & LOW).astype(np.uint64).view(np.int64)
        words[:, 1] = units >> LOW_BITS
    else:
        words[:, 0] = units
        words[:, 1] = units >> 63
    valid = None if nulls is None else pa.array(~nulls).buffers()[1]
    kind = pa.decimal128(DECIMAL_DIGITS, scale)
    return pa.Array.from_buffers(kind, len(units), [valid, pa.py_buffer(words)])


def _refuse_long(units: Units, scale: int, nulls: Flags | None, digits: int) -> None:
    """Raise `BadRows` for whole numbers of more than some digits."""
    if units.dtype != object:  # nothing of 64 bits is as long as that
        return
    are_long = np.abs(units) >= 10**digits
    if nulls is not None:
        are_long &= ~nulls
    rows = np.flatnonzero(are_long)[: columns.MAX_NAMED_ROWS].tolist()
    if rows:
        text = (
            f"the result needs more than {DECIMAL_DIGITS} digits, {scale} of them decimals: "
            "ask for fewer with places="
        )
        raise columns.BadRows("with too long a result", [(row, ValueError(text)) for row in rows])
