"""A store in one SQLite file, shared by threads, tasks and processes."""

import sqlite3
from datetime import date, datetime

from kzt_rates.figures import Day
from kzt_rates.store.file import SqliteFile
from kzt_rates.store.ranges import read_points, write_export
from kzt_rates.store.rows import (
    FIGURE_COLUMNS,
    read_code,
    read_figure,
    read_instant,
    read_note,
    read_refusals,
    write_figure,
    write_instant,
    write_note,
    write_refusals,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from kzt_rates.figures import Entry, Feed, Source
    from kzt_rates.store.protocol import Replaced, ReplacedOn

_WHOLE_DAY = (
    f"SELECT c.code, {FIGURE_COLUMNS} FROM code c"  # noqa: S608  # only our own columns
    " CROSS JOIN figure f ON f.code = c.code AND f.day = ?"
)
_SOME_CODES = f"SELECT code, {FIGURE_COLUMNS} FROM figure WHERE day = ? AND code IN ({{}})"  # noqa: S608


class SqliteStore:
    """Figures, days and silences in one file, or in memory for `":memory:"`.

    Raises `StoreError` for a damaged, foreign or newer file, and `store.file.Unusable` where
    another moment or another place may do.
    """

    def __init__(self, path: str, *, source: "Source" = "cache", immutable: bool = False) -> None:
        self.path = path
        self._source: Source = source
        self._file = SqliteFile(path, immutable=immutable)

    def __repr__(self) -> str:
        return f"SqliteStore({self.path!r})"

    def day(self, date: date, codes: "Iterable[str] | None" = None) -> Day:
        """Return what is known of a day, of all codes or of some."""
        return self._file.read(
            lambda connection: self._load(connection, date, codes), Day(date, source=self._source)
        )

    def days(self, dates: "Sequence[date]", codes: "Iterable[str] | None" = None) -> list[Day]:
        """Return what is known of each of some days, in the order given."""
        wanted = None if codes is None else tuple(codes)
        return self._file.read(
            lambda connection: [self._load(connection, date, wanted) for date in dates],
            [Day(date, source=self._source) for date in dates],
        )

    def series(self, code: str, start: date, end: date) -> "list[Entry]":
        """Return the known figures of a code from `start` to `end`, both inclusive, by day."""
        nothing: list[Entry] = []
        return self._file.read(lambda c: read_points(c, code, start, end), nothing)

    def complete_days(self, start: date, end: date) -> list[date]:
        """Return the complete days from `start` to `end`, both inclusive."""
        query = "SELECT day FROM day WHERE day BETWEEN ? AND ?"
        rows = self._rows(query, start.isoformat(), end.isoformat())
        return self._file.understood(lambda: [date.fromisoformat(on) for (on,) in rows])

    def keep(self, day: Day, feed: "Feed") -> "list[Replaced]":
        """Remember a feed's answer, whole or not at all; return what was known otherwise."""
        return self._file.write(lambda connection: self._save(connection, day, feed))

    def keep_export(self, days: "Sequence[Day]") -> "list[ReplacedOn]":
        """Remember an answer of the range export, whole or not at all."""
        return self._file.write(lambda connection: write_export(connection, days))

    def require_kept(self) -> None:
        """Do nothing: what cannot be kept here is an error at once."""

    def keep_silence(self, date: date, feed: "Feed", at: datetime) -> None:
        """Remember that a feed has no rate for a date."""
        row = (date.isoformat(), feed, at.isoformat())
        self._file.write(
            lambda connection: connection.execute("REPLACE INTO silence VALUES (?, ?, ?)", row)
        )

    def latest(self) -> "tuple[date, datetime] | None":
        """Return the date of the newest latest sheet, and when it came."""
        rows = self._rows("SELECT value FROM note WHERE key = 'latest'")
        return self._file.understood(lambda: read_note(rows[0][0])) if rows else None

    def newest_complete(self, until: date) -> "date | None":
        """Return the last complete day that is not after a date."""
        rows = self._rows("SELECT max(day) FROM day WHERE day <= ?", until.isoformat())
        return self._date(rows)

    def nearest(self, code: "str | None", date: date) -> "tuple[date | None, date | None]":
        """Return the nearest days before and after with a figure, or that are complete."""
        on = date.isoformat()
        if code is None:
            before = self._rows("SELECT max(day) FROM day WHERE day < ?", on)
            after = self._rows("SELECT min(day) FROM day WHERE day > ?", on)
        else:
            before = self._rows("SELECT max(day) FROM figure WHERE code = ? AND day < ?", code, on)
            after = self._rows("SELECT min(day) FROM figure WHERE code = ? AND day > ?", code, on)
        return self._date(before), self._date(after)

    def bounds(self) -> "dict[str, tuple[date, date]]":
        """Return the first and the last day known of every code."""
        # two subqueries, because min and max in one are a scan and each alone is a seek
        rows = self._rows(
            "SELECT code, (SELECT min(day) FROM figure f WHERE f.code = c.code),"
            " (SELECT max(day) FROM figure f WHERE f.code = c.code) FROM code c ORDER BY code"
        )
        return self._file.understood(
            lambda: {
                code: (date.fromisoformat(first), date.fromisoformat(last))
                for code, first, last in rows
                if first is not None
            }
        )

    def stamp(self) -> "Hashable":
        """Return what differs once anybody has written."""
        return self._file.stamp()

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def _rows(self, query: str, *values: str) -> "list[tuple[str, ...]]":
        nothing: list[tuple[str, ...]] = []
        return self._file.read(lambda c: c.execute(query, values).fetchall(), nothing)

    def _date(self, rows: "list[tuple[str, ...]]") -> "date | None":
        text = rows[0][0] if rows else None
        return None if text is None else self._file.understood(lambda: date.fromisoformat(text))

    def _load(
        self, connection: sqlite3.Connection, date: date, codes: "Iterable[str] | None"
    ) -> Day:
        on = date.isoformat()
        if codes is None:
            # CROSS JOIN keeps the order of the loops: a seek per code, never a scan of all figures
            query, keys = _WHOLE_DAY, [on]
        else:
            wanted = tuple(codes)
            query = _SOME_CODES.format(", ".join("?" * len(wanted)))
            keys = [on, *wanted]
        day = Day(date, source=self._source)
        for code, *row in connection.execute(query, keys):
            day.figures[read_code(code)] = read_figure(row, self._source)
        for final, fetched_at, refused in connection.execute(
            "SELECT final, fetched_at, refused FROM day WHERE day = ?", (on,)
        ):
            day.complete, day.final, day.fetched_at = True, bool(final), read_instant(fetched_at)
            day.refused = read_refusals(refused)
        for feed, at in connection.execute("SELECT feed, at FROM silence WHERE day = ?", (on,)):
            instant = read_instant(at)
            if instant is not None:
                day.silences[feed] = instant
        for code, at in connection.execute("SELECT code, at FROM blank WHERE day = ?", (on,)):
            instant = read_instant(at)
            if instant is not None:
                day.blanks[code] = instant
        return day

    def _save(self, connection: sqlite3.Connection, day: Day, feed: "Feed") -> "list[Replaced]":
        known = self._load(connection, day.date, None)
        on = day.date.isoformat()
        replaced: list[Replaced] = [
            (code, known.figures[code], new)
            for code, new in day.figures.items()
            if code in known.figures and not known.figures[code].same_as(new)
        ]
        if day.complete:
            replaced += self._take_away(connection, day, known)
            final = day.final or (known.complete and known.final and not replaced)
            row = (on, final, feed, write_instant(day.fetched_at), write_refusals(day))
            connection.execute("REPLACE INTO day VALUES (?, ?, ?, ?, ?)", row)
        codes = [(code,) for code in day.figures]
        rows = [
            write_figure(
                code, on, new, known.figures.get(code), feed, write_instant(new.fetched_at)
            )
            for code, new in day.figures.items()
        ]
        connection.executemany("INSERT OR IGNORE INTO code VALUES (?)", codes)
        connection.executemany("REPLACE INTO figure VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
        connection.execute("DELETE FROM silence WHERE day = ? AND feed = ?", (on, feed))
        if feed == "latest":
            note = (write_note(day),)
            connection.execute("REPLACE INTO note VALUES ('latest', ?)", note)
        return replaced

    def _take_away(self, connection: sqlite3.Connection, day: Day, known: Day) -> "list[Replaced]":
        """Remove what a whole sheet lacks, and return it."""
        gone = [
            (code, old)
            for code, old in known.figures.items()
            if code not in day.figures and not old.outlives_a_sheet()
        ]
        keys = [(code, day.date.isoformat()) for code, _ in gone]
        connection.executemany("DELETE FROM figure WHERE code = ? AND day = ?", keys)
        return [(code, old, None) for code, old in gone]
