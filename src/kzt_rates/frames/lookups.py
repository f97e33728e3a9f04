"""Rates by pair or by currency and day in dense arrays: each is one look-up away."""

from typing import TYPE_CHECKING, Protocol

import numpy as np

from kzt_rates.figures import KZT
from kzt_rates.frames.ratios import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy.typing as npt

    from kzt_rates.frames.ratios import Floats, Ints

    Places = npt.NDArray[np.int32]  # half the memory of int64, and room for any table
    Ratios = tuple[Ints, Ints]
    KnownCodes = Sequence[tuple[str, str] | None]

UNKNOWN, SAME = "", "="


class Table(Protocol):
    """Rates at places: the start of a pair, and a day further for each day."""

    def starts_of(self, codes: "KnownCodes") -> "Places":
        """Return where the first day of each pair is; the last axis is that of the pairs."""
        ...

    def rates_at(self, places: "Places", out: "Floats | None" = None) -> "Floats":
        """Return the rates at places, each the nearest float; NaN where none is known."""
        ...

    def ratios_at(self, places: "Places") -> "Ratios":
        """Return the exact ratios at places; a bottom of 0 where none is known."""
        ...


class PairTable:
    """A row of the table for each pair, and the first for those that nobody knows."""

    def __init__(
        self, distinct: "Sequence[tuple[str, str]]", width: int, span_of: "Callable[[str], Span]"
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

    def starts_of(self, codes: "KnownCodes") -> "Places":
        """Return where the first day of each pair is."""
        rows = [0 if pair is None else self._row[pair] for pair in codes]
        return np.array(rows or [0], np.int32) * np.int32(self._width)

    def rates_at(self, places: "Places", out: "Floats | None" = None) -> "Floats":
        """Return the rates at places, each the nearest float; NaN where none is known."""
        return self._rates.take(places, out=out, mode="clip")

    def ratios_at(self, places: "Places") -> "Ratios":
        """Return the exact ratios at places; a bottom of 0 where none is known."""
        return self._tops.take(places), self._bottoms.take(places)


class LegTable:
    """A row of the table for each currency; a place is two, that of the base and the quote's."""

    def __init__(self, within: "Mapping[str, Span]") -> None:
        tenge = within[KZT]
        self._width = len(tenge.tops)
        spans = {UNKNOWN: Span(tenge.first, self._width), SAME: tenge, **within}
        self._tops = np.concatenate([span.tops for span in spans.values()])
        self._bottoms = np.concatenate([span.bottoms for span in spans.values()])
        self._row = {code: number for number, code in enumerate(spans)}

    def starts_of(self, codes: "KnownCodes") -> "Places":
        """Return where the first days of base and quote are, for each pair."""
        legs = [_legs(pair) for pair in codes] or [(UNKNOWN, UNKNOWN)]
        rows = [[self._row[leg[side]] for leg in legs] for side in (0, 1)]
        return np.array(rows, np.int32) * np.int32(self._width)

    def rates_at(self, places: "Places", out: "Floats | None" = None) -> "Floats":
        """Return the rates at places, each the nearest float; NaN where none is known."""
        tops, bottoms = self.ratios_at(places)
        rates: Floats = np.divide(tops, np.where(bottoms == 0, np.nan, bottoms), out=out)
        return rates

    def ratios_at(self, places: "Places") -> "Ratios":
        """Return the exact ratios at places; a bottom of 0 where none is known."""
        tops, bottoms = self._tops.take(places), self._bottoms.take(places)
        return tops[0] * bottoms[1], np.where(tops[0] == 0, 0, bottoms[0] * tops[1])


def _legs(pair: "tuple[str, str] | None") -> tuple[str, str]:
    """Return the rows that a pair is looked up in; one of itself costs one, on any day."""
    if pair is None:
        return UNKNOWN, UNKNOWN
    return (SAME, SAME) if pair[0] == pair[1] else pair
