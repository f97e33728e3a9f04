"""Asking the feeds: one question for all who wait, retried, checked, and its answer kept.

What a feed printed is fetched and read; a sheet, rows of the export or a witness's word is held
against what is known, and what is believed of it is kept.
"""

from decimal import Decimal

from kzt_rates.arithmetic import EXACT
from kzt_rates.currency import exists_on
from kzt_rates.dates import ONE_DAY, date_in_kazakhstan, each_day
from kzt_rates.errors import BankUnavailable, Blink, FeedError
from kzt_rates.feed import (
    DAILY_STARTS,
    EXPORT_STARTS,
    LATEST_PATH,
    MAX_EXPORT_BYTES,
    daily_path,
    export_id,
    export_path,
)
from kzt_rates.figures import Day, Received
from kzt_rates.log import log
from kzt_rates.plans import (
    Attempt,
    Once,
    Outcome,
    Transient,
    Wait,
    change,
    checks,
    fetch,
    load,
    load_days,
    load_latest,
    load_newcomers,
    once,
)
from kzt_rates.plans.questions import MARGIN_DAYS, is_open, is_sheet_open, question_of_day
from kzt_rates.plans.rules import State, daily_is_open, export_end, is_just_now, is_recent, judged
from kzt_rates.store.merge import replaced, with_rows, with_sheet, with_silence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from datetime import date, datetime

    from kzt_rates.figures import Feed, Figure
    from kzt_rates.plans import BankAnswer, Fetch, Steps, Terms
    from kzt_rates.plans.questions import Question
    from kzt_rates.store.merge import Replaced

    Reader = Callable[[bytes, Received], list[Day]]
    # What a sheet must agree with; it raises `FeedError` where it does not.
    Check = Callable[[Day], None]
    # The final figures known of each day, by code: value and nominal.
    Finals = dict[date, dict[str, tuple[Decimal, int]]]
    Rows = dict[date, Day]


def fetch_daily(terms: "Terms", day: "date", *, refresh: bool = False) -> "Steps[BankAnswer]":
    """Return the daily feed's sheet of a date; no day where it says that it has none."""

    def read(body: bytes, received: "Received") -> "list[Day]":
        from kzt_rates.feed import xml  # here, with lxml: there is something to read

        found = xml.read_daily(body, day, received)
        return [] if found is None else [found]

    return (yield from _fetch(terms, "daily", (day,), daily_path(day), read, refresh=refresh))


def fetch_latest(
    terms: "Terms", *, refresh: bool = False, retry: bool = True
) -> "Steps[BankAnswer]":
    """Return the newest sheet of `rates_all.xml`."""

    def read(body: bytes, received: "Received") -> "list[Day]":
        from kzt_rates.feed import xml

        return [xml.read_latest(body, received)]

    return (yield from _fetch(terms, "latest", (), LATEST_PATH, read, refresh=refresh, retry=retry))


def fetch_export(
    terms: "Terms", codes: "tuple[str, ...]", start: "date", end: "date", *, refresh: bool = False
) -> "Steps[BankAnswer]":
    """Return the export's rows from `start` to `end`, also those without a figure."""

    def read(body: bytes, received: "Received") -> "list[Day]":
        from kzt_rates.feed import export

        return export.read(body, codes, start, end, received)

    key = (codes, start, end)
    path = export_path(codes, start, end)
    return (yield from _fetch(terms, "export", key, path, read, MAX_EXPORT_BYTES, refresh=refresh))


def received(now: "datetime", server_time: "datetime | None") -> "Received":
    """Return when an answer came, and until which date it is final.

    A day has come where our clock and the bank's agree that it has: a fast clock must not make
    tomorrow's draft final. Where the bank does not say its hour, today's figures are drafts.
    """
    today = date_in_kazakhstan(now)
    if server_time is None:
        return Received(now, today - ONE_DAY)
    return Received(now, min(today, date_in_kazakhstan(server_time)))


def _fetch(
    terms: "Terms",
    feed: "Feed",
    key: "tuple[object, ...]",
    path: str,
    read: "Reader",
    max_bytes: "int | None" = None,
    *,
    refresh: bool,
    retry: bool = True,
) -> "Steps[BankAnswer]":
    def understand(body: bytes, server_time: "datetime | None") -> "list[Day]":
        return read(body, received(terms.clock(), server_time))

    def ask() -> "Steps[BankAnswer]":
        answer = yield from fetch(path, understand, max_bytes, refresh=refresh, retry=retry)
        terms.answered[feed] = terms.clock()
        return answer

    answer: BankAnswer = yield Once(("fetch", feed, *key, refresh), ask)
    return answer


MAX_WAIT_SECONDS = 2.0
# A bank that asks for more than this is better asked by the caller, later.
MAX_RETRY_AFTER_SECONDS = 10.0
# The first wait is at most this long, each further one at most twice the one before.
FIRST_WAIT_SECONDS = 0.2


def fetch_with_retries(question: "Fetch", retries: int) -> "Steps[BankAnswer]":
    """Ask the bank, and up to `retries` times again where the failure may pass."""
    attempt = 1
    while True:
        try:
            answer: BankAnswer = yield Attempt(question)
        except (Transient, Blink) as error:
            seconds = _wait_before_next(error, attempt)
            if attempt > retries or seconds is None:
                raise _final(error, attempt) from error.__cause__
            failure = error.args[0]  # the line of the request has the address
        else:
            return answer
        log("info", "attempt %d failed, the next in %.1f s: %s", attempt, seconds, failure)
        yield Wait(seconds)
        attempt += 1


def _wait_before_next(error: "Transient | Blink", attempt: int) -> "float | None":
    """Return the seconds until the next attempt; `None` where the bank wants too many."""
    if isinstance(error, Transient) and error.wait is not None:
        return error.wait if error.wait <= MAX_RETRY_AFTER_SECONDS else None
    from random import (
        random,  # here, because random takes long to import and few answers need a retry
    )

    # a random part of the whole, so that those who failed together do not come back together
    longest: float = min(MAX_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2 ** (attempt - 1))
    return random() * longest  # noqa: S311  # nothing secret


def _final(error: "Transient | Blink", attempts: int) -> "BankUnavailable | FeedError":
    """Return the public error of the last attempt, with the number of attempts."""
    message = error.args[0] if attempts < 2 else f"{error.args[0]} ({attempts} attempts)"
    if isinstance(error, Transient):
        return BankUnavailable(message, url=error.url, status=error.status)
    return FeedError(message, url=error.url, excerpt=error.excerpt)


def ask_daily(
    terms: "Terms",
    day: "date",
    *,
    refresh: bool,
    at_once: bool = False,
    check: "Check | None" = None,
) -> "Steps[Outcome]":
    """Bring the daily feed's sheet of a day, nothing where it has none.

    `at_once`: it is asked, though it was. `check` takes the place of the check that its changes
    lead back to the day before.
    """

    def ask() -> "Steps[Outcome]":
        known, now = (yield from load(day)), terms.clock()
        if not refresh and not daily_is_open(known, now, at_once=at_once):
            # somebody else has asked while this question waited for its turn
            return Outcome([], asked=False)
        try:
            answer = yield from fetch_daily(terms, day, refresh=refresh)
        except (BankUnavailable, FeedError) as error:
            terms.leave_alone("daily", error)
            raise
        if not answer.days:
            now, recent = terms.clock(), is_recent(day, terms.today())
            yield from change(
                [day], lambda known: [with_silence(known[0], "daily", now, takes_back=recent)]
            )
            return Outcome([], asked=True)
        return (yield from _receive(terms, answer, "daily", check, refresh=refresh))

    return (yield from once(("daily", day), ask, refresh=refresh))


def ask_latest(terms: "Terms", *, refresh: bool, follow: bool = False) -> "Steps[Day]":
    """Return the newest sheet the bank has published.

    `follow`: it is asked for again soon, whatever becomes of this time; and where it differs
    from a final figure that is known, the bank may have corrected that.
    """

    def ask() -> "Steps[Outcome]":
        if not refresh:
            known = yield from known_latest(terms)
            if known is not None:
                return Outcome([known], asked=False)
        try:
            answer = yield from fetch_latest(terms, refresh=refresh or follow, retry=not follow)
        except (BankUnavailable, FeedError) as error:
            terms.leave_alone("latest", error)
            raise
        anew = refresh
        if follow:
            (sheet,) = answer.days
            known = yield from load(sheet.date)
            if _is_repeated(sheet, known) and is_recent(sheet.date, terms.today()):
                same = sheet.replace(complete=True)
                known, new = yield from _keep_sheet(terms, same, "latest", refresh=False)
                return Outcome([known], asked=True, new=new)
            anew = anew or (yield from _corrects(terms, sheet, known))
        return (yield from _receive(terms, answer, "latest", None, refresh=anew))

    outcome = yield from once(("latest", None), ask, refresh=refresh)
    return outcome.days[0]


def _is_repeated(sheet: "Day", known: "Day") -> bool:
    """Whether a sheet is the one that is known whole: it was believed, and needs no other look."""
    return (
        known.complete
        and known.final == sheet.final
        and known.figures.keys() >= sheet.figures.keys()
        and all(
            figure.same_as(known.figures[code])
            and figure.final == known.figures[code].final
            and figure.change == known.figures[code].change
            for code, figure in sheet.figures.items()
        )
    )


def _corrects(terms: "Terms", sheet: "Day", known: "Day") -> "Steps[bool]":
    """Whether a newest sheet corrects final figures of its day, and the daily feed agrees.

    One feed alone takes no final figure back: it may be garbled, or a copy that lags behind.
    The daily feed is asked for the same correction after twice as long each time.
    """
    others = {
        code: sheet.figures[code]
        for code, figure in known.figures.items()
        if figure.final and code in sheet.figures and not figure.same_as(sheet.figures[code])
    }
    if not others:
        return False
    said_now = frozenset((code, other.value, other.nominal) for code, other in others.items())
    doubt, now = (sheet.date, said_now), terms.clock()
    before, first, last = terms.doubted or (None, now, now)
    if before != doubt:
        first = now
    elif abs(now - last) < last - first:
        return False
    terms.doubted = doubt, first, now
    try:
        answer = yield from fetch_daily(terms, sheet.date, refresh=True)
    except (BankUnavailable, FeedError) as error:
        terms.note_failure("daily", error)
        log("info", "what rates_all.xml corrects on %s is not confirmed: %s", sheet.date, error)
        return False
    said = answer.days[0].figures if answer.days else {}
    doubtful = [code for code in others if not (code in said and said[code].same_as(others[code]))]
    if doubtful:
        codes = ", ".join(sorted(doubtful))
        log("info", "what rates_all.xml corrects on %s (%s) is not confirmed by the daily feed",
            sheet.date, codes)  # fmt: skip
    return not doubtful


def known_latest(terms: "Terms") -> "Steps[Day | None]":
    """Return the last latest sheet where it is young enough not to be asked for."""
    seen = yield from load_latest()
    if seen is None or not is_just_now(seen[1], terms.clock()):
        return None
    known = yield from load(seen[0], details=True)
    return known if known.figures else None


def _receive(
    terms: "Terms", answer: "BankAnswer", feed: "Feed", check: "Check | None", *, refresh: bool
) -> "Steps[Outcome]":
    """Check an answer and keep it, whole or not at all."""
    (sheet,), now = answer.days, terms.clock()
    came = frozenset(sheet.figures)
    try:
        if feed == "latest":
            checks.refuse_date_of_latest(sheet, answer, now)
        yield from checks.refuse_another_time(sheet)
        known = yield from load(sheet.date)
        is_old = not is_recent(sheet.date, date_in_kazakhstan(now))
        checks.refuse_contradicted(sheet, known, feed)
        if is_old:
            sheet = checks.hold_against_known(sheet, known)
        checks.refuse_contradicted_by_next_day(sheet, (yield from load(sheet.date + ONE_DAY)))
        before = yield from load(sheet.date - ONE_DAY)
        agreed = checks.agreements(sheet, before)
        if check is not None:
            check(sheet)
        elif checks.contradicts(agreed):
            yield from _ask_again_for_day_before(terms, sheet, may_ask=not is_old)
            agreed = checks.agreements(sheet, (yield from load(sheet.date - ONE_DAY)))
            # who asked for that day meanwhile did not ask for this check
            if checks.contradicts(agreed):
                raise FeedError(
                    f"the changes of {sheet.date} contradict the rates of {before.date}"
                )
    except FeedError as error:
        error.url, error.excerpt = error.url or answer.url, error.excerpt or answer.excerpt
        log("warning", "refused an answer: %s", error)
        terms.note_failure(feed, error)
        raise
    near = yield from checks.neighbours_of(sheet)
    sheet = checks.refuse_alone(sheet, checks.impossible_nominals(sheet, near))
    strange = checks.strange_figures(sheet, known, near, agreed)
    if strange:
        sheet = checks.refuse_alone(sheet, (yield from _unconfirmed(terms, sheet, feed, strange)))
    checks.note_unknown_codes(sheet, terms.noted_codes)
    expected = yield from checks.expected_on(sheet.date)
    others = [listing.codes for name, listing in known.listings.items() if name != feed]
    sheet = sheet.replace(complete=checks.is_complete(came, expected, others))
    merged, new = yield from _keep_sheet(terms, sheet, feed, refresh=refresh)
    if not sheet.figures:
        code, refusal = next(iter(sheet.refused.items()))
        raise FeedError(
            f"no figure of the bank's sheet of {sheet.date} is believed; {code}: {refusal.reason}",
            url=answer.url,
            excerpt=answer.excerpt,
        )
    if feed == "daily":  # just what the bank says now; the newest sheet is all that is known
        merged = merged.replace(figures={code: merged.figures[code] for code in sheet.figures})
    return Outcome([merged], asked=True, new=new)


def _keep_sheet(
    terms: "Terms", sheet: "Day", feed: "Feed", *, refresh: bool
) -> "Steps[tuple[Day, dict[date, int]]]":
    if refresh:
        fresh = {code: figure.replace(refreshed=True) for code, figure in sheet.figures.items()}
        sheet = sheet.replace(figures=fresh)
    changes: list[Replaced] = []
    new: dict[date, int] = {}

    def decide(days: "list[Day]") -> "list[Day]":
        merged = with_sheet(days[0], sheet, feed, refresh=refresh)
        changes[:] = replaced(days[0], merged)
        _count_new(new, days, [merged])
        return [merged]

    (merged,) = yield from change([sheet.date], decide)
    if changes:
        terms.corrected()
    for code, old, figure in changes:
        checks.log_replaced(sheet.date, code, old, figure)
    return merged, new


def _count_new(new: "dict[date, int]", known: "list[Day]", merged: "list[Day]") -> None:
    """Count by date the figures that were not known before, or not for certain."""
    new.clear()
    for before, after in zip(known, merged, strict=True):
        count = 0
        for code, figure in after.figures.items():
            old = before.figures.get(code)
            if old is None or not figure.same_as(old) or (figure.final and not old.final):
                count += 1
        if count:
            new[after.date] = count


def _ask_again_for_day_before(terms: "Terms", sheet: "Day", *, may_ask: bool) -> "Steps[None]":
    """Refuse a sheet whose changes lead elsewhere, unless the day before comes out differently.

    One of the two days is wrong: the one before is asked for again, and believed if it agrees.
    """
    before = sheet.date - ONE_DAY
    refusal = FeedError(f"the changes of {sheet.date} contradict the rates of {before}")
    if not may_ask or before < DAILY_STARTS:
        raise refusal
    log("warning", "the changes of %s contradict %s, asking for that again", sheet.date, before)

    def must_agree(again: "Day") -> None:
        agreed = checks.agreements(sheet, again)
        if not agreed or checks.contradicts(agreed) or 2 * sum(agreed.values()) < len(agreed):
            raise refusal

    try:
        outcome = yield from ask_daily(terms, before, refresh=True, check=must_agree)
    except (BankUnavailable, FeedError) as error:
        raise refusal from (None if error is refusal else error)
    if not outcome.days:
        raise refusal


def ask_export(
    terms: "Terms", question: "Question", *, refresh: bool, at_once: bool = False
) -> "Steps[Outcome]":
    """Return the days that the answer changed, each with just what the answer said of it.

    A final figure is not replaced unless by a refresh. A blank cell is the export's word that
    there is none, a row that is not there is no word. `at_once`: it is asked, though it was.
    """

    def ask() -> "Steps[Outcome]":
        if not (refresh or at_once) and not (yield from is_open(terms, question)):
            # somebody else has asked while this question waited for its turn
            known = (yield from load_days((question.start,))) if question.is_single else []
            return Outcome(known, asked=False)
        return (yield from _ask_export(terms, question, refresh=refresh))

    # a refresh shares no question with those who leave out what is final
    return (yield from once(("export", (*question.key(), refresh)), ask, refresh=refresh))


def _ask_export(terms: "Terms", question: "Question", *, refresh: bool) -> "Steps[Outcome]":
    try:
        question, answer = yield from _answered(terms, question, refresh=refresh)
        finals = yield from checks.finals_of(question)
        checks.refuse_contradicted_export(answer, question, finals, refresh=refresh)
        yield from checks.refuse_todays_rates(terms, answer)
        rows, requests = {row.date: row for row in answer.days}, 1
        missing = checks.days_without_row(question, rows)
        days_off: frozenset[date] = frozenset()
        if missing and question.is_single:
            days_off = yield from checks.days_off(question, rows)
        elif missing:
            requests += 1
            rows, days_off = yield from _completed(
                terms, question, rows, missing, finals, refresh=refresh
            )
    except (BankUnavailable, FeedError) as error:
        terms.leave_alone("export", error)
        raise
    now = terms.clock()
    days: list[Day] = []
    contradictions: list[str] = []
    for on in each_day(question.first, question.last):
        day = _day_of(on, rows.get(on), question, now, days_off)
        if day is None:
            continue
        if not refresh or not question.start <= on <= question.end:
            day, differing = _without_known(day, finals.get(on, {}))
            contradictions += differing
        else:
            fresh = {code: f.replace(refreshed=True) for code, f in day.figures.items()}
            day = day.replace(figures=fresh)
        if day.figures or day.blanks or day.absent or day.refused:
            days.append(day)
    if contradictions:
        log(
            "warning",
            "%s contradicts %d figures that are known and stay, first: %s",
            answer.url, len(contradictions), contradictions[0],
        )  # fmt: skip
    new = yield from _keep_rows(terms, days, question, refresh=refresh)
    return Outcome(days, asked=True, requests=requests, new=new)


def _answered(
    terms: "Terms", question: "Question", *, refresh: bool
) -> "Steps[tuple[Question, BankAnswer]]":
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


def _completed(
    terms: "Terms",
    question: "Question",
    rows: "Rows",
    missing: "Sequence[date]",
    finals: "Finals",
    *,
    refresh: bool,
) -> "Steps[tuple[Rows, frozenset[date]]]":
    """Ask once more for the rows that are not there; return all rows, and the days off.

    Only what is absent twice can be a day off: where asking is in vain, there is none.
    """
    log(
        "warning",
        "the export of %s to %s lacks %d rows, asking for %s to %s again",
        question.first, question.last, len(missing), missing[0], missing[-1],
    )  # fmt: skip
    try:
        # with rows on both sides that the first answer has, too, so that the two can be compared;
        # no answer of before may do: it may be that one which broke off
        first = max(question.first, missing[0] - MARGIN_DAYS * ONE_DAY)
        last = min(question.last, missing[-1] + MARGIN_DAYS * ONE_DAY)
        answer = yield from fetch_export(terms, question.codes, first, last, refresh=True)
        checks.refuse_contradicted_export(answer, question, finals, refresh=refresh)
        yield from checks.refuse_todays_rates(terms, answer)
    except (BankUnavailable, FeedError) as error:
        log("warning", "the rows that are not there stay unknown: %s", error)
        return rows, frozenset()
    again = {row.date: row for row in answer.days}
    checks.refuse_two_answers(rows, again, answer)
    rows = {**again, **rows}
    return rows, (yield from checks.days_off(question, rows))


def _day_of(
    on: "date",
    row: "Day | None",
    question: "Question",
    now: "datetime",
    days_off: "frozenset[date]",
) -> "Day | None":
    """Return a day with the marks of what it lacks; `None` for a margin without a row."""
    if row is not None:
        lacking = [
            code
            for code in question.codes
            if code not in row.figures and code not in row.refused and exists_on(code, on)
        ]
        return row.replace(blanks=dict.fromkeys(lacking, now)) if lacking else row
    if not question.start <= on <= question.end:
        return None
    marks = {code: now for code in question.codes if exists_on(code, on)}
    return Day(on, blanks=marks) if on in days_off else Day(on, absent=marks)


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


def _keep_rows(
    terms: "Terms", days: "list[Day]", question: "Question", *, refresh: bool
) -> "Steps[dict[date, int]]":
    changes: list[tuple[date, Replaced]] = []
    new: dict[date, int] = {}
    if not days:
        return new

    def decide(known: "list[Day]") -> "list[Day]":
        merged = [
            with_rows(before, row, refresh=refresh and question.start <= row.date <= question.end)
            for before, row in zip(known, days, strict=True)
        ]
        changes[:] = [
            (after.date, change)
            for before, after in zip(known, merged, strict=True)
            for change in replaced(before, after)
        ]
        _count_new(new, known, merged)
        return merged

    yield from change([day.date for day in days], decide)
    if changes:
        terms.corrected()
    for day, (code, old, figure) in changes:
        checks.log_replaced(day, code, old, figure)
    return new


# The recent days are the daily feed's, the old ones the export's; the other one stands in.
_ORDER_OF_RECENT: "tuple[Feed, ...]" = ("daily", "export")
_ORDER_OF_OLD: "tuple[Feed, ...]" = ("export", "daily")


class Brought:
    """What asking about a day brought: codes with an answer of now, and what went wrong last."""

    __slots__ = ("codes", "error")

    def __init__(self) -> None:
        self.codes: set[str] = set()
        self.error: BankUnavailable | FeedError | None = None


def ask_for_figures(
    terms: "Terms", known: "Day", codes: "frozenset[str]", *, alone: bool, refresh: bool
) -> "Steps[Brought]":
    """Ask about some codes of a day, by what is known of it; with `refresh` whatever that is.

    A thousand tasks may wait for one answer: only after it is known looked up and judged again.
    """
    day, brought = known.date, Brought()
    newcomers = yield from load_newcomers(codes)
    asked = False
    for feed in _order(terms, day, alone=alone):
        lacking = codes - brought.codes
        if not lacking:
            break
        if asked:
            known = yield from load(day)
        now = terms.clock()
        if refresh:
            known = known.replace(
                figures={}, refused={}, silences={}, blanks={}, absent={}, listings=known.listings
            )
        states = [State(code, known, now, newcomers, alone=alone) for code in lacking]
        if asked and not refresh:
            states = [state for state in states if judged(state) == "ask"]
        asked = bool(states) and _is_worth_asking(terms, feed, states, brought, refresh=refresh)
        if asked:
            yield from _ask_feed(terms, feed, day, brought, refresh=refresh)
    return brought


def ask_for_sheet(terms: "Terms", day: "date", *, refresh: bool) -> "Steps[Brought]":
    """Ask about all codes of a day: of an old one both feeds, for the daily one has the names."""
    brought = Brought()
    for feed in _order(terms, day, alone=True):
        known, now = (yield from load(day)), terms.clock()
        daily_open, export_open = is_sheet_open(known, now)
        if feed == "daily":
            wanted = day >= DAILY_STARTS and (refresh or daily_open)
        else:
            within = EXPORT_STARTS <= day <= export_end(terms.today())
            wanted = within and ((refresh and not brought.codes) or export_open)
            wanted = wanted and not (terms.is_left_alone("export") and known.listings)
        if wanted:
            yield from _ask_feed(terms, feed, day, brought, refresh=refresh)
    known = yield from load(day)
    if day >= terms.today() and brought.codes and not known.complete:
        # a second feed with the same codes makes a sheet complete, whatever is expected
        try:
            yield from ask_latest(terms, refresh=False)
        except (BankUnavailable, FeedError) as error:
            terms.leave_alone("latest", error)
    return brought


def _order(terms: "Terms", day: "date", *, alone: bool) -> "tuple[Feed, ...]":
    if is_recent(day, terms.today()):
        return _ORDER_OF_RECENT
    # while the export is left alone, the daily feed answers in its place where it can
    stands_in = alone and day >= DAILY_STARTS and terms.is_left_alone("export")
    return _ORDER_OF_RECENT if stands_in else _ORDER_OF_OLD


def _is_worth_asking(
    terms: "Terms", feed: "Feed", states: "list[State]", brought: Brought, *, refresh: bool
) -> bool:
    """Whether a feed is the next to ask for one of some codes."""
    if feed == "daily":
        return _is_daily_worth_asking(terms, states, brought, refresh=refresh)
    day, today = states[0].known.date, terms.today()
    has_id = any(export_id(state.code) is not None for state in states)
    if not has_id or day < EXPORT_STARTS or not any(state.is_open("export") for state in states):
        return False
    if is_recent(day, today):
        lacks = any(state.sheet_lacks_it() for state in states) and day <= today
        if lacks and terms.is_left_alone("export"):
            return False
        return day <= export_end(today) or lacks
    return True


def _is_daily_worth_asking(
    terms: "Terms", states: "list[State]", brought: Brought, *, refresh: bool
) -> bool:
    known, now, alone = states[0].known, states[0].now, states[0].alone
    if known.date < DAILY_STARTS or not (refresh or daily_is_open(known, now)):
        return False
    if is_recent(known.date, terms.today()):
        return True
    if any(state.feed_to_ask() == "daily" for state in states):
        return True
    # of an old day that is the only one wanted it stands in for the export
    return alone and (refresh or brought.error is not None or terms.is_left_alone("export"))


def _ask_feed(
    terms: "Terms", feed: "Feed", day: "date", brought: Brought, *, refresh: bool
) -> "Steps[None]":
    try:
        if feed == "daily":
            outcome = yield from ask_daily(terms, day, refresh=refresh)
        else:
            question = question_of_day(day, terms.today())
            outcome = yield from ask_export(terms, question, refresh=refresh)
    except (BankUnavailable, FeedError) as error:
        brought.error = error
        return
    for known in outcome.days:
        if known.date == day:
            brought.codes.update(known.figures)


_NAMES = {"daily": "the daily feed", "latest": "rates_all.xml", "export": "the range export"}


def _unconfirmed(
    terms: "Terms", day: "Day", feed: "Feed", strange: "Mapping[str, str]"
) -> "Steps[dict[str, str]]":
    """Return the figures that no witness confirms, each with the reason to refuse it.

    What is on record of another feed is a witness without a question; then one feed after the
    other is asked, once for all strange codes. A witness is fetched and read, and never judged in
    turn: it asks for no witness of its own, so that two feeds cannot wait for one another.
    """
    said: dict[str, list[str]] = {code: [] for code in strange}
    open_codes = set(strange)
    known = [(yield from load(day.date, frozenset(strange)))]
    known.append((yield from load(day.date + ONE_DAY, frozenset(strange))))
    own = {code: f for code, f in known[0].figures.items() if f.feed != feed}
    next_day = {code: f for code, f in known[1].figures.items() if f.feed != feed}
    for figures, of_next_day in ((own, False), (next_day, True)):
        open_codes -= _confirmed(day, figures, open_codes, said, "", of_next_day=of_next_day)
    for witness in _witnesses(terms, day.date, feed, open_codes) if open_codes else ():
        if not open_codes:
            break
        try:
            answered = yield from _ask_witness(terms, witness, day.date, open_codes)
        except (BankUnavailable, FeedError) as error:
            terms.leave_alone(witness, error)
            log("info", "%s cannot tell of %s: %s", _NAMES[witness], day.date, error)
            continue
        for found in answered:
            if found.date in (day.date, day.date + ONE_DAY):
                open_codes -= _confirmed(
                    day, found.figures, open_codes, said, _NAMES[witness],
                    of_next_day=found.date != day.date,
                )  # fmt: skip
    for code in sorted(strange.keys() - open_codes):
        log("info", "the figure of %s for %s is strange and confirmed", code, day.date)
    return {
        code: _reason(day.figures[code], strange[code], said[code]) for code in sorted(open_codes)
    }


def _witnesses(
    terms: "Terms", day: "date", feed: "Feed", codes: "Collection[str]"
) -> "Iterable[Feed]":
    """Return the feeds that may have a day, the likeliest first."""
    today = terms.today()
    feeds: list[Feed] = []
    if feed != "latest" and day >= today - ONE_DAY:  # it has the newest day, maybe tomorrow
        feeds.append("latest")
    if feed != "daily" and day >= DAILY_STARTS:
        feeds.append("daily")
    if day <= today and any(export_id(code) is not None for code in codes):
        feeds.append("export")
    return [name for name in feeds if not terms.is_left_alone(name)]


def _ask_witness(
    terms: "Terms", witness: "Feed", day: "date", codes: "Collection[str]"
) -> "Steps[list[Day]]":
    if witness == "latest":
        answer = yield from fetch_latest(terms)
    elif witness == "daily":
        answer = yield from fetch_daily(terms, day)
    else:
        asked = sorted(code for code in codes if export_id(code) is not None)
        answer = yield from fetch_export(terms, tuple(asked), day, day)
    return answer.days


def _confirmed(
    day: "Day",
    figures: "Mapping[str, Figure]",
    codes: "Collection[str]",
    said: "Mapping[str, list[str]]",
    name: str,
    *,
    of_next_day: bool,
) -> "set[str]":
    """Return the codes that a witness confirms, and note what it says of the others."""
    confirmed = set()
    for code in codes:
        figure, theirs = day.figures[code], figures.get(code)
        if theirs is None or (of_next_day and not theirs.change):
            continue
        value = Decimal(theirs.value)
        if of_next_day:
            # the next day's value less its change, which says nothing after a change of nominal
            if theirs.nominal != figure.nominal:
                continue
            value = EXACT.subtract(value, Decimal(theirs.change or 0))
        if (value, theirs.nominal) == (Decimal(figure.value), figure.nominal):
            confirmed.add(code)
        else:
            said[code].append(f"{name or 'another feed'} says {value} per {theirs.nominal}")
    return confirmed


def _reason(figure: "Figure", why: str, said: "list[str]") -> str:
    others = "; ".join(dict.fromkeys(said)) or "no other feed could confirm it"
    return f"{figure.value} per {figure.nominal} is strange, as {why}; {others}"
