"""DuckDB relations of any names and types: their plans, and what is left of them."""

import gc
import json
import re
import threading
from datetime import date

import duckdb
import pyarrow as pa
import pytest

from kzt_rates.frames.engines.duckdb import convert
from kzt_rates.frames.rate_tables import RateTable

DAY = "DATE '2025-12-05'"


@pytest.fixture
def connection():
    with duckdb.connect() as opened:
        yield opened


HOSTILE = [
    'a"b',
    "it's; DROP TABLE given",
    "сумма, ₸",
    "code",
    "day",
    "top",
    "rate",
    "effective",
    "s",
    "b",
    "q",
    "kzt_rates working: day",
    "KZT_RATES working: rate",
    "kzt_rates_of_the_bank",
    " ",
    "select",
]


def test_hostile_names(connection, rates):
    """Columns may be named anything, as the rates' own columns and workings too."""
    quoted = [name.replace('"', '""') for name in HOSTILE]
    values = ", ".join(f'{number} AS "{name}"' for number, name in enumerate(quoted))
    frame = connection.sql(f'SELECT {values}, \'USD\' AS "CODE x", {DAY} AS "DAY x"')
    for name in HOSTILE:
        request = rates.request(
            frame.columns, amount=name, currency="CODE x", day="DAY x", into=name + '" x'
        )
        found = convert(frame, request, rates.table())
        assert found.columns == [*frame.columns, name + '" x']
        row = found.fetchall()[0]
        assert row[: len(HOSTILE)] == tuple(range(len(HOSTILE)))
        assert row[-1] == pytest.approx(HOSTILE.index(name) * 499.65, rel=3e-16)


def test_structs_named_as_the_aliases(connection, rates):
    """A column of structs with fields named like columns of the join is not taken for it."""
    struct = "{'code': 'EUR', 'day': DATE '2020-01-01', 'rate': 1.0, 'amount': 9, 'top': 1}"
    frame = connection.sql(
        f"SELECT {struct} AS b, {struct} AS s, {struct} AS q, 2.0::DOUBLE AS amount,"
        f" 'USD' AS currency, {DAY} AS date, 'KZT' AS \"to\""
    )
    for to, table in (("KZT", rates.table()), ("to", rates.table(None))):
        found = convert(frame, rates.request(frame.columns, to=to), table)
        assert found.fetchall()[0][-1] == 999.3


def test_names_equal_to_duckdb_are_refused(connection, rates):
    """DuckDB knows no capitals in names: a second column of a name would be renamed."""
    frame = connection.sql(f"SELECT 1 AS amount, 'USD' AS currency, {DAY} AS date")
    with pytest.raises(ValueError, match="there is a column 'amount' already"):
        convert(frame, rates.request(frame.columns, into="Amount"), rates.table())
    twice = connection.sql(f"SELECT 1 AS amount, 2 AS x, 3 AS X, 'USD' AS currency, {DAY} AS date")
    with pytest.raises(ValueError, match="several columns 'x'"):
        convert(twice, rates.request(twice.columns), rates.table())


@pytest.mark.parametrize("name", ["python_enable_replacements", "enable_external_access"])
def test_a_connection_that_reads_nothing_of_python(connection, rates, name):
    """The rates cannot be joined then, and the sentence says what can be done."""
    connection.execute(f"SET {name} = false")
    frame = connection.sql(f"SELECT 2.0::DOUBLE AS amount, 'USD' AS currency, {DAY} AS date")
    with pytest.raises(ValueError, match=r"^this connection of DuckDB .* to_arrow_table\(\) gives"):
        convert(frame, rates.request(frame.columns), rates.table())


@pytest.mark.parametrize(
    ("column", "sql", "words"),
    [
        ("amount", "'1.5'::BLOB", "the amounts in 'amount' are BLOB"),
        ("amount", "true", "the amounts in 'amount' are BOOLEAN"),
        ("currency", "5", "the codes in 'currency' are INTEGER"),
        ("date", "20251205", "the dates in 'date' are INTEGER"),
        ("date", "TIME '12:00:00'", "the dates in 'date' are TIME"),
    ],
)
def test_other_types_are_refused(connection, rates, column, sql, words):
    """Columns of another kind are a TypeError before anything runs."""
    values = {"amount": "1.5", "currency": "'USD'", "date": DAY} | {column: sql}
    frame = connection.sql("SELECT " + ", ".join(f"{v} AS {n}" for n, v in values.items()))
    with pytest.raises(TypeError, match=re.escape(words)):
        convert(frame, rates.request(frame.columns), rates.table())


def test_nothing_runs_before_it_is_asked_for(connection, rates):
    """No row is read when the relation is made."""
    frame = connection.sql(
        f"SELECT CAST(i AS DOUBLE) AS amount, CASE WHEN i >= 0 THEN error('read') ELSE 'USD' END"
        f" AS currency, {DAY} AS date FROM range(3) t(i)"
    )
    converted = convert(frame, rates.request(frame.columns), rates.table())
    with pytest.raises(duckdb.Error, match="read"):
        converted.fetchall()


def test_the_plan_hashes_the_rates(connection, rates):
    """It is one hash join whose build side is the small table of rates."""
    frame = connection.sql(
        f"SELECT CAST(i AS DOUBLE) AS amount, 'USD' AS currency, {DAY} - CAST(i % 99 AS INTEGER)"
        " AS date FROM range(1000000) t(i)"
    )
    frame.create("big")
    big = connection.table("big")
    converted = convert(big, rates.request(big.columns), rates.table())  # noqa: F841  # in SQL
    ((_, plan),) = connection.execute("EXPLAIN (FORMAT JSON) FROM converted").fetchall()
    joins = [node for node in walk(json.loads(plan)) if "JOIN" in node["name"]]
    assert [join["name"] for join in joins] == ["HASH_JOIN"]
    assert joins[0]["extra_info"]["Join Type"] == "INNER"
    streamed, built = joins[0]["children"]  # DuckDB builds its hash of the right side
    assert "ARROW_SCAN" in names(built)
    assert "SEQ_SCAN" in names(streamed)
    assert "ARROW_SCAN" not in names(streamed)


def walk(plan):
    """All nodes of a plan."""
    nodes = plan if isinstance(plan, list) else [plan]
    for node in nodes:
        yield node
        yield from walk(node["children"])


def names(plan) -> str:
    return " ".join(node["name"] for node in walk(plan)).upper().replace(" ", "_")


def test_nothing_is_left_behind_and_nothing_is_lost(connection, rates):
    """No view stays, and the rates live as long as the relation."""
    frame = connection.sql(f"SELECT 2.0::DOUBLE AS amount, 'USD' AS currency, {DAY} AS date")
    before = connection.sql("SELECT count(*) FROM duckdb_views()").fetchall()
    converted = convert(frame, rates.request(frame.columns), rates.table())
    gc.collect()
    if duckdb.__version__ >= "1.2":  # older ones keep a temporary view of each query
        assert connection.sql("SELECT count(*) FROM duckdb_views()").fetchall() == before
        assert connection.sql("SHOW TABLES").fetchall() == []
    again = convert(
        converted, rates.request(converted.columns, to="EUR", into="euros"), rates.table("EUR")
    )
    gc.collect()
    euros = 2 * rates.ratio("USD", date(2025, 12, 5), "EUR")
    assert again.fetchall()[0][-2:] == (999.3, pytest.approx(float(euros), rel=3e-16))
    assert again.filter("converted > 0").fetchall() == again.fetchall()


def test_calls_at_once(connection, rates):
    """Relations of several connections to one database are converted at the same time."""
    connection.execute(f"CREATE TABLE t AS SELECT 2.0::DOUBLE AS amount, 'USD' AS c, {DAY} AS date")
    found, table = [], rates.table()

    def work() -> None:
        with connection.cursor() as own:
            for _ in range(5):
                frame = own.table("t")
                request = rates.request(frame.columns, currency="c")
                found.append(convert(frame, request, table).fetchall()[0][-1])

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [999.3] * 20


def test_both_legs_of_a_carried_rate_are_of_one_day(connection, rates):
    """With "previous", two currencies carried from different days have no rate in each other."""
    day, before = date(2025, 12, 6), date(2025, 12, 5)
    table = rates.table(None)
    names = table.rows.column_names
    carried = pa.table(
        [
            ["USD", "EUR", "GBP", "KZT"],
            [day] * 4,
            [500, 600, 700, 1],
            [1] * 4,
            [500.0, 600.0, 700.0, 1.0],
            [before, before, day, day],
        ],
        names=names,
    ).cast(table.rows.schema)
    frame = connection.sql(
        "SELECT 1.0::DOUBLE AS amount, unnest(['EUR', 'EUR', 'KZT', 'GBP', 'EUR']) AS currency,"
        " DATE '2025-12-06' AS date, unnest(['USD', 'KZT', 'USD', 'KZT', 'GBP']) AS q"
    )
    small = RateTable(carried, before, day)
    request = rates.request(frame.columns, to="q", missing="previous")
    good = convert(frame.limit(4), request, small).fetchall()
    assert [row[-1] for row in good] == [1.2, 600.0, 1 / 500, 700.0]
    with pytest.raises(duckdb.Error, match="no official rate of EUR in GBP for 2025-12-06"):
        convert(frame, request, small).fetchall()
