"""The archive and the cache as one store: the archive is looked at first."""

from decimal import Decimal

from kzt_rates.errors import StoreError
from kzt_rates.figures import Day, Figure
from kzt_rates.notices import complain
from kzt_rates.store.file import MEMORY, Unusable
from kzt_rates.store.sqlite import SqliteStore

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence
    from datetime import date, datetime
    from typing import TypeVar

    from kzt_rates.figures import Entry, Feed
    from kzt_rates.store.protocol import Replaced, ReplacedOn, Store

    T = TypeVar("T")


class Shelves:
    """Reads from the archive and the cache, writes to the cache.

    Where the cache cannot be used (no permission, no space, locked for too long), the client
    goes on without: what it learns is kept in a spare store in memory for as long as it lives.
    `lent` stores are the caller's, and are not closed here.
    """

    def __init__(
        self, archive: "Store | None", cache: "Store", *, lent: "tuple[object, ...]" = ()
    ) -> None:
        self._archive = archive
        self._cache = cache
        self._lent = lent
        self._spare: Store | None = None
        self._complaints: set[str] = set()
        self._trouble = ""

    def day(self, date: "date", codes: "Iterable[str] | None" = None) -> Day:
        """Return what is known of a day, of all codes or of some."""
        return self.days((date,), codes)[0]

    def days(self, dates: "Sequence[date]", codes: "Iterable[str] | None" = None) -> "list[Day]":
        """Return what is known of each of some days, in the order given."""
        wanted = None if codes is None else tuple(codes)
        if self._archive is None:
            known = [Day(date, source="cache") for date in dates]
        else:
            known = self._archive.days(dates, wanted)
        # nothing that the cache can know counts against a day that the archive has whole
        places = [place for place, day in enumerate(known) if not day.complete]
        open_dates = [dates[place] for place in places]
        for store in (self._spare, self._cache) if places else ():
            others = self._asked(store, lambda store: store.days(open_dates, wanted))
            for place, other in zip(places, others or (), strict=False):
                known[place] = known[place].over(other)
        return known

    def series(self, code: str, start: "date", end: "date") -> "list[Entry]":
        """Return the known figures of a code from `start` to `end`, both inclusive, by day."""
        shelves = self._each(lambda store: store.series(code, start, end))
        if self._archive is not None and any(shelves[1:]):
            # on a day that the archive has whole, nothing that others have counts
            whole = set(self._archive.complete_days(start, end))
            shelves[1:] = [
                [point for point in points if point[0] not in whole] for points in shelves[1:]
            ]
        known = [points for points in shelves if points]
        if len(known) < 2:
            return known[0] if known else []
        return self._laid_over(code, known)

    def complete_days(self, start: "date", end: "date") -> "list[date]":
        """Return the complete days from `start` to `end`, both inclusive."""
        return sorted(set().union(*self._each(lambda store: store.complete_days(start, end))))

    def keep(self, day: Day, feed: "Feed") -> "list[Replaced]":
        """Remember a feed's answer; return (code, old, new) for what was known otherwise."""
        before = self.day(day.date, day.figures)
        replaced = self._write(lambda store: store.keep(day, feed))
        # a figure of the archive is not replaced there, but differing from it is as telling
        return replaced or [
            (code, before.figures[code], new)
            for code, new in day.figures.items()
            if code in before.figures and not new.same_as(before.figures[code])
        ]

    def keep_export(self, days: "Sequence[Day]") -> "list[ReplacedOn]":
        """Remember an answer of the range export; return what was known otherwise."""
        differing = self._differing(days)
        return self._write(lambda store: store.keep_export(days)) or differing

    def require_kept(self) -> None:
        """Raise `StoreError` where the spare store had to take what the cache could not."""
        if self._spare is not None:
            raise StoreError(
                f"the cache does not keep what is fetched: {self._trouble}; make room, "
                "or name another one with KZT_RATES_CACHE"
            )

    def keep_silence(self, date: "date", feed: "Feed", at: "datetime") -> None:
        """Remember that a feed has no rate for a date."""
        self._write(lambda store: store.keep_silence(date, feed, at))

    def latest(self) -> "tuple[date, datetime] | None":
        """Return the date of the newest latest sheet, and when it came."""
        found = self._each(lambda store: store.latest())
        return max(found, key=lambda latest: latest[1], default=None)

    def newest_complete(self, until: "date") -> "date | None":
        """Return the last complete day that is not after a date."""
        return max(self._each(lambda store: store.newest_complete(until)), default=None)

    def nearest(self, code: "str | None", date: "date") -> "tuple[date | None, date | None]":
        """Return the nearest days before and after with a figure, or that are complete."""
        pairs = self._each(lambda store: store.nearest(code, date))
        return (
            max((before for before, _ in pairs if before), default=None),
            min((after for _, after in pairs if after), default=None),
        )

    def bounds(self) -> "dict[str, tuple[date, date]]":
        """Return the first and the last day known of every code."""
        bounds: dict[str, tuple[date, date]] = {}
        for known in self._each(lambda store: store.bounds()):
            for code, (first, last) in known.items():
                low, high = bounds.get(code, (first, last))
                bounds[code] = (min(low, first), max(high, last))
        return dict(sorted(bounds.items()))

    def stamp(self) -> "Hashable":
        """Return what differs once anybody has written; `None` if that cannot be told."""
        stores = (self._archive, self._spare, self._cache)
        stamps = [self._asked(store, _stamp) for store in stores if store is not None]
        return None if None in stamps else (len(stamps), *stamps)

    def close(self) -> None:
        """Let go of files."""
        for store in (self._archive, self._spare, self._cache):
            if store is not None and not any(store is lent for lent in self._lent):
                store.close()

    def _differing(self, days: "Sequence[Day]") -> "list[ReplacedOn]":
        """Return the figures of days that are known otherwise, in the archive too."""
        figures = {day.date: day.figures for day in days if day.figures}
        differing: list[ReplacedOn] = []
        for code in sorted(set().union(*figures.values())):
            for on, value, nominal, final in self.series(code, min(figures), max(figures)):
                new = figures.get(on, {}).get(code)
                if new and (value, nominal) != (Decimal(new.value), new.nominal):
                    was = Figure(f"{value:f}", nominal, final=final)
                    differing.append((on, code, was, new))
        return differing

    def _laid_over(self, code: str, shelves: "list[list[Entry]]") -> "list[Entry]":
        """Return the points of several stores as one; where they differ, as `day` has it."""
        points: dict[date, Entry] = {}
        differing: set[date] = set()
        for known in shelves:
            for point in known:
                if points.setdefault(point[0], point) != point:
                    differing.add(point[0])
        for on in differing:
            figure = self.day(on, (code,)).figures.get(code)
            if figure is not None:
                points[on] = (on, Decimal(figure.value), figure.nominal, figure.final)
        return [points[on] for on in sorted(points)]

    def _each(self, ask: "Callable[[Store], T | None]") -> "list[T]":
        """Ask every store, in the order they are looked at; leave out those that know nothing."""
        stores = (self._archive, self._spare, self._cache)
        answers = [self._asked(store, ask) for store in stores]
        return [answer for answer in answers if answer is not None]

    def _asked(self, store: "Store | None", ask: "Callable[[Store], T | None]") -> "T | None":
        """Ask a store; `None` where there is none, or where it is out of reach."""
        try:
            return None if store is None else ask(store)
        except Unusable as error:
            self._complain(error)
            return None

    def _write(self, change: "Callable[[Store], T]") -> "T":
        try:
            result = change(self._cache)
        except Unusable as error:
            self._complain(error)
            self._trouble = str(error)
            if self._spare is None:
                self._spare = SqliteStore(MEMORY)
            return change(self._spare)
        if self._spare is not None:
            change(self._spare)  # or what it once had to keep would be believed before this
        return result

    def _complain(self, error: Unusable) -> None:
        if str(error) not in self._complaints:
            self._complaints.add(str(error))
            complain(f"the cache cannot be used, going on without it: {error}")


def _stamp(store: "Store") -> "Hashable":
    """Return a store's stamp; one of before there were any tells nothing."""
    stamp: Hashable = store.stamp() if hasattr(store, "stamp") else None
    return stamp
