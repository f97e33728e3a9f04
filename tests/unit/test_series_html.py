"""How a notebook shows a series."""

import datetime as dt
import re
from decimal import Decimal

from lxml import html

import kzt_rates
from kzt_rates.models import Series

FIRST = dt.date(2015, 8, 20)
# the official rates of the dollar from 2015-08-20 on
RATES = ("188.38", "255.26", "252.47", "252.47", "252.47", "218.53")


def table(series: Series) -> tuple[str, list[list[str]]]:
    """Return the caption and the rows as a browser would have them."""
    root = html.fromstring(f"<div>{series._repr_html_()}</div>")
    rows = [[cell.text_content() for cell in row] for row in root.xpath(".//tbody/tr")]
    return root.xpath("string(.//caption)"), rows


def path_of(series: Series) -> list[str]:
    """Return the unbroken parts of the line."""
    path = re.search(r'<path d="([^"]*)"', series._repr_html_())
    return path.group(1).split("M")[1:] if path else []


def series_of(values, missing=(), carried=None, provisional=()) -> Series:
    days = [FIRST + dt.timedelta(day) for day in range(len(values) + len(missing))]
    absent = {FIRST + dt.timedelta(day) for day in missing}
    return Series(
        base="USD",
        quote="KZT",
        start=days[0],
        end=days[-1],
        dates=tuple(day for day in days if day not in absent),
        values=tuple(map(Decimal, values)),
        missing=tuple(sorted(absent)),
        carried=carried or {},
        provisional=provisional,
    )


def test_a_short_series_is_shown_whole():
    """Ten days are ten rows, in order, with the digits of the values."""
    with kzt_rates.Client(offline=True, cache=False) as client:
        series = client.history("USD", start="2015-08-20", end="2015-08-29")
    caption, rows = table(series)
    assert caption.startswith(
        "USD/KZT2015-08-20 to 2015-08-29 ·\N{NO-BREAK SPACE}10 days ·\N{NO-BREAK SPACE}"
        "National Bank of Kazakhstanlowest 188.38 on 2015-08-20"
    )
    assert len(rows) == 10
    assert rows[:2] == [["2015-08-20", "188.38"], ["2015-08-21", "255.26"]]


def test_the_middle_of_a_long_series_is_left_out():
    """A year is its first and last five days, and how many lie between."""
    with kzt_rates.Client(offline=True, cache=False) as client:
        series = client.history("USD", start="2016-01-01", end="2016-12-31")
    caption, rows = table(series)
    assert [row[0] for row in rows] == [
        *("2016-01-01", "2016-01-02", "2016-01-03", "2016-01-04", "2016-01-05"),
        "… 356 more",
        *("2016-12-27", "2016-12-28", "2016-12-29", "2016-12-30", "2016-12-31"),
    ]
    assert "highest 383.91 on 2016-01-22" in caption


def test_marks_of_a_series():
    """A carried day names the day that answers for it, and a missing one says so."""
    values = (RATES[0], RATES[0], RATES[1])
    series = series_of(
        values,
        missing=(3,),
        carried={FIRST + dt.timedelta(1): FIRST},
        provisional=(FIRST + dt.timedelta(2),),
    )
    caption, rows = table(series)
    assert "1 missing 1 carried 1 provisional" in caption
    assert rows == [
        ["2015-08-20", "188.38", ""],
        ["2015-08-21", "188.38", "carried from 2015-08-20"],
        ["2015-08-22", "255.26", "provisional"],
        ["2015-08-23", "", "missing"],
    ]


def test_days_missing_in_a_row_are_one_row():
    """A gap has one row, in its place, with its days counted."""
    _, rows = table(series_of(RATES[:3], missing=(1, 2)))
    assert rows[1] == ["2015-08-21 to 2015-08-22", "", "2 missing"]


def test_the_line_is_broken_where_days_are_missing():
    """Nothing is drawn over a day without a rate; a day alone between two gaps is a dot."""
    assert len(path_of(series_of(RATES))) == 1
    parts = path_of(series_of(RATES[:5], missing=(2, 4)))
    assert len(parts) == 3
    assert parts[1].endswith("h0")


def test_the_line_reaches_from_the_lowest_to_the_highest():
    """The first and lowest rate lies at the lower edge, the highest at the upper one."""
    (line,) = path_of(series_of(RATES[:3]))
    assert line == "0 36L120 0L240 2"  # 36 · (255.26 − 252.47) / (255.26 − 188.38) is 1.5


def test_a_level_line_lies_in_the_middle():
    """A rate that never moved is neither low nor high."""
    assert path_of(series_of(RATES[2:5])) == ["0 18L120 18L240 18"]


def test_a_mean_has_six_digits():
    """A mean of 28 digits does not fill the page: it is rounded as the command's tables are."""
    month = series_of(RATES).resample("month", "mean")
    _, rows = table(month)
    assert rows == [["2015-08-20", "236.597"]]  # 1419.58 / 6


def test_a_long_series_stays_small():
    """Five years of days are as short as a page of a notebook likes it."""
    with kzt_rates.Client(offline=True, cache=False) as client:
        series = client.history("USD", start="2015-04-01", end="2020-03-30")
    assert len(series._repr_html_()) < 5_000


def test_no_code_can_break_the_table():
    """A code that slipped past the checks is shown as it is written, and is no tag."""
    hostile = Series.model_construct(
        base="<i>&",
        quote="KZT",
        start=FIRST,
        end=FIRST,
        dates=(FIRST,),
        values=(Decimal("188.38"),),
    )
    assert "<i>" not in hostile._repr_html_()
    caption, _ = table(hostile)
    assert caption.startswith("<i>&/KZT")


def test_no_colour_but_that_of_the_page():
    """Light and dark pages both stay readable: nothing names a colour of its own."""
    shown = series_of(RATES)._repr_html_()
    assert 'stroke="currentColor"' in shown
    assert not re.search(r"#[0-9a-f]{3}|rgb|background|[^-]color:", shown)


def test_the_end_of_the_line_is_marked():
    """A dot is where the last rate is: at the right edge, at its height."""
    shown = series_of(RATES)._repr_html_()
    height = round(
        36 * (Decimal("255.26") - Decimal(RATES[-1])) / (Decimal("255.26") - Decimal("188.38"))
    )
    assert re.findall(r'<circle cx="(\d+)" cy="(\d+)"', shown) == [("240", str(height))]


def test_a_series_in_the_readers_language():
    """The range, the unit, the extremes and the marks are in Russian and in Kazakh."""
    series = series_of(RATES[:3], missing=(3,), provisional=(FIRST,))
    russian, kazakh = (series.to_html(language=language) for language in ("ru", "kk"))
    for words in ("дней: 3", "₸ за 1 USD", "минимум 188,38 (2015-08-20)", "нет курса"):
        assert words in russian
    for words in ("3 күн", "1 USD үшін ₸", "ең төмен 188,38 (2015-08-20)", "бағам жоқ"):
        assert words in kazakh
    assert "предварительно" in russian
    assert "алдын ала" in kazakh
