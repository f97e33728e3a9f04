"""What the bank can do wrong, over both clients: what the caller gets and what the store holds."""

import gzip
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import httpx
import pytest

import kzt_rates
from kzt_rates.testing import daily_xml

if TYPE_CHECKING:
    from conftest import Driver, World

TODAY, YESTERDAY, TOMORROW = "2025-12-10", "2025-12-09", "2025-12-11"
# whichever notices first: httpx a silent socket, or the attempt as a whole
TIMEOUTS = (TimeoutError, httpx.TimeoutException)
MEBIBYTE = 1 << 20

# fault, options, status, type of the cause
NETWORK: list[tuple[str, dict[str, Any], int | None, Any]] = [
    ("refuse", {}, None, httpx.TransportError),
    ("reset", {}, None, httpx.TransportError),
    ("truncated_transfer", {}, None, httpx.TransportError),
    ("timeout", {}, None, TIMEOUTS),
    ("stall", {}, None, TIMEOUTS),
    ("drip", {"every": 0.05}, None, TIMEOUTS),
    ("drip_headers", {"every": 0.05}, None, TIMEOUTS),
    ("status", {"status": 500}, 500, None),
    ("status", {"status": 502}, 502, None),
    ("status", {"status": 503, "retry_after": 0}, 503, None),
    ("status", {"status": 429, "retry_after": 0}, 429, None),
    ("status", {"status": 429}, 429, None),
]
on_a_bad_network = pytest.mark.parametrize(
    ("fault", "options", "status", "cause"),
    NETWORK,
    ids=[f"{fault}-{options.get('status', '')}" for fault, options, _, _ in NETWORK],
)


@contextmanager
def bounded(mebibytes: float = 16) -> Iterator[None]:
    """Fail when what is done within hangs for a minute, or takes more memory at once."""
    tracemalloc.start()
    start = time.monotonic()
    try:
        yield
        elapsed, (_, peak) = time.monotonic() - start, tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert elapsed < 60
    assert peak < mebibytes * MEBIBYTE


def _ask(client: "Driver", feed: str) -> kzt_rates.Rate:
    return client.rate("USD", on=TODAY) if feed == "daily" else client.latest()["USD"]


def _url(world: "World", feed: str) -> str:
    path = "/rss/get_rates.cfm?fdate=10.12.2025" if feed == "daily" else "/rss/rates_all.xml"
    return world.bank.url + path


@on_a_bad_network
def test_a_bad_network(
    world: "World",
    fault: str,
    options: dict[str, Any],
    status: int | None,
    cause: Any,
) -> None:
    """Retried within the budget, then `BankUnavailable` with url, status, cause; nothing stored."""
    world.client().sheet(YESTERDAY)
    before = world.dump()
    client = world.client(retries=1, timeout=0.25 if cause is TIMEOUTS else 10)
    world.bank.fail(fault, times=2, **options)
    with bounded(), pytest.raises(kzt_rates.BankUnavailable) as caught:
        client.rate("USD", on=TODAY)
    error = caught.value
    assert type(error) is kzt_rates.BankUnavailable
    assert (error.url, error.status) == (_url(world, "daily"), status)
    if cause is None:
        assert error.__cause__ is None
    else:
        assert isinstance(error.__cause__, cause)
    assert error.url in str(error)
    assert world.asked == [YESTERDAY, TODAY, TODAY]
    assert world.dump() == before
    assert world.client().rate("USD", on=TODAY).value == Decimal("514.74")


@on_a_bad_network
def test_a_bad_moment(
    world: "World",
    fault: str,
    options: dict[str, Any],
    status: int | None,
    cause: Any,
) -> None:
    """What fails once within the budget is asked again, and the answer is given."""
    world.bank.fail(fault, **options)
    client = world.client(retries=1, timeout=1 if cause is TIMEOUTS else 10)
    assert client.latest()["USD"].value == Decimal("518.39")
    assert world.asked == ["latest"] * 2
    assert world.rows("SELECT count(*) FROM figure") == [(39,)]


def test_nobody_there(world: "World") -> None:
    """A closed port is `BankUnavailable`, and the answer comes when the bank opens again."""
    client = world.client(retries=1)
    world.bank.stop()
    with pytest.raises(kzt_rates.BankUnavailable) as caught:
        client.rate("USD", on=TODAY)
    assert isinstance(caught.value.__cause__, httpx.ConnectError)
    assert world.dump() == []
    world.bank.start()
    assert client.rate("USD", on=TODAY).value == Decimal("514.74")


def test_no_such_host(world: "World") -> None:
    """A name that leads nowhere is `BankUnavailable`."""
    with pytest.raises(kzt_rates.BankUnavailable) as caught:
        world.client(base_url="http://bank.invalid").rate("USD", on=TODAY)
    assert isinstance(caught.value.__cause__, httpx.ConnectError)


@pytest.mark.parametrize("feed", ["daily", "latest"])
@pytest.mark.parametrize(
    ("fault", "options", "status"),
    [
        ("status", {"status": 404}, 404),
        ("status", {"status": 403}, 403),
        ("status", {"status": 400, "retry_after": 1}, 400),
        ("status", {"status": 204}, 204),
        ("status", {"status": 304}, 304),
        ("redirect_elsewhere", {}, 302),
        ("redirect_elsewhere", {"location": "https://nationalbank.kz.invalid/rss"}, 302),
        ("redirect_elsewhere", {"location": "//127.0.0.1:1/rss/"}, 302),
        ("redirect_elsewhere", {"location": "file:///etc/passwd"}, 302),
    ],
)
def test_not_retried(
    world: "World", feed: str, fault: str, options: dict[str, Any], status: int
) -> None:
    """A refusal, or a redirect to another origin, is `BankUnavailable` at once."""
    world.bank.fail(fault, times=None, **options)
    with bounded(), pytest.raises(kzt_rates.BankUnavailable) as caught:
        _ask(world.client(retries=3), feed)
    assert type(caught.value) is kzt_rates.BankUnavailable
    assert (caught.value.url, caught.value.status) == (_url(world, feed), status)
    assert len(world.asked) == 1
    assert world.dump() == []


def test_a_redirect_of_its_own(world: "World") -> None:
    """A redirect within the bank's origin is followed; one in circles is given up."""
    world.bank.fail("redirect_here")
    client = world.client(retries=3)
    assert client.rate("USD", on=TODAY).value == Decimal("514.74")
    world.bank.forget()
    world.bank.fail("redirect_loop", times=None)
    with pytest.raises(kzt_rates.BankUnavailable, match="circles"):
        client.rate("USD", on=YESTERDAY)
    assert len(world.asked) < 10


# fault, options, what the excerpt begins with
BYTES: list[tuple[str, dict[str, Any], str]] = [
    ("html", {}, "<!DOCTYPE html>"),
    ("empty", {}, ""),
    ("truncated_xml", {}, "<"),
    ("oversized", {}, "<"),
    ("oversized", {"size": MEBIBYTE + 1}, "<"),
    ("endless", {}, "<"),
    ("gzip_bomb", {}, ""),
    ("unknown_encoding", {}, ""),
    ("dtd", {}, "<?xml"),
    ("external_entity", {}, "<?xml"),
    ("billion_laughs", {}, "<?xml"),
    ("utf8_as_cp1251", {}, "<?xml"),
    ("cp1251_as_utf8", {}, "<?xml"),
    ("error_element", {}, "<?xml"),
]


@pytest.mark.parametrize("feed", ["daily", "latest"])
@pytest.mark.parametrize(("fault", "options", "excerpt"), BYTES)
def test_bad_bytes(
    world: "World", feed: str, fault: str, options: dict[str, Any], excerpt: str
) -> None:
    """`FeedError` with url and excerpt, asked once, in bounded time and memory; nothing stored."""
    client = world.client(retries=3)
    client.sheet(YESTERDAY)
    before = world.dump()
    world.bank.fail(fault, times=None, **options)
    if fault == "gzip_bomb":  # the bank makes it once, which is not what is measured
        with httpx.stream("GET", _url(world, feed), trust_env=False) as response:
            assert len(list(response.iter_raw())) > 1
    asked = len(world.asked)
    with bounded(), pytest.raises(kzt_rates.FeedError) as caught:
        _ask(client, feed)
    error = caught.value
    assert type(error) is kzt_rates.FeedError
    assert error.url == _url(world, feed)
    assert error.excerpt.startswith(excerpt)
    assert len(error.excerpt) <= 200
    assert "root:" not in error.excerpt
    assert len(world.asked) == asked + 1
    assert world.dump() == before


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (gzip.compress(b"<rates>" + b" " * 100), {"Content-Encoding": "gzip"}),
        (gzip.compress(b"<rates/>")[:-4], {"Content-Encoding": "gzip"}),
        (b"not gzip", {"Content-Encoding": "gzip"}),
        (b"", {"Content-Encoding": "gzip"}),
        (b"<rates>\0</rates>", {}),
        (b"\xff\xfe<\0r\0a\0", {}),
        (b"PK\x03\x04 a workbook", {}),
        (b'{"rates": []}', {}),
        (b"<rates>" * 100_000, {}),
        (b"<rates a='" + b"x" * 900_000 + b"'/>", {}),
        (b"<rates>" + b"<item/>" * 100_000 + b"</rates>", {}),
    ],
    ids=range(11),
)
def test_other_bytes(world: "World", body: bytes, headers: dict[str, str | None]) -> None:
    """Whatever comes, the answer is a sheet or `FeedError`."""
    world.bank.answer_with(body, headers=headers)
    with bounded(mebibytes=64), pytest.raises(kzt_rates.FeedError):
        world.client().rate("USD", on=TODAY)
    assert world.asked == [TODAY]
    assert world.dump() == []


def test_padding_behind_gzip(world: "World") -> None:
    """What follows the end of a gzip answer is bounded like the rest of it."""
    body = gzip.compress(daily_xml(TODAY, world.figures[TODAY])) + bytes(32 * MEBIBYTE)
    client = world.client(timeout=5)
    client.rate("USD", on=YESTERDAY)
    world.bank.answer_with(body, headers={"Content-Encoding": "gzip"})
    with bounded(mebibytes=48), pytest.raises(kzt_rates.FeedError):  # the bank holds 32
        client.rate("USD", on=TODAY)


def test_good_gzip(world: "World") -> None:
    """A sheet within gzip is read; only that encoding is offered."""
    body = gzip.compress(daily_xml(TODAY, world.figures[TODAY]))
    world.bank.answer_with(body, headers={"Content-Encoding": "gzip"})
    assert world.client().rate("USD", on=TODAY).value == Decimal("514.74")
    assert world.bank.requests[0].headers["accept-encoding"] == "gzip"


def test_the_largest_body(world: "World") -> None:
    """A sheet of a mebibyte to the byte is still read."""
    world.bank.fail("oversized", size=MEBIBYTE)
    assert world.client().rate("USD", on=TODAY).value == Decimal("514.74")


@pytest.mark.parametrize("feed", ["daily", "latest"])
def test_blinks(world: "World", feed: str) -> None:
    """Neither items nor info: asked again, then `FeedError` with url and excerpt."""
    client = world.client(retries=2)
    client.sheet(YESTERDAY)
    before = world.dump()
    world.bank.forget()
    world.bank.fail("blink", times=None)
    with pytest.raises(kzt_rates.FeedError) as caught:
        _ask(client, feed)
    assert type(caught.value) is kzt_rates.FeedError
    assert "<" in caught.value.excerpt
    assert caught.value.url.startswith(world.bank.url)
    assert len(world.asked) == 3
    assert world.dump() == before
