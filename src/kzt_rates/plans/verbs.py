"""The use cases: the figures of a day, a sheet, the latest sheet, and stepping back to one."""

from kzt_rates.calendar import MAX_DAYS_AHEAD, ONE_DAY
from kzt_rates.currency_facts import parse_code, unknown
from kzt_rates.currency_table import FACTS
from kzt_rates.errors import BankUnavailable, FeedError, Offline, RateNotFound
from kzt_rates.feed import daily
from kzt_rates.figures import KZT
from kzt_rates.notices import warn_stale
from kzt_rates.plans.answering import (
    feeds_for,
    is_settled,
    is_silent,
    is_too_far_ahead,
    silence_is_young,
    verdict,
)
from kzt_rates.plans.learning import known_latest, learn_daily, learn_latest
from kzt_rates.plans.steps import (
    load,
    load_bounds,
    load_nearest,
    load_newest_complete,
)

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

_WHY = {
    "none_published": "the bank has published none",
    "too_far_ahead": f"the bank sets none more than {MAX_DAYS_AHEAD} days ahead",
    "not_available_here": "the feeds that are read here have none",
}


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
    known = None if refresh else (yield from known_latest(terms))
    if known is not None:
        return known
    today = terms.today()
    newest = yield from load_newest_complete(today + MAX_DAYS_AHEAD * ONE_DAY)
    try:
        if terms.offline:
            nearest = (newest, None)
            raise Offline(
                f"the latest sheet would need the bank, and offline is on{_near(nearest)}",
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
    for back in range(LOOKBACK_DAYS + 1 if missing == "previous" else 1):
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
        if answer == "too_far_ahead" or (answer in ("none_published", "refused") and not refresh):
            raise (yield from _not_to_be_had(terms, code, known, answer))
    if not refresh and all(answer == "give" for answer in verdicts.values()):
        return known
    lacking = next((code for code, answer in verdicts.items() if answer != "give"), min(codes))
    try:
        learned = yield from _learn(terms, known, lacking, refresh=refresh)
    except (Offline, BankUnavailable, FeedError) as error:
        usable = codes <= known.figures.keys() and known.has_provisional()
        return _known_before(known, error, usable=usable)
    for code in sorted(codes - learned.figures.keys()):
        answer = "refused" if code in learned.refused else "none_published"
        raise (yield from _not_to_be_had(terms, code, learned, answer))
    return learned


def _sheet_of_day(terms: "Terms", day: "date", *, refresh: bool) -> "Steps[Day]":
    known, now = (yield from load(day)), terms.clock()
    if is_too_far_ahead(day, terms.today()):
        raise (yield from _not_found(None, day, "too_far_ahead"))
    if is_settled(known, now) and not refresh:
        return known
    if is_silent(known, now) and not refresh:
        if known.has_final():
            return known
        raise (yield from _not_found(None, day, "none_published"))
    try:
        return (yield from _learn(terms, known, None, refresh=refresh))
    except (Offline, BankUnavailable, FeedError) as error:
        usable = known.has_provisional() or (bool(known.figures) and not refresh)
        return _known_before(known, error, usable=usable)
    except RateNotFound:
        if known.has_final() and not refresh:
            return known
        raise


def _learn(terms: "Terms", known: "Day", code: "str | None", *, refresh: bool) -> "Steps[Day]":
    """Ask the feeds about a day, in order, and return what is known of it now."""
    day = known.date
    for feed in feeds_for(day, terms.today()):
        silent_at = known.silences.get(feed)
        if not refresh and silent_at and silence_is_young(day, silent_at, terms.clock()):
            continue
        if feed == "export":
            raise (yield from _not_found(code, day, "not_available_here"))
        if terms.offline:
            raise (yield from _offline(code, day))
        learned = yield from learn_daily(terms, day, refresh=refresh)
        if learned is not None:
            return learned.renewing(known)
    raise (yield from _not_found(code, day, "none_published"))


def _known_before(known: "Day", error: Exception, *, usable: bool) -> "Day":
    """Return what was known before where it may stand in for the bank's answer; else raise."""
    if not usable:
        raise error
    if known.has_provisional():
        warn_stale(f"a provisional rate of {known.date} past its time was given: {error}")
    return known


def _not_to_be_had(terms: "Terms", code: str, known: "Day", answer: str) -> "Steps[Exception]":
    if answer == "refused":
        reason = known.refused[code]
        return FeedError(
            f"the bank's figure of {code} for {known.date} was refused: {reason}",
            url=terms.base_url + daily.path(known.date),
            excerpt=reason,
        )
    return (yield from _not_found(code, known.date, answer))


def _not_found(code: "str | None", day: "date", reason: str) -> "Steps[RateNotFound]":
    nearest = yield from load_nearest(code, day)
    what = f"rate of {code}" if code else "sheet"
    return RateNotFound(
        f"no official {what} for {day}: {_WHY[reason]}{_near(nearest)}",
        code=code, date=day, reason=reason, nearest=nearest,
    )  # fmt: skip


def _offline(code: "str | None", day: "date") -> "Steps[Offline]":
    nearest = yield from load_nearest(code, day)
    what = f"the rate of {code}" if code else "the sheet"
    return Offline(
        f"{what} for {day} would need the bank, and offline is on{_near(nearest)}",
        code=code, date=day, nearest=nearest,
    )  # fmt: skip


def _near(nearest: "tuple[date | None, date | None]") -> str:
    dates = [str(date) for date in nearest if date is not None]
    return f"; the nearest known: {' and '.join(dates)}" if dates else ""
