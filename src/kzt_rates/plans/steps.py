"""What a plan can ask its driver for, and the terms it works on."""

from kzt_rates.calendar import date_in_kazakhstan
from kzt_rates.questions import MAX_XML_BYTES, Fetch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Hashable, Iterable, Sequence
    from datetime import date, datetime
    from typing import Any, TypeAlias, TypeVar

    from kzt_rates.calendar import Clock
    from kzt_rates.figures import Day, Entry, Feed
    from kzt_rates.questions import Answer, Read
    from kzt_rates.store.protocol import Replaced, ReplacedOn

    T = TypeVar("T")
    Step: TypeAlias = "StoreCall | Fetch | Once"
    Steps = Generator[Step, Any, T]


class Terms:
    """What a client's plans work on: its clock, its bank, and whether that may be asked.

    `noted_codes` are the codes unknown to the table that the log has already told of.
    """

    __slots__ = ("base_url", "clock", "noted_codes", "offline")

    def __init__(self, clock: "Clock", base_url: str, *, offline: bool) -> None:
        self.clock = clock
        self.base_url = base_url
        self.offline = offline
        self.noted_codes: set[str] = set()

    def today(self) -> "date":
        """Return today's date in Kazakhstan."""
        return date_in_kazakhstan(self.clock())


class StoreCall:
    """Call a method of the store; those who look up the same key at once may share the answer."""

    __slots__ = ("arguments", "key", "method")

    def __init__(self, method: str, *arguments: object, key: "Hashable" = None) -> None:
        self.method = method
        self.arguments = arguments
        self.key = key


class Outcome:
    """What a question brought; `asked` tells whether the bank was really asked."""

    __slots__ = ("asked", "days")

    def __init__(self, days: "list[Day]", *, asked: bool) -> None:
        self.days = days
        self.asked = asked


class Once:
    """Run a plan, or share the outcome of the one that runs already under the same key."""

    __slots__ = ("key", "plan")

    def __init__(self, key: "Hashable", plan: "Callable[[], Steps[Outcome]]") -> None:
        self.key = key
        self.plan = plan


def load(day: "date", codes: "Iterable[str] | None" = None) -> "Steps[Day]":
    """Load what is known of a day."""
    key = (day, codes) if codes is None or isinstance(codes, frozenset) else None
    known: Day = yield StoreCall("day", day, codes, key=key)
    return known


def load_days(dates: "Sequence[date]", codes: "Iterable[str] | None" = None) -> "Steps[list[Day]]":
    """Load what is known of each of some days."""
    known: list[Day] = yield StoreCall("days", dates, codes)
    return known


def load_series(code: str, start: "date", end: "date") -> "Steps[list[Entry]]":
    """Load the known figures of a code, by day."""
    points: list[Entry] = yield StoreCall("series", code, start, end)
    return points


def load_latest() -> "Steps[tuple[date, datetime] | None]":
    """Load the date of the newest latest sheet, and when it came."""
    latest: tuple[date, datetime] | None = yield StoreCall("latest")
    return latest


def load_newest_complete(until: "date") -> "Steps[date | None]":
    """Load the last complete day that is not after a date."""
    day: date | None = yield StoreCall("newest_complete", until)
    return day


def load_nearest(code: "str | None", day: "date") -> "Steps[tuple[date | None, date | None]]":
    """Load the nearest known days before and after."""
    nearest: tuple[date | None, date | None] = yield StoreCall("nearest", code, day)
    return nearest


def load_bounds() -> "Steps[dict[str, tuple[date, date]]]":
    """Load the first and last known day of every code."""
    bounds: dict[str, tuple[date, date]] = yield StoreCall("bounds")
    return bounds


def load_stamp() -> "Steps[Hashable]":
    """Load what differs once anybody has written to the store; `None` if that cannot be told."""
    stamp: Hashable = yield StoreCall("stamp")
    return stamp


def keep(day: "Day", feed: "Feed") -> "Steps[list[Replaced]]":
    """Remember an answer; get what was known otherwise."""
    replaced: list[Replaced] = yield StoreCall("keep", day, feed)
    return replaced


def keep_export(days: "Sequence[Day]") -> "Steps[list[ReplacedOn]]":
    """Remember an answer of the range export; get what was known otherwise."""
    replaced: list[ReplacedOn] = yield StoreCall("keep_export", days)
    return replaced


def require_kept() -> "Steps[None]":
    """Raise `StoreError` where something that was learned could not be kept."""
    yield StoreCall("require_kept")


def keep_silence(day: "date", feed: "Feed", at: "datetime") -> "Steps[None]":
    """Remember that a feed has no rate for a date."""
    yield StoreCall("keep_silence", day, feed, at)


def fetch(
    path: str, read: "Read", max_bytes: int = MAX_XML_BYTES, *, refresh: bool = False
) -> "Steps[Answer]":
    """Ask the bank; a `refresh` wants its own word, and that of no cache in between."""
    answer: Answer = yield Fetch(path, read, max_bytes, refresh=refresh)
    return answer


def once(
    key: "tuple[Feed, Hashable]", plan: "Callable[[], Steps[Outcome]]", *, refresh: bool
) -> "Steps[Outcome]":
    """Run a plan under a key; a refresh is only content with an outcome that was asked for."""
    while True:
        outcome: Outcome = yield Once(key, plan)
        if outcome.asked or not refresh:
            return outcome
