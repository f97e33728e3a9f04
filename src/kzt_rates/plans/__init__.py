"""Plans: each verb once, as a generator that yields steps and returns the answer.

This module has the steps and the terms that plans work on. A client performs each step, in a
thread or in a task, and sends its result back; all waiting is the client's.
"""

from datetime import timedelta

from kzt_rates.currency import FACTS
from kzt_rates.dates import date_in_kazakhstan
from kzt_rates.errors import BankUnavailable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import (
        Callable,
        Collection,
        Generator,
        Hashable,
        Iterable,
        Mapping,
        Sequence,
    )
    from datetime import date, datetime
    from typing import Any, TypeAlias, TypeVar

    from kzt_rates.figures import Day, Entry, Feed
    from kzt_rates.store.layers import Layers
    from kzt_rates.store.protocol import Decide
    from kzt_rates.typing import Clock

    T = TypeVar("T")
    # The body and the instant of the `Date` header, which not every server sends.
    Read = Callable[[bytes, datetime | None], list[Day]]
    Step: TypeAlias = "StoreCall | Fetch | Attempt | Wait | Pause | Once"
    Steps = Generator[Step, Any, T]


# A feed that could not be had is not tried again at once where another answers in its place.
LEFT_ALONE = timedelta(minutes=10)


class Terms:
    """What a client's plans work on: its clock, its bank, and whether that may be asked.

    `corrected` is called where a figure that was given before is another now.
    `noted_codes` are the codes unknown to the table that were logged already.
    `answered` and `failed` have, by feed, when it last gave what could be read, and when and why
    it last could not be had, or its answer was not believed.
    `doubted` is what the newest sheet would correct and the daily feed does not confirm, and when
    that was asked first and last.
    """

    __slots__ = (
        "_left_alone",
        "answered",
        "base_url",
        "clock",
        "corrected",
        "doubted",
        "failed",
        "noted_codes",
        "offline",
    )

    def __init__(
        self, clock: "Clock", base_url: str, *, offline: bool, corrected: "Callable[[], None]"
    ) -> None:
        self.clock = clock
        self.base_url = base_url
        self.offline = offline
        self.corrected = corrected
        self.noted_codes: set[str] = set()
        self.answered: dict[Feed, datetime] = {}
        self.failed: dict[Feed, tuple[datetime, str]] = {}
        self._left_alone: dict[Feed, datetime] = {}
        self.doubted: tuple[Hashable, datetime, datetime] | None = None

    def leave_alone(self, feed: "Feed", error: Exception) -> None:
        """Remember that a feed could not be had just now."""
        self._left_alone[feed] = self.clock()
        self.note_failure(feed, error)

    def note_failure(self, feed: "Feed", error: Exception) -> None:
        """Remember that the answer of a feed was not had, or not believed."""
        self.failed[feed] = self.clock(), str(error)

    def is_left_alone(self, feed: "Feed") -> bool:
        """Whether a feed could not be had a short while ago, so that another is to answer."""
        since = self._left_alone.get(feed)
        return since is not None and abs(self.clock() - since) < LEFT_ALONE

    def today(self) -> "date":
        """Return today's date in Kazakhstan."""
        return date_in_kazakhstan(self.clock())


class StoreCall:
    """Call the store; those who look up the same key at once may share the answer."""

    __slots__ = ("call", "key")

    def __init__(self, call: "Callable[[Layers], object]", key: "Hashable" = None) -> None:
        self.call = call
        self.key = key


MAX_XML_BYTES = 1024 * 1024  # of a feed of 11 KB


class Fetch:
    """Ask the bank, again where that may help, and read its answer.

    `read` takes the body, of at most `max_bytes`. Its `Blink` is asked again, another
    `FeedError` is not. `refresh` wants the bank's own word, from no cache in between.
    `retry`: whether it is asked again at all.
    """

    __slots__ = ("max_bytes", "path", "read", "refresh", "retry")

    def __init__(
        self,
        path: str,
        read: "Read",
        max_bytes: int = MAX_XML_BYTES,
        *,
        refresh: bool = False,
        retry: bool = True,
    ) -> None:
        self.path = path
        self.read = read
        self.max_bytes = max_bytes
        self.refresh = refresh
        self.retry = retry


class BankAnswer:
    """The bank's answer: the days it has rates for, none where it said that it has none.

    `url`, `server_time` (of the `Date` header) and `excerpt` are for error messages.
    """

    __slots__ = ("days", "excerpt", "server_time", "url")

    def __init__(
        self, days: "list[Day]", url: str, server_time: "datetime | None", excerpt: str
    ) -> None:
        self.days = days
        self.url = url
        self.server_time = server_time
        self.excerpt = excerpt


class Attempt:
    """Ask the bank once; `Transient` and `Blink` are failures that may pass."""

    __slots__ = ("question",)

    def __init__(self, question: "Fetch") -> None:
        self.question = question


class Wait:
    """Let some seconds pass."""

    __slots__ = ("seconds",)

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds


class Pause:
    """Let some seconds pass, fewer where the client is closed meanwhile."""

    __slots__ = ("seconds",)

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds


class Transient(BankUnavailable):
    """A failure that another attempt may mend, after `wait` seconds where the bank said so."""

    wait: "float | None" = None


class Outcome:
    """What a question brought; `asked`: whether the bank was really asked, in `requests`.

    `new` counts by date the figures that were not known before, or not for certain.
    """

    __slots__ = ("asked", "days", "new", "requests")

    def __init__(
        self,
        days: "list[Day]",
        *,
        asked: bool,
        requests: int = 1,
        new: "Mapping[date, int] | None" = None,
    ) -> None:
        self.days = days
        self.asked = asked
        self.requests = requests
        self.new: Mapping[date, int] = {} if new is None else new


class Once:
    """Run a plan, or share the outcome of the one that runs already under the same key."""

    __slots__ = ("key", "plan")

    def __init__(self, key: "Hashable", plan: "Callable[[], Steps[Any]]") -> None:
        self.key = key
        self.plan = plan


def load(
    day: "date", codes: "Collection[str] | None" = None, *, details: bool = False
) -> "Steps[Day]":
    """Load what is known of a day; `details`: also changes and names that the archive lacks."""
    shared = codes is None or isinstance(codes, frozenset)
    key = (day, codes, details) if shared else None
    known: Day = yield StoreCall(lambda store: store.read((day,), codes, details=details)[0], key)
    return known


def load_days(
    dates: "Sequence[date]", codes: "Collection[str] | None" = None
) -> "Steps[list[Day]]":
    """Load what is known of each of some days."""
    known: list[Day] = yield StoreCall(lambda store: store.read(dates, codes))
    return known


def load_series(code: str, start: "date", end: "date") -> "Steps[list[Entry]]":
    """Load the known figures of a code, by day."""
    points: list[Entry] = yield StoreCall(lambda store: store.series(code, start, end))
    return points


def load_latest() -> "Steps[tuple[date, datetime] | None]":
    """Load the date of the last sheet of `rates_all.xml`, and when it came."""
    latest: tuple[date, datetime] | None = yield StoreCall(lambda store: store.latest())
    return latest


def load_nearest(code: "str | None", day: "date") -> "Steps[tuple[date | None, date | None]]":
    """Load the nearest known days before and after."""
    nearest: tuple[date | None, date | None] = yield StoreCall(
        lambda store: store.nearest(code, day)
    )
    return nearest


def load_newest_complete(until: "date") -> "Steps[date | None]":
    """Load the last complete day that is not after a date."""
    if until == until.max:
        until -= timedelta(days=1)
    return (yield from load_nearest(None, until + timedelta(days=1)))[0]


def load_bounds() -> "Steps[dict[str, tuple[date, date]]]":
    """Load the first and last known day of every code."""
    bounds: dict[str, tuple[date, date]] = yield StoreCall(lambda store: store.bounds())
    return bounds


def load_newcomers(codes: "Iterable[str]") -> "Steps[dict[str, date]]":
    """Load the first known day of those codes that no table knows."""
    strangers = [code for code in codes if code not in FACTS]
    if not strangers:
        return {}
    bounds = yield from load_bounds()
    return {code: bounds[code][0] for code in strangers if code in bounds}


def load_stamp() -> "Steps[Hashable]":
    """Load a value that changes with each write to the store; `None` if it has none."""
    stamp: Hashable = yield StoreCall(lambda store: store.stamp())
    return stamp


def change(dates: "Sequence[date]", decide: "Decide") -> "Steps[list[Day]]":
    """Replace what is known of some days by what `decide` makes of it; get that.

    `decide` may be called twice, and in another thread.
    """
    days: list[Day] = yield StoreCall(lambda store: store.change(dates, decide))
    return days


def require_kept() -> "Steps[None]":
    """Raise `StoreError` where an answer could not be written to the store."""
    yield StoreCall(lambda store: store.require_kept())


def fetch(
    path: str,
    read: "Read",
    max_bytes: "int | None" = None,
    *,
    refresh: bool = False,
    retry: bool = True,
) -> "Steps[BankAnswer]":
    """Ask the bank; a `refresh` bypasses HTTP caches on the way."""
    size = max_bytes or MAX_XML_BYTES
    answer: BankAnswer = yield Fetch(path, read, size, refresh=refresh, retry=retry)
    return answer


def once(
    key: "tuple[Feed, Hashable]", plan: "Callable[[], Steps[Outcome]]", *, refresh: bool
) -> "Steps[Outcome]":
    """Run a plan under a key; a refresh is only content with an outcome that was asked for."""
    while True:
        outcome: Outcome = yield Once(key, plan)
        if outcome.asked or not refresh:
            return outcome


def drive(plan: "Steps[T]", perform: "Callable[[Step], object]") -> "T":
    """Return what a plan returns; whatever a step brings or raises is the plan's to treat."""
    result: object = None
    error: BaseException | None = None
    while True:
        try:
            step = plan.send(result) if error is None else plan.throw(error)
        except StopIteration as stop:
            answer: T = stop.value
            return answer
        result = error = None
        try:
            result = perform(step)
        except BaseException as raised:  # noqa: BLE001  # every end is the plan's to make
            error = raised
