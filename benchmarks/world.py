"""Made-up rates of 39 currencies on every day of 25 years, the same in every environment."""

import datetime as dt
import random
from collections.abc import Iterator

FIRST, LAST = dt.date(2000, 1, 1), dt.date(2024, 12, 31)
THIRTY_YEARS = dt.date(1995, 1, 1), LAST
DAYS = (LAST - FIRST).days + 1
# those of the bank's range export, without the two that were redenominated
CODES = (
    *("AED", "AMD", "AUD", "AZN", "BRL", "BYN", "CAD", "CHF", "CNY", "CZK", "DKK", "EUR", "GBP"),
    *("GEL", "HKD", "HUF", "INR", "IRR", "JPY", "KGS", "KRW", "KWD", "MDL", "MXN", "MYR", "NOK"),
    *("PLN", "RUB", "SAR", "SEK", "SGD", "THB", "TJS", "TRY", "UAH", "USD", "UZS", "XDR", "ZAR"),
)


def hundredths() -> Iterator[list[int]]:
    """Yield each day's tiyn for one unit by code."""
    draw, numbers = random.Random(2026).choices, range(100, 70_000)
    for _ in range(DAYS):
        yield draw(numbers, k=len(CODES))


def sheets() -> Iterator[tuple[dt.date, dict[str, str]]]:
    """Yield each day's values by code, with the two decimals that the bank prints."""
    for place, row in enumerate(hundredths()):
        values = [f"{tiyn // 100}.{tiyn % 100:02}" for tiyn in row]
        yield FIRST + dt.timedelta(place), dict(zip(CODES, values, strict=True))


def days() -> list[dt.date]:
    """Return every day."""
    return [FIRST + dt.timedelta(n) for n in range(DAYS)]


def in_order(when: str, known: list[dt.date], count: int = 1000) -> list[dt.date]:
    """Return the first day over and over (`"same"`), or days in random order (`"random"`)."""
    return known[:1] * count if when == "same" else random.Random(5).choices(known, k=count)


def pairs(count: int = 5_000) -> list[tuple[str, dt.date]]:
    """Return currencies and days in random order."""
    draw = random.Random(11)
    return list(zip(draw.choices(CODES, k=count), draw.choices(days(), k=count), strict=True))


def rows(count: int) -> tuple[list[float], list[str], list[dt.date]]:
    """Return amounts of two decimals, codes and days, in random order."""
    draw = random.Random(7)
    amounts = [round(draw.uniform(-1e4, 1e6), 2) for _ in range(count)]
    return amounts, draw.choices(CODES, k=count), draw.choices(days(), k=count)
