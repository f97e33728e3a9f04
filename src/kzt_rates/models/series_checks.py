"""What makes a series one: every day accounted for, values above zero, legs that give them."""

from decimal import Decimal
from operator import lt
from typing import TYPE_CHECKING

from kzt_rates.arithmetic import rounded
from kzt_rates.figures import KZT
from kzt_rates.models.rate import LARGEST_VALUE, SMALLEST_VALUE
from kzt_rates.models.series_figures import exact_values
from kzt_rates.models.statistics import first_day

if TYPE_CHECKING:
    from kzt_rates.models.series import Series


def check_days(series: "Series") -> None:
    """Raise `ValueError` where a day is out of order, there twice, or neither known nor missing."""
    start, end, dates, missing = series.start, series.end, series.dates, series.missing
    if start > end:
        raise ValueError("a series starts before it ends")
    for days in (dates, missing, series.provisional):
        if days and not (start <= days[0] and days[-1] <= end and all(map(lt, days, days[1:]))):
            raise ValueError("the days of a series ascend from its start to its end")
    marked = {*series.carried, *series.provisional}
    if series.step == "day":
        whole = len(dates) + len(missing) == (end - start).days + 1
        if not whole or not set(missing).isdisjoint(dates):
            raise ValueError("every day of a series either has a rate or is missing")
        known = marked.issubset(dates) if marked else True
    else:
        if any(day != max(first_day(day, series.step), start) for day in dates):
            raise ValueError(f"a date of this series is the first of a {series.step}")
        known = marked.isdisjoint(missing) and all(start <= day <= end for day in marked)
    if not known:
        raise ValueError("only a day with a rate is carried or provisional")
    if any(effective >= day for day, effective in series.carried.items()):
        raise ValueError("a carried day has the rate of an earlier one")


def check_values(series: "Series") -> None:
    """Raise `ValueError` where there are not as many values as dates, or one that cannot be."""
    values = series.values
    if len(values) != len(series.dates):
        raise ValueError("a series has a value for each of its dates")
    if values and not (min(values) >= SMALLEST_VALUE and max(values) <= LARGEST_VALUE):
        raise ValueError(f"a value is from {SMALLEST_VALUE} to {LARGEST_VALUE}")


def check_legs(series: "Series") -> None:
    """Raise `ValueError` where a series is derived from other legs than its pair, or from none."""
    base, quote, legs = series.base, series.quote, series.legs
    derived = series.step == "day" and base != quote != KZT
    expected = sorted({base, quote} - {KZT}) if derived else []
    if sorted(leg.base for leg in legs) != expected:
        raise ValueError("a cross or inverse series of days has its published legs, another none")
    for leg in legs:
        if leg.quote != KZT or leg.step != "day":
            raise ValueError("the legs of a series are quoted in tenge, day by day")
        if (leg.start, leg.end, leg.dates) != (series.start, series.end, series.dates):
            raise ValueError("the legs of a series have its own dates")
        if leg.carried != series.carried:
            raise ValueError("both legs of a rate come from one date")


def check_derived(series: "Series") -> None:
    """Raise `ValueError` where the values are not those that the legs make, or not 1 of itself."""
    if series.legs and series.values != tuple(map(rounded, exact_values(series))):
        raise ValueError("a derived series has the values its legs make")
    if series.base == series.quote and set(series.values) - {Decimal(1)}:
        raise ValueError("one unit of a currency costs one of itself")
