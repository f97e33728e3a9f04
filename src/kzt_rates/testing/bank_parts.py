"""The parts of a workbook as the bank's writer makes them, but for the cells.

They are laid out as in an export of 2025: the same parts in the same order, the same elements
and attributes. The theme is one of our own, as nobody sees it.
"""

from kzt_rates.testing.plain_parts import DOCUMENT, MAIN, PACKAGE, TYPE, XML

TITLE = "Exchange Rates"
CREATOR = "nationalbank.kz"

# Nothing in a workbook tells the hour, so that the same rows make the same bytes.
_CREATED = "1980-01-01T00:00:00+05:00"

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"
_PURL = "http://purl.org/dc"
_WORD = "application/vnd.openxmlformats-officedocument"


def parts(sheet: str, strings: str, sheets: int, from_1904: bool) -> dict[str, str]:
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


def sheet_xml(rows: str, corner: str, width: int) -> str:
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
        f'{XML}<a:theme xmlns:a="{_DRAWING}/main" name="Stand-in"><a:themeElements>'
        f'<a:clrScheme name="Stand-in">{colours}</a:clrScheme><a:fontScheme name="Stand-in">'
        f"<a:majorFont>{face}</a:majorFont><a:minorFont>{face}</a:minorFont></a:fontScheme>"
        f'<a:fmtScheme name="Stand-in"><a:fillStyleLst>{fill * 3}</a:fillStyleLst>'
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
