"""Single steps of the plans, performed by hand: what the rules' tests reach only by chance."""

import datetime as dt
from collections.abc import Hashable
from itertools import repeat

import pytest

from kzt_rates.arithmetic import Ratio
from kzt_rates.core import MAX_RATIOS, Memo
from kzt_rates.errors import twin_of
from kzt_rates.figures import Day, Figure
from kzt_rates.plans import Once, Outcome, drive, load_newest_complete, once
from kzt_rates.plans.checks import neighbours_of

DAY = dt.date(2025, 12, 5)
DOLLAR = Figure("499.65", 1, feed="daily", final=True)  # the bank's of 2025-12-05


class Store:
    """Answers what a plan looks up: a code known on some days, of which the figures are gone."""

    def __init__(self, *bounds: dt.date) -> None:
        self.asked: list[Hashable] = []
        self._bounds = bounds

    def perform(self, step):
        return step.call(self)

    def read(self, dates, codes, **_):
        return [Day(day) for day in dates]

    def bounds(self):
        return {"USD": self._bounds}

    def nearest(self, code, day):
        self.asked.append(day)
        return None, None


@pytest.mark.parametrize(("refresh", "turns"), [(False, 1), (True, 3)])
def test_a_refresh_takes_no_outcome_that_was_not_asked_for(refresh, turns):
    """It may have joined somebody who found that he need not ask, and then it asks itself."""
    outcomes = [Outcome([], asked=False), Outcome([], asked=False), Outcome([], asked=True)]
    steps: list[Once] = []

    def perform(step: Once) -> Outcome:
        steps.append(step)
        return outcomes[len(steps) - 1]

    plan = once(("daily", DAY), lambda: repeat(None), refresh=refresh)
    assert drive(plan, perform) is outcomes[turns - 1]
    assert [step.key for step in steps] == [("daily", DAY)] * turns


@pytest.mark.parametrize(
    ("until", "before"),
    [(DAY, DAY + dt.timedelta(days=1)), (dt.date.max, dt.date.max)],
)
def test_the_newest_complete_day_until_the_last_of_all(until, before):
    """It is looked for before the day after, and there is no day after 9999-12-31."""
    store = Store()
    assert drive(load_newest_complete(until), store.perform) is None
    assert store.asked == [before]


def test_a_code_whose_figures_vanish_meanwhile_has_no_neighbour():
    """A store that knew days of a code and finds none, as after a correction, is no error."""
    store = Store(DAY - dt.timedelta(days=400), DAY + dt.timedelta(days=400))
    assert drive(neighbours_of(Day(DAY, {"USD": DOLLAR})), store.perform) == {}
    assert store.asked == [DAY]


def test_an_error_that_cannot_be_copied_is_raised_to_all_as_it_is():
    """A caller's own store may raise what its copy cannot be made of."""

    class Own(Exception):
        def __init__(self, server: str, port: int) -> None:
            super().__init__(f"{server}:{port}")

    own, usual = Own("db", 5432), ValueError("usual")
    assert twin_of(own) is own
    assert (twin_of(usual).args, twin_of(usual) is usual) == (("usual",), False)


def test_a_full_memory_of_ratios_starts_again():
    """It holds at most 20,000, and the one that comes next is kept."""
    memo, ratio = Memo(), Ratio(49965, 100)
    for key in range(MAX_RATIOS):
        memo.remember(key, ratio, 0)
    assert len(memo) == MAX_RATIOS
    memo.remember("next", ratio, 0)
    assert memo == {"next": ratio}
