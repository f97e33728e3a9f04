"""Answers that are not to be read: other statuses, other headers, hostile or broken bytes."""

import struct
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime, parsedate_to_datetime

from kzt_rates.testing.http import LOOP, MOVED, Answer, html_page
from kzt_rates.testing.options import Circumstances, FaultOptions
from kzt_rates.testing.spoil_zip import BOMB_BYTES, MEBIBYTE, padded, swollen

OVERSIZED_BYTES = 2 * MEBIBYTE
OVERSIZED_EXPORT_BYTES = 16 * MEBIBYTE

SpoilBytes = Callable[[Answer, FaultOptions, Circumstances], Answer]

_UTF8 = b'<?xml version="1.0" encoding="utf-8"?>'
_CP1251 = b'<?xml version="1.0" encoding="windows-1251"?>'
_LAUGHS = "".join(f'<!ENTITY lol{depth} "{f"&lol{depth - 1};" * 10}">' for depth in range(1, 10))


def status(answer: Answer, options: FaultOptions, around: Circumstances) -> Answer:
    code = options.get("status", 503)
    page = html_page(code, f"Error {code}")
    changed = replace(answer, status=code, body=page.body).with_headers(dict(page.headers))
    if "retry_after" in options:
        changed = changed.with_headers({"Retry-After": str(options["retry_after"])})
    return changed


def redirect_elsewhere(answer: Answer, options: FaultOptions, around: Circumstances) -> Answer:
    # another host by name, yet this same server: a client that follows is answered and seen
    return redirected(
        answer, options.get("location", f"http://localhost:{around.port}{around.path}")
    )


def redirect_here(answer: Answer, options: FaultOptions, around: Circumstances) -> Answer:
    return redirected(answer, MOVED + around.path)


def redirect_loop(answer: Answer, options: FaultOptions, around: Circumstances) -> Answer:
    return redirected(answer, LOOP + around.path)


def redirected(answer: Answer, location: str) -> Answer:
    page = html_page(302, "Moved")
    headers = {**dict(page.headers), "Location": location}
    return replace(answer, status=302, body=page.body).with_headers(headers)


def html(answer: Answer, options: FaultOptions, around: Circumstances) -> Answer:
    page = html_page(200, "Технические работы")
    return replace(answer, body=page.body).with_headers(dict(page.headers))


def empty(answer: Answer, options: FaultOptions, around: Circumstances) -> Answer:
    return replace(answer, body=b"")


def truncated_xml(answer: Answer, options: FaultOptions, around: Circumstances) -> Answer:
    return replace(answer, body=answer.body[: len(answer.body) // 2])


def leading_blanks(answer: Answer, options: FaultOptions, around: Circumstances) -> Answer:
    # the RSS, which has no declaration, is given one: nothing but itself may stand before that
    declaration, root = _split(answer.body)
    blanks = options.get("text", "\n\n").encode()
    return replace(answer, body=blanks + (declaration or _UTF8) + b"\n" + root)


def oversized(answer: Answer, options: FaultOptions, around: Circumstances) -> Answer:
    if answer.body.startswith(b"PK"):
        return replace(
            answer, body=padded(answer.body, options.get("size", OVERSIZED_EXPORT_BYTES))
        )
    # well-formed padding inside the root: nothing but its size is wrong with it
    before, end, root = answer.body.rpartition(b"</")
    missing = options.get("size", OVERSIZED_BYTES) - len(answer.body)
    return replace(answer, body=before + b" " * max(missing, 0) + end + root)


def gzip_bomb(answer: Answer, options: FaultOptions, around: Circumstances) -> Answer:
    mebibytes = -(-options.get("size", BOMB_BYTES) // MEBIBYTE)
    size, checksum, deflated = swollen(b"", mebibytes, b"")
    trailer = struct.pack("<II", checksum, size & 0xFFFFFFFF)
    body = b"\x1f\x8b\x08" + bytes(5) + b"\x02\xff" + deflated + trailer
    return replace(answer, body=body).with_headers({"Content-Encoding": "gzip"})


def unknown_encoding(answer: Answer, options: FaultOptions, around: Circumstances) -> Answer:
    garbage = bytes(range(256)) * 8
    return replace(answer, body=garbage).with_headers({"Content-Encoding": "br"})


def dtd(answer: Answer, options: FaultOptions, around: Circumstances) -> Answer:
    return _with_doctype(answer, "<!ELEMENT item ANY>")


def external_entity(answer: Answer, options: FaultOptions, around: Circumstances) -> Answer:
    target = options.get("target", "file:///etc/passwd")
    return _with_doctype(answer, f'<!ENTITY secret SYSTEM "{target}">', use="&secret;")


def billion_laughs(answer: Answer, options: FaultOptions, around: Circumstances) -> Answer:
    return _with_doctype(answer, f'<!ENTITY lol0 "lol">{_LAUGHS}', use="&lol9;")


def _with_doctype(answer: Answer, subset: str, use: str = "") -> Answer:
    """Put a DOCTYPE before the root, and a reference to its entity into the generator's name."""
    declaration, root = _split(answer.body)
    name = root.lstrip(b"<").split(b">")[0].split()[0].decode() if root else "rates"
    root = root.replace(b"</generator>", use.encode() + b"</generator>", 1)
    doctype = f"<!DOCTYPE {name} [{subset}]>\n".encode()
    return replace(answer, body=(declaration or _UTF8) + b"\n" + doctype + root)


def utf8_as_cp1251(answer: Answer, options: FaultOptions, around: Circumstances) -> Answer:
    return replace(answer, body=_CP1251 + b"\n" + _cyrillic(answer))


def cp1251_as_utf8(answer: Answer, options: FaultOptions, around: Circumstances) -> Answer:
    body = _cyrillic(answer).decode("utf-8", "replace").encode("cp1251", "replace")
    return replace(answer, body=_UTF8 + b"\n" + body)


def _cyrillic(answer: Answer) -> bytes:
    """Return the document without its declaration; the RSS, which is all ASCII, with a remark."""
    _, root = _split(answer.body)
    return root if not root.isascii() else "<!-- курсы валют -->\n".encode() + root


def other_root(answer: Answer, options: FaultOptions, around: Circumstances) -> Answer:
    body = answer.body
    for name in (b"rates", b"rss"):
        body = body.replace(b"<" + name, b"<currencies").replace(b"</" + name, b"</currencies")
    return replace(answer, body=body)


def error_element(answer: Answer, options: FaultOptions, around: Circumstances) -> Answer:
    body = _UTF8 + b"\n<rates><error>Service temporarily unavailable</error></rates>\n"
    return replace(answer, body=body)


def _split(body: bytes) -> tuple[bytes, bytes]:
    if not body.startswith(b"<?xml"):
        return b"", body
    declaration, end, root = body.partition(b"?>")
    return declaration + end, root.lstrip()


def no_date_header(answer: Answer, options: FaultOptions, around: Circumstances) -> Answer:
    return answer.with_headers({"Date": None})


def date_header(answer: Answer, options: FaultOptions, around: Circumstances) -> Answer:
    shown = options.get("text")
    if shown is None:
        true = next(text for name, text in answer.headers if name == "Date")
        moment = parsedate_to_datetime(true) + options.get("skew", timedelta(days=-1))
        shown = format_datetime(moment, usegmt=True)
    return answer.with_headers({"Date": shown})
