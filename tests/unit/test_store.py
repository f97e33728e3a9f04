"""The store: days by date, the same for threads, processes and the next version."""

import datetime as dt
import os
import sqlite3
import subprocess
import sys
import threading
from decimal import Decimal
from operator import is_

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kzt_rates.errors import StoreError
from kzt_rates.figures import Day, Figure, Listing, Refusal
from kzt_rates.store import sqlite
from kzt_rates.store.rows import VERSION
from kzt_rates.store.sqlite import MEMORY, SqliteStore

DAY = dt.date(2025, 12, 5)
NOON = dt.datetime(2025, 12, 5, 7, tzinfo=dt.timezone.utc)
LATER = NOON + dt.timedelta(hours=1)
ALMATY = dt.timezone(dt.timedelta(hours=5))


def after(days: int) -> dt.date:
    return DAY + dt.timedelta(days)


def figure(value: str, nominal: int = 1, *, feed="daily", final=True, at=NOON, **more) -> Figure:
    return Figure(value, nominal, feed=feed, final=final, fetched_at=at, **more)


def known(day=DAY, *, feed="daily", final=True, at=NOON, complete=True, rest=None, **values) -> Day:
    """Return a day with figures per 1, or of a value and a nominal, and with marks."""
    pairs = {c: (v, 1) if isinstance(v, str) else v for c, v in values.items()}
    figures = {c: figure(*pair, feed=feed, final=final, at=at) for c, pair in pairs.items()}
    hour = at if complete else None
    return Day(
        day, figures, complete=complete, final=final and complete, fetched_at=hour, **(rest or {})
    )


def put(store, *days: Day) -> None:
    dates = [day.date for day in days]
    assert store.change(dates, lambda _: list(days)) == list(days)


def look(store, day=DAY, codes=None) -> Day:
    (found,) = store.read([day], codes)
    return found


def values(day: Day) -> dict[str, str]:
    return {code: figure.value for code, figure in day.figures.items()}


def told(thing: object) -> object:
    """Return all that a value holds, for comparing."""
    if isinstance(thing, Day | Figure | Refusal | Listing):
        names = (name for name in type(thing).__slots__ if name != "source")
        return {name: told(getattr(thing, name)) for name in names}
    return {key: told(value) for key, value in thing.items()} if isinstance(thing, dict) else thing


@pytest.fixture
def store(tmp_path):
    store = SqliteStore(str(tmp_path / "new" / "cache.sqlite"))
    yield store
    store.close()


def test_nothing_is_known_and_no_file_is_made_by_looking(store):
    """Reading makes no file; the first answer does, and its folder."""
    assert values(look(store)) == {}
    assert store.read([]) == []
    assert store.latest() is None
    assert store.nearest("USD", DAY) == store.nearest(None, DAY) == (None, None)
    assert store.bounds() == {}
    assert store.series("USD", dt.date.min, dt.date.max) == []
    assert store.complete_days(dt.date.min, dt.date.max) == []
    assert not os.path.exists(store.path)
    put(store, known(USD="499.65"))
    assert os.path.exists(store.path)


WHOLE = Day(
    DAY,
    {
        "KRW": figure("74.80", 100, change="+0.10", name="ВОН", refreshed=True),
        "USD": figure("499.65", feed="latest", final=False, at=None),
    },
    complete=True,
    final=True,
    fetched_at=NOON.astimezone(ALMATY),
    refused={"IRR": Refusal("0.4 per 1000\tand\n34 per 1000", NOON)},
    silences={"export": NOON},
    blanks={"TRY": NOON, "EUR": LATER},
    absent={"GBP": LATER},
    listings={
        "daily": Listing(frozenset({"KRW", "USD", "IRR"}), LATER),
        "latest": Listing(frozenset(), NOON),
    },
)


def test_what_is_kept_is_there_in_another_process_digit_for_digit(store):
    """Another connection finds all of a day: digits, hours, reasons, marks and lists of codes."""
    put(store, WHOLE)
    other = SqliteStore(store.path)
    day = look(other)
    assert told(day) == told(WHOLE)
    assert (day.source, day.figures["KRW"].source) == ("cache", "cache")
    assert values(look(other, codes=["USD", "EUR"])) == {"USD": "499.65"}
    assert look(other, codes=["EUR"]).complete
    other.close()


def test_the_tables_as_text(store):
    """The whole file after a sheet and marks; a schema change shows here."""
    put(store, WHOLE)
    put(store, known(after(-9), feed="export", complete=False, EUR="577.1"))
    store.close()
    with sqlite3.connect(store.path) as connection:
        text = "\n".join(
            f"{table} {row}"
            for table, seals in (("figure", 2), ("code", 0), ("day", 2), ("mark", 1))
            for row in (
                row[: len(row) - seals] for row in connection.execute(f"SELECT * FROM {table}")
            )
        )
        version = connection.execute("PRAGMA user_version").fetchone()
        journal = connection.execute("PRAGMA journal_mode").fetchone()
    connection.close()
    assert text == (
        "figure ('EUR', '2025-11-26', '577.1', 1, None, None, 'export', 1,"
        " '2025-12-05T07:00:00+00:00', 0)\n"
        "figure ('KRW', '2025-12-05', '74.80', 100, '+0.10', 'ВОН', 'daily', 1,"
        " '2025-12-05T07:00:00+00:00', 1)\n"
        "figure ('USD', '2025-12-05', '499.65', 1, None, None, 'latest', 0, None, 0)\n"
        "code ('EUR',)\n"
        "code ('KRW',)\n"
        "code ('USD',)\n"
        "day ('2025-12-05', 1, '2025-12-05T12:00:00+05:00', 'KRW USD')\n"
        "mark ('2025-12-05', 'absent', 'GBP', '2025-12-05T08:00:00+00:00', None)\n"
        "mark ('2025-12-05', 'blank', 'EUR', '2025-12-05T08:00:00+00:00', None)\n"
        "mark ('2025-12-05', 'blank', 'TRY', '2025-12-05T07:00:00+00:00', None)\n"
        "mark ('2025-12-05', 'listing', 'daily', '2025-12-05T08:00:00+00:00', 'IRR KRW USD')\n"
        "mark ('2025-12-05', 'listing', 'latest', '2025-12-05T07:00:00+00:00', '')\n"
        "mark ('2025-12-05', 'refusal', 'IRR', '2025-12-05T07:00:00+00:00',"
        " '0.4 per 1000\\tand\\n34 per 1000')\n"
        "mark ('2025-12-05', 'silence', 'export', '2025-12-05T07:00:00+00:00', None)"
    )
    assert version == (VERSION + (1 << 16),)
    assert journal == ("wal",)


def test_a_change_sees_what_is_known_and_is_kept_whole(store):
    """`decide` gets the days in order, and what it returns takes their place: more, other, less."""
    put(store, known(USD="1", EUR="2"), known(after(1), GBP="3"))
    seen = []

    def decide(days):
        seen.extend(map(values, days))
        return [
            days[0].replace(figures={"USD": figure("9")}),
            days[1].replace(complete=False, final=False, fetched_at=None),
            Day(after(2), blanks={"USD": NOON}),
        ]

    store.change([DAY, after(1), after(2)], decide)
    assert seen == [{"USD": "1", "EUR": "2"}, {"GBP": "3"}, {}]
    assert [values(day) for day in store.read([DAY, after(1)])] == [{"USD": "9"}, {"GBP": "3"}]
    assert store.complete_days(dt.date.min, dt.date.max) == [DAY]
    assert look(store, after(2)).blanks == {"USD": NOON}
    put(store, Day(after(2)))
    assert look(store, after(2)).blanks == {}


def test_a_change_of_nothing_writes_nothing(store):
    """Days that `decide` returns as it got them leave the file as it was."""
    put(store, WHOLE)
    stamp = store.stamp()
    store.change([DAY], lambda days: days)
    store.change([DAY], lambda days: [days[0].replace()])
    assert store.stamp() == stamp


@pytest.mark.parametrize("days", [[], [Day(after(1))], [Day(DAY), Day(after(1))]])
def test_a_change_returns_the_days_it_was_given(store, days):
    """Other days, fewer or more are a mistake of the caller's."""
    with pytest.raises(ValueError, match="in their order"):
        store.change([DAY], lambda _: days)


class Stop(Exception):
    """What a decision may raise."""


def test_a_change_that_fails_leaves_what_was_there(store):
    """An answer is kept whole or not at all, and the error is the one that was raised."""
    put(store, known(USD="499.65", EUR="582"))

    def stop(_):
        raise Stop

    with pytest.raises(Stop):
        store.change([DAY], stop)
    broken = {"USD": figure("1"), "EUR": figure("2", None)}
    with pytest.raises(TypeError):
        store.change([DAY], lambda days: [days[0].replace(figures=broken)])
    assert values(look(store)) == {"USD": "499.65", "EUR": "582"}


def test_nearest_bounds_and_complete_days(store):
    """The nearest known days, the first and last of each code, the whole days."""
    put(store, *(known(after(offset), USD="500") for offset in (0, 3, 7)))
    put(store, known(after(-9), feed="export", complete=False, EUR="1"))
    assert store.nearest("USD", after(4)) == (after(3), after(7))
    assert store.nearest("USD", after(3)) == (after(0), after(7))
    assert store.nearest(None, DAY) == (None, after(3))
    assert store.nearest("EUR", after(4)) == (after(-9), None)
    assert store.complete_days(after(1), after(7)) == [after(3), after(7)]
    assert store.bounds() == {"EUR": (after(-9), after(-9)), "USD": (DAY, after(7))}


def test_the_last_latest_answer_is_remembered(store):
    """The last sheet of `rates_all.xml` is the one that came last, of whatever date."""
    hours = {3: NOON, 2: LATER.astimezone(ALMATY), 1: NOON - dt.timedelta(1)}
    for offset, at in hours.items():
        put(store, Day(after(offset), listings={"latest": Listing(frozenset({"USD"}), at)}))
    put(store, Day(after(4), listings={"daily": Listing(frozenset(), LATER + LATER.resolution)}))
    assert store.latest() == (after(2), LATER)


def test_days_in_any_order(store):
    """As many days as were asked for, in that order, near one another and far apart."""
    put(store, *(known(after(n), feed="export", USD=f"{n + 1}", EUR="9") for n in range(5)))
    put(store, Day(after(2), silences={"daily": NOON}))
    put(store, known(after(400), USD="400"))
    dates = [after(n) for n in (3, 0, 400, 7, 2, 3)]
    found = store.read(dates, frozenset(["USD"]))
    assert [day.date for day in found] == dates
    assert [values(day) for day in found] == [
        {"USD": "4"}, {"USD": "1"}, {"USD": "400"}, {}, {}, {"USD": "4"},
    ]  # fmt: skip
    assert found[4].silences == {"daily": NOON}
    assert values(store.read(dates)[0]) == {"USD": "4", "EUR": "9"}


@settings(max_examples=60)
@given(
    st.dictionaries(
        st.text("ABCXYZ", min_size=3, max_size=3),
        st.tuples(st.decimals("0.0001", "99999", places=4), st.integers(1, 10**6), st.booleans()),
    )
)
def test_what_goes_in_comes_out(figures):
    """Any figures come back as they were kept, in memory as in a file."""
    store = SqliteStore(MEMORY)
    day = Day(DAY, {c: figure(str(v), n, final=f) for c, (v, n, f) in figures.items()})
    put(store, day)
    assert told(look(store)) == told(day)
    store.close()


@pytest.mark.system
def test_threads_share_one_store(store):
    """Sixteen threads write and read their own days at once."""
    errors = []

    def work(number: int) -> None:
        try:
            for turn in range(10):
                day = after(number * 10 + turn)
                put(store, known(day, USD=f"{number}.{turn}1"))
                assert values(look(store, day)) == {"USD": f"{number}.{turn}1"}
        except Exception as error:  # noqa: BLE001
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert store.bounds()["USD"] == (DAY, after(159))


def test_series(store):
    """The figures of one code by day, both ends included, with nominal and finality."""
    rows = [
        known(after(n), feed="export", complete=False, USD=f"{n + 1}.50", KRW=(f"3{n}.10", 100))
        for n in range(9)
    ]
    put(store, *rows)
    put(store, known(after(9), final=False, USD="7"))
    found = store.series("KRW", after(2), after(4))
    assert found == [(after(n), Decimal(f"3{n}.10"), 100, True) for n in (2, 3, 4)]
    assert [str(value) for _, value, _, _ in found] == ["32.10", "33.10", "34.10"]
    assert [final for _, _, _, final in store.series("USD", DAY, dt.date.max)] == [
        *[True] * 9, False,
    ]  # fmt: skip
    assert store.series("EUR", DAY, dt.date.max) == []
    assert store.series("USD", dt.date(1993, 1, 1), after(-1)) == []


def test_currencies_of_the_same_days_share_their_dates(store):
    """A date is kept once, however many currencies are known of it, and never too many of them."""
    days = [after(n) for n in range(8)]
    put(store, *(known(day, USD=f"{n}.1", EUR=f"{n}.2") for n, day in enumerate(days)))
    dates = [[point[0] for point in store.series(code, DAY, days[-1])] for code in ("USD", "EUR")]
    assert dates == [days, days]
    assert all(map(is_, *dates))
    for day in days[1:]:
        assert [point[0] for point in store.series("USD", DAY, day)] == days[: days.index(day) + 1]
    assert len(sqlite._dates_of) <= sqlite.MAX_ARRAYS


@pytest.mark.parametrize(
    ("column", "damage"),
    [
        *(("value", text) for text in ("abc", "", "0", "0.00", "-5", "1e5", "nan", "1.2.3")),
        *(("value", text) for text in (".", "1_0", " 1", "٣", b"5", b"\xff", "1,5", "9" * 27)),
        *(("nominal", number) for number in (0, -10, 1.5, "ten", "", 10**9)),
        *(("day", text) for text in ("2025-12-5", "2025-12-06x")),
        *(("name", b"dollar"), ("change", "x"), ("change", "1" * 30), ("feed", "radio")),
        *(("code", text) for text in ("usd1", "usd", "US")),
    ],
)
def test_a_damaged_row(store, column, damage):
    """A row that nobody here wrote is a `StoreError`, one among many good ones too."""
    put(store, *(known(after(n), USD=f"{n + 1}") for n in range(5)))
    store.close()
    with sqlite3.connect(store.path) as connection:
        connection.execute(f"UPDATE figure SET {column} = ? WHERE day = '2025-12-06'", (damage,))
        connection.execute("INSERT OR IGNORE INTO code SELECT code FROM figure")
    connection.close()
    with pytest.raises(StoreError, match="remove that file"):
        store.read([DAY, after(1)])
    with pytest.raises(StoreError, match="remove that file"):
        store.change([after(1)], lambda days: days)
    if column in ("value", "nominal", "day", "code"):  # what a series is made of
        with pytest.raises(StoreError, match="remove that file"):
            store.series("USD", after(-400), after(400))
    assert len(store.series("USD", after(2), after(4))) == 3


def test_an_empty_file_is_an_empty_cache(tmp_path):
    """A file of no bytes, as `touch` makes it, is taken and filled."""
    path = tmp_path / "cache.sqlite"
    path.touch()
    store = SqliteStore(str(path))
    assert values(look(store)) == {}
    put(store, known(USD="1"))
    assert values(look(store)) == {"USD": "1"}
    store.close()


@pytest.mark.system
def test_two_processes(store):
    """Answers that another process keeps meanwhile are found, and neither loses any."""
    script = (
        "import sys, datetime as dt\n"
        "from kzt_rates.figures import Day, Figure\n"
        "from kzt_rates.store.sqlite import SqliteStore\n"
        "store, first = SqliteStore(sys.argv[1]), dt.date(2000, 1, 1)\n"
        "figure = Figure(sys.argv[3], 1, feed='export', final=True)\n"
        "def decide(days):\n"
        "    return [day.replace(figures={**day.figures, sys.argv[2]: figure}) for day in days]\n"
        "for turn in range(20):\n"
        "    days = [first + dt.timedelta(100 * turn + n) for n in range(100)]\n"
        "    store.change(days, decide)\n"
        "    assert len(store.series(sys.argv[2], first, days[-1])) == 100 * (turn + 1)\n"
    )
    commands = [
        [sys.executable, "-c", script, store.path, code, value]
        for code, value in (("USD", "1"), ("EUR", "2"), ("USD", "1"))
    ]
    workers = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for command in commands]
    assert [worker.communicate(timeout=60)[1] for worker in workers] == [""] * 3
    for code, value in (("USD", "1"), ("EUR", "2")):
        found = store.series(code, dt.date.min, dt.date.max)
        assert len(found) == 2000
        assert {point[1] for point in found} == {Decimal(value)}
