"""Lines of dates and numbers, and what they look like without any library: steps, blocks, SVG.

A value stands from its day until the next one, and days without a value are a gap.
"""

import datetime as dt
import math
from fractions import Fraction
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from decimal import Decimal

SpanState: TypeAlias = Literal["published", "carried", "provisional"]
KINDS: tuple[SpanState, ...] = ("published", "carried", "provisional")

BLOCKS = "▁▂▃▄▅▆▇█"
FLAT = BLOCKS[3]
GAP = " "

# A column of two units has the first, extreme and last of its days: no peak is lost.
WIDTH, HEIGHT, COLUMN = 240, 36, 2


# from the finest to the coarsest: a unit, how many of it, and how many days that is at least
TICK_STEPS = (
    ("day", 1, 1), ("day", 2, 2), ("day", 7, 7), ("day", 14, 14),
    ("month", 1, 28), ("month", 2, 59), ("month", 3, 90), ("month", 6, 181),
    ("year", 1, 365), ("year", 2, 730), ("year", 5, 1826), ("year", 10, 3652),
    ("year", 20, 7305), ("year", 50, 18262), ("year", 100, 36524), ("year", 500, 182621),
    ("year", 1000, 365242), ("year", 5000, 1826212),
)  # fmt: skip


class Span(NamedTuple):
    """A value that stands from its first day until the one before `until`."""

    kind: SpanState
    first: dt.date
    until: dt.date
    value: "Decimal"


class Line(NamedTuple):
    """The values of a pair over dates, as spans in order, and what names them.

    `start` and `end` are both inclusive. `step` is `"day"` or the period that a value stands
    for. `source` is whose figures they are, `None` for the National Bank.
    """

    base: str
    quote: str
    start: dt.date
    end: dt.date
    spans: "tuple[Span, ...]"
    step: str = "day"
    source: str | None = None


class Corners(NamedTuple):
    """The corners of the spans of one kind, to be drawn as steps; NaN breaks the line.

    `alone` are the places of the spans without a neighbour, too short to be seen in a long line.
    """

    dates: list[dt.date]
    values: list[float]
    alone: list[int]


def corners_of(spans: "Iterable[Span]") -> dict[SpanState, Corners]:
    """Return the corners of spans by kind; the step between two kinds belongs to the later one."""
    lines: dict[SpanState, Corners] = {kind: Corners([], [], []) for kind in KINDS}
    before: Span | None = None
    for span in spans:
        line = lines[span.kind]
        follows = before is not None and before.until == span.first
        if before is not None and not (follows and before.kind == span.kind):
            _close(lines[before.kind], before)
        if before is None or not follows:
            line.alone.append(len(line.dates))
        elif before.kind != span.kind:
            _corner(line, span.first, before.value)
        _corner(line, span.first, span.value)
        before = span
    if before is not None:
        _close(lines[before.kind], before)
    return {kind: _lonely(line) for kind, line in lines.items()}


def blocks_of(
    dates: "Sequence[dt.date]",
    values: "Sequence[Decimal]",
    start: dt.date,
    end: dt.date,
    width: int,
) -> str:
    """Return a block for each day from start to end, or for as many equal spans as are wide.

    A block's height is that of the last value of its span, between the smallest of all, at the
    bottom, and the largest; a span without any value is a space. Where all values are equal,
    all blocks are of half height.

    >>> days = [dt.date(2015, 8, day) for day in (18, 19, 20, 21)]
    >>> blocks_of(days[1:], [18835, 18838, 25526], days[0], days[-1], 60)
    ' ▁▁█'
    """
    days = (end - start).days + 1
    spans = min(days, width)
    lasts = {
        (day - start).days * spans // days: value for day, value in zip(dates, values, strict=True)
    }
    if not lasts:
        return GAP * spans
    low, high = min(values), max(values)
    if low == high:
        return "".join(FLAT if span in lasts else GAP for span in range(spans))
    top = len(BLOCKS) - 1
    heights = {
        span: min(int(_share(low, value, high) * len(BLOCKS)), top) for span, value in lasts.items()
    }
    return "".join(BLOCKS[heights[span]] if span in heights else GAP for span in range(spans))


def sparkline_svg(spans: "Sequence[Span]", label: str = "") -> str:
    """Return a line no larger than a word as SVG, in the colour of its page, its end marked.

    It reaches from the lowest to the highest value, not from zero, and is broken where days are
    missing; a span alone is a dot. Of fewer than three spans there is nothing to draw. `label`
    is what a screen reader says; it is not escaped.
    """
    if len(spans) < 3:
        return ""
    values = [span.value for span in spans]
    low, high = min(values), max(values)
    first, days = spans[0].first, (spans[-1].first - spans[0].first).days
    path, points = "", [(0, 0)]
    for part in _unbroken(spans):
        points = [
            (WIDTH * (span.first - first).days // days, _height(span.value, low, high))
            for span in part
        ]
        drawn = "L".join(f"{x} {y}" for x, y in _thinned(points))
        path += f"M{drawn}" if "L" in drawn else f"M{drawn}h0"
    x, y = points[-1]
    return (
        f'<svg role="img" aria-label="{label}" width="{WIDTH + 6}" height="{HEIGHT + 6}" '
        f'viewBox="-3 -3 {WIDTH + 6} {HEIGHT + 6}"><path d="{path}" fill="none" '
        'stroke="currentColor" stroke-width="1.2" stroke-linecap="round"/>'
        f'<circle cx="{x}" cy="{y}" r="2.5" fill="currentColor"/></svg>'
    )


def tick_days(first: dt.date, last: dt.date, most: int) -> list[dt.date]:
    """Return evenly spread days between two, both inclusive: as many as there may be.

    They are days, every other day, Mondays, every other Monday, or the first of months or years.

    >>> [str(day) for day in tick_days(dt.date(2015, 3, 1), dt.date(2020, 3, 31), 6)]
    ['2016-01-01', '2017-01-01', '2018-01-01', '2019-01-01', '2020-01-01']
    """
    length = (last - first).days
    return next(
        days
        for unit, count, least in TICK_STEPS
        # surely too many are not even counted
        if length // least <= 2 * most and len(days := _each(first, last, unit, count)) <= most
    )


def _corner(line: Corners, day: dt.date, value: "float | Decimal") -> None:
    line.dates.append(day)
    line.values.append(float(value))


def _close(line: Corners, span: Span) -> None:
    _corner(line, span.until, span.value)
    _corner(line, span.until, math.nan)


def _lonely(line: Corners) -> Corners:
    """Keep of the places where a line begins those where it ends at once."""
    ends = [math.isnan(value) for value in line.values]
    return line._replace(alone=[place for place in line.alone if ends[place + 2]])


def _height(value: "Decimal", low: "Decimal", high: "Decimal") -> int:
    """Return how far below the upper edge a value is drawn; a level line lies in the middle."""
    return round(HEIGHT * _share(high, value, low)) if high > low else HEIGHT // 2


def _share(start: "Decimal", value: "Decimal", end: "Decimal") -> Fraction:
    """Return what part of the way from one value to another is a third: exact in any context."""
    return (Fraction(value) - Fraction(start)) / (Fraction(end) - Fraction(start))


def _unbroken(spans: "Iterable[Span]") -> "Iterator[list[Span]]":
    part: list[Span] = []
    for span in spans:
        if part and part[-1].until != span.first:
            yield part
            part = []
        part.append(span)
    yield part


def _thinned(points: "Sequence[tuple[int, int]]") -> "list[tuple[int, int]]":
    """Leave out the points of a column that its first, last and extreme ones cover."""
    columns: dict[int, list[tuple[int, int]]] = {}
    for point in points:
        columns.setdefault(point[0] // COLUMN, []).append(point)
    kept: list[tuple[int, int]] = []
    for column in columns.values():
        low, high = (pick(column, key=lambda point: point[1]) for pick in (min, max))
        kept += [
            point
            for place, point in enumerate(column)
            if place in {0, len(column) - 1, column.index(low), column.index(high)}
        ]
    return list(dict.fromkeys(kept))


def _each(first: dt.date, last: dt.date, unit: str, count: int) -> list[dt.date]:
    if unit == "day":
        # the ordinal of a Monday, divided by seven, leaves one
        start = first.toordinal() + (1 - first.toordinal()) % count
        return list(map(dt.date.fromordinal, range(start, last.toordinal() + 1, count)))
    months = count * (12 if unit == "year" else 1)
    begins = range(first.year * 12 // months * months, last.year * 12 + 12, months)
    days = [dt.date(month // 12, month % 12 + 1, 1) for month in begins if month >= 12]
    return [day for day in days if first <= day <= last]
