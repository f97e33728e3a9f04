"""The verbs as functions: they share one client, made at first use."""

import atexit
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from threading import Lock

import kzt_rates.process  # binds the name that annotations begin with, to be read at run time
from kzt_rates.client import Client

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import overload

    import kzt_rates.models
    import kzt_rates.typing


class _Shared:
    def __init__(self) -> None:
        self.client: Client | None = None
        self._lock = Lock()
        kzt_rates.process.start_afresh_in_children(self)

    def open(self) -> Client:
        with self._lock:
            if self.client is None:
                self.client = Client()
                atexit.register(self.client.close)
            return self.client

    def close(self) -> None:
        with self._lock:
            client, self.client = self.client, None
        if client is not None:
            atexit.unregister(client.close)
            client.close()

    def start_afresh(self) -> None:
        self._lock = Lock()


_shared = _Shared()


def convert(
    amount: "kzt_rates.typing.Amount",
    base: str,
    quote: str = "KZT",
    *,
    on: "kzt_rates.typing.DateLike | None" = None,
    missing: "kzt_rates.typing.Missing" = "raise",
    places: "int | None" = None,
    refresh: bool = False,
) -> "Decimal":
    """Return an amount of `base` in units of `quote`, at the official rate of a date.

    Between two foreign currencies the rate is the cross through the tenge, of one date. The
    result is exact where it terminates, else rounded to 28 significant digits, half to even;
    `places` rounds once, at the end, ties away from zero, to exactly so many decimals.

    Args:
        amount: `int`, `Decimal`, text like `"12.50"`, or `float` taken by its shortest repr.
        base: the currency the amount is in, an ISO 4217 code in any case.
        quote: the currency of the result.
        on: the date in Kazakhstan; `None` is today. Text is `2025-12-05` or `05.12.2025`.
        missing: `"raise"`, or `"previous"` to step back at most 14 days over days that are
            known to have no rate; `rate` tells which day answered.
        places: decimals of the result.
        refresh: ask the bank again, whatever is known.

    Raises:
        UnknownCurrency: the code is none the bank knows.
        RateNotFound: there is no official rate for that code and date.
        Offline: it would need the bank, and offline is on.
        BankUnavailable: the bank cannot be reached.
        FeedError: the bank's answer is not believed.
        StoreError: the cache is unreadable.
        ValueError, TypeError: an invalid argument.

    >>> import kzt_rates
    >>> kzt_rates.convert(100, "USD", on="2025-12-05")
    Decimal('49965')
    >>> kzt_rates.convert(100, "USD", "EUR", on="2025-12-05", places=2)
    Decimal('85.72')
    """
    return (_shared.client or _shared.open()).convert(
        amount, base, quote, on=on, missing=missing, places=places, refresh=refresh
    )


def rate(
    base: str,
    quote: str = "KZT",
    *,
    on: "kzt_rates.typing.DateLike | None" = None,
    missing: "kzt_rates.typing.Missing" = "raise",
    refresh: bool = False,
) -> "kzt_rates.models.Rate":
    """Return the official rate of a pair on a date, with where it comes from.

    Arguments and errors are those of `convert`.

    >>> import kzt_rates
    >>> kzt_rates.rate("AMD", on="05.12.2025")
    Rate(base='AMD', quote='KZT', value='13.14', nominal=10, effective_date='2025-12-05')
    """
    return (_shared.client or _shared.open()).rate(
        base, quote, on=on, missing=missing, refresh=refresh
    )


def sheet(
    on: "kzt_rates.typing.DateLike | None" = None,
    *,
    missing: "kzt_rates.typing.Missing" = "raise",
    refresh: bool = False,
) -> "kzt_rates.models.RateSheet":
    """Return all official rates of a date, today's by default.

    When only part of a date is known, the bank is asked for it; when it cannot be asked, that part
    is returned with `complete=False`. Arguments and errors are those of `convert`.

    >>> import kzt_rates
    >>> kzt_rates.sheet("2025-12-05").ticker()
    '(05.12.2025) $ 499.65 ₸ € 582.89 ₸ ¥ 70.66 ₸ ₽ 6.47 ₸'
    """
    return (_shared.client or _shared.open()).sheet(on, missing=missing, refresh=refresh)


def latest(*, refresh: bool = False) -> "kzt_rates.models.RateSheet":
    """Return the newest sheet the bank has published, which may be tomorrow's.

    The bank's answer is reused for ten minutes. When the bank cannot be asked, the newest complete
    sheet known is returned with a `StaleRateWarning`, if it is of today or later. Otherwise it
    raises `Offline`, `BankUnavailable`, `FeedError` or `StoreError`.
    """
    return (_shared.client or _shared.open()).latest(refresh=refresh)


if TYPE_CHECKING:

    @overload  # text is an iterable of texts, too
    def history(  # type: ignore[overload-overlap]
        base: str,
        quote: str = "KZT",
        *,
        start: "kzt_rates.typing.DateLike",
        end: "kzt_rates.typing.DateLike | None" = None,
        missing: "kzt_rates.typing.MissingDays" = "skip",
    ) -> "kzt_rates.models.Series": ...
    @overload
    def history(
        base: "Iterable[str]",
        quote: str = "KZT",
        *,
        start: "kzt_rates.typing.DateLike",
        end: "kzt_rates.typing.DateLike | None" = None,
        missing: "kzt_rates.typing.MissingDays" = "skip",
    ) -> "dict[str, kzt_rates.models.Series]": ...


def history(
    base: "str | Iterable[str]",
    quote: str = "KZT",
    *,
    start: "kzt_rates.typing.DateLike",
    end: "kzt_rates.typing.DateLike | None" = None,
    missing: "kzt_rates.typing.MissingDays" = "skip",
) -> "kzt_rates.models.Series | dict[str, kzt_rates.models.Series]":
    """Return the official rates of a pair over dates: units of `quote` for one of `base`.

    For several codes, such as `["USD", "EUR"]`, it returns a dictionary with a series for each.
    Together they take as few requests as one of them.

    The bank is asked for unknown days: for a short recent gap day by day, for a longer or an older
    one by its range export, four years a request. A cross rate has the days of both currencies.

    Args:
        base: a currency code in any case, or several.
        quote: the currency that its price is in.
        start: the first date in Kazakhstan.
        end: the last date, inclusive; `None` is today. One in the future is clipped to the
            newest day known to be published.
        missing: for days that are known to have no rate: `"skip"` leaves them out and lists
            them in `Series.missing`, `"raise"` raises `RateNotFound`, `"previous"` lets an
            earlier day answer, at most 14 back, and marks them in `Series.carried`.

    Raises what `convert` does; a day without an answer of the bank is an error, never missing.
    `RateNotFound` too for a range on no day of which the unit existed.

    >>> import kzt_rates
    >>> kzt_rates.history("USD", start="2015-08-20", end="2015-08-22")
    <Series USD/KZT 2015-08-20..2015-08-22, 3 days>
    """
    client = _shared.client or _shared.open()
    return client.history(base, quote, start=start, end=end, missing=missing)


def sheets(
    start: "kzt_rates.typing.DateLike", end: "kzt_rates.typing.DateLike | None" = None
) -> "Iterator[kzt_rates.models.RateSheet]":
    """Return the official rates of a range of dates, sheet by sheet, without holding them.

    The bank is asked for unknown dates as they come up, in as few requests as a history takes.
    Dates that are known to have no rate are left out. Where only part of a sheet is known and the
    bank cannot be asked for the rest, the sheet has `complete=False`.

    Args:
        start: the first date in Kazakhstan.
        end: the last date, inclusive; `None` is today. One in the future is clipped to the
            newest day known to be published.

    Raises what `convert` does; a date that the bank does not answer for is an error.

    >>> import kzt_rates
    >>> for sheet in kzt_rates.sheets("2025-12-04", "2025-12-05"):
    ...     print(sheet.ticker(["USD"]))
    (04.12.2025) $ 503.89 ₸
    (05.12.2025) $ 499.65 ₸
    """
    return (_shared.client or _shared.open()).sheets(start, end)


def watch(
    codes: "Iterable[str] | None" = None,
    threshold: "kzt_rates.typing.Amount | None" = None,
    until: "kzt_rates.typing.DateLike | None" = None,
) -> "Iterator[kzt_rates.models.WatchedSheet]":
    """Follow the bank: return a sheet whenever its newest one changes, waiting in between.

    `reason` says why a sheet is given: `"published"`, the first one of a date, `"corrected"` or
    `"final"`; `before` is the one given before it. The bank is asked every ten minutes from 14:00
    to 19:00 in Kazakhstan, when it sets tomorrow's rates, at 00:05, and else once an hour; after a
    failure in 1, 2 and 5 minutes and then every ten, for as long as it takes. Sheets that it
    published meanwhile are given one after the other.

    The watch starts from the newest sheet in the cache, if it is of the last two weeks, else from
    the bank's first answer; the sheet it starts from is not given. A final figure counts as
    corrected only when the daily feed has the new figure, too.

    The watch ends at `until`, and quietly when its client is closed.

    Args:
        codes: the currencies that count, `None` for all. A new sheet without any is not given.
        threshold: percent; a sheet is given only when the rate of one of them moved by at least
            so much, up or down, since the sheet given before.
        until: a date, inclusive, or a moment; a naive `datetime` is one in Kazakhstan.

    Before the bank is asked it raises `UnknownCurrency` or `Offline`, and `ValueError` or
    `TypeError` for a threshold that is no percentage or an `until` that has passed.
    """
    return (_shared.client or _shared.open()).watch(codes, threshold, until)


def status() -> "kzt_rates.models.Status":
    """Return how fresh the archive and the cache are; the bank is not asked.

    >>> import kzt_rates
    >>> kzt_rates.status().archive_end.isoformat() >= "2026-08-21"
    True
    """
    return (_shared.client or _shared.open()).status()


def sync(
    start: "kzt_rates.typing.DateLike",
    end: "kzt_rates.typing.DateLike | None" = None,
    *,
    currencies: "Iterable[str] | None" = None,
    progress: "Callable[[kzt_rates.typing.SyncProgress], object] | None" = None,
) -> "kzt_rates.models.SyncReport":
    """Fill the cache for a range of dates, and return how much was fetched.

    Only what is not known is asked for, and each answer is kept as it comes: a sync that was
    interrupted continues where it stopped. Thirty years take eight requests, and one for each of
    the last eight days.

    Args:
        start: the first date in Kazakhstan.
        end: the last date, inclusive; `None` is today, and so is one in the future.
        currencies: their codes; `None` is all that the bank's range export has. The nine that
            the bank added in July 2026 are not among them: named, they are asked for day by day.
        progress: called with a `SyncProgress` before the first request and after each one.

    Raises what `convert` does. A day that the bank has no rate of is no error, nor is one that
    stays unknown because an answer lacks it: see `SyncReport.holes`.

    >>> import kzt_rates
    >>> kzt_rates.sync("2015-08-20", "2015-08-22", currencies=["USD"]).requests
    0
    """
    return (_shared.client or _shared.open()).sync(
        start, end, currencies=currencies, progress=progress
    )


def currencies() -> "tuple[kzt_rates.models.Currency, ...]":
    """Return the currencies the bank publishes or has published, in order of code.

    >>> import kzt_rates
    >>> [currency.code for currency in kzt_rates.currencies() if currency.successor == "EUR"]
    ['EEK', 'LTL', 'LVL']
    """
    return (_shared.client or _shared.open()).currencies()


def shared_client() -> Client:
    """Return the client that the functions share."""
    return _shared.client or _shared.open()


def close() -> None:
    """Close the client that the functions share; the next use makes a new one."""
    _shared.close()
