"""Stores of a caller's own: the contract, and what becomes of their failures."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import kzt_rates
from kzt_rates.figures import Day
from kzt_rates.settings import store_of
from kzt_rates.store.layers import Layers
from kzt_rates.store.protocol import METHODS, READING, Lent
from kzt_rates.store.sqlite import MEMORY, SqliteStore
from kzt_rates.testing.store_contract import StoreContract, plain, sheet

DAY = dt.date(2025, 12, 5)


class TestSqliteFile(StoreContract):
    """Our own store in a file."""

    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.made = (str(tmp_path / f"{n}.sqlite") for n in range(1000))

    def make_store(self) -> SqliteStore:
        return SqliteStore(next(self.made))


class TestSqliteInMemory(StoreContract):
    """Our own store in memory."""

    def make_store(self) -> SqliteStore:
        return SqliteStore(MEMORY)


class TestLayers(StoreContract):
    """Archive and cache as one, with an archive that knows nothing."""

    def make_store(self) -> Any:
        return Layers(SqliteStore(MEMORY, source="archive"), SqliteStore(MEMORY))


class TestLent(StoreContract):
    """A lent store, as the client uses it."""

    def make_store(self) -> Any:
        return Lent(SqliteStore(MEMORY), "a cache")


class Sparse(StoreContract):
    """A store that forgets marks: the contract must say so."""

    def make_store(self) -> SqliteStore:
        class Forgetful(SqliteStore):
            def change(self, dates: Any, decide: Any) -> list[Day]:
                return super().change(
                    dates, lambda days: [day.replace(blanks={}) for day in decide(days)]
                )

        return Forgetful(MEMORY)


def test_the_contract_notices() -> None:
    """A store that forgets something does not pass."""
    with pytest.raises(AssertionError):
        Sparse().test_what_is_kept_comes_back()


class Missing:
    """A store that has all methods but some."""

    def __init__(self, *missing: str) -> None:
        for name in METHODS:
            if name not in missing:
                setattr(self, name, lambda *_: None)


@pytest.mark.parametrize("name", METHODS)
def test_a_store_without_a_method(name: str) -> None:
    """It is a `TypeError` that names it when the client is made, not when it is first needed."""
    for kind in (kzt_rates.Client, kzt_rates.AsyncClient):
        with pytest.raises(TypeError, match=f"Missing is no store: it lacks {name}$"):
            kind(cache=Missing(name))
    if name in READING:
        with pytest.raises(TypeError, match=f"it lacks {name}$"):
            kzt_rates.Client(archive=Missing(name))
    else:
        kzt_rates.Client(archive=Missing(name), cache=False).close()


@pytest.mark.parametrize("thing", [3, object(), ["cache.sqlite"]])
def test_what_is_no_store(thing: Any) -> None:
    """A thing that has none of the methods was meant as something else."""
    with pytest.raises(TypeError, match="a cache is a path, a store, or False for none"):
        kzt_rates.Client(cache=thing)
    with pytest.raises(TypeError, match="an archive is a path, a store, or False for none"):
        kzt_rates.Client(archive=thing)


class Failing:
    """A store whose every method raises."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def fail(*_: Any) -> Any:
            raise self.error

        return fail


ASKS: dict[str, Callable[[Layers], Any]] = {
    "read": lambda store: store.read([DAY]),
    "series": lambda store: store.series("USD", DAY, DAY),
    "complete_days": lambda store: store.complete_days(DAY, DAY),
    "nearest": lambda store: store.nearest("USD", DAY),
    "bounds": lambda store: store.bounds(),
    "latest": lambda store: store.latest(),
    "change": lambda store: store.change([DAY], lambda days: days),
    "stamp": lambda store: store.stamp(),
}


@pytest.mark.parametrize("name", ASKS)
def test_whatever_a_store_raises(name: str) -> None:
    """It is a `StoreError` with its cause; our own errors and interrupts pass as they are."""
    cause = ConnectionError("no route to the cache")
    with pytest.raises(
        kzt_rates.StoreError, match="Failing failed: ConnectionError: no rou"
    ) as caught:
        ASKS[name](store_of("", Failing(cause), False))
    assert caught.value.__cause__ is cause
    for error in (kzt_rates.StoreError("mine"), KeyboardInterrupt()):
        with pytest.raises(type(error)) as caught_as_is:
            ASKS[name](store_of("", Failing(error), False))
        assert caught_as_is.value is error


@pytest.mark.parametrize("name", ASKS)
def test_a_store_that_is_unavailable(name: str, caplog: pytest.LogCaptureFixture) -> None:
    """The client goes on without it, whatever it asks, and says so once."""
    store = store_of("", Failing(kzt_rates.StoreUnavailable("gone fishing")), False)
    for _ in range(2):
        ASKS[name](store)
    (record,) = caplog.records
    assert record.getMessage() == "the cache cannot be used, going on without it: gone fishing"
    store.close()


def test_an_archive_that_is_unavailable() -> None:
    """An archive of one's own is gone without as well."""
    store = store_of("", False, Failing(kzt_rates.StoreUnavailable("gone fishing")))
    store.change([DAY], lambda _: [sheet(DAY, USD="1")])
    assert plain(store.read([DAY])[0]) == plain(sheet(DAY, USD="1"))
    assert len(store.series("USD", DAY, DAY)) == 1
    assert store.bounds() == {"USD": (DAY, DAY)}
    store.close()


def test_a_store_that_returns_other_days() -> None:
    """Days that nobody asked for are never given as the answer."""

    class Other(SqliteStore):
        def read(self, dates: Any, codes: Any = None) -> list[Day]:
            return [Day(on + dt.timedelta(1)) for on in dates]

    store = store_of("", Other(MEMORY), False)
    with pytest.raises(kzt_rates.StoreError, match="Other returns other days"):
        store.read([DAY])


def test_what_a_decision_raises_is_its_own() -> None:
    """An error of the plan's passes through a store that makes another one of it."""

    class Wrapping(SqliteStore):
        def change(self, dates: Any, decide: Any) -> list[Day]:
            try:
                return super().change(dates, decide)
            except Exception as error:
                raise RuntimeError("transaction failed") from error

    refused = kzt_rates.FeedError("not to be believed")

    def refuse(_: list[Day]) -> list[Day]:
        raise refused

    store = store_of("", Wrapping(MEMORY), False)
    with pytest.raises(kzt_rates.FeedError) as caught:
        store.change([DAY], refuse)
    assert caught.value is refused


def test_a_lent_store_is_the_callers_to_close() -> None:
    """Closing a client leaves it open, with what it knows."""
    mine = SqliteStore(MEMORY)
    mine.change([DAY], lambda _: [sheet(DAY, USD="1")])
    kzt_rates.Client(cache=mine, archive=False, offline=True).close()
    assert plain(mine.read([DAY])[0]) == plain(sheet(DAY, USD="1"))
    mine.close()
