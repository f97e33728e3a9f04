"""RULES.md, "following the bank": when it is asked, what is given, what is survived.

T is Wednesday, 2025-12-10, noon. The bank publishes at 15:58, and its clock is the client's.
"""

import asyncio
import logging
import pickle
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any

import pytest

import kzt_rates
from kzt_rates.dates import utc_now
from kzt_rates.plans import Pause, Terms
from kzt_rates.plans.following import Watch, next_look, wait_until
from kzt_rates.testing import SettableClock

if TYPE_CHECKING:
    from tests.conftest import Driver, World

FIRST_DAY, LAST_DAY = "2025-12-04", "2025-12-20"
NOTHING = timedelta()


def instant(text: str) -> datetime:
    """Return a moment of Kazakhstan's, `"10 15:58"`, in December 2025."""
    day, hour = text.split()
    return datetime.fromisoformat(f"2025-12-{day}T{hour}:00+05:00")


class Script(SettableClock):
    """A clock that does what is written for an hour when it passes it."""

    def __init__(self, start: str) -> None:
        super().__init__(start)
        self.script: list[tuple[datetime, Callable[[], object]]] = []

    def now(self) -> datetime:
        """Return the time, and nothing that could be asked to wait."""
        return self()

    def at(self, when: str, do: Callable[[], object]) -> None:
        self.script.append((instant(when), do))
        self.script.sort(key=lambda line: line[0])

    def wait_until(self, instant: datetime) -> None:
        while self.script and self.script[0][0] <= instant:
            when, do = self.script.pop(0)
            self.set(when)
            do()
        super().wait_until(instant)


@pytest.fixture
def clock(world: "World") -> Script:
    """The one clock of client and bank, which publishes tomorrow's sheet at 15:58."""
    clock = Script("2025-12-10T12:00+05:00")
    world.clock = world.bank_clock = clock
    world.reopen(tomorrow_at="15:58")
    world.publish(FIRST_DAY, LAST_DAY)
    return clock


def followed(driver: "Driver", count: int | None = None, **options: Any) -> list[Any]:
    """Return what a watch gives, at most `count` of it."""

    async def in_a_task(client: Any) -> list[Any]:
        found: list[Any] = []
        sheets = client.watch(**options)
        while count is None or len(found) < count:
            try:
                found.append(await anext(sheets))
            except StopAsyncIteration:
                break
        return found

    def in_a_thread(client: Any) -> list[Any]:
        return list(islice(client.watch(**options), count))

    found: list[Any] = driver.ask(in_a_thread if driver._kind == "sync" else in_a_task)
    return found


def told(sheets: list[Any]) -> list[str]:
    """Return date, reason and date before of each sheet, in short."""
    return [f"{s.date:%d} {s.reason} {s.before.date:%d}" for s in sheets]


def hours(world: "World") -> list[str]:
    """Return when rates_all.xml was asked, to the minute."""
    return [f"{r.at:%d %H:%M}" for r in world.bank.requests if r.feed == "latest"]


def test_a_week(world: "World", clock: Script) -> None:
    """Each day's sheet is given when it is published and when it is final, nothing else is.

    No day takes more than 60 requests, and no two follow within ten minutes.
    """
    sheets = followed(world.client(), until="2025-12-16")
    assert told(sheets) == [
        "11 published 10",
        *(line for day in range(11, 17) for line in (
            f"{day} final {day}", f"{day + 1} published {day}"
        )),
    ]  # fmt: skip
    assert [sheet.provisional for sheet in sheets] == [True] + [False, True] * 6
    assert sheets[0]["USD"].value == Decimal(world.figures["2025-12-11"]["USD"][0])
    assert clock() < instant("17 00:00")
    times = [request.at for request in world.bank.requests]
    assert {request.feed for request in world.bank.requests} == {"latest"}
    assert max(Counter(time.date() for time in times).values()) <= 60
    assert min(b - a for a, b in pairwise(times)) >= timedelta(minutes=10)


def test_the_hours(world: "World", clock: Script) -> None:
    """Hourly, every ten minutes in the afternoon, and at 00:05."""
    followed(world.client(), until=instant("11 03:30"))
    evening = [f"10 {hour}:{minute}0" for hour in range(14, 19) for minute in range(6)]
    assert hours(world) == [
        *("10 12:00", "10 13:00", *evening, "10 19:00"),
        *("10 20:00", "10 21:00", "10 22:00", "10 23:00"),
        *("11 00:05", "11 01:05", "11 02:05", "11 03:05"),
    ]
    del clock


@pytest.mark.parametrize(
    ("last", "failures", "then"),
    [
        ("10 09:20", 0, "10 10:20"),
        ("10 12:57", 0, "10 14:00"),
        ("10 13:20", 0, "10 14:00"),
        ("10 13:57", 0, "10 14:07"),
        ("10 14:00", 0, "10 14:10"),
        ("10 18:59", 0, "10 19:09"),
        ("10 19:00", 0, "10 20:00"),
        ("10 23:00", 0, "11 00:05"),
        ("10 23:58", 0, "11 00:08"),
        ("11 00:01", 0, "11 00:11"),
        ("11 00:05", 0, "11 01:05"),
        ("10 12:00", 1, "10 12:01"),
        ("10 12:00", 2, "10 12:02"),
        ("10 12:00", 3, "10 12:05"),
        ("10 12:00", 4, "10 12:10"),
        ("10 15:00", 99, "10 15:10"),
    ],
)
def test_the_next_look(last: str, failures: int, then: str) -> None:
    """The hours of the bank, never less than ten minutes apart but after a failure."""
    assert next_look(instant(last), failures, NOTHING) == instant(then)


def test_those_who_begin_together_do_not_ask_together() -> None:
    """What is fixed by the clock is scattered over a minute; ten minutes stay between."""
    late = timedelta(seconds=59)
    assert next_look(instant("10 13:20"), 0, late) == instant("10 14:00") + late
    assert next_look(instant("10 23:00") + late, 0, late) == instant("11 00:05") + late


def test_before_the_law_of_2024() -> None:
    """In 2021 the afternoon of Almaty began an hour earlier in UTC."""
    last = datetime.fromisoformat("2021-06-01T07:30+00:00")
    assert next_look(last, 0, NOTHING) == datetime.fromisoformat("2021-06-01T08:00+00:00")


def test_a_draft_is_corrected(world: "World", clock: Script) -> None:
    """Another figure on the sheet that was given is a correction, with the old sheet before it."""
    other = {**world.figures["2025-12-11"], "USD": ("515.00", 1)}
    clock.at("10 17:25", lambda: world.bank.publish("2025-12-11", other))
    sheets = followed(world.client(), 3)
    assert told(sheets) == ["11 published 10", "11 corrected 11", "11 final 11"]
    assert sheets[1]["USD"].value == Decimal(515)
    assert sheets[1].before == sheets[0]
    assert sheets[1].provisional


def test_a_final_figure_is_corrected(world: "World", clock: Script) -> None:
    """What was final is corrected when both feeds say so; the cache has the new figure."""
    other = {**world.figures["2025-12-10"], "USD": ("515.00", 1)}
    clock.at("10 13:30", lambda: world.bank.publish("2025-12-10", other))
    client = world.client()
    (sheet,) = followed(client, until=instant("10 15:00"))
    assert (told([sheet]), sheet.provisional) == (["10 corrected 10"], False)
    assert sheet["USD"].value == client.rate("USD").value == Decimal(515)
    assert world.asked.count("2025-12-10") == 1


@pytest.mark.parametrize("daily_answers", [False, True])
def test_one_feed_alone_corrects_nothing_final(
    world: "World", clock: Script, caplog: pytest.LogCaptureFixture, *, daily_answers: bool
) -> None:
    """A final figure stays where the daily feed does not confirm the other one; the log says so."""

    def correct() -> None:
        world.bank.fail("scaled", None, feed="latest", codes="USD", factor="1.001")

    clock.at("10 13:30", correct)
    if not daily_answers:
        world.bank.fail("html", None, feed="daily")
    client = world.client()
    caplog.set_level(logging.INFO, logger="kzt_rates")
    assert followed(client, until=instant("10 15:00")) == []
    assert client.rate("USD").value == Decimal(world.figures["2025-12-10"]["USD"][0])
    what = "(USD) is not confirmed by the daily feed" if daily_answers else "is not confirmed: "
    assert any(f"corrects on 2025-12-10 {what}" in said for said in caplog.messages)


def test_one_feed_alone_is_not_held_against_the_other_at_each_look(
    world: "World", clock: Script
) -> None:
    """A correction that stays unconfirmed for a day takes no more than 60 requests."""
    wrong = {**world.figures["2025-12-10"], "USD": ("515.00", 1)}
    for day in range(11, 21):
        world.bank.withdraw(f"2025-12-{day}")
    clock.at("10 12:30", lambda: world.bank.publish("2025-12-10", wrong))
    world.bank.fail("html", feed="daily", times=None)
    client = world.client()
    assert followed(client, until=instant("10 23:59")) == []
    assert world.asked.count("2025-12-10") in range(4, 9)
    assert len(world.asked) <= 60
    status = client.ask(lambda client: client.status())
    assert "HTML" in status.feeds["daily"].last_error
    # and is believed in the end where both agree
    world.bank.heal()
    (sheet,) = followed(client, 1, until=instant("12 23:59"))
    assert sheet["USD"].value == Decimal(515)


def test_hours_of_absence(world: "World", clock: Script, caplog: pytest.LogCaptureFixture) -> None:
    """A bank that is away over two publications: both sheets come, and two lines tell of it."""
    clock.at("10 13:30", world.bank.stop)
    clock.at("11 20:30", world.bank.start)
    with caplog.at_level(logging.WARNING, logger="kzt_rates"):
        sheets = followed(world.client(retries=3), until=instant("11 23:30"))
    assert told(sheets) == ["11 published 10", "12 published 11"]
    assert [message.partition(":")[0] for message in caplog.messages] == [
        "the watch continues after a failure",
        "the bank answers again, for the first time since 2025-12-10 14",
    ]


@pytest.mark.parametrize("fault", ["html", "status"])
def test_a_sheet_between_that_cannot_be_had_at_once(
    world: "World", clock: Script, fault: str
) -> None:
    """After an absence a daily feed that fails once or twice hides no sheet."""

    def come_back() -> None:
        world.bank.start()
        world.bank.fail(fault, feed="daily", times=2)

    clock.at("10 13:30", world.bank.stop)
    clock.at("12 20:30", come_back)
    sheets = followed(world.client(retries=0), until=instant("12 23:30"))
    assert told(sheets) == ["11 published 10", "12 published 11", "13 published 12"]


def test_a_sheet_between_that_cannot_be_had_at_all(
    world: "World", clock: Script, caplog: pytest.LogCaptureFixture
) -> None:
    """Where it stays away, the newest sheet comes after a few looks, and the log names the gap."""

    def come_back() -> None:
        world.bank.start()
        world.bank.fail("html", feed="daily", times=None)

    clock.at("10 13:30", world.bank.stop)
    clock.at("11 20:30", come_back)
    with caplog.at_level(logging.WARNING, logger="kzt_rates"):
        sheets = followed(world.client(retries=0), until=instant("12 14:30"))
    assert told(sheets) == ["12 published 10", "12 final 12"]
    assert any("a sheet before 2025-12-12 is left out" in said for said in caplog.messages)


def test_after_a_failure(world: "World", clock: Script) -> None:
    """It is asked again after 1, 2, 5 and then every ten minutes, once each time."""
    world.bank.fail("status", status=503, feed="latest", times=7)
    followed(world.client(retries=3), until=instant("10 14:05"))
    assert hours(world) == [
        *("10 12:00", "10 12:01", "10 12:03", "10 12:08", "10 12:18", "10 12:28", "10 12:38"),
        *("10 12:48", "10 13:48", "10 14:00"),
    ]
    del clock


def test_answers_that_are_not_believed(world: "World", clock: Script) -> None:
    """A web page in place of the feed is a failure like any other, and survived."""
    world.bank.fail("html", feed="latest", times=30)
    sheets = followed(world.client(), until=instant("11 00:30"))
    assert told(sheets) == ["11 final 11"]
    assert hours(world)[29:32] == ["10 16:28", "10 16:38", "10 16:48"]
    del clock


def test_a_long_weekend(world: "World", clock: Script) -> None:
    """Where Monday's sheet is out on Friday, those of the weekend are given as well."""
    world.reopen()
    world.bank.forget()
    clock.set("2025-12-10T12:00+05:00")
    for day in ("12", "13", "14"):
        clock.at("10 15:58", lambda day=day: world.publish(f"2025-12-{day}", f"2025-12-{day}"))
    sheets = followed(world.client(), until=instant("10 18:00"))
    assert told(sheets) == ["12 published 11", "13 published 12", "14 published 13"]
    assert [asked for asked in world.asked if asked != "latest"] == ["2025-12-12", "2025-12-13"]


def test_a_copy_that_lags_behind(world: "World", clock: Script) -> None:
    """An older sheet than the one that was given is no news, and what follows is none twice."""
    clock.at("10 16:25", lambda: world.bank.withdraw("2025-12-11"))
    clock.at("10 17:25", lambda: world.publish("2025-12-11", "2025-12-11"))
    for day in range(12, 21):
        world.bank.withdraw(f"2025-12-{day}")
    assert told(followed(world.client(), until=instant("10 20:00"))) == ["11 published 10"]


def test_a_sheet_that_was_dated_ahead_by_mistake(world: "World", clock: Script) -> None:
    """It hides none of those that are published after it, each of which is given once."""
    ahead = {"feed": "latest", "date": "2025-12-19"}
    clock.at("10 13:30", lambda: world.bank.fail("another_date", **ahead))
    clock.at("10 17:30", world.bank.heal)
    sheets = followed(world.client(), until=instant("12 15:00"))
    assert told(sheets) == ["19 published 10", "11 published 19", "12 published 11"]


def test_what_was_published_while_nobody_watched(world: "World", clock: Script) -> None:
    """A watch on a cache that knows an older newest sheet gives what has come since."""
    first = world.client()
    followed(first, until=instant("10 13:00"))
    first.close()
    clock.set(instant("12 12:00"))
    sheets = followed(world.client(), until=instant("12 13:00"))
    assert told(sheets) == ["11 published 10", "12 published 11"]


def test_the_start_is_not_given(world: "World", clock: Script) -> None:
    """On an empty cache the first answer is what changes are measured against."""
    assert followed(world.client(), until=instant("10 13:00")) == []
    assert hours(world)[0] == "10 12:00"
    del clock


def test_only_some_codes(world: "World", clock: Script) -> None:
    """A correction of other codes is not given, nor a sheet without any of those that count."""
    euro = {**world.figures["2025-12-11"], "EUR": ("600.00", 1)}
    clock.at("10 17:25", lambda: world.bank.publish("2025-12-11", euro))
    sheets = followed(world.client(), codes=["usd"], until=instant("11 02:00"))
    assert told(sheets) == ["11 published 10", "11 final 11"]
    assert followed(world.client(), codes="eur", until=instant("11 03:00")) == []


def test_a_threshold(world: "World", clock: Script) -> None:
    """Small moves add up: the next sheet is given when it is so far from the one given last."""
    usd = {day: Decimal(world.figures[day]["USD"][0]) for day in world.figures if "USD" in
           world.figures[day]}  # fmt: skip
    sheets = followed(world.client(), codes=["USD"], threshold="0.5", until="2025-12-18")
    expected, last = [], "2025-12-10"
    for day in (f"2025-12-{day}" for day in range(11, 20)):
        if abs(usd[day] - usd[last]) / usd[last] * 100 >= Decimal("0.5"):
            expected.append(f"{day[-2:]} published {last[-2:]}")
            last = day
    assert told(sheets) == expected
    assert len(expected) in range(1, 9)
    del clock


def test_a_threshold_and_a_code_that_was_not_there(world: "World", clock: Script) -> None:
    """A code that the sheet before lacks is measured from where it first comes."""
    euros = {"2025-12-11": None, "2025-12-12": "600.00", "2025-12-13": "630.00"}
    for day, euro in {"2025-12-10": None, **euros}.items():
        rates = {code: rate for code, rate in world.figures[day].items() if code != "EUR"}
        world.bank.publish(day, rates if euro is None else {**rates, "EUR": (euro, 1)})
    options: dict[str, Any] = {"codes": ["EUR"], "until": instant("12 23:30")}
    (sheet,) = followed(world.client(), threshold=1, **options)
    assert (sheet["EUR"].value, sheet.before.get("EUR")) == (Decimal(630), None)


def test_a_threshold_of_zero(world: "World", clock: Script) -> None:
    """It is reached by everything, so that nothing is left out."""
    options: dict[str, Any] = {"codes": ["USD"], "until": instant("11 12:00")}
    sheets = followed(world.client(cache=False), threshold=0, **options)
    assert told(sheets) == ["11 published 10", "11 final 11"]
    del clock


def test_the_last_date_of_all(world: "World", clock: Script) -> None:
    """It is no end, and no overflow."""
    sheets = followed(world.client(), 1, until="9999-12-31")
    assert told(sheets) == ["11 published 10"]
    del clock


def test_a_sheet_of_a_watch_is_a_sheet(world: "World", clock: Script) -> None:
    """It equals the same sheet without a reason, is hashed, pickled and dumped as that."""
    client = world.client()
    (sheet,) = followed(client, 1)
    plain = client.sheet(sheet.date)
    assert sheet == plain
    assert plain == sheet
    assert hash(sheet) == hash(plain)
    again = pickle.loads(pickle.dumps(sheet))
    assert (again, again.reason, again.before) == (sheet, "published", sheet.before)
    assert kzt_rates.RateSheet.model_validate_json(sheet.model_dump_json()) == sheet
    assert type(sheet.before) is kzt_rates.RateSheet
    del clock


BAD: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"codes": ["USB"]}, kzt_rates.UnknownCurrency, "USB"),
    ({"codes": []}, ValueError, "no currency to watch"),
    ({"codes": ["KZT"]}, ValueError, "no currency to watch"),
    ({"codes": [840]}, TypeError, "code"),
    ({"threshold": -1}, ValueError, "at least 0, not -1"),
    ({"threshold": float("nan")}, ValueError, "threshold is a percentage"),
    ({"threshold": "1e3"}, ValueError, "threshold is a percentage"),
    ({"threshold": True}, TypeError, "threshold is a percentage"),
    ({"until": "2025-12-09"}, ValueError, "until 2025-12-09 is in the past"),
    ({"until": "10.12.25"}, ValueError, "a date is written"),
    ({"until": 20251212}, TypeError, "a date is a date"),
    ({"until": datetime(2025, 12, 10, 11, 59)}, ValueError, "is in the past"),  # noqa: DTZ001
    ({"until": instant("10 12:00")}, ValueError, "is in the past"),
]


@pytest.mark.parametrize(("options", "error", "message"), BAD)
def test_bad_input(
    world: "World", clock: Script, options: dict[str, Any], error: type[Exception], message: str
) -> None:
    """What cannot be watched is said before the bank is asked."""
    with pytest.raises(error, match=message):
        followed(world.client(), **options)
    assert world.asked == []
    del clock


def test_offline(world: "World", clock: Script) -> None:
    """A client that may not ask does not wait for ever."""
    with pytest.raises(kzt_rates.Offline, match="watch needs the bank"):
        followed(world.client(offline=True))
    del clock


def test_until(world: "World", clock: Script) -> None:
    """A date is inclusive, a naive moment is one in Kazakhstan, like the same one with its zone."""
    ends = [datetime(2025, 12, 10, 16, 5), instant("10 16:05")]  # noqa: DTZ001  # as users write it
    for end in ends:
        clock.set(instant("10 15:00"))
        world.cache.unlink(missing_ok=True)
        driver = world.client(cache=False)
        assert told(followed(driver, until=end)) == ["11 published 10"]
    clock.set(instant("10 15:00"))
    assert followed(world.client(cache=False), until=instant("10 15:50")) == []


def test_a_watch_is_closed_with_its_client(world: "World", clock: Script) -> None:
    """Whoever waits for the next sheet is let go at once, quietly, when the client is closed."""
    still = world.client(clock=clock.now)  # real waiting for a clock that nobody moves
    if world.kind == "sync":
        ended = threading.Event()

        def follow() -> None:
            assert list(still.client.watch()) == []
            ended.set()

        thread = threading.Thread(target=follow)
        thread.start()
        _wait_until_asked(world)
        still.client.close()
        assert ended.wait(60)
        thread.join()
        return

    async def scene(client: Any) -> None:
        from kzt_rates.loops import sleep

        async def close_later() -> None:
            while not world.asked:
                await sleep(0.005)
            await sleep(0.02)
            await client.aclose()

        async def follow() -> None:
            assert [sheet async for sheet in client.watch()] == []

        await _both(world.kind, follow, close_later)

    still.ask(scene)


async def _both(kind: str, *calls: Callable[[], Any]) -> None:
    if kind == "trio":
        import trio

        with trio.fail_after(60):
            async with trio.open_nursery() as nursery:
                for call in calls:
                    nursery.start_soon(call)
    else:
        await asyncio.wait_for(asyncio.gather(*(call() for call in calls)), 60)


def _wait_until_asked(world: "World") -> None:
    waiting = threading.Event()
    for _ in range(1000):
        if world.asked:
            break
        waiting.wait(0.005)
    waiting.wait(0.02)


def test_a_watch_that_is_cancelled(world: "World", clock: Script) -> None:
    """A task that is cancelled while it waits ends; the client, and the same watch, go on."""
    if world.kind == "sync":
        pytest.skip("a thread is not cancelled")
    still = world.client(clock=clock.now)

    async def scene(client: Any) -> str:
        watch, pauses, pause = client.watch(), [], client._pause

        async def paused(step: Pause) -> Any:
            pauses.append(step)
            return await pause(step)

        client._pause = paused  # only who waits has seen what changes are measured against
        await _cancelled(world.kind, lambda: anext(watch), lambda: bool(pauses))
        clock.set(instant("10 16:10"))
        sheet = await anext(watch)
        return f"{sheet.date} {sheet.reason}"

    assert still.ask(scene) == "2025-12-11 published"


async def _cancelled(kind: str, call: Callable[[], Any], when: Callable[[], bool]) -> None:
    from kzt_rates.loops import sleep

    if kind == "trio":
        import trio

        async with trio.open_nursery() as nursery:
            nursery.start_soon(call)
            while not when():
                await sleep(0.005)
            await sleep(0.05)
            nursery.cancel_scope.cancel()
        return
    task = asyncio.create_task(_awaited(call))
    while not when():
        await sleep(0.005)
    await sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def _awaited(call: Callable[[], Any]) -> Any:
    return await call()


def test_an_interrupt(world: "World", clock: Script) -> None:
    """Ctrl-C while waiting passes through, and the client can be used afterwards."""

    def interrupt() -> None:
        raise KeyboardInterrupt

    clock.at("10 12:30", interrupt)
    client = world.client()
    if world.kind == "trio":
        pytest.skip("trio ends its whole run")
    with pytest.raises(KeyboardInterrupt):
        followed(client)
    if world.kind == "sync":
        assert client.rate("USD").value == Decimal(world.figures["2025-12-10"]["USD"][0])


def test_a_watch_that_is_left(world: "World", clock: Script) -> None:
    """Leaving the loop, or closing the iterator, ends the watch and nothing else."""
    client = world.client()

    async def in_a_task(client: Any) -> bool:
        watch = client.watch()
        async for _ in watch:
            break
        await watch.aclose()
        return [sheet async for sheet in watch] == []

    def in_a_thread(client: Any) -> bool:
        watch: Iterator[Any] = client.watch()
        for _ in watch:
            break
        watch.close()  # type: ignore[attr-defined]  # a generator
        return list(watch) == []

    assert client.ask(in_a_thread if world.kind == "sync" else in_a_task)
    assert client.rate("USD").value == Decimal(world.figures["2025-12-10"]["USD"][0])
    del clock


def _pauses(clock: Callable[[], datetime], until: datetime, *, steps: int) -> list[float]:
    terms = Terms(clock, "", offline=False, corrected=lambda: None)
    plan = wait_until(terms, until, lambda: False)
    return [step.seconds for step in islice(plan, steps) if isinstance(step, Pause)]


def test_real_waiting_is_in_pieces() -> None:
    """A machine that slept notices within five minutes; a clock of one's own is looked at often."""
    real = _pauses(utc_now, utc_now() + timedelta(hours=1), steps=2)
    assert real == [300, 300]
    still = Script("2025-12-10T12:00+05:00")
    assert _pauses(still.now, still() + timedelta(hours=1), steps=3) == [1, 1, 1]


def test_a_clock_that_is_set_back() -> None:
    """Waiting ends where the clock is put back: what was planned is planned again."""
    clock = Script("2025-12-10T12:00+05:00")
    terms = Terms(clock.now, "", offline=False, corrected=lambda: None)
    plan = wait_until(terms, clock() + timedelta(hours=1), lambda: False)
    next(plan)
    clock.advance(days=-1)
    with pytest.raises(StopIteration):
        next(plan)


def test_status_of_a_watch(world: "World", clock: Script) -> None:
    """The status tells what was asked, what came, and what went wrong."""
    world.bank.fail("status", status=503, feed="latest")
    client = world.client()
    followed(client, until=instant("10 20:00"))
    status = client.ask(lambda client: client.status())
    assert (status.today.day, status.newest_complete.day, status.newest_asked.day) == (10, 11, 11)
    latest = status.feeds["latest"]
    assert latest.last_error_at == instant("10 12:00")
    assert "503" in latest.last_error
    assert latest.last_success == status.asked_at == world.bank.requests[-1].at


def kept_up(driver: "Driver", watch: Any) -> Any:
    """Return what a watch of the core brings next."""
    return driver.ask(lambda client: client._run(client._core.next_watched(watch)))


def test_a_watch_that_keeps_today(
    world: "World", clock: Script, caplog: pytest.LogCaptureFixture
) -> None:
    """A service asks for today's sheet, too, and survives a day without one; each look is noted."""
    for day in range(10, 21):
        world.bank.withdraw(f"2025-12-{day}")
    client, looks = world.client(), []
    caplog.set_level(logging.INFO, logger="kzt_rates")
    watch = client.client._core.watch(
        None, None, instant("10 14:05"), keep_today=True, looked=lambda: looks.append(clock.now())
    )
    assert kept_up(client, watch) is None
    assert [f"{look:%H:%M}" for look in looks] == ["12:00", "13:00", "14:00"]
    assert "2025-12-10" in world.asked
    assert any("2025-12-10" in said for said in caplog.messages if said[:3] != "GET")


def test_a_watch_that_ends_while_it_asks(
    world: "World", clock: Script, caplog: pytest.LogCaptureFixture
) -> None:
    """Where asking fails because the client is being closed, the watch ends without a complaint."""
    world.bank.fail("status", None, status=503)
    client = world.client()
    core = client.client._core
    watch = Watch(core.terms, None, None, None, is_over=lambda: bool(world.bank.requests))
    assert kept_up(client, watch) is None
    assert not any("continues after a failure" in said for said in caplog.messages)
    del clock


def test_a_start_without_figures(world: "World", clock: Script) -> None:
    """A newest sheet of which no figure was believed is no start: the first good answer is."""
    figures = world.figures["2025-12-10"]
    world.bank.publish("2025-12-10", {code: (value, 7) for code, (value, _) in figures.items()})
    client = world.client()
    with pytest.raises(kzt_rates.FeedError, match="no figure"):
        client.latest()
    world.publish("2025-12-10", "2025-12-10")
    assert told(followed(client, until=instant("10 18:00"))) == ["11 published 10"]
    del clock
