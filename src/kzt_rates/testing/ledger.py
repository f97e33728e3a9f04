"""The stand-in bank's book of what was asked, and of the faults that wait for a question."""

from dataclasses import dataclass, replace
from threading import RLock
from typing import TYPE_CHECKING, get_args

from kzt_rates.dates import parse_date
from kzt_rates.testing.faults.fault import Fault
from kzt_rates.testing.http import LOOP, MOVED, FeedName, Request
from kzt_rates.testing.options import FaultOptions

if TYPE_CHECKING:
    from datetime import date

    from kzt_rates.typing import DateLike


@dataclass
class Awaiting:
    """A fault that waits for its requests; `left` is `None` for all that come."""

    fault: Fault
    options: FaultOptions
    left: int | None
    feed: FeedName | None
    day: "date | None"

    def meets(self, request: Request) -> bool:
        return (
            request.feed in self.fault.feeds
            and self.feed in (None, request.feed)
            and (self.day is None or request.asks_for(self.day))
        )


class Ledger:
    """All requests, and the faults still to come; for threads."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._requests: list[Request] = []
        self._awaiting: list[Awaiting] = []

    @property
    def requests(self) -> tuple[Request, ...]:
        with self._lock:
            return tuple(self._requests)

    def queue(
        self,
        fault: Fault,
        options: FaultOptions,
        times: int | None,
        feed: FeedName | None,
        day: "DateLike | None",
    ) -> None:
        """Let a fault wait. Raises `ValueError` where no request could ever meet it."""
        if times is not None and times < 1:
            raise ValueError(f"a fault happens at least once, not {times} times")
        if feed is not None and feed not in get_args(FeedName):
            raise ValueError(f"a feed is one of {', '.join(get_args(FeedName))}, not {feed!r}")
        if feed is not None and feed not in fault.feeds:
            its = ", ".join(fault.feeds)
            raise ValueError(f"the fault {fault.name!r} is one of the feeds {its}, not of {feed}")
        on = None if day is None else parse_date(day)
        with self._lock:
            self._awaiting.append(Awaiting(fault, options, times, feed, on))

    def log(self, request: Request) -> Awaiting | None:
        """Write a request down together with the fault it meets."""
        with self._lock:
            met = None
            if not request.path.startswith((MOVED, LOOP)):
                met = next((waiting for waiting in self._awaiting if waiting.meets(request)), None)
            if met is not None:
                request = replace(request, fault=met.fault.name)
                if met.left is not None:
                    met.left -= 1
                    if not met.left:
                        self._awaiting.remove(met)
            self._requests.append(request)
            return met

    def heal(self) -> None:
        with self._lock:
            self._awaiting.clear()

    def forget(self) -> None:
        with self._lock:
            self._requests.clear()
