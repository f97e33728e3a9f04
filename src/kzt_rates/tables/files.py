"""Files that are written whole or not at all."""

import errno
import os
import stat
from contextlib import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kzt_rates.typing import FileName

STREAMS = {"/dev/stdout": 1, "/dev/stderr": 2}


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
        # a standard stream that leads to a file goes on where that is
        with open(os.dup(STREAMS[name]) if name in STREAMS else name, "wb") as stream:
            stream.write(content)
        return
    place = os.path.realpath(name)  # a link goes on leading to where it led
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
