"""Where the rate of each row is: its pair and its day in a dense table of both."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from kzt_rates.errors import UnknownCurrency
from kzt_rates.figures import KZT
from kzt_rates.frames.columns import Labels, any_null
from kzt_rates.frames.source import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    import numpy.typing as npt

    from kzt_rates.frames.columns import AnyInts, Days, Flags, Floats, Ints
    from kzt_rates.frames.source import Source

    Places = npt.NDArray[np.int32]  # half the memory of int64, and room for any table
    Ratios = tuple[Ints, Ints]
    KnownCodes = Sequence[tuple[str, str] | None]

# Beyond so many cells of a table of pairs, the currencies of a row are looked up one by one.
MAX_CELLS = 2**22
MAX_TABLES = 4  # kept: those of the last conversions
UNKNOWN, SAME = "", "="


class Grid:
    """The rates of pairs over all days on record, with an unknown day on either side."""

    def __init__(self, source: Source, pairs: Pairs, days: Days) -> None:
        self.known = KnownPairs.of(pairs, source)
        self._numbers, self._days = pairs.numbers, days
        distinct = tuple(sorted(self.known.distinct()))  # a table serves them in any order
        foreign = {code for pair in distinct if pair[0] != pair[1] for code in pair} - {KZT}
        spans = {code: source.span(code) for code in sorted(foreign)}
        first, last = _common(spans.values())
        self._low, self._high = first - 1, last + 1
        key = (distinct, first, last)
        tables = source.tables  # which other threads share
        table = tables.get(key)
        if table is None:
            table = _table(distinct, spans, first, last)
            for old in list(tables)[: 1 - MAX_TABLES]:
                tables.pop(old, None)
            tables[key] = table
        self.table = table
        self._starts = self.table.starts_of(self.known.codes) - np.int32(self._low)

    def places_of(self, rows: slice) -> Places:
        """Return where in the table the rates of some rows are."""
        days = np.clip(self._days.part(rows), self._low, self._high).astype(np.int32, copy=False)
        starts = self._starts[..., :1]
        if self._numbers is not None:
            starts = self._starts.take(self._numbers[rows], axis=-1)
        places: Places = np.empty((*starts.shape[:-1], rows.stop - rows.start), np.int32)
        np.add(starts, days, out=places)
        return places

    def numbers_of(self, rows: Ints) -> Ints:
        """Return which of the pairs as written some rows have."""
        if self._numbers is None:
            return np.zeros(len(rows), np.int64)
        return self._numbers[rows].astype(np.int64)

    def days_of(self, rows: Ints) -> Ints:
        """Return the days of some rows, numbered since 1970."""
        ticks, per_day = self._days.ticks, self._days.ticks_a_day
        if isinstance(ticks, int):
            return np.full(len(rows), ticks // per_day, np.int64)
        return ticks[rows].astype(np.int64) // per_day


def _table(
    distinct: Sequence[tuple[str, str]], spans: Mapping[str, Span], first: int, last: int
) -> RatioTable:
    width = last - first + 3
    tenge = Span(first - 1, width)
    tenge.tops[:] = tenge.bottoms[:] = 1

    def span_of(code: str) -> Span:
        return tenge if code == KZT else spans[code].over(first - 1, width)

    if len(distinct) * width <= MAX_CELLS:
        return PairTable(distinct, width, span_of)
    return LegTable({code: span_of(code) for code in (KZT, *spans)})


def _common(spans: Iterable[Span]) -> tuple[int, int]:
    known = [(span.first, span.first + len(span.tops) - 1) for span in spans if len(span.tops)]
    if not known:
        return 0, 0
    return min(first for first, _ in known), max(last for _, last in known)


class Pairs(NamedTuple):
    """The pair of each row: `texts[numbers[row]]` as written; one for all without `numbers`."""

    texts: list[tuple[object, object]]
    numbers: AnyInts | None
    nulls: Flags | None


def pairs_of(currency: Labels, to: Labels) -> Pairs:
    """Return the pairs that occur, of two columns or of one and a value."""
    nulls = any_null(currency.nulls, to.nulls)
    if not (currency.texts and to.texts):
        return Pairs([(None, None)], None, nulls)  # all null
    if to.numbers is None:
        return Pairs([(text, to.texts[0]) for text in currency.texts], currency.numbers, nulls)
    if currency.numbers is None:
        return Pairs([(currency.texts[0], text) for text in to.texts], to.numbers, nulls)
    size = len(to.texts)
    both = currency.numbers.astype(np.int64) * size + to.numbers
    used = np.flatnonzero(np.bincount(both, minlength=1))
    place = np.zeros(int(used[-1]) + 1 if len(used) else 1, np.int64)
    place[used] = np.arange(len(used))
    texts = [(currency.texts[pair // size], to.texts[pair % size]) for pair in used.tolist()]
    return Pairs(texts, place[both], nulls)


class KnownPairs(NamedTuple):
    """Pairs in capitals, `None` for one that nobody knows; `why` says by number why not."""

    codes: list[tuple[str, str] | None]
    why: dict[int, UnknownCurrency | TypeError]

    @classmethod
    def of(cls, pairs: Pairs, source: Source) -> KnownPairs:
        """Look the codes of pairs up."""
        codes: list[tuple[str, str] | None] = []
        why: dict[int, UnknownCurrency | TypeError] = {}
        found: dict[object, str] = {}
        for number, (base, quote) in enumerate(pairs.texts):
            try:
                for text in (base, quote):
                    if text not in found:
                        found[text] = _code(source, text)
                codes.append((found[base], found[quote]))
            except (UnknownCurrency, TypeError) as error:
                codes.append(None)
                why[number] = error
        return cls(codes, why)

    def distinct(self) -> list[tuple[str, str]]:
        """Return the known pairs, each once."""
        return list(dict.fromkeys(pair for pair in self.codes if pair is not None))


def _code(source: Source, text: object) -> str:
    if not isinstance(text, str):
        raise TypeError(f"a currency code is text, not {type(text).__name__}: {text!r}")
    return source.known(text)


class RatioTable(Protocol):
    """Rates at places: the start of a pair, and a day further for each day."""

    def starts_of(self, codes: KnownCodes) -> Places:
        """Return where the first day of each pair is; the last axis is that of the pairs."""
        ...

    def rates_at(self, places: Places, out: Floats | None = None) -> Floats:
        """Return the rates at places, each the nearest float; NaN where none is known."""
        ...

    def ratios_at(self, places: Places) -> Ratios:
        """Return the exact ratios at places; a bottom of 0 where none is known."""
        ...


class PairTable:
    """A row of the table for each pair, and the first for those that nobody knows."""

    def __init__(
        self, distinct: Sequence[tuple[str, str]], width: int, span_of: Callable[[str], Span]
    ) -> None:
        self._width = width
        tops = np.zeros((len(distinct) + 1, width), np.int64)
        bottoms = np.zeros_like(tops)
        for number, (base, quote) in enumerate(distinct, 1):
            if base == quote:  # one unit of a currency is one of itself, on any day
                tops[number] = bottoms[number] = 1
                continue
            one, other = span_of(base), span_of(quote)
            np.multiply(one.tops, other.bottoms, out=tops[number])
            np.multiply(one.bottoms, other.tops, out=bottoms[number])
            bottoms[number][tops[number] == 0] = 0
        self._row = {pair: number for number, pair in enumerate(distinct, 1)}
        self._tops, self._bottoms = tops.ravel(), bottoms.ravel()
        self._rates = np.full(tops.size, np.nan)
        np.divide(self._tops, self._bottoms, out=self._rates, where=self._bottoms != 0)

    def starts_of(self, codes: KnownCodes) -> Places:
        """Return where the first day of each pair is."""
        rows = [0 if pair is None else self._row[pair] for pair in codes]
        return np.array(rows or [0], np.int32) * np.int32(self._width)

    def rates_at(self, places: Places, out: Floats | None = None) -> Floats:
        """Return the rates at places, each the nearest float; NaN where none is known."""
        return self._rates.take(places, out=out, mode="clip")

    def ratios_at(self, places: Places) -> Ratios:
        """Return the exact ratios at places; a bottom of 0 where none is known."""
        return self._tops.take(places), self._bottoms.take(places)


class LegTable:
    """A row of the table for each currency; a place is two, that of the base and the quote's."""

    def __init__(self, within: Mapping[str, Span]) -> None:
        tenge = within[KZT]
        self._width = len(tenge.tops)
        spans = {UNKNOWN: Span(tenge.first, self._width), SAME: tenge, **within}
        self._tops = np.concatenate([span.tops for span in spans.values()])
        self._bottoms = np.concatenate([span.bottoms for span in spans.values()])
        self._row = {code: number for number, code in enumerate(spans)}

    def starts_of(self, codes: KnownCodes) -> Places:
        """Return where the first days of base and quote are, for each pair."""
        legs = [_legs(pair) for pair in codes] or [(UNKNOWN, UNKNOWN)]
        rows = [[self._row[leg[side]] for leg in legs] for side in (0, 1)]
        return np.array(rows, np.int32) * np.int32(self._width)

    def rates_at(self, places: Places, out: Floats | None = None) -> Floats:
        """Return the rates at places, each the nearest float; NaN where none is known."""
        tops, bottoms = self.ratios_at(places)
        rates: Floats = np.divide(tops, np.where(bottoms == 0, np.nan, bottoms), out=out)
        return rates

    def ratios_at(self, places: Places) -> Ratios:
        """Return the exact ratios at places; a bottom of 0 where none is known."""
        tops, bottoms = self._tops.take(places), self._bottoms.take(places)
        return tops[0] * bottoms[1], np.where(tops[0] == 0, 0, bottoms[0] * tops[1])


def _legs(pair: tuple[str, str] | None) -> tuple[str, str]:
    """Return the rows that a pair is looked up in; one of itself costs one, on any day."""
    if pair is None:
        return UNKNOWN, UNKNOWN
    return (SAME, SAME) if pair[0] == pair[1] else pair
