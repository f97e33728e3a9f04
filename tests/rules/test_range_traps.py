"""Traps of ranges: today's rates in few codes, no rows at all, questions that race each other."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

import kzt_rates
from kzt_rates.store.sqlite import SqliteStore

if TYPE_CHECKING:
    from tests.conftest import World

START, END = "2016-01-01", "2016-02-20"


def _dollars(world: "World") -> dict[str, str]:
    return {day: rates["USD"][0] for day, rates in world.figures.items() if START <= day <= END}


def test_todays_rates_in_a_range_of_few_codes(world: "World") -> None:
    """A range that repeats today's rate for one code is refused, and nothing of it is kept."""
    for day, value in _dollars(world).items():
        world.bank.publish(day, {"USD": value})
    client = world.client()
    client.sheet("2025-12-10")
    before = world.dump()
    world.bank.fail("todays_rates", feed="export")
    with pytest.raises(kzt_rates.FeedError, match="with the rates of 2025-12"):
        client.history("USD", start=START, end=END)
    assert world.dump() == before
    assert client.rate("USD", on="2016-01-20").value == Decimal(_dollars(world)["2016-01-20"])


def test_a_rate_of_two_digits_may_stand_still(world: "World") -> None:
    """The rial at 0.4 for weeks is no repetition of today's rate."""
    world.set_clocks("2026-08-21T12:00+05:00")
    world.publish("2026-08-20", "2026-08-21")
    still = {day: {"IRR": ("3.4", 10_000)} for day in (f"2026-07-{n:02}" for n in range(8, 26))}
    for day, rates in still.items():
        world.bank.publish(day, rates)
    world.bank.publish("2026-08-21", {**world.figures["2026-08-21"], "IRR": ("3.4", 10_000)})
    client = world.client()
    client.sheet("2026-08-21")
    series = client.ask(lambda c: c.history("IRR", start="2026-07-08", end="2026-07-25"))
    assert set(series.values) == {Decimal("0.00034")}


def test_a_heading_without_rows_is_a_blink(world: "World") -> None:
    """An export of a long range without any row is asked for again, and refused if it stays."""
    for day, value in _dollars(world).items():
        world.bank.publish(day, {"USD": value})
    world.bank.fail("no_items", feed="export")
    history = world.client(retries=1).history("USD", start=START, end=END)
    assert len(history) == 51
    assert world.asked == ["export"] * 2
    world.bank.fail("no_items", times=None, feed="export")
    client = world.client(retries=1, cache=False)
    with pytest.raises(kzt_rates.FeedError, match="no rows"):
        client.history("USD", start=START, end=END)


def test_a_heading_without_rows_of_a_short_range_is_no_word(world: "World") -> None:
    """Of a single old day it tells nothing: the day is unknown, and asked for again in a day."""
    world.bank.fail("no_items", times=None, feed="export")
    client = world.client()
    for seconds, questions in ((0, 1), (86_399, 1), (1, 2)):
        world.advance(seconds=seconds)
        for missing in ("raise", "previous"):
            with pytest.raises(kzt_rates.FeedError, match="no row of 2016-01-20"):
                client.rate("USD", on="2016-01-20", missing=missing)
        assert world.asked == ["export"] * questions


def test_a_day_that_a_range_brings_meanwhile(world: "World") -> None:
    """Whoever asks for a day while a range with it is under way gets its rate all the same."""
    for day, value in _dollars(world).items():
        world.bank.publish(day, {"USD": value})
    world.bank.delay = 0.3
    client = world.client()
    history, rate, sheet = client.ask_all(
        lambda c: c.history("USD", start=START, end=END),
        world.a_moment_later(lambda c: c.rate("USD", on="2016-01-20")),
        world.a_moment_later(lambda c: c.sheet("2016-01-22")),
    )
    assert len(history) == 51
    assert rate.value == Decimal(_dollars(world)["2016-01-20"])
    assert sheet["USD"].value == Decimal(_dollars(world)["2016-01-22"])


def test_a_figure_before_its_believed_life(world: "World") -> None:
    """What the export says of a code before the table believes it began is given by both verbs."""
    days = ["2013-01-05", "2013-01-06", "2013-04-25"]
    for number, day in enumerate(days):
        world.bank.publish(day, {"USD": "150", "THB": str(190 + number)})
    client = world.client()
    client.ask(lambda c: c.sync(days[0], days[-1], currencies=["THB", "USD"]))
    assert client.rate("THB", on=days[0]).value == Decimal(190)
    series = client.ask(lambda c: c.history("THB", start=days[0], end=days[1]))
    assert series.values == (Decimal(190), Decimal(191))


class FullDisk(SqliteStore):
    """A cache that can be read, and has no room for another answer."""

    def change(self, dates: Any, decide: Any) -> Any:
        raise kzt_rates.StoreUnavailable("database or disk is full")


def test_a_sync_that_cannot_be_kept(world: "World") -> None:
    """A sync stops at the first answer that the cache has no room for; a history goes on."""
    for day, value in _dollars(world).items():
        world.bank.publish(day, {"USD": value})
    client = world.client(cache=FullDisk(str(world.cache)))
    with pytest.raises(kzt_rates.StoreError, match="disk is full"):
        client.sync(START, END, currencies=["USD"])
    assert world.asked == ["export"]
    assert len(client.history("USD", start=START, end=END)) == 51


@pytest.mark.parametrize(
    ("known", "wrong", "refused"),
    [(30, 16, True), (30, 15, False), (6, 4, True), (6, 3, False), (3, 3, True), (2, 2, False)],
)
def test_an_export_that_contradicts_what_is_known(
    world: "World", known: int, wrong: int, *, refused: bool
) -> None:
    """Three or more that differ, and most of what is known for certain: it is of other days."""
    dollars = _dollars(world)
    days = list(dollars)[:known]
    for day in days:
        world.bank.publish(day, {"USD": dollars[day]})
    client = world.client()
    client.sync(days[0], days[-1], currencies=["USD"])
    for day, value in dollars.items():
        world.bank.publish(day, {"USD": value})
    for day in days[:wrong]:
        world.bank.publish(day, {"USD": Decimal(dollars[day]) + 1})
    before = world.dump()
    # a gap on either side of what is known, so that one question goes over it
    world.bank.publish("2015-12-20", {"USD": "339.47"})
    if refused:
        with pytest.raises(kzt_rates.FeedError, match=f"contradicts {wrong} of {known} figures"):
            client.history("USD", start="2015-12-20", end=END)
        assert world.dump() == before
    else:
        series = client.history("USD", start="2015-12-20", end=END)
        assert series.at(days[0]) == Decimal(dollars[days[0]])
        assert series.at(END) == Decimal(dollars[END])


def test_a_sync_of_days_to_come(world: "World") -> None:
    """There is nothing to fetch of tomorrow yet."""
    with pytest.raises(ValueError, match="is in the future"):
        world.client().sync("2025-12-11", "2025-12-12")
    assert world.asked == []
