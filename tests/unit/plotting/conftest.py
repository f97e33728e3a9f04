"""Series of the bank's figures, and axes to draw them on without a display."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from kzt_rates.models import Series

Published = Callable[..., Series]


@pytest.fixture
def published(figures: dict[str, dict[str, tuple[str, int]]]) -> Published:
    """The bank's figures of a code; the days that the file lacks are missing."""

    def make(code: str, start: str, end: str, **marks: object) -> Series:
        first, last = dt.date.fromisoformat(start), dt.date.fromisoformat(end)
        days = [first + dt.timedelta(n) for n in range((last - first).days + 1)]
        rates = {
            day: Decimal(figures[str(day)][code][0]) / figures[str(day)][code][1]
            for day in days
            if code in figures.get(str(day), {})
        }
        return Series(
            base=code,
            quote="KZT",
            start=first,
            end=last,
            dates=tuple(rates),
            values=tuple(rates.values()),
            missing=tuple(day for day in days if day not in rates),
            **marks,
        )

    return make


@pytest.fixture
def marked() -> Series:
    """Four days, of which the second is carried from the first, and the last is provisional."""
    days = tuple(dt.date(2025, 12, day) for day in (1, 2, 3, 4))
    return Series(
        base="USD",
        quote="KZT",
        start=days[0],
        end=days[-1],
        dates=days,
        values=tuple(map(Decimal, ("512.53", "512.53", "508.18", "503.89"))),
        carried={days[1]: days[0]},
        provisional=(days[3],),
    )


@pytest.fixture
def axes() -> Axes:
    """Axes of a figure as large as a notebook's, in nobody's list of open ones."""
    figure = Figure(figsize=(8, 4.5), dpi=100)
    FigureCanvasAgg(figure)  # the figure's canvas from now on
    return figure.add_subplot()
