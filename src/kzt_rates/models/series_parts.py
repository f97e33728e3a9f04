"""Where a date is in a series, the part between two dates, and the error where there is none."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from kzt_rates.dates import ONE_DAY, parse_date
from kzt_rates.errors import RateNotFound

if TYPE_CHECKING:
    from kzt_rates.models.series import Series

MAX_NAMED_DAYS = 3


def place_of(series: "Series", day: date) -> int | None:
    """Return where a date is, or `None`."""
    place = bisect_left(series.dates, day)
    return place if series.dates[place : place + 1] == (day,) else None


def between(series: "Series", bounds: slice) -> "Series":
    """Return the part that a slice by date means; of a resampled series, the periods begun in it.

    Raises `RateNotFound` where that is outside of the series.
    """
    if bounds.step is not None:
        raise TypeError("a slice of a series is from date to date, without a step")
    start = series.start if bounds.start is None else parse_date(bounds.start)
    end = series.end if bounds.stop is None else parse_date(bounds.stop)
    if start > end and None not in (bounds.start, bounds.stop):
        raise ValueError(f"a slice starts before it ends, not {start}..{end}")
    places = _within(series.dates, start, end)
    by_period = series.step != "day"
    if end < series.start or start > series.end or (by_period and places.start == places.stop):
        if end < start:  # a bound that was not given is that of the series
            start = end = end if bounds.start is None else start
        raise outside(series, start, end)
    if by_period:
        if start > series.start:
            start = series.dates[places.start]
        later = series.dates[places.stop :]
        if end < series.end:
            end = later[0] - ONE_DAY if later else series.end
    return part(series, max(start, series.start), min(end, series.end))


def part(series: "Series", start: date, end: date) -> "Series":
    """Return the days from start to end, which are days of the series."""
    places = _within(series.dates, start, end)
    # A part of what was checked needs no other look; its legs are of the same dates.
    return series.model_construct(
        base=series.base,
        quote=series.quote,
        start=start,
        end=end,
        dates=series.dates[places],
        values=series.values[places],
        missing=series.missing[_within(series.missing, start, end)],
        carried={day: rate for day, rate in series.carried.items() if start <= day <= end},
        provisional=series.provisional[_within(series.provisional, start, end)],
        step=series.step,
        legs=tuple(part(leg, start, end) for leg in series.legs),
    )


def absent(series: "Series", day: date) -> RateNotFound:
    """Return the error for a date that the series has no value of."""
    if day in series.missing:
        return _not_found(series, f"for {day}: the bank published none", day, "none_published")
    if series.start <= day <= series.end:
        message = f"for {day}: no {series.step} of the series begins then"
        return _not_found(series, message, day, "outside_the_series")
    return outside(series, day, day)


def outside(series: "Series", start: date, end: date) -> RateNotFound:
    """Return the error for dates that the series is not about."""
    asked = str(start) if start == end else f"{start}..{end}"
    message = f"for {asked} in the series of {series.start}..{series.end}"
    return _not_found(series, message, start, "outside_the_series")


def require_rates(
    series: "Series", what: str, skipped: Sequence[date], *, allow_missing: bool
) -> None:
    """Raise `RateNotFound` where a figure would pass over days, or there is none to take it of."""
    if series.dates and (allow_missing or not skipped):
        return
    days = skipped or series.missing
    more = len(days) - MAX_NAMED_DAYS
    named = ", ".join(map(str, days[:MAX_NAMED_DAYS])) + (f" and {more} more" if more > 0 else "")
    why = f"the {what} would pass over that; allow_missing=True lets it"
    if not series.dates:
        why = f"the series has no rate to take the {what} of"
    raise _not_found(series, f"for {named}: {why}", days[0], "none_published")


def require_daily(series: "Series", what: str) -> None:
    """Raise `ValueError` for a resampled series."""
    if series.step != "day":
        raise ValueError(f"take the {what} of the daily series, not of one by {series.step}")


def _not_found(series: "Series", message: str, day: date, reason: str) -> RateNotFound:
    before = series.dates[: bisect_left(series.dates, day)][-1:]
    after = series.dates[bisect_right(series.dates, day) :][:1]
    return RateNotFound(
        f"no official rate of {series.base} {message}",
        code=series.base,
        date=day,
        reason=reason,
        nearest=(before[0] if before else None, after[0] if after else None),
    )


def _within(days: Sequence[date], start: date, end: date) -> slice:
    return slice(bisect_left(days, start), bisect_right(days, end))
