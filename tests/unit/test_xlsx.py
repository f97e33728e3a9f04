"""Workbooks into rows: what is read, and that nothing else is, whatever the file."""

import datetime as dt
import io
import re
import struct
import tracemalloc
import zipfile

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kzt_rates.errors import FeedError
from kzt_rates.feed import xlsx
from kzt_rates.feed.xlsx import read_rows

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SHEET, STRINGS, BOOK = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml"
BOOK_RELS = "xl/_rels/workbook.xml.rels"


def relations(*entries: str) -> str:
    inside = "".join(f"<Relationship {entry}/>" for entry in entries)
    return f'<Relationships xmlns="{PACKAGE}/relationships">{inside}</Relationships>'


def relation(kind: str, target: str, name: str = "rId1") -> str:
    return f'Id="{name}" Type="{OFFICE}/{kind}" Target="{target}"'


def sheet(rows: str) -> str:
    return f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'


def strings(items: str) -> str:
    return f'<sst xmlns="{MAIN}">{items}</sst>'


def book(names: str = '<sheet name="S" sheetId="1" r:id="rId1"/>', before: str = "") -> str:
    return (
        f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{before}<sheets>{names}</sheets></workbook>'
    )


def parts(rows: str = "", items: str = "", **other: str) -> "dict[str, str | bytes]":
    found: dict[str, str | bytes] = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"/>',
        "_rels/.rels": relations(relation("officeDocument", "xl/workbook.xml")),
        BOOK: book(),
        BOOK_RELS: relations(
            relation("worksheet", "worksheets/sheet1.xml"),
            relation("sharedStrings", "sharedStrings.xml", "rId2"),
        ),
        SHEET: sheet(rows),
        STRINGS: strings(items),
    }
    return found | other


def zipped(contents: "dict[str, str | bytes]", method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as package:
        for name, content in contents.items():
            package.writestr(name, content)
    return file.getvalue()


def rows_of(body: bytes, max_rows: int = 100, max_columns: int = 9) -> list:
    return list(read_rows(body, max_rows, max_columns))


def read(rows: str, items: str = "", **other: str) -> list:
    return rows_of(zipped(parts(rows, items, **other)))


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("<c><v>512.53</v></c>", "512.53"),
        ('<c t="n"><v>512.53</v></c>', "512.53"),
        ("<c><v>512.52999999999997</v></c>", "512.53"),
        ("<c><v>5.1253E2</v></c>", "512.53"),
        ("<c><v>5.1253e+02</v></c>", "512.53"),
        ("<c><v>3.0</v></c>", "3"),
        ("<c><v>74.80</v></c>", "74.8"),
        ("<c><v>1E-3</v></c>", "0.001"),
        ("<c><v>7.0000000000000007E-2</v></c>", "0.07"),
        ("<c><v>0.1000000000000000055511151231257827</v></c>", "0.1"),
        ("<c><v>-1.5</v></c>", "-1.5"),
        ('<c s="3"><v>42370</v></c>', "42370"),
        ('<c t="s"><v>0</v></c>', "USD"),
        ('<c t="s" s="3"><v>1</v></c>', "74.80"),
        ('<c t="s"><v>2</v></c>', "bold and plain"),
        ('<c t="s"><v>3</v></c>', None),
        ('<c t="s"><v>4</v></c>', "Дата & <время>"),
        ('<c t="str"><v>74.80</v></c>', "74.80"),
        ('<c t="inlineStr"><is><t>74.80</t></is></c>', "74.80"),
        ('<c t="inlineStr"><is><t xml:space="preserve"> USD </t></is></c>', " USD "),
        ('<c t="inlineStr"><is><r><t>US</t></r><r><rPr/><t>D</t></r></is></c>', "USD"),
        ('<c t="inlineStr"><is><t>&#85;SD</t></is></c>', "USD"),
        ('<c t="inlineStr"><is><t></t></is></c>', None),
        ('<c t="d"><v>2016-07-02</v></c>', dt.date(2016, 7, 2)),
        ('<c t="d"><v>2016-07-02T00:00:00.000Z</v></c>', dt.date(2016, 7, 2)),
        ("<c/>", None),
        ('<c s="1" />', None),
        ("<c><v></v></c>", None),
        ("<c><v/></c>", None),
        ("<c> <v>1</v>\n</c>", "1"),
    ],
)  # fmt: skip
def test_a_cell_is_what_it_shows(cell, expected):
    """A text keeps its digits, a number has the fewest that mean its double, a blank is nothing."""
    items = (
        "<si><t>USD</t></si><si><t>74.80</t></si>"
        '<si><r><rPr><b/></rPr><t>bold</t></r><r><t xml:space="preserve"> and plain</t></r>'
        "<rPh sb='0' eb='1'><t>reading</t></rPh></si> <si/>"
        "<si><t>Дата &amp; &lt;время&gt;</t></si>"
    )
    assert read(f"<row>{cell}</row>", items) == [[expected]]


@pytest.mark.parametrize(
    "cell",
    [
        "<c><f>1+1</f><v>2</v></c>",
        "<c><f>1+1</f></c>",
        '<c t="b"><v>1</v></c>',
        '<c t="e"><v>#N/A</v></c>',
        '<c t="x"><v>1</v></c>',
        '<c t="s"><v>1</v></c>',
        '<c t="s"><v>-1</v></c>',
        '<c t="s"><v>00</v></c>',
        '<c t="s"><v>0.0</v></c>',
        '<c t="s"/>',
        '<c t="s"><is><t>0</t></is></c>',
        "<c><is><t>1</t></is></c>",
        '<c t="inlineStr"><v>1</v></c>',
        '<c t="inlineStr"><is><t>1</t></is><v>1</v></c>',
        '<c t="inlineStr"><is><t>4<b/>79</t></is></c>',
        '<c t="inlineStr"><is><r><t>4<b/>79</t></r></is></c>',
        '<c t="inlineStr"><is><u>4</u></is></c>',
        '<c t="inlineStr"><is><t>&nbsp;</t></is></c>',
        '<c t="inlineStr"><is><r></is></c>',
        '<c t="d"><v>2016-02-30</v></c>',
        '<c t="d"><v>2016-07-02T12:00:00</v></c>',
        '<c t="d"><v>2016-W01-1</v></c>',
        "<c><v>1 </v></c>",
        "<c><v>1_0</v></c>",
        "<c><v>１</v></c>",
        "<c><v>1,5</v></c>",
        "<c><v>0x1</v></c>",
        "<c><v>nan</v></c>",
        "<c><v>inf</v></c>",
        "<c><v>--1</v></c>",
        "<c><v>4<b/>79</v></c>",
        "<c><v>4</v><v>79</v></c>",
        "<c><v>4</v>79</c>",
        "<c>4</c>",
        "<c><v>4<!-- -->79</v></c>",
        "<c><v><![CDATA[479]]></v></c>",
        "<c><v>4<?x y?>79</v></c>",
        "<c><v>479</c></v>",
        "<c><v>479</v>",
        "<c r='A1'><v>479</v></c>",
        '<c r="A1" r="B1"><v>479</v></c>',
        '<c t="n" t="s"><v>0</v></c>',
        '<c xmlns="urn:other"><v>479</v></c>',
        '<x:c xmlns:x="urn:other"><x:v>479</x:v></x:c>',
        "<C><v>479</v></C>",
        "<d/>",
        "text",
        "<c><v>" + "1" * 65 + "</v></c>",
    ],
)
def test_a_cell_of_another_shape_refuses_the_workbook(cell):
    """Formulas, errors, truth, other digits, other elements: nothing of it is guessed."""
    with pytest.raises(FeedError):
        read(f"<row>{cell}</row>", "<si><t>479</t></si>")


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ('<row r="1"><c r="A1"><v>1</v></c><c r="C1"><v>3</v></c></row>', [["1", None, "3"]]),
        ('<row r="3" spans="1:2"><c r="B3"><v>2</v></c><c><v>3</v></c></row>', [[None, "2", "3"]]),
        ("<row><c><v>1</v></c></row><row/><row><c><v>3</v></c></row>", [["1"], ["3"]]),
        ('<row r="5"/> <row r="6"></row>\n<row r="7"><c r="A7"/></row>', [[], [None]]),
        ("", []),
    ],
)
def test_absent_cells_and_rows_leave_blanks(rows, expected):
    """Cells and rows say where they are, or come after the one before."""
    assert read(rows) == expected


@pytest.mark.parametrize("holder", ["<sheetData/>", "<sheetData />", '<sheetData x="/"/>'])
def test_a_sheet_may_have_no_rows_at_all(holder):
    """An empty sheet and an empty list of strings are read as such."""
    empty = f'<worksheet xmlns="{MAIN}">{holder}</worksheet>'
    assert rows_of(zipped(parts() | {SHEET: empty, STRINGS: f'<sst xmlns="{MAIN}"/>'})) == []


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1"><c r="B1"/><c r="A1"/></row>',
        '<row r="1"><c r="A1"/><c r="A1"/></row>',
        '<row r="1"><c r="A2"/></row>',
        '<row r="12"><c r="A12"/><c r="B1"/></row>',
        '<row r="1"><c r="A01"/></row>',
        '<row r="1"><c r="J1"/></row>',
        '<row r="1"><c r="XFD1"/></row>',
        '<row r="1"><c r="I1"/><c/></row>',
        f"<row>{'<c/>' * 10}</row>",
        f'<row>{"<c/>" * 9}<c r="J1"/></row>',
        '<row r="2"/><row r="1"/>',
        '<row r="1"/><row r="1"/>',
        '<row r="0"/>',
        '<row r="101"/>',
        '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        "<row/>" * 101,
        '<row r="1" r="2"/>',
        '<row r="1" spans="1:9" r="1"/>',
        '<row r="+1"/>',
        '<row r="1&"/>',
        '<row spans="&"/>',
        "<row r='1'/>",
        "<row><row/></row>",
        "<row><c/>",
        "<c/>",
        "<row/>text",
        "<row/><c/>",
        "<row></row></sheetData><sheetData><row/>",
        '<row r="1"><c r="A1"/></x:row>',
    ],
)
def test_rows_and_cells_out_of_order_or_place_are_refused(rows):
    """Nothing goes backwards, is twice, or lies beyond what was asked for."""
    with pytest.raises(FeedError):
        read(rows)


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (f"<row><c/>{' ' * 10_000}</row>", "row 1 .* has 10004 bytes"),
        (" " * 300_000, "has more than"),
    ],
)
def test_more_bytes_than_the_cells_can_need_are_refused(rows, says):
    """A row, and the sheet, are no longer than so many cells are at their most talkative."""
    with pytest.raises(FeedError, match=says):
        read(rows)


def test_a_cell_at_the_end_of_the_world_is_refused_at_once():
    """A sheet of one cell at XFD1048576 is 17 billion cells wide and high for some readers."""
    with pytest.raises(FeedError, match="row 1048576"):
        rows_of(zipped(parts('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')), 1600, 79)


PREFIXED = (
    f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData><x:row><x:c><x:v>1</x:v></x:c></x:row>'
    "</x:sheetData></x:worksheet>"
)
SURROUNDED = (
    f'\ufeff<?xml version="1.0" encoding="utf-8"?>\n<worksheet xmlns="{MAIN}"><sheetPr/>'
    '<dimension ref="A1"/><cols><col min="1" max="1"/></cols>'
    "<sheetData><row><c><v>1</v></c></row></sheetData><pageMargins/></worksheet>"
)
MACROS = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (SHEET, PREFIXED),
        (SHEET, SURROUNDED),
        (BOOK_RELS, relations(relation("worksheet", "/xl/worksheets/sheet1.xml"))),
        (BOOK_RELS, relations(relation("worksheet", "./../xl/WORKSHEETS/sheet1.xml"),
                              'Id="x" Type="other" Target="http://example.com" '
                              'TargetMode="External"')),
        (BOOK, book(before='<workbookPr date1904="0"/>')),
        ("xl/styles.xml", "whatever"),
    ],
)  # fmt: skip
def test_other_ways_to_write_the_same_workbook(name, content):
    """Prefixes, what surrounds the rows, and the ways to name a part do not change what is read."""
    assert rows_of(zipped(parts("<row><c><v>1</v></c></row>") | {name: content})) == [["1"]]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (SHEET, ""),
        (SHEET, "<worksheet><sheetData/></worksheet>"),
        (SHEET, sheet("").replace(MAIN, STRICT)),
        (SHEET, f'<chartsheet xmlns="{MAIN}"><sheetData/></chartsheet>'),
        (SHEET, f'<worksheet xmlns="{MAIN}"/>'),
        (SHEET, f'<worksheet xmlns="{MAIN}"><ext><sheetData/></ext></worksheet>'),
        (SHEET, f'<worksheet xmlns="{MAIN}"><sheetData xmlns="urn:other"/></worksheet>'),
        (SHEET, sheet("").replace("</w", '<x:sheetData xmlns:x="urn:other"/></w')),
        (SHEET, f'<worksheet xmlns="{MAIN}"><sheetData><row>'),
        (SHEET, f'<worksheet xmlns="{MAIN}"><sheetData></sheetData>'),
        (SHEET, f'<!DOCTYPE x [<!ENTITY a "479">]>{sheet("<row><c><v>&a;</v></c></row>")}'),
        (SHEET, sheet("").encode("utf-16")),
        (SHEET, sheet("").encode("utf-16-le")),
        (SHEET, f'<?xml version="1.0" encoding="windows-1251"?>{sheet("")}'),
        (SHEET, f"<?xml version='1.0'  encoding = 'UTF-7'?>{sheet('')}"),
        (SHEET, sheet('<row><c t="str"><v>\xe4</v></c></row>').encode("latin-1")),
        (SHEET, sheet("").replace("<sheetData>", "<!-- <sheetData> --><sheetData>")),
        (SHEET, sheet("").replace("<sheetData>", f"{'<a>' * 10_000}<sheetData>")),
        (SHEET, sheet("").replace("<sheetData>", f"{'<a>' * 2000}{'</a>' * 2000}<sheetData>")),
        (STRINGS, strings("<si><t>1</t></si>text")),
        (STRINGS, strings("<si><t>1<b/>2</t></si>")),
        (STRINGS, strings("<si><t>1</t><t>2</si>")),
        (STRINGS, strings("<t>1</t>")),
        (STRINGS, strings("<si/>" * 901)),
        (STRINGS, strings("").replace("sst", "worksheet")),
        (STRINGS, f"<!DOCTYPE x>{strings('')}"),
        (BOOK, book("")),
        (BOOK, book('<sheet name="S" sheetId="1" r:id="rId1"/>'
                    '<sheet name="T" sheetId="2" r:id="rId1"/>')),
        (BOOK, book('<sheet name="S" sheetId="1" r:id="rId7"/>')),
        (BOOK, book('<sheet name="S" sheetId="1"/>')),
        (BOOK, book(before='<workbookPr date1904="1"/>')),
        (BOOK, book(before='<workbookPr date1904="true"/>')),
        (BOOK, sheet("")),
        (BOOK, f"<!DOCTYPE x>{book()}"),
        (BOOK, book(before=" " * 70_000)),
        (BOOK_RELS, relations()),
        (BOOK_RELS, relations(relation("worksheet", "worksheets/sheet2.xml"))),
        (BOOK_RELS, relations(relation("worksheet", "../../worksheets/sheet1.xml"))),
        (BOOK_RELS, relations(relation("worksheet", "http://example.com/sheet1.xml"))),
        (BOOK_RELS, relations(f'{relation("worksheet", "/" + SHEET)} TargetMode="External"')),
        (BOOK_RELS, relations(relation("worksheet", "worksheets/sheet1.xml"),
                              relation("worksheet", "worksheets/sheet1.xml"))),
        (BOOK_RELS, relations(relation("worksheet", "worksheets/sheet1.xml"),
                              relation("worksheet", "worksheets/sheet1.xml", "rId2"))),
        (BOOK_RELS, relations(relation("worksheet", "worksheets/sheet1.xml"),
                              relation("sharedStrings", "nowhere.xml", "rId2"))),
        ("_rels/.rels", relations()),
        ("_rels/.rels", "<not xml"),
        ("[Content_Types].xml", f'<Types><Override ContentType="{MACROS}"/></Types>'),
        ("xl/vbaProject.bin", "code"),
        ("xl/macrosheets/sheet1.xml", "code"),
        ("XL/workbook.xml", book()),
    ],
)  # fmt: skip
def test_a_package_of_another_shape_is_refused(name, content):
    """Namespaces, encodings, DTDs, macros, a second sheet, parts elsewhere or twice."""
    with pytest.raises(FeedError):
        rows_of(zipped(parts("<row><c><v>1</v></c></row>") | {name: content}))


@pytest.mark.parametrize("name", ["[Content_Types].xml", "_rels/.rels", BOOK, BOOK_RELS, SHEET])
def test_no_part_may_be_missing(name):
    """A workbook without one of its parts is none."""
    contents = parts()
    del contents[name]
    with pytest.raises(FeedError, match="no part"):
        rows_of(zipped(contents))


GOOD = zipped(parts("<row><c><v>1</v></c></row>"))


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"\xef\xbb\xbf\n<!DOCTYPE html><html>", "HTML page"),
        (b"<html lang='ru'>", "HTML page"),
        (b"Date;USD", "not an .xlsx"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "not an .xlsx"),
        (b"PK\3\4", "breaks off"),
        (GOOD[:-1], "breaks off"),
        (GOOD[: len(GOOD) // 2], "breaks off"),
        (GOOD + b"\0", "breaks off"),
        (b"PK\3\4" + GOOD, "parts"),
        (GOOD[:-2] + b"\1\0", "parts"),
        (GOOD.replace(b"PK\1\2", b"PK\1\3"), "broken"),
        (zipped({f"part{number}": "" for number in range(65)}), "at most 64 parts"),
        (zipped({"a" * 60_000: "", "b" * 6000: ""}), "parts"),
        (zipped(parts(), zipfile.ZIP_BZIP2), "method 12"),
        (zipped(parts(), zipfile.ZIP_LZMA), "method 14"),
    ],
)
def test_what_is_no_plain_zip_is_refused(body, says):
    """HTML, another format, a truncated zip, one with too many parts or packed otherwise."""
    with pytest.raises(FeedError, match=says):
        rows_of(body)


def test_an_encrypted_part_is_refused():
    """The flag is enough: there is no password to be asked for."""
    flagged = bytearray(GOOD)
    for signature, place in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        at = flagged.find(signature)
        while at >= 0:
            flagged[at + place] |= 1
            at = flagged.find(signature, at + 4)
    with pytest.raises(FeedError, match="encrypted"):
        rows_of(bytes(flagged))


def test_a_wrong_checksum_is_refused():
    """A value changed under way does not get through."""
    stored = zipped(parts("<row><c><v>479</v></c></row>"), zipfile.ZIP_STORED)
    assert rows_of(stored) == [["479"]]
    with pytest.raises(FeedError, match="broken"):
        rows_of(stored.replace(b"<v>479</v>", b"<v>497</v>"))


@pytest.mark.parametrize("claimed", [1, 2**32 - 1])
def test_a_part_that_lies_about_its_length_is_refused(claimed):
    """What is unpacked is counted; the header is not believed."""
    body = bytearray(GOOD)
    at = body.find(SHEET.encode(), body.find(b"PK\1\2")) - 46
    body[at + 24 : at + 28] = struct.pack("<L", claimed)
    with pytest.raises(FeedError):
        rows_of(bytes(body))


def mebibytes_to_refuse(body: bytes) -> float:
    tracemalloc.start()
    try:
        with pytest.raises(FeedError):
            list(read_rows(body, 100, 79))
        return tracemalloc.get_traced_memory()[1] / 2**20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("name", "before", "unit", "times", "after"),
    [
        (SHEET, sheet("").partition("</sheetData>")[0], " ", 20_000_000, "</sheetData>"),
        (SHEET, sheet("").partition("</sheetData>")[0], "<row/>", 4_000_000, ""),
        (SHEET, sheet("<row>").partition("</sheetData>")[0], "<c/>", 8_000_000, ""),
        (SHEET, sheet("<row>").partition("</sheetData>")[0], "<c/>", 200_000, "</row></sheetData>"),
        (SHEET, sheet("").partition("</sheetData>")[0], "<row>", 150_000, "</sheetData>"),
        (SHEET, sheet("").partition("<sheetData>")[0], "<x/>", 200_000, "<sheetData/></worksheet>"),
        (SHEET, "<worksheet", " a='b'", 150_000, "><sheetData/></worksheet>"),
        (STRINGS, strings("").partition("</sst>")[0], "<si/>", 4_000_000, "</sst>"),
        (STRINGS, strings("").partition("</sst>")[0], "<si/>", 200_000, "</sst>"),
        (STRINGS, strings("<si>").partition("</sst>")[0], "<r/>", 200_000, "</si></sst>"),
        (STRINGS, strings("<si><t>").partition("</sst>")[0], "A", 20_000_000, "</t></si></sst>"),
        (BOOK, book(before="").partition("<sheets>")[0], "<x/>", 4_000_000, "</workbook>"),
        ("_rels/.rels", "", " ", 20_000_000, ""),
    ],
)  # fmt: skip
def test_a_bomb_is_refused_before_it_fills_the_memory(name, before, unit, times, after):
    """A sheet of 100 rows and 79 columns has about a megabyte; no more is looked at."""
    body = zipped(parts() | {name: before + unit * times + after})
    assert mebibytes_to_refuse(body) < 16


def damaged(draw: st.DrawFn) -> bytes:
    """A true workbook with bytes changed, cut out, doubled, or with two parts swapped."""
    body = bytearray(draw(st.sampled_from([GOOD, STORED])))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(body) - 1))
        change = draw(st.sampled_from(["flip", "cut", "double"]))
        if change == "flip":
            body[at] ^= draw(st.integers(1, 255))
        elif change == "cut":
            del body[at : at + draw(st.integers(1, 40))]
        else:
            body[at:at] = body[at : at + draw(st.integers(1, 40))]
    return bytes(body)


STORED = zipped(
    parts(
        '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1"><v>479.3</v></c></row>'
        '<row r="2"><c r="A2" t="inlineStr"><is><r><t>x</t></r></is></c></row>',
        "<si><t>Date</t></si>",
    ),
    zipfile.ZIP_STORED,
)


@settings(max_examples=300)
@given(st.composite(damaged)() | st.binary(max_size=200) | st.binary().map(b"PK\3\4".__add__))
def test_any_bytes_are_rows_or_a_feed_error(body):
    """No exception of zipfile, zlib, lxml or struct escapes, whatever comes."""
    try:
        rows = rows_of(body)
    except FeedError:
        return
    assert all(cell is None or isinstance(cell, str | dt.date) for row in rows for cell in row)


XML = st.lists(
    st.sampled_from(
        ["<row>", "</row>", "<c>", "</c>", "<v>", "</v>", "<is>", "</is>", "<t>", "</t>", "<r>",
         "</r>", "<c/>", '<c t="s">', '<c t="inlineStr">', '<row r="2">', '<c r="A1">', "0",
         "1.5", "&amp;", "&", "<", "<f>", "</sheetData>", "<sheetData>", "\r", "é"]
    ),
    max_size=14,
).map("".join)  # fmt: skip


@settings(max_examples=300)
@given(XML, XML)
def test_any_sheet_that_is_read_is_well_formed(rows, items):
    """What the grammar accepts, an XML parser accepts."""
    from lxml import etree

    try:
        rows_of(zipped(parts(rows, items)))
    except FeedError:
        return
    etree.fromstring(sheet(rows))
    etree.fromstring(strings(items))


CELLS = (
    st.none()
    | st.text("aZ<&>é₸ \n", min_size=1, max_size=8)
    | st.integers(-(10**12), 10**12)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.decimals(0, 100_000, places=2).map(float)
)


@settings(max_examples=60)
@given(st.lists(st.lists(CELLS, max_size=5), max_size=6), st.booleans())
def test_openpyxl_reads_the_same_of_what_it_writes(table, write_only):
    """Shared strings, numbers however long, and blanks: two readers agree on real workbooks."""
    made = openpyxl.Workbook(write_only=write_only)
    page = made.create_sheet() if write_only else made.active
    for row in table:
        page.append(row)
    file = io.BytesIO()
    made.save(file)
    made.close()
    back = openpyxl.load_workbook(io.BytesIO(file.getvalue()))
    theirs = [list(row) for row in back.worksheets[0].iter_rows(values_only=True)]
    ours = rows_of(file.getvalue())

    def told(row: list) -> list:
        cells = [float(cell) if isinstance(cell, int) else cell for cell in row]
        while cells and cells[-1] is None:
            cells.pop()
        return cells

    def meant(row: list, like: list) -> list:
        return [
            float(cell) if isinstance(other, float) else cell
            for cell, other in zip(row, like, strict=True)
        ]

    expected = [row for row in map(told, theirs) if row]
    found = [row for row in map(told, ours) if row]
    assert [meant(*pair) for pair in zip(found, expected, strict=True)] == expected


def test_no_group_repeats_possessively():
    """Python 3.11.2 matches possessive groups wrongly, and refused every workbook."""
    parts = [*vars(xlsx._grammar("x:")).values(), xlsx._are_values.__self__]
    patterns = [part.pattern for part in parts if isinstance(part, re.Pattern)]
    assert len(patterns) == 5
    for pattern in patterns:
        text = pattern.decode() if isinstance(pattern, bytes) else pattern
        assert not re.search(r"\)(?:[*+?]|\{[0-9,]*\})\+", text), text
