"""Where the rate of each row is: its pair and its day in a table of both."""

from typing import TYPE_CHECKING

import numpy as np

from kzt_rates.figures import KZT
from kzt_rates.frames.lookups import LegTable, PairTable
from kzt_rates.frames.pairs import KnownPairs
from kzt_rates.frames.ratios import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kzt_rates.frames.columns import Days
    from kzt_rates.frames.lookups import Places, Table
    from kzt_rates.frames.pairs import Pairs
    from kzt_rates.frames.ratios import Ints
    from kzt_rates.frames.source import Source

# Beyond so many cells of a table of pairs, the currencies of a row are looked up one by one.
MAX_CELLS = 2**22
MAX_TABLES = 4  # kept: those of the last conversions


class Grid:
    """The rates of pairs over all days on record, with an unknown day on either side."""

    def __init__(self, source: "Source", pairs: "Pairs", days: "Days") -> None:
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

    def places_of(self, rows: slice) -> "Places":
        """Return where in the table the rates of some rows are."""
        days = np.clip(self._days.part(rows), self._low, self._high).astype(np.int32, copy=False)
        starts = self._starts[..., :1]
        if self._numbers is not None:
            starts = self._starts.take(self._numbers[rows], axis=-1)
        places: Places = np.empty((*starts.shape[:-1], rows.stop - rows.start), np.int32)
        np.add(starts, days, out=places)
        return places

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


def _table(
    distinct: "Sequence[tuple[str, str]]", spans: "Mapping[str, Span]", first: int, last: int
) -> "Table":
    """Make the table of some pairs over some days and one day on either side."""
    width = last - first + 3
    tenge = Span(first - 1, width)
    tenge.tops[:] = tenge.bottoms[:] = 1

    def span_of(code: str) -> Span:
        return tenge if code == KZT else spans[code].over(first - 1, width)

    if len(distinct) * width <= MAX_CELLS:
        return PairTable(distinct, width, span_of)
    return LegTable({code: span_of(code) for code in (KZT, *spans)})


def _common(spans: "Iterable[Span]") -> tuple[int, int]:
    """Return the first and the last day of any of some spans."""
    known = [(span.first, span.first + len(span.tops) - 1) for span in spans if len(span.tops)]
    if not known:
        return 0, 0
    return min(first for first, _ in known), max(last for _, last in known)
