"""One question however many tasks ask it: the flight goes on while anybody waits for it."""

import asyncio

from kzt_rates.flights import again

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Hashable
    from typing import Any, TypeVar

    T = TypeVar("T")


class _Flight:
    __slots__ = ("task", "waiting")

    def __init__(self, task: "asyncio.Task[Any]") -> None:
        self.task = task
        self.waiting = 0


class AsyncFlights:
    """The flights under way on one event loop, by key."""

    def __init__(self) -> None:
        self._flights: dict[Hashable, _Flight] = {}

    async def run(self, key: "Hashable", fly: "Callable[[], Coroutine[Any, Any, T]]") -> "T":
        """Wait for the flight; a task that is cancelled leaves it to the others."""
        flight = self._flights.get(key)
        # One that has landed is not joined: waiting for it would not let other tasks go on.
        if flight is None or flight.task.done():
            flight = self._flights[key] = _Flight(asyncio.create_task(fly()))
            flight.task.add_done_callback(lambda _: self._land(key, flight))
        flight.waiting += 1
        try:
            result: T = await asyncio.shield(flight.task)
        except Exception as error:  # noqa: BLE001  # what one waiter meets, all meet
            raise again(error) from error.__cause__
        finally:
            flight.waiting -= 1
            if not flight.waiting and not flight.task.done():
                self._land(key, flight)
                flight.task.cancel()
        return result

    def forget(self) -> None:
        """Let nobody else share the flights under way."""
        self._flights.clear()

    def _land(self, key: "Hashable", flight: _Flight) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]
        if flight.task.done() and not flight.task.cancelled():
            flight.task.exception()  # taken note of, also when nobody waits any more
