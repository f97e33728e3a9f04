"""Bits that flip in a cache's file: noticed, asked again, never a wrong number or a wrong "no"."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import flip_bits
import pytest

from kzt_rates.errors import StoreError
from kzt_rates.figures import Figure
from kzt_rates.store import sqlite as store_sqlite
from kzt_rates.store.rows import read_instant, write_figures
from kzt_rates.store.sqlite import SqliteStore

if TYPE_CHECKING:
    from kzt_rates.figures import Source


def test_no_flip_goes_unnoticed(tmp_path: Path) -> None:
    """Of bits anywhere in the file none makes a figure, a mark or a whole day another one."""
    counts, wrong = flip_bits.flip(tmp_path / "cache.sqlite", 150, seed=1)
    assert wrong == []
    assert counts["noticed"] > 40


def test_wrong_words_would_be_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where seals are not looked at, the same flips do make wrong figures."""
    original = store_sqlite.read_figure

    def unsealed(row: tuple[Any, ...], source: "Source") -> tuple[str, Figure]:
        code, day, value, nominal, change, name, feed, final, at, refreshed = row[:10]
        figure = Figure(
            value, nominal, change, name,
            feed=feed, final=final == 1, fetched_at=read_instant(at), refreshed=refreshed == 1,
        )  # fmt: skip
        (sealed,) = write_figures({code: [(day, figure)]})
        return original(sealed, source)

    monkeypatch.setattr(store_sqlite, "read_figure", unsealed)
    _, wrong = flip_bits.flip(tmp_path / "cache.sqlite", 150, seed=1)
    assert wrong


def made(path: Path) -> "SqliteStore":
    store = SqliteStore(str(path))
    store.change(flip_bits.DAYS, lambda _: flip_bits.contents())
    store.close()
    return store


@pytest.mark.parametrize(
    "query", ["DELETE FROM figure WHERE {}", "DELETE FROM code WHERE code = 'USD'"]
)
def test_a_lost_row_of_a_whole_day_is_noticed(tmp_path: Path, query: str) -> None:
    """A figure that was there is not answered with "none", by day or over the days."""
    on = flip_bits.DAYS[6]
    store = made(tmp_path / "cache.sqlite")
    with closing(sqlite3.connect(store.path)) as connection:
        connection.execute(query.format(f"code = 'USD' AND day = '{on}'"))
        connection.commit()
    looks = [lambda: store.read([on])]
    if "figure" in query:
        looks += [
            lambda: store.read([on], ["USD"]),
            lambda: store.series("USD", on, on),
            lambda: store.series("USD", flip_bits.DAYS[0], flip_bits.DAYS[-1]),
            lambda: store.change([on], lambda days: days),
        ]
    for look in looks:
        with pytest.raises(StoreError, match="lost a figure"):
            look()
    assert store.read([on], ["EUR"])[0].figures.keys() == {"EUR"}
    store.close()


def test_a_lost_silence_is_not_known_any_more(tmp_path: Path) -> None:
    """A mark that is gone is asked for again: nothing says "none" in its place."""
    on = flip_bits.DAYS[9]
    store = made(tmp_path / "cache.sqlite")
    assert store.read([on])[0].silences.keys() == {"daily"}
    with closing(sqlite3.connect(store.path)) as connection:
        connection.execute("DELETE FROM mark WHERE day = ?", (on.isoformat(),))
        connection.commit()
    (day,) = store.read([on])
    assert (day.silences, day.complete) == ({}, False)
    store.close()


@pytest.mark.parametrize("seed", range(3))
def test_the_program_says_what_happened(
    seed: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its last line has the counts, which make up the flips that were asked for."""
    monkeypatch.setattr("sys.argv", ["flip_bits.py", "--flips", "5", "--seed", str(seed)])
    assert flip_bits.main() == 0
    line = capsys.readouterr().out.splitlines()[-1]
    assert sum(int(part.split()[0]) for part in line.split(", ")) == 5
