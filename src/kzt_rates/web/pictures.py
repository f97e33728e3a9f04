"""A badge and a chart of a currency as SVG: text stays text, and no library draws it.

Colours are attributes, because a strict policy of the page forbids styles; a screen reader has
the title and the description.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from html import escape
from math import ceil, floor
from typing import NamedTuple

from kzt_rates.arithmetic import EXACT
from kzt_rates.currency import symbol_of
from kzt_rates.dates import bank_date
from kzt_rates.figures import KZT
from kzt_rates.money import name_in, rate_text
from kzt_rates.plans.day import LOOKBACK_DAYS
from kzt_rates.plotting import tick_days
from kzt_rates.plotting.i18n import tick_labels
from kzt_rates.typing import Language
from kzt_rates.web.line import Board, Theme
from kzt_rates.web.words import long_date, say

# A day and its value for the nominal of the last day.
Point = tuple[date, Decimal]

BADGE_HEIGHT = 28
# The widest of common sans-serif fonts, so that no text runs over its edge.
WIDE, NARROW = 0.64, 0.34
BOLD = 1.1
MARGIN = 8  # around a chart that is a file of its own
MIN_WIDTH, WIDTH, MAX_WIDTH = 240, 320, 1280
STEPS = (1, 2, 5)
MAX_KEPT = 400  # points of a course that is kept: a year, and not 30 years for each width
MAX_MARKS = 5  # and the one at the bottom


class Colours(NamedTuple):
    """What a picture is drawn in."""

    ground: str
    ink: str
    faint: str
    rule: str
    line: str


COLOURS: dict[Theme, Colours] = {
    "light": Colours("#ffffff", "#1b2733", "#566472", "#d9e0e6", "#00697f"),
    "dark": Colours("#12191f", "#e8eef2", "#a3b1bd", "#33414c", "#4cc3d9"),
}


def badge(board: Board, code: str, language: Language, theme: Theme = "light") -> bytes:
    """Return a badge with a rate and its date; of a figure past its time it says so."""
    figure = board.day.figures[code]
    value = f"{rate_text(Decimal(figure.value), language, published=True)} {symbol_of(KZT)}"
    left = code if figure.nominal == 1 else f"{figure.nominal} {code}"
    day, note = bank_date(board.day.date), board.note((code,), language)
    parts = [left, value, f"{day} · {board.short_note((code,), language)}" if note else day]
    widths = [round(_width(part, 13) + 16) for part in parts]
    spoken = say(
        language,
        "badge",
        name=name_in(language, code, figure.name),
        value=value,
        nominal=figure.nominal,
        code=code,
        date=long_date(board.day.date, language),
    )
    colours = COLOURS["dark" if theme == "dark" else "light"]
    grounds = ["#46535f" if board.stale else "#005b6e", colours.ground, colours.ground]
    inks = ["#ffffff", colours.ink, colours.faint]
    body, x = "", 0
    for part, width, ground, ink in zip(parts, widths, grounds, inks, strict=True):
        body += (
            f'<rect x="{x}" width="{width}" height="{BADGE_HEIGHT}" fill="{ground}"/>'
            f'<text x="{x + width / 2:g}" y="19" fill="{ink}" text-anchor="middle">'
            f"{escape(part)}</text>"
        )
        x += width
    body += (
        f'<rect x=".5" y=".5" width="{x - 1}" height="{BADGE_HEIGHT - 1}" fill="none" '
        f'stroke="{colours.rule}"/>'
    )
    description = "" if not note else escape(note)
    marks = ' data-stale=""' if board.stale else ""
    return _svg(x, BADGE_HEIGHT, escape(spoken), description, body, language, 13, marks).encode()


def chart(
    code: str,
    nominal: int,
    points: tuple[Point, ...],
    span: tuple[date, date],
    language: Language,
    *,
    known: bool = True,
    width: int = WIDTH,
    theme: Theme = "light",
) -> bytes:
    """Return the course of a rate over dates, with steps, between its lowest and its highest.

    A rate stands until the next one; more days than the bank ever left out are not known here,
    and break the line. Without points it says that there are none, or with `known=False` that
    they are not known here.
    """
    colours = COLOURS["dark" if theme == "dark" else "light"]
    inner = width - 2 * MARGIN
    drawn = drawing(
        code, nominal, points, span, language, known=known, width=inner, colours=colours
    )
    return drawn.encode()


class _Plot(NamedTuple):
    """Where days and values are on a chart."""

    left: int
    top: int
    width: int
    height: int
    start: date
    days: int
    lowest: Decimal
    highest: Decimal

    def across(self, day: date) -> float:
        """Return how far to the right a day is."""
        return self.left + self.width * (day - self.start).days / self.days

    def down(self, value: Decimal) -> float:
        """Return how far down a value is."""
        part = (float(self.highest) - float(value)) / (float(self.highest) - float(self.lowest))
        return self.top + self.height * part


@lru_cache(maxsize=16)  # the pages of many days have one chart
def drawing(
    code: str,
    nominal: int,
    points: tuple[Point, ...],
    span: tuple[date, date],
    language: Language,
    *,
    known: bool = True,
    width: int = WIDTH,
    colours: Colours | None = None,
    name: str = "",
) -> str:
    """Return a chart as an element, in the colours of the page around it where none are given.

    `name` tells two charts of one page apart.
    """
    start, end = span
    size = 11 if width < 480 else 13
    height = round(width * 0.56) if width < 480 else round(width * 0.46)
    margin = MARGIN if colours else 0
    called = name_in(language, code)
    title = say(language, "chart", name=called, start=bank_date(start), end=bank_date(end))
    if not points:
        words = say(language, "no figures" if known else "unknown figures")
        ink = colours.ink if colours else "currentColor"
        body = _ground(width, height, colours) + (
            f'<text x="{width // 2}" y="{height // 2}" text-anchor="middle" fill="{ink}">'
            f"{escape(words)}</text>"
        )
        return _svg(
            width,
            height,
            escape(title),
            escape(words),
            body,
            language,
            size,
            name=name,
            margin=margin,
        )
    low, high = (pick(points, key=lambda point: point[1]) for pick in (min, max))
    described = say(
        language,
        "chart text",
        nominal=nominal,
        code=code,
        first=bank_date(points[0][0]),
        first_value=rate_text(points[0][1], language),
        low=rate_text(low[1], language),
        low_date=bank_date(low[0]),
        high=rate_text(high[1], language),
        high_date=bank_date(high[0]),
        last=bank_date(points[-1][0]),
        last_value=rate_text(points[-1][1], language),
    )
    marks = _marks(low[1], high[1])
    # of a step all digits: rounded, two marks could be one
    labels = [rate_text(mark, language, published=low[1] != high[1]) for mark in marks]
    if all(mark == int(mark) for mark in marks):
        labels = [label[:-3] for label in labels]
    left = round(max(_width(label, size) for label in labels) + 10)
    top, right, bottom = 2 * size + 4, 12, 2 * size + 14
    plot_width, plot_height = width - left - right, height - top - bottom
    days = max((end - start).days, 1)
    bottom_value, top_value = min(marks[0], low[1]), max(marks[-1], high[1])

    plot = _Plot(left, top, plot_width, plot_height, start, days, bottom_value, top_value)
    ink, faint, rule, line = (
        (colours.ink, colours.faint, colours.rule, colours.line)
        if colours
        else ("currentColor",) * 4
    )
    body = _ground(width, height, colours)
    # dated: a chart may end before today
    last_day = f"{bank_date(points[-1][0])} · "
    last = f"{rate_text(points[-1][1], language)} {symbol_of(KZT)}"
    heading = f"{say(language, 'tenge')} / {nominal} {code}"
    if _width(heading + last_day, size) + BOLD * _width(last, size) > width - right - size:
        heading = f"{nominal} {code}"
    body += f'<text class="axis" x="0" y="{size}" fill="{faint}">{escape(heading)}</text>'
    for mark, label in zip(marks, labels, strict=True):
        y = plot.down(mark)
        body += (
            f'<path class="rule" d="M{left} {y:.1f}H{width - right}" stroke="{rule}" '
            f'stroke-width="1" fill="none"/>'
            f'<text class="axis" x="{left - 6}" y="{y + size * 0.35:.1f}" text-anchor="end" '
            f'fill="{faint}">{label}</text>'
        )
    ticks = tick_days(start, end, max(2, plot_width // (size * 7)))
    for day, label in zip(ticks, tick_labels(ticks, language) if ticks else (), strict=True):
        for row, words in enumerate(label.split("\n")):
            x = min(max(plot.across(day), left + _width(words, size) / 2 - 8), width - 20)
            under = height - bottom + (row + 1) * (size + 2) + 3
            body += words and (
                f'<text class="axis" x="{x:.1f}" y="{under}" '
                f'text-anchor="middle" fill="{faint}">{escape(words)}</text>'
            )
    path = _course(points, plot)
    end_x, end_y = plot.across(points[-1][0]), plot.down(points[-1][1])
    body += (
        f'<path class="line" d="{path}" fill="none" stroke="{line}" stroke-width="2" '
        f'stroke-linejoin="round" stroke-linecap="round"/>'
        f'<circle class="end" cx="{end_x:.1f}" cy="{end_y:.1f}" r="3.5" fill="{line}"/>'
    )
    body += (
        f'<text class="last" x="{width - right}" y="{size}" text-anchor="end" fill="{ink}">'
        f'{last_day}<tspan font-weight="bold">{escape(last)}</tspan></text>'
    )
    named = (escape(title), escape(described))
    return _svg(width, height, *named, body, language, size, name=name, margin=margin)


def _svg(
    width: int,
    height: int,
    title: str,
    description: str,
    body: str,
    language: Language,
    size: int,
    marks: str = "",
    name: str = "",
    margin: int = 0,
) -> str:
    named = f"t{name}" + (f" d{name}" if description else "")
    described = f'<desc id="d{name}">{description}</desc>' if description else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="{named}" '
        f'lang="{language}" width="{width + 2 * margin}" height="{height + 2 * margin}" '
        f'viewBox="{-margin} {-margin} {width + 2 * margin} {height + 2 * margin}" '
        f'font-family="system-ui, -apple-system, Segoe UI, Roboto, Noto Sans, Arial, sans-serif" '
        f'font-size="{size}"{marks}><title id="t{name}">{title}</title>{described}{body}</svg>'
    )


def _ground(width: int, height: int, colours: Colours | None) -> str:
    if colours is None:
        return ""
    return (
        f'<rect x="-{MARGIN}" y="-{MARGIN}" width="{width + 2 * MARGIN}" '
        f'height="{height + 2 * MARGIN}" fill="{colours.ground}"/>'
    )


def _width(text: str, size: int) -> float:
    return size * sum(NARROW if char in ".,:;· ()1-" else WIDE for char in text)


def _marks(low: Decimal, high: Decimal) -> list[Decimal]:
    """Return three to six round values from one at or below the lowest to one above the highest."""
    if low == high:
        return [EXACT.multiply(low, part) for part in (Decimal("0.99"), 1, Decimal("1.01"))]
    power = EXACT.subtract(high, low).adjusted() - 1
    steps = (Decimal(step).scaleb(power + more) for more in range(3) for step in STEPS)
    for width in steps:
        first, last = (
            towards(Fraction(value) / Fraction(width))
            for value, towards in ((low, floor), (high, ceil))
        )
        if last - first <= MAX_MARKS:
            return [EXACT.multiply(place, width) for place in range(first, last + 1)]
    raise AssertionError("a step of the next power is always wide enough")


def _unbroken(points: Sequence[Point]) -> Iterator[list[Point]]:
    part: list[Point] = []
    for point in points:
        if part and (point[0] - part[-1][0]).days > LOOKBACK_DAYS:
            yield part
            part = []
        part.append(point)
    yield part


def _course(points: tuple[Point, ...], plot: _Plot) -> str:
    return (_short_course if len(points) <= MAX_KEPT else _whole_course)(points, plot)


def _whole_course(points: tuple[Point, ...], plot: _Plot) -> str:
    return "".join(_path(part, plot) for part in _unbroken(points))


# It takes most of a chart's time, and most languages share it.
_short_course = lru_cache(maxsize=64)(_whole_course)


def _path(part: Sequence[Point], plot: _Plot) -> str:
    """Return the steps of days that follow one another; a day that changes nothing adds nothing.

    Of the days that fall on one place there are the first, the extremes and the last.
    """
    columns: dict[int, list[tuple[float, float]]] = {}
    for day, value in part:
        x, y = plot.across(day), plot.down(value)
        columns.setdefault(round(x), []).append((x, y))
    corners: list[tuple[float, float]] = []
    for column in columns.values():
        low, high = (pick(column, key=lambda corner: corner[1]) for pick in (min, max))
        kept = {column[0], low, high, column[-1]}
        corners += [corner for corner in dict.fromkeys(column) if corner in kept]
    text, before = "", None
    for x, y in corners:
        if before is None:
            text += f"M{x:.1f} {y:.1f}"
        elif f"{y:.1f}" != before:
            text += f"H{x:.1f}V{y:.1f}"
        before = f"{y:.1f}"
    return f"{text}H{corners[-1][0] + 0.1:.1f}"
