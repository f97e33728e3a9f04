"""One SQLite file: opened late, shared by threads and processes, left alone by forked children."""

import os
import sqlite3
from contextlib import suppress
from threading import Lock

from kzt_rates.errors import StoreError
from kzt_rates.forks import start_afresh_in_children
from kzt_rates.store.schema import APPLICATION_ID, VERSION, upgrade_statements

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    T = TypeVar("T")

MEMORY = ":memory:"

# A writer holds the file for milliseconds; eight busy processes queue for well under this.
BUSY_SECONDS = 20

# The file is there and is no cache, whatever is tried again. `SQLITE_ERROR` is a missing table.
_DAMAGED = (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)

# Connections of a parent process. SQLite forbids a forked child to use or even to close them.
_inherited: "list[sqlite3.Connection]" = []


class Unusable(Exception):
    """The file cannot be used where or as it is: locked, read-only, no space, no permission."""


class SqliteFile:
    """Runs reads and whole transactions on one file, or in memory for `":memory:"`.

    The file is made at the first write. Raises `StoreError` for a damaged, foreign or newer
    file, and `Unusable` where another moment or another place may do.
    """

    def __init__(self, path: str, *, immutable: bool = False) -> None:
        self._connection: sqlite3.Connection | None = None
        self._times_opened = 0
        self.path = path if path == MEMORY else os.path.abspath(path)
        self._immutable = immutable
        self._lock = Lock()
        start_afresh_in_children(self)

    def read(self, look: "Callable[[sqlite3.Connection], T]", nothing: "T") -> "T":
        """Return what `look` finds, or `nothing` where there is no file yet."""
        with self._lock:
            try:
                connection = self._open(for_writing=False)
                return nothing if connection is None else self._look(connection, look)
            except sqlite3.Error as error:
                raise self._translated(error) from error

    def write(self, change: "Callable[[sqlite3.Connection], T]") -> "T":
        """Run `change` in one transaction, which is kept whole or not at all."""
        with self._lock:
            connection = None
            try:
                connection = self._open(for_writing=True)
                assert connection is not None
                # IMMEDIATE: a transaction that reads first and writes later can be refused midway
                connection.execute("BEGIN IMMEDIATE")
                result = self.understood(lambda: change(connection))
                connection.execute("COMMIT")
            except BaseException as error:
                if connection is not None and connection.in_transaction:
                    connection.execute("ROLLBACK")
                if isinstance(error, sqlite3.Error | OSError):
                    raise self._translated(error) from error
                raise
            return result

    def stamp(self) -> "tuple[int, ...]":
        """Return what differs once this connection or another has written."""

        def look(connection: sqlite3.Connection) -> tuple[int, ...]:
            others: int = connection.execute("PRAGMA data_version").fetchone()[0]
            return self._times_opened, others, connection.total_changes

        return self.read(look, ())

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            connection, self._connection = self._connection, None
            if connection is not None:
                connection.close()

    def __del__(self) -> None:
        # a client that nobody closed; from Python 3.13 on SQLite would complain at the user
        if self._connection is not None:
            self._connection.close()

    def error(self, problem: str) -> StoreError:
        """Make the error that says which file it is and what to do about it."""
        if self._immutable:
            return StoreError(
                f"the archive {self.path} {problem}; install kzt_rates again", path=self.path
            )
        return StoreError(
            f"the cache {self.path} {problem}; remove that file, "
            "or name another one with KZT_RATES_CACHE",
            path=self.path,
        )

    def start_afresh(self) -> None:
        """Leave the connection to the parent of a forked child."""
        if self._connection is not None:
            _inherited.append(self._connection)
        self._connection, self._lock = None, Lock()

    def _open(self, *, for_writing: bool) -> "sqlite3.Connection | None":
        if self._connection is not None:
            return self._connection
        if self.path != MEMORY and not os.path.exists(self.path):
            if self._immutable:
                raise self.error("is missing")
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
        if not ready:
            connection.close()
            return None
        self._connection = connection
        self._times_opened += 1
        return connection

    def _look(
        self, connection: sqlite3.Connection, look: "Callable[[sqlite3.Connection], T]"
    ) -> "T":
        """Read in one transaction: figures of before a write and a day of after it are neither."""
        connection.execute("BEGIN")
        try:
            return self.understood(lambda: look(connection))
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")

    def understood(self, read: "Callable[[], T]") -> "T":
        """Return what is read of rows; a row that nobody here wrote is a damaged file."""
        try:
            return read()
        except (ValueError, TypeError) as error:
            raise self.error(f"cannot be read ({error})") from error

    def _prepare(self, connection: sqlite3.Connection, *, for_writing: bool) -> bool:
        """Check whose file it is and bring it up to date; `False` for a file with nothing yet."""
        # In WAL mode this cannot damage the file; a power cut may cost the last answers, no more.
        connection.execute("PRAGMA synchronous = NORMAL")
        version = self._look(connection, self._version)
        if version == VERSION:
            return True
        if version == 0 and not for_writing:
            return False
        if self._immutable:
            raise self.error("is of another version of kzt_rates")
        if self.path != MEMORY:
            self._prefer_wal(connection)
        connection.execute("BEGIN IMMEDIATE")
        try:
            for statement in upgrade_statements(self._version(connection)):
                connection.execute(statement)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        return True

    def _version(self, connection: sqlite3.Connection) -> int:
        tables: int = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        version: int = connection.execute("PRAGMA user_version").fetchone()[0]
        application: int = connection.execute("PRAGMA application_id").fetchone()[0]
        if application != APPLICATION_ID:
            if tables:
                raise self.error("is not a cache of kzt_rates")
            return 0
        if version > VERSION:
            raise self.error(
                f"was written by a newer kzt_rates (schema {version}, this one reads {VERSION})"
            )
        return version

    def _prefer_wal(self, connection: sqlite3.Connection) -> None:
        """Let readers and a writer work at once; it is a property of the file, set once."""
        with suppress(sqlite3.OperationalError):  # refused while another process makes the file
            connection.execute("PRAGMA journal_mode = WAL")

    def _translated(self, error: Exception) -> Exception:
        code = getattr(error, "sqlite_errorcode", None)
        damaged = isinstance(error, sqlite3.DatabaseError) and (
            code is None or code & 0xFF in _DAMAGED
        )
        if damaged or self._immutable:
            return self.error(f"cannot be read ({error})")
        return Unusable(f"{self.path}: {error}")


def _immutable_uri(path: str) -> str:
    path = path.replace(os.sep, "/")
    for character in "%?#":
        path = path.replace(character, f"%{ord(character):02x}")
    return f"file:{'' if path.startswith('/') else '/'}{path}?mode=ro&immutable=1"
