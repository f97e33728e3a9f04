"""Decimals of Arrow as whole numbers of their last place, and back."""

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from kzt_rates.frames.asked import DECIMAL_DIGITS, SCALE_WITHOUT_PLACES

if TYPE_CHECKING:
    from kzt_rates.frames.exact import Units
    from kzt_rates.frames.ratios import Flags

LOW_BITS = 64
LOW = 2**LOW_BITS - 1


def units_of(array: "pa.Array") -> "Units":
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


def decimals(units: "Units", scale: int, nulls: "Flags | None") -> "pa.Array":
    """Return whole numbers of 10**-scale as decimals of 38 digits; `ValueError` for longer ones."""
    words = np.empty((len(units), 2), np.int64)
    if units.dtype == object:
        if any(abs(unit) >= 10**DECIMAL_DIGITS for unit in units.tolist()):
            raise _too_long(scale)
        words[:, 0] = (units & LOW).astype(np.uint64).view(np.int64)
        words[:, 1] = units >> LOW_BITS
    else:
        words[:, 0] = units
        words[:, 1] = units >> 63
    valid = None if nulls is None else pa.array(~nulls).buffers()[1]
    kind = pa.decimal128(DECIMAL_DIGITS, scale)
    return pa.Array.from_buffers(kind, len(units), [valid, pa.py_buffer(words)])


def widened(array: "pa.Array") -> "pa.Array":
    """Return decimals at the scale of all results; `ValueError` where one has no room there."""
    try:
        return array.cast(pa.decimal128(DECIMAL_DIGITS, SCALE_WITHOUT_PLACES))
    except pa.ArrowInvalid:
        raise _too_long(SCALE_WITHOUT_PLACES) from None


def _too_long(scale: int) -> ValueError:
    return ValueError(
        f"an amount needs more than {DECIMAL_DIGITS} digits, {scale} of them decimals: "
        "ask for fewer with places="
    )
