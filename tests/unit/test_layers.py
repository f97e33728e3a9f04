"""The archive over the cache, and the spare store where the cache cannot be used."""

import datetime as dt
import logging
import sqlite3
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kzt_rates.errors import StoreError, StoreUnavailable
from kzt_rates.figures import Day, Figure, Listing
from kzt_rates.store import sqlite as store_sqlite
from kzt_rates.store.layers import Layers
from kzt_rates.store.merge import with_rows, with_sheet
from kzt_rates.store.sqlite import MEMORY, SqliteStore

DAY = dt.date(2025, 12, 5)
NOON = dt.datetime(2025, 12, 5, 7, tzinfo=dt.timezone.utc)


def after(days: int) -> dt.date:
    return DAY + dt.timedelta(days)


def known(day=DAY, *, final=True, complete=True, refreshed=False, **values: str) -> Day:
    figures = {
        code: Figure(value, 1, feed="daily", final=final, fetched_at=NOON, refreshed=refreshed)
        for code, value in values.items()
    }
    return Day(day, figures, complete=complete, final=final and complete, fetched_at=NOON)


def put(store, *days: Day) -> None:
    store.change([day.date for day in days], lambda _: list(days))


def values(day: Day) -> dict[str, str]:
    return {code: figure.value for code, figure in day.figures.items()}


def look(store, day=DAY, codes=None) -> Day:
    (found,) = store.read([day], codes)
    return found


@pytest.fixture
def archive():
    store = SqliteStore(MEMORY, source="archive")
    yield store
    store.close()


@pytest.fixture
def cache(tmp_path):
    store = SqliteStore(str(tmp_path / "cache.sqlite"))
    yield store
    store.close()


@pytest.fixture
def layers(archive, cache):
    layers = Layers(archive, cache)
    yield layers
    layers.close()


def test_a_whole_archived_day_is_looked_at_first(layers, archive, cache):
    """Nothing that the cache has counts against it, and what it has besides neither."""
    put(archive, known(USD="1", EUR="2"))
    put(cache, known(USD="9", GBP="8"))
    day = look(layers)
    assert (values(day), day.source) == ({"USD": "1", "EUR": "2"}, "archive")
    assert layers.series("USD", DAY, DAY) == [(DAY, Decimal(1), 1, True)]
    assert layers.series("GBP", DAY, DAY) == []


def test_a_whole_archived_day_needs_no_cache(archive, tmp_path):
    """A day of the archive is answered though the cache be no cache at all."""
    (tmp_path / "cache.sqlite").write_text("no cache", encoding="utf-8")
    put(archive, known(USD="1"))
    layers = Layers(archive, SqliteStore(str(tmp_path / "cache.sqlite")))
    assert values(look(layers)) == {"USD": "1"}
    with pytest.raises(StoreError):
        look(layers, after(1))
    layers.close()


@pytest.mark.parametrize("complete", [True, False])
def test_what_a_refresh_brought_counts(layers, archive, cache, complete):
    """A refreshed figure of the cache goes before the archive's, on its whole days too."""
    put(archive, known(USD="1", EUR="2", complete=complete), known(after(1), USD="5"))
    put(cache, known(USD="9", refreshed=True, complete=False))
    put(cache, known(after(1), USD="6", GBP="7"))
    for codes in (None, ["USD", "EUR"]):
        assert values(look(layers, codes=codes)) == {"USD": "9", "EUR": "2"}
    assert values(look(layers, after(1))) == {"USD": "5"}
    assert layers.series("USD", DAY, after(1)) == [
        (DAY, Decimal(9), 1, True), (after(1), Decimal(5), 1, True),
    ]  # fmt: skip
    other = Layers(archive, SqliteStore(cache.path))  # which has not written it itself
    assert values(look(other)) == {"USD": "9", "EUR": "2"}
    other.close()


def test_a_differing_figure_is_told_once(layers, archive, cache, caplog):
    """The log has both figures and which of them counts, however often they are looked up."""
    put(archive, known(USD="1", EUR="2", complete=False))
    put(cache, known(USD="9", EUR="2.0", complete=False))
    with caplog.at_level(logging.WARNING, "kzt_rates"):
        assert layers.series("USD", DAY, DAY) == [(DAY, Decimal(1), 1, True)]
        assert len(caplog.records) == 1
        for _ in range(3):
            assert layers.series("USD", DAY, DAY) == [(DAY, Decimal(1), 1, True)]
            assert values(look(layers)) == {"USD": "1", "EUR": "2"}
    assert [record.getMessage() for record in caplog.records] == [
        "USD of 2025-12-05 is 1 per 1 in the archive, 9 per 1 in the cache; the archive counts"
    ]


def test_a_whole_cached_day_and_an_archived_part(layers, archive, cache):
    """The day is whole, the archive's final figures count, and fill what the sheet lacks."""
    put(archive, known(USD="1", LTL="3", complete=False))
    put(cache, known(USD="9", GBP="8"))
    day = look(layers)
    assert values(day) == {"USD": "1", "GBP": "8", "LTL": "3"}
    assert (day.complete, day.source) == (True, "cache")


def test_a_provisional_figure_never_beats_a_final_one(layers, archive, cache):
    """A cached draft does not displace what the archive knows for certain."""
    put(archive, known(USD="1", complete=False))
    put(cache, known(final=False, USD="9", EUR="2"))
    assert values(look(layers)) == {"USD": "1", "EUR": "2"}


def test_bounds_nearest_and_complete_days_span_both(layers, archive, cache):
    """The first and last days are those of both stores."""
    put(archive, known(USD="1"))
    put(cache, known(after(9), USD="1"))
    assert layers.bounds() == {"USD": (DAY, after(9))}
    assert layers.nearest("USD", after(5)) == (DAY, after(9))
    assert layers.nearest(None, after(20)) == (after(9), None)
    assert layers.complete_days(DAY, after(9)) == [DAY, after(9)]


def test_a_change_sees_both_and_writes_what_the_archive_lacks(layers, archive, cache):
    """Figures of the archive are neither written to it nor copied, refreshed ones are written."""
    put(archive, known(USD="1", EUR="2", complete=False))
    put(cache, known(GBP="3", final=False, complete=False))
    seen = []

    def decide(days):
        seen.extend(map(values, days))
        return [with_rows(days[0], known(USD="1.0", EUR="7", CHF="4", complete=False))]

    (changed,) = layers.change([DAY], decide)
    assert seen == [{"USD": "1", "EUR": "2", "GBP": "3"}]
    expected = {"USD": "1.0", "EUR": "2", "GBP": "3", "CHF": "4"}
    assert values(changed) == expected
    assert values(look(cache)) == {"GBP": "3", "CHF": "4"}
    assert {**values(look(layers)), "USD": "1.0"} == expected
    assert values(look(archive)) == {"USD": "1", "EUR": "2"}
    layers.change([DAY], lambda days: [with_rows(days[0], known(EUR="7", refreshed=True))])
    assert values(look(layers))["EUR"] == "2", "only a refresh replaces what is final"
    brought = known(EUR="7", refreshed=True)
    layers.change([DAY], lambda days: [with_rows(days[0], brought, refresh=True)])
    assert values(look(layers))["EUR"] == values(look(cache))["EUR"] == "7"


def test_a_day_that_a_sheet_makes_whole_is_whole_without_the_archive(layers, archive, cache):
    """What makes a day complete is kept together: without the archive nothing would be missing."""
    put(archive, known(USD="1", LTL="2", complete=False))
    sheet = known(USD="1", EUR="3")
    layers.change([DAY], lambda days: [with_sheet(days[0], sheet, "daily")])
    alone = look(cache)
    assert (values(alone), alone.complete) == ({"USD": "1", "EUR": "3", "LTL": "2"}, True)


def test_a_whole_day_of_the_archive_is_not_said_to_be_whole_in_the_cache(layers, archive, cache):
    """A figure that is added to it does not make the cache complete."""
    put(archive, known(USD="1", EUR="2"))
    row = known(USD="1", CHF="4", complete=False)
    layers.change([DAY], lambda days: [with_rows(days[0], row)])
    assert not look(cache).complete
    assert values(look(cache)) == {"CHF": "4"}
    refreshed = known(USD="1", EUR="2", refreshed=True)
    layers.change([DAY], lambda days: [with_sheet(days[0], refreshed, "daily", refresh=True)])
    assert look(cache).complete
    assert values(look(cache)) == {"USD": "1", "EUR": "2", "CHF": "4"}


def test_what_the_archive_hides_is_not_lost(layers, archive, cache):
    """A cached figure below the archive's stays where it is when something else changes."""
    put(archive, known(USD="1"))
    put(cache, known(USD="9"))
    layers.change([DAY], lambda days: [days[0].replace(silences={"export": NOON})])
    below = look(cache)
    assert (values(below), below.complete) == ({"USD": "9"}, True)
    assert below.silences == {"export": NOON}


@pytest.fixture
def locked(cache, monkeypatch):
    """A cache that another process holds for too long; called, it lets go."""
    put(cache, known(USD="499.65"), known(after(3), USD="3", final=False, complete=False))
    cache.close()
    monkeypatch.setattr(store_sqlite, "BUSY_SECONDS", 0.05)
    holder = sqlite3.connect(cache.path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")

    def let_go():
        if holder.in_transaction:
            holder.execute("ROLLBACK")

    yield let_go
    let_go()
    holder.close()


def test_a_locked_cache_does_not_stop_the_work(cache, locked, caplog):
    """While another process holds the file for too long, answers are kept in memory."""
    layers = Layers(None, cache)
    layers.require_kept()
    with caplog.at_level(logging.WARNING, "kzt_rates"):
        for day in (known(after(1), USD="2"), known(after(2), USD="3")):
            layers.change([day.date], lambda _, day=day: [day])
        # the sheet takes the draft away, which stays in the file
        layers.change(
            [after(3)], lambda days: [with_sheet(days[0], known(after(3), EUR="5"), "daily")]
        )
    (record,) = caplog.records
    assert "the cache cannot be used, going on without it" in record.getMessage()
    assert values(look(layers, after(1))) == {"USD": "2"}
    span = (DAY, after(9))
    both = [(DAY, Decimal("499.65"), 1, True), (after(1), 2, 1, True), (after(2), 3, 1, True)]
    assert layers.series("USD", *span) == both
    assert values(look(layers, after(3))) == {"EUR": "5"}
    with pytest.raises(StoreError, match="what is fetched cannot be stored"):
        layers.require_kept()
    locked()
    assert layers.series("USD", *span) == both
    assert values(look(layers)) == {"USD": "499.65"}
    # what had to be kept in memory goes into the file with the next change of its day
    layers.change([after(1)], lambda days: [days[0].replace(silences={"latest": NOON})])
    assert values(look(cache, after(1))) == {"USD": "2"}
    assert look(layers, after(1)).silences == {"latest": NOON}
    layers.close()


def test_a_store_that_is_unavailable_is_gone_without(archive):
    """Whatever a lent store cannot do just now, the client can do without."""

    class Gone:
        def __getattr__(self, name):
            def refuse(*_, **__):
                raise StoreUnavailable("gone fishing")

            return refuse

    gone = Gone()
    layers = Layers(archive, gone)
    put(archive, known(USD="1", complete=False))
    assert layers.change([DAY], lambda days: days)
    put(layers, known(after(1), USD="2"))
    assert layers.series("USD", DAY, after(1)) == [(DAY, 1, 1, True), (after(1), 2, 1, True)]
    assert layers.bounds() == {"USD": (DAY, after(1))}
    assert layers.complete_days(DAY, after(1)) == [after(1)]
    assert layers.latest() is None
    assert layers.stamp() is None


def test_the_latest_sheet_is_the_one_that_came_last(layers, archive, cache):
    """Of two stores' notes the later one counts."""
    later = NOON + dt.timedelta(1)
    put(archive, Day(DAY, listings={"latest": Listing(frozenset(), NOON)}))
    put(cache, Day(after(-1), listings={"latest": Listing(frozenset(), later)}))
    assert layers.latest() == (after(-1), later)


# A day as some store may know it: nothing, a part, or a whole sheet, final or not.
_figures_of_a_day = st.dictionaries(
    st.sampled_from(["USD", "EUR", "GBP"]),
    st.tuples(
        st.sampled_from(["5", "5.0", "6", "7.25"]),
        st.sampled_from([1, 10]),
        st.booleans(),
        st.booleans(),
    ),
)
_a_layer = st.dictionaries(
    st.integers(0, 4), st.tuples(_figures_of_a_day, st.booleans(), st.booleans())
)


def _layer(contents, source, *, refreshing=True) -> SqliteStore:
    store = SqliteStore(MEMORY, source=source)
    for offset, (figures, complete, final) in contents.items():
        known = {
            code: Figure(
                value, nominal, feed="daily", fetched_at=NOON, final=final or is_final,
                refreshed=refreshed and refreshing and source == "cache",
            )
            for code, (value, nominal, is_final, refreshed) in figures.items()
        }  # fmt: skip
        put(store, Day(after(offset), known, complete=complete, final=final and complete))
    return store


@settings(max_examples=200)
@given(_a_layer, st.none() | _a_layer, _a_layer, st.booleans())
def test_a_series_is_what_the_days_have(archived, spared, cached, refreshing):
    """Archive, spare and cache laid over each other make the same series as day after day."""
    # what the archive has is final
    archived = {day: (figures, complete, True) for day, (figures, complete, _) in archived.items()}
    cache = _layer(cached, "cache", refreshing=refreshing)
    layers = Layers(_layer(archived, "archive"), cache)
    layers._tell_of = lambda *_, **__: None
    if spared is not None:
        layers._spare = _layer(spared, "cache")
    dates = [after(offset) for offset in range(5)]
    days = layers.read(dates)
    for code in ("USD", "EUR", "GBP"):
        expected = [
            (day.date, Decimal(figure.value), figure.nominal, figure.final)
            for day in days
            if (figure := day.figures.get(code)) is not None
        ]
        assert layers.series(code, dates[0], dates[-1]) == expected
        assert layers.series(code, dates[1], dates[2]) == [
            point for point in expected if dates[1] <= point[0] <= dates[2]
        ]
        assert [values(look(layers, on, (code,))) for on in dates] == [
            {code: day.figures[code].value} if code in day.figures else {} for day in days
        ]
    assert [values(look(layers, on)) for on in dates] == [values(day) for day in days]
    layers.close()
