"""Asking the bank: one question for everybody who waits, checked and remembered."""

from kzt_rates.calendar import date_in_kazakhstan
from kzt_rates.errors import FeedError
from kzt_rates.feed import daily, latest
from kzt_rates.notices import log
from kzt_rates.plans.answering import daily_may_tell, is_settled, is_young
from kzt_rates.plans.receiving import (
    log_replaced,
    note_unknown_codes,
    refuse_contradiction,
    refuse_nominals,
    refuse_strange_latest,
    refuse_todays_rates,
    respect_final_figures,
    stamp,
)
from kzt_rates.plans.steps import (
    Outcome,
    fetch,
    keep,
    keep_silence,
    load,
    load_latest,
    once,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import date

    from kzt_rates.figures import Day, Feed
    from kzt_rates.plans.receiving import Check
    from kzt_rates.plans.steps import Steps, Terms
    from kzt_rates.questions import Answer


def learn_daily(
    terms: "Terms", day: "date", *, refresh: bool, check: "Check | None" = None
) -> "Steps[Outcome]":
    """Bring the daily feed's sheet of a day, nothing where it has none.

    `check` is the last that the answer must pass; by default its changes must lead back to the
    day before.
    """

    def ask() -> "Steps[Outcome]":
        if not refresh:
            # somebody else may have asked while this question waited for its turn
            known, now = (yield from load(day)), terms.clock()
            if is_settled(known, now):
                return Outcome([known], asked=False)
            if not daily_may_tell(known, now):
                return Outcome([], asked=False)
        answer = yield from fetch(
            daily.path(day), lambda body: _listed(daily.read(body, day)), refresh=refresh
        )
        if not answer.days:
            yield from keep_silence(day, "daily", terms.clock())
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
        answer = yield from fetch(latest.PATH, lambda body: [latest.read(body)], refresh=refresh)
        return (yield from _receive(terms, answer, "latest", None, refresh=refresh))

    outcome = yield from once(("latest", None), ask, refresh=refresh)
    return outcome.days[0]


def known_latest(terms: "Terms") -> "Steps[Day | None]":
    """Return the last latest sheet where it is young enough not to be asked for."""
    seen = yield from load_latest()
    if seen is None or not is_young(seen[1], terms.clock()):
        return None
    known = yield from load(seen[0])
    return known if known.complete else None


def _receive(
    terms: "Terms", answer: "Answer", feed: "Feed", check: "Check | None", *, refresh: bool
) -> "Steps[Outcome]":
    """Check an answer and remember it, whole or not at all."""
    now = terms.clock()
    (day,), today = stamp(answer, now), date_in_kazakhstan(now)
    try:
        refuse_nominals(day, today)
        yield from refuse_todays_rates([day], today)
        if feed == "latest":
            yield from refuse_strange_latest(day, today)
        if check is None:
            yield from refuse_contradiction(day, lambda *before: _ask_again(terms, *before))
        else:
            yield from check(day)
    except FeedError as error:
        error.url, error.excerpt = error.url or answer.url, error.excerpt or answer.excerpt
        log("warning", "refused the answer of %s: %s", answer.url, error)
        raise
    yield from respect_final_figures(day, today, refresh=refresh)
    note_unknown_codes(day, terms.noted_codes)
    for replaced in (yield from keep(day, feed)):
        log_replaced(day.date, *replaced)
    return Outcome([day], asked=True)


def _ask_again(terms: "Terms", day: "date", check: "Check") -> "Steps[Day | None]":
    if day < daily.STARTS:
        return None
    outcome = yield from learn_daily(terms, day, refresh=True, check=check)
    return outcome.days[0] if outcome.days else None


def _listed(day: "Day | None") -> "list[Day]":
    return [] if day is None else [day]
