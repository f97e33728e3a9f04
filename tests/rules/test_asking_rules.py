"""RULES.md, "Asking", and what day it is. T is 2025-12-10."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dateutil.tz
import pytest

import kzt_rates
from kzt_rates.testing import SettableClock, StandInBank
from kzt_rates.testing.http import Line

if TYPE_CHECKING:
    from conftest import Figures, World

TODAY, YESTERDAY, TOMORROW = "2025-12-10", "2025-12-09", "2025-12-11"


def _wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.002)


def _per_unit(code: str, client: Any) -> Any:
    return client.convert(1, code, on=TODAY)


@pytest.mark.parametrize("fault", [None, "html"])
def test_one_request_for_all(world: "World", fault: str | None) -> None:
    """32 threads, or 100 tasks, that want one day ask once, and all get the answer."""
    world.bank.delay = 0.4
    if fault is not None:
        world.bank.fail(fault)
    number = 32 if world.kind == "sync" else 100
    codes = ["USD", "EUR", "AMD", "RUB"] * (number // 4)
    answers = world.client().ask_all(*(partial(_per_unit, code) for code in codes))
    assert world.asked == [TODAY]
    if fault is None:
        # AMD is 13.53 per 10
        expected = {"USD": "514.74", "EUR": "599.36", "AMD": "1.353", "RUB": "6.71"}
        assert answers == [Decimal(expected[code]) for code in codes]
    else:
        assert {type(answer) for answer in answers} == {kzt_rates.FeedError}
        assert len({id(answer) for answer in answers}) == number


def test_one_request_a_feed_and_date(world: "World") -> None:
    """Sheets, rates, refreshes and `latest` at once: one request for each feed and date."""
    world.bank.delay = 0.4
    calls: list[Callable[[Any], Any]] = []
    for _ in range(4):
        calls += [
            lambda c: c.sheet(TODAY),
            lambda c: c.rate("USD", on=YESTERDAY),
            lambda c: c.latest(),
            lambda c: c.rate("EUR", on=TODAY, refresh=True),
        ]
    answers = world.client().ask_all(*calls)
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert sorted(world.asked) == [YESTERDAY, TODAY, "latest"]


class CountingBank(StandInBank):
    """A bank with a gate, that counts whom it serves at once and from which ports they came."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.ports: list[int] = []
        self.most = self.now = 0
        self.gate = threading.Event()
        self.gate.set()
        self._counting = threading.Lock()

    def _reply(self, path: str, headers: Mapping[str, str], line: Line) -> bool:
        with self._counting:
            self.now += 1
            self.most = max(self.most, self.now)
            self.ports.append(line._connection.getpeername()[1])
        self.gate.wait(60)
        try:
            return super()._reply(path, headers, line)
        finally:
            with self._counting:
                self.now -= 1


def test_at_most_four_connections(world: "World", figures: "Figures") -> None:
    """Twelve days at once are asked over four connections; the rest wait without being lost."""
    days = [f"2025-12-{day:02}" for day in range(4, 16)]
    with CountingBank({day: figures[day] for day in days}, clock=world.clock) as bank:
        bank.delay = 0.4
        client = world.client(base_url=bank.url, timeout=1)  # less than three turns
        calls = [lambda c, day=day: c.rate("USD", on=day) for day in days]
        answers = client.ask_all(*calls)
        assert [answer.value for answer in answers] == [
            Decimal(figures[day]["USD"][0]) for day in days
        ]
        assert len(bank.requests) == 12
        assert bank.most == 4
        assert len(set(bank.ports)) == 4


@pytest.mark.parametrize("kind", ["async"])
def test_a_cancelled_leader_hands_over(world: "World", figures: "Figures") -> None:
    """The task that asked first is cancelled; those who wait get the answer of its request."""

    async def waiting(client: Any, number: int) -> None:
        async with asyncio.timeout(5):
            # the question about the day, and under way in it that of the fetch
            while max((q.waiting for q in _questions(client).values()), default=0) != number:  # noqa: ASYNC110
                await asyncio.sleep(0.002)

    async def scene(client: Any) -> list[Any]:
        leader = asyncio.create_task(client.rate("USD", on=TODAY))
        await waiting(client, 1)
        followers = [asyncio.create_task(client.rate("EUR", on=TODAY)) for _ in range(5)]
        await waiting(client, 6)
        leader.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leader
        bank.gate.set()
        return await asyncio.gather(*followers)

    with CountingBank({TODAY: figures[TODAY]}, clock=world.clock) as bank:
        bank.gate.clear()
        answers = world.client(base_url=bank.url).ask(scene)
        assert {rate.value for rate in answers} == {Decimal("599.36")}
        assert len(bank.requests) == 1


def _questions(client: Any) -> Any:
    """Look behind the curtain: who waits for which question."""
    return client._questions._running if client._loop is not None else {}


@pytest.mark.parametrize("kind", ["async"])
def test_all_cancelled(world: "World") -> None:
    """Where all who wait are cancelled nothing is left behind; the next one asks anew."""
    world.bank.fail("timeout")

    async def scene(client: Any) -> Any:
        tasks = [asyncio.create_task(client.rate("EUR", on=TODAY)) for _ in range(3)]
        while not world.asked:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        for task in tasks:
            task.cancel()
        done = await asyncio.gather(*tasks, return_exceptions=True)
        assert {type(error) for error in done} == {asyncio.CancelledError}
        async with asyncio.timeout(2):
            return await client.rate("EUR", on=TODAY)

    assert world.client().ask(scene).value == Decimal("599.36")
    assert world.asked == [TODAY] * 2


@pytest.mark.skipif(os.name == "nt", reason="signals to a thread are POSIX's")
@pytest.mark.parametrize("kind", ["sync"])
def test_an_interrupted_leader_hands_over(world: "World") -> None:
    """Ctrl-C takes the thread that asked first away; another one asks in its place."""
    world.bank.fail("timeout")
    client = world.client()
    answers: list[kzt_rates.Rate] = []

    def follow() -> None:
        _wait_until(lambda: len(world.asked) == 1)
        threading.Timer(0.05, signal.pthread_kill, (leader, signal.SIGINT)).start()
        answers.append(client.rate("EUR", on=TODAY))

    leader = threading.main_thread().ident
    assert leader is not None
    follower = threading.Thread(target=follow)
    follower.start()
    with pytest.raises(KeyboardInterrupt):
        client.rate("USD", on=TODAY)
    follower.join(60)
    assert [rate.value for rate in answers] == [Decimal("599.36")]
    assert world.asked == [TODAY] * 2


@pytest.mark.parametrize("retries", [0, 2])
@pytest.mark.parametrize("fault", ["status", "refuse", "blink"])
def test_retries_are_counted(world: "World", retries: int, fault: str) -> None:
    """`retries` attempts follow the first, and no more; the last of them may bring the answer."""
    client = world.client(retries=retries).never_sleep()
    world.bank.fail(fault, times=retries + 1)
    with pytest.raises((kzt_rates.BankUnavailable, kzt_rates.FeedError)):
        client.rate("USD", on=TODAY)
    assert world.asked == [TODAY] * (retries + 1)
    if retries:
        world.bank.forget()
        world.bank.fail(fault, times=retries)
        assert client.rate("USD", on=TODAY).value == Decimal("514.74")
        assert world.asked == [TODAY] * (retries + 1)


@pytest.mark.parametrize(
    ("status", "asked_for"), [(503, 1), (429, "Wed, 10 Dec 2025 07:00:01 GMT")]
)
def test_retry_after_is_obeyed(world: "World", status: int, asked_for: int | str) -> None:
    """A bank that asks for a second gets it, in seconds or as a date by its own clock."""
    world.bank.fail("status", status=status, retry_after=asked_for)
    client = world.client(retries=1).never_sleep()
    assert client.rate("USD", on=TODAY).value == Decimal("514.74")
    assert client.waits == [1]
    assert world.asked == [TODAY] * 2


@pytest.mark.parametrize("status", [503, 429])
@pytest.mark.parametrize("asked_for", [11, 9_999_999_999_999, "Wed, 10 Dec 2025 07:00:11 GMT"])
def test_retry_after_is_too_long(world: "World", status: int, asked_for: int | str) -> None:
    """A bank that asks for more than ten seconds is not asked again: the error comes at once."""
    world.bank.fail("status", times=None, status=status, retry_after=asked_for)
    client = world.client(retries=3).never_sleep()
    with pytest.raises(kzt_rates.BankUnavailable) as caught:
        client.rate("USD", on=TODAY)
    assert caught.value.status == status
    assert client.waits == []
    assert world.asked == [TODAY]


@pytest.mark.parametrize(
    "asked_for",
    [
        *("soon", "-1", "1.5", "", "Wed, 99 Dec 2025 07:00:01 GMT"),
        *("Wed, 10 Dec 2025 07:00:00 -0000", "Wed, 10 Dec 2025 07:00:01 +99999999999999"),
    ],
)
def test_retry_after_that_says_nothing(world: "World", asked_for: str) -> None:
    """A Retry-After that cannot be read is as good as none: asked again after a moment."""
    world.bank.fail("status", retry_after=asked_for)
    assert world.client(retries=1).rate("USD", on=TODAY).value == Decimal("514.74")
    assert world.asked == [TODAY] * 2


FORKING = """
    import json, os, sys
    import kzt_rates
    from kzt_rates.testing import SettableClock

    url, cache = sys.argv[1:]
    clock = SettableClock("2025-12-10T12:00+05:00")
    client = kzt_rates.Client(url, cache, archive=False, clock=clock)
    rates = [str(client.rate("USD", on="2025-12-08").value)]
    reading, writing = os.pipe()
    child = os.fork()
    rates += [str(client.rate("USD", on=f"2025-12-{9 if child else 10:02}").value)]
    rates += [str(client.rate("EUR", on="2025-12-08").value)]
    if not child:
        os.write(writing, json.dumps(rates).encode())
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    rates += [str(client.rate("USD", on="2025-12-10").value)]
    print(json.dumps({"parent": rates, "child": json.loads(os.read(reading, 1000))}))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_child_opens_its_own(tmp_path: Path, figures: "Figures") -> None:
    """After a fork parent and child ask over connections of their own, and share the cache."""
    days = ["2025-12-08", YESTERDAY, TODAY]
    cache = tmp_path / "forked.sqlite"
    clock = SettableClock("2025-12-10T12:00+05:00")
    with CountingBank({day: figures[day] for day in days}, clock=clock) as bank:
        command = [
            sys.executable,
            "-W",
            "ignore::DeprecationWarning",
            "-c",
            textwrap.dedent(FORKING),
        ]
        done = subprocess.run(
            [*command, bank.url, str(cache)],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert done.stderr == ""
        assert done.stdout.strip() == (
            '{"parent": ["504.49", "508.3", "587.73", "514.74"], '
            '"child": ["504.49", "514.74", "587.73"]}'
        )
        ports = {str(r.day): port for r, port in zip(bank.requests, bank.ports, strict=True)}
    assert len(bank.requests) == 3
    assert ports["2025-12-08"] == ports[YESTERDAY] != ports[TODAY]


# T: all of Kazakhstan is UTC+5 from 2024-03-01 on, whatever the machine's database says.


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2024-02-29T17:59:59+00:00", "2024-02-29"),  # still UTC+6
        ("2024-02-29T18:00:00+00:00", "2024-02-29"),  # the law begins: it is 23:00 again
        ("2024-02-29T18:59:59+00:00", "2024-02-29"),
        ("2024-02-29T19:00:00+00:00", "2024-03-01"),
        ("2025-12-10T18:59:59+00:00", TODAY),
        ("2025-12-10T19:00:00+00:00", TOMORROW),
        ("2025-12-10T23:59:59+05:00", TODAY),
        ("2025-12-11T03:00:00+09:00", TODAY),
    ],
)
@pytest.mark.parametrize("database", ["old", "new"])
def test_today_by_the_law(
    world: "World", monkeypatch: pytest.MonkeyPatch, instant: str, day: str, database: str
) -> None:
    """An old time-zone database, which knows UTC+6 only, does not move today."""
    if database == "old":
        almaty = timezone(timedelta(hours=6))
        monkeypatch.setattr(dateutil.tz, "gettz", lambda name=None: almaty)
    world.bank.publish(day, world.figures[TODAY])
    world.set_clocks(instant)
    client = world.client()
    assert str(client.rate("USD").effective_date) == day
    moment = datetime.fromisoformat(instant)
    assert str(client.rate("USD", on=moment).effective_date) == day
    assert world.asked == [day]
    assert not client.sheet().provisional


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2003-07-01T17:30:00+00:00", "2003-07-02"),  # summer time, UTC+7
        ("2003-07-01T16:59:59+00:00", "2003-07-01"),
        ("2003-12-01T17:59:59+00:00", "2003-12-01"),  # UTC+6
        ("2003-12-01T18:00:00+00:00", "2003-12-02"),
        ("2015-07-01T17:59:59+00:00", "2015-07-01"),  # no summer time since 2004
    ],
)
def test_today_before_the_law(world: "World", instant: str, day: str) -> None:
    """Earlier instants follow the time-zone database: UTC+6, and +7 in the summers until 2004."""
    world.set_clocks(instant)
    with pytest.raises(kzt_rates.RateNotFound) as caught:
        world.client().rate("USD")
    assert str(caught.value.date) == day
