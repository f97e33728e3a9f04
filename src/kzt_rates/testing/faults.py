"""The faults of the stand-in bank by name, and how one is declared: where it is written.

    @on_document("leaves the dollar out")
    def no_usd(document, options, around):
        ...

`StandInBank.fail` takes such a fault itself, or the name of one of the package's own.
"""

import struct
import zlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from email.utils import format_datetime, parsedate_to_datetime
from functools import lru_cache
from io import BytesIO
from struct import pack_into
from types import FunctionType, MappingProxyType
from typing import Literal, TypedDict, get_args
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from kzt_rates.arithmetic import EXACT, ROUNDED
from kzt_rates.dates import MAX_DAYS_AHEAD, ONE_DAY, bank_date, date_in_kazakhstan, parse_date
from kzt_rates.printing import (
    SHEET_PART,
    Cell,
    Document,
    Export,
    Item,
    Row,
    Sheet,
    bank_name,
    in_bank_order,
    items_of,
    main_items,
    no_rates,
    unzipped,
    zipped,
)
from kzt_rates.testing.http import (
    EVERY_FEED,
    EXPORT_FEED,
    LOOP,
    MOVED,
    RSS_FEEDS,
    XML_FEEDS,
    FeedName,
    Line,
    Response,
    html_page,
    redirected,
    send_whole,
)
from kzt_rates.testing.sheets import Publications
from kzt_rates.typing import DateLike

# What a sheet that lies says of its changes: what the true figures said, what fits the false
# ones beside the published day before, or nothing.
Changes = Literal["kept", "fitted", "empty"]


class FaultOptions(TypedDict, total=False):
    """Options of `StandInBank.fail`; each fault takes those that its entry in FAULTS names.

    `None` for a `value`, a `nominal` or a `change` leaves the element out, or the cell
    blank. `codes` is one code or several. `start` and `end` are both inclusive.
    """

    status: int
    retry_after: int | str
    location: str
    target: str
    size: int
    every: float
    seconds: float
    code: str
    codes: str | Collection[str]
    value: str | None
    nominal: str | None
    change: str | None
    changes: Changes
    factor: str | int | Decimal
    by: str | int | Decimal
    sheet: Sheet
    date: DateLike
    start: DateLike
    end: DateLike
    days: int
    keep: int
    elements: Collection[str]
    skew: timedelta
    text: str


@dataclass(frozen=True)
class Circumstances:
    """What was asked for, the bank's port, its clock, and what it has published."""

    feed: FeedName
    path: str
    port: int
    now: datetime
    published: Publications

    @property
    def today(self) -> date:
        return date_in_kazakhstan(self.now)


OnDocument = Callable[[Document, FaultOptions, Circumstances], Document]
OnExport = Callable[[Export, FaultOptions, Circumstances], Export]
OnAnswer = Callable[[Response, FaultOptions, Circumstances], Response]
OnLine = Callable[[Line, Response, FaultOptions], None]


@dataclass(frozen=True)
class Fault:
    """A fault: what the bank does, and which options of `fail` shape it.

    It takes hold of the document (the export has one of its own), of the bytes and headers,
    or of the way they are sent. `feeds` are those it can happen to. A `lie` is well-formed, and
    its figures, dates or codes are not the true ones.
    """

    name: str
    does: str
    options: tuple[str, ...] = ()
    feeds: tuple[FeedName, ...] = EVERY_FEED
    lie: bool = False
    document: OnDocument | None = field(default=None, repr=False)
    export: OnExport | None = field(default=None, repr=False)
    answer: OnAnswer | None = field(default=None, repr=False)
    wire: OnLine | None = field(default=None, repr=False)

    def check(self, options: FaultOptions) -> None:
        """Raise `TypeError` for an option that this fault does not take."""
        strange = sorted(options.keys() - set(self.options))
        if strange:
            takes = ", ".join(self.options) or "none"
            raise TypeError(f"the fault {self.name!r} has no option {strange[0]!r}; it has {takes}")

    def in_export(self, does: str = "", *options: str) -> "Callable[[OnExport], Fault]":
        """Declare what this fault of the daily feed and the RSS is in the export; `does` adds."""
        return lambda alter: replace(
            self,
            does=f"{self.does}; in the export {does}" if does else self.does,
            options=tuple(dict.fromkeys([*self.options, *options])),
            feeds=(*self.feeds, *EXPORT_FEED),
            export=alter,
        )


def on_document(
    does: str, *options: str, feeds: tuple[FeedName, ...] = XML_FEEDS, lie: bool = False
) -> Callable[[OnDocument], Fault]:
    """Declare a fault of what the daily feed or the RSS says."""
    return lambda alter: Fault(_name(alter), does, options, feeds, lie, document=alter)


def on_export(does: str, *options: str, lie: bool = False) -> Callable[[OnExport], Fault]:
    """Declare a fault of what the range export says."""
    return lambda alter: Fault(_name(alter), does, options, EXPORT_FEED, lie, export=alter)


def on_answer(
    does: str, *options: str, feeds: tuple[FeedName, ...] = EVERY_FEED, lie: bool = False
) -> Callable[[OnAnswer], Fault]:
    """Declare a fault of status, headers or bytes."""
    return lambda alter: Fault(_name(alter), does, options, feeds, lie, answer=alter)


def on_line(does: str, *options: str) -> Callable[[OnLine], Fault]:
    """Declare a fault of the way an answer is sent."""
    return lambda alter: Fault(_name(alter), does, options, wire=alter)


def codes_of(options: FaultOptions, *default: str) -> tuple[str, ...]:
    """Return the codes that are meant: one may be given as a text."""
    codes = options.get("codes", default)
    return (codes,) if isinstance(codes, str) else tuple(codes)


def _name(function: object) -> str:
    assert isinstance(function, FunctionType)
    return function.__name__


# Answers that do not come, are not to be read, or are hostile: lines, headers and bytes.

SECONDS_BETWEEN_BYTES = 0.05
SLOW_SECONDS = 1.0
MISSING_BYTES = 1000
ENDLESS_PIECE = b" " * 65_536
MEBIBYTE = 1 << 20
BOMB_BYTES = 300 * MEBIBYTE
PADDING_PART = "xl/media/image1.png"

# What a part's name costs a zip beyond its content and twice the name.
_ENTRY_BYTES = 76

OVERSIZED_BYTES = 2 * MEBIBYTE
OVERSIZED_EXPORT_BYTES = 16 * MEBIBYTE

_UTF8 = b'<?xml version="1.0" encoding="utf-8"?>'
_CP1251 = b'<?xml version="1.0" encoding="windows-1251"?>'
_LAUGHS = "".join(f'<!ENTITY lol{depth} "{f"&lol{depth - 1};" * 10}">' for depth in range(1, 10))


@on_line("closes the connection without a word")
def refuse(line: Line, answer: Response, options: FaultOptions) -> None:
    """Send nothing; the server closes the connection."""


@on_line("resets the connection (RST) in the middle of the body")
def reset(line: Line, answer: Response, options: FaultOptions) -> None:
    _send_half(line, answer)
    line.reset()


@on_line("never answers")
def timeout(line: Line, answer: Response, options: FaultOptions) -> None:
    line.hold()


@on_line("answers after `seconds` (1) and closes the connection", "seconds")
def slow(line: Line, answer: Response, options: FaultOptions) -> None:
    line.pause(options.get("seconds", SLOW_SECONDS))
    send_whole(line, answer.with_headers({"Connection": "close"}))


@on_line("falls silent in the middle of the body")
def stall(line: Line, answer: Response, options: FaultOptions) -> None:
    _send_half(line, answer)
    line.hold()


@on_line("sends the body a byte at a time, for ever", "every")
def drip(line: Line, answer: Response, options: FaultOptions) -> None:
    line.send(answer.head(None))
    _drip(line, answer.body, options)


@on_line("sends a header a byte at a time, for ever", "every")
def drip_headers(line: Line, answer: Response, options: FaultOptions) -> None:
    _drip(line, b"HTTP/1.1 200 OK\r\nX-Drip:", options)


@on_line("closes the connection before as much as Content-Length promises")
def truncated_transfer(line: Line, answer: Response, options: FaultOptions) -> None:
    line.send(answer.head(len(answer.body) + MISSING_BYTES) + answer.body)


@on_line("sends a body that never ends, at full speed")
def endless(line: Line, answer: Response, options: FaultOptions) -> None:
    line.send(answer.head(None) + answer.body)
    while True:
        line.send(ENDLESS_PIECE)


def _send_half(line: Line, answer: Response) -> None:
    line.send(answer.head(len(answer.body)) + answer.body[: len(answer.body) // 2])


def _drip(line: Line, data: bytes, options: FaultOptions) -> None:
    every = options.get("every", SECONDS_BETWEEN_BYTES)
    position = 0
    while True:
        line.send(data[position : position + 1] or b" ")
        position += 1
        line.pause(every)


@on_answer(
    "answers with a status (503 if none is given), maybe with a Retry-After, text or seconds",
    "status",
    "retry_after",
)
def status(answer: Response, options: FaultOptions, around: Circumstances) -> Response:
    code = options.get("status", 503)
    page = html_page(code, f"Error {code}")
    changed = replace(answer, status=code, body=page.body).with_headers(dict(page.headers))
    if "retry_after" in options:
        changed = changed.with_headers({"Retry-After": str(options["retry_after"])})
    return changed


@on_answer("redirects to another origin; if none is given, to itself as `localhost`", "location")
def redirect_elsewhere(answer: Response, options: FaultOptions, around: Circumstances) -> Response:
    # another host by name, yet this same server: a client that follows is answered and seen
    return redirected(
        answer, options.get("location", f"http://localhost:{around.port}{around.path}")
    )


@on_answer("redirects to a path of its own that has the right answer")
def redirect_here(answer: Response, options: FaultOptions, around: Circumstances) -> Response:
    return redirected(answer, MOVED + around.path)


@on_answer("redirects for ever")
def redirect_loop(answer: Response, options: FaultOptions, around: Circumstances) -> Response:
    return redirected(answer, LOOP + around.path)


@on_answer("answers 200 with a web page")
def html(answer: Response, options: FaultOptions, around: Circumstances) -> Response:
    page = html_page(200, "Технические работы")
    return replace(answer, body=page.body).with_headers(dict(page.headers))


@on_answer("answers 200 with an empty body")
def empty(answer: Response, options: FaultOptions, around: Circumstances) -> Response:
    return replace(answer, body=b"")


@on_answer("answers with half a document, as its Content-Length says", feeds=XML_FEEDS)
def truncated_xml(answer: Response, options: FaultOptions, around: Circumstances) -> Response:
    return replace(answer, body=answer.body[: len(answer.body) // 2])


@on_answer("has two empty lines, or `text`, before the XML declaration", "text", feeds=XML_FEEDS)
def leading_blanks(answer: Response, options: FaultOptions, around: Circumstances) -> Response:
    # the RSS, which has no declaration, is given one: nothing but itself may stand before that
    declaration, root = _split(answer.body)
    blanks = options.get("text", "\n\n").encode()
    return replace(answer, body=blanks + (declaration or _UTF8) + b"\n" + root)


@on_answer(
    "pads a good document to `size` bytes (XML with spaces to 2 MiB, the export with a part more"
    " to 16 MiB)",
    "size",
)
def oversized(answer: Response, options: FaultOptions, around: Circumstances) -> Response:
    if answer.body.startswith(b"PK"):
        return replace(
            answer, body=padded(answer.body, options.get("size", OVERSIZED_EXPORT_BYTES))
        )
    # well-formed padding inside the root: nothing but its size is wrong with it
    before, end, root = answer.body.rpartition(b"</")
    missing = options.get("size", OVERSIZED_BYTES) - len(answer.body)
    return replace(answer, body=before + b" " * max(missing, 0) + end + root)


@on_answer("sends little gzip that unpacks to `size` bytes (300 MiB)", "size")
def gzip_bomb(answer: Response, options: FaultOptions, around: Circumstances) -> Response:
    mebibytes = -(-options.get("size", BOMB_BYTES) // MEBIBYTE)
    size, checksum, deflated = swollen(b"", mebibytes, b"")
    trailer = struct.pack("<II", checksum, size & 0xFFFFFFFF)
    body = b"\x1f\x8b\x08" + bytes(5) + b"\x02\xff" + deflated + trailer
    return replace(answer, body=body).with_headers({"Content-Encoding": "gzip"})


@on_answer("sends garbage under `Content-Encoding: br`")
def unknown_encoding(answer: Response, options: FaultOptions, around: Circumstances) -> Response:
    garbage = bytes(range(256)) * 8
    return replace(answer, body=garbage).with_headers({"Content-Encoding": "br"})


@on_answer("puts a DOCTYPE into a good document", feeds=XML_FEEDS)
def dtd(answer: Response, options: FaultOptions, around: Circumstances) -> Response:
    return _with_doctype(answer, "<!ELEMENT item ANY>")


@on_answer(
    "refers to an external entity (`target`, else file:///etc/passwd)", "target", feeds=XML_FEEDS
)
def external_entity(answer: Response, options: FaultOptions, around: Circumstances) -> Response:
    target = options.get("target", "file:///etc/passwd")
    return _with_doctype(answer, f'<!ENTITY secret SYSTEM "{target}">', use="&secret;")


@on_answer("nests entities ten times ten", feeds=XML_FEEDS)
def billion_laughs(answer: Response, options: FaultOptions, around: Circumstances) -> Response:
    return _with_doctype(answer, f'<!ENTITY lol0 "lol">{_LAUGHS}', use="&lol9;")


def _with_doctype(answer: Response, subset: str, use: str = "") -> Response:
    """Put a DOCTYPE before the root, and a reference to its entity into the generator's name."""
    declaration, root = _split(answer.body)
    name = root.lstrip(b"<").split(b">")[0].split()[0].decode() if root else "rates"
    root = root.replace(b"</generator>", use.encode() + b"</generator>", 1)
    doctype = f"<!DOCTYPE {name} [{subset}]>\n".encode()
    return replace(answer, body=(declaration or _UTF8) + b"\n" + doctype + root)


@on_answer("declares windows-1251 and is UTF-8", feeds=XML_FEEDS)
def utf8_as_cp1251(answer: Response, options: FaultOptions, around: Circumstances) -> Response:
    return replace(answer, body=_CP1251 + b"\n" + _cyrillic(answer))


@on_answer("declares UTF-8 and is windows-1251", feeds=XML_FEEDS)
def cp1251_as_utf8(answer: Response, options: FaultOptions, around: Circumstances) -> Response:
    body = _cyrillic(answer).decode("utf-8", "replace").encode("cp1251", "replace")
    return replace(answer, body=_UTF8 + b"\n" + body)


def _cyrillic(answer: Response) -> bytes:
    """Return the document without its declaration; the RSS, which is all ASCII, with a remark."""
    _, root = _split(answer.body)
    return root if not root.isascii() else "<!-- курсы валют -->\n".encode() + root


@on_answer("names the root element otherwise", feeds=XML_FEEDS)
def other_root(answer: Response, options: FaultOptions, around: Circumstances) -> Response:
    body = answer.body
    for name in (b"rates", b"rss"):
        body = body.replace(b"<" + name, b"<currencies").replace(b"</" + name, b"</currencies")
    return replace(answer, body=body)


@on_answer("says <rates><error>", feeds=XML_FEEDS)
def error_element(answer: Response, options: FaultOptions, around: Circumstances) -> Response:
    body = _UTF8 + b"\n<rates><error>Service temporarily unavailable</error></rates>\n"
    return replace(answer, body=body)


def _split(body: bytes) -> tuple[bytes, bytes]:
    if not body.startswith(b"<?xml"):
        return b"", body
    declaration, end, root = body.partition(b"?>")
    return declaration + end, root.lstrip()


@on_answer("leaves the Date header out")
def no_date_header(answer: Response, options: FaultOptions, around: Circumstances) -> Response:
    return answer.with_headers({"Date": None})


@on_answer(
    "sends a Date header that is `skew` off (a day behind if not given), or just `text`",
    "skew",
    "text",
)
def date_header(answer: Response, options: FaultOptions, around: Circumstances) -> Response:
    shown = options.get("text")
    if shown is None:
        true = next(text for name, text in answer.headers if name == "Date")
        moment = parsedate_to_datetime(true) + options.get("skew", timedelta(days=-1))
        shown = format_datetime(moment, usegmt=True)
    return answer.with_headers({"Date": shown})


@on_answer("answers with half a workbook, as its Content-Length says", feeds=EXPORT_FEED)
def truncated_zip(answer: Response, options: FaultOptions, around: Circumstances) -> Response:
    return replace(answer, body=answer.body[: len(answer.body) // 2])


def padded(body: bytes, size: int) -> bytes:
    """Return a workbook with a part more, a picture of nothing, `size` bytes long in all."""
    missing = size - len(body) - _ENTRY_BYTES - 2 * len(PADDING_PART)
    file = BytesIO(body)
    with ZipFile(file, "a", ZIP_STORED) as package:
        package.writestr(PADDING_PART, bytes(max(missing, 0)))
    return file.getvalue()


@on_answer(
    "sends a little workbook whose sheet unpacks to `size` bytes (300 MiB)",
    "size",
    feeds=EXPORT_FEED,
)
def zip_bomb(answer: Response, options: FaultOptions, around: Circumstances) -> Response:
    if not answer.body.startswith(b"PK"):
        return answer
    mebibytes = -(-options.get("size", BOMB_BYTES) // MEBIBYTE)
    parts = unzipped(answer.body)
    before, rows, after = parts.pop(SHEET_PART).partition(b"</sheetData>")
    size, checksum, deflated = swollen(before, mebibytes, rows + after)
    file = BytesIO(zipped(parts))
    with ZipFile(file, "a", ZIP_STORED) as package:
        package.writestr(SHEET_PART, deflated)
        entry = package.getinfo(SHEET_PART)
        # what it really is, in the directory at the end and at the part itself
        entry.compress_type, entry.file_size, entry.CRC = ZIP_DEFLATED, size, checksum
    body = bytearray(file.getvalue())
    pack_into("<H", body, entry.header_offset + 8, ZIP_DEFLATED)
    pack_into("<III", body, entry.header_offset + 14, checksum, len(deflated), size)
    return replace(answer, body=bytes(body))


@lru_cache(maxsize=4)
def swollen(before: bytes, mebibytes: int, after: bytes) -> tuple[int, int, bytes]:
    """Return size, checksum and deflated form of so many MiB of spaces between two texts."""
    piece = b" " * MEBIBYTE
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    start = deflate.compress(before) + deflate.flush(zlib.Z_FULL_FLUSH)
    # flushed like this a block needs nothing that went before it, so that one serves for all
    block = deflate.compress(piece) + deflate.flush(zlib.Z_FULL_FLUSH)
    checksum = zlib.crc32(before)
    for _ in range(mebibytes):
        checksum = zlib.crc32(piece, checksum)
    end = deflate.compress(after) + deflate.flush()
    size = len(before) + mebibytes * MEBIBYTE + len(after)
    return size, zlib.crc32(after, checksum), start + block * mebibytes + end


# Documents that are not to be believed: what the daily feed and the RSS may say.

FAR_FUTURE = timedelta(days=MAX_DAYS_AHEAD + 16)
FEW_CODES = 5
STRANGER = "XYZ"
_DROPPED = ("fullname", "index", "change")
_PADDED = ("description", "quant", "change")
_TIYN = Decimal("0.01")


@on_document("sends the envelope with neither items nor info")
def blink(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    return replace(document, items=(), info=None)


@on_document("leaves the items out, an info stays")
def no_items(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    return replace(document, items=())


@on_document("says that there is no rate for the date")
def no_rate(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    return replace(document, items=(), info=no_rates(date_of(document)).info)


@on_document("leaves the date out (in the RSS every pubDate)")
def no_date(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    items = tuple(replace(item, day=None) for item in document.items)
    return replace(document, date=None, items=items)


@on_document("dates the sheet `date`, or a day too early", "date")
def another_date(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    printed = date_of(document)
    other = parse_date(options["date"]) if "date" in options else printed - ONE_DAY
    return _dated(document, other)


@on_document("dates the sheet `date`, or thirty days after today", "date")
def far_future(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    given = options.get("date")
    return _dated(document, around.today + FAR_FUTURE if given is None else parse_date(given))


@on_document(
    "says `code` (USD) twice, the second time with `value`, or with the same", "code", "value"
)
def duplicate_code(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    twice = _first(document, options)
    if twice is None:
        return document
    again = replace(twice, value=options.get("value", twice.value))
    return replace(document, items=(*document.items, again))


@on_document("writes `code` (USD) as `text` (Usd)", "code", "text")
def bad_code(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    return _with_first(
        document, options, lambda item: replace(item, code=options.get("text", "Usd"))
    )


@on_document("gives `code` (USD) the `value` (-1), or none at all for None", "code", "value")
def bad_value(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    return _with_first(
        document, options, lambda item: replace(item, value=options.get("value", "-1"))
    )


@on_document("gives `code` (USD) the `nominal` (0), or none at all for None", "code", "nominal")
def bad_nominal(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    return _with_first(
        document, options, lambda item: replace(item, nominal=options.get("nominal", "0"))
    )


@on_document("leaves the dollar out")
def no_usd(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    items = tuple(item for item in document.items if item.code != "USD")
    return replace(document, items=items)


@on_document("keeps the dollar and some others, `keep` (5) in all", "keep")
def few_codes(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    # the dollar first, so that the sheet is refused for its few codes and nothing else
    items = sorted(newest_items(document), key=lambda item: item.code != "USD")
    return replace(document, items=tuple(items[: options.get("keep", FEW_CODES)]))


@on_document("says `change` (+77.77) for the changes of `codes` (all)", "codes", "change")
def wrong_changes(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    change = options.get("change", "+77.77")
    codes = codes_of(options, *(item.code for item in document.items))
    items = (
        replace(item, change=change) if item.code in codes else item for item in document.items
    )
    return replace(document, items=tuple(items))


def _first(document: Document, options: FaultOptions) -> Item | None:
    code = options.get("code", "USD")
    return next((item for item in document.items if item.code == code), None)


def _with_first(
    document: Document, options: FaultOptions, change: Callable[[Item], Item]
) -> Document:
    chosen = _first(document, options)
    items = (change(item) if item is chosen else item for item in document.items)
    return replace(document, items=tuple(items))


def newest_items(document: Document) -> list[Item]:
    """Return the items of the sheet itself, without those of dead currencies in the RSS."""
    newest = bank_date(date_of(document))
    return [item for item in document.items if not document.rss or _full(item.day) == newest]


def date_of(document: Document) -> date:
    if document.date is not None:
        return parse_date(document.date)
    days = [parse_date(text) for text in (_full(item.day) for item in document.items) if text]
    return max(days, default=date(2000, 1, 1))


def _full(day: str | None) -> str | None:
    return day if day is None or len(day) == 10 else f"{day[:6]}20{day[6:]}"


def _dated(document: Document, day: date) -> Document:
    """Date a sheet anew; in the RSS the items of dead currencies keep their own dates."""
    if not document.rss:
        return replace(document, date=bank_date(day))
    newest = newest_items(document)
    items = (
        replace(item, day=bank_date(day)) if item in newest else item for item in document.items
    )
    return replace(document, items=tuple(items))


@on_document(
    "has the figures of `date` (today), or of `days` before the date asked for, or of the newest"
    " day published before that, or else `sheet`, under the date asked for (the RSS: its newest"
    " date); all of them, or those of `codes`, or `keep` in all; with `by` added to the value of"
    " `code` (USD)",
    "date",
    "days",
    "sheet",
    "codes",
    "keep",
    "code",
    "by",
    "changes",
    lie=True,
)
def another_sheet(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    given = options.get("sheet")
    if given is None:
        if "days" in options:
            day = date_of(document) - timedelta(days=options["days"])
        else:
            day = parse_date(options.get("date", around.today))
        items = list(around.published.sheet_at(day, around.now))
    else:
        items = items_of(date_of(document), in_bank_order(given), None)
    chosen = codes_of(options, *(item.code for item in items))
    items = [item for item in items if item.code in chosen]
    items = _some(items, options.get("keep", len(items)))
    if "by" in options:
        wrong = options.get("code", "USD")
        items = [_moved(item, options["by"]) if item.code == wrong else item for item in items]
    items = _with_changes(items, document, options, around)
    return _instead_of_newest(replace(document, info=None), items, around)


@on_document(
    "has the sheet of `date` (the day before), or the newest published before it, under its own"
    " date",
    "date",
    lie=True,
)
def stale_sheet(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    given = options.get("date")
    day = date_of(document) - ONE_DAY if given is None else parse_date(given)
    items = around.published.sheet_at(day, around.now)
    if document.rss:
        newest = newest_items(document)
        others = [item for item in document.items if item not in newest]
        return replace(document, items=_arranged([*items, *others], around))
    printed = items[0].day if items else bank_date(day)
    return replace(document, date=printed, items=items, info=None)


@on_document("leaves out `codes` (EUR)", "codes", lie=True)
def lost_codes(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    lost = codes_of(options, "EUR")
    return replace(document, items=tuple(i for i in document.items if i.code not in lost))


@on_document(
    "has one code more, `code` (XYZ) with `value` (1.23) per `nominal` (1) and `change`",
    "code",
    "value",
    "nominal",
    "change",
    lie=True,
)
def extra_code(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    newest = newest_items(document)
    if not newest:
        return document
    code = options.get("code", STRANGER)
    value, nominal = options.get("value", "1.23"), options.get("nominal", "1")
    extra = Item(code, value, nominal, options.get("change", ""), bank_name(code), newest[0].day)
    return replace(document, items=(*document.items, extra))


@on_document(
    "has `codes` (USD) as they were `days` (1) before, under that date",
    "codes",
    "days",
    feeds=RSS_FEEDS,
    lie=True,
)
def lagging_codes(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    day = date_of(document) - timedelta(days=options.get("days", 1))
    before = {item.code: item for item in around.published.sheet_at(day, around.now)}

    def late(item: Item) -> Item:
        old = before.get(item.code, item)
        return replace(old, day=bank_date(day))

    return _changed(document, options, around, codes_of(options, "USD"), late)


@on_document(
    "multiplies the values of `codes` (all) by `factor` (10), rounded to two decimals",
    "codes",
    "factor",
    "changes",
    lie=True,
)
def scaled(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    factor = options.get("factor", 10)
    codes = codes_of(options, *(item.code for item in document.items))

    def times(item: Item) -> Item:
        return replace(item, value=item.value and multiplied(item.value, factor))

    return _changed(document, options, around, codes, times)


@on_document(
    "has the figures of the first of two `codes` (EUR and USD) under the second, and those of the"
    " second under the first",
    "codes",
    "changes",
    lie=True,
)
def exchanged_codes(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    one, other = pair_of(options)
    figures = {item.code: item for item in newest_items(document)}
    if one not in figures or other not in figures:
        return document

    def exchanged(item: Item) -> Item:
        source = figures[other if item.code == one else one]
        return replace(item, value=source.value, nominal=source.nominal, change=source.change)

    return _changed(document, options, around, (one, other), exchanged)


@on_document(
    "has the nominal of `codes` (USD) as the value, and the value in whole tenge as the nominal",
    "codes",
    "changes",
    lie=True,
)
def exchanged_numbers(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    def exchanged(item: Item) -> Item:
        return replace(item, value=item.nominal, nominal=item.value and whole(item.value))

    return _changed(document, options, around, codes_of(options, "USD"), exchanged)


@on_document(
    "has the values of `codes` (USD) for `nominal` (100)", "codes", "nominal", "changes", lie=True
)
def another_nominal(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    nominal = options.get("nominal", "100")
    codes = codes_of(options, "USD")
    return _changed(document, options, around, codes, lambda i: replace(i, nominal=nominal))


@on_document(
    "leaves out `elements` (fullname, index and change), or has `text` in them", "elements", "text"
)
def bare_items(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    text = options.get("text")
    instead = dict.fromkeys(options.get("elements", _DROPPED), text)
    items = tuple(replace(item, instead=instead) for item in document.items)
    return replace(document, items=items)


@on_document("puts `text` (a blank) before and after value, nominal and change", "text")
def padded_figures(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    blank = options.get("text", " ")

    def padded(item: Item) -> Item:
        texts = zip(_PADDED, (item.value, item.nominal, item.change), strict=True)
        return replace(item, instead={tag: text and blank + text + blank for tag, text in texts})

    return replace(document, items=tuple(map(padded, document.items)))


def pair_of(options: FaultOptions) -> tuple[str, str]:
    """Return the two codes that change places."""
    one, other = codes_of(options, "EUR", "USD")
    return one, other


def multiplied(value: str, factor: str | int | Decimal) -> str:
    """Return a value times a factor as the bank prints it: two decimals at most, and not zero.

    >>> multiplied("12.72", 10), multiplied("0.07", "0.1"), multiplied("4.704", 1)
    ('127.2', '0.01', '4.704')
    """
    number = Decimal(value)
    places = min(_TIYN, Decimal(1).scaleb(int(number.as_tuple().exponent)))
    product = EXACT.multiply(number, Decimal(factor))
    return _plain(max(product.quantize(places, ROUND_HALF_UP, ROUNDED), places))


def whole(value: str) -> str:
    """Return a value in whole tenge, as it can stand for a nominal."""
    return str(max(int(Decimal(value)), 1))


def _moved(item: Item, by: str | int | Decimal) -> Item:
    return replace(item, value=item.value and _plain(EXACT.add(Decimal(item.value), Decimal(by))))


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _some(items: Iterable[Item], keep: int) -> list[Item]:
    """Return so many items in their order, the dollar among them."""
    first = sorted(items, key=lambda item: item.code != "USD")[:keep]
    return [item for item in items if item in first]


def _changed(
    document: Document,
    options: FaultOptions,
    around: Circumstances,
    codes: Iterable[str],
    change: Callable[[Item], Item],
) -> Document:
    """Change the items of some codes; those of dead currencies in the RSS are left alone."""
    chosen = [item for item in newest_items(document) if item.code in codes]
    changed = _with_changes(map(change, chosen), document, options, around)
    new = {item.code: item for item in changed}
    items = (new[item.code] if item in chosen else item for item in document.items)
    return replace(document, items=tuple(items))


def _with_changes(
    items: Iterable[Item], document: Document, options: FaultOptions, around: Circumstances
) -> list[Item]:
    how = options.get("changes", "kept")
    if how not in get_args(Changes):
        raise ValueError(f"changes are one of {', '.join(get_args(Changes))}, not {how!r}")
    if how == "kept":
        return list(items)
    if how == "empty":
        return [replace(item, change="") for item in items]
    day = date_of(document)
    return [replace(i, change=around.published.fitting_change(i, day, around.now)) for i in items]


def _instead_of_newest(
    document: Document, items: Iterable[Item], around: Circumstances
) -> Document:
    """Put other items in the place of a sheet's, under its date."""
    if not document.rss:
        return replace(document, items=tuple(items))
    newest = newest_items(document)
    day = newest[0].day if newest else bank_date(date_of(document))
    others = [item for item in document.items if item not in newest]
    dated = (replace(item, day=day) for item in items)
    return replace(document, items=_arranged([*dated, *others], around))


def _arranged(items: Iterable[Item], around: Circumstances) -> tuple[Item, ...]:
    if around.feed == "main":
        return tuple(main_items(items))
    return tuple(sorted(items, key=lambda item: item.name))


# Exports that are not to be believed, and some that only look so.

# The nine codes of 2026 have no ids, so that none of them can have been asked for.
OTHER_CODE = "EGP"
FRIDAY = 4

_Pair = tuple[Cell | None, Cell | None]


@no_items.in_export("it leaves the rows out")
def no_items_in_export(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    return replace(export, rows=())


@on_export(
    "calls the columns of `code` (the last) `text` (EGP), which was not asked for", "code", "text"
)
def wrong_columns(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    # the last of the codes asked for: another one takes its place, figures and all
    code = options.get("code", export.header[-1])
    return _renamed(export, code, options.get("text", OTHER_CODE))


@bad_code.in_export()
def bad_code_in_export(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    return _renamed(export, options.get("code", "USD"), options.get("text", "Usd"))


@on_export("leaves out `code` (USD)", "code")
def missing_column(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    lost = columns_of(export, options)
    return with_columns(export, [n for n in range(len(export.header)) if n not in lost])


@on_export("dates the rows from `date` on, or as the days before those asked for", "date")
def another_range(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    if not export.days:
        return export
    first, last = export.days[0], export.days[-1]
    given = options.get("date")
    step = (first - last - ONE_DAY) if given is None else parse_date(given) - first
    return _redated(export, [day + step for day in export.days])


@on_export("has the newest rates up to today in every row")
def todays_rates(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    return replace(export, rows=tuple((*row[:1], *export.newest[1:]) for row in export.rows))


@bad_value.in_export("in the row `date`, else in the first with a rate", "date")
def bad_value_in_export(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    columns = columns_of(export, options)[1:]
    cell = cell_of(options.get("value", "-1"), export.style.value)
    return with_cell(export, row_of(export, options), columns, cell)


@bad_nominal.in_export(
    "in the row `date`, else in the first with a rate", "code", "nominal", "date"
)
def bad_nominal_in_export(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    columns = columns_of(export, options)[:1]
    cell = cell_of(options.get("nominal", "0"), export.style.nominal)
    return with_cell(export, row_of(export, options), columns, cell)


@no_date.in_export("only that of the row `date`, else of the first with a rate", "date")
def no_date_in_export(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    return with_cell(export, row_of(export, options), [0], None)


def columns_of(export: Export, options: FaultOptions) -> list[int]:
    """Return the columns of the code that is meant: nominal and value, or none."""
    code = options.get("code", "USD")
    names = (f"{code}_quant", code)
    return [n for n, name in enumerate(export.header) if name in names]


def row_of(export: Export, options: FaultOptions) -> int:
    """Return the row of the date that is meant, else the first with a figure of the code."""
    if "date" in options:
        day = parse_date(options["date"])
        # a row that is not there: nothing is done to it
        return export.days.index(day) if day in export.days else len(export.days)
    pair = columns_of(export, options)
    filled = (n for n, row in enumerate(export.rows) if any(row[column] for column in pair))
    return next(filled, 0)


def cell_of(text: str | None, write: Callable[[str], Cell | None]) -> Cell | None:
    """Return the cell of a text, where an empty one is not a blank."""
    if text is None:
        return None
    return write(text) if text else Cell("")


def with_cell(export: Export, row: int, columns: Sequence[int], cell: Cell | None) -> Export:
    rows = list(export.rows)
    if row < len(rows):
        rows[row] = tuple(cell if n in columns else old for n, old in enumerate(rows[row]))
    return replace(export, rows=tuple(rows))


def with_columns(export: Export, columns: Sequence[int]) -> Export:
    def chosen(row: Row) -> Row:
        return tuple(row[n] for n in columns)

    header = tuple(export.header[n] for n in columns)
    return replace(export, header=header, rows=tuple(map(chosen, export.rows)))


def _renamed(export: Export, code: str, text: str) -> Export:
    names = {code: text, f"{code}_quant": f"{text}_quant"}
    return replace(export, header=tuple(names.get(name, name) for name in export.header))


def _redated(export: Export, days: Sequence[date]) -> Export:
    rows = ((export.style.date(day), *row[1:]) for day, row in zip(days, export.rows, strict=True))
    return replace(export, rows=tuple(rows))


@on_export("breaks off after `keep` (1) rows", "keep", lie=True)
def first_rows(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    return _kept(export, export.days[: options.get("keep", 1)])


@on_export("has the last `keep` (1) rows alone", "keep", lie=True)
def last_rows(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    kept = min(options.get("keep", 1), len(export.days))
    return _kept(export, export.days[len(export.days) - kept :])


@on_export(
    "lacks the row `date`, or those from `start` to `end`, or the third in the middle",
    "date",
    "start",
    "end",
    lie=True,
)
def lost_rows(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    lost = _days(export, options)
    if not options.keys() & {"date", "start", "end"}:
        # the middle third, or the first of two
        third = -(-len(lost) // 3)
        lost = lost[(len(lost) - third) // 2 :][:third]
    return _kept(export, set(export.days).difference(lost))


@on_export(
    "lacks the rows of Saturdays and Sundays, all or those from `start` to `end`",
    "start",
    "end",
    lie=True,
)
def no_weekends(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    within = set(_days(export, options))
    return _kept(
        export, [day for day in export.days if day.weekday() <= FRIDAY or day not in within]
    )


@on_export("has in each row the figures of `days` (1) before", "days", lie=True)
def late_rows(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    if not export.days:
        return export
    late = timedelta(days=options.get("days", 1))
    first, last = export.days[0] - late, export.days[-1] - late
    found = around.published.export(first, last, export.codes, around.now)
    figures = {day + late: row[1:] for day, row in zip(found.days, found.rows, strict=True)}
    blank = (None,) * (len(export.header) - 1)
    rows = (
        (*row[:1], *figures.get(day, blank))
        for day, row in zip(export.days, export.rows, strict=True)
    )
    return replace(export, rows=tuple(rows))


@exchanged_codes.in_export()
def exchanged_codes_in_export(
    export: Export, options: FaultOptions, around: Circumstances
) -> Export:
    one, other = pair_of(options)
    if one not in export.header or other not in export.header:
        return export
    names = {one: other, other: one}
    names |= {f"{code}_quant": f"{name}_quant" for code, name in names.items()}
    # the headings change places, and then the columns, so that the order is as it was
    header = tuple(names.get(name, name) for name in export.header)
    places = [header.index(name) for name in export.header]
    rows = (tuple(row[n] for n in places) for row in export.rows)
    return replace(export, rows=tuple(rows))


@exchanged_numbers.in_export("", "date", "start", "end")
def exchanged_numbers_in_export(
    export: Export, options: FaultOptions, around: Circumstances
) -> Export:
    def exchanged(nominal: Cell, value: Cell) -> _Pair:
        return export.style.nominal(whole(value.text)), export.style.value(nominal.text)

    return _with_pairs(export, options, codes_of(options, "USD"), exchanged)


@scaled.in_export("", "date", "start", "end")
def scaled_in_export(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    factor = options.get("factor", 10)

    def times(nominal: Cell, value: Cell) -> _Pair:
        return nominal, export.style.value(multiplied(value.text, factor))

    return _with_pairs(export, options, codes_of(options, *export.codes), times)


@another_nominal.in_export("", "date", "start", "end")
def another_nominal_in_export(
    export: Export, options: FaultOptions, around: Circumstances
) -> Export:
    text = options.get("nominal", "100")
    shown = None if text is None else export.style.nominal(text)
    return _with_pairs(export, options, codes_of(options, "USD"), lambda _, value: (shown, value))


@on_export(
    "has no figures of `codes` (USD) in the row `date`, or those from `start` to `end`, or any",
    "codes",
    "date",
    "start",
    "end",
    lie=True,
)
def blank_cells(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    return _with_pairs(export, options, codes_of(options, "USD"), lambda _, __: (None, None))


def _days(export: Export, options: FaultOptions) -> list[date]:
    """Return the days of the rows that are meant: one, those from `start` to `end`, or all."""
    if "date" in options:
        first = last = parse_date(options["date"])
    else:
        first, last = (
            parse_date(options.get("start", date.min)),
            parse_date(options.get("end", date.max)),
        )
    return [day for day in export.days if first <= day <= last]


def _kept(export: Export, days: Collection[date]) -> Export:
    rows = [(d, row) for d, row in zip(export.days, export.rows, strict=True) if d in days]
    return replace(export, days=tuple(d for d, _ in rows), rows=tuple(row for _, row in rows))


def _with_pairs(
    export: Export,
    options: FaultOptions,
    codes: Iterable[str],
    change: Callable[[Cell, Cell], _Pair],
) -> Export:
    """Change nominal and value of some codes, where there are any, in the rows that are meant."""
    days = set(_days(export, options))
    nominals = [export.header.index(f"{code}_quant") for code in codes if code in export.header]
    rows = []
    for day, row in zip(export.days, export.rows, strict=True):
        cells = list(row)
        for n in nominals if day in days else ():
            nominal, value = cells[n], cells[n + 1]
            if nominal is not None and value is not None:
                cells[n : n + 2] = change(nominal, value)
        rows.append(tuple(cells))
    return replace(export, rows=tuple(rows))


# They only come together here, in the order of their lines. Where the export has one too, that is
# the last of the name, and both.
FAULTS: Mapping[str, Fault] = MappingProxyType(
    {fault.name: fault for fault in tuple(globals().values()) if isinstance(fault, Fault)}
)


def find_fault(name: str) -> Fault:
    """Return the fault of that name; raises `ValueError` naming those there are."""
    try:
        return FAULTS[name]
    except KeyError:
        known = ", ".join(sorted(FAULTS))
        raise ValueError(f"no fault is called {name!r}; known are {known}") from None
