"""What can befall the cache's file: no wrong and no half-written sheet, and a clear word."""

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

import kzt_rates
from kzt_rates.figures import Day, Figure
from kzt_rates.store import sqlite as store_sqlite
from kzt_rates.store.sqlite import SqliteStore

if TYPE_CHECKING:
    from conftest import Figures, World

HERE = Path(__file__).parent
TODAY, YESTERDAY = "2025-12-10", "2025-12-09"
posix = pytest.mark.skipif(os.name != "posix", reason="it takes a POSIX system")


@posix
def test_killed_while_writing(tmp_path: Path) -> None:
    """SIGKILL at any moment leaves a whole file, in which every day is whole and of one answer."""
    cache = tmp_path / "killed.sqlite"
    for moment in range(8):
        command = [sys.executable, str(HERE / "endless_writer.py"), str(cache)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            for _ in range(21):
                assert writer.stdout.readline()  # at work, and in its second round
            time.sleep(0.013 * moment)
            writer.kill()
        with closing(sqlite3.connect(cache)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            whole = connection.execute(
                "SELECT count(*), count(DISTINCT value) FROM figure GROUP BY day"
            ).fetchall()
            assert whole == [(52, 1)] * 20
            assert connection.execute("SELECT count(*) FROM day").fetchall() == [(20,)]
    store = SqliteStore(str(cache))
    assert len(store.bounds()) == 52
    store.close()


FULL = """
    import json, resource, sys
    import kzt_rates
    from kzt_rates.testing import SettableClock

    url, cache, limit = sys.argv[1:]
    if int(limit):
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))
    clock = SettableClock("2025-12-10T12:00+05:00")
    with kzt_rates.Client(url, cache, archive=False, clock=clock) as client:
        print([str(client.rate("USD", on=f"2025-12-{day:02}").value) for day in (4, 9, 10, 10)])
        print(len(client.sheet("2025-12-09")), str(client.latest().date))
"""
FULL_ANSWERS = "['503.89', '508.3', '514.74', '514.74']\n39 2025-12-11\n"


@posix
@pytest.mark.parametrize("kind", ["sync"])
@pytest.mark.parametrize("limit", [1, 4096, 8192, 20_000, 40_000])
@pytest.mark.parametrize("known", [False, True])
def test_no_room_to_write(world: "World", limit: int, *, known: bool) -> None:
    """Where the file cannot grow the answers stay right, and the file whole."""
    if known:
        world.client().sheet("2025-12-04")
        world.close()
        world.bank.start()
    before = world.rows("SELECT * FROM figure") if known else []
    command = [sys.executable, "-c", textwrap.dedent(FULL), world.bank.url, str(world.cache)]
    done = subprocess.run(
        [*command, str(limit)], capture_output=True, text=True, timeout=30, check=False
    )
    assert "Traceback" not in done.stderr
    assert done.stdout == FULL_ANSWERS
    if known:
        assert set(before) <= set(world.rows("SELECT * FROM figure"))
        assert world.rows("PRAGMA integrity_check") == [("ok",)]


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A file system of its own, of 200 KiB."""
    if os.name != "posix" or os.geteuid() != 0 or sys.platform != "linux":
        pytest.skip("only root can mount a small disk")
    folder = Path(tempfile.mkdtemp())
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=200k", "none", str(folder)],
        check=False, capture_output=True,
    )  # fmt: skip
    if mounted.returncode:
        folder.rmdir()
        pytest.skip("mounting is not permitted here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)
    folder.rmdir()


def _fill(folder: Path) -> None:
    with (folder / "ballast").open("wb", buffering=0) as ballast:
        try:
            while True:
                ballast.write(bytes(4096))
        except OSError:
            pass


@pytest.mark.parametrize("known", [False, True])
def test_disk_full(world: "World", small_disk: Path, *, known: bool) -> None:
    """On a full disk the client goes on without the cache; with room again it is as before."""
    world.cache = small_disk / "cache.sqlite"
    if known:
        world.client().sheet(YESTERDAY)
    before = world.dump()
    _fill(small_disk)
    for client in (world.client(), world.client()):
        assert client.rate("USD", on=TODAY).value == Decimal("514.74")
        assert client.rate("USD", on=YESTERDAY).value == Decimal("508.3")
        asked = len(world.asked)
        assert len(client.sheet(TODAY)) == len(client.sheet(YESTERDAY)) == 39
        assert client.convert(1, "USD", on=TODAY) == Decimal("514.74")
        assert len(world.asked) == asked, "what was learned is kept in memory"
    (small_disk / "ballast").unlink()
    assert world.dump() == before
    assert world.client().rate("USD", on=TODAY).value == Decimal("514.74")
    assert world.rows("SELECT count(*) FROM figure WHERE day = ?", TODAY) == [(39,)]


def test_a_disk_that_fills_up(world: "World", small_disk: Path, figures: "Figures") -> None:
    """While the disk fills up no answer is wrong, and each kept day is whole."""
    world.cache = small_disk / "cache.sqlite"
    world.set_clocks("2026-01-05T12:00+05:00")
    world.publish("2025-12-04", "2026-01-05")
    client = world.client()
    days = [day for day in sorted(figures) if "2025-12-04" <= day <= "2026-01-05"]
    for day in days:
        assert client.rate("EUR", on=day).value == Decimal(figures[day]["EUR"][0])
    client.close()
    kept = world.rows(
        "SELECT count(*), count(d.day) FROM figure LEFT JOIN day d USING (day) GROUP BY day"
    )
    assert 0 < len(kept) < len(days)
    assert {rates for rates, _ in kept} == {39}


READ_ONLY = """
    import os, sys
    import kzt_rates
    from kzt_rates.testing import SettableClock

    url, cache = sys.argv[1:]
    clock = SettableClock("2025-12-10T12:00+05:00")
    with kzt_rates.Client(url, False, archive=False, clock=clock) as client:
        client.sheet("2025-12-08")  # all is imported while it may be read
        client.latest()
    if os.geteuid() == 0:
        os.environ.pop("SSL_CERT_FILE", None)  # which is root's
        os.setgid(65534)
        os.setuid(65534)
    with kzt_rates.Client(url, cache, archive=False, clock=clock) as client:
        for _ in range(2):
            print([str(client.rate("USD", on=f"2025-12-{day:02}").value) for day in (9, 10)])
            print(len(client.sheet("2025-12-09")), str(client.latest().date))
"""


@posix
@pytest.mark.parametrize("kind", ["sync"])
@pytest.mark.parametrize("state", ["empty", "closed cache", "open cache", "no such folder"])
def test_a_read_only_folder(world: "World", state: str) -> None:
    """In a folder that cannot be written to the answers are right, and nothing is changed."""
    folder = Path(tempfile.mkdtemp())
    world.cache = folder / "cache.sqlite"
    try:
        if state.endswith("cache"):
            client = world.client()
            client.sheet(YESTERDAY)
            if state == "closed cache":
                client.close()
        before = {file.name: file.read_bytes() for file in folder.iterdir()}
        cache = folder / "below" / "cache.sqlite" if state == "no such folder" else world.cache
        folder.chmod(0o555)
        command = [sys.executable, "-c", textwrap.dedent(READ_ONLY), world.bank.url, str(cache)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
        assert "Traceback" not in done.stderr
        assert done.stdout == "['508.3', '514.74']\n39 2025-12-11\n" * 2
        assert {file.name: file.read_bytes() for file in folder.iterdir()} == before
    finally:
        folder.chmod(0o755)
        world.close()
        shutil.rmtree(folder)


@pytest.mark.parametrize("place", ["below a file", "a folder"])
def test_a_place_that_cannot_be(
    world: "World", tmp_path: Path, place: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Where there can be no file the client goes on without, and says so once."""
    (tmp_path / "file").write_text("a file")
    cache = tmp_path / "file" / "cache.sqlite" if place == "below a file" else tmp_path
    client = world.client(cache=cache)
    assert client.rate("USD", on=TODAY).value == Decimal("514.74")
    assert client.rate("USD", on=TODAY).value == Decimal("514.74")
    assert len(client.sheet(TODAY)) == 39
    assert world.asked == [TODAY]
    told = [r.getMessage() for r in caplog.records if "going on without" in r.getMessage()]
    assert told
    assert len(told) == len(set(told))
    assert (tmp_path / "file").read_text() == "a file"


def test_a_locked_file(world: "World", monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that another program keeps locked is done without, after a while."""
    monkeypatch.setattr(store_sqlite, "BUSY_SECONDS", 0.1)
    world.client().sheet(YESTERDAY)
    before = world.dump()
    with closing(sqlite3.connect(world.cache, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        client = world.client()
        assert client.rate("USD", on=TODAY).value == Decimal("514.74")
        assert client.rate("USD", on=TODAY).value == Decimal("514.74")
        other.execute("ROLLBACK")
    assert world.asked == [YESTERDAY, TODAY]
    assert world.dump() == before


def _cache_of_a_sheet(world: "World") -> bytes:
    client = world.client()
    client.sheet(YESTERDAY)
    client.close()
    return world.cache.read_bytes()


def _foreign(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE bookmark (url TEXT)")
        connection.execute("INSERT INTO bookmark VALUES ('https://example.org')")
        connection.commit()


def _set(*statements: str) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        with closing(sqlite3.connect(path)) as connection:
            for statement in statements:
                connection.execute(statement)
            connection.commit()

    return change


DAMAGES: dict[str, Callable[[Path], object]] = {
    "garbage": lambda path: path.write_bytes(bytes(range(256)) * 64),
    "a word": lambda path: path.write_bytes(b"hello"),
    "half": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "its head": lambda path: path.write_bytes(path.read_bytes()[:4096]),
    "newer": _set("PRAGMA user_version = 99"),
    "foreign": _foreign,
    "a table is gone": _set("DROP TABLE figure"),
    "a value": _set("UPDATE figure SET value = 'a lot'"),
    "no value": _set("UPDATE figure SET value = ''"),
    "a blob": _set("UPDATE figure SET value = x'353134'"),
    "a nominal": _set("UPDATE figure SET nominal = 0"),
    "an hour": _set("UPDATE figure SET fetched_at = 'soon'"),
    "a day's hour": _set("UPDATE day SET fetched_at = 'soon'"),
    "a naive hour": _set(
        "UPDATE figure SET fetched_at = '2025-12-10T12:00', final = 0",
        "UPDATE day SET fetched_at = '2025-12-10T12:00', final = 0",
    ),
    "a change": _set("UPDATE figure SET change = 'up'"),
    "letters": _set("UPDATE figure SET value = CAST(x'35ff' AS TEXT)"),
    "a list of codes": _set("UPDATE mark SET text = 'USD'"),
    "a silence": _set("INSERT INTO mark VALUES ('2025-12-09', 'silence', 'daily', 'soon', '', 1)"),
    "a schema that is no text": lambda path: path.write_bytes(
        path.read_bytes().replace(b"CREATE TABLE figure", b"CREATE TABLE \xffigure")
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file(world: "World", damage: str) -> None:
    """A file that is no cache of ours is a `StoreError` with path and advice, and is let be."""
    _cache_of_a_sheet(world)
    DAMAGES[damage](world.cache)
    damaged = world.cache.read_bytes()
    client = world.client()
    for ask in (client.rate, client.sheet):
        with pytest.raises(kzt_rates.StoreError) as caught:
            ask(*(("USD",) if ask == client.rate else ()), on=YESTERDAY)
        assert caught.value.path == str(world.cache)
        assert str(world.cache) in str(caught.value)
        assert "KZT_RATES_CACHE" in str(caught.value)
        assert ("newer" in str(caught.value)) is (damage == "newer")
        whole = damage in ("newer", "foreign", "garbage", "a word")  # or not ours
        assert ("remove that file" in str(caught.value)) is not whole
    client.close()
    assert world.cache.read_bytes() == damaged
    assert world.asked == [YESTERDAY]


def test_a_damaged_note(world: "World") -> None:
    """A note of the latest sheet that cannot be read is a `StoreError`."""
    world.client().latest()
    _set("UPDATE mark SET at = 'soon'")(world.cache)
    with pytest.raises(kzt_rates.StoreError):
        world.client().latest()


def test_the_archive_needs_no_cache(world: "World") -> None:
    """A damaged cache does not stand before what the archive knows of a whole day."""
    world.cache.write_bytes(b"garbage" * 1000)
    assert world.client(archive=None).convert(100, "USD", on="2025-12-05") == 49965


@pytest.mark.parametrize("kind", ["sync"])
def test_a_flipped_page(world: "World") -> None:
    """Whichever page of the file is turned over: the right answer, or `StoreError`."""
    good = _cache_of_a_sheet(world)
    page = int.from_bytes(good[16:18], "big")
    outcomes = []
    for start in range(0, len(good), page):
        flipped = bytes(byte ^ 0xFF for byte in good[start : start + page])
        world.cache.write_bytes(good[:start] + flipped + good[start + page :])
        damaged = world.cache.read_bytes()
        client = world.client(offline=True)
        try:
            sheet = client.sheet(YESTERDAY)
            assert {rate.base: (str(rate.value), rate.nominal) for rate in sheet.values()} == (
                world.figures[YESTERDAY]
            )
            outcomes.append("right")
        except kzt_rates.StoreError:
            outcomes.append("StoreError")
        client.close()
        assert world.cache.read_bytes() == damaged
    assert outcomes[0] == "StoreError"
    assert outcomes.count("StoreError") > len(outcomes) // 2


def test_an_empty_file(world: "World") -> None:
    """An empty file is a cache that nothing is known to yet."""
    world.cache.write_bytes(b"")
    client = world.client()
    with pytest.raises(kzt_rates.Offline):
        world.client(offline=True).rate("USD", on=TODAY)
    assert client.rate("USD", on=TODAY).value == Decimal("514.74")
    assert world.rows("SELECT count(*) FROM figure") == [(39,)]


def _keep(store: SqliteStore, on: date, value: str) -> None:
    figures = {"USD": Figure(value, 1, feed="daily", final=True)}
    store.change([on], lambda _: [Day(on, figures, complete=True)])


def test_a_file_that_is_just_being_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who opens the cache in the moment that another process makes it sees a cache, or nothing."""
    path = str(tmp_path / "young.sqlite")
    connect = sqlite3.connect
    now = datetime(2025, 12, 10, 12, tzinfo=timezone.utc)
    made: list[Thread] = []

    def make() -> None:
        store = SqliteStore(path)
        _keep(store, now.date(), "514.74")
        store.close()

    class Interrupted(sqlite3.Connection):
        def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
            cursor = super().execute(sql, *values)
            if "application_id" in sql and not made:
                made.append(Thread(target=make))
                made[0].start()
                made[0].join(0.3)
            return cursor

    (tmp_path / "young.sqlite").touch()

    def interrupted(*args: Any, **options: Any) -> sqlite3.Connection:
        kind = sqlite3.Connection if made else Interrupted
        return connect(*args, factory=kind, **options)

    monkeypatch.setattr(sqlite3, "connect", interrupted)
    store = SqliteStore(path)
    assert set(store.read([now.date()])[0].figures) <= {"USD"}
    made[0].join(60)
    assert set(store.read([now.date()])[0].figures) == {"USD"}
    store.close()


@pytest.mark.parametrize("moment", range(1, 8))
def test_a_day_read_while_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: int
) -> None:
    """Whenever another process writes a sheet, a reader sees all of it or nothing."""
    path = str(tmp_path / "torn.sqlite")
    now = datetime(2025, 12, 10, 12, tzinfo=timezone.utc)
    today, yesterday = now.date(), now.date() - timedelta(days=1)
    _keep(SqliteStore(path), yesterday, "508.3")
    statements: list[str] = []

    class Interrupted(sqlite3.Connection):
        def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
            cursor = super().execute(sql, *values)
            statements.append(sql)
            if len(statements) == moment:
                _keep(writer, today, "514.74")
            return cursor

    writer = SqliteStore(path)
    writer.read([today])
    connect = sqlite3.connect
    monkeypatch.setattr(
        sqlite3, "connect", lambda *a, **options: connect(*a, factory=Interrupted, **options)
    )
    (seen,) = SqliteStore(path).read([today])
    assert (seen.complete, set(seen.figures)) in ((False, set()), (True, {"USD"}))


@pytest.mark.parametrize("kind", ["sync"])
def test_eight_processes(world: "World", tmp_path: Path) -> None:
    """Eight processes, a thousand mixed calls each, on one cache: all right, one row per figure."""
    world.publish("2025-12-01", "2025-12-31")
    world.set_clocks("2025-12-31T12:00+05:00")
    figures_file = HERE.parents[1] / "data" / "official_rates.csv"
    script = [sys.executable, str(HERE / "mixed_calls.py"), world.bank.url, str(world.cache)]
    with_output = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    workers = [
        subprocess.Popen([*script, str(figures_file), str(seed), "1000"], **with_output)  # type: ignore[call-overload]
        for seed in range(8)
    ]
    told = [worker.communicate(timeout=120)[0].decode() for worker in workers]
    assert told == [""] * 8
    assert [worker.returncode for worker in workers] == [0] * 8
    rows = world.rows("SELECT day, code, value, nominal, final FROM figure ORDER BY day, code")
    assert rows == [
        (day, code, value, nominal, 1)
        for day, rates in sorted(world.figures.items())
        for code, (value, nominal) in sorted(rates.items())
        if "2025-12-01" <= day <= "2025-12-31"
    ]
    assert world.rows("PRAGMA integrity_check") == [("ok",)]
    assert world.rows("SELECT count(*) FROM day") == [(31,)]
