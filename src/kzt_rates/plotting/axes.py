"""How matplotlib names dates and numbers on the axes of a picture, in the reader's language."""

import datetime as dt
from itertools import pairwise
from typing import TYPE_CHECKING

from matplotlib.dates import date2num, num2date
from matplotlib.ticker import Formatter, Locator

from kzt_rates.plotting.i18n import full_date, number
from kzt_rates.plotting.ticks import tick_days, tick_labels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kzt_rates.typing import Language

# A label of a date is about twice as wide as one of a number, of which matplotlib tells how many
# have room.
NUMBERS_PER_DATE = 1.6
MAX_DECIMALS = 15
FEWEST, MOST = 2, 12


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
        assert self.axis is not None
        return self.tick_values(*self.axis.get_view_interval())

    def tick_values(self, vmin: float, vmax: float) -> "list[float]":
        """Return where the ticks are between two values of the axis."""
        assert self.axis is not None
        room = int(self.axis.get_tick_space() / NUMBERS_PER_DATE)
        first, last = day_at(min(vmin, vmax) + 0.999), day_at(max(vmin, vmax))
        days = tick_days(first, last, min(max(room, FEWEST), MOST)) if first <= last else []
        return [place_of(day) for day in days]


class DayNames(Formatter):
    """Names days, with the year where it begins."""

    def __init__(self, language: "Language") -> None:
        self.language: Language = language

    def __call__(self, x: float, pos: "int | None" = None) -> str:  # noqa: ARG002  # matplotlib's
        """Return one day with its year, for the place below the pointer."""
        return full_date(day_at(x), self.language)

    def format_ticks(self, values: "Sequence[float]") -> list[str]:
        """Return the names of all ticks."""
        return tick_labels([day_at(value) for value in values], self.language)


class Numbers(Formatter):
    """Writes numbers in full: with the decimals that tell the ticks apart, and no exponent."""

    def __init__(self, language: "Language") -> None:
        self.language: Language = language

    def __call__(self, x: float, pos: "int | None" = None) -> str:  # noqa: ARG002  # matplotlib's
        """Return one number, for the place beside the pointer."""
        return number(x, _decimals([x], self._height() / 1000), self.language)

    def format_ticks(self, values: "Sequence[float]") -> list[str]:
        """Return the ticks, all with the same number of decimals."""
        gaps = [abs(later - one) for one, later in pairwise(values)]
        # so fine that a tick which somebody set by hand is not called what it is not
        decimals = _decimals(values, min([*gaps, self._height()]) / 10_000)
        return [number(value, decimals, self.language) for value in values]

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
