"""A minimal writer of .xlsx workbooks: rows of cells in, the bytes of the zip out.

The parts are those of the bank's own writer, laid out as in an export of 2025: the same in the
same order, the same elements and attributes; the theme is one of our own, as nobody sees it. Or
there is no more in them than a reader needs.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Literal, NamedTuple
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"

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


TITLE = "Exchange Rates"
CREATOR = "nationalbank.kz"

# Nothing in a workbook tells the hour, so that the same rows make the same bytes.
_CREATED = "1980-01-01T00:00:00+05:00"

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"
_PURL = "http://purl.org/dc"
_WORD = "application/vnd.openxmlformats-officedocument"

_PLAIN_ROOT = (
    f'{XML}<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1"'
    f' Type="{DOCUMENT}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)
_PLAIN_STYLES = (
    f'{XML}<styleSheet xmlns="{MAIN}">'
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
    layout: Layout = "bank"

    def xlsx(self) -> bytes:
        """Write it down: the same bytes for the same rows."""
        strings: dict[str, int] = {}
        sheet = _sheet_xml(self.rows, strings, self.layout)
        made = _bank_parts if self.layout == "bank" else _plain_parts
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
        return _bank_sheet(body, corner, width)
    return _plain_sheet(body, corner)


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


def _bank_parts(sheet: str, strings: str, sheets: int, from_1904: bool) -> dict[str, str]:
    """Return all parts by name, in the bank's order, around a sheet's XML and the strings'."""
    names = [f"xl/worksheets/sheet{number}.xml" for number in range(1, sheets + 1)]
    dated = '" s="1">' in sheet
    return {
        "[Content_Types].xml": _types(names),
        "_rels/.rels": _relations(
            ("rId3", f"{_OFFICE}/relationships/extended-properties", "docProps/app.xml"),
            ("rId2", f"{PACKAGE}/relationships/metadata/core-properties", "docProps/core.xml"),
            ("rId1", f"{DOCUMENT}/officeDocument", "xl/workbook.xml"),
        ),
        "xl/_rels/workbook.xml.rels": _relations(
            ("rId1", f"{DOCUMENT}/styles", "styles.xml"),
            ("rId2", f"{DOCUMENT}/theme", "theme/theme1.xml"),
            ("rId3", f"{DOCUMENT}/sharedStrings", "sharedStrings.xml"),
            *(
                (f"rId{n}", f"{DOCUMENT}/worksheet", name.removeprefix("xl/"))
                for n, name in enumerate(names, 4)
            ),
        ),
        "docProps/app.xml": _app(sheets),
        "docProps/core.xml": _core(),
        "xl/theme/theme1.xml": _theme(),
        "xl/sharedStrings.xml": strings,
        "xl/styles.xml": _styles(dated=dated),
        "xl/workbook.xml": _workbook(sheets, from_1904),
        **dict.fromkeys(names, sheet),
        **{
            name.replace("sheets/", "sheets/_rels/") + ".rels": (
                f'{XML}<Relationships xmlns="{PACKAGE}/relationships"/>'
            )
            for name in names
        },
    }


def _bank_sheet(rows: str, corner: str, width: int) -> str:
    """Return a sheet of rows as they are written, whose last cell is `corner`."""
    columns = "".join(
        f'<col min="{n}" max="{n}" width="13" customWidth="true" style="0"/>'
        for n in range(1, width + 1)
    )
    texts = "".join(
        f"<{page}{place}></{page}{place}>"
        for page in ("odd", "even", "first")
        for place in ("Header", "Footer")
    )
    return (
        f'{XML}<worksheet xml:space="preserve" xmlns="{MAIN}" xmlns:r="{DOCUMENT}"'
        f' xmlns:xdr="{_DRAWING}/spreadsheetDrawing"'
        ' xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"'
        ' xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main"'
        ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
        ' mc:Ignorable="x14ac"'
        ' xmlns:x14ac="http://schemas.microsoft.com/office/spreadsheetml/2009/9/ac">'
        '<sheetPr><outlinePr summaryBelow="1" summaryRight="1"/></sheetPr>'
        f'<dimension ref="A1:{corner}"/>'
        '<sheetViews><sheetView tabSelected="1" workbookViewId="0" showGridLines="true"'
        ' showRowColHeaders="1"><selection activeCell="A1" sqref="A1"/></sheetView></sheetViews>'
        '<sheetFormatPr defaultRowHeight="14.4" outlineLevelRow="0" outlineLevelCol="0"/>'
        f"<cols>{columns}</cols><sheetData>{rows}</sheetData>"
        '<printOptions gridLines="false" gridLinesSet="true"/>'
        '<pageMargins left="0.7" right="0.7" top="0.75" bottom="0.75" header="0.3" footer="0.3"/>'
        '<pageSetup paperSize="1" orientation="default" scale="100" fitToHeight="1"'
        ' fitToWidth="1" pageOrder="downThenOver"/>'
        '<headerFooter differentOddEven="false" differentFirst="false" scaleWithDoc="true"'
        f' alignWithMargins="true">{texts}</headerFooter>'
        '<tableParts count="0"/></worksheet>'
    )


def _types(sheets: list[str]) -> str:
    before = (
        ("xl/theme/theme1.xml", f"{_WORD}.theme+xml"),
        ("xl/styles.xml", f"{TYPE}.styles+xml"),
    )
    after = (
        ("xl/workbook.xml", f"{TYPE}.sheet.main+xml"),
        ("docProps/app.xml", f"{_WORD}.extended-properties+xml"),
        ("docProps/core.xml", "application/vnd.openxmlformats-package.core-properties+xml"),
        *((name, f"{TYPE}.worksheet+xml") for name in sheets),
        ("xl/sharedStrings.xml", f"{TYPE}.sharedStrings+xml"),
    )
    defaults = (
        ("rels", "application/vnd.openxmlformats-package.relationships+xml"),
        ("xml", "application/xml"),
        ("vml", f"{_WORD}.vmlDrawing"),
    )
    listed = [
        *(f'<Override PartName="/{name}" ContentType="{kind}"/>' for name, kind in before),
        *(f'<Default Extension="{end}" ContentType="{kind}"/>' for end, kind in defaults),
        *(f'<Override PartName="/{name}" ContentType="{kind}"/>' for name, kind in after),
    ]
    return f'{XML}<Types xmlns="{PACKAGE}/content-types">{"".join(listed)}</Types>'


def _relations(*relations: tuple[str, str, str]) -> str:
    listed = "".join(
        f'<Relationship Id="{name}" Type="{kind}" Target="{target}"/>'
        for name, kind, target in relations
    )
    return f'{XML}<Relationships xmlns="{PACKAGE}/relationships">{listed}</Relationships>'


def _titles(sheets: int) -> list[str]:
    return [TITLE, *(f"{TITLE} {number}" for number in range(2, sheets + 1))]


def _app(sheets: int) -> str:
    titles = "".join(f"<vt:lpstr>{title}</vt:lpstr>" for title in _titles(sheets))
    return (
        f'{XML}<Properties xmlns="{_OFFICE}/extended-properties"'
        f' xmlns:vt="{_OFFICE}/docPropsVTypes"><Application>Microsoft Excel</Application>'
        "<DocSecurity>0</DocSecurity><ScaleCrop>false</ScaleCrop>"
        '<HeadingPairs><vt:vector size="2" baseType="variant"><vt:variant>'
        "<vt:lpstr>Worksheets</vt:lpstr></vt:variant><vt:variant>"
        f"<vt:i4>{sheets}</vt:i4></vt:variant></vt:vector></HeadingPairs>"
        f'<TitlesOfParts><vt:vector size="{sheets}" baseType="lpstr">{titles}</vt:vector>'
        "</TitlesOfParts><Company></Company><Manager></Manager>"
        "<LinksUpToDate>false</LinksUpToDate><SharedDoc>false</SharedDoc>"
        "<HyperlinksChanged>false</HyperlinksChanged><AppVersion>12.0000</AppVersion>"
        "</Properties>"
    )


def _core() -> str:
    return (
        f'{XML}<cp:coreProperties xmlns:cp="{PACKAGE}/metadata/core-properties"'
        f' xmlns:dc="{_PURL}/elements/1.1/" xmlns:dcterms="{_PURL}/terms/"'
        f' xmlns:dcmitype="{_PURL}/dcmitype/"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:creator>{CREATOR}</dc:creator><cp:lastModifiedBy>{CREATOR}</cp:lastModifiedBy>"
        f'<dcterms:created xsi:type="dcterms:W3CDTF">{_CREATED}</dcterms:created>'
        f'<dcterms:modified xsi:type="dcterms:W3CDTF">{_CREATED}</dcterms:modified>'
        f"<dc:title>{TITLE}</dc:title><dc:description>{TITLE}</dc:description>"
        "<dc:subject></dc:subject><cp:keywords></cp:keywords><cp:category></cp:category>"
        "</cp:coreProperties>"
    )


def _theme() -> str:
    colours = "".join(
        f'<a:{name}><a:srgbClr val="{shade}"/></a:{name}>'
        for name, shade in zip(
            ("dk1", "lt1", "dk2", "lt2", *(f"accent{n}" for n in range(1, 7)), "hlink", "folHlink"),
            ("000000", "FFFFFF", "333333", "EEEEEE", *["00AFCA"] * 6, "0000FF", "800080"),
            strict=True,
        )
    )
    face = '<a:latin typeface="Calibri"/><a:ea typeface=""/><a:cs typeface=""/>'
    fill = '<a:solidFill><a:schemeClr val="phClr"/></a:solidFill>'
    effect = "<a:effectStyle><a:effectLst/></a:effectStyle>"
    return (
        f'{XML}<a:theme xmlns:a="{_DRAWING}/main" name="Office"><a:themeElements>'
        f'<a:clrScheme name="Office">{colours}</a:clrScheme><a:fontScheme name="Office">'
        f"<a:majorFont>{face}</a:majorFont><a:minorFont>{face}</a:minorFont></a:fontScheme>"
        f'<a:fmtScheme name="Office"><a:fillStyleLst>{fill * 3}</a:fillStyleLst>'
        f"<a:lnStyleLst>{f'<a:ln>{fill}</a:ln>' * 3}</a:lnStyleLst>"
        f"<a:effectStyleLst>{effect * 3}</a:effectStyleLst>"
        f"<a:bgFillStyleLst>{fill * 3}</a:bgFillStyleLst></a:fmtScheme></a:themeElements></a:theme>"
    )


def _styles(*, dated: bool) -> str:
    formats = (
        '<numFmts count="1"><numFmt numFmtId="164" formatCode="dd\\.mm\\.yyyy"/></numFmts>'
        if dated
        else '<numFmts count="0"/>'
    )
    cells = "".join(
        f'<xf xfId="0" fontId="0" numFmtId="{number}" fillId="0" borderId="0" applyFont="0"'
        f' applyNumberFormat="{int(number > 0)}" applyFill="0" applyBorder="0"'
        ' applyAlignment="0"><alignment vertical="bottom" textRotation="0" wrapText="false"'
        ' shrinkToFit="false"/></xf>'
        for number in ((0, 164) if dated else (0,))
    )
    return (
        f'{XML}<styleSheet xml:space="preserve" xmlns="{MAIN}">{formats}'
        '<fonts count="1"><font><b val="0"/><i val="0"/><strike val="0"/><u val="none"/>'
        '<sz val="11"/><color rgb="FF000000"/><name val="Calibri"/></font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill></fills>'
        '<borders count="1"><border/></borders><cellStyleXfs count="1">'
        '<xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        f'<cellXfs count="{1 + dated}">{cells}</cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
        '<dxfs count="0"/><tableStyles defaultTableStyle="TableStyleMedium9"'
        ' defaultPivotStyle="PivotTableStyle1"/></styleSheet>'
    )


def _workbook(sheets: int, from_1904: bool) -> str:
    listed = "".join(
        f'<sheet name="{title}" sheetId="{number}" r:id="rId{number + 3}"/>'
        for number, title in enumerate(_titles(sheets), 1)
    )
    epoch = ' date1904="1"' if from_1904 else ""
    return (
        f'{XML}<workbook xml:space="preserve" xmlns="{MAIN}" xmlns:r="{DOCUMENT}">'
        '<fileVersion appName="xl" lastEdited="4" lowestEdited="4" rupBuild="4505"/>'
        f'<workbookPr{epoch} codeName="ThisWorkbook"/>'
        '<bookViews><workbookView activeTab="0" autoFilterDateGrouping="true" firstSheet="0"'
        ' minimized="false" showHorizontalScroll="true" showSheetTabs="true"'
        ' showVerticalScroll="true" tabRatio="600" visibility="visible"/></bookViews>'
        f"<sheets>{listed}</sheets><definedNames/>"
        '<calcPr calcId="999999" calcMode="auto" calcCompleted="1" fullCalcOnLoad="0"'
        ' forceFullCalc="0"/></workbook>'
    )


def _plain_parts(sheet: str, strings: str, sheets: int, from_1904: bool) -> dict[str, str]:
    """Return all parts by name around a sheet's XML and the strings'."""
    return {
        "[Content_Types].xml": _plain_types(sheets),
        "_rels/.rels": _PLAIN_ROOT,
        "xl/workbook.xml": _plain_workbook(sheets, from_1904),
        "xl/_rels/workbook.xml.rels": _plain_workbook_rels(sheets),
        "xl/styles.xml": _PLAIN_STYLES,
        "xl/sharedStrings.xml": strings,
        **{f"xl/worksheets/sheet{number}.xml": sheet for number in range(1, sheets + 1)},
    }


def _plain_sheet(rows: str, corner: str) -> str:
    """Return a sheet of rows as they are written, whose last cell is `corner`."""
    return (
        f'{XML}<worksheet xmlns="{MAIN}"><dimension ref="A1:{corner}"/>'
        f"<sheetData>{rows}</sheetData></worksheet>"
    )


def _plain_types(sheets: int) -> str:
    overrides = {
        "workbook": "sheet.main",
        "styles": "styles",
        "sharedStrings": "sharedStrings",
        **{f"worksheets/sheet{number}": "worksheet" for number in range(1, sheets + 1)},
    }
    listed = "".join(
        f'<Override PartName="/xl/{name}.xml" ContentType="{TYPE}.{kind}+xml"/>'
        for name, kind in overrides.items()
    )
    rels = "application/vnd.openxmlformats-package.relationships+xml"
    return (
        f'{XML}<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels"'
        f' ContentType="{rels}"/><Default Extension="xml" ContentType="application/xml"/>'
        f"{listed}</Types>"
    )


def _plain_workbook(sheets: int, from_1904: bool) -> str:
    listed = "".join(
        f'<sheet name="Sheet{number}" sheetId="{number}" r:id="rId{number}"/>'
        for number in range(1, sheets + 1)
    )
    properties = '<workbookPr date1904="1"/>' if from_1904 else "<workbookPr/>"
    return (
        f'{XML}<workbook xmlns="{MAIN}" xmlns:r="{DOCUMENT}">{properties}'
        f"<sheets>{listed}</sheets></workbook>"
    )


def _plain_workbook_rels(sheets: int) -> str:
    targets = [(f"worksheets/sheet{number}", "worksheet") for number in range(1, sheets + 1)]
    targets += [("styles", "styles"), ("sharedStrings", "sharedStrings")]
    listed = "".join(
        f'<Relationship Id="rId{number}" Type="{DOCUMENT}/{kind}" Target="{target}.xml"/>'
        for number, (target, kind) in enumerate(targets, 1)
    )
    return f'{XML}<Relationships xmlns="{PACKAGE}/relationships">{listed}</Relationships>'
