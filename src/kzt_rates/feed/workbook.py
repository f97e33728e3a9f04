"""An .xlsx as rows of light cells, in bounded time and memory whatever the file is.

Of the package only five small parts and the sheet are opened, each unpacked no further than it
may be long. Anything a plain export has no need of is refused: macros, a second sheet, encryption.
"""

import struct
import zipfile
import zlib
from io import BytesIO

from kzt_rates.errors import FeedError
from kzt_rates.feed import cells, parts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml import etree

    from kzt_rates.feed.cells import Cell, Row

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
    max_bytes = max_cells * cells.MAX_CELL_BYTES + parts.MAX_SMALL_BYTES
    shared: dict[str | None, Cell] = {}
    if strings is not None:
        shared = cells.read_strings(package.read(strings, max_bytes), max_cells)
    yield from cells.read_cells(package.read(sheet, max_bytes), shared, max_rows, max_columns)


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

    def read(self, name: str, max_bytes: int = parts.MAX_SMALL_BYTES) -> bytes:
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
        return parts.parse(self.read(name), name[:80])

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
    """Return the part of the only sheet, and that of the strings where there is one."""
    books = list(package.related("", "officeDocument").values())
    if len(books) != 1:
        raise FeedError(f"the bank's answer has {len(books)} workbooks in it")
    root = package.parse(books[0])
    if root.tag != f"{{{parts.MAIN}}}workbook":
        raise FeedError(f"the bank's workbook is a <{root.tag[:80]}>")
    for properties in root.iterchildren(f"{{{parts.MAIN}}}workbookPr"):
        if properties.get("date1904", "0") not in ("0", "false"):
            raise FeedError("the bank's workbook counts its days from 1904")
    names = [sheet.get(f"{{{_OFFICE}}}id") for sheet in root.iter(f"{{{parts.MAIN}}}sheet")]
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
