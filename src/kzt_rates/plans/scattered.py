"""Learning days that lie apart, in few questions: those of the invoices of a year, say."""

from datetime import timedelta

from kzt_rates.feed import export
from kzt_rates.plans.answering import export_may_tell, verdict
from kzt_rates.plans.learning_export import learn_export
from kzt_rates.plans.ranges import DAYS_AT_ONCE, RECENT_DAYS, SHORT_GAP_DAYS, Question
from kzt_rates.plans.steps import load_days

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from kzt_rates.plans.steps import Steps, Terms


def learn_scattered(terms: "Terms", wanted: "Mapping[str, Iterable[date]]") -> "Steps[bool]":
    """Ask the range export for what is not known of some codes on some days; say if it was asked.

    Days up to four years apart share a question, which brings the days between them as well.
    What the export has none of is left to whoever asks for it by itself, and so are a few
    recent days, of which the daily feed brings whole sheets; all of it when offline.
    """
    if terms.offline:
        return False
    unknown = yield from _to_ask_for(terms, wanted)
    dates, today = sorted(unknown), terms.today()
    if len(dates) <= SHORT_GAP_DAYS and (
        len(dates) < 2 or dates[0] > today - timedelta(days=RECENT_DAYS)
    ):
        return False
    asked = False
    while dates:
        limit = export.longest_end(dates[0])
        within = [day for day in dates if day <= limit]
        codes = sorted(set().union(*(unknown[day] for day in within)))
        question = Question(tuple(codes), within[0], within[-1])
        outcome = yield from learn_export(terms, question, refresh=False)
        asked = asked or outcome.asked
        dates = dates[len(within) :]
    return asked


def _to_ask_for(
    terms: "Terms", wanted: "Mapping[str, Iterable[date]]"
) -> "Steps[dict[date, set[str]]]":
    """Return by day the codes that the export must be asked for; not those with a draft."""
    codes_on: dict[date, set[str]] = {}
    for code, days in wanted.items():
        for day in days:
            codes_on.setdefault(day, set()).add(code)
    dates, now = sorted(codes_on), terms.clock()
    unknown: dict[date, set[str]] = {}
    for place in range(0, len(dates), DAYS_AT_ONCE):
        for known in (yield from load_days(dates[place : place + DAYS_AT_ONCE], list(wanted))):
            asked = {
                code
                for code in codes_on[known.date]
                if code not in known.figures
                and verdict(code, known, now) == "ask"
                and export_may_tell(code, known, now)
            }
            if asked:
                unknown[known.date] = asked
    return unknown
