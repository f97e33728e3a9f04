"""What stands in for the bank's server elsewhere: mocks, recorders, caches, applications."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from datetime import timezone
from decimal import Decimal
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

import kzt_rates
from kzt_rates.loops import running
from kzt_rates.testing import SettableClock, StandInBank, archive_sheets, daily_xml

DAY, USD = "2025-12-05", Decimal("499.65")
BANK = "https://bank.invalid"


@pytest.fixture
def body() -> bytes:
    """The bank's sheet of a day."""
    (sheet,) = archive_sheets(DAY, DAY).values()
    return daily_xml(DAY, sheet)


@pytest.fixture
def head(clock: SettableClock) -> dict[str, str]:
    """What the bank sends before it."""
    return {
        "Content-Type": "text/xml",
        "Date": format_datetime(clock().astimezone(timezone.utc), usegmt=True),
    }


@pytest.fixture
def ask(clock: SettableClock) -> Callable[..., list[Decimal]]:
    """Ask for the dollar over a transport, and for it once more, by the kind of the transport."""

    def asked(transport: Any = None, base_url: str = BANK, **again: bool) -> list[Decimal]:
        settings: Any = {"base_url": base_url, "cache": False, "archive": False, "retries": 0}
        settings |= {"offline": False, "clock": clock, "transport": transport}

        async def awaited() -> list[Decimal]:
            async with kzt_rates.AsyncClient(**settings) as client:
                first = await client.rate("USD", on=DAY)
                return [first.value, (await client.rate("USD", on=DAY, **again)).value]

        if isinstance(transport, httpx.AsyncBaseTransport) and not isinstance(
            transport, httpx.BaseTransport
        ):
            return asyncio.run(awaited())
        with kzt_rates.Client(**settings) as client:
            return [client.rate("USD", on=DAY).value, client.rate("USD", on=DAY, **again).value]

    return asked


class Stream(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body of two pieces, which nobody has read."""

    def __init__(self, body: bytes) -> None:
        self._pieces = body[:1000], body[1000:]

    def __iter__(self) -> Iterator[bytes]:
        yield from self._pieces

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            yield piece


class OnlyAsync(httpx.AsyncBaseTransport):
    """The half of a mock that an async client uses."""

    def __init__(self, transport: httpx.AsyncBaseTransport) -> None:
        self._transport = transport

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self._transport.handle_async_request(request)


@pytest.mark.parametrize("kind", [lambda mock: mock, OnlyAsync], ids=["sync", "async"])
@pytest.mark.parametrize("given", ["content", "text", "gzip", "stream"])
def test_mocks_of_httpx(ask, body, head, given, kind) -> None:
    """A response that is read already, and unfolded, is as good as one that streams."""
    made: dict[str, Callable[[], httpx.Response]] = {
        "content": lambda: httpx.Response(200, headers=head, content=body),
        "text": lambda: httpx.Response(200, headers=head, text=body.decode("utf-8")),
        "gzip": lambda: httpx.Response(
            200, headers={**head, "Content-Encoding": "gzip"}, content=gzip.compress(body)
        ),
        "stream": lambda: httpx.Response(200, headers=head, stream=Stream(body)),
    }
    mock = httpx.MockTransport(lambda _: made[given]())
    assert ask(kind(mock)) == [USD, USD]


@pytest.mark.parametrize("kind", [lambda mock: mock, OnlyAsync], ids=["sync", "async"])
def test_a_mock_of_too_many_bytes(ask, head, kind) -> None:
    """The limits of an answer hold for one that somebody else has read."""
    mock = httpx.MockTransport(lambda _: httpx.Response(200, headers=head, content=b" " * 2**21))
    with pytest.raises(kzt_rates.FeedError, match="longer than"):
        ask(kind(mock))


@pytest.mark.parametrize("kind", [lambda mock: mock, OnlyAsync], ids=["sync", "async"])
def test_a_mock_that_raises(ask, kind) -> None:
    """An error of a transport's own is the bank that cannot be asked, with its words."""

    def broken(_: httpx.Request) -> httpx.Response:
        raise LookupError("no cassette is in")

    with pytest.raises(kzt_rates.BankUnavailable, match=r"cannot be asked: .*no cassette is in"):
        ask(kind(httpx.MockTransport(broken)))


def test_respx(ask, body, head) -> None:
    """respx stands in below the client."""
    respx = pytest.importorskip("respx")
    with respx.mock(base_url=BANK) as router:
        route = router.get("/rss/get_rates.cfm").respond(200, headers=head, content=body)
        assert ask() == [USD, USD]
    assert route.call_count == 1
    assert route.calls[0].request.url.params["fdate"] == "05.12.2025"


def test_pytest_httpx(ask, body, head, request: pytest.FixtureRequest) -> None:
    """pytest-httpx stands in below the client."""
    pytest.importorskip("pytest_httpx")
    httpx_mock = request.getfixturevalue("httpx_mock")
    httpx_mock.add_response(headers=head, content=body)
    assert ask() == [USD, USD]
    (question,) = httpx_mock.get_requests()
    assert question.url.path == "/rss/get_rates.cfm"


def test_vcrpy(ask, clock, tmp_path: Path) -> None:
    """vcrpy records what the bank said, and plays it when there is no bank any more."""
    vcr = pytest.importorskip("vcr")
    recorder = vcr.VCR(cassette_library_dir=str(tmp_path), record_mode="once")
    with StandInBank(archive_sheets(DAY, DAY), clock=clock) as bank:
        with recorder.use_cassette("dollar.yaml"):
            assert ask(base_url=bank.url) == [USD, USD]
        assert len(bank.requests) == 1
    with recorder.use_cassette("dollar.yaml") as cassette:
        assert ask(base_url=bank.url) == [USD, USD]
    assert cassette.play_count == 1


@pytest.mark.parametrize("loop", ["sync", "async"])
def test_hishel(ask, body, head, tmp_path: Path, loop: str) -> None:
    """A cache that keeps to HTTP's rules answers a question, and lets a refresh through."""
    hishel = pytest.importorskip("hishel")
    transports = pytest.importorskip("hishel.httpx")
    asked: list[str | None] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.headers.get("Cache-Control"))
        headers = {**head, "Cache-Control": "max-age=1000000000"}
        return httpx.Response(200, headers=headers, content=body)

    file = str(tmp_path / "http.sqlite")
    for _ in range(2):  # the second client's first question is answered by the cache
        mock = httpx.MockTransport(answer)
        transport: Any
        if loop == "sync":
            storage = hishel.SqliteStorage(database_path=file)
            transport = transports.CacheTransport(mock, storage=storage, rfc=True)
        else:
            slow = hishel.AsyncSqliteStorage(database_path=file)
            transport = transports.AsyncCacheTransport(mock, storage=slow, rfc=True)
        assert ask(transport, refresh=True) == [USD, USD]
    assert asked == [None, "no-cache", "no-cache"]


def test_an_application_of_wsgi(ask, body, head) -> None:
    """A bank may be an application of WSGI in the same process."""

    def bank(environ: dict[str, Any], start: Any) -> list[bytes]:
        found = environ["QUERY_STRING"] == "fdate=05.12.2025"
        start("200 OK" if found else "404 Not Found", list(head.items()))
        return [body]

    assert ask(httpx.WSGITransport(app=bank)) == [USD, USD]


def test_an_application_of_asgi(ask, body, head) -> None:
    """Or one of ASGI, for the async client."""

    async def bank(scope: Any, receive: Any, send: Any) -> None:
        found = scope["query_string"] == b"fdate=05.12.2025"
        headers = [(name.encode(), value.encode()) for name, value in head.items()]
        status = 200 if found else 404
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})
        del receive

    assert ask(httpx.ASGITransport(app=bank)) == [USD, USD]


class Raising(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A transport with a fault of its own, for both clients."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        raise self.error

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        raise self.error


@pytest.mark.parametrize("client", [kzt_rates.Client, kzt_rates.AsyncClient])
@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ValueError("two\nlines"), "the transport raised ValueError: two lines; correct it"),
        (RuntimeError(), "the transport raised RuntimeError; correct it"),
        (KeyError("x"), "the transport raised KeyError: 'x'; correct it"),
        (StopIteration(), "the transport raised RuntimeError: "),
        (ExceptionGroup("both", [ValueError(1)]), "the transport raised ExceptionGroup: both"),
        (PermissionError(13, "no"), "the transport raised PermissionError: [Errno 13] no; correct"),
        (httpx.ReadError("reset"), "cannot be reached: reset"),
        (httpx.ReadTimeout("slow"), "did not answer within 10 seconds"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_a_transport_that_raises(client, error, said, clock) -> None:
    """Whatever it raises comes as `BankUnavailable`, in one line, with the cause behind it."""
    settings: Any = {"base_url": BANK, "cache": False, "archive": False, "offline": False}
    settings |= {"retries": 0, "clock": clock, "transport": Raising(error)}

    async def awaited() -> None:
        async with kzt_rates.AsyncClient(**settings) as opened:
            await opened.rate("USD", on=DAY)

    def in_a_thread() -> None:
        with kzt_rates.Client(**settings) as opened:
            opened.rate("USD", on=DAY)

    with pytest.raises(kzt_rates.BankUnavailable) as caught:
        asyncio.run(awaited()) if client is kzt_rates.AsyncClient else in_a_thread()
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "SSL_CERT_FILE" not in str(caught.value)
    assert BANK in str(caught.value)
    assert caught.value.__cause__ is not None


class OfOneRun(OnlyAsync):
    """Connections as those of httpx: what is closed after their run has ended fails."""

    loop: object = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.loop = running()[0]
        return await super().handle_async_request(request)

    async def aclose(self) -> None:
        if self.loop is not running()[0]:
            raise RuntimeError("Event loop is closed")


def _run(loop: str, call: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    return asyncio.run(call()) if loop == "asyncio" else pytest.importorskip("trio").run(call)


@pytest.mark.parametrize("second", ["asyncio", "trio"])
@pytest.mark.parametrize("first", ["asyncio", "trio"])
def test_a_client_is_closed_in_a_later_run(body, head, clock, first, second) -> None:
    """A client is closed wherever it is, although its connections were of a run that is over."""
    mock = httpx.MockTransport(lambda _: httpx.Response(200, headers=head, content=body))
    client = kzt_rates.AsyncClient(
        BANK, cache=False, archive=False, offline=False, clock=clock, transport=OfOneRun(mock)
    )
    assert _run(first, lambda: client.convert(1, "USD", on=DAY)) == USD
    _run(second, client.aclose)
    with pytest.raises(RuntimeError, match="closed"):
        _run(second, lambda: client.convert(1, "USD", on=DAY))


@pytest.mark.parametrize("loop", ["asyncio", "trio"])
@pytest.mark.parametrize("asks", [True, False])
def test_a_transport_that_cannot_be_closed(body, head, clock, loop, asks) -> None:
    """What fails in the run that the connections are of is told."""
    mock = httpx.MockTransport(lambda _: httpx.Response(200, headers=head, content=body))
    transport = OfOneRun(mock)
    client = kzt_rates.AsyncClient(
        BANK, cache=False, archive=False, offline=False, clock=clock, transport=transport
    )

    async def ask_and_close() -> None:
        if asks:
            await client.convert(1, "USD", on=DAY)
        transport.loop = "another"
        await client.aclose()

    with pytest.raises(RuntimeError, match="Event loop is closed"):
        _run(loop, ask_and_close)


@pytest.mark.parametrize("client", ["sync", "async"])
def test_what_is_given_needs_no_certificates(ask, body, head, client, monkeypatch) -> None:
    """What SSL_CERT_FILE names is read only where the bank is asked over the network."""
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere.pem")
    transport = httpx.MockTransport(lambda _: httpx.Response(200, headers=head, content=body))
    assert ask(transport if client == "sync" else OnlyAsync(transport)) == [USD, USD]


def test_a_transport_of_the_wrong_kind() -> None:
    """It is refused when the client is made, and the sentence says which kind is wanted."""
    wrong: Any = "a proxy"
    with pytest.raises(TypeError, match=r"^transport is an httpx\.BaseTransport, not str$"):
        kzt_rates.Client(transport=wrong)
    wrong = httpx.HTTPTransport()
    with pytest.raises(TypeError, match=r"^transport is an httpx\.AsyncBaseTransport, not HTTPTr"):
        kzt_rates.AsyncClient(transport=wrong)
    wrong, said = httpx.MockTransport, "BaseTransport, not the class MockTransport: call it$"
    for client in (kzt_rates.Client, kzt_rates.AsyncClient):
        with pytest.raises(TypeError, match=said):
            client(transport=wrong)
