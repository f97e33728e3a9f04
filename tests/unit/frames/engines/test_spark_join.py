"""Spark frames converted by a broadcast join: a real session, against the bank's fractions."""

import gc
import shutil
from contextlib import contextmanager
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal, localcontext
from fractions import Fraction

import numpy as np
import pyarrow as pa
import pytest

if not shutil.which("java"):
    pytest.skip("Spark runs on Java, of which there is none here", allow_module_level=True)

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import functions as F  # noqa: N812

from kzt_rates.frames.engines.spark import convert
from kzt_rates.frames.engines.spark import frame_of as frame_on
from kzt_rates.frames.rate_tables import RateTable

DAY = date(2025, 12, 5)
USD = Fraction("499.65")
FAILURES = (PySparkException, Py4JJavaError)  # the second of Spark 3.5


@contextmanager
def mode(spark, **settings):
    """Settings of the session's SQL for a while."""
    named = {f"spark.sql.{name.replace('_', '.')}": value for name, value in settings.items()}
    before = {name: spark.conf.get(name) for name in named}
    try:
        for name, value in named.items():
            spark.conf.set(name, value)
        yield
    finally:
        for name, value in before.items():
            spark.conf.set(name, value)


def frame_of(spark, rows):
    """Rows as a frame."""
    kinds = {"n": pa.int64(), "cents": pa.int64(), "date": pa.date32()}
    columns = {
        name: pa.array([row[name] for row in rows], kinds.get(name, pa.string()))
        for name in ("n", "cents", "currency", "date", "to")
    }
    return frame_on(spark, pa.table(columns))


KINDS = {
    "double": ("CAST(cents AS DOUBLE) / 100", 10**9, 100),
    "float": ("CAST(CAST(cents % 1000000 AS DOUBLE) / 100 AS FLOAT)", 10**6, 100),
    "decimal(15,2)": ("CAST(CAST(cents AS DECIMAL(12,0)) * 0.01 AS DECIMAL(15,2))", 10**9, 100),
    "decimal(9,4)": ("CAST(CAST(cents % 1000000 AS DECIMAL(9,0)) * 0.0001 AS DECIMAL(9,4))",
                     10**6, 10**4),
    "decimal(38,18)": ("CAST(CAST(cents AS DECIMAL(12,0)) * 0.00001 AS DECIMAL(38,18))",
                       10**9, 10**5),
    "decimal(38,0)": ("CAST(cents AS DECIMAL(38,0))", 10**9, 1),
    "bigint": ("cents", 10**9, 1),
    "smallint": ("CAST(cents % 30000 AS SMALLINT)", 30_000, 1),
}  # fmt: skip


def amount_of(kind: str, cents: int) -> Fraction:
    """What the SQL of a kind makes of cents, by hand: a remainder has the sign of the dividend."""
    _, limit, unit = KINDS[kind]
    return Fraction(abs(cents) % limit * (1 if cents > 0 else -1), unit)


@pytest.mark.parametrize(
    ("kind", "to", "places", "ansi"),
    [
        ("double", "KZT", None, "true"),
        ("double", "to", 2, "true"),
        ("double", "EUR", 2, "false"),
        ("float", "EUR", None, "true"),
        ("float", "KZT", 2, "true"),
        ("decimal(15,2)", "to", 2, "true"),
        ("decimal(15,2)", "EUR", None, "false"),
        ("decimal(9,4)", "KZT", 2, "false"),
        ("decimal(38,18)", "to", None, "true"),
        ("decimal(38,18)", "KZT", 0, "false"),
        ("decimal(38,0)", "to", None, "false"),
        ("bigint", "KZT", 0, "true"),
        ("smallint", "EUR", 2, "true"),
    ],
)
def test_random_rows(spark, rates, check, kind, to, places, ansi):
    """Every type of amount comes out right to tenge, to one currency and to a column of them."""
    rows = rates.rows(2000, seed=len(kind))
    table = rates.table(None if to == "to" else to)
    # two rules of Spark's for decimals, neither of which may matter
    with mode(spark, ansi_enabled=ansi, decimalOperations_allowPrecisionLoss=ansi):
        frame = frame_of(spark, rows).selectExpr(f"{KINDS[kind][0]} AS amount", "*")
        request = rates.request(frame.columns, to=to, places=places, missing="null")
        found = convert(frame, request, table)
        exact_type = f"decimal(38,{18 if places is None else places})"
        new = exact_type if "dec" in kind else "double"
        assert found.dtypes == [*frame.dtypes, ("converted", new)]
        results = {row["n"]: row["converted"] for row in found.collect()}
    assert len(results) == len(rows)
    converted = 0
    for row in rows:
        quote = row["to"] if to == "to" else to
        if None in (row["cents"], row["currency"], row["date"], quote):
            assert results[row["n"]] is None
            continue
        ratio = rates.ratio(row["currency"], row["date"], quote)
        with localcontext(prec=60):
            check(results[row["n"]], amount_of(kind, row["cents"]), ratio, places)
        converted += ratio is not None
    assert converted > 600


def values(spark, rates, amounts, *, code="USD", day=DAY, missing="raise", **request):
    """The results of some amounts of one currency and day, in the order given."""
    columns = {"amount": amounts, "currency": pa.array([code] * len(amounts), pa.string())}
    frame = frame_on(spark, pa.table({**columns, "date": [day] * len(amounts)}))
    table = rates.table(None if request.get("to") == "currency" else request.get("to", "KZT"))
    request = rates.request(frame.columns, missing=missing, **request)
    return [row["converted"] for row in convert(frame, request, table).collect()]


def test_ties_go_away_from_zero(spark, rates):
    """Half a tiyn is rounded away from zero in both signs, for floats and decimals alike."""
    ties = [cents for cents in range(1, 4000) if (USD * cents) % 1 == Fraction(1, 2)]
    assert len(ties) >= 30
    cents = [*ties, *(-tie for tie in ties)]
    expected = [int(USD * tie + Fraction(1, 2)) for tie in ties]
    expected += [-number for number in expected]
    amounts = [Decimal(number).scaleb(-2) for number in cents]
    decimals = values(spark, rates, pa.array(amounts, pa.decimal128(18, 2)), places=2)
    assert decimals == [Decimal(number).scaleb(-2) for number in expected]
    floats = values(spark, rates, pa.array([float(number) for number in amounts]), places=2)
    assert floats == [float(Decimal(number).scaleb(-2)) for number in expected]


@pytest.mark.parametrize(
    ("kind", "places", "amounts", "expected"),
    [
        ((38, 18), None, "1e-18 3e-18 -1e-18 -3e-18 5e-18", "0 2e-18 0 -2e-18 2e-18"),
        ((15, 2), 2, "0.01 0.03 -0.01 -0.03 0.05", "0.01 0.02 -0.01 -0.02 0.03"),
        ((15, 2), 0, "0.99 1.00 -1.00 3.00 1.01", "0 1 -1 2 1"),
    ],
)
def test_ties_of_what_is_divided(spark, rates, kind, places, amounts, expected):
    """Halves of the last place go to the even neighbour, with places away from zero."""
    third = {("USD", DAY): Fraction(1, 2), ("EUR", DAY): Fraction(1, 3)}  # nothing ends in thirds
    amounts = pa.array([Decimal(amount) for amount in amounts.split()], pa.decimal128(*kind))
    rows = pa.table({"amount": amounts, "currency": ["USD"] * 5, "date": [DAY] * 5})
    frame = frame_on(spark, rows)
    request = rates.request(frame.columns, places=places)
    found = [row["converted"] for row in convert(frame, request, table_with(third)).collect()]
    assert found == [Decimal(amount) for amount in expected.split()]


def test_floats_are_their_shortest_decimals(spark, rates):
    """A float amount is the decimal it is written as; no zero has a sign."""
    amounts = [0.285, -0.285, 1.005, 1e15, 0.0, -0.001]
    found = values(spark, rates, pa.array(amounts), code="KZT", places=2)
    assert found == [0.29, -0.29, 1.01, 1e15, 0.0, 0.0]
    assert np.signbit(found).tolist() == [False, True, False, False, False, False]


@pytest.mark.parametrize("ansi", ["true", "false"])
def test_not_numbers_are_refused(spark, rates, ansi):
    """NaN is no null here, and no amount; nor is infinity, with places and without."""
    with mode(spark, ansi_enabled=ansi):
        for amount in (float("inf"), -float("inf"), float("nan")):
            for kind in (pa.float64(), pa.float32()):
                for places in (None, 2):
                    with pytest.raises(FAILURES, match="an amount is a finite number, not"):
                        values(spark, rates, pa.array([amount], kind), places=places)


def test_float_of_32_bits_is_the_number_it_prints_as(spark, rates):
    """A float32 is the shortest decimal that reads as it, as numpy writes it, of any size."""
    dice = np.random.default_rng(4)
    bits = dice.integers(0, 2**32, 20_000, dtype=np.uint32).view(np.float32)
    numbers = bits[(np.abs(bits) > 1e-12) & (np.abs(bits) < 1e20)]
    money = (dice.integers(-(10**7), 10**7, 5000) / 100).astype(np.float32)
    given = np.concatenate([numbers, money, np.float32([0.1, 16777216.0, 1e10, 0.0])])
    assert len(given) > 10_000
    found = values(spark, rates, pa.array(given), code="KZT")
    assert found == [float(str(number)) for number in given]


TOO_MUCH = {
    "a result of 20 digits": (pa.array([Decimal(10**19)], pa.decimal128(20, 0)), None),
    "a product of 40 digits": (pa.array([Decimal(10**38 - 1)], pa.decimal128(38, 0)), 2),
    "more than a float holds": (pa.array([2**53 + 1]), None),
    "an infinite product": (pa.array([1e308]), None),
    "a float that is no money": (pa.array([1e300]), 2),
}


@pytest.mark.parametrize(
    ("case", "ansi"),
    [
        *((case, "false") for case in TOO_MUCH),
        *((case, "true") for case in list(TOO_MUCH)[:2]),
    ],
)
def test_overflow_is_an_error(spark, rates, case, ansi):
    """A result that has no room is an error in both modes, never a wrong number or a null."""
    amounts, places = TOO_MUCH[case]
    with (
        mode(spark, ansi_enabled=ansi),
        pytest.raises(FAILURES, match=r"amount|room|represented"),
    ):
        values(spark, rates, amounts, places=places)


def test_same_currency_on_any_day(spark, rates):
    """An amount in the currency it is in already is itself, on days without any rate too."""
    long_ago, amount = date(1901, 1, 1), pa.array([Decimal("7.125")])
    assert values(spark, rates, amount, code="kzt", day=long_ago) == [Decimal("7.125")]
    same = values(spark, rates, amount, code="usd", day=long_ago, to="currency", places=2)
    assert same == [Decimal("7.13")]
    with pytest.raises(FAILURES, match="no official rate of XXX for 1901-01-01"):
        values(spark, rates, amount, code="XXX", day=long_ago, to="currency")


@pytest.mark.parametrize("twice", ["amount", "currency", "date"])
def test_a_column_that_is_there_twice(spark, rates, twice):
    """A name of several columns is refused in our words where it is read, also by its capitals."""
    columns = f"1D AS amount, 'USD' AS currency, DATE '{DAY}' AS date, 1 AS n, 2 AS n"
    frame = spark.sql(f"SELECT {columns}")
    for name in (twice, twice.capitalize()):
        both = frame.selectExpr("*", f"{twice} AS {name}")
        with pytest.raises(
            ValueError, match=rf"^there are several columns '{twice}': rename them$"
        ):
            convert(both, rates.request(both.columns), rates.table())
    (row,) = convert(frame, rates.request(frame.columns), rates.table()).collect()
    assert row["converted"] == 499.65


@pytest.mark.parametrize("null", ["amount", "currency", "date", "quote"])
def test_a_column_of_nulls_alone(spark, rates, null):
    """A column of nothing but nulls, which has no type, gives nulls, whichever it is."""
    values = {"amount": "1.5D", "currency": "'USD'", "date": f"DATE '{DAY}'", "quote": "'EUR'"}
    values[null] = "NULL"
    frame = spark.sql("SELECT " + ", ".join(f"{sql} AS {name}" for name, sql in values.items()))
    for places in (None, 2):
        request = rates.request(frame.columns, to="quote", places=places)
        (row,) = convert(frame, request, rates.table(None)).collect()
        assert row["converted"] is None


def test_what_is_no_code(spark, rates):
    """What is no code has no rate: it is not trimmed, and capitals are those of ASCII."""
    codes = ["XXX", "US", "USD ", "uſd", "", "US$", "ＵＳＤ", "uSd"]
    rows = pa.table({"amount": [1.0] * len(codes), "currency": codes, "date": [DAY] * len(codes)})
    frame = frame_on(spark, rows)
    request = rates.request(frame.columns, missing="null")
    found = [row["converted"] for row in convert(frame, request, rates.table()).collect()]
    assert found == [None] * 7 + [499.65]


def test_missing_is_named(spark, rates):
    """A row without a rate fails with its code, its date and the range; a null one does not."""
    rows = [("XXX", DAY, None), (None, DAY, 1.0), ("XXX", None, 1.0)]
    names, kind = ["currency", "date", "amount"], "currency string, date date, amount double"
    frame = frame_on(
        spark,
        pa.table(
            {
                name: pa.array([row[place] for row in rows], type_)
                for place, (name, type_) in enumerate(
                    zip(names, [pa.string(), pa.date32(), pa.float64()], strict=True)
                )
            }
        ),
    )
    assert frame.schema.simpleString() == f"struct<{kind.replace(', ', ',').replace(' ', ':')}>"
    request = rates.request(frame.columns)
    results = convert(frame, request, rates.table()).collect()
    assert [row["converted"] for row in results] == [None, None, None]
    expected = r"no official rate of USD for 2015-01-01 in .* \(2015-03-30 to 2026-08-21\): sync"
    with pytest.raises(FAILURES, match=expected):
        values(spark, rates, pa.array([1.0]), day=date(2015, 1, 1))
    with pytest.raises(FAILURES, match=r"of XXX in EUR for 2025-12-05"):
        values(spark, rates, pa.array([1.0]), code="XXX", to="EUR")


def test_missing_cannot_be_optimised_away(spark, rates):
    """A filter on the new column does not turn missing rates into missing rows."""
    rows = pa.table({"amount": [1.0, 2.0], "currency": ["USD", "XXX"], "date": [DAY, DAY]})
    frame = frame_on(spark, rows)
    found = convert(frame, rates.request(frame.columns), rates.table())
    for kept in ("converted > 0", "converted IS NOT NULL"):
        with pytest.raises(FAILURES, match="no official rate of XXX"):
            found.where(kept).collect()
    assert found.select("amount").collect() == frame.select("amount").collect()


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/New_York"])
def test_timestamps(spark, rates, zone):
    """An instant is of its date in Almaty, a timestamp without zone of its own, in any session."""
    instants = {
        "2003-07-15T16:59:59+00:00": "2003-07-15",  # summer time: UTC+7
        "2003-07-15T17:00:00+00:00": "2003-07-16",
        "2024-01-10T17:59:59+00:00": "2024-01-10",  # UTC+6
        "2024-01-10T18:00:00+00:00": "2024-01-11",
        "2024-02-29T17:59:59+00:00": "2024-02-29",
        "2024-03-10T18:59:59.999999+00:00": "2024-03-10",  # UTC+5
        "2024-03-10T19:00:00+00:00": "2024-03-11",
        "1969-12-31T18:59:59.5+00:00": "1970-01-01",
    }
    utc = [datetime.fromisoformat(text) for text in instants]
    days = [date.fromisoformat(day) for day in instants.values()]
    every = {day + timedelta(step) for day in days for step in (-1, 0, 1)}
    # each day has a rate of its own: what comes out says which day was meant
    ratios = {("USD", day): Fraction(day.toordinal()) for day in every}
    table = table_with(ratios)
    with mode(spark, session_timeZone=zone):
        micros = [round(moment.timestamp() * 10**6) for moment in utc]
        rows = pa.table({"n": range(len(utc)), "micros": micros, "amount": [1.0] * len(utc)})
        frame = frame_on(spark, rows).select(
            "n", "amount", F.timestamp_micros("micros").alias("date")
        )
        assert dict(frame.dtypes)["date"] == "timestamp"
        request = rates.request(frame.columns, currency="USD")
        results = {row["n"]: row["converted"] for row in convert(frame, request, table).collect()}
        assert [results[n] for n in range(len(utc))] == [day.toordinal() for day in days]
        naive = [moment.replace(tzinfo=None) for moment in utc]
        texts = [moment.isoformat(" ") for moment in naive]
        local = frame_on(spark, pa.table({"amount": [1.0] * len(utc), "date": texts}))
        local = local.withColumn("date", F.col("date").cast("timestamp_ntz"))
        assert dict(local.dtypes)["date"] == "timestamp_ntz"
        results = [row["converted"] for row in convert(local, request, table).collect()]
    assert results == [moment.date().toordinal() for moment in naive]


def table_with(ratios) -> RateTable:
    """A rate table of made-up rates."""
    days = [day for _, day in ratios]
    rows = {"code": [code for code, _ in ratios], "day": days}
    rows |= {"top": [ratio.numerator for ratio in ratios.values()]}
    rows |= {"bottom": [ratio.denominator for ratio in ratios.values()]}
    rows |= {"rate": [float(ratio) for ratio in ratios.values()], "effective": days}
    return RateTable(pa.table(rows), min(days), max(days))


@pytest.mark.parametrize("ansi", ["true", "false"])
def test_texts(spark, rates, ansi):
    """Dates of text are written in two ways and no other; an impossible one is an error."""

    def converted(texts, **request):
        rows = {"amount": [1.0] * len(texts), "date": pa.array(texts, pa.string())}
        frame = frame_on(spark, pa.table(rows))
        request = rates.request(frame.columns, currency="USD", **request)
        return [row["converted"] for row in convert(frame, request, rates.table()).collect()]

    with mode(spark, ansi_enabled=ansi):
        assert converted(["2025-12-05", "05.12.2025", None]) == [499.65, 499.65, None]
        wrongs = ("2025-02-30", "2025-12-5", " 2025-12-05", "2025-12-05\n", "0000-01-01")
        for wrong in wrongs if ansi == "true" else wrongs[:1]:
            with pytest.raises(FAILURES, match="a date is written"):
                converted([wrong], missing="null")


def test_carried_rates(spark, rates):
    """Both figures of a pair are of one day; the tenge is of any."""
    known = date(2025, 12, 5)
    days, rows = [known + timedelta(step) for step in range(3)], []
    for code, top, effective in (
        ("USD", 500, [0, 0, 0]),
        ("EUR", 600, [0, 1, 0]),
        ("KZT", 1, [0, 1, 2]),
    ):
        rows += [(code, day, top, days[of]) for day, of in zip(days, effective, strict=True)]
    codes, on, tops, of = zip(*rows, strict=True)
    columns = {"code": codes, "day": on, "top": tops, "bottom": [1] * 9, "effective": of}
    table = RateTable(pa.table({**columns, "rate": [float(top) for top in tops]}), *days[::2])
    given = [("USD", "KZT", 1), ("KZT", "USD", 2), ("USD", "EUR", 2)]
    rows = {"amount": [1.0] * 3, "currency": [row[0] for row in given]}
    rows |= {"to": [row[1] for row in given], "date": [days[row[2]] for row in given]}
    frame = frame_on(spark, pa.table(rows))
    request = rates.request(frame.columns, to="to", missing="previous")
    assert [row["converted"] for row in convert(frame, request, table).collect()] == [
        500.0,
        1 / 500,
        500 / 600,
    ]
    apart = frame_on(spark, pa.table({"amount": [1.0], "to": ["EUR"], "date": [days[1]]}))
    request = rates.request(apart.columns, to="to", currency="USD", missing="previous")
    with pytest.raises(FAILURES, match="no official rate of USD in EUR for 2025-12-06"):
        convert(apart, request, table).collect()


def test_values_for_all_rows(spark, rates):
    """One currency and one date for all rows need no join, and no rate no less an error."""
    frame = frame_on(spark, pa.table({"amount": [2.0, None], "to": ["KZT", "USD"]}))
    request = rates.request(frame.columns, currency="usd", day="05.12.2025")
    found = convert(frame, request, rates.table())
    assert [row["converted"] for row in found.collect()] == [999.3, None]
    request = rates.request(frame.columns, currency="USD", day="05.12.2025", to="to")
    found = convert(frame, request, rates.table(None))
    assert [row["converted"] for row in found.collect()] == [999.3, None]
    request = rates.request(frame.columns, currency="USD", day="1999-12-05")
    with pytest.raises(FAILURES, match="no official rate of USD for 1999-12-05"):
        convert(frame, request, rates.table()).collect()


def test_plan_and_laziness(spark, rates):
    """The rates are broadcast, the frame is not shuffled, and building runs no job."""
    tracker = spark.sparkContext.statusTracker()
    frame = spark.range(10**6).selectExpr(
        "CAST(id AS DOUBLE) AS amount",
        "IF(id % 2 = 0, 'USD', 'EUR') AS currency",
        "date_add(DATE '2025-12-05', CAST(id % 2 AS INT)) AS date",
        "IF(id % 3 = 0, 'KZT', 'RUB') AS to",
    )
    frame = frame.repartition(3, "amount")
    views = {table.name for table in spark.catalog.listTables()}  # other tests share the session
    before = len(tracker.getJobIdsForGroup())
    plans = []
    for to in ("KZT", "to"):
        request = rates.request(frame.columns, to=to)
        found = convert(frame, request, rates.table(None if to == "to" else to))
        gc.collect()
        plans.append(found._jdf.queryExecution().executedPlan().toString())
    assert len(tracker.getJobIdsForGroup()) == before
    for plan, joins in zip(plans, (1, 2), strict=True):
        assert plan.count("BroadcastHashJoin") == joins
        assert "SortMergeJoin" not in plan
        assert plan.count("Exchange hashpartitioning") == 1  # the test's own
    assert {table.name for table in spark.catalog.listTables()} == views
    assert found.rdd.getNumPartitions() == 3


def test_hostile_names(spark, rates):
    """Any name will do for a column: quotes, dots, Cyrillic, those of the rates and of workings."""
    names = ["top", "сумма ₸", "a.b`c\"d'e", "code", "day", "kzt_rates working: 0", "rate"]
    rows = [[1, 2], [1.0, 2.0], ["USD", "usd"], ["x", "y"], [DAY, DAY], ["h", "i"], [None, 7]]
    frame = frame_on(spark, pa.table(dict(zip(names, rows, strict=True))))
    request = rates.request(
        names, amount="сумма ₸", currency="a.b`c\"d'e", day="day", into="в тенге `.`"
    )
    found = convert(frame, request, rates.table())
    assert found.columns == [*names, "в тенге `.`"]
    expected = [
        (*row, total) for row, total in zip(zip(*rows, strict=True), (499.65, 999.3), strict=True)
    ]
    assert [tuple(row) for row in found.collect()] == expected


def test_names_in_capitals(spark, rates):
    """A name that Spark takes for another is refused, unless the session tells them apart."""
    frame = frame_on(spark, pa.table({"amount": [1.0], "CONVERTED": ["mine"]}))
    request = rates.request(frame.columns, currency="USD", day=DAY)
    with pytest.raises(ValueError, match="there is a column 'CONVERTED' already"):
        convert(frame, request, rates.table())
    with mode(spark, caseSensitive="true"):
        found = convert(frame, request, rates.table())
        assert [tuple(row) for row in found.collect()] == [(1.0, "mine", 499.65)]


@pytest.mark.parametrize(
    ("amount", "code", "day"),
    [
        ("X'31'", "'USD'", "DATE '2025-12-05'"),
        ("true", "'USD'", "DATE '2025-12-05'"),
        ("CAST(1 AS DECIMAL(38,19))", "'USD'", "DATE '2025-12-05'"),
        ("1", "840", "DATE '2025-12-05'"),
        ("1", "'USD'", "20251205"),
    ],
)
def test_other_types_are_refused(spark, rates, amount, code, day):
    """A column of another type is a `TypeError` before anything runs."""
    frame = spark.sql(f"SELECT {amount} AS amount, {code} AS currency, {day} AS date")
    with pytest.raises(TypeError, match=r"column|decimals"):
        convert(frame, rates.request(frame.columns), rates.table())


def test_collated_codes(spark, rates):
    """A column that compares without capitals is compared as its letters are."""
    if spark.version < "4":
        pytest.skip("Spark 3.5 has no collations")
    frame = spark.sql(
        "SELECT 1.0D AS amount, 'usd' COLLATE UTF8_LCASE AS currency, DATE '2025-12-05' AS date"
    )
    found = convert(frame, rates.request(frame.columns), rates.table())
    assert found.dtypes[:3] == frame.dtypes
    assert found.collect()[0]["converted"] == 499.65


def test_utc_is_what_the_clock_says():
    """The instants of the test above are what they look like."""
    assert datetime(2024, 1, 10, 18, tzinfo=timezone.utc).timestamp() == 1704909600
