"""A stand-in for the National Bank: its feeds on a real HTTP server, with faults on demand."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date
from email.utils import format_datetime
from threading import RLock
from types import MappingProxyType
from typing import TYPE_CHECKING, Self, Unpack, get_args

from kzt_rates.calendar import date_in_kazakhstan, parse_date, utc_now
from kzt_rates.testing.documents import Document, Sheet
from kzt_rates.testing.exchange import LOOP, MOVED, Answer, FeedName, Request, feed_of, html_page
from kzt_rates.testing.faults import Fault, find_fault
from kzt_rates.testing.gazette import Gazette, OldDates
from kzt_rates.testing.options import Circumstances, FaultOptions
from kzt_rates.testing.server import LOOPBACK, Server
from kzt_rates.testing.spoil_bytes import redirected
from kzt_rates.testing.wire import Line, send_whole

if TYPE_CHECKING:
    from kzt_rates.calendar import Clock, DateLike

ARCHIVE_START = date(2021, 5, 8)

# As in a recorded response: nothing for an HTTP cache to hold on to.
_FEED_HEADERS = (
    ("Content-Type", "text/xml; charset=UTF-8"),
    ("Cache-Control", "no-cache, private"),
    ("Set-Cookie", "laravel_session=stand-in; path=/; httponly; samesite=lax"),
)


@dataclass
class _Awaiting:
    """A fault that waits for its requests; `left` is `None` for all that come."""

    fault: Fault
    options: FaultOptions
    left: int | None
    feed: FeedName | None
    day: date | None

    def meets(self, feed: FeedName, day: date | None) -> bool:
        return self.feed in (None, feed) and self.day in (None, day)


class StandInBank:
    """The bank's daily XML, `rates_all.xml` and `rates.xml`, served on this machine.

    `sheets` maps dates to sheets, and a sheet maps codes to rates, `"499.65"` or
    `("12.72", 10)`; a missing `change` is worked out from the day before. `clock` sets the
    `Date` header and what today is. Like the bank's, the daily feed has an envelope without
    rates for dates it has no sheet for, and before `archive_start` it answers with today's
    rates; see `old_dates`. `delay` is how many seconds each answer waits.

    >>> with StandInBank({"2025-12-05": {"USD": "499.65"}}) as bank:
    ...     bank.publish("2025-12-06", {"USD": "504.49"})
    """

    def __init__(
        self,
        sheets: Mapping[date, Sheet] | Mapping[str, Sheet] | None = None,
        *,
        clock: "Clock | None" = None,
        archive_start: "DateLike" = ARCHIVE_START,
        old_dates: OldDates = "today_labelled_as_asked",
        current_nominals: Mapping[str, int] | None = None,
        stale_items: bool = True,
        two_digit_years: bool = False,
    ) -> None:
        self.delay: float = 0
        self._clock = utc_now if clock is None else clock
        self._gazette = Gazette(
            archive_start=parse_date(archive_start),
            old_dates=old_dates,
            current_nominals=current_nominals or {},
            stale_items=stale_items,
            two_digit_years=two_digit_years,
        )
        self._lock = RLock()
        self._requests: list[Request] = []
        self._awaiting: list[_Awaiting] = []
        self._server: Server | None = None
        self._port = 0
        for day, rates in (sheets or {}).items():
            self.publish(day, rates)

    def __repr__(self) -> str:
        state = self.url if self._server else "stopped"
        return f"<StandInBank {state}, {len(self.requests)} requests>"

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self, port: int = 0) -> Self:
        """Open the bank; after a `stop` on the same port, so that its `url` stays."""
        if self._server is None:
            self._server = Server(port or self._port, self._reply)
            self._port = self._server.port
        return self

    def stop(self) -> None:
        """Close the bank at once, whoever waits; connections are refused until `start`."""
        server, self._server = self._server, None
        if server is not None:
            server.halt()

    @property
    def url(self) -> str:
        """What to give as `base_url`. Raises `RuntimeError` before the first `start`."""
        if not self._port:
            raise RuntimeError("the stand-in bank has no url before it is started")
        return f"http://{LOOPBACK}:{self._port}"

    @property
    def requests(self) -> tuple[Request, ...]:
        """All requests since the start or the last `forget`, in order of arrival."""
        with self._lock:
            return tuple(self._requests)

    def publish(self, day: "DateLike", rates: Sheet) -> None:
        """Add the sheet of a date, or replace it."""
        self._gazette.publish(day, rates)

    def withdraw(self, day: "DateLike") -> None:
        """Take the sheet of a date away, if there is one."""
        self._gazette.withdraw(day)

    def fail(
        self,
        fault: str,
        times: int | None = 1,
        *,
        feed: FeedName | None = None,
        day: "DateLike | None" = None,
        **options: Unpack[FaultOptions],
    ) -> None:
        """Let the next `times` requests meet a fault, `None` for all to come.

        `FAULTS` lists the faults with their options. `feed` and `day` choose the requests.
        A request meets one fault, the first in the queue that chooses it. Raises `ValueError`
        for an unknown fault and `TypeError` for an option it does not have.
        """
        found = find_fault(fault)
        found.check(options)
        self._queue(found, options, times, feed, day)

    def answer_with(
        self,
        body: bytes,
        *,
        status: int = 200,
        headers: Mapping[str, str | None] | None = None,
        times: int | None = 1,
        feed: FeedName | None = None,
        day: "DateLike | None" = None,
    ) -> None:
        """Answer the next `times` requests with these bytes.

        `headers` come over the usual ones, `None` takes one away.
        """
        extra = dict(headers or {})

        def substitute(answer: Answer, _: FaultOptions, __: Circumstances) -> Answer:
            return replace(answer, body=body, status=status).with_headers(extra)

        self._queue(Fault("answer_with", "", answer=substitute), {}, times, feed, day)

    def heal(self) -> None:
        """Forget the faults and answers that still wait, and the delay."""
        with self._lock:
            self._awaiting.clear()
        self.delay = 0

    def forget(self) -> None:
        """Empty the log of requests."""
        with self._lock:
            self._requests.clear()

    def reset(self) -> None:
        """Do both: `heal` and `forget`. The sheets stay."""
        self.heal()
        self.forget()

    def _queue(
        self,
        fault: Fault,
        options: FaultOptions,
        times: int | None,
        feed: FeedName | None,
        day: "DateLike | None",
    ) -> None:
        if times is not None and times < 1:
            raise ValueError(f"a fault happens at least once, not {times} times")
        if feed is not None and feed not in get_args(FeedName):
            raise ValueError(f"a feed is one of {', '.join(get_args(FeedName))}, not {feed!r}")
        on = None if day is None else parse_date(day)
        with self._lock:
            self._awaiting.append(_Awaiting(fault, options, times, feed, on))

    def _reply(self, path: str, headers: Mapping[str, str], line: Line) -> bool:
        """Answer one request; say whether the connection can serve another."""
        feed, day = feed_of(path)
        now = self._clock()
        met = self._log(Request(feed, day, path, MappingProxyType(headers), now))
        if self.delay:
            line.pause(self.delay)
        around = Circumstances(path, self._port, date_in_kazakhstan(now))
        answer = self._answer(feed, day, around, met)
        stamp = format_datetime(now.astimezone(UTC), usegmt=True)
        answer = replace(answer, headers=(("Date", stamp), *answer.headers))
        if met is not None and met.fault.answer is not None:
            answer = met.fault.answer(answer, met.options, around)
        if met is not None and met.fault.wire is not None:
            met.fault.wire(line, answer, met.options)
            return False
        send_whole(line, answer)
        return True

    def _log(self, request: Request) -> _Awaiting | None:
        """Write a request down together with the fault it meets."""
        with self._lock:
            met = None
            if not request.path.startswith((MOVED, LOOP)):
                met = next((a for a in self._awaiting if a.meets(request.feed, request.day)), None)
            if met is not None:
                request = replace(request, fault=met.fault.name)
                if met.left is not None:
                    met.left -= 1
                    if not met.left:
                        self._awaiting.remove(met)
            self._requests.append(request)
            return met

    def _answer(
        self, feed: FeedName, day: date | None, around: Circumstances, met: _Awaiting | None
    ) -> Answer:
        if around.path.startswith(LOOP):
            return redirected(Answer(), around.path)
        document: Document
        if feed == "other":
            return html_page(404, "Not Found")
        if feed != "daily":
            document = self._gazette.latest(main=feed == "main")
        elif day is not None:
            document = self._gazette.daily(day, around.today)
        else:
            return html_page(500, "Server Error")
        if met is not None and met.fault.document is not None:
            document = met.fault.document(document, met.options, around)
        return Answer(document.xml(), headers=_FEED_HEADERS)
