"""What a notebook shows of a series: its ends, its extremes, and a line no larger than a word."""

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date
    from decimal import Decimal

    from kzt_rates.models.series import Series

# What was rounded to 28 digits fills a line; a published rate has at most seven decimals.
MAX_DECIMALS = 8

# A series of years is shown by its ends.
MAX_ROWS = 10

# A column of two units has the first, extreme and last of its days: no peak is lost.
WIDTH, HEIGHT, COLUMN = 240, 36, 2
LONGEST = {"day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}
_DAY = timedelta(days=1)


def digits(value: "Decimal") -> str:
    """Return a value's digits; of one with many decimals the first, and `…` for the rest."""
    whole, point, decimals = f"{value:f}".partition(".")
    rest = "…" if len(decimals) > MAX_DECIMALS else ""
    return f"{whole}{point}{decimals[:MAX_DECIMALS]}{rest}"


def rows_of(series: "Series") -> "list[tuple[str, str, str]]":
    """Return rows of date, value and mark, in order; a run of missing days is one row."""
    rows = [
        (day, (str(day), digits(value), _mark(series, day)))
        for day, value in zip(series.dates, series.values, strict=True)
    ]
    if series.step == "day":
        rows += [(first, _missing(first, last)) for first, last in _runs(series.missing)]
        rows.sort()
    shown = [row for _, row in rows]
    if len(shown) > MAX_ROWS:
        half = MAX_ROWS // 2
        shown[half:-half] = [(f"… {len(shown) - MAX_ROWS} more", "", "")]
    return shown


def extremes_of(series: "Series") -> "list[str]":
    """Return the smallest and the largest value in words, with the first date of each."""
    if len(series) < 2:
        return []
    facts = []
    for word, pick in (("lowest", min), ("highest", max)):
        value = pick(series.values)
        facts.append(f"{word} {digits(value)} on {series.dates[series.values.index(value)]}")
    return facts


def sparkline(series: "Series") -> str:
    """Return the values as an SVG line over time, broken where days are missing.

    It reaches from the lowest to the highest value, not from zero; without a third value there
    is nothing to draw.
    """
    if len(series) < 3:
        return ""
    low, high = min(series.values), max(series.values)
    first, days = series.dates[0], (series.dates[-1] - series.dates[0]).days
    path = ""
    for part in _unbroken(series):
        points = [
            (WIDTH * (day - first).days // days, _height(value, low, high)) for day, value in part
        ]
        drawn = "L".join(f"{x} {y}" for x, y in _thinned(points))
        path += f"M{drawn}" if "L" in drawn else f"M{drawn}h0"  # a day alone is a dot
    return (
        f'<svg role="img" aria-label="its course" width="{WIDTH}" height="{HEIGHT}" '
        f'viewBox="-1 -1 {WIDTH + 2} {HEIGHT + 2}"><path d="{path}" fill="none" '
        'stroke="currentColor" stroke-width="1.2" stroke-linecap="round"/></svg>'
    )


def _height(value: "Decimal", low: "Decimal", high: "Decimal") -> int:
    """Return how far below the upper edge a value is drawn; a level course lies in the middle."""
    return round(HEIGHT * (high - value) / (high - low)) if high > low else HEIGHT // 2


def _unbroken(series: "Series") -> "Iterator[list[tuple[date, Decimal]]]":
    """Yield the parts of a series without a missing day, or without a missing period."""
    part: list[tuple[date, Decimal]] = []
    for day, value in zip(series.dates, series.values, strict=True):
        if part and (day - part[-1][0]).days > LONGEST[series.step]:
            yield part
            part = []
        part.append((day, value))
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


def _mark(series: "Series", day: "date") -> str:
    if series.step != "day":  # the marks are of days, not of periods
        return ""
    marks = [f"of {series.carried[day]}"] if day in series.carried else []
    return ", ".join([*marks, "provisional"] if day in series.provisional else marks)


def _missing(first: "date", last: "date") -> "tuple[str, str, str]":
    if first == last:
        return (str(first), "", "missing")
    return (f"{first} to {last}", "", f"{(last - first).days + 1} missing")


def _runs(days: "Sequence[date]") -> "Iterator[tuple[date, date]]":
    """Yield the first and the last day of each run of neighbouring days."""
    run: list[date] = []
    for day in days:
        if run and day - run[-1] > _DAY:
            yield run[0], run[-1]
            run = []
        run.append(day)
    if run:
        yield run[0], run[-1]
