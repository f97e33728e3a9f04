"""The use cases over ranges: the history of some codes, and filling the store."""

from decimal import Decimal

from kzt_rates.currency import existed_between, exists_on, unit_life
from kzt_rates.dates import ONE_DAY, each_day
from kzt_rates.feed import EXPORT_STARTS
from kzt_rates.log import warn_stale
from kzt_rates.plans.absent import no_such_unit, not_found, not_to_be_had
from kzt_rates.plans.day import LOOKBACK_DAYS, figures_on
from kzt_rates.plans.filling import Filling
from kzt_rates.plans.rules import is_too_far_ahead
from kzt_rates.plans.steps import load_newest_complete

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date
    from typing import Literal

    from kzt_rates.figures import Day, Entry
    from kzt_rates.plans.filling import SyncProgress
    from kzt_rates.plans.questions import Survey
    from kzt_rates.plans.steps import Steps, Terms

    MissingDays = Literal["skip", "raise", "previous"]


class History:
    """The figures of some codes over a range, on the days that all of them have one.

    `points` has the same days for each code; where a day is in `carried`, the point is that of
    its effective date. `missing` are the days left without.
    """

    __slots__ = ("carried", "end", "missing", "points", "start")

    def __init__(self, start: "date", end: "date", points: "dict[str, list[Entry]]") -> None:
        self.start = start
        self.end = end
        self.points = points
        self.missing: dict[date, str] = {}
        self.carried: dict[date, date] = {}

    def keep_common_days(self) -> None:
        """Leave the days that every code has, and list the others with a code that lacks each."""
        count = (self.end - self.start).days + 1
        if all(len(points) == count for points in self.points.values()):
            return
        days = {code: {point[0] for point in points} for code, points in self.points.items()}
        common = set.intersection(*days.values())
        for code, points in self.points.items():
            self.points[code] = [point for point in points if point[0] in common]
        self.missing = {
            day: next(code for code, known in days.items() if day not in known)
            for day in each_day(self.start, self.end)
            if day not in common
        }


def history_of(
    terms: "Terms",
    codes: "tuple[str, ...]",
    start: "date",
    end: "date",
    *,
    missing: "MissingDays",
    refresh: bool,
) -> "Steps[History]":
    """Return the figures of codes from `start` to `end`, clipped to what can be published.

    Raises `RateNotFound` for a range on no day of which a unit existed, and for a missing day
    where the policy wants it.
    """
    end = yield from _clipped(codes, start, end, terms.today())
    left = yield from Filling(terms, codes, start, end, settle=True, refresh=refresh).run()
    for known, code, answer in left.withheld:
        raise (yield from not_to_be_had(terms, code, known, answer))
    if left.stale:
        days = f"{left.stale[0][0].date} to {left.stale[-1][0].date}"
        warn_stale(f"provisional rates of {days} past their time were given: no feed has them now")
    found = History(start, end, left.points)
    for code in codes:
        if (
            not found.points[code]
            and missing != "previous"
            and not existed_between(code, start, end)
        ):
            raise (yield from no_such_unit(code, start, end))
    found.keep_common_days()
    if missing == "raise":
        for day, code in found.missing.items():
            if not exists_on(code, day):
                raise (yield from no_such_unit(code, day))
            raise (yield from not_found(code, day, "none_published"))
    if missing == "previous":
        yield from _carry(terms, codes, found)
    return found


def _clipped(codes: "tuple[str, ...]", start: "date", end: "date", today: "date") -> "Steps[date]":
    """Return the end of a range that can be known; tomorrow's is where a sheet of it is here.

    A range that starts after today is about its first day alone: that one is asked for.
    """
    if end <= today:
        return end
    if is_too_far_ahead(start, today):
        raise (yield from not_found(codes[0], start, "too_far_ahead"))
    newest = yield from load_newest_complete(end)
    return max(today, start, newest or today)


def _carry(terms: "Terms", codes: "tuple[str, ...]", found: History) -> "Steps[None]":
    """Let the day before answer for each missing one, all codes from the same day."""
    points = {code: {point[0]: point for point in found.points[code]} for code in codes}
    effective: dict[date, date] = {}
    for day, lacking in found.missing.items():
        for code in codes:
            if not exists_on(code, day):  # nothing is carried beyond a unit's life
                raise (yield from no_such_unit(code, day))
        if day == found.start:
            known = yield from figures_on(
                terms, day, frozenset(codes), missing="previous", refresh=False, alone=False
            )
            source = known.date
            for code in codes:
                points[code][source] = _point_of(known, code)
        else:
            source = effective.get(day - ONE_DAY, day - ONE_DAY)
        if (day - source).days > LOOKBACK_DAYS:
            raise (yield from not_found(lacking, day, "none_published"))
        effective[day] = source
    if effective:
        for code in codes:
            found.points[code] = [
                points[code][effective.get(day, day)] for day in each_day(found.start, found.end)
            ]
    found.carried, found.missing = effective, {}


def _point_of(known: "Day", code: str) -> "Entry":
    figure = known.figures[code]
    return known.date, Decimal(figure.value), figure.nominal, figure.final


class Synced:
    """What a sync did: days and rates learned, requests made, and the holes that are left.

    `holes` are by code the days that stay unknown and those without a rate between its first and
    its last known one; where none is known, all days of the range on which the unit existed.
    """

    __slots__ = ("days", "end", "holes", "rates", "requests", "start")

    def __init__(self, start: "date", end: "date", filling: Filling, left: "Survey") -> None:
        self.start = start
        self.end = end
        self.days = len(filling.days)
        self.rates = filling.rates
        self.requests = filling.requests
        unknown: dict[str, set[date]] = {}
        for known, code, _ in left.withheld:
            unknown.setdefault(code, set()).add(known.date)
        self.holes = {
            code: tuple(sorted(unknown.get(code, set()).union(_holes(code, points, start, end))))
            for code, points in left.points.items()
        }


def sync_of(
    terms: "Terms",
    codes: "Sequence[str]",
    start: "date",
    end: "date",
    *,
    progress: "Callable[[SyncProgress], object] | None",
) -> "Steps[Synced]":
    """Fill the store with some codes from `start` to `end`; what is known is not asked for.

    An answer is kept as it comes, so that a sync that is broken off goes on where it was.
    """
    end = min(end, terms.today())
    filling = Filling(terms, codes, start, end, settle=False, progress=progress)
    return Synced(start, end, filling, (yield from filling.run()))


def _holes(code: str, points: "list[Entry]", start: "date", end: "date") -> "Iterator[date]":
    if points:
        start, end = points[0][0], points[-1][0]
        if len(points) == (end - start).days + 1:
            return iter(())
    else:
        since, until = unit_life(code)
        start, end = max(start, since or start, EXPORT_STARTS), min(end, until or end)
    days = {point[0] for point in points}
    return (day for day in each_day(start, end) if day not in days)
