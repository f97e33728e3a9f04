"""The bank's documents, printed as the bank prints them: what `feed` reads, the other way round.

The daily XML is laid out as in a response recorded for 2026-04-02, the RSS as in one of
2017-06-16, down to the spaces; the range export as the workbooks of both its makers.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from io import BytesIO
from math import inf
from typing import Literal, NamedTuple, get_args
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from kzt_rates.arithmetic import EXACT
from kzt_rates.currency import FACTS
from kzt_rates.dates import ONE_DAY, bank_date, parse_date
from kzt_rates.feed import export_id
from kzt_rates.feed.export import COLUMN_OF
from kzt_rates.typing import DateLike

# The bank's own wording in 2026 where it is not the name that kzt_rates gives the currency.
_BANK_NAMES = {
    "GBP": "ФУНТ СТЕРЛИНГОВ СОЕДИНЕННОГО КОРОЛЕВСТВА",
    "HUF": "ВЕНГЕРСКИХ ФОРИНТОВ",
    "JPY": "ЯПОНСКАЯ ЙЕНА",
    "KGS": "КЫРГЫЗСКИЙ СОМ",
    "KRW": "ЮЖНО-КОРЕЙСКИХ ВОН",
    "MXN": "МЕКСИКАНСКИЙ ПЕСО",
    "MYR": "МАЛАЗИЙСКИЙ РИНГГИТ",
    "SAR": "РИЯЛ САУДОВСКОЙ АРАВИИ",
    "UZS": "УЗБЕКСКИХ СУМОВ",
    "ZAR": "ЮЖНО-АФРИКАНСКИЙ РАНД",
}

# What rates.xml holds, in its order; in 2017 it called the rouble RUR.
_MAIN_CODES = ("RUR", "RUB", "EUR", "USD", "CNY")

_GENERATOR = "Alternate RSS Builder"
_TITLE = "Official exchange rates of National Bank of Republic Kazakhstan"
_SITE = "www.nationalbank.kz"


class Published(NamedTuple):
    """One rate as a feed prints it: tenge per nominal, in the digits to be printed.

    `change=None` is worked out from the day before, `name=None` is the bank's Russian one.
    """

    value: str | int | Decimal
    nominal: int = 1
    change: str | None = None
    name: str | None = None


_Value = str | int | Decimal
RateLike = _Value | tuple[_Value, int] | tuple[_Value, int, str | None] | Published

# To annotate the sheets of a test with: rates by code.
Sheet = Mapping[str, RateLike]


@dataclass(frozen=True)
class Item:
    """An `<item>`, in the texts to be printed; `None` leaves the element out.

    `instead` has texts for elements by their tags, over all others.
    """

    code: str
    value: str | None
    nominal: str | None
    change: str | None
    name: str
    day: str | None
    instead: Mapping[str, str | None] = field(default_factory=dict)

    @property
    def index(self) -> str:
        """Return UP or DOWN, as the sign of the change says."""
        return _index(self.change or "")


@dataclass(frozen=True)
class Document:
    """What a feed is about to say: the daily XML, or the RSS whose items bear the dates."""

    date: str | None
    items: tuple[Item, ...]
    info: str | None = None
    rss: bool = False
    generator: str = _GENERATOR

    def xml(self) -> bytes:
        """Write it down."""
        text = _rss_text(self) if self.rss else _daily_text(self)
        return text.encode()


def published(rate: RateLike) -> Published:
    """Return a rate as users write it, whole: `"499.65"`, or `("12.72", 10)`."""
    if isinstance(rate, Published):
        return rate
    if isinstance(rate, tuple):
        return Published(*rate) if len(rate) == 2 else Published(rate[0], rate[1], rate[2])
    if isinstance(rate, bool) or not isinstance(rate, str | int | Decimal):
        raise TypeError(
            "a rate is its text, (text, nominal), or (text, nominal, change),"
            f" not {type(rate).__name__}"
        )
    return Published(rate)


@lru_cache(maxsize=256)
def bank_name(code: str) -> str:
    """Return the name the bank prints for a code; its sheets are sorted by it."""
    facts = FACTS.get(code)
    return _BANK_NAMES.get(code) or (
        code if facts is None or facts.name_ru is None else facts.name_ru.upper()
    )


def change_since(value: str, before: str) -> str:
    """Return a `<change>`: signed, two decimals or as many as the values have.

    >>> change_since("329.81", "328.01"), change_since("3", "3.00")
    ('+1.80', '0.00')
    """
    try:
        values = Decimal(value), Decimal(before)
    except ArithmeticError:
        return ""
    return change_between(*values) if all(map(Decimal.is_finite, values)) else ""


def change_between(value: Decimal, before: Decimal) -> str:
    """Return a `<change>` of two values."""
    difference = EXACT.subtract(value, before)
    if not difference:
        return "0.00"
    text = f"{difference:+f}"
    dot = text.find(".")
    if dot < 0:
        return f"{text}.00"
    return f"{text}0" if len(text) - dot == 2 else text


def items_of(day: date, rates: Sheet, previous: Sheet | None, *, short: bool = False) -> list[Item]:
    """Return the items of a sheet, in its order; `short` prints the year in two digits."""
    printed = bank_date(day)
    if short:
        printed = printed[:6] + printed[8:]
    items = []
    for code, rate in rates.items():
        value, nominal, change, name = published(rate)
        if change is None and previous is not None and code in previous:
            change = change_since(str(value), str(published(previous[code]).value))
        full_name = bank_name(code) if name is None else name
        items.append(Item(code, str(value), str(nominal), change or "", full_name, printed))
    return items


def daily_xml(
    day: DateLike, rates: Sheet, info: str | None = None, *, previous: Sheet | None = None
) -> bytes:
    """Return the daily XML of a date, its items in the order of `rates`.

    `previous` holds the rates of the day before, for the changes. With no rates, `info` makes
    the envelope of a date without rates; without it, the bank's blink.
    """
    on = parse_date(day)
    return Document(bank_date(on), tuple(items_of(on, rates, previous)), info).xml()


def rates_all_xml(
    *sheets: tuple[DateLike, Sheet], previous: Sheet | None = None, two_digit_years: bool = False
) -> bytes:
    """Return the RSS of one or more dated sheets, in the order given.

    `previous` holds the rates of the day before the first sheet, for its changes. Years were
    printed in two digits until about 2017.
    """
    items: list[Item] = []
    for number, (day, rates) in enumerate(sheets):
        before = previous if number == 0 else None
        items += items_of(parse_date(day), rates, before, short=two_digit_years)
    return Document(None, tuple(items), rss=True).xml()


def main_items(items: Iterable[Item]) -> list[Item]:
    """Return what rates.xml has of the items of a sheet, in its order."""
    found = {item.code: item for item in items}
    return [found[code] for code in _MAIN_CODES if code in found]


def no_rates(day: date) -> Document:
    """Return the envelope of a date that has no rates."""
    return Document(bank_date(day), (), info=f"на {bank_date(day)} информации нет")


def rates_xml(day: DateLike, rates: Sheet, *, previous: Sheet | None = None) -> bytes:
    """Return the RSS of the main currencies, in its order; `previous` is as in `rates_all_xml`."""
    on = parse_date(day)
    return Document(None, tuple(main_items(items_of(on, rates, previous))), rss=True).xml()


def in_bank_order(rates: Sheet) -> dict[str, RateLike]:
    """Return the rates of a sheet in the order in which the bank prints them: by their names."""
    return {code: rates[code] for code in sorted(rates, key=bank_name)}


def _daily_text(document: Document) -> str:
    items = [
        item_text(item.code, item.value, item.nominal, item.change or "", item.name)
        if item.value and item.nominal and item.change is not None and not item.instead
        else "\n".join([*_elements(12, _daily_children(item)), _ITEM_ENDS])
        for item in document.items
    ]
    return daily_text(document.date, items, document.info, document.generator)


_ITEM_ENDS = " " * 12 + "</item>"
# The first item of the recorded response is indented further than the rest.
FIRST_ITEM, NEXT_ITEM = " " * 24 + "<item>\n", "\n" + " " * 20 + "<item>\n"


def daily_text(
    date: str | None, items: Sequence[str], info: str | None = None, generator: str = _GENERATOR
) -> str:
    """Return the daily XML of items as `item_text` writes them."""
    head, end = daily_frame(date, info, generator)
    body = f"\n{FIRST_ITEM}{NEXT_ITEM.join(items)}" if items else ""
    return f"{head}{body}{end}"


def daily_frame(
    date: str | None, info: str | None = None, generator: str = _GENERATOR
) -> tuple[str, str]:
    """Return what comes before and after the items of the daily XML."""
    head = [
        '<?xml version="1.0" encoding="utf-8"?>',
        "<rates>",
        f"    <generator>{generator}</generator>",
        f"    <title>{_TITLE}</title>",
        f"    <link>{_SITE}</link>",
        f"    <description>{_TITLE}</description>",
        f"    <copyright>{_SITE}</copyright>",
        *_elements(4, [("date", date)]),
        "",
        *_elements(12, [("info", info)]),
    ]
    return "\n".join(head), "\n" + " " * 12 + "</rates>\n"


def item_text(code: str, value: str, nominal: str, change: str, name: str) -> str:
    """Return the lines of an item of the daily XML, after its opening tag."""
    return item_head(code, name) + item_rest(*map(escape, (value, nominal, change)))


@lru_cache(maxsize=512)
def item_head(code: str, name: str) -> str:
    """Return the first lines of an item, up to the value."""
    return (
        f"            <fullname>{escape(name)}</fullname>\n"
        f"            <title>{escape(code)}</title>\n"
        "            <description>"
    )


def item_rest(value: str, nominal: str | int, change: str) -> str:
    """Return the rest of an item, of digits."""
    return (
        f"{value}</description>\n"
        f"            <quant>{nominal}</quant>\n"
        f"            <index>{_index(change)}</index>\n"
        f"            <change>{change}</change>\n"
        "            </item>"
    )


_INDEX = {"+": "UP", "-": "DOWN"}


def _index(change: str) -> str:
    return _INDEX.get(change[:1], "")


def _rss_text(document: Document) -> str:
    lines = [
        '<rss version="2.0">',
        "    <channel>",
        f"        <generator>{document.generator}</generator>",
        *("        <title>", f"            {_TITLE}", "        </title>"),
        f"        <link>{_SITE}</link>",
        *("        <description>", f"            {_TITLE}", "        </description>"),
        "        <language>ru</language>",
        f"        <copyright>{_SITE}</copyright>",
        *_elements(8, [("info", document.info)]),
    ]
    for item in document.items:
        children = [("pubDate", item.day), *_daily_children(item)[2:]]
        lines.append("        <item>")
        lines += _elements(12, [("title", item.code), *children])
        lines += ["            <link/>", "        </item>"]
    return "\n".join([*lines, "    </channel>", "</rss>"])


def _daily_children(item: Item) -> list[tuple[str, str | None]]:
    children = [
        ("fullname", item.name),
        ("title", item.code),
        ("description", item.value),
        ("quant", item.nominal),
        ("index", item.index),
        ("change", item.change),
    ]
    return [(tag, item.instead.get(tag, text)) for tag, text in children]


def _elements(indent: int, children: Iterable[tuple[str, str | None]]) -> list[str]:
    return [
        f"{' ' * indent}<{tag}>{escape(text)}</{tag}>" for tag, text in children if text is not None
    ]


XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"

# How the parts of a workbook are laid out: like those of the bank, or only what a reader needs.
Layout = Literal["bank", "plain"]

CellType = Literal["number", "date", "text", "formula", "error"]

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
    kind: CellType = "text"


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
        TYPES_PART: _types(names),
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
        TYPES_PART: _plain_types(sheets),
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


Dates = Literal["text", "serial"]
Numbers = Literal["number", "text", "float"]

# The export has one column for all Belarusian roubles, and one for all Russian ones.
_FORMER = {column: code for code, column in COLUMN_OF.items()}

_plain = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?")


@dataclass(frozen=True)
class Style:
    """How dates and numbers are written, and the parts around them."""

    dates: Dates = "text"
    numbers: Numbers = "number"
    layout: Layout = "bank"

    def __post_init__(self) -> None:
        for name, chosen, known in (
            ("dates", self.dates, get_args(Dates)),
            ("numbers", self.numbers, get_args(Numbers)),
            ("layouts", self.layout, get_args(Layout)),
        ):
            if chosen not in known:
                raise ValueError(f"{name} are one of {', '.join(known)}, not {chosen!r}")

    def date(self, day: date) -> Cell:
        """Return the cell of a date."""
        return Cell(bank_date(day)) if self.dates == "text" else Cell(str(serial(day)), "date")

    def nominal(self, text: str) -> Cell | None:
        """Return the cell of a nominal, a blank for no text, the text itself for no number."""
        cell = self.value(text)
        if cell is None or cell.kind != "number":
            return cell
        return Cell(cell.text.removesuffix(".0"), "number")

    def value(self, text: str) -> Cell | None:
        """Return the cell of a value likewise; the bank writes 513 as 513.0."""
        if not text:
            return None
        if self.numbers == "text" or not _plain.fullmatch(text):
            return Cell(text)
        if self.numbers == "float":
            # as a program that prints all the digits a double can have: 512.52999999999997
            return Cell(f"{float(text):.17g}", "number")
        return Cell(repr(float(text)), "number")


@dataclass(frozen=True)
class Export:
    """What the export is about to say. `newest` is the row of the newest published rates."""

    header: tuple[str, ...]
    rows: tuple[Row, ...]
    newest: Row
    style: Style
    sheets: int = 1
    from_1904: bool = False
    # the codes as asked for, and the dates of the rows, before anything is done to them
    codes: tuple[str, ...] = ()
    days: tuple[date, ...] = field(default=(), repr=False)

    def xlsx(self) -> bytes:
        """Write it down."""
        rows = [tuple(map(Cell, self.header)), *self.rows]
        return Workbook(rows, self.sheets, self.from_1904, self.style.layout).xlsx()


def labels_of(codes: Iterable[str]) -> tuple[str, ...]:
    """Return what the export calls these codes, each once: BYR is BYN there, RUR is RUB."""
    return tuple(dict.fromkeys(COLUMN_OF.get(code, code) for code in codes))


def make_export(
    codes: Iterable[str],
    sheets: Iterable[tuple[date, Sheet | None]],
    *,
    newest: tuple[date, Sheet] | None = None,
    style: Style,
) -> Export:
    """Return the export of dated sheets, `None` for a date without one.

    The columns come in the order of the form's ids, whatever the order asked for.
    """
    labels = tuple(sorted(labels_of(codes), key=lambda code: export_id(code) or inf))
    header = ("Date", *(name for code in labels for name in (f"{code}_quant", code)))
    row = _row_maker(labels, style)
    dated = list(sheets)
    return Export(
        header,
        tuple(row(day, rates) for day, rates in dated),
        row(*newest) if newest else (),
        style,
        codes=labels,
        days=tuple(day for day, _ in dated),
    )


def _row_maker(labels: tuple[str, ...], style: Style) -> Callable[[date, Sheet | None], Row]:
    """Return what makes a row of a sheet; equal rates share their cells, which saves much time."""
    columns = [(code, _FORMER.get(code, code)) for code in labels]
    blank: tuple[Cell | None, Cell | None] = (None, None)
    known: dict[tuple[object, int], tuple[Cell | None, Cell | None]] = {}

    def pair(rate: Published) -> tuple[Cell | None, Cell | None]:
        key = (rate.value, rate.nominal)
        cells = known.get(key)
        # a text is its digits, but Decimal("74.80") equals Decimal("74.8")
        if cells is None or not isinstance(rate.value, str):
            cells = style.nominal(str(rate.nominal)), style.value(str(rate.value))
            known[key] = cells
        return cells

    def row(day: date, rates: Sheet | None) -> Row:
        cells: list[Cell | None] = [style.date(day)]
        sheet = rates or {}
        for code, former in columns:
            rate = sheet.get(code, sheet.get(former))
            cells += blank if rate is None else pair(published(rate))
        return tuple(cells)

    return row


def range_xlsx(
    sheets: "Mapping[date, Sheet] | Mapping[str, Sheet]",
    codes: Iterable[str],
    start: "DateLike | None" = None,
    end: "DateLike | None" = None,
    *,
    dates: Dates = "text",
    numbers: Numbers = "number",
    layout: Layout = "bank",
) -> bytes:
    """Return the range export of some codes as the bytes of its .xlsx.

    There is a row for every calendar day from `start` to `end`, both inclusive, else from the
    first sheet to the last; cells are blank where there is no rate. `dates` are written as
    `"text"`, 05.12.2025, or as Excel's `"serial"` numbers; `numbers` as `"number"`, as
    `"text"` in the digits given, or as `"float"` with 17 digits, such as 512.52999999999997.
    The columns are in the order of the form's ids; BYR is labelled BYN, and RUR RUB. `layout`
    is `"bank"`, with the parts that the bank's workbooks have, or `"plain"`, with only what a
    reader needs. Raises `ValueError` for an end before the start, and for
    no sheets where an end is not given.

    >>> body = range_xlsx({"2016-07-01": {"BYR": ("1.68", 100)}}, ["BYN"])
    >>> body[:2]
    b'PK'
    """
    by_day: dict[date, Sheet] = {parse_date(day): rates for day, rates in sheets.items()}
    if not by_day and (start is None or end is None):
        raise ValueError("without sheets an export needs a start and an end")
    first = min(by_day) if start is None else parse_date(start)
    last = max(by_day) if end is None else parse_date(end)
    if last < first:
        raise ValueError(f"the end {last} is before the start {first}")
    rows = ((day, by_day.get(day)) for day in days_between(first, last))
    return make_export(codes, rows, style=Style(dates, numbers, layout)).xlsx()


def days_between(first: date, last: date) -> list[date]:
    """Return every calendar day, both ends inclusive."""
    return [first + timedelta(days=number) for number in range((last - first) // ONE_DAY + 1)]
