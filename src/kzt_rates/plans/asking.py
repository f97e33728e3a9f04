"""Asking the range export: what it says of some codes over some days, checked and remembered."""

from datetime import timedelta
from decimal import Decimal

from kzt_rates.currency import exists_on
from kzt_rates.dates import ONE_DAY, each_day
from kzt_rates.errors import BankUnavailable, FeedError
from kzt_rates.feed import DAILY_STARTS, EXPORT_STARTS
from kzt_rates.figures import Day
from kzt_rates.log import log
from kzt_rates.plans.checks import log_replaced
from kzt_rates.plans.fetch import fetch_export
from kzt_rates.plans.questions import MARGIN_DAYS, is_open
from kzt_rates.plans.rules import is_recent
from kzt_rates.plans.steps import Outcome, change, load_days, load_series, once
from kzt_rates.store.merge import replaced, with_rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from kzt_rates.figures import Entry
    from kzt_rates.plans.questions import Question
    from kzt_rates.plans.steps import Answer, Steps, Terms
    from kzt_rates.store.merge import Replaced

    # The final figures known of each day, by code: value and nominal.
    Finals = dict[date, dict[str, tuple[Decimal, int]]]
    Rows = dict[date, Day]

# Fewer figures than these can differ by a correction.
MIN_CONTRADICTIONS = 3

# So many figures do not repeat those of about today by chance.
MIN_REPEATED = 10
MIN_DIGITS = 3
DAYS_AROUND_TODAY = 3

# Weekends and holidays without rows, as the export of the 1990s may have them.
LONGEST_CALENDAR_GAP_DAYS = 10
LONGEST_GAP_BEFORE_FIRST_ROW_DAYS = 31
WEEKEND = (5, 6)


def learn_export(
    terms: "Terms", question: "Question", *, refresh: bool, at_once: bool = False
) -> "Steps[Outcome]":
    """Bring the days of which something was learned, with just what was learned of them.

    A final figure is not replaced unless by a refresh. A blank cell is the export's word that
    there is none, a row that is not there is no word. `at_once`: it is asked, though it was.
    """

    def ask() -> "Steps[Outcome]":
        if not (refresh or at_once) and not (yield from is_open(terms, question)):
            # somebody else has asked while this question waited for its turn
            known = (yield from load_days((question.start,))) if question.is_single else []
            return Outcome(known, asked=False)
        return (yield from _ask(terms, question, refresh=refresh))

    # a refresh shares no question with those who leave out what is final
    return (yield from once(("export", (*question.key(), refresh)), ask, refresh=refresh))


def _ask(terms: "Terms", question: "Question", *, refresh: bool) -> "Steps[Outcome]":
    try:
        question, answer = yield from _answered(terms, question, refresh=refresh)
        finals = yield from _finals(question)
        _refuse_contradiction(answer, question, finals, refresh=refresh)
        yield from _refuse_todays_rates(terms, answer)
    except (BankUnavailable, FeedError):
        terms.leave_alone("export")
        raise
    rows = {row.date: row for row in answer.days}
    requests, lost = 1, _lost(question, rows)
    calendar: frozenset[date] = frozenset()
    if lost and question.is_single:
        calendar = yield from _calendar(question, rows)
    elif lost:
        requests += 1
        again = yield from _again(terms, question, lost, finals, refresh=refresh)
        if again is not None:  # what is absent again
            _refuse_disagreement(rows, again, answer)
            rows = {**again, **rows}
            calendar = yield from _calendar(question, rows)
    now, changed, stays = terms.clock(), [], []
    for day in each_day(question.first, question.last):
        learned = _learned(day, rows.get(day), question, now, calendar)
        if learned is None:
            continue
        if not refresh or not question.start <= day <= question.end:
            learned, differing = _without_known(learned, finals.get(day, {}))
            stays += differing
        else:
            fresh = {code: f.replace(refreshed=True) for code, f in learned.figures.items()}
            learned = learned.replace(figures=fresh)
        if learned.figures or learned.blanks or learned.absent or learned.refused:
            changed.append(learned)
    if stays:
        log(
            "warning",
            "%s contradicts %d figures that are known and stay, first: %s",
            answer.url, len(stays), stays[0],
        )  # fmt: skip
    days = yield from _remember(terms, changed, question, refresh=refresh)
    return Outcome(days, asked=True, requests=requests)


def _answered(
    terms: "Terms", question: "Question", *, refresh: bool
) -> "Steps[tuple[Question, Answer]]":
    """Return the answer, and the question that it answers.

    A mirror may know a day and not its neighbours: after a 503 the day is asked for alone.
    """
    try:
        answer = yield from fetch_export(
            terms, question.codes, question.first, question.last, refresh=refresh
        )
    except BankUnavailable as error:
        alone = question.without_margins()
        if error.status != 503 or not question.is_single or alone.key() == question.key():
            raise
        log("info", "asking the export for %s alone: %s", question.start, error)
        answer = yield from fetch_export(
            terms, alone.codes, alone.first, alone.last, refresh=refresh
        )
        return alone, answer
    return question, answer


def _again(
    terms: "Terms",
    question: "Question",
    lost: "Sequence[date]",
    finals: "Finals",
    *,
    refresh: bool,
) -> "Steps[Rows | None]":
    """Ask once more for the rows that are not there, whatever the gaps; `None` if in vain."""
    log(
        "warning",
        "the export of %s to %s lacks %d rows, asking for %s to %s again",
        question.first, question.last, len(lost), lost[0], lost[-1],
    )  # fmt: skip
    try:
        # with rows on both sides that the first answer has, too, so that the two can be compared;
        # no answer of before may do: it may be that one which broke off
        first = max(question.first, lost[0] - MARGIN_DAYS * ONE_DAY)
        last = min(question.last, lost[-1] + MARGIN_DAYS * ONE_DAY)
        answer = yield from fetch_export(terms, question.codes, first, last, refresh=True)
        _refuse_contradiction(answer, question, finals, refresh=refresh)
        yield from _refuse_todays_rates(terms, answer)
    except (BankUnavailable, FeedError) as error:
        log("warning", "the rows that are not there stay unknown: %s", error)
        return None
    return {row.date: row for row in answer.days}


def _finals(question: "Question") -> "Steps[Finals]":
    finals: Finals = {}
    for code in question.codes_of_its_days():
        points: Sequence[Entry] = yield from load_series(code, question.first, question.last)
        for day, value, nominal, is_final in points:
            if is_final:
                finals.setdefault(day, {})[code] = (value, nominal)
    return finals


def _refused(answer: "Answer", why: str) -> FeedError:
    """Log that an answer is not believed, and return the error for it."""
    log("warning", "refused the answer of %s: %s", answer.url, why)
    return FeedError(why, url=answer.url, excerpt=answer.excerpt)


def _refuse_contradiction(
    answer: "Answer", question: "Question", finals: "Finals", *, refresh: bool
) -> None:
    """Refuse an answer that contradicts most of what is known for certain: it is of other days.

    A refresh puts the days it asks for into doubt, and not those around them.
    """
    agreed: dict[str, list[bool]] = {}
    for row in answer.days:
        if refresh and question.start <= row.date <= question.end:
            continue
        for code, known in finals.get(row.date, {}).items():
            if (figure := row.figures.get(code)) is not None:
                same = known == (Decimal(figure.value), figure.nominal)
                agreed.setdefault(code, []).append(same)
    everything = [same for column in agreed.values() for same in column]
    # a column under another heading, or of another lot, is one of many that are right
    for compared in (everything, *agreed.values()):
        differing = compared.count(False)
        if differing >= MIN_CONTRADICTIONS and 2 * differing > len(compared):
            raise _refused(
                answer,
                f"the bank's export contradicts {differing} of {len(compared)} figures that are "
                f"known (the export of {question.first} to {question.last})",
            )


def _refuse_disagreement(rows: "Rows", again: "Rows", answer: "Answer") -> None:
    """Refuse two answers to one question that differ where both have figures."""
    agreed: dict[str, list[bool]] = {}
    for day in rows.keys() & again.keys():
        first, second = rows[day], again[day]
        for code in (first.figures.keys() | second.figures.keys()) - first.refused.keys():
            one, another = first.figures.get(code), second.figures.get(code)
            # a blank here and a figure there differ, too
            same = one is not None and another is not None and one.same_as(another)
            agreed.setdefault(code, []).append(same)
    for code, compared in agreed.items():
        if not all(compared):
            raise FeedError(
                f"the bank's export answered twice, and {compared.count(False)} of "
                f"{len(compared)} figures of {code} differ",
                url=answer.url,
                excerpt=answer.excerpt,
            )


def _refuse_todays_rates(terms: "Terms", answer: "Answer") -> "Steps[None]":
    """Refuse rows of old days that all repeat a stored day of about today.

    Figures of fewer digits are left out: they stand still by themselves, as the rial did at 0.4.
    """
    today = terms.today()
    old = [row for row in answer.days if not is_recent(row.date, today)]
    if not old:
        return
    near = [today + offset * ONE_DAY for offset in range(-DAYS_AROUND_TODAY, DAYS_AROUND_TODAY + 1)]
    for stored in (yield from load_days(near)):
        equal = 0
        for row in old:
            for code, figure in stored.figures.items():
                same = row.figures.get(code)
                if same is None or len(same.value.replace(".", "").strip("0")) < MIN_DIGITS:
                    continue
                if not same.same_as(figure):
                    break
                equal += 1
            else:
                continue
            break
        else:
            if equal >= MIN_REPEATED:
                raise _refused(
                    answer,
                    f"the bank answered for {old[0].date} to {old[-1].date} with the rates of "
                    f"{stored.date}",
                )


def _lost(question: "Question", rows: "Rows") -> "list[date]":
    """Return the wanted days without a row."""
    return [day for day in each_day(question.start, question.end) if day not in rows]


def _calendar(question: "Question", rows: "Rows") -> "Steps[frozenset[date]]":
    """Return the days without a row on which the bank set none, by the export's own calendar.

    A short gap between rows is one, where the rows were not there a second time either; it may
    reach into the margins. A question about one day is not asked twice: there a gap is one where
    all Saturdays or all Sundays lack their rows, as in the 1990s they may. A gap in which any
    final figure is known, of whatever code, is none.
    """
    if question.is_single and question.start >= DAILY_STARTS:
        return frozenset()
    found: set[date] = set()
    for gap in _runs(day for day in each_day(question.first, question.last) if day not in rows):
        before, after = gap[0] - ONE_DAY in rows, gap[-1] + ONE_DAY in rows
        limit = LONGEST_CALENDAR_GAP_DAYS
        if gap[0] == EXPORT_STARTS == question.first and not question.is_single:
            before, limit = True, LONGEST_GAP_BEFORE_FIRST_ROW_DAYS
        if before and after and len(gap) <= limit:
            found.update(gap)
    if question.is_single:
        weekday = question.start.weekday()
        if weekday not in WEEKEND:
            return frozenset()
        same = [day for day in each_day(question.first, question.last) if day.weekday() == weekday]
        if len(same) < 2 or any(day in rows for day in same):
            return frozenset()
    known = yield from load_days(sorted(found))
    with_rates = {day.date for day in known if day.has_final()}
    for gap in _runs(sorted(found)):
        if not with_rates.isdisjoint(gap):
            found.difference_update(gap)
    return frozenset(found.intersection(_lost(question, rows)))


def _runs(days: "Iterable[date]") -> "list[list[date]]":
    """Return days as runs of consecutive ones."""
    runs: list[list[date]] = []
    for day in days:
        if runs and day - runs[-1][-1] == timedelta(days=1):
            runs[-1].append(day)
        else:
            runs.append([day])
    return runs


def _learned(
    day: "date",
    row: "Day | None",
    question: "Question",
    now: "datetime",
    calendar: "frozenset[date]",
) -> "Day | None":
    """Return a day with the marks of what it lacks; `None` for a margin without a row."""
    if row is not None:
        lacking = [
            code
            for code in question.codes
            if code not in row.figures and code not in row.refused and exists_on(code, day)
        ]
        return row.replace(blanks=dict.fromkeys(lacking, now)) if lacking else row
    if not question.start <= day <= question.end:
        return None
    marks = {code: now for code in question.codes if exists_on(code, day)}
    if day in calendar:
        return Day(day, blanks=marks)
    return Day(day, absent=marks)


def _without_known(day: Day, known: "dict[str, tuple[Decimal, int]]") -> "tuple[Day, list[str]]":
    """Leave out what is known for certain; return where it is known otherwise."""
    if not known:
        return day, []
    contradictions = [
        f"{code} on {day.date}, {figure.value} per {figure.nominal} instead of {value} per {per}"
        for code, (value, per) in known.items()
        if (figure := day.figures.get(code)) is not None
        and (value, per) != (Decimal(figure.value), figure.nominal)
    ]
    return day.replace(
        figures={code: figure for code, figure in day.figures.items() if code not in known},
        blanks={code: at for code, at in day.blanks.items() if code not in known},
        absent={code: at for code, at in day.absent.items() if code not in known},
    ), contradictions


def _remember(
    terms: "Terms", learned: "list[Day]", question: "Question", *, refresh: bool
) -> "Steps[list[Day]]":
    if not learned:
        return []
    changes: list[tuple[date, Replaced]] = []

    def decide(known: "list[Day]") -> "list[Day]":
        merged = [
            with_rows(before, row, refresh=refresh and question.start <= row.date <= question.end)
            for before, row in zip(known, learned, strict=True)
        ]
        changes[:] = [
            (after.date, change)
            for before, after in zip(known, merged, strict=True)
            for change in replaced(before, after)
        ]
        return merged

    yield from change([day.date for day in learned], decide)
    if changes:
        terms.corrected()
    for day, (code, old, new) in changes:
        log_replaced(day, code, old, new)
    return learned
