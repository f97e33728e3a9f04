"""Asking for sheets: one question for everybody who waits, checked and remembered."""

from kzt_rates.dates import ONE_DAY, date_in_kazakhstan
from kzt_rates.errors import BankUnavailable, FeedError
from kzt_rates.feed import DAILY_STARTS
from kzt_rates.log import log
from kzt_rates.plans.checks import (
    agreements,
    contradicts,
    expected_on,
    hold_against_known,
    impossible_nominals,
    is_complete,
    log_replaced,
    neighbours_of,
    note_unknown_codes,
    refuse_alone,
    refuse_another_time,
    refuse_contradicted,
    refuse_contradicted_by_next_day,
    refuse_date_of_latest,
    strange_figures,
)
from kzt_rates.plans.fetch import fetch_daily, fetch_latest
from kzt_rates.plans.rules import daily_is_open, is_recent, is_young
from kzt_rates.plans.steps import Outcome, change, load, load_latest, once
from kzt_rates.plans.witnesses import unconfirmed
from kzt_rates.store.merge import replaced, with_sheet, with_silence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from kzt_rates.figures import Day, Feed
    from kzt_rates.plans.steps import Answer, Steps, Terms
    from kzt_rates.store.merge import Replaced

    # What a sheet must agree with; it raises `FeedError` where it does not.
    Check = Callable[[Day], None]


def learn_daily(
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
        except (BankUnavailable, FeedError):
            terms.leave_alone("daily")
            raise
        if not answer.days:
            now, recent = terms.clock(), is_recent(day, terms.today())
            yield from change(
                [day], lambda known: [with_silence(known[0], "daily", now, takes_back=recent)]
            )
            return Outcome([], asked=True)
        return (yield from _receive(terms, answer, "daily", check, refresh=refresh))

    return (yield from once(("daily", day), ask, refresh=refresh))


def learn_latest(terms: "Terms", *, refresh: bool) -> "Steps[Day]":
    """Return the newest sheet the bank has published."""

    def ask() -> "Steps[Outcome]":
        if not refresh:
            known = yield from known_latest(terms)
            if known is not None:
                return Outcome([known], asked=False)
        try:
            answer = yield from fetch_latest(terms, refresh=refresh)
        except (BankUnavailable, FeedError):
            terms.leave_alone("latest")
            raise
        return (yield from _receive(terms, answer, "latest", None, refresh=refresh))

    outcome = yield from once(("latest", None), ask, refresh=refresh)
    return outcome.days[0]


def known_latest(terms: "Terms") -> "Steps[Day | None]":
    """Return the last latest sheet where it is young enough not to be asked for."""
    seen = yield from load_latest()
    if seen is None or not is_young(seen[1], terms.clock()):
        return None
    known = yield from load(seen[0])
    return known if known.figures else None


def _receive(
    terms: "Terms", answer: "Answer", feed: "Feed", check: "Check | None", *, refresh: bool
) -> "Steps[Outcome]":
    """Check an answer and remember it, whole or not at all."""
    (sheet,), now = answer.days, terms.clock()
    came = frozenset(sheet.figures)
    try:
        if feed == "latest":
            refuse_date_of_latest(sheet, answer, now)
        yield from refuse_another_time(sheet)
        known = yield from load(sheet.date)
        is_old = not is_recent(sheet.date, date_in_kazakhstan(now))
        refuse_contradicted(sheet, known, feed)
        if is_old:
            sheet = hold_against_known(sheet, known)
        refuse_contradicted_by_next_day(sheet, (yield from load(sheet.date + ONE_DAY)))
        before = yield from load(sheet.date - ONE_DAY)
        agreed = agreements(sheet, before)
        if check is not None:
            check(sheet)
        elif contradicts(agreed):
            yield from _ask_again_for_day_before(terms, sheet, may_ask=not is_old)
            agreed = agreements(sheet, (yield from load(sheet.date - ONE_DAY)))
            if contradicts(agreed):  # who asked for that day meanwhile did not ask for this check
                raise FeedError(
                    f"the changes of {sheet.date} contradict the rates of {before.date}"
                )
    except FeedError as error:
        error.url, error.excerpt = error.url or answer.url, error.excerpt or answer.excerpt
        log("warning", "refused the answer of %s: %s", answer.url, error)
        raise
    near = yield from neighbours_of(sheet)
    sheet = refuse_alone(sheet, impossible_nominals(sheet, near))
    strange = strange_figures(sheet, known, near, agreed)
    if strange:
        sheet = refuse_alone(sheet, (yield from unconfirmed(terms, sheet, feed, strange)))
    note_unknown_codes(sheet, terms.noted_codes)
    expected = yield from expected_on(sheet.date)
    others = [listing.codes for name, listing in known.listings.items() if name != feed]
    sheet = sheet.replace(complete=is_complete(came, expected, others))
    merged = yield from _remember(terms, sheet, feed, refresh=refresh)
    if not sheet.figures:
        code, refusal = next(iter(sheet.refused.items()))
        raise FeedError(
            f"no figure of the bank's sheet of {sheet.date} is believed; {code}: {refusal.reason}",
            url=answer.url,
            excerpt=answer.excerpt,
        )
    if feed == "daily":  # just what the bank says now; the newest sheet is all that is known
        merged = merged.replace(figures={code: merged.figures[code] for code in sheet.figures})
    return Outcome([merged], asked=True)


def _remember(terms: "Terms", sheet: "Day", feed: "Feed", *, refresh: bool) -> "Steps[Day]":
    if refresh:
        fresh = {code: figure.replace(refreshed=True) for code, figure in sheet.figures.items()}
        sheet = sheet.replace(figures=fresh)
    changes: list[Replaced] = []

    def decide(days: "list[Day]") -> "list[Day]":
        merged = with_sheet(days[0], sheet, feed, refresh=refresh)
        changes[:] = replaced(days[0], merged)
        return [merged]

    (merged,) = yield from change([sheet.date], decide)
    if changes:
        terms.corrected()
    for code, old, new in changes:
        log_replaced(sheet.date, code, old, new)
    return merged


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
        agreed = agreements(sheet, again)
        if not agreed or contradicts(agreed) or 2 * sum(agreed.values()) < len(agreed):
            raise refusal

    try:
        outcome = yield from learn_daily(terms, before, refresh=True, check=must_agree)
    except (BankUnavailable, FeedError) as error:
        raise refusal from (None if error is refusal else error)
    if not outcome.days:
        raise refusal
