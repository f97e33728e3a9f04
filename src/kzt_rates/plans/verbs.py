"""The use cases: the figures of a day, a sheet, the latest sheet, and stepping back to one."""

from kzt_rates.calendar import MAX_DAYS_AHEAD, ONE_DAY
from kzt_rates.currency_facts import parse_code, unknown
from kzt_rates.currency_table import FACTS
from kzt_rates.errors import BankUnavailable, FeedError, Offline, RateNotFound
from kzt_rates.feed import export
from kzt_rates.figures import KZT
from kzt_rates.notices import warn_stale
from kzt_rates.plans.answering import (
    NEVER,
    UNTIL_ASKED,
    is_settled,
    is_silent,
    is_too_far_ahead,
    verdict,
)
from kzt_rates.plans.steps import load, load_bounds, load_newest_complete
from kzt_rates.plans.troubles import near, not_found, not_to_be_had

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from typing import Literal, TypeVar

    from kzt_rates.figures import Day
    from kzt_rates.plans.steps import Steps, Terms

    T = TypeVar("T")
    Missing = Literal["raise", "previous"]

# The longest run of days without a rate is shorter; further back it would be another fortnight's.
LOOKBACK_DAYS = 14


def known_codes(*codes: str) -> "Steps[tuple[str, ...]]":
    """Return codes in capitals; raise `UnknownCurrency` for one nobody knows."""
    parsed = tuple(parse_code(code) for code in codes)
    for code in parsed:
        if code != KZT and code not in FACTS:
            bounds = yield from load_bounds()
            if code not in bounds:
                raise unknown(code, also=bounds)
    return parsed


def figures_on(
    terms: "Terms", day: "date", codes: "frozenset[str]", *, missing: "Missing", refresh: bool
) -> "Steps[Day]":
    """Return a day that has a figure of every code: the one asked for, or one before it."""
    return (
        yield from _stepping_back(
            day, missing, lambda on: _figures_of_day(terms, on, codes, refresh=refresh)
        )
    )


def sheet_on(terms: "Terms", day: "date", *, missing: "Missing", refresh: bool) -> "Steps[Day]":
    """Return all that is known of a day, which was asked for where it was not complete."""
    return (
        yield from _stepping_back(
            day, missing, lambda on: _sheet_of_day(terms, on, refresh=refresh)
        )
    )


def latest_sheet(terms: "Terms", *, refresh: bool) -> "Steps[Day]":
    """Return the newest sheet the bank has published."""
    from kzt_rates.plans.learning import known_latest, learn_latest

    known = None if refresh else (yield from known_latest(terms))
    if known is not None:
        return known
    today = terms.today()
    newest = yield from load_newest_complete(today + MAX_DAYS_AHEAD * ONE_DAY)
    try:
        if terms.offline:
            nearest = (newest, None)
            raise Offline(
                f"the latest sheet would need the bank, and offline is on{near(nearest)}",
                nearest=nearest,
            )
        return (yield from learn_latest(terms, refresh=refresh))
    except (Offline, BankUnavailable, FeedError) as error:
        if newest is None or newest < today:
            raise
        warn_stale(f"the newest sheet known, of {newest}, was given: {error}")
        return (yield from load(newest))


def _stepping_back(
    day: "date", missing: "Missing", look: "Callable[[date], Steps[T]]"
) -> "Steps[T]":
    """Look at a day, and for `previous` at those before, over days known to have no rate."""
    first: RateNotFound | None = None
    steps = LOOKBACK_DAYS + 1 if missing == "previous" else 1
    for back in range(min(steps, day.toordinal())):  # there is no day before the year 1
        try:
            return (yield from look(day - back * ONE_DAY))
        except RateNotFound as error:
            if error.reason != "none_published":
                raise
            first = first or error
    assert first is not None
    raise first


def _figures_of_day(
    terms: "Terms", day: "date", codes: "frozenset[str]", *, refresh: bool
) -> "Steps[Day]":
    known, now = (yield from load(day, codes)), terms.clock()
    verdicts = {code: verdict(code, known, now) for code in sorted(codes)}
    for code, answer in verdicts.items():
        if answer in NEVER or (answer in UNTIL_ASKED and not refresh):
            raise (yield from not_to_be_had(terms, code, known, answer))
    if not refresh and all(answer == "give" for answer in verdicts.values()):
        return known
    from kzt_rates.plans.learning_day import learn_day  # what is known asks nobody

    lacking = frozenset(code for code in codes if refresh or verdicts[code] != "give")
    try:
        learned = yield from learn_day(terms, known, lacking, refresh=refresh)
    except (Offline, BankUnavailable, FeedError) as error:
        usable = codes <= known.figures.keys() and known.has_provisional()
        return _known_before(known, error, usable=usable)
    for code in sorted(codes - learned.figures.keys()):
        answer = "refused" if code in learned.refused else "none_published"
        raise (yield from not_to_be_had(terms, code, learned, answer))
    return learned


def _sheet_of_day(terms: "Terms", day: "date", *, refresh: bool) -> "Steps[Day]":
    known, now = (yield from load(day)), terms.clock()
    if is_too_far_ahead(day, terms.today()):
        raise (yield from not_found(None, day, "too_far_ahead"))
    if is_settled(known, now) and not refresh:
        return known
    if is_silent(known, now, export.codes_of()) and not (refresh and day >= export.STARTS):
        if known.has_final():
            return known
        raise (yield from not_found(None, day, "none_published"))
    from kzt_rates.plans.learning_day import learn_day

    try:
        return (yield from learn_day(terms, known, frozenset(), refresh=refresh))
    except (Offline, BankUnavailable, FeedError) as error:
        usable = known.has_provisional() or (bool(known.figures) and not refresh)
        return _known_before(known, error, usable=usable)
    except RateNotFound:
        if known.has_final() and not refresh:
            return known
        raise


def _known_before(known: "Day", error: Exception, *, usable: bool) -> "Day":
    """Return what was known before where it may stand in for the bank's answer; else raise."""
    if not usable:
        raise error
    if known.has_provisional():
        warn_stale(f"a provisional rate of {known.date} past its time was given: {error}")
    return known
