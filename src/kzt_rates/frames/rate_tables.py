"""The rates themselves as tables: what lazy frames are joined with, and for joins of one's own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
import pyarrow as pa

from kzt_rates.arithmetic import per_units
from kzt_rates.currency import FACTS, existed_between, parse_code, unknown
from kzt_rates.dates import MAX_DAYS_AHEAD
from kzt_rates.errors import RateNotFound
from kzt_rates.feed import export_codes
from kzt_rates.figures import KZT
from kzt_rates.frames.columns import date_of, day_number
from kzt_rates.frames.request import read_date
from kzt_rates.frames.source import ExactRate, Span, StoredRates, client_of, require_known, today_of
from kzt_rates.plans import load_bounds
from kzt_rates.plans.day import LOOKBACK_DAYS, known_codes
from kzt_rates.plans.questions import load_known, silent_days, young_drafts
from kzt_rates.process import require

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping
    from decimal import Decimal

    from kzt_rates.client import Client
    from kzt_rates.frames.columns import Flags, Ints
    from kzt_rates.frames.request import Request
    from kzt_rates.typing import DateLike, MissingDays, MissingRates

PAIR = 2
_KINDS = {"day": "int32", "top": "int64", "bottom": "int64", "effective": "int32"}
# What the columns of rates are as arrays of the same bits.
KINDS = {"top": "int64", "bottom": "int64", "rate": "float64", "effective": "int32"}


class RateTable(NamedTuple):
    """The rates that a lazy frame is joined with.

    `rows` has the columns `code` (string), `day` (date32), `top` and `bottom` (int64, both below
    2**52), `rate` (float64, the nearest to top / bottom) and `effective` (date32). One unit of
    `code` costs exactly top / bottom units: of the one currency that all rows are converted to,
    or of tenge where that is a column. Each code and day is there at most once; codes are in
    capitals. With a column to convert to, the tenge itself has a row of 1 / 1 for every day, and
    the ratio of a pair is (top * its bottom) / (bottom * its top).

    `missing="previous"` is already in the rows: `effective` is the day that answers. Both
    currencies of a pair must have the same.
    """

    rows: pa.Table
    start: date
    end: date


class Known(NamedTuple):
    """One code's rates over the days of a table, and on which it is known to have none."""

    span: Span
    silent: Flags


def rate_table(
    client: Client,
    to: str | None,
    between: tuple[DateLike, DateLike] | None,
    *,
    carried: bool,
    reaches_back: bool = False,
) -> RateTable:
    """Return what a client's store knows, to one currency or in tenge; nobody is asked.

    `carried` lets a day without a rate have that of the day before, at most 14 back, over days
    that are known to have none; `reaches_back` keeps the rates of those days before the range
    that may be carried into it. Raises `UnknownCurrency` for a `to` that nobody knows.
    """
    rates = StoredRates(client)
    quote = None if to is None else rates.run(known_codes(to))[0]
    bounds = rates.run(load_bounds())
    start, end = _joined_range(between, bounds, rates.terms.today())
    # Drafts and silences hold for minutes; without them the table holds until somebody writes.
    lasts = not carried and not any(rates.of(code).drafts for code in bounds)
    key = (quote, start, end)
    known_table: RateTable | None = rates.joined.get(key) if lasts else None
    if known_table is not None:
        return known_table
    # a rate that is carried into the range may be of a day before it
    first = day_number(start) - (LOOKBACK_DAYS if carried else 0)
    size = day_number(end) - first + 1
    known = {KZT: Known(_tenge(first, size), np.zeros(size, np.bool_))}
    for code in sorted(bounds):
        known[code] = _known_days(rates, code, first, size, carried=carried)
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


def _known_days(rates: StoredRates, code: str, first: int, size: int, *, carried: bool) -> Known:
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


def _soon_after(has_rate: Flags) -> Flags:
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


def _joined_range(
    between: tuple[DateLike, DateLike] | None,
    bounds: dict[str, tuple[date, date]],
    today: date,
) -> tuple[date, date]:
    newest = today + timedelta(MAX_DAYS_AHEAD)
    first = min((first for first, _ in bounds.values()), default=today)
    last = min(max((last for _, last in bounds.values()), default=today), newest)
    if between is None:
        return min(first, last), last
    if isinstance(between, str) or not isinstance(between, Sequence) or len(between) != PAIR:
        raise TypeError(
            "between is a pair of dates, ('2025-01-01', '2025-12-31'), "
            f"not {type(between).__name__}"
        )
    start, end = map(read_date, between)
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


def _carried(effective: Ints, silent: Flags, base: Known, quote: Known) -> Ints:
    """Let the day before answer for one of which both currencies are known, one to have none."""
    passable = silent & ((base.span.bottoms > 0) | base.silent)
    passable &= (quote.span.bottoms > 0) | quote.silent
    result = effective.copy()
    for place in np.flatnonzero(passable & (effective < 0)).tolist():
        source = result[place - 1] if place else -1
        if source >= 0 and place - source <= LOOKBACK_DAYS:
            result[place] = source
    return result


def _dates(numbers: Ints) -> pa.Array:
    return pa.array(numbers.astype(np.int32)).view(pa.date32())


class TableSource:
    """The rates in tenge of a `RateTable`, in arrays that can be pickled."""

    def __init__(self, table: RateTable) -> None:
        self._start, self._end = table.start, table.end
        self._first = day_number(table.start) - LOOKBACK_DAYS
        self._size = day_number(table.end) - self._first + 1
        self.tables: dict[Hashable, Any] = {}
        self._spans: dict[str, Span] = {}
        self._effective: dict[str, Ints] = {}
        codes = table.rows.column("code").combine_chunks().dictionary_encode()
        if not len(codes):
            return
        numbers = codes.indices.to_numpy()
        ints = {
            name: table.rows.column(name).combine_chunks().view(kind).to_numpy()
            for name, kind in _KINDS.items()
        }
        for number, code in enumerate(codes.dictionary.to_pylist()):
            rows = np.flatnonzero(numbers == number)
            self._add(code, *(column[rows].astype(np.int64) for column in ints.values()))

    def _add(self, code: str, days: Ints, tops: Ints, bottoms: Ints, of: Ints) -> None:
        places, span = days - self._first, Span(self._first, self._size)
        span.tops[places], span.bottoms[places] = tops, bottoms
        effective = np.full(self._size, -1, np.int64)
        effective[places] = of - self._first
        self._spans[code], self._effective[code] = span, effective

    def known(self, code: str) -> str:
        """Return a code in capitals; `UnknownCurrency` for one nobody knows."""
        capital = parse_code(code)
        if capital not in FACTS and capital not in self._spans and capital != KZT:
            raise unknown(code, also=self._spans)
        return capital

    def span(self, code: str) -> Span:
        """Return the rates of a code that are of the day itself."""
        span = self._spans.get(code)
        if span is None:
            return Span(0, 0)
        own = span.over(self._first, self._size)
        of_others = self._effective[code] != np.arange(self._size)
        of_others[:LOOKBACK_DAYS] = True  # only there to be carried into the range
        own.bottoms[of_others] = 0
        own.tops[of_others] = 0
        return own

    def ask(self, wanted: Mapping[str, Sequence[date]]) -> bool:  # noqa: ARG002
        """Ask nobody."""
        return False

    def look_again(self) -> bool:
        """Return that nothing was written."""
        return False

    def ratio(self, base: str, quote: str, day: date, missing: MissingRates) -> ExactRate:
        """Return the rate of a pair on a day; a carried one has both currencies of one day."""
        foreign = [code for code in (base, quote) if code != KZT]
        on = day_number(day) - self._first
        if on < LOOKBACK_DAYS:
            raise self._not_found(base if quote == KZT else quote, day)
        for place in range(on, on - (LOOKBACK_DAYS if missing == "previous" else 0) - 1, -1):
            for code in foreign:
                if not self._has_row(code, place):
                    raise self._not_found(code, day)
            if all(self._effective[code][place] == place for code in foreign):
                legs = [self._leg(code, place) for code in (base, quote)]
                return ExactRate(legs[0].top * legs[1].bottom, legs[0].bottom * legs[1].top)
        raise self._not_found(base, day)

    def _has_row(self, code: str, place: int) -> bool:
        span = self._spans.get(code)
        return span is not None and 0 <= place < self._size and bool(span.bottoms[place])

    def _leg(self, code: str, place: int) -> ExactRate:
        if code == KZT:
            return ExactRate(1, 1)
        span = self._spans[code]
        return ExactRate(int(span.tops[place]), int(span.bottoms[place]))

    def _not_found(self, code: str, day: date) -> RateNotFound:
        return RateNotFound(
            f"no official rate of {code} for {day} in what the store knew, {self._start} to "
            f"{self._end}: sync it first, or use missing='null'",
            code=code,
            date=day,
        )


class WholeTable(NamedTuple):
    """A row for each of some codes on each day of a range, and a last one for all else.

    Whatever is looked up has a row, so an inner join loses none. An outer join may show rows that
    it never gives: DuckDB hashes the smaller side, and where that is the frame, its rows wait for
    the rates to pass by. If a limit stops that early, rows that have a rate are shown without
    one, and an error about them would be a false "no official rate".

    `rows` has the columns of a `RateTable` without `code` and `day`, null where there is no rate.
    The row of a code and a day is number `codes.index(code) * size + (day - start)`, which its
    column `slot` says too.
    """

    rows: pa.Table
    codes: list[str]
    start: date
    end: date

    @property
    def size(self) -> int:
        """Return how many days there are of each code."""
        return (self.end - self.start).days + 1

    @property
    def nowhere(self) -> int:
        """Return the slot of the row for all that has no other."""
        return len(self.codes) * self.size

    def keyed(self) -> pa.Table:
        """Return the rows by `code` and `day` too; of the last, an empty one and the first."""
        numbers = np.arange(self.size, dtype=np.int32) + day_number(self.start)
        days = np.append(np.tile(numbers, len(self.codes)), numbers[0])
        of_rows = np.append(np.repeat(np.arange(len(self.codes)), self.size), len(self.codes))
        codes = pa.DictionaryArray.from_arrays(pa.array(of_rows), pa.array([*self.codes, ""]))
        return self.rows.append_column("code", codes.cast(pa.string())).append_column(
            "day", pa.array(days.astype(np.int32)).view(pa.date32())
        )


def whole(table: RateTable, code: str | None = None) -> WholeTable:
    """Return the rates of all codes, or of one of them, whole."""
    import pyarrow.compute as pc  # here, because the rates as a frame need none of it

    known = table.rows if code is None else table.rows.filter(pc.field("code") == code)
    codes = known.column("code").combine_chunks().dictionary_encode()
    found = WholeTable(known, codes.dictionary.to_pylist(), table.start, table.end)
    days = _numbers(known, "day", "int32") - day_number(table.start)
    inside = (days >= 0) & (days < found.size)
    slots = (codes.indices.to_numpy().astype(np.int64) * found.size + days)[inside]
    lacks = np.ones(found.nowhere + 1, np.bool_)
    lacks[slots] = False
    columns = {"slot": pa.array(np.arange(len(lacks)))}
    for name, kind in KINDS.items():
        values = np.zeros(len(lacks), kind)
        values[slots] = _numbers(known, name, kind)[inside]
        columns[name] = pa.array(values, mask=lacks).view(known.schema.field(name).type)
    return found._replace(rows=pa.table(columns))


def _numbers(rows: pa.Table, column: str, kind: str) -> np.ndarray:
    found: np.ndarray = rows.column(column).combine_chunks().view(kind).to_numpy()
    return found


def currencies_of(table: RateTable) -> list[str]:
    """Return the codes one unit of which is one unit of itself on any day."""
    found = table.rows.column("code").unique().to_pylist()
    return sorted({KZT, *FACTS, *found})


def pair_name(request: Request) -> str:
    """Return what follows a currency's code where one code is converted to: nothing for tenge."""
    code = request.to.code
    return "" if code in (None, KZT) else f" in {code}"


def no_rate_texts(request: Request, table: RateTable) -> tuple[str, str, str]:
    """Return what is said before a code, between it and a date, and after that one.

    `"raise"` fails with this where a row has no rate.
    """
    known = f"{table.start} to {table.end}"
    return (
        "no official rate of ",
        f"{pair_name(request)} for ",
        f" in what the store knows ({known}): sync it first, or use missing='null'",
    )


# The rates as a frame, long or wide, for joins of one's own.

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
    first, today = read_date(start), today_of(client)
    if end is None and first > today:
        raise ValueError(f"start {first} is in the future: today in Kazakhstan is {today}")
    last = today if end is None else read_date(end)
    if first > last:
        raise ValueError(f"a range from {first} to {last} ends before it starts")
    return first, last


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
    fields = [("date", pa.date32()), ("currency", pa.string()), ("rate", kind)]
    if is_carried:
        fields.append(("effective_date", pa.date32()))
    parts = [pa.schema(fields).empty_table()]
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
