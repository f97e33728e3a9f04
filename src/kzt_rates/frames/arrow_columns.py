"""Columns of Arrow as arrays, and an array as a column of Arrow."""

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from kzt_rates.frames.arrow_decimals import decimals, units_of, widened
from kzt_rates.frames.columns import Amounts, Days, Labels, as_written, quiet_nulls
from kzt_rates.frames.dates import (
    SECONDS_A_DAY,
    TICKS_A_SECOND,
    days_of_instants,
    days_of_objects,
)

if TYPE_CHECKING:
    from kzt_rates.frames.columns import AnyInts
    from kzt_rates.frames.kinds import Converted
    from kzt_rates.frames.ratios import Flags


def labels_of(column: "pa.ChunkedArray") -> Labels:
    """Return the texts of a column of codes, a dictionary or plain; null ones marked."""
    if pa.types.is_null(column.type):
        return Labels((), np.zeros(len(column), np.int32), np.ones(len(column), np.bool_))
    # Arrow cannot unify dictionaries that have a null among their values
    if pa.types.is_dictionary(column.type) and any(
        chunk.dictionary.null_count for chunk in column.chunks
    ):
        column = column.cast(column.type.value_type)
    if not pa.types.is_dictionary(column.type):
        if not _is_text(column.type):
            raise TypeError(f"a column of currency codes is text, not {column.type}")
        column = column.cast(pa.large_string()).dictionary_encode()
    array = _one(column.unify_dictionaries())
    nulls = _nulls(array)
    return Labels(array.dictionary.to_pylist(), quiet_nulls(_numbers(array.indices), nulls), nulls)


def days_of(column: "pa.ChunkedArray") -> Days:
    """Return the days of a column of dates, timestamps or texts."""
    kind = column.type
    if pa.types.is_null(kind):
        return Days(np.zeros(len(column), np.int64), 1, np.ones(len(column), np.bool_))
    if pa.types.is_dictionary(kind):
        return days_of(column.cast(kind.value_type))
    if _is_text(kind):
        array = _one(column.cast(pa.large_string()).dictionary_encode())
        nulls = _nulls(array)
        numbers = quiet_nulls(_numbers(array.indices), nulls)
        return days_of_objects(array.dictionary.to_pylist(), numbers, nulls)
    if not (pa.types.is_date(kind) or pa.types.is_timestamp(kind)):
        raise TypeError(f"a column of dates has dates, timestamps or text, not {kind}")
    return _days_of_numbers(_one(column))


def _days_of_numbers(array: "pa.Array") -> Days:
    kind, nulls = array.type, _nulls(array)
    if pa.types.is_date32(kind):
        return Days(quiet_nulls(_numbers(array.view(pa.int32())), nulls), 1, nulls)
    ticks = quiet_nulls(_numbers(array.view(pa.int64())), nulls)
    if pa.types.is_date64(kind):
        return Days(ticks, SECONDS_A_DAY * TICKS_A_SECOND["ms"], nulls)
    a_second = TICKS_A_SECOND[kind.unit]
    if kind.tz is not None:
        return days_of_instants(ticks, a_second, nulls)
    return Days(ticks, SECONDS_A_DAY * a_second, nulls)


def amounts_of(column: "pa.ChunkedArray") -> Amounts:
    """Return the amounts of a column of numbers."""
    kind = column.type
    if pa.types.is_decimal(kind):
        array = _one(column)
        return Amounts(units=units_of(array), scale=kind.scale, nulls=_nulls(array))
    if pa.types.is_null(kind):
        return Amounts(floats=np.zeros(len(column)), nulls=np.ones(len(column), np.bool_))
    if not (pa.types.is_floating(kind) or pa.types.is_integer(kind)):
        raise TypeError(f"a column of amounts has numbers, not {kind}")
    array = _one(column)
    nulls = _nulls(array)
    if pa.types.is_integer(kind):
        return Amounts(whole=_numbers(array), nulls=nulls)
    return Amounts(floats=as_written(_numbers(array)), nulls=nulls)


def column_of(converted: "Converted", places: int | None) -> "pa.Array":
    """Return a converted column as Arrow: float64, or decimals of 38 digits."""
    nulls = converted.nulls
    if converted.floats is not None:
        return pa.array(converted.floats, pa.float64(), mask=nulls, from_pandas=False)
    assert converted.units is not None
    array = decimals(converted.units, converted.scale, nulls)
    return array if places is not None else widened(array)


def _is_text(kind: "pa.DataType") -> bool:
    return kind in (pa.string(), pa.large_string(), pa.string_view())


def _one(column: "pa.ChunkedArray") -> "pa.Array":
    """Return the chunks of a column as one array."""
    if column.num_chunks == 1:
        return column.chunk(0)
    return pa.concat_arrays(column.chunks or [pa.nulls(0, column.type)])


def _nulls(array: "pa.Array") -> "Flags | None":
    if not array.null_count:
        return None
    found: Flags = array.is_null().to_numpy(zero_copy_only=False)
    return found


def _numbers(array: "pa.Array") -> "AnyInts":
    """Return the numbers of an array without a copy; where one is null, anything."""
    kind = np.dtype(array.type.to_pandas_dtype())
    buffer = array.buffers()[1]
    if buffer is None:
        return np.zeros(len(array), kind)
    return np.frombuffer(buffer, kind, len(array), array.offset * kind.itemsize)
