"""What one file of figures covers: for people who look, no plan needs it."""

import os
from datetime import date
from typing import NamedTuple

from kzt_rates.store.file import REFRESHED_MARK, SqliteFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3

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
