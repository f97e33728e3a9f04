"""Who asks twice gets the same: the archive takes nothing away, and nothing is counted twice."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conftest import World

TODAY, TOMORROW = "2025-12-10", "2025-12-11"


def test_the_latest_sheet_of_a_day_of_the_archive(world: "World") -> None:
    """Where the archive has the newest day whole, changes and the hour are the bank's."""
    client = world.client(archive=None)
    first, again = client.latest(), client.latest()
    assert world.asked == ["latest"]
    assert str(first.date) == TOMORROW
    assert first["USD"].change is not None
    assert again == first
    assert (first.source, again.source) == ("bank", "cache")
    assert first.fetched_at == again.fetched_at == world.clock()
    assert world.client(archive=None).latest() == first


def test_a_refreshed_sheet_of_the_archive_says_when_it_came(world: "World") -> None:
    """It is of the bank, of now, with the bank's changes; and stays so without a refresh."""
    client = world.client(archive=None)
    assert client.sheet(TODAY).fetched_at is None
    refreshed = client.sheet(TODAY, refresh=True)
    assert (refreshed.source, refreshed.fetched_at) == ("bank", world.clock())
    assert refreshed["USD"].change is not None
    known = client.sheet(TODAY)
    assert (known, known.source, known.fetched_at) == (refreshed, "cache", world.clock())


def test_a_sync_counts_what_is_new(world: "World") -> None:
    """What is asked again, because a sheet lacks a code, is not counted as fetched again."""
    rates = {code: rate for code, rate in world.figures[TODAY].items() if code != "AMD"}
    world.bank.publish(TODAY, rates)
    client = world.client()
    first = client.sync(TODAY)
    assert first.rates >= len(rates)  # and what the question about the lacking one brought along
    again = client.sync(TODAY)
    assert again.requests
    assert (again.rates, again.days) == (0, 0)
    world.bank.publish(TODAY, world.figures[TODAY])
    last = client.sync(TODAY)
    assert (last.rates, last.days) == (1, 1)


def test_a_draft_that_becomes_final_is_new(world: "World") -> None:
    """A figure that was a draft counts once more when its day has come."""
    client = world.client()
    client.latest()
    world.advance(days=1)
    report = client.sync(TOMORROW, TOMORROW)
    assert report.rates == len(world.figures[TOMORROW])
