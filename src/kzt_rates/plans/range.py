"""The verbs of a range: histories, sheets one after another, and filling the store."""

from collections import deque
from decimal import Decimal

from kzt_rates.currency import existed_between, exists_on, unit_life
from kzt_rates.dates import ONE_DAY, each_day
from kzt_rates.errors import BankUnavailable, FeedError, Offline, RateNotFound
from kzt_rates.feed import EXPORT_STARTS, export_codes, export_id
from kzt_rates.log import warn_stale
from kzt_rates.plans import absent, load_days, load_newest_complete, require_kept
from kzt_rates.plans.asking import ask_daily, ask_export
from kzt_rates.plans.day import LOOKBACK_DAYS, figures_on, sheet_of_known
from kzt_rates.plans.questions import (
    DAYS_AT_ONCE,
    divide,
    last_of_question,
    question_of_range,
    survey,
)
from kzt_rates.plans.rules import State, export_end, is_too_far_ahead, judged, log_verdicts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from kzt_rates.figures import Day, Entry
    from kzt_rates.plans import Outcome, Steps, Terms
    from kzt_rates.plans.questions import Gap, Survey
    from kzt_rates.typing import MissingDays, SyncProgress


# The export and the daily feed; the export for what a sheet of the last days lacks; and once
# more for what another process changed meanwhile.
MAX_ROUNDS = 4


class Filling:
    """Fills a range of some codes, and counts what that took.

    `settle`: every day is wanted, and one that stays unknown is an error; else what can be had
    is fetched, and what stays unknown is a hole. `at_once`: so is what was asked just now in vain,
    and what cannot be kept is an error.
    """

    def __init__(
        self,
        terms: "Terms",
        codes: "Sequence[str]",
        start: "date",
        end: "date",
        *,
        settle: bool,
        at_once: bool = False,
        refresh: bool = False,
        progress: "Callable[[SyncProgress], object] | None" = None,
    ) -> None:
        self._terms = terms
        self._codes = codes
        self._start = start
        self._end = end
        self._settle = settle
        self._at_once = at_once
        self._refresh = refresh
        self._progress = progress
        self._to_do: set[date] = set()
        self._done: set[date] = set()
        self.days: set[date] = set()
        self.requests = 0
        self.rates = 0

    def run(self) -> "Steps[Survey]":
        """Ask what must be asked; return what is known then, and what no question can fill.

        Where asking fails, and there is an older draft for every gap, the drafts are given with a
        warning.
        """
        try:
            return (yield from self._rounds())
        except (Offline, BankUnavailable, FeedError) as error:
            left = yield from self._survey(refresh=False)
            bridged = self._settle and all(gap.bridged for gap in left.gaps)
            if self._refresh or not bridged:
                if isinstance(error, Offline):
                    raise
                named = yield from absent.range_not_had(
                    error, self._codes, self._start, self._end, _days_of(left.points)
                )
                raise named from error.__cause__
            if left.gaps:
                dates = f"{left.gaps[0].date} to {left.gaps[-1].date}"
                warn_stale(f"provisional rates of {dates} past their time were given: {error}")
            return left

    def _rounds(self) -> "Steps[Survey]":
        found = yield from self._survey(refresh=self._refresh, at_once=self._at_once, logs=True)
        turn = 0
        while True:
            if self._settle and found.withheld:
                return found  # an error is certain, and asking for the rest would be in vain
            gaps = found.gaps
            if not gaps:
                if self._done != self._to_do or not self._to_do:
                    self._done = self._to_do
                    self._report_progress()
                return found
            if turn == MAX_ROUNDS:
                code, day = gaps[0].codes[0], gaps[0].date
                raise FeedError(f"the bank answers, but never of {code} on {day}")
            if self._terms.offline:
                raise (yield from self._offline(found))
            self._to_do.update(gap.date for gap in gaps)
            self._report_progress()
            yield from self._ask(gaps, at_once=self._at_once and turn == 0)
            found = yield from self._survey(refresh=False, logs=True)
            turn += 1

    def _ask(self, gaps: "Sequence[Gap]", *, at_once: bool) -> "Steps[None]":
        questions, dates = yield from divide(self._terms, gaps)
        for question in questions:
            outcome = yield from ask_export(
                self._terms, question, refresh=self._refresh, at_once=at_once
            )
            yield from self._count(outcome)
            self._done.update(
                date for date in self._to_do if question.start <= date <= question.end
            )
            self._report_progress()
        for date in dates:
            outcome = yield from ask_daily(
                self._terms, date, refresh=self._refresh, at_once=at_once
            )
            yield from self._count(outcome)
            self._done.add(date)
            self._report_progress()

    def _survey(
        self, *, refresh: bool, at_once: bool = False, logs: bool = False
    ) -> "Steps[Survey]":
        terms, codes, start, end = self._terms, self._codes, self._start, self._end
        return (
            yield from survey(terms, codes, start, end, refresh=refresh, at_once=at_once, logs=logs)
        )

    def _count(self, outcome: "Outcome") -> "Steps[None]":
        if not outcome.asked:
            return
        if self._at_once:
            yield from require_kept()  # on a full disk, all further requests would be in vain
        self.requests += outcome.requests
        self.rates += sum(outcome.new.values())
        self.days.update(outcome.new)

    def _offline(self, found: "Survey") -> "Steps[Offline]":
        gaps, code = found.gaps, found.gaps[0].codes[0]
        if self._at_once:
            days = f"{gaps[0].date}" if len(gaps) == 1 else f"{gaps[0].date} to {gaps[-1].date}"
            return Offline(f"sync needs the bank for {days}, and offline is on", date=gaps[0].date)
        if len(gaps) == 1:
            return (yield from absent.offline(code, gaps[0].date))
        known = _days_of({code: found.points[code]})
        return (yield from absent.range_offline(code, gaps[0].date, gaps[-1].date, known))

    def _report_progress(self) -> None:
        if self._progress is not None:
            done, total = len(self._done), len(self._to_do)
            from kzt_rates.typing import SyncProgress  # here, because it imports typing

            self._progress(SyncProgress(done, total, self.requests, self.rates))


def _days_of(points: "Mapping[str, Sequence[Entry]]") -> "list[date]":
    return [point[0] for some in points.values() for point in some]


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
    (found,) = yield from histories_of(
        terms, (codes,), start, end, missing=missing, refresh=refresh
    )
    return found


def histories_of(
    terms: "Terms",
    wanted: "Sequence[tuple[str, ...]]",
    start: "date",
    end: "date",
    *,
    missing: "MissingDays",
    refresh: bool,
) -> "Steps[list[History]]":
    """Return several histories, each of some codes, asked for in the questions of one."""
    codes = tuple(dict.fromkeys(code for some in wanted for code in some))
    end = yield from _clipped(codes[0] if codes else None, start, end, terms.today())
    left = yield from Filling(terms, codes, start, end, settle=True, refresh=refresh).run()
    for known, code, answer in left.withheld:
        raise (yield from absent.withheld(terms, code, known, answer))
    if left.stale:
        days = f"{left.stale[0][0].date} to {left.stale[-1][0].date}"
        warn_stale(f"provisional rates of {days} past their time were given: no feed has them now")
    found = []
    for some in wanted:
        points = {code: left.points[code] for code in some}
        found.append((yield from _found(terms, some, History(start, end, points), missing)))
    return found


def _found(
    terms: "Terms", codes: "tuple[str, ...]", found: History, missing: "MissingDays"
) -> "Steps[History]":
    for code in codes:
        if (
            not found.points[code]
            and missing != "previous"
            and not existed_between(code, found.start, found.end)
        ):
            raise (yield from absent.no_such_unit(code, found.start, found.end))
    found.keep_common_days()
    if missing == "raise":
        for day, code in found.missing.items():
            if not exists_on(code, day):
                raise (yield from absent.no_such_unit(code, day))
            raise (yield from absent.not_found(code, day, "none_published"))
    if missing == "previous":
        yield from _carry(terms, codes, found)
    return found


def _clipped(code: "str | None", start: "date", end: "date", today: "date") -> "Steps[date]":
    """Return the end of a range that can be known; tomorrow's is where a sheet of it is here.

    A range that starts after today is about its first day alone: that one is asked for.
    """
    if end <= today:
        return end
    if is_too_far_ahead(start, today):
        raise (yield from absent.not_found(code, start, "too_far_ahead"))
    newest = yield from load_newest_complete(end)
    return max(today, start, newest or today)


def _carry(terms: "Terms", codes: "tuple[str, ...]", found: History) -> "Steps[None]":
    """Let the day before answer for each missing one, all codes from the same day."""
    points = {code: {point[0]: point for point in found.points[code]} for code in codes}
    effective: dict[date, date] = {}
    for day, lacking in found.missing.items():
        for code in codes:
            if not exists_on(code, day):  # nothing is carried beyond a unit's life
                raise (yield from absent.no_such_unit(code, day))
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
            raise (yield from absent.not_found(lacking, day, "none_published"))
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


# So many days are looked over at a time for the first that must be asked for.
DAYS_LOOKED_OVER = 366
# So many are held at a time, of all their codes.
SHEETS_AT_ONCE = 31


class Sheets:
    """The sheets of a range: `next` is a plan that brings one after the other, then `None`.

    What must be asked is asked in the questions of a history of all codes, as its days come up.
    Days known to have no rate are skipped. A day that the bank does not answer for raises; the
    `next` after that continues with the day behind it. The range is clipped to what is
    known to be published, unless all of it is.
    """

    def __init__(
        self, terms: "Terms", start: "date", end: "date", *, is_published: bool = False
    ) -> None:
        self._terms = terms
        self._is_published = is_published
        self._codes = export_codes()
        self._start = self._day = start
        self._end = end
        self._filled: date | None = None
        self._error: Exception | None = None
        self._loaded: deque[Day] = deque()

    def next(self) -> "Steps[Day | None]":
        """Bring the next sheet, `None` after the last."""
        if self._filled is None:
            yield from self._begin()
        assert self._filled is not None
        while self._day <= self._end:
            if not self._loaded:
                if self._day > self._filled:
                    yield from self._fill()
                last = min(self._filled, self._day + (SHEETS_AT_ONCE - 1) * ONE_DAY)
                self._loaded.extend((yield from load_days(list(each_day(self._day, last)))))
            known = self._loaded.popleft()
            self._day = known.date + ONE_DAY
            error = self._error if known.figures else None
            try:
                return (yield from sheet_of_known(self._terms, known, error))
            except RateNotFound:
                continue
            except FeedError as unknown:
                raise self._error or unknown from None
        return None

    def _begin(self) -> "Steps[None]":
        """Clip the range to what can be published."""
        if self._end < EXPORT_STARTS:
            raise (yield from absent.not_found(None, self._start, "no_such_unit"))
        if not self._is_published:
            today = self._terms.today()
            self._end = yield from _clipped(None, self._start, self._end, today)
        self._day = max(self._start, EXPORT_STARTS)
        self._filled = self._day - ONE_DAY

    def _fill(self) -> "Steps[None]":
        """Look ahead for a day that must be asked for, and ask for all that one question covers."""
        terms, codes = self._terms, self._codes
        self._filled = min(self._end, self._day + (DAYS_LOOKED_OVER - 1) * ONE_DAY)
        found = yield from survey(terms, codes, self._day, self._filled)
        if not found.gaps:
            return
        first = found.gaps[0].date
        self._filled, self._error = last_of_question(first, self._end), None
        try:
            yield from Filling(terms, codes, first, self._filled, settle=False).run()
        except (Offline, BankUnavailable, FeedError) as error:
            self._error = error  # for the days of which nothing is known


class Synced:
    """What a sync did: days and rates added, requests made, and the holes that are left.

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

    Each answer is kept as it comes, so that an interrupted sync continues where it stopped.
    """
    if codes and end < EXPORT_STARTS:
        raise (yield from absent.before_the_tenge(codes, start, end))
    end = min(end, terms.today())
    filling = Filling(terms, codes, start, end, settle=False, at_once=True, progress=progress)
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


def ask_for_days(terms: "Terms", wanted: "Mapping[str, Iterable[date]]") -> "Steps[bool]":
    """Ask the range export for what is not known of some codes on some days; return if it was.

    Days up to four years apart share a question, which brings the days between them as well.
    The last days are left to whoever asks for each, because the daily feed has whole sheets of
    them, and so is a single day; all of it when offline.
    """
    if terms.offline:
        return False
    unknown = yield from _to_ask_for(terms, wanted)
    dates = sorted(unknown)
    if len(dates) < 2:
        return False
    asked = False
    while dates:
        limit = last_of_question(dates[0], dates[-1])
        within = [day for day in dates if day <= limit]
        codes = set().union(*(unknown[day] for day in within))
        question = yield from question_of_range(terms, codes, within[0], within[-1])
        outcome = yield from ask_export(terms, question, refresh=False)
        asked = asked or outcome.asked
        dates = dates[len(within) :]
    return asked


def _to_ask_for(
    terms: "Terms", wanted: "Mapping[str, Iterable[date]]"
) -> "Steps[dict[date, set[str]]]":
    """Return by day the codes that the export must be asked for; not those with a draft."""
    codes_on: dict[date, set[str]] = {}
    limit = export_end(terms.today())
    for code, days in wanted.items():
        for day in days:
            if day <= limit and export_id(code) is not None:
                codes_on.setdefault(day, set()).add(code)
    dates, now = sorted(codes_on), terms.clock()
    unknown: dict[date, set[str]] = {}
    for place in range(0, len(dates), DAYS_AT_ONCE):
        some = dates[place : place + DAYS_AT_ONCE]
        for known in (yield from load_days(some, frozenset(wanted))):
            states = [State(code, known, now, {}, alone=False) for code in codes_on[known.date]]
            log_verdicts(states)
            asked = {
                state.code
                for state in states
                if state.figure is None
                and judged(state) == "ask"
                and state.feed_to_ask() == "export"
            }
            if asked:
                unknown[known.date] = asked
    return unknown
