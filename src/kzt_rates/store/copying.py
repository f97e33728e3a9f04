"""What one file knows, moved into another: whole, or not at all."""

import os
import sqlite3
import tempfile
from contextlib import suppress
from typing import NamedTuple

from kzt_rates.errors import StoreError, StoreUnavailable
from kzt_rates.store.coverage import COMPANIONS
from kzt_rates.store.file import REFRESHED_MARK
from kzt_rates.store.merge import over
from kzt_rates.store.sqlite import SqliteStore

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kzt_rates.figures import Day


class Copied(NamedTuple):
    """How much was copied."""

    days: int
    figures: int


def copy(source: str, target: str) -> Copied:
    """Copy all that a cache or an archive knows into a cache; `StoreError` where it cannot be.

    A new file is written beside the target and renamed, and a cache that is there is added to in
    one transaction: of two final figures its own counts, unless the other was refreshed.
    """
    if not os.path.isfile(source):
        raise StoreError(f"{source} is not there: nothing to copy", path=source)
    if os.path.exists(target) and os.path.samefile(source, target):
        raise StoreError(f"{source} and {target} are the same file", path=target)
    days = _all_of(source)
    if os.path.exists(target):
        _add(days, target)
    else:
        _write(days, target)
    return Copied(len(days), sum(len(day.figures) for day in days))


def _all_of(path: str) -> "list[Day]":
    store = SqliteStore(path)
    try:
        return store.read(store.dates())
    finally:
        store.close()


def _add(days: "list[Day]", path: str) -> None:
    store = SqliteStore(path)
    try:
        store.change(
            [day.date for day in days],
            lambda known: [over(*pair) for pair in zip(known, days, strict=True)],
        )
    finally:
        store.close()


def _write(days: "list[Day]", path: str) -> None:
    folder = os.path.dirname(os.path.abspath(path))
    try:
        os.makedirs(folder, exist_ok=True)
        handle, part = tempfile.mkstemp(".part", os.path.basename(path) + ".", folder)
        os.close(handle)
        try:
            _add(days, part)
            _fold(part)
            with suppress(FileNotFoundError):  # first, for it says less than the figures
                os.replace(part + REFRESHED_MARK, path + REFRESHED_MARK)
            os.replace(part, path)
        finally:
            for end in ("", *COMPANIONS, "-journal"):
                with suppress(FileNotFoundError):
                    os.remove(part + end)
    except OSError as error:
        raise StoreUnavailable(f"{path}: {error}", path=path) from error


def _fold(path: str) -> None:
    """Leave one file that is on the disk, without companions that a rename would not take along."""
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = DELETE")
    finally:
        connection.close()
    handle = os.open(path, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
