"""A stand-in for the National Bank, with faults on demand, and a clock to set its time."""

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from email.utils import format_datetime
from threading import Lock, RLock
from types import MappingProxyType
from typing import Self, Unpack, get_args

from kzt_rates.dates import parse_date, utc_now
from kzt_rates.printing import Dates, Document, Layout, Numbers, Sheet, Style
from kzt_rates.testing import http
from kzt_rates.testing.faults import Circumstances, Fault, FaultOptions, find_fault
from kzt_rates.testing.sheets import OldDates, Publications
from kzt_rates.typing import Clock, DateLike

ARCHIVE_START = date(2021, 5, 8)

# As in a recorded response: nothing for an HTTP cache to hold on to.
_NOT_KEPT = (
    ("Cache-Control", "no-cache, private"),
    ("Set-Cookie", "laravel_session=stand-in; path=/; httponly; samesite=lax"),
)
_XML_HEADERS = (("Content-Type", "text/xml; charset=UTF-8"), *_NOT_KEPT)
_XLSX_HEADERS = (
    ("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("Content-Disposition", 'attachment; filename="exchange_rates.xlsx"'),
    *_NOT_KEPT,
)


@dataclass
class Awaiting:
    """A fault that waits for its requests; `left` is `None` for all that come."""

    fault: Fault
    options: FaultOptions
    left: int | None
    feed: http.FeedName | None
    day: date | None

    def meets(self, request: http.Request) -> bool:
        return (
            request.feed in self.fault.feeds
            and self.feed in (None, request.feed)
            and (self.day is None or request.asks_for(self.day))
        )


class Queue:
    """The requests so far, and the faults that wait for others; for threads."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._requests: list[http.Request] = []
        self._awaiting: list[Awaiting] = []

    @property
    def requests(self) -> tuple[http.Request, ...]:
        with self._lock:
            return tuple(self._requests)

    def queue(
        self,
        fault: Fault,
        options: FaultOptions,
        times: int | None,
        feed: http.FeedName | None,
        day: DateLike | None,
    ) -> None:
        """Let a fault wait. Raises `ValueError` where no request could ever meet it."""
        if times is not None and times < 1:
            raise ValueError(f"a fault happens at least once, not {times} times")
        if feed is not None and feed not in get_args(http.FeedName):
            raise ValueError(f"a feed is one of {', '.join(get_args(http.FeedName))}, not {feed!r}")
        if feed is not None and feed not in fault.feeds:
            its = ", ".join(fault.feeds)
            raise ValueError(f"the fault {fault.name!r} is one of the feeds {its}, not of {feed}")
        on = None if day is None else parse_date(day)
        with self._lock:
            self._awaiting.append(Awaiting(fault, options, times, feed, on))

    def log(self, request: http.Request) -> Awaiting | None:
        """Write a request down together with the fault it meets."""
        with self._lock:
            met = None
            if not request.path.startswith((http.MOVED, http.LOOP)):
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


class StandInBank:
    """The bank's daily XML, `rates_all.xml`, `rates.xml` and range export, on this machine.

    `sheets` maps dates to sheets, and a sheet maps codes to rates, `"499.65"` or
    `("12.72", 10)`; a missing `change` is worked out from the day before. `clock` sets the
    `Date` header and what today is. Like the bank's, the daily feed has an envelope without
    rates for dates it has no sheet for, and before `archive_start` it answers with today's
    rates; see `old_dates`. `delay` is how many seconds each answer waits.

    A sheet is out as soon as it is published. With `tomorrow_at`, such as `"15:30"`, no feed
    has it before that hour in Kazakhstan of the day before it, so that one may publish years
    ahead and move the clock.

    The range export has every day up to the newest sheet, with blank cells where nothing was
    published, and a web page for more than `export_years` or a malformed question.
    `export_dates`, `export_numbers` and `export_layout` are as in `range_xlsx`. Whatever is
    published, the daily feed says that there is no rate for `daily_holes` (`DAILY_HOLES` are
    the real ones), and the export has no row for `export_holes`.

    >>> with StandInBank({"2025-12-05": {"USD": "499.65"}}) as bank:
    ...     bank.publish("2025-12-06", {"USD": "504.49"})
    """

    def __init__(
        self,
        sheets: Mapping[date, Sheet] | Mapping[str, Sheet] | None = None,
        *,
        clock: Clock | None = None,
        archive_start: DateLike = ARCHIVE_START,
        old_dates: OldDates = "today_labelled_as_asked",
        current_nominals: Mapping[str, int] | None = None,
        stale_items: bool = True,
        two_digit_years: bool = False,
        tomorrow_at: time | str | None = None,
        daily_holes: Collection[DateLike] = (),
        export_holes: Collection[DateLike] = (),
        export_years: int = 4,
        export_dates: Dates = "text",
        export_numbers: Numbers = "number",
        export_layout: Layout = "bank",
    ) -> None:
        self.delay: float = 0
        self._clock = utc_now if clock is None else clock
        self._published = Publications(
            archive_start=parse_date(archive_start),
            old_dates=old_dates,
            current_nominals=current_nominals or {},
            stale_items=stale_items,
            two_digit_years=two_digit_years,
            tomorrow_at=time.fromisoformat(tomorrow_at)
            if isinstance(tomorrow_at, str)
            else tomorrow_at,
            daily_holes=daily_holes,
            export_holes=export_holes,
            export_years=export_years,
            export_style=Style(export_dates, export_numbers, export_layout),
        )
        self._queue = Queue()
        self._server: http.Server | None = None
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
            self._server = http.Server(port or self._port, self._reply)
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
        return f"http://{http.LOOPBACK}:{self._port}"

    @property
    def requests(self) -> tuple[http.Request, ...]:
        """All requests since the start or the last `forget`, in order of arrival."""
        return self._queue.requests

    def publish(self, day: DateLike, rates: Sheet, *, at: datetime | str | None = None) -> None:
        """Add the sheet of a date, or replace it; with `at` from that instant of the clock on.

        Until then the date has the sheet that it had before, or none; `tomorrow_at` does not
        concern it. `at` is an aware datetime or ISO text with an offset, else a `ValueError`.

        >>> bank = StandInBank()
        >>> bank.publish("2025-12-06", {"USD": "504.49"}, at="2025-12-05T15:58+05:00")
        """
        self._published.publish(day, rates, None if at is None else aware(at))

    def correct(self, day: DateLike, rates: Sheet, *, at: datetime | str | None = None) -> None:
        """Give some codes of a date other rates, at once or from `at` on; the rest stays.

        Raises `ValueError` where there is no sheet by then.

        >>> bank = StandInBank({"2025-12-05": {"USD": "499.65", "EUR": "582.89"}})
        >>> bank.correct("2025-12-05", {"EUR": "582.98"}, at="2025-12-05T17:30+05:00")
        """
        self._published.correct(day, rates, None if at is None else aware(at))

    def withdraw(self, day: DateLike) -> None:
        """Take the sheet of a date away, if there is one."""
        self._published.withdraw(day)

    def fail(
        self,
        fault: str | Fault,
        times: int | None = 1,
        *,
        feed: http.FeedName | None = None,
        day: DateLike | None = None,
        **options: Unpack[FaultOptions],
    ) -> None:
        """Let the next `times` requests meet a fault, `None` for all to come.

        `FAULTS` lists the faults with their options and the feeds each can happen to; `fault`
        may also be a `Fault` of your own.
        `feed` chooses the requests for one of them, `day` those that ask for a date, alone or
        within a range. A request meets one fault, the first in the queue that chooses it.
        Raises `ValueError` for an unknown fault or one that cannot happen to `feed`, and
        `TypeError` for an option that it does not have.
        """
        found = find_fault(fault) if isinstance(fault, str) else fault
        found.check(options)
        self._queue.queue(found, options, times, feed, day)

    def answer_with(
        self,
        body: bytes,
        *,
        status: int = 200,
        headers: Mapping[str, str | None] | None = None,
        times: int | None = 1,
        feed: http.FeedName | None = None,
        day: DateLike | None = None,
    ) -> None:
        """Answer the next `times` requests with these bytes.

        `headers` come over the usual ones, `None` takes one away.
        """
        extra = dict(headers or {})

        def substitute(answer: http.Response, _: FaultOptions, __: Circumstances) -> http.Response:
            return replace(answer, body=body, status=status).with_headers(extra)

        fault = Fault("answer_with", "", answer=substitute)
        self._queue.queue(fault, {}, times, feed, day)

    def heal(self) -> None:
        """Forget the faults and answers that still wait, and the delay."""
        self._queue.heal()
        self.delay = 0

    def forget(self) -> None:
        """Empty the log of requests."""
        self._queue.forget()

    def reset(self) -> None:
        """Do both: `heal` and `forget`. The sheets stay."""
        self.heal()
        self.forget()

    def _reply(self, path: str, headers: Mapping[str, str], line: http.Line) -> bool:
        """Answer one request; return whether the connection can serve another."""
        question = http.query_of(path)
        now = self._clock()
        feed, day, start, end, codes, _ = question
        seen = MappingProxyType(headers)
        met = self._queue.log(http.Request(feed, day, path, seen, now, None, start, end, codes))
        if self.delay:
            line.pause(self.delay)
        around = Circumstances(feed, path, self._port, now, self._published)
        answer = self._answer(question, around, met)
        stamp = format_datetime(now.astimezone(UTC), usegmt=True)
        answer = replace(answer, headers=(("Date", stamp), *answer.headers))
        if met is not None and met.fault.answer is not None:
            answer = met.fault.answer(answer, met.options, around)
        if met is not None and met.fault.wire is not None:
            met.fault.wire(line, answer, met.options)
            return False
        http.send_whole(line, answer)
        return True

    def _answer(
        self, question: http.Query, around: Circumstances, met: Awaiting | None
    ) -> http.Response:
        if around.path.startswith(http.LOOP):
            return http.redirected(http.Response(), around.path)
        document: Document
        match question:
            case http.Query("other"):
                return http.html_page(404, "Not Found")
            case http.Query("export"):
                return self._export(question, around, met)
            case http.Query("daily", None):
                return http.html_page(500, "Server Error")
            case http.Query("daily", day) if day is not None:
                document = self._published.daily(day, around.now)
            case _:
                document = self._published.latest(around.now, main=question.feed == "main")
        if met is not None and met.fault.document is not None:
            document = met.fault.document(document, met.options, around)
        return http.Response(document.xml(), headers=_XML_HEADERS)

    def _export(
        self, question: http.Query, around: Circumstances, met: Awaiting | None
    ) -> http.Response:
        _, _, start, end, codes, whole = question
        if not whole or start is None or end is None or not self._published.exports(start, end):
            return http.html_page(200, "Официальные (рыночные) курсы валют")
        export = self._published.export(start, end, codes, around.now)
        if met is not None and met.fault.export is not None:
            export = met.fault.export(export, met.options, around)
        return http.Response(export.xlsx(), headers=_XLSX_HEADERS)


class SettableClock:
    """A clock for `Client(clock=...)` and `StandInBank(clock=...)` that moves only when set.

    It is set by aware datetimes or by ISO text with an offset; both raise `ValueError`
    where the offset is missing.

    >>> clock = SettableClock("2025-12-05T23:59+05:00")
    >>> clock.advance(minutes=1)
    >>> clock
    SettableClock("2025-12-06T00:00:00+05:00")
    """

    def __init__(self, instant: datetime | str) -> None:
        self._lock = Lock()
        self._instant = aware(instant)
        self._file: str | None = None

    def __call__(self) -> datetime:
        return self._instant

    def set(self, instant: datetime | str) -> None:
        """Put the clock to an instant, before or after the one it shows."""
        moment = aware(instant)
        with self._lock:
            self._instant = moment
            self._show()

    def advance(self, by: timedelta | None = None, **units: float) -> None:
        """Move the clock by a `timedelta`, or by what makes one: `advance(hours=2)`."""
        step = (by or timedelta()) + timedelta(**units)
        with self._lock:
            self._instant += step
            self._show()

    def show_in(self, path: str | os.PathLike[str]) -> None:
        """Write the instant into a file now and whenever it moves, for other processes."""
        with self._lock:
            self._file = os.fspath(path)
            self._show()

    def _show(self) -> None:
        if self._file is not None:
            part = f"{self._file}.part"
            with open(part, "w", encoding="ascii") as lines:
                lines.write(self._instant.isoformat())
            os.replace(part, self._file)  # nobody reads half an instant

    def wait_until(self, instant: datetime) -> None:
        """Move the clock forward to an instant at once; one that has passed changes nothing.

        A client that follows the bank waits by this, so that a week of it takes a second.
        """
        with self._lock:
            self._instant = max(self._instant, instant)
            self._show()
            self._show()

    def __repr__(self) -> str:
        return f'{type(self).__name__}("{self._instant.isoformat()}")'


def aware(instant: datetime | str) -> datetime:
    """Return an instant that users gave."""
    moment = datetime.fromisoformat(instant) if isinstance(instant, str) else instant
    if not isinstance(moment, datetime):
        raise TypeError(f"an instant is a datetime or ISO text, not {type(instant).__name__}")
    if moment.utcoffset() is None:
        raise ValueError(f"an instant needs its offset, as in 2025-12-05T12:00+05:00: {instant!r}")
    return moment
