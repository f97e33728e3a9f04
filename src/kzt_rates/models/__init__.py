"""The values that users hold: frozen pydantic models, equal after a trip through JSON."""

from kzt_rates.models.rate import Rate
from kzt_rates.models.series import Series
from kzt_rates.models.series_figures import Point
from kzt_rates.models.sheet import RateSheet, WatchedSheet
from kzt_rates.models.status import FeedStatus, Status
from kzt_rates.models.sync_report import SyncReport
from kzt_rates.models.values import Currency

__all__ = [
    "Currency",
    "FeedStatus",
    "Point",
    "Rate",
    "RateSheet",
    "Series",
    "Status",
    "SyncReport",
    "WatchedSheet",
]

for _name in __all__:
    globals()[_name].__module__ = "kzt_rates"  # the name users import, in tracebacks and pickles
