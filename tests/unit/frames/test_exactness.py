"""Every result against fractions of the bank's figures: all currencies and days on record."""

import math
import random
import struct
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from kzt_rates.frames.grid import LegTable, PairTable
from kzt_rates.frames.source import ClientSource

ROWS = 10_000


def frame_of(rows: list[Any], amounts: Any) -> pl.DataFrame:
    columns = dict(zip(("currency", "to", "date"), map(list, zip(*rows, strict=True)), strict=True))
    return pl.DataFrame({"amount": amounts, **columns})


def money(count: int, seed: int) -> list[float]:
    """Return amounts of two decimals, of both signs and many sizes."""
    chance = random.Random(seed)
    return [
        chance.randint(-(10**digits), 10**digits) / 100 for digits in _digits(chance, count, 12)
    ]


def _digits(chance: random.Random, count: int, most: int) -> Iterator[int]:
    return (chance.randint(1, most) for _ in range(count))


def any_floats(count: int, seed: int) -> list[float]:
    """Return floats of all 17 digits: of any bits, between 1e-200 and 1e200."""
    chance, found = random.Random(seed), []
    while len(found) < count:
        (number,) = struct.unpack("d", chance.randbytes(8))
        if 1e-200 < abs(number) < 1e200:
            found.append(number)
    return found


def ulps_off(result: float, exact: Fraction) -> float:
    """Return how many units in the last place of the exact answer a result is off."""
    return float(abs(Fraction(result) - exact) / Fraction(math.ulp(float(exact))))


@pytest.mark.parametrize("amounts", [money, any_floats])
def test_floats_are_within_two_units_in_the_last_place(convert, bank, amounts):
    """A float amount means its shortest decimal; cross rates and those from the tenge too."""
    rows, given = bank.rows(ROWS, seed=41), amounts(ROWS, seed=1)
    found = convert(frame_of(rows, given), to="to")["converted"].to_list()
    off = [
        ulps_off(result, Fraction(repr(amount)) * bank.rate(*row))
        for row, amount, result in zip(rows, given, found, strict=True)
        if amount
    ]
    assert len({row.base for row in rows} | {row.quote for row in rows}) > 45
    assert max(off) <= 2


@pytest.mark.parametrize("kind", ["int64", "uint64"])
def test_whole_numbers_are_within_two_units_in_the_last_place(convert, bank, kind):
    """Around 2**53, where floats begin to skip, and at the ends of 64 bits."""
    ends = [np.iinfo(kind).max, np.iinfo(kind).min, 2**63 - 1]
    given = [2**53 + step for step in range(-50, 51)] + ends + list(range(100))
    rows = bank.rows(len(given), seed=42)
    frame = frame_of(
        rows, pl.Series(given, dtype=getattr(pl, kind.replace("i", "I").replace("uI", "UI")))
    )
    found = convert(frame, to="to")["converted"].to_list()
    for row, amount, result in zip(rows, given, found, strict=True):
        exact = amount * bank.rate(*row)
        assert result == 0 if amount == 0 else ulps_off(result, exact) <= 2
    for places in (0, 2, 6):
        found = convert(frame, to="to", places=places)["converted"].to_list()
        exact = [
            bank.money(a * bank.rate(*row), places) for a, row in zip(given, rows, strict=True)
        ]
        assert found == list(map(float, exact))


@pytest.mark.parametrize("places", range(7))
@pytest.mark.parametrize("amounts", [money, any_floats])
def test_money_is_exact(convert, bank, amounts, places):
    """Floats to some places are the floats nearest to the exact money, ties away from zero."""
    count = 4_000 if amounts is money else 1_000
    rows, given = bank.rows(count, seed=43 + places), amounts(count, seed=places)
    found = convert(frame_of(rows, given), to="to", places=places)["converted"].to_list()
    exact = [Fraction(repr(a)) * bank.rate(*row) for a, row in zip(given, rows, strict=True)]
    assert found == [float(bank.money(one, places)) for one in exact]
    if amounts is money and 2 <= places <= 3:
        ties = sum((abs(one) * 10**places) % 1 == Fraction(1, 2) for one in exact)
        assert ties > 10  # where float64 and round() are off


def test_ties_of_both_signs(convert):
    """0.10 dollars of 499.65 tenge are 49.965: up to 49.97, and -49.97 for a debt."""
    frame = pl.DataFrame({"amount": [0.1, -0.1, 0.3, -0.3]})
    found = convert(frame, currency="USD", date="2025-12-05", places=2)["converted"].to_list()
    assert found == [49.97, -49.97, 149.9, -149.9]


@pytest.mark.parametrize("places", [0, 2, 4, 6, 18])
def test_the_ends_of_floats(convert, bank, places):
    """Huge and tiny amounts are as exact as others, and no zero has a sign."""
    given = [1e300, -1e300, 1e303, 1e305, 3.5e305, 5e-324, -1e-310, 1e-7, -1e-7, 2.0**53, 2.0**60]
    frame = pl.DataFrame({"amount": given})
    options = {"currency": "USD", "date": "2025-12-05", "places": places}
    found = convert(frame, **options)["converted"].to_list()
    rate = bank.rate("USD", "KZT", "2025-12-05")
    assert found == [float(bank.money(Fraction(repr(a)) * rate, places)) for a in given]
    found = convert(pl.DataFrame({"amount": [0.0, -0.0, -1e-300]}), **options)["converted"]
    assert found.to_list() == [0, 0, 0]
    assert all(math.copysign(1, zero) == 1 for zero in found)  # -0.0 is no money
    for amount in (1e306, -1e308):
        with pytest.raises(ValueError, match=r"^row 1: the result is too large for a float64$"):
            convert(pl.DataFrame({"amount": [1.0, amount]}), **options)


def test_the_ends_of_floats_without_places(convert, bank):
    """What float64 has no room for is an error that names its row, and no infinity."""
    given = [1e305, 5e-324]
    frame = pl.DataFrame({"amount": given})
    found = convert(frame, currency="USD", date="2025-12-05")["converted"].to_list()
    rate = bank.rate("USD", "KZT", "2025-12-05")
    assert ulps_off(found[0], Fraction("1e305") * rate) <= 2
    assert ulps_off(found[1], Fraction(5e-324) * rate) <= 2
    large = pl.DataFrame({"amount": [1.0, 1e308, None, -1e308]})
    with pytest.raises(ValueError, match=r"row 1: the result is too large .*\n  row 3: the result"):
        convert(large, currency="USD", date="2025-12-05")


@pytest.mark.parametrize("kind", ["float32", "float16"])
def test_short_floats_mean_what_they_print_as(convert, bank, kind):
    """A float32 of 0.1 is a tenth, and not the 0.10000000149 that is its nearest float64."""
    chance = np.random.default_rng(7)
    bits = chance.integers(0, 2**31, 4_000).astype(np.uint32).view(np.float32)
    with np.errstate(over="ignore", invalid="ignore"):
        given = np.concatenate([bits, chance.integers(-(10**6), 10**6, 4_000) / 100]).astype(kind)
    given = given[np.isfinite(given) & (np.abs(given.astype(float)) < 1e30)]
    rows = bank.rows(len(given), seed=44)
    frame = pd.DataFrame(frame_of(rows, [0.0] * len(given)).to_dict(as_series=False))
    meant = [Fraction(str(number)) for number in given]
    frame["amount"] = given
    found = convert(frame, to="to")["converted"].tolist()
    for row, amount, result in zip(rows, meant, found, strict=True):
        exact = amount * bank.rate(*row)
        assert result == 0 if amount == 0 else ulps_off(result, exact) <= 2
    found = convert(frame, to="to", places=2)["converted"].tolist()
    exact = [bank.money(a * bank.rate(*row), 2) for a, row in zip(meant, rows, strict=True)]
    assert found == list(map(float, exact))


@pytest.mark.parametrize("scale", [0, 2, 9, 13])
def test_decimals_are_exact(convert, bank, scale, in_caller_s_context):
    """Of 18 decimals, a cross rate rounded half to even; to `places`, ties away from zero."""
    count, chance = 3_000, random.Random(scale)
    rows = bank.rows(count, seed=45 + scale)
    given = [chance.randint(-(10**d), 10**d) for d in _digits(chance, count, 14)]
    amounts = pl.Series(
        pa.array([Decimal(f"{n}E-{scale}") for n in given], pa.decimal128(38, scale))
    )
    frame = frame_of(rows, amounts)
    exact = [
        Fraction(units, 10**scale) * bank.rate(*row) for units, row in zip(given, rows, strict=True)
    ]
    found = convert(frame, to="to")["converted"].to_list()
    assert [Fraction(one) for one in found] == [
        Fraction(round(one * 10**18), 10**18) for one in exact
    ]
    for places in (0, 2, 5):
        found = convert(frame, to="to", places=places)["converted"].to_list()
        assert [Fraction(one) for one in found] == [bank.money(one, places) for one in exact]


def test_decimals_without_places_round_ties_to_even(convert):
    """Half of the last of 18 places goes to the even one; with places, away from zero."""
    halves = [Decimal(f"{sign}{units}5E-19") for sign in ("", "-") for units in range(4)]
    frame = pl.DataFrame({"amount": pl.Series(halves, dtype=pl.Decimal(38, 20))})
    options = {"currency": "KZT", "date": "2025-12-05"}
    found = convert(frame, **options)["converted"].to_list()
    assert [int(one.scaleb(18)) for one in found] == [0, 2, 2, 4, 0, -2, -2, -4]
    found = convert(frame, **options, places=18)["converted"].to_list()
    assert [int(one.scaleb(18)) for one in found] == [1, 2, 3, 4, -1, -2, -3, -4]


def test_rows_are_what_the_verb_gives(convert, archive, bank):
    """Row by row, money and objects are `kzt_rates.convert` of the same."""
    count = 1_500
    rows, given = bank.rows(count, seed=46), money(count, seed=9)
    frame = frame_of(rows, given)
    for places in (0, 2, 3):
        found = convert(frame, to="to", places=places)["converted"].to_list()
        verb = [
            archive.convert(amount, row.base, row.quote, on=row.day, places=places)
            for row, amount in zip(rows, given, strict=True)
        ]
        assert found == list(map(float, verb))
    objects = pd.DataFrame(frame.to_dict(as_series=False))
    objects["amount"] = pd.Series([Decimal(repr(amount)) for amount in given], dtype=object)
    for places in (None, 2):
        found = convert(objects, to="to", places=places)["converted"].tolist()
        verb = [
            archive.convert(amount, row.base, row.quote, on=row.day, places=places)
            for row, amount in zip(rows, given, strict=True)
        ]
        assert list(map(str, found)) == list(map(str, verb))


def test_libraries_agree_to_the_bit(convert, bank):
    """pandas of numpy, nullable and Arrow, Polars eager and lazy, PyArrow: the same bits."""
    rows = [row for row in bank.rows(3 * ROWS, seed=47) if row.quote in ("KZT", "USD")]
    given = [*any_floats(1_000, seed=2), *money(len(rows) - 1_000, seed=2)]
    frame = frame_of(rows, given)
    arrow = frame.to_arrow()
    pandas = arrow.to_pandas()
    of_arrow = arrow.to_pandas(types_mapper=pd.ArrowDtype)
    nullable = pandas.assign(amount=pandas["amount"].astype("Float64"))
    categories = frame.with_columns(pl.col("currency", "to").cast(pl.Categorical))
    texts = frame.with_columns(pl.col("date").dt.strftime("%d.%m.%Y"))
    stamps = frame.with_columns(pl.col("date").cast(pl.Datetime("ns")))
    for places in (None, 2):
        options = {"to": "to", "places": places}
        expected = convert(frame, **options)["converted"].to_numpy().tobytes()
        for other in (pandas, of_arrow, nullable, arrow, categories, texts, stamps):
            result = convert(other, **options)["converted"]
            assert np.asarray(result, np.float64).tobytes() == expected
        for engine in ("in-memory", "streaming"):
            result = convert(frame.lazy(), **options).collect(engine=engine)["converted"]
            assert result.to_numpy().tobytes() == expected


@pytest.mark.parametrize("places", [None, 2])
def test_parts_of_a_frame_agree_with_the_whole(convert, archive, bank, monkeypatch, places):
    """However many rows are taken at once, and whether by pairs or by currencies: the same."""
    tables = ClientSource(archive).tables
    rows, given = bank.rows(500, seed=49), [*money(400, seed=4), *any_floats(100, seed=4)]
    frame = frame_of(rows, given)
    decimals = frame_of(rows, [Decimal(f"{amount:.2f}") for amount in money(500, 5)])
    expected = [convert(one, to="to", places=places) for one in (frame, decimals)]
    for cells, chunk in ((0, 10_000), (0, 7), (2**40, 7), (2**40, 1)):
        monkeypatch.setattr("kzt_rates.frames.grid.MAX_CELLS", cells)
        monkeypatch.setattr("kzt_rates.frames.in_memory.CHUNK_ROWS", chunk)
        tables.clear()
        found = [convert(one, to="to", places=places) for one in (frame, decimals)]
        assert all(map(pl.DataFrame.equals, found, expected))
        assert {type(table) for table in tables.values()} == {PairTable if cells else LegTable}


def test_decimals_agree_between_libraries(convert, bank):
    """Decimals to places are the same of Polars, Arrow, and Arrow or objects in pandas."""
    rows = bank.rows(2_000, seed=48)
    given = [Decimal(f"{amount:.2f}") for amount in money(2_000, seed=3)]
    frame = frame_of(rows, pl.Series(given, dtype=pl.Decimal(20, 2)))
    arrow = frame.to_arrow()
    of_arrow = arrow.to_pandas(types_mapper=pd.ArrowDtype)
    objects = of_arrow.assign(amount=pd.Series(given, dtype=object))
    expected = convert(frame, to="to", places=2)["converted"].to_list()
    for other in (arrow, of_arrow, objects, frame.lazy()):
        result = convert(other, to="to", places=2)
        result = result.collect() if isinstance(result, pl.LazyFrame) else result
        column = result["converted"]
        found = column.to_pylist() if isinstance(result, pa.Table) else list(column)
        assert list(map(str, found)) == list(map(str, expected))


def test_amounts_of_many_decimals_are_rounded_half_to_even(convert):
    """A decimal result has 18 decimals; what does not end there is rounded once."""
    amounts = [Decimal("1E-18"), Decimal("3E-18"), Decimal("-1E-18")]
    frame = pl.DataFrame({"amount": amounts}, schema={"amount": pl.Decimal(38, 18)})
    found = convert(frame, currency="USD", date="2025-12-05")["converted"].to_list()
    # 499.65 and 1498.95 times ten to the power of minus eighteen
    assert found == [Decimal("500E-18"), Decimal("1499E-18"), Decimal("-500E-18")]
