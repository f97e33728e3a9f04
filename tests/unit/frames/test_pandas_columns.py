"""Columns of pandas: every kind that holds codes, dates or amounts is read as what it means."""

import datetime as dt
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pandas.testing import assert_series_equal

import kzt_rates

DAY = "2025-12-05"
USD, USD_NEXT, USD_BEFORE, EUR = 499.65, 504.49, 503.89, 582.89  # of the 5th, 6th and 4th
UTC = dt.timezone.utc
at = dt.datetime.fromisoformat


def three(**columns: Any) -> pd.DataFrame:
    """Return three rows of one dollar on 2025-12-05, with some columns replaced."""
    usual = {"amount": [1.0] * 3, "currency": ["USD"] * 3, "date": [DAY] * 3}
    return pd.DataFrame({**usual, **columns})


def arrow(values: Any, kind: pa.DataType) -> "pd.Series[Any]":
    return pd.Series(pd.arrays.ArrowExtensionArray(pa.array(values, kind)))


def values_of(frame: pd.DataFrame) -> list[Any]:
    return [None if pd.isna(value) else value for value in frame["converted"]]


# what PyArrow before 18 casts to no other kind
VIEWS = [pa.string_view()] if int(pa.__version__.split(".")[0]) >= 18 else []
TEXT_KINDS = [
    "str",
    "string",
    "string[python]",
    "category",
    object,
    pd.ArrowDtype(pa.string()),
    pd.ArrowDtype(pa.large_string()),
    *(pd.ArrowDtype(kind) for kind in VIEWS),
    pd.ArrowDtype(pa.dictionary(pa.int8(), pa.string())),
]


@pytest.mark.parametrize("kind", TEXT_KINDS, ids=str)
def test_codes_and_dates_in_any_kind_of_text(convert, kind):
    """Text is text: of Python, of pandas or of Arrow, with a null in it."""
    codes = three(currency=pd.Series(["USD", None, "eur"], dtype=kind))
    assert values_of(convert(codes)) == [USD, None, EUR]
    dates = three(date=pd.Series([DAY, None, "06.12.2025"], dtype=kind))
    assert values_of(convert(dates)) == [USD, None, USD_NEXT]


def test_a_categorical_may_have_what_no_row_has(convert):
    """Unused categories are not looked at, and two spellings of a code are one currency."""
    codes = pd.Categorical(["usd", None, "USD"], categories=["EUR", "USD", "no code", 5, "usd"])
    assert values_of(convert(three(currency=codes))) == [USD, None, USD]
    dates = pd.Categorical([DAY, None, DAY], categories=["n/a", DAY])
    assert values_of(convert(three(date=dates))) == [USD, None, USD]


def test_a_categorical_of_dates(convert):
    """Categories may be dates."""
    dates = pd.Categorical([dt.date(2025, 12, 5), None, dt.date(2025, 12, 6)])
    assert values_of(convert(three(date=dates))) == [USD, None, USD_NEXT]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_timestamps_of_every_unit(convert, unit):
    """A naive timestamp is of its own date, an aware one of its date in Almaty."""
    naive = pd.Series(pd.to_datetime(["2025-12-05 23:59:59", None, "2025-12-06 00:00:00"]))
    frame = three(date=naive.astype(f"datetime64[{unit}]"))
    assert values_of(convert(frame)) == [USD, None, USD_NEXT]
    instants = pd.to_datetime(["2025-12-04 18:59:59Z", None, "2025-12-04 19:00:00Z"], utc=True)
    frame = three(date=pd.Series(instants).astype(f"datetime64[{unit}, America/New_York]"))
    assert values_of(convert(frame)) == [USD_BEFORE, None, USD]


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2024-02-28T18:00:00Z", "2024-02-29"),  # UTC+6
        ("2024-02-29T17:59:59Z", "2024-02-29"),
        ("2024-02-29T18:00:00Z", "2024-02-29"),  # that midnight clocks were put back to 23:00
        ("2024-02-29T18:59:59Z", "2024-02-29"),
        ("2024-02-29T19:00:00Z", "2024-03-01"),
        ("2025-12-05T18:59:59.999999Z", "2025-12-05"),
        ("2025-12-05T19:00:00Z", "2025-12-06"),
        ("2020-03-05T17:59:59.999999Z", "2020-03-05"),
        ("2020-03-05T18:00:00Z", "2020-03-06"),
    ],
)
def test_an_instant_is_taken_to_its_date_in_almaty(convert, bank, instant, day):
    """As a zoned column, and as an object, around the change of Almaty's clocks."""
    expected = [float(bank.rate("USD", "KZT", day))]
    for dates in (
        pd.Series([pd.Timestamp(instant)]),
        pd.Series([pd.Timestamp(instant)], dtype="O"),
    ):
        frame = pd.DataFrame({"amount": [1.0], "date": dates})
        assert values_of(convert(frame, currency="USD")) == expected


def test_dates_among_objects(convert):
    """Dates, datetimes naive and aware, text and nulls may stand in one column."""
    aware = dt.datetime(2025, 12, 4, 19, 30, tzinfo=UTC)
    found = [dt.date(2025, 12, 5), at("2025-12-05T23:00"), aware, pd.Timestamp(DAY), DAY]
    dates = pd.Series([*found, np.datetime64(DAY), None, pd.NaT, pd.NA, np.nan], dtype=object)
    frame = pd.DataFrame({"amount": [1.0] * len(dates), "date": dates})
    assert values_of(convert(frame, currency="USD")) == [USD] * 6 + [None] * 4


def test_equal_datetimes_that_are_two_instants(tmp_path, figures):
    """Python calls the two 01:30 of Krasnoyarsk equal; in Almaty midnight is between them."""
    day, following = "2014-10-25", "2014-10-26"
    with kzt_rates.testing.StandInBank(
        {day: {"USD": "181"}, following: {"USD": "182"}}, archive_start="2014-01-01"
    ) as bank:
        first = dt.datetime(2014, 10, 26, 1, 30, tzinfo=ZoneInfo("Asia/Krasnoyarsk"))
        both = pd.Series([first, first.replace(fold=1)], dtype=object)
        frame = pd.DataFrame({"amount": [1.0, 1.0], "date": both})
        cache = str(tmp_path / "krasnoyarsk.sqlite")
        with kzt_rates.Client(bank.url, cache, archive=False, offline=False) as client:
            result = kzt_rates.frames.convert(frame, currency="USD", client=client)
    assert values_of(result) == [181.0, 182.0]


WHOLE = [f"{family}{bits}" for family in ("int", "uint") for bits in (8, 16, 32, 64)]


@pytest.mark.parametrize("kind", [*WHOLE, "float16", "float32", "float64"])
def test_numbers_of_numpy_give_float64(convert, kind):
    """Whole numbers and floats of any size, with and without places."""
    frame = three(amount=np.array([1, 2, 100], kind))
    for options in ({}, {"places": 2}):
        found = convert(frame, **options)["converted"]
        assert found.dtype == np.float64
        assert found.tolist() == [499.65, 999.3, 49965.0]


@pytest.mark.parametrize("kind", ["Int8", "UInt64", "Int64", "Float32", "Float64"])
def test_nullable_numbers_give_nullable_float64(convert, kind):
    """`pd.NA` stays `pd.NA`."""
    found = convert(three(amount=pd.array([1, None, 2], dtype=kind)))["converted"]
    assert_series_equal(found, pd.Series([USD, None, 999.3], dtype="Float64", name="converted"))


@pytest.mark.parametrize(
    "kind", [pa.float64(), pa.float32(), pa.float16(), pa.int64(), pa.uint8(), pa.null()], ids=str
)
def test_arrow_numbers_give_arrow_doubles(convert, kind):
    """The result has the kind of the amounts: Arrow's."""
    given = [None] * 3 if kind == pa.null() else [1, None, 2]
    if kind == pa.float16():
        given = [np.float16(1), None, np.float16(2)]
    found = convert(three(amount=arrow(given, kind)))["converted"]
    assert found.dtype == pd.ArrowDtype(pa.float64())
    assert [value if value is not pd.NA else None for value in found] == (
        [None] * 3 if kind == pa.null() else [USD, None, 999.3]
    )


def test_arrow_decimals_give_arrow_decimals(convert):
    """Exact, of 18 decimals or of `places`."""
    frame = three(amount=arrow([Decimal("1.10"), None, Decimal("-0.01")], pa.decimal128(9, 2)))
    found = convert(frame)["converted"]
    assert found.dtype == pd.ArrowDtype(pa.decimal128(38, 18))
    assert values_of(convert(frame)) == [Decimal("549.615"), None, Decimal("-4.9965")]
    places = convert(frame, places=2)["converted"]
    assert places.dtype == pd.ArrowDtype(pa.decimal128(38, 2))
    assert values_of(convert(frame, places=2)) == [Decimal("549.62"), None, Decimal("-5.00")]


@pytest.mark.parametrize(
    "dates",
    [
        arrow([dt.date(2025, 12, 5), None, dt.date(2025, 12, 6)], pa.date32()),
        arrow([dt.date(2025, 12, 5), None, dt.date(2025, 12, 6)], pa.date64()),
        arrow([at("2025-12-05T23:00"), None, at("2025-12-06")], pa.timestamp("ms")),
        arrow(
            [at("2025-12-04T19:00"), None, at("2025-12-05T19:00")],
            pa.timestamp("ns", "UTC"),
        ),
    ],
    ids=lambda dates: str(dates.dtype),
)
def test_dates_of_arrow_in_pandas(convert, dates):
    """Dates and timestamps of Arrow, plain and zoned."""
    assert values_of(convert(three(date=dates))) == [USD, None, USD_NEXT]


def test_every_column_of_arrow(convert):
    """A frame wholly of Arrow stays one."""
    frame = three(amount=[1, 2, 3]).convert_dtypes(dtype_backend="pyarrow")
    assert all(isinstance(kind, pd.ArrowDtype) for kind in convert(frame).dtypes)


def test_objects_are_converted_as_the_library_converts_them(convert, archive):
    """Decimals, whole numbers and floats of Python and numpy give `Decimal`; nulls give `None`."""
    amounts = [Decimal("1.10"), 7, 0.1, np.int64(5), np.float64(2.5), -(10**20)]
    nulls = [None, np.nan, pd.NA, pd.NaT, Decimal("NaN")]
    frame = pd.DataFrame({"amount": pd.Series([*amounts, *nulls], dtype=object)})
    for options in ({}, {"places": 2}, {"to": "EUR"}, {"to": "EUR", "places": 3}):
        found = convert(frame, currency="USD", date=DAY, **options)["converted"]
        scalar = {"quote" if name == "to" else name: of for name, of in options.items()}
        expected = [archive.convert(amount, "USD", on=DAY, **scalar) for amount in amounts]
        assert found.dtype == object
        assert found.tolist() == [*expected, *[None] * len(nulls)]
        assert [str(one) for one in found[: len(amounts)]] == list(map(str, expected))


@pytest.mark.parametrize("column", ["currency", "date"])
def test_objects_beside_a_null_are_null(convert, column):
    """A `Decimal` without a currency or a date is not converted by that of another row."""
    amounts = pd.Series([Decimal(1), Decimal(2), Decimal(3)], dtype=object)
    frame = three(amount=amounts)
    frame.loc[1, column] = None
    for places in (None, 2):
        found = convert(frame, places=places)["converted"].tolist()
        assert found == [Decimal("499.65"), None, Decimal("1498.95")]


@pytest.mark.parametrize("amount", [True, object(), [1]], ids=["bool", "object", "list"])
def test_what_is_no_number_among_objects(convert, amount):
    """A `bool` or anything else is no amount."""
    amounts = pd.Series([Decimal(1), amount, 2], dtype=object)
    with pytest.raises(TypeError, match="an amount is a"):
        convert(three(amount=amounts))


@pytest.mark.parametrize("amount", [Decimal("Infinity"), float("inf")], ids=repr)
def test_infinite_objects(convert, amount):
    """No `Decimal` of money is infinite."""
    with pytest.raises(ValueError, match="finite number"):
        convert(three(amount=pd.Series([Decimal(1), amount, 2], dtype=object)))


WRONG_AMOUNTS = {
    "bool": [True, False, True],
    "nullable bool": pd.array([True, None, False], dtype="boolean"),
    "sparse bool": pd.arrays.SparseArray([True, False, True]),
    "arrow bool": arrow([True, None, False], pa.bool_()),
    "complex": [1 + 5j, 2, 3],
    "dates": pd.to_datetime([DAY] * 3),
    "spans": pd.to_timedelta([1, 2, 3]),
    "categories": pd.Categorical([1, 2, 3]),
}


@pytest.mark.parametrize("amounts", WRONG_AMOUNTS.values(), ids=WRONG_AMOUNTS)
def test_columns_that_are_no_amounts(convert, amounts):
    """Only numbers and text are amounts; no part of one is dropped on the way."""
    frame = three(amount=amounts)
    with pytest.raises(TypeError, match="column of amounts has numbers"):
        convert(frame)


@pytest.mark.parametrize(
    ("column", "values", "error", "words"),
    [
        ("currency", [1.0, 2.0, 3.0], TypeError, "codes is text"),
        ("currency", [True] * 3, TypeError, "codes is text"),
        ("currency", pd.Series(["USD", 5, None], dtype=object), TypeError, "code is text.*5"),
        ("currency", pd.to_datetime([DAY] * 3), TypeError, "code is text"),
        ("date", [20251205] * 3, TypeError, "dates has dates"),
        ("date", pd.Series([20251205, DAY, DAY], dtype=object), TypeError, "not int"),
        ("date", pd.period_range(DAY, periods=3), TypeError, "not period"),
        ("date", [DAY, DAY, "20251205"], ValueError, "20251205"),
        ("date", [DAY, DAY, "2025-12-05T00:00"], ValueError, "2025-12-05T00:00"),
        ("date", [DAY, DAY, "2025-02-30"], ValueError, "2025-02-30"),
    ],
)
def test_columns_that_are_not_of_their_kind(convert, column, values, error, words):
    """Nothing is guessed about codes and dates, whatever `missing` says."""
    for missing in ("raise", "null", "previous"):
        with pytest.raises(error, match=words):
            convert(three(**{column: values}), missing=missing)


def test_a_text_that_is_no_date_is_named_by_its_row(convert):
    """Among millions one would not find it."""
    frame = pd.DataFrame({"amount": 1.0, "currency": "USD", "date": ["2025-12-05", None, "n/a"]})
    with pytest.raises(ValueError, match=r"^row 2 \(index 2\): a date is written"):
        convert(frame)
