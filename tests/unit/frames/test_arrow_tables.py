"""Tables of PyArrow: chunks, slices, dictionaries, what lies under nulls, and every decimal."""

import datetime as dt
import decimal
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

DAY = dt.date(2025, 12, 5)
USD, USD_NEXT, EUR, CNY, RUB = 499.65, 504.49, 582.89, 70.66, 6.47
# what PyArrow before 18 casts to no other kind
VIEWS = [pa.string_view()] if int(pa.__version__.split(".")[0]) >= 18 else []
FAR = np.array([2**62, -(2**62), 2**31 - 1])


def table_of(**columns: Any) -> pa.Table:
    usual = {"amount": [1.0] * 3, "currency": ["USD"] * 3, "date": [DAY] * 3}
    return pa.table({**usual, **columns})


def values_of(table: pa.Table) -> list[Any]:
    found: list[Any] = table["converted"].to_pylist()
    return found


def with_garbage(values: np.ndarray[Any, Any], kind: pa.DataType) -> pa.Array:
    """Return values of which the second is null; what lies under it is still there."""
    valid = pa.py_buffer(bytes([0b101]))
    return pa.Array.from_buffers(kind, 3, [valid, pa.py_buffer(values.tobytes())])


def test_dictionaries_that_differ_by_chunk(convert):
    """A number means another code in each chunk; a null may be in the indices or the values."""
    first = pa.DictionaryArray.from_arrays(pa.array([0, 1], pa.int8()), ["USD", "EUR"])
    other = pa.DictionaryArray.from_arrays(pa.array([1, None, 0], pa.int8()), ["CNY", "RUB"])
    third = pa.DictionaryArray.from_arrays(pa.array([1, 0], pa.int8()), ["USD", None])
    codes = pa.chunked_array([first, other, third, first.slice(1)])
    table = pa.table({"amount": [1.0] * 8, "currency": codes})
    expected = [USD, EUR, RUB, None, CNY, None, USD, EUR]
    assert values_of(convert(table, date=DAY)) == expected
    for start in range(8):
        assert values_of(convert(table.slice(start, 3), date=DAY)) == expected[start : start + 3]


@pytest.mark.parametrize("index", [pa.int8(), pa.uint8(), pa.int32(), pa.uint32(), pa.int64()])
@pytest.mark.parametrize("text", [pa.string(), pa.large_string()])
def test_dictionaries_of_any_index(convert, index, text):
    """Codes and dates by number, whatever the numbers are."""
    kind = pa.dictionary(index, text)
    codes = pa.array(["USD", None, "eur"], text).dictionary_encode().cast(kind)
    assert values_of(convert(table_of(currency=codes))) == [USD, None, EUR]
    dates = pa.array(["2025-12-05", None, "06.12.2025"], text).dictionary_encode().cast(kind)
    assert values_of(convert(table_of(date=dates))) == [USD, None, USD_NEXT]


def test_a_dictionary_may_have_what_no_row_has(convert):
    """Values of a dictionary that are in no row are not looked at."""
    codes = pa.DictionaryArray.from_arrays(pa.array([2, 2, 0]), ["EUR", "no code", "USD"])
    assert values_of(convert(table_of(currency=codes))) == [USD, USD, EUR]
    dates = pa.DictionaryArray.from_arrays(pa.array([1, 1, 1]), ["n/a", "2025-12-05"])
    assert values_of(convert(table_of(date=dates))) == [USD] * 3


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), *VIEWS], ids=str)
def test_text(convert, kind):
    """Text in each of Arrow's layouts."""
    codes = table_of(currency=pa.array(["USD", None, "eur"], kind))
    assert values_of(convert(codes)) == [USD, None, EUR]
    dates = table_of(date=pa.array(["2025-12-05", None, "06.12.2025"], kind))
    assert values_of(convert(dates)) == [USD, None, USD_NEXT]


def test_garbage_under_nulls(convert):
    """What lies under a null is no amount, no code and no date."""
    ones = np.array([1.0, np.nan, 2.0])
    for under in (np.nan, np.inf, 1e308, 5e-324):
        ones[1] = under
        floats = with_garbage(ones, pa.float64())
        for places in (None, 2):
            assert values_of(convert(table_of(amount=floats), places=places)) == [USD, None, 999.3]
    whole = with_garbage(np.array([1, 2**63 - 1, 2]), pa.int64())
    for places in (None, 2, 6):
        assert values_of(convert(table_of(amount=whole), places=places)) == [USD, None, 999.3]
    for under in (-1, 99, 2**31 - 1):
        indices = with_garbage(np.array([0, under, 1], np.int32), pa.int32())
        codes = pa.DictionaryArray.from_arrays(indices, ["USD", "EUR"], safe=False)
        assert values_of(convert(table_of(currency=codes))) == [USD, None, EUR]


@pytest.mark.parametrize(
    ("kind", "day"),
    [
        (pa.date32(), 20427),
        (pa.date64(), 20427 * 86_400_000),
        (pa.timestamp("s"), 20427 * 86_400),
        (pa.timestamp("ns"), 20427 * 86_400 * 10**9),
        (pa.timestamp("s", "UTC"), 20427 * 86_400),
        (pa.timestamp("us", "Asia/Almaty"), 20427 * 86_400 * 10**6),
    ],
    ids=str,
)
def test_garbage_under_null_dates(convert, kind, day):
    """20427 days after 1970-01-01 is 2025-12-05; what lies under the null is no date at all."""
    width = np.int32 if kind == pa.date32() else np.int64
    for under in (np.iinfo(width).max, np.iinfo(width).min, 0):
        dates = with_garbage(np.array([day, under, day], width), kind)
        assert values_of(convert(table_of(date=dates))) == [USD, None, USD]


@pytest.mark.parametrize(
    "kind",
    ["decimal32(9, 2)", "decimal64(18, 2)", "decimal128(38, 2)", "decimal256(76, 2)"],
)
def test_decimals_of_every_width(convert, kind, in_caller_s_context):
    """Exact, whatever the caller's own decimal context is; nulls, slices and no rows."""
    name, digits = kind.split("(")
    if not hasattr(pa, name):
        pytest.skip("PyArrow has these from 19 on")
    width = getattr(pa, name)(int(digits.split(",")[0]), 2)
    amounts = pa.array([Decimal("1.10"), None, Decimal("-1234567.89")], width)
    table = table_of(amount=amounts)
    expected = [Decimal("549.615"), None, Decimal("-616851846.2385")]
    assert values_of(convert(table)) == expected
    assert convert(table)["converted"].type == pa.decimal128(38, 18)
    rounded = [Decimal("549.62"), None, Decimal("-616851846.24")]
    assert values_of(convert(table, places=2)) == rounded
    assert convert(table, places=2)["converted"].type == pa.decimal128(38, 2)
    assert values_of(convert(table.slice(2), places=2)) == rounded[2:]
    empty = convert(table.slice(3))
    assert empty["converted"].type == pa.decimal128(38, 18)
    assert empty.num_rows == 0


def test_long_decimals(convert):
    """Amounts of more digits than 64 bits or Python's usual context hold keep each of them."""
    texts = ["12345678901234567890123456789.12", "-99999999999999999999.99", "0.01"]
    for kind in (pa.decimal128(38, 2), pa.decimal256(50, 2)):
        table = table_of(amount=pa.array([Decimal(text) for text in texts], kind))
        with decimal.localcontext(prec=60):
            expected = [Decimal(text) * Decimal("499.65") for text in texts]
        assert values_of(convert(table, places=4)) == expected
        assert values_of(convert(table, places=2, to="USD")) == [Decimal(text) for text in texts]


def test_results_without_room(convert):
    """A result of more than 38 digits is an error that says what helps."""
    for kind in (pa.decimal128(38, 2), pa.decimal256(60, 2)):
        table = table_of(amount=pa.array([Decimal(10) ** 20, None, Decimal(1)], kind))
        with pytest.raises(ValueError, match=r"more than 38 digits, 18 of them decimals.*places="):
            convert(table)
        assert values_of(convert(table, places=2))[0] == Decimal("499.65") * 10**20
    table = table_of(amount=pa.array([Decimal(10) ** 35] * 3, pa.decimal128(38, 2)))
    with pytest.raises(ValueError, match="more than 38 digits, 2 of them decimals"):
        convert(table, places=2)


def test_tables_without_rows_or_chunks(convert):
    """Nothing in, nothing out, of the kind that something would have given."""
    kinds = {
        "amount": [pa.float64(), pa.int8(), pa.decimal128(9, 2), pa.decimal256(50, 2), pa.null()],
        "currency": [pa.string(), pa.dictionary(pa.int8(), pa.string()), pa.null()],
        "date": [pa.date32(), pa.timestamp("ns", "UTC"), *VIEWS, pa.null()],
    }
    for column, choices in kinds.items():
        for kind in choices:
            schema = pa.schema(table_of().schema)
            schema = schema.set(schema.get_field_index(column), pa.field(column, kind))
            for chunks in ([], None):
                table = schema.empty_table()
                if chunks is not None:
                    table = pa.table([pa.chunked_array([], field.type) for field in schema], schema)
                result = convert(table, places=2)
                assert result.num_rows == 0
                is_decimal = pa.types.is_decimal(schema.field("amount").type)
                expected = pa.decimal128(38, 2) if is_decimal else pa.float64()
                assert result["converted"].type == expected


def test_columns_of_nulls(convert):
    """Columns of the null type stand for nulls."""
    for column in ("amount", "currency", "date", "to"):
        table = table_of(to=["EUR"] * 3)
        table = table.set_column(table.column_names.index(column), column, pa.nulls(3))
        assert values_of(convert(table, to="to")) == [None] * 3


def test_nothing_else_changes(convert):
    """Other columns are the very same memory, and what the schema says of them stays."""
    fields = pa.schema(table_of().schema, {"origin": "a ledger"})
    table = table_of().cast(fields)
    result = convert(table, into="tenge")
    assert result.drop_columns("tenge").schema.equals(fields, check_metadata=True)
    assert result.column_names == ["amount", "currency", "date", "tenge"]
    for name in table.column_names:
        given, kept = table[name].chunk(0).buffers(), result[name].chunk(0).buffers()
        assert [one and one.address for one in given] == [one and one.address for one in kept]


def test_two_columns_of_one_name(convert):
    """Which is meant cannot be known."""
    table = table_of(note=[1, 2, 3]).append_column("note", pa.array([4, 5, 6]))
    with pytest.raises(ValueError, match="there are several columns 'note': rename them"):
        convert(table)


@pytest.mark.parametrize(
    "kind", [pa.bool_(), pa.binary(), pa.date32(), pa.duration("s"), pa.list_(pa.int8())], ids=str
)
def test_what_is_no_amount(convert, kind):
    """Only numbers and text are amounts, nulls of another type too."""
    with pytest.raises(TypeError, match="column of amounts has numbers"):
        convert(table_of(amount=pa.nulls(3, kind)))


@pytest.mark.parametrize("kind", [pa.int64(), pa.time32("s"), pa.float64(), pa.bool_()], ids=str)
def test_what_is_no_date_and_no_code(convert, kind):
    """Nothing is guessed from numbers."""
    with pytest.raises(TypeError, match="dates has dates"):
        convert(table_of(date=pa.nulls(3, kind)))
    with pytest.raises(TypeError, match=r"(codes is text|of currency codes)"):
        convert(table_of(currency=pa.nulls(3, kind)))


@pytest.mark.parametrize("sign", [1, -1])
def test_a_day_that_32_bits_do_not_hold_has_no_rate(convert, sign):
    """2**32 days before or after 2025-12-05 is not that day."""
    ticks = pa.array([(20427 + sign * 2**32) * 86_400], pa.int64())
    table = pa.table({"amount": [1.0], "date": ticks.view(pa.timestamp("s"))})
    assert convert(table, currency="USD", missing="null")["converted"].to_pylist() == [None]
