"""A store in one SQLite file, shared by threads, tasks and processes."""

from datetime import date, timedelta

from kzt_rates.figures import Day
from kzt_rates.store.file import SqliteFile
from kzt_rates.store.rows import (
    FIGURE_COLUMNS,
    Parts,
    marks_of,
    read_figure,
    write_day,
    write_figures,
    write_mark,
)
from kzt_rates.store.schema import version_mark

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Hashable, Iterator, Sequence
    from datetime import datetime

    from kzt_rates.figures import Entry, Figure, Source
    from kzt_rates.store.protocol import Decide

# CROSS JOIN keeps the order of the loops: a seek per code, never a scan of all figures
_ALL_CODES = (
    f"SELECT {FIGURE_COLUMNS.replace('code', 'f.code', 1)} FROM code c"  # noqa: S608  # only our own columns
    " CROSS JOIN figure f ON f.code = c.code AND f.day BETWEEN ? AND ?"
)
_SOME_CODES = f"SELECT {FIGURE_COLUMNS} FROM figure WHERE code IN ({{}}) AND day BETWEEN ? AND ?"  # noqa: S608
_DAYS = (
    "SELECT day, final, fetched_at, codes, seal, seal_of_rest FROM day WHERE day BETWEEN ? AND ?"
)
_MARKS = "SELECT day, kind, about, at, text, seal FROM mark WHERE day BETWEEN ? AND ?"

# Days of a range are read at one go; those further apart than this one by one.
MAX_GAP = timedelta(days=7)

# A sheet of `rates_all.xml` is dated within two weeks of the day it came on.
LATEST_SHEETS = 30


class SqliteStore:
    """Figures, days and what else was said of them in one file, or in memory for `":memory:"`.

    Raises `StoreError` for a damaged, foreign or newer file, and `StoreUnavailable` where
    another moment or another place may do.
    """

    def __init__(self, path: str, *, source: "Source" = "cache", immutable: bool = False) -> None:
        self.path = path
        self._source: Source = source
        self._file = SqliteFile(path, immutable=immutable)

    def __repr__(self) -> str:
        return f"SqliteStore({self.path!r})"

    def read(self, dates: "Sequence[date]", codes: "Collection[str] | None" = None) -> list[Day]:
        """Return what is known of each of some days, in their order, of all codes or of some."""
        return self._file.read(
            lambda connection: self._load(connection, dates, codes),
            lambda: [Day(on, source=self._source) for on in dates],
        )

    def series(self, code: str, start: date, end: date) -> "list[Entry]":
        """Return the known figures of a code from `start` to `end`, both inclusive, by day."""
        from kzt_rates.store.ranges import read_points

        return self._file.read(lambda c: read_points(c, code, start, end), list)

    def complete_days(self, start: date, end: date) -> list[date]:
        """Return the complete days from `start` to `end`, both inclusive, in order."""
        from kzt_rates.store.ranges import read_complete_days

        return self._file.read(lambda c: read_complete_days(c, start, end), list)

    def nearest(self, code: "str | None", date: date) -> "tuple[date | None, date | None]":
        """Return the nearest days before and after with a figure, for `None` complete days."""
        table, of_code, keys = "day", "", [date.isoformat()]
        if code is not None:
            table, of_code, keys = "figure", "code = ? AND ", [code, *keys]
        before = f"SELECT max(day) FROM {table} WHERE {of_code}day < ?"  # noqa: S608
        after = f"SELECT min(day) FROM {table} WHERE {of_code}day > ?"  # noqa: S608
        return self._file.read(
            lambda c: (
                _date(c.execute(before, keys).fetchone()[0]),
                _date(c.execute(after, keys).fetchone()[0]),
            ),
            lambda: (None, None),
        )

    def bounds(self) -> "dict[str, tuple[date, date]]":
        """Return the first and the last day with a figure of every code."""
        # two subqueries, because min and max in one are a scan and each alone is a seek
        query = (
            "SELECT code, (SELECT min(day) FROM figure f WHERE f.code = c.code),"
            " (SELECT max(day) FROM figure f WHERE f.code = c.code) FROM code c ORDER BY code"
        )

        def look(connection: "sqlite3.Connection") -> "dict[str, tuple[date, date]]":
            return {
                code: (date.fromisoformat(first), date.fromisoformat(last))
                for code, first, last in connection.execute(query)
                if first is not None
            }

        return self._file.read(look, dict)

    def latest(self) -> "tuple[date, datetime] | None":
        """Return the date of the last sheet of `rates_all.xml`, and when it came."""
        query = (
            "SELECT day, kind, about, at, text, seal FROM mark"
            " WHERE kind = 'listing' AND about = 'latest' ORDER BY day DESC LIMIT ?"
        )

        def look(connection: "sqlite3.Connection") -> "tuple[date, datetime] | None":
            sheets: list[tuple[datetime, date]] = []
            for row in connection.execute(query, (LATEST_SHEETS,)):
                parts = Parts()
                parts.add_mark(row)
                sheets.append((parts.marks["listing"]["latest"].at, date.fromisoformat(row[0])))
            at, day = max(sheets, default=(None, None))
            return None if at is None or day is None else (day, at)

        return self._file.read(look, lambda: None)

    def change(self, dates: "Sequence[date]", decide: "Decide") -> list[Day]:
        """Replace what is known of some days by what `decide` makes of it; return that."""

        def change(connection: "sqlite3.Connection") -> list[Day]:
            known = self._file.understood(lambda: self._load(connection, dates, None))
            days = decide(known)
            if write_days(connection, known, days):
                self._file.mark_refreshed()
            return days

        return self._file.write(change)

    def stamp(self) -> "Hashable":
        """Return what differs once anybody has written."""
        return self._file.stamp()

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def dates(self) -> list[date]:
        """Return all days of which anything is known, in order."""
        query = "SELECT day FROM figure UNION SELECT day FROM day UNION SELECT day FROM mark"
        return self._file.read(
            lambda c: sorted(date.fromisoformat(day) for (day,) in c.execute(query)), list
        )

    def may_know_better(self) -> bool:
        """Say whether a refreshed figure can be here, without opening the file if possible."""
        return self._file.is_marked_refreshed()

    def _load(
        self,
        connection: "sqlite3.Connection",
        dates: "Sequence[date]",
        codes: "Collection[str] | None",
    ) -> list[Day]:
        parts = {on.isoformat(): Parts() for on in dates}
        query, keys = _ALL_CODES, tuple(codes or ())
        if codes is not None:
            query = _SOME_CODES.format(", ".join("?" * len(keys)))
        for span in _spans(parts):
            for row in connection.execute(query, (*keys, *span)):
                of_day = parts.get(row[1])
                if of_day is not None:
                    code, figure = read_figure(row, self._source)
                    of_day.figures[code] = figure
            for row in connection.execute(_DAYS, span):
                of_day = parts.get(row[0])
                if of_day is not None:
                    of_day.add_day(row)
            for row in connection.execute(_MARKS, span):
                of_day = parts.get(row[0])
                if of_day is not None:
                    of_day.add_mark(row)
        return [parts[on.isoformat()].day(on, codes, self._source) for on in dates]


def _date(text: "str | None") -> "date | None":
    return None if text is None else date.fromisoformat(text)


def _spans(days: "Collection[str]") -> "Iterator[tuple[str, str]]":
    """Return spans that hold all days, and few others."""
    if len(days) < 2:
        yield from ((day, day) for day in days)
        return
    first = last = None
    for day in map(date.fromisoformat, sorted(days)):
        if first is None or last is None:
            first = day
        elif day - last > MAX_GAP:
            yield first.isoformat(), last.isoformat()
            first = day
        last = day
    if first is not None and last is not None:
        yield first.isoformat(), last.isoformat()


def write_days(
    connection: "sqlite3.Connection", known: "Sequence[Day]", days: "Sequence[Day]"
) -> bool:
    """Write what differs, row by row; return whether a figure among it was refreshed."""
    if [day.date for day in known] != [day.date for day in days]:
        raise ValueError("a change returns the days it was given, in their order")
    pairs = list(zip(known, days, strict=True))
    refreshed = _write_figures(connection, pairs)
    _write_complete_days(connection, pairs)
    _write_marks(connection, pairs)
    return refreshed


def _write_figures(connection: "sqlite3.Connection", pairs: "list[tuple[Day, Day]]") -> bool:
    came: dict[str, list[tuple[str, Figure]]] = {}  # by code, as the table is
    gone: list[tuple[str, str]] = []
    refreshed = False
    for old, new in pairs:
        on, known = new.date.isoformat(), old.figures
        for code, figure in new.figures.items():
            if known.get(code) is not figure:
                if code not in came:
                    came[code] = []
                came[code].append((on, figure))
                refreshed = refreshed or figure.refreshed
        if not known.keys() <= new.figures.keys():
            gone += [(code, on) for code in known.keys() - new.figures.keys()]
    connection.executemany("INSERT OR IGNORE INTO code VALUES (?)", [(code,) for code in came])
    connection.executemany(
        "REPLACE INTO figure VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", write_figures(came)
    )
    connection.executemany("DELETE FROM figure WHERE code = ? AND day = ?", gone)
    if refreshed:
        connection.execute(version_mark(refreshed=True))
    return refreshed


def _write_complete_days(connection: "sqlite3.Connection", pairs: "list[tuple[Day, Day]]") -> None:
    rows = [
        write_day(new)
        for old, new in pairs
        if new.complete and not (old.complete and write_day(old) == write_day(new))
    ]
    ended = [(new.date.isoformat(),) for old, new in pairs if old.complete and not new.complete]
    connection.executemany("REPLACE INTO day VALUES (?, ?, ?, ?, ?, ?)", rows)
    connection.executemany("DELETE FROM day WHERE day = ?", ended)


def _write_marks(connection: "sqlite3.Connection", pairs: "list[tuple[Day, Day]]") -> None:
    rows, gone = [], []
    for old, new in pairs:
        before, after = marks_of(old), marks_of(new)
        if before != after:
            on = new.date.isoformat()
            rows += [write_mark(on, *key, *said) for key, said in after.items()]
            gone += [(on, *key) for key in before.keys() - after.keys()]
    connection.executemany("REPLACE INTO mark VALUES (?, ?, ?, ?, ?, ?)", rows)
    connection.executemany("DELETE FROM mark WHERE day = ? AND kind = ? AND about = ?", gone)
