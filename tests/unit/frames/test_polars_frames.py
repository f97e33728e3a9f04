"""Frames of Polars, eager and lazy alike: kinds of columns, chunks, slices, and plans."""

import datetime as dt
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal, assert_series_equal

import kzt_rates
from kzt_rates.frames.source import ClientSource

DAY, NEXT = dt.date(2025, 12, 5), dt.date(2025, 12, 6)
USD, USD_NEXT, USD_BEFORE, EUR, CNY, RUB = 499.65, 504.49, 503.89, 582.89, 70.66, 6.47
at = dt.datetime.fromisoformat
WHOLE = ["Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32", "UInt64"]


def frame_of(**columns: Any) -> pl.DataFrame:
    usual = {"amount": [1.0] * 3, "currency": ["USD"] * 3, "date": [DAY] * 3}
    return pl.DataFrame({**usual, **columns})


@pytest.fixture
def both(convert: Any) -> Any:
    """Convert an eager frame, and see that its plan has the same schema and the same result."""

    def converted(frame: pl.DataFrame, **options: Any) -> pl.Series:
        eager = convert(frame, **options)
        assert_frame_equal(eager.drop("converted"), frame)
        plan = convert(frame.lazy(), **options)
        assert plan.collect_schema() == eager.schema
        for engine in ("in-memory", "streaming"):
            result = plan.collect(engine=engine)
            assert result.schema == eager.schema
            assert_frame_equal(result, eager, check_exact=True)
        column: pl.Series = eager["converted"]
        return column

    return converted


@pytest.mark.parametrize("kind", [*WHOLE, "Float16", "Float32", "Float64"])
@pytest.mark.parametrize("places", [None, 2])
def test_numbers_give_float64(both, kind, places):
    """Every kind of number, with a null."""
    if not hasattr(pl, kind):
        pytest.skip("this Polars has none of them")
    amounts = pl.Series([1, None, 2], dtype=getattr(pl, kind))
    found = both(frame_of(amount=amounts), places=places)
    assert_series_equal(found, pl.Series("converted", [USD, None, 999.3], pl.Float64))


@pytest.mark.parametrize("scale", [0, 2, 6, 11, 12, 18, 20, 30])
def test_decimals_of_every_scale(both, bank, scale):
    """Exact, of 18 decimals or of `places`; a cross rate is rounded half to even."""
    amounts = pl.Series([Decimal(1), None, Decimal(-3)], dtype=pl.Decimal(38, scale))
    frame = frame_of(amount=amounts)
    assert both(frame).dtype == pl.Decimal(38, 18)
    assert both(frame).to_list() == [Decimal("499.65"), None, Decimal("-1498.95")]
    assert both(frame, places=1).dtype == pl.Decimal(38, 1)
    assert both(frame, places=1).to_list() == [Decimal("499.7"), None, Decimal("-1499.0")]
    cross = bank.rate("USD", "EUR", DAY)  # neither ends within 18 decimals nor is near a tie
    expected = [round(cross * 10**18), None, round(-3 * cross * 10**18)]
    found = both(frame, to="EUR").to_list()
    assert [of if of is None else int(of.scaleb(18)) for of in found] == expected


@pytest.mark.parametrize(
    "kind", [pl.String, pl.Categorical, pl.Enum(["EUR", "no code", "usd", "USD"])], ids=str
)
def test_codes(both, kind):
    """Text, categories and enums; those that no row has are not looked at."""
    frame = frame_of(currency=pl.Series(["USD", None, "EUR"], dtype=kind))
    assert both(frame).to_list() == [USD, None, EUR]
    frame = frame_of(to=pl.Series(["EUR", None, "USD"], dtype=kind))
    found = both(frame, to="to").to_list()
    assert found == [pytest.approx(USD / EUR, rel=1e-15), None, 1.0]


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_timestamps(both, unit):
    """A naive one is of its own date, an aware one of its date in Almaty."""
    kind = pl.Datetime(unit)
    naive = pl.Series([at("2025-12-05T23:59"), None, at("2025-12-06")], dtype=kind)
    assert both(frame_of(date=naive)).to_list() == [USD, None, USD_NEXT]
    instants = [at("2025-12-04T18:59:59"), None, at("2025-12-04T19:00")]
    for zone in ("UTC", "America/New_York", "Asia/Almaty"):
        aware = (
            pl.Series(instants, dtype=kind).dt.replace_time_zone("UTC").dt.convert_time_zone(zone)
        )
        assert both(frame_of(date=aware)).to_list() == [USD_BEFORE, None, USD]


@pytest.mark.parametrize(
    "kind", [pl.String, pl.Categorical, pl.Enum(["n/a", "06.12.2025", "2025-12-05"])], ids=str
)
def test_dates_as_text(both, kind):
    """Both ways to write a date; an enum may have others that no row has."""
    dates = pl.Series(["2025-12-05", None, "06.12.2025"], dtype=kind)
    assert both(frame_of(date=dates)).to_list() == [USD, None, USD_NEXT]


@pytest.mark.parametrize("column", ["amount", "currency", "date", "to"])
@pytest.mark.parametrize("kind", [None, pl.Null])
def test_columns_of_nulls(both, column, kind):
    """Nulls stay null, though a whole column has nothing else, of any type."""
    usual = {"amount": pl.Decimal(9, 2), "currency": pl.String, "date": pl.Date, "to": pl.String}
    frame = frame_of(to=["EUR"] * 3)
    frame = frame.with_columns(pl.lit(None, dtype=kind or usual[column]).alias(column))
    for places in (None, 2):
        assert both(frame, to="to", places=places).to_list() == [None] * 3


def test_nan_is_no_amount_here(convert):
    """NaN is not null in Polars, and is refused as `kzt_rates.convert` refuses it."""
    frame = frame_of(amount=[None, float("nan"), 1.0])
    with pytest.raises(ValueError, match=r"^row 1: an amount is a finite number, not nan$"):
        convert(frame)
    told = (ValueError, pl.exceptions.ComputeError)
    with pytest.raises(told, match=r"batch row 1: an amount is a finite number, not nan"):
        convert(frame.lazy()).collect()


@pytest.mark.parametrize("kind", [pl.String, pl.Categorical])
@pytest.mark.parametrize("amounts", [pl.Float64, pl.Int16, pl.Decimal(9, 2)])
def test_chunks_and_slices(both, convert, kind, amounts):
    """Rows keep to their own values through chunks and offsets."""
    first = {"amount": [1, None, 2, 4], "currency": ["USD", "EUR", "CNY", None]}
    other = {"amount": [8, 1, 2], "currency": ["RUB", "USD", "EUR"]}
    parts = [
        pl.DataFrame(
            {
                "amount": pl.Series(part["amount"], dtype=amounts),
                "currency": pl.Series(part["currency"], dtype=kind),
                "date": [DAY] * len(part["amount"]),
            }
        )
        for part in (first, other)
    ]
    frame = pl.concat(parts, rechunk=False)
    assert frame.n_chunks() == 2
    expected = [USD, None, 2 * CNY, None, 8 * RUB, USD, 2 * EUR]
    assert both(frame).cast(pl.Float64).to_list() == expected
    assert both(frame.slice(2, 4)).cast(pl.Float64).to_list() == expected[2:6]
    for start in range(8):
        for length in range(8 - start):
            found = convert(frame.slice(start, length))["converted"].cast(pl.Float64).to_list()
            assert found == expected[start : start + length]


@pytest.mark.parametrize("kind", [pl.Boolean, pl.Binary, pl.Date, pl.Duration, pl.List(pl.Int8)])
def test_what_is_no_amount(convert, kind):
    """Only numbers and text are amounts, in a plan too."""
    frame = frame_of(amount=pl.Series([None] * 3, dtype=kind))
    with pytest.raises(TypeError, match="amounts has numbers"):
        convert(frame)
    with pytest.raises((TypeError, pl.exceptions.ComputeError), match="amounts has numbers"):
        convert(frame.lazy()).collect()


@pytest.mark.parametrize("kind", [pl.Int64, pl.Time, pl.Duration, pl.Float64, pl.Boolean])
def test_what_is_no_date(convert, kind):
    """Nothing is guessed from numbers."""
    with pytest.raises(TypeError, match="dates has dates"):
        convert(frame_of(date=pl.Series([None] * 3, dtype=kind)))


@pytest.mark.parametrize("kind", ["Int128", "UInt128"])
def test_numbers_that_no_arrow_has(convert, kind):
    """What PyArrow cannot take is an error, and no wrong number."""
    if not hasattr(pl, kind):
        pytest.skip("this Polars has none of them")
    with pytest.raises((TypeError, ValueError)):
        convert(frame_of(amount=pl.Series([1, None, 2], dtype=getattr(pl, kind))))


def test_a_plan_is_a_plan(convert):
    """What comes after a lazy conversion is run with it: filters, columns, groups, sorting."""
    rows = 50_000
    frame = pl.DataFrame({"amount": range(rows)}).with_columns(
        currency=pl.when(pl.col("amount") % 2 == 0).then(pl.lit("USD")).otherwise(pl.lit("EUR")),
        date=pl.lit(DAY),
    )
    plan = convert(frame.lazy())
    assert isinstance(plan, pl.LazyFrame)
    assert plan.collect().equals(convert(frame))
    evens = plan.filter(pl.col("currency") == "USD").select("converted").collect()
    assert evens["converted"].to_list()[:3] == [0.0, 2 * USD, 4 * USD]
    sums = plan.group_by("currency").agg(pl.col("amount").sum(), pl.col("converted").sum())
    for code, amount, tenge in sums.collect(engine="streaming").rows():
        assert tenge == pytest.approx(amount * {"USD": USD, "EUR": EUR}[code], rel=1e-12)
    last = plan.sort("converted", descending=True).head(1).collect()["converted"].to_list()
    assert last == [(rows - 1) * EUR]
    assert plan.select("amount").collect().columns == ["amount"]


def test_order_is_kept_by_every_engine(convert):
    """A plan over many batches gives the rows in the order they have."""
    frame = pl.DataFrame({"amount": range(200_000)})
    plan = convert(frame.lazy(), currency="USD", date=DAY)
    for engine in ("in-memory", "streaming"):
        assert plan.collect(engine=engine).equals(convert(frame, currency="USD", date=DAY))


def test_a_plan_fails_when_it_runs(convert):
    """An unknown code in a row is found by then; rows that are filtered away do not matter."""
    frame = frame_of(currency=["USD", "ZZZ", "EUR"])
    plan = convert(frame.lazy())
    for engine in ("in-memory", "streaming"):
        with pytest.raises((kzt_rates.UnknownCurrency, pl.exceptions.ComputeError), match="'ZZZ'"):
            plan.collect(engine=engine)
    kept = plan.filter(pl.col("currency") != "ZZZ").collect()
    assert kept["converted"].to_list() == [USD, EUR]
    nulls = convert(frame.lazy(), missing="null").collect()["converted"].to_list()
    assert nulls == [USD, None, EUR]


def test_between(convert):
    """A plan is converted by what is known of a range; a day out of it has no rate there."""
    plan = frame_of(date=[DAY, NEXT, DAY]).lazy()
    known = convert(plan, between=("05.12.2025", NEXT)).collect()["converted"].to_list()
    assert known == [USD, USD_NEXT, USD]
    beyond = convert(plan, between=(NEXT, NEXT), missing="null").collect()["converted"].to_list()
    assert beyond == [None, USD_NEXT, None]
    with pytest.raises((kzt_rates.RateNotFound, pl.exceptions.ComputeError), match="2025-12-05"):
        convert(plan, between=(NEXT, NEXT)).collect()
    with pytest.raises(ValueError, match="ends before it starts"):
        convert(plan, between=(NEXT, DAY))
    with pytest.raises(ValueError, match="between= is for lazy frames"):
        convert(frame_of(), between=(DAY, NEXT))


def test_all_time_may_be_named(convert):
    """A range from the first to the last date that Python knows is no more than what is known."""
    plan = convert(frame_of().lazy(), between=("0001-01-01", "9999-12-31"))
    assert plan.collect()["converted"].to_list() == [USD] * 3


def test_between_is_kept_by_what_is_carried(convert):
    """A rate of before the range may be carried into it, and answers for no day before it."""
    frame = pl.LazyFrame({"amount": [1.0], "currency": ["USD"], "date": [dt.date(2025, 12, 5)]})
    between = ("2025-12-10", "2025-12-20")
    with pytest.raises((kzt_rates.RateNotFound, pl.exceptions.ComputeError), match="2025-12-10"):
        convert(frame, missing="previous", between=between).collect()


def test_the_order_of_codes_makes_no_table(convert, archive):
    """Text is numbered as it comes; the same currencies in another order have the same table."""
    tables = ClientSource(archive).tables
    tables.clear()
    for codes in (["USD", "EUR", "CNY"], ["CNY", "USD", "EUR"], ["eur", "CNY", "usd"]):
        found = convert(frame_of(currency=codes))["converted"].to_list()
        expected = {"USD": USD, "EUR": EUR, "CNY": CNY}
        assert found == [expected[code.upper()] for code in codes]
    assert len(tables) == 1
