"""Frames of other libraries converted at official rates: each comes back of its own kind.

`convert` adds a column to a frame of pandas, Polars, PyArrow, DuckDB, Ibis, Dask or PySpark;
`table` gives the rates themselves, for joins of one's own. Needs the extra `[frames]`.
"""

from collections.abc import Iterable
from typing import Any, Literal, TypeVar

import kzt_rates.typing
from kzt_rates.typing import DateLike, MissingDays, MissingRates

FrameT = TypeVar("FrameT")

__all__ = ["convert", "table"]


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
    from kzt_rates.frames.libraries import convert_frame

    converted: FrameT = convert_frame(
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
    from kzt_rates.frames.libraries import require_frames

    require_frames()
    from kzt_rates.frames.rate_frames import table_of

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
