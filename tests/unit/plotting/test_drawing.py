"""What is on the axes after a series was drawn on them."""

import datetime as dt
import math
import sys
from itertools import pairwise

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.colors import to_rgba
from matplotlib.dates import date2num

from kzt_rates import RateNotFound
from kzt_rates.models import Series
from kzt_rates.models.series import cross_of

DAY = dt.date(2015, 8, 21)


def drawn(line):
    """Return the rates a line shows on each of its days, from what is drawn: steps."""
    found = {}
    corners = list(zip(line.get_xdata(), line.get_ydata(), strict=True))
    for (first, value), (until, _) in pairwise(corners):
        if not math.isnan(value):
            found |= {first + dt.timedelta(n): value for n in range((until - first).days)}
    return found


def marks(axes):
    """Return the texts along the marks of events."""
    return [text for text in axes.texts if text.get_gid().startswith("event-")]


def legend(axes):
    return [] if axes.get_legend() is None else [t.get_text() for t in axes.get_legend().texts]


def test_every_rate_is_drawn_and_no_other(published, axes):
    """A year with gaps: the line has each day's figure, and nothing on the days without one."""
    series = published("USD", "2025-08-22", "2026-08-21")
    assert (len(series.dates), len(series.missing)) == (284, 81)
    assert series.plot(axes) is axes
    [line] = axes.lines
    assert line.get_drawstyle() == "steps-post"
    assert drawn(line) == {day: float(value) for day, value in series}


def test_a_gap_is_empty_on_the_picture(published, axes):
    """Between the two sides of a gap no pixel of the line's colour is drawn."""
    series = published("USD", "2025-11-03", "2025-11-11")  # the 8th and the 9th are missing
    series.plot(axes)
    [line] = axes.lines
    line.set(color="red", linewidth=8)
    axes.set_axis_off()
    axes.figure.canvas.draw()
    pixels = np.asarray(axes.figure.canvas.buffer_rgba())
    red = ((pixels[:, :, 0] > 200) & (pixels[:, :, 1] < 128)).any(axis=0)
    column = [
        round(axes.transData.transform((float(date2num(dt.date(2025, 11, day))), 525))[0])
        for day in (7, 8, 10, 11)
    ]
    assert red[column[0] + 2 : column[1] - 2].all()
    assert not red[column[1] + 2 : column[2] - 2].any()
    assert red[column[2] + 2 : column[3] - 2].all()


def test_carried_and_provisional_days_are_told_apart(axes, marked):
    """They are dotted and dashed in the series' colour, and the legend says what that means."""
    days = marked.dates
    marked.plot(axes, language="ru")
    assert [list(drawn(line)) for line in axes.lines] == [[days[0], days[2]], [days[1]], [days[3]]]
    assert len({line.get_color() for line in axes.lines}) == 1
    assert [line.get_linestyle() for line in axes.lines] == ["-", ":", "--"]
    texts = ["USD/KZT, доллар США", "курс более раннего дня", "предварительный курс"]
    assert legend(axes) == texts
    marked.plot(axes, language="ru", label="ещё раз")
    assert legend(axes) == [*texts, "ещё раз"]


def test_all_days_provisional(axes):
    """A series of tomorrow alone is drawn on an axis of dates."""
    day = dt.date(2025, 12, 6)
    series = Series(base="USD", quote="KZT", start=day, end=day, dates=[day], values=["504.49"],
                    provisional=[day])  # fmt: skip
    series.plot(axes)
    axes.figure.canvas.draw()
    assert [tick.label1.get_text().rstrip() for tick in axes.xaxis.get_major_ticks()] == [
        "6 Dec\n2025"
    ]
    assert drawn(axes.lines[1]) == {day: 504.49}


def test_one_series(published, axes):
    """One series needs a title and a unit, and no legend unless it is given a label."""
    series = published("USD", "2025-12-01", "2025-12-10")
    series.plot(axes, language="kk")
    assert (axes.get_title(), axes.get_ylabel()) == ("Ресми бағам: АҚШ доллары", "1 USD үшін ₸")
    assert legend(axes) == []
    axes.clear()
    series.plot(axes, label="$", title="")
    assert (axes.get_title(), legend(axes)) == ("", ["$"])


def test_several_series(published, axes):
    """What the values are is said anew for all series on the axes, and a legend names them."""
    for code in ("RUB", "KGS", "UZS"):
        published(code, "2016-01-01", "2016-03-31").plot(axes, language="ru")
    assert (axes.get_title(), axes.get_ylabel()) == ("Официальные курсы", "₸ за единицу валюты")
    assert legend(axes) == [
        "RUB/KZT, российский рубль", "KGS/KZT, киргизский сом", "UZS/KZT, узбекский сум",
    ]  # fmt: skip
    assert len({line.get_color() for line in axes.lines}) == 3
    assert len({line.get_gid() for line in axes.lines}) == 3
    assert all(handle.get_marker() == "none" for handle in axes.get_legend().legend_handles)


def test_others_lines_stay_as_they_are(published, axes):
    """What was on the axes before keeps its place and its mark in the legend."""
    axes.plot([dt.date(2016, 2, 1)], [5], marker="*", label="mine")
    published("RUB", "2016-01-01", "2016-03-31").plot(axes)
    assert legend(axes) == ["mine", "RUB/KZT, Russian rouble"]
    handles = axes.get_legend().legend_handles
    assert [handle.get_marker() for handle in handles] == ["*", "none"]
    assert axes.get_ylabel() == "₸ per 1 RUB"


def test_pairs_of_different_quotes(published, axes):
    """Tenge and euros on the same axes are not called tenge, nor the cross rate official."""
    dollar, euro = (published(code, "2025-12-01", "2025-12-10") for code in ("USD", "EUR"))
    dollar.plot(axes)
    cross_of("USD", "EUR", (dollar, euro)).plot(axes)
    assert axes.get_ylabel() == "second of the pair per unit of the first"
    assert axes.get_title() == "At official rates"
    assert legend(axes) == ["USD/KZT, US dollar", "USD/EUR"]


def test_names_that_others_gave_stay(published, axes):
    """A title and a unit that were there before are the user's own."""
    axes.set_title("mine")
    axes.set_ylabel("my unit")
    published("USD", "2025-12-01", "2025-12-10").plot(axes)
    published("EUR", "2025-12-01", "2025-12-10").plot(axes, language="ru")
    assert (axes.get_title(), axes.get_ylabel()) == ("mine", "my unit")


def test_another_language_takes_over(published, axes):
    """The last language that was asked for is that of all the words."""
    published("USD", "2025-12-01", "2025-12-10").plot(axes)
    published("EUR", "2025-12-01", "2025-12-10").plot(axes, language="ru")
    assert (axes.get_title(), axes.get_ylabel()) == ("Официальные курсы", "₸ за единицу валюты")


def test_resampled(published, axes):
    """A month's value is drawn on all its days, and is not called one that the bank published."""
    year = published("USD", "2016-01-01", "2016-12-31")
    months = year.resample("month", "mean")
    months.plot(axes)
    assert drawn(axes.lines[0]) == {day: float(months.values[day.month - 1]) for day in year.dates}
    assert axes.get_title() == "At official rates: US dollar / Kazakhstani tenge"
    assert legend(axes) == ["USD/KZT, US dollar, by month"]


def test_ticks_set_by_hand(published, axes):
    """A tick on a rate says that rate, and not one near it."""
    published("USD", "2015-08-01", "2015-10-31").plot(axes)
    axes.set_yticks([188.38, 255.26])
    axes.figure.canvas.draw()
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["188.38", "255.26"]


def test_axes_of_months_are_refused(published, axes):
    """Axes that count months since 1970 would call the days of 2015 those of 1971."""
    dollar = published("USD", "2015-08-01", "2015-10-31")
    dollar.to_pandas()["rate"].resample("ME").mean().plot(ax=axes)
    with pytest.raises(ValueError, match="not one of days"):
        dollar.plot(axes)


def test_a_dollar_sign_is_no_mathematics(published, axes):
    """In a picture of dollars, words say what they were given as."""
    dollar = published("USD", "2015-08-01", "2015-10-31")
    dollar.plot(axes, title="$1 = 188 ₸, $1 = 255 ₸", label="US$, A$", events={DAY: "$100 of $200"})
    shown = [axes.title, *axes.texts, *axes.get_legend().get_texts()]
    assert not any(text.get_parse_math() for text in shown)


def test_two_marks_of_one_day(published, axes):
    """One's own mark stands beside that of the library; the same mark is drawn once."""
    dollar = published("USD", "2015-08-01", "2015-10-31")
    for _ in range(2):
        dollar.plot(axes, events=True)
    dollar.plot(axes, events={DAY: "contract"})
    assert [text.get_text() for text in marks(axes)] == [
        "21 Aug 2015, the tenge floats",
        "contract",
    ]


@pytest.mark.parametrize("events", [None, ["2015-08-21"], 1])
def test_events_of_another_kind(published, axes, events):
    """What is no mapping of dates is said to be none."""
    with pytest.raises(TypeError, match="events is True, False or a mapping"):
        published("USD", "2015-08-01", "2015-10-31").plot(axes, events=events)


def test_devaluations(published, axes):
    """The first day of the new rate has a thin line where the rate steps up, and says its date."""
    dollar = published("USD", "2015-08-01", "2015-10-31")
    dollar.plot(axes, events=True, language="ru")
    rate, mark = axes.lines
    assert mark.get_xdata() == [date2num(dt.date(2015, 8, 21))] * 2
    assert drawn(rate)[dt.date(2015, 8, 21)] == 255.26
    assert [text.get_text() for text in marks(axes)] == ["21 авг. 2015 г., свободно плавающий курс"]
    dollar.resample("month", "max").plot(axes, events=True, language="ru")
    assert len(marks(axes)) == 1
    assert legend(axes) == ["USD/KZT, доллар США", "USD/KZT, доллар США, по месяцам"]


def test_marks_at_the_edge(published, axes):
    """The words are left of the mark, but on the first days, where there is no room."""
    series = published("USD", "2015-08-01", "2015-10-31")
    series.plot(axes, events={"2015-08-01": "first", "2015-10-31": "last"})
    assert [text.get_ha() for text in marks(axes)] == ["left", "right"]
    axes.figure.canvas.draw()
    inside = axes.get_window_extent()
    for text in marks(axes):
        box = text.get_window_extent()
        assert inside.x0 < box.x0 < box.x1 < inside.x1
        assert inside.y0 < box.y0 < box.y1 < inside.y1


def lasts(axes):
    """Return the texts at the ends of the lines."""
    return [text for text in axes.texts if text.get_gid().startswith("last-")]


def test_the_last_value_stands_at_the_end(published, axes):
    """The last official rate, in the line's colour, where the line ends."""
    published("USD", "2015-08-01", "2015-08-21").plot(axes, language="ru")
    [text] = lasts(axes)
    assert text.get_text() == "255,26"
    assert text.xy == (date2num(dt.date(2015, 8, 22)), 255.26)
    assert text.get_color() == axes.lines[0].get_color()


def test_last_values_do_not_lie_on_one_another(published, axes):
    """Where lines end side by side, their figures are moved apart, in the order of the lines."""
    for code in ("RUB", "KGS", "UZS"):
        published(code, "2016-01-01", "2018-12-31").plot(axes)
    axes.figure.canvas.draw()
    boxes = sorted((text.get_window_extent() for text in lasts(axes)), key=lambda box: box.y0)
    assert len(boxes) == 3
    assert all(lower.y1 <= upper.y0 for lower, upper in pairwise(boxes))
    by_height = sorted(lasts(axes), key=lambda text: text.get_window_extent().y0)
    assert [float(text.get_text()) for text in by_height] == sorted(
        float(text.get_text()) for text in by_height
    )


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Source: National Bank of Kazakhstan"),
        ("kk", "Дереккөз: Қазақстан Ұлттық Банкі"),
        ("ru", "Источник: Национальный банк Казахстана"),
    ],
)
def test_whose_figures_they_are(published, axes, language, words):
    """The National Bank is named below the dates, once, and not in the place of one's own words."""
    dollar = published("USD", "2025-12-01", "2025-12-10")
    dollar.plot(axes)
    published("EUR", "2025-12-01", "2025-12-10").plot(axes, language=language)
    assert axes.get_xlabel() == words
    axes.clear()
    axes.set_xlabel("mine")
    dollar.plot(axes)
    assert axes.get_xlabel() == "mine"


def test_the_source_of_ones_own(published, axes):
    """A line of one's own figures has its source, and the bank is named for the bank's alone."""
    dollar = published("USD", "2015-08-01", "2015-08-21")
    own = dollar.model_copy(update={"source": "contract"})
    own.plot(axes)
    assert axes.get_xlabel() == "Source: contract"
    assert axes.get_title() == "Rate: US dollar"
    dollar.plot(axes)
    assert axes.get_xlabel() == "Source: contract, National Bank of Kazakhstan"
    assert axes.get_title() == "Rate: US dollar"  # not all of them are official
    assert legend(axes) == ["USD/KZT, US dollar, contract", "USD/KZT, US dollar"]


def test_no_tick_lies_beyond_the_data(published, axes):
    """The day after the last one, where its rate ends, has no name; nor has any in the margin."""
    published("USD", "2015-09-01", "2016-12-31").plot(axes)
    axes.margins(x=0.3)
    axes.figure.canvas.draw()
    ticks = [tick.get_loc() for tick in axes.xaxis.get_major_ticks()]
    assert len(ticks) > 3
    assert date2num(dt.date(2015, 9, 1)) <= min(ticks)
    assert max(ticks) <= date2num(dt.date(2016, 12, 31))


def test_dark_and_transparent(published):
    """Light letters on a dark ground, and no ground at all, without a setting left changed."""
    from matplotlib import pyplot as plt

    dollar = published("USD", "2025-12-01", "2025-12-10")
    before = dict(mpl.rcParams)
    try:
        dark = dollar.plot(dark=True)
        assert max(to_rgba(dark.figure.get_facecolor())[:3]) < 0.1
        for text in (dark.title, dark.yaxis.label, dark.xaxis.label, *dark.get_xticklabels()):
            assert min(to_rgba(text.get_color())[:3]) > 0.8
        clear = dollar.plot(dark=True, transparent=True)
        assert to_rgba(clear.figure.get_facecolor())[3] == to_rgba(clear.get_facecolor())[3] == 0
        assert min(to_rgba(clear.title.get_color())[:3]) > 0.8
    finally:
        plt.close("all")
    assert dict(mpl.rcParams) == before


@pytest.mark.parametrize("how", [{"dark": True}, {"transparent": True}])
def test_others_axes_keep_their_ground(published, axes, how):
    """Axes that are there already have colours of their own."""
    with pytest.raises(ValueError, match="need new axes"):
        published("USD", "2025-12-01", "2025-12-10").plot(axes, **how)
    assert not axes.lines


def test_a_file_is_no_axes(published):
    """A name where axes belong is an error that says how a file is written."""
    with pytest.raises(TypeError, match=r"not str; plot\(\).figure.savefig"):
        published("USD", "2025-12-01", "2025-12-10").plot("usd.png")


def test_a_single_day(published, axes):
    """One day is a short line with other days at both its sides."""
    published("USD", "2015-08-21", "2015-08-21").plot(axes)
    first, last = axes.get_xlim()
    day = float(date2num(dt.date(2015, 8, 21)))
    assert first < day - 1.5
    assert last > day + 2.5
    axes.figure.canvas.draw()
    shown = [tick.label1.get_text().rstrip() for tick in axes.xaxis.get_major_ticks()]
    assert shown == ["21 Aug\n2015"]  # and no day that has no data


def test_no_rate_at_all(axes):
    """There is no picture of a series without a rate, and no axes are made for one."""
    day = dt.date(2015, 8, 21)
    series = Series(base="USD", quote="KZT", start=day, end=day, dates=(), values=(),
                    missing=[day])  # fmt: skip
    with pytest.raises(RateNotFound, match="no rate to take the picture of"):
        series.plot(axes)
    assert not axes.lines


def test_wrong_arguments_draw_nothing(published, axes):
    """Another language and a date that is none are errors before anything is drawn."""
    series = published("USD", "2025-12-01", "2025-12-10")
    with pytest.raises(ValueError, match="a language is"):
        series.plot(axes, language="de")
    with pytest.raises(ValueError, match="a date is written"):
        series.plot(axes, events={"yesterday": "x"})
    assert not axes.lines


def test_without_axes(published, monkeypatch):
    """A figure of pyplot's is made, never shown, and no setting is changed."""
    monkeypatch.setenv("MPLBACKEND", "agg")
    from matplotlib import pyplot as plt

    monkeypatch.setattr(plt, "show", lambda: pytest.fail("the picture was shown"))
    before = dict(mpl.rcParams)
    try:
        axes = published("USD", "2025-12-01", "2025-12-10").plot()
        assert plt.gca() is axes
        assert to_rgba(axes.figure.get_facecolor()) == (1, 1, 1, 1)
        with mpl.rc_context({"figure.facecolor": (1, 1, 1, 0), "axes.facecolor": "ivory"}):
            axes = published("USD", "2025-12-01", "2025-12-10").plot()
        assert to_rgba(axes.figure.get_facecolor()) == to_rgba("ivory")
    finally:
        plt.close("all")
    assert dict(mpl.rcParams) == before


def test_missing_matplotlib(published, monkeypatch):
    """Where matplotlib is not installed, the error is the line to type."""
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    series = published("USD", "2025-12-01", "2025-12-10")
    with pytest.raises(ImportError, match=r"pip install 'matplotlib>="):
        series.plot()
