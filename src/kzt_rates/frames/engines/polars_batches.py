"""Lazy frames of Polars: each batch of rows is converted as it comes, in the order it has."""

from typing import TYPE_CHECKING, Any

from kzt_rates.frames.asked import DECIMAL_DIGITS, SCALE_WITHOUT_PLACES
from kzt_rates.frames.in_memory import polars_column
from kzt_rates.frames.table_source import TableSource

if TYPE_CHECKING:
    from kzt_rates.frames.asked import Asked
    from kzt_rates.frames.rate_table import RateTable


def convert(frame: Any, asked: "Asked", table: "RateTable") -> Any:
    """Return a lazy frame of Polars with one column more; `table` is in tenge."""
    import polars as pl

    source = TableSource(table)
    columns = [asked.amount, asked.currency.column, asked.date.column, asked.to.column]
    kind = frame.collect_schema()[asked.amount]
    result: Any = pl.Float64()
    if isinstance(kind, pl.Decimal):
        scale = SCALE_WITHOUT_PLACES if asked.places is None else asked.places
        result = pl.Decimal(DECIMAL_DIGITS, scale)

    def converted(rows: Any) -> Any:
        return polars_column(rows.struct.unnest(), asked, source, "batch row")

    given = pl.struct(*dict.fromkeys(name for name in columns if name is not None))
    batches = given.map_batches(converted, return_dtype=result, is_elementwise=True)
    return frame.with_columns(batches.alias(asked.into))
