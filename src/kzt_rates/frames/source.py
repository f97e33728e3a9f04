"""Where a frame's rates come from: a client, whose store answers and whose bank is asked."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from math import gcd
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol
from weakref import WeakKeyDictionary

import numpy as np

from kzt_rates.api import shared_client
from kzt_rates.client import Client
from kzt_rates.dates import MAX_DAYS_AHEAD
from kzt_rates.figures import KZT
from kzt_rates.frames.columns import EPOCH_ORDINAL, day_number, whole_numbers
from kzt_rates.plans import load_series, load_stamp
from kzt_rates.plans.day import figures_on, known_codes
from kzt_rates.plans.range import ask_for_days

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping, Sequence
    from typing import TypeVar

    from kzt_rates.figures import Entry, Figure
    from kzt_rates.plans import Steps, Terms
    from kzt_rates.typing import Missing, MissingRates

    T = TypeVar("T")
    _Known = tuple[Hashable, dict[str, "OnRecord"], dict[Hashable, Any], dict[Hashable, Any]]

# The product of two stays below 2**53, where a float64 holds every whole number. A figure of
# more digits than that is looked up by itself.
LARGEST_PART = 2**26


class ExactRate(NamedTuple):
    """One unit of the base costs exactly `top / bottom` units of the quote."""

    top: int
    bottom: int


def per_unit(value: Decimal, nominal: int) -> ExactRate:
    """Return the tenge per unit of a published figure, in lowest terms."""
    top, bottom = value.as_integer_ratio()
    bottom *= nominal
    common = gcd(top, bottom)
    return ExactRate(top // common, bottom // common)


class Span:
    """One currency's rates over consecutive days; a bottom of 0 where none is known."""

    __slots__ = ("bottoms", "first", "tops")

    def __init__(self, first: int, size: int) -> None:
        self.first = first
        self.tops = np.zeros(size, np.int64)
        self.bottoms = np.zeros(size, np.int64)

    @classmethod
    def of_points(cls, points: Iterable[Entry], *, drafts: bool = False) -> Span:
        """Make the span of a currency's final figures, or of drafts too."""
        known = [point for point in points if point[3] or drafts]
        ratios = [value.as_integer_ratio() for _, value, _, _ in known]
        tops = whole_numbers([top for top, _ in ratios])
        bottoms = whole_numbers(
            [bottom * point[2] for (_, bottom), point in zip(ratios, known, strict=True)]
        )
        common = np.gcd(tops, bottoms)
        tops, bottoms = tops // common, bottoms // common
        fits = (tops < LARGEST_PART) & (bottoms < LARGEST_PART)
        days = whole_numbers([point[0].toordinal() for point in known])[fits] - EPOCH_ORDINAL
        span = cls(int(days[0]), int(days[-1] - days[0]) + 1) if len(days) else cls(0, 0)
        places = days - span.first
        span.tops[places], span.bottoms[places] = tops[fits], bottoms[fits]
        return span

    def until(self, last: int) -> Span:
        """Return the same rates without those after a day."""
        size = max(last - self.first + 1, 0)  # none, of a clock before the first of them
        return self if len(self.tops) <= size else self.over(self.first, size)

    def over(self, first: int, size: int) -> Span:
        """Return the same rates over other days."""
        other = Span(first, size)
        start = max(first, self.first)
        end = min(first + size, self.first + len(self.tops))
        if start < end:
            here = slice(start - self.first, end - self.first)
            there = slice(start - first, end - first)
            other.tops[there], other.bottoms[there] = self.tops[here], self.bottoms[here]
        return other


FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(9999, 12, 31)


class OnRecord(NamedTuple):
    """One currency's final rates, and its drafts as they are on record."""

    final: Span
    drafts: list[Entry]


class StoredRates:
    """What a client's store has, by code; `look_again` sees what was written since."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.look_again()

    def look_again(self) -> bool:
        """Forget all if anybody has written to the store since it was read; return that.

        A store without a stamp is read anew each time.
        """
        stamp = self.run(load_stamp())
        known = _known.get(self._client)
        is_new = known is None or known[0] != stamp
        if known is None or stamp is None or is_new:
            known = _known[self._client] = stamp, {}, {}, {}
        self._by_code, self.tables, self.joined = known[1:]
        return is_new

    def of(self, code: str) -> OnRecord:
        """Return what is on record of a code."""
        found = self._by_code.get(code)
        if found is None:
            points = self.run(load_series(code, FIRST_DAY, LAST_DAY))
            drafts = [point for point in points if not point[3]]
            found = self._by_code[code] = OnRecord(Span.of_points(points), drafts)
        return found

    def run(self, plan: Steps[T]) -> T:
        """Drive a plan with the client."""
        return self._client._run(plan)  # noqa: SLF001  # frames are a face of the client's house

    @property
    def terms(self) -> Terms:
        """Return what the client's plans work on."""
        return self._client._core.terms  # noqa: SLF001  # as above


# with what it was read from, and the tables that were made of it
_known: WeakKeyDictionary[Client, _Known] = WeakKeyDictionary()


def client_of(client: Client | None) -> Client:
    """Return a client, or the one that the functions share; `TypeError` for another thing."""
    if client is None:
        return shared_client()
    if not isinstance(client, Client):
        raise TypeError(f"a frame is converted by a kzt_rates.Client, not {type(client).__name__}")
    return client


def require_known(client: Client, codes: Iterable[str]) -> list[str]:
    """Return codes in capitals; raise `UnknownCurrency` for one that nobody knows."""
    return list(StoredRates(client).run(known_codes(*codes)))


def today_of(client: Client) -> date:
    """Return the date in Kazakhstan by a client's clock."""
    return StoredRates(client).terms.today()


class Source(Protocol):
    """What a conversion asks for rates; pairs and days of which none is to be had raise.

    `tables` are those made of its rates, by what they are of; for as long as these hold.
    """

    @property
    def tables(self) -> dict[Hashable, Any]:
        """Return the tables made of its rates so far."""
        ...

    def known(self, code: str) -> str:
        """Return a code in capitals; `UnknownCurrency` for one nobody knows."""
        ...

    def span(self, code: str) -> Span:
        """Return the final rates of a code that are on record."""
        ...

    def ask(self, wanted: Mapping[str, Sequence[date]]) -> bool:
        """Ask for what is not known, where that is possible; return if it is worth another look."""
        ...

    def ratio(self, base: str, quote: str, day: date, missing: MissingRates) -> ExactRate:
        """Return the rate of a pair on a day, carried where that is wanted; else raise."""
        ...

    def look_again(self) -> bool:
        """Return whether anything was written since the last look; then spans are new."""
        ...


class ClientSource:
    """The rates of a client."""

    def __init__(self, client: Client) -> None:
        self._rates = StoredRates(client)
        self._wants_one_day = True

    @property
    def tables(self) -> dict[Hashable, Any]:
        """Return the tables made of its rates so far."""
        return self._rates.tables

    def known(self, code: str) -> str:
        """Return a code in capitals; `UnknownCurrency` for one nobody knows."""
        return self._rates.run(known_codes(code))[0]

    def span(self, code: str) -> Span:
        """Return the final rates of a code that are on record."""
        newest = day_number(self._rates.terms.today()) + MAX_DAYS_AHEAD
        return self._rates.of(code).final.until(newest)

    def ask(self, wanted: Mapping[str, Sequence[date]]) -> bool:
        """Ask the bank for what is not known, in few questions, if it may be asked."""
        self._wants_one_day = len(set().union(*wanted.values())) == 1
        request = self._rates.run(ask_for_days(self._rates.terms, wanted))
        return self.look_again() or request

    def look_again(self) -> bool:
        """Return whether anything was written since the last look; then spans are new."""
        return self._rates.look_again()

    def ratio(self, base: str, quote: str, day: date, missing: MissingRates) -> ExactRate:
        """Return the rate of a pair on a day, as `Client.rate` finds it."""
        policy: Missing = "previous" if missing == "previous" else "raise"
        foreign = frozenset({base, quote} - {KZT})
        found = self._rates.run(
            figures_on(
                self._rates.terms,
                day,
                foreign,
                missing=policy,
                refresh=False,
                alone=self._wants_one_day,
            )
        )
        legs = [_leg(code, found.figures) for code in (base, quote)]
        return ExactRate(legs[0].top * legs[1].bottom, legs[0].bottom * legs[1].top)


def _leg(code: str, figures: Mapping[str, Figure]) -> ExactRate:
    if code == KZT:
        return ExactRate(1, 1)
    return per_unit(Decimal(figures[code].value), figures[code].nominal)
