"""The verbs of one day: figures, a sheet, the latest sheet, and the day before a missing one."""

from kzt_rates.currency import FACTS, parse_code, unknown
from kzt_rates.dates import MAX_DAYS_AHEAD, ONE_DAY
from kzt_rates.errors import BankUnavailable, FeedError, Offline, RateNotFound
from kzt_rates.feed import EXPORT_STARTS, export_codes_on, export_id
from kzt_rates.figures import KZT
from kzt_rates.log import warn_stale
from kzt_rates.plans import load, load_bounds, load_latest, load_newcomers, load_newest_complete
from kzt_rates.plans.rules import (
    NEVER,
    UNTIL_ASKED,
    State,
    has_old_draft,
    is_covered,
    is_overtaken,
    is_settled,
    is_too_far_ahead,
    judged,
    log_verdicts,
    verdict,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import date
    from typing import TypeVar

    from kzt_rates.figures import Day
    from kzt_rates.plans import Steps, Terms
    from kzt_rates.plans.asking import Brought
    from kzt_rates.plans.rules import Verdict
    from kzt_rates.typing import Missing

    T = TypeVar("T")

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
    terms: "Terms",
    day: "date",
    codes: "frozenset[str]",
    *,
    missing: "Missing",
    refresh: bool,
    alone: bool = True,
) -> "Steps[Day]":
    """Return a day that has a figure of every code: the one asked for, or one before it.

    `alone`: it is the only day that is wanted; for one of several the daily feed does not
    stand in for the export.
    """

    def look(on: "date") -> "Steps[Day]":
        return _figures_of_day(terms, on, codes, alone=alone, refresh=refresh)

    return (yield from _stepping_back(day, missing, look))


def sheet_on(terms: "Terms", day: "date", *, missing: "Missing", refresh: bool) -> "Steps[Day]":
    """Return all that is known of a day, which was asked for where it was not complete."""
    return (
        yield from _stepping_back(
            day, missing, lambda on: _sheet_of_day(terms, on, refresh=refresh)
        )
    )


def latest_sheet(terms: "Terms", *, refresh: bool) -> "Steps[Day]":
    """Return the newest sheet the bank has published."""
    from kzt_rates.plans.asking import ask_latest, known_latest

    known = None if refresh else (yield from known_latest(terms))
    if known is not None:
        return _with_warning(terms, known, None)
    today = terms.today()
    known = yield from newest_standing(today + MAX_DAYS_AHEAD * ONE_DAY)
    newest = None if known is None else known.date
    try:
        if terms.offline:
            from kzt_rates.plans import absent

            nearest = (newest, None)
            raise Offline(
                f"the latest sheet would need the bank, and offline is on{absent.near(nearest)}",
                nearest=nearest,
            )
        return _with_warning(terms, (yield from ask_latest(terms, refresh=refresh)), None)
    except (Offline, BankUnavailable, FeedError) as error:
        if known is None or known.date < today:
            if isinstance(error, Offline):
                raise
            from kzt_rates.plans import absent

            raise absent.latest_not_had(error, newest) from error.__cause__
        warn_stale(f"the newest sheet known, of {known.date}, was given: {error}")
        return known


def newest_standing(until: "date") -> "Steps[Day | None]":
    """Return the newest whole sheet that is not after a date and that the bank let stand.

    It took drafts back where its newest sheet, which came after them, is of a day before.
    """
    latest = yield from load_latest()
    newest = yield from load_newest_complete(until)
    while newest is not None:
        known = yield from load(newest, details=True)
        if not is_overtaken(known, latest):
            return known
        newest = yield from load_newest_complete(newest - ONE_DAY)
    return None


def _stepping_back(
    day: "date", missing: "Missing", look: "Callable[[date], Steps[T]]"
) -> "Steps[T]":
    """Look at a day, and for `previous` at those before, over days known to have no rate."""
    first: RateNotFound | None = None
    steps = LOOKBACK_DAYS + 1 if missing == "previous" else 1
    for back in range(min(steps, day.toordinal())):  # there is no day before the year 1
        on = day - back * ONE_DAY
        try:
            return (yield from look(on))
        except (RateNotFound, Offline, BankUnavailable, FeedError) as error:
            if not isinstance(error, RateNotFound) or error.reason != "none_published":
                if missing == "raise":
                    raise
                from kzt_rates.plans.absent import looking_back

                raise looking_back(error, day, on) from error.__cause__
            first = first or error
    assert first is not None
    raise first


def _figures_of_day(
    terms: "Terms", day: "date", codes: "frozenset[str]", *, alone: bool, refresh: bool
) -> "Steps[Day]":
    judged = codes if all(export_id(code) is not None for code in codes) else None
    known = yield from load(day, judged)
    verdicts = yield from _verdicts(terms, known, codes, alone=alone)
    for code, answer in verdicts.items():
        if answer in NEVER or (answer in UNTIL_ASKED and not refresh):
            from kzt_rates.plans import absent  # only where there is no answer

            # the end of a unit's life comes before all else, or `previous` would go on
            ended = next((one for one in verdicts if verdicts[one] == "no_such_unit"), code)
            error = yield from absent.withheld(terms, ended, known, verdicts[ended])
            if verdicts[ended] == "lacking":  # a draft past its time is better than nothing
                return _known_before(known, codes, error)
            raise error
    if not refresh and all(answer == "give" for answer in verdicts.values()):
        return known
    lacking = frozenset(code for code in codes if refresh or verdicts[code] != "give")
    if terms.offline:
        from kzt_rates.plans import absent

        return _known_before(known, codes, (yield from absent.offline(min(lacking), day)))
    from kzt_rates.plans.asking import ask_for_figures  # what is known asks nobody

    brought = yield from ask_for_figures(terms, known, lacking, alone=alone, refresh=refresh)
    newer = yield from load(day, judged)
    unsaid = newer.figures.keys() - brought.codes if refresh else frozenset()
    if unsaid:  # a refresh gives only what the bank says now
        kept = {code: figure for code, figure in newer.figures.items() if code not in unsaid}
        newer = newer.replace(figures=kept)
    problem = yield from _still_lacking(terms, newer, codes, brought, unsaid, alone=alone)
    if problem is None:
        return newer
    if isinstance(problem, RateNotFound):
        raise problem
    return _known_before(known if refresh else newer, codes, problem)


def _still_lacking(
    terms: "Terms",
    known: "Day",
    codes: "frozenset[str]",
    brought: "Brought",
    unsaid: "Collection[str]",
    *,
    alone: bool,
) -> "Steps[Exception | None]":
    """Return the error for the first code that asking has not brought, `None` where all came.

    `unsaid` are codes with a figure that a refresh did not bring again.
    """
    from kzt_rates.plans import absent

    verdicts = yield from _verdicts(terms, known, codes, alone=alone)
    for code, answer in verdicts.items():
        if answer == "give":
            continue
        error = brought.error
        if error is not None and answer in ("ask", "lacking", "refused"):
            return (yield from absent.not_had(error, code, known.date))
        if code in unsaid and answer == "none_published":
            return (yield from absent.taken_back(code, known.date))
        why = "lacking" if answer == "ask" else answer
        return (yield from absent.withheld(terms, code, known, why))
    return None


def _verdicts(
    terms: "Terms", known: "Day", codes: "frozenset[str]", *, alone: bool
) -> "Steps[dict[str, Verdict]]":
    """Return the answers for some codes of a day, in the order of the codes."""
    newcomers, now = (yield from load_newcomers(codes - known.figures.keys())), terms.clock()
    states = [State(code, known, now, newcomers, alone=alone) for code in sorted(codes)]
    log_verdicts(states)
    return {state.code: judged(state) for state in states}


def _sheet_of_day(terms: "Terms", day: "date", *, refresh: bool) -> "Steps[Day]":
    known, now = (yield from load(day)), terms.clock()
    if is_too_far_ahead(day, terms.today()):
        from kzt_rates.plans import absent

        raise (yield from absent.not_found(None, day, "too_far_ahead"))
    if not refresh and known.figures and is_settled(known, now):
        return known
    from kzt_rates.plans.questions import is_sheet_open

    error: Exception | None = None
    if any(is_sheet_open(known, now)) or (refresh and day >= EXPORT_STARTS):
        known, error = yield from _sheet_asked_for(terms, day, known, refresh=refresh)
    return (yield from sheet_of_known(terms, known, error))


def sheet_of_known(terms: "Terms", known: "Day", error: "Exception | None") -> "Steps[Day]":
    """Return the sheet of what is known of a day, nobody asked; `error` is what asking met.

    Raises that, or why there is none, where nothing is known.
    """
    known = yield from _without_withdrawn(terms, known)
    if not (known.figures or known.refused):
        raise error or (yield from _no_sheet(terms, known))
    _with_warning(terms, known, error)
    return known.replace(complete=True) if is_covered(known, terms.clock()) else known


def _with_warning(terms: "Terms", known: "Day", error: "Exception | None") -> "Day":
    """Return a day, and warn of its drafts where they should have been asked for and were not."""
    now = terms.clock()
    was_not_had = error is not None and known.has_provisional() and not is_settled(known, now)
    if was_not_had or has_old_draft(known, now):
        why = error or "no feed has confirmed it since"
        warn_stale(f"a provisional rate of {known.date} past its time was given: {why}")
    return known


def _without_withdrawn(terms: "Terms", known: "Day") -> "Steps[Day]":
    """Leave out the drafts of which every feed has since said that there is none."""
    drafts = frozenset(code for code, figure in known.figures.items() if not figure.final)
    verdicts = yield from _verdicts(terms, known, drafts, alone=True)
    gone = {code for code, answer in verdicts.items() if answer == "none_published"}
    if not gone:
        return known
    figures = {code: figure for code, figure in known.figures.items() if code not in gone}
    return known.replace(figures=figures)


def _sheet_asked_for(
    terms: "Terms", day: "date", known: "Day", *, refresh: bool
) -> "Steps[tuple[Day, Exception | None]]":
    """Return what is known of a day after asking for it, and what went wrong."""
    from kzt_rates.plans import absent

    if terms.offline:
        not_asked = yield from absent.offline(None, day)
        return (_known_before(known, frozenset(), not_asked) if refresh else known), not_asked
    from kzt_rates.plans.asking import ask_for_sheet

    brought = yield from ask_for_sheet(terms, day, refresh=refresh)
    error: Exception | None = None
    if brought.error is not None:
        error = yield from absent.not_had(brought.error, None, day)
    if refresh and not brought.codes:
        if error is None:
            newer = yield from load(day)
            is_known = known.has_final()
            error = yield from (
                absent.taken_back(None, day) if is_known else _no_sheet(terms, newer)
            )
        return _known_before(known, frozenset(), error), error
    newer = yield from load(day)
    return (newer.replace(source="bank") if brought.codes else newer), error


def _no_sheet(terms: "Terms", known: "Day") -> "Steps[Exception]":
    """Return the error for a day of which no figure is known."""
    from kzt_rates.plans import absent

    if known.date < EXPORT_STARTS:
        return (yield from absent.not_found(None, known.date, "no_such_unit"))
    codes = export_codes_on(known.date)
    answers = {verdict(code, known, terms.clock()) for code in codes}
    if answers <= {"none_published", "no_such_unit"}:
        return (yield from absent.not_found(None, known.date, "none_published"))
    return (yield from absent.still_unknown(None, known.date, known))


def _known_before(known: "Day", codes: "frozenset[str]", error: Exception) -> "Day":
    """Return what was known before where it may stand in for the bank's answer; else raise."""
    if not (codes <= known.figures.keys() and known.has_provisional()):
        raise error
    warn_stale(f"a provisional rate of {known.date} past its time was given: {error}")
    return known
