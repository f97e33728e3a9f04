"""The types of what the verbs take, for annotations of your own.

>>> from kzt_rates.typing import Amount, DateLike
>>> def invoice(amount: Amount, day: DateLike) -> str:
...     return f"{kzt_rates.convert(amount, 'USD', on=day, places=2)} KZT"
>>> import kzt_rates
>>> invoice(100, "2025-12-05")
'49965.00 KZT'
"""

import os
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

# the clients name these in quotes, too, because importing them costs the first conversion time
from typing import NoReturn as NoReturn  # noqa: PLC0414
from typing import Self as Self  # noqa: PLC0414

Amount: TypeAlias = int | float | str | Decimal
DateLike: TypeAlias = date | datetime | str
Missing: TypeAlias = Literal["raise", "previous"]
MissingDays: TypeAlias = Literal["skip", "raise", "previous"]
MissingRates: TypeAlias = Literal["raise", "null", "previous"]
Language: TypeAlias = Literal["en", "kk", "ru"]
Reason: TypeAlias = Literal["published", "corrected", "final"]
Clock: TypeAlias = Callable[[], datetime]
FileName: TypeAlias = str | os.PathLike[str]
Value: TypeAlias = str | int | bool | Decimal | date | None
Row: TypeAlias = dict[str, Value]


class SyncProgress(NamedTuple):
    """How far a sync is: days asked for of all that must be, requests made, rates added."""

    days_done: int
    days_total: int
    requests: int
    rates: int


SyncProgress.__module__ = "kzt_rates"  # the name users import

if TYPE_CHECKING:
    import httpx
    import matplotlib.axes
    import pandas as pd
    import polars as pl
    import pyarrow as pa

    from kzt_rates.store.protocol import Store

    CacheLike: TypeAlias = str | os.PathLike[str] | Store | Literal[False] | None
    ArchiveLike: TypeAlias = CacheLike
    Transport: TypeAlias = httpx.BaseTransport
    AsyncTransport: TypeAlias = httpx.AsyncBaseTransport
    ArrowTable: TypeAlias = pa.Table
    PandasFrame: TypeAlias = pd.DataFrame
    PolarsFrame: TypeAlias = pl.DataFrame
    PlotAxes: TypeAlias = matplotlib.axes.Axes

__all__ = [
    "Amount",
    "ArchiveLike",
    "CacheLike",
    "Clock",
    "DateLike",
    "Language",
    "Missing",
    "MissingDays",
    "MissingRates",
    "Reason",
    "Store",
    "SyncProgress",
]

# What is found when it is first wanted: the store's protocol, and types of other libraries.
_HOMES = {
    "ArrowTable": ("pyarrow", "Table"),
    "AsyncTransport": ("httpx", "AsyncBaseTransport"),
    "PandasFrame": ("pandas", "DataFrame"),
    "PlotAxes": ("matplotlib.axes", "Axes"),
    "PolarsFrame": ("polars", "DataFrame"),
    "Store": ("kzt_rates.store.protocol", "Store"),
    "Transport": ("httpx", "BaseTransport"),
}


if not TYPE_CHECKING:  # a checker would take every name for one that is there

    def __getattr__(name: str) -> Any:
        if name in ("CacheLike", "ArchiveLike"):
            found: Any = str | os.PathLike[str] | __getattr__("Store") | Literal[False] | None
        elif name in _HOMES:
            module, attribute = _HOMES[name]
            try:
                found = getattr(__import__(module, fromlist=(attribute,)), attribute)
            except ImportError:  # the result of a method that cannot be called without it
                found = Any
        else:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        globals()[name] = found
        return found


def __dir__() -> list[str]:
    return sorted(__all__)
