"""Where a frame's rates come from: a client, whose store answers and whose bank is asked."""

from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

from kzt_rates.api import shared_client
from kzt_rates.client import Client
from kzt_rates.dates import MAX_DAYS_AHEAD
from kzt_rates.figures import KZT
from kzt_rates.frames.ratios import Ratio, Span, day_number, per_unit
from kzt_rates.frames.remembered import Remembered
from kzt_rates.plans.day import figures_on, known_codes
from kzt_rates.plans.range import ask_for_days

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping, Sequence
    from datetime import date

    from kzt_rates.figures import Figure
    from kzt_rates.frames.lookups import Table
    from kzt_rates.typing import Missing, MissingRates


def client_of(client: Client | None) -> Client:
    """Return a client, or the one that the functions share; `TypeError` for another thing."""
    if client is None:
        return shared_client()
    if not isinstance(client, Client):
        raise TypeError(f"a frame is converted by a kzt_rates.Client, not {type(client).__name__}")
    return client


def require_known(client: Client, codes: "Iterable[str]") -> "list[str]":
    """Return codes in capitals; raise `UnknownCurrency` for one that nobody knows."""
    return list(Remembered(client).run(known_codes(*codes)))


def today_of(client: Client) -> "date":
    """Return the date in Kazakhstan by a client's clock."""
    return Remembered(client).terms.today()


class Source(Protocol):
    """What a conversion asks for rates; pairs and days of which none is to be had raise.

    `tables` are those made of its rates, by what they are of; for as long as these hold.
    """

    @property
    def tables(self) -> "dict[Hashable, Table]":
        """Return the tables made of its rates so far."""
        ...

    def known(self, code: str) -> str:
        """Return a code in capitals; `UnknownCurrency` for one nobody knows."""
        ...

    def span(self, code: str) -> Span:
        """Return the final rates of a code that are on record."""
        ...

    def learn(self, wanted: "Mapping[str, Sequence[date]]") -> bool:
        """Ask for what is not known, where that is possible; say if it is worth another look."""
        ...

    def ratio(self, base: str, quote: str, day: "date", missing: "MissingRates") -> Ratio:
        """Return the rate of a pair on a day, carried where that is wanted; else raise."""
        ...

    def look_again(self) -> bool:
        """Say whether anything was written since the last look; then spans are the new ones."""
        ...


class ClientSource:
    """The rates of a client."""

    def __init__(self, client: Client) -> None:
        self._rates = Remembered(client)
        self._wants_one_day = True

    @property
    def tables(self) -> "dict[Hashable, Table]":
        """Return the tables made of its rates so far."""
        return self._rates.tables

    def known(self, code: str) -> str:
        """Return a code in capitals; `UnknownCurrency` for one nobody knows."""
        return self._rates.run(known_codes(code))[0]

    def span(self, code: str) -> Span:
        """Return the final rates of a code that are on record."""
        newest = day_number(self._rates.terms.today()) + MAX_DAYS_AHEAD
        return self._rates.of(code).final.until(newest)

    def learn(self, wanted: "Mapping[str, Sequence[date]]") -> bool:
        """Ask the bank for what is not known, in few questions, if it may be asked."""
        self._wants_one_day = len(set().union(*wanted.values())) == 1
        asked = self._rates.run(ask_for_days(self._rates.terms, wanted))
        return self.look_again() or asked

    def look_again(self) -> bool:
        """Say whether anything was written since the last look; then spans are the new ones."""
        return self._rates.look_again()

    def ratio(self, base: str, quote: str, day: "date", missing: "MissingRates") -> Ratio:
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
        return Ratio(legs[0].top * legs[1].bottom, legs[0].bottom * legs[1].top)


def _leg(code: str, figures: "Mapping[str, Figure]") -> Ratio:
    if code == KZT:
        return Ratio(1, 1)
    return per_unit(Decimal(figures[code].value), figures[code].nominal)
