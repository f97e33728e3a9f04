"""The verbs as functions: they share one client, made at first use."""

import atexit
from threading import Lock

from kzt_rates.client import Client
from kzt_rates.forks import start_afresh_in_children

TYPE_CHECKING = False
if TYPE_CHECKING:
    from decimal import Decimal

    from kzt_rates.arithmetic import Amount
    from kzt_rates.calendar import DateLike
    from kzt_rates.models import Currency, Rate, RateSheet
    from kzt_rates.plans.verbs import Missing


class _Shared:
    """Holds the shared client."""

    def __init__(self) -> None:
        self.client: Client | None = None
        self._lock = Lock()
        start_afresh_in_children(self)

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
    amount: "Amount",
    base: str,
    quote: str = "KZT",
    *,
    on: "DateLike | None" = None,
    missing: "Missing" = "raise",
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
        FeedError: the bank's answer is not to be believed.
        StoreError: the cache is unreadable.
        ValueError, TypeError: an argument that cannot be.

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
    on: "DateLike | None" = None,
    missing: "Missing" = "raise",
    refresh: bool = False,
) -> "Rate":
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
    on: "DateLike | None" = None, *, missing: "Missing" = "raise", refresh: bool = False
) -> "RateSheet":
    """Return all official rates of a date, today's by default.

    A date that is known in part is asked for; when the bank cannot be asked, what is known is
    returned with `complete=False`. Arguments and errors are those of `convert`.

    >>> import kzt_rates
    >>> kzt_rates.sheet("2025-12-05").ticker()
    '(05.12.2025) $ 499.65 ₸ € 582.89 ₸ ¥ 70.66 ₸ ₽ 6.47 ₸'
    """
    return (_shared.client or _shared.open()).sheet(on, missing=missing, refresh=refresh)


def latest(*, refresh: bool = False) -> "RateSheet":
    """Return the newest sheet the bank has published, which may be tomorrow's.

    The bank's answer is reused for ten minutes. When it cannot be asked, the newest complete
    sheet known is given with a `StaleRateWarning` if it is of today or later. Raises
    `Offline`, `BankUnavailable`, `FeedError` or `StoreError` otherwise.
    """
    return (_shared.client or _shared.open()).latest(refresh=refresh)


def currencies() -> "tuple[Currency, ...]":
    """Return the currencies the bank publishes or has published, in order of code.

    >>> import kzt_rates
    >>> [currency.code for currency in kzt_rates.currencies() if currency.successor == "EUR"]
    ['EEK', 'LTL', 'LVL']
    """
    return (_shared.client or _shared.open()).currencies()


def close() -> None:
    """Close the client that the functions share; the next use makes a new one."""
    _shared.close()
