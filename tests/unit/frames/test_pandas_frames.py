"""Frames of pandas come back as they were, with one column more, and do not change themselves."""

import datetime as dt
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

USD, EUR = 499.65, 582.89


def frame_of(**columns: Any) -> pd.DataFrame:
    usual = {
        "amount": [1.0, 2.0, 4.0],
        "currency": ["USD", "EUR", "USD"],
        "date": ["2025-12-05"] * 3,
    }
    return pd.DataFrame({**usual, **columns})


CONVERTED = [USD, 2 * EUR, 4 * USD]  # doubling a float is exact

INDEXES = {
    "range": pd.RangeIndex(10, 40, 10),
    "duplicate": pd.Index([7, 7, 7]),
    "text": pd.Index(["b", "a", "b"], name="who"),
    "many": pd.MultiIndex.from_tuples([("x", 1), ("x", 1), ("y", 2)], names=["one", "two"]),
    "days": pd.DatetimeIndex(["2025-12-05"] * 3, name="date of entry"),
    "null": pd.Index([np.nan, np.nan, 1.0]),
    "categories": pd.CategoricalIndex(["a", "b", "a"]),
}


@pytest.mark.parametrize("index", INDEXES.values(), ids=INDEXES)
@pytest.mark.parametrize("kind", ["float64", "Float64", "double[pyarrow]", object])
def test_the_index_stays(convert, index, kind):
    """Any index is kept, and every row gets its own result, however often its label is there."""
    frame = frame_of(amount=pd.Series([1, 2, 4]).astype(kind)).set_index(index)
    result = convert(frame)
    pd.testing.assert_index_equal(result.index, index)
    expected = (
        [Decimal("499.65"), Decimal("1165.78"), Decimal("1998.6")] if kind is object else CONVERTED
    )
    assert result["converted"].tolist() == expected


def test_nothing_else_changes(convert):
    """The frame given is as it was, and of the result all but the new column equals it."""
    frame = frame_of(
        kind=pd.Categorical(["a", "b", "a"], categories=["c", "b", "a"], ordered=True),
        day=pd.to_datetime(["2025-01-01"] * 3).tz_localize("Asia/Almaty"),
        text=pd.array(["x", None, "y"], dtype="string"),
        whole=pd.array([1, None, 3], dtype="Int8"),
        thing=[dt.date(2025, 1, 1), None, [1]],
    )
    frame.attrs["source"] = "a ledger"
    before = frame.copy(deep=True)
    result = convert(frame, into="tenge")
    assert_frame_equal(frame, before)
    assert_frame_equal(result.drop(columns="tenge"), before)
    assert list(result.columns) == [*before.columns, "tenge"]
    assert result.attrs == frame.attrs == {"source": "a ledger"}


@pytest.mark.parametrize("kind", ["float64", "int64", "Float64", "double[pyarrow]"])
def test_writing_into_the_result_does_not_write_into_the_frame(convert, kind):
    """Nor the other way round."""
    frame = frame_of(amount=pd.Series([1, 2, 4]).astype(kind))
    before = frame.copy(deep=True)
    result = convert(frame)
    result.loc[0, "amount"] = 99
    result.loc[1, "converted"] = 99
    assert_frame_equal(frame, before)
    frame.loc[2, "amount"] = 77
    assert result["amount"].tolist() == [99, 2, 4]
    assert convert(before)["converted"].tolist() == CONVERTED


class Ledger(pd.DataFrame):
    """A frame of somebody's own class."""

    @property
    def _constructor(self) -> type["Ledger"]:
        return Ledger


# pandas 2.2.0 says so of its own doings
@pytest.mark.filterwarnings("ignore:Passing a BlockManager to Ledger:DeprecationWarning")
def test_a_subclass_comes_back_as_one(convert):
    """A frame comes back of its own kind."""
    assert type(convert(Ledger(frame_of()))) is Ledger


def test_labels_that_are_not_text(convert):
    """Columns may be called by numbers or tuples; so may the amount's."""
    frame = frame_of().assign(x=1).rename(columns={"x": ("a", 1), "amount": 0})
    assert list(convert(frame, amount=0, into=5).columns) == [0, "currency", "date", ("a", 1), 5]
    with pytest.raises(ValueError, match="there is no column 'amount'"):
        convert(frame)


@pytest.mark.parametrize("twice", ["amount", "note"])
def test_two_columns_of_one_name(convert, twice):
    """Which is meant cannot be known."""
    frame = pd.concat([frame_of(note=1), frame_of(note=2)[[twice]]], axis=1)
    with pytest.raises(ValueError, match=f"there are several columns '{twice}': rename them"):
        convert(frame)


@pytest.mark.parametrize("amounts", ["float64", "int64", "object", "Int64", "double[pyarrow]"])
@pytest.mark.parametrize("places", [None, 2])
def test_frames_without_rows(convert, amounts, places):
    """No rows in, no rows out, and the column is of the kind that rows would have given it."""
    frame = frame_of().astype({"amount": amounts})
    full, empty = convert(frame, places=places), convert(frame.iloc[:0], places=places)
    assert len(empty) == 0
    assert empty.dtypes.equals(full.dtypes)


def test_one_row(convert):
    """A single row, and a view of one."""
    assert convert(frame_of().iloc[[1]])["converted"].tolist() == [2 * EUR]
    assert convert(frame_of().iloc[::-2])["converted"].tolist() == [4 * USD, USD]


def test_rows_picked_from_another_frame(convert):
    """A frame with rows of another, in any order, has strided columns."""
    wide = pd.DataFrame(np.array([[1.0, 10.0], [2.0, 20.0], [4.0, 40.0]]), columns=["a", "amount"])
    wide["currency"] = "USD"
    found = convert(wide.iloc[[2, 0]], date="2025-12-05")["converted"]
    assert found.index.tolist() == [2, 0]
    assert found.tolist() == [40 * USD, 10 * USD]


def test_columns_of_nothing_but_nan(convert):
    """A column that a file had nothing in has floats for pandas, and means nulls."""
    for column in ("amount", "currency", "date"):
        frame = frame_of(**{column: [np.nan] * 3})
        assert np.isnan(convert(frame)["converted"]).all()
    for frame in (frame_of().iloc[:0], pd.DataFrame({"amount": [], "currency": [], "date": []})):
        assert convert(frame).shape == (0, 4)
