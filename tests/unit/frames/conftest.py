"""A client of the packaged archive alone, and what the bank's figures make of an amount."""

import math
import random
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

import pytest

import kzt_rates
from kzt_rates.testing import SettableClock

Figures = dict[str, dict[str, tuple[str, int]]]


class Row(NamedTuple):
    """A pair on a day of which both currencies are on record."""

    base: str
    quote: str
    day: date


class Bank:
    """The bank's figures by fractions: an arithmetic of its own, to check the library's."""

    def __init__(self, figures: Figures) -> None:
        self._figures = figures
        self._listed = [(day, code) for day, codes in figures.items() for code in codes]

    def rate(self, base: str, quote: str, day: date | str) -> Fraction:
        """Return units of the quote for one of the base."""
        return self._tenge(base, day) / self._tenge(quote, day)

    def money(self, exact: Fraction, places: int) -> Fraction:
        """Return an amount to so many places, ties away from zero."""
        units = math.floor(abs(exact) * 10**places + Fraction(1, 2))
        return Fraction(units if exact > 0 else -units, 10**places)

    def rows(self, count: int, seed: int, *, to: str | None = None) -> list[Row]:
        """Return pairs of all currencies and days on record, by chance; or all to one currency."""
        chance, found = random.Random(seed), []
        for _ in range(count):
            day, code = chance.choice(self._listed)
            quote = to or chance.choice([*self._figures[day], "KZT"])
            if quote != "KZT" and quote not in self._figures[day]:
                quote = "KZT"
            pair = (code, quote) if chance.random() < 0.8 else (quote, code)
            found.append(Row(*(pair if to is None else (code, quote)), date.fromisoformat(day)))
        return found

    def _tenge(self, code: str, day: date | str) -> Fraction:
        if code == "KZT":
            return Fraction(1)
        value, nominal = self._figures[str(day)][code]
        return Fraction(value) / nominal


@pytest.fixture(scope="session")
def bank(figures: Figures) -> Bank:
    """The bank's figures by fractions."""
    return Bank(figures)


@pytest.fixture(scope="session")
def archive() -> Iterator[kzt_rates.Client]:
    """A client that knows the packaged archive and asks nobody, on its last day."""
    clock = SettableClock("2026-08-21T12:00+05:00")
    with kzt_rates.Client(cache=False, archive=None, offline=True, clock=clock) as client:
        yield client


@pytest.fixture(scope="session")
def convert(archive: kzt_rates.Client) -> Any:
    """`frames.convert` by the archive."""

    def converted(frame: Any, **options: Any) -> Any:
        return kzt_rates.frames.convert(frame, client=archive, **options)

    import kzt_rates.frames  # not before a test wants it

    return converted


@pytest.fixture
def in_caller_s_context() -> Iterator[None]:
    """Four digits in the caller's decimal context: no result may depend on it."""
    import decimal

    with decimal.localcontext() as context:
        context.prec = 4
        yield


DAY = date(2025, 12, 5)
USD, EUR, CNY = Decimal("499.65"), Decimal("582.89"), Decimal("70.66")
