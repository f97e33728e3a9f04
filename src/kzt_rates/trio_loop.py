"""The means of trio, imported where trio runs."""

import trio

from kzt_rates.flights import again
from kzt_rates.loops import Loop

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Hashable
    from types import TracebackType
    from typing import Any, TypeVar

    T = TypeVar("T")


class _Flight:
    __slots__ = ("error", "landed", "result", "scope", "waiting")

    def __init__(self) -> None:
        self.landed, self.scope = trio.Event(), trio.CancelScope()
        self.result: Any = None
        self.error: Exception | None = None
        self.waiting = 0


class TrioFlights:
    """The flights under way in one run of trio, by key.

    Each is a task of trio's own: it must outlive the one who asked first.
    """

    def __init__(self) -> None:
        self._flights: dict[Hashable, _Flight] = {}

    async def run(self, key: "Hashable", fly: "Callable[[], Coroutine[Any, Any, T]]") -> "T":
        """Wait for the flight; a task that is cancelled leaves it to the others."""
        flight = self._flights.get(key)
        if flight is None or flight.landed.is_set():
            flight = self._flights[key] = _Flight()
            trio.lowlevel.spawn_system_task(self._fly, key, flight, fly)
        flight.waiting += 1
        try:
            await flight.landed.wait()
        finally:
            flight.waiting -= 1
            if not flight.waiting and not flight.landed.is_set():
                self._land(key, flight)
                flight.scope.cancel()
        if flight.error is not None:
            raise again(flight.error) from flight.error.__cause__
        result: T = flight.result
        return result

    def forget(self) -> None:
        """Let nobody else share the flights under way."""
        self._flights.clear()

    async def _fly(
        self, key: "Hashable", flight: _Flight, fly: "Callable[[], Coroutine[Any, Any, Any]]"
    ) -> None:
        try:
            with flight.scope:
                flight.result = await fly()
        except Exception as error:  # noqa: BLE001  # one that gets out of here ends the whole run
            flight.error = error
        finally:
            self._land(key, flight)
            flight.landed.set()

    def _land(self, key: "Hashable", flight: _Flight) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]


class _Timeout:
    """As `asyncio.timeout`: the error is Python's own."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    async def __aenter__(self) -> None:
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


async def _to_thread(function: "Callable[..., Any]", *args: object) -> "Any":
    return await trio.to_thread.run_sync(function, *args, abandon_on_cancel=True)


ON_TRIO = Loop(
    event=trio.Event,
    flights=TrioFlights,
    semaphore=trio.Semaphore,
    shielded=lambda: trio.CancelScope(shield=True),
    sleep=trio.sleep,
    timeout=_Timeout,
    to_thread=_to_thread,
)
