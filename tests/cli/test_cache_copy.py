"""`kzt-rates cache copy` and `sync --all`: how a machine without a network gets the history."""

import datetime as dt
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kzt_rates.errors import StoreUnavailable
from kzt_rates.figures import Day
from kzt_rates.store import contents
from kzt_rates.store.sqlite import MEMORY, SqliteStore
from kzt_rates.testing.store_contract import DAY, WHOLE, StoreContract, after, figure, plain, sheet

DRAFT = Day(after(3), {"USD": figure("5", final=False)}, blanks={"TRY": WHOLE.silences["export"]})


def store_of(path: Path, *days: Day) -> Path:
    store = SqliteStore(str(path))
    store.change([day.date for day in days], lambda _: list(days))
    store.close()
    return path


def known(path: Path, *dates: dt.date) -> list[Any]:
    store = SqliteStore(str(path))
    try:
        return [plain(day) for day in store.read(dates)]
    finally:
        store.close()


def test_a_new_file_knows_all(run: Any, tmp_path: Path) -> None:
    """Figures, whole days and marks of every kind are in the copy, and nothing is beside it."""
    source, target = store_of(tmp_path / "a.sqlite", WHOLE, DRAFT), tmp_path / "far" / "b.sqlite"
    said = run("cache copy", str(source), str(target))
    assert (said.status, said.err) == (0, "")
    assert said.out == f"copied what is known of 2 days, 4 figures, to {target}\n"
    assert sorted(os.listdir(target.parent)) == ["b.sqlite", "b.sqlite-refreshed"]
    assert known(target, DAY, after(3)) == [plain(WHOLE), plain(DRAFT)]
    other = SqliteStore(str(target))
    assert other.may_know_better()
    other.close()


def test_a_cache_is_added_to(run: Any, tmp_path: Path) -> None:
    """What the target knows stays; of two final figures its own counts."""
    source = store_of(tmp_path / "a.sqlite", sheet(DAY, USD="1", EUR="2"), sheet(after(1), USD="3"))
    mine = Day(DAY, {"USD": figure("9")}, silences={"export": WHOLE.silences["export"]})
    target = store_of(tmp_path / "b.sqlite", mine, sheet(after(2), USD="4"))
    assert run("cache copy", str(source), str(target)).status == 0
    first, *others = known(target, DAY, after(1), after(2))
    assert {code: figure["value"] for code, figure in first["figures"].items()} == {
        "USD": "9", "EUR": "2",
    }  # fmt: skip
    assert (first["complete"], list(first["silences"])) == (True, ["export"])
    assert others == [plain(sheet(after(1), USD="3")), plain(sheet(after(2), USD="4"))]
    assert run("cache copy", str(source), str(target)).status == 0
    assert known(target, DAY)[0] == first


@pytest.mark.parametrize("exists", [False, True])
def test_whole_or_not_at_all(run: Any, tmp_path: Path, *, exists: bool) -> None:
    """A source that is damaged, or a failure midway, leaves the target as it was."""
    source = store_of(tmp_path / "a.sqlite", *(sheet(after(n), USD="1", EUR="2") for n in range(9)))
    target = tmp_path / "to" / "b.sqlite"
    if exists:
        store_of(target, sheet(DAY, USD="7"))
    with sqlite3.connect(source) as connection:
        connection.execute("UPDATE figure SET value = '8' WHERE day = ?", (str(after(8)),))
    connection.close()
    said = run("cache copy", str(source), str(target))
    assert (said.status, said.out) == (1, "")
    assert "cannot be read" in said.err
    assert target.exists() is exists
    if exists:
        assert known(target, DAY, after(1)) == [plain(sheet(DAY, USD="7")), plain(Day(after(1)))]


@pytest.mark.parametrize("step", ["_add", "_fold"])
def test_a_copy_that_breaks_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    """Broken off at any step it leaves no file, and no part of one."""
    source = store_of(tmp_path / "a.sqlite", sheet(DAY, USD="1"))
    original: Callable[..., None] = getattr(contents, step)

    def broken(*things: Any) -> None:
        original(*things)
        raise KeyboardInterrupt

    monkeypatch.setattr(contents, step, broken)
    with pytest.raises(KeyboardInterrupt):
        contents.copy(str(source), str(tmp_path / "to" / "b.sqlite"))
    assert os.listdir(tmp_path / "to") == []


@pytest.mark.parametrize("kind", ["missing", "foreign", "the same", "target foreign"])
def test_what_cannot_be_copied(run: Any, tmp_path: Path, kind: str) -> None:
    """A source that is none, a target that is somebody else's, and one file for both are errors."""
    source, target = tmp_path / "a.sqlite", tmp_path / "b.sqlite"
    if kind != "missing":
        store_of(source, sheet(DAY, USD="1"))
    if kind == "foreign":
        source.write_text("a letter", encoding="utf-8")
    if kind == "target foreign":
        target.write_text("a letter", encoding="utf-8")
    said = run("cache copy", str(source), str(source if kind == "the same" else target))
    assert (said.status, said.out) == (1, "")
    assert ("not there" in said.err, "same file" in said.err, "not a cache" in said.err) == (
        kind == "missing", kind == "the same", kind.endswith("foreign"),
    )  # fmt: skip
    if kind == "target foreign":
        assert target.read_text(encoding="utf-8") == "a letter"


def test_a_target_that_others_have_open(tmp_path: Path) -> None:
    """A process that has the target open sees what was copied, and goes on writing."""
    source = store_of(tmp_path / "a.sqlite", sheet(DAY, USD="1"))
    target = SqliteStore(str(tmp_path / "b.sqlite"))
    target.change([after(1)], lambda _: [sheet(after(1), USD="2")])
    contents.copy(str(source), target.path)
    assert plain(target.read([DAY])[0]) == plain(sheet(DAY, USD="1"))
    target.change([after(2)], lambda _: [sheet(after(2), USD="3")])
    target.close()
    assert len(known(Path(target.path), DAY, after(1), after(2))) == 3


class TestCopied(StoreContract):
    """What is copied is a store like any other."""

    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.made = (tmp_path / f"{n}.sqlite" for n in range(1000))

    def make_store(self) -> SqliteStore:
        empty = store_of(next(self.made), Day(DAY))
        target = next(self.made)
        contents.copy(str(empty), str(target))
        return SqliteStore(str(target))


def test_memory_is_no_file(run: Any) -> None:
    """The name of SQLite's memory is a file's name here, and that file is not there."""
    assert run(f"cache copy {MEMORY} b.sqlite").status == 1


def test_everything_is_asked_for(run: Any, bank: Any) -> None:
    """`sync --all` begins with the tenge; it asks for what the export has and for what is named."""
    said = run("sync --all --end 1993-11-20 --currency ILS")
    assert said.status == 0, said.err
    first = next(request for request in bank.requests if request.feed == "export")
    assert str(first.start) == "1993-11-15"
    assert {"USD", "GBP", "RUB"} <= {*first.codes}
    assert "40 currencies (42 codes) from 1993-11-15 to 1993-11-20" in said.out
    assert "ILS" in said.out


@pytest.mark.parametrize("line", ["sync --all --start 2025-12-01", "sync", "sync --end 2025-12-05"])
def test_all_or_a_start(run: Any, line: str) -> None:
    """One of the two is needed, and not both."""
    said = run(line)
    assert said.status == 2
    assert "--all" in said.err


def test_a_cache_whose_schema_is_no_text(run: Any, tmp_path: Path) -> None:
    """A byte in the schema that is no UTF-8 is a clear word from every command, and is cleared."""
    path = Path(os.environ["KZT_RATES_CACHE"])
    store_of(path, sheet(DAY, USD="1"))
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b"CREATE TABLE figure", b"CREATE TABLE \xffigure"))
    for line in ("convert 1 USD --on 2013-04-25 --offline", "cache info"):
        said = run(line)
        assert (said.status, said.out) == (1, "")
        assert "cannot be read" in said.err
        assert "Traceback" not in said.err
    said = run("cache clear")
    assert (said.status, said.err) == (0, "")
    assert not path.exists()


@pytest.mark.parametrize(
    ("target", "why"),
    [("folder", "it is a folder"), ("file/b.sqlite", "cannot write"), ("text", "is not a cache")],
)
def test_targets_that_cannot_be(run: Any, tmp_path: Path, target: str, why: str) -> None:
    """A target that cannot be written is one line with its name; no word of the environment."""
    source = store_of(tmp_path / "a.sqlite", sheet(DAY, USD="1"))
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    (tmp_path / "text").write_text("a letter", encoding="utf-8")
    said = run("cache copy", str(source), str(tmp_path / target))
    assert (said.status, said.out, said.err.count("\n")) == (1, "", 1)
    assert said.err.startswith("kzt-rates: nothing was copied: ")
    assert why in said.err
    assert ".part" not in said.err
    assert "KZT_RATES_CACHE" not in said.err


def test_a_disk_that_fills(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that is full is named by the target, not by the file on the way to it."""

    def full(_: Any, path: str) -> None:
        raise StoreUnavailable(f"{path}: database or disk is full", path=path)

    source = store_of(tmp_path / "a.sqlite", sheet(DAY, USD="1"))
    monkeypatch.setattr(contents, "_add", full)
    said = run("cache copy", str(source), str(tmp_path / "b.sqlite"))
    target = tmp_path / "b.sqlite"
    assert said.err == f"kzt-rates: nothing was copied: {target}: the disk is full\n"
