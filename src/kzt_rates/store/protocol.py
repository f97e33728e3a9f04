"""What a store must be able to do; `Client(cache=...)` takes anything that can."""

from collections.abc import Hashable, Iterable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Protocol

from kzt_rates.figures import Day, Figure

if TYPE_CHECKING:
    from kzt_rates.figures import Entry, Feed

Replaced = tuple[str, Figure, Figure | None]
ReplacedOn = tuple[date, str, Figure, Figure | None]


class Store(Protocol):
    """Figures, days and silences by date. Called from several threads, never awaited."""

    def day(self, date: date, codes: Iterable[str] | None = None) -> Day:
        """Return what is known of a day, of all codes or of some."""
        ...

    def days(self, dates: Sequence[date], codes: Iterable[str] | None = None) -> list[Day]:
        """Return what is known of each of some days, in the order given."""
        ...

    def series(self, code: str, start: date, end: date) -> "list[Entry]":
        """Return the known figures of a code from `start` to `end`, both inclusive, by day."""
        ...

    def complete_days(self, start: date, end: date) -> list[date]:
        """Return the complete days from `start` to `end`, both inclusive."""
        ...

    def keep(self, day: Day, feed: "Feed") -> list[Replaced]:
        """Remember a feed's answer, whole or not at all.

        Returns (code, old, new) for figures that were known otherwise; `new` is `None` for one
        that the answer lacks: a complete answer takes away what was only provisional, and what
        an earlier complete one had too many.
        """
        ...

    def keep_export(self, days: Sequence[Day]) -> list[ReplacedOn]:
        """Remember figures and blanks of an answer of the range export, whole or not at all.

        Nothing is taken away. Returns (date, code, old, new) for figures known otherwise.
        """
        ...

    def require_kept(self) -> None:
        """Raise `StoreError` where something that was learned could not be kept."""
        ...

    def keep_silence(self, date: date, feed: "Feed", at: datetime) -> None:
        """Remember that a feed has no rate for a date."""
        ...

    def latest(self) -> tuple[date, datetime] | None:
        """Return the date of the newest latest sheet, and when it came."""
        ...

    def newest_complete(self, until: date) -> date | None:
        """Return the last complete day that is not after a date."""
        ...

    def nearest(self, code: str | None, date: date) -> tuple[date | None, date | None]:
        """Return the nearest days before and after with a figure, or that are complete."""
        ...

    def bounds(self) -> dict[str, tuple[date, date]]:
        """Return the first and the last day known of every code."""
        ...

    def stamp(self) -> Hashable:
        """Return what differs once anybody has written; `None` if that cannot be told."""
        ...

    def close(self) -> None:
        """Let go of files."""
        ...
