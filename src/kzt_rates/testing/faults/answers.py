"""Answers that do not come, are not to be read, or are hostile: lines, headers and bytes."""

import struct
import zlib
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime, parsedate_to_datetime
from functools import lru_cache
from io import BytesIO
from struct import pack_into
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from kzt_rates.printing import SHEET_PART, unzipped, zipped
from kzt_rates.testing.faults.fault import Circumstances, FaultOptions, on_answer, on_line
from kzt_rates.testing.http import (
    EXPORT_FEED,
    LOOP,
    MOVED,
    XML_FEEDS,
    Line,
    Response,
    html_page,
    redirected,
    send_whole,
)

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
