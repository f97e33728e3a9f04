"""Fixtures for pytest: a stand-in bank with real figures, and clients that ask it.

pytest loads this module in every run of everyone who has kzt_rates installed, so that
whatever costs time to import is imported by the fixtures.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import kzt_rates.testing

NOON = "2025-12-05T12:00+05:00"
FIRST_DAY, TOMORROW = "2025-12-01", "2025-12-06"


@pytest.fixture
def kzt_clock() -> "kzt_rates.testing.SettableClock":
    """Noon of 2025-12-05 in Kazakhstan, until it is set or advanced."""
    from kzt_rates.testing.clock import SettableClock

    return SettableClock(NOON)


@pytest.fixture
def kzt_bank(
    kzt_clock: "kzt_rates.testing.SettableClock", monkeypatch: pytest.MonkeyPatch
) -> Iterator["kzt_rates.testing.StandInBank"]:
    """A stand-in bank at `kzt_clock`, with the true rates of 2025-12-01 to tomorrow, 2025-12-06."""
    from kzt_rates.testing.bank import StandInBank
    from kzt_rates.testing.sheets import archive_sheets

    # a proxy that the environment names would look for the bank on its own loopback
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, f"{os.environ.get(name, '')},127.0.0.1".lstrip(","))
    with StandInBank(archive_sheets(FIRST_DAY, TOMORROW), clock=kzt_clock) as bank:
        yield bank


@pytest.fixture
def kzt_client(
    kzt_bank: "kzt_rates.testing.StandInBank",
    kzt_clock: "kzt_rates.testing.SettableClock",
    tmp_path: Path,
) -> Iterator["kzt_rates.Client"]:
    """A client of `kzt_bank` at `kzt_clock`, with an empty cache and without the archive."""
    from kzt_rates import Client

    cache = str(tmp_path / "kzt.sqlite")
    with Client(kzt_bank.url, cache, archive=False, offline=False, clock=kzt_clock) as client:
        yield client


@pytest.fixture
def kzt_async_client(
    kzt_bank: "kzt_rates.testing.StandInBank",
    kzt_clock: "kzt_rates.testing.SettableClock",
    tmp_path: Path,
) -> Callable[[], "kzt_rates.AsyncClient"]:
    """What makes async clients of `kzt_bank`, in the loop that will use and close them.

    `async with kzt_async_client() as client: ...`
    """

    def make() -> "kzt_rates.AsyncClient":
        from kzt_rates import AsyncClient

        cache = str(tmp_path / "kzt.sqlite")
        return AsyncClient(kzt_bank.url, cache, archive=False, offline=False, clock=kzt_clock)

    return make
