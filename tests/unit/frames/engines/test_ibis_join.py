"""Ibis expressions on DuckDB, Polars and SQLite against fractions of the bank's figures."""

import gc
import re
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction

import ibis
import pyarrow as pa
import pytest

from kzt_rates.frames.engines.ibis import convert

DAY = date(2025, 12, 5)
NO_RATE = "no official rate of {} for {} in what the store knows"
# Ibis 12 calls a method of DuckDB 2 that is to go, and sets an option of pandas 3 that is too.
pytestmark = [
    pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:The 'future.infer_string' option"),
]


def table_on(backend: str, rows: pa.Table, name: str = "given"):
    """A table of a backend; Ibis 12 cannot create one of Arrow in DuckDB 2."""
    if backend == "polars":
        opened = ibis.polars.connect()
        opened.create_table(name, rows)
        return opened.table(name)
    opened = ibis.duckdb.connect()
    opened.con.register("rows_of_arrow", rows)
    opened.con.execute(f"CREATE TABLE {name} AS SELECT * FROM rows_of_arrow")
    return opened.table(name)


def results(expression) -> list:
    return expression.select("n", "converted").order_by("n").to_pyarrow()["converted"].to_pylist()


KINDS = {
    "float64": (pa.float64(), 100),
    "float32": (pa.float32(), 100),
    "int64": (pa.int64(), 1),
    "int32": (pa.int32(), 1),
    "decimal(18,2)": (pa.decimal128(18, 2), 100),
    "decimal(38,18)": (pa.decimal128(38, 18), 10**5),
}


@pytest.mark.parametrize("places", [None, 0, 2])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("to", ["KZT", "EUR", "to"])
@pytest.mark.parametrize("backend", ["duckdb", "polars"])
def test_random_rows(backend, rates, check, kind, places, to):
    """Every type of amount comes out right to tenge, to one currency and to a column of them."""
    rows = rates.rows(600, seed=7)
    arrow, parts = KINDS[kind]
    limit = 10**6 if kind == "float32" else 10**9
    for row in rows:
        row["cents"] = None if row["cents"] is None else row["cents"] % limit - limit // 2
    amounts = [None if r["cents"] is None else Decimal(r["cents"]) / parts for r in rows]
    if not pa.types.is_decimal(arrow):
        number = int if parts == 1 else float
        amounts = [None if amount is None else number(amount) for amount in amounts]
    columns = {name: [row[name] for row in rows] for name in ("n", "currency", "date", "to")}
    given = table_on(backend, pa.table({"amount": pa.array(amounts, arrow), **columns}))
    request = rates.request(given.columns, to=to, places=places, missing="null")
    found = convert(given, request, rates.table(None if to == "to" else to))
    assert found.columns == (*given.columns, "converted")
    assert found.drop("converted").schema() == given.schema()
    converted = 0
    for row, result in zip(rows, results(found), strict=True):
        quote = row["to"] if to == "to" else to
        if None in (row["cents"], row["currency"], row["date"], quote):
            assert result is None
            continue
        ratio = rates.ratio(row["currency"], row["date"], quote)
        check(result, Fraction(row["cents"], parts), ratio, places)
        converted += ratio is not None
    assert converted > 150


def one_row(backend: str, **values):
    columns = {"amount": 2.0, "currency": "USD", "date": DAY, "n": 1} | values
    return table_on(backend, pa.table({name: [value] for name, value in columns.items()}))


def error_of(expression) -> str:
    with pytest.raises(Exception) as error:  # noqa: PT011  # each backend has its own
        expression.to_pyarrow()
    return str(error.value)


@pytest.mark.parametrize("backend", ["duckdb", "polars"])
@pytest.mark.parametrize("places", [None, 2])
def test_missing_is_named(backend, rates, places):
    """The error names the code, the date and what the store knows, with places too."""
    given = one_row(backend, date=date(1999, 1, 1))
    text = error_of(convert(given, rates.request(given.columns, places=places), rates.table()))
    assert NO_RATE.format("USD", "1999-01-01") in text
    assert f"({rates.days[0]} to {rates.days[-1]}): sync it first" in text


@pytest.mark.parametrize("backend", ["duckdb", "polars"])
def test_a_missing_quote_is_named(backend, rates):
    """With a column to convert to, it is the lacking one of both codes that is named."""
    given = one_row(backend, quote="XXX")
    request = rates.request(given.columns, to="quote")
    assert NO_RATE.format("XXX", DAY) in error_of(convert(given, request, rates.table(None)))


@pytest.mark.parametrize("backend", ["duckdb", "polars"])
@pytest.mark.parametrize("null", ["amount", "currency", "date"])
def test_nulls_do_not_raise(backend, rates, null):
    """A row with a null gives null, although it has no rate."""
    kinds = {"amount": pa.float64(), "currency": pa.string(), "date": pa.date32()}
    values = {"amount": 1.5, "currency": "XXX", "date": date(1901, 1, 1), null: None}
    rows = {name: pa.array([values[name]], kind) for name, kind in kinds.items()} | {"n": [1]}
    given = table_on(backend, pa.table(rows))
    assert results(convert(given, rates.request(given.columns), rates.table())) == [None]


@pytest.mark.parametrize("backend", ["duckdb", "polars"])
@pytest.mark.parametrize("null", ["amount", "currency", "date", "quote"])
def test_a_column_of_nulls_alone(backend, rates, null):
    """A column of nothing but nulls, which has no type, gives nulls, whichever it is."""
    values = {"amount": 1.5, "currency": "USD", "date": DAY, "quote": "EUR"}
    columns = {name: [value] for name, value in values.items()} | {null: pa.nulls(1), "n": [1]}
    rows = pa.table(columns)
    given = ibis.memtable(rows) if backend == "duckdb" else table_on(backend, rows)
    for places in (None, 2):
        request = rates.request(given.columns, to="quote", places=places)
        assert results(convert(given, request, rates.table(None))) == [None]


@pytest.mark.parametrize("backend", ["duckdb", "polars"])
def test_same_currency_on_any_day(backend, rates):
    """An amount in the currency it is in already is itself, on days without any rate too."""
    given = one_row(backend, currency="usd", date=date(1901, 1, 1), quote="USD")
    request = rates.request(given.columns, to="quote")
    assert results(convert(given, request, rates.table(None))) == [2.0]
    given = one_row(backend, currency="XXX", quote="XXX")
    assert NO_RATE.format("XXX", DAY) in error_of(convert(given, request, rates.table(None)))


@pytest.mark.parametrize("backend", ["duckdb", "polars"])
@pytest.mark.parametrize("code", ["XXX", "USD ", "uſd", "", "USD\n"])
def test_unknown_codes(backend, rates, code):
    """What is no code has no rate: it is not trimmed, and capitals are those of ASCII."""
    given = one_row(backend, currency=code)
    request = rates.request(given.columns, missing="null")
    assert results(convert(given, request, rates.table())) == [None]


@pytest.mark.parametrize("backend", ["duckdb", "polars"])
def test_instants_are_dates_in_almaty(backend, rates):
    """Midnight is that of Almaty: UTC+6 in January 2024, UTC+5 from March on."""
    for midnight, ahead in ((date(2024, 1, 10), 6), (date(2024, 3, 6), 5)):
        first = datetime(midnight.year, midnight.month, midnight.day, tzinfo=timezone.utc)
        first -= timedelta(hours=ahead)
        instants = [first, first - timedelta(microseconds=1)]
        rows = {
            "amount": [1.0] * 2,
            "date": pa.array(instants, pa.timestamp("us", "Asia/Tokyo")),
            "n": [1, 2],
        }
        given = table_on(backend, pa.table(rows))
        if backend == "duckdb":
            given.get_backend().con.execute("SET TimeZone = 'America/New_York'")
        request = rates.request(given.columns, currency="USD")
        expected = [rates.ratio("USD", midnight), rates.ratio("USD", midnight - timedelta(1))]
        assert results(convert(given, request, rates.table())) == list(map(float, expected))


@pytest.mark.parametrize("backend", ["duckdb", "polars"])
def test_other_dates(backend, rates):
    """A timestamp without a zone has its own date; texts are written in one of two ways."""
    late = datetime(2025, 12, 5, 23, 59, 59)  # noqa: DTZ001  # without a zone on purpose
    for day in (late, "2025-12-05", "05.12.2025"):
        given = one_row(backend, date=day)
        assert results(convert(given, rates.request(given.columns), rates.table())) == [999.3]
    for text in ("20251205", "2025-02-30", "5.12.2025", " 2025-12-05"):
        given = one_row(backend, date=text)
        request = rates.request(given.columns, missing="null")
        assert "date" in error_of(convert(given, request, rates.table()))


@pytest.mark.parametrize("backend", ["duckdb", "polars"])
def test_both_legs_of_a_carried_rate_are_of_one_day(backend, rates):
    """With "previous", two currencies carried from different days have no rate in each other."""
    table, day, before = rates.table(None), date(2025, 12, 6), DAY
    carried = pa.table(
        {
            "code": ["USD", "EUR", "GBP", "KZT"],
            "day": [day] * 4,
            "top": [500, 600, 700, 1],
            "bottom": [1] * 4,
            "rate": [500.0, 600.0, 700.0, 1.0],
            "effective": [before, before, day, day],
        }
    ).cast(table.rows.schema)
    pairs = [("EUR", "USD"), ("EUR", "KZT"), ("KZT", "USD"), ("GBP", "KZT"), ("EUR", "GBP")]
    for count, lacking in ((4, None), (5, "EUR in GBP")):
        chosen = pairs[:count]
        rows = {
            "amount": [1.0] * count,
            "currency": [base for base, _ in chosen],
            "quote": [quote for _, quote in chosen],
            "date": [day] * count,
            "n": list(range(count)),
        }
        given = table_on(backend, pa.table(rows))
        request = rates.request(given.columns, to="quote", missing="previous")
        found = convert(given, request, table._replace(rows=carried))
        if lacking is None:
            assert results(found) == [1.2, 600.0, 1 / 500, 700.0]
            continue
        assert NO_RATE.format(lacking, day) in error_of(found)


@pytest.mark.parametrize("backend", ["duckdb", "polars"])
def test_hostile_names(backend, rates):
    """Columns may be named anything, as the rates' own columns and workings too."""
    hostile = ['a"b', "it's; --", "сумма, ₸", "code", "day", "rate", "kzt_rates working: day", " "]
    rows = {name: [float(number)] for number, name in enumerate(hostile)}
    given = table_on(backend, pa.table({**rows, "CODE x": ["USD"], "DAY x": [DAY]}))
    for number, name in enumerate(hostile):
        request = rates.request(
            given.columns, amount=name, currency="CODE x", day="DAY x", into=name + '" x'
        )
        (row,) = convert(given, request, rates.table()).to_pyarrow().to_pylist()
        assert list(row) == [*hostile, "CODE x", "DAY x", name + '" x']
        assert list(row.values())[: len(hostile)] == list(range(len(hostile)))
        assert row[name + '" x'] == pytest.approx(number * 499.65, rel=3e-16)


@pytest.mark.parametrize("backend", ["duckdb", "polars"])
def test_a_conversion_of_a_conversion(backend, rates):
    """Two conversions in one expression keep their own rates and functions, and live as long."""
    given = one_row(backend)
    first = convert(given, rates.request(given.columns, places=2), rates.table())
    request = rates.request(first.columns, to="EUR", into="euros", places=3)
    both = convert(first, request, rates.table("EUR"))
    gc.collect()
    exact = 2 * rates.ratio("USD", DAY, "EUR")
    (row,) = both.to_pyarrow().to_pylist()
    assert row["converted"] == 999.3
    assert row["euros"] == round(float(exact), 3)


def test_the_plan_is_a_hash_join(rates):
    """DuckDB hashes the rates; nothing of the table is read when the expression is made."""
    opened = ibis.duckdb.connect()
    opened.con.execute(
        "CREATE VIEW given AS SELECT CAST(i AS DOUBLE) AS amount, 'USD' AS currency,"
        " CASE WHEN i >= 0 THEN error('read') ELSE DATE '2025-12-05' END AS date"
        " FROM range(10000000) t(i)"
    )
    given = opened.table("given")
    found = convert(given, rates.request(given.columns), rates.table())
    assert "read" in error_of(found)
    plan = opened.con.execute(f"EXPLAIN {ibis.to_sql(found)}").fetchall()[0][1]
    assert plan.lower().count("hash join") + plan.count("HASH_JOIN") == 1


@pytest.fixture
def on_sqlite():
    opened = ibis.sqlite.connect()
    opened.con.execute("CREATE TABLE given (amount REAL, whole INTEGER, currency TEXT, date DATE)")
    rows = [(2.0, 2, "usd", "2025-12-05"), (3.5, 3, "XXX", "2025-12-05"), (None, 1, "USD", None)]
    opened.con.executemany("INSERT INTO given VALUES (?, ?, ?, ?)", rows)
    return opened.table("given")


@pytest.mark.parametrize("amount", ["amount", "whole"])
def test_sqlite_has_floats(on_sqlite, rates, amount):
    """On SQLite floats and whole numbers are converted, null where there is no rate."""
    request = rates.request(on_sqlite.columns, amount=amount, missing="null")
    found = convert(on_sqlite, request, rates.table()).to_pyarrow()["converted"].to_pylist()
    assert found == [999.3, None, None]


@pytest.mark.parametrize("given", [{"missing": "raise"}, {"missing": "null", "places": 2}])
def test_what_sqlite_cannot_is_said(on_sqlite, rates, given):
    """SQLite has no error that names a row and no exact money: a ValueError at once."""
    with pytest.raises(ValueError, match="sqlite"):
        convert(on_sqlite, rates.request(on_sqlite.columns, **given), rates.table())


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("amount", b"1.5", "the amounts in 'amount' are binary"),
        ("amount", True, "the amounts in 'amount' are boolean"),
        ("currency", 5, "the codes in 'currency' are int64"),
        ("date", 20251205, "the dates in 'date' are int64"),
    ],
)
def test_other_types_are_refused(rates, column, value, words):
    """Columns of another kind are a TypeError before anything runs."""
    given = one_row("duckdb", **{column: value})
    with pytest.raises(TypeError, match=re.escape(words)):
        convert(given, rates.request(given.columns), rates.table())


def test_names_equal_to_the_backend_are_refused(rates):
    """DuckDB knows no capitals in names; Polars does."""
    given = one_row("duckdb")
    with pytest.raises(ValueError, match="there is a column 'amount' already"):
        convert(given, rates.request(given.columns, into="Amount"), rates.table())
    given = one_row("polars")
    found = convert(given, rates.request(given.columns, into="Amount"), rates.table())
    assert found.to_pyarrow()["Amount"].to_pylist() == [999.3]
