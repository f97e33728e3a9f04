"""What a store must keep to, as tests: subclass `StoreContract`, and have `make_store` make yours.

    class TestMine(StoreContract):
        def make_store(self):
            return MyStore()

pytest then runs each of them. Where hypothesis is installed, one of them tries any days.
"""

import contextlib
import sys
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from functools import cache
from threading import Thread
from typing import Any

from kzt_rates.figures import Day, Figure, Listing, Refusal
from kzt_rates.store.protocol import Store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kzt_rates.figures import Feed

DAY = date(2025, 12, 5)
NOON = datetime(2025, 12, 5, 7, tzinfo=timezone.utc)
LATER = NOON.astimezone(timezone(timedelta(hours=5))) + timedelta(minutes=1, microseconds=7)


def after(days: int) -> date:
    """Return a day some days after the first."""
    return DAY + timedelta(days)


def plain(thing: Any) -> Any:
    """Return all that a store must keep of a value, for comparing.

    Where a figure comes from is the store's to say, and of a day that is not complete neither its
    hour nor whether it is final is kept.
    """
    if isinstance(thing, Day):
        names = ["date", "figures", "complete", "refused", "silences", "blanks", "absent"]
        names += ["listings", *(("final", "fetched_at") if thing.complete else ())]
        return {name: plain(getattr(thing, name)) for name in names}
    if isinstance(thing, Figure | Refusal | Listing):
        names = [name for name in type(thing).__slots__ if name != "source"]
        return {name: plain(getattr(thing, name)) for name in names}
    return {key: plain(value) for key, value in thing.items()} if hasattr(thing, "items") else thing


def figure(value: str, nominal: int = 1, **options: Any) -> Figure:
    """Return a final figure of the daily feed."""
    usual = {"feed": "daily", "final": True, "fetched_at": NOON}
    return Figure(value, nominal, **{**usual, **options})


def sheet(on: date, **values: str) -> Day:
    """Return a complete day with some figures."""
    figures = {code: figure(value) for code, value in values.items()}
    return Day(on, figures, complete=True, final=True, fetched_at=NOON)


WHOLE = Day(
    DAY,
    {
        "KRW": figure("74.80", 100, change="+0.10", name="ВОН", refreshed=True),
        "USD": figure("499.6500", feed="latest", final=False, fetched_at=LATER),
        "EUR": figure("9999999.123456789", 10**9 - 1, feed="archive", fetched_at=None),
    },
    complete=True,
    final=True,
    fetched_at=LATER,
    refused={"IRR": Refusal("0.4 per 1000\tand\n34 per 1000, „quoted“", NOON)},
    silences={"export": NOON},
    blanks={"TRY": NOON, "GBP": LATER},
    absent={"CHF": LATER},
    listings={
        "daily": Listing(frozenset({"KRW", "USD", "IRR"}), LATER),
        "latest": Listing(frozenset(), NOON),
    },
)


@cache
def any_day(on: date) -> Any:
    """Return the strategy of hypothesis for any day of a date that a store may have to keep."""
    from hypothesis import strategies as st

    first = datetime(1993, 11, 15, tzinfo=timezone.utc)
    codes = st.sampled_from(["USD", "EUR", "KRW", "XYZ"])
    instants = st.integers(0, 3 * 10**15).map(lambda n: first + n * first.resolution)
    names: "list[Feed]" = ["daily", "latest", "export"]
    feeds = st.sampled_from(names)
    numbers = st.decimals("0.0001", "99999", places=4).map(str)
    figures = st.builds(
        Figure,
        numbers,
        st.sampled_from([1, 10, 100, 10_000]),
        st.none() | numbers,
        st.none() | st.text("АБВ |", max_size=5),
        feed=feeds,
        final=st.booleans(),
        fetched_at=st.none() | instants,
        refreshed=st.booleans(),
    )
    listings = st.builds(Listing, st.frozensets(codes), instants)
    refusals = st.builds(Refusal, st.text(max_size=9), instants)
    marks = st.dictionaries(codes, instants)
    figures_by_code, refused = st.dictionaries(codes, figures), st.dictionaries(codes, refusals)
    silences = st.dictionaries(feeds, instants)
    listed, an_hour = st.dictionaries(feeds, listings, max_size=2), st.none() | instants

    @st.composite
    def a_day(draw: st.DrawFn) -> Day:
        # what is not complete has no hour and is not final
        complete = draw(st.booleans())
        return Day(
            on,
            draw(figures_by_code),
            complete=complete,
            final=complete and draw(st.booleans()),
            fetched_at=draw(an_hour) if complete else None,
            refused=draw(refused),
            silences=draw(silences),
            blanks=draw(marks),
            absent=draw(marks),
            listings=draw(listed),
        )

    return a_day()


class StoreContract:
    """Tests of any store; each of them begins with a new and empty one."""

    def make_store(self) -> Store:
        """Return an empty store of yours."""
        raise NotImplementedError

    @contextlib.contextmanager
    def _store(self, *days: Day) -> Any:
        store = self.make_store()
        try:
            if days:
                store.change([day.date for day in days], lambda _: list(days))
            yield store
        finally:
            store.close()

    def test_it_knows_nothing_at_first(self) -> None:
        """Of a day of which nothing was kept there is a day with nothing in it."""
        with self._store() as store:
            assert [plain(day) for day in store.read([DAY, after(1)])] == [
                plain(Day(DAY)), plain(Day(after(1))),
            ]  # fmt: skip
            assert store.read([]) == []
            assert (store.latest(), store.bounds()) == (None, {})
            assert store.nearest("USD", DAY) == store.nearest(None, DAY) == (None, None)
            assert store.series("USD", date.min, date.max) == []
            assert store.complete_days(date.min, date.max) == []

    def test_what_is_kept_comes_back(self) -> None:
        """Digits as they were published, hours to the microsecond, reasons to the letter."""
        bare = Day(after(1), {"USD": figure("1")})
        with self._store(WHOLE, bare) as store:
            assert [plain(day) for day in store.read([after(1), DAY])] == [
                plain(bare),
                plain(WHOLE),
            ]

    def test_days_are_read_in_their_order(self) -> None:
        """As many as were asked for, and of some codes where some are named."""
        with self._store(*(sheet(after(n), USD=f"{n + 1}", EUR="9") for n in range(4))) as store:
            dates = (after(2), after(0), after(7), after(2))
            found = store.read(dates, ["USD", "XXX"])
            assert tuple(day.date for day in found) == dates
            assert [[f.value for f in day.figures.values()] for day in found] == [
                ["3"], ["1"], [], ["3"],
            ]  # fmt: skip
            assert [day.complete for day in found] == [True, True, False, True]
            assert len(store.read(dates, frozenset())[0].figures) == 0

    def test_a_change_sees_what_is_known_and_takes_its_place(self) -> None:
        """What `decide` returns is known from then on, and nothing else."""
        seen = []
        lesser = Day(DAY, {"USD": figure("5")}, silences={"daily": LATER})

        def decide(days: list[Day]) -> list[Day]:
            seen.extend(days)
            return [Day(after(1)), lesser]

        with self._store(WHOLE, sheet(after(1), GBP="3")) as store:
            changed = store.change([after(1), DAY], decide)
            assert [plain(day) for day in seen[-2:]] == [
                plain(sheet(after(1), GBP="3")),
                plain(WHOLE),
            ]
            assert [plain(day) for day in changed] == [
                plain(Day(after(1))),
                plain(lesser),
            ]
            assert [plain(day) for day in store.read([DAY, after(1)])] == [
                plain(lesser), plain(Day(after(1))),
            ]  # fmt: skip
            assert store.complete_days(date.min, date.max) == []
            assert store.bounds() == {"USD": (DAY, DAY)}

    def test_a_change_that_fails_changes_nothing(self) -> None:
        """The error is the caller's own, and the store goes on as before."""

        class Stop(Exception):
            pass

        def decide(days: list[Day]) -> list[Day]:
            raise Stop

        with self._store(WHOLE) as store:
            try:
                store.change([DAY, after(1)], decide)
            except Stop:
                pass
            else:
                raise AssertionError("what `decide` raises is the caller's to see")
            assert plain(store.read([DAY])[0]) == plain(WHOLE)
            store.change([DAY], lambda days: days)
            assert plain(store.read([DAY])[0]) == plain(WHOLE)

    def test_series(self) -> None:
        """The figures of a code by day, both ends included, in order and with all their digits."""
        days = [
            Day(after(n), {"KRW": figure(f"3{n}.10", 100, final=n % 2 == 0)}) for n in (4, 1, 3, 2)
        ]
        with self._store(*days, sheet(after(6), USD="1")) as store:
            found = store.series("KRW", after(2), after(6))
            assert found == [
                (after(n), Decimal(f"3{n}.10"), 100, n % 2 == 0) for n in (2, 3, 4)
            ]  # fmt: skip
            assert [str(value) for _, value, _, _ in found] == ["32.10", "33.10", "34.10"]

    def test_complete_days(self) -> None:
        """The complete days of a range in order; a day that is known in part is none of them."""
        days = [sheet(after(n), USD="1") for n in (5, 1, 3, 9)]
        with self._store(*days, Day(after(4), {"USD": figure("1")})) as store:
            assert store.complete_days(after(1), after(5)) == [after(1), after(3), after(5)]

    def test_nearest_and_bounds(self) -> None:
        """A date's neighbours that have a figure or are complete, and the ends of each code."""
        days = [sheet(after(n), USD="1") for n in (0, 3, 7)]
        with self._store(*days, Day(after(-9), {"EUR": figure("1")})) as store:
            assert store.nearest("USD", after(3)) == (DAY, after(7))
            assert store.nearest("USD", after(8)) == (after(7), None)
            assert store.nearest("EUR", DAY) == (after(-9), None)
            assert store.nearest(None, DAY) == (None, after(3))
            assert store.nearest("GBP", DAY) == (None, None)
            assert store.bounds() == {"EUR": (after(-9), after(-9)), "USD": (DAY, after(7))}

    def test_the_last_latest_sheet(self) -> None:
        """The sheet of `rates_all.xml` that came last, whatever date it is of."""
        hours = {3: NOON, 2: LATER, 1: NOON - timedelta(1)}
        none: frozenset[str] = frozenset()
        days = [Day(after(n), listings={"latest": Listing(none, at)}) for n, at in hours.items()]
        daily = Day(after(4), listings={"daily": Listing(frozenset(), LATER + timedelta(1))})
        with self._store(*days, daily) as store:
            assert store.latest() == (after(2), LATER)

    def test_the_stamp(self) -> None:
        """It is another one after a change, or tells nothing."""
        with self._store() as store:
            before = store.stamp()
            store.change([DAY], lambda _: [sheet(DAY, USD="1")])
            assert store.stamp() is None or store.stamp() != before

    def test_nobody_writes_in_between(self) -> None:
        """Threads that each add one to a figure lose none of the ones."""
        if sys.platform == "emscripten":
            return  # a page has no threads
        errors: list[Exception] = []

        def add(days: list[Day]) -> list[Day]:
            (day,) = days
            return [day.replace(figures={"USD": figure(f"{int(day.figures['USD'].value) + 1}")})]

        def work(store: Store) -> None:
            try:
                for _ in range(25):
                    store.change([DAY], add)
            except Exception as error:  # noqa: BLE001
                errors.append(error)

        with self._store(sheet(DAY, USD="1")) as store:
            threads = [Thread(target=work, args=(store,)) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert errors == []
            assert store.read([DAY])[0].figures["USD"].value == "101"

    def test_any_days_come_back(self) -> None:
        """Whatever is kept, and kept again, is what the last change made of it."""
        try:
            from hypothesis import given, settings
            from hypothesis import strategies as st
        except ImportError:
            return

        def days_of(numbers: range) -> Any:
            return st.tuples(*(any_day(after(number)) for number in numbers)).map(list)

        @settings(max_examples=20, deadline=None)
        @given(days_of(range(3)), days_of(range(1, 4)))
        def keep(first: list[Day], second: list[Day]) -> None:
            with self._store(*first) as store:
                store.change([day.date for day in second], lambda _: second)
                known = {day.date: day for day in (*first, *second)}
                assert [plain(day) for day in store.read(list(known))] == list(
                    map(plain, known.values())
                )

        keep()
