"""The rates themselves as a frame, long or wide, for joins of one's own."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
import pyarrow as pa

from kzt_rates.arithmetic import per_units
from kzt_rates.currency import existed_between
from kzt_rates.dates import MAX_DAYS_AHEAD
from kzt_rates.feed import export_codes
from kzt_rates.figures import KZT
from kzt_rates.frames.request import read_date
from kzt_rates.frames.source import StoredRates, client_of, require_known, today_of
from kzt_rates.plans import load_bounds
from kzt_rates.plans.questions import load_known
from kzt_rates.process import require

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from decimal import Decimal

    from kzt_rates.client import Client
    from kzt_rates.typing import DateLike, MissingDays


BACKENDS = ("polars", "pandas", "pyarrow")
MISSING = ("skip", "raise", "previous", "known")

# Every rate per unit that the bank has published ends within seven decimals.
EXACT = pa.decimal128(38, 18)


def table_of(
    start: DateLike,
    end: DateLike | None,
    currencies: Iterable[str] | None,
    *,
    wide: bool,
    exact: bool,
    missing: MissingDays | Literal["known"],
    backend: str,
    client: Client | None,
) -> Any:
    """Return the rates of some currencies over a range as a frame; see `kzt_rates.frames.table`."""
    if backend not in BACKENDS:
        raise ValueError(f"a backend is one of {', '.join(map(repr, BACKENDS))}, not {backend!r}")
    if missing not in MISSING:
        raise ValueError(f"missing is 'skip', 'raise', 'previous' or 'known', not {missing!r}")
    if backend != "pyarrow":
        require(backend)  # before anything is asked of the bank
    client = client_of(client)
    if missing == "known":
        rates = _known(client, start, end, currencies)
    else:
        rates = _asked(client, start, end, currencies, missing)
    rows = (_wide if wide else _long)(rates, EXACT if exact else pa.float64())
    if backend == "polars":
        import polars as pl

        return pl.from_arrow(rows)
    return rows.to_pandas(date_as_object=False) if backend == "pandas" else rows


class _Rates(NamedTuple):
    """One currency's rates by day; `carried` has the days that another one answers for."""

    base: str
    dates: Sequence[date]
    values: Sequence[Decimal]
    carried: Mapping[date, date]


def _asked(
    client: Client,
    start: DateLike,
    end: DateLike | None,
    currencies: Iterable[str] | None,
    missing: MissingDays,
) -> list[_Rates]:
    """Return the histories of currencies, which a sync has brought in few questions."""
    first, last = _range(client, start, end)
    codes = _codes(client, currencies)
    if codes is None:
        codes = [code for code in export_codes() if existed_between(code, first, last)]
    if codes and first <= today_of(client):
        client.sync(first, last, currencies=codes)
    found = [client.history(code, start=first, end=last, missing=missing) for code in codes]
    return [_Rates(one.base, one.dates, one.values, one.carried) for one in found]


def _known(
    client: Client, start: DateLike, end: DateLike | None, currencies: Iterable[str] | None
) -> list[_Rates]:
    """Return what the store has of currencies; nobody is asked."""
    rates = StoredRates(client)
    first, last = _range(client, start, end)
    codes = _codes(client, currencies)
    newest = rates.terms.today() + timedelta(MAX_DAYS_AHEAD)
    found = []
    for code in sorted(rates.run(load_bounds())) if codes is None else codes:
        entries = rates.run(load_known(rates.terms, code, first, min(last, newest)))
        found.append(_Rates(code, [entry[0] for entry in entries], per_units(entries), {}))
    return found


def _range(client: Client, start: DateLike, end: DateLike | None) -> tuple[date, date]:
    return read_date(start), today_of(client) if end is None else read_date(end)


def _codes(client: Client, currencies: Iterable[str] | None) -> list[str] | None:
    """Return codes in capitals, each once; the tenge has no rate of its own."""
    if currencies is None:
        return None
    if not isinstance(currencies, Iterable):
        raise TypeError(f"currencies are codes, ['USD', 'EUR'], not {type(currencies).__name__}")
    given = (currencies,) if isinstance(currencies, str) else currencies
    return sorted({*require_known(client, given)} - {KZT})


def _long(rates: list[_Rates], kind: pa.DataType) -> pa.Table:
    """Return a row for each currency and day that has a rate."""
    is_carried = any(one.carried for one in rates)
    parts = [_long_schema(kind, is_carried=is_carried).empty_table()]
    for one in rates:
        columns = {
            "date": pa.array(one.dates, pa.date32()),
            "currency": pa.repeat(pa.scalar(one.base), len(one.dates)),
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


def _wide(rates: list[_Rates], kind: pa.DataType) -> pa.Table:
    """Return a row for each day on which any currency has a rate, and a column for each."""
    days = np.unique(np.array([day for one in rates for day in one.dates], "datetime64[D]"))
    columns = {"date": pa.array(days, pa.date32())}
    for one in rates:
        places = np.searchsorted(days, np.array(one.dates, "datetime64[D]"))
        take = np.full(len(days), -1)
        take[places] = np.arange(len(one.dates))
        indices = pa.array(take, mask=take < 0)
        columns[one.base] = _rates(one, kind).take(indices)
    return pa.table(columns)


def _rates(rates: _Rates, kind: pa.DataType) -> pa.Array:
    exact = rates.values
    return pa.array(exact if pa.types.is_decimal(kind) else list(map(float, exact)), kind)
