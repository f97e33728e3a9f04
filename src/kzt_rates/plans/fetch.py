"""One question to one feed: fetched and read as it was printed, shared by those who ask at once."""

from kzt_rates.dates import ONE_DAY, date_in_kazakhstan
from kzt_rates.feed import daily, export, latest
from kzt_rates.figures import Received
from kzt_rates.plans.steps import Once, fetch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from kzt_rates.figures import Day
    from kzt_rates.plans.steps import Answer, Steps, Terms

    Reader = Callable[[bytes, Received], list[Day]]


def fetch_daily(terms: "Terms", day: "date", *, refresh: bool = False) -> "Steps[Answer]":
    """Return the daily feed's sheet of a date; no day where it says that it has none."""

    def read(body: bytes, received: "Received") -> "list[Day]":
        found = daily.read(body, day, received)
        return [] if found is None else [found]

    return (yield from _fetch(terms, ("daily", day), daily.path(day), read, refresh=refresh))


def fetch_latest(terms: "Terms", *, refresh: bool = False) -> "Steps[Answer]":
    """Return the newest sheet of `rates_all.xml`."""

    def read(body: bytes, received: "Received") -> "list[Day]":
        return [latest.read(body, received)]

    return (yield from _fetch(terms, ("latest",), latest.PATH, read, refresh=refresh))


def fetch_export(
    terms: "Terms", codes: "tuple[str, ...]", start: "date", end: "date", *, refresh: bool = False
) -> "Steps[Answer]":
    """Return the export's rows from `start` to `end`, also those without a figure."""

    def read(body: bytes, received: "Received") -> "list[Day]":
        return export.read(body, codes, start, end, received)

    key = ("export", codes, start, end)
    path = export.path(codes, start, end)
    return (yield from _fetch(terms, key, path, read, export.MAX_BODY_BYTES, refresh=refresh))


def received(now: "datetime", server_time: "datetime | None") -> "Received":
    """Return when an answer came, and until which date it is final.

    A day has come where our clock and the bank's agree that it has: a fast clock must not make
    tomorrow's draft final. Where the bank does not say its hour, today's figures are drafts.
    """
    today = date_in_kazakhstan(now)
    if server_time is None:
        return Received(now, today - ONE_DAY)
    return Received(now, min(today, date_in_kazakhstan(server_time)))


def _fetch(
    terms: "Terms",
    key: "tuple[object, ...]",
    path: str,
    read: "Reader",
    max_bytes: "int | None" = None,
    *,
    refresh: bool,
) -> "Steps[Answer]":
    def understand(body: bytes, server_time: "datetime | None") -> "list[Day]":
        return read(body, received(terms.clock(), server_time))

    def ask() -> "Steps[Answer]":
        return (yield from fetch(path, understand, max_bytes, refresh=refresh))

    answer: Answer = yield Once(("fetch", *key, refresh), ask)
    return answer
