"""What a store must be able to do, and the guard around a store of the user's own.

`Client(cache=...)` takes anything that can do it. A store keeps rows and decides nothing: what an
answer changes is `kzt_rates.store.merge`.
"""

from collections.abc import Callable, Collection, Hashable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol, TypeVar, runtime_checkable

from kzt_rates.errors import KztRatesError, StoreError
from kzt_rates.figures import Day, Entry

T = TypeVar("T")

Decide = Callable[[list[Day]], list[Day]]


@runtime_checkable  # so that whoever validates arguments at run time can
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
        """Return a value that changes with each write; `None` if the store has none."""
        ...

    def close(self) -> None:
        """Let go of files and connections."""
        ...


READING = ("read", "series", "complete_days", "nearest", "bounds", "latest", "stamp")
METHODS = (*READING, "change", "close")


class Lent:
    """Passes everything on but `close`: what is lent is the caller's to close.

    `StoreUnavailable` and other errors of kzt_rates pass, and so does what `decide` raises; any
    other error becomes a `StoreError` with its cause.
    """

    def __init__(self, store: "Store", what: str, methods: "tuple[str, ...]" = METHODS) -> None:
        missing = [name for name in methods if not callable(getattr(store, name, None))]
        if len(missing) == len(methods):
            raise TypeError(f"{what} is a path, a store, or False for none, not {_name(store)}")
        if missing:
            raise TypeError(f"{_name(store)} is no store: it lacks {', '.join(missing)}")
        self._store = store

    def read(self, dates: "Sequence[date]", codes: "Collection[str] | None" = None) -> "list[Day]":
        """Return what is known of each of some days; `StoreError` where it is of others."""
        days = self._told(lambda: self._store.read(dates, codes))
        self._require(days, dates)
        return days

    def series(self, code: str, start: "date", end: "date") -> "list[Entry]":
        """Return the known figures of a code by day."""
        return self._told(lambda: self._store.series(code, start, end))

    def complete_days(self, start: "date", end: "date") -> "list[date]":
        """Return the complete days of a range."""
        return self._told(lambda: self._store.complete_days(start, end))

    def nearest(self, code: "str | None", date: "date") -> "tuple[date | None, date | None]":
        """Return the nearest known days before and after."""
        return self._told(lambda: self._store.nearest(code, date))

    def bounds(self) -> "dict[str, tuple[date, date]]":
        """Return the first and the last day of every code."""
        return self._told(self._store.bounds)

    def latest(self) -> "tuple[date, datetime] | None":
        """Return the date of the last sheet of `rates_all.xml`, and when it came."""
        return self._told(self._store.latest)

    def change(self, dates: "Sequence[date]", decide: "Decide") -> "list[Day]":
        """Replace what is known of some days by what `decide` makes of it; return that."""
        raised: list[BaseException] = []

        def deciding(days: "list[Day]") -> "list[Day]":
            raised.clear()
            self._require(days, dates)
            try:
                return decide(days)
            except BaseException as error:
                raised.append(error)
                raise

        try:
            return self._told(lambda: self._store.change(dates, deciding))
        except StoreError:
            if raised:
                raise raised[0] from None
            raise

    def stamp(self) -> "Hashable":
        """Return a value that changes with each write."""
        return self._told(self._store.stamp)

    def close(self) -> None:
        """Leave the store open."""

    def _require(self, days: "Any", dates: "Sequence[date]") -> None:
        if [day.date for day in days] != list(dates):
            raise StoreError(f"{_name(self._store)} returns other days than it was asked for")

    def _told(self, ask: "Callable[[], T]") -> "T":
        try:
            return ask()
        except KztRatesError:
            raise
        except Exception as error:
            text = f"{_name(self._store)} failed: {type(error).__name__}: {error}"
            raise StoreError(text) from error


def _name(store: object) -> str:
    return type(store).__name__
