"""Sheets of one's own figures: they convert as the bank's do, and are never called the bank's."""

import datetime as dt
import json
import pickle
from decimal import Decimal

import pytest

import kzt_rates
from kzt_rates import RateNotFound, RateSheet
from kzt_rates.models import Series

DAY = dt.date(2025, 12, 5)
BANK = ("bank", "банк", "archive", "official", "официал", "ресми")


@pytest.fixture
def own() -> RateSheet:
    rates = {"usd": ("512.530", 1), "AMD": ("13.50", 10), "EUR": 600}
    return kzt_rates.sheet_of("2025-12-05", rates, source="contract 17")


def test_it_converts_exactly(own):
    """51253 for a hundred, 1.35 for a dram, and a cross is the ratio of the two."""
    assert own.convert(100, "USD") == 51253
    assert own.convert(1000, "AMD") == 1350
    assert own.convert(60000, "USD", "EUR") == 51253
    assert own["USD"].inverse().convert("512.53") == 1
    assert str(own["usd"].value) == "512.530"
    assert (own["AMD"].nominal, own["EUR"].nominal) == (10, 1)
    assert list(own) == ["AMD", "EUR", "USD"]


def test_it_names_its_source_everywhere(own):
    """Repr, HTML in each language, tables, files and the ticker have the source, never the bank."""
    rates = [own["USD"], own["USD"].inverse(), own["KZT"]]
    shown = [own.ticker(["USD"]), own.to_csv(), own.to_json(), *map(repr, [own, *rates])]
    shown += [value.to_html(language=each) for value in (own, own["USD"]) for each in
              ("en", "ru", "kk")]  # fmt: skip
    for text in shown:
        assert "contract 17" in text
        assert not any(word in text.casefold() for word in BANK)
    assert own.source == "contract 17"
    assert {row["source"] for row in own.to_dicts()} == {"contract 17"}
    assert json.loads(own.to_json())["source"] == "contract 17"
    assert {rate.source for rate in (*own.values(), *rates)} == {"contract 17"}


def test_the_ticker(own):
    """The source stands behind the date, and changes are against what one names."""
    assert own.ticker(["USD", "AMD"]) == "(05.12.2025, contract 17) $ 512.53 ₸ 10 ֏ 13.50 ₸"
    with pytest.raises(ValueError, match="the bank gave no changes"):
        own.ticker(["USD"], changes=True)
    lower = kzt_rates.sheet_of(DAY, {"USD": "500"}, source="contract 16")
    assert own.ticker(["USD"], changes=lower).endswith("▲12.53")
    assert own.change_since(lower)["USD"].difference == Decimal("12.53")


def test_it_is_a_value(own):
    """JSON and pickle give it back, and it equals none of another source."""
    for again in (
        RateSheet.model_validate_json(own.model_dump_json()),
        pickle.loads(pickle.dumps(own)),
    ):
        assert again == own
        assert hash(again) == hash(own)
    rates = {"USD": ("512.53", 1), "AMD": ("13.50", 10), "EUR": 600}
    assert kzt_rates.sheet_of(DAY, rates, source="contract 17") == own
    assert kzt_rates.sheet_of(DAY, rates, source="contract 18") != own
    with pytest.raises(ValueError, match="another source"):
        RateSheet.model_validate({**own.__dict__, "source": "bank"})


def test_what_it_lacks(own):
    """A currency that was not given is an error that says what was."""
    with pytest.raises(RateNotFound, match="contract 17 gives AMD, EUR, USD") as caught:
        own["RUB"]
    assert (caught.value.code, caught.value.date) == ("RUB", DAY)
    assert "bank" not in str(caught.value)
    assert own.get("RUB") is None


@pytest.mark.parametrize(
    ("rates", "message"),
    [
        ({}, "at least one rate"),
        ({"US": 1}, "three letters"),
        ({"u\u017fd": 1}, "three letters"),  # a long s, whose capital is S
        ({"KZT": 1}, "always 1"),
        ({"USD": 0}, "above zero"),
        ({"USD": "-1"}, "above zero"),
        ({"USD": "NaN"}, "USD: invalid amount"),
        ({"USD": "512,53"}, "USD: invalid amount"),
        ({"USD": float("inf")}, "USD: an amount is a finite number"),
        ({"USD": ("1", 0)}, "nominal is from 1"),
        ({"USD": ("1", 1, 1)}, "a pair of price and nominal"),
        ({"USD": 1, "usd": 2}, "a code is there twice"),
    ],
)
def test_rates_that_cannot_be(rates, message):
    """What is no price, nominal or code is refused, and the message names the code."""
    with pytest.raises(ValueError, match=message) as caught:
        kzt_rates.sheet_of(DAY, rates, source="contract")
    assert type(caught.value) is ValueError  # and none of pydantic's


@pytest.mark.parametrize(
    "rates", [None, [("USD", 1)], {"USD": True}, {"USD": None}, {"USD": (1, "1")},
              {"USD": (1, True)}, {840: 1}],
)  # fmt: skip
def test_rates_of_another_type(rates):
    """A mapping of text to numbers, and nothing else."""
    with pytest.raises(TypeError):
        kzt_rates.sheet_of(DAY, rates, source="contract")


@pytest.mark.parametrize(
    "source",
    [
        "",
        " ",
        "bank",
        "Archive",
        "cache",
        "National Bank of Kazakhstan",
        "the National Bank of Kazakhstan",
        "a\nb",
        "x" * 101,
    ],
)
def test_sources_that_could_be_the_banks(source):
    """No source of one's own is nameless or called as the bank is."""
    with pytest.raises(ValueError, match=r"names the National Bank|a source is a name"):
        kzt_rates.sheet_of(DAY, {"USD": 1}, source=source)


def test_arguments_that_lack():
    """A source is given, as text; a date is a date."""
    with pytest.raises(TypeError):
        kzt_rates.sheet_of(DAY, {"USD": 1})
    with pytest.raises(TypeError, match="source is a name"):
        kzt_rates.sheet_of(DAY, {"USD": 1}, source=5)
    with pytest.raises(ValueError, match="a date is written"):
        kzt_rates.sheet_of("5.12.25", {"USD": 1}, source="contract")


def test_a_series_of_ones_own():
    """A series that was given a source has it in its repr, tables and HTML; a part keeps it."""
    rates = {"2025-12-04": "510", "2025-12-05": "512.53"}
    series = Series(base="USD", quote="KZT", start="2025-12-04", end="2025-12-05",
                    dates=rates.keys(), values=rates.values(), source="contract 17")  # fmt: skip
    for value in (series, series[DAY:], series.resample("month", "mean")):
        for text in (repr(value), value.to_csv(), value.to_json(), value.to_html()):
            assert "contract 17" in text
            assert not any(word in text.casefold() for word in BANK)
    assert Series.model_validate_json(series.model_dump_json()) == series


def test_age(own):
    """The age is the days from the effective date to today in Kazakhstan, which is UTC+5."""
    zone = dt.timezone(dt.timedelta(hours=5))
    before = dt.datetime.now(zone).date()
    age = own["USD"].age
    assert before - DAY <= age <= dt.datetime.now(zone).date() - DAY
