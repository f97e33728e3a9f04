"""An .xlsx as rows of light cells, in bounded time and memory whatever the file is.

Of the package only five small parts and the sheet are opened, each unpacked no further than it
may be long. Anything a plain export has no need of is refused: macros, a second sheet, encryption.

lxml reads what surrounds the rows, and for the cells themselves its tree would cost a hundred
megabytes and most of the time. Cells are written in so few ways that a pattern can hold them all:
what it does not cover is refused, so nothing is skipped and nothing is taken for something else.
"""

import re
import struct
import zipfile
import zlib
from datetime import date
from decimal import Decimal
from functools import lru_cache
from io import BytesIO

from lxml import etree

from kzt_rates.errors import FeedError
from kzt_rates.feed import NOMINAL, VALUE
from kzt_rates.process import OnePerProcess

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeGuard

    from lxml import etree

    # A blank cell, a text or the digits of a number, a date where the cell's type says so.
    Cell = None | str | date
    Row = list[Cell]
    Shared = dict[str | None, Cell]

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"

# What surrounds the rows, and each of the small parts; the largest seen has 14 KB.
MAX_SMALL_BYTES = 64 * 1024

_declared_encoding = re.compile(rb"""<\?xml\s[^>]*?encoding\s*=\s*["']([^"']*)""").match

_parser = OnePerProcess(
    lambda: etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
)


def _check_plain(part: bytes, name: str) -> None:
    """Refuse a part that is not UTF-8, or has a DTD, entities, comments or CDATA.

    No workbook of the bank has any of them, and without them every `<` begins or ends an element.
    """
    declared = _declared_encoding(part.removeprefix(b"\xef\xbb\xbf"))
    if b"\0" in part or (declared is not None and declared[1].upper() != b"UTF-8"):
        raise FeedError(f"{name} of the bank's workbook is not in UTF-8")
    if b"<!" in part:
        raise FeedError(f"{name} of the bank's workbook has a DTD, a comment or CDATA")


def parse(part: bytes, name: str) -> etree._Element:
    """Return the root element of a small part that can be trusted to be only what it shows."""
    if len(part) > MAX_SMALL_BYTES:
        raise FeedError(f"{name} of the bank's workbook has more than {MAX_SMALL_BYTES} bytes")
    _check_plain(part, name)
    try:
        root: etree._Element = _parser.use(lambda parser: etree.fromstring(part, parser))
    except (etree.XMLSyntaxError, ValueError) as error:
        problem = error.msg if isinstance(error, SyntaxError) else error
        raise FeedError(f"{name} of the bank's workbook is not XML: {problem}") from error
    return root


def inside(part: bytes, name: str, root: str, holder: str) -> tuple[str, bytes]:
    """Return the prefix of a holder's elements, and the bytes between its tags.

    The rest of the part must be a document whose only such holder is its root, or in its root.
    What is between the tags is the caller's to check.
    """
    opened = re.search(
        rb"<((?:[A-Za-z_][A-Za-z0-9_.-]{0,20}:)?)%b(?:\s[^<>]*)?/?>" % holder.encode(), part
    )
    if opened is None:
        raise FeedError(f"{name} of the bank's workbook has no <{holder}>")
    start = end = opened.end()
    if not opened[0].endswith(b"/>"):
        end = part.find(b"</" + opened[1] + holder.encode(), start)
        if end < 0:
            raise FeedError(f"{name} of the bank's workbook breaks off")
    tree = parse(part[:start] + part[end:], name)
    found = list(tree.iter(f"{{*}}{holder}"))
    if (
        tree.tag != f"{{{MAIN}}}{root}"
        or [element.tag for element in found] != [f"{{{MAIN}}}{holder}"]
        or found[0] not in (tree, *tree)
        or len(found[0])
    ):
        raise FeedError(f"{name} of the bank's workbook is not a <{root}> as workbooks have it")
    return opened[1].decode(), part[start:end]


def decode(part: bytes, name: str) -> str:
    """Return the text of a part, or of a piece of it."""
    try:
        return part.decode()
    except UnicodeDecodeError:
        raise FeedError(f"{name} of the bank's workbook is not in UTF-8") from None


# More than any way to write a cell with a figure, `x:` prefixes and indentation included.
MAX_CELL_BYTES = 128

# Pieces of a text with runs of its own, tags counted; a heading has a handful.
MAX_TEXT_PIECES = 1000

_BLANKS = " \t\r\n"
_STRIDE = 7  # the gap before a cell, and the six groups of its full pattern

_is_number = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?").fullmatch
_iso_date = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:T00:00(?::00(?:\.0{1,9})?)?Z?)?").fullmatch


class _Grammar:
    """How the rows, cells and shared strings of a worksheet are written."""

    def __init__(self, prefix: str) -> None:
        p = re.escape(prefix)
        # Digits of at most 15 places that end where they mean something are the fewest that
        # mean their double and no other; any other value is looked at one by one.
        digits = r"(?:0|[1-9][0-9]{0,7})(?:\.[0-9]{0,6}[1-9])?"
        # No group here repeats possessively: Python 3.11.2 matches such groups wrongly. What the
        # inside of a text may consist of is bounded instead.
        runs = rf"((?:[^<]++|<(?!/?{p}(?:c|is|si)[\s/>])){{0,{MAX_TEXT_PIECES}}})"
        text = rf'<{p}t(?: xml:space="preserve")?>([^<]*+)</{p}t>'
        value = rf"<{p}v>(?:({digits})</{p}v>|([^<]{{0,64}}+)</{p}v>)|<{p}v ?/>"
        inline = rf"<{p}is>\s*+(?:{text}\s*+</{p}is>|{runs}</{p}is>)"
        place, style = '(?: r="([A-Z]{1,3}[0-9]{1,9})")?', '(?: s="[0-9]*+")?'
        kind = f'(?: t="([A-Za-z]++)"{style})?'
        self.prefix = prefix
        self.end_of_row = f"</{prefix}row>".encode()
        others = r'(?: (?!r=)[A-Za-z0-9_.:-]++="[^"<&]*+")*'
        self.row = re.compile(
            rf'\s*+<{p}row{others}(?: r="([0-9]{{1,9}})"{others})? ?(/?)>'.encode()
        )
        self.cell = re.compile(
            rf"<{p}c{place}{style}{kind} ?(?:/>|>\s*+(?:{value}|{inline})?\s*+</{p}c>)", re.ASCII
        )
        # a number as nearly all are written: it takes half the time
        self.number_cell = re.compile(
            rf'<{p}c{place}{style}(?: t="n")?><{p}v>({digits})</{p}v></{p}c>', re.ASCII
        )
        self.string = re.compile(
            rf"<{p}si(?: ?/>|>\s*+(?:{text}\s*+</{p}si>|{runs}</{p}si>))", re.ASCII
        )


_grammar = lru_cache(maxsize=8)(_Grammar)


def _text(written: str) -> str:
    if "&" not in written:
        return written
    return _rich_text(f"<t>{written}</t>", "")


def _rich_text(written: str, prefix: str) -> str:
    """Return the text of the runs inside a string; readings for Japanese are no part of it."""
    bound = f"xmlns:{prefix[:-1]}" if prefix else "xmlns"
    string = parse(f'<{prefix}si {bound}="{MAIN}">{written}</{prefix}si>'.encode(), "a text")
    found: list[str] = []
    for run in string:
        if run.tag == f"{{{MAIN}}}r":
            found += [text.text or "" for text in run.iterchildren(f"{{{MAIN}}}t")]
        elif run.tag == f"{{{MAIN}}}t":
            found.append(run.text or "")
        elif run.tag not in (f"{{{MAIN}}}rPh", f"{{{MAIN}}}phoneticPr"):
            raise FeedError(f"a text of the bank's workbook has a <{run.tag}>")
    if string.find(f".//{{{MAIN}}}t/*") is not None:
        raise FeedError("a text of the bank's workbook has elements in it")
    return "".join(found)


def read_strings(part: bytes, max_strings: int) -> "Shared":
    """Return the shared strings of a workbook by their numbers, as cells name them."""
    name = "the strings"
    prefix, written = inside(part, name, "sst", "sst")
    pieces: list[str | None] = _grammar(prefix).string.split(decode(written, name), max_strings)
    if "".join(pieces[::3]).strip(_BLANKS):  # type: ignore[arg-type]  # a gap is never None
        raise FeedError(
            f"{name} of the bank's workbook are too many, or not as workbooks have them"
        )
    return {
        str(number): (_text(plain or "") if rich is None else _rich_text(rich, prefix)) or None
        for number, (plain, rich) in enumerate(zip(pieces[1::3], pieces[2::3], strict=True))
    }


def read_cells(part: bytes, shared: "Shared", max_rows: int, max_columns: int) -> "Iterator[Row]":
    """Give the rows of a worksheet that have cells, in order; absent cells are blank."""
    prefix, written = inside(part, "the sheet", "worksheet", "sheetData")
    grammar = _grammar(prefix)
    names = column_names(max_columns)
    at = number = 0
    while row := grammar.row.match(written, at):
        previous, number = number, int(row[1] or number + 1)
        if not previous < number <= max_rows:
            raise FeedError(
                f"the bank's workbook has row {number} after row {previous}, "
                f"where at most {max_rows} rows in order are expected"
            )
        at = row.end()
        if row[2]:
            continue
        end = written.find(grammar.end_of_row, at)
        if end < 0:
            raise FeedError(f"row {number} of the bank's workbook breaks off")
        if end - at > (max_columns + 1) * MAX_CELL_BYTES * 4:
            raise FeedError(f"row {number} of the bank's workbook has {end - at} bytes")
        cells = decode(written[at:end], f"row {number}")
        at = end + len(grammar.end_of_row)
        yield _cells(cells, number, names, grammar, shared)
    if written[at:].strip(_BLANKS.encode()):
        raise FeedError(f"the bank's workbook has something else than a row after row {number}")


def _cells(
    written: str, number: int, names: list[str], grammar: _Grammar, shared: "Shared"
) -> "Row":
    pieces = grammar.number_cell.split(written, len(names))
    gaps, places, row = pieces[::3], pieces[1::3], pieces[2::3]
    try:
        for at in reversed([at for at, gap in enumerate(gaps) if gap]):
            places[at:at], row[at:at] = _other_cells(gaps[at], len(names), grammar, shared)
    except (KeyError, ValueError) as error:
        raise FeedError(
            f"row {number} of the bank's workbook has a cell that cannot be read: {error}"
        ) from None
    # in one comparison, as nearly all rows can be: A7 B7 C7
    if None not in places and f"{number} ".join([*names, ""]).startswith(" ".join([*places, ""])):
        return row
    return _placed(row, places, [f"{name}{number}" for name in names])


def _other_cells(
    written: str, max_cells: int, grammar: _Grammar, shared: "Shared"
) -> "tuple[list[str | None], Row]":
    """Return the places and the cells of what is none of the plain cells."""
    pieces = grammar.cell.split(written, max_cells)
    gaps = "".join(pieces[::_STRIDE])
    if gaps.strip(_BLANKS):
        raise ValueError(_unknown_cells(gaps))
    row: Row = [
        shared[digits] if kind == "s" else _cell(kind, digits or other, plain, rich, grammar.prefix)
        for kind, digits, other, plain, rich in zip(
            *(pieces[group::_STRIDE] for group in range(2, _STRIDE)), strict=True
        )
    ]
    return pieces[1::_STRIDE], row


def _cell(
    kind: str | None, value: str | None, plain: str | None, rich: str | None, prefix: str
) -> "Cell":
    """Return a cell of the less common types; `ValueError` says what it should not be."""
    is_inline = plain is not None or rich is not None
    if kind == "inlineStr" and value is None:
        return (_text(plain or "") if rich is None else _rich_text(rich, prefix)) or None
    if kind in (None, "n", "str", "d") and not value and not is_inline:
        return None
    if kind == "str" and value:
        return _text(value)
    if kind in (None, "n") and value and _is_number(value):
        return _digits(float(value))
    if kind == "d" and value and (day := _iso_date(value)):
        return date.fromisoformat(day[1])
    raise ValueError(f"{plain or rich or value!r:.60} of type {kind or 'n'}")


def _digits(number: float) -> str:
    """Return the fewest digits that mean a double and no other, without an exponent.

    >>> _digits(512.52999999999997), _digits(5.1253e2), _digits(3.0), _digits(1e-7)
    ('512.53', '512.53', '3', '0.0000001')
    """
    digits = repr(number)
    return (f"{Decimal(digits):f}" if "e" in digits else digits).removesuffix(".0")


def _placed(cells: "Row", places: "list[str | None]", expected: list[str]) -> "Row":
    """Return the cells of a row each in its column, where some are absent or do not say theirs."""
    columns = {place: column for column, place in enumerate(expected)}
    row: Row = []
    for cell, place in zip(cells, places, strict=True):
        column = len(row) if place is None else columns.get(place, -1)
        if not len(row) <= column < len(expected):
            raise FeedError(
                f"the bank's workbook has the cell {place} after {len(row)} columns, where those "
                f"up to {expected[-1]} must be in order"
            )
        row += [None] * (column - len(row))
        row.append(cell)
    return row


def _unknown_cells(gaps: str) -> str:
    """Return what is in a row that the grammar does not know."""
    if re.search(r"<(?:[A-Za-z0-9_.-]+:)?f[\s/>]", gaps):
        return "a formula"
    return f"{' '.join(gaps.split())[:60]!r}, or there are too many"


def column_names(count: int) -> list[str]:
    """Return the letters of a sheet's first columns.

    >>> column_names(28)[25:]
    ['Z', 'AA', 'AB']
    """
    letters = [chr(ord("A") + place) for place in range(26)]
    names = [*letters, *(first + second for first in letters for second in letters)]
    return names[:count]


# A workbook of one sheet has about a dozen parts.
MAX_PARTS = 64
MAX_DIRECTORY_BYTES = 64 * 1024

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships"

# The record that ends a zip: signature, disks, parts here and in all, directory, comment.
_END = struct.Struct("<4s4H2LH")

_UNREADABLE = (
    zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError, struct.error,
    OverflowError, LookupError,
)  # fmt: skip


def read_rows(body: bytes, max_rows: int, max_columns: int) -> "Iterator[Row]":
    """Give the rows of the only sheet that have cells, each up to its last cell.

    A cell is `None` where it is blank; a text; a number as the fewest digits that mean its
    double, so that 512.52999999999997 and 5.1253E2 are 512.53; or a date where its type says
    so, while numbers that mean dates stay numbers. Raises `FeedError` for what is not a
    workbook of one sheet within the limits, possibly after some rows.
    """
    package = _Package(body)
    package.refuse_macros()
    sheet, strings = _find_sheet(package)
    max_cells = max_rows * max_columns
    max_bytes = max_cells * MAX_CELL_BYTES + MAX_SMALL_BYTES
    shared: dict[str | None, Cell] = {}
    if strings is not None:
        shared = read_strings(package.read(strings, max_bytes), max_cells)
    yield from read_cells(package.read(sheet, max_bytes), shared, max_rows, max_columns)


class _Package:
    """The parts of a workbook by their names, which are the same in any case of letters."""

    def __init__(self, body: bytes) -> None:
        _check_end(body)
        try:
            self._zip = zipfile.ZipFile(BytesIO(body))
        except _UNREADABLE as error:
            raise FeedError(f"the bank's answer is a broken .xlsx: {error}") from error
        entries = self._zip.infolist()
        self._parts = {entry.filename.lower(): entry for entry in entries}
        if len(self._parts) != len(entries):
            raise FeedError("the bank's workbook has two parts of one name")

    def read(self, name: str, max_bytes: int = MAX_SMALL_BYTES) -> bytes:
        """Return a part, of which no more is unpacked than it may have."""
        entry = self._parts.get(name.lower())
        if entry is None:
            raise FeedError(f"the bank's workbook has no part {name[:80]!r}")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise FeedError(f"the bank's workbook is packed by method {entry.compress_type}")
        try:
            with self._zip.open(entry) as packed:
                part = packed.read(max_bytes + 1)
        except _UNREADABLE as error:
            raise FeedError(f"the bank's answer is a broken .xlsx: {error}") from error
        if len(part) > max_bytes:
            raise FeedError(f"{name[:80]} of the bank's workbook has more than {max_bytes} bytes")
        if len(part) != entry.file_size:
            raise FeedError(f"{name[:80]} of the bank's workbook is not as long as it says")
        return part

    def refuse_macros(self) -> None:
        """Raise where anything in the workbook could run."""
        types = self.parse("[Content_Types].xml")
        said = [name for name in self._parts if "vba" in name or "macro" in name]
        said += [
            kind
            for element in types
            if "macro" in (kind := element.get("ContentType", "").lower()) or "vba" in kind
        ]
        if said:
            raise FeedError(f"the bank's workbook has macros: {said[0][:80]}")

    def parse(self, name: str) -> "etree._Element":
        """Return the root of a small part."""
        return parse(self.read(name), name[:80])

    def related(self, part: str, kind: str) -> dict[str, str]:
        """Return the parts that a part names as its own of some kind, by the name it uses."""
        folder, _, file = part.rpartition("/")
        listed = self.parse(f"{folder}/_rels/{file}.rels".lstrip("/"))
        found = {}
        for entry in listed.iterchildren(f"{{{_RELATIONSHIPS}}}Relationship"):
            if entry.get("Type") == f"{_OFFICE}/{kind}":
                if entry.get("TargetMode", "Internal") != "Internal":
                    raise FeedError("the bank's workbook keeps a part of it elsewhere")
                if (name := entry.get("Id", "")) in found:
                    raise FeedError(f"the bank's workbook calls two parts {name[:80]!r}")
                found[name] = _resolved(folder, entry.get("Target", ""))
        return found


def _find_sheet(package: _Package) -> tuple[str, str | None]:
    books = list(package.related("", "officeDocument").values())
    if len(books) != 1:
        raise FeedError(f"the bank's answer has {len(books)} workbooks in it")
    root = package.parse(books[0])
    if root.tag != f"{{{MAIN}}}workbook":
        raise FeedError(f"the bank's workbook is a <{root.tag[:80]}>")
    for properties in root.iterchildren(f"{{{MAIN}}}workbookPr"):
        if properties.get("date1904", "0") not in ("0", "false"):
            raise FeedError("the bank's workbook counts its days from 1904")
    names = [sheet.get(f"{{{_OFFICE}}}id") for sheet in root.iter(f"{{{MAIN}}}sheet")]
    sheets = package.related(books[0], "worksheet")
    strings = list(package.related(books[0], "sharedStrings").values())
    if len(names) != 1 or names[0] not in sheets or len(sheets) != 1 or len(strings) > 1:
        raise FeedError(
            f"the bank's workbook has {len(names)} sheets, or {len(sheets)} parts of it"
        )
    return sheets[names[0]], strings[0] if strings else None


def _resolved(folder: str, target: str) -> str:
    """Return the name of a part from how another part in a folder calls it."""
    steps = [] if target.startswith("/") or not folder else folder.split("/")
    for step in target.split("/"):
        if step == ".." and not steps:
            raise FeedError(f"the bank's workbook names a part outside of it: {target[:80]!r}")
        if step == "..":
            steps.pop()
        elif step not in ("", "."):
            steps.append(step)
    return "/".join(steps)


def _check_end(body: bytes) -> None:
    """Raise where the answer does not end as a zip of few parts does.

    Its end is checked before `zipfile` reads the directory, which has no limit of its own: one
    record, without comment, right after a directory that is small. Zip64 does not fit in there.
    """
    if not body.startswith(b"PK\3\4"):
        start = body[:200].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
        if not start:
            raise FeedError("the bank's answer is empty")
        if start.startswith((b"<!doctype html", b"<html")):
            raise FeedError("the bank's answer is an HTML page, not an .xlsx")
        raise FeedError("the bank's answer is not an .xlsx")
    if len(body) < _END.size or not body[-_END.size :].startswith(b"PK\5\6"):
        raise FeedError("the bank's answer is an .xlsx that breaks off, or has something after it")
    _, disk, first_disk, here, entries, size, offset, comment = _END.unpack(body[-_END.size :])
    if (
        (disk, first_disk, comment) != (0, 0, 0)
        or here != entries
        or entries > MAX_PARTS
        or size > MAX_DIRECTORY_BYTES
        or offset + size + _END.size != len(body)
    ):
        raise FeedError(f"the bank's answer is not an .xlsx of at most {MAX_PARTS} parts")


_are_values = re.compile(f"(?:{VALUE};)*").fullmatch
_is_nominal = re.compile(NOMINAL).fullmatch


def are_values(cells: "list[Cell]") -> "TypeGuard[list[str]]":
    """Whether cells hold values; asked one by one they would take three times as long."""
    try:
        joined = ";".join([*cells, ""])  # type: ignore[list-item]  # a cell that is no text
    except TypeError:
        return False
    # a cell that has a semicolon itself would pass for two
    return joined.count(";") == len(cells) and _are_values(joined) is not None


class Nominals(dict["Cell", int]):
    """The nominals that cells hold, each checked once; `ValueError` for what is none."""

    def __missing__(self, cell: "Cell") -> int:
        if not isinstance(cell, str) or not _is_nominal(cell):
            raise ValueError(f"the nominal {cell!r:.40}")
        nominal = self[cell] = int(cell)
        return nominal
