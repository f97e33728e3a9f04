"""The values that users hold: frozen pydantic models, equal after a trip through JSON."""

from kzt_rates.models.rate import Rate
from kzt_rates.models.series import Series
from kzt_rates.models.sheet import RateSheet, WatchedSheet, sheet_of
from kzt_rates.models.values import Change, Currency, FeedStatus, Point, Status, SyncReport

__all__ = [
    "Change",
    "Currency",
    "FeedStatus",
    "Point",
    "Rate",
    "RateSheet",
    "Series",
    "Status",
    "SyncReport",
    "WatchedSheet",
    "sheet_of",
]

for _name in __all__:
    globals()[_name].__module__ = "kzt_rates"  # the name users import, in tracebacks and pickles
