"""Learning days that lie apart, in few questions: those of the invoices of a year, say."""

from kzt_rates.feed import export_id
from kzt_rates.plans.asking import learn_export
from kzt_rates.plans.questions import DAYS_AT_ONCE, last_of_question, question_of_range
from kzt_rates.plans.rules import State, export_end, judged
from kzt_rates.plans.steps import load_days

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from kzt_rates.plans.steps import Steps, Terms


def learn_scattered(terms: "Terms", wanted: "Mapping[str, Iterable[date]]") -> "Steps[bool]":
    """Ask the range export for what is not known of some codes on some days; return if it was.

    Days up to four years apart share a question, which brings the days between them as well.
    The last days are left to whoever asks for each, because the daily feed has whole sheets of
    them, and so is a single day; all of it when offline.
    """
    if terms.offline:
        return False
    unknown = yield from _to_ask_for(terms, wanted)
    dates = sorted(unknown)
    if len(dates) < 2:
        return False
    asked = False
    while dates:
        limit = last_of_question(dates[0], dates[-1])
        within = [day for day in dates if day <= limit]
        codes = set().union(*(unknown[day] for day in within))
        question = yield from question_of_range(terms, codes, within[0], within[-1])
        outcome = yield from learn_export(terms, question, refresh=False)
        asked = asked or outcome.asked
        dates = dates[len(within) :]
    return asked


def _to_ask_for(
    terms: "Terms", wanted: "Mapping[str, Iterable[date]]"
) -> "Steps[dict[date, set[str]]]":
    """Return by day the codes that the export must be asked for; not those with a draft."""
    codes_on: dict[date, set[str]] = {}
    limit = export_end(terms.today())
    for code, days in wanted.items():
        for day in days:
            if day <= limit and export_id(code) is not None:
                codes_on.setdefault(day, set()).add(code)
    dates, now = sorted(codes_on), terms.clock()
    unknown: dict[date, set[str]] = {}
    for place in range(0, len(dates), DAYS_AT_ONCE):
        some = dates[place : place + DAYS_AT_ONCE]
        for known in (yield from load_days(some, frozenset(wanted))):
            states = [State(code, known, now, {}, alone=False) for code in codes_on[known.date]]
            asked = {
                state.code
                for state in states
                if state.figure is None
                and judged(state) == "ask"
                and state.feed_to_ask() == "export"
            }
            if asked:
                unknown[known.date] = asked
    return unknown
