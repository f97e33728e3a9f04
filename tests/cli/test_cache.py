import csv
import io
import json
import os
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kzt_rates.money import in_groups
from kzt_rates.settings import packaged_path
from kzt_rates.store.contents import coverage_of
from kzt_rates.testing import SettableClock, StandInBank

COLUMNS = [
    "currency", "archive_first", "archive_last", "archive_days",
    "cache_first", "cache_last", "cache_days", "missing_days",
]  # fmt: skip
Figures = dict[str, dict[str, tuple[str, int]]]


@pytest.fixture
def path() -> Path:
    """Where the cache is: not there yet."""
    return Path(os.environ["KZT_RATES_CACHE"])


@pytest.fixture
def filled(run: Any, bank: StandInBank, path: Path) -> Path:
    """A cache of two days, with one between them missing."""
    assert run("sheet 2025-12-03").status == 0
    assert run("sheet 2025-12-05").status == 0
    return path


def expected(figures: Figures, code: str) -> tuple[str, str, str, str]:
    """Return what the archive has of a code, by the figures on record."""
    days = sorted(day for day, sheet in figures.items() if code in sheet)
    span = (date.fromisoformat(days[-1]) - date.fromisoformat(days[0])).days + 1
    return days[0], days[-1], str(len(days)), str(span - len(days))


def test_info_of_the_archive(run: Any, figures: Figures, path: Path) -> None:
    """Every currency of the archive has its first and last day, its days and its gaps."""
    header, *lines = csv.reader(io.StringIO(run("cache info --format csv").out))
    assert header == COLUMNS
    assert [line[0] for line in lines] == sorted({code for day in figures.values() for code in day})
    for code, first, last, days, *in_cache, missing in lines:
        assert (first, last, days, missing) == expected(figures, code)
        assert in_cache == ["", "", "0"]
    assert not path.exists()


def test_info_json(
    run: Any, filled: Path, figures: Figures, monkeypatch: pytest.MonkeyPatch
) -> None:
    """JSON tells of archive and cache apart, and counts their days together."""
    monkeypatch.delenv("KZT_RATES_ARCHIVE")
    info = json.loads(run("cache info --format json").out)
    assert list(info) == ["archive", "cache", "complete_days", "currencies", "status"]
    assert info["archive"]["path"] == packaged_path()
    assert info["archive"]["size"] == str(Path(packaged_path()).stat().st_size)
    assert info["cache"]["path"] == str(filled)
    assert info["cache"]["complete_days"] == "2"
    assert info["complete_days"] == info["archive"]["complete_days"]  # it holds both days too
    assert {tuple(currency) for currency in info["currencies"]} == {tuple(COLUMNS)}
    codes = [currency["currency"] for currency in info["currencies"]]
    assert codes == sorted({code for day in figures.values() for code in day})
    usd = next(row for row in info["currencies"] if row["currency"] == "USD")
    assert (usd["cache_first"], usd["cache_last"], usd["cache_days"]) == (
        "2025-12-03", "2025-12-05", "2",
    )  # fmt: skip


def test_info_table(run: Any, filled: Path) -> None:
    """A person reads where they are, how large, and a line per currency within 80 columns."""
    total = sum(map(size, filled.parent.iterdir()))
    archive, cache, newest, missed, empty, above, head, *lines = run("cache info").out.splitlines()
    assert newest == "newest:  2025-12-05"
    assert missed == "missed:  1 day, 2025-12-04"
    assert (archive, empty) == ("archive: off", "")
    assert cache == f"cache:   {filled}, {in_groups(str(total))} bytes, 2 complete days"
    assert above == "      in the cache"
    assert head.split() == ["Code", "First", "date", "Last", "date", "Days", "Missing"]
    assert len(lines) == 39
    assert max(map(len, lines)) <= 80
    usd = next(line for line in lines if line.startswith("USD"))
    assert usd.split() == ["USD", "2025-12-03", "2025-12-05", "2", "1"]


def size(path: Path) -> int:
    return path.stat().st_size


def test_info_of_nothing(run: Any, monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    """Where nothing is known, that is what is said, and no file is made."""
    monkeypatch.setenv("KZT_RATES_ARCHIVE", "off")
    assert run("cache info").out == f"archive: off\ncache:   {path} (not made yet)\n"
    info = json.loads(run("cache info --format json").out)
    status = info.pop("status")
    assert info == {
        "archive": None,
        "cache": {"path": str(path), "size": None, "complete_days": "0"},
        "complete_days": "0",
        "currencies": [],
    }
    nothing = {"last_success": None, "last_error_at": None, "last_error": None}
    assert status == {
        "newest_complete": None,
        "newest_asked": None,
        "asked_at": None,
        "archive_end": None,
        "missed": [],
        "feeds": [{"feed": feed, **nothing} for feed in ("latest", "daily", "export")],
    }
    monkeypatch.setenv("KZT_RATES_CACHE", "off")
    assert run("cache info").out == "archive: off\ncache:   off\n"
    assert run("cache info --format csv").out.splitlines() == [",".join(COLUMNS)]
    assert not path.exists()


def test_coverage_while_another_writes(filled: Path) -> None:
    """What is covered is read while a transaction of another process is open."""
    with closing(sqlite3.connect(filled, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("DELETE FROM figure")
        coverage = coverage_of(str(filled))
        other.execute("ROLLBACK")
    assert coverage.days["USD"] == {date(2025, 12, 3), date(2025, 12, 5)}
    assert coverage.complete == {date(2025, 12, 3), date(2025, 12, 5)}


def test_path(run: Any, monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    """`cache path` prints where the cache is, or `off`."""
    assert run("cache path") == (0, f"{path}\n", "")
    monkeypatch.setenv("KZT_RATES_CACHE", "OFF")
    assert run("cache path --offline --verbose") == (0, "off\n", "")


def test_clear(run: Any, filled: Path, clock: SettableClock) -> None:
    """`cache clear` removes the file and what SQLite keeps beside it, and says so."""
    with closing(sqlite3.connect(filled)) as other:
        other.execute("SELECT * FROM day").fetchall()  # brings -wal and -shm
        beside = sorted(file.name for file in filled.parent.iterdir())
        assert len(beside) == 3
        total = sum(map(size, filled.parent.iterdir()))
    if not Path(f"{filled}-wal").exists():
        total = size(filled)
    assert run("cache clear") == (0, f"removed {filled} ({in_groups(str(total))} bytes)\n", "")
    assert list(filled.parent.iterdir()) == []
    assert run("cache clear") == (0, f"nothing to clear: {filled} does not exist\n", "")
    assert run("convert 1 USD --offline").status == 4


def test_clear_what_a_crash_left(run: Any, filled: Path) -> None:
    """Files beside the cache go with it, also where the cache itself is gone."""
    for end in ("-wal", "-shm"):
        Path(f"{filled}{end}").write_bytes(b"left behind")
    assert run("cache clear").status == 0
    assert list(filled.parent.iterdir()) == []
    Path(f"{filled}-wal").write_bytes(b"left behind")
    assert run("cache clear").out == f"removed {filled} (11 bytes)\n"
    assert list(filled.parent.iterdir()) == []


def test_clear_when_off(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the cache is off there is nothing to clear."""
    monkeypatch.setenv("KZT_RATES_CACHE", "off")
    assert run("cache clear") == (0, "the cache is off: nothing to clear\n", "")


def corrupt(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[100:4000] = b"\xff" * 3900
    path.write_bytes(content)


def make_newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as cache:
        cache.execute("PRAGMA user_version = 99")
        cache.commit()


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:700])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def keep_header(path: Path) -> None:
    path.write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)


@pytest.mark.parametrize("spoil", [corrupt, make_newer, truncate, empty, keep_header])
def test_clear_what_cannot_be_used(run: Any, filled: Path, spoil: Any) -> None:
    """A cache that is damaged or newer is cleared, and then all is well."""
    spoil(filled)
    assert run("cache clear").status == 0
    assert not filled.exists()
    assert run("sheet").status == 0


def make_text(path: Path) -> None:
    path.write_text("My memoirs, volume one.\n" * 100, encoding="utf-8")


def make_short_text(path: Path) -> None:
    path.write_text("!", encoding="utf-8")


def make_database(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE bookmarks (url TEXT)")


def make_folder(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize("make", [make_text, make_short_text, make_database, make_folder])
def test_clear_leaves_what_is_foreign(run: Any, path: Path, make: Any) -> None:
    """What is no cache of kzt_rates is never removed: status 1 and one line."""
    path.parent.mkdir()
    make(path)
    before = path.read_bytes() if path.is_file() else b""
    said = run("cache clear")
    assert (said.status, said.out) == (1, "")
    assert said.err.startswith(f"kzt-rates: {path} is not a cache of kzt_rates and was not deleted")
    assert said.err.count("\n") == 1
    assert (path.read_bytes() if path.is_file() else b"") == before
    assert path.exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows has another default path")
@pytest.mark.system
def test_clear_at_the_default_path(
    run: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """At the default path is what kzt_rates has put there: it goes in whatever state."""
    monkeypatch.delenv("KZT_RATES_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    path = Path(run("cache path").out.strip())
    assert path.is_relative_to(tmp_path)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"\0" * 4096)
    assert run("cache clear") == (0, f"removed {path} (4\xa0096 bytes)\n", "")
    assert not path.exists()


def test_another_bank_has_a_cache_of_its_own(
    run: Any, bank: StandInBank, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What a stand-in bank says never answers for the National Bank: by default they are apart."""
    monkeypatch.delenv("KZT_RATES_CACHE")
    for name in ("HOME", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path))
    bank.publish("2025-12-05", {"USD": "1.23"})
    assert run("convert 1 USD").out.startswith("1 USD = 1.23 KZT\n")
    of_stand_in = Path(run("cache path").out.strip())
    assert of_stand_in.is_file()
    assert Path(run(f"cache path --base-url {bank.url}/").out.strip()) == of_stand_in
    monkeypatch.delenv("KZT_RATES_BASE_URL")
    assert run("convert 1 USD --offline").status == 4
    assert Path(run("cache path").out.strip()) != of_stand_in
    assert run("cache clear").out.startswith("nothing to clear: ")
    assert run(f"convert 1 USD --offline --base-url {bank.url}").status == 0
    assert run(f"cache clear --base-url {bank.url}").out.startswith(f"removed {of_stand_in} (")
    assert not of_stand_in.exists()


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_clear_through_a_link(
    run: Any, filled: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Through a link the cache itself is removed, as it is the cache that is read."""
    link = tmp_path / "link.sqlite"
    link.symlink_to(filled)
    monkeypatch.setenv("KZT_RATES_CACHE", str(link))
    assert run("cache clear").status == 0
    assert not filled.exists()
