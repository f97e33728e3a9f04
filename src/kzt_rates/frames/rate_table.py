"""Rates as a small table for engines that join: exact ratios by code and calendar day."""

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import date

    import pyarrow as pa


class RateTable(NamedTuple):
    """The rates that a lazy frame is joined with.

    `rows` has the columns `code` (string), `day` (date32), `top` and `bottom` (int64, both below
    2**52), `rate` (float64, the nearest to top / bottom) and `effective` (date32). One unit of
    `code` costs exactly top / bottom units: of the one currency that all rows are converted to,
    or of tenge where that is a column. Each code and day is there at most once; codes are in
    capitals. With a column to convert to, the tenge itself has a row of 1 / 1 for every day, and
    the ratio of a pair is (top * its bottom) / (bottom * its top).

    `missing="previous"` is already in the rows: `effective` is the day that answers. Both
    currencies of a pair must have the same.
    """

    rows: "pa.Table"
    start: "date"
    end: "date"
