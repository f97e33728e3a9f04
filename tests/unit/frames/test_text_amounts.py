"""Amounts written as text: the decimals that `kzt_rates.convert` reads, whatever the dtype."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import kzt_rates

DAY = dt.date(2025, 12, 5)
GOOD = ["1", "-12.50", "+0.1", "007", None, "99999999999999.99", "0.005", "-0"]
BAD = [
    "1 000", "1\u00a0000", "1,5", "", " 1", "1\n", "1.", ".5", "-.5", "1e5", "0x1", "1_000", "--1",
    "NaN", "inf", "$1", "٣", "１", "1" * 51, "x" * 60,
]  # fmt: skip


def rows(amounts: Any) -> dict[str, Any]:
    return {"amount": amounts, "currency": ["USD"] * len(amounts), "date": [DAY] * len(amounts)}


def arrow(kind: pa.DataType) -> Any:
    return lambda texts: pa.table(rows(pa.array(texts, pa.string()).cast(kind)))


def polars(kind: Any) -> Any:
    return lambda texts: pl.DataFrame(rows(pl.Series(texts, dtype=pl.String).cast(kind)))


def pandas(kind: Any) -> Any:
    return lambda texts: pd.DataFrame(rows(pd.Series(texts, dtype=kind)))


IN_MEMORY = {
    "object": pandas(object),
    "python": pandas("string[python]"),
    "pyarrow": pandas("string[pyarrow]"),
    "str": pandas("str" if pd.__version__ >= "3" else "string"),
    "category": pandas("category"),
    "arrow dtype": pandas(pd.ArrowDtype(pa.string())),
    "arrow": arrow(pa.string()),
    "large": arrow(pa.large_string()),
    "view": arrow(pa.string_view()),
    "dictionary": arrow(pa.dictionary(pa.int8(), pa.string())),
    "polars": polars(pl.String),
    "categorical": polars(pl.Categorical),
}


def values_of(frame: Any) -> list[Any]:
    column = frame["converted"]
    values = column.to_pylist() if isinstance(column, pa.ChunkedArray) else column.to_list()
    return [None if pd.isna(value) else value for value in values]


def expected(texts: list[str | None], **options: Any) -> list[Decimal | None]:
    """Return what the verb makes of each, by the packaged archive."""
    with kzt_rates.Client(cache=False, offline=True) as client:
        return [None if t is None else client.convert(t, "USD", on=DAY, **options) for t in texts]


@pytest.mark.parametrize("make", IN_MEMORY.values(), ids=IN_MEMORY)
@pytest.mark.parametrize("places", [None, 0, 2])
def test_text_is_converted_exactly(convert, make, places):
    """Each text gives the `Decimal` that the verb gives, and a null stays one."""
    found = values_of(convert(make(GOOD), places=places))
    assert found == expected(GOOD, places=places)
    assert all(value is None or isinstance(value, Decimal) for value in found)


@pytest.mark.parametrize("make", IN_MEMORY.values(), ids=IN_MEMORY)
@pytest.mark.parametrize("text", BAD, ids=repr)
def test_the_grammar_is_that_of_the_verb(convert, make, text):
    """What `kzt_rates.convert` does not read, no frame does, whatever `missing` says."""
    with pytest.raises(ValueError, match="amount") as verb:
        expected([text])
    for missing in ("raise", "null"):
        with pytest.raises(ValueError, match=r"^row 2( \(index 2\))?: ") as refused:
            convert(make(["1", None, text]), missing=missing)
        assert str(refused.value).endswith(str(verb.value))


@pytest.mark.parametrize("make", IN_MEMORY.values(), ids=IN_MEMORY)
def test_the_first_bad_rows_are_named(convert, make):
    """Three of them, by position, however often a text is there."""
    with pytest.raises(ValueError, match="rows with a bad amount, and perhaps more:") as refused:
        convert(make(["n/a", "1", "1,5", "n/a", "x"]))
    lines = str(refused.value).splitlines()[1:]
    assert [line.split(":")[0].split(" (")[0].strip() for line in lines] == [
        "row 0", "row 2", "row 3",
    ]  # fmt: skip


@pytest.mark.parametrize("make", [IN_MEMORY["polars"], IN_MEMORY["arrow"]], ids=["polars", "arrow"])
def test_many_decimals(convert, make):
    """A column of decimals has 18: what goes further is rounded once, half to even."""
    found = values_of(convert(make(["0." + "0" * 47 + "1", "1." + "0" * 17 + "1"])))
    assert found == [0, Decimal("499.650000000000000500")]  # ...4996.5 of the last place
    with pytest.raises(ValueError, match=r"^row 1: the result needs more than 38 digits"):
        convert(make(["1", "9" * 36]))
