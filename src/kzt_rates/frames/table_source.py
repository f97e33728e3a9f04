"""Rates of a table that travels with a task: for workers without a store or a network."""

from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from kzt_rates.currency import FACTS, parse_code, unknown
from kzt_rates.errors import RateNotFound
from kzt_rates.figures import KZT
from kzt_rates.frames.ratios import Ratio, Span, day_number
from kzt_rates.plans.day import LOOKBACK_DAYS

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from kzt_rates.frames.lookups import Table
    from kzt_rates.frames.rate_table import RateTable
    from kzt_rates.frames.ratios import Ints
    from kzt_rates.typing import MissingRates


class TableSource:
    """The rates in tenge of a `RateTable`, in arrays that can be pickled."""

    def __init__(self, table: "RateTable") -> None:
        self._start, self._end = table.start, table.end
        self._first = day_number(table.start) - LOOKBACK_DAYS
        self._size = day_number(table.end) - self._first + 1
        self.tables: dict[Hashable, Table] = {}
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

    def _add(self, code: str, days: "Ints", tops: "Ints", bottoms: "Ints", of: "Ints") -> None:
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

    def learn(self, wanted: "Mapping[str, Sequence[date]]") -> bool:  # noqa: ARG002
        """Ask nobody."""
        return False

    def look_again(self) -> bool:
        """Say that nothing was written."""
        return False

    def ratio(self, base: str, quote: str, day: date, missing: "MissingRates") -> Ratio:
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
                return Ratio(legs[0].top * legs[1].bottom, legs[0].bottom * legs[1].top)
        raise self._not_found(base, day)

    def _has_row(self, code: str, place: int) -> bool:
        span = self._spans.get(code)
        return span is not None and 0 <= place < self._size and bool(span.bottoms[place])

    def _leg(self, code: str, place: int) -> Ratio:
        if code == KZT:
            return Ratio(1, 1)
        span = self._spans[code]
        return Ratio(int(span.tops[place]), int(span.bottoms[place]))

    def _not_found(self, code: str, day: date) -> RateNotFound:
        return RateNotFound(
            f"no official rate of {code} for {day} in what the store knew, {self._start} to "
            f"{self._end}: sync it first, or use missing='null'",
            code=code,
            date=day,
        )


_KINDS = {"day": "int32", "top": "int64", "bottom": "int64", "effective": "int32"}
