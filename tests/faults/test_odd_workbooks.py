import io
import zipfile
from collections.abc import Callable, Iterator

import httpx
import openpyxl
import pytest

from kzt_rates.testing import FAULTS, StandInBank

from .odd_workbooks import ODD_WORKBOOKS

SHEETS = {
    "2025-12-04": {"USD": "506.71", "AMD": ("13.3", 10)},
    "2025-12-05": {"USD": "505.53", "AMD": ("13.25", 10)},
}
HEADER = ["Date", "USD_quant", "USD", "AMD_quant", "AMD"]
FIRST = ["04.12.2025", 1, 506.71, 10, 13.3]
SECOND = ["05.12.2025", 1, 505.53, 10, 13.25]
GOOD = [HEADER, FIRST, SECOND]
SHEET = "xl/worksheets/sheet1.xml"

Get = Callable[[], bytes]


@pytest.fixture
def bank() -> Iterator[StandInBank]:
    with StandInBank(SHEETS) as bank:
        yield bank


@pytest.fixture
def get(bank: StandInBank) -> Get:
    """Ask for the export of both days."""

    def ask(start: str = "04.12.2025") -> bytes:
        path = "/ru/exchangerates/ezhednevnye-oficialnye-rynochnye-kursy-valyut/excel"
        query = f"beginDate={start}&endDate=05.12.2025&rates[]=5&rates[]=51"
        return httpx.get(f"{bank.url}{path}?{query}", trust_env=False).content

    return ask


def cells(body: bytes) -> list[list[object]]:
    book = openpyxl.load_workbook(io.BytesIO(body))
    return [list(row) for row in book.worksheets[0].iter_rows(values_only=True)]


def part(body: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(body)) as package:
        return package.read(name)


@pytest.fixture
def changed(bank: StandInBank, get: Get) -> Callable[..., list[list[object]]]:
    """Ask for the cells of an export that meets a fault."""

    def ask(fault: str, **options: object) -> list[list[object]]:
        bank.fail(ODD_WORKBOOKS[fault], **options)
        return cells(get())

    return ask


def test_no_name_is_used_twice() -> None:
    """A fault of the tests is none of the package's, and each is tried below."""
    assert not ODD_WORKBOOKS.keys() & FAULTS.keys()
    assert {f"test_{name}" for name in ODD_WORKBOOKS} <= globals().keys()


def test_macros(bank, get) -> None:
    """The workbook has a vbaProject.bin, and the type of one that has."""
    bank.fail(ODD_WORKBOOKS["macros"])
    body = get()
    assert part(body, "xl/vbaProject.bin").startswith(b"\xd0\xcf\x11\xe0")
    types = part(body, "[Content_Types].xml")
    assert b"vnd.ms-excel.sheet.macroEnabled.main+xml" in types
    assert b"vnd.ms-office.vbaProject" in types
    assert cells(body) == GOOD


def test_lone_quant(changed) -> None:
    """A nominal has no value beside it."""
    assert changed("lone_quant") == [
        ["Date", "USD_quant", "AMD_quant", "AMD"],
        ["04.12.2025", 1, 10, 13.3],
        ["05.12.2025", 1, 10, 13.25],
    ]


def test_duplicate_column(changed) -> None:
    """A pair is there twice, with its figures."""
    table = changed("duplicate_column", code="AMD")
    assert table == [row + row[3:] for row in GOOD]


def test_shuffled_columns(changed) -> None:
    """The columns come backwards after the first, all figures in their own."""
    assert changed("shuffled_columns") == [[row[0], *row[:0:-1]] for row in GOOD]


def test_shuffled_rows(bank, get) -> None:
    """The rows come in disorder, none of them lost."""
    in_order = cells(get("30.11.2025"))
    bank.fail(ODD_WORKBOOKS["shuffled_rows"])
    shuffled = cells(get("30.11.2025"))
    assert shuffled[0] == in_order[0]
    assert [str(row[0])[:2] for row in shuffled[1:]] == ["01", "03", "05", "04", "02", "30"]
    assert sorted(map(str, shuffled)) == sorted(map(str, in_order))


def test_duplicate_row(changed) -> None:
    """A date is there twice, with the same or another value."""
    assert changed("duplicate_row") == [*GOOD, FIRST]
    twice = changed("duplicate_row", date="2025-12-05", code="AMD", value="1.1")
    assert twice == [*GOOD, [*SECOND[:4], 1.1]]
    assert changed("duplicate_row", date="2025-12-06", value="1.1") == GOOD


def test_bad_date(changed) -> None:
    """A row is dated with a text of any kind."""
    assert changed("bad_date") == [HEADER, ["31.02.2025", *FIRST[1:]], SECOND]
    told = changed("bad_date", date="2025-12-05", text="2025-12-05")
    assert told == [HEADER, FIRST, ["2025-12-05", *SECOND[1:]]]


def test_empty_rows(bank, get) -> None:
    """Rows without a cell are before, amid and after the others."""
    blank = [None] * 5
    bank.fail(ODD_WORKBOOKS["empty_rows"])
    body = get()
    assert cells(body) == [HEADER, blank, FIRST, blank, SECOND]  # openpyxl drops the last
    assert part(body, SHEET).count(b"<row ") == 6


def test_text_numbers(changed) -> None:
    """Nominals and values are texts."""
    assert changed("text_numbers")[1] == ["04.12.2025", "1", "506.71", "10", "13.3"]


def test_formula_cells(bank, get) -> None:
    """The values of a code are formulas, with the result beside."""
    bank.fail(ODD_WORKBOOKS["formula_cells"])
    bank.fail(ODD_WORKBOOKS["formula_cells"], code="AMD")
    body = get()
    assert cells(body)[1:] == [
        ["04.12.2025", 1, "=506.71", 10, 13.3],
        ["05.12.2025", 1, "=505.53", 10, 13.25],
    ]
    assert b'<c r="C2"><f>506.71</f><v>506.71</v></c>' in part(body, SHEET)
    assert cells(get())[1][2:] == [506.71, 10, "=13.3"]


def test_error_cells(bank, get) -> None:
    """The values of a code are errors."""
    bank.fail(ODD_WORKBOOKS["error_cells"])
    body = get()
    assert [row[2] for row in cells(body)[1:]] == ["#N/A", "#N/A"]
    assert b'<c r="C2" t="e"><v>#N/A</v></c>' in part(body, SHEET)


def test_other_sheet(changed) -> None:
    """A title stands above the header."""
    assert changed("other_sheet", text="Курсы")[:2] == [["Курсы", *[None] * 4], HEADER]
    assert changed("other_sheet")[0][0] == "Официальные (рыночные) курсы валют"


def test_two_sheets(bank, get) -> None:
    """The workbook has two sheets of the same cells."""
    bank.fail(ODD_WORKBOOKS["two_sheets"])
    book = openpyxl.load_workbook(io.BytesIO(get()))
    tables = [[list(row) for row in sheet.iter_rows(values_only=True)] for sheet in book]
    assert tables == [GOOD, GOOD]


def test_dates_of_1904(bank, get) -> None:
    """The days are counted from 1904, rightly: who reads that sees the right dates."""
    bank.fail(ODD_WORKBOOKS["dates_of_1904"])
    body = get()
    assert [str(row[0])[:10] for row in cells(body)] == ["Date", "2025-12-04", "2025-12-05"]
    # 45995 is 2025-12-04 from 1900 on, and 1462 days less from 1904 on
    assert b'<c r="A2" s="1"><v>44533</v></c>' in part(body, SHEET)
