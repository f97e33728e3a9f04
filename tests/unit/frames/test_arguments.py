"""What `convert` is asked: columns or values, names, frames of any library, and misuse."""

import datetime as dt
import sys
from decimal import Decimal
from typing import Any

import dask.dataframe as dd
import duckdb
import ibis
import narwhals as nw
import narwhals.stable.v1 as nw_v1
import narwhals.stable.v2 as nw_v2
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import kzt_rates
import kzt_rates.frames
from kzt_rates.frames import in_memory

DAY = dt.date(2025, 12, 5)
USD, EUR, USD_NEXT = 499.65, 582.89, 504.49

LIBRARIES = {
    "pandas": pd.DataFrame,
    "polars": pl.DataFrame,
    "lazy": lambda columns: pl.DataFrame(columns).lazy(),
    "pyarrow": pa.table,
}


@pytest.fixture(params=LIBRARIES.values(), ids=LIBRARIES)
def make(request: pytest.FixtureRequest) -> Any:
    """Make a frame of one library after the other."""
    return request.param


def values_of(frame: Any, column: str = "converted") -> list[Any]:
    frame = nw.from_native(frame)
    frame = frame.collect() if isinstance(frame, nw.LazyFrame) else frame
    return [None if pd.isna(value) else value for value in frame[column].to_list()]


def columns(**others: Any) -> dict[str, Any]:
    return {"amount": [1.0, 2.0], "currency": ["USD", "EUR"], "date": [DAY, DAY], **others}


def test_each_may_be_a_column_or_a_value(convert, make):
    """Currency, date and target: a column where there is one, else one value for all rows."""
    both = columns(to=["KZT", "USD"])
    assert values_of(convert(make(both))) == [USD, 2 * EUR]
    assert values_of(convert(make(both), currency="usd")) == [USD, 2 * USD]
    assert values_of(convert(make(both), currency="KZT", to="kzt")) == [1.0, 2.0]
    for day in (
        "06.12.2025",
        "2025-12-06",
        dt.date(2025, 12, 6),
        dt.datetime.fromisoformat("2025-12-06T23:00"),
    ):
        assert values_of(convert(make(both), currency="USD", date=day)) == [USD_NEXT, 2 * USD_NEXT]
    evening = dt.datetime(2025, 12, 5, 19, tzinfo=dt.timezone.utc)
    found = values_of(convert(make(both), currency="USD", date=evening, into="new"), "new")
    assert found == [USD_NEXT, 2 * USD_NEXT]
    cross = values_of(convert(make(both), to="to"))
    assert cross == [USD, pytest.approx(2 * EUR / USD, rel=1e-15)]
    assert values_of(convert(make(both), currency="EUR", to="to"))[0] == EUR


@pytest.mark.parametrize(
    "name",
    ["", " ", "тенге", "a'b\"c", "x\ny", "col.um[n]", "{0}", "$1", '"; drop table x; --', "\\"],
)
def test_names_may_be_anything(convert, make, name):
    """A name is no code, no pattern and no path."""
    for column in ("amount", "currency", "date"):
        given = {name if key == column else key: values for key, values in columns().items()}
        result = convert(make(given), **{column: name}, into=f"{name}!")
        assert values_of(result, f"{name}!") == [USD, 2 * EUR]


def test_a_name_that_is_neither(convert, make):
    """A name that is no column and no value is an error that tells the columns."""
    known = r"\('amount', 'currency', 'date'\)"
    for argument in ("currency", "to"):
        with pytest.raises(kzt_rates.UnknownCurrency, match=rf"{argument}='curr' .*{known}"):
            convert(make(columns()), **{argument: "curr"})
    with pytest.raises(ValueError, match=rf"date='day' .*{known}"):
        convert(make(columns()), date="day")
    with pytest.raises(ValueError, match=r"no column 'sum'.*'amount', 'currency', 'date'"):
        convert(make(columns()), amount="sum")


@pytest.mark.parametrize("missing", ["raise", "null", "previous"])
def test_a_value_that_nobody_knows(convert, make, missing):
    """A typing error in an argument is no missing rate: it is never a column of nulls."""
    for argument in ("currency", "to"):
        with pytest.raises(kzt_rates.UnknownCurrency, match="USB"):
            values_of(convert(make(columns()), missing=missing, **{argument: "USB"}))


def test_wide_frames(convert, make):
    """A column of amounts that is called like a currency or a date is not what is meant."""
    wide = columns(KZT=[7.0, 8.0], USD=[1, 2], EUR=[Decimal(1), None])
    wide["2025-12-06"] = [9.0, 9.0]
    assert values_of(convert(make(wide))) == [USD, 2 * EUR]
    assert values_of(convert(make(wide), currency="USD")) == [USD, 2 * USD]
    found = values_of(convert(make(wide), currency="USD", date="2025-12-06"))
    assert found == [USD_NEXT, 2 * USD_NEXT]
    assert values_of(convert(make(wide), amount="USD", currency="EUR")) == [EUR, 2 * EUR]
    flags = columns(KZT=[True, False])
    assert values_of(convert(make(flags))) == [USD, 2 * EUR]


def test_a_column_of_codes_called_like_a_code(convert, make):
    """Where both readings are possible, no row gets a silent null or another currency's rate."""
    frame = make(columns(KZT=["KZT", "USD"]))
    try:
        found = values_of(convert(frame, to="KZT"))
    except ValueError:
        return
    assert found in ([USD, 2 * EUR], [USD, pytest.approx(2 * EUR / USD, rel=1e-15)])


def test_columns_of_nothing_called_like_a_code(convert):
    """A column without any value is not one of codes: `to="KZT"` is the tenge."""
    frame = pl.DataFrame(columns(KZT=[None, None]))
    assert values_of(convert(frame)) == [USD, 2 * EUR]
    assert values_of(convert(frame.to_pandas())) == [USD, 2 * EUR]


MISUSE = {
    "into": ({"into": "date"}, ValueError, "there is a column 'date' already"),
    "missing": ({"missing": "skip"}, ValueError, "'raise', 'null' or 'previous', not 'skip'"),
    "places": ({"places": 19}, ValueError, "between 0 and 18"),
    "negative": ({"places": -1}, ValueError, "places is between"),
    "bool": ({"places": True}, TypeError, "places is a whole number"),
    "half": ({"places": 1.5}, TypeError, "places is a whole number"),
    "none": ({"date": None}, TypeError, "a date is a date"),
    "number": ({"date": 20251205}, TypeError, "a date is a date"),
    "no day": ({"date": "2025-02-30"}, ValueError, "2025-02-30"),
    "code": ({"to": None}, TypeError, "a currency code, which is text, not NoneType"),
    "client": ({"client": "https://example.invalid"}, TypeError, "kzt_rates.Client, not str"),
}


@pytest.mark.parametrize("kind", [pd.Series, pl.Series, np.array, lambda _: pl.col("amount"), list])
def test_a_column_in_place_of_its_name(convert, make, kind):
    """A column is called by its name: the column itself, or an expression, is said to be none."""
    given = kind(["USD", "EUR"])
    what = type(given).__name__
    for argument, text in {
        "amount": rf"^amount is the name of a column \('amount', .*\), not {what}$",
        "currency": rf"^currency is a column \('amount', .* not {what}$",
        "to": rf"^to is a column \('amount', .* not {what}$",
        "date": rf"^date is a column \('amount', .*\) or a date: a date is .* not {what}$",
        "into": rf"^into is the name of the new column, not {what}$",
    }.items():
        with pytest.raises(TypeError, match=text):
            convert(make(columns()), **{argument: given})


@pytest.mark.parametrize("argument", ["amount", "currency", "date", "to"])
def test_a_lazy_column_in_place_of_its_name(convert, argument):
    """Those that can be hashed, of Ibis, DuckDB and Dask, are said to be no names either."""
    frame = pd.DataFrame(columns())
    arrow, lazy = pa.table(columns()), dd.from_pandas(frame, npartitions=1)
    table = ibis.memtable(arrow)
    for given, column in [
        (table, table["currency"]),
        (duckdb.from_arrow(arrow), duckdb.ColumnExpression("currency")),
        (lazy, lazy["currency"]),
    ]:
        with pytest.raises(TypeError, match=rf"^{argument} is .*, not {type(column).__name__}$"):
            convert(given, **{argument: column})


def test_names_of_pandas_that_are_no_text(convert):
    """Numbers and tuples name columns of pandas, that of the dates too."""
    for names in ([0, 1, 2], [("in", 1), ("in", 2), ("in", 3)]):
        frame = pd.DataFrame(columns())
        frame.columns = pd.Index(names)
        amount, currency, day = names
        result = convert(frame, amount=amount, currency=currency, date=day, into=("out", 1))
        assert result.iloc[:, 3].tolist() == [USD, 2 * EUR]


@pytest.mark.parametrize(("options", "error", "words"), MISUSE.values(), ids=MISUSE)
def test_misuse(archive, make, options, error, words):
    """Arguments that cannot be are said so, before any row is looked at."""
    with pytest.raises(error, match=words):
        kzt_rates.frames.convert(make(columns()), **{"client": archive, **options})


def test_an_async_client_is_none(make):
    """Frames are converted by the client for threads."""
    with pytest.raises(TypeError, match=r"kzt_rates\.Client, not AsyncClient"):
        kzt_rates.frames.convert(make(columns()), client=kzt_rates.AsyncClient(offline=True))


@pytest.mark.parametrize(
    "thing",
    [columns(), [1.0], "amount", None, 5, np.ones((2, 2)), pl.Series([1.0]), pd.Series([1.0])],
    ids=lambda thing: type(thing).__name__,
)
def test_what_is_no_frame(convert, thing):
    """What narwhals does not take as a frame is a `TypeError`."""
    with pytest.raises(TypeError):
        convert(thing)


@pytest.mark.parametrize("module", [nw, nw_v1, nw_v2], ids=["narwhals", "v1", "v2"])
def test_frames_of_narwhals_come_back_as_such(convert, make, module):
    """A wrapped frame comes back wrapped, by the same narwhals, around the same library."""
    frame = module.from_native(make(columns()))
    result = convert(frame)
    assert type(result) is type(frame)
    assert result.implementation is frame.implementation
    assert values_of(result.to_native()) == [USD, 2 * EUR]


def test_the_shared_client_is_the_default(monkeypatch):
    """Without `client=` frames are converted by the client that the functions share."""
    monkeypatch.setenv("KZT_RATES_OFFLINE", "1")
    assert values_of(kzt_rates.frames.convert(pl.DataFrame(columns()))) == [USD, 2 * EUR]
    assert values_of(kzt_rates.frames.convert(pl.DataFrame(columns()).lazy())) == [USD, 2 * EUR]


def test_any_other_library_of_narwhals(archive):
    """A frame that has no road of its own is converted through narwhals."""
    from kzt_rates.frames.request import request_of

    names = {"amount": "amount", "currency": "currency", "day": "date", "to": "KZT"}
    given = columns(currency=["USD", None])
    for places, amounts in ((None, [1.0, 2.0]), (2, [Decimal(1), Decimal(2)])):
        request = request_of([*given], **names, into="converted", missing="raise", places=places)
        frame = pl.DataFrame({**given, "amount": amounts})
        result = in_memory.convert_other(frame, request, archive)
        assert isinstance(result, pl.DataFrame)
        assert result.drop("converted").equals(frame)
        assert [one and float(one) for one in result["converted"]] == [USD, None]


@pytest.mark.parametrize("library", ["narwhals", "numpy", "pyarrow"])
def test_a_missing_library_says_what_to_type(monkeypatch, archive, library):
    """Without the extra there is no conversion and no table, but the line that brings it."""
    monkeypatch.setitem(sys.modules, library, None)
    line = rf"needs {library}.*: pip install 'narwhals>=2\.10\.1' 'numpy>=1\.26' 'pyarrow>=18'"
    with pytest.raises(ImportError, match=line):
        kzt_rates.frames.convert(pl.DataFrame(columns()), client=archive)
    with pytest.raises(ImportError, match=line):
        kzt_rates.frames.table(DAY, DAY, ["USD"], client=archive)


@pytest.mark.parametrize(
    ("library", "version", "words"),
    [
        ("pandas", "2.1.4", "frames of pandas 2.1.4 cannot .* 2.2 and newer .*'pandas>=2.2'"),
        ("polars", "0.20.31", "polars 0.20.31 .*: pip install 'polars>=1.0'"),
        ("duckdb", "1.0.0", "duckdb 1.0.0 .*: pip install 'duckdb>=1.1'"),
        ("ibis", "9.5.0", "ibis-framework 9.5.0 .*: pip install 'ibis-framework>=11.0'"),
        ("dask", "2024.8.0", "dask 2024.8.0 .*: pip install 'dask>=2025.12'"),
        ("pyspark", "3.4.4", "pyspark 3.4.4 .*: pip install 'pyspark>=3.5'"),
    ],
)
def test_a_library_that_is_too_old_says_what_to_type(monkeypatch, archive, library, version, words):
    """One sentence names the version that is there, the one that is needed, and the line."""
    given = columns()
    frames = {
        "pandas": lambda: Ledger(given),
        "polars": lambda: nw.from_native(pl.DataFrame(given).lazy()),
        "duckdb": lambda: duckdb.from_arrow(pa.table(given)),
        "ibis": lambda: ibis.memtable(pa.table(given)),
        "dask": lambda: dd.from_pandas(pd.DataFrame(given), npartitions=1),
        "pyspark": type("DataFrame", (), {"__module__": "pyspark.sql.dataframe"}),
    }
    frame = frames[library]()
    monkeypatch.setattr(f"{library}.__version__", version)
    with pytest.raises(ImportError, match=words):
        kzt_rates.frames.convert(frame, client=archive)


class Ledger(pd.DataFrame):
    """A frame of somebody's own class."""


def test_a_column_with_a_name_of_three_letters(convert):
    """`ccy` is the column, and not a currency that nobody knows, whatever it holds."""
    for values, expected in (([None, None], [None, None]), (["USD", None], [USD, None])):
        frame = pd.DataFrame({"amount": [1.0, 2.0], "ccy": pd.Series(values, dtype=object)})
        for given in (frame, pl.from_pandas(frame), pl.from_pandas(frame).lazy()):
            assert values_of(convert(given, currency="ccy", date=DAY)) == expected
        assert values_of(convert(frame, currency="USD", to="ccy", date=DAY))[1] is None
    mixed = pd.DataFrame({"amount": [1.0, 2.0], "ccy": pd.Series(["USD", 5], dtype=object)})
    with pytest.raises(TypeError, match="code is text, not int: 5"):
        convert(mixed, currency="ccy", date=DAY)
