"""Tasks that look one day up at once share the look into the store."""

import asyncio
from collections.abc import Collection, Sequence
from datetime import date
from decimal import Decimal
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest

from kzt_rates.figures import Day
from kzt_rates.loops import Runs, running
from kzt_rates.store.sqlite import MEMORY, SqliteStore

if TYPE_CHECKING:
    from kzt_rates.store.protocol import Decide
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

    def read(self, dates: Sequence[date], codes: Collection[str] | None = None) -> list[Day]:
        known = super().read(dates, codes)
        if codes is not None and set(codes) == {"USD"} and len(dates) == 1:
            self.looks += 1
            if self.looks == 1:
                self.looked.set()
                assert self.gate.wait(60)
        return known


class HeldStore(SqliteStore):
    """Holds back a reader that looked before a write and, if `writer` is set, who wrote."""

    def __init__(self, *, writer: bool) -> None:
        super().__init__(MEMORY)
        self.writer, self.hold = writer, False
        self.writing, self.read_before, self.written, self.release = (Event() for _ in range(4))

    def read(self, dates: Sequence[date], codes: Collection[str] | None = None) -> list[Day]:
        known = super().read(dates, codes)
        if codes is not None and self.writing.is_set() and not self.read_before.is_set():
            self.read_before.set()
            assert self.release.wait(60)
        return known

    def change(self, dates: Sequence[date], decide: "Decide") -> list[Day]:
        if self.hold:
            self.writing.set()
            assert self.read_before.wait(60)
        days = super().change(dates, decide)
        if self.hold:
            self.written.set()
            assert not self.writer or self.release.wait(60)
        return days


@pytest.mark.parametrize(("known", "looks"), [(True, 1), (False, 2)])
def test_one_look_for_many_tasks(world: "World", looks: int, *, known: bool) -> None:
    """Fifty tasks that ask for a day look into the store once, and again after a question."""
    store = CountingStore()
    client = world.client(cache=store, archive=False)
    if known:
        client.sheet(TODAY)

    async def scene(client: Any) -> list[Any]:
        tasks = [asyncio.create_task(client.rate("USD", on=TODAY)) for _ in range(WAITERS)]
        await asyncio.to_thread(store.looked.wait, 5)
        store.gate.set()
        return await asyncio.gather(*tasks)

    answers = client.ask(scene)
    assert [rate.value for rate in answers] == [Decimal("514.74")] * WAITERS
    assert store.looks == looks


def test_no_look_from_before_a_write(world: "World") -> None:
    """A task that asks after something was written does not share a look from before it."""
    store = CountingStore()
    client = world.client(cache=store, archive=False)

    async def scene(client: Any) -> Any:
        early = asyncio.create_task(client.rate("USD", on=TODAY))
        await asyncio.to_thread(store.looked.wait, 5)
        await client.sheet(TODAY)
        late = await asyncio.wait_for(client.rate("USD", on=TODAY), 60)
        assert not early.done()
        store.gate.set()
        return late, await early

    late, early = client.ask(scene)
    assert late.value == early.value == Decimal("514.74")
    assert store.looks == 3  # the early one looked again, for it found nothing


@pytest.mark.parametrize("writer_is_held", [False, True])
def test_no_look_from_before_a_correction_is_remembered(
    world: "World", figures: "Figures", *, writer_is_held: bool
) -> None:
    """A task that asks once a figure is corrected gets the new one, and keeps it.

    The look that began before is held back, and so may be the task that brought the correction.
    """
    store = HeldStore(writer=writer_is_held)
    client = world.client(cache=store)

    async def scene(client: Any) -> list[Decimal]:
        await client.convert(1, "USD", on=TODAY)
        world.bank.publish(TODAY, world.scaled(TODAY, 105))
        client._memo.clear()
        store.hold = True
        refresh = asyncio.create_task(client.rate("USD", on=TODAY, refresh=True))
        await asyncio.to_thread(store.writing.wait, 5)
        early = asyncio.create_task(client.convert(1, "USD", on=TODAY))
        await asyncio.to_thread(store.written.wait, 5)
        found = []
        if writer_is_held:  # whoever asks now does so before the correction is out
            meanwhile = asyncio.create_task(client.convert(1, "USD", on=TODAY))
            await asyncio.sleep(0.05)
            store.release.set()
            await asyncio.gather(meanwhile, refresh)
        else:
            await refresh
            found.append(await asyncio.wait_for(client.convert(1, "USD", on=TODAY), 2))
            assert not early.done()
            store.release.set()
        await early
        return [*found, await client.convert(1, "USD", on=TODAY)]

    expected = Decimal(figures[TODAY]["USD"][0]) * 105 / 100
    assert set(client.ask(scene)) == {expected}


def test_what_has_ended_is_not_joined(world: "World") -> None:
    """Who asks again at once asks anew, and lets others have their turn."""
    begun: list[int] = []

    async def run() -> int:
        begun.append(1)
        return len(begun)

    async def scene(_: Any) -> list[int]:
        runs = Runs(running()[1])
        first = asyncio.create_task(runs.share("key", run))
        while not begun:  # noqa: ASYNC110
            await asyncio.sleep(0)
        return [await runs.share("key", run), await first]

    assert world.client().ask(scene) == [2, 1]
