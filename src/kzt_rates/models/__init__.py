"""The values that users hold: frozen pydantic models, equal after a trip through JSON."""

from kzt_rates.models.rate import Rate
from kzt_rates.models.series import Series
from kzt_rates.models.sheet import RateSheet, sheet_of
from kzt_rates.models.values import Change, Currency, Point, SyncReport

__all__ = [
    "Change",
    "Currency",
    "Point",
    "Rate",
    "RateSheet",
    "Series",
    "SyncReport",
    "sheet_of",
]

for _public in (Change, Currency, Point, Rate, RateSheet, Series, SyncReport, sheet_of):
    _public.__module__ = "kzt_rates"  # the name users import, in tracebacks and pickles too
del _public
