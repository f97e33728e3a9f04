"""Dask: each partition converted by itself where it is, with rates that travel as one object.

A merge would be quicker to write: but where its keys differ in their types, as text of pandas and
of Arrow do, all its rates come out null, and nobody is told.
"""

from typing import TYPE_CHECKING, Any

from kzt_rates.frames.in_memory import pandas_converted
from kzt_rates.frames.table_source import TableSource

if TYPE_CHECKING:
    from collections.abc import Sequence

    import dask.dataframe as dd
    import pandas as pd

    from kzt_rates.frames.asked import Asked
    from kzt_rates.frames.rate_table import RateTable
    from kzt_rates.frames.source import Source


def convert(frame: "dd.DataFrame", asked: "Asked", table: "RateTable") -> "dd.DataFrame":
    """Return a frame with one column more; index, divisions and partitions are as they were.

    `table` is in tenge. Raises `TypeError` for columns of other types; a partition with a row
    that has no rate raises as `kzt_rates.frames.convert` does for a frame of pandas.
    """
    from dask.delayed import delayed

    source = TableSource(table)
    others = (asked.currency.column, asked.date.column, asked.to.column)
    needed = frame[
        list(dict.fromkeys(name for name in (asked.amount, *others) if name is not None))
    ]
    _refuse_numbers(needed, others)
    column = needed.map_partitions(
        _column,
        asked,
        # by name in the graph: one copy for each worker, and not for each partition
        delayed(source, pure=True, traverse=False),
        meta=_column(needed._meta, asked, source),  # noqa: SLF001  # Dask's name for its example
    )
    result: dd.DataFrame = frame.assign(**{asked.into: column})
    return result


def _refuse_numbers(frame: "dd.DataFrame", columns: "Sequence[str | None]") -> None:
    """Refuse what the partitions would refuse, before they are computed."""
    from pandas.api.types import is_any_real_numeric_dtype

    for name in columns:
        if name is not None and is_any_real_numeric_dtype(frame.dtypes[name]):
            kind = frame.dtypes[name]
            raise TypeError(f"a column of codes or dates has neither in {kind}: {name!r}")


def _column(part: "pd.DataFrame", asked: "Asked", source: "Source") -> "pd.Series[Any]":
    column: pd.Series[Any] = pandas_converted(part, asked, source)[asked.into]
    return column
