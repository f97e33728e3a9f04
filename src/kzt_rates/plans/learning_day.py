"""Asking the feeds about one day, in order, until its codes are known."""

from kzt_rates.feed import daily, export
from kzt_rates.plans.answering import daily_may_tell, export_may_tell, is_settled, needs_export
from kzt_rates.plans.learning import learn_daily
from kzt_rates.plans.learning_export import learn_export
from kzt_rates.plans.ranges import Question
from kzt_rates.plans.steps import load
from kzt_rates.plans.troubles import not_found, offline

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from kzt_rates.figures import Day
    from kzt_rates.plans.steps import Steps, Terms


def learn_day(
    terms: "Terms", known: "Day", codes: "frozenset[str]", *, refresh: bool
) -> "Steps[Day]":
    """Return what is known of a day after asking about it; `codes` are lacking, none is all.

    Raises `RateNotFound` where no feed has any of them.
    """
    known, is_told = yield from _learn_daily(terms, known, codes, refresh=refresh)
    if not is_told and _export_is_to_be_asked(terms, known, codes, refresh=refresh):
        yield from _stay_online(terms, known, codes)
        # all that it can be asked for: a row is as cheap as a cell
        question = Question(export.codes_on(known.date), known.date, known.date)
        outcome = yield from learn_export(terms, question, refresh=refresh)
        for learned in outcome.days:
            known = learned.filling(known)
        if not refresh:
            # what somebody else has learned meanwhile was left out of the outcome
            stored = yield from load(known.date, codes or None)
            known = stored.without(final=False).filling(known)
    if known.complete or known.figures.keys() & (codes or known.figures.keys()):
        return known
    raise (yield from not_found(min(codes, default=None), known.date, "none_published"))


def _learn_daily(
    terms: "Terms", known: "Day", codes: "frozenset[str]", *, refresh: bool
) -> "Steps[tuple[Day, bool]]":
    """Return the day, and whether the daily feed has told all there is to tell of it.

    Where it is silent, only final figures stay, and with `refresh` only those that no feed can
    be asked for.
    """
    now = terms.clock()
    if not refresh and is_settled(known, now):
        return known, not _may_be_mended(known, codes, now)
    if known.date >= daily.STARTS if refresh else daily_may_tell(known, now):
        yield from _stay_online(terms, known, codes)
        outcome = yield from learn_daily(terms, known.date, refresh=refresh)
        if outcome.days:
            known = outcome.days[0].renewing(known)
            if refresh:
                known.blanks = {}
            return known, not _may_be_mended(known, codes, now)
    stays = [code for code in known.figures if export.id_of(code) is None]
    stays = [] if known.date >= daily.STARTS else stays
    known = known.without(final=refresh, but=stays)
    return known, not needs_export(known.date, terms.today())


def _may_be_mended(known: "Day", codes: "frozenset[str]", now: "datetime") -> bool:
    """Say whether the export may have a code whose figure was refused in the sheet."""
    return any(code in known.refused and export_may_tell(code, known, now) for code in codes)


def _export_is_to_be_asked(
    terms: "Terms", known: "Day", codes: "frozenset[str]", *, refresh: bool
) -> bool:
    now = terms.clock()
    if refresh:
        askable = not codes or any(export.id_of(code) is not None for code in codes)
        return askable and export.STARTS <= known.date <= terms.today()
    return any(export_may_tell(code, known, now) for code in codes or export.codes_of())


def _stay_online(terms: "Terms", known: "Day", codes: "frozenset[str]") -> "Steps[None]":
    if terms.offline:
        raise (yield from offline(min(codes, default=None), known.date))
