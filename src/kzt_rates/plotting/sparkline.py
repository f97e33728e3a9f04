"""A series as one line of blocks, for a terminal; needs no other library."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kzt_rates.models.series import Series

BLOCKS = "▁▂▃▄▅▆▇█"
FLAT = BLOCKS[3]
GAP = " "


def sparkline(series: "Series", width: int) -> str:
    """Return a block for each day of a daily series, or for as many equal spans as are wide.

    A block's height is that of the last rate of its span, between the smallest of the series,
    at the bottom, and the largest; a span without any rate is a space. Where all rates are
    equal, all blocks are of half height.

    >>> from kzt_rates.models import Series
    >>> rates = {"2015-08-19": "188.35", "2015-08-20": "188.38", "2015-08-21": "255.26"}
    >>> sparkline(Series(base="USD", quote="KZT", start="2015-08-18", end="2015-08-21",
    ...                  dates=rates.keys(), values=rates.values(), missing=["2015-08-18"]), 60)
    ' ▁▁█'
    """
    days = (series.end - series.start).days + 1
    spans = min(days, width)
    lasts = {
        (day - series.start).days * spans // days: value
        for day, value in zip(series.dates, series.values, strict=True)
    }
    if not lasts:
        return GAP * spans
    low, high = min(series.values), max(series.values)
    if low == high:
        return "".join(FLAT if span in lasts else GAP for span in range(spans))
    top = len(BLOCKS) - 1
    heights = {
        span: min(int((value - low) * len(BLOCKS) / (high - low)), top)
        for span, value in lasts.items()
    }
    return "".join(BLOCKS[heights[span]] if span in heights else GAP for span in range(spans))
