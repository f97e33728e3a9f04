"""Codes of which nothing is known are judged at once, and each as it would be by itself."""

import sys
from datetime import date, datetime, timedelta, timezone
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest

from kzt_rates.currency import FACTS
from kzt_rates.figures import Day, Figure, Listing, Refusal
from kzt_rates.plans import questions
from kzt_rates.plans.rules import State, judged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import World

    from kzt_rates.figures import Feed
    from kzt_rates.plans.rules import Verdict

NOW = datetime(2025, 12, 10, 7, tzinfo=timezone.utc)
OLD = [date(1996, 1, 5), date(2005, 5, 5), date(2016, 7, 1), date(2022, 12, 20)]
RECENT = [date(2025, 12, day) for day in (2, 9, 10, 11)]


def _figure(value: str, *, final: bool) -> Figure:
    return Figure(value, 1, feed="daily", final=final, fetched_at=NOW)


def _known_days() -> "Iterator[Day]":
    """Give days of which more or less is known: figures, marks of each kind, a sheet, refusals."""
    drafted = {"USD": _figure("499", final=True), "EUR": _figure("580", final=False)}
    told = product((False, True), repeat=7)
    for day, (figures, cells, silent, listed, complete, final, old) in product(
        [*OLD, *RECENT], told
    ):
        at = NOW - timedelta(days=40 if old else 0)
        yield Day(
            day,
            drafted if figures else {},
            complete=complete,
            final=final,
            fetched_at=at,
            refused={c: Refusal("its nominal", at) for c in ("JPY", "EGP")} if complete else {},
            silences={"daily": at} if silent else {},
            blanks={"CHF": at, "EGP": at} if cells else {},
            absent={"GBP": at} if cells else {},
            listings={"daily": Listing(frozenset(("USD", "EUR", "JPY")), at)} if listed else {},
        )


@pytest.mark.parametrize("alone", [False, True])
def test_codes_are_judged_at_once_only_where_they_are_alike(*, alone: bool) -> None:
    """Whatever is known of a day, each code is judged as it would be by itself."""
    for known in _known_days():

        def judge(code: str, known: Day = known) -> "tuple[Verdict, Feed | None]":
            state = State(code, known, NOW, {}, alone=alone)
            return judged(state), state.feed_to_ask()

        # of those that did not exist no survey asks
        by_itself = {code: judge(code) for code in FACTS}
        codes = [code for code in FACTS if by_itself[code][0] != "no_such_unit"]
        found = questions._each_judged(known, codes, judge)
        assert found == {code: by_itself[code] for code in codes}, known
        assert list(found) == codes


@pytest.mark.parametrize("kind", ["sync"])
def test_a_range_is_judged_by_days(world: "World") -> None:
    """Filling a range of all currencies takes one verdict a day, not one for each of them."""
    world.publish_dense("2015-01-01", "2015-02-28")
    client = world.client()
    calls = 0

    def count(frame: Any, event: str, _: object) -> None:
        nonlocal calls
        calls += event == "call" and frame.f_code is judged.__code__

    sys.setprofile(count)
    try:
        report = client.sync("2015-01-01", "2015-02-28")
    finally:
        sys.setprofile(None)
    assert report.requests == 1
    assert 59 <= calls <= 60
