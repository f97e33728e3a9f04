"""The bank's address: what is none, and a password in it that stands nowhere."""

import asyncio
import base64
import logging
import os
import re

import httpx
import pytest

import kzt_rates
from kzt_rates.settings import bank_of, base_url_of, cache_path

SECRET = "https://ann:s3cr%40t@proxy.example:8443/nbk/"
SHOWN = "https://proxy.example:8443/nbk"


@pytest.mark.parametrize(
    "url",
    [
        "https://bank.example/?a=1", "https://bank.example?", "https://bank.example/#top",
        "https://bank.example/#", "https://bank.exam\nple", "https://bank.example/\r\nHost: evil",
        "https://bank.example/a\tb", "https://bank.example/a b", "https://bank.example\\a",
        "https://", "ftp://bank.example", "bank.example", "https://bank.example:0",
        "https://bank.example:port", "https://ann:s3cret@", "https://ann:s3c#ret@bank.example?",
        "https://ann:s3cret/x@bank.example", "https://bank.example/ann:s3cret@x",
        "https://ann:s3cret@bank.example/?q", "https://ann:s3c\nret@bank.example",
    ],
)  # fmt: skip
def test_what_is_no_base_url(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A query, a fragment, a line break and the like are a `ValueError` that tells no password."""
    monkeypatch.setenv("KZT_RATES_BASE_URL", url)
    for ask in (
        lambda: kzt_rates.Client(url),
        lambda: kzt_rates.AsyncClient(url),
        kzt_rates.Client,
    ):
        words = r"(a base URL|KZT_RATES_BASE_URL) must be an address like"
        with pytest.raises(ValueError, match=words) as caught:
            ask()
        assert "s3c" not in str(caught.value)


def test_the_address_is_told_from_the_login() -> None:
    """User and password are taken off, with their escapes resolved."""
    assert bank_of(SECRET) == (SHOWN, ("ann", "s3cr@t"))
    assert bank_of("http://ann@127.0.0.1:8000/") == ("http://127.0.0.1:8000", ("ann", ""))
    assert bank_of(SHOWN) == (SHOWN, None)
    assert base_url_of(SECRET) == SHOWN


@pytest.mark.system
def test_a_password_stands_nowhere(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is sent to the bank, and is in no repr, error, log line and file name."""
    monkeypatch.delenv("KZT_RATES_CACHE")
    sent: list[httpx.Request] = []

    def refuse(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(404, text="no such page")

    client = kzt_rates.Client(SECRET, False, False, transport=httpx.MockTransport(refuse))
    with caplog.at_level(logging.DEBUG, "kzt_rates"), client:
        with pytest.raises(kzt_rates.BankUnavailable) as caught:
            client.rate("USD")
        told = [repr(client), str(caught.value), repr(caught.value), caught.value.url]
        told += [record.getMessage() for record in caplog.records if record.name == "kzt_rates"]
    told += [repr(vars(client._core)["base_url"]), str(cache_path(base_url_of(SECRET)))]
    assert not [text for text in told if re.search(r"s3cr|\bann\b", text)]
    assert "proxy.example" in repr(client)
    assert os.path.basename(str(cache_path(base_url_of(SECRET)))).startswith("cache-proxy.example")
    basic = base64.b64encode(b"ann:s3cr@t").decode()
    assert {request.headers["authorization"] for request in sent} == {f"Basic {basic}"}
    assert not [request for request in sent if "s3cr" in str(request.url)]


@pytest.mark.system
def test_the_async_client_logs_in() -> None:
    """So does the async client."""
    sent: list[httpx.Request] = []

    def refuse(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(404)

    async def ask() -> str:
        transport = httpx.MockTransport(refuse)
        async with kzt_rates.AsyncClient(SECRET, False, False, transport=transport) as client:
            with pytest.raises(kzt_rates.BankUnavailable) as caught:
                await client.rate("USD")
            return repr(client) + str(caught.value)

    assert "s3cr" not in asyncio.run(ask())
    assert sent[0].headers["authorization"].startswith("Basic ")
