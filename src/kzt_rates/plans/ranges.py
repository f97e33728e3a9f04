"""What of a range of days is not known, and which questions would tell: few, and long ones."""

from datetime import timedelta
from functools import cache, lru_cache

from kzt_rates.calendar import each_day
from kzt_rates.currency_facts import life_of
from kzt_rates.feed import export
from kzt_rates.figures import Day
from kzt_rates.plans.answering import (
    NEVER,
    daily_may_tell,
    export_may_tell,
    is_settled,
    verdict,
)
from kzt_rates.plans.steps import load, load_days, load_series

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date, datetime
    from typing import TypeVar

    from kzt_rates.figures import Entry
    from kzt_rates.plans.answering import Verdict
    from kzt_rates.plans.steps import Steps, Terms

    T = TypeVar("T")

# A week that a job has missed is filled day by day, with whole sheets; more is a range.
SHORT_GAP_DAYS = 7
# Further back the daily feed joins values with nominals of today's; the export is right per row.
RECENT_DAYS = 31

# So many days are loaded at a time: they hold what is known of every code.
DAYS_AT_ONCE = 1500


class Question:
    """Some codes from `start` to `end`, both inclusive: one request."""

    __slots__ = ("codes", "end", "start")

    def __init__(self, codes: "tuple[str, ...]", start: "date", end: "date") -> None:
        self.codes = codes
        self.start = start
        self.end = end


class Gap:
    """A day of which some codes must be asked for, and who may tell.

    `codes` are wanted; of those `exportable` may be in the range export; `daily` says whether
    the daily feed may have the day. `bridged`: an older provisional figure of each is known.
    """

    __slots__ = ("bridged", "codes", "daily", "date", "exportable")

    def __init__(self, known: Day, codes: "tuple[str, ...]", now: "datetime") -> None:
        may_tell = _judged(known, codes, lambda code: export_may_tell(code, known, now))
        settled = is_settled(known, now)  # then only what was refused of the sheet is open
        self.date = known.date
        self.codes = codes
        self.exportable = tuple(
            [code for code in codes if may_tell[code] and (not settled or code in known.refused)]
        )
        self.daily = daily_may_tell(known, now) and not settled
        self.bridged = all(code in known.figures for code in codes)


class Survey:
    """What is known of a range by code, the gaps that a question may fill, and what none can.

    `withheld` are codes on days for which a verdict other than "none published" stands;
    `withdrawn` are drafts of which the bank has since said that there is none.
    """

    __slots__ = ("gaps", "points", "withdrawn", "withheld")

    def __init__(self) -> None:
        self.points: dict[str, list[Entry]] = {}
        self.withdrawn: set[tuple[str, date]] = set()
        self.gaps: list[Gap] = []
        self.withheld: list[tuple[Day, str, Verdict]] = []

    def drop_withdrawn(self) -> None:
        """Leave out the drafts that are no rates any more."""
        for code in {code for code, _ in self.withdrawn}:
            self.points[code] = [
                point for point in self.points[code] if (code, point[0]) not in self.withdrawn
            ]


def survey(
    terms: "Terms", codes: "Sequence[str]", start: "date", end: "date", *, refresh: bool = False
) -> "Steps[Survey]":
    """Look at what is known of some codes from `start` to `end`; with `refresh` nothing is."""
    now, found = terms.clock(), Survey()
    days_of = cache(lambda first, last: frozenset(each_day(first, last)))
    open_days = {}
    for code in codes:
        found.points[code] = yield from load_series(code, start, end)
        since, until = life_of(code)
        open_days[code] = _days_without(
            () if refresh else found.points[code],
            max(start, since or start, export.STARTS),
            min(end, until or end),
            days_of,
        )
    dates = sorted(set().union(*open_days.values()))
    for place in range(0, len(dates), DAYS_AT_ONCE):
        for known in (yield from load_days(dates[place : place + DAYS_AT_ONCE], codes)):
            wanted = [code for code in codes if known.date in open_days[code]]
            _look_at(known, wanted, now, found, refresh=refresh)
    found.drop_withdrawn()
    return found


def _days_without(
    points: "Sequence[Entry]",
    start: "date",
    end: "date",
    days_of: "Callable[[date, date], frozenset[date]]",
) -> "frozenset[date]":
    """Return the days without a final figure."""
    if start > end:
        return frozenset()
    final = [day for day, _, _, is_final in points if is_final]
    if len(final) == (end - start).days + 1 and start <= final[0] and final[-1] <= end:
        return frozenset()
    return days_of(start, end).difference(final)


def _look_at(
    known: Day, wanted: "list[str]", now: "datetime", found: Survey, *, refresh: bool
) -> None:
    ask = wanted
    if refresh:
        known = Day(known.date)
    else:
        ask = []
        verdicts = _judged(known, wanted, lambda code: verdict(code, known, now))
        for code in wanted:
            answer = verdicts[code]
            if answer == "ask":
                ask.append(code)
            elif answer in NEVER or answer == "refused":
                found.withheld.append((known, code, answer))
            elif answer == "none_published" and code in known.figures:
                found.withdrawn.add((code, known.date))
    if ask:
        gap = Gap(known, tuple(ask), now)
        if gap.daily or gap.exportable:  # else what was to be told has been told just now
            found.gaps.append(gap)


def _judged(known: Day, codes: "Iterable[str]", judge: "Callable[[str], T]") -> "Mapping[str, T]":
    """Return a judgement of each code, made once where nothing tells one code from another.

    Codes in the middle of their lives, of which nothing is known on a day, differ in whether
    the export can be asked for them, and in nothing else. Most of a long range is such.
    """
    apart = {*known.figures, *known.blanks, *known.refused}.intersection(codes)
    judged = {code: judge(code) for code in apart}
    for alike in _kinds(tuple([code for code in codes if code not in apart])):
        judged.update(dict.fromkeys(alike, judge(alike[0])))
    return judged


@lru_cache(maxsize=64)
def _kinds(codes: "tuple[str, ...]") -> "list[list[str]]":
    """Return codes parted into those that the export can be asked for, and the others."""
    kinds: dict[bool, list[str]] = {}
    for code in codes:
        kinds.setdefault(export.id_of(code) is None, []).append(code)
    return list(kinds.values())


def is_open(terms: "Terms", question: Question) -> "Steps[bool]":
    """Say whether the range export may still tell anything that a question asks for."""
    if question.start == question.end:
        known, now = (yield from load(question.start, question.codes)), terms.clock()
        return any(
            export_may_tell(code, known, now)
            for code in question.codes
            if verdict(code, known, now) != "give"
        )
    # a question begins on an open day: mostly that one tells, and years need not be looked at
    for end in (question.start, question.end):
        left = yield from survey(terms, question.codes, question.start, end)
        if any(gap.exportable for gap in left.gaps):
            return True
    return False


def divide(gaps: "Sequence[Gap]", today: "date") -> "tuple[list[Question], list[date]]":
    """Return what to ask the range export, and which days to ask the daily feed for.

    A short recent gap is the daily feed's, which brings whole sheets; a long or an old one the
    export's, in as few questions as its limit of years allows.
    """
    short = len(gaps) <= SHORT_GAP_DAYS and all(
        gap.date > today - timedelta(days=RECENT_DAYS) for gap in gaps
    )
    for_export = [gap for gap in gaps if gap.exportable and not (short and gap.daily)]
    by_export = {gap.date for gap in for_export}
    for_daily = [
        gap.date
        for gap in gaps
        if gap.daily and (gap.date not in by_export or len(gap.exportable) < len(gap.codes))
    ]
    return _questions(for_export), for_daily


def _questions(gaps: "Sequence[Gap]") -> "list[Question]":
    questions: list[Question] = []
    rest = list(gaps)
    while rest:
        limit = export.longest_end(rest[0].date)
        within = [gap for gap in rest if gap.date <= limit]
        codes = set().union(*(gap.exportable for gap in within))
        questions.append(Question(tuple(sorted(codes)), within[0].date, within[-1].date))
        rest = rest[len(within) :]
    return questions
