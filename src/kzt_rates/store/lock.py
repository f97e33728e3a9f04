"""One among many processes on one cache: the one that holds the lock beside it asks the bank."""

import json
import os
from contextlib import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

ENDING = "-refresh"


class RefreshLock:
    """A lock beside a cache's file, for as long as a process lives: the system lets go of it.

    What its holder notes can be read by others: how the refreshing goes.
    """

    def __init__(self, cache: str) -> None:
        self.path = os.path.realpath(cache) + ENDING
        self._file: int | None = None

    def acquire(self, *, wait: bool) -> bool:
        """Take the lock and return `True`; where another has it, wait for it or return `False`."""
        os.makedirs(os.path.dirname(self.path), exist_ok=True)
        while True:
            file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o666)
            try:
                if not _lock(file, wait=wait):
                    return False
                if _is_at(file, self.path):  # and was not deleted while we waited
                    self._file, file = file, -1
                    return True
            except OSError as error:  # a file system without locks
                raise OSError(error.errno, error.strerror, self.path) from error
            finally:
                if file >= 0:
                    os.close(file)

    def note(self, document: "dict[str, Any]") -> None:
        """Write down how it goes, in place of what was noted before."""
        assert self._file is not None
        with suppress(OSError):  # a full disk: the figures matter, the note does not
            os.ftruncate(self._file, 0)
            os.pwrite(self._file, json.dumps(document).encode(), 0)

    def release(self) -> None:
        """Let another have it."""
        file, self._file = self._file, None
        if file is not None:
            os.close(file)


def read_note(cache: str) -> "dict[str, Any]":
    """Return what the last holder of a cache's lock has noted, nothing where there is none."""
    try:
        with open(os.path.realpath(cache) + ENDING, encoding="utf-8") as file:
            noted = json.load(file)
    except (OSError, ValueError):
        return {}
    return noted if isinstance(noted, dict) else {}


def _is_at(file: int, path: str) -> bool:
    try:
        return os.path.samestat(os.fstat(file), os.stat(path))
    except FileNotFoundError:
        return False


if os.name == "nt":  # pragma: no cover  # no machine of ours
    import msvcrt
    from time import sleep

    # far behind what is noted: a region that is locked cannot be read there
    PLACE = 1 << 30

    def _lock(file: int, *, wait: bool) -> bool:
        while True:
            os.lseek(file, PLACE, os.SEEK_SET)
            try:
                msvcrt.locking(file, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
            except OSError:
                if not wait:
                    return False
                sleep(1)
            else:
                return True

else:

    def _lock(file: int, *, wait: bool) -> bool:
        import fcntl  # not in a browser

        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            return False
        return True
