"""A series: one pair's official rates over dates, with statistics, pictures and exports."""

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from operator import index, lt
from typing import TYPE_CHECKING, Any, Literal, Protocol, Self, SupportsIndex, overload

from pydantic import BaseModel, Field, model_validator

import kzt_rates.typing
from kzt_rates.arithmetic import per_units, rounded
from kzt_rates.dates import ONE_DAY, each_day, parse_date
from kzt_rates.errors import RateNotFound
from kzt_rates.figures import KZT
from kzt_rates.models.rate import LARGEST_VALUE, SMALLEST_VALUE, Code, Source
from kzt_rates.models.statistics import (
    SUMMARIES,
    How,
    Period,
    difference,
    first_day,
    group,
    log_deviation,
    mean,
    next_first_day,
    percentage,
)
from kzt_rates.models.values import Point
from kzt_rates.process import require
from kzt_rates.tables import Column, Table
from kzt_rates.tables.files import text_of
from kzt_rates.tables.frames import Tabular
from kzt_rates.typing import DateLike, Language

if TYPE_CHECKING:
    from kzt_rates.figures import Entry
    from kzt_rates.plotting import Line, Span
    from kzt_rates.plotting.i18n import Event

DAYS_A_YEAR = 365  # the returns are per calendar day
MAX_NAMED_DAYS = 3
MAX_ROWS = 10  # in a notebook, which shows a series of years by its ends


class Series(Tabular, BaseModel, frozen=True, extra="forbid"):
    """The official rates of one pair over dates: `values` of `quote` for one unit of `base`.

    `start` and `end` are what was asked for, both inclusive, the end clipped to what was
    published. Each of their days is either in `dates` or, without a rate, in `missing`.
    `carried` names the effective date for each day that an earlier day's rate answers for;
    `provisional` are the days whose rate may still be set otherwise. A value is exact where it
    terminates, else rounded to 28 significant digits. A cross or inverse series carries the
    published series it was made of in `legs`, and its figures are computed from these. `source`
    is `None` for the National Bank's figures, else whose they are.

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
    source: Source = None

    def at(self, date: "DateLike") -> Decimal:
        """Return the value of a date; raises `RateNotFound` where the series has none.

        In a resampled series, the date is the first day of a period.
        """
        day = parse_date(date)
        place = self._place(day)
        if place is None:
            raise self._absent(day)
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
        return self._moves(difference, by, allow_missing=allow_missing)

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
        return self._moves(percentage, by, allow_missing=allow_missing)

    def mean(self, *, allow_missing: bool = False) -> Decimal:
        """Return the mean over calendar days: each day counts once.

        The bank sets a rate for every calendar day, so that a weekend counts its Saturday's rate
        three times, with the Monday. `ValueError` for a resampled series: a mean of means is
        not the mean.
        """
        self._require_daily("mean")
        self._require_rates("mean", self.missing, allow_missing=allow_missing)
        return rounded(mean(self._exact()))

    def min(self, *, allow_missing: bool = False) -> Point:
        """Return the smallest value, with the first date that has it."""
        return self._extreme(min, "smallest value", allow_missing=allow_missing)

    def max(self, *, allow_missing: bool = False) -> Point:
        """Return the largest value, with the first date that has it."""
        return self._extreme(max, "largest value", allow_missing=allow_missing)

    def volatility(self, *, annualize: bool = False, allow_missing: bool = False) -> Decimal:
        """Return the standard deviation of the logarithmic returns from day to day.

        With n returns r = ln(value / value of the day before) it is √(Σ(r − mean of r)² / (n − 1)),
        the historical volatility of J. C. Hull, "Options, Futures, and Other Derivatives". The
        days are calendar days, those without a new rate included, so `annualize` multiplies by
        √365, not by the root of the trading days. With `allow_missing` the return after a gap is
        against the last day that has a rate. `ValueError` for fewer than three days and for a
        resampled series.
        """
        self._require_daily("volatility")
        self._require_rates("volatility", self.missing, allow_missing=allow_missing)
        if len(self) < 3:
            raise ValueError(f"a volatility takes at least three days, not {len(self)}")
        return log_deviation(self._exact(), DAYS_A_YEAR if annualize else 1)

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
        self._require_daily(f"{how} of each {period}")
        self._require_rates(f"{how} of each {period}", self.missing, allow_missing=allow_missing)
        exact, groups = self._exact(), group(self.dates, period)
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
            source=self.source,
        )

    def plot(
        self,
        ax: "kzt_rates.typing.PlotAxes | None" = None,
        *,
        language: "Language" = "en",
        events: "bool | Mapping[DateLike, str]" = False,
        label: str | None = None,
        title: str | None = None,
        dark: bool = False,
        transparent: bool = False,
    ) -> "kzt_rates.typing.PlotAxes":
        """Draw the series, and return matplotlib's axes: `ax`, or those of a new pyplot figure.

        A rate stands on its day, until the next one, and a resampled value on its period, so that
        the line is one of steps. Days without a rate are gaps in it, carried days are dotted and
        provisional ones dashed. The last value stands at the line's end, and the source below
        the dates. Draw several series on the same axes to compare them: title and axis label
        are then those of all of them, and a legend has their labels.

        Args:
            ax: axes to draw on, `None` for new ones.
            language: `"en"`, `"kk"` or `"ru"`.
            events: `True` marks the devaluations of the tenge between `start` and `end`, each
                on the first day of the new rate, if the tenge is one of the pair; a mapping of
                dates to words marks others.
            label: the words of the legend, in place of the usual ones.
            title: a title in place of the usual one; `""` is none.
            dark: new axes that are nearly black, with light letters and lines.
            transparent: new axes show the page behind them; with `dark` for a dark page.

        Raises `RateNotFound` where the series has no rate at all, `ValueError` for another
        language and for `dark` or `transparent` together with `ax`, `TypeError` for other axes, and
        `ImportError` where matplotlib is not installed.

        >>> from matplotlib.figure import Figure
        >>> from kzt_rates.models import Series
        >>> rates = {"2015-08-20": "188.38", "2015-08-21": "255.26"}
        >>> series = Series(base="USD", quote="KZT", start="2015-08-20", end="2015-08-21",
        ...                 dates=rates.keys(), values=rates.values())
        >>> axes = series.plot(Figure().add_subplot(), language="ru", events=True)
        >>> axes.get_title(), axes.get_ylabel(), axes.texts[-1].get_text()
        ('Официальный курс: доллар США', '₸ за 1 USD', '21 авг. 2015 г., свободно плавающий курс')
        """
        require("matplotlib", "plot")
        from kzt_rates.plotting.drawing import colours, draw, new_axes

        if ax is not None and (dark or transparent):
            raise ValueError(
                "dark and transparent need new axes: leave out ax, or style it yourself"
            )
        if ax is not None and not hasattr(ax, "xaxis"):
            raise TypeError(
                f"ax is axes of matplotlib, not {type(ax).__name__}; "
                "plot().figure.savefig(FILE) writes a file"
            )
        words, marked = self._words(language, events)
        line = self._line()
        with colours(dark=dark):
            axes = new_axes(transparent=transparent) if ax is None else ax
            draw(line, axes, language=words, events=marked, label=label, title=title)
        return axes

    def picture(
        self,
        form: Literal["png", "svg", "pdf"] = "png",
        *,
        language: "Language" = "en",
        events: "bool | Mapping[DateLike, str]" = False,
        dark: bool = False,
        transparent: bool = False,
    ) -> bytes:
        """Return the picture of `plot` as the bytes of a file, the same each time.

        No display is needed and no figure of pyplot's is left open. Arguments and errors are
        those of `plot`; `ValueError` for another form.

        >>> import kzt_rates
        >>> kzt_rates.history("USD", start="2015-08-20", end="2015-08-21").picture()[1:4]
        b'PNG'
        """
        require("matplotlib", "plot")
        from kzt_rates.plotting.drawing import SILENT, picture_bytes

        if form not in SILENT:
            raise ValueError(f"a picture is 'png', 'svg' or 'pdf', not {form!r}")
        words, marked = self._words(language, events)
        return picture_bytes(
            self._line(), form, language=words, events=marked, dark=dark, transparent=transparent
        )

    def to_dict(self) -> dict[str, object]:
        """Return what its JSON holds: `base`, `quote`, `start`, `end`, `missing` and `rates`.

        A row of `rates` has the columns of `to_csv`. One's own figures have their `source`.
        """
        own: dict[str, str] = {} if self.source is None else {"source": self.source}
        return {
            "base": self.base,
            "quote": self.quote,
            **own,
            "start": self.start,
            "end": self.end,
            "missing": self.missing,
            "rates": self._csv().dicts(),
        }

    def to_html(self, *, language: "Language" = "en") -> str:
        """Return what a notebook shows: a small picture, and a table of the ends of the series.

        Where days are carried, provisional or missing, it says so. `language` is `"en"`, `"ru"`
        or `"kk"`.
        """
        from kzt_rates.money import parse_language, publisher
        from kzt_rates.plotting import sparkline_svg
        from kzt_rates.tables import html

        words = parse_language(language)
        marks = [
            html.count(words, f"days {name}", len(getattr(self, name)))
            for name in ("missing", "carried", "provisional")
            if getattr(self, name)
        ]
        facts = [
            html.phrase(words, "range", self.start, self.end),
            html.count(words, self.step, len(self)),
            publisher(words, self.source),
        ]
        notes = self._extremes_text(words)
        spans = self._spans() if len(self) > 2 else ()
        picture = sparkline_svg(spans, html.phrase(words, "course", self.start, self.end))
        caption = html.caption(f"{self.base}/{self.quote}", facts, marks, notes, picture)
        rows = self._html_rows(words)
        shown = 3 if any(mark for *_, mark in rows) else 2
        head = [html.phrase(words, "date" if self.step == "day" else "from"), self._unit(words), ""]
        kinds: tuple[html.CellStyle, ...] = ("date", "number", "mark")
        return html.table(caption, head[:shown], [row[:shown] for row in rows], kinds[:shown])

    def __len__(self) -> int:
        return len(self.dates)

    def __iter__(self) -> Iterator[Point]:  # type: ignore[override]  # points, not pairs of fields
        return map(Point, self.dates, self.values)

    def __contains__(self, date: object) -> bool:
        try:
            day = parse_date(date)  # type: ignore[arg-type]  # anything may be asked for
        except (TypeError, ValueError):
            return False
        return self._place(day) is not None

    @overload
    def __getitem__(self, key: SupportsIndex) -> Point: ...
    @overload
    def __getitem__(self, key: "DateLike") -> Decimal: ...
    @overload
    def __getitem__(self, key: slice) -> "Series": ...
    def __getitem__(self, key: "SupportsIndex | DateLike | slice") -> "Point | Decimal | Series":
        if isinstance(key, slice):
            return self._between(key)
        if isinstance(key, SupportsIndex) and not isinstance(key, bool):
            return Point(self.dates[index(key)], self.values[index(key)])
        return self.at(key)  # type: ignore[arg-type]  # raises what is right for a bool

    def __hash__(self) -> int:
        return hash((self.base, self.quote, self.start, self.end, self.dates, self.values))

    def __repr__(self) -> str:
        counts = [f"{len(self)} {self.step}{'' if len(self) == 1 else 's'}"]
        for name in ("missing", "carried", "provisional"):
            counts += [f"{len(getattr(self, name))} {name}"] if getattr(self, name) else []
        counts += [f"from {self.source}"] if self.source else []
        pair = f"{self.base}/{self.quote}"
        return f"<Series {pair} {self.start}..{self.end}, {', '.join(counts)}>"

    __str__ = __repr__

    def _repr_html_(self) -> str:
        return self.to_html()

    def __setstate__(self, state: dict[Any, Any]) -> None:
        # a pickle of before there were sources
        super().__setstate__({**state, "__dict__": {"source": None, **state["__dict__"]}})

    def _place(self, day: dt.date) -> int | None:
        place = bisect_left(self.dates, day)
        return place if self.dates[place : place + 1] == (day,) else None

    def _exact(self) -> list[Fraction]:
        if not self.legs:
            return list(map(Fraction, self.values))
        published = {leg.base: list(map(Fraction, leg.values)) for leg in self.legs}
        tenge = [Fraction(1)] * len(self.dates)
        tops, bottoms = published.get(self.base, tenge), published.get(self.quote, tenge)
        return [top / bottom for top, bottom in zip(tops, bottoms, strict=True)]

    def _moves(
        self, measure: Callable[[Fraction, Fraction], Fraction], by: str, *, allow_missing: bool
    ) -> Decimal | tuple[Point, ...]:
        skipped = self.missing
        if by == "day":
            self._require_daily("change by day")
        elif by != "span":
            raise ValueError(f"a change is by 'span' or by 'day', not {by!r}")
        elif self.step == "day":  # a value of a resampled series stands on all days of its period
            skipped = tuple(day for day in skipped if day in (self.start, self.end))
        self._require_rates(f"change by {by}", skipped, allow_missing=allow_missing)
        exact = self._exact()
        if by == "span":
            return rounded(measure(exact[0], exact[-1]))
        figures = [rounded(measure(*pair)) for pair in pairwise(exact)]
        return tuple(map(Point, self.dates[1:], figures))

    def _extreme(self, choose: Callable[..., int], what: str, *, allow_missing: bool) -> Point:
        self._require_rates(what, self.missing, allow_missing=allow_missing)
        return self[choose(range(len(self)), key=self._exact().__getitem__)]

    def _between(self, bounds: slice) -> "Series":
        """Return the part that a slice by date means; of a resampled series, the periods in it."""
        if bounds.step is not None:
            raise TypeError("a slice of a series is from date to date, without a step")
        start = self.start if bounds.start is None else parse_date(bounds.start)
        end = self.end if bounds.stop is None else parse_date(bounds.stop)
        if start > end and None not in (bounds.start, bounds.stop):
            raise ValueError(f"a slice starts before it ends, not {start}..{end}")
        places = _within(self.dates, start, end)
        by_period = self.step != "day"
        if end < self.start or start > self.end or (by_period and places.start == places.stop):
            if end < start:  # a bound that was not given is that of the series
                start = end = end if bounds.start is None else start
            raise self._outside(start, end)
        if by_period:
            if start > self.start:
                start = self.dates[places.start]
            later = self.dates[places.stop :]
            if end < self.end:
                end = later[0] - ONE_DAY if later else self.end
        return self._part(max(start, self.start), min(end, self.end))

    def _part(self, start: dt.date, end: dt.date) -> "Series":
        places = _within(self.dates, start, end)
        # A part of what was checked needs no other look; its legs are of the same dates.
        return self.model_construct(
            base=self.base,
            quote=self.quote,
            start=start,
            end=end,
            dates=self.dates[places],
            values=self.values[places],
            missing=self.missing[_within(self.missing, start, end)],
            carried={day: rate for day, rate in self.carried.items() if start <= day <= end},
            provisional=self.provisional[_within(self.provisional, start, end)],
            step=self.step,
            legs=tuple(leg._part(start, end) for leg in self.legs),
            source=self.source,
        )

    def _absent(self, day: dt.date) -> RateNotFound:
        if day in self.missing:
            return self._not_found(f"for {day}: the bank published none", day, "none_published")
        if self.start <= day <= self.end:
            message = f"for {day}: no {self.step} of the series begins then"
            return self._not_found(message, day, "outside_the_series")
        return self._outside(day, day)

    def _outside(self, start: dt.date, end: dt.date) -> RateNotFound:
        asked = str(start) if start == end else f"{start}..{end}"
        message = f"for {asked} in the series of {self.start}..{self.end}"
        return self._not_found(message, start, "outside_the_series")

    def _not_found(self, message: str, day: dt.date, reason: str) -> RateNotFound:
        before = self.dates[: bisect_left(self.dates, day)][-1:]
        after = self.dates[bisect_right(self.dates, day) :][:1]
        return RateNotFound(
            f"no official rate of {self.base} {message}",
            code=self.base,
            date=day,
            reason=reason,
            nearest=(before[0] if before else None, after[0] if after else None),
        )

    def _require_rates(self, what: str, skipped: Sequence[dt.date], *, allow_missing: bool) -> None:
        """Raise `RateNotFound` where a figure would pass over days, or there is none to take."""
        if self.dates and (allow_missing or not skipped):
            return
        days = skipped or self.missing
        more = len(days) - MAX_NAMED_DAYS
        named = ", ".join(map(str, days[:MAX_NAMED_DAYS]))
        named += f" and {more} more" if more > 0 else ""
        why = f"the {what} would leave that day out; allow_missing=True permits it"
        if not self.dates:
            why = f"the series has no rate to take the {what} of"
        raise self._not_found(f"for {named}: {why}", days[0], "none_published")

    def _require_daily(self, what: str) -> None:
        if self.step != "day":
            raise ValueError(f"take the {what} of the daily series, not of one by {self.step}")

    def _csv(self) -> Table:
        names = ["date", "rate"]
        if self.carried:
            names.append("effective_date" if self.step == "day" else "carried")
        return self._table().select([*names, *(["source"] if self.source else [])])

    def _table(self) -> Table:
        """Return `date` and `rate`, with marks where some day is carried or provisional.

        The marks of days are `effective_date` and `provisional`; those of periods are true where
        some day of the period is so: `carried` and `provisional`.
        """
        columns = [Column("date", "date", self.dates), Column("rate", "figure", self.values)]
        if self.carried or self.provisional:
            if self.step == "day":
                of = [self.carried.get(day, day) for day in self.dates]
                columns.append(Column("effective_date", "date", of))
            else:
                columns.append(Column("carried", "flag", self._periods_with(self.carried)))
            flags = self._periods_with(self.provisional)
            columns.append(Column("provisional", "flag", flags))
        if self.source is not None:
            columns.append(Column("source", "text", [self.source] * len(self)))
        names = ("base", "quote", "start", "end", "step", *(["source"] if self.source else []))
        return Table(tuple(columns), "date", {name: text_of(getattr(self, name)) for name in names})

    def _periods_with(self, days: Iterable[dt.date]) -> list[bool]:
        flags = [False] * len(self.dates)
        for day in days:
            flags[bisect_right(self.dates, day) - 1] = True
        return flags

    def _words(
        self, language: str, events: "bool | Mapping[DateLike, str]"
    ) -> "tuple[Language, list[Event]]":
        """Return the language and the events of a picture; raise where there is nothing to draw."""
        from kzt_rates.money import parse_language
        from kzt_rates.plotting.i18n import events_of

        words = parse_language(language)
        marked = events_of(self.base, self.quote, self.start, self.end, events, words)
        self._require_rates("picture", self.missing, allow_missing=True)
        return words, marked

    def _line(self) -> "Line":
        from kzt_rates.plotting import Line

        return Line(
            self.base, self.quote, self.start, self.end, self._spans(), self.step, self.source
        )

    def _spans(self) -> "tuple[Span, ...]":
        from kzt_rates.plotting import Span, SpanState

        spans, provisional = [], frozenset(self.provisional)
        for day, value in zip(self.dates, self.values, strict=True):
            until = day + ONE_DAY
            if self.step != "day":
                until = min(next_first_day(day, self.step), self.end + ONE_DAY)
            kind: SpanState = "published"
            if provisional and not provisional.isdisjoint(each_day(day, until - ONE_DAY)):
                kind = "provisional"
            elif self.step == "day" and day in self.carried:
                kind = "carried"
            spans.append(Span(kind, day, until, value))
        return tuple(spans)

    def _unit(self, language: "Language") -> str:
        from kzt_rates.plotting.i18n import unit_of

        return unit_of([(self.base, self.quote)], language)

    def _value_text(self, value: Decimal, language: "Language") -> str:
        from kzt_rates.money import rate_text

        published = self.step == "day" and not self.legs
        return rate_text(value, language, published=published)

    def _extremes_text(self, language: "Language") -> list[str]:
        from kzt_rates.tables.html import phrase

        if len(self) < 2:
            return []
        points = [(word, self.values.index(pick(self.values))) for word, pick in _EXTREMES.items()]
        points.append(("last", len(self) - 1))
        return [
            phrase(
                language, word, self._value_text(self.values[place], language), self.dates[place]
            )
            for word, place in points
        ]

    def _html_rows(self, language: "Language") -> list[tuple[str, str, str]]:
        """Return rows of date, value and mark, in order; a run of missing days is one row."""
        from kzt_rates.tables.html import phrase

        provisional = frozenset(self.provisional)
        rows = []
        for day, value in zip(self.dates, self.values, strict=True):
            marks = []
            if self.step == "day":  # the marks are of days, not of periods
                effective = self.carried.get(day)
                marks += [phrase(language, "carried from", effective)] if effective else []
                marks += [phrase(language, "provisional")] if day in provisional else []
            rows.append((day, (str(day), self._value_text(value, language), ", ".join(marks))))
        if self.step == "day":
            for first, last in _runs(self.missing):
                days = (last - first).days + 1
                named = str(first) if days == 1 else phrase(language, "range", first, last)
                word = "1 missing" if days == 1 else "missing"
                rows.append((first, (named, "", phrase(language, word, days))))
            rows.sort()
        shown = [row for _, row in rows]
        if len(shown) > MAX_ROWS:
            half = MAX_ROWS // 2
            shown[half:-half] = [(phrase(language, "more", len(shown) - MAX_ROWS), "", "")]
        return shown

    @model_validator(mode="after")
    def _is_a_series(self) -> Self:
        self._check_days()
        self._check_values()
        self._check_legs()
        if self.legs and self.values != tuple(map(rounded, self._exact())):
            raise ValueError("a derived series has the values its legs make")
        if self.base == self.quote and set(self.values) - {Decimal(1)}:
            raise ValueError("one unit of a currency costs one of itself")
        return self

    def _check_days(self) -> None:
        """Raise where a day is out of order, there twice, or neither known nor missing."""
        start, end, dates, missing = self.start, self.end, self.dates, self.missing
        if start > end:
            raise ValueError("a series starts before it ends")
        for days in (dates, missing, self.provisional):
            if days and not (start <= days[0] and days[-1] <= end and all(map(lt, days, days[1:]))):
                raise ValueError("the days of a series ascend from its start to its end")
        marked = {*self.carried, *self.provisional}
        if self.step == "day":
            whole = len(dates) + len(missing) == (end - start).days + 1
            if not whole or not set(missing).isdisjoint(dates):
                raise ValueError("every day of a series either has a rate or is missing")
            known = marked.issubset(dates) if marked else True
        else:
            if any(day != max(first_day(day, self.step), start) for day in dates):
                raise ValueError(f"a date of this series is the first of a {self.step}")
            known = marked.isdisjoint(missing) and all(start <= day <= end for day in marked)
        if not known:
            raise ValueError("only a day with a rate is carried or provisional")
        if any(effective >= day for day, effective in self.carried.items()):
            raise ValueError("a carried day has the rate of an earlier one")

    def _check_values(self) -> None:
        if len(self.values) != len(self.dates):
            raise ValueError("a series has a value for each of its dates")
        values = self.values
        if values and not (min(values) >= SMALLEST_VALUE and max(values) <= LARGEST_VALUE):
            raise ValueError(f"a value is from {SMALLEST_VALUE} to {LARGEST_VALUE}")

    def _check_legs(self) -> None:
        """Raise where the series is derived from other legs than its pair, or from none."""
        base, quote, legs = self.base, self.quote, self.legs
        derived = self.step == "day" and base != quote != KZT
        expected = sorted({base, quote} - {KZT}) if derived else []
        if sorted(leg.base for leg in legs) != expected:
            raise ValueError(
                "a cross or inverse series of days has its published legs, another none"
            )
        for leg in legs:
            if leg.quote != KZT or leg.step != "day":
                raise ValueError("the legs of a series are quoted in tenge, day by day")
            if (leg.start, leg.end, leg.dates) != (self.start, self.end, self.dates):
                raise ValueError("the legs of a series have its own dates")
            if leg.carried != self.carried:
                raise ValueError("both legs of a rate come from one date")
            if leg.source != self.source:
                raise ValueError("a series and its legs have one source")


_EXTREMES: dict[str, Callable[..., Decimal]] = {"lowest": min, "highest": max}


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
        source=legs[0].source,
    )
    frame._check_legs()
    series = frame.model_copy(update={"values": tuple(map(rounded, frame._exact()))})
    series._check_values()
    return series


def identity(code: str, start: dt.date, end: dt.date) -> Series:
    """Make the series of a currency in itself: 1 on every day."""
    days = tuple(each_day(start, end))
    return series_of(code, code, start, end, days, (Decimal(1),) * len(days))


class Found(Protocol):
    """The figures that were found of a range, by code in order of day.

    There is one for each day that has a rate; for a day in `carried` it is that of the earlier
    one named there. `missing` are the days without a rate, in order.
    """

    start: dt.date
    end: dt.date
    points: "dict[str, list[Entry]]"
    missing: dict[dt.date, str]
    carried: dict[dt.date, dt.date]


def series_from(found: Found, base: str, quote: str) -> Series:
    """Make the series of a pair from what was found: published, or computed of such."""

    def published(code: str) -> Series:
        figures = found.points[code]
        carried = found.carried
        days = each_day(found.start, found.end) if carried else [figure[0] for figure in figures]
        dates = tuple(days)
        return series_of(
            code,
            KZT,
            found.start,
            found.end,
            dates,
            tuple(per_units(figures)),
            missing=tuple(found.missing),
            carried=carried,
            provisional=tuple(
                [day for day, figure in zip(dates, figures, strict=True) if not figure[3]]
            ),
        )

    legs = tuple(published(code) for code in (base, quote) if code != KZT)
    return legs[0] if quote == KZT else cross_of(base, quote, legs)


def _within(days: Sequence[dt.date], start: dt.date, end: dt.date) -> slice:
    return slice(bisect_left(days, start), bisect_right(days, end))


def _runs(days: Sequence[dt.date]) -> Iterator[tuple[dt.date, dt.date]]:
    """Yield the first and the last day of each run of neighbouring days."""
    run: list[dt.date] = []
    for day in days:
        if run and day - run[-1] > ONE_DAY:
            yield run[0], run[-1]
            run = []
        run.append(day)
    if run:
        yield run[0], run[-1]
