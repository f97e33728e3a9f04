"""The values that users hold: frozen pydantic models, equal after a trip through JSON."""

from kzt_rates.models.rate import Rate
from kzt_rates.models.series import Series
from kzt_rates.models.series_figures import Point
from kzt_rates.models.sheet import RateSheet
from kzt_rates.models.sync_report import SyncReport
from kzt_rates.models.values import Currency

__all__ = ["Currency", "Point", "Rate", "RateSheet", "Series", "SyncReport"]

for _model in (Currency, Point, Rate, RateSheet, Series, SyncReport):
    _model.__module__ = "kzt_rates"  # the name users import, in tracebacks and pickles too
del _model
