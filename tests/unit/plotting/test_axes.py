"""How axes are named: by matplotlib's own machinery, in three languages."""

import datetime as dt
from itertools import pairwise

import matplotlib as mpl
import pytest
from matplotlib.dates import date2num

from kzt_rates.plotting.drawing import DayNames, Days, Numbers


def x_labels(axes):
    axes.figure.canvas.draw()
    return [tick.label1.get_text().rstrip() for tick in axes.xaxis.get_major_ticks()]


@pytest.mark.parametrize(
    ("start", "end", "language", "labels"),
    [
        ("2025-12-01", "2025-12-10", "en", ["2 Dec\n2025", "4 Dec", "6 Dec", "8 Dec", "10 Dec"]),
        ("2015-08-01", "2015-10-31", "ru", [
            "3 авг.\n2015", "17 авг.", "31 авг.", "14 сент.", "28 сент.", "12 окт.", "26 окт.",
        ]),
        ("2016-01-01", "2016-12-31", "kk", [
            "қаң.\n2016", "нау.", "мам.", "шіл.", "қыр.", "қар.",
        ]),
        ("2013-01-01", "2022-12-31", "ru", ["2014", "2016", "2018", "2020", "2022"]),
        ("1994-01-01", "2023-12-31", "kk", ["1995", "2000", "2005", "2010", "2015", "2020"]),
    ],
)  # fmt: skip
def test_dates_are_readable(axes, start, end, language, labels):
    """From ten days to thirty years there are five to ten labels, in the reader's language."""
    axes.plot([dt.date.fromisoformat(start), dt.date.fromisoformat(end)], [1, 2])
    axes.margins(x=0.001)
    axes.xaxis.set_major_locator(Days())
    axes.xaxis.set_major_formatter(DayNames(language))
    assert x_labels(axes) == labels
    boxes = [tick.label1.get_window_extent() for tick in axes.xaxis.get_major_ticks()]
    assert all(left.x1 < right.x0 for left, right in pairwise(boxes))


@pytest.mark.parametrize(
    ("first", "last", "labels"),
    [
        (4.25, 5.25, ["5 Dec\n2025"]),
        (4.25, 4.75, []),
        (5.25, 3.75, ["4 Dec\n2025", "5 Dec"]),  # an axis may be turned round
    ],
)
def test_no_hours(axes, first, last, labels):
    """However near one looks, there is nothing shorter than a day to name."""
    axes.plot([dt.date(2025, 12, 1), dt.date(2025, 12, 10)], [1, 2])
    axes.xaxis.set_major_locator(Days())
    axes.xaxis.set_major_formatter(DayNames("en"))
    before = date2num(dt.date(2025, 11, 30))
    axes.set_xlim(before + first, before + last)
    assert x_labels(axes) == labels


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Almaty"])
def test_time_zone(axes, zone):
    """A date is a date, whatever time zone matplotlib is set to."""
    with mpl.rc_context({"timezone": zone}):
        axes.plot([dt.date(2025, 12, 4), dt.date(2025, 12, 5)], [1, 2])
        axes.xaxis.set_major_locator(Days())
        axes.xaxis.set_major_formatter(DayNames("en"))
        assert x_labels(axes) == ["4 Dec\n2025", "5 Dec"]


def test_beyond_the_calendar(axes):
    """An axis that was moved out of the calendar is drawn, and named where there is data."""
    axes.plot([dt.date(2025, 12, 1), dt.date(2025, 12, 10)], [1, 2])
    axes.xaxis.set_major_locator(Days())
    axes.xaxis.set_major_formatter(DayNames("en"))
    axes.set_xlim(-5_000_000, 5_000_000)
    labels = x_labels(axes)
    assert labels[0].endswith("Dec\n2025")
    assert set(labels[1:]) <= {f"{day} Dec" for day in range(1, 11)}


@pytest.mark.parametrize(
    ("values", "language", "labels"),
    [
        ([400, 450, 500], "en", ["400", "450", "500"]),
        ([1000, 1012.5, 1025], "en", ["1,000.0", "1,012.5", "1,025.0"]),
        ([1000, 1012.5], "kk", ["1\N{NO-BREAK SPACE}000,0", "1\N{NO-BREAK SPACE}012,5"]),
        # ten thousand rials were 3.43 tenge on 2026-07-08
        ([0.00034, 0.000342], "ru", ["0,000340", "0,000342"]),
        ([0.1 + 0.2, 0.4], "en", ["0.3", "0.4"]),
        ([1], "en", ["1"]),
        ([], "en", []),
    ],
)
def test_numbers_are_written_in_full(axes, values, language, labels):
    """Ticks have as many decimals as tell them apart: no exponent, no offset."""
    assert Numbers(language).format_ticks(values) == labels


def test_pointer(axes):
    """The toolbar names the day and the figure that the pointer is at."""
    axes.plot([dt.date(2025, 12, 1), dt.date(2025, 12, 10)], [500, 510])
    axes.xaxis.set_major_formatter(DayNames("ru"))
    axes.yaxis.set_major_formatter(Numbers("ru"))
    assert axes.format_xdata(float(date2num(dt.date(2025, 12, 5))) + 0.75) == "5 дек. 2025 г."
    assert axes.format_ydata(501.234) == "501,23"
