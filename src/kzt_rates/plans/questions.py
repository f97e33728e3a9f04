"""Which days of a range are not known, and the few long questions that would fill them."""

from datetime import timedelta
from functools import cache, lru_cache

from kzt_rates.currency import unit_life
from kzt_rates.dates import ONE_DAY, each_day
from kzt_rates.feed import (
    EXPORT_STARTS,
    export_codes,
    export_codes_on,
    export_id,
    longest_export_end,
)
from kzt_rates.figures import Day
from kzt_rates.log import is_debugging, log
from kzt_rates.plans import load, load_days, load_newcomers, load_series, rules

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import date, datetime
    from typing import TypeVar

    from kzt_rates.figures import Entry, Feed
    from kzt_rates.plans import Steps, Terms
    from kzt_rates.plans.rules import Verdict

    T = TypeVar("T")

# An answer that ends where the question does cannot show that it broke off.
MARGIN_DAYS = 10
# The fortnight around a single day.
DAYS_BEFORE, DAYS_AFTER = 7, 6

# So many days are loaded at a time: they hold what is known of every code.
DAYS_AT_ONCE = 1500


class Question:
    """Some codes from `start` to `end`, both inclusive: one request.

    It asks from `first` to `last`, so that an answer which breaks off, or is of other days, is
    noticed. `is_single`: one day is wanted, with all that the export can be asked for.
    """

    __slots__ = ("codes", "end", "first", "is_single", "last", "start")

    def __init__(
        self,
        codes: "tuple[str, ...]",
        start: "date",
        end: "date",
        *,
        first: "date | None" = None,
        last: "date | None" = None,
        is_single: bool = False,
    ) -> None:
        self.codes = codes
        self.start = start
        self.end = end
        self.first = first or start
        self.last = last or end
        self.is_single = is_single

    def key(self) -> "tuple[object, ...]":
        """Return a key that only an equal question shares."""
        return self.codes, self.first, self.last, self.start, self.end, self.is_single

    def without_margins(self) -> "Question":
        """Return the question about the wanted days alone."""
        return Question(self.codes, self.start, self.end, is_single=self.is_single)

    def codes_of_its_days(self) -> "list[str]":
        """Return the codes that its rows may have: asked for BYN, it answers of BYR too."""
        asked = {export_id(code) for code in self.codes}
        return [code for code in export_codes() if export_id(code) in asked]


@lru_cache(maxsize=64)  # each of those who wait for its answer needs it as a key
def question_of_day(day: "date", today: "date") -> Question:
    """Return the question for the fortnight around a day: a row is as cheap as a cell."""
    first = max(EXPORT_STARTS, day - timedelta(days=DAYS_BEFORE))
    last = max(day, min(rules.export_end(today), day + timedelta(days=DAYS_AFTER)))
    if day > rules.export_end(today):
        first = day
    return Question(export_codes_on(day), day, day, first=first, last=last, is_single=True)


def question_of_range(
    terms: "Terms", codes: "Collection[str]", start: "date", end: "date"
) -> "Steps[Question]":
    """Return the question for a range of at most four years, with ten days around it.

    The dollar is taken along where it is known, so that there is something to compare with.
    """
    latest = max(end, rules.export_end(terms.today()))
    last = min(latest, longest_export_end(start), end + MARGIN_DAYS * ONE_DAY)
    first = max(EXPORT_STARTS, start - MARGIN_DAYS * ONE_DAY)
    while longest_export_end(first) < last:
        first += ONE_DAY
    asked = {*codes}
    if "USD" not in asked:
        points = yield from load_series("USD", first, last)
        if any(is_final for _, _, _, is_final in points):
            asked.add("USD")
    return Question(tuple(sorted(asked)), start, end, first=first, last=last)


def last_of_question(start: "date", end: "date") -> "date":
    """Return the last day wanted of the first question about a range.

    Where it takes several, each has its margins, so that what lies between two is between rows.
    """
    if end <= longest_export_end(start):
        return end
    margin = MARGIN_DAYS * ONE_DAY
    return longest_export_end(max(EXPORT_STARTS, start - margin)) - margin


class Gap:
    """A day of which some codes must be asked for, and the feeds that may have them.

    `codes` are wanted; of those `exportable` are to be asked of the range export; `daily` says
    whether the daily feed is to be asked. `bridged`: an older provisional figure of each is
    known.
    """

    __slots__ = ("bridged", "codes", "daily", "date", "exportable")

    def __init__(self, known: Day, feeds: "Mapping[str, Feed]") -> None:
        self.date = known.date
        self.codes = tuple(feeds)
        self.exportable = tuple([code for code, feed in feeds.items() if feed == "export"])
        self.daily = len(self.exportable) < len(feeds)
        self.bridged = all(code in known.figures for code in feeds)


class Survey:
    """What is known of a range by code, the gaps that a question may fill, and what none can.

    `withheld` are codes on days of which no figure may be given, with the verdict. `stale` are
    codes on days with a draft past its time that nobody can renew now, which may be given with a
    warning. `withdrawn` are drafts of which every feed has since said that there is none.
    """

    __slots__ = ("gaps", "points", "stale", "withdrawn", "withheld")

    def __init__(self) -> None:
        self.points: dict[str, list[Entry]] = {}
        self.gaps: list[Gap] = []
        self.withheld: list[tuple[Day, str, Verdict]] = []
        self.stale: list[tuple[Day, str]] = []
        self.withdrawn: set[tuple[str, date]] = set()

    def drop_withdrawn(self) -> None:
        """Leave out the drafts that are no rates any more."""
        for code in {code for code, _ in self.withdrawn}:
            self.points[code] = [
                point for point in self.points[code] if (code, point[0]) not in self.withdrawn
            ]


def survey(
    terms: "Terms",
    codes: "Sequence[str]",
    start: "date",
    end: "date",
    *,
    refresh: bool = False,
    at_once: bool = False,
    logs: bool = False,
) -> "Steps[Survey]":
    """Look at what is known of some codes from `start` to `end`; with `refresh` nothing is.

    `at_once`: what was asked and is not settled may be asked again now, and not after a while.
    `logs`: the verdicts go to the log, where it takes debug lines.
    """
    now, found = terms.clock(), Survey()
    days_of = cache(lambda first, last: frozenset(each_day(first, last)))
    newcomers = yield from load_newcomers(codes)
    open_days = {}
    for code in codes:
        found.points[code] = yield from load_series(code, start, end)
        since, until = unit_life(code)
        open_days[code] = _days_without(
            () if refresh else found.points[code],
            max(start, since or start, EXPORT_STARTS),
            min(end, until or end),
            days_of,
        )
        if logs and is_debugging():
            count = sum(is_final for _, _, _, is_final in found.points[code])
            log(
                "debug",
                "%s on %s to %s: final figures of %d days are known: give",
                code,
                start,
                end,
                count,
            )
    dates = sorted(set().union(*open_days.values()))
    for place in range(0, len(dates), DAYS_AT_ONCE):
        some = dates[place : place + DAYS_AT_ONCE]
        states: list[rules.State] = []
        for known in (yield from load_days(some, to_judge(codes))):
            wanted = [code for code in codes if known.date in open_days[code]]
            _look_at(known, wanted, now, found, newcomers, refresh=refresh, at_once=at_once)
            if logs and is_debugging():
                states += [
                    rules.State(code, known, now, newcomers, alone=False, at_once=at_once)
                    for code in wanted
                ]
        rules.log_verdicts(states)
    found.drop_withdrawn()
    return found


def to_judge(codes: "Collection[str]") -> "frozenset[str] | None":
    """Return the codes to load of a day to judge some, `None` for all.

    Of a code that the daily feed alone has, its silence says less where the day has other rates.
    """
    return frozenset(codes) if all(export_id(code) is not None for code in codes) else None


def _days_without(
    points: "Sequence[Entry]",
    start: "date",
    end: "date",
    days_of: "Callable[[date, date], frozenset[date]]",
) -> "frozenset[date]":
    if start > end:
        return frozenset()
    final = [day for day, _, _, is_final in points if is_final]
    if len(final) == (end - start).days + 1 and start <= final[0] and final[-1] <= end:
        return frozenset()
    return days_of(start, end).difference(final)


def _look_at(
    known: Day,
    wanted: "list[str]",
    now: "datetime",
    found: Survey,
    newcomers: "Mapping[str, date]",
    *,
    refresh: bool,
    at_once: bool,
) -> None:
    known = Day(known.date, known.figures) if refresh else known

    def judge(code: str) -> "tuple[Verdict, Feed | None]":
        state = rules.State(code, known, now, newcomers, alone=False, at_once=at_once)
        answer = rules.judged(state)
        if refresh and answer not in rules.NEVER:
            answer = "ask"
        return answer, state.feed_to_ask() if answer == "ask" else None

    feeds: dict[str, Feed] = {}
    for code, (answer, feed) in _each_judged(known, wanted, judge).items():
        if feed is not None:
            feeds[code] = feed
        elif answer in ("lacking", "ask") and code in known.figures:
            found.stale.append((known, code))
        elif answer == "none_published" and code in known.figures:
            found.withdrawn.add((code, known.date))
        elif answer in (*rules.NEVER, "refused", "lacking", "ask"):
            found.withheld.append((known, code, "lacking" if answer == "ask" else answer))
    if feeds:
        found.gaps.append(Gap(known, feeds))


def _each_judged(
    known: Day, codes: "Sequence[str]", judge: "Callable[[str], T]"
) -> "Mapping[str, T]":
    """Return a judgement of each code, made once where nothing tells one code from another.

    Codes of which nothing is known on a day differ in whether the export can be asked for them,
    and in nothing else, where no sheet of the day came. Most of a long range is such.
    """
    if known.listings or known.complete:
        return {code: judge(code) for code in codes}
    apart = {*known.figures, *known.blanks, *known.absent, *known.refused}.intersection(codes)
    result = {code: judge(code) for code in apart}
    for alike in _kinds(tuple([code for code in codes if code not in apart])):
        result.update(dict.fromkeys(alike, judge(alike[0])))
    return {code: result[code] for code in codes}


@lru_cache(maxsize=64)
def _kinds(codes: "tuple[str, ...]") -> "list[list[str]]":
    """Return codes parted into those that the export can be asked for, and the others."""
    kinds: dict[bool, list[str]] = {}
    for code in codes:
        kinds.setdefault(export_id(code) is None, []).append(code)
    return list(kinds.values())


def is_open(terms: "Terms", question: Question) -> "Steps[bool]":
    """Whether the range export may still have anything that a question wants."""
    if question.is_single:
        known, now = (yield from load(question.start)), terms.clock()
        states = [rules.State(code, known, now, {}, alone=True) for code in question.codes]
        return any(
            state.is_open("export") and not (state.figure is not None and state.figure.final)
            for state in states
        )
    # a question begins on an open day: mostly that one tells, and years need not be looked at
    for end in (question.start, question.end):
        left = yield from survey(terms, question.codes, question.start, end)
        if any(gap.exportable for gap in left.gaps):
            return True
    return False


def is_sheet_open(known: Day, now: "datetime") -> "tuple[bool, bool]":
    """Return whether the daily feed, and whether the export, may have more of a whole day."""
    if rules.is_settled(known, now):
        return False, False
    states = [rules.State(code, known, now, {}, alone=True) for code in export_codes_on(known.date)]
    lacking = [state for state in states if rules.judged(state) == "ask"]
    return rules.daily_is_open(known, now), any(state.is_open("export") for state in lacking)


def divide(terms: "Terms", gaps: "Sequence[Gap]") -> "Steps[tuple[list[Question], list[date]]]":
    """Return what to ask the range export, and which days to ask the daily feed for.

    The export is asked in as few questions as its limit of years allows; what it is to tell of
    the last days, because a sheet lacks it, is asked for apart from the rest.
    """
    for_export = [gap for gap in gaps if gap.exportable]
    limit = rules.export_end(terms.today())
    questions = yield from _questions(terms, [gap for gap in for_export if gap.date <= limit])
    questions += yield from _questions(terms, [gap for gap in for_export if gap.date > limit])
    return questions, [gap.date for gap in gaps if gap.daily]


def _questions(terms: "Terms", gaps: "Sequence[Gap]") -> "Steps[list[Question]]":
    questions: list[Question] = []
    rest = list(gaps)
    while rest:
        limit = last_of_question(rest[0].date, rest[-1].date)
        within = [gap for gap in rest if gap.date <= limit]
        codes = set().union(*(gap.exportable for gap in within))
        question = yield from question_of_range(terms, codes, within[0].date, within[-1].date)
        questions.append(question)
        rest = rest[len(within) :]
    return questions


def young_drafts(terms: "Terms", code: str, drafts: "list[Entry]") -> "Steps[list[Entry]]":
    """Return of the drafts on record those that would be given now."""
    verdicts = yield from _verdicts(terms, code, [draft[0] for draft in drafts])
    return [draft for draft in drafts if verdicts[draft[0]] == "give"]


def load_known(terms: "Terms", code: str, start: "date", end: "date") -> "Steps[list[Entry]]":
    """Load what is on record of a code, by day, nobody asked; a draft as long as it is given."""
    entries = yield from load_series(code, start, end)
    drafts = [entry for entry in entries if not entry[3]]
    young = (yield from young_drafts(terms, code, drafts)) if drafts else []
    return [entry for entry in entries if entry[3] or entry in young]


def silent_days(terms: "Terms", code: str, days: "list[date]") -> "Steps[list[date]]":
    """Return of some days those of which it is known that the bank published none of a unit."""
    verdicts = yield from _verdicts(terms, code, days)
    return [day for day, answer in verdicts.items() if answer == "none_published"]


def _verdicts(terms: "Terms", code: str, days: "list[date]") -> "Steps[dict[date, Verdict]]":
    verdicts, now = {}, terms.clock()
    newcomers = yield from load_newcomers((code,))
    for place in range(0, len(days), DAYS_AT_ONCE):
        some = yield from load_days(days[place : place + DAYS_AT_ONCE], frozenset((code,)))
        states = [rules.State(code, known, now, newcomers, alone=True) for known in some]
        rules.log_verdicts(states)
        verdicts.update({state.known.date: rules.judged(state) for state in states})
    return verdicts
