"""Concurrent callers with one key share one call."""

from copy import copy
from threading import Event, Lock, get_ident

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from kzt_rates.plans.steps import Outcome


class _Flight:
    __slots__ = ("error", "landed", "leader", "outcome")

    def __init__(self) -> None:
        self.leader = get_ident()
        self.landed = Event()
        self.outcome: Outcome | None = None
        self.error: Exception | None = None


class Flights:
    """The flights under way, by key."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._flights: dict[Hashable, _Flight] = {}

    def run(self, key: "Hashable", fly: "Callable[[], Outcome]") -> "Outcome":
        """Fly, or wait for the one who does; one who is interrupted hands over."""
        own = _Flight()
        try:
            while True:
                with self._lock:
                    flight = self._flights.get(key)
                    if flight is None or flight.leader == own.leader:
                        # nobody waits for himself: that flight was interrupted at its last moment
                        flight = self._flights[key] = own
                if flight is own:
                    break
                flight.landed.wait()
                if flight.error is not None:
                    raise again(flight.error)
                if flight.outcome is not None:
                    return flight.outcome
            own.outcome = fly()
        except Exception as error:
            own.error = error
            raise
        finally:
            with self._lock:
                if self._flights.get(key) is own:
                    del self._flights[key]
            own.landed.set()
        return own.outcome


def again(error: Exception) -> Exception:
    """Return the error for another caller: an exception raised twice mixes two tracebacks."""
    try:
        twin = copy(error)
    except TypeError:  # a caller's own store may raise what is made of other arguments
        return error
    twin.__cause__ = error.__cause__
    return twin
