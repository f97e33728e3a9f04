"""What is known of a code without asking anybody: drafts that still hold, days without a rate."""

from kzt_rates.plans.questions import DAYS_AT_ONCE
from kzt_rates.plans.rules import verdict
from kzt_rates.plans.steps import load_days, load_newcomers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import date

    from kzt_rates.figures import Entry
    from kzt_rates.plans.rules import Verdict
    from kzt_rates.plans.steps import Steps, Terms


def young_drafts(terms: "Terms", code: str, drafts: "list[Entry]") -> "Steps[list[Entry]]":
    """Return of the drafts on record those that would be given now."""
    verdicts = yield from _verdicts(terms, code, [draft[0] for draft in drafts])
    return [draft for draft in drafts if verdicts[draft[0]] == "give"]


def silent_days(terms: "Terms", code: str, days: "list[date]") -> "Steps[list[date]]":
    """Return of some days those of which it is known that the bank published none of a unit."""
    verdicts = yield from _verdicts(terms, code, days)
    return [day for day, answer in verdicts.items() if answer == "none_published"]


def _verdicts(terms: "Terms", code: str, days: "list[date]") -> "Steps[dict[date, Verdict]]":
    verdicts, now = {}, terms.clock()
    newcomers = yield from load_newcomers((code,))
    for place in range(0, len(days), DAYS_AT_ONCE):
        for known in (yield from load_days(days[place : place + DAYS_AT_ONCE], frozenset((code,)))):
            verdicts[known.date] = verdict(code, known, now, newcomers)
    return verdicts
