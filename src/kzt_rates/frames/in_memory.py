"""Frames in memory, of each library: their columns out, and the new one in beside them."""

from typing import TYPE_CHECKING, Any

from kzt_rates.frames.columns import Days, Labels
from kzt_rates.frames.eager import convert_columns
from kzt_rates.frames.ratios import day_number
from kzt_rates.frames.source import ClientSource

if TYPE_CHECKING:
    from collections.abc import Callable

    from kzt_rates.client import Client
    from kzt_rates.frames.asked import Asked, Codes, Dates
    from kzt_rates.frames.columns import Amounts
    from kzt_rates.frames.kinds import Converted
    from kzt_rates.frames.source import Source


def convert_pandas(frame: Any, asked: "Asked", client: "Client") -> Any:
    """Return a pandas frame with the new column; its index and its other columns as they are."""
    return pandas_converted(frame, asked, ClientSource(client))


def pandas_converted(frame: Any, asked: "Asked", source: "Source") -> Any:
    """Return a pandas frame with the new column, by rates of any source."""
    from kzt_rates.frames import pandas_columns

    like = frame[asked.amount]
    converted = _converted(
        asked,
        source,
        pandas_columns.amounts_of(like),
        lambda name: pandas_columns.labels_of(frame[name]),
        lambda name: pandas_columns.days_of(frame[name]),
        lambda row: f"row {row} (index {_label(frame.index[row])})",
    )
    column = pandas_columns.column_of(converted, like, asked.places)
    result = frame.assign()  # a copy: at once, or where pandas copies on write, then
    result[asked.into] = column
    return result


def _label(label: Any) -> Any:
    """Return a label of an index in Python's own values."""
    if isinstance(label, tuple):
        return tuple(map(_label, label))
    return label.item() if hasattr(label, "item") else label


def convert_arrow(frame: Any, asked: "Asked", client: "Client") -> Any:
    """Return a table of PyArrow with the new column."""
    from kzt_rates.frames import arrow_columns

    converted = _of_arrow(asked, ClientSource(client), frame.column)
    return frame.append_column(asked.into, arrow_columns.column_of(converted, asked.places))


def convert_polars(frame: Any, asked: "Asked", client: "Client") -> Any:
    """Return a frame of Polars with the new column."""
    return frame.hstack([polars_column(frame, asked, ClientSource(client))])


def polars_column(frame: Any, asked: "Asked", source: "Source", named: str = "row") -> Any:
    """Return the new column of a frame of Polars; errors call its rows as `named`."""
    import polars as pl

    from kzt_rates.frames import arrow_columns

    converted = _of_arrow(asked, source, lambda name: _of_polars(frame[name]), named)
    return pl.Series(asked.into, arrow_columns.column_of(converted, asked.places))


def convert_other(frame: Any, asked: "Asked", client: "Client") -> Any:
    """Return a frame of any other library that narwhals knows with the new column."""
    import narwhals as nw

    from kzt_rates.frames import arrow_columns

    wrapped = nw.from_native(frame, eager_only=True)
    source = ClientSource(client)
    converted = _of_arrow(asked, source, lambda name: _chunked(wrapped[name].to_arrow()))
    values = arrow_columns.column_of(converted, asked.places).to_pylist()
    column = nw.new_series(asked.into, values, backend=wrapped.implementation)
    return wrapped.with_columns(column).to_native()


def _of_arrow(
    asked: "Asked", source: "Source", column: "Callable[[str], Any]", named: str = "row"
) -> "Converted":
    from kzt_rates.frames import arrow_columns

    return _converted(
        asked,
        source,
        arrow_columns.amounts_of(column(asked.amount)),
        lambda name: arrow_columns.labels_of(column(name)),
        lambda name: arrow_columns.days_of(column(name)),
        lambda row: f"{named} {row}",
    )


def _converted(
    asked: "Asked",
    source: "Source",
    amounts: "Amounts",
    labels_of: "Callable[[str], Labels]",
    days_of: "Callable[[str], Days]",
    name_of: "Callable[[int], str]",
) -> "Converted":
    def labels(codes: "Codes") -> Labels:
        return Labels((codes.code,)) if codes.column is None else labels_of(codes.column)

    def days(dates: "Dates") -> Days:
        if dates.column is not None:
            return days_of(dates.column)
        assert dates.day is not None
        return Days(day_number(dates.day))

    return convert_columns(
        source,
        amounts,
        labels(asked.currency),
        days(asked.date),
        labels(asked.to),
        missing=asked.missing,
        places=asked.places,
        name_of=name_of,
    )


def _of_polars(series: Any) -> Any:
    """Return a column of Polars as one of Arrow; `TypeError` for one that Arrow has no kind for."""
    import polars as pl
    import pyarrow as pa

    try:
        return _chunked(series.to_arrow())
    except (pa.ArrowInvalid, pl.exceptions.PolarsError) as error:
        raise TypeError(f"{series.name!r} is of {series.dtype}: {error}") from None


def _chunked(array: Any) -> Any:
    """Return an array of Arrow as a column of a table."""
    import pyarrow as pa

    return array if isinstance(array, pa.ChunkedArray) else pa.chunked_array([array])
