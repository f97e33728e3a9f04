"""A minimal writer of .xlsx workbooks: rows of cells in, the bytes of the zip out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Literal, NamedTuple
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

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

_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"

_ROOT_RELS = (
    f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1"'
    f' Type="{_DOCUMENT}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)
_STYLES = (
    f'{_XML}<styleSheet xmlns="{_MAIN}">'
    '<numFmts count="1"><numFmt numFmtId="164" formatCode="dd\\.mm\\.yyyy"/></numFmts>'
    '<fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>"
)


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

    def xlsx(self) -> bytes:
        """Write it down: the same bytes for the same rows."""
        strings: dict[str, int] = {}
        sheet = _sheet_xml(self.rows, strings)
        parts = {
            TYPES_PART: _types_xml(self.sheets),
            "_rels/.rels": _ROOT_RELS,
            "xl/workbook.xml": _workbook_xml(self.sheets, self.from_1904),
            "xl/_rels/workbook.xml.rels": _workbook_rels(self.sheets),
            "xl/styles.xml": _STYLES,
            "xl/sharedStrings.xml": _strings_xml(strings),
        }
        for number in range(1, self.sheets + 1):
            parts[f"xl/worksheets/sheet{number}.xml"] = sheet
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


def _sheet_xml(rows: Sequence[Row], strings: dict[str, int]) -> str:
    width = max(map(len, rows), default=0)
    columns = [_column(number) for number in range(1, width + 1)]
    body = "".join(
        f'<row r="{number}">{"".join(_cells_xml(row, columns, number, strings))}</row>'
        for number, row in enumerate(rows, 1)
    )
    corner = f"{columns[-1]}{len(rows)}" if columns else "A1"
    return (
        f'{_XML}<worksheet xmlns="{_MAIN}"><dimension ref="A1:{corner}"/>'
        f"<sheetData>{body}</sheetData></worksheet>"
    )


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
    items = "".join(f'<si><t xml:space="preserve">{escape(text)}</t></si>' for text in strings)
    return f'{_XML}<sst xmlns="{_MAIN}" uniqueCount="{len(strings)}">{items}</sst>'


def _types_xml(sheets: int) -> str:
    overrides = {
        "workbook": "sheet.main",
        "styles": "styles",
        "sharedStrings": "sharedStrings",
        **{f"worksheets/sheet{number}": "worksheet" for number in range(1, sheets + 1)},
    }
    listed = "".join(
        f'<Override PartName="/xl/{name}.xml" ContentType="{_TYPE}.{kind}+xml"/>'
        for name, kind in overrides.items()
    )
    rels = "application/vnd.openxmlformats-package.relationships+xml"
    return (
        f'{_XML}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels"'
        f' ContentType="{rels}"/><Default Extension="xml" ContentType="application/xml"/>'
        f"{listed}</Types>"
    )


def _workbook_xml(sheets: int, from_1904: bool) -> str:
    listed = "".join(
        f'<sheet name="Sheet{number}" sheetId="{number}" r:id="rId{number}"/>'
        for number in range(1, sheets + 1)
    )
    properties = '<workbookPr date1904="1"/>' if from_1904 else "<workbookPr/>"
    return (
        f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_DOCUMENT}">{properties}'
        f"<sheets>{listed}</sheets></workbook>"
    )


def _workbook_rels(sheets: int) -> str:
    targets = [(f"worksheets/sheet{number}", "worksheet") for number in range(1, sheets + 1)]
    targets += [("styles", "styles"), ("sharedStrings", "sharedStrings")]
    listed = "".join(
        f'<Relationship Id="rId{number}" Type="{_DOCUMENT}/{kind}" Target="{target}.xml"/>'
        for number, (target, kind) in enumerate(targets, 1)
    )
    return f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{listed}</Relationships>'
