"""The rows and the strings of a worksheet, by a grammar that accounts for every byte of them.

lxml reads what surrounds them. For the cells themselves its tree would cost a hundred megabytes
and most of the time, and cells are written in so few ways that a pattern can hold them all: what
it does not cover is refused, so nothing is skipped and nothing is taken for something else.
"""

import re
from datetime import date
from decimal import Decimal
from functools import lru_cache

from kzt_rates.errors import FeedError
from kzt_rates.feed.parts import MAIN, decode, inside, parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    # A blank cell, a text or the digits of a number, a date where the cell's type says so.
    Cell = None | str | date
    Row = list[Cell]
    Shared = dict[str | None, Cell]


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
    """Return the cells of a row."""
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
        raise ValueError(_trouble(gaps))
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


def _trouble(gaps: str) -> str:
    """Say what is in a row that the grammar does not know."""
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
