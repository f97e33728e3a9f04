"""Tasks that look one day up at once share the look into the store."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest

from kzt_rates.figures import Day
from kzt_rates.store.file import MEMORY
from kzt_rates.store.sqlite import SqliteStore

if TYPE_CHECKING:
    from tests.conftest import World

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
