"""The store: whole answers by date, the same for threads, processes and the next version."""

import datetime as dt
import os
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from operator import is_

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kzt_rates.errors import StoreError
from kzt_rates.figures import Day, Figure
from kzt_rates.store import file as store_file
from kzt_rates.store import ranges
from kzt_rates.store.file import MEMORY, Unusable
from kzt_rates.store.schema import APPLICATION_ID, MIGRATIONS, VERSION
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
    """The whole file after sheets, a silence and an export; a schema change shows here."""
    store.keep_export([TestRanges.day(-9, EUR="577.1", blanks=["TRY"])])
    store.keep_silence(DAY, "latest", NOON)
    store.keep_silence(DAY - dt.timedelta(1), "daily", NOON)
    store.keep(sheet(USD="499.65", refused={"IRR": "trap"}), "latest")
    store.close()
    with sqlite3.connect(store.path) as connection:
        text = "\n".join(
            f"{table} {row}"
            for table in ("figure", "code", "day", "silence", "blank", "note")
            for row in connection.execute(f"SELECT * FROM {table}")
        )
        version = connection.execute("PRAGMA user_version").fetchone()
        journal = connection.execute("PRAGMA journal_mode").fetchone()
    connection.close()
    assert text == (
        "figure ('EUR', '2025-11-26', '577.1', 1, None, None, 'export', 1,"
        " '2025-12-05T07:00:00+00:00')\n"
        "figure ('USD', '2025-12-05', '499.65', 1, None, None, 'latest', 1,"
        " '2025-12-05T07:00:00+00:00')\n"
        "code ('EUR',)\n"
        "code ('USD',)\n"
        "day ('2025-12-05', 1, 'latest', '2025-12-05T07:00:00+00:00', 'IRR\\ttrap')\n"
        "silence ('2025-12-04', 'daily', '2025-12-05T07:00:00+00:00')\n"
        "blank ('2025-11-26', 'TRY', '2025-12-05T07:00:00+00:00')\n"
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


@pytest.mark.system
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


def test_currencies_of_the_same_days_share_their_dates(store):
    """A date is kept once, however many currencies are known of it, and never too many of them."""
    days = [DAY + dt.timedelta(n) for n in range(8)]
    for place, day in enumerate(days):
        store.keep(sheet(day=day, USD=f"{place}.1", EUR=f"{place}.2"), "daily")
    dates = [[point[0] for point in store.series(code, DAY, days[-1])] for code in ("USD", "EUR")]
    assert dates == [days, days]
    assert all(map(is_, *dates))
    for day in days[1:]:
        assert [point[0] for point in store.series("USD", DAY, day)] == days[: days.index(day) + 1]
    assert len(ranges._dates_of) <= ranges.MAX_ARRAYS


DAMAGES = [
    *(("value", value) for value in ("abc", "", "-5", "1e5", "nan", "9" * 27, "0." + "0" * 25)),
    *(("value", b"499.65"), ("value", b"\xff")),
    *(("nominal", nominal) for nominal in (0, -1, 10**9, 2.5, "one")),
]


def damage(store, column, value):
    """Write into the file what the library never writes."""
    store.keep(sheet(USD="499.65"), "daily")
    store.close()
    with sqlite3.connect(store.path) as connection:
        connection.execute(f"UPDATE figure SET {column} = ?", (value,))
    connection.close()


@pytest.mark.parametrize(("column", "value"), DAMAGES)
def test_a_damaged_figure_is_told_not_given(store, column, value):
    """A figure that the bank cannot have printed, however it came into the file, is an error."""
    damage(store, column, value)
    for look in (lambda: store.day(DAY), lambda: store.series("USD", DAY, DAY)):
        with pytest.raises(StoreError):
            look()


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("name", b"dollar"),
        ("change", "x"),
        ("change", "1" * 30),
        ("code", "usd1"),
        ("code", "usd"),
        ("code", "US"),
    ],
)
def test_a_damaged_row_is_told_not_given(store, column, value):
    """So is what stands beside a figure."""
    damage(store, column, value)
    with sqlite3.connect(store.path) as connection:
        connection.execute("INSERT OR IGNORE INTO code SELECT code FROM figure")
    connection.close()
    with pytest.raises(StoreError, match="unreadable"):
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


class TestRanges:
    """Many days at once: series of a code, days, and answers of the range export."""

    @staticmethod
    def day(offset: int, *, final=True, blanks=(), at=NOON, **values) -> Day:
        """Return what the export says of a day; a value is per 1, or a pair with its nominal."""
        figures = {
            code: Figure(*((value, 1) if isinstance(value, str) else value), feed="export",
                         final=final, fetched_at=at)
            for code, value in values.items()
        }  # fmt: skip
        on = DAY + dt.timedelta(offset)
        return Day(on, figures, fetched_at=at, blanks=dict.fromkeys(blanks, at))

    def test_series(self, store):
        """The figures of one code by day, both ends included, with nominal and finality."""
        store.keep_export([self.day(n, USD=f"{n + 1}.50", KRW=(f"3{n}.10", 100)) for n in range(9)])
        store.keep(sheet(day=DAY + dt.timedelta(9), final=False, USD="7"), "daily")
        found = store.series("KRW", DAY + dt.timedelta(2), DAY + dt.timedelta(4))
        assert found == [(DAY + dt.timedelta(n), Decimal(f"3{n}.10"), 100, True) for n in (2, 3, 4)]
        assert [str(value) for _, value, _, _ in found] == ["32.10", "33.10", "34.10"]
        assert [final for _, _, _, final in store.series("USD", DAY, dt.date.max)] == [
            *[True] * 9, False,
        ]  # fmt: skip
        assert store.series("EUR", DAY, dt.date.max) == []
        assert store.series("USD", dt.date(1993, 1, 1), DAY - dt.timedelta(1)) == []

    def test_nothing_is_known(self, store):
        """Without a file there is no series, and no file is made for it."""
        assert store.series("USD", dt.date.min, dt.date.max) == []
        assert [values(day) for day in store.days([DAY, DAY])] == [{}, {}]
        assert not os.path.exists(store.path)

    def test_days(self, store):
        """As many days as were asked for, in that order, of all codes or of some."""
        store.keep_export([self.day(n, USD=f"{n + 1}", EUR="9") for n in range(5)])
        dates = [DAY + dt.timedelta(n) for n in (3, 0, 7, 3)]
        found = store.days(dates, iter(["USD"]))
        assert [day.date for day in found] == dates
        assert [values(day) for day in found] == [{"USD": "4"}, {"USD": "1"}, {}, {"USD": "4"}]
        assert values(store.days(dates)[0]) == {"USD": "4", "EUR": "9"}
        assert store.days([]) == []

    def test_blanks(self, store):
        """A blank is by day and code, of the hour it was said, and ends with a figure."""
        store.keep_export([self.day(0, blanks=["USD", "EUR"]), self.day(1, blanks=["USD"])])
        store.keep_export([self.day(0, blanks=["USD"], at=LATER)])
        assert store.day(DAY).blanks == {"USD": LATER, "EUR": NOON}
        store.keep_export([self.day(0, USD="1")])
        assert store.day(DAY).blanks == {"EUR": NOON}
        assert store.day(DAY, ["USD"]).figures["USD"].value == "1"
        assert store.day(DAY + dt.timedelta(1)).blanks == {"USD": NOON}
        assert store.day(DAY).silences == {}

    def test_nothing_is_taken_away(self, store):
        """An answer of the export adds to a whole sheet, and leaves its codes and marks alone."""
        store.keep(sheet(USD="499.65", EUR="582.8", refused={"IRR": "trap"}), "daily")
        store.keep_silence(DAY, "latest", NOON)
        assert store.keep_export([self.day(0, IRR=("0.4", 1000), blanks=["EUR"])]) == []
        found = store.day(DAY)
        assert values(found) == {"USD": "499.65", "EUR": "582.8", "IRR": "0.4"}
        assert (found.complete, found.final, found.silences) == (True, True, {"latest": NOON})

    def test_what_was_known_otherwise_is_told(self, store):
        """Day, code, old and new of each figure that differs; the same number does not."""
        store.keep_export([self.day(n, USD="5.50", EUR="7") for n in range(3)])
        replaced = store.keep_export(
            [self.day(0, USD="5.5"), self.day(1, USD="6"), self.day(2, USD=("5.50", 10))]
        )
        assert [
            (day, code, old.value, new.value, new.nominal) for day, code, old, new in replaced
        ] == [
            (DAY + dt.timedelta(1), "USD", "5.50", "6", 1),
            (DAY + dt.timedelta(2), "USD", "5.50", "5.50", 10),
        ]

    def test_an_equal_answer_makes_final_and_takes_nothing(self, store):
        """A draft that the export repeats is final; its name and change stay."""
        draft = Figure("5", 1, change="-1", name="ДОЛЛАР США", final=False, fetched_at=NOON)
        store.keep(Day(DAY, {"USD": draft}, complete=True, fetched_at=NOON), "daily")
        store.keep_export([self.day(0, USD="5.0")])
        found = store.day(DAY).figures["USD"]
        assert (found.final, found.name, found.change) == (True, "ДОЛЛАР США", "-1")
        store.keep_export([self.day(0, USD="5", final=False)])
        assert store.day(DAY).figures["USD"].final

    def test_whole_or_not_at_all(self, store):
        """A failure in the last row of an answer leaves nothing of its first."""
        store.keep_export([self.day(0, USD="1", blanks=["EUR"])])
        answer = [self.day(n, USD="2", blanks=["GBP"]) for n in range(400)]
        answer[-1].figures["USD"].nominal = None  # the column forbids it
        with pytest.raises(Unusable):
            store.keep_export(answer)
        assert values(store.day(DAY)) == {"USD": "1"}
        assert store.day(DAY).blanks == {"EUR": NOON}
        assert store.bounds() == {"USD": (DAY, DAY)}

    @pytest.mark.parametrize(
        ("column", "damage"),
        [
            *(("value", text) for text in ("abc", "", "0", "0.00", "-5", "1e5", "nan", "1.2.3")),
            *(("value", text) for text in (".", "1_0", " 1", "٣", b"5", "1,5")),
            *(("nominal", number) for number in (0, -10, 1.5, "ten", "")),
            *(("day", text) for text in ("2025-12-5", "2025-12-06x")),
        ],
    )
    def test_a_damaged_row(self, store, column, damage):
        """A row that nobody here wrote is a `StoreError`, one among many good ones too."""
        store.keep_export([self.day(n, USD=f"{n + 1}") for n in range(5)])
        store.close()
        with sqlite3.connect(store.path) as connection:
            connection.execute(
                f"UPDATE figure SET {column} = ? WHERE day = '2025-12-06'", (damage,)
            )
        connection.close()
        with pytest.raises(StoreError, match="cache"):
            store.series("USD", DAY - dt.timedelta(400), DAY + dt.timedelta(400))
        if column != "day":
            with pytest.raises(StoreError):
                store.days([DAY, DAY + dt.timedelta(1)])
            with pytest.raises(StoreError):
                store.keep_export([self.day(1, USD="3")])
        assert len(store.series("USD", DAY + dt.timedelta(2), DAY + dt.timedelta(4))) == 3

    @pytest.mark.system
    def test_two_processes(self, store):
        """Answers that another process keeps meanwhile are found, and neither loses any."""
        script = (
            "import sys, datetime as dt\n"
            "from kzt_rates.figures import Day, Figure\n"
            "from kzt_rates.store.sqlite import SqliteStore\n"
            "store, first = SqliteStore(sys.argv[1]), dt.date(2000, 1, 1)\n"
            "for turn in range(20):\n"
            "    days = [first + dt.timedelta(100 * turn + n) for n in range(100)]\n"
            "    rows = [Day(d, {sys.argv[2]: Figure(sys.argv[3], 1)}) for d in days]\n"
            "    store.keep_export(rows)\n"
            "    assert len(store.series(sys.argv[2], first, days[-1])) == 100 * (turn + 1)\n"
        )
        commands = [
            [sys.executable, "-c", script, store.path, code, value]
            for code, value in (("USD", "1"), ("EUR", "2"), ("USD", "1"))
        ]
        workers = [
            subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for command in commands
        ]
        assert [worker.communicate(timeout=60)[1] for worker in workers] == [""] * 3
        for code, value in (("USD", "1"), ("EUR", "2")):
            found = store.series(code, dt.date.min, dt.date.max)
            assert len(found) == 2000
            assert {point[1] for point in found} == {Decimal(value)}


class TestAnOlderFile:
    """A file of schema 1, as the first version of kzt_rates made it."""

    @pytest.fixture
    def old(self, tmp_path):
        path = tmp_path / "v1.sqlite"
        connection = sqlite3.connect(path)
        for statement in filter(None, map(str.strip, MIGRATIONS[0].split(";"))):
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("PRAGMA user_version = 1")
        connection.executescript("""
            INSERT INTO figure VALUES ('USD', '2025-12-05', '499.65', 1, '-0.5', 'ДОЛЛАР США',
                'daily', 1, '2025-12-05T07:00:00+00:00');
            INSERT INTO figure VALUES ('KRW', '2025-12-05', '34.10', 100, NULL, NULL,
                'daily', 1, '2025-12-05T07:00:00+00:00');
            INSERT INTO code VALUES ('KRW'), ('USD');
            INSERT INTO day VALUES ('2025-12-05', 1, 'daily', '2025-12-05T07:00:00+00:00',
                'IRR\ttrap');
            INSERT INTO silence VALUES ('2025-12-04', 'daily', '2025-12-05T07:00:00+00:00');
            INSERT INTO note VALUES ('latest', '2025-12-05 2025-12-05T07:00:00+00:00');
        """)
        connection.close()
        return path

    @staticmethod
    def look(store):
        day = store.day(DAY)
        usd = day.figures["USD"]
        return (
            values(day), usd.change, usd.name, usd.fetched_at, day.complete, day.final,
            day.refused, store.day(DAY - dt.timedelta(1)).silences, store.latest(), day.blanks,
            store.series("KRW", DAY, DAY),
        )  # fmt: skip

    def test_it_keeps_everything(self, old):
        """The upgrade adds the table of blanks, and takes nothing away."""
        with sqlite3.connect(old) as connection:
            before = list(connection.iterdump())
        connection.close()
        for _ in range(2):
            store = SqliteStore(str(old))
            assert self.look(store) == (
                {"USD": "499.65", "KRW": "34.10"}, "-0.5", "ДОЛЛАР США", NOON, True, True,
                {"IRR": "trap"}, {"daily": NOON}, (DAY, NOON), {},
                [(DAY, Decimal("34.10"), 100, True)],
            )  # fmt: skip
            store.close()
        with sqlite3.connect(old) as connection:
            after = list(connection.iterdump())
            assert connection.execute("PRAGMA user_version").fetchone() == (VERSION,)
        connection.close()
        assert set(before) < set(after)
        (added,) = [line for line in after if line not in before]
        assert "CREATE TABLE blank" in added

    def test_it_is_written_to_at_once(self, old):
        """The first thing that is done with it may be to keep an answer of the export."""
        store = SqliteStore(str(old))
        answer = TestRanges.day(0, EUR="582.8", blanks=["GBP"])
        assert store.keep_export([answer]) == []
        found = store.day(DAY)
        assert values(found) == {"USD": "499.65", "KRW": "34.10", "EUR": "582.8"}
        assert found.blanks == {"GBP": NOON}
        store.close()

    @pytest.mark.system
    def test_many_open_it_at_once(self, old):
        """Threads and stores that find the old file at the same moment all read it."""
        stores = [SqliteStore(str(old)) for _ in range(8)]
        with ThreadPoolExecutor(8) as threads:
            found = list(threads.map(lambda store: values(store.day(DAY)), stores))
        assert found == [{"USD": "499.65", "KRW": "34.10"}] * 8
        for store in stores:
            store.close()

    def test_an_upgrade_that_fails_changes_nothing(self, old, monkeypatch):
        """An upgrade that breaks off leaves a file of the older schema, to be upgraded later."""
        good = store_file.upgrade_statements

        def broken(version):
            return [*good(version), "no such statement"]

        monkeypatch.setattr(store_file, "upgrade_statements", broken)
        store = SqliteStore(str(old))
        with pytest.raises(StoreError):
            store.day(DAY)
        store.close()
        with sqlite3.connect(old) as connection:
            assert connection.execute("PRAGMA user_version").fetchone() == (1,)
            tables = connection.execute("SELECT name FROM sqlite_master WHERE name = 'blank'")
            assert tables.fetchall() == []
        connection.close()
        monkeypatch.setattr(store_file, "upgrade_statements", good)
        store = SqliteStore(str(old))
        assert values(store.day(DAY)) == {"USD": "499.65", "KRW": "34.10"}
        store.close()


# A day as some store may know it: nothing, a part, or a whole sheet, final or not.
_figures_of_a_day = st.dictionaries(
    st.sampled_from(["USD", "EUR", "GBP"]),
    st.tuples(st.sampled_from(["5", "5.0", "6", "7.25"]), st.sampled_from([1, 10]), st.booleans()),
)
_a_shelf = st.dictionaries(
    st.integers(0, 4), st.tuples(_figures_of_a_day, st.booleans(), st.booleans())
)


def _shelf(contents, source) -> SqliteStore:
    store = SqliteStore(MEMORY, source=source)
    for offset, (figures, complete, final) in contents.items():
        known = {
            code: Figure(value, nominal, final=final or is_final, fetched_at=NOON)
            for code, (value, nominal, is_final) in figures.items()
        }
        day = Day(DAY + dt.timedelta(offset), known, complete=complete, final=final)
        store.keep(day, "archive" if source == "archive" else "daily")
    return store


@settings(max_examples=150, deadline=None)
@given(_a_shelf, _a_shelf, _a_shelf)
def test_a_series_is_what_the_days_have(archived, spared, cached):
    """Archive, spare and cache laid over each other make the same series as day after day."""
    shelves = Shelves(_shelf(archived, "archive"), _shelf(cached, "cache"))
    shelves._spare = _shelf(spared, "cache")
    dates = [DAY + dt.timedelta(offset) for offset in range(5)]
    days = shelves.days(dates)
    for code in ("USD", "EUR", "GBP"):
        expected = [
            (day.date, Decimal(figure.value), figure.nominal, figure.final)
            for day in days
            if (figure := day.figures.get(code)) is not None
        ]
        assert shelves.series(code, dates[0], dates[-1]) == expected
        assert shelves.series(code, dates[1], dates[2]) == [
            point for point in expected if dates[1] <= point[0] <= dates[2]
        ]
    assert [values(shelves.day(on)) for on in dates] == [values(day) for day in days]
    shelves.close()


def test_shelves_keep_the_exports_answers_in_the_cache():
    """The archive is not written to; what the cache knew otherwise is told."""
    archive, cache = SqliteStore(MEMORY, source="archive"), SqliteStore(MEMORY)
    archive.keep(Day(DAY, {"USD": Figure("1", 1)}), "archive")
    shelves = Shelves(archive, cache)
    assert shelves.keep_export([TestRanges.day(0, EUR="2"), TestRanges.day(1, USD="3")]) == []
    assert values(shelves.day(DAY)) == {"USD": "1", "EUR": "2"}
    assert values(archive.day(DAY)) == {"USD": "1"}
    ((day, code, old, new),) = shelves.keep_export([TestRanges.day(0, EUR="4")])
    assert (day, code, old.value, new.value) == (DAY, "EUR", "2", "4")
    assert shelves.series("USD", DAY, dt.date.max) == [
        (DAY, Decimal(1), 1, True), (DAY + dt.timedelta(1), Decimal(3), 1, True),
    ]  # fmt: skip
    shelves.close()


def test_a_locked_cache_keeps_ranges_in_memory(store, monkeypatch):
    """While the file is locked, what the export said is remembered by the client alone."""
    store.keep(sheet(USD="499.65"), "daily")
    store.close()
    monkeypatch.setattr(store_file, "BUSY_SECONDS", 0.05)
    holder = sqlite3.connect(store.path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    shelves = Shelves(None, store)
    shelves.keep_export([TestRanges.day(n, USD=f"{n + 1}", blanks=["EUR"]) for n in (1, 2)])
    span = (DAY, DAY + dt.timedelta(9))
    assert [point[1] for point in shelves.series("USD", *span)] == [Decimal("499.65"), 2, 3]
    assert shelves.day(DAY + dt.timedelta(1)).blanks == {"EUR": NOON}
    holder.execute("ROLLBACK")
    holder.close()
    assert [point[1] for point in shelves.series("USD", *span)] == [Decimal("499.65"), 2, 3]
    shelves.close()
