"""The rates themselves as a frame, long or wide, for joins of one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from kzt_rates.currency import existed_between
from kzt_rates.dates import parse_date
from kzt_rates.feed import export_codes
from kzt_rates.figures import KZT
from kzt_rates.frames.source import client_of, require_known, today_of
from kzt_rates.process import require

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kzt_rates.client import Client
    from kzt_rates.models import Series
    from kzt_rates.typing import DateLike, MissingDays


BACKENDS = ("polars", "pandas", "pyarrow")

# Every rate per unit that the bank has published ends within seven decimals.
EXACT = pa.decimal128(38, 18)


def table_of(
    start: DateLike,
    end: DateLike | None,
    currencies: Iterable[str] | None,
    *,
    wide: bool,
    exact: bool,
    missing: MissingDays,
    backend: str,
    client: Client | None,
) -> Any:
    """Return the rates of some currencies over a range as a frame; see `kzt_rates.frames.table`."""
    if backend not in BACKENDS:
        raise ValueError(f"a backend is one of {', '.join(map(repr, BACKENDS))}, not {backend!r}")
    if backend != "pyarrow":
        require(backend)  # before anything is asked of the bank
    series = _series(client_of(client), start, end, currencies, missing)
    rows = (_wide if wide else _long)(series, EXACT if exact else pa.float64())
    if backend == "polars":
        import polars as pl

        return pl.from_arrow(rows)
    return rows.to_pandas(date_as_object=False) if backend == "pandas" else rows


def _series(
    client: Client,
    start: DateLike,
    end: DateLike | None,
    currencies: Iterable[str] | None,
    missing: MissingDays,
) -> list[Series]:
    """Return the histories of currencies, which a sync has brought in few questions."""
    given = (currencies,) if isinstance(currencies, str) else currencies
    first, today = parse_date(start), today_of(client)
    last = today if end is None else parse_date(end)
    if given is None:
        codes = [code for code in export_codes() if existed_between(code, first, last)]
    else:
        codes = require_known(client, given)
    codes = sorted({*codes} - {KZT})
    if codes and first <= today:
        client.sync(first, last, currencies=codes)
    return [client.history(code, start=first, end=last, missing=missing) for code in codes]


def _long(series: list[Series], kind: pa.DataType) -> pa.Table:
    """Return a row for each currency and day that has a rate."""
    is_carried = any(one.carried for one in series)
    parts = [_long_schema(kind, is_carried=is_carried).empty_table()]
    for one in series:
        columns = {
            "date": pa.array(one.dates, pa.date32()),
            "currency": pa.repeat(pa.scalar(one.base), len(one)),
            "rate": _rates(one, kind),
        }
        if is_carried:
            effective = [one.carried.get(day, day) for day in one.dates]
            columns["effective_date"] = pa.array(effective, pa.date32())
        parts.append(pa.table(columns))
    return pa.concat_tables(parts)


def _long_schema(kind: pa.DataType, *, is_carried: bool) -> pa.Schema:
    fields = [("date", pa.date32()), ("currency", pa.string()), ("rate", kind)]
    return pa.schema([*fields, *([("effective_date", pa.date32())] if is_carried else [])])


def _wide(series: list[Series], kind: pa.DataType) -> pa.Table:
    """Return a row for each day on which any currency has a rate, and a column for each."""
    days = np.unique(np.array([day for one in series for day in one.dates], "datetime64[D]"))
    columns = {"date": pa.array(days, pa.date32())}
    for one in series:
        places = np.searchsorted(days, np.array(one.dates, "datetime64[D]"))
        take = np.full(len(days), -1)
        take[places] = np.arange(len(one))
        indices = pa.array(take, mask=take < 0)
        columns[one.base] = _rates(one, kind).take(indices)
    return pa.table(columns)


def _rates(series: Series, kind: pa.DataType) -> pa.Array:
    exact = series.values
    return pa.array(exact if pa.types.is_decimal(kind) else list(map(float, exact)), kind)
