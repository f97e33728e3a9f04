"""Draws lines with matplotlib: on axes that are there, on new ones, or as the bytes of a file."""

import datetime as dt
import io
import math
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from cycler import cycler
from matplotlib import rc_context, rcParams
from matplotlib.colors import to_rgba
from matplotlib.dates import date2num, num2date
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke
from matplotlib.ticker import Formatter, Locator

from kzt_rates.money import LANGUAGES
from kzt_rates.plotting import corners_of, i18n, tick_days

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

    from kzt_rates.plotting import Line, SpanState
    from kzt_rates.plotting.i18n import Event, Pair
    from kzt_rates.typing import Language

STYLES: "dict[SpanState, Any]" = {"published": "-", "carried": ":", "provisional": (0, (2, 1))}
# What is on the axes is remembered by the names of its lines, which go when the lines go.
RATE, EVENT, LAST, PERIODS, OWN = "rate-", "event-", "last-", "-by-period", "-own"
# Fewer days than these would fill the picture as if there were no others.
FEWEST_DAYS = 5
MARGIN = 0.02
EVENT_ALPHA, EVENT_SIZE = 0.65, 8
LINE_WIDTH, POINT_SIZE = 1.4, 2.5
SMALL, LAST_SIZE = 8, 9

INCHES = (8, 4.5)
DOTS_PER_INCH = 200  # 1600 by 900
# What would differ from one writing to the next, or name this machine's version.
SILENT: "dict[str, dict[str, Any]]" = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}
_INK, _PAPER = "#e6e6e6", "#121212"
DARK: Any = {
    **dict.fromkeys(("figure.facecolor", "axes.facecolor", "legend.facecolor"), _PAPER),
    **dict.fromkeys(("text.color", "axes.labelcolor", "xtick.color", "ytick.color"), _INK),
    "axes.edgecolor": _INK,
    "grid.color": _INK,
    "legend.edgecolor": _INK,
    "axes.prop_cycle": cycler(
        color=["#6cb6ff", "#f0a35e", "#7fd18b", "#f08080", "#c8a2e8", "#e6d36a"]
    ),
}

# A label of a date is about twice as wide as one of a number, of which matplotlib tells how many
# have room.
NUMBERS_PER_DATE = 1.6
MAX_DECIMALS = 15
FEWEST, MOST = 2, 12
LAST_OF_DAY = 0.001


def draw(
    line: "Line",
    axes: "Axes",
    *,
    language: "Language",
    events: "Sequence[Event]",
    label: str | None,
    title: str | None,
) -> None:
    """Draw a line on axes, beside those that are there already, with what names it."""
    _refuse_others(axes, line)
    before = _pairs(axes)
    usual = i18n.label_of((line.base, line.quote), line.step, language, line.source)
    _draw_steps(line, axes, usual if label is None else label, language)
    _widen(axes)
    for event in events:
        _mark(axes, event, line)
    _name(axes, before, _pairs(axes), language, title)
    _name_source(axes, line.source, language)
    _spread(axes)
    # Of one line the title says enough, unless its values stand for more than a day.
    if len(axes.get_legend_handles_labels()[0]) > 1 or label or line.step != "day":
        _add_legend(axes)


def new_axes(*, transparent: bool) -> "Axes":
    """Return the axes of a new figure of pyplot's, which a notebook shows by itself."""
    from matplotlib import pyplot as plt

    return _dressed(plt.figure(figsize=INCHES, layout="constrained"), transparent=transparent)


def colours(*, dark: bool) -> "Any":
    """Return a context in which what is drawn suits a dark page, or is as the user set it."""
    return rc_context(DARK if dark else {})


def picture_bytes(
    line: "Line",
    form: str,
    *,
    language: "Language",
    events: "Sequence[Event]",
    dark: bool,
    transparent: bool,
) -> bytes:
    """Return a file of the line: `"png"`, `"svg"` or `"pdf"`, the same bytes each time.

    No display is needed, and the letters of an SVG are outlines, so that no font is either.
    """
    silent: Any = {"svg.hashsalt": "kzt_rates", "svg.fonttype": "path"}
    with colours(dark=dark), rc_context(silent):
        figure = Figure(figsize=INCHES, dpi=DOTS_PER_INCH, layout="constrained")
        axes = _dressed(figure, transparent=transparent)
        draw(line, axes, language=language, events=events, label=None, title=None)
        content = io.BytesIO()
        figure.savefig(content, format=form, dpi=DOTS_PER_INCH, metadata=SILENT[form])
    return content.getvalue()


def _dressed(figure: Figure, *, transparent: bool) -> "Axes":
    """Return axes with quiet lines, on ground that their letters can be read on."""
    if to_rgba(rcParams["figure.facecolor"])[3] < 1:  # a dark page would shine through
        figure.set_facecolor(rcParams["axes.facecolor"])
    axes = figure.add_subplot()
    if transparent:
        figure.set_facecolor("none")
        axes.set_facecolor("none")
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", alpha=0.3)
    axes.set_axisbelow(True)
    axes.margins(x=MARGIN)
    return axes


def _refuse_others(axes: "Axes", line: "Line") -> None:
    """Refuse axes that are not in days: pandas puts its own months or weeks on them."""
    axis: Any = axes.xaxis  # matplotlib has no types for its units
    frequency = getattr(axes, "freq", None)  # before 3.1 pandas leaves nothing else behind
    in_days = frequency is None or getattr(frequency, "freqstr", frequency) == "D"
    if in_days:
        axis.update_units([line.start])
        in_days = axis.convert_units(line.start) == place_of(line.start)
    if not in_days:
        raise ValueError(
            "the x axis is not one of days: give another, or draw the frame of pandas on it "
            "with x_compat=True"
        )


def _draw_steps(line: "Line", axes: "Axes", label: str, language: "Language") -> None:
    count = sum(map(_is_rate, axes.lines))
    marks = (PERIODS if line.step != "day" else "") + (OWN if line.source is not None else "")
    name = f"{RATE}{line.base}-{line.quote}{marks}" + (f"-{count}" if count else "")
    color = None
    for kind, corners in corners_of(line.spans).items():
        published = kind == "published"
        if not published and not corners.dates:
            continue
        [drawn] = axes.plot(
            corners.dates,  # type: ignore[arg-type]  # matplotlib takes dates
            corners.values,
            drawstyle="steps-post",
            linestyle=STYLES[kind],
            linewidth=LINE_WIDTH,
            solid_capstyle="butt",  # others would cover a gap of a day
            dash_capstyle="butt",
            marker="o",
            markersize=POINT_SIZE,
            markeredgewidth=0,
            markevery=corners.alone,
            color=color,
            gid=name if published else f"{name}-{kind}",
            label=label if published else _kind_label(axes, kind, language),
        )
        color = drawn.get_color()
    last = line.spans[-1]
    axes.annotate(
        i18n.value_text(line, last.value, language),
        (place_of(last.until), float(last.value)),
        xytext=(4, 0),
        textcoords="offset points",
        va="center",
        color=color,
        fontsize=LAST_SIZE,
        fontfamily=_families(),
        annotation_clip=False,
        parse_math=False,
        gid=f"{LAST}{name.removeprefix(RATE)}",
    )


def _spread(axes: "Axes") -> None:
    """Move the last values of neighbouring lines apart, so that each can be read."""
    lasts: list[Any] = [text for text in axes.texts if str(text.get_gid()).startswith(LAST)]
    if len(lasts) < 2:
        return
    axes.autoscale_view()
    dots = axes.figure.dpi / 72
    heights = {text: axes.transData.transform(text.xy)[1] / dots for text in lasts}
    taken = -math.inf
    for text in sorted(lasts, key=heights.__getitem__):
        taken = max(heights[text], taken + LAST_SIZE * 1.2)
        text.set_position((4, taken - heights[text]))


def _add_legend(axes: "Axes") -> None:
    handles, _ = axes.get_legend_handles_labels()
    legend = axes.legend(prop={"family": _families()})
    for handle, shown in zip(handles, legend.legend_handles, strict=True):
        if _is_rate(handle) and isinstance(shown, Line2D):
            shown.set_marker("none")  # the line's own mark lonely days alone
    for text in legend.get_texts():
        text.set_parse_math(False)  # a dollar sign is one


def _kind_label(axes: "Axes", kind: "SpanState", language: "Language") -> str:
    text = i18n.KINDS[kind][language]
    return "_nolegend_" if text in axes.get_legend_handles_labels()[1] else text


def _widen(axes: "Axes") -> None:
    """Leave room at both sides of a few days."""
    days = axes.dataLim.width
    if 0 < days < FEWEST_DAYS:
        axes.margins(x=(FEWEST_DAYS - days) / 2 / days)
    elif axes.get_xmargin() > MARGIN * 3:  # those of fewer days, which were here first
        axes.margins(x=MARGIN)


def _mark(axes: "Axes", event: "Event", line: "Line") -> None:
    """Mark the start of a day with a thin line, and words along it, once."""
    name = f"{EVENT}{event.day}"
    marks = [text.get_text() for text in axes.texts if text.get_gid() == f"{name}-words"]
    if event.text in marks:
        return
    place = place_of(event.day)
    color = rcParams["text.color"]
    axes.axvline(
        place,
        color=color,
        alpha=EVENT_ALPHA,
        linewidth=0.8,
        linestyle=(0, (5, 3)),
        zorder=1,
        gid=name,
    )
    # Left of the line, where the dollar was still cheap; at the left edge there is no room.
    days = (line.end - line.start).days + 1
    on_the_right = (event.day - line.start).days * 20 < days or bool(marks)
    axes.annotate(
        event.text,
        (place, 1),
        xycoords=axes.get_xaxis_transform(),
        xytext=(3 if on_the_right else -3, -4),
        textcoords="offset points",
        rotation=90,
        ha="left" if on_the_right else "right",
        va="top",
        color=color,
        alpha=EVENT_ALPHA,
        fontsize=EVENT_SIZE,
        fontfamily=_families(),
        path_effects=[withStroke(linewidth=2.5, foreground=axes.get_facecolor())],
        annotation_clip=True,
        parse_math=False,
        gid=f"{name}-words",
        zorder=1,  # below the rates
    )


def _name(
    axes: "Axes",
    before: "list[Pair]",
    now: "list[Pair]",
    language: "Language",
    title: str | None,
) -> None:
    """Name the axes and what is on them, in the place of no name or an earlier one of ours."""
    axes.xaxis.set_major_locator(Days())
    axes.xaxis.set_major_formatter(DayNames(language))
    axes.yaxis.set_major_formatter(Numbers(language))
    if _is_ours(axes.get_ylabel(), i18n.unit_of, before):
        axes.set_ylabel(i18n.unit_of(now, language), fontfamily=_families())
    of_periods, own = partial(i18n.title_of, of_periods=True), partial(i18n.title_of, own=True)
    if title is not None:
        axes.set_title(title, fontfamily=_families(), parse_math=False)
    elif any(
        _is_ours(axes.get_title(), words, before) for words in (i18n.title_of, of_periods, own)
    ):
        words = own if _has(axes, OWN) else of_periods if _has(axes, PERIODS) else i18n.title_of
        axes.set_title(words(now, language), fontfamily=_families())


def _name_source(axes: "Axes", source: str | None, language: "Language") -> None:
    """Say below the dates whose figures they are, of all lines that are here."""
    label = axes.xaxis.label
    before = str(label.get_gid()).split("\n") if axes.get_xlabel() else []
    if before and axes.get_xlabel() not in [i18n.source_text(before, each) for each in LANGUAGES]:
        return  # the user's own words
    sources = list(dict.fromkeys([*before, source or i18n.BANK]))
    axes.set_xlabel(
        i18n.source_text(sources, language),
        loc="right",
        fontsize=SMALL,
        fontfamily=_families(),
        alpha=EVENT_ALPHA,
        parse_math=False,
        gid="\n".join(sources),
    )


def _is_ours(
    text: str, words: "Callable[[list[Pair], Language], str]", pairs: "list[Pair]"
) -> bool:
    return not text or (bool(pairs) and text in [words(pairs, each) for each in LANGUAGES])


def _pairs(axes: "Axes") -> "list[Pair]":
    names = [str(line.get_gid()).split("-") for line in axes.lines if _is_rate(line)]
    return list(dict.fromkeys((base, quote) for _, base, quote, *_ in names))


def _has(axes: "Axes", mark: str) -> bool:
    """Whether any line is of periods, or of one's own figures: neither is the bank's own word."""
    return any(_is_rate(line) and mark in str(line.get_gid()) for line in axes.lines)


def _is_rate(artist: "Artist") -> bool:
    return str(artist.get_gid()).startswith(RATE)


def _families() -> "list[Any]":
    """Return the reader's fonts, and after them the one of matplotlib that has the ₸."""
    return [*rcParams["font.family"], "DejaVu Sans"]


def place_of(day: dt.date) -> float:
    """Return where on an axis of dates a day begins."""
    return float(date2num(day))  # type: ignore[no-untyped-call]  # matplotlib has no types here


def day_at(place: float) -> dt.date:
    """Return the day of a place, which may have been moved beyond the calendar."""
    within = min(max(place, place_of(dt.date.min)), place_of(dt.date.max))
    # by default in a time zone of the reader's settings, where it may be the day before
    moment: dt.datetime = num2date(within, tz=dt.timezone.utc)  # type: ignore[no-untyped-call]  # as above
    return moment.date()


class Days(Locator):
    """Puts ticks on whole days, as many as have room."""

    def __call__(self) -> "list[float]":
        """Return where the ticks of the axis are."""
        axis: Any = self.axis
        low, high = sorted(axis.get_view_interval())
        first, until = axis.axes.dataLim.intervalx
        if first <= until:  # there is data: nothing is named that lies beyond it
            lines = [line.get_xdata(orig=False) for line in axis.axes.lines if _is_rate(line)]
            ends = [places[-1] for places in lines if len(places)]
            # a rate stands until the midnight after its last day, which is of another day
            low, high = max(low, first), min(high, until - LAST_OF_DAY * (until in ends))
        return self.tick_values(low, high)

    def tick_values(self, vmin: float, vmax: float) -> "list[float]":
        """Return where the ticks are between two values of the axis."""
        assert self.axis is not None
        room = int(self.axis.get_tick_space() / NUMBERS_PER_DATE)
        first, last = day_at(min(vmin, vmax) + 1 - LAST_OF_DAY), day_at(max(vmin, vmax))
        days = tick_days(first, last, min(max(room, FEWEST), MOST)) if first <= last else []
        return [place_of(day) for day in days]


class DayNames(Formatter):
    """Names days, with the year where it begins."""

    def __init__(self, language: "Language") -> None:
        self.language: Language = language

    def __call__(self, x: float, pos: "int | None" = None) -> str:  # noqa: ARG002  # matplotlib's
        """Return one day with its year, for the place below the pointer."""
        return i18n.full_date(day_at(x), self.language)

    def format_ticks(self, values: "Sequence[float]") -> list[str]:
        """Return the names of all ticks."""
        return i18n.tick_labels([day_at(value) for value in values], self.language)


class Numbers(Formatter):
    """Writes numbers in full: with the decimals that tell the ticks apart, and no exponent."""

    def __init__(self, language: "Language") -> None:
        self.language: Language = language

    def __call__(self, x: float, pos: "int | None" = None) -> str:  # noqa: ARG002  # matplotlib's
        """Return one number, for the place beside the pointer."""
        return i18n.number(x, _decimals([x], self._height() / 1000), self.language)

    def format_ticks(self, values: "Sequence[float]") -> list[str]:
        """Return the ticks, all with the same number of decimals."""
        gaps = [abs(later - one) for one, later in pairwise(values)]
        # so fine that a tick which somebody set by hand is not called what it is not
        decimals = _decimals(values, min([*gaps, self._height()]) / 10_000)
        return [i18n.number(value, decimals, self.language) for value in values]

    def _height(self) -> float:
        """Return from which number to which the axis reaches."""
        if self.axis is None:
            return 1
        low, high = self.axis.get_view_interval()
        return float(abs(high - low)) or 1


def _decimals(values: "Sequence[float]", tolerance: float) -> int:
    return next(
        (
            decimals
            for decimals in range(MAX_DECIMALS)
            if all(abs(round(value, decimals) - value) <= tolerance for value in values)
        ),
        MAX_DECIMALS,
    )
