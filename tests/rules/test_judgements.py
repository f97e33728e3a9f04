"""Codes of which nothing is known are judged at once, and each as it would be by itself."""

import sys
from datetime import date, datetime, timedelta, timezone
from functools import partial
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest

from kzt_rates.currency_facts import is_quoted_on
from kzt_rates.currency_table import FACTS
from kzt_rates.figures import Day, Figure
from kzt_rates.plans import ranges
from kzt_rates.plans.answering import export_may_tell, verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import World

NOW = datetime(2025, 12, 10, 7, tzinfo=timezone.utc)
OLD = [date(1996, 1, 5), date(2005, 5, 5), date(2016, 7, 1), date(2022, 12, 20)]
RECENT = [date(2025, 12, day) for day in (2, 9, 10, 11)]


def _known_days() -> "Iterator[Day]":
    """Give days of which more or less is known: figures, blanks, silences, a sheet and refusals."""
    drafted = {"USD": Figure("499", 1), "EUR": Figure("580", 1, final=False, fetched_at=NOW)}
    told = product((False, True), repeat=6)
    for day, (figures, blanks, silent, complete, final, old) in product([*OLD, *RECENT], told):
        at = NOW - timedelta(days=40 if old else 0)
        yield Day(
            day,
            drafted if figures else {},
            complete=complete,
            final=final,
            fetched_at=at,
            refused={"JPY": "its nominal", "EGP": "its nominal"} if complete else {},
            silences={"daily": at} if silent else {},
            blanks={"CHF": at, "EGP": at} if blanks else {},
        )


@pytest.mark.parametrize("judge", [verdict, export_may_tell])
def test_codes_are_judged_at_once_only_where_they_are_alike(judge: Any) -> None:
    """Whatever is known of a day, every code is judged as it would be by itself."""
    for known in _known_days():
        codes = [code for code in FACTS if is_quoted_on(code, known.date)]
        judged = ranges._judged(known, codes, partial(judge, known=known, now=NOW))
        assert judged == {code: judge(code, known, NOW) for code in codes}, known


@pytest.mark.parametrize("kind", ["sync"])
def test_a_range_is_judged_by_days(world: "World") -> None:
    """Filling a range of all currencies takes one verdict a day, not one for each of them."""
    world.publish_dense("2015-01-01", "2015-02-28")
    client = world.client()
    calls = 0

    def count(frame: Any, event: str, _: object) -> None:
        nonlocal calls
        calls += event == "call" and frame.f_code is verdict.__code__

    sys.setprofile(count)
    try:
        report = client.sync("2015-01-01", "2015-02-28")
    finally:
        sys.setprofile(None)
    assert report.requests == 1
    assert 59 <= calls <= 60
