"""Caches of before: brought up to date with all that they know."""

import datetime as dt
import os
import shutil
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from decimal import Decimal

import pytest

from kzt_rates.errors import StoreError, StoreUnavailable
from kzt_rates.figures import Day
from kzt_rates.store import upgrade as store_upgrade
from kzt_rates.store.rows import APPLICATION_ID, VERSION
from kzt_rates.store.sqlite import SqliteStore

DAY = dt.date(2025, 12, 5)
NOON = dt.datetime(2025, 12, 5, 7, tzinfo=dt.timezone.utc)
LATER = dt.datetime(2025, 12, 5, 9, tzinfo=dt.timezone.utc)

# What versions 1 and 2 made, kept here as they were released.
TABLES_OF_1 = """
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
"""
ADDED_BY_2 = """
    CREATE TABLE blank (
        day TEXT NOT NULL,
        code TEXT NOT NULL,
        at TEXT NOT NULL,
        PRIMARY KEY (day, code)
    ) WITHOUT ROWID;
"""
ROWS = """
    INSERT INTO figure VALUES ('USD', '2025-12-05', '499.65', 1, '-0.5', 'ДОЛЛАР США',
        'daily', 1, '2025-12-05T07:00:00+00:00');
    INSERT INTO figure VALUES ('KRW', '2025-12-05', '34.10', 100, NULL, NULL,
        'daily', 1, '2025-12-05T07:00:00+00:00');
    INSERT INTO figure VALUES ('KRW', '2025-12-01', '33', 100, NULL, NULL,
        'export', 0, '2025-12-05T07:00:00+00:00');
    INSERT INTO figure VALUES ('KRW', '2025-12-06', '35', 100, NULL, NULL,
        'latest', 0, '2025-12-05T09:00:00+00:00');
    INSERT INTO code VALUES ('KRW'), ('USD');
    INSERT INTO day VALUES ('2025-12-05', 1, 'daily', '2025-12-05T07:00:00+00:00',
        'IRR\ttrap, sprung');
    INSERT INTO day VALUES ('2025-12-06', 0, 'latest', '2025-12-05T09:00:00+00:00', '');
    INSERT INTO silence VALUES ('2025-12-04', 'daily', '2025-12-05T07:00:00+00:00');
    INSERT INTO note VALUES ('latest', '2025-12-06 2025-12-05T09:00:00+00:00');
"""


def make(path, version):
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(TABLES_OF_1)
        connection.executescript(ROWS)
        if version == 2:
            connection.executescript(ADDED_BY_2)
            row = ("2025-12-03", "TRY", NOON.isoformat())
            connection.execute("INSERT INTO blank VALUES (?, ?, ?)", row)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {version}")
        connection.commit()
    return path


@pytest.fixture(params=[1, 2])
def version(request):
    return request.param


@pytest.fixture
def old(tmp_path, version):
    return make(tmp_path / "old.sqlite", version)


def version_of(path):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("PRAGMA user_version").fetchone()[0]


def assert_all_is_known(store, version):
    whole, draft, silent, blank = store.read([DAY, *(DAY + dt.timedelta(n) for n in (1, -1, -2))])
    usd, krw = whole.figures["USD"], whole.figures["KRW"]
    assert (usd.value, usd.nominal, usd.change, usd.name, usd.feed, usd.final, usd.refreshed) == (
        "499.65", 1, "-0.5", "ДОЛЛАР США", "daily", True, False,
    )  # fmt: skip
    assert (usd.fetched_at, krw.value, krw.nominal, krw.change) == (NOON, "34.10", 100, None)
    assert (whole.complete, whole.final, whole.fetched_at) == (True, True, NOON)
    (refusal,) = whole.refused.values()
    assert (list(whole.refused), refusal.reason, refusal.at) == (["IRR"], "trap, sprung", NOON)
    listing = whole.listings["daily"]
    assert (listing.codes, listing.at) == ({"USD", "KRW", "IRR"}, NOON)
    assert (draft.complete, draft.final, draft.listings["latest"].codes) == (True, False, {"KRW"})
    assert store.latest() == (DAY + dt.timedelta(1), LATER)
    assert silent.silences == {"daily": NOON}
    assert blank.blanks == ({"TRY": NOON} if version == 2 else {})
    assert store.series("KRW", dt.date.min, dt.date.max) == [
        (DAY - dt.timedelta(4), 33, 100, False),
        (DAY, Decimal("34.10"), 100, True),
        (DAY + dt.timedelta(1), 35, 100, False),
    ]
    assert store.complete_days(dt.date.min, dt.date.max) == [DAY, DAY + dt.timedelta(1)]


def test_it_keeps_everything(old, version):
    """Figures, whole days, silences, blanks, refusals and the latest sheet's hour are all there."""
    for _ in range(2):
        store = SqliteStore(str(old))
        assert_all_is_known(store, version)
        store.close()
    assert version_of(old) == VERSION
    with closing(sqlite3.connect(old)) as connection:
        names = [
            name for (name,) in connection.execute("SELECT name FROM sqlite_master ORDER BY 1")
        ]
        assert names == ["code", "day", "figure", "latest", "mark"]
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_it_is_written_to_at_once(old, version):
    """The first thing that is done with it may be to keep an answer."""
    store = SqliteStore(str(old))
    (before,) = store.change([DAY], lambda days: days)
    assert set(before.figures) == {"USD", "KRW"}
    assert_all_is_known(store, version)
    store.close()


@pytest.mark.system
def test_many_open_it_at_once(old):
    """Threads and stores that find the old file at the same moment all read it."""
    stores = [SqliteStore(str(old)) for _ in range(8)]
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda store: set(store.read([DAY])[0].figures), stores))
    assert found == [{"USD", "KRW"}] * 8
    for store in stores:
        store.close()


def test_an_upgrade_that_fails_changes_nothing(old, version, monkeypatch):
    """An upgrade that breaks off leaves a file of the older schema, to be upgraded later."""

    def broken():
        return "no such statement"

    with monkeypatch.context() as patch:
        patch.setattr(store_upgrade, "version_mark", broken)
        store = SqliteStore(str(old))
        with pytest.raises(StoreError):
            store.read([DAY])
        store.close()
    assert version_of(old) == version
    with closing(sqlite3.connect(old)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE name = 'mark'")
        assert tables.fetchall() == []
    store = SqliteStore(str(old))
    assert_all_is_known(store, version)
    store.close()


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("note", "value", "tomorrow"),
        ("day", "refused", "no tab"),
        ("day", "fetched_at", "yesterday"),
        ("figure", "fetched_at", "2025-12-05T07:00:00"),
        ("figure", "nominal", "one"),
    ],
)
def test_a_damaged_file_is_left_as_it_was(old, version, table, column, value):
    """What nobody here wrote is a `StoreError`, and no upgrade hides it."""
    with closing(sqlite3.connect(old)) as connection:
        connection.execute(f"UPDATE {table} SET {column} = ?", (value,))
        connection.commit()
    store = SqliteStore(str(old))
    with pytest.raises(StoreError, match="cannot be read"):
        store.read([DAY])
    store.close()
    assert version_of(old) == version


def test_a_file_of_before_that_may_only_be_read(old, version, monkeypatch):
    """It is read as it is, from a copy in memory; to be written to it has to be writable."""
    readable = sqlite3.connect

    def read_only(path, **options):
        if path == str(old):
            return readable(f"file:{path}?mode=ro", **{**options, "uri": True})
        return readable(path, **options)

    monkeypatch.setattr(sqlite3, "connect", read_only)
    store = SqliteStore(str(old))
    assert_all_is_known(store, version)
    for _ in range(2):
        with pytest.raises(StoreUnavailable, match="readonly"):
            store.change([DAY], lambda _: [Day(DAY)])
        assert_all_is_known(store, version)
    monkeypatch.setattr(sqlite3, "connect", readable)
    store.change([DAY], lambda days: days)
    assert_all_is_known(store, version)
    store.close()


def test_a_newer_file_is_not_touched(tmp_path):
    """A file of a version to come is a `StoreError` that does not ask for its removal."""
    path = make(tmp_path / "new.sqlite", 2)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    before = path.read_bytes()
    store = SqliteStore(str(path))
    for ask in (lambda: store.read([DAY]), lambda: store.change([DAY], lambda days: days)):
        with pytest.raises(StoreError, match="newer kzt_rates") as caught:
            ask()
        assert "remove" not in str(caught.value)
    store.close()
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["new.sqlite"]
    shutil.rmtree(tmp_path)
