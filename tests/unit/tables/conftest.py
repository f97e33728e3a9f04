"""A series and sheets of the bank's figures, ordinary and marked."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest

from kzt_rates.figures import Day, Figure
from kzt_rates.models import RateSheet, Series
from kzt_rates.models.series import cross_of, series_of
from kzt_rates.models.sheet import sheet_from

Figures = dict[str, dict[str, tuple[str, int]]]
MakeSheet = Callable[..., RateSheet]


def published(figures: Figures, code: str, start: str, end: str) -> Series:
    """Return the rates on record of a code, every day of a range."""
    rates = {day: f[code] for day, f in figures.items() if start <= day <= end and code in f}
    dates = tuple(sorted(map(dt.date.fromisoformat, rates)))
    values = tuple(Decimal(rates[str(day)][0]) / rates[str(day)][1] for day in dates)
    return series_of(code, "KZT", dates[0], dates[-1], dates, values)


@pytest.fixture
def year(figures: Figures) -> Series:
    """The dollar of 2016: the bank's figure of each day."""
    return published(figures, "USD", "2016-01-01", "2016-12-31")


@pytest.fixture
def cross(figures: Figures) -> Series:
    """Dollars in euro, of which no rate terminates."""
    legs = tuple(published(figures, code, "2025-12-01", "2025-12-07") for code in ("USD", "EUR"))
    return cross_of("USD", "EUR", legs)


@pytest.fixture
def marked() -> Series:
    """Four days of the dollar: the second is missing, the third carried, the fourth provisional."""
    first = dt.date(2025, 11, 28)
    days = [first + dt.timedelta(days=n) for n in range(4)]
    return Series(
        base="USD",
        quote="KZT",
        start=first,
        end=days[3],
        dates=(days[0], days[2], days[3]),
        values=(Decimal("516.86"), Decimal("516.86"), Decimal("512.53")),
        missing=(days[1],),
        carried={days[2]: days[0]},
        provisional=(days[3],),
    )


@pytest.fixture
def make_sheet(figures: Figures) -> MakeSheet:
    """Make the sheet of a day on record."""

    def make(day: str, requested: str | None = None, *, final: bool = True) -> RateSheet:
        of = dt.date.fromisoformat(day)
        rates = {
            code: Figure(
                value,
                nominal,
                "-1.50" if code == "USD" else None,
                "ДОЛЛАР США" if code == "USD" else None,
                feed="daily",
                final=final,
            )
            for code, (value, nominal) in figures[day].items()
        }
        known = Day(of, rates, complete=True, final=final)
        return sheet_from(known, dt.date.fromisoformat(requested or day))

    return make
