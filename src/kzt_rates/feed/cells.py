"""The rows and the strings of a worksheet, by a grammar that accounts for every byte of them.

lxml reads what surrounds them. For the cells themselves its tree would cost a hundred megabytes
and most of the time, and cells are written in so few ways that a pattern can hold them all: what
it does not cover is refused, so nothing is skipped and nothing is taken for something else.
"""

import re
from datetime import date
from decimal import Decimal
from functools import lru_cache

from lxml import etree

from kzt_rates.errors import FeedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    # A blank cell, a text or the digits of a number, a date where the cell's type says so.
    Cell = None | str | date
    Row = list[Cell]

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"

# What surrounds the rows, and each of the small parts; the largest seen has 14 KB.
MAX_SMALL_BYTES = 64 * 1024

# More than any way to write a cell with a figure, `x:` prefixes and indentation included.
MAX_CELL_BYTES = 128

_BLANKS = " \t\r\n"
_STRIDE = 7  # the gap before a cell, and the six groups of its pattern

_declared_encoding = re.compile(rb"""<\?xml\s[^>]*?encoding\s*=\s*["']([^"']*)""").match
_is_number = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?").fullmatch
_iso_date = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:T00:00(?::00(?:\.0{1,9})?)?Z?)?").fullmatch
_row_number = re.compile(rb'\sr="([0-9]{1,9})"').findall

_parser = etree.XMLParser(
    resolve_entities=False,
    no_network=True,
    load_dtd=False,
    huge_tree=False,
    remove_comments=True,
    remove_pis=True,
)


def check_plain(part: bytes, name: str) -> None:
    """Refuse a part that is not UTF-8, or has a DTD, entities, comments or CDATA.

    No workbook of the bank has any of them, and without them every `<` begins or ends an element.
    """
    declared = _declared_encoding(part.removeprefix(b"\xef\xbb\xbf")[:200])
    if b"\0" in part or (declared is not None and declared[1].upper() != b"UTF-8"):
        raise FeedError(f"{name} of the bank's workbook is not in UTF-8")
    if b"<!" in part:
        raise FeedError(f"{name} of the bank's workbook has a DTD, a comment or CDATA")


def parse(part: bytes, name: str) -> etree._Element:
    """Return the root element of a small part that can be trusted to be only what it shows."""
    if len(part) > MAX_SMALL_BYTES:
        raise FeedError(f"{name} of the bank's workbook has more than {MAX_SMALL_BYTES} bytes")
    check_plain(part, name)
    try:
        return etree.fromstring(part, _parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        problem = error.msg if isinstance(error, SyntaxError) else error
        raise FeedError(f"{name} of the bank's workbook is not XML: {problem}") from error


def _inside(part: bytes, name: str, root: str, holder: str) -> tuple[str, bytes]:
    """Return the prefix of a holder's elements, and the bytes between its tags.

    The rest of the part must be a document whose only such holder is its root, or in its root.
    """
    check_plain(part, name)
    opened = re.search(
        rb"<((?:[A-Za-z_][A-Za-z0-9_.-]{0,20}:)?)%b(?:\s[^<>]*)?>" % holder.encode(), part
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


@lru_cache(maxsize=8)
def _patterns(prefix: str) -> "tuple[re.Pattern[bytes], re.Pattern[str], re.Pattern[str]]":
    """Return how a row begins, and how a cell and a shared string are written."""
    p = re.escape(prefix)
    preserved = '(?: xml:space="preserve")?'
    row = rf'\s*+<{p}row((?: [A-Za-z0-9_.:-]++="[^"<]*+")*+) ?(/?)>'
    text = rf"<{p}t{preserved}>([^<]*+)</{p}t>"
    # Digits of at most 15 places that end where they mean something are the fewest that mean
    # their double and no other; any other value is looked at one by one.
    digits = r"(?:0|[1-9][0-9]{0,7})(?:\.[0-9]{0,6}[1-9])?+"
    value = rf"<{p}v>(?:({digits})</{p}v>|([^<]{{0,64}}+)</{p}v>)|<{p}v ?/>"
    runs = rf"((?:[^<]++|<(?!/?{p}(?:c|is|si)[\s/>]))*+)"
    inline = rf"<{p}is>\s*+(?:{text}\s*+</{p}is>|{runs}</{p}is>)"
    attributes = (
        '(?: r="([A-Z]{1,3}[0-9]{1,9})")?(?: s="[0-9]*+")?(?: t="([A-Za-z]++)")?(?: s="[0-9]*+")? ?'
    )
    cell = rf"<{p}c{attributes}(?:/>|>\s*+(?:{value}|{inline})?+\s*+</{p}c>)"
    string = rf"<{p}si(?: ?/>|>\s*+(?:{text}\s*+</{p}si>|{runs}</{p}si>))"
    return re.compile(row.encode()), re.compile(cell, re.ASCII), re.compile(string, re.ASCII)


def _text(written: str) -> str:
    """Return a text with its references resolved."""
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


def read_strings(part: bytes, max_strings: int) -> "dict[str | None, Cell]":
    """Return the shared strings of a workbook by their numbers, as cells name them."""
    name = "the strings"
    prefix, written = _inside(part, name, "sst", "sst")
    pieces: list[str | None] = _patterns(prefix)[2].split(decode(written, name), max_strings)
    if "".join(pieces[::3]).strip(_BLANKS):  # type: ignore[arg-type]  # a gap is never None
        raise FeedError(
            f"{name} of the bank's workbook are too many, or not as workbooks have them"
        )
    return {
        str(number): (_text(plain or "") if rich is None else _rich_text(rich, prefix)) or None
        for number, (plain, rich) in enumerate(zip(pieces[1::3], pieces[2::3], strict=True))
    }


def decode(part: bytes, name: str) -> str:
    """Return the text of a part, or of a piece of it."""
    try:
        return part.decode()
    except UnicodeDecodeError:
        raise FeedError(f"{name} of the bank's workbook is not in UTF-8") from None


def read_cells(
    part: bytes, shared: "dict[str | None, Cell]", max_rows: int, max_columns: int
) -> "Iterator[Row]":
    """Give the rows of a worksheet that have cells, in order; absent cells are blank."""
    prefix, written = _inside(part, "the sheet", "worksheet", "sheetData")
    begin, cell, _ = _patterns(prefix)
    close = f"</{prefix}row>".encode()
    names = column_names(max_columns)
    at = number = 0
    while row := begin.match(written, at):
        numbers = _row_number(row[1])
        previous, number = number, int(numbers[0]) if numbers else number + 1
        if len(numbers) > 1 or not previous < number <= max_rows:
            raise FeedError(
                f"the bank's workbook has row {number} after row {previous}, "
                f"where at most {max_rows} rows in order are expected"
            )
        at = row.end()
        if row[2]:
            continue
        end = written.find(close, at)
        if end < 0:
            raise FeedError(f"row {number} of the bank's workbook breaks off")
        pieces = cell.split(decode(written[at:end], f"row {number}"), max_columns)
        at = end + len(close)
        yield _cells(pieces, number, names, shared, prefix)
    if written[at:].strip(_BLANKS.encode()):
        raise FeedError(f"the bank's workbook has something else than a row after row {number}")


def _cells(
    pieces: "list[str | None]",
    number: int,
    names: list[str],
    shared: "dict[str | None, Cell]",
    prefix: str,
) -> "Row":
    """Return the cells of a row, from its pieces."""
    gaps = "".join(pieces[::_STRIDE])  # type: ignore[arg-type]  # a gap is never None
    if gaps.strip(_BLANKS):
        raise FeedError(f"row {number} of the bank's workbook has {_trouble(gaps, len(names))}")
    try:
        row: Row = [
            digits
            if digits and (kind is None or kind == "n")
            else shared[digits]
            if kind == "s"
            else _cell(kind, digits or other, plain, rich, prefix)
            for kind, digits, other, plain, rich in zip(
                *(pieces[group::_STRIDE] for group in range(2, _STRIDE)), strict=True
            )
        ]
    except (KeyError, ValueError) as error:
        raise FeedError(
            f"row {number} of the bank's workbook has a cell that cannot be read: {error}"
        ) from None
    places, expected = pieces[1::_STRIDE], [f"{name}{number}" for name in names]
    return row if places == expected[: len(row)] else _placed(row, places, expected)


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
    raise ValueError(f"{plain or rich or value!r} of type {kind or 'n'!r}")


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
                f"the bank's workbook has the cell {place} where one of {expected[len(row)]} to "
                f"{expected[-1]} must be"
            )
        row += [None] * (column - len(row))
        row.append(cell)
    return row


def _trouble(gaps: str, max_columns: int) -> str:
    """Say what is in a row that the grammar does not know."""
    if re.search(r"<(?:[A-Za-z0-9_.-]+:)?f[\s/>]", gaps):
        return "a formula"
    shown = " ".join(gaps.split())[:60]
    return f"more than {max_columns} cells, or cells as workbooks do not have them: {shown!r}"


def column_names(count: int) -> list[str]:
    """Return the letters of a sheet's first columns.

    >>> column_names(28)[25:]
    ['Z', 'AA', 'AB']
    """
    letters = [chr(ord("A") + place) for place in range(26)]
    names = [*letters, *(first + second for first in letters for second in letters)]
    return names[:count]
