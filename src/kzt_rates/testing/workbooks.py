"""A minimal writer of .xlsx workbooks: rows of cells in, the bytes of the zip out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Literal, NamedTuple
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from kzt_rates.testing import bank_parts, plain_parts
from kzt_rates.testing.plain_parts import MAIN, XML

# How the parts of a workbook are laid out: like those of the bank, or only what a reader needs.
Layout = Literal["bank", "plain"]

Kind = Literal["number", "date", "text", "formula", "error"]

# Day 1 is 1900-01-01, but Excel counts a 29 February 1900 that never was. A workbook may also
# count from 1904.
_DAY_0 = date(1899, 12, 30)
DAYS_TO_1904 = 1462

SHEET_PART = "xl/worksheets/sheet1.xml"
TYPES_PART = "[Content_Types].xml"

# The oldest date a zip can have: the same rows make the same bytes, whatever the clock.
_STAMP = (1980, 1, 1, 0, 0, 0)
_FAST = 1


class Cell(NamedTuple):
    """A cell as it is written; a date is a number of days in a date's format."""

    text: str
    kind: Kind = "text"


Row = tuple[Cell | None, ...]


@dataclass(frozen=True)
class Workbook:
    """Rows to be written, `None` for a blank cell; `sheets` is how many sheets hold them all."""

    rows: Sequence[Row]
    sheets: int = 1
    from_1904: bool = False
    layout: Layout = "bank"

    def xlsx(self) -> bytes:
        """Write it down: the same bytes for the same rows."""
        strings: dict[str, int] = {}
        sheet = _sheet_xml(self.rows, strings, self.layout)
        made = bank_parts.parts if self.layout == "bank" else plain_parts.parts
        parts = made(sheet, _strings_xml(strings), self.sheets, self.from_1904)
        return zipped({name: text.encode() for name, text in parts.items()})


def zipped(parts: dict[str, bytes]) -> bytes:
    """Return a zip of these parts, in their order."""
    file = BytesIO()
    with ZipFile(file, "w") as package:
        for name, content in parts.items():
            package.writestr(ZipInfo(name, _STAMP), content, ZIP_DEFLATED, _FAST)
    return file.getvalue()


def unzipped(body: bytes) -> dict[str, bytes]:
    """Return the parts of a zip."""
    with ZipFile(BytesIO(body)) as package:
        return {name: package.read(name) for name in package.namelist()}


def serial(day: date) -> int:
    """Return the number that Excel has for a day after February 1900."""
    return (day - _DAY_0).days


def _column(number: int) -> str:
    letters = ""
    while number:
        number, letter = divmod(number - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return letters


def _sheet_xml(rows: Sequence[Row], strings: dict[str, int], layout: Layout) -> str:
    width = max(map(len, rows), default=0)
    columns = [_column(number) for number in range(1, width + 1)]
    spans = f' spans="1:{width}"' if layout == "bank" else ""
    body = "".join(
        f'<row r="{number}"{spans}>{"".join(_cells_xml(row, columns, number, strings))}</row>'
        for number, row in enumerate(rows, 1)
    )
    corner = f"{columns[-1]}{len(rows)}" if columns else "A1"
    if layout == "bank":
        return bank_parts.sheet_xml(body, corner, width)
    return plain_parts.sheet_xml(body, corner)


def _cells_xml(row: Row, columns: list[str], number: int, strings: dict[str, int]) -> Iterator[str]:
    for column, cell in zip(columns, row, strict=False):
        if cell is None:
            continue
        text, kind = cell
        if kind == "number":
            yield f'<c r="{column}{number}"><v>{text}</v></c>'
        elif kind == "text":
            index = strings.setdefault(text, len(strings))
            yield f'<c r="{column}{number}" t="s"><v>{index}</v></c>'
        elif kind == "date":
            yield f'<c r="{column}{number}" s="1"><v>{text}</v></c>'
        elif kind == "error":
            yield f'<c r="{column}{number}" t="e"><v>{escape(text)}</v></c>'
        else:
            yield f'<c r="{column}{number}"><f>{escape(text)}</f><v>{escape(text)}</v></c>'


def _strings_xml(strings: dict[str, int]) -> str:
    items = "".join(f"<si>{_text_xml(text)}</si>" for text in strings)
    return f'{XML}<sst xmlns="{MAIN}" uniqueCount="{len(strings)}">{items}</sst>'


def _text_xml(text: str) -> str:
    # a reader may trim what does not ask to be left alone
    kept = "" if text == text.strip() else ' xml:space="preserve"'
    return f"<t{kept}>{escape(text)}</t>"
