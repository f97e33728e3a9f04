"""Tasks that look one day up at once share the look into the store."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest

from kzt_rates.async_flights import AsyncFlights
from kzt_rates.figures import Day
from kzt_rates.store.file import MEMORY
from kzt_rates.store.sqlite import SqliteStore

if TYPE_CHECKING:
    from tests.conftest import Figures, World

TODAY = "2025-12-10"
WAITERS = 50

pytestmark = pytest.mark.parametrize("kind", ["async"])


class CountingStore(SqliteStore):
    """Counts the looks at a day; the first one holds its answer back while the gate is shut."""

    def __init__(self) -> None:
        super().__init__(MEMORY)
        self.looks = 0
        self.looked, self.gate = Event(), Event()

    def days(self, dates: Sequence[date], codes: Iterable[str] | None = None) -> list[Day]:
        known = super().days(dates, codes)
        if codes == ("USD",):
            self.looks += 1
            if self.looks == 1:
                self.looked.set()
                assert self.gate.wait(5)
        return known


def test_one_look_for_many_tasks(world: "World") -> None:
    """Fifty tasks that ask for a day at once look into the store once."""
    store = CountingStore()
    client = world.client(cache=store, archive=False)

    async def scene(client: Any) -> list[Any]:
        tasks = [asyncio.create_task(client.rate("USD", on=TODAY)) for _ in range(WAITERS)]
        await asyncio.to_thread(store.looked.wait, 5)
        store.gate.set()
        return await asyncio.gather(*tasks)

    answers = client.ask(scene)
    assert [rate.value for rate in answers] == [Decimal("514.74")] * WAITERS
    assert store.looks == 1


def test_no_look_from_before_a_write(world: "World") -> None:
    """A task that asks after something was written does not share a look from before it."""
    store = CountingStore()
    client = world.client(cache=store, archive=False)

    async def scene(client: Any) -> Any:
        early = asyncio.create_task(client.rate("USD", on=TODAY))
        await asyncio.to_thread(store.looked.wait, 5)
        await client.sheet(TODAY)
        late = await asyncio.wait_for(client.rate("USD", on=TODAY), 2)
        assert not early.done()
        store.gate.set()
        return late, await early

    late, early = client.ask(scene)
    assert late.value == early.value == Decimal("514.74")
    assert store.looks == 2


def test_no_look_from_before_a_correction_is_remembered(world: "World", figures: "Figures") -> None:
    """A task that asks once a figure is corrected gets the new one, and keeps it.

    The look that began before is held back, and so is the task that brought the correction.
    """
    writing, read, corrected, release = Event(), Event(), Event(), Event()
    client = world.client()
    call_store = client.client._core.call_store

    def held(call: Any) -> object:
        if call.method == "keep":
            writing.set()
            assert read.wait(5)
        result = call_store(call)
        if call.method == "keep":
            corrected.set()
            assert release.wait(5)
        elif call.key and writing.is_set() and not read.is_set():
            read.set()
            assert release.wait(5)
        return result

    async def scene(client: Any) -> list[Decimal]:
        await client.convert(1, "USD", on=TODAY)
        world.bank.publish(TODAY, world.scaled(TODAY, 105))
        client._memo.clear()
        client._core.call_store = held
        refresh = asyncio.create_task(client.rate("USD", on=TODAY, refresh=True))
        await asyncio.to_thread(writing.wait, 5)
        early = asyncio.create_task(client.convert(1, "USD", on=TODAY))
        await asyncio.to_thread(corrected.wait, 5)
        late = asyncio.create_task(client.convert(1, "USD", on=TODAY))
        await asyncio.sleep(0.05)
        release.set()
        await asyncio.gather(early, refresh, late)
        return [late.result(), await client.convert(1, "USD", on=TODAY)]

    expected = Decimal(figures[TODAY]["USD"][0]) * 105 / 100
    assert client.ask(scene) == [expected, expected]


def test_a_flight_that_has_landed_is_not_joined(world: "World") -> None:
    """Who asks again at once asks anew, and lets others have their turn."""
    flown: list[int] = []

    async def fly() -> int:
        flown.append(1)
        return len(flown)

    async def scene(_: Any) -> list[int]:
        flights = AsyncFlights()
        first = asyncio.create_task(flights.run("key", fly))
        while not any(f.task.done() for f in flights._flights.values()):  # noqa: ASYNC110
            await asyncio.sleep(0)
        return [await flights.run("key", fly), await first]

    assert world.client().ask(scene) == [2, 1]
