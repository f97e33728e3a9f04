"""Files of before: brought to the tables of now, with all that they know."""

import sqlite3
from datetime import datetime

from kzt_rates.figures import Figure
from kzt_rates.store.rows import (
    TABLES,
    VERSION,
    creation,
    read_instant,
    seal_row_of_day,
    version_mark,
    write_figures,
    write_mark,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_OF_BEFORE = ("figure", "day", "silence", "blank", "note")

# Version 1 is version 2 without the table of blanks.
_BLANK = "CREATE TABLE blank (day TEXT, code TEXT, at TEXT)"


def bring_up_to_date(
    connection: "sqlite3.Connection", version_of: "Callable[[sqlite3.Connection], int]"
) -> None:
    """Make the tables of a new file, or bring an older one up to date: whole, or not at all."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = version_of(connection)
        if version == 0:
            for statement in creation():
                connection.execute(statement)
        elif version < VERSION:
            _upgrade(connection, version)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def upgraded_copy(
    connection: "sqlite3.Connection", version_of: "Callable[[sqlite3.Connection], int]"
) -> "sqlite3.Connection":
    """Return a copy in memory, in place of a file of before that must not be written to."""
    copy = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    connection.backup(copy)
    connection.close()
    bring_up_to_date(copy, version_of)
    return copy


def _upgrade(connection: "sqlite3.Connection", version: int) -> None:
    run = connection.execute
    if version == 1:
        run(_BLANK)
    for table in _OF_BEFORE:
        run(f"ALTER TABLE {table} RENAME TO old_{table}")
    for statement in TABLES:
        if "TABLE code " not in statement:
            run(statement)
    connection.executemany(
        "INSERT INTO figure VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (row for code in _codes(connection) for row in write_figures(_figures(connection, code))),
    )
    connection.executemany("INSERT INTO day VALUES (?, ?, ?, ?, ?, ?)", _days(connection))
    connection.executemany("REPLACE INTO mark VALUES (?, ?, ?, ?, ?, ?)", _marks(connection))
    for table in _OF_BEFORE:
        run(f"DROP TABLE old_{table}")
    run(version_mark())


def _codes(connection: "sqlite3.Connection", day: "str | None" = None) -> "list[str]":
    """Return the codes that have a figure, or have one on a day."""
    query, keys = "SELECT DISTINCT code FROM old_figure", [day] * (day is not None)
    if day is not None:  # a seek a code, as the figures are in order of codes
        query = "SELECT c.code FROM code c CROSS JOIN old_figure f ON f.code = c.code AND f.day = ?"
    return [code for (code,) in connection.execute(query, keys)]


def _figures(connection: "sqlite3.Connection", code: str) -> "dict[str, list[tuple[str, Figure]]]":
    rows = connection.execute(
        "SELECT day, value, nominal, change, name, feed, final, fetched_at FROM old_figure"
        " WHERE code = ?",
        (code,),
    )
    figures: list[tuple[str, Figure]] = []
    instants: dict[str | None, datetime | None] = {}
    for day, value, nominal, change, name, feed, final, fetched_at in rows:
        if fetched_at not in instants:
            instants[fetched_at] = read_instant(fetched_at)
        figure = Figure(
            value, nominal, change, name,
            feed=feed, final=bool(final), fetched_at=instants[fetched_at],
        )  # fmt: skip
        figures.append((day, figure))
    return {code: figures}


def _days(connection: "sqlite3.Connection") -> "Iterator[tuple[object, ...]]":
    rows = connection.execute("SELECT day, final, fetched_at FROM old_day").fetchall()
    for day, final, fetched_at in rows:
        read_instant(fetched_at)  # a file that is damaged is no better for being sealed
        yield seal_row_of_day(day, final, fetched_at, " ".join(sorted(_codes(connection, day))))


def _marks(connection: "sqlite3.Connection") -> "Iterator[tuple[object, ...]]":
    for day, feed, at in connection.execute("SELECT day, feed, at FROM old_silence").fetchall():
        yield write_mark(day, "silence", feed, at)
    for day, code, at in connection.execute("SELECT day, code, at FROM old_blank").fetchall():
        yield write_mark(day, "blank", code, at)
    rows = connection.execute("SELECT day, feed, fetched_at, refused FROM old_day").fetchall()
    for day, feed, at, refused in rows:
        if at is None:
            continue
        reasons = dict(line.split("\t", 1) for line in refused.splitlines())
        for code, reason in reasons.items():
            yield write_mark(day, "refusal", code, at, reason)
        codes = {*_codes(connection, day), *reasons}
        yield write_mark(day, "listing", feed, at, " ".join(sorted(codes)))
    notes = connection.execute("SELECT value FROM old_note WHERE key = 'latest'").fetchall()
    for (note,) in notes:
        day, _, at = note.partition(" ")
        read_instant(at)
        known = connection.execute("SELECT refused FROM old_day WHERE day = ?", (day,)).fetchall()
        refused = {line.split("\t", 1)[0] for (text,) in known for line in text.splitlines()}
        codes = {*_codes(connection, day), *refused}
        yield write_mark(day, "listing", "latest", at, " ".join(sorted(codes)))
