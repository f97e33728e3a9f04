"""The primitives of the running event loop: asyncio's own, or trio's.

A thousand tasks that ask at once want none of what a layer over both would cost, so that each
loop has its own, under the same names.
"""

import asyncio
import sys
from contextlib import nullcontext
from functools import cache

from kzt_rates.errors import twin_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Hashable
    from contextlib import AbstractAsyncContextManager, AbstractContextManager
    from types import TracebackType
    from typing import Any, Protocol, TypeVar

    T = TypeVar("T")

    class Event(Protocol):
        """What tasks wait for until it is set."""

        def set(self) -> object:
            """Wake all who wait."""
            ...

        def is_set(self) -> bool:
            """Whether nobody waits any more."""
            ...

        async def wait(self) -> object:
            """Wait until it is set."""
            ...


class Loop:
    """The means of a loop: `timeout` raises `TimeoutError`, a thread runs to its end.

    `shielded` lets a task that was cancelled finish what it has begun. `start` runs something in a
    task of its own and returns what cancels it.
    """

    __slots__ = ("event", "semaphore", "shielded", "sleep", "start", "timeout", "to_thread")

    def __init__(
        self,
        *,
        event: "Callable[[], Event]",
        semaphore: "Callable[[int], AbstractAsyncContextManager[object]]",
        shielded: "Callable[[], AbstractContextManager[object]]",
        sleep: "Callable[[float], Awaitable[object]]",
        start: "Callable[[Coroutine[Any, Any, None]], Callable[[], object]]",
        timeout: "Callable[[float], AbstractAsyncContextManager[object]]",
        to_thread: "Callable[..., Awaitable[Any]]",
    ) -> None:
        self.event = event
        self.semaphore = semaphore
        self.shielded = shielded
        self.sleep = sleep
        self.start = start
        self.timeout = timeout
        self.to_thread = to_thread


def running() -> tuple[object, Loop]:
    """Return a key of the running loop, and its primitives.

    Raises `RuntimeError` where no loop runs.
    """
    trio = sys.modules.get("trio")
    if trio is not None and trio.lowlevel.in_trio_task():  # its guest mode has asyncio run as well
        return trio.lowlevel.current_trio_token(), _on_trio()
    return asyncio.get_running_loop(), _ON_ASYNCIO


async def sleep(seconds: float) -> None:
    """Wait for some seconds on the loop that runs."""
    await running()[1].sleep(seconds)


class _Run:
    __slots__ = ("cancel", "ended", "error", "result", "waiting")

    def __init__(self, ended: "Event") -> None:
        self.ended = ended
        self.cancel: Callable[[], object]
        self.result: Any = None
        self.error: BaseException | None = None
        self.waiting = 0

    def outcome(self) -> "Any":
        if self.error is not None:  # what one waiter meets, all meet
            raise twin_of(self.error) from self.error.__cause__
        return self.result


class Runs:
    """What runs now on one event loop, by key; who comes meanwhile waits for the outcome.

    A run leaves the table in the moment that it ends: waiting for what has ended would not let
    other tasks run.
    """

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self._running: dict[Hashable, _Run] = {}

    async def share(self, key: "Hashable", run: "Callable[[], Coroutine[Any, Any, T]]") -> "T":
        """Run in a task of its own, or wait for what runs; a cancelled one leaves it to others."""
        shared = self._running.get(key)
        if shared is None:
            shared = self._running[key] = _Run(self._loop.event())
            shared.cancel = self._loop.start(self._run(key, shared, run))
        shared.waiting += 1
        try:
            await shared.ended.wait()
        finally:
            shared.waiting -= 1
            if not shared.waiting and not shared.ended.is_set():
                self._leave(key, shared)
                shared.cancel()
        outcome: T = shared.outcome()
        return outcome

    async def lead(self, key: "Hashable", run: "Callable[[], Coroutine[Any, Any, T]]") -> "T":
        """Run, or wait for who does; where that one is cancelled, the next one runs anew.

        For what may be done twice: it needs no task of its own, which takes as long as a look
        into the store.
        """
        outcome: T
        while (shared := self._running.get(key)) is not None:
            await shared.ended.wait()
            if shared.error is None or isinstance(shared.error, Exception):
                outcome = shared.outcome()
                return outcome
        shared = self._running[key] = _Run(self._loop.event())
        await self._run(key, shared, run)
        outcome = shared.outcome()
        return outcome

    def forget(self) -> None:
        """Let nobody else share what runs now."""
        self._running.clear()

    async def _run(
        self, key: "Hashable", shared: _Run, run: "Callable[[], Coroutine[Any, Any, Any]]"
    ) -> None:
        try:
            shared.result = await run()
        except Exception as error:  # noqa: BLE001  # out of here it would end all that runs on trio
            shared.error = error
        except BaseException as error:
            shared.error = error
            raise
        finally:
            self._leave(key, shared)
            shared.ended.set()

    def _leave(self, key: "Hashable", left: _Run) -> None:
        if self._running.get(key) is left:
            del self._running[key]


def _start_on_asyncio(run: "Coroutine[Any, Any, None]") -> "Callable[[], object]":
    return asyncio.create_task(run).cancel


_ON_ASYNCIO = Loop(
    event=asyncio.Event,
    semaphore=asyncio.Semaphore,
    shielded=nullcontext,  # asyncio cancels a task once, which may await afterwards
    sleep=asyncio.sleep,
    start=_start_on_asyncio,
    timeout=asyncio.timeout,
    to_thread=asyncio.to_thread,
)


class _TrioTimeout:
    """As `asyncio.timeout`: the error is Python's own."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    async def __aenter__(self) -> None:
        import trio

        self._scope = trio.move_on_after(self._seconds)
        self._scope.__enter__()

    async def __aexit__(
        self,
        kind: "type[BaseException] | None",
        error: "BaseException | None",
        traceback: "TracebackType | None",
    ) -> "bool | None":
        is_over = self._scope.__exit__(kind, error, traceback)
        if self._scope.cancelled_caught:
            raise TimeoutError
        return is_over


@cache
def _on_trio() -> Loop:
    import trio  # whoever gets here runs it

    async def to_thread(function: "Callable[..., Any]", *args: object) -> "Any":
        return await trio.to_thread.run_sync(function, *args, abandon_on_cancel=True)

    def start(run: "Coroutine[Any, Any, None]") -> "Callable[[], object]":
        scope = trio.CancelScope()

        async def run_in_scope() -> None:
            with scope:
                await run

        trio.lowlevel.spawn_system_task(run_in_scope)
        return scope.cancel

    return Loop(
        event=trio.Event,
        semaphore=trio.Semaphore,
        shielded=lambda: trio.CancelScope(shield=True),
        sleep=trio.sleep,
        start=start,
        timeout=_TrioTimeout,
        to_thread=to_thread,
    )
