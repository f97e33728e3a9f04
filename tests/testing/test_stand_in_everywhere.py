"""`kzt_everywhere`: the stand-in bank and its clock, whoever asks."""

import asyncio
import subprocess
import sys
import threading
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

import kzt_rates
from kzt_rates.cli import main
from kzt_rates.dates import date_in_kazakhstan, utc_now
from kzt_rates.testing import SettableClock, StandInBank

TRUE = {"2025-12-05": 49965, "2025-12-06": 50449}
AS_SET_BY_A_DEVELOPER = {
    "OFFLINE": "1",
    "BASE_URL": "http://127.0.0.1:9",
    "CACHE": "off",
    "ARCHIVE": "off",
    "TEST_CLOCK": "/nowhere",
}


@pytest.fixture(params=["nothing", "everything", "nonsense"])
def settings_of_a_developer(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Have the environment set before the fixtures look at it."""
    for name, text in AS_SET_BY_A_DEVELOPER.items():
        if request.param == "nothing":
            monkeypatch.delenv(f"KZT_RATES_{name}", raising=False)
        else:
            nonsense = request.param == "nonsense"
            monkeypatch.setenv(f"KZT_RATES_{name}", "\N{SNOWMAN} ://" if nonsense else text)


@pytest.mark.usefixtures("settings_of_a_developer")
class TestWhateverIsSet:
    """Settings of the developer's own and the fixtures do not break one another."""

    def test_module_functions(self, kzt_everywhere: StandInBank) -> None:
        """They ask the bank, once, and today is the clock's."""
        assert kzt_rates.convert(100, "USD") == TRUE["2025-12-05"]
        assert kzt_rates.rate("USD").effective_date == date(2025, 12, 5)
        assert kzt_rates.rate("USD").age.days == 0
        assert kzt_rates.latest().date == date(2025, 12, 6)
        assert [request.feed for request in kzt_everywhere.requests] == ["daily", "latest"]

    def test_a_client_of_no_arguments(self, kzt_everywhere: StandInBank) -> None:
        """It is the bank's, at the clock's hour."""
        with kzt_rates.Client() as client:
            assert client.convert(100, "USD") == TRUE["2025-12-05"]
        assert len(kzt_everywhere.requests) == 1

    def test_the_other_fixtures(
        self, kzt_client: "kzt_rates.Client", kzt_async_client: Any, kzt_bank: StandInBank
    ) -> None:
        """They are as they are without any settings."""

        async def ask() -> Any:
            async with kzt_async_client() as client:
                return await client.convert(100, "USD", on="2025-12-04")

        assert kzt_client.convert(100, "USD") == TRUE["2025-12-05"]
        assert asyncio.run(ask()) == 50389
        assert len(kzt_bank.requests) == 2


@pytest.mark.parametrize("loop", ["asyncio", "trio"])
def test_an_async_client(kzt_everywhere: StandInBank, loop: str) -> None:
    """An `AsyncClient` asks the bank on either loop."""

    async def ask() -> Any:
        async with kzt_rates.AsyncClient() as client:
            return await client.convert(100, "USD")

    found = asyncio.run(ask()) if loop == "asyncio" else pytest.importorskip("trio").run(ask)
    assert found == TRUE["2025-12-05"]
    assert len(kzt_everywhere.requests) == 1


@pytest.fixture
def made_before() -> Any:
    """Clients as an app makes them when it is imported."""
    clients = kzt_rates.Client(timeout=3), kzt_rates.AsyncClient()
    yield clients
    for client in clients:
        assert not client._core.closed
        assert client._core.base_url == "https://nationalbank.kz"
        assert client._core.terms.clock().year > 2025
    clients[0].close()
    asyncio.run(clients[1].aclose())


def test_clients_that_were_made_before(made_before: Any, kzt_everywhere: StandInBank) -> None:
    """They ask the bank while the test lasts, and then are as before, though it closed them."""
    client, async_client = made_before
    assert client.convert(100, "USD") == TRUE["2025-12-05"]

    async def ask() -> Any:
        async with async_client:
            return await async_client.convert(100, "USD", on="2025-12-06")

    assert asyncio.run(ask()) == TRUE["2025-12-06"]
    assert client._core.timeout == 3
    assert [request.day for request in kzt_everywhere.requests] == [
        date(2025, 12, 5), date(2025, 12, 6),
    ]  # fmt: skip


@pytest.fixture
def with_settings_of_its_own() -> Any:
    """Clients that were given what the fixture would set."""
    mock = httpx.MockTransport(lambda _: httpx.Response(404))
    clients = [
        kzt_rates.Client("http://127.0.0.1:9", retries=0),
        kzt_rates.Client(transport=mock),
        kzt_rates.Client(offline=True),
    ]
    yield clients
    for client in clients:
        client.close()


def test_what_is_left_alone(with_settings_of_its_own: Any, kzt_everywhere: StandInBank) -> None:
    """A bank's address, a transport and `offline=True` that were given stay."""
    elsewhere, mocked, offline = with_settings_of_its_own
    for client in (elsewhere, mocked):
        with pytest.raises(kzt_rates.BankUnavailable):
            client.rate("USD", on="2026-11-28")
    assert offline.convert(100, "USD", on="2025-12-05") == TRUE["2025-12-05"]
    assert kzt_everywhere.requests == ()


LATE: list[kzt_rates.Client] = []


@pytest.fixture
def looks_after() -> Any:
    """Look at what a test left open, after `kzt_everywhere`."""
    yield
    (client,) = LATE
    assert client._core.base_url == "https://nationalbank.kz"
    assert client._core.terms.clock().year > 2025
    assert client.convert(1, "KZT") == 1
    LATE.clear()
    client.close()


def test_a_client_that_outlives_the_test(looks_after: None, kzt_everywhere: StandInBank) -> None:
    """A client made in the test, by a module's import, say, has its usual settings afterwards."""
    LATE.append(kzt_rates.Client())
    assert LATE[0].convert(100, "USD") == TRUE["2025-12-05"]


def test_the_command_line(
    kzt_everywhere: StandInBank, kzt_clock: SettableClock, capsys: pytest.CaptureFixture[str]
) -> None:
    """In this process and in one of its own it asks the bank, and goes with the clock."""

    def apart(*words: str) -> str:
        command = [sys.executable, "-m", "kzt_rates", *words]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    assert main(["ticker"]) == 0
    assert capsys.readouterr().out.startswith("(05.12.2025) $ 499.65")
    assert apart("ticker").startswith("(05.12.2025) $ 499.65")
    kzt_clock.advance(days=1)
    assert apart("ticker").startswith("(06.12.2025) $ 504.49")
    # the cache is one as well
    assert [request.day for request in kzt_everywhere.requests] == [
        date(2025, 12, 5), date(2025, 12, 6),
    ]  # fmt: skip


def test_a_running_program_sees_the_clock(
    kzt_everywhere: StandInBank, kzt_clock: SettableClock
) -> None:
    """A service that the test has started knows that the day is over."""
    program = "import kzt_rates\nfor _ in range(2): input(); print(kzt_rates.rate('USD').value)"
    with subprocess.Popen(
        [sys.executable, "-u", "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as service:
        assert service.stdin is not None
        assert service.stdout is not None
        seen = []
        for _ in range(2):
            service.stdin.write("\n")
            service.stdin.flush()
            seen.append(service.stdout.readline().strip())
            kzt_clock.advance(days=1)
    assert seen == ["499.65", "504.49"]


def test_threads(kzt_everywhere: StandInBank) -> None:
    """Whatever thread asks, asks the bank."""
    found: list[Any] = []
    threads = [
        threading.Thread(target=lambda: found.append(kzt_rates.convert(1, "USD"))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [str(value) for value in found] == ["499.65"] * 4
    assert len(kzt_everywhere.requests) == 1


def test_the_clock_of_tests_needs_a_bank_of_tests(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Left behind in the environment of a service it is an error, and never another today."""
    monkeypatch.setenv("KZT_RATES_TEST_CLOCK", str(tmp_path / "clock"))
    for url in (
        None,
        "https://nationalbank.kz",
        "http://127.0.0.1.example",
        "http://127.0.0.1:80@nationalbank.kz",  # a user and a password
    ):
        if url is not None:
            monkeypatch.setenv("KZT_RATES_BASE_URL", url)
        with pytest.raises(ValueError, match="unset KZT_RATES_TEST_CLOCK"):
            kzt_rates.Client()


def test_the_clock_of_tests_is_of_that_bank_alone(kzt_everywhere: StandInBank) -> None:
    """A client or a command that is given the real bank's address has the machine's clock."""
    today = date_in_kazakhstan(utc_now())
    with kzt_rates.Client("https://nationalbank.kz", False, archive=False, offline=True) as client:
        assert client.status().today in (today, date_in_kazakhstan(utc_now()))
    with kzt_rates.Client(offline=True) as client:
        assert str(client.status().today) == "2025-12-05"
