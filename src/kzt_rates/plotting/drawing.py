"""Draws a series on matplotlib's axes."""

from functools import partial
from typing import TYPE_CHECKING, Any

from matplotlib import rcParams
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke

from kzt_rates.money import LANGUAGES
from kzt_rates.plotting.axes import DayNames, Days, Numbers, place_of
from kzt_rates.plotting.i18n import KINDS, label_of, title_of, unit_of
from kzt_rates.plotting.lines import outline

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

    from kzt_rates.models.series import Series
    from kzt_rates.plotting.events import Event
    from kzt_rates.plotting.i18n import Pair
    from kzt_rates.typing import Language

STYLES = {"published": "-", "carried": ":", "provisional": (0, (2, 1))}
# What is on the axes is remembered by the names of its lines, which go when the lines go.
RATE, EVENT, PERIODS = "rate-", "event-", "-by-period"
# Fewer days than these would fill the picture as if there were no others.
FEWEST_DAYS = 5
EVENT_ALPHA, EVENT_SIZE = 0.65, 8
LINE_WIDTH, POINT_SIZE = 1.4, 2.5


def draw(
    series: "Series",
    axes: "Axes",
    *,
    language: "Language",
    events: "Sequence[Event]",
    label: str | None,
    title: str | None,
) -> None:
    """Draw a series on axes, beside those that are there already, with what names it."""
    _refuse_others(axes, series)
    pair = (series.base, series.quote)
    before = _pairs(axes)
    usual = label_of(pair, series.step, language)
    _draw_lines(series, axes, usual if label is None else label, language)
    _widen(series, axes)
    for event in events:
        _mark(axes, event, series)
    _name(axes, before, _pairs(axes), language, title)
    # Of one series the title says enough, unless its values stand for more than a day.
    if len(axes.get_legend_handles_labels()[0]) > 1 or label or series.step != "day":
        _add_legend(axes)


def _refuse_others(axes: "Axes", series: "Series") -> None:
    """Refuse axes that are not in days: pandas puts its own months or weeks on them."""
    axis: Any = axes.xaxis  # matplotlib has no types for its units
    frequency = getattr(axes, "freq", None)  # before 3.1 pandas leaves nothing else behind
    in_days = frequency is None or getattr(frequency, "freqstr", frequency) == "D"
    if in_days:
        axis.update_units([series.start])
        in_days = axis.convert_units(series.start) == place_of(series.start)
    if not in_days:
        raise ValueError(
            "the x axis is not one of days: give another, or draw the frame of pandas on it "
            "with x_compat=True"
        )


def _draw_lines(series: "Series", axes: "Axes", label: str, language: "Language") -> None:
    count = sum(map(_is_rate, axes.lines))
    step = PERIODS if series.step != "day" else ""
    name = f"{RATE}{series.base}-{series.quote}{step}" + (f"-{count}" if count else "")
    color = None
    for kind, line in outline(series).items():
        published = kind == "published"
        if not published and not line.dates:
            continue
        [drawn] = axes.plot(
            line.dates,  # type: ignore[arg-type]  # matplotlib takes dates
            line.values,
            drawstyle="steps-post",
            linestyle=STYLES[kind],
            linewidth=LINE_WIDTH,
            solid_capstyle="butt",  # others would cover a gap of a day
            dash_capstyle="butt",
            marker="o",
            markersize=POINT_SIZE,
            markeredgewidth=0,
            markevery=line.alone,
            color=color,
            gid=name if published else f"{name}-{kind}",
            label=label if published else _kind_label(axes, kind, language),
        )
        color = drawn.get_color()


def _add_legend(axes: "Axes") -> None:
    handles, _ = axes.get_legend_handles_labels()
    legend = axes.legend(prop={"family": _families()})
    for handle, shown in zip(handles, legend.legend_handles, strict=True):
        if _is_rate(handle) and isinstance(shown, Line2D):
            shown.set_marker("none")  # the line's own mark lonely days alone
    for text in legend.get_texts():
        text.set_parse_math(False)  # a dollar sign is one


def _kind_label(axes: "Axes", kind: str, language: "Language") -> str:
    """Return what the legend says of a kind of days, which it says once."""
    text = KINDS[kind][language]
    return "_nolegend_" if text in axes.get_legend_handles_labels()[1] else text


def _widen(series: "Series", axes: "Axes") -> None:
    """Leave room at both sides of a few days."""
    lacking = FEWEST_DAYS - ((series.end - series.start).days + 1)
    if lacking > 0:
        first = place_of(series.start)
        ends = [(first - lacking / 2, 0.0), (first + FEWEST_DAYS - lacking / 2, 0.0)]
        axes.update_datalim(ends, updatey=False)
        axes.autoscale_view()


def _mark(axes: "Axes", event: "Event", series: "Series") -> None:
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
    days = (series.end - series.start).days + 1
    on_the_right = (event.day - series.start).days * 20 < days or bool(marks)
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
    if _is_ours(axes.get_ylabel(), unit_of, before):
        axes.set_ylabel(unit_of(now, language), fontfamily=_families())
    of_periods = partial(title_of, of_periods=True)
    if title is not None:
        axes.set_title(title, fontfamily=_families(), parse_math=False)
    elif any(_is_ours(axes.get_title(), words, before) for words in (title_of, of_periods)):
        words = of_periods if _has_periods(axes) else title_of
        axes.set_title(words(now, language), fontfamily=_families())


def _is_ours(
    text: str, words: "Callable[[list[Pair], Language], str]", pairs: "list[Pair]"
) -> bool:
    return not text or (bool(pairs) and text in [words(pairs, each) for each in LANGUAGES])


def _pairs(axes: "Axes") -> "list[Pair]":
    """Return the pairs that are drawn on axes."""
    names = [str(line.get_gid()).split("-") for line in axes.lines if _is_rate(line)]
    return list(dict.fromkeys((base, quote) for _, base, quote, *_ in names))


def _has_periods(axes: "Axes") -> bool:
    """Say whether any line is of periods, whose values the bank has not published."""
    return any(_is_rate(line) and PERIODS in str(line.get_gid()) for line in axes.lines)


def _is_rate(artist: "Artist") -> bool:
    return str(artist.get_gid()).startswith(RATE)


def _families() -> "list[Any]":
    """Return the reader's fonts, and after them the one of matplotlib that has the ₸."""
    return [*rcParams["font.family"], "DejaVu Sans"]
