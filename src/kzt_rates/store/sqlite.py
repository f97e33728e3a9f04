"""A store in one SQLite file, shared by threads, tasks and processes."""

import os
import sqlite3
from datetime import date, timedelta
from decimal import Decimal, DecimalException
from threading import Lock, get_ident

from kzt_rates.dates import ONE_DAY
from kzt_rates.errors import StoreError, StoreUnavailable
from kzt_rates.figures import MAX_VALUE_CHARACTERS, Day
from kzt_rates.process import leave_open, pause_for_forks
from kzt_rates.store.rows import (
    APPLICATION_ID,
    FIGURE_COLUMNS,
    REFRESHED,
    SEAL,
    VERSION,
    Parts,
    is_nominal,
    marks_of,
    numbers,
    read_figure,
    sum_of_seals,
    version_mark,
    write_day,
    write_figures,
    write_mark,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Collection, Hashable, Iterator, Sequence
    from datetime import datetime
    from typing import TypeVar

    from kzt_rates.figures import Entry, Figure, Source
    from kzt_rates.store.protocol import Decide

    T = TypeVar("T")

MEMORY = ":memory:"

# A writer holds the file for milliseconds; eight busy processes queue for well under this.
BUSY_SECONDS = 20

# Says that a refreshed figure is in the file: whoever has a day of the archive looks for it first.
REFRESHED_MARK = "-refreshed"

# No cache, whatever is tried again. `SQLITE_ERROR` is a missing table.
_DAMAGED = (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)


class SqliteFile:
    """Runs reads and whole transactions on one file, or in memory for `":memory:"`.

    The file is made at the first write. Raises `StoreError` for a damaged, foreign or newer
    file, and `StoreUnavailable` where another moment or another place may do.
    """

    def __init__(self, path: str, *, immutable: bool = False) -> None:
        self._connection: sqlite3.Connection | None = None
        self._identity: tuple[int, int] | None = None
        self._times_opened = 0
        self._refreshed = False
        self.path = path if path == MEMORY else os.path.abspath(path)
        self._immutable = immutable
        self._lock = Lock()
        self._holder = 0
        pause_for_forks(self)

    def read(self, look: "Callable[[sqlite3.Connection], T]", nothing: "Callable[[], T]") -> "T":
        """Return what `look` finds, or what `nothing` makes where there is no file yet."""
        with self._lock:
            self._holder = get_ident()
            try:
                connection = self._open(for_writing=False)
                return nothing() if connection is None else self._look(connection, look)
            except (sqlite3.Error, UnicodeError) as error:
                raise self._translated(error) from error
            finally:
                self._holder = 0

    def write(self, change: "Callable[[sqlite3.Connection], T]") -> "T":
        """Run `change` in one transaction, which is kept whole or not at all."""
        with self._lock:
            self._holder = get_ident()
            connection = None
            try:
                connection = self._open(for_writing=True)
                assert connection is not None
                # IMMEDIATE: a transaction that reads first and writes later can be refused midway
                connection.execute("BEGIN IMMEDIATE")
                result = change(connection)
                connection.execute("COMMIT")
            except BaseException as error:
                if connection is not None and connection.in_transaction:
                    connection.execute("ROLLBACK")
                if isinstance(error, sqlite3.Error | OSError | UnicodeError):
                    raise self._translated(error) from error
                raise
            finally:
                self._holder = 0
            return result

    def stamp(self) -> "tuple[int, ...]":
        """Return a value that changes when this connection or another has written."""

        def look(connection: sqlite3.Connection) -> tuple[int, ...]:
            others: int = connection.execute("PRAGMA data_version").fetchone()[0]
            return self._times_opened, others, connection.total_changes

        return self.read(look, tuple)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._drop()

    def __del__(self) -> None:
        # a client that nobody closed; from Python 3.13 on SQLite would complain at the user
        if self._connection is not None:
            self._connection.close()

    def mark_refreshed(self) -> None:
        """Say, to who has not opened the file, that there is a refreshed figure in it."""
        if self.path != MEMORY:
            with open(self.path + REFRESHED_MARK, "ab"):
                pass
        self._refreshed = True

    def is_marked_refreshed(self) -> bool:
        """Whether a refreshed figure can be in the file, without opening it."""
        return self._refreshed or os.path.exists(self.path + REFRESHED_MARK)

    def understood(self, read: "Callable[[], T]") -> "T":
        """Return what is read of rows; a row that nobody here wrote is a damaged file."""
        try:
            return read()
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            raise self.damaged(f"cannot be read ({error})") from error

    def damaged(self, problem: str) -> StoreError:
        """Make the error that says which file of ours is broken, and what to do about it."""
        if self._immutable:
            return self._error(f"the archive {self.path} {problem}; install kzt_rates again")
        return self._error(
            f"the cache {self.path} {problem}; remove that file, "
            "or name another one with KZT_RATES_CACHE"
        )

    def pause(self) -> None:
        """Wait until nobody reads or writes, and close the file: a child must not inherit it."""
        if self._holder != get_ident():  # else whoever forks is in the middle of a look
            self._lock.acquire()  # `resume` releases it
            if self.path != MEMORY:
                self._drop()

    def resume(self) -> None:
        """Let others read and write again; the file is opened when it is needed."""
        if self._holder != get_ident():
            self._lock.release()

    def start_afresh(self) -> None:
        """Leave to the parent of a forked child what is open still."""
        if self._connection is not None and self.path != MEMORY:
            leave_open(self._connection)
            self._connection = None
        self._lock, self._holder = Lock(), 0

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _open(self, *, for_writing: bool) -> "sqlite3.Connection | None":
        if self._connection is not None:
            if self._connection.in_transaction:  # an interrupt came before it could be ended
                self._connection.execute("ROLLBACK")
            if not for_writing or self._identity == self._identity_now():
                return self._connection
            if self._identity is None:  # the copy of a file of before that could only be read
                self._drop()
            else:
                leave_open(self._connection)  # somebody removed the file
                self._connection = None
        if self.path != MEMORY and not os.path.exists(self.path):
            if self._immutable:
                raise self.damaged("is missing")
            if not for_writing:
                return None
            os.makedirs(os.path.dirname(self.path), exist_ok=True)
        connection = sqlite3.connect(
            _immutable_uri(self.path) if self._immutable else self.path,
            timeout=BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
            uri=self._immutable,
        )
        try:
            ready = self._prepare(connection, for_writing=for_writing)
        except BaseException:
            connection.close()
            raise
        if ready is None:
            connection.close()
            return None
        self._connection = ready
        self._identity = self._identity_now() if ready is connection else None
        self._times_opened += 1
        return ready

    def _identity_now(self) -> "tuple[int, int] | None":
        if self.path == MEMORY or self._immutable:
            return None
        try:
            found = os.stat(self.path)
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def _look(
        self, connection: sqlite3.Connection, look: "Callable[[sqlite3.Connection], T]"
    ) -> "T":
        """Read in one transaction: figures of before a write and a day of after it are neither."""
        try:
            connection.execute("BEGIN")
            return self.understood(lambda: look(connection))
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")

    def _prepare(
        self, connection: sqlite3.Connection, *, for_writing: bool
    ) -> "sqlite3.Connection | None":
        """Check whose file it is and bring it up to date; `None` for a file with nothing yet."""
        # In WAL mode this cannot damage the file; a power cut may cost the last answers, no more.
        connection.execute("PRAGMA synchronous = NORMAL")
        version = self._look(connection, self._version)
        if version == VERSION:
            return connection
        if version == 0 and not for_writing:
            return None
        if self._immutable:
            raise self.damaged("is of another version of kzt_rates")
        if self.path != MEMORY:
            self._prefer_wal(connection)
        from kzt_rates.store.upgrade import bring_up_to_date, upgraded_copy

        try:
            self.understood(lambda: bring_up_to_date(connection, self._version))
        except sqlite3.OperationalError as error:
            code = getattr(error, "sqlite_errorcode", 0)
            if for_writing or code & 0xFF != sqlite3.SQLITE_READONLY:
                raise
            return self.understood(lambda: upgraded_copy(connection, self._version))
        return connection

    def _version(self, connection: sqlite3.Connection) -> int:
        tables: int = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        version: int = connection.execute("PRAGMA user_version").fetchone()[0]
        application: int = connection.execute("PRAGMA application_id").fetchone()[0]
        if application != APPLICATION_ID:
            if tables:
                raise self._foreign()
            return 0
        self._refreshed = self._refreshed or bool(version & REFRESHED)
        version &= ~REFRESHED
        if version > VERSION:
            raise self._error(
                f"the cache {self.path} was written by a newer kzt_rates (schema {version}, this "
                f"one reads {VERSION}); update kzt_rates, or name another one with KZT_RATES_CACHE"
            )
        return version

    def _prefer_wal(self, connection: sqlite3.Connection) -> None:
        """Let readers and a writer work at once; it is a property of the file, set once."""
        from contextlib import suppress  # here, because one that is there is not made

        with suppress(sqlite3.OperationalError):  # refused while another process makes the file
            connection.execute("PRAGMA journal_mode = WAL")

    def _error(self, message: str) -> StoreError:
        return StoreError(message, path=self.path)

    def _foreign(self) -> StoreError:
        if self._immutable:
            return self.damaged("is not an archive of kzt_rates")
        return self._error(
            f"{self.path} is not a cache of kzt_rates; name another file with KZT_RATES_CACHE"
        )

    def _translated(self, error: Exception) -> Exception:
        code = getattr(error, "sqlite_errorcode", None)
        # what Python itself cannot decode has no code
        damaged = isinstance(error, UnicodeError) or (
            isinstance(error, sqlite3.OperationalError | sqlite3.DataError) and code is None
        )
        if damaged or (code is not None and code & 0xFF in _DAMAGED) or self._immutable:
            if not (self._immutable or self._is_ours()):
                return self._foreign()
            return self.damaged(f"cannot be read ({error})")
        why = "it is a folder" if os.path.isdir(self.path) else str(error)
        why = why.replace("database or disk is full", "the disk is full")
        return StoreUnavailable(f"{self.path}: {why}", path=self.path)

    def _is_ours(self) -> bool:
        """Whether the file's header is that of a cache, though the rest be broken.

        Called where the file cannot be read: closing it here would end the locks of this process.
        """
        if self.path == MEMORY or self._connection is not None:
            return True  # it was, when it was opened
        try:
            with open(self.path, "rb") as file:
                header = file.read(72)
        except OSError:
            return False
        return int.from_bytes(header[68:72], "big") == APPLICATION_ID


def _immutable_uri(path: str) -> str:
    path = path.replace(os.sep, "/")
    for character in "%?#":
        path = path.replace(character, f"%{ord(character):02x}")
    return f"file:{'' if path.startswith('/') else '/'}{path}?mode=ro&immutable=1"


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
        return self._file.read(lambda c: read_points(c, code, start, end), list)

    def complete_days(self, start: date, end: date) -> list[date]:
        """Return the complete days from `start` to `end`, both inclusive, in order."""
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
        """Return a value that changes with each write."""
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
        """Whether a refreshed figure can be here, without opening the file if possible."""
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


# An array a column: the objects of a row a figure take as long as all that is made of them.
_POINTS = (
    "SELECT json_group_array(day), json_group_array(value), json_group_array(nominal),"
    " group_concat(CASE WHEN final IS NOT 1 THEN day END), sum(seal)"
    " FROM figure WHERE code = ? AND day BETWEEN ? AND ?"
)
_EXPECTED = "SELECT day FROM day WHERE day BETWEEN ? AND ? AND instr(codes, ?)"

_COMPLETE = "SELECT json_group_array(day), sum(final), sum(seal) FROM day WHERE day BETWEEN ? AND ?"

# The dates of the arrays that were read last, and what they add to a sum of seals: most currencies
# are known of the same days.
MAX_ARRAYS = 4
_dates_of: "dict[str, tuple[tuple[date, ...], int]]" = {}


def read_points(
    connection: "sqlite3.Connection", code: str, start: date, end: date
) -> "list[Entry]":
    """Return the figures of a code by day; `ValueError` for one that nobody here has written."""
    from json import loads

    span = start.isoformat(), end.isoformat()
    found = connection.execute(_POINTS, (code, *span)).fetchone()
    days, values, nominals, drafts, seal = found
    dates, number_of_days = _dates(days)
    values, nominals = loads(values), loads(nominals)
    # all at once: a check of each would take longer than reading them
    digits = "".join(values).replace(".", "") or "0"
    if not (
        digits.isascii()
        and digits.isdigit()
        and max(map(len, values), default=0) <= MAX_VALUE_CHARACTERS
        and all(map(is_nominal, set(nominals)))
    ):
        raise ValueError(f"unreadable figures of {code}")
    provisional = set(map(date.fromisoformat, drafts.split(",") if drafts else ()))
    unsealed = sum_of_seals(code, len(dates), number_of_days, numbers(values))
    finals = len(dates) - len(provisional)
    if ((seal or 0) - 2 * sum(nominals) - finals - unsealed) % SEAL:
        raise ValueError(f"damaged figures of {code}")
    try:
        figures = list(map(Decimal, values))
    except DecimalException:
        raise ValueError(f"unreadable figures of {code}") from None
    if not all(figures):
        raise ValueError(f"a figure of {code} is zero")
    is_final = [day not in provisional for day in dates] if drafts else [True] * len(dates)
    # sorted, because SQLite promises no order within an array
    points = sorted(zip(dates, figures, nominals, is_final, strict=True))
    _require_none_lost(connection, code, (start, end), points)
    return points


def _require_none_lost(
    connection: "sqlite3.Connection", code: str, span: tuple[date, date], points: "list[Entry]"
) -> None:
    """Raise `ValueError` where a complete day had a figure that is not there any more."""
    spans = [span]
    if points:
        (start, end), first, last = span, points[0][0], points[-1][0]
        if len(points) == (last - first).days + 1:  # a figure a day, so none of them is lost
            before = first - ONE_DAY if first > start else None
            after = last + ONE_DAY if last < end else None
            spans = [(start, before)] if before else []
            spans += [(after, end)] if after else []
    known = {point[0].isoformat() for point in points} if spans == [span] else set()
    for start, end in spans:
        keys = start.isoformat(), end.isoformat(), code
        if not known.issuperset(day for (day,) in connection.execute(_EXPECTED, keys)):
            raise ValueError(f"lost a figure of {code}")


def read_complete_days(connection: "sqlite3.Connection", start: date, end: date) -> list[date]:
    """Return the complete days of a range; `ValueError` for one that nobody here has written."""
    span = start.isoformat(), end.isoformat()
    days, finals, seal = connection.execute(_COMPLETE, span).fetchone()
    dates, number_of_days = _dates(days)
    if ((seal or 0) - (finals or 0) - number_of_days) % SEAL:
        raise ValueError("a damaged day")
    return sorted(dates)


def _dates(days: str) -> tuple[tuple[date, ...], int]:
    """Return the dates of an array, the same ones for the same array, and their number."""
    found = _dates_of.get(days)
    if found is None:
        from json import loads

        texts = loads(days)
        found = tuple(map(date.fromisoformat, texts)), numbers(texts)
        if len(_dates_of) >= MAX_ARRAYS:
            _dates_of.clear()
        _dates_of[days] = found
    return found
