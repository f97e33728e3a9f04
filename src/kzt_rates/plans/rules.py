"""What is answered from what is known: the table of states, top to bottom."""

from datetime import timedelta

from kzt_rates.currency import FACTS, exists_on, quoted_on
from kzt_rates.dates import MAX_DAYS_AHEAD, date_in_kazakhstan
from kzt_rates.feed import DAILY_STARTS, EXPORT_STARTS, export_codes_on, export_id
from kzt_rates.log import is_debugging, log

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import date, datetime
    from typing import Literal

    from kzt_rates.figures import Day, Feed

    Verdict = Literal[
        "too_far_ahead",
        "give",
        "no_such_unit",
        "refused",
        "none_published",
        "not_available_here",
        "lacking",
        "ask",
    ]

# Verdicts that no question can change, and those that a refresh may.
NEVER = ("too_far_ahead", "no_such_unit", "not_available_here")
UNTIL_ASKED = ("none_published", "refused", "lacking")

# The daily feed is right about these days; of older ones it has holes, wrong nominals and
# sometimes today's figures, and the range export is right.
RECENT_DAYS = 14
# Ranges are the export's up to here; it is trusted with a day once a week has passed over it.
EXPORT_BEHIND_DAYS = 8

# What may change with the bank's next word, which comes once a day; ten minutes keep a busy
# service from asking more than that.
YOUNG = timedelta(minutes=10)
# Of an old day nothing changes by the hour, and what a feed said of it for certain hardly ever.
YOUNG_FOR_OLD_DAYS = timedelta(days=1)
SETTLED_FOR_OLD_DAYS = timedelta(days=30)


def is_recent(day: "date", today: "date") -> bool:
    """Whether the daily feed is the one to believe about a day."""
    return (today - day).days <= RECENT_DAYS


def export_end(today: "date") -> "date":
    """Return the last day that ranges of the export reach."""
    return today - timedelta(days=EXPORT_BEHIND_DAYS)


def is_just_now(at: "datetime | None", now: "datetime") -> bool:
    """Whether something happened within ten minutes of now, by clocks that may jump back."""
    return at is not None and abs(now - at) < YOUNG


def is_young(day: "date", at: "datetime | None", now: "datetime", *, settled: bool) -> bool:
    """Whether what is known of a day is too young to ask again.

    `settled`: a feed said so, by a silence, a blank cell or a figure that was refused.
    """
    if at is None:
        return False
    # by the earlier clock, because one that ran fast made the day look older than it was
    if is_recent(day, date_in_kazakhstan(min(at, now))):
        return is_just_now(at, now)
    return abs(now - at) < (SETTLED_FOR_OLD_DAYS if settled else YOUNG_FOR_OLD_DAYS)


class State:
    """One code on one day, and what is known of it now.

    `newcomers` are codes of no table, with the first day that each is known of. `alone`: the
    day is the only one that is wanted; where it is one of several, the daily feed does not
    stand in for the export. `at_once`: what was asked and is not settled may be asked again now.
    """

    __slots__ = ("alone", "at_once", "code", "figure", "known", "newcomers", "now", "today")

    def __init__(
        self,
        code: str,
        known: "Day",
        now: "datetime",
        newcomers: "Mapping[str, date]",
        *,
        alone: bool,
        at_once: bool = False,
    ) -> None:
        self.code = code
        self.known = known
        self.now = now
        self.today = date_in_kazakhstan(now)
        self.newcomers = newcomers
        self.alone = alone
        self.at_once = at_once
        self.figure = known.figures.get(code)

    def is_expected(self) -> bool:
        """Whether the bank is known to quote the code on such a day."""
        if self.code in FACTS:
            return self.code in quoted_on(self.known.date)
        first = self.newcomers.get(self.code)
        return first is not None and first <= self.known.date

    def is_listed(self) -> bool:
        """Whether some feed printed a figure of the code, believed or refused."""
        known = self.known
        return (
            self.figure is not None
            or self.code in known.refused
            or any(self.code in listing.codes for listing in known.listings.values())
        )

    def is_printed_elsewhere(self, feeds: "Collection[Feed]") -> bool:
        """Whether a feed that is not among these has printed a figure of the code.

        Then their silence proves nothing. A final figure was printed, whoever printed it.
        """
        known, figure = self.known, self.figure
        return (
            (figure is not None and (figure.final or figure.feed not in feeds))
            or self.code in known.refused
            or any(
                self.code in listing.codes
                for feed, listing in known.listings.items()
                if feed not in feeds
            )
        )

    def is_in_a_hole(self) -> bool:
        """Whether the daily feed alone has the code, and is silent of a day that has rates."""
        return export_id(self.code) is None and self.is_expected() and self.known.has_final()

    def sheet_lacks_it(self) -> bool:
        """Whether a sheet of the day came without the code, and that proves nothing."""
        if self.is_listed():
            return False
        known = self.known
        return bool(known.listings) and not (
            known.complete and known.final and not self.is_expected()
        )

    def feeds(self) -> "tuple[Feed, ...]":
        """Return the feeds that answer for the code on that day, the first to ask first."""
        day = self.known.date
        has_id = export_id(self.code) is not None and day >= EXPORT_STARTS
        if is_recent(day, self.today):
            within = day <= (self.today if self.sheet_lacks_it() else export_end(self.today))
            first: tuple[Feed, ...] = ("daily",) if day >= DAILY_STARTS else ()
            return (*first, "export") if has_id and within else first
        if not has_id:
            return ("daily",) if day >= DAILY_STARTS else ()
        if day < DAILY_STARTS or not self._is_export_in_doubt():
            return ("export",)
        return ("export", "daily")

    def feed_to_ask(self) -> "Feed | None":
        """Return the first feed that may be asked, `None` where all have just been."""
        day = self.known.date
        export_only = not self.alone and day <= export_end(self.today)
        for feed in self.feeds():
            if export_only and feed == "daily" and export_id(self.code) is not None:
                continue  # or an export that breaks off would turn into a request a day
            if self.is_open(feed):
                return feed
        return None

    def is_open(self, feed: "Feed") -> bool:
        """Whether a feed may be asked: it was not yet, or long enough ago."""
        known = self.known
        if feed == "daily":
            return daily_is_open(known, self.now, at_once=self.at_once)
        absent = None if self.at_once else known.absent.get(self.code)
        return not (
            is_young(known.date, known.blanks.get(self.code), self.now, settled=True)
            or is_young(known.date, absent, self.now, settled=False)
        )

    def is_silent(self, feed: "Feed") -> bool:
        """Whether a feed said, not long ago, that it has none."""
        marks = self.known.silences if feed == "daily" else self.known.blanks
        key = feed if feed == "daily" else self.code
        return is_young(self.known.date, marks.get(key), self.now, settled=True)  # type: ignore[call-overload]

    def was_refused_by_sheet(self) -> bool:
        """Whether it was a sheet, and not the export, whose figure was refused."""
        refusal = self.known.refused[self.code]
        return any(listing.at == refusal.at for listing in self.known.listings.values())

    def _is_export_in_doubt(self) -> bool:
        """Whether the export had no row, or a blank where a figure was expected."""
        return self.code in self.known.absent or (
            self.code in self.known.blanks and self.is_expected()
        )


def daily_is_open(known: "Day", now: "datetime", *, at_once: bool = False) -> bool:
    """Whether the daily feed may have more of a day than it has given."""
    listing = None if at_once else known.listings.get("daily")
    return known.date >= DAILY_STARTS and not (
        is_young(known.date, known.silences.get("daily"), now, settled=True)
        or (listing is not None and is_young(known.date, listing.at, now, settled=False))
    )


def is_too_far_ahead(day: "date", today: "date") -> bool:
    """Whether no rate can have been set yet for a day."""
    return (day - today).days > MAX_DAYS_AHEAD


def _is_too_far_ahead(state: State) -> bool:
    return is_too_far_ahead(state.known.date, state.today)


def _has_final_figure(state: State) -> bool:
    return state.figure is not None and state.figure.final


def _is_no_unit(state: State) -> bool:
    return not exists_on(state.code, state.known.date)


def _was_refused(state: State) -> bool:
    refusal = state.known.refused.get(state.code)
    return refusal is not None and is_young(state.known.date, refusal.at, state.now, settled=True)


def _was_refused_and_export_may_tell(state: State) -> bool:
    # the daily feed's word about an old day never keeps the export from being asked
    return (
        _was_refused(state)
        and not is_recent(state.known.date, state.today)
        and state.was_refused_by_sheet()
        and "export" in state.feeds()
        and state.is_open("export")
    )


def _is_not_on_final_sheet(state: State) -> bool:
    known = state.known
    return known.complete and known.final and not state.is_listed() and not state.is_expected()


def _is_silent_everywhere(state: State) -> bool:
    # one feed's silence is no word against what another has printed
    feeds = state.feeds()
    return (
        bool(feeds)
        and not state.is_printed_elsewhere(feeds)
        and not (state.sheet_lacks_it() and state.is_expected())
        and not state.is_in_a_hole()
        and all(state.is_silent(feed) for feed in feeds)
    )


def _has_young_provisional_figure(state: State) -> bool:
    figure = state.figure
    return (
        figure is not None
        and not state.at_once
        and is_young(state.known.date, figure.fetched_at, state.now, settled=False)
    )


def _cannot_be_asked_for(state: State) -> bool:
    return not state.feeds()


def _was_just_asked_for(state: State) -> bool:
    return state.feed_to_ask() is None


# Each row: the name that the log tells, whether it is so, and the answer.
TABLE: "tuple[tuple[str, Callable[[State], bool], Verdict], ...]" = (
    (f"more than {MAX_DAYS_AHEAD} days ahead", _is_too_far_ahead, "too_far_ahead"),
    ("a final figure is known", _has_final_figure, "give"),
    ("no such unit on that day", _is_no_unit, "no_such_unit"),
    ("a sheet's figure was refused, the export may tell", _was_refused_and_export_may_tell, "ask"),
    ("the bank's figure was refused", _was_refused, "refused"),
    ("a whole sheet came without it", _is_not_on_final_sheet, "none_published"),
    ("every feed said that it has none", _is_silent_everywhere, "none_published"),
    ("a young provisional figure is known", _has_young_provisional_figure, "give"),
    ("no feed can be asked for it", _cannot_be_asked_for, "not_available_here"),
    ("it was asked for just now, in vain", _was_just_asked_for, "lacking"),
    ("it is not known", lambda _: True, "ask"),
)


def verdict(
    code: str,
    known: "Day",
    now: "datetime",
    newcomers: "Mapping[str, date] | None" = None,
    *,
    alone: bool = True,
) -> "Verdict":
    """Return the answer of the first row that holds."""
    return judged(State(code, known, now, newcomers or {}, alone=alone))


def judged(state: State) -> "Verdict":
    """Return the answer of the first row that holds for a state."""
    return next(answer for _, is_so, answer in TABLE if is_so(state))


def log_verdicts(states: "Sequence[State]") -> None:
    """Tell a log that wants every step why codes are given, asked for or neither.

    Days of a code in a row share a line where they share a row of the table.
    """
    if not is_debugging():
        return
    stretches: list[tuple[str, str, Verdict, list[date]]] = []
    for state in sorted(states, key=lambda state: (state.code, state.known.date)):
        name, _, answer = next(row for row in TABLE if row[1](state))
        if stretches:
            code, before, _, days = stretches[-1]
            if (code, before) == (state.code, name) and (state.known.date - days[-1]).days == 1:
                days.append(state.known.date)
                continue
        stretches.append((state.code, name, answer, [state.known.date]))
    for code, name, answer, days in stretches:
        dates = f"{days[0]}" if len(days) == 1 else f"{days[0]} to {days[-1]}"
        log("debug", "%s on %s: %s: %s", code, dates, name, answer)


def is_settled(known: "Day", now: "datetime") -> bool:
    """Whether a whole sheet is known that need not be asked for."""
    return (
        known.complete
        and (known.final or is_young(known.date, known.fetched_at, now, settled=False))
        and not has_old_draft(known, now)
    )


def has_old_draft(known: "Day", now: "datetime") -> bool:
    """Whether a draft is past its time: a sheet in part, which came since, may not have had it."""
    return any(
        not figure.final and not is_young(known.date, figure.fetched_at, now, settled=False)
        for figure in known.figures.values()
    )


def is_overtaken(known: "Day", latest: "tuple[date, datetime] | None") -> bool:
    """Whether the bank's newest sheet, which came after the drafts of a day, is of one before it.

    Then the bank has taken them back, or they are the daily feed's alone so far. `latest` is the
    date of that sheet, and when it came.
    """
    return (
        latest is not None
        and latest[0] < known.date
        and known.has_provisional()
        and known.fetched_at is not None
        and known.fetched_at < latest[1]
    )


def is_covered(known: "Day", now: "datetime") -> bool:
    """Whether of an old day every code that a feed can be asked for has its answer."""
    if is_recent(known.date, date_in_kazakhstan(now)):
        return False
    if known.date >= DAILY_STARTS and daily_is_open(known, now):
        return False
    verdicts = {verdict(code, known, now) for code in export_codes_on(known.date)}
    return bool(known.figures) and verdicts <= {"give", "none_published", "refused"}
