"""Filling a range: asking until every day of it is known, or known to have no rate."""

from typing import NamedTuple

from kzt_rates.errors import BankUnavailable, FeedError, Offline
from kzt_rates.log import warn_stale
from kzt_rates.plans.absent import offline
from kzt_rates.plans.asking import learn_export
from kzt_rates.plans.learning import learn_daily
from kzt_rates.plans.questions import divide, survey
from kzt_rates.plans.steps import require_kept

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from kzt_rates.plans.questions import Gap, Survey
    from kzt_rates.plans.steps import Outcome, Steps, Terms

# The export and the daily feed; the export for what a sheet of the last days lacks; and once
# more for what another process changed meanwhile.
MAX_ROUNDS = 4


class SyncProgress(NamedTuple):
    """How far a sync is: days asked for of all that must be, requests made, rates learned."""

    days_done: int
    days_total: int
    requests: int
    rates: int


SyncProgress.__module__ = "kzt_rates"  # the name users import


class Filling:
    """Fills a range of some codes, and counts what that took.

    `settle`: every day is wanted, and one that stays unknown is an error; else what can be had
    is fetched, whatever was asked just now in vain, and what stays unknown is a hole.
    """

    def __init__(
        self,
        terms: "Terms",
        codes: "Sequence[str]",
        start: "date",
        end: "date",
        *,
        settle: bool,
        refresh: bool = False,
        progress: "Callable[[SyncProgress], object] | None" = None,
    ) -> None:
        self._terms = terms
        self._codes = codes
        self._start = start
        self._end = end
        self._settle = settle
        self._refresh = refresh
        self._progress = progress
        self._to_do: set[date] = set()
        self._done: set[date] = set()
        self.days: set[date] = set()
        self.requests = 0
        self.rates = 0

    def run(self) -> "Steps[Survey]":
        """Ask what must be asked; return what is known then, and what no question can fill.

        Where asking fails and an older draft bridges every gap, a series goes on with a warning.
        """
        try:
            return (yield from self._rounds())
        except (Offline, BankUnavailable, FeedError) as error:
            left = yield from self._survey(refresh=False)
            bridged = self._settle and all(gap.bridged for gap in left.gaps)
            if self._refresh or not bridged:
                raise
            if left.gaps:
                dates = f"{left.gaps[0].date} to {left.gaps[-1].date}"
                warn_stale(f"provisional rates of {dates} past their time were given: {error}")
            return left

    def _rounds(self) -> "Steps[Survey]":
        found = yield from self._survey(refresh=self._refresh, at_once=not self._settle)
        for turn in range(MAX_ROUNDS):
            if self._settle and found.withheld:
                return found  # an error is certain, and asking for the rest would be in vain
            gaps = found.gaps
            if not gaps:
                if self._done != self._to_do or not self._to_do:
                    self._done = self._to_do
                    self._tell()
                return found
            if self._terms.offline:
                raise (yield from offline(gaps[0].codes[0], gaps[0].date, gaps[-1].date))
            self._to_do.update(gap.date for gap in gaps)
            self._tell()
            yield from self._ask(gaps, at_once=not self._settle and turn == 0)
            found = yield from self._survey(refresh=False)
        for gap in found.gaps:
            raise FeedError(f"the bank answers, but never of {gap.codes[0]} on {gap.date}")
        return found

    def _ask(self, gaps: "Sequence[Gap]", *, at_once: bool) -> "Steps[None]":
        questions, dates = yield from divide(self._terms, gaps)
        for question in questions:
            outcome = yield from learn_export(
                self._terms, question, refresh=self._refresh, at_once=at_once
            )
            yield from self._count(outcome)
            self._done.update(
                date for date in self._to_do if question.start <= date <= question.end
            )
            self._tell()
        for date in dates:
            outcome = yield from learn_daily(
                self._terms, date, refresh=self._refresh, at_once=at_once
            )
            yield from self._count(outcome)
            self._done.add(date)
            self._tell()

    def _survey(self, *, refresh: bool, at_once: bool = False) -> "Steps[Survey]":
        terms, codes, start, end = self._terms, self._codes, self._start, self._end
        return (yield from survey(terms, codes, start, end, refresh=refresh, at_once=at_once))

    def _count(self, outcome: "Outcome") -> "Steps[None]":
        if not outcome.asked:
            return
        if not self._settle:
            yield from require_kept()  # or a full disk would have everything fetched in vain
        self.requests += outcome.requests
        for day in outcome.days:
            self.rates += len(day.figures)
            if day.figures:
                self.days.add(day.date)

    def _tell(self) -> None:
        if self._progress is not None:
            done, total = len(self._done), len(self._to_do)
            self._progress(SyncProgress(done, total, self.requests, self.rates))
