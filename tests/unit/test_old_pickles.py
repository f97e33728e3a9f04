"""Values that an earlier version pickled, and that this one must read: `pickles/` has one of each.

They were made before a rate, a sheet and a series knew sources of one's own.
"""

import datetime as dt
import pickle
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kzt_rates import Currency, Rate, RateSheet, Series, SyncReport
from kzt_rates.models import Change, Point

PICKLES = Path(__file__).parent / "pickles"
DAY = dt.date(2025, 12, 5)


def read(name: str) -> Any:
    return pickle.loads((PICKLES / f"{name}.pickle").read_bytes())


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("rate", Rate),
        ("sheet", RateSheet),
        ("series", Series),
        ("currency", Currency),
        ("report", SyncReport),
    ],
)
def test_a_pickle_of_before_is_read(name, kind):
    """The value is whole: it can be shown, dumped, compared, and pickled again."""
    value = read(name)
    assert type(value) is kind
    assert kind.model_validate_json(value.model_dump_json()) == value
    assert pickle.loads(pickle.dumps(value)) == value
    assert repr(value)


def test_the_figures_of_before():
    """Rates, sheets and series of before are the bank's, and are reckoned with as any other."""
    sheet, rate, series = read("sheet"), read("rate"), read("series")
    assert (sheet["USD"].value, sheet["USD"].source) == (Decimal("499.65"), None)
    assert sheet.ticker(["USD"]) == "(05.12.2025) $ 499.65 ₸"
    assert "National Bank" in sheet.to_html()
    assert rate.convert(58289) == 49965
    assert rate.inverse().legs[0].source is None
    assert series[DAY : DAY].change() == 0  # fmt: skip
    assert series.to_csv().splitlines()[0] == "date,rate"


@pytest.mark.parametrize(
    "value", [Point(DAY, Decimal("499.65")), Change(Decimal("-4.24"), Decimal("-0.84"))]
)
def test_small_values_are_pickled(value):
    """A point and a change survive a pickle, as what they are."""
    again = pickle.loads(pickle.dumps(value))
    assert again == value
    assert type(again) is type(value)
