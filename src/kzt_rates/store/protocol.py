"""What a store must be able to do; `Client(cache=...)` takes anything that can.

A store keeps rows and decides nothing: what an answer changes is `kzt_rates.store.merge`.
"""

from collections.abc import Callable, Collection, Hashable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from kzt_rates.figures import Day

Decide = Callable[[list[Day]], list[Day]]


class Store(Protocol):
    """Days with their figures and marks, by date. Called from several threads, never awaited."""

    def read(self, dates: Sequence[date], codes: Collection[str] | None = None) -> list[Day]:
        """Return what is known of each of some days, in their order, of all codes or of some."""
        ...

    def series(self, code: str, start: date, end: date) -> list[tuple[date, Decimal, int, bool]]:
        """Return the known figures of a code from `start` to `end`, both inclusive, by day.

        Each is its day, value, nominal, and whether it is final.
        """
        ...

    def complete_days(self, start: date, end: date) -> list[date]:
        """Return the complete days from `start` to `end`, both inclusive, in order."""
        ...

    def nearest(self, code: str | None, date: date) -> tuple[date | None, date | None]:
        """Return the nearest days before and after with a figure, for `None` complete days."""
        ...

    def bounds(self) -> dict[str, tuple[date, date]]:
        """Return the first and the last day with a figure of every code."""
        ...

    def latest(self) -> tuple[date, datetime] | None:
        """Return the date of the last sheet of `rates_all.xml`, and when it came."""
        ...

    def change(self, dates: Sequence[date], decide: Decide) -> list[Day]:
        """Replace what is known of some days by what `decide` makes of it; return that.

        `decide` gets what is known of the dates, in order and of all codes, and returns as many
        days. Nobody else writes in between, and all of it is kept or nothing; it may be called
        again where the store had to try again.
        """
        ...

    def stamp(self) -> Hashable:
        """Return what differs once anybody has written; `None` if that cannot be told."""
        ...

    def close(self) -> None:
        """Let go of files and connections."""
        ...
