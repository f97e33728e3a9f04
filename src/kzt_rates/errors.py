"""What can go wrong, as one tree.

KztRatesError
├── UnknownCurrency (LookupError)   the bank publishes no such code today
├── RateNotFound (LookupError)      no official rate for that code and date
├── Offline                         it would need the bank, and offline is on
├── BankUnavailable                 network, timeout, status, redirect to another origin
├── FeedError                       the bank answered, but not with what may be believed
└── StoreError                      the cache is unreadable or newer than this version
    └── StoreUnavailable            it cannot be used just now, or where it is
StaleRateWarning (UserWarning)      a provisional figure past its time was given
"""

from datetime import date

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    E = TypeVar("E", bound=BaseException)

Nearest = tuple[date | None, date | None]

EXCERPT_CHARACTERS = 200
MAX_SHOWN_URL = 180


def excerpt(body: "bytes | bytearray") -> str:
    """Return the beginning of an answer, fit to be printed."""
    text = bytes(body[: 2 * EXCERPT_CHARACTERS]).decode("utf-8", "replace")
    printable = "".join(c if c.isprintable() else " " for c in text).split()
    return " ".join(printable)[:EXCERPT_CHARACTERS] or repr(bytes(body[:40]))


def shown_url(url: str) -> str:
    """Return an address as messages tell it: without a password, and of an export without ids.

    >>> shown_url("https://name:secret@bank.example/excel?beginDate=01.01.2016&rates[]=5&rates[]=6")
    'https://bank.example/excel?beginDate=01.01.2016…'
    """
    scheme, slashes, rest = url.partition("://")
    place, slash, path = rest.partition("/")
    path, ids, _ = path.partition("&rates[]=")
    shown = f"{scheme}{slashes}{place.rpartition('@')[2]}{slash}{path}"
    return f"{shown[:MAX_SHOWN_URL]}…" if ids or len(shown) > MAX_SHOWN_URL else shown


def twin_of(error: "E") -> "E":
    """Return an error for another caller: an exception raised twice mixes two tracebacks."""
    from copy import copy

    try:
        twin = copy(error)
    except TypeError:  # a caller's own store may raise what is made of other arguments
        return error
    twin.__cause__ = error.__cause__
    return twin


class KztRatesError(Exception):
    """The base of every error that kzt_rates raises on purpose."""


class UnknownCurrency(KztRatesError, LookupError):
    """The bank is not known to publish such a code today.

    `code` is what was asked for, `suggestions` are the nearest known codes.
    """

    def __init__(
        self, message: str, *, code: str = "", suggestions: "tuple[str, ...]" = ()
    ) -> None:
        super().__init__(message)
        self.code = code
        self.suggestions = suggestions


class RateNotFound(KztRatesError, LookupError):
    """There is no official rate for that currency and date.

    `code` is `None` when a whole sheet was asked for. `reason` is one of
    `"none_published"` (the bank published none), `"no_such_unit"` (the unit did not exist
    then, by law), `"too_far_ahead"` (no rate can be set that early), `"not_available_here"`
    (older than the feeds that can be asked for it), of a sheet `"refused"` (the bank's figure
    is not believed) and of a series `"outside_the_series"`.
    `nearest` holds the nearest dates known before and after, `None` where there is none.
    `successor` is the code that took the place of a currency which the bank quotes no more.
    """

    def __init__(
        self,
        message: str,
        *,
        code: "str | None" = None,
        date: "date | None" = None,
        reason: str = "none_published",
        nearest: "Nearest" = (None, None),
        successor: "str | None" = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.date = date
        self.reason = reason
        self.nearest = nearest
        self.successor = successor


class Offline(KztRatesError):
    """The bank would have to be asked, and the client is offline.

    `nearest` holds the nearest dates known before and after.
    """

    def __init__(
        self,
        message: str,
        *,
        code: "str | None" = None,
        date: "date | None" = None,
        nearest: "Nearest" = (None, None),
    ) -> None:
        super().__init__(message)
        self.code = code
        self.date = date
        self.nearest = nearest


class BankUnavailable(KztRatesError):
    """The bank could not be reached, or answered with an error of its server.

    `url` is what was asked, `status` the HTTP status where there was one; the lower
    error is chained as `__cause__`. `code` and `date` are what was wanted, `None` where it was
    more than one, and `nearest` holds the nearest dates known before and after.
    """

    def __init__(self, message: str, *, url: str = "", status: "int | None" = None) -> None:
        super().__init__(message)
        self.url = url
        self.status = status
        self.code: str | None = None
        self.date: date | None = None
        self.nearest: Nearest = (None, None)

    def __str__(self) -> str:
        return _with_url(self.args[0], self.url)


class FeedError(KztRatesError):
    """The bank answered, but not with what may be believed; nothing of it was kept.

    `url` is what was asked, `excerpt` the beginning of what came. `code` and `date` are what was
    wanted, `None` where it was more than one, and `nearest` holds the nearest dates known before
    and after.
    """

    def __init__(self, message: str, *, url: str = "", excerpt: str = "") -> None:
        super().__init__(message)
        self.url = url
        self.excerpt = excerpt
        self.code: str | None = None
        self.date: date | None = None
        self.nearest: Nearest = (None, None)

    def __str__(self) -> str:
        return _with_url(self.args[0], self.url)


def _with_url(message: str, url: str) -> str:
    return f"{message}; asked: {shown_url(url)}" if url else message


class StoreError(KztRatesError):
    """The cache is unreadable, or was written by a newer kzt_rates. `path` says which file."""

    def __init__(self, message: str, *, path: str = "") -> None:
        super().__init__(message)
        self.path = path


class StoreUnavailable(StoreError):
    """The cache cannot be used just now or where it is: locked, read-only, no space, no leave.

    A store of one's own raises it, and the client works without that store and warns once.
    """


class StaleRateWarning(UserWarning):
    """A provisional figure past its time was given, because the bank could not be asked."""


for _error in (
    KztRatesError,
    UnknownCurrency,
    RateNotFound,
    Offline,
    BankUnavailable,
    FeedError,
    StoreError,
    StoreUnavailable,
    StaleRateWarning,
):
    _error.__module__ = "kzt_rates"  # the name users import, in tracebacks too
del _error


class Blink(FeedError):
    """An answer with neither items nor an explanation: asked again, a `FeedError` if it stays."""
