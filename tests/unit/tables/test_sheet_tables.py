"""A sheet in the tables of other libraries: the rows of the command, and their date."""

import csv
import datetime as dt
import io
import json
from decimal import Decimal
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa

from kzt_rates.figures import Day
from kzt_rates.models.sheet import sheet_from

Figures = dict[str, dict[str, tuple[str, int]]]
COLUMNS = ["date", "currency", "nominal", "value", "per_unit", "change", "name"]
DAY = dt.date(2025, 12, 5)


def of_figures(
    figures: Figures, day: str = "2025-12-05"
) -> dict[str, tuple[int, Decimal, Decimal]]:
    return {
        code: (nominal, Decimal(value), Decimal(value) / nominal)
        for code, (value, nominal) in figures[day].items()
    }


def test_dicts(make_sheet: Any, figures: Figures) -> None:
    """A row is a currency with the bank's figure, and with its change and name where it has any."""
    rows = make_sheet("2025-12-05").to_dicts()
    assert [list(row) for row in rows] == [COLUMNS] * 39
    assert {row["date"] for row in rows} == {DAY}
    assert [row["currency"] for row in rows] == sorted(figures["2025-12-05"])
    assert of_figures(figures) == {
        row["currency"]: (row["nominal"], row["value"], row["per_unit"]) for row in rows
    }
    by_code = {row["currency"]: (row["change"], row["name"]) for row in rows}
    assert by_code["USD"] == (Decimal("-1.50"), "доллар США")
    assert by_code["EUR"] == (None, "евро")  # the feed that gave it has no names


def test_pandas(make_sheet: Any, figures: Figures) -> None:
    """The frame's index is the codes; an absent change is NaN, and the types never change."""
    frame = make_sheet("2025-12-05").to_pandas()
    assert (frame.index.name, list(frame.columns)) == ("currency", ["date", *COLUMNS[2:]])
    assert frame["per_unit"].to_dict() == {
        code: float(per_unit) for code, (_, _, per_unit) in of_figures(figures).items()
    }
    assert frame["nominal"].dtype == "int64"
    assert frame["change"].dtype == "float64"
    assert frame.loc["USD", "change"] == -1.5
    assert frame["change"].isna().sum() == 38
    assert frame["name"].isna().sum() == 0
    nameless = make_sheet("2025-12-04").to_pandas().drop("USD")
    assert nameless["name"].dtype == frame["name"].dtype == frame.index.dtype
    exact = make_sheet("2025-12-05").to_pandas(exact=True)
    assert exact.loc["AMD", "per_unit"] == Decimal("1.314")
    assert exact.loc["EUR", "change"] is None


def test_polars_and_arrow(make_sheet: Any, figures: Figures) -> None:
    """Columns have the types of what they are, and exact ones their own scale."""
    sheet = make_sheet("2025-12-05")
    frame, table = sheet.to_polars(), sheet.to_arrow()
    assert frame.schema == {
        "date": pl.Date, "currency": pl.String, "nominal": pl.Int64, "value": pl.Float64,
        "per_unit": pl.Float64, "change": pl.Float64, "name": pl.String,
    }  # fmt: skip
    assert table.to_pylist() == frame.to_dicts()
    assert table.schema.field("currency").type == pa.string()
    expected = of_figures(figures)
    rows = zip(frame["currency"], frame["per_unit"], strict=True)
    assert dict(rows) == {code: float(per_unit) for code, (_, _, per_unit) in expected.items()}
    exact = sheet.to_arrow(exact=True)
    assert exact.to_pylist() == sheet.to_polars(exact=True).to_dicts() == sheet.to_dicts()
    scales = [exact.schema.field(name).type.scale for name in ("value", "per_unit", "change")]
    assert scales == [2, 4, 1]  # the rial is quoted for 1,000
    assert table.schema.metadata == {
        b"date": b"2025-12-05", b"requested_date": b"2025-12-05", b"complete": b"true",
        b"provisional": b"false", b"source": b"bank", b"fetched_at": b"",
    }  # fmt: skip


def test_sheets_are_stacked(make_sheet: Any, figures: Figures) -> None:
    """Sheets of several days lie one below the other, each row with its date."""
    days = ("2025-12-04", "2025-12-05")
    sheets = [make_sheet(day) for day in days]
    expected = [(day, float(figures[day]["USD"][0])) for day in days]
    for stacked in (
        pl.concat([sheet.to_polars() for sheet in sheets]).to_dicts(),
        pa.concat_tables([sheet.to_arrow() for sheet in sheets]).to_pylist(),
    ):
        usd = [(str(row["date"]), row["value"]) for row in stacked if row["currency"] == "USD"]
        assert usd == expected
    frame = pd.concat([sheet.to_pandas() for sheet in sheets])
    assert frame.loc["USD", "value"].tolist() == [value for _, value in expected]


def test_marks(make_sheet: Any) -> None:
    """A carried sheet has the day it is of and the day asked for; a provisional one says so."""
    carried = make_sheet("2025-12-05", "2025-12-07").to_dicts()
    assert list(carried[0]) == [*COLUMNS, "requested_date", "provisional"]
    assert {(row["date"], row["requested_date"], row["provisional"]) for row in carried} == {
        (DAY, dt.date(2025, 12, 7), False)
    }
    provisional = make_sheet("2025-12-05", final=False)
    assert provisional.to_polars()["provisional"].all()
    assert provisional.to_pandas()["requested_date"].dt.date.eq(DAY).all()


def test_texts(make_sheet: Any, figures: Figures, tmp_path: Any) -> None:
    """CSV and JSON read back are the bank's digits; a file is what is returned without one."""
    sheet = make_sheet("2025-12-05")
    sheet.to_csv(tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_bytes().decode() == sheet.to_csv()
    rows = list(csv.DictReader(io.StringIO(sheet.to_csv())))
    assert list(rows[0]) == COLUMNS[1:-1]
    assert {row["currency"]: (row["value"], int(row["nominal"])) for row in rows} == (
        figures["2025-12-05"]
    )
    sheet.to_json(str(tmp_path / "a.json"))
    assert (tmp_path / "a.json").read_bytes().decode() == f"{sheet.to_json()}\n"
    document = json.loads(sheet.to_json())
    keys = ["date", "requested_date", "complete", "provisional", "source", "fetched_at", "rates"]
    assert list(document) == keys
    assert [list(row) for row in document["rates"]] == [COLUMNS[1:]] * 39
    assert "доллар США" in sheet.to_json()


def test_csv_of_a_carried_sheet(make_sheet: Any) -> None:
    """Where the sheet is another day's, each row says of which; else there is no such column."""
    carried = make_sheet("2025-12-05", "2025-12-07")
    rows = list(csv.DictReader(io.StringIO(carried.to_csv())))
    assert list(rows[0]) == [*COLUMNS[1:-1], "effective_date"]
    assert {row["effective_date"] for row in rows} == {"2025-12-05"}
    assert carried.to_csv(decimal=",", delimiter="\t").splitlines()[2] == (
        "AMD\t10\t13,14\t1,314\t\t2025-12-05"
    )


def test_nothing() -> None:
    """A sheet without a rate is an empty table of the same types."""
    sheet = sheet_from(Day(DAY), DAY)
    assert sheet.to_dicts() == []
    assert sheet.to_polars().schema["nominal"] == pl.Int64
    assert pa.table(sheet).shape == (0, 7)
    assert sheet.to_pandas().shape == (0, 6)
