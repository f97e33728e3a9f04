"""Whole files: what is in one, counted for people who look; one copied; the archive built."""

import os
import sqlite3
import tempfile
from contextlib import suppress
from datetime import date
from typing import NamedTuple

from kzt_rates.currency import FACTS, is_quoted_on, quoted_on
from kzt_rates.errors import StoreError, StoreUnavailable
from kzt_rates.figures import Day, Figure
from kzt_rates.store.merge import over
from kzt_rates.store.rows import creation
from kzt_rates.store.sqlite import REFRESHED_MARK, SqliteFile, SqliteStore, write_days

# SQLite's own companions of a file in WAL mode, and ours.
COMPANIONS = ("-wal", "-shm", REFRESHED_MARK)


class Coverage(NamedTuple):
    """The days a file has figures of, by code, and the days it knows completely.

    `size` is in bytes, with what SQLite keeps beside the file; `None` where there is no file.
    """

    path: str
    size: int | None
    days: dict[str, frozenset[date]]
    complete: frozenset[date]


def coverage_of(path: str, *, immutable: bool = False) -> Coverage:
    """Look at an archive or a cache, which is not made where it is not there.

    Raises `StoreError` as the store does.
    """
    file = SqliteFile(path, immutable=immutable)
    size = size_of(path)  # before looking, which brings companions of its own

    def look(connection: "sqlite3.Connection") -> Coverage:
        by_code: dict[str, list[date]] = {}
        dates: dict[str, date] = {}
        for code, day in connection.execute("SELECT code, day FROM figure ORDER BY code"):
            by_code.setdefault(code, []).append(_date(day, dates, file))
        complete = [_date(day, dates, file) for (day,) in connection.execute("SELECT day FROM day")]
        days = {code: frozenset(found) for code, found in by_code.items()}
        return Coverage(path, size, days, frozenset(complete))

    try:
        return file.read(look, lambda: Coverage(path, size, {}, frozenset()))
    finally:
        file.close()


def size_of(path: str) -> int | None:
    """Return the bytes of a file and its companions, `None` where there is none."""
    sizes = [
        os.path.getsize(name)
        for name in (path, *(path + end for end in COMPANIONS))
        if os.path.exists(name)
    ]
    return sum(sizes) if sizes else None


def _date(day: str, known: dict[str, date], file: SqliteFile) -> date:
    if day not in known:
        try:
            known[day] = date.fromisoformat(day)
        except (TypeError, ValueError):
            raise file.damaged(f"holds a day that is none ({day!r})") from None
    return known[day]


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
        raise StoreError(f"there is no file {source}", path=source)
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
        why = (error.strerror or str(error)).lower()
        raise StoreUnavailable(f"cannot write {path}: {why}", path=path) from error


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


def build_archive(csv_path: str, archive_path: str) -> None:
    """Write an archive from a CSV of date, currency, value, nominal, source.

    A day that holds every currency the bank can have quoted then is marked complete. Those that
    were gone before the export's form was made are among them, and it cannot be asked for them.
    The same CSV gives the same bytes on the same SQLite. It takes the place of one that others may
    be reading, or building as well.
    """
    import csv

    days: dict[str, dict[str, Figure]] = {}
    with open(csv_path, encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            figure = Figure(row["value"], int(row["nominal"]), feed="archive", final=True)
            days.setdefault(row["date"], {})[row["currency"]] = figure
    new = f"{archive_path}.{os.getpid()}"
    try:
        _write_archive(
            [_archived_day(date.fromisoformat(on), figures) for on, figures in days.items()], new
        )
        os.replace(new, archive_path)
    finally:
        if os.path.exists(new):
            os.remove(new)


def _archived_day(on: date, figures: "dict[str, Figure]") -> Day:
    complete = figures.keys() >= quoted_on(on) and not any(
        is_quoted_on(code, on) for code in FACTS.keys() - figures.keys()
    )
    return Day(on, figures, complete=complete, final=True)


def _write_archive(days: "list[Day]", path: str) -> None:
    connection = sqlite3.connect(path)
    # a build that is interrupted is a build to run again: no journal is left beside the archive
    connection.execute("PRAGMA journal_mode = OFF")
    for statement in creation():
        connection.execute(statement)
    write_days(connection, [Day(day.date) for day in days], days)
    connection.commit()
    connection.execute("VACUUM")
    connection.close()
