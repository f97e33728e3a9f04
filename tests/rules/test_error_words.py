"""An error says what was wanted, why it is not there, what is known near it, and what was asked."""

import datetime as dt
from typing import TYPE_CHECKING, Any

import httpx
import pytest

import kzt_rates
from kzt_rates.errors import shown_url

if TYPE_CHECKING:
    from conftest import World

TODAY, FIRST_DAY = "2025-12-10", "2025-12-04"
pytestmark = pytest.mark.parametrize("kind", ["sync"])


def error_of(call: Any) -> kzt_rates.KztRatesError:
    with pytest.raises(kzt_rates.KztRatesError) as raised:
        call()
    return raised.value


def test_a_bank_that_is_down(world: "World") -> None:
    """The rate and its date come first, then the bank's trouble, the known dates, the address."""
    client = world.client(retries=0)
    client.rate("USD", on="2025-12-09")
    world.bank.fail("status", times=None, status=503)
    error = error_of(lambda: client.rate("USD", on=TODAY))
    assert str(error) == (
        "the rate of USD for 2025-12-10 cannot be had: the bank answered with status 503; the "
        f"nearest known: 2025-12-09; asked: {world.bank.url}/rss/get_rates.cfm?fdate=10.12.2025"
    )
    assert isinstance(error, kzt_rates.BankUnavailable)
    assert (error.status, error.code, error.date) == (503, "USD", dt.date(2025, 12, 10))
    assert error.nearest == (dt.date(2025, 12, 9), None)
    assert str(error_of(lambda: client.sheet(TODAY))).startswith(
        "the sheet for 2025-12-10 cannot be had: the bank answered with status 503; "
    )
    assert str(error_of(client.latest)).startswith(
        "the latest sheet cannot be had: the bank answered with status 503"
    )


def test_a_range_that_cannot_be_had(world: "World") -> None:
    """The codes and the range come first; days known within it are named; no forty ids."""
    client = world.client(retries=0)
    client.rate("USD", on="2025-12-09")
    world.bank.fail("status", times=None, status=503)
    said = str(error_of(lambda: client.history("USD", "EUR", start="2025-11-01", end=TODAY)))
    assert said.startswith(
        "the rates of USD and EUR from 2025-11-01 to 2025-12-10 cannot be had: the bank answered "
        "with status 503; known there: 2025-12-09; asked: "
    )
    assert said.endswith("?beginDate=22.10.2025&endDate=02.12.2025…")
    said = str(error_of(lambda: client.sync("2025-11-01")))
    assert said.startswith("the rates of 41 currencies from 2025-11-01 to 2025-12-10 cannot be had")
    assert "rates[]" not in said


def test_an_answer_that_is_no_answer(world: "World") -> None:
    """What is wrong with the bank's answer follows what was wanted of it."""
    world.bank.fail("html", times=None)
    error = error_of(lambda: world.client().rate("USD", on=TODAY))
    assert isinstance(error, kzt_rates.FeedError)
    assert str(error).startswith(
        "the rate of USD for 2025-12-10 cannot be had: the bank's answer is"
    )
    assert str(error).endswith(f"asked: {error.url}")
    assert error.excerpt


def test_looking_back_names_the_day_that_was_asked_for(world: "World") -> None:
    """A day that cannot be stepped over is named, and so is the day that was wanted."""
    world.bank.withdraw(TODAY)
    client = world.client(retries=0)
    with pytest.raises(kzt_rates.RateNotFound):
        client.rate("USD", on=TODAY)
    world.bank.fail("status", times=None, status=500)
    said = str(error_of(lambda: client.rate("USD", on=TODAY, missing="previous")))
    assert said.startswith(
        "for 2025-12-10, looking back: the rate of USD for 2025-12-09 cannot be had: the bank "
        "answered with status 500; whether the bank set one for 2025-12-09 is not known here, so "
        "no earlier day can answer; asked: "
    )


def test_why_an_earlier_day_does_not_answer_offline(world: "World") -> None:
    """Offline, a known day before is not taken where the day itself is unknown; that is said."""
    world.client().rate("USD", on="2025-12-09")
    offline = world.client(offline=True)
    error = error_of(lambda: offline.rate("USD", on=TODAY, missing="previous"))
    assert str(error) == (
        "the rate of USD for 2025-12-10 would need the bank, and offline is on; the nearest known: "
        "2025-12-09; whether the bank set one for 2025-12-10 is not known here, so no earlier day "
        "can answer"
    )


def test_offline_ranges(world: "World") -> None:
    """The nearest days are outside of what is not known; what is known within is told as such."""
    client = world.client()
    for day in ("2025-12-05", "2025-12-08"):
        client.rate("USD", on=day)
    offline = world.client(offline=True)
    error = error_of(lambda: offline.history("USD", start="2025-12-06", end="2025-12-10"))
    assert isinstance(error, kzt_rates.Offline)
    assert str(error) == (
        "some rates of USD between 2025-12-06 and 2025-12-10 would need the bank, and offline is "
        "on; known there: 2025-12-08"
    )
    assert error.nearest == (dt.date(2025, 12, 5), None)
    said = str(error_of(lambda: offline.history("USD", start="2025-12-06", end="2025-12-07")))
    assert said.endswith("offline is on; the nearest known: 2025-12-05 and 2025-12-08")
    error = error_of(lambda: offline.sync("2025-12-06"))
    assert str(error) == "sync needs the bank for 2025-12-06 to 2025-12-10, and offline is on"


def test_before_the_tenge_sync_says_what_history_says(world: "World") -> None:
    """A range in which no unit existed is the same error for both."""
    client = world.client()
    for call in (
        lambda: client.sync("1980-01-01", "1981-01-01"),
        lambda: client.sync("1980-01-01", "1981-01-01", currencies=["USD"]),
        lambda: client.history("USD", start="1980-01-01", end="1981-01-01"),
    ):
        error = error_of(call)
        assert isinstance(error, kzt_rates.RateNotFound)
        assert error.reason == "no_such_unit"
        assert "1980-01-01 to 1981-01-01: there was no tenge before 1993-11-15" in str(error)
    assert world.asked == []


def test_the_proxy_is_named(world: "World", monkeypatch: pytest.MonkeyPatch) -> None:
    """A bank that cannot be reached through a proxy: which one, without its password."""
    for name in ("NO_PROXY", "no_proxy", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTP_PROXY", "http://me:secret@127.0.0.1:9")
    client = world.client(base_url="http://127.0.0.1:10", retries=0)
    said = str(error_of(lambda: client.rate("USD", on=TODAY)))
    assert "cannot be reached through the proxy 'http://127.0.0.1:9' of HTTP_PROXY: " in said
    assert "secret" not in said
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    client = world.client(base_url="http://127.0.0.1:10", retries=0)
    assert "proxy" not in str(error_of(lambda: client.rate("USD", on=TODAY)))


@pytest.mark.parametrize("is_there", [False, True])
def test_the_file_of_authorities_is_named(
    world: "World", monkeypatch: pytest.MonkeyPatch, tmp_path: Any, *, is_there: bool
) -> None:
    """One that is not there, or that has no certificates, is named, and asked once."""
    path = tmp_path / "authorities.pem"
    if is_there:
        path.write_text("nothing", encoding="utf-8")
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    problem = "has no certificates that can be read: " if is_there else "is not there"
    said = str(error_of(lambda: world.client().rate("USD", on=TODAY)))
    assert f"the file {str(path)!r}, which SSL_CERT_FILE names, {problem}" in said
    assert "attempts" not in said


def test_a_redirect_shows_no_password(world: "World") -> None:
    """An address that the bank leads to is shown without the password in it."""

    def lead_away(_: httpx.Request) -> httpx.Response:
        return httpx.Response(302, headers={"Location": "https://me:secret@elsewhere.example/a"})

    client = world.client(transport=httpx.MockTransport(lead_away), retries=0)
    said = str(error_of(lambda: client.rate("USD", on=TODAY)))
    assert "redirects to another origin, 'https://elsewhere.example/a'" in said
    assert "secret" not in said


def test_addresses_are_shown_short(world: "World") -> None:  # of one kind alone
    """No password, no ids of an export's form, and no more than fits a line or two."""
    assert shown_url("http://u:p@bank.example/a?b=1&rates[]=5&rates[]=6") == (
        "http://bank.example/a?b=1…"
    )
    assert shown_url("http://bank.example/a@b") == "http://bank.example/a@b"
    assert len(shown_url("http://bank.example/" + "a" * 500)) == 181
