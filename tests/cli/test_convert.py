import csv
import io
import json
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from kzt_rates.testing import SettableClock, StandInBank

KEYS = [
    "amount", "base", "quote", "result", "rate",
    "requested_date", "effective_date", "carried", "provisional",
]  # fmt: skip
Figures = dict[str, dict[str, tuple[str, int]]]


def plain(text: str) -> str:
    """Return a text with plain spaces for those that hold a figure together."""
    return text.replace("\N{NO-BREAK SPACE}", " ")


def per_unit(figures: Figures, day: str, code: str) -> Fraction:
    value, nominal = figures[day][code]
    return Fraction(value) / nominal


def test_table(run: Any) -> None:
    """A person reads the result, the rate per unit, and the day it is official for."""
    said = run("convert 100 USD --on 2025-12-05")
    assert (said.status, plain(said.out), said.err) == (
        0,
        "100 USD = 49 965.00 KZT\nat 499.65 KZT per USD, official for 2025-12-05\n",
        "",
    )


@pytest.mark.parametrize(
    ("line", "first", "second"),
    [
        ("1234567.891 USD", "1 234 567.891 USD = 616 851 846.74 KZT", "499.65 KZT per USD"),
        ("-100 USD", "-100 USD = -49 965.00 KZT", "499.65 KZT per USD"),
        ("0 USD", "0 USD = 0.00 KZT", "499.65 KZT per USD"),
        ("100 USD EUR", "100 USD = 85.72 EUR", "0.857194 EUR per USD"),
        ("1 KZT USD", "1 KZT = 0.0020 USD", "0.00200140 USD per KZT"),
        ("1000 AMD", "1 000 AMD = 1 314.00 KZT", "1.314 KZT per AMD"),
        ("1 KZT IRR", "1 KZT = 84.03 IRR", "84.0336 IRR per KZT"),
        ("1000000 USD --places 1", "1 000 000 USD = 499 650 000.0 KZT", "499.65 KZT per USD"),
        ("10 AUD", "10 AUD = 3 304.20 KZT", "330.42 KZT per AUD"),
    ],
)
def test_rounded_for_people(run: Any, line: str, first: str, second: str) -> None:
    """Money has two decimals, a derived rate six digits; only a small amount has more decimals."""
    said = plain(run(f"convert {line} --on 2025-12-05").out)
    assert said == f"{first}\nat {second}, official for 2025-12-05\n"


def test_all_digits(run: Any) -> None:
    """With --exact every digit is there, and no group is set apart."""
    said = run("convert 1000 USD EUR --on 2025-12-05 --exact")
    result, rate = "857.1943248297277359364545626", "0.8571943248297277359364545626"
    assert said.out.splitlines() == [
        f"1000 USD = {result} EUR",
        f"at {rate} EUR per USD, official for 2025-12-05",
    ]
    assert run("convert 100 USD --on 2025-12-05 --exact").out.startswith("100 USD = 49965 KZT\n")


@pytest.mark.parametrize(
    ("line", "figure"),
    [
        ("100 USD", "49965"),
        ("-12.50 USD", "-6245.625"),
        ("1000 USD EUR", "857.1943248297277359364545626"),
        ("1000 USD EUR --places 2", "857.19"),
        ("5 EUR EUR", "5"),
    ],
)
def test_a_bare_figure(run: Any, line: str, figure: str) -> None:
    """`--format plain` is the exact figure and nothing else, as a script reads it."""
    assert run(f"convert {line} --on 2025-12-05 --format plain") == (0, f"{figure}\n", "")


@pytest.mark.parametrize(
    "words",
    [
        "1000 USD EUR --on 2025-12-05 --format plain",
        "1000 USD --on 2025-12-05 EUR --format plain",
        "1000 --format plain USD --on 2025-12-05 EUR",
        "--on 2025-12-05 --format plain -- 1000 USD EUR",
    ],
)
def test_options_stand_anywhere(run: Any, words: str) -> None:
    """A quote that follows an option is read like any other."""
    assert run(f"convert {words}").out == "857.1943248297277359364545626\n"


def test_json(run: Any) -> None:
    """JSON has the keys in their order; its numbers are strings, its dates ISO."""
    said = run("convert 12.50 USD --on 05.12.2025 --format json")
    answer = json.loads(said.out)
    assert list(answer) == KEYS
    assert answer == {
        "amount": "12.50",
        "base": "USD",
        "quote": "KZT",
        "result": "6245.625",
        "rate": "499.65",
        "requested_date": "2025-12-05",
        "effective_date": "2025-12-05",
        "carried": False,
        "provisional": False,
    }


def test_csv(run: Any) -> None:
    """CSV has the same columns, and one row."""
    said = run("convert 1000 AMD --on 2025-12-05 --format csv")
    header, row = csv.reader(io.StringIO(said.out))
    assert header == KEYS
    assert row == ["1000", "AMD", "KZT", "1314", "1.314", *["2025-12-05"] * 2, *["false"] * 2]


@pytest.mark.parametrize("amount", ["0", "-0", "-5", "-12.50", "+7", "0.0000001", "9" * 40])
@pytest.mark.parametrize(("base", "quote"), [("usd", "KZT"), ("KZT", "AMD"), ("UZS", "eur")])
def test_amounts(run: Any, figures: Figures, amount: str, base: str, quote: str) -> None:
    """Any plain amount is converted by the figures on record, and written without exponent."""
    said = run(f"convert {amount} {base} {quote} --on 2025-12-05 --format json")
    answer = json.loads(said.out)
    legs = [
        Fraction(1) if code == "KZT" else per_unit(figures, "2025-12-05", code)
        for code in (base.upper(), quote.upper())
    ]
    exact = Fraction(amount) * legs[0] / legs[1]
    for key, expected in (("result", exact), ("rate", legs[0] / legs[1])):
        assert set(answer[key]) <= set("-.0123456789")
        error = abs(Fraction(answer[key]) - expected)
        assert error <= abs(expected) / 10**27, key
    assert answer["amount"] == amount
    assert (answer["base"], answer["quote"]) == (base.upper(), quote.upper())


def test_places(run: Any, figures: Figures) -> None:
    """--places rounds the result once, at the end, and not the rate."""
    said = run("convert 1000 USD EUR --on 2025-12-05 --places 2 --format json")
    answer = json.loads(said.out)
    exact = 1000 * per_unit(figures, "2025-12-05", "USD") / per_unit(figures, "2025-12-05", "EUR")
    assert answer["result"] == str(round(exact * 100) / Decimal(100)) == "857.19"
    assert len(answer["rate"]) > 20
    assert run("convert 0.5 AED --on 2025-12-05 --places 0").out.startswith("0.5 AED = 68 KZT\n")


def test_same_currency(run: Any, bank: StandInBank) -> None:
    """A currency is one of itself on any day, and nobody is asked."""
    said = run("convert 5 eur EUR --on 2024-01-01")
    assert said == (0, "5 EUR = 5.00 EUR\nat 1 EUR per EUR, on any date\n", "")
    assert json.loads(run("convert 5 KZT --on 2024-01-01 --format json").out)["rate"] == "1"
    assert run("convert 5 USX USX").status == 3
    assert bank.requests == ()


def test_today(run: Any, bank: StandInBank) -> None:
    """Without --on the day is today in Kazakhstan; the figure is remembered."""
    first = run("convert 1 USD --format json")
    assert json.loads(first.out)["requested_date"] == "2025-12-05"
    assert run("convert 1 USD --format json") == first
    assert [str(request.day) for request in bank.requests] == ["2025-12-05"]


def test_missing(run: Any, bank: StandInBank) -> None:
    """A day without a rate is status 3, or with --missing previous that of the day before."""
    bank.withdraw("2025-12-04")
    said = run("convert 1 USD --on 2025-12-04")
    assert (said.status, said.out) == (3, "")
    assert "no official rate of USD for 2025-12-04" in said.err
    assert run("convert 1 USD --on 2025-12-04 --missing raise").status == 3
    said = run("convert 2 USD --on 2025-12-04 --missing previous")
    assert said.out.endswith(", official for 2025-12-03, carried to 2025-12-04\n")
    answer = json.loads(run("convert 2 USD --on 2025-12-04 --missing previous --format json").out)
    assert answer["requested_date"] == "2025-12-04"
    assert answer["effective_date"] == "2025-12-03"
    assert answer["carried"] is True


def test_provisional(run: Any, bank: StandInBank, clock: SettableClock) -> None:
    """Tomorrow's rate is marked; past its time it is given with one line of warning."""
    first = run("convert 1 USD --on 2025-12-06")
    assert first.out.endswith(", official for 2025-12-06, provisional\n")
    clock.advance(days=1)
    said = run("convert 1 USD --on 2025-12-06 --offline")
    assert (said.status, said.out) == (0, first.out)
    assert said.err.startswith("kzt-rates: warning: a provisional rate of 2025-12-06")
    assert said.err.count("\n") == 1
    answer = json.loads(run("convert 1 USD --on 2025-12-06 --offline --format json").out)
    assert answer["provisional"] is True
    cross = json.loads(run("convert 1 KZT USD --on 2025-12-06 --offline --format json").out)
    assert cross["provisional"] is True


def test_refresh(run: Any, bank: StandInBank) -> None:
    """--refresh asks the bank again, and its new word is taken."""
    run("convert 1 USD")
    bank.publish("2025-12-05", {"USD": "500.01", "EUR": "590"})
    assert run("convert 1 USD").out.startswith("1 USD = 499.65 KZT\n")
    assert run("convert 1 USD --refresh").out.startswith("1 USD = 500.01 KZT\n")
    assert run("convert 1 USD").out.startswith("1 USD = 500.01 KZT\n")
    assert len(bank.requests) == 2
