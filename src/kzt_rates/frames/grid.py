"""Rates by pair and calendar day in dense tables: every row's rate is one look-up away."""

from typing import TYPE_CHECKING, Protocol

import numpy as np

from kzt_rates.figures import KZT
from kzt_rates.frames.pairs import Known
from kzt_rates.frames.ratios import Span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kzt_rates.frames.columns import AnyInts, Days
    from kzt_rates.frames.pairs import Pairs
    from kzt_rates.frames.ratios import Floats, Ints
    from kzt_rates.frames.source import Source

    Ratios = tuple[Ints, Ints]

# Beyond so many cells of a table of pairs, the currencies of a row are looked up one by one.
MAX_CELLS = 2**22
UNKNOWN, SAME = "", "="


class Table(Protocol):
    """Rates at places: those of some rows, as floats (NaN where there is none) or exactly."""

    is_whole: bool

    def places_of(self, numbers: "AnyInts", days: "AnyInts | int") -> "Ints":
        """Return where the rates of pairs on days are."""
        ...

    def rates_at(self, places: "Ints") -> "Floats":
        """Return the rates at places, each the nearest float; NaN where none is known."""
        ...

    def ratios_at(self, places: "Ints") -> "Ratios":
        """Return the exact ratios at places; a bottom of 0 where none is known."""
        ...


class Grid:
    """The rates of the pairs of rows over their days, with an unknown day on either side."""

    def __init__(self, source: "Source", pairs: "Pairs", days: "Days") -> None:
        self.known = Known.of(pairs, source)
        self._numbers, self._days = pairs.numbers, days
        distinct = self.known.distinct()
        foreign = {code for pair in distinct if pair[0] != pair[1] for code in pair} - {KZT}
        spans = {code: source.span(code) for code in sorted(foreign)}
        low, high = days.bounds()
        first, last = _common(spans.values())
        self._low = min(max(low, first), last) - 1
        self._high = max(min(high, last), self._low + 1) + 1
        self._is_clipped = low <= self._low or high >= self._high
        within = self._within(spans)
        width = self._high - self._low + 1
        kind = PairTable if len(distinct) * width <= MAX_CELLS else LegTable
        self.table: Table = kind(self.known, within, self._low)
        self.is_whole = (
            self.table.is_whole and not self._is_clipped and None not in self.known.codes
        )

    def places_of(self, rows: slice) -> "Ints":
        """Return where in the table the rates of some rows are."""
        days = self._days.part(rows)
        if self._is_clipped:
            days = np.clip(days, self._low, self._high)
        size = rows.stop - rows.start
        numbers = np.zeros(size, np.intp) if self._numbers is None else self._numbers[rows]
        return self.table.places_of(numbers, days)

    def numbers_of(self, rows: "Ints") -> "Ints":
        """Return which of the pairs as written some rows have."""
        if self._numbers is None:
            return np.zeros(len(rows), np.int64)
        return self._numbers[rows].astype(np.int64)

    def days_of(self, rows: "Ints") -> "Ints":
        """Return the days of some rows, numbered since 1970."""
        ticks, per_day = self._days.ticks, self._days.ticks_a_day
        if isinstance(ticks, int):
            return np.full(len(rows), ticks // per_day, np.int64)
        return ticks[rows].astype(np.int64) // per_day

    def _within(self, spans: "dict[str, Span]") -> "dict[str, Span]":
        """Return the rates of the currencies over the days of the grid, none on its edges."""
        width = self._high - self._low + 1
        tenge = Span(self._low, width)
        tenge.tops[:] = tenge.bottoms[:] = 1
        within = {KZT: tenge}
        for code, span in spans.items():
            within[code] = span.over(self._low + 1, width - 2).over(self._low, width)
        return within


class PairTable:
    """A row of the table for each pair, and the first for those that nobody knows."""

    def __init__(self, known: Known, within: "dict[str, Span]", low: int) -> None:
        distinct = known.distinct()
        width = len(within[KZT].tops)
        tops = np.zeros((len(distinct) + 1, width), np.int64)
        bottoms = np.zeros_like(tops)
        for number, (base, quote) in enumerate(distinct, 1):
            if base == quote:  # one unit of a currency is one of itself, on any day
                tops[number] = bottoms[number] = 1
                continue
            one, other = within[base], within[quote]
            np.multiply(one.tops, other.bottoms, out=tops[number])
            np.multiply(one.bottoms, other.tops, out=bottoms[number])
            bottoms[number][tops[number] == 0] = 0
        self.is_whole = bool((bottoms[1:, 1:-1] != 0).all())
        self._tops, self._bottoms = tops.ravel(), bottoms.ravel()
        self._rates = self._tops / np.where(self._bottoms == 0, np.nan, self._bottoms)
        row = {pair: number for number, pair in enumerate(distinct, 1)}
        rows = [0 if pair is None else row[pair] for pair in known.codes]
        self._starts = np.array(rows or [0], np.int64) * width - low

    def places_of(self, numbers: "AnyInts", days: "AnyInts | int") -> "Ints":
        """Return where the rates of pairs on days are."""
        places: Ints = self._starts[numbers] + days
        return places

    def rates_at(self, places: "Ints") -> "Floats":
        """Return the rates at places, each the nearest float; NaN where none is known."""
        return self._rates.take(places, mode="clip")

    def ratios_at(self, places: "Ints") -> "Ratios":
        """Return the exact ratios at places; a bottom of 0 where none is known."""
        return self._tops.take(places), self._bottoms.take(places)


class LegTable:
    """A row of the table for each currency; a place is two, that of the base and the quote's."""

    is_whole = False

    def __init__(self, known: Known, within: "dict[str, Span]", low: int) -> None:
        width = len(within[KZT].tops)
        within = {UNKNOWN: Span(low, width), SAME: within[KZT], **within}
        self._tops = np.concatenate([span.tops for span in within.values()])
        self._bottoms = np.concatenate([span.bottoms for span in within.values()])
        row = {code: number for number, code in enumerate(within)}
        legs = [_legs(pair) for pair in known.codes] or [(UNKNOWN, UNKNOWN)]
        rows = [[row[base] for base, _ in legs], [row[quote] for _, quote in legs]]
        self._starts = np.array(rows, np.int64) * width - low

    def places_of(self, numbers: "AnyInts", days: "AnyInts | int") -> "Ints":
        """Return where the rates of pairs on days are."""
        places: Ints = self._starts[:, numbers] + days
        return places

    def rates_at(self, places: "Ints") -> "Floats":
        """Return the rates at places, each the nearest float; NaN where none is known."""
        tops, bottoms = self.ratios_at(places)
        rates: Floats = tops / np.where(bottoms == 0, np.nan, bottoms)
        return rates

    def ratios_at(self, places: "Ints") -> "Ratios":
        """Return the exact ratios at places; a bottom of 0 where none is known."""
        tops, bottoms = self._tops.take(places), self._bottoms.take(places)
        return tops[0] * bottoms[1], np.where(tops[0] == 0, 0, bottoms[0] * tops[1])


def _legs(pair: "tuple[str, str] | None") -> tuple[str, str]:
    """Return the rows that a pair is looked up in; one of itself costs one, on any day."""
    if pair is None:
        return UNKNOWN, UNKNOWN
    return (SAME, SAME) if pair[0] == pair[1] else pair


def _common(spans: "Iterable[Span]") -> tuple[int, int]:
    """Return the first and the last day of any of some spans."""
    known = [(span.first, span.first + len(span.tops) - 1) for span in spans if len(span.tops)]
    if not known:
        return 0, 0
    return min(first for first, _ in known), max(last for _, last in known)
