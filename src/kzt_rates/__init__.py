"""The tenge's official exchange rates from the National Bank of Kazakhstan.

>>> import kzt_rates
>>> kzt_rates.convert(100, "USD", on="2025-12-05")
Decimal('49965')
"""

from kzt_rates._version import __version__

TYPE_CHECKING = False  # typing itself would cost the first conversion ten milliseconds
if TYPE_CHECKING:
    from kzt_rates import frames as frames
    from kzt_rates import models as models
    from kzt_rates import typing as typing
    from kzt_rates.api import (
        close,
        convert,
        currencies,
        history,
        latest,
        rate,
        sheet,
        sheets,
        status,
        sync,
        watch,
    )
    from kzt_rates.async_client import AsyncClient
    from kzt_rates.client import Client
    from kzt_rates.errors import (
        BankUnavailable,
        FeedError,
        KztRatesError,
        Offline,
        RateNotFound,
        StaleRateWarning,
        StoreError,
        StoreUnavailable,
        UnknownCurrency,
    )
    from kzt_rates.models import (
        Change,
        Currency,
        FeedStatus,
        Point,
        Rate,
        RateSheet,
        Series,
        Status,
        SyncReport,
        WatchedSheet,
        sheet_of,
    )
    from kzt_rates.money import format_money
    from kzt_rates.typing import SyncProgress

_HOMES = {
    "AsyncClient": "async_client",
    "BankUnavailable": "errors",
    "Change": "models",
    "Client": "client",
    "Currency": "models",
    "FeedError": "errors",
    "FeedStatus": "models",
    "KztRatesError": "errors",
    "Offline": "errors",
    "Point": "models",
    "Rate": "models",
    "RateNotFound": "errors",
    "RateSheet": "models",
    "Series": "models",
    "Status": "models",
    "StaleRateWarning": "errors",
    "StoreError": "errors",
    "StoreUnavailable": "errors",
    "SyncProgress": "typing",
    "SyncReport": "models",
    "UnknownCurrency": "errors",
    "WatchedSheet": "models",
    "close": "api",
    "convert": "api",
    "currencies": "api",
    "format_money": "money",
    "history": "api",
    "latest": "api",
    "rate": "api",
    "sheet": "api",
    "sheet_of": "models",
    "sheets": "api",
    "status": "api",
    "sync": "api",
    "watch": "api",
}

__all__ = [
    "AsyncClient",
    "BankUnavailable",
    "Change",
    "Client",
    "Currency",
    "FeedError",
    "FeedStatus",
    "KztRatesError",
    "Offline",
    "Point",
    "Rate",
    "RateNotFound",
    "RateSheet",
    "Series",
    "StaleRateWarning",
    "Status",
    "StoreError",
    "StoreUnavailable",
    "SyncProgress",
    "SyncReport",
    "UnknownCurrency",
    "WatchedSheet",
    "__version__",
    "close",
    "convert",
    "currencies",
    "format_money",
    "history",
    "latest",
    "rate",
    "sheet",
    "sheet_of",
    "sheets",
    "status",
    "sync",
    "watch",
]


def __getattr__(name: str) -> object:
    """Import a public name when it is first used."""
    if name in ("frames", "models", "typing"):  # found without an import of their own
        return __import__(f"{__name__}.{name}", fromlist=("convert",))
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(__import__(f"{__name__}.{home}", fromlist=(name,)), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*__all__, "frames", "models", "typing"])
