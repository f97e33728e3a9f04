"""The tables of the archive and of the cache, which are the same.

`figure`  one published figure by code and day; the digits are text, as published
`code`    every code there is a figure of, so that a whole day is one seek per code
`day`     the days whose codes are all known, and which of them have a figure here
`mark`    what else was said of a day, of what kind, about whom, and when:
          `silence` a feed has no rate for the day
          `blank`   the range export has an empty cell for a code
          `absent`  the range export has no row of the day, a code was asked for
          `refusal` a code's figure is not believed; `text` is the reason
          `listing` the codes of a feed's last sheet; `text` names them

What is read of a row is held against its seal (`rows.py`), for disks and memory flip bits.
"""

# "KZTR": tells a cache from somebody else's SQLite file.
APPLICATION_ID = 0x4B5A5452

VERSION = 3

# Added to `user_version` once a refreshed figure is written: that one counts before the archive's,
# and where the mark is not set, nobody who finds a day in the archive need open the cache.
REFRESHED = 1 << 16

TABLES = (
    """CREATE TABLE figure (
        code TEXT NOT NULL,
        day TEXT NOT NULL,
        value TEXT NOT NULL,
        nominal INTEGER NOT NULL,
        change TEXT,
        name TEXT,
        feed TEXT NOT NULL,
        final INTEGER NOT NULL,
        fetched_at TEXT,
        refreshed INTEGER NOT NULL,
        seal INTEGER NOT NULL,
        seal_of_rest INTEGER NOT NULL,
        PRIMARY KEY (code, day)
    ) WITHOUT ROWID""",
    "CREATE TABLE code (code TEXT PRIMARY KEY) WITHOUT ROWID",
    """CREATE TABLE day (
        day TEXT PRIMARY KEY,
        final INTEGER NOT NULL,
        fetched_at TEXT,
        codes TEXT NOT NULL,
        seal INTEGER NOT NULL,
        seal_of_rest INTEGER NOT NULL
    ) WITHOUT ROWID""",
    """CREATE TABLE mark (
        day TEXT NOT NULL,
        kind TEXT NOT NULL,
        about TEXT NOT NULL,
        at TEXT NOT NULL,
        text TEXT,
        seal INTEGER NOT NULL,
        PRIMARY KEY (day, kind, about)
    ) WITHOUT ROWID""",
    "CREATE INDEX latest ON mark (day) WHERE kind = 'listing' AND about = 'latest'",
)


def version_mark(*, refreshed: bool = False) -> str:
    """Return the SQL that says of which version a file is, and whether figures were refreshed."""
    return f"PRAGMA user_version = {VERSION + (REFRESHED if refreshed else 0)}"


def creation() -> "list[str]":
    """Return the SQL that makes a new file."""
    return [*TABLES, f"PRAGMA application_id = {APPLICATION_ID}", version_mark()]
