"""The values that users hold: frozen pydantic models, equal after a trip through JSON."""

from kzt_rates.models.currency import Currency
from kzt_rates.models.rate import Rate
from kzt_rates.models.sheet import RateSheet

__all__ = ["Currency", "Rate", "RateSheet"]

for _model in (Currency, Rate, RateSheet):
    _model.__module__ = "kzt_rates"  # the name users import, in tracebacks and pickles too
del _model
