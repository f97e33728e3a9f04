"""A series of the figures that were found of its currencies."""

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

from kzt_rates.arithmetic import per_units
from kzt_rates.dates import each_day
from kzt_rates.figures import KZT
from kzt_rates.models.series import Series, cross_of, series_of

if TYPE_CHECKING:
    from kzt_rates.plans.range import History


def identity(code: str, start: dt.date, end: dt.date) -> Series:
    """Make the series of a currency in itself: 1 on every day."""
    days = tuple(each_day(start, end))
    return series_of(code, code, start, end, days, (Decimal(1),) * len(days))


def series_from(found: "History", base: str, quote: str) -> Series:
    """Make the series of a pair: published, or computed from the published ones."""
    legs = tuple(_published(found, code) for code in (base, quote) if code != KZT)
    return legs[0] if quote == KZT else cross_of(base, quote, legs)


def _published(found: "History", code: str) -> Series:
    points = found.points[code]
    if found.carried:
        dates = tuple(each_day(found.start, found.end))
    else:
        dates = tuple([point[0] for point in points])
    return series_of(
        code,
        KZT,
        found.start,
        found.end,
        dates,
        tuple(per_units(points)),
        missing=tuple(found.missing),
        carried=found.carried,
        provisional=tuple([day for day, point in zip(dates, points, strict=True) if not point[3]]),
    )
