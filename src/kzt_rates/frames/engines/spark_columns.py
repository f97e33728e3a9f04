"""Columns of Spark as expressions: codes, dates in Kazakhstan, and what float32s stand for."""

from typing import TYPE_CHECKING

from pyspark.sql import functions as F  # noqa: N812  # as all of Spark's users know it
from pyspark.sql import types

from kzt_rates.frames.almaty import offsets
from kzt_rates.frames.engines.sql_text import quoted

if TYPE_CHECKING:
    from pyspark.sql import Column

# `\z` and not `$`, which Java lets stand before a line's end; year 0 is none to Python.
ISO_TEXT = r"\A(?!0000)[0-9]{4}-[0-9]{2}-[0-9]{2}\z"
DOTTED_TEXT = r"\A[0-9]{2}\.[0-9]{2}\.(?!0000)[0-9]{4}\z"
SECONDS_A_DAY = 86_400

# A decimal of six digits is never lost in a float32, nine always tell one from the next.
DIGITS_OF_FLOAT = (6, 7, 8, 9)
LARGEST_EXACT_POWER = 22  # of ten, as a float64


def named(name: str) -> "Column":
    """Return a column by its whole name, whatever is in it."""
    return F.col(quoted(name, "`"))


def code_of(column: "Column", kind: "types.DataType") -> "Column":
    """Return codes in capitals."""
    if not isinstance(kind, types.StringType):
        raise TypeError(f"a column of currency codes is text, not {kind.simpleString()}")
    text = column.cast("string")
    # Three bytes are three ASCII characters, or no code: "uſd" too is USD in capitals.
    return F.when(F.octet_length(text) == 3, F.upper(text)).otherwise(text)


def is_text(kind: "types.DataType") -> bool:
    """Say whether a column's dates are text, of which some may be no dates."""
    return isinstance(kind, types.StringType)


def day_of(column: "Column", kind: "types.DataType") -> "Column":
    """Return the dates of dates, timestamps and texts; null for a text that is none.

    What Spark calls a timestamp is an instant: its date in Almaty counts, in any session.
    """
    if isinstance(kind, types.DateType):
        return column
    if isinstance(kind, types.TimestampNTZType):
        return column.cast("date")
    if isinstance(kind, types.TimestampType):
        seconds = F.unix_seconds(column)
        local = seconds + _ahead(seconds)
        return F.date_from_unix_date(F.floor(local / SECONDS_A_DAY).cast("int"))
    if is_text(kind):
        text = column.cast("string")
        turned = [F.substring(text, start, size) for start, size in ((7, 4), (4, 2), (1, 2))]
        iso = F.when(text.rlike(ISO_TEXT), text).when(
            text.rlike(DOTTED_TEXT), F.concat_ws("-", *turned)
        )
        if hasattr(type(iso), "try_cast"):  # a column has any attribute: a field
            return iso.try_cast("date")
        return F.try_to_timestamp(iso, F.lit("yyyy-MM-dd")).cast("date")  # of Spark 3.5
    raise TypeError(f"a column of dates has dates, timestamps or text, not {kind.simpleString()}")


def _ahead(seconds: "Column") -> "Column":
    """Return how far the clocks of Almaty were ahead of UTC at instants."""
    moves = offsets()
    newest, *earlier = reversed(moves)
    found = F.when(seconds >= newest[0], newest[1])
    for since, offset in earlier[:-1]:
        found = found.when(seconds >= since, offset)
    return found.otherwise(moves[0][1])


def as_written(column: "Column") -> "Column":
    """Return the float64 of the decimal that a float32 prints as: 0.1, not 0.10000000149."""
    number = column.cast("double")
    size = F.abs(number)
    is_itself = number.isNull() | (size == 0) | ~(size < float("inf"))
    before = F.floor(F.log10(size)) + 1
    found = F.when(is_itself, number)
    for digits in DIGITS_OF_FLOAT:
        power = digits - before
        tens = F.pow(F.lit(10.0), F.abs(power).cast("double"))
        decimal = F.when(power >= 0, F.rint(number * tens) / tens).otherwise(
            F.rint(number / tens) * tens
        )
        is_it = (decimal.cast("float") == column) & (F.abs(power) <= LARGEST_EXACT_POWER)
        found = found.when(is_it, decimal)
    text = F.concat(F.lit("the amount "), column.cast("string"), F.lit(" is a float: cast it "))
    return found.otherwise(F.raise_error(F.concat(text, F.lit("to double first"))))
