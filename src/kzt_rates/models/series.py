"""A series: one pair's official rates over dates, and what can be said of them."""

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import Decimal
from operator import index
from typing import Literal, Self, SupportsIndex, overload

from pydantic import BaseModel, Field, model_validator

from kzt_rates.arithmetic import rounded
from kzt_rates.dates import parse_date
from kzt_rates.models.rate import Code
from kzt_rates.models.series_checks import check_days, check_derived, check_legs, check_values
from kzt_rates.models.series_figures import Point, exact_values, extreme, moves
from kzt_rates.models.series_parts import absent, between, place_of, require_daily, require_rates
from kzt_rates.models.series_pictures import SeriesPictures
from kzt_rates.models.statistics import (
    SUMMARIES,
    How,
    Period,
    difference,
    group,
    log_deviation,
    mean,
    percentage,
)
from kzt_rates.models.tables import SeriesTables
from kzt_rates.typing import DateLike

DAYS_A_YEAR = 365  # the returns are per calendar day


class Series(SeriesTables, SeriesPictures, BaseModel, frozen=True, extra="forbid"):
    """The official rates of one pair over dates: `values` of `quote` for one unit of `base`.

    `start` and `end` are what was asked for, both inclusive, the end clipped to what was
    published. Each of their days is either in `dates` or, without a rate, in `missing`.
    `carried` names the effective date for each day that an earlier day's rate answers for;
    `provisional` are the days whose rate may still be set otherwise. A value is exact where it
    terminates, else rounded to 28 significant digits. A cross or inverse series carries the
    published series it was made of in `legs`, and its figures are computed from these.

    `series[0]` is a `Point(date, value)`, as iterating gives; `series["2015-08-20"]` a value;
    `series["2015-08-01":"2015-08-31"]` the part between two dates, both inclusive; `in` says
    whether a date has a rate. A resampled series has a `step` longer than a day, and its
    `dates` are the first days of its periods.

    The methods that calculate give results exact where they terminate, else rounded once, to 28
    significant digits, half to even. They raise `RateNotFound` where they would pass over
    missing days, unless `allow_missing=True`, and always where there is no rate at all.

    >>> from kzt_rates.models import Series
    >>> rates = {"2015-08-19": "188.35", "2015-08-20": "188.38", "2015-08-21": "255.26"}
    >>> series = Series(base="USD", quote="KZT", start="2015-08-19", end="2015-08-21",
    ...                 dates=rates.keys(), values=rates.values())
    >>> series
    <Series USD/KZT 2015-08-19..2015-08-21, 3 days>
    >>> series["20.08.2015"], series["2015-08-20":].change(), series.max()[0].isoformat()
    (Decimal('188.38'), Decimal('66.88'), '2015-08-21')
    """

    base: Code
    quote: Code
    start: dt.date
    end: dt.date
    dates: tuple[dt.date, ...]
    values: tuple[Decimal, ...]
    missing: tuple[dt.date, ...] = ()
    carried: Mapping[dt.date, dt.date] = Field(default_factory=dict)
    provisional: tuple[dt.date, ...] = ()
    step: Literal["day", "week", "month", "quarter", "year"] = "day"
    legs: tuple["Series", ...] = ()

    def at(self, date: "DateLike") -> Decimal:
        """Return the value of a date; raises `RateNotFound` where the series has none.

        In a resampled series, the date is the first day of a period.
        """
        day = parse_date(date)
        place = place_of(self, day)
        if place is None:
            raise absent(self, day)
        return self.values[place]

    @overload
    def change(self, by: Literal["span"] = "span", *, allow_missing: bool = False) -> Decimal: ...
    @overload
    def change(self, by: Literal["day"], *, allow_missing: bool = False) -> tuple[Point, ...]: ...
    def change(
        self, by: Literal["span", "day"] = "span", *, allow_missing: bool = False
    ) -> Decimal | tuple[Point, ...]:
        """Return by how many units of `quote` the base became dearer.

        `"span"`: the last value less the first. `"day"`: a point for every day but the first,
        each less the day before, or the last one that has a rate with `allow_missing`. Over the
        span only the first and the last day must have a rate, or every day if resampled; a
        resampled series has no change by day (`ValueError`).
        """
        return moves(self, difference, by, allow_missing=allow_missing)

    @overload
    def percent_change(
        self, by: Literal["span"] = "span", *, allow_missing: bool = False
    ) -> Decimal: ...
    @overload
    def percent_change(
        self, by: Literal["day"], *, allow_missing: bool = False
    ) -> tuple[Point, ...]: ...
    def percent_change(
        self, by: Literal["span", "day"] = "span", *, allow_missing: bool = False
    ) -> Decimal | tuple[Point, ...]:
        """Return the `change` in percent of the earlier value: 100 · (later − earlier) / earlier.

        >>> from kzt_rates.models import Series
        >>> rates = {"2015-08-20": "188.38", "2015-08-21": "255.26"}
        >>> Series(base="USD", quote="KZT", start="2015-08-20", end="2015-08-21",
        ...        dates=rates.keys(), values=rates.values()).percent_change()
        Decimal('35.50270729376791591464062002')
        """
        return moves(self, percentage, by, allow_missing=allow_missing)

    def mean(self, *, allow_missing: bool = False) -> Decimal:
        """Return the mean over calendar days: each day counts once.

        The bank sets a rate for every calendar day, so that a weekend counts its Saturday's rate
        three times, with the Monday. `ValueError` for a resampled series: a mean of means is
        not the mean.
        """
        require_daily(self, "mean")
        require_rates(self, "mean", self.missing, allow_missing=allow_missing)
        return rounded(mean(exact_values(self)))

    def min(self, *, allow_missing: bool = False) -> Point:
        """Return the smallest value, with the first date that has it."""
        return extreme(self, min, "smallest value", allow_missing=allow_missing)

    def max(self, *, allow_missing: bool = False) -> Point:
        """Return the largest value, with the first date that has it."""
        return extreme(self, max, "largest value", allow_missing=allow_missing)

    def volatility(self, *, annualize: bool = False, allow_missing: bool = False) -> Decimal:
        """Return the standard deviation of the logarithmic returns from day to day.

        With n returns r = ln(value / value of the day before) it is √(Σ(r − mean of r)² / (n − 1)),
        the historical volatility of J. C. Hull, "Options, Futures, and Other Derivatives". The
        days are calendar days, those without a new rate included, so `annualize` multiplies by
        √365, not by the root of the trading days. With `allow_missing` the return after a gap is
        against the last day that has a rate. `ValueError` for fewer than three days and for a
        resampled series.
        """
        require_daily(self, "volatility")
        require_rates(self, "volatility", self.missing, allow_missing=allow_missing)
        if len(self) < 3:
            raise ValueError(f"a volatility takes at least three days, not {len(self)}")
        return log_deviation(exact_values(self), DAYS_A_YEAR if annualize else 1)

    def resample(self, period: Period, how: How, *, allow_missing: bool = False) -> "Series":
        """Return a series of one value per week (from Monday), month, quarter or year.

        A value is the mean over the calendar days of its period, the first, last, smallest or
        largest. Its date is the first day of the period, or `start` where that is later: the
        first and the last period may be partial. `ValueError` for a resampled series.
        """
        if period not in ("week", "month", "quarter", "year"):
            raise ValueError(f"a period is 'week', 'month', 'quarter' or 'year', not {period!r}")
        if how not in SUMMARIES:
            raise ValueError(f"how is one of {', '.join(map(repr, SUMMARIES))}, not {how!r}")
        require_daily(self, f"{how} of each {period}")
        require_rates(self, f"{how} of each {period}", self.missing, allow_missing=allow_missing)
        exact, groups = exact_values(self), group(self.dates, period)
        return Series(
            base=self.base,
            quote=self.quote,
            start=self.start,
            end=self.end,
            dates=tuple(max(first, self.start) for first, _ in groups),
            values=tuple(rounded(SUMMARIES[how](exact[days])) for _, days in groups),
            missing=self.missing,
            carried=self.carried,
            provisional=self.provisional,
            step=period,
        )

    def __len__(self) -> int:
        return len(self.dates)

    def __iter__(self) -> Iterator[Point]:  # type: ignore[override]  # points, not pairs of fields
        return map(Point, self.dates, self.values)

    def __contains__(self, date: object) -> bool:
        try:
            day = parse_date(date)  # type: ignore[arg-type]  # anything may be asked for
        except (TypeError, ValueError):
            return False
        return place_of(self, day) is not None

    @overload
    def __getitem__(self, key: SupportsIndex) -> Point: ...
    @overload
    def __getitem__(self, key: "DateLike") -> Decimal: ...
    @overload
    def __getitem__(self, key: slice) -> "Series": ...
    def __getitem__(self, key: "SupportsIndex | DateLike | slice") -> "Point | Decimal | Series":
        if isinstance(key, slice):
            return between(self, key)
        if isinstance(key, SupportsIndex) and not isinstance(key, bool):
            return Point(self.dates[index(key)], self.values[index(key)])
        return self.at(key)  # type: ignore[arg-type]  # raises what is right for a bool

    def __hash__(self) -> int:
        return hash((self.base, self.quote, self.start, self.end, self.dates, self.values))

    def __repr__(self) -> str:
        counts = [f"{len(self)} {self.step}{'' if len(self) == 1 else 's'}"]
        for name in ("missing", "carried", "provisional"):
            counts += [f"{len(getattr(self, name))} {name}"] if getattr(self, name) else []
        pair = f"{self.base}/{self.quote}"
        return f"<Series {pair} {self.start}..{self.end}, {', '.join(counts)}>"

    __str__ = __repr__

    def _repr_html_(self) -> str:
        from kzt_rates.models.html import series_html

        return series_html(self)

    @model_validator(mode="after")
    def _is_a_series(self) -> Self:
        check_days(self)
        check_values(self)
        check_legs(self)
        check_derived(self)
        return self


def series_of(
    base: str,
    quote: str,
    start: dt.date,
    end: dt.date,
    dates: tuple[dt.date, ...],
    values: tuple[Decimal, ...],
    *,
    missing: tuple[dt.date, ...] = (),
    carried: Mapping[dt.date, dt.date] | None = None,
    provisional: tuple[dt.date, ...] = (),
) -> Series:
    """Make a published series, foreign to tenge, of exact values per one unit, or the identity.

    Raises `ValueError` where they make no series; 1,461 days take a quarter of a millisecond.
    """
    return Series(
        base=base,
        quote=quote,
        start=start,
        end=end,
        dates=dates,
        values=values,
        missing=missing,
        carried=carried or {},
        provisional=provisional,
    )


def cross_of(base: str, quote: str, legs: tuple[Series, ...]) -> Series:
    """Make a cross or inverse series from published ones of the same dates.

    Raises `ValueError` where they are of other dates, or of another pair.
    """
    provisional = {day for leg in legs for day in leg.provisional}
    # Unlike `Series(…)`, this does not calculate the values a second time to compare them.
    frame = Series.model_construct(
        base=base,
        quote=quote,
        start=legs[0].start,
        end=legs[0].end,
        dates=legs[0].dates,
        values=(),
        missing=legs[0].missing,
        carried=legs[0].carried,
        provisional=tuple(sorted(provisional)),
        legs=legs,
    )
    check_legs(frame)
    series = frame.model_copy(update={"values": tuple(map(rounded, exact_values(frame)))})
    check_values(series)
    return series
