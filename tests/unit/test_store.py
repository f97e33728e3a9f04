"""The store: whole answers by date, the same for threads, processes and the next version."""

import datetime as dt
import os
import sqlite3
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kzt_rates.errors import StoreError
from kzt_rates.figures import Day, Figure
from kzt_rates.store import file as store_file
from kzt_rates.store.file import MEMORY, Unusable
from kzt_rates.store.schema import VERSION
from kzt_rates.store.shelves import Shelves
from kzt_rates.store.sqlite import SqliteStore

DAY = dt.date(2025, 12, 5)
NOON = dt.datetime(2025, 12, 5, 7, tzinfo=dt.timezone.utc)
LATER = NOON + dt.timedelta(hours=1)


def sheet(*, final=True, day=DAY, at=NOON, refused=None, **values) -> Day:
    figures = {code: Figure(value, 1, final=final, fetched_at=at) for code, value in values.items()}
    return Day(day, figures, complete=True, final=final, fetched_at=at, refused=refused)


def values(day: Day) -> dict[str, str]:
    return {code: figure.value for code, figure in day.figures.items()}


@pytest.fixture
def store(tmp_path):
    store = SqliteStore(str(tmp_path / "new" / "cache.sqlite"))
    yield store
    store.close()


def test_nothing_is_known_and_no_file_is_made_by_looking(store):
    """Reading makes no file; the first answer does, and its folder."""
    assert values(store.day(DAY)) == {}
    assert store.latest() is None
    assert store.newest_complete(DAY) is None
    assert store.nearest("USD", DAY) == (None, None)
    assert store.bounds() == {}
    assert not os.path.exists(store.path)
    store.keep(sheet(USD="499.65"), "daily")
    assert os.path.exists(store.path)


def test_what_is_kept_is_there_in_another_process_digit_for_digit(store):
    """Another connection finds the value as published, its nominal, change, name and hour."""
    figure = Figure("74.80", 100, change="+0.10", name="ВОН", fetched_at=NOON)
    refused = {"IRR": "x\ty"}
    whole = Day(DAY, {"KRW": figure}, complete=True, final=True, fetched_at=NOON, refused=refused)
    store.keep(whole, "daily")
    other = SqliteStore(store.path)
    day = other.day(DAY)
    found = day.figures["KRW"]
    assert (found.value, found.nominal, found.change, found.name, found.fetched_at) == (
        "74.80", 100, "+0.10", "ВОН", NOON,
    )  # fmt: skip
    assert (found.final, found.source, found.feed) == (True, "cache", "daily")
    assert (day.complete, day.final, day.fetched_at, day.refused) == (
        True, True, NOON, {"IRR": "x y"},
    )  # fmt: skip
    assert values(other.day(DAY, ["USD"])) == {}
    assert other.day(DAY, ["USD"]).complete
    other.close()


def test_the_tables_as_text(store):
    """The whole file after a sheet, a latest sheet and a silence; a schema change shows here."""
    store.keep_silence(DAY, "latest", NOON)
    store.keep_silence(DAY - dt.timedelta(1), "daily", NOON)
    store.keep(sheet(USD="499.65", refused={"IRR": "trap"}), "latest")
    store.close()
    with sqlite3.connect(store.path) as connection:
        text = "\n".join(
            f"{table} {row}"
            for table in ("figure", "code", "day", "silence", "note")
            for row in connection.execute(f"SELECT * FROM {table}")
        )
        version = connection.execute("PRAGMA user_version").fetchone()
        journal = connection.execute("PRAGMA journal_mode").fetchone()
    connection.close()
    assert text == (
        "figure ('USD', '2025-12-05', '499.65', 1, None, None, 'latest', 1,"
        " '2025-12-05T07:00:00+00:00')\n"
        "code ('USD',)\n"
        "day ('2025-12-05', 1, 'latest', '2025-12-05T07:00:00+00:00', 'IRR\\ttrap')\n"
        "silence ('2025-12-04', 'daily', '2025-12-05T07:00:00+00:00')\n"
        "note ('latest', '2025-12-05 2025-12-05T07:00:00+00:00')"
    )
    assert version == (VERSION,)
    assert journal == ("wal",)


def test_a_differing_answer_replaces_and_is_told(store):
    """`keep` returns what was known otherwise; the same number in other digits is no change."""
    assert store.keep(sheet(USD="499.65", EUR="582.80"), "daily") == []
    replaced = store.keep(sheet(USD="499.66", EUR="582.8"), "daily")
    assert [(code, old.value, new.value) for code, old, new in replaced] == [
        ("USD", "499.65", "499.66")
    ]
    assert values(store.day(DAY)) == {"USD": "499.66", "EUR": "582.8"}


def test_a_final_sheet_takes_the_provisional_one_away(store):
    """A code of the draft that the final sheet lacks is gone."""
    store.keep(sheet(final=False, USD="500", EUR="580"), "daily")
    store.keep(sheet(USD="499.65"), "daily")
    assert values(store.day(DAY)) == {"USD": "499.65"}
    assert store.day(DAY).final


def test_an_equal_answer_takes_nothing_away(store):
    """A final figure stays final and keeps its name when a lesser answer repeats it."""
    known = Figure("499.65", 1, name="ДОЛЛАР США", change="-1", fetched_at=NOON)
    store.keep(Day(DAY, {"USD": known}, complete=True, final=True, fetched_at=NOON), "daily")
    store.keep(sheet(final=False, USD="499.650"), "latest")
    found = store.day(DAY).figures["USD"]
    assert (found.final, found.name, found.change) == (True, "ДОЛЛАР США", "-1")
    assert store.day(DAY).final


def test_figures_of_the_range_export_outlive_a_daily_sheet_without_them(store):
    """What another feed knows for certain is not lost to a sheet that lacks it."""
    store.keep(Day(DAY, {"IRR": Figure("0.4", 1000, feed="export")}), "export")
    assert not store.day(DAY).complete
    store.keep(sheet(USD="499.65"), "daily")
    assert values(store.day(DAY)) == {"IRR": "0.4", "USD": "499.65"}


def test_an_answer_ends_the_silence_of_its_feed(store):
    """A day that a feed answers is not one that it has no rate for."""
    store.keep_silence(DAY, "daily", NOON)
    store.keep_silence(DAY, "export", NOON)
    assert store.day(DAY).silences == {"daily": NOON, "export": NOON}
    store.keep(sheet(USD="499.65"), "daily")
    assert store.day(DAY).silences == {"export": NOON}


def test_nearest_bounds_and_newest(store):
    """The nearest known days, the first and last of each code, the newest whole day."""
    for offset in (0, 3, 7):
        store.keep(sheet(day=DAY + dt.timedelta(offset), USD="500"), "daily")
    store.keep(Day(DAY - dt.timedelta(9), {"EUR": Figure("1", 1)}), "export")
    day = DAY + dt.timedelta(4)
    assert store.nearest("USD", day) == (DAY + dt.timedelta(3), DAY + dt.timedelta(7))
    assert store.nearest(None, DAY) == (None, DAY + dt.timedelta(3))
    assert store.nearest("EUR", day) == (DAY - dt.timedelta(9), None)
    assert store.newest_complete(day) == DAY + dt.timedelta(3)
    assert store.newest_complete(DAY - dt.timedelta(1)) is None
    assert store.bounds() == {
        "EUR": (DAY - dt.timedelta(9), DAY - dt.timedelta(9)),
        "USD": (DAY, DAY + dt.timedelta(7)),
    }


def test_the_last_latest_answer_is_remembered(store):
    """The note of the latest sheet is that of the last answer."""
    store.keep(sheet(USD="1"), "latest")
    store.keep(sheet(day=DAY + dt.timedelta(1), USD="2", at=LATER), "latest")
    store.keep(sheet(day=DAY + dt.timedelta(2), USD="2", at=LATER), "daily")
    assert store.latest() == (DAY + dt.timedelta(1), LATER)


def test_a_write_that_fails_leaves_what_was_there(store, monkeypatch):
    """An answer is kept whole or not at all."""
    store.keep(sheet(USD="499.65", EUR="582"), "daily")
    broken = sheet(USD="1", EUR="2")
    broken.figures["EUR"].nominal = None  # the column forbids it, after USD was written
    with pytest.raises(Unusable):
        store.keep(broken, "daily")
    assert values(store.day(DAY)) == {"USD": "499.65", "EUR": "582"}


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(
        st.text("ABCXYZ", min_size=3, max_size=3),
        st.tuples(st.decimals("0.0001", "99999", places=4), st.integers(1, 10**6), st.booleans()),
    )
)
def test_what_goes_in_comes_out(figures):
    """Any figures come back as they were kept, in memory as in a file."""
    store = SqliteStore(MEMORY)
    store.keep(
        Day(DAY, {c: Figure(str(v), n, final=f) for c, (v, n, f) in figures.items()}), "daily"
    )
    found = store.day(DAY).figures
    assert {c: (f.value, f.nominal, f.final) for c, f in found.items()} == {
        c: (str(v), n, f) for c, (v, n, f) in figures.items()
    }
    store.close()


def test_threads_share_one_store(store):
    """Sixteen threads write and read their own days at once."""
    errors = []

    def work(number: int) -> None:
        try:
            for turn in range(10):
                day = DAY + dt.timedelta(number * 10 + turn)
                store.keep(sheet(day=day, USD=f"{number}.{turn}1"), "daily")
                assert values(store.day(day)) == {"USD": f"{number}.{turn}1"}
        except Exception as error:  # noqa: BLE001
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert store.bounds()["USD"] == (DAY, DAY + dt.timedelta(159))


@pytest.mark.parametrize("value", ["abc", "", "-5", "1e5", "nan"])
def test_a_damaged_figure_is_told_not_given(store, value):
    """A value that is none, however it came into the file, is a `StoreError`."""
    store.keep(sheet(USD="499.65"), "daily")
    store.close()
    with sqlite3.connect(store.path) as connection:
        connection.execute("UPDATE figure SET value = ?", (value,))
    connection.close()
    with pytest.raises(StoreError, match="unreadable figure"):
        store.day(DAY)


def test_an_empty_file_is_an_empty_cache(tmp_path):
    """A file of no bytes, as `touch` makes it, is taken and filled."""
    path = tmp_path / "cache.sqlite"
    path.touch()
    store = SqliteStore(str(path))
    assert values(store.day(DAY)) == {}
    store.keep(sheet(USD="1"), "daily")
    assert values(store.day(DAY)) == {"USD": "1"}
    store.close()


def test_a_locked_cache_does_not_stop_the_work(store, monkeypatch):
    """While another process holds the file for too long, answers are kept in memory."""
    store.keep(sheet(USD="499.65"), "daily")
    store.close()
    monkeypatch.setattr(store_file, "BUSY_SECONDS", 0.05)
    holder = sqlite3.connect(store.path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    shelves = Shelves(None, store)
    shelves.keep(sheet(day=DAY + dt.timedelta(1), USD="2"), "daily")
    assert values(shelves.day(DAY + dt.timedelta(1))) == {"USD": "2"}
    holder.execute("ROLLBACK")
    holder.close()
    assert values(shelves.day(DAY)) == {"USD": "499.65"}
    shelves.close()


class TestShelves:
    """The archive and the cache as one."""

    @staticmethod
    def two(archived: Day, cached: Day) -> Day:
        archive, cache = SqliteStore(MEMORY, source="archive"), SqliteStore(MEMORY)
        archive.keep(archived, "archive")
        cache.keep(cached, "daily")
        shelves = Shelves(archive, cache)
        day = shelves.day(DAY)
        shelves.close()
        return day

    @staticmethod
    def part(**figures: str) -> Day:
        return Day(DAY, {code: Figure(value, 1) for code, value in figures.items()})

    def test_a_whole_archived_day_is_looked_at_first(self):
        """Nothing that the cache has counts against it."""
        day = self.two(sheet(USD="1", EUR="2"), sheet(USD="9", GBP="8"))
        assert (values(day), day.source) == ({"USD": "1", "EUR": "2"}, "archive")

    def test_a_whole_cached_day_beats_an_archived_part(self):
        """The sheet is believed before the few figures, which fill what it lacks."""
        day = self.two(self.part(USD="1", LTL="3"), sheet(USD="9", GBP="8", refused={"LTL": "x"}))
        assert values(day) == {"USD": "9", "GBP": "8", "LTL": "3"}
        assert (day.complete, day.source, day.refused) == (True, "cache", {})

    def test_a_provisional_figure_never_beats_a_final_one(self):
        """A cached draft does not displace what the archive knows for certain."""
        day = self.two(self.part(USD="1"), sheet(final=False, USD="9", EUR="2"))
        assert values(day) == {"USD": "1", "EUR": "2"}

    def test_two_parts_fill_each_other(self):
        """Of two incomplete days the archive's figures come first."""
        day = self.two(self.part(USD="1", EUR="2"), self.part(USD="9", GBP="8"))
        assert values(day) == {"USD": "1", "EUR": "2", "GBP": "8"}
        assert (day.complete, day.source) == (False, "cache")

    def test_bounds_and_nearest_span_both(self):
        """The first and last days are those of both stores."""
        archive, cache = SqliteStore(MEMORY), SqliteStore(MEMORY)
        archive.keep(self.part(USD="1"), "archive")
        cache.keep(sheet(day=DAY + dt.timedelta(9), USD="1"), "daily")
        shelves = Shelves(archive, cache)
        assert shelves.bounds() == {"USD": (DAY, DAY + dt.timedelta(9))}
        assert shelves.nearest("USD", DAY + dt.timedelta(5)) == (DAY, DAY + dt.timedelta(9))
        assert shelves.newest_complete(DAY + dt.timedelta(20)) == DAY + dt.timedelta(9)
        shelves.close()
