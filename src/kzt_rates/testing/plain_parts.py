"""The parts of a workbook with no more in it than a reader needs, but for the cells."""

XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"

_ROOT_RELS = (
    f'{XML}<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1"'
    f' Type="{DOCUMENT}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)
_STYLES = (
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


def parts(sheet: str, strings: str, sheets: int, from_1904: bool) -> dict[str, str]:
    """Return all parts by name around a sheet's XML and the strings'."""
    return {
        "[Content_Types].xml": _types_xml(sheets),
        "_rels/.rels": _ROOT_RELS,
        "xl/workbook.xml": _workbook_xml(sheets, from_1904),
        "xl/_rels/workbook.xml.rels": _workbook_rels(sheets),
        "xl/styles.xml": _STYLES,
        "xl/sharedStrings.xml": strings,
        **{f"xl/worksheets/sheet{number}.xml": sheet for number in range(1, sheets + 1)},
    }


def sheet_xml(rows: str, corner: str) -> str:
    """Return a sheet of rows as they are written, whose last cell is `corner`."""
    return (
        f'{XML}<worksheet xmlns="{MAIN}"><dimension ref="A1:{corner}"/>'
        f"<sheetData>{rows}</sheetData></worksheet>"
    )


def _types_xml(sheets: int) -> str:
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


def _workbook_xml(sheets: int, from_1904: bool) -> str:
    listed = "".join(
        f'<sheet name="Sheet{number}" sheetId="{number}" r:id="rId{number}"/>'
        for number in range(1, sheets + 1)
    )
    properties = '<workbookPr date1904="1"/>' if from_1904 else "<workbookPr/>"
    return (
        f'{XML}<workbook xmlns="{MAIN}" xmlns:r="{DOCUMENT}">{properties}'
        f"<sheets>{listed}</sheets></workbook>"
    )


def _workbook_rels(sheets: int) -> str:
    targets = [(f"worksheets/sheet{number}", "worksheet") for number in range(1, sheets + 1)]
    targets += [("styles", "styles"), ("sharedStrings", "sharedStrings")]
    listed = "".join(
        f'<Relationship Id="rId{number}" Type="{DOCUMENT}/{kind}" Target="{target}.xml"/>'
        for number, (target, kind) in enumerate(targets, 1)
    )
    return f'{XML}<Relationships xmlns="{PACKAGE}/relationships">{listed}</Relationships>'
