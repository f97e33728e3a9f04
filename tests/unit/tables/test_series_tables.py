"""A series in the tables of other libraries: the same days, the same figures."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kzt_rates.models import Series
from kzt_rates.models.series import series_of

Figures = dict[str, dict[str, tuple[str, int]]]
DAY = dt.date(2016, 1, 1)


def values_of(series: Series) -> tuple[Decimal, ...]:
    return tuple(value for _, value in series)


def of_values(*values: Decimal) -> Series:
    days = tuple(DAY + dt.timedelta(days=n) for n in range(len(values)))
    return series_of("USD", "KZT", days[0], days[-1], days, values)


def dollar(figures: Figures) -> dict[str, str]:
    """Return the dollar's figures of 2016 as they are in the file."""
    return {day: rates["USD"][0] for day, rates in figures.items() if day.startswith("2016")}


def test_dicts(year: Series, figures: Figures) -> None:
    """Rows are dates and Decimals of the bank, in order."""
    rows = year.to_dicts()
    assert [list(row) for row in rows] == [["date", "rate"]] * 366
    assert {str(row["date"]): row["rate"] for row in rows} == {
        day: Decimal(value) for day, value in dollar(figures).items()
    }
    assert [type(row["date"]) for row in rows[:2]] == [dt.date] * 2


def test_pandas(year: Series, figures: Figures) -> None:
    """The frame's index is the dates, its floats are those of the digits in the file."""
    frame = year.to_pandas()
    assert list(frame.columns) == ["rate"]
    assert frame["rate"].dtype == "float64"
    assert frame.index.name == "date"
    assert frame.index.dtype == pd.to_datetime(["2016-01-01"]).dtype
    assert frame["rate"].to_dict() == {
        pd.Timestamp(day): float(value) for day, value in dollar(figures).items()
    }
    assert len(frame.loc["2016-02"]) == 29


def test_polars(year: Series, figures: Figures) -> None:
    """The frame has dates, and the floats of the digits in the file."""
    frame = year.to_polars()
    assert frame.schema == {"date": pl.Date, "rate": pl.Float64}
    assert {str(day): rate for day, rate in frame.rows()} == {
        day: float(value) for day, value in dollar(figures).items()
    }


def test_arrow(year: Series, figures: Figures) -> None:
    """The table has dates and floats, and says of what it is."""
    table = year.to_arrow()
    assert table.schema.equals(pa.schema({"date": pa.date32(), "rate": pa.float64()}))
    assert table.schema.metadata == {
        b"base": b"USD", b"quote": b"KZT", b"start": b"2016-01-01", b"end": b"2016-12-31",
        b"step": b"day",
    }  # fmt: skip
    assert {str(row["date"]): row["rate"] for row in table.to_pylist()} == {
        day: float(value) for day, value in dollar(figures).items()
    }


def test_exact(year: Series, cross: Series) -> None:
    """Exact figures are decimals with all digits, of the smallest scale that holds them."""
    assert year.to_arrow(exact=True).schema.field("rate").type == pa.decimal128(38, 2)
    assert year.to_polars(exact=True).schema["rate"] == pl.Decimal(38, 2)
    for series in (year, cross):
        assert tuple(series.to_arrow(exact=True)["rate"].to_pylist()) == values_of(series)
        assert tuple(series.to_polars(exact=True)["rate"]) == values_of(series)
        frame = series.to_pandas(exact=True)
        assert tuple(frame["rate"]) == values_of(series)
        assert {type(value) for value in frame["rate"]} == {Decimal}
    assert all(len(value.as_tuple().digits) > 25 for value in values_of(cross))
    assert any(
        Decimal(rate) != value
        for rate, value in zip(cross.to_arrow()["rate"].to_pylist(), values_of(cross), strict=True)
    )


def ways(series: Series) -> list[Any]:
    return [series.to_arrow, series.to_polars]


def test_scale_of_written_zeros() -> None:
    """Zeros at the end and exponents take no decimals."""
    series = of_values(Decimal("74.80"), Decimal("1E+2"), Decimal("86.00"))
    assert series.to_arrow(exact=True)["rate"].type == pa.decimal128(38, 1)
    assert series.to_polars(exact=True)["rate"].to_list() == [Decimal("74.8"), 100, 86]


def test_what_fits_no_decimal(tmp_path: Any) -> None:
    """A figure that 38 digits do not hold is an error in decimals, and as near as can be else."""
    fits = of_values(Decimal("1e19"), Decimal("1e-18"))
    assert fits.to_arrow(exact=True)["rate"].to_pylist() == list(fits.values)
    assert fits.to_polars(exact=True)["rate"].to_list() == list(fits.values)
    for values in (("1e19", "1e-19"), ("1e-39",)):
        series = of_values(*map(Decimal, values))
        for way in ways(series):
            with pytest.raises(ValueError, match=r"rate takes .* a decimal holds 38"):
                way(exact=True)
        with pytest.raises(ValueError, match="a decimal holds 38"):
            series.to_parquet(tmp_path / "a.parquet")
        assert list(tmp_path.iterdir()) == []
        assert series.to_polars()["rate"].to_list() == [float(value) for value in values]
        assert tuple(series.to_pandas(exact=True)["rate"]) == values_of(series)


@given(st.lists(st.decimals("1e-40", "1e20", allow_nan=False), min_size=1, max_size=5))
def test_any_figures(values: list[Decimal]) -> None:
    """Decimals are the same numbers of the fewest decimals, or there are none."""
    series = of_values(*values)
    scale = next(
        n for n in range(400) if all((Fraction(v) * 10**n).denominator == 1 for v in values)
    )
    if scale > 38 or max(map(Fraction, values)) * 10**scale >= 10**38:
        with pytest.raises(ValueError, match="nothing is rounded"):
            series.to_arrow(exact=True)
    else:
        column = series.to_arrow(exact=True)["rate"]
        assert column.type.scale == scale
        assert column.to_pylist() == values
    for value, rate in zip(values, series.to_arrow()["rate"].to_pylist(), strict=True):
        top, bottom = value.as_integer_ratio()
        assert rate == top / bottom  # the division of integers is rounded right


def test_marks(marked: Series) -> None:
    """A carried day and a provisional one are told from ordinary ones; a missing one is absent."""
    first, carried, last = marked.dates
    expected = [
        {"date": first, "rate": Decimal("516.86"), "effective_date": first, "provisional": False},
        {"date": carried, "rate": Decimal("516.86"), "effective_date": first, "provisional": False},
        {"date": last, "rate": Decimal("512.53"), "effective_date": last, "provisional": True},
    ]
    assert marked.to_dicts() == expected
    assert marked.to_polars(exact=True).to_dicts() == expected
    assert marked.to_arrow(exact=True).to_pylist() == expected
    frame = marked.to_pandas(exact=True).reset_index()
    assert list(frame.columns) == list(expected[0])
    assert frame["provisional"].dtype == bool
    assert frame["effective_date"].dt.date.tolist() == [first, first, last]
    assert marked[:first].to_polars().columns == ["date", "rate"]
    for part in (marked[:carried], marked[last:]):  # only the one, only the other
        assert part.to_arrow().column_names == list(expected[0])


def test_csv_of_a_carried_series(marked: Series) -> None:
    """Where a day is carried, each row has the day that its rate is official for."""
    assert marked.to_csv().splitlines() == [
        "date,rate,effective_date",
        "2025-11-28,516.86,2025-11-28",
        "2025-11-30,516.86,2025-11-28",
        "2025-12-01,512.53,2025-12-01",
    ]
    assert marked[marked.end :].to_csv() == "date,rate\n2025-12-01,512.53\n"
    months = marked.resample("month", "last", allow_missing=True)
    assert months.to_csv().splitlines() == [
        "date,rate,carried", "2025-11-28,516.86,true", "2025-12-01,512.53,false",
    ]  # fmt: skip


def test_csv_for_other_countries(year: Series, tmp_path: Any) -> None:
    """Decimals after a comma and columns apart by a semicolon, in text and in a file."""
    assert year.to_csv(decimal=",", delimiter=";").splitlines()[:2] == [
        "date;rate", "2016-01-01;340,01",
    ]  # fmt: skip
    year.to_csv(tmp_path / "a.csv", decimal=",", delimiter="|")
    assert (tmp_path / "a.csv").read_text("utf-8").splitlines()[1] == "2016-01-01|340,01"
    frame = pd.read_csv(tmp_path / "a.csv", sep="|", decimal=",")
    assert frame["rate"].tolist() == list(map(float, values_of(year)))


@pytest.mark.parametrize(
    ("marks", "message"),
    [
        ({"decimal": ","}, "both ','"),
        ({"delimiter": "."}, "delimiter is one of"),
        ({"decimal": ";", "delimiter": ","}, "decimal is"),
        ({"delimiter": "-"}, "delimiter is one of"),
        ({"delimiter": ""}, "delimiter is one of"),
        ({"delimiter": ";;"}, "delimiter is one of"),
        ({"delimiter": "1"}, "delimiter is one of"),
        ({"delimiter": "\n"}, "delimiter is one of"),
    ],
)
def test_marks_that_would_break_a_cell(
    year: Series, tmp_path: Any, marks: dict[str, str], message: str
) -> None:
    """No mark that is part of a date or a figure, and not the same for both; nothing is written."""
    with pytest.raises(ValueError, match=message):
        year.to_csv(tmp_path / "a.csv", **marks)
    assert list(tmp_path.iterdir()) == []


def test_resampled(marked: Series, year: Series) -> None:
    """Periods have their first days, and say whether a day of theirs is carried or provisional."""
    months = marked.resample("month", "last", allow_missing=True)
    assert months.to_dicts() == [
        {"date": dt.date(2025, 11, 28), "rate": Decimal("516.86"), "carried": True,
         "provisional": False},
        {"date": dt.date(2025, 12, 1), "rate": Decimal("512.53"), "carried": False,
         "provisional": True},
    ]  # fmt: skip
    table = year.resample("quarter", "first").to_arrow()
    assert table["date"].to_pylist() == [dt.date(2016, month, 1) for month in (1, 4, 7, 10)]
    assert table.column_names == ["date", "rate"]
    assert table.schema.metadata[b"step"] == b"quarter"


def test_nothing() -> None:
    """A series without a rate is an empty table of the same types."""
    series = series_of("USD", "KZT", DAY, DAY, (), (), missing=(DAY,))
    assert series.to_dicts() == []
    assert series.to_csv() == "date,rate\n"
    assert series.to_polars().schema == {"date": pl.Date, "rate": pl.Float64}
    assert series.to_polars(exact=True).schema["rate"] == pl.Decimal(38, 0)
    assert series.to_arrow().schema.types == [pa.date32(), pa.float64()]
    frame = series.to_pandas()
    assert (len(frame), frame["rate"].dtype, frame.index.dtype.kind) == (0, "float64", "M")
    if hasattr(pl.DataFrame, "__arrow_c_stream__"):  # Polars 1.3
        assert pl.DataFrame(series).shape == (0, 2)
