"""One SQLite file: opened late, shared by threads and processes, and by no forked child."""

import os
import sqlite3
from threading import Lock, get_ident

from kzt_rates.errors import StoreError, StoreUnavailable
from kzt_rates.process import hold_still_for_forks, leave_open
from kzt_rates.store.schema import APPLICATION_ID, REFRESHED, VERSION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

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
        hold_still_for_forks(self)

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
        """Return what differs once this connection or another has written."""

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
        """Say whether a refreshed figure can be in the file, without opening it."""
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

    def hold_still(self) -> None:
        """Wait until nobody reads or writes, and close the file: a child must not inherit it."""
        if self._holder != get_ident():  # else whoever forks is in the middle of a look
            self._lock.acquire()  # `go_on` releases it
            if self.path != MEMORY:
                self._drop()

    def go_on(self) -> None:
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
        return StoreUnavailable(f"{self.path}: {error}", path=self.path)

    def _is_ours(self) -> bool:
        """Say whether the file's header is that of a cache, though the rest be broken.

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
