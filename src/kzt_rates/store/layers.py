"""The archive over the cache, as one store."""

from datetime import date

from kzt_rates.errors import StoreError, StoreUnavailable
from kzt_rates.figures import Day
from kzt_rates.log import complain, log
from kzt_rates.store.sqlite import MEMORY, SqliteStore

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Hashable, Sequence
    from datetime import datetime
    from typing import TypeVar

    from kzt_rates.figures import Entry, Figure
    from kzt_rates.store.protocol import Decide, Store

    T = TypeVar("T")


class Layers:
    """Reads from the archive and the cache, writes to the cache.

    Where the cache cannot be used (no permission, no space, locked for too long), the client
    works without it: new answers are kept in a spare store in memory for as long as it lives,
    and days that the spare store knows are not looked for in the cache.
    """

    def __init__(self, archive: "Store | None", cache: "Store") -> None:
        self._archive = archive
        self._cache = cache
        self._spare: Store | None = None
        self._complaints: set[str] = set()
        self._told: set[tuple[date, str]] = set()
        self._why_spare = ""

    def read(
        self,
        dates: "Sequence[date]",
        codes: "Collection[str] | None" = None,
        *,
        details: bool = False,
    ) -> "list[Day]":
        """Return what is known of each of some days, in the order given, of all codes or of some.

        On a day that the archive has whole only refreshed figures of the cache count beside it;
        with `details` those too that are the same figure, with the change or the name that the
        archive does not have.
        """
        if self._archive is None:
            return self._below(dates, codes)
        days = self._archived(dates, codes)
        all_of_them = details or self.may_know_better()
        places = [place for place, day in enumerate(days) if all_of_them or not day.complete]
        if places:
            below = self._below([dates[place] for place in places], codes)
            for place, other in zip(places, below, strict=True):
                days[place] = self._laid_over(days[place], other, details=details)
        return days

    def series(self, code: str, start: "date", end: "date") -> "list[Entry]":
        """Return the known figures of a code from `start` to `end`, both inclusive, by day."""
        archive = self._archive
        archived = self._asked(archive, lambda store: store.series(code, start, end)) or []
        below = self._series_below(code, start, end)
        if not below:
            return archived
        if archive is None:
            return below
        whole = set(self._asked(archive, lambda store: store.complete_days(start, end)) or ())
        better = self.may_know_better()
        points = {point[0]: point for point in archived}
        doubtful: list[date] = []
        for point in below:
            day = point[0]
            known = points.get(day)
            if known == point or (day in whole and not better):
                continue
            if known is None and day not in whole:
                points[day] = point
            elif better or known is None or not known[3]:
                doubtful.append(day)
            elif point[3]:  # the archive's figure is final, and none was refreshed: it stays
                self._tell_of(day, code, known[1:3], point[1:3])
        if doubtful:
            points.update(_points(code, self.read(doubtful, (code,))))
        return [points[day] for day in sorted(points)]

    def complete_days(self, start: "date", end: "date") -> "list[date]":
        """Return the complete days from `start` to `end`, both inclusive, in order."""
        return sorted(set().union(*self._each(lambda store: store.complete_days(start, end))))

    def nearest(self, code: "str | None", date: "date") -> "tuple[date | None, date | None]":
        """Return the nearest days before and after with a figure, for `None` complete days."""
        pairs = self._each(lambda store: store.nearest(code, date))
        return (
            max((before for before, _ in pairs if before), default=None),
            min((after for _, after in pairs if after), default=None),
        )

    def bounds(self) -> "dict[str, tuple[date, date]]":
        """Return the first and the last day with a figure of every code."""
        bounds: dict[str, tuple[date, date]] = {}
        for known in self._each(lambda store: store.bounds()):
            for code, (first, last) in known.items():
                low, high = bounds.get(code, (first, last))
                bounds[code] = (min(low, first), max(high, last))
        return dict(sorted(bounds.items()))

    def latest(self) -> "tuple[date, datetime] | None":
        """Return the date of the last sheet of `rates_all.xml`, and when it came."""
        found = [latest for latest in self._each(lambda store: store.latest()) if latest]
        return max(found, key=lambda latest: latest[1], default=None)

    def archive_end(self) -> "date | None":
        """Return the last complete day of the archive, `None` where there is none."""
        archive = self._archive
        found = self._asked(archive, lambda store: store.nearest(None, date.max))
        return None if found is None else found[0]

    def change(self, dates: "Sequence[date]", decide: "Decide") -> "list[Day]":
        """Replace what is known of some days by what `decide` makes of it; return that.

        `decide` sees what archive, spare store and cache know together. What the archive has is
        not written into the cache, unless it was refreshed or a complete day would lack it.
        """
        archived = self._archived(dates)
        merged: list[Day] = []

        def change(below: "list[Day]") -> "list[Day]":
            known = [self._merged(*layers) for layers in zip(archived, below, strict=True)]
            merged[:] = decide(known)
            return [_own(*layers) for layers in zip(merged, below, archived, strict=True)]

        spared = None if self._spare is None else self._spare.read(dates)
        try:
            self._cache.change(
                dates, lambda below: change(below if spared is None else _known(spared, below))
            )
        except StoreUnavailable as error:
            self._complain(error)
            self._why_spare = str(error)
            if self._spare is None:
                self._spare = SqliteStore(MEMORY)
            below = self._below(dates, None)
            self._spare.change(dates, lambda _: change(below))
        else:
            if self._spare is not None:  # the cache has it now
                self._spare.change(dates, lambda days: [Day(day.date) for day in days])
        return merged

    def require_kept(self) -> None:
        """Raise `StoreError` where the spare store had to take what the cache could not."""
        if self._spare is not None:
            raise StoreError(
                f"what is fetched cannot be stored: {self._why_spare}; make room, "
                "or name another one with KZT_RATES_CACHE"
            )

    def stamp(self) -> "Hashable":
        """Return a value that changes with each write; `None` if the store has none."""
        stores = (self._archive, self._spare, self._cache)
        stamps = [self._asked(store, lambda s: s.stamp()) for store in stores if store is not None]
        return None if None in stamps else (len(stamps), *stamps)

    def close(self) -> None:
        """Let go of files."""
        for store in (self._archive, self._spare, self._cache):
            if store is not None:
                store.close()

    def may_know_better(self) -> bool:
        """Whether a refreshed figure can be below the archive's."""
        spare, cache = self._spare, self._cache
        return spare is not None or not (
            isinstance(cache, SqliteStore) and not cache.may_know_better()
        )

    def _archived(
        self, dates: "Sequence[date]", codes: "Collection[str] | None" = None
    ) -> "list[Day]":
        known = self._asked(self._archive, lambda store: store.read(dates, codes))
        return [Day(on) for on in dates] if known is None else known

    def _below(self, dates: "Sequence[date]", codes: "Collection[str] | None") -> "list[Day]":
        """Return what the spare store knows of days, and of other days the cache."""
        nothing = [Day(on, source="cache") for on in dates]
        known = self._asked(self._cache, lambda store: store.read(dates, codes)) or nothing
        if self._spare is None:
            return known
        # of a day that the spare store knows, a code that it lacks is not looked for either
        whole = zip(self._spare.read(dates), self._spare.read(dates, codes), known, strict=True)
        return [spared if _knows(day) else cached for day, spared, cached in whole]

    def _series_below(self, code: str, start: "date", end: "date") -> "list[Entry]":
        cached = self._asked(self._cache, lambda store: store.series(code, start, end)) or []
        if self._spare is None:
            return cached
        points = {point[0]: point for point in cached}
        spared = self._spare.series(code, start, end)
        dates = sorted({*points, *(point[0] for point in spared)})
        for day in self._spare.read(dates):
            if _knows(day):
                points.pop(day.date, None)
        points.update({point[0]: point for point in spared})
        return [points[day] for day in sorted(points)]

    def _laid_over(self, archived: Day, below: Day, *, details: bool) -> Day:
        if archived.complete:
            figures = {
                code: figure
                for code, figure in below.figures.items()
                if figure.refreshed or (details and _tells_more(figure, archived.figures.get(code)))
            }
            at = below.fetched_at if figures else None
            below = Day(below.date, figures, fetched_at=at, source=below.source)
        return self._merged(archived, below)

    def _merged(self, archived: Day, below: Day) -> Day:
        if not _knows(archived):
            return below
        if not _knows(below):
            return archived
        from kzt_rates.store.merge import over

        for code, figure in below.figures.items():
            other = archived.figures.get(code)
            if other is not None and figure.final and not figure.same_as(other):
                figures = (other.value, other.nominal), (figure.value, figure.nominal)
                self._tell_of(archived.date, code, *figures, refreshed=figure.refreshed)
        return over(archived, below)

    def _tell_of(
        self,
        on: "date",
        code: str,
        archived: "tuple[object, int]",
        other: "tuple[object, int]",
        *,
        refreshed: bool = False,
    ) -> None:
        if (on, code) not in self._told:
            self._told.add((on, code))
            log(
                "warning",
                "%s of %s is %s per %d in the archive, %s per %d in the cache; %s counts",
                code, on, *archived, *other,
                "the refreshed figure" if refreshed else "the archive",
            )  # fmt: skip

    def _each(self, ask: "Callable[[Store], T]") -> "list[T]":
        """Ask every store, in the order they are looked at; leave out those out of reach."""
        stores = (self._archive, self._spare, self._cache)
        answers = [self._asked(store, ask) for store in stores]
        return [answer for answer in answers if answer is not None]

    def _asked(self, store: "Store | None", ask: "Callable[[Store], T]") -> "T | None":
        """Ask a store; `None` where there is none, or where it is out of reach."""
        try:
            return None if store is None else ask(store)
        except StoreUnavailable as error:
            self._complain(error, "archive" if store is self._archive else "cache")
            return None

    def _complain(self, error: StoreUnavailable, which: str = "cache") -> None:
        if str(error) not in self._complaints:
            self._complaints.add(str(error))
            complain(f"the {which} cannot be used, going on without it: {error}")


def _knows(day: Day) -> bool:
    """Whether anything is known of a day."""
    return bool(
        day.figures or day.complete or day.silences or day.blanks or day.absent or day.refused
        or day.listings
    )  # fmt: skip


def _known(spared: "list[Day]", others: "list[Day]") -> "list[Day]":
    """Return the days of the spare store, and where it knows nothing those of another."""
    return [day if _knows(day) else other for day, other in zip(spared, others, strict=True)]


def _tells_more(figure: "Figure", archived: "Figure | None") -> bool:
    """Whether a figure is the archive's own, with a change or a name that it lacks there."""
    from kzt_rates.store.merge import tells_more

    return archived is not None and tells_more(figure, archived)


def _points(code: str, days: "list[Day]") -> "dict[date, Entry]":
    from decimal import Decimal

    found = ((day.date, day.figures.get(code)) for day in days)
    return {
        on: (on, Decimal(figure.value), figure.nominal, figure.final)
        for on, figure in found
        if figure is not None
    }


def _own(merged: Day, below: Day, archived: Day) -> Day:
    """Return of a day what is to be written below the archive."""
    if not archived.figures:
        return merged
    own, leaning = {}, {}
    for code, figure in merged.figures.items():
        other = archived.figures.get(code)
        if figure is other:
            leaning[code] = figure
        elif (
            figure.refreshed
            or other is None
            or not (other.final and figure.same_as(other))
            or _tells_more(figure, other)
        ):
            own[code] = figure
        else:
            leaning[code] = figure
    # what the archive's figure hides stays, though nobody sees it
    hidden = {code: below.figures[code] for code in leaning.keys() & below.figures.keys()}
    own.update(hidden)
    complete = merged.complete
    if complete and not archived.complete:
        own.update(leaning)  # what makes a day whole is kept with it
    elif complete:
        complete = leaning.keys() <= hidden.keys()
    return merged.replace(figures=own, complete=complete)
