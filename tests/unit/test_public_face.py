"""What users import: the names, their homes, and that both clients are the same."""

import asyncio
import copy
import datetime as dt
import inspect
import pickle
import sys

import pytest

import kzt_rates
from kzt_rates import AsyncClient, Client
from kzt_rates.testing import SettableClock


def test_all_is_sorted_and_there():
    """Every public name exists, is listed by dir(), and is found as kzt_rates.X."""
    assert sorted(kzt_rates.__all__) == kzt_rates.__all__
    for name in kzt_rates.__all__:
        value = getattr(kzt_rates, name)
        assert name in dir(kzt_rates)
        if isinstance(value, type) and issubclass(value, Warning | Exception):
            assert value.__module__ == "kzt_rates"
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = kzt_rates.nothing


def verbs(face: object) -> dict[str, list[tuple[str, object, object]]]:
    return {
        name: [
            (parameter.name, parameter.kind, parameter.default)
            for parameter in inspect.signature(getattr(face, name)).parameters.values()
            if parameter.name != "self"
        ]
        for name in (
            *("convert", "rate", "sheet", "latest", "history", "sync", "currencies"),
            *("sheets", "watch", "status"),
        )
    }


def test_functions_and_clients_have_the_same_verbs():
    """The three faces take the same arguments with the same defaults."""
    assert verbs(kzt_rates) == verbs(Client) == verbs(AsyncClient)
    settings = [list(inspect.signature(face).parameters) for face in (Client, AsyncClient)]
    assert settings[0] == settings[1]


ERRORS = [
    kzt_rates.UnknownCurrency("m", code="USB", suggestions=("USD",)),
    kzt_rates.RateNotFound("m", code="USD", date=dt.date(2025, 1, 1), reason="none_published"),
    kzt_rates.RateNotFound("m", code="BYR", successor="BYN"),
    kzt_rates.Offline("m", code="USD", nearest=(dt.date(2025, 1, 1), None)),
    kzt_rates.BankUnavailable("m", url="http://x", status=503),
    kzt_rates.FeedError("m", url="http://x", excerpt="<html>"),
    kzt_rates.StoreError("m", path="/x"),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_errors_carry_their_facts_everywhere(error):
    """An error keeps its message and facts when it is pickled or copied, under one base."""
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(again) is type(error)
        assert (again.args, str(again)) == (("m",), str(error))
        assert vars(again) == vars(error)
    assert isinstance(error, kzt_rates.KztRatesError)


class Mine(Client):
    """A client of a user's own."""


@pytest.mark.parametrize("kind", [Client, AsyncClient, Mine])
@pytest.mark.parametrize("again", [copy.deepcopy, pickle.dumps])
def test_a_client_is_of_its_process(kind, again):
    """A client, one of a user's own class too, says that it can be neither copied nor pickled."""
    with pytest.raises(TypeError, match="make one in each process"):
        again(kind(cache=False))


def test_only_public_names_are_listed():
    """`dir` shows what is for users: the public names, and the modules found without an import."""
    assert set(dir(kzt_rates)) == {*kzt_rates.__all__, "frames", "models", "typing"}
    assert dir(kzt_rates.typing) == sorted(kzt_rates.typing.__all__)
    assert all(hasattr(kzt_rates, name) for name in dir(kzt_rates))


def test_what_is_not_found_is_a_lookup_error():
    """Unknown codes and absent rates can be caught as look-ups that failed."""
    assert issubclass(kzt_rates.UnknownCurrency, LookupError)
    assert issubclass(kzt_rates.RateNotFound, LookupError)
    assert issubclass(kzt_rates.StaleRateWarning, UserWarning)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"missing": "skip"}, ValueError),
        ({"missing": None}, ValueError),
        ({"on": "5.12.2025"}, ValueError),
        ({"on": 20251205}, TypeError),
        ({"base": 840}, TypeError),
        ({"base": ["USD"]}, TypeError),
        ({"quote": None}, TypeError),
        ({"places": -1}, ValueError),
        ({"amount": True}, TypeError),
        ({"amount": "1e3"}, ValueError),
        ({"base": "USB"}, kzt_rates.UnknownCurrency),
        ({"base": "USB", "quote": "USB"}, kzt_rates.UnknownCurrency),
    ],
)
@pytest.mark.parametrize("warm", [False, True])
def test_misuse_is_told_warm_or_cold(arguments, error, warm):
    """Wrong arguments raise the same error whether the rate is in the memo or not."""
    good = {"amount": 1, "base": "USD", "quote": "EUR", "on": dt.date(2025, 12, 5)}
    with Client(offline=True, cache=False) as client:
        if warm:
            client.convert(**good)
        with pytest.raises(error):
            client.convert(**{**good, **arguments})


def in_a_list(argument):
    """Return arguments of `convert` with one in a list, and what is said of it."""
    good = {"amount": 1, "base": "USD", "quote": "EUR", "on": "2025-12-05"}
    said = "^a date is a .* not list$" if argument == "on" else "^a currency code is .* not list$"
    return {**good, argument: [good[argument]]}, said


@pytest.mark.parametrize("argument", ["base", "quote", "on"])
def test_a_list_in_place_of_a_value(argument):
    """Many codes or dates are refused in our words, although nothing of them can be looked up."""
    given, said = in_a_list(argument)
    with Client(offline=True, cache=False) as client, pytest.raises(TypeError, match=said):
        client.convert(**given)


@pytest.mark.system
@pytest.mark.parametrize("argument", ["base", "quote", "on"])
def test_a_list_in_place_of_a_value_in_a_task(argument):
    """So they are by the asynchronous client."""
    given, said = in_a_list(argument)

    async def ask():
        async with AsyncClient(offline=True, cache=False) as client:
            await client.convert(**given)

    with pytest.raises(TypeError, match=said):
        asyncio.run(ask())


@pytest.mark.parametrize(
    "settings",
    [
        {"base_url": "nationalbank.kz"},
        {"base_url": "ftp://nationalbank.kz"},
        {"base_url": "https://"},
        {"timeout": 0},
        {"timeout": -1},
        {"timeout": True},
        {"timeout": float("nan")},
        {"retries": -1},
        {"retries": 1.5},
        {"clock": 5},
        {"cache": 5},
        {"cache": True},
        {"archive": 5},
    ],
)
def test_settings_that_cannot_be_are_told_at_once(settings):
    """A client is not made with settings that would fail later."""
    for client in (Client, AsyncClient):
        with pytest.raises((ValueError, TypeError)):
            client(**settings)


def test_a_closed_client_says_so():
    """After close() no verb answers, not even from the memo."""
    client = Client(offline=True, cache=False)
    day = dt.date(2025, 12, 5)
    client.convert(1, "USD", on=day)
    client.close()
    with pytest.raises(RuntimeError, match="closed"):
        client.convert(1, "USD", on=day)
    client.close()


def test_the_shared_client_is_made_again_after_close(monkeypatch):
    """`kzt_rates.close()` drops the shared client and with it its settings."""
    monkeypatch.setenv("KZT_RATES_OFFLINE", "1")
    kzt_rates.close()
    with pytest.raises(kzt_rates.Offline):
        kzt_rates.convert(1, "EUR", on="2020-05-05")
    monkeypatch.setenv("KZT_RATES_ARCHIVE", "off")
    assert kzt_rates.convert(1, "USD", on="2025-12-05") > 0
    kzt_rates.close()
    with pytest.raises(kzt_rates.Offline):
        kzt_rates.convert(1, "USD", on="2025-12-05")
    kzt_rates.close()


def test_arguments_beat_the_environment(monkeypatch, tmp_path):
    """An argument is taken before the environment, the environment before the default."""
    monkeypatch.setenv("KZT_RATES_OFFLINE", "1")
    monkeypatch.setenv("KZT_RATES_BASE_URL", "http://127.0.0.1:9/")
    monkeypatch.setenv("KZT_RATES_CACHE", str(tmp_path / "env.sqlite"))
    with Client() as client:
        assert repr(client) == "<kzt_rates.Client of http://127.0.0.1:9>"
        with pytest.raises(kzt_rates.Offline):
            client.latest()
    client = Client("http://127.0.0.1:10", offline=False, retries=0)
    with client, pytest.raises(kzt_rates.BankUnavailable, match=r"127\.0\.0\.1:10"):
        client.latest()
    monkeypatch.setenv("KZT_RATES_OFFLINE", "perhaps")
    with pytest.raises(ValueError, match="KZT_RATES_OFFLINE"):
        Client()


@pytest.mark.system
def test_the_default_cache_is_the_one_platformdirs_names(monkeypatch, tmp_path):
    """The short cut on Linux names the very folder that platformdirs does."""
    import platformdirs

    from kzt_rates.settings import cache_path

    monkeypatch.delenv("KZT_RATES_CACHE", raising=False)
    for home in ("", str(tmp_path), f"{tmp_path}/", "here"):
        monkeypatch.setenv("XDG_CACHE_HOME", home)
        folder = platformdirs.user_cache_dir("kzt_rates", appauthor=False)
        assert cache_path() == f"{folder}/cache.sqlite"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere platformdirs is asked")
@pytest.mark.parametrize("home", ["", "/home/somebody/.cache"])
def test_platformdirs_is_not_waited_for(monkeypatch, home):
    """On Linux the folder is found without the time that importing platformdirs takes."""
    from kzt_rates.settings import cache_path

    monkeypatch.delenv("KZT_RATES_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", home)
    monkeypatch.setitem(sys.modules, "platformdirs", None)
    path = cache_path()
    assert path is not None
    assert path.endswith("/kzt_rates/cache.sqlite")


def test_the_cache_can_be_switched_off(monkeypatch):
    """Of a cache that is off there is no path."""
    from kzt_rates.settings import cache_path

    monkeypatch.setenv("KZT_RATES_CACHE", "off")
    assert cache_path() is None


@pytest.mark.parametrize("timeout", ["5", None, [5], b"5"])
def test_a_timeout_is_a_number(timeout):
    """Text is no number of seconds, and the message shows one."""
    for face in (Client, AsyncClient):
        with pytest.raises(TypeError, match="timeout is a number of seconds such as 5, not "):
            face(timeout=timeout)


@pytest.mark.parametrize("timeout", [0, -1, 3601, True, float("nan")])
def test_a_timeout_has_bounds(timeout):
    """A number that no wait can have is named with the bounds."""
    with pytest.raises(ValueError, match="timeout is from above 0 to 3600 seconds, not "):
        Client(timeout=timeout)


@pytest.mark.system
def test_a_client_of_the_other_kind():
    """`async with Client()` and `with AsyncClient()` name the client that is meant."""

    async def mistaken():
        async with Client():
            pass

    with pytest.raises(TypeError, match=r"use `with Client\(\)`, or `async with AsyncClient\(\)`"):
        asyncio.run(mistaken())
    with pytest.raises(TypeError, match=r"use `async with AsyncClient\(\)`"), AsyncClient():
        pass


def test_a_start_in_the_future():
    """A range without an end that has not begun says which day it is in Kazakhstan."""
    clock = SettableClock("2025-12-05T00:30+05:00")  # still the 4th in London
    message = "^start 2025-12-06 is in the future: today in Kazakhstan is 2025-12-05$"
    with Client(offline=True, clock=clock) as client:
        with pytest.raises(ValueError, match=message):
            client.history("USD", start="2025-12-06")
        with pytest.raises(ValueError, match=message):
            client.sync("2025-12-06", "2025-12-31")
