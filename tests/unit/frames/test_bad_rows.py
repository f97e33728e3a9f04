"""What is no frame, no column and no value: one way to say where it is, in our own words."""

import datetime as dt
from decimal import Decimal
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import kzt_rates

DAY = dt.date(2025, 12, 5)


def rows(**others: Any) -> dict[str, Any]:
    return {"amount": [1.0, 2.0], "currency": ["USD", "EUR"], "date": [DAY, DAY], **others}


LABELLED = ["first", "second"]
BAD_COLUMNS = {
    "amount of text": ({"amount": ["1", "1 000"]}, ValueError),
    "amount of objects": ({"amount": np.array([Decimal(1), True], object)}, TypeError),
    "infinite": ({"amount": [1.0, -np.inf]}, ValueError),
    "infinite decimal": ({"amount": np.array([1, Decimal("inf")], object)}, ValueError),
    "too large": ({"amount": [1.0, 1e308]}, ValueError),
    "date": ({"date": ["2025-12-05", "5.12.2025"]}, ValueError),
    "date of objects": ({"date": np.array([DAY, 5], object)}, TypeError),
    "list for a date": ({"date": [DAY, [DAY]]}, TypeError),
    "code": ({"currency": ["USD", "USB"]}, kzt_rates.UnknownCurrency),
    "code of objects": ({"currency": np.array(["USD", 5], object)}, TypeError),
    "list for a code": ({"currency": ["USD", ["EUR"]]}, TypeError),
    "no rate": ({"date": [DAY, dt.date(1993, 1, 1)]}, kzt_rates.RateNotFound),
}


@pytest.mark.parametrize(("given", "error"), BAD_COLUMNS.values(), ids=BAD_COLUMNS)
def test_a_bad_row_of_pandas_has_its_position_and_label(convert, given, error):
    """Amounts, codes, dates and rates alike."""
    frame = pd.DataFrame(rows(**given), index=LABELLED)
    with pytest.raises(error, match=r"^row 1 \(index second\): "):
        convert(frame)


@pytest.mark.parametrize("missing", ["raise", "null", "previous"])
def test_a_bad_value_is_no_missing_rate(convert, missing):
    """What is no amount, no date and no text for a code is an error, whatever `missing` says."""
    for given, error in BAD_COLUMNS.values():
        if not issubclass(error, LookupError):
            with pytest.raises(error, match=r"^row 1 \(index 1\): "):
                convert(pd.DataFrame(rows(**given)), missing=missing)


def test_bad_objects_of_rows_without_a_rate(convert):
    """They are bad all the same, though no rate is ever multiplied with them."""
    amounts = pd.Series([Decimal(1), "1,5"], dtype=object)
    frame = pd.DataFrame(rows(amount=amounts, date=[DAY, dt.date(1993, 1, 1)]))
    with pytest.raises(ValueError, match=r"^row 1 \(index 1\): invalid amount '1,5'"):
        convert(frame, missing="null")


@pytest.mark.parametrize("make", [pl.DataFrame, pa.table], ids=["polars", "pyarrow"])
def test_a_bad_row_elsewhere_has_its_position(convert, make):
    """There is no label where a library has none."""
    for name, (given, error) in BAD_COLUMNS.items():
        if not any(words in name for words in ("objects", "list", "decimal")):
            with pytest.raises(error, match=r"^row 1: "):
                convert(make(rows(**given)))


def test_results_too_long_are_named(convert):
    """A decimal of 38 digits has no room for each product."""
    amounts = pa.array([Decimal(1), Decimal(10**30)], pa.decimal128(38, 0))
    with pytest.raises(ValueError, match=r"^row 1: the result needs more than 38 digits, 18 of"):
        convert(pa.table(rows(amount=amounts)))
    with pytest.raises(ValueError, match=r"^row 1: the result needs more than 38 digits, 9 of"):
        convert(pa.table(rows(amount=amounts)), places=9)


def test_nan_in_pandas_is_a_null(convert):
    """Pandas writes what is missing as NaN, in a column of Arrow and in a nullable one too."""
    for kind in ("float64", "Float64", pd.ArrowDtype(pa.float64()), object):
        frame = pd.DataFrame(rows(amount=pd.Series([1.0, float("nan")], dtype=kind)))
        found = convert(frame)["converted"]
        assert float(found[0]) == 499.65
        assert pd.isna(found[1]) or np.isnan(found[1])


NO_FRAMES = {
    "pandas series": (pd.Series([1.0]), r"not Series: its to_frame\(\) makes one$"),
    "polars series": (pl.Series([1.0]), r"not Series: its to_frame\(\) makes one$"),
    "chunks": (pa.chunked_array([[1.0]]), "not ChunkedArray$"),
    "dict": (rows(), "not dict$"),
    "path": ("invoices.csv", "not str$"),
    "nothing": (None, "not NoneType$"),
    "array": (np.ones((2, 2)), "not ndarray$"),
}


@pytest.mark.parametrize(("thing", "words"), NO_FRAMES.values(), ids=NO_FRAMES)
def test_what_is_no_frame(convert, thing, words):
    """The message lists whose frames are converted, and says what makes one."""
    with pytest.raises(TypeError, match=words) as refused:
        convert(thing)
    assert str(refused.value).startswith("a frame of pandas, Polars, PyArrow, DuckDB, Ibis, Dask")


def test_a_sheet_is_no_frame_and_says_what_makes_one(convert, archive):
    """For `frames.convert`, for the constructor of pandas and for that of Polars."""
    sheet = archive.sheet("2025-12-05")
    with pytest.raises(TypeError, match=r"not RateSheet: its to_pandas\(\) makes one"):
        convert(sheet)
    with pytest.raises(TypeError, match=r"use its to_pandas\(\) or to_polars\(\)"):
        pd.DataFrame(sheet)
    if pl.__version__ >= "2":
        with pytest.raises(TypeError, match=r"to_polars\(\)"):
            pl.DataFrame(sheet)
    assert pd.Series(sheet).index.tolist() == list(sheet)


def test_a_column_that_is_there_twice(convert):
    """Whichever it is, and in our words."""
    frame = pd.DataFrame(rows(a=[1, 2], b=[3, 4]))
    for names in (["amount", "currency", "date", "n", "n"], ["date", "currency", "date", "n", "m"]):
        frame.columns = names
        twice = next(name for name in names if names.count(name) > 1)
        with pytest.raises(ValueError, match=rf"^there are several columns '{twice}': rename them"):
            convert(frame)


LIBRARIES = {
    "pandas": pd.DataFrame,
    "polars": pl.DataFrame,
    "lazy": lambda columns: pl.DataFrame(columns).lazy(),
    "pyarrow": pa.table,
}
NO_NAMES = {
    "amount": ({"amount": 5}, ValueError, "no column 5; the columns are 'amount', 'currency'"),
    "amount of lists": ({"amount": ["a"]}, TypeError, "amount is the name of a column .* not list"),
    "currency": ({"currency": 5}, TypeError, "currency is a column .* which is text, not int"),
    "to": ({"to": ["KZT"]}, TypeError, "to is a column .* which is text, not list"),
    "into": ({"into": ["a"]}, TypeError, "into is the name of the new column, not list"),
    "into nothing": ({"into": None}, TypeError, "into is the name of the new column, not NoneType"),
    "NaT": ({"date": pd.NaT}, ValueError, "NaT is no date"),
    "numpy's NaT": ({"date": np.datetime64("NaT")}, TypeError, "a date is a date, a datetime or"),
}


@pytest.mark.parametrize("make", LIBRARIES.values(), ids=LIBRARIES)
@pytest.mark.parametrize(("options", "error", "words"), NO_NAMES.values(), ids=NO_NAMES)
def test_what_is_no_name_and_no_value(convert, make, options, error, words):
    """No error of another library shows through, nor a word of one."""
    with pytest.raises(error, match=words) as refused:
        convert(make(rows()), **options)
    assert refused.type is error
    assert refused.value.__cause__ is None


def test_a_name_of_a_number(convert):
    """Pandas has columns called so; the other libraries do not."""
    assert convert(pd.DataFrame(rows()), into=5)[5].tolist() == [499.65, 2 * 582.89]
    for make in (pl.DataFrame, pa.table):
        with pytest.raises(TypeError, match="into is the name of the new column, not int"):
            convert(make(rows()), into=5)


@pytest.mark.parametrize("between", ["2025", 5, ("2025-01-01",), ("2025-01-01", "x", "y")])
def test_between_is_a_pair(convert, between):
    """Anything else is said to be none, before a row is looked at."""
    with pytest.raises(TypeError, match=r"between is a pair of dates, \('2025-01-01', "):
        convert(pl.DataFrame(rows()).lazy(), between=between)


@pytest.mark.parametrize("name", ["Object", "Int128"])
def test_types_that_arrow_lacks(convert, name):
    """Polars has some; the message names it, at once for a plan too."""
    if name == "Int128" and (pa.__version__.split(".")[0] < "26" or not hasattr(pl, name)):
        pytest.skip("what it is depends on the versions")
    dtype = getattr(pl, name)
    frame = pl.DataFrame(rows(amount=pl.Series([1, 2], dtype=dtype)))
    for given in (frame, frame.lazy(), nw.from_native(frame)):
        with pytest.raises(TypeError, match=rf"'amount' is of {dtype}.*, which Arrow has no type"):
            convert(given)


@pytest.mark.parametrize("kind", [pl.Boolean, pl.Binary, pl.Date, pl.List(pl.Int8)], ids=str)
def test_a_plan_is_refused_when_it_is_made(convert, kind):
    """What no batch could have is said before anything is collected."""
    frame = pl.DataFrame(rows(amount=pl.Series([None, None], dtype=kind))).lazy()
    with pytest.raises(TypeError, match="a column of amounts has numbers or text, not"):
        convert(frame)
