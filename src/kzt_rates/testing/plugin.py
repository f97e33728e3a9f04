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
    from kzt_rates.testing.bank import SettableClock

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


@pytest.fixture
def kzt_everywhere(
    kzt_bank: "kzt_rates.testing.StandInBank",
    kzt_clock: "kzt_rates.testing.SettableClock",
    tmp_path: Path,
) -> "Iterator[kzt_rates.testing.StandInBank]":
    """`kzt_bank` and `kzt_clock` for everything that asks for rates, until the test ends.

    For the module's functions, for every `Client` and `AsyncClient` of the code under test,
    whether it is made in the test or was made before, and for the command line and other
    programs that the test starts; with an empty cache and without the archive. Settings of the
    developer's own, such as `KZT_RATES_OFFLINE=1`, do not count. It is the bank.

    A client that was given a bank's address, a transport or `offline=True` is left alone, and one
    that was given a clock keeps it.
    """
    import kzt_rates
    from kzt_rates.settings import TEST_CLOCK

    hour = tmp_path / "kzt_clock"
    kzt_clock.show_in(hour)
    kzt_rates.close()
    before = _clients_of_the_environment()
    with pytest.MonkeyPatch.context() as environment:
        for name in [name for name in os.environ if name.startswith("KZT_RATES_")]:
            environment.delenv(name)
        environment.setenv("KZT_RATES_BASE_URL", kzt_bank.url)
        environment.setenv("KZT_RATES_CACHE", str(tmp_path / "kzt_everywhere.sqlite"))
        environment.setenv("KZT_RATES_ARCHIVE", "off")
        environment.setenv("KZT_RATES_OFFLINE", "off")
        environment.setenv(TEST_CLOCK, str(hour))
        kept = [(client, _set_anew(client)) for client in before]
        yield kzt_bank
        kzt_rates.close()
        made = [client for client in _clients_of_the_environment() if client not in before]
    for client, attributes in kept:
        _close(client)
        vars(client).update(attributes)
    for client in made:  # by a module that the test was the first to import, say
        _close(client)
        _set_anew(client)


def _clients_of_the_environment() -> "list[kzt_rates.Client | kzt_rates.AsyncClient]":
    """Return all open clients that have the bank's address from the environment."""
    import gc

    from kzt_rates import AsyncClient, Client
    from kzt_rates.settings import base_url_of, offline_of

    try:
        url, offline = base_url_of(None), offline_of(None)
    except ValueError:  # no client can have been made of that
        return []
    found: list[Client | AsyncClient] = []
    for thing in gc.get_objects():
        # `isinstance` would wake up the lazy objects of other libraries
        if not issubclass(type(thing), Client | AsyncClient) or "_core" not in vars(thing):
            continue
        core = vars(thing)["_core"]
        of_the_environment = core.base_url == url and core.terms.offline is offline
        if of_the_environment and not core.closed and vars(thing)["_given_transport"] is None:
            found.append(thing)
    return found


def _set_anew(client: "kzt_rates.Client | kzt_rates.AsyncClient") -> dict[str, object]:
    """Give a client the settings that it would have now; return what it was."""
    from kzt_rates import AsyncClient, Client

    core = vars(client)["_core"]
    kind = AsyncClient if isinstance(client, AsyncClient) else Client
    # not the machine's, and not that of the test
    own = core.terms.clock.__module__ not in ("kzt_rates.dates", "kzt_rates.settings")
    clock = core.terms.clock if own else None
    fresh = vars(kind(timeout=core.timeout, retries=core.retries, clock=clock))
    before = {name: value for name, value in vars(client).items() if name in fresh}
    vars(client).update(fresh)
    return before


def _close(client: "kzt_rates.Client | kzt_rates.AsyncClient") -> None:
    from kzt_rates import Client

    if isinstance(client, Client):
        client.close()
    else:  # its transport belongs to a loop that may be gone; its files do not
        vars(client)["_core"].close()
