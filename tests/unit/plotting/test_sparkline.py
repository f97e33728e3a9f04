"""A line of blocks, by hand."""

import datetime as dt

import pytest

from kzt_rates.models import Series
from kzt_rates.plotting import blocks_of


def sparkline(series: Series, width: int) -> str:
    """Return the blocks of a series."""
    return blocks_of(series.dates, series.values, series.start, series.end, width)


def made(*values: "int | None") -> Series:
    """Return a made-up series from 2025-01-01 on; `None` is a day without a rate."""
    days = [dt.date(2025, 1, 1) + dt.timedelta(n) for n in range(len(values))]
    return Series(
        base="USD",
        quote="KZT",
        start=days[0],
        end=days[-1],
        dates=[day for day, value in zip(days, values, strict=True) if value is not None],
        values=[value for value in values if value is not None],
        missing=[day for day, value in zip(days, values, strict=True) if value is None],
    )


@pytest.mark.parametrize(
    ("values", "width", "blocks"),
    [
        # eight steps of equal height from 1 to 9; the largest value is on the last one too
        ((1, 2, 3, 4, 5, 6, 7, 8, 9), 20, "▁▂▃▄▅▆▇██"),
        ((500, 501, 500), 20, "▁█▁"),
        ((1, None, None, 9), 20, "▁  █"),
        ((None, 1, 9, None), 20, " ▁█ "),
        ((7, 7, 7), 20, "▄▄▄"),
        ((7, None, 7), 20, "▄ ▄"),
        ((7,), 20, "▄"),
        # three spans of two days: the last rate of each, though the first one's peak is higher
        ((9, 1, 2, 3, None, None), 3, "▁▃ "),
        ((1, 9, 5, None), 2, "█▅"),
        # five days in three spans begin on the first, the second and the fourth day
        ((1, 2, 3, 4, 5), 3, "▃▇█"),
    ],
)
def test_blocks(values, width, blocks):
    """The smallest is the lowest block, the largest the highest, and a gap is a space."""
    assert sparkline(made(*values), width) == blocks


def test_the_float(published):
    """The figures of August 2015 step up on the 21st, and half of the way down on the 25th."""
    # From 187.45 to 255.26, 252.47 is 7.7 eighths of the way, and 218.61 3.7 eighths.
    line = sparkline(published("USD", "2015-08-01", "2015-08-31"), 31)
    assert (len(line), line[19:24], line[24]) == (31, "▁████", "▄")
    assert line[:20] == "▁" * 20


def test_nothing_known():
    """A series without rates is as wide, and empty."""
    assert sparkline(made(None, None), 20) == "  "
