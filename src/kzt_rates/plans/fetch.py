"""One question to one feed: asked, asked again where that may help, and read as it was printed.

Those who ask the same at once share the answer.
"""

from kzt_rates.dates import ONE_DAY, date_in_kazakhstan
from kzt_rates.errors import BankUnavailable, Blink, FeedError
from kzt_rates.feed import LATEST_PATH, MAX_EXPORT_BYTES, daily_path, export_path
from kzt_rates.figures import Received
from kzt_rates.log import log
from kzt_rates.plans.steps import Attempt, Once, Transient, Wait, fetch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from kzt_rates.figures import Day
    from kzt_rates.plans.steps import Answer, Fetch, Steps, Terms

    Reader = Callable[[bytes, Received], list[Day]]


def fetch_daily(terms: "Terms", day: "date", *, refresh: bool = False) -> "Steps[Answer]":
    """Return the daily feed's sheet of a date; no day where it says that it has none."""

    def read(body: bytes, received: "Received") -> "list[Day]":
        from kzt_rates.feed import xml  # here, with lxml: there is something to read

        found = xml.read_daily(body, day, received)
        return [] if found is None else [found]

    return (yield from _fetch(terms, ("daily", day), daily_path(day), read, refresh=refresh))


def fetch_latest(terms: "Terms", *, refresh: bool = False) -> "Steps[Answer]":
    """Return the newest sheet of `rates_all.xml`."""

    def read(body: bytes, received: "Received") -> "list[Day]":
        from kzt_rates.feed import xml

        return [xml.read_latest(body, received)]

    return (yield from _fetch(terms, ("latest",), LATEST_PATH, read, refresh=refresh))


def fetch_export(
    terms: "Terms", codes: "tuple[str, ...]", start: "date", end: "date", *, refresh: bool = False
) -> "Steps[Answer]":
    """Return the export's rows from `start` to `end`, also those without a figure."""

    def read(body: bytes, received: "Received") -> "list[Day]":
        from kzt_rates.feed import export

        return export.read(body, codes, start, end, received)

    key = ("export", codes, start, end)
    path = export_path(codes, start, end)
    return (yield from _fetch(terms, key, path, read, MAX_EXPORT_BYTES, refresh=refresh))


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


MAX_WAIT_SECONDS = 2.0
# A bank that asks for more than this is better asked by the caller, later.
MAX_RETRY_AFTER_SECONDS = 10.0
# The first wait is at most this long, each further one at most twice the one before.
FIRST_WAIT_SECONDS = 0.2


def fetch_with_retries(question: "Fetch", retries: int) -> "Steps[Answer]":
    """Ask the bank, and up to `retries` times again where the failure may pass."""
    attempt = 1
    while True:
        try:
            answer: Answer = yield Attempt(question)
        except (Transient, Blink) as error:
            seconds = _wait_before_next(error, attempt)
            if attempt > retries or seconds is None:
                raise _final(error, attempt) from error.__cause__
            failure = str(error)
        else:
            return answer
        log("info", "attempt %d failed, the next in %.1f s: %s", attempt, seconds, failure)
        yield Wait(seconds)
        attempt += 1


def _wait_before_next(error: "Transient | Blink", attempt: int) -> "float | None":
    """Return the seconds until the next attempt; `None` where the bank wants too many."""
    if isinstance(error, Transient) and error.wait is not None:
        return error.wait if error.wait <= MAX_RETRY_AFTER_SECONDS else None
    from random import random  # here, because a bank that answers needs no dice

    # a random part of the whole, so that those who failed together do not come back together
    longest: float = min(MAX_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2 ** (attempt - 1))
    return random() * longest  # noqa: S311  # nothing secret


def _final(error: "Transient | Blink", attempts: int) -> "BankUnavailable | FeedError":
    """Return the public error of the last attempt, with the number of attempts."""
    message = error.args[0] if attempts < 2 else f"{error.args[0]} ({attempts} attempts)"
    if isinstance(error, Transient):
        return BankUnavailable(message, url=error.url, status=error.status)
    return FeedError(message, url=error.url, excerpt=error.excerpt)
