"""The bank's figures as rate tables, and what a conversion must come to, by fractions."""

import csv
import random
import shutil
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from math import ulp
from pathlib import Path

import pyarrow as pa
import pytest

from kzt_rates.frames.rate_tables import RateTable
from kzt_rates.frames.request import Request, request_of

FIGURES = Path(__file__).parents[4] / "data" / "official_rates.csv"
CODES = ("USD", "EUR", "RUB", "UZS", "KGS", "AMD", "IRR", "KWD")
START, END = date(2015, 3, 30), date(2026, 8, 21)


@cache
def figures() -> dict[tuple[str, date], Fraction]:
    """Tenge per unit by code and day."""
    with FIGURES.open(encoding="utf-8") as file:
        return {
            (row["currency"], date.fromisoformat(row["date"])): Fraction(row["value"])
            / int(row["nominal"])
            for row in csv.DictReader(file)
            if row["currency"] in CODES and START <= date.fromisoformat(row["date"]) <= END
        }


def table_of(ratios: dict[tuple[str, date], Fraction], effective: dict | None = None) -> RateTable:
    """A rate table of given ratios; `effective` says which days are carried."""
    keys = list(ratios)
    days = [day for _, day in keys]
    return RateTable(
        pa.table(
            {
                "code": pa.array([code for code, _ in keys], pa.string()),
                "day": pa.array(days, pa.date32()),
                "top": pa.array([ratios[key].numerator for key in keys], pa.int64()),
                "bottom": pa.array([ratios[key].denominator for key in keys], pa.int64()),
                "rate": pa.array([float(ratios[key]) for key in keys], pa.float64()),
                "effective": pa.array([(effective or {}).get(key, key[1]) for key in keys]),
            }
        ),
        min(days),
        max(days),
    )


class Rates:
    """The bank's figures; `table` is of one currency to convert to, or of tenge for a column."""

    codes = (*CODES, "KZT")

    def __init__(self) -> None:
        self.known = dict(figures())
        days = {day for _, day in self.known}
        self.days = sorted(days)
        self.known |= {("KZT", day): Fraction(1) for day in days}

    @cache  # noqa: B019  # there is one of these
    def table(self, to: str | None = "KZT") -> RateTable:
        if to is None:
            return table_of(self.known)
        quoted = {
            (code, day): rate / self.known[to, day]
            for (code, day), rate in self.known.items()
            if code != to and (to, day) in self.known
        }
        return table_of(quoted)

    def ratio(self, base: str, day: date, quote: str = "KZT") -> Fraction | None:
        """What one unit costs; 1 for a currency in itself on any day."""
        base, quote = base.upper(), quote.upper()
        if base == quote:
            return Fraction(1) if base in self.codes else None
        if (base, day) not in self.known or (quote, day) not in self.known:
            return None
        return self.known[base, day] / self.known[quote, day]

    def request(self, columns, **given) -> Request:
        defaults = {
            "amount": "amount",
            "currency": "currency",
            "day": "date",
            "to": "KZT",
            "into": "converted",
            "missing": "raise",
            "places": None,
        }
        return request_of(columns, **defaults | given)

    def rows(self, count: int, seed: int, *, nulls: bool = True) -> list[dict]:
        """Random rows: cents, codes in any case, days with and without a figure."""
        dice = random.Random(seed)
        rows = []
        for number in range(count):
            row = {
                "n": number,
                "cents": dice.choice([dice.randint(-(10**8), 10**8), dice.randint(-99, 99)]),
                "currency": dice.choice([*self.codes, "usd", "eUr"]),
                "date": dice.choice(self.days) + timedelta(days=dice.choice([0, 0, 0, 1])),
                "to": dice.choice([*self.codes, "kzt", "Eur"]),
            }
            if nulls and dice.random() < 0.05:
                row[dice.choice(["cents", "currency", "date", "to"])] = None
            rows.append(row)
        return rows


@pytest.fixture(scope="session")
def rates() -> Rates:
    return Rates()


def decimal_of(units: int, places: int) -> Decimal:
    """Units of 10**-places: a context would round them to its 28 digits."""
    return Decimal((int(units < 0), tuple(map(int, str(abs(units)))), -places))


def half_up(exact: Fraction, places: int) -> Decimal:
    """Rounded once, ties away from zero."""
    units = int(abs(exact) * 10**places + Fraction(1, 2))
    return decimal_of(units if exact > 0 else -units, places)


def half_even(exact: Fraction, places: int = 18) -> Decimal:
    return decimal_of(round(exact * 10**places), places)


def is_near(found: float, exact: Fraction) -> bool:
    """Within two units in the last place."""
    return abs(Fraction(found) - exact) <= 2 * Fraction(ulp(float(exact)))


@pytest.fixture(scope="session")
def check():
    """Compare the result of one row with the exact one: by its type and the places asked for."""

    def compare(found, amount: Fraction, ratio: Fraction | None, places: int | None) -> None:
        if ratio is None:
            assert found is None
        elif isinstance(found, Decimal):
            exact = amount * ratio
            assert found == (half_even(exact) if places is None else half_up(exact, places))
            assert -found.as_tuple().exponent == (18 if places is None else places)
        elif places is None:
            assert is_near(found, amount * ratio)
        else:
            assert found == float(half_up(amount * ratio, places))

    return compare


@pytest.fixture(scope="session")
def spark(tmp_path_factory):
    """Spark itself, small and quiet, on two threads."""
    if not shutil.which("java"):
        pytest.skip("Spark runs on Java, of which there is none here")
    from pyspark.sql import SparkSession

    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.memory": "512m",
        # many small plans: what is compiled twice is not run often enough to gain by it
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.warehouse.dir": str(tmp_path_factory.mktemp("warehouse")),
    }
    session = SparkSession.builder.master("local[2]").config(map=settings).getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()
