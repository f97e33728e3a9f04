"""How a notebook shows a series."""

import datetime as dt
from decimal import Decimal

from lxml import html

import kzt_rates
from kzt_rates.models import Series


def table(series: Series) -> tuple[str, list[list[str]]]:
    """Return the caption and the rows as a browser would have them."""
    root = html.fromstring(series._repr_html_())
    rows = [[cell.text or "" for cell in row.iter("td")] for row in root.iter("tr")]
    return root.findtext("caption"), [row for row in rows if row]


def test_a_short_series_is_shown_whole():
    """Ten days are ten rows, in order, with the digits of the values."""
    with kzt_rates.Client(offline=True, cache=False) as client:
        series = client.history("USD", start="2015-08-20", end="2015-08-29")
    caption, rows = table(series)
    assert caption == "USD in KZT, 2015-08-20 to 2015-08-29"
    assert len(rows) == 10
    assert rows[:2] == [["2015-08-20", "188.38", ""], ["2015-08-21", "255.26", ""]]


def test_the_middle_of_a_long_series_is_left_out():
    """A year is its first and last five days, and how many lie between."""
    with kzt_rates.Client(offline=True, cache=False) as client:
        series = client.history("USD", start="2016-01-01", end="2016-12-31")
    _, rows = table(series)
    assert [row[0] for row in rows] == [
        *("2016-01-01", "2016-01-02", "2016-01-03", "2016-01-04", "2016-01-05"),
        "… 356 more",
        *("2016-12-27", "2016-12-28", "2016-12-29", "2016-12-30", "2016-12-31"),
    ]


def test_marks_of_a_series():
    """A carried day names the day that answers for it, and the caption counts the marks."""
    days = [dt.date(2015, 8, day) for day in (20, 21, 22)]
    series = Series(
        base="USD",
        quote="KZT",
        start=days[0],
        end=dt.date(2015, 8, 23),
        dates=tuple(days),
        values=(Decimal("188.38"), Decimal("188.38"), Decimal("255.26")),
        missing=(dt.date(2015, 8, 23),),
        carried={days[1]: days[0]},
        provisional=(days[2],),
    )
    caption, rows = table(series)
    assert caption.endswith(", 1 missing, 1 carried, 1 provisional")
    assert rows[1] == ["2015-08-21", "188.38", "of 2015-08-20"]


def test_no_code_can_break_the_table():
    """A code that slipped past the checks is shown as it is written, and is no tag."""
    hostile = Series.model_construct(
        base="<b>&",
        quote="KZT",
        start=dt.date(2015, 8, 20),
        end=dt.date(2015, 8, 20),
        dates=(dt.date(2015, 8, 20),),
        values=(Decimal("188.38"),),
    )
    assert "<b>" not in hostile._repr_html_()
    caption, _ = table(hostile)
    assert caption == "<b>& in KZT, 2015-08-20 to 2015-08-20"
