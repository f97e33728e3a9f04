"""Several codes, and whole sheets, in the questions of one history. T is 2025-12-10."""

import tracemalloc
from itertools import islice
from typing import TYPE_CHECKING, Any

import pytest

import kzt_rates
from kzt_rates.plans import Fetch, Once, drive

if TYPE_CHECKING:
    from tests.conftest import Driver, World

CODES = ["USD", "EUR", "AMD"]


def sheets_of(driver: "Driver", start: str, end: str | None = None) -> list[Any]:
    """Return the sheets that a client iterates."""

    async def in_a_task(client: Any) -> list[Any]:
        return [sheet async for sheet in client.sheets(start, end)]

    def in_a_thread(client: Any) -> list[Any]:
        return list(client.sheets(start, end))

    found: list[Any] = driver.ask(in_a_thread if driver._kind == "sync" else in_a_task)
    return found


def histories(driver: "Driver", codes: Any, quote: str = "KZT", **range_: Any) -> dict[str, Any]:
    found: dict[str, Any] = driver.ask(lambda client: client.history(codes, quote, **range_))
    return found


def test_one_question_for_several_codes(world: "World") -> None:
    """A year of three codes is one request, and each series is that of its code alone."""
    world.publish_dense("2024-01-01", "2025-12-10", *CODES)
    range_ = {"start": "2024-02-01", "end": "2024-12-31"}
    found = histories(world.client(), CODES, **range_)
    assert [request.feed for request in world.bank.requests] == ["export"]
    assert list(found) == CODES
    for code in CODES:
        other = world.client(cache=False)
        assert found[code] == other.history(code, **range_)


def test_the_days_of_one_code_are_its_own(world: "World") -> None:
    """Days that one currency lacks are missing from its series and from no other."""
    world.publish_dense("2016-06-15", "2016-07-01", "USD")
    world.publish_dense("2016-07-02", "2016-07-20", "USD", "BYN")
    found = histories(world.client(), ("usd", "byn"), start="2016-06-30", end="2016-07-03")
    assert (len(found["USD"]), found["USD"].missing) == (4, ())
    assert [day.isoformat() for day in found["BYN"].missing] == ["2016-06-30", "2016-07-01"]


def test_pairs_with_another_quote(world: "World") -> None:
    """Several bases have one quote; that currency in itself is one."""
    found = histories(world.client(), ["USD", "EUR", "KZT"], "USD", start="2025-12-08")
    assert found["USD"].values == (1, 1, 1)
    for code in ("EUR", "KZT"):
        assert found[code] == world.client(cache=False).history(code, "USD", start="2025-12-08")


@pytest.mark.parametrize(
    ("codes", "error"),
    [
        (["USD", "USB"], kzt_rates.UnknownCurrency),
        ([], ValueError),
        ([840], TypeError),
        (840, TypeError),
        (None, TypeError),
    ],
)
def test_bad_codes(world: "World", codes: Any, error: type[Exception]) -> None:
    """What is no list of codes is said before the bank is asked."""
    with pytest.raises(error):
        histories(world.client(), codes, start="2025-12-08")
    assert world.asked == []


@pytest.mark.parametrize("kind", ["sync"])
def test_sheets_are_asked_for_as_a_history_is(world: "World") -> None:
    """Four years and a half are two requests of the export, and eight of the daily feed."""
    world.publish_dense("2021-05-20", "2025-12-10")
    found = sheets_of(world.client(), "2021-06-01")
    feeds = [request.feed for request in world.bank.requests]
    assert (feeds.count("export"), feeds.count("daily")) == (2, 8)
    assert len(found) == (found[-1].date - found[0].date).days + 1 == 1654
    assert [sheet.date for sheet in found] == sorted({sheet.date for sheet in found})
    world.bank.forget()
    for code in ("USD", "KRW"):
        world.client().history(code, start="2021-06-01")
    assert world.asked == []


def test_a_sheet_of_a_range_is_the_sheet_of_the_day(world: "World") -> None:
    """Each has the figures of the bank, and the recent ones are whole."""
    found = sheets_of(world.client(), "2025-12-04", "2025-12-11")
    assert [f"{sheet.date:%d}" for sheet in found] == [f"{day:02}" for day in range(4, 11)]
    for sheet in found:
        published = world.figures[sheet.date.isoformat()]
        assert {code: (str(rate.value), rate.nominal) for code, rate in sheet.items()} == published
        assert sheet.complete


def test_days_without_a_sheet_are_passed_over(world: "World") -> None:
    """A day that the bank has no rates of is left out, and nothing is put in its place."""
    world.bank.withdraw("2025-12-06")
    found = sheets_of(world.client(), "2025-12-05", "2025-12-07")
    assert [sheet.date.day for sheet in found] == [5, 7]


def test_a_day_that_cannot_be_had_is_an_error(world: "World") -> None:
    """What comes before it is given; the day itself is neither passed over nor made up."""
    world.client().sheet("2025-12-05")
    world.bank.stop()
    client = world.client()
    with pytest.raises(kzt_rates.BankUnavailable):
        sheets_of(client, "2025-12-05", "2025-12-07")
    assert [sheet.date.day for sheet in sheets_of(client, "2025-12-05", "2025-12-05")] == [5]


def test_behind_an_error_the_sheets_go_on(world: "World") -> None:
    """Whoever asks for the next sheet after an error gets the one of the next day."""
    known = world.client()
    for day in ("2025-12-05", "2025-12-07"):
        world.publish(day, day)
        known.sheet(day)
    known.close()

    async def in_a_task(client: Any) -> list[str]:
        sheets, found = client.sheets("2025-12-05", "2025-12-07"), []
        for _ in range(4):
            try:
                found.append(str((await anext(sheets)).date))
            except (kzt_rates.Offline, StopAsyncIteration) as error:
                found.append(type(error).__name__.replace("Async", ""))
        return found

    def in_a_thread(client: Any) -> list[str]:
        sheets, found = client.sheets("2025-12-05", "2025-12-07"), []
        for _ in range(4):
            try:
                found.append(str(next(sheets).date))
            except (kzt_rates.Offline, StopIteration) as error:
                found.append(type(error).__name__)
        return found

    found = world.client(offline=True).ask(in_a_thread if world.kind == "sync" else in_a_task)
    assert found == ["2025-12-05", "Offline", "2025-12-07", "StopIteration"]


def test_offline_what_is_known_is_given(world: "World") -> None:
    """Offline a day known in part is given as incomplete, and an unknown one is an error."""
    world.publish_dense("2025-10-20", "2025-12-03", "USD")
    world.client().history("USD", start="2025-11-05", end="2025-11-06")
    offline = world.client(offline=True)
    found = sheets_of(offline, "2025-11-05", "2025-11-06")
    assert [(list(sheet), sheet.complete) for sheet in found] == [(["USD"], False)] * 2
    with pytest.raises(kzt_rates.Offline):
        sheets_of(offline, "2025-10-20", "2025-10-21")


def test_a_day_that_stays_unknown_is_no_day_without_a_sheet(world: "World") -> None:
    """Where the bank answers, but not about a day, the sheets of a range stop there."""
    codes = ["USD", "EUR"]
    world.publish_dense("2012-01-01", "2012-12-31", *codes)
    world.bank.fail("lost_rows", None, feed="export", start="2012-06-04", end="2012-06-20")
    with pytest.raises(kzt_rates.FeedError, match="2012-06-04"):
        sheets_of(world.client(), "2012-06-03", "2012-06-21")


@pytest.mark.parametrize("kind", ["sync"])
def test_what_another_filled_meanwhile_is_given_without_a_warning(world: "World") -> None:
    """A history whose question fails has all it wants where somebody else asked successfully."""
    world.publish_dense("2012-01-01", "2012-12-31", "USD")
    client, other = world.client(), world.client()
    wanted: dict[str, Any] = {"start": "2012-06-04", "end": "2012-06-20"}

    def perform(step: Any) -> Any:
        if isinstance(step, Fetch):
            other.history("USD", **wanted)
            raise kzt_rates.BankUnavailable("gone", url=world.bank.url)
        if isinstance(step, Once):
            return drive(step.plan(), perform)
        return client.client._perform(step)

    core = client.client._core
    plan = core.history("USD", "KZT", *wanted.values(), "raise", refresh=False)
    assert drive(plan, perform) == other.history("USD", **wanted)
    assert world.asked == ["export"]


@pytest.mark.parametrize("kind", ["sync"])
def test_who_waited_for_a_turn_does_not_ask_again(world: "World") -> None:
    """What another process has asked while a question waited is looked up, not asked for."""
    client, other = world.client(), world.client()
    plan = client.client._core.rate("USD", "KZT", "2025-12-10", "raise", refresh=False)

    def perform(step: Any) -> Any:
        if isinstance(step, Once):
            other.rate("EUR", on="2025-12-10")
        return client.client._perform(step)

    assert drive(plan, perform) == other.rate("USD", on="2025-12-10")
    assert world.asked == ["2025-12-10"]


def test_ranges_that_cannot_be(world: "World") -> None:
    """A range before the tenge, one beyond what is set, one that ends before it starts."""
    client = world.client()
    with pytest.raises(kzt_rates.RateNotFound, match="there was no tenge"):
        sheets_of(client, "1990-01-01", "1991-01-01")
    with pytest.raises(kzt_rates.RateNotFound, match="more than 14 days ahead"):
        sheets_of(client, "2026-12-01", "2026-12-02")
    with pytest.raises(ValueError, match="ends before it starts"):
        client.ask(lambda client: client.sheets("2025-12-05", "2025-12-04"))
    with pytest.raises(ValueError, match="in the future"):
        client.ask(lambda client: client.sheets("2025-12-15"))
    assert world.asked == []


def test_a_closed_client_ends_no_range_quietly(world: "World") -> None:
    """Sheets that are missing because the client was closed must not look like none."""
    client = world.client()

    async def in_a_task(client: Any) -> None:
        sheets = client.sheets("2025-12-04")
        await anext(sheets)
        await client.aclose()
        await anext(sheets)

    def in_a_thread(client: Any) -> None:
        sheets = client.sheets("2025-12-04")
        next(sheets)
        client.close()
        next(sheets)

    with pytest.raises(RuntimeError, match="closed"):
        client.ask(in_a_thread if world.kind == "sync" else in_a_task)


@pytest.mark.parametrize("kind", ["sync"])
def test_thirty_years_are_not_held(kind: str) -> None:
    """Iterating the archive keeps a month of sheets in memory, whatever the range."""
    with kzt_rates.Client(offline=True, cache=False) as client:
        sheets = client.sheets("2016-06-01", "2026-06-01")
        list(islice(sheets, 40))
        tracemalloc.start()
        count = sum(1 for _ in islice(sheets, 800))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert count == 800
    assert peak < 40_000_000
    del kind
