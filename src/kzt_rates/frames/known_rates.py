"""The rates that a client's store knows, as the table that a lazy frame is joined with."""

from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from kzt_rates.dates import MAX_DAYS_AHEAD, parse_date
from kzt_rates.figures import KZT
from kzt_rates.frames.rate_table import RateTable
from kzt_rates.frames.ratios import Span, date_of, day_number
from kzt_rates.frames.remembered import Remembered
from kzt_rates.plans.day import LOOKBACK_DAYS, known_codes
from kzt_rates.plans.questions import silent_days, young_drafts
from kzt_rates.plans.steps import load_bounds

if TYPE_CHECKING:
    from kzt_rates.client import Client
    from kzt_rates.frames.ratios import Flags, Ints
    from kzt_rates.typing import DateLike


class Known(NamedTuple):
    """One code's rates over the days of a table, and on which it is known to have none."""

    span: Span
    silent: "Flags"


def rate_table(
    client: "Client",
    to: str | None,
    between: "tuple[DateLike, DateLike] | None",
    *,
    carried: bool,
    reaches_back: bool = False,
) -> RateTable:
    """Return what a client's store knows, to one currency or in tenge; nobody is asked.

    `carried` lets a day without a rate have that of the day before, at most 14 back, over days
    that are known to have none; `reaches_back` keeps the rates of those days before the range
    that may be carried into it. Raises `UnknownCurrency` for a `to` that nobody knows.
    """
    rates = Remembered(client)
    quote = None if to is None else rates.run(known_codes(to))[0]
    bounds = rates.run(load_bounds())
    start, end = _range(between, bounds, rates.terms.today())
    # Drafts and silences hold for minutes; without them the table holds until somebody writes.
    lasts = not carried and not any(rates.of(code).drafts for code in bounds)
    key = (quote, start, end)
    known_table = rates.joined.get(key) if lasts else None
    if known_table is not None:
        return known_table
    # a rate that is carried into the range may be of a day before it
    first = day_number(start) - (LOOKBACK_DAYS if carried else 0)
    size = day_number(end) - first + 1
    known = {KZT: Known(_tenge(first, size), np.zeros(size, np.bool_))}
    for code in sorted(bounds):
        known[code] = _known(rates, code, first, size, carried=carried)
    quotes = known[KZT] if quote is None else known.get(quote)
    parts = [
        _rows(code, base, quotes, first if reaches_back else day_number(start), carried=carried)
        for code, base in known.items()
        if quotes is not None and code != quote
    ]
    table = RateTable(pa.concat_tables([_SCHEMA.empty_table(), *parts]), start, end)
    if lasts:
        rates.joined.clear()  # the last one is kept
        rates.joined[key] = table
    return table


def _known(rates: Remembered, code: str, first: int, size: int, *, carried: bool) -> Known:
    record = rates.of(code)
    span = record.final.over(first, size)
    drafts = Span.of_points(rates.run(young_drafts(rates.terms, code, record.drafts)), drafts=True)
    newer = drafts.over(first, size)
    span.tops += newer.tops
    span.bottoms += newer.bottoms
    silent = np.zeros(size, np.bool_)
    if carried:
        doubtful = _soon_after(span.bottoms > 0)
        days = [date_of(place + first) for place in np.flatnonzero(doubtful).tolist()]
        for day in rates.run(silent_days(rates.terms, code, days)):
            silent[day_number(day) - first] = True
    return Known(span, silent)


def _soon_after(has_rate: "Flags") -> "Flags":
    """Return the days without a rate that come at most 14 after one that has it."""
    last = np.maximum.accumulate(np.where(has_rate, np.arange(len(has_rate)), -LOOKBACK_DAYS - 1))
    result: Flags = ~has_rate & (np.arange(len(has_rate)) - last <= LOOKBACK_DAYS)
    return result


_SCHEMA = pa.schema(
    [
        ("code", pa.string()),
        ("day", pa.date32()),
        ("top", pa.int64()),
        ("bottom", pa.int64()),
        ("rate", pa.float64()),
        ("effective", pa.date32()),
    ]
)


def _range(
    between: "tuple[DateLike, DateLike] | None",
    bounds: dict[str, tuple[date, date]],
    today: date,
) -> tuple[date, date]:
    newest = today + timedelta(MAX_DAYS_AHEAD)
    first = min((first for first, _ in bounds.values()), default=today)
    last = min(max((last for _, last in bounds.values()), default=today), newest)
    if between is None:
        return min(first, last), last
    start, end = (parse_date(day) for day in between)
    if start > end:
        raise ValueError(f"a range from {start} to {end} ends before it starts")
    # what lies outside has no rate, however wide a range somebody asks for
    start = min(max(start, first), newest)
    return start, max(start, min(end, newest))


def _tenge(first: int, size: int) -> Span:
    tenge = Span(first, size)
    tenge.tops[:] = tenge.bottoms[:] = 1
    return tenge


def _rows(code: str, base: Known, quote: Known, start: int, *, carried: bool) -> pa.Table:
    tops = base.span.tops * quote.span.bottoms
    bottoms = base.span.bottoms * quote.span.tops
    has_rate = (tops > 0) & (bottoms > 0)
    effective = np.where(has_rate, np.arange(len(tops)), -1)
    if carried:
        effective = _carried(effective, base.silent | quote.silent, base, quote)
    first = base.span.first
    places = np.flatnonzero(effective >= 0)
    places = places[places + first >= start]
    of = effective[places]
    top, bottom = tops[of], bottoms[of]
    if quote.span.tops.max(initial=0) > 1:  # in tenge they are in lowest terms as they are
        common = np.gcd(top, bottom)
        top, bottom = top // common, bottom // common
    columns = [
        pa.repeat(pa.scalar(code), len(places)),
        _dates(places + first),
        pa.array(top),
        pa.array(bottom),
        pa.array(top / bottom),
        _dates(of + first),
    ]
    return pa.Table.from_arrays(columns, schema=_SCHEMA)


def _carried(effective: "Ints", silent: "Flags", base: Known, quote: Known) -> "Ints":
    """Let the day before answer for one of which both currencies are known, one to have none."""
    passable = silent & ((base.span.bottoms > 0) | base.silent)
    passable &= (quote.span.bottoms > 0) | quote.silent
    result = effective.copy()
    for place in np.flatnonzero(passable & (effective < 0)).tolist():
        source = result[place - 1] if place else -1
        if source >= 0 and place - source <= LOOKBACK_DAYS:
            result[place] = source
    return result


def _dates(numbers: "Ints") -> pa.Array:
    return pa.array(numbers.astype(np.int32)).view(pa.date32())
