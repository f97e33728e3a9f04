"""DuckDB relations converted by a join: every type against fractions of the bank's figures."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import duckdb
import pyarrow as pa
import pytest

from kzt_rates.frames.engines.duckdb import convert

DAY = "DATE '2025-12-05'"


@pytest.fixture
def connection():
    with duckdb.connect() as opened:
        yield opened


def relation(connection, rows, sql: str):
    """Rows in a table of DuckDB's, as a projection of it."""
    given = pa.table(
        {
            "n": pa.array([row["n"] for row in rows], pa.int64()),
            "cents": pa.array([row["cents"] for row in rows], pa.int64()),
            "currency": pa.array([row["currency"] for row in rows], pa.string()),
            "date": pa.array([row["date"] for row in rows], pa.date32()),
            "to": pa.array([row["to"] for row in rows], pa.string()),
        }
    )
    connection.register("given", given)
    connection.execute("CREATE OR REPLACE TABLE given_rows AS SELECT * FROM given")
    connection.unregister("given")
    return connection.sql(f'SELECT {sql} AS amount, n, currency, date, "to" FROM given_rows')


KINDS = {
    "DOUBLE": ("CAST(cents AS DOUBLE) / 100", 100),
    "FLOAT": ("CAST(CAST(cents % 1000000 AS DOUBLE) / 100 AS FLOAT)", 100),
    "DECIMAL(18,2)": ("CAST(CAST(cents AS DECIMAL(18,0)) * 0.01 AS DECIMAL(18,2))", 100),
    "DECIMAL(9,4)": (
        "CAST(CAST(cents % 10000000 AS DECIMAL(9,0)) * 0.0001 AS DECIMAL(9,4))",
        10**4,
    ),
    "DECIMAL(38,18)": ("CAST(CAST(cents AS DECIMAL(18,0)) * 0.00001 AS DECIMAL(38,18))", 10**5),
    "DECIMAL(38,25)": ("CAST(CAST(cents AS DECIMAL(18,0)) * 0.0000001 AS DECIMAL(38,25))", 10**7),
    "BIGINT": ("cents", 1),
    "INTEGER": ("CAST(cents AS INTEGER)", 1),
    "HUGEINT": ("CAST(cents AS HUGEINT)", 1),
    "SMALLINT": ("CAST(cents % 30000 AS SMALLINT)", 1),
}


def amount_of(kind: str, cents: int) -> Fraction:
    """What the SQL of a kind makes of cents, by hand: DuckDB's % has the sign of the dividend."""
    limit = {"FLOAT": 10**6, "DECIMAL(9,4)": 10**7, "SMALLINT": 30_000}.get(kind, 10**9)
    kept = abs(cents) % limit * (1 if cents > 0 else -1)
    return Fraction(kept, KINDS[kind][1])


@pytest.mark.parametrize("places", [None, 0, 2, 6])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("to", ["KZT", "EUR", "to"])
def test_random_rows(connection, rates, check, kind, places, to):
    """Every type of amount comes out right to tenge, to one currency and to a column of them."""
    rows = rates.rows(1500, seed=places or 0)
    frame = relation(connection, rows, KINDS[kind][0])
    table = rates.table(None if to == "to" else to)
    request = rates.request(frame.columns, to=to, places=places, missing="null")
    found = convert(frame, request, table)
    assert found.columns == [*frame.columns, "converted"]
    assert found.types[:-1] == frame.types
    exact_type = f"DECIMAL(38,{18 if places is None else places})"
    assert str(found.types[-1]) == (exact_type if "DEC" in kind else "DOUBLE")
    results = found.fetchall()
    assert [row[1] for row in results] == [row["n"] for row in rows]
    converted = 0
    for row, (*_, result) in zip(rows, results, strict=True):
        quote = row["to"] if to == "to" else to
        given = (row["cents"], row["currency"], row["date"], quote)
        if None in given:
            assert result is None
            continue
        ratio = rates.ratio(row["currency"], row["date"], quote)
        check(result, amount_of(kind, row["cents"]), ratio, places)
        converted += ratio is not None
    assert converted > 400


def one(connection, rates, amount: str, *, code="'USD'", day=DAY, given=(), **request):
    """The result of one row."""
    frame = connection.sql(f"SELECT {amount} AS amount, {code} AS currency, {day} AS date")
    table = rates.table(None if request.get("to") == "currency" else "KZT")
    return convert(frame, rates.request(frame.columns, **request), table).fetchall()[0][-1]


def ties(rates):
    """Amounts of USD that come to half a tiyn: their product ends in …5 at the third decimal."""
    rate = rates.ratio("USD", date(2025, 12, 5))
    assert rate == Fraction("499.65")
    return [cents for cents in range(1, 4000) if (rate * cents) % 1 == Fraction(1, 2)]


@pytest.mark.parametrize("kind", ["DOUBLE", "DECIMAL(18,2)", "DECIMAL(38,18)"])
def test_ties_go_away_from_zero(connection, rates, kind):
    """Half a tiyn is rounded away from zero in both signs, for floats and decimals alike."""
    found = ties(rates)
    assert len(found) >= 30
    texts = [f"{sign}{cents // 100}.{cents % 100:02}" for cents in found for sign in ("", "-")]
    frame = connection.sql(
        f"SELECT CAST(unnest({texts}) AS {kind}) AS amount, 'USD' AS currency, {DAY} AS date"
    )
    converted = convert(frame, rates.request(frame.columns, places=2), rates.table())
    for text, row in zip(texts, converted.fetchall(), strict=True):
        product = Decimal(text) * Decimal("499.65")
        assert Decimal(str(row[-1])) == product.quantize(Decimal("0.01"), ROUND_HALF_UP)
        assert abs(Decimal(str(row[-1])) - product) == Decimal("0.005")


@pytest.mark.parametrize(
    ("amount", "places", "expected"),
    [
        ("0.285", 2, 0.29),  # in binary it is less
        ("-0.285", 2, -0.29),
        ("1.005", 2, 1.01),
        ("2.5", 0, 3.0),
        ("0.1234567890125", 12, 0.123456789013),
        ("0.5e-3", 3, 0.001),
        ("0.00005", 4, 0.0001),
        ("5e-7", 6, 0.000001),
        ("1e16", 2, 1e16),
        ("1.5e22", 2, 1.5e22),
        ("9007199254740993.0", 0, 9007199254740992.0),
        ("1e-320", 2, 0.0),
        ("0.0", 2, 0.0),
    ],
)
def test_floats_are_their_shortest_decimals(connection, rates, amount, places, expected):
    """A float amount is the decimal it is written as, of any size or smallness."""
    amount = f"CAST('{amount}' AS DOUBLE)"
    assert one(connection, rates, amount, code="'KZT'", places=places) == expected


def test_float_of_32_bits_is_the_number_it_prints_as(connection, rates):
    """0.1 of 32 bits is a tenth and not 0.10000000149."""
    assert one(connection, rates, "CAST(0.1 AS FLOAT)", code="'KZT'") == 0.1


@pytest.mark.parametrize("places", [None, 2])
def test_not_numbers_are_refused(connection, rates, places):
    """NaN is no null here, and no amount; nor is infinity, with places and without."""
    for amount in ("inf", "-inf", "nan"):
        for kind in ("DOUBLE", "FLOAT"):
            with pytest.raises(duckdb.Error, match=f"an amount is a finite number, not {amount}"):
                one(connection, rates, f"CAST('{amount}' AS {kind})", places=places)


def test_overflow_is_an_error(connection, rates):
    """A result that has no room is an error, never a wrong number or a null."""
    largest = "CAST('99999999999999999999' AS DECIMAL(38,18))"
    with pytest.raises(duckdb.Error):
        one(connection, rates, largest)
    with pytest.raises(duckdb.Error):
        one(connection, rates, "CAST('99999999999999999999999999999999999999' AS DECIMAL(38,0))")
    with pytest.raises(duckdb.Error, match="too large to be rounded"):
        one(connection, rates, "CAST('1e300' AS DOUBLE)", places=2)
    with pytest.raises(duckdb.Error, match="cast amounts to DECIMAL"):
        one(connection, rates, "9007199254740993")
    assert one(connection, rates, largest, code="'KZT'") == Decimal(99999999999999999999)


@pytest.mark.parametrize(
    ("amount", "expected"),
    [("5", "0"), ("15", "2"), ("25", "2"), ("-15", "-2"), ("26", "3"), ("-14", "-1")],
)
def test_decimals_of_more_than_18_places_go_to_even(connection, rates, amount, expected):
    """Without places, half of the 18th decimal is rounded to the even neighbour."""
    units = f"CAST('{amount}e-19' AS DECIMAL(38,19))"
    assert one(connection, rates, units, code="'KZT'") == Decimal(f"{expected}e-18")


def test_long_decimals_have_room(connection, rates):
    """Twenty digits before the point and a cross rate of ten have room, and come out exact."""
    amount = "99999999999999999999.999999999999999999"
    frame = connection.sql(
        f"SELECT CAST('{amount}' AS DECIMAL(38,18)) AS amount, 'USD' AS currency, {DAY} AS date,"
        " 'EUR' AS q"
    )
    exact = Fraction(amount) * rates.ratio("USD", date(2025, 12, 5), "EUR")
    request = rates.request(frame.columns, to="q")
    found = convert(frame, request, rates.table(None)).fetchall()[0][-1]
    assert abs(Fraction(found) - exact) <= Fraction(1, 2 * 10**18)


def test_whole_numbers_are_exact_with_places(connection, rates):
    """A whole number beyond 2**53 is multiplied as it is: the nearest float of the product."""
    amount = 9007199254740993
    expected = float(amount * Fraction("499.65"))
    assert one(connection, rates, str(amount), places=2) == expected


def test_same_currency_on_any_day(connection, rates):
    """An amount in the currency it is in already is itself, on days without any rate too."""
    long_ago = "DATE '1901-01-01'"
    assert one(connection, rates, "7.125", code="'kzt'", day=long_ago) == Decimal("7.125")
    same = one(connection, rates, "7.125", code="'usd'", day=long_ago, to="currency", places=2)
    assert same == Decimal("7.13")
    with pytest.raises(duckdb.Error, match="no official rate of XXX for 1901-01-01"):
        one(connection, rates, "7.125", code="'XXX'", day=long_ago, to="currency")


@pytest.mark.parametrize("code", ["XXX", "US", "USD ", "uſd", "", "US$", "ＵＳＤ"])
def test_unknown_codes(connection, rates, code):
    """What is no code has no rate: it is not trimmed, and capitals are those of ASCII."""
    assert one(connection, rates, "1.5", code=f"'{code}'", missing="null") is None
    with pytest.raises(duckdb.Error, match="no official rate of"):
        one(connection, rates, "1.5", code=f"'{code}'")


def test_missing_is_named(connection, rates):
    """The error names code, day, what the store knows and what to do."""
    with pytest.raises(duckdb.Error) as error:
        one(connection, rates, "1.5", day="DATE '1999-01-01'")
    known = f"{rates.days[0]} to {rates.days[-1]}"
    assert (
        f"no official rate of USD for 1999-01-01 in what the store knows ({known}):"
        " sync it first, or use missing='null'"
    ) in str(error.value)


@pytest.mark.parametrize("null", ["amount", "currency", "date", "to"])
def test_nulls_do_not_raise(connection, rates, null):
    """A row with a null gives null, although it has no rate."""
    values = {"amount": "1.5", "currency": "'XXX'", "date": "DATE '1901-01-01'", "to": "'YYY'"}
    values[null] = f"CAST(NULL AS {'DOUBLE' if null == 'amount' else 'VARCHAR'})"
    if null == "date":
        values[null] = "CAST(NULL AS DATE)"
    sql = ", ".join(f'{value} AS "{name}"' for name, value in values.items())
    frame = connection.sql(f"SELECT {sql}")
    converted = convert(frame, rates.request(frame.columns, to="to"), rates.table(None))
    assert converted.fetchall()[0][-1] is None


def test_a_missing_quote_is_named(connection, rates):
    """With a column to convert to, it is the lacking one of both codes that is named."""
    frame = connection.sql(f"SELECT 1.5 AS amount, 'USD' AS currency, {DAY} AS date, 'XXX' AS q")
    with pytest.raises(duckdb.Error, match="no official rate of XXX for 2025-12-05"):
        convert(frame, rates.request(frame.columns, to="q"), rates.table(None)).fetchall()


def test_the_result_is_not_optimised_away(connection, rates):
    """A missing rate fails in aggregates, filters and sorts of the column too."""
    frame = connection.sql(
        "SELECT 1.5 AS amount, 'USD' AS currency, DATE '2025-12-05' - CAST(i AS INTEGER) * 20000"
        " AS date FROM range(2) t(i)"
    )
    converted = convert(frame, rates.request(frame.columns), rates.table())
    for query in (
        converted.aggregate("sum(converted)"),
        converted.filter("converted > 0"),
        converted.order("converted"),
        converted.project("converted"),
    ):
        with pytest.raises(duckdb.Error, match="no official rate of USD for 1971-03-04"):
            query.fetchall()


def test_values_for_all_rows(connection, rates):
    """One code, one day and one target may stand for all rows, in every combination."""
    frame = connection.sql(f"SELECT 2.0::DOUBLE AS amount, 'USD' AS c, {DAY} AS d, 'EUR' AS q")
    exact = 2 * rates.ratio("USD", date(2025, 12, 5), "EUR")
    for currency in ("c", "usd"):
        for day in ("d", "05.12.2025"):
            for to in ("q", "EUR"):
                request = rates.request(frame.columns, currency=currency, day=day, to=to)
                table = rates.table(None if to == "q" else "EUR")
                result = convert(frame, request, table).fetchall()[0][-1]
                assert result == pytest.approx(float(exact), rel=3e-16)


def test_codes_of_an_enum(connection, rates):
    """Codes may be an ENUM."""
    code = "CAST('usd' AS ENUM('usd', 'eur'))"
    assert one(connection, rates, "2.0::DOUBLE", code=code) == 999.3
