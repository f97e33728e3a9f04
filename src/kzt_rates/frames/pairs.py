"""The pair of each row: two columns of codes as one, or a column and a value."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kzt_rates.errors import UnknownCurrency
from kzt_rates.frames.columns import Labels, any_null

if TYPE_CHECKING:
    from kzt_rates.frames.columns import AnyInts
    from kzt_rates.frames.ratios import Flags
    from kzt_rates.frames.source import Source


class Pairs(NamedTuple):
    """The pair of each row: `texts[numbers[row]]` as written; one for all without `numbers`."""

    texts: "list[tuple[object, object]]"
    numbers: "AnyInts | None"
    nulls: "Flags | None"


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

    codes: "list[tuple[str, str] | None]"
    why: "dict[int, UnknownCurrency | TypeError]"

    @classmethod
    def of(cls, pairs: Pairs, source: "Source") -> "KnownPairs":
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

    def distinct(self) -> "list[tuple[str, str]]":
        """Return the known pairs, each once."""
        return list(dict.fromkeys(pair for pair in self.codes if pair is not None))


def _code(source: "Source", text: object) -> str:
    if not isinstance(text, str):
        raise TypeError(f"a currency code is text, not {type(text).__name__}: {text!r}")
    return source.known(text)
