"""What is awaited of the loop that runs: asyncio's own means, or trio's where trio runs.

A thousand tasks that ask at once want none of what a layer over both would cost, so that each
loop has its own, under the same names.
"""

import asyncio
import sys
from contextlib import nullcontext

from kzt_rates.async_flights import AsyncFlights

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Hashable
    from contextlib import AbstractAsyncContextManager, AbstractContextManager
    from typing import Any, Protocol, TypeVar

    T = TypeVar("T")

    class Event(Protocol):
        """What tasks wait for until it is set."""

        def set(self) -> object:
            """Let all who wait go on."""
            ...

        async def wait(self) -> object:
            """Wait until it is set."""
            ...

    class Sharing(Protocol):
        """Questions that several tasks wait for."""

        async def run(self, key: Hashable, fly: "Callable[[], Coroutine[Any, Any, T]]") -> T:
            """Wait for the flight; a task that is cancelled leaves it to the others."""
            ...

        def forget(self) -> None:
            """Let nobody else share the flights under way."""
            ...


class Loop:
    """The means of a loop: `timeout` raises `TimeoutError`, a thread runs to its end.

    `shielded` lets a task that was cancelled finish what it has begun.
    """

    __slots__ = ("event", "flights", "semaphore", "shielded", "sleep", "timeout", "to_thread")

    def __init__(
        self,
        *,
        event: "Callable[[], Event]",
        flights: "Callable[[], Sharing]",
        semaphore: "Callable[[int], AbstractAsyncContextManager[object]]",
        shielded: "Callable[[], AbstractContextManager[object]]",
        sleep: "Callable[[float], Awaitable[object]]",
        timeout: "Callable[[float], AbstractAsyncContextManager[object]]",
        to_thread: "Callable[..., Awaitable[Any]]",
    ) -> None:
        self.event = event
        self.flights = flights
        self.semaphore = semaphore
        self.shielded = shielded
        self.sleep = sleep
        self.timeout = timeout
        self.to_thread = to_thread


_ON_ASYNCIO = Loop(
    event=asyncio.Event,
    flights=AsyncFlights,
    semaphore=asyncio.Semaphore,
    shielded=nullcontext,  # asyncio cancels a task once, which may await afterwards
    sleep=asyncio.sleep,
    timeout=asyncio.timeout,
    to_thread=asyncio.to_thread,
)


def running() -> tuple[object, Loop]:
    """Return what tells the running loop from others, and its means.

    Raises `RuntimeError` where no loop runs.
    """
    trio = sys.modules.get("trio")
    if trio is not None and trio.lowlevel.in_trio_task():  # its guest mode has asyncio run as well
        from kzt_rates.trio_loop import ON_TRIO

        return trio.lowlevel.current_trio_token(), ON_TRIO
    return asyncio.get_running_loop(), _ON_ASYNCIO


async def sleep(seconds: float) -> None:
    """Wait for some seconds on the loop that runs."""
    await running()[1].sleep(seconds)
