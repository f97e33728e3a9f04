"""Following the bank: when to ask for its newest sheet, and what in it is new."""

from collections import deque
from datetime import datetime, timedelta
from fractions import Fraction
from random import random

from kzt_rates import dates
from kzt_rates.arithmetic import parse_amount
from kzt_rates.currency import parse_code
from kzt_rates.errors import BankUnavailable, FeedError, Offline, RateNotFound
from kzt_rates.feed import EXPORT_STARTS, export_codes_on
from kzt_rates.figures import KZT
from kzt_rates.log import complain, log
from kzt_rates.plans import (
    Pause,
    StoreCall,
    load,
    load_days,
    load_latest,
    load_nearest,
    load_newest_complete,
)
from kzt_rates.plans.asking import ask_latest
from kzt_rates.plans.day import known_codes, sheet_on
from kzt_rates.plans.questions import DAYS_AT_ONCE
from kzt_rates.plans.range import Sheets
from kzt_rates.plans.rules import RECENT_DAYS, verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date
    from typing import Literal

    from kzt_rates.figures import Day, Figure
    from kzt_rates.plans import Steps, Terms
    from kzt_rates.typing import Amount, DateLike

    Reason = Literal["published", "final", "corrected"]
    Freshness = tuple[date | None, tuple[date, datetime] | None, date | None, tuple[date, ...]]

# The bank sets tomorrow's rates within these hours of the afternoon, in Kazakhstan.
OPENS, SHUTS = timedelta(hours=14), timedelta(hours=19)
# Soon after midnight what was tomorrow's is today's, and final.
DAY_BREAKS = timedelta(minutes=5)
OFTEN, SELDOM = timedelta(minutes=10), timedelta(hours=1)
AFTER_FAILURES = (timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=5), OFTEN)
# Those who begin to follow at the same moment do not ask at the same second for ever.
JITTER = timedelta(minutes=1)

# A machine that slept, or whose clock was set, notices within this time.
PAUSE_SECONDS = 300.0
# A clock of the caller's own may run faster than the world's.
PAUSE_BY_ANOTHER_CLOCK = 1.0


def next_look(last: "datetime", failures: int, jitter: "timedelta") -> "datetime":
    """Return when the bank is asked after it was asked at `last`, in vain `failures` times."""
    if failures:
        return last + AFTER_FAILURES[min(failures, len(AFTER_FAILURES)) - 1]
    today = dates.date_in_kazakhstan(last)
    midnight, next_midnight = map(dates.midnight_in_kazakhstan, (today, today + dates.ONE_DAY))
    if midnight + OPENS <= last < midnight + SHUTS:
        return last + OFTEN
    then = last + SELDOM
    for mark in (midnight + DAY_BREAKS, midnight + OPENS, next_midnight + DAY_BREAKS):
        if last < mark + jitter < then + OFTEN:
            return max(mark + jitter, last + OFTEN)
    return then


def wait_until(terms: "Terms", instant: "datetime", is_over: "Callable[[], bool]") -> "Steps[None]":
    """Let time pass until the clock shows an instant, or was set back, or nobody waits any more."""
    forward = getattr(terms.clock, "wait_until", None)
    if forward is not None:
        forward(instant)
        yield Pause(0)  # so that others have their turn
        return
    longest = PAUSE_SECONDS if terms.clock is dates.utc_now else PAUSE_BY_ANOTHER_CLOCK
    left = planned = instant - terms.clock()
    while timedelta() < left <= planned and not is_over():
        yield Pause(min(left.total_seconds(), longest))
        left = instant - terms.clock()


def parse_threshold(threshold: "Amount | None") -> "Fraction | None":
    """Return a threshold in percent; raise `TypeError` or `ValueError` for what is none."""
    if threshold is None:
        return None
    try:
        percent = parse_amount(threshold)
    except (TypeError, ValueError) as error:
        raise type(error)(f"threshold is a percentage such as 0.5, not {threshold!r}") from error
    if percent < 0:
        raise ValueError(f"threshold is a percentage of at least 0, not {threshold}")
    return Fraction(percent)


def parse_until(until: "DateLike | None", now: "datetime") -> "datetime | None":
    """Return the instant at which a watch ends: that of an aware datetime, or a date's end.

    A naive datetime is by the clocks of Kazakhstan.
    """
    if until is None:
        return None
    if isinstance(until, datetime):
        end = until
        if until.utcoffset() is None:
            midnight = dates.midnight_in_kazakhstan(until.date())
            end = midnight + (until - datetime.combine(until.date(), datetime.min.time()))
    else:
        day = dates.parse_date(until)
        if day == day.max:  # nobody waits for so long, and there is no day after it
            return None
        end = dates.midnight_in_kazakhstan(day + dates.ONE_DAY)
    if end <= now:
        said = f"it is {now.isoformat(timespec='seconds')}"
        if not isinstance(until, datetime):
            said = f"today in Kazakhstan is {dates.date_in_kazakhstan(now)}"
        raise ValueError(f"until {until} is in the past: {said}")
    return end


class Watch:
    """Follows the bank's newest sheet: `next` is a plan that brings the next change of it.

    `keep_today`: today's sheet is asked for as well where it is not settled. `is_over` ends it;
    `looked` is called after each look at the bank.
    """

    def __init__(
        self,
        terms: "Terms",
        codes: "Iterable[str] | None",
        threshold: "Amount | None",
        until: "DateLike | None",
        *,
        is_over: "Callable[[], bool]",
        keep_today: bool = False,
        looked: "Callable[[], object] | None" = None,
    ) -> None:
        self._terms = terms
        self._threshold = parse_threshold(threshold)
        self._until = parse_until(until, terms.clock())
        self._codes = _watched(codes)
        self._is_over = is_over
        self._keep_today = keep_today
        self._looked = looked
        self._jitter = random() * JITTER  # noqa: S311  # nothing secret
        self._given: Day | None = None
        # What the threshold is measured from: of each code the figure that was given last, or
        # the first one seen. The sheet before may lack a code that counts.
        self._measured: dict[str, Figure] = {}
        self._seen: date | None = None
        self._left_out: set[date] = set()  # before it, and may still be published
        self._came: deque[Day] = deque()
        self._begun = False
        self._next_look = terms.clock()
        self._failures = 0
        self._in_vain = 0  # looks that did not bring the sheets before the newest
        self._failing_since = self._next_look

    def begin(self) -> "Steps[None]":
        """Look up what the watch starts from; raise what is wrong with it before any question."""
        if self._codes is not None:
            yield from known_codes(*self._codes)
        if self._terms.offline:
            raise Offline("watch needs the bank, and offline is on")
        seen, today = (yield from load_latest()), self._terms.today()
        if seen is not None and abs((seen[0] - today).days) <= RECENT_DAYS:
            known = yield from load(seen[0])
            if known.figures:
                self._start_from(known)
                self._seen = known.date
        self._begun = True

    def next(self) -> "Steps[tuple[Day, Reason, Day] | None]":
        """Bring the next changed sheet, why it is given, and the one given before it.

        `None` when the watch is over.
        """
        if not self._begun:
            yield from self.begin()
        while True:
            while self._came:
                sheet = self._came.popleft()
                reason, before = self._news(sheet), self._given
                if before is None or reason is not None:
                    self._start_from(sheet)
                if before is not None and reason is not None:
                    return sheet, reason, before
            if self._until is not None and self._next_look > self._until:
                return None
            yield from wait_until(self._terms, self._next_look, self._is_over)
            if self._is_over():
                return None
            yield from self._look()

    def _start_from(self, sheet: "Day") -> None:
        self._given = sheet
        self._measured.update(_figures(sheet, self._codes))

    def _look(self) -> "Steps[None]":
        terms = self._terms
        try:
            newest = yield from ask_latest(terms, refresh=False, follow=True)
            if self._seen is None or newest.date >= self._seen:  # or a copy that lags behind
                yield from self._ask_between(newest.date)
                self._came.append(newest)
                self._seen = newest.date
            elif newest.date in self._left_out:  # what the bank dated ahead by mistake is over
                self._came.append(newest)
                self._left_out.remove(newest.date)
            if self._keep_today:
                yield from self._ask_for_today()
        except (BankUnavailable, FeedError) as error:
            if self._is_over():
                return
            self._failures += 1
            if self._failures == 1:
                self._failing_since = terms.clock()
                complain(f"the watch continues after a failure: {error}")
        else:
            if self._failures:
                since = self._failing_since.isoformat(sep=" ", timespec="minutes")
                complain(f"the bank answers again, for the first time since {since}")
            self._failures = 0
        self._next_look = next_look(terms.clock(), self._failures, self._jitter)
        if self._looked is not None:
            self._looked()

    def _ask_between(self, newest: "date") -> "Steps[None]":
        """Bring the sheets published between the last one seen and the newest.

        A day that cannot be had keeps the newest sheet waiting for a few more looks, and is
        then left out.
        """
        if self._seen is None or newest - self._seen <= dates.ONE_DAY:
            return
        first, last = self._seen + dates.ONE_DAY, newest - dates.ONE_DAY
        sheets = Sheets(self._terms, first, last, is_published=True)
        left_out = set(dates.each_day(first, last))
        while True:
            try:
                sheet = yield from sheets.next()
            except (BankUnavailable, FeedError) as error:
                if self._in_vain < len(AFTER_FAILURES):
                    self._in_vain += 1
                    raise
                log("warning", "a sheet before %s is left out: %s", newest, error)
            else:
                if sheet is None:
                    self._in_vain = 0
                    self._left_out |= left_out
                    return
                self._came.append(sheet)
                self._seen = sheet.date
                left_out.discard(sheet.date)

    def _ask_for_today(self) -> "Steps[None]":
        try:
            yield from sheet_on(self._terms, self._terms.today(), missing="raise", refresh=False)
        except RateNotFound as error:
            log("info", "%s", error)

    def _news(self, sheet: "Day") -> "Reason | None":
        """Return why a sheet is to be given, `None` where nothing of it is new."""
        before = self._given
        if before is None:
            return None
        codes = frozenset(sheet.figures) if self._codes is None else self._codes
        now, then = _figures(sheet, codes), _figures(before, self._codes)
        reason: Reason | None = None
        if sheet.date != before.date:
            reason = "published" if now else None
        elif now.keys() != then.keys() or any(not now[c].same_as(then[c]) for c in now):
            reason = "corrected"
        elif any(now[code].final and not then[code].final for code in now):
            reason = "final" if all(figure.final for figure in now.values()) else None
        if reason is None or not self._threshold:
            return reason
        measured = self._measured
        moves = [_move(measured.setdefault(code, figure), figure) for code, figure in now.items()]
        return reason if any(move >= self._threshold for move in moves) else None


def freshness(terms: "Terms") -> "Steps[Freshness]":
    """Return how fresh the archive and the cache are; nobody is asked.

    That is the newest complete day, the newest sheet that was asked for and when, the archive's
    last complete day, and the days since of which something is left to ask for.
    """
    today = terms.today()
    newest = yield from load_newest_complete(today + dates.MAX_DAYS_AHEAD * dates.ONE_DAY)
    archive_end: date | None = yield StoreCall(lambda store: store.archive_end())
    since = archive_end or (yield from load_nearest(None, EXPORT_STARTS - dates.ONE_DAY))[1]
    missed: list[date] = []
    days = [] if since is None else list(dates.each_day(since + dates.ONE_DAY, today))
    for place in range(0, len(days), DAYS_AT_ONCE):
        some = yield from load_days(days[place : place + DAYS_AT_ONCE])
        missed += [known.date for known in some if not _is_here(known, terms.clock())]
    return newest, (yield from load_latest()), archive_end, tuple(missed)


def _is_here(known: "Day", now: "datetime") -> bool:
    """Whether nothing of a day is left to ask for: its sheet is here, or all the export has."""
    if known.complete:
        return True
    verdicts = {verdict(code, known, now) for code in export_codes_on(known.date)}
    return verdicts <= {"give", "none_published", "refused"}


def _watched(codes: "Iterable[str] | None") -> "frozenset[str] | None":
    if codes is None:
        return None
    if isinstance(codes, str):
        codes = (codes,)
    watched = frozenset(map(parse_code, codes)) - {KZT}
    if not watched:
        raise ValueError("codes has no currency to watch but the tenge: leave it out to watch all")
    return watched


def _figures(day: "Day", codes: "frozenset[str] | None") -> "dict[str, Figure]":
    return {code: figure for code, figure in day.figures.items() if codes is None or code in codes}


def _move(before: "Figure", after: "Figure") -> Fraction:
    """Return by how many percent a figure moved, up or down, nominals respected."""
    then = Fraction(before.value) / before.nominal
    return abs(Fraction(after.value) / after.nominal - then) / then * 100
