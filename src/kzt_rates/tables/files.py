"""CSV and JSON with every digit and no binary float, and files written whole or not at all."""

import errno
import os
import stat
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from itertools import chain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from io import StringIO

    from kzt_rates.typing import FileName, Value

DECIMALS = (".", ",")
DELIMITERS = (",", ";", "\t", "|")

STREAMS = {"/dev/stdout": 1, "/dev/stderr": 2}


def json_text(
    document: "Mapping[str, object] | Sequence[Mapping[str, object]]", *, ascii_only: bool = False
) -> str:
    """Return indented JSON: numbers as strings, dates ISO; `ascii_only` escapes other letters.

    >>> print(json_text({"date": date(2022, 12, 20), "rate": Decimal("1E+2")}))
    {
      "date": "2022-12-20",
      "rate": "100"
    }
    """
    import json

    return json.dumps(_plain(document), ensure_ascii=ascii_only, indent=2)


def csv_text(
    columns: "Sequence[str]",
    rows: "Iterable[Mapping[str, Value]]",
    *,
    decimal: str = ".",
    delimiter: str = ",",
) -> str:
    r"""Return a header and a line for each row; empty where there is no value.

    Raises `ValueError` for a mark before the decimals other than `.` and `,`, and for a
    delimiter that may be part of a date or a figure.

    >>> csv_text(["nominal", "change"], [{"nominal": 10, "change": None, "name": "драм"}])
    'nominal,change\n10,\n'
    """
    _check_marks(decimal, delimiter)
    cells = ([_cell(row[column], decimal) for column in columns] for row in rows)
    return csv_lines(chain([columns], cells), delimiter)


def csv_lines(rows: "Iterable[Iterable[str]]", delimiter: str = ",") -> str:
    r"""Return rows of cells as lines, with quotes around what would end a cell or a line.

    >>> csv_lines([["1", "a\rb"]])
    '1,"a\rb"\n'
    """
    import csv
    import io

    # Python before 3.13 quotes a carriage return only where the ends of lines have one
    text = io.StringIO()
    csv.writer(_EndingLines(text), lineterminator="\r\n", delimiter=delimiter).writerows(rows)
    return text.getvalue()


class _EndingLines:
    """Writes lines that end with CR and LF as lines that end with LF."""

    def __init__(self, text: "StringIO") -> None:
        self._text = text

    def write(self, line: str) -> None:
        self._text.write(f"{line[:-2]}\n")


def _check_marks(decimal: str, delimiter: str) -> None:
    if not isinstance(decimal, str) or not isinstance(delimiter, str):
        raise TypeError("decimal and delimiter are text of one character")
    if decimal not in DECIMALS:
        raise ValueError(f"decimal is '.' or ',', not {decimal!r}")
    if len(delimiter) != 1 or delimiter not in DELIMITERS:
        raise ValueError(
            f"delimiter is one of {' '.join(map(repr, DELIMITERS))}, not {delimiter!r}"
        )
    if decimal == delimiter:
        raise ValueError(
            f"decimal and delimiter are both {decimal!r}: a cell would end at its decimals; "
            "give delimiter=';'"
        )


def _cell(value: "Value", decimal: str) -> str:
    text = text_of(value)
    return text.replace(".", decimal) if isinstance(value, Decimal) else text


def text_of(value: "Value") -> str:
    """Return a value as text: no exponent, dates ISO, `true` and `false`, nothing for `None`."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, date) else str(value)


def _plain(value: object) -> object:
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    assert isinstance(value, int | Decimal | date | datetime)
    return text_of(value)


def put(text: str, file: "FileName | None") -> str | None:
    """Write a text to a file, as UTF-8 and to the end of a line, or return it for no file."""
    if file is None:
        return text
    write_bytes(file, f"{text.removesuffix(chr(10))}\n".encode())
    return None


def write_bytes(file: "FileName", content: bytes) -> None:
    """Write a file: the new one takes the old one's place once all of it is on the disk.

    Whatever ends the writing before leaves what was there. Raises `OSError` with the file's
    name. What is no regular file, such as a device or a pipe, is written into.
    """
    name = os.fsdecode(file)
    try:
        _write(name, content)
    except OSError as error:
        if error.errno is None:
            raise
        # with the name that was given, not that of the file on the way
        raise OSError(error.errno, error.strerror, name) from error


def _write(name: str, content: bytes) -> None:
    known = _state(name)
    if name in STREAMS or (known is not None and not stat.S_ISREG(known.st_mode)):
        # a standard stream that is redirected to a file is written at its place in that file
        with open(os.dup(STREAMS[name]) if name in STREAMS else name, "wb") as stream:
            stream.write(content)
        return
    place = os.path.realpath(name)  # a link stays a link: the file it points to is replaced
    on_the_way = os.path.join(os.path.dirname(place), f".kzt-rates-{os.urandom(8).hex()}.tmp")
    try:
        with open(on_the_way, "xb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        if known is not None:
            with suppress(OSError, AttributeError):  # others cannot, and Windows has no such
                os.chown(on_the_way, known.st_uid, known.st_gid)
            os.chmod(on_the_way, stat.S_IMODE(known.st_mode))
        os.replace(on_the_way, place)
    except BaseException:
        with suppress(OSError):
            os.unlink(on_the_way)
        raise


def _state(name: str) -> os.stat_result | None:
    """Return what is there, `None` for nothing; raise `OSError` for what is not to be replaced."""
    if not os.path.basename(name):
        number = errno.EISDIR if name else errno.ENOENT
        raise OSError(number, os.strerror(number))
    try:
        state = os.stat(name)
    except FileNotFoundError:
        return None
    if not os.access(name, os.W_OK):  # though its directory may be written to
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    return state
