"""What tasks of trio share and hand over: the scenes that asyncio has, by trio's own means."""

import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest

import kzt_rates
from kzt_rates.loops import Runs, running

from .test_asking_rules import CountingBank
from .test_shared_lookups import CountingStore

trio = pytest.importorskip("trio")

if TYPE_CHECKING:
    from tests.conftest import Figures, World

pytestmark = pytest.mark.parametrize("kind", ["trio"])

TODAY = "2025-12-10"


class Task:
    """A call in a task of its own, which may be cancelled."""

    def __init__(self, nursery: Any, call: Callable[[], Any]) -> None:
        self.scope, self.answer, self.done = trio.CancelScope(), None, trio.Event()
        nursery.start_soon(self._run, call)

    async def _run(self, call: Callable[[], Any]) -> None:
        with self.scope:
            self.answer = await call()
        self.done.set()


async def until(condition: Callable[[], Any]) -> None:
    with trio.fail_after(60):
        while not condition():
            await trio.sleep(0.002)


def waiting(client: Any) -> int:
    """How many wait for one question, which may wait for another in its turn."""
    if client._loop is None:  # nothing was asked yet
        return 0
    return max((question.waiting for question in client._questions._running.values()), default=0)


def test_a_cancelled_leader_hands_over(world: "World", figures: "Figures") -> None:
    """The task that asked first is cancelled; those who wait get the answer of its request."""

    async def scene(client: Any) -> list[Task]:
        async with trio.open_nursery() as nursery:
            leader = Task(nursery, lambda: client.rate("USD", on=TODAY))
            await until(lambda: waiting(client) == 1)
            followers = [Task(nursery, lambda: client.rate("EUR", on=TODAY)) for _ in range(5)]
            await until(lambda: waiting(client) == 6)
            leader.scope.cancel()
            await leader.done.wait()
            assert leader.scope.cancelled_caught
            assert waiting(client) == 5
            bank.gate.set()
        return followers

    with CountingBank({TODAY: figures[TODAY]}, clock=world.clock) as bank:
        bank.gate.clear()
        followers = world.client(base_url=bank.url).ask(scene)
        assert {task.answer.value for task in followers} == {Decimal("599.36")}
        assert len(bank.requests) == 1


def test_all_cancelled(world: "World") -> None:
    """Where all who wait are cancelled nothing is left behind; the next one asks anew."""
    world.bank.fail("timeout")

    async def scene(client: Any) -> Any:
        async with trio.open_nursery() as nursery:
            tasks = [Task(nursery, lambda: client.rate("EUR", on=TODAY)) for _ in range(3)]
            await until(lambda: world.asked)
            nursery.cancel_scope.cancel()
        assert [task.answer for task in tasks] == [None] * 3
        await until(lambda: waiting(client) == 0)
        with trio.fail_after(60):
            return await client.rate("EUR", on=TODAY)

    assert world.client().ask(scene).value == Decimal("599.36")
    assert world.asked == [TODAY] * 2


def test_a_deadline_of_the_callers(world: "World") -> None:
    """A deadline ends the waiting and the request; the client is good for more."""
    world.bank.fail("timeout")

    async def scene(client: Any) -> Any:
        with trio.move_on_after(0.2) as scope:
            await client.rate("EUR", on=TODAY)
        assert scope.cancelled_caught
        return await client.rate("EUR", on=TODAY)

    assert world.client().ask(scene).value == Decimal("599.36")


def test_a_timeout_of_the_client_s(world: "World") -> None:
    """An attempt that takes too long is Python's timeout, in an error of ours."""
    world.bank.fail("timeout")
    client = world.client(timeout=0.2)
    with pytest.raises(kzt_rates.BankUnavailable, match=r"did not answer within 0\.2 seconds"):
        client.rate("EUR", on=TODAY)


def test_one_look_for_many_tasks(world: "World") -> None:
    """Fifty tasks that ask for a day at once look into the store once before the bank, and once
    after it."""
    store = CountingStore()

    async def scene(client: Any) -> list[Task]:
        async with trio.open_nursery() as nursery:
            tasks = [Task(nursery, lambda: client.rate("USD", on=TODAY)) for _ in range(50)]
            await until(store.looked.is_set)
            store.gate.set()
        return tasks

    tasks = world.client(cache=store, archive=False).ask(scene)
    assert [task.answer.value for task in tasks] == [Decimal("514.74")] * 50
    assert store.looks == 2


def test_an_error_is_everybodys_own(world: "World") -> None:
    """What one run ends in is raised in each who waits, in copies; no task of trio's dies."""
    calls = [lambda client: client.rate("USD", on=TODAY)] * 5
    world.bank.fail("html", times=9)
    errors = world.client().ask_all(*calls)
    assert {type(error) for error in errors} == {kzt_rates.FeedError}
    assert len(set(map(id, errors))) == 5


def test_what_has_ended_is_not_joined(world: "World") -> None:
    """Who asks again at once asks anew."""
    begun: list[int] = []

    async def run() -> int:
        begun.append(1)
        return len(begun)

    async def scene(_: Any) -> list[int]:
        runs = Runs(running()[1])
        return [await runs.share("key", run), await runs.share("key", run)]

    assert world.client().ask(scene) == [1, 2]


def test_a_cancelled_block_is_closed(world: "World") -> None:
    """A client whose block is cancelled closes its connections and files before it goes."""
    world.bank.fail("timeout", day="2025-12-09")
    settings = {"base_url": world.bank.url, "cache": str(world.cache), "offline": False}

    async def main() -> kzt_rates.AsyncClient:
        with trio.move_on_after(0.3):
            async with kzt_rates.AsyncClient(**settings, clock=world.clock) as client:
                await client.rate("USD", on=TODAY)
                await client.rate("USD", on="2025-12-09")
        return client

    client = trio.run(main)
    assert client._core.closed
    assert client._transport is None


def test_one_client_in_two_runs(world: "World") -> None:
    """A client that was used in one run of a loop is used in another, with what it knows."""
    client = kzt_rates.AsyncClient(offline=True, cache=False)

    async def ask() -> Decimal:
        return await client.convert(100, "USD", on="2025-12-05")

    assert trio.run(ask) == trio.run(ask) == Decimal(49965)
    trio.run(client.aclose)
    del world


def test_a_task_that_is_cancelled_while_it_writes(world: "World") -> None:
    """A store that writes in its thread while the task is given up is whole afterwards."""
    writing, release = Event(), Event()
    client = world.client()
    call_store = client.client._core.call_store

    def held(call: Any) -> object:
        if world.asked:  # what came is written
            writing.set()
            assert release.wait(60)
        return call_store(call)

    async def scene(client: Any) -> Any:
        client._core.call_store = held
        async with trio.open_nursery() as nursery:
            task = Task(nursery, lambda: client.rate("USD", on=TODAY))
            await until(writing.is_set)
            task.scope.cancel()
            release.set()
        client._core.call_store = call_store
        return await client.rate("USD", on=TODAY)

    assert client.ask(scene).value == Decimal("514.74")


def test_no_loop(kind: str) -> None:
    """Where no loop runs, that is what is said."""
    with pytest.raises(RuntimeError, match="no running event loop"):
        running()
    del kind


def test_asyncio_alone_loads_nothing_of_trio(kind: str) -> None:
    """An archived conversion on asyncio loads neither trio nor anyio."""
    script = (
        "import asyncio, kzt_rates, sys\n"
        "async def main():\n"
        "    async with kzt_rates.AsyncClient(offline=True, cache=False) as client:\n"
        "        return await client.convert(100, 'USD', on='2025-12-05')\n"
        "print(asyncio.run(main()), *({'trio', 'anyio', 'httpx'} & {*sys.modules}))\n"
    )
    run = [sys.executable, "-c", script]
    assert subprocess.run(run, capture_output=True, text=True, check=True).stdout == "49965\n"
    del kind
