import csv
import io
import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Literal

import httpx
import openpyxl
import pytest
from lxml import etree

from kzt_rates.feed import export_codes, export_id
from kzt_rates.feed.export import COLUMN_OF
from kzt_rates.printing import Dates
from kzt_rates.testing import (
    DAILY_HOLES,
    SettableClock,
    Sheet,
    StandInBank,
    archive_sheets,
    range_xlsx,
)

from .conftest import EXPORT, IDS, SHEETS, Get, cells, daily, export

ALL_IDS = {code: export_id(code) for code in export_codes() if code not in COLUMN_OF}

CSV = Path(__file__).resolve().parents[2] / "data" / "official_rates.csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TWO_DAYS = export("2025-12-04", "2025-12-05", "USD", "AMD")


def official() -> dict[tuple[str, str], tuple[Decimal, int]]:
    """Return the bank's figures by ISO date and code, as they are in the data."""
    with CSV.open(encoding="utf-8", newline="") as file:
        return {
            (row["date"], row["currency"]): (Decimal(row["value"]), int(row["nominal"]))
            for row in csv.DictReader(file)
        }


def ask(bank: StandInBank, path: str) -> bytes:
    return httpx.get(bank.url + path, trust_env=False).content


def test_answers_like_the_bank(get: Get) -> None:
    """A workbook comes as a file to be saved, not to be cached, with the clock's Date."""
    response, body = get(TWO_DAYS)
    assert (response.status, response.getheader("Content-Type")) == (200, XLSX)
    assert (response.getheader("Content-Disposition") or "").startswith("attachment; filename=")
    assert response.getheader("Cache-Control") == "no-cache, private"
    assert response.getheader("Set-Cookie")
    assert response.getheader("Date") == "Fri, 05 Dec 2025 07:00:00 GMT"
    assert response.getheader("Content-Length") == str(len(body))


def test_shape(get: Get) -> None:
    """A column of dates, then nominal and value of each code in the form's order; a row a day."""
    assert cells(get(TWO_DAYS)[1]) == [
        ["Date", "USD_quant", "USD", "AMD_quant", "AMD"],
        ["04.12.2025", 1, 506.71, 10, 13.3],
        ["05.12.2025", 1, 505.53, 10, 13.25],
    ]
    backwards = export("2025-12-05", "2025-12-05", "AMD", "USD")
    assert cells(get(backwards)[1])[0] == ["Date", "USD_quant", "USD", "AMD_quant", "AMD"]


def test_brackets_may_be_encoded(get: Get) -> None:
    """`rates[]` and `rates%5B%5D` are the same question, and one day is a range."""
    asked = get(TWO_DAYS.replace("[]", "%5B%5D"))[1]
    assert asked == get(TWO_DAYS)[1]
    assert len(cells(get(export("2025-12-05", "2025-12-05", "USD"))[1])) == 2


def test_exactly_the_published_figures() -> None:
    """Thirty-nine codes of seven weeks come out as the bank's own figures, and nothing else."""
    start, end = date(2025, 11, 24), date(2026, 1, 11)
    figures = official()
    path = export("2025-11-24", "2026-01-11") + "".join(f"&rates[]={n}" for n in ALL_IDS.values())
    with StandInBank(archive_sheets(start, end), clock=SettableClock("2026-01-11T12:00Z")) as bank:
        header, *rows = cells(ask(bank, path))
    assert len(header) == 1 + 2 * 39
    seen = {}
    for row in rows:
        day = "-".join(reversed(str(row[0]).split(".")))
        for code, nominal, value in zip(header[2::2], row[1::2], row[2::2], strict=True):
            if nominal is not None or value is not None:
                seen[day, code] = (Decimal(str(value)), nominal)
    expected = {key: rate for key, rate in figures.items() if f"{start}" <= key[0] <= f"{end}"}
    assert len(expected) > 1000
    assert seen == expected


def test_every_calendar_day() -> None:
    """Days without rates are rows of blanks, and no row is newer than the newest sheet."""
    sheets: dict[str, Sheet] = {"2025-12-01": {"USD": "512.53"}, "2025-12-04": {"EUR": "590.52"}}
    with StandInBank(sheets) as bank:
        _, *rows = cells(ask(bank, export("2025-11-30", "2025-12-09", "USD", "EUR")))
        assert rows == [
            ["30.11.2025", None, None, None, None],
            ["01.12.2025", 1, 512.53, None, None],
            ["02.12.2025", None, None, None, None],
            ["03.12.2025", None, None, None, None],
            ["04.12.2025", None, None, 1, 590.52],
        ]
        assert cells(ask(bank, export("2025-12-05", "2025-12-09", "USD"))) == [
            ["Date", "USD_quant", "USD"]
        ]
    with StandInBank() as bank:
        assert len(cells(ask(bank, export("2025-12-05", "2025-12-09", "USD")))) == 1


def test_nominal_per_row() -> None:
    """The nominal is that of the row; `current_nominals` is a trap of the daily feed alone."""
    sheets: dict[str, Sheet] = {
        "2013-04-24": {"HUF": "0.65", "UZS": "0.07", "BYR": "0.02"},
        "2016-07-01": {"BYR": ("1.68", 100)},
        "2016-07-02": {"BYN": "170.73"},
    }
    now = {"HUF": 10, "UZS": 100, "BYR": 100}
    with StandInBank(sheets, current_nominals=now, archive_start="2013-01-01") as bank:
        _, row = cells(ask(bank, export("2013-04-24", "2013-04-24", "HUF", "UZS", "BYN")))
        assert row == ["24.04.2013", 1, 0.07, 1, 0.02, 1, 0.65]  # UZS, BYN, HUF
        assert cells(ask(bank, export("2016-07-01", "2016-07-02", "BYN"))) == [
            ["Date", "BYN_quant", "BYN"],
            ["01.07.2016", 100, 1.68],
            ["02.07.2016", 1, 170.73],
        ]
        quants = etree.fromstring(ask(bank, daily("2013-04-24"))).findall(".//quant")
    assert sorted(quant.text or "" for quant in quants) == ["10", "100", "100"]


def test_old_rouble_is_labelled_rub() -> None:
    """The rouble of before 1998 is in the column of the new one, per thousand."""
    sheets: dict[str, Sheet] = {
        "1997-12-31": {"RUR": ("12.7", 1000)},
        "1998-01-01": {"RUB": "12.7"},
    }
    with StandInBank(sheets) as bank:
        assert cells(ask(bank, export("1997-12-31", "1998-01-01", "RUB"))) == [
            ["Date", "RUB_quant", "RUB"],
            ["31.12.1997", 1000, 12.7],
            ["01.01.1998", 1, 12.7],
        ]


ONE_DAY_OF = "?beginDate=05.12.2025&endDate=05.12.2025"


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?beginDate=05.12.2025&rates[]=5",
        "?endDate=05.12.2025&rates[]=5",
        "?beginDate=2025-12-05&endDate=05.12.2025&rates[]=5",
        "?beginDate=05.12.2025&endDate=31.02.2026&rates[]=5",
        "?beginDate=05.12.2025&endDate=04.12.2025&rates[]=5",
        "?beginDate=05.12.2025&beginDate=05.12.2025&endDate=05.12.2025&rates[]=5",
        ONE_DAY_OF,
        f"{ONE_DAY_OF}&rates=5",
        f"{ONE_DAY_OF}&rates[]=",
        f"{ONE_DAY_OF}&rates[]=USD",
        f"{ONE_DAY_OF}&rates[]=5&rates[]=11",
        f"{ONE_DAY_OF}&rates[]=5&rates[]=5",
        f"{ONE_DAY_OF}&rates[]=05",
    ],
)
def test_malformed_question(bank: StandInBank, get: Get, query: str) -> None:
    """What the form would not send is answered 200 with a web page, and is on record."""
    response, body = get(EXPORT + query)
    assert (response.status, response.getheader("Content-Type")) == (
        200,
        "text/html; charset=UTF-8",
    )
    assert b"<html>" in body
    assert [request.feed for request in bank.requests] == ["export"]


def test_report_is_another_page(bank: StandInBank, get: Get) -> None:
    """The sibling that makes a table of HTML is not spoken."""
    assert get(TWO_DAYS.replace("/excel", "/report"))[0].status == 404
    assert bank.requests[0].feed == "other"


@pytest.mark.parametrize(
    ("years", "start", "last"),
    [
        (4, "2016-01-01", "2019-12-31"),
        (4, "2016-02-29", "2020-02-28"),
        (3, "2016-02-29", "2019-02-28"),
        (1, "2025-01-01", "2025-12-31"),
    ],
)
def test_longest_range(years: int, start: str, last: str) -> None:
    """So many years are answered, and a day more is a web page with status 200."""
    beyond = (date.fromisoformat(last) + timedelta(days=1)).isoformat()
    with StandInBank(SHEETS, export_years=years) as bank:
        assert ask(bank, export(start, last, "USD")).startswith(b"PK")
        assert b"<html>" in ask(bank, export(start, beyond, "USD"))


def test_end_of_time() -> None:
    """The last dates that Python knows are dates like any other; no years are too few."""
    with StandInBank(SHEETS) as bank:
        assert len(cells(ask(bank, export("9998-01-01", "9999-12-31", "USD")))) == 1
    with pytest.raises(ValueError, match="a year at least, not 0"):
        StandInBank(export_years=0)


def test_log_of_requests(bank: StandInBank, get: Get) -> None:
    """A request shows range and codes in the order asked; `day` is the daily feed's alone."""
    get(TWO_DAYS)
    get(export("2025-12-05", "2025-12-05", "BYN"))
    get(f"{EXPORT}?beginDate=05.12.2025&endDate=x&rates[]=99&rates[]=16")
    get(daily("2025-12-05"))
    whole, one_day, broken, other = bank.requests
    assert (whole.feed, whole.day, whole.codes) == ("export", None, ("USD", "AMD"))
    assert (whole.start, whole.end) == (date(2025, 12, 4), date(2025, 12, 5))
    assert (one_day.day, one_day.start, one_day.codes) == (None, one_day.end, ("BYN",))
    assert (broken.start, broken.end, broken.codes) == (date(2025, 12, 5), None, ("RUB",))
    assert (other.day, other.start, other.end, other.codes) == (date(2025, 12, 5), None, None, ())


@pytest.mark.parametrize("old_dates", ["today_labelled_as_asked", "today", "info"])
def test_holes(old_dates: str) -> None:
    """A sheet can be in one feed only: the other says that it has no rate, or has no row."""
    bank = StandInBank(
        SHEETS,
        old_dates=old_dates,  # type: ignore[arg-type]
        daily_holes=["2025-12-04"],
        export_holes=[date(2025, 12, 5)],
    )
    with bank:
        assert [row[0] for row in cells(ask(bank, TWO_DAYS))] == ["Date", "04.12.2025"]
        assert b"<info>" in ask(bank, daily("2025-12-04"))
        assert b"<item>" in ask(bank, daily("2025-12-05"))
        bank.publish("2025-12-06", {"USD": "507.2"})
        _, *rows = cells(ask(bank, export("2025-12-05", "2025-12-06", "USD")))
        assert rows == [["06.12.2025", 1, 507.2]]


def test_real_holes() -> None:
    """The days that the bank's daily feed lacks are 1, 25 and 6 by count."""
    months = sorted((day.year, day.month) for day in DAILY_HOLES)
    assert months == [(2022, 12)] + [(2023, 7)] * 4 + [(2023, 8)] * 27
    assert date(2022, 12, 20) in DAILY_HOLES
    assert date(2023, 8, 22) not in DAILY_HOLES


def test_dates_as_numbers() -> None:
    """With `export_dates="serial"` the dates are Excel's, which openpyxl reads as dates."""
    with StandInBank(SHEETS, export_dates="serial") as bank:
        body = ask(bank, TWO_DAYS)
    dates = [row[0] for row in cells(body)[1:]]
    assert all(isinstance(day, datetime) for day in dates)
    assert [str(day) for day in dates] == ["2025-12-04 00:00:00", "2025-12-05 00:00:00"]
    # 2025-12-04 is Excel's day 45995
    assert b'<c r="A2" s="1"><v>45995</v></c>' in sheet_part(body)


@pytest.mark.parametrize(
    ("numbers", "value", "nominal"),
    [
        ("number", '<c r="C2"><v>512.53</v></c>', '<c r="B2"><v>1</v></c>'),
        ("float", '<c r="C2"><v>512.52999999999997</v></c>', '<c r="B2"><v>1</v></c>'),
    ],
)
def test_numbers(numbers: str, value: str, nominal: str) -> None:
    """A number is the shortest that its double has, or shows all of its 17 digits."""
    sheets: dict[str, Sheet] = {"2025-12-01": {"USD": "512.53"}}
    with StandInBank(sheets, export_numbers=numbers) as bank:  # type: ignore[arg-type]
        sheet = sheet_part(ask(bank, export("2025-12-01", "2025-12-01", "USD"))).decode()
    assert value in sheet
    assert nominal in sheet


def test_numbers_as_text() -> None:
    """With `export_numbers="text"` the digits are those published, zeros at the end included."""
    sheets: dict[str, Sheet] = {
        "2013-04-24": {"USD": "150.90", "AMD": (Decimal("3.60"), 10), "EUR": (Decimal("3.6"), 10)},
        "2013-04-25": {"USD": ""},
    }
    with StandInBank(sheets, export_numbers="text") as bank:
        body = ask(bank, export("2013-04-24", "2013-04-25", "USD", "AMD", "EUR"))
    assert cells(body)[1] == ["24.04.2013", "1", "150.90", "10", "3.6", "10", "3.60"]
    assert cells(body)[2][1:3] == ["1", None]


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"export_dates": "iso"}, "dates are one of text, serial, not 'iso'"),
        ({"export_numbers": "int"}, "numbers are one of number, text, float, not 'int'"),
        ({"daily_holes": ["5.12.25"]}, "a date is written"),
        ({"export_holes": ["5.12.25"]}, "a date is written"),
    ],
)
def test_wrong_options(option: dict[str, object], message: str) -> None:
    """A wrong choice is named together with the right ones."""
    with pytest.raises(ValueError, match=message):
        StandInBank(**option)  # type: ignore[arg-type]


def test_ids() -> None:
    """The ids are those of the bank's form: 39 codes, none twice."""
    asked = (
        "AUD 1, GBP 2, DKK 3, AED 4, USD 5, EUR 6, CAD 7, CNY 8, KWD 9, KGS 10, MDL 13, NOK 14,"
        " SAR 15, RUB 16, XDR 17, SGD 18, UZS 20, UAH 21, SEK 22, CHF 23, KRW 25, JPY 26, BYN 38,"
        " PLN 39, ZAR 40, TRY 41, HUF 42, CZK 43, TJS 44, HKD 45, BRL 46, MYR 47, AZN 48, INR 49,"
        " THB 50, AMD 51, GEL 52, IRR 53, MXN 54"
    )
    assert {code: int(number) for code, number in re.findall(r"(\w+) (\d+)", asked)} == ALL_IDS
    assert len(set(ALL_IDS.values())) == 39
    assert ALL_IDS.items() >= IDS.items()


def sheet_part(body: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(body)) as package:
        return package.read("xl/worksheets/sheet1.xml")


BANK_PARTS = [
    "[Content_Types].xml",
    "_rels/.rels",
    "xl/_rels/workbook.xml.rels",
    "docProps/app.xml",
    "docProps/core.xml",
    "xl/theme/theme1.xml",
    "xl/sharedStrings.xml",
    "xl/styles.xml",
    "xl/workbook.xml",
    "xl/worksheets/sheet1.xml",
    "xl/worksheets/_rels/sheet1.xml.rels",
]
PLAIN_PARTS = [
    "[Content_Types].xml",
    "_rels/.rels",
    "xl/workbook.xml",
    "xl/_rels/workbook.xml.rels",
    "xl/styles.xml",
    "xl/sharedStrings.xml",
    "xl/worksheets/sheet1.xml",
]


@pytest.mark.parametrize("dates", ["text", "serial"])
@pytest.mark.parametrize(("layout", "parts"), [("bank", BANK_PARTS), ("plain", PLAIN_PARTS)])
def test_package_is_whole(layout: Literal["bank", "plain"], parts: list[str], dates: Dates) -> None:
    """Every part is there and well-formed, declared by its type, and the zip is sound."""
    body = range_xlsx(SHEETS, ["USD", "AMD"], dates=dates, layout=layout)
    with zipfile.ZipFile(io.BytesIO(body)) as package:
        assert package.testzip() is None
        names = package.namelist()
        types = etree.fromstring(package.read("[Content_Types].xml"))
        for name in names:
            etree.fromstring(package.read(name))
    assert names == parts
    declared = sorted(part.get("PartName", "") for part in types.iterfind("{*}Override"))
    assert declared == sorted(f"/{name}" for name in names if "rels" not in name)[1:]
    assert cells(body) == cells(range_xlsx(SHEETS, ["USD", "AMD"], dates=dates))


def test_layout_of_the_bank() -> None:
    """The bank's export has its layout unless told, and a wrong one is named."""
    with StandInBank(SHEETS, export_layout="plain") as bank:
        body = ask(bank, TWO_DAYS)
    assert body == range_xlsx(SHEETS, ["USD", "AMD"], layout="plain")
    assert body != range_xlsx(SHEETS, ["USD", "AMD"])
    with pytest.raises(ValueError, match="layouts are one of bank, plain, not 'odf'"):
        StandInBank(export_layout="odf")  # type: ignore[arg-type]


def skeleton(part: bytes) -> list[tuple[str, dict[str, str]]]:
    """Return elements and attributes in document order."""
    return [
        (
            str(element.tag),
            {str(k): str(v) for k, v in element.attrib.items()},
        )
        for element in etree.fromstring(part).iter()
    ]


def test_made_like_the_banks(recorded: Callable[[str], bytes]) -> None:
    """From the same figures comes a workbook as the bank's: parts, elements, attributes, texts."""
    genuine = recorded("range_export_2025.xlsx")
    _, *rows = cells(genuine)
    sheets: dict[str, Sheet] = {
        "-".join(reversed(str(day).split("."))): {"USD": (str(value), int(str(nominal)))}
        for day, nominal, value in rows
    }
    made = range_xlsx(sheets, ["USD"])
    assert len(sheets) == 400
    assert cells(made) == cells(genuine)
    with (
        zipfile.ZipFile(io.BytesIO(genuine)) as theirs,
        zipfile.ZipFile(io.BytesIO(made)) as ours,
    ):
        assert ours.namelist() == theirs.namelist()
        methods = [{part.compress_type for part in zipped.infolist()} for zipped in (theirs, ours)]
        assert methods[0] == methods[1]
        for name in ours.namelist():
            if "theme" not in name:
                assert skeleton(ours.read(name)) == skeleton(theirs.read(name)), name
        for name in ("xl/sharedStrings.xml", "xl/worksheets/sheet1.xml"):
            texts = [list(etree.fromstring(z.read(name)).itertext()) for z in (theirs, ours)]
            assert texts[0] == texts[1]
        core = etree.fromstring(ours.read("docProps/core.xml"))
        assert (
            core.findtext("{*}creator") == core.findtext("{*}lastModifiedBy") == "nationalbank.kz"
        )
        book = etree.fromstring(ours.read("xl/workbook.xml"))
        assert [sheet.get("name") for sheet in book.iterfind(".//{*}sheet")] == ["Exchange Rates"]


def test_openpyxl_reads_it_by_the_row(get: Get) -> None:
    """openpyxl's read-only mode, which trusts the sheet's dimensions, sees the same cells."""
    body = get(TWO_DAYS)[1]
    book = openpyxl.load_workbook(io.BytesIO(body), read_only=True)
    rows = [list(row) for row in book.worksheets[0].iter_rows(values_only=True)]
    book.close()
    assert rows == cells(body)


def test_range_without_a_server() -> None:
    """`range_xlsx` makes the same workbook of the same sheets, and the same bytes each time."""
    body = range_xlsx(SHEETS, ["USD", "AMD"])
    with StandInBank(SHEETS) as bank:
        assert ask(bank, TWO_DAYS) == body == range_xlsx(SHEETS, ["USD", "AMD"])


def test_range_as_told() -> None:
    """Start and end widen or narrow the range; former codes have the labels of the new."""
    sheets = {date(2016, 7, 1): {"BYR": ("1.68", 100), "EGP": "38"}}
    wide = range_xlsx(sheets, ["BYR", "BYN", "EGP"], "2016-06-30", "02.07.2016", numbers="text")
    assert cells(wide) == [
        ["Date", "BYN_quant", "BYN", "EGP_quant", "EGP"],
        ["30.06.2016", None, None, None, None],
        ["01.07.2016", "100", "1.68", "1", "38"],
        ["02.07.2016", None, None, None, None],
    ]
    serial = cells(range_xlsx(SHEETS, ["USD"], start="2025-12-05", dates="serial"))
    assert [str(cell) for cell in serial[1]] == ["2025-12-05 00:00:00", "1", "505.53"]
    blank = range_xlsx({}, ["USD"], "2025-12-05", "2025-12-05")
    assert cells(blank)[1] == ["05.12.2025", None, None]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((SHEETS, ["USD"], "2025-12-06"), "the end 2025-12-05 is before the start 2025-12-06"),
        (({}, ["USD"], "2025-12-06"), "without sheets an export needs a start and an end"),
    ],
)
def test_no_such_range(arguments: tuple[dict[str, Sheet], list[str]], message: str) -> None:
    """A range that cannot be is refused."""
    with pytest.raises(ValueError, match=message):
        range_xlsx(*arguments)
