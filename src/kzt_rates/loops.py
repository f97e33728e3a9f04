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

    import trio

    T = TypeVar("T")

    class Event(Protocol):
        """What tasks wait for until it is set."""

        def set(self) -> object:
            """Wake all who wait."""
            ...

        async def wait(self) -> object:
            """Wait until it is set."""
            ...

    class Runs(Protocol):
        """What runs now, by key: tasks that come meanwhile wait for its result."""

        async def share(self, key: Hashable, run: "Callable[[], Coroutine[Any, Any, T]]") -> T:
            """Run, or wait for what runs already; a cancelled task leaves it to the others."""
            ...

        def forget(self) -> None:
            """Let nobody else share what runs now."""
            ...


class Loop:
    """The means of a loop: `timeout` raises `TimeoutError`, a thread runs to its end.

    `shielded` lets a task that was cancelled finish what it has begun.
    """

    __slots__ = ("event", "runs", "semaphore", "shielded", "sleep", "timeout", "to_thread")

    def __init__(
        self,
        *,
        event: "Callable[[], Event]",
        runs: "Callable[[], Runs]",
        semaphore: "Callable[[int], AbstractAsyncContextManager[object]]",
        shielded: "Callable[[], AbstractContextManager[object]]",
        sleep: "Callable[[float], Awaitable[object]]",
        timeout: "Callable[[float], AbstractAsyncContextManager[object]]",
        to_thread: "Callable[..., Awaitable[Any]]",
    ) -> None:
        self.event = event
        self.runs = runs
        self.semaphore = semaphore
        self.shielded = shielded
        self.sleep = sleep
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


class _AsyncioRun:
    __slots__ = ("task", "waiting")

    def __init__(self, task: "asyncio.Task[Any]") -> None:
        self.task = task
        self.waiting = 0


class AsyncioRuns:
    """What runs now on one event loop, by key, for as long as anybody waits for it."""

    def __init__(self) -> None:
        self._running: dict[Hashable, _AsyncioRun] = {}

    async def share(self, key: "Hashable", run: "Callable[[], Coroutine[Any, Any, T]]") -> "T":
        """Run, or wait for what runs already; a cancelled task leaves it to the others."""
        shared = self._running.get(key)
        # One that has ended is not joined: waiting for it would not let other tasks run.
        if shared is None or shared.task.done():
            shared = self._running[key] = _AsyncioRun(asyncio.create_task(run()))
            shared.task.add_done_callback(lambda _: self._end(key, shared))
        shared.waiting += 1
        try:
            result: T = await asyncio.shield(shared.task)
        except Exception as error:  # noqa: BLE001  # what one waiter meets, all meet
            raise twin_of(error) from error.__cause__
        finally:
            shared.waiting -= 1
            if not shared.waiting and not shared.task.done():
                self._end(key, shared)
                shared.task.cancel()
        return result

    def forget(self) -> None:
        """Let nobody else share what runs now."""
        self._running.clear()

    def _end(self, key: "Hashable", ended: _AsyncioRun) -> None:
        if self._running.get(key) is ended:
            del self._running[key]
        if ended.task.done() and not ended.task.cancelled():
            ended.task.exception()  # taken note of, also when nobody waits any more


_ON_ASYNCIO = Loop(
    event=asyncio.Event,
    runs=AsyncioRuns,
    semaphore=asyncio.Semaphore,
    shielded=nullcontext,  # asyncio cancels a task once, which may await afterwards
    sleep=asyncio.sleep,
    timeout=asyncio.timeout,
    to_thread=asyncio.to_thread,
)


class _TrioRun:
    __slots__ = ("ended", "error", "result", "scope", "waiting")

    def __init__(self, ended: "trio.Event", scope: "trio.CancelScope") -> None:
        self.ended, self.scope = ended, scope
        self.result: Any = None
        self.error: Exception | None = None
        self.waiting = 0


class TrioRuns:
    """What runs now in one run of trio, by key.

    Each is a task of trio's own: it must outlive the one who asked first.
    """

    def __init__(self) -> None:
        self._running: dict[Hashable, _TrioRun] = {}

    async def share(self, key: "Hashable", run: "Callable[[], Coroutine[Any, Any, T]]") -> "T":
        """Run, or wait for what runs already; a cancelled task leaves it to the others."""
        import trio

        shared = self._running.get(key)
        if shared is None or shared.ended.is_set():
            shared = self._running[key] = _TrioRun(trio.Event(), trio.CancelScope())
            trio.lowlevel.spawn_system_task(self._run, key, shared, run)
        shared.waiting += 1
        try:
            await shared.ended.wait()
        finally:
            shared.waiting -= 1
            if not shared.waiting and not shared.ended.is_set():
                self._end(key, shared)
                shared.scope.cancel()
        if shared.error is not None:
            raise twin_of(shared.error) from shared.error.__cause__
        result: T = shared.result
        return result

    def forget(self) -> None:
        """Let nobody else share what runs now."""
        self._running.clear()

    async def _run(
        self, key: "Hashable", shared: _TrioRun, run: "Callable[[], Coroutine[Any, Any, Any]]"
    ) -> None:
        try:
            with shared.scope:
                shared.result = await run()
        except Exception as error:  # noqa: BLE001  # one that gets out of here ends the whole run
            shared.error = error
        finally:
            self._end(key, shared)
            shared.ended.set()

    def _end(self, key: "Hashable", ended: _TrioRun) -> None:
        if self._running.get(key) is ended:
            del self._running[key]


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

    return Loop(
        event=trio.Event,
        runs=TrioRuns,
        semaphore=trio.Semaphore,
        shielded=lambda: trio.CancelScope(shield=True),
        sleep=trio.sleep,
        timeout=_TrioTimeout,
        to_thread=to_thread,
    )
