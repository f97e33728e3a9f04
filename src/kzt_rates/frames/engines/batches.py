"""Polars' lazy frames and Dask's: converted batch by batch, as frames in memory are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kzt_rates.frames.in_memory import pandas_converted, polars_column
from kzt_rates.frames.store_table import TableSource

if TYPE_CHECKING:
    from collections.abc import Sequence

    import dask.dataframe as dd
    import pandas as pd

    from kzt_rates.frames.request import Request
    from kzt_rates.frames.source import Source
    from kzt_rates.frames.store_table import RateTable


def convert_polars(frame: Any, request: Request, table: RateTable) -> Any:
    """Return a lazy frame of Polars with one column more; `table` is in tenge.

    Raises `TypeError` for columns of other types; a batch with a row that cannot be converted
    raises as `kzt_rates.frames.convert` does for a frame in memory.
    """
    import polars as pl

    source = TableSource(table)
    columns = [request.amount, request.currency.column, request.date.column, request.to.column]
    names = list(dict.fromkeys(name for name in columns if name is not None))
    schema = frame.collect_schema()
    # what no batch can have is refused at once, and the type of the new column is that of none
    example = polars_column(pl.DataFrame(schema={n: schema[n] for n in names}), request, source)

    def converted(rows: Any) -> Any:
        return polars_column(rows.struct.unnest(), request, source, "batch row")

    batches = pl.struct(*names).map_batches(
        converted, return_dtype=example.dtype, is_elementwise=True
    )
    return frame.with_columns(batches.alias(request.into))


def convert_dask(frame: dd.DataFrame, request: Request, table: RateTable) -> dd.DataFrame:
    """Return a frame with one column more; index, divisions and partitions are as they were.

    `table` is in tenge. Raises `TypeError` for columns of other types; a partition with a row
    that has no rate raises as `kzt_rates.frames.convert` does for a frame of pandas.
    """
    # A merge would be shorter. But where its keys differ in type, as text of pandas and of Arrow
    # do, all its rates come out null, and no error is raised.
    from dask.delayed import delayed

    source = TableSource(table)
    others = (request.currency.column, request.date.column, request.to.column)
    needed = frame[
        list(dict.fromkeys(name for name in (request.amount, *others) if name is not None))
    ]
    _refuse_numbers(needed, others)
    column = needed.map_partitions(
        _column,
        request,
        # by name in the graph: one copy for each worker, and not for each partition
        delayed(source, pure=True, traverse=False),
        meta=_column(needed._meta, request, source),  # noqa: SLF001  # Dask's name for its example
    )
    result: dd.DataFrame = frame.assign(**{request.into: column})
    return result


def _refuse_numbers(frame: dd.DataFrame, columns: Sequence[str | None]) -> None:
    """Refuse what the partitions would refuse, before they are computed."""
    from pandas.api.types import is_any_real_numeric_dtype

    for name in columns:
        if name is not None and is_any_real_numeric_dtype(frame.dtypes[name]):
            kind = frame.dtypes[name]
            raise TypeError(f"a column of codes or dates has neither in {kind}: {name!r}")


def _column(part: pd.DataFrame, request: Request, source: Source) -> pd.Series[Any]:
    column: pd.Series[Any] = pandas_converted(part, request, source, "partition row")[request.into]
    return column
