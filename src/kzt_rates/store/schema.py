"""The tables of the archive and of the cache, which are the same.

`figure`  one published figure by code and day; the digits are text, as published
`code`    every code there is a figure of, so that a whole day is one seek per code
`day`     the days whose figures are all here, and what was refused of them
`silence` which feed said that it has no rate for a day, and when
`blank`   for which codes the range export has none on a day, and when it said so
`note`    the latest sheet's date and hour in the cache; the origin of the archive
"""

# "KZTR": tells a cache from somebody else's SQLite file.
APPLICATION_ID = 0x4B5A5452

# One script a version, applied in order; a file's `user_version` counts those it has had.
MIGRATIONS = (
    """
    CREATE TABLE figure (
        code TEXT NOT NULL,
        day TEXT NOT NULL,
        value TEXT NOT NULL,
        nominal INTEGER NOT NULL,
        change TEXT,
        name TEXT,
        feed TEXT NOT NULL,
        final INTEGER NOT NULL,
        fetched_at TEXT,
        PRIMARY KEY (code, day)
    ) WITHOUT ROWID;
    CREATE TABLE code (code TEXT PRIMARY KEY) WITHOUT ROWID;
    CREATE TABLE day (
        day TEXT PRIMARY KEY,
        final INTEGER NOT NULL,
        feed TEXT NOT NULL,
        fetched_at TEXT,
        refused TEXT NOT NULL DEFAULT ''
    ) WITHOUT ROWID;
    CREATE TABLE silence (
        day TEXT NOT NULL,
        feed TEXT NOT NULL,
        at TEXT NOT NULL,
        PRIMARY KEY (day, feed)
    ) WITHOUT ROWID;
    CREATE TABLE note (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    """,
    """
    CREATE TABLE blank (
        day TEXT NOT NULL,
        code TEXT NOT NULL,
        at TEXT NOT NULL,
        PRIMARY KEY (day, code)
    ) WITHOUT ROWID;
    """,
)

VERSION = len(MIGRATIONS)


def upgrade_statements(version: int) -> "list[str]":
    """Return the SQL that brings a file of an older version to this one."""
    steps = [step.strip() for script in MIGRATIONS[version:] for step in script.split(";")]
    marks = [f"PRAGMA application_id = {APPLICATION_ID}", f"PRAGMA user_version = {VERSION}"]
    return [step for step in steps if step] + marks
