"""The line of a series: each rate stands on its days, and days without one are a gap."""

import datetime as dt
import math
from typing import TYPE_CHECKING, NamedTuple

from kzt_rates.dates import ONE_DAY, each_day

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kzt_rates.models.series import Series

MONTHS_OF = {"month": 1, "quarter": 3, "year": 12}


class Line(NamedTuple):
    """The corners of the days of one kind, to be drawn as steps; NaN breaks the line.

    `alone` are the places of the days without a neighbour, too short to be seen in a long series.
    """

    dates: list[dt.date]
    values: list[float]
    alone: list[int]


class _Span(NamedTuple):
    kind: str
    first: dt.date
    until: dt.date
    value: float


def outline(series: "Series") -> dict[str, Line]:
    """Return the lines of a series by kind: `published`, `carried` and `provisional` days.

    A day's value stands from that day to the next one, as the official rate does; a period's
    until the next period, or the end of the series.
    """
    lines: dict[str, Line] = {
        kind: Line([], [], []) for kind in ("published", "carried", "provisional")
    }
    before: _Span | None = None
    for span in _spans(series):
        line = lines[span.kind]
        follows = before is not None and before.until == span.first
        if before is not None and not (follows and before.kind == span.kind):
            _close(lines[before.kind], before)
        if before is None or not follows:
            line.alone.append(len(line.dates))
        elif before.kind != span.kind:  # the step between the two belongs to the later one
            _corner(line, span.first, before.value)
        _corner(line, span.first, span.value)
        before = span
    if before is not None:
        _close(lines[before.kind], before)
    return {kind: _lonely(line) for kind, line in lines.items()}


def _spans(series: "Series") -> "Iterator[_Span]":
    provisional = frozenset(series.provisional)
    for day, value in zip(series.dates, series.values, strict=True):
        until = min(_after(day, series.step), series.end + ONE_DAY)
        kind = "published"
        if provisional and not provisional.isdisjoint(each_day(day, until - ONE_DAY)):
            kind = "provisional"
        elif series.step == "day" and day in series.carried:
            kind = "carried"
        yield _Span(kind, day, until, float(value))


def _after(day: dt.date, step: str) -> dt.date:
    """Return the first day after the period that a day is in."""
    if step == "day":
        return day + ONE_DAY
    if step == "week":
        return day + ONE_DAY * (7 - day.weekday())
    count = MONTHS_OF[step]
    month = (day.year * 12 + day.month - 1) // count * count + count
    return dt.date(month // 12, month % 12 + 1, 1)


def _corner(line: Line, day: dt.date, value: float) -> None:
    line.dates.append(day)
    line.values.append(value)


def _close(line: Line, span: _Span) -> None:
    _corner(line, span.until, span.value)
    _corner(line, span.until, math.nan)


def _lonely(line: Line) -> Line:
    """Keep of the places where a line begins those where it ends at once."""
    ends = [math.isnan(value) for value in line.values]
    return line._replace(alone=[place for place in line.alone if ends[place + 2]])
