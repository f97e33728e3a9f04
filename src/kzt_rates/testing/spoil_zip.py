"""Workbooks whose zip is not to be opened lightly: cut, padded, swollen or armed."""

import zlib
from dataclasses import replace
from functools import lru_cache
from io import BytesIO
from struct import pack_into
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from kzt_rates.testing.http import Answer
from kzt_rates.testing.options import Circumstances, FaultOptions
from kzt_rates.testing.workbooks import SHEET_PART, TYPES_PART, unzipped, zipped

MEBIBYTE = 1 << 20
BOMB_BYTES = 300 * MEBIBYTE
PADDING_PART = "xl/media/image1.png"
MACROS_PART = "xl/vbaProject.bin"

# What a part's name costs a zip beyond its content and twice the name.
_ENTRY_BYTES = 76

_MACRO_TYPE = b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"
_SHEET_TYPE = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"


def truncated_zip(answer: Answer, options: FaultOptions, around: Circumstances) -> Answer:
    return replace(answer, body=answer.body[: len(answer.body) // 2])


def padded(body: bytes, size: int) -> bytes:
    """Return a workbook with a part more, a picture of nothing, `size` bytes long in all."""
    missing = size - len(body) - _ENTRY_BYTES - 2 * len(PADDING_PART)
    file = BytesIO(body)
    with ZipFile(file, "a", ZIP_STORED) as package:
        package.writestr(PADDING_PART, bytes(max(missing, 0)))
    return file.getvalue()


def macros(answer: Answer, options: FaultOptions, around: Circumstances) -> Answer:
    if not answer.body.startswith(b"PK"):
        return answer
    parts = unzipped(answer.body)
    types = parts[TYPES_PART].replace(_SHEET_TYPE, _MACRO_TYPE)
    default = b'<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>'
    parts[TYPES_PART] = types.replace(b"<Override", default + b"<Override", 1)
    return replace(answer, body=zipped({**parts, MACROS_PART: b"\xd0\xcf\x11\xe0" * 64}))


def zip_bomb(answer: Answer, options: FaultOptions, around: Circumstances) -> Answer:
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
