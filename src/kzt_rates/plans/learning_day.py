"""Asking the feeds about one day, in order, until what is wanted of it is known."""

from kzt_rates.errors import BankUnavailable, FeedError
from kzt_rates.feed import DAILY_STARTS, EXPORT_STARTS, export_id
from kzt_rates.plans.asking import learn_export
from kzt_rates.plans.learning import learn_daily, learn_latest
from kzt_rates.plans.questions import is_sheet_open, question_of_day
from kzt_rates.plans.rules import (
    State,
    daily_is_open,
    export_end,
    is_recent,
    judged,
)
from kzt_rates.plans.steps import load, load_newcomers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import date

    from kzt_rates.figures import Feed
    from kzt_rates.plans.steps import Steps, Terms

# The recent days are the daily feed's, the old ones the export's; the other one stands in.
_ORDER_OF_RECENT: "tuple[Feed, ...]" = ("daily", "export")
_ORDER_OF_OLD: "tuple[Feed, ...]" = ("export", "daily")


class Learned:
    """What asking about a day brought: codes with an answer of now, and what went wrong last."""

    __slots__ = ("codes", "error")

    def __init__(self) -> None:
        self.codes: set[str] = set()
        self.error: Exception | None = None


def learn_figures(
    terms: "Terms", day: "date", codes: "frozenset[str]", *, alone: bool, refresh: bool
) -> "Steps[Learned]":
    """Ask about some codes of a day; with `refresh` whatever is known."""
    learned = Learned()
    newcomers = yield from load_newcomers(codes)
    for feed in _order(terms, day, alone=alone):
        known, now = (yield from load(day)), terms.clock()
        if refresh:
            known = known.replace(
                figures={}, refused={}, silences={}, blanks={}, absent={}, listings=known.listings
            )
        states = [State(code, known, now, newcomers, alone=alone) for code in codes - learned.codes]
        if not refresh:
            states = [state for state in states if judged(state) == "ask"]
        if states and _is_worth_asking(terms, feed, states, learned, refresh=refresh):
            yield from _ask(terms, feed, day, learned, refresh=refresh)
    return learned


def learn_sheet(terms: "Terms", day: "date", *, refresh: bool) -> "Steps[Learned]":
    """Ask about all codes of a day: of an old one both feeds, for the daily one has the names."""
    learned = Learned()
    for feed in _order(terms, day, alone=True):
        known, now = (yield from load(day)), terms.clock()
        daily_open, export_open = is_sheet_open(known, now)
        if feed == "daily":
            wanted = day >= DAILY_STARTS and (refresh or daily_open)
        else:
            within = EXPORT_STARTS <= day <= export_end(terms.today())
            wanted = within and ((refresh and not learned.codes) or export_open)
            wanted = wanted and not (terms.is_left_alone("export") and known.listings)
        if wanted:
            yield from _ask(terms, feed, day, learned, refresh=refresh)
    known = yield from load(day)
    if day >= terms.today() and learned.codes and not known.complete:
        # a second feed with the same codes makes a sheet complete, whatever is expected
        try:
            yield from learn_latest(terms, refresh=False)
        except (BankUnavailable, FeedError):
            terms.leave_alone("latest")
    return learned


def _order(terms: "Terms", day: "date", *, alone: bool) -> "tuple[Feed, ...]":
    if is_recent(day, terms.today()):
        return _ORDER_OF_RECENT
    # while the export is left alone, the daily feed answers in its place where it can
    stands_in = alone and day >= DAILY_STARTS and terms.is_left_alone("export")
    return _ORDER_OF_RECENT if stands_in else _ORDER_OF_OLD


def _is_worth_asking(
    terms: "Terms", feed: "Feed", states: "list[State]", learned: Learned, *, refresh: bool
) -> bool:
    """Whether a feed is the next to ask for one of some codes."""
    if feed == "daily":
        return _is_daily_worth_asking(terms, states, learned, refresh=refresh)
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
    terms: "Terms", states: "list[State]", learned: Learned, *, refresh: bool
) -> bool:
    known, now, alone = states[0].known, states[0].now, states[0].alone
    if known.date < DAILY_STARTS or not (refresh or daily_is_open(known, now)):
        return False
    if is_recent(known.date, terms.today()):
        return True
    if any(state.feed_to_ask() == "daily" for state in states):
        return True
    # of an old day that is the only one wanted it stands in for the export
    return alone and (refresh or learned.error is not None or terms.is_left_alone("export"))


def _ask(
    terms: "Terms", feed: "Feed", day: "date", learned: Learned, *, refresh: bool
) -> "Steps[None]":
    try:
        if feed == "daily":
            outcome = yield from learn_daily(terms, day, refresh=refresh)
        else:
            question = question_of_day(day, terms.today())
            outcome = yield from learn_export(terms, question, refresh=refresh)
    except (BankUnavailable, FeedError) as error:
        learned.error = error
        return
    for known in outcome.days:
        if known.date == day:
            learned.codes.update(known.figures)
