"""Convert frames of other libraries at official rates; each comes back as the type it was.

`convert` adds a column to a frame of pandas, Polars, PyArrow, DuckDB, Ibis, Dask or PySpark;
`table` gives the rates themselves, for joins of one's own. Needs the extra `[frames]`.
"""

import sys
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import kzt_rates.typing
from kzt_rates.process import require, version_numbers
from kzt_rates.typing import DateLike, MissingDays, MissingRates

if TYPE_CHECKING:
    from kzt_rates.client import Client
    from kzt_rates.frames.request import Request

FrameT = TypeVar("FrameT")

__all__ = ["convert", "table"]


# What the tests are run on, besides the newest; docs/reference/frames.md names them too.
_OLDEST = {
    "pandas": (2, 2),
    "polars": (1, 0),
    "duckdb": (1, 1),
    "ibis": (11, 0),
    "dask": (2025, 12),
    "pyspark": (3, 5),
}
_TO_INSTALL = {"ibis": "ibis-framework"}
# by the name that narwhals gives a library: the module, and whether it wants rates in tenge
_ENGINES = {
    "polars": ("in_memory", "convert_lazy_polars", True),
    "dask": ("in_memory", "convert_dask", True),
    "duckdb": ("engines.duckdb", "convert", False),
    "ibis": ("engines.ibis", "convert", False),
    "pyspark": ("engines.spark", "convert", False),
    "pyspark_connect": ("engines.spark", "convert", False),
}


def convert(
    frame: FrameT,
    *,
    amount: str = "amount",
    currency: str = "currency",
    date: "DateLike" = "date",
    to: str = "KZT",
    into: str = "converted",
    missing: "MissingRates" = "raise",
    places: int | None = None,
    client: "kzt_rates.Client | None" = None,
    between: "tuple[DateLike, DateLike] | None" = None,
) -> FrameT:
    """Return a frame with one more column: each amount in units of `to`, at its date's rate.

    An eager frame (pandas, Polars, PyArrow) comes back converted; days that are not known are
    asked for first, in few questions. A lazy one (DuckDB, Ibis, Dask, PySpark, a LazyFrame of
    Polars) comes back lazy, to be converted where it runs, with what the store knows: nothing is
    asked for and nothing is collected. Index, order, dtypes and other columns stay as they are.

    Floats and whole numbers give float64, within two units in the last place of the exact
    result. Decimals and text give exact decimals, of 18 decimals where `places` says nothing:
    what does not end there, as a cross rate may not, is rounded half to even. In pandas Python's
    `Decimal` and text give what `kzt_rates.convert` gives. With `places` the money is exact,
    rounded once, ties away from zero; a float stands for the shortest decimal that reads as it.
    Nulls stay null.

    Args:
        frame: any frame that narwhals takes.
        amount: the column of amounts: numbers, or text such as `1250.50`, as
            `kzt_rates.convert` reads it.
        currency: the column of currency codes in any case, or one code for all rows; a code
            means the currency, also where a column is called like it.
        date: the column of dates in Kazakhstan, or one date for all rows; a name that is a date
            means the date where the column so called has numbers. A column may have dates,
            timestamps (those with a zone are taken to their date in Almaty) or text.
        to: the currency of the result, or a column of such codes.
        into: the name of the new column.
        missing: for a row without a rate: `"raise"`, `"null"`, or `"previous"` to take that of a
            day before, at most 14 back, over days that are known to have none.
        places: decimals of the result, at most 18.
        client: whose rates; `None` is the client that the functions of `kzt_rates` share.
        between: for a lazy frame, the first and last date it may have; `None` is all known.

    Raises:
        RateNotFound, UnknownCurrency: a row has no rate; the message names the first such rows.
            A lazy frame raises when it runs: DuckDB, Ibis and Spark an error of their own.
        Offline, BankUnavailable, FeedError, StoreError: as `kzt_rates.convert`.
        ValueError, TypeError: a column that is not there, is there twice or is not of its kind; a
            value that is no amount or no date, infinity among them, whatever `missing` says, or a
            result that 38 digits or a float64 do not hold: the message names the first such
            rows; `into` that is there already; an invalid argument.
        ImportError: the extra `[frames]` is not installed, or the frame's library is too old.

    >>> import pandas as pd
    >>> from kzt_rates import frames
    >>> invoices = pd.DataFrame({"amount": [100.0, 19.99], "currency": ["USD", "EUR"],
    ...                          "date": ["2025-12-05", "2025-12-06"]})
    >>> frames.convert(invoices, places=2)["converted"].tolist()
    [49965.0, 11748.72]
    """
    converted: FrameT = _convert_frame(
        frame,
        amount=amount,
        currency=currency,
        day=date,
        to=to,
        into=into,
        missing=missing,
        places=places,
        client=client,
        between=between,
    )
    return converted


def table(
    start: "DateLike",
    end: "DateLike | None" = None,
    currencies: "Iterable[str] | None" = None,
    *,
    wide: bool = False,
    exact: bool = False,
    missing: "MissingDays | Literal['known']" = "skip",
    backend: 'Literal["polars", "pandas", "pyarrow"]' = "polars",
    client: "kzt_rates.Client | None" = None,
) -> "Any":
    """Return the rates themselves as a frame: tenge for one unit, by day.

    Long: `date`, `currency`, `rate`, a row for each currency and day that has one. Wide: `date`
    and a column for each currency, null where there is no rate. Rates are float64, each the
    nearest to the exact one, or with `exact` decimals of 18 places.

    What is not known is asked for. With `missing="known"` nobody is asked: the table has what the
    cache and the packaged archive have, with gaps where they have nothing. With
    `missing="previous"` and a carried rate among them, the long table has the column
    `effective_date` too.

    Args:
        start: the first date in Kazakhstan.
        end: the last date, inclusive; `None` is today.
        currencies: their codes; `None` is all that the bank's range export has, or with
            `missing="known"` all that are known here.
        wide: a column for each currency.
        exact: decimals in place of floats.
        missing: for days without a rate, as `kzt_rates.history` takes it; `"known"` for what is
            known here.
        backend: the library whose frame is returned; it must be installed.
        client: whose rates; `None` is the client that the functions of `kzt_rates` share.

    Raises what `kzt_rates.history` does, `ValueError` for an unknown backend and `ImportError`
    where a library is not installed.

    >>> from kzt_rates import frames
    >>> frames.table("2025-12-05", "2025-12-06", ["USD"], backend="pyarrow").to_pylist()[0]
    {'date': datetime.date(2025, 12, 5), 'currency': 'USD', 'rate': 499.65}
    """
    _require_frames()
    from kzt_rates.frames.rate_tables import table_of

    return table_of(
        start,
        end,
        currencies,
        wide=wide,
        exact=exact,
        missing=missing,
        backend=backend,
        client=client,
    )


def _require_new_enough(frame: Any) -> None:
    """Raise `ImportError` for a frame of a library that is too old, with what to type."""
    for library in _libraries(frame):
        version = getattr(sys.modules.get(library), "__version__", "")
        needed = _OLDEST[library]
        if version and version_numbers(version) < needed:
            name, oldest = _TO_INSTALL.get(library, library), ".".join(map(str, needed))
            raise ImportError(
                f"frames of {name} {version} cannot be converted, those of {oldest} and newer "
                f"can: pip install '{name}>={oldest}'",
                name=library,
            )


def _libraries(frame: Any) -> Iterator[str]:
    """Yield the libraries that a frame is of, whatever class of one's own is derived of theirs."""
    for kind in type(frame).__mro__:
        library = kind.__module__.partition(".")[0].lstrip("_")
        if library in _OLDEST:
            yield library


def _convert_frame(
    frame: Any,
    *,
    client: "Client | None",
    between: "tuple[DateLike, DateLike] | None",
    **given: Any,
) -> Any:
    """Return a frame of any library with one column more; `given` is for `request_of`."""
    nw = _require_frames()
    is_narwhals = isinstance(frame, nw.DataFrame | nw.LazyFrame)
    _require_new_enough(frame.to_native() if is_narwhals else frame)
    is_dask = not is_narwhals and nw.dependencies.is_dask_dataframe(frame)
    # narwhals is about to leave Dask to a package of its own, and its frames have a pandas one
    wrapped = _wrapped(nw, frame._meta if is_dask else frame)  # noqa: SLF001
    is_lazy = isinstance(wrapped, nw.LazyFrame)
    from kzt_rates.frames.request import request_of

    request = request_of(
        wrapped.collect_schema().names() if is_lazy else wrapped.columns,
        **given,
        is_numeric=lambda name: wrapped.collect_schema()[name].is_numeric(),
        names_are_text=not wrapped.implementation.is_pandas_like(),
    )
    from kzt_rates.frames.source import client_of, require_known  # needs numpy

    client = client_of(client)
    require_known(client, filter(None, (request.currency.code, request.to.code)))
    native = frame if is_dask else wrapped.to_native()
    if is_dask or is_lazy:
        library = "dask" if is_dask else wrapped.implementation.name.lower()
        result = _convert_lazy(native, library, request, client, between)
    else:
        if between is not None:
            raise ValueError("between= is for lazy frames; this one is asked for its own dates")
        result = _eager(wrapped.implementation)(native, request, client)
    if not is_narwhals:
        return result
    namespace = import_module(type(frame).__module__)  # the stable ones have their own
    return getattr(namespace, "from_native", nw.from_native)(result)


def _wrapped(nw: Any, frame: Any) -> Any:
    """Return a frame as one of narwhals; `TypeError` or `ValueError` for what is none."""
    try:
        return nw.from_native(frame)
    except TypeError:
        kind = type(frame).__name__
        hint = ""
        if hasattr(frame, "to_frame"):
            hint = ": its to_frame() makes one"
        elif type(frame).__module__.startswith("kzt_rates"):
            hint = ": its to_pandas() makes one"
        raise TypeError(
            "a frame of pandas, Polars, PyArrow, DuckDB, Ibis, Dask or PySpark is converted, "
            f"not {kind}{hint}"
        ) from None
    except nw.exceptions.DuplicateError:
        names = [*(frame.column_names if hasattr(frame, "column_names") else frame.columns)]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"there are several columns {twice!r}: rename them") from None


def _require_frames() -> Any:
    """Return narwhals; `ImportError` where a library of the extra `[frames]` is missing."""
    for library in ("numpy", "pyarrow"):
        require(library, "frames")
    return require("narwhals", "frames")


def _eager(implementation: Any) -> "Callable[[Any, Request, Client], Any]":
    from kzt_rates.frames import in_memory

    if implementation.is_pandas():
        return in_memory.convert_pandas
    if implementation.is_polars():
        return in_memory.convert_polars
    if implementation.is_pyarrow():
        return in_memory.convert_arrow
    return in_memory.convert_other


def _convert_lazy(
    frame: Any,
    library: str,
    request: "Request",
    client: "Client",
    between: "tuple[DateLike, DateLike] | None",
) -> Any:
    """Return a lazy frame with one column more; nothing is collected, and no bank is asked."""
    if library not in _ENGINES:
        raise TypeError(
            f"a lazy frame of {library} cannot be converted; those of {', '.join(_ENGINES)} can"
        )
    from kzt_rates.frames.rate_tables import rate_table  # needs numpy and pyarrow

    module, function, in_tenge = _ENGINES[library]
    table = rate_table(
        client,
        None if in_tenge else request.to.code,
        between,
        carried=request.missing == "previous",
        reaches_back=in_tenge,
    )
    engine = import_module(f"kzt_rates.frames.{module}")
    return getattr(engine, function)(frame, request, table)
