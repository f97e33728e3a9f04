"""A dense grid of pairs by calendar days: every row's rate is one look-up away."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kzt_rates.errors import UnknownCurrency
from kzt_rates.figures import KZT
from kzt_rates.frames.columns import Labels, any_null
from kzt_rates.frames.ratios import Span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kzt_rates.frames.columns import AnyInts, Days
    from kzt_rates.frames.ratios import Flags, Floats, Ints
    from kzt_rates.frames.source import Source

UNKNOWN_ROW = 0


class Pairs(NamedTuple):
    """The pair of each row: `texts[numbers[row]]` as written; one for all without `numbers`."""

    texts: "list[tuple[object, object]]"
    numbers: "AnyInts | None"
    nulls: "Flags | None"


def pairs_of(currency: Labels, to: Labels) -> Pairs:
    """Return the pairs that occur, of two columns or of one and a value."""
    nulls = any_null(currency.nulls, to.nulls)
    if to.numbers is None:
        return Pairs([(text, to.texts[0]) for text in currency.texts], currency.numbers, nulls)
    if currency.numbers is None:
        return Pairs([(currency.texts[0], text) for text in to.texts], to.numbers, nulls)
    if not (currency.texts and to.texts):
        return Pairs([], currency.numbers, nulls)  # all null
    size = len(to.texts)
    both = currency.numbers.astype(np.int64) * size + to.numbers
    used = np.flatnonzero(np.bincount(both, minlength=1))
    place = np.zeros(int(used[-1]) + 1 if len(used) else 1, np.int64)
    place[used] = np.arange(len(used))
    texts = [(currency.texts[pair // size], to.texts[pair % size]) for pair in used.tolist()]
    return Pairs(texts, place[both], nulls)


class Grid:
    """The rates of pairs over some days, with an unknown day on either side.

    `codes` are the pairs in capitals, `None` for one that nobody knows; `why` says why not.
    """

    def __init__(self, source: "Source", pairs: Pairs, days: "Days") -> None:
        self.codes: list[tuple[str, str] | None] = []
        self.why: dict[int, UnknownCurrency | TypeError] = {}
        for number, (base, quote) in enumerate(pairs.texts):
            try:
                self.codes.append((_known(source, base), _known(source, quote)))
            except (UnknownCurrency, TypeError) as error:
                self.codes.append(None)
                self.why[number] = error
        distinct = list(dict.fromkeys(pair for pair in self.codes if pair is not None))
        foreign = {code for pair in distinct if pair[0] != pair[1] for code in pair} - {KZT}
        spans = {code: source.span(code) for code in sorted(foreign)}
        low, high = days.bounds()
        first, last = _common(spans.values())
        self._low = min(max(low, first), last) - 1
        self._high = max(min(high, last), self._low + 1) + 1
        self._width = self._high - self._low + 1
        self._is_clipped = low <= self._low or high >= self._high
        self._fill(spans, distinct)
        row = {pair: number for number, pair in enumerate(distinct, UNKNOWN_ROW + 1)}
        rows = [UNKNOWN_ROW if pair is None else row[pair] for pair in self.codes]
        self._starts = np.array(rows or [0], np.int64) * self._width - self._low
        self._numbers, self._days = pairs.numbers, days

    def _fill(self, spans: "dict[str, Span]", distinct: "list[tuple[str, str]]") -> None:
        shape = (len(distinct) + 1, self._width)
        self.tops, self.bottoms = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
        tenge = Span(self._low, self._width)
        tenge.tops[:] = tenge.bottoms[:] = 1
        within = {KZT: tenge}
        for code, span in spans.items():  # none is known on the days at the edges
            inner = span.over(self._low + 1, self._width - 2)
            within[code] = inner.over(self._low, self._width)
        for number, (base, quote) in enumerate(distinct, UNKNOWN_ROW + 1):
            if base == quote:  # one unit of a currency is one of itself, on any day
                self.tops[number] = self.bottoms[number] = 1
                continue
            one, other = within[base], within[quote]
            np.multiply(one.tops, other.bottoms, out=self.tops[number])
            np.multiply(one.bottoms, other.tops, out=self.bottoms[number])
            self.bottoms[number][self.tops[number] == 0] = 0
        self.is_whole = (
            not self._is_clipped
            and None not in self.codes
            and bool((self.bottoms[1:, 1:-1] != 0).all())
        )

    def rates(self) -> "Floats":
        """Return the rates as the nearest floats, flat; NaN where none is known."""
        rates: Floats = self.tops / np.where(self.bottoms == 0, np.nan, self.bottoms)
        return rates.ravel()

    def places_of(self, rows: slice, size: int) -> "Ints":
        """Return where in the flat grid the rates of some rows are."""
        days = self._days.part(rows)
        if self._is_clipped:
            days = np.clip(days, self._low, self._high)
        starts = self._starts[0] if self._numbers is None else self._starts[self._numbers[rows]]
        places: Ints = np.asarray(starts + days, np.int64)
        return places if places.ndim else np.full(size, places)

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


def _known(source: "Source", text: object) -> str:
    if not isinstance(text, str):
        raise TypeError(f"a currency code is text, not {type(text).__name__}: {text!r}")
    return source.known(text)


def _common(spans: "Iterable[Span]") -> tuple[int, int]:
    """Return the first and the last day of any of some spans."""
    known = [(span.first, span.first + len(span.tops) - 1) for span in spans if len(span.tops)]
    if not known:
        return 0, 0
    return min(first for first, _ in known), max(last for _, last in known)
