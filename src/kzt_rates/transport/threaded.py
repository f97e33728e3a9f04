"""Requests in threads: the timeout bounds a whole attempt, however slowly bytes arrive."""

import sys
from contextlib import suppress
from queue import Empty, LifoQueue, SimpleQueue
from threading import Thread

import httpx

from kzt_rates.errors import BankUnavailable, KztRatesError, shown_url
from kzt_rates.log import log
from kzt_rates.transport import (
    HEADERS,
    MAX_CONNECTIONS,
    Download,
    read_answer,
    trusted,
    unavailable,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

    from kzt_rates.plans import BankAnswer, Fetch


# A browser has none; there each read is bounded by httpx, or by whatever transport was given.
THREADS = sys.platform != "emscripten"


class Transport:
    """Asks the bank over at most four connections."""

    def __init__(
        self,
        base_url: str,
        timeout: float,
        transport: httpx.BaseTransport | None,
        login: "tuple[str, str] | None" = None,
        headers: "Mapping[str, str] | None" = None,
    ) -> None:
        self._base_url = base_url
        self._timeout = timeout
        self._given = transport
        self._login = login
        self._headers = {} if headers is None else headers
        self._closed = False
        self._trust: ssl.SSLContext | None = None
        self._idle: LifoQueue[httpx.Client | None] = LifoQueue()
        for _ in range(MAX_CONNECTIONS):
            self._idle.put(None)

    def fetch(self, question: "Fetch") -> "BankAnswer":
        """Return the bank's answer to one attempt; raise `BankUnavailable` or `FeedError`."""
        download = Download(
            self._base_url + question.path, question.max_bytes, refresh=question.refresh
        )
        download.request_headers.update(self._headers)
        client = self._idle.get()
        try:
            if self._closed:
                raise BankUnavailable("the client was closed", url=download.url)
            log("info", "GET %s", shown_url(download.url))
            client = client or self._connect(download.url)
            body = _within(self._timeout, client, download)
        except BaseException as error:
            if client is not None:
                client.close()  # an attempt that was given up may still be reading from it
            client = None
            if isinstance(error, KztRatesError) or not isinstance(error, Exception):
                raise
            own = self._given is None
            raise unavailable(download.url, error, self._timeout, own=own) from error
        finally:
            if self._closed and client is not None:
                client.close()
                client = None
            self._idle.put(client)
        return read_answer(download, body, question)

    def close(self) -> None:
        """Close the idle connections; those in use are closed with their attempt."""
        self._closed = True
        idle: list[httpx.Client | None] = []
        with suppress(Empty):
            while True:
                idle.append(self._idle.get_nowait())
        for client in idle:
            if client is not None:
                client.close()
            self._idle.put(None)  # wakes whoever waits for a connection

    def _connect(self, url: str) -> httpx.Client:
        if self._given is None and self._trust is None:
            self._trust = trusted(url)  # reading all certificates takes its time
        return httpx.Client(
            headers=HEADERS,
            auth=self._login,
            verify=self._trust or True,
            timeout=self._timeout,
            limits=httpx.Limits(max_connections=1),
            transport=None if self._given is None else _Lent(self._given),
        )


class _Lent(httpx.BaseTransport):
    """The caller's transport, which closing one of our connections must not close."""

    def __init__(self, transport: httpx.BaseTransport) -> None:
        self._transport = transport

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._transport.handle_request(request)


def _get(client: httpx.Client, download: Download) -> bytes:
    while True:
        with client.stream("GET", download.url, headers=download.request_headers) as response:
            if download.accepts(response.status_code, response.headers):
                if response.is_stream_consumed:
                    download.add_whole(response.content)
                    return download.body()
                for chunk in response.iter_raw():
                    download.add(chunk)
                return download.body()


def _within(seconds: float, client: httpx.Client, download: Download) -> bytes:
    """Return the body, or raise `TimeoutError` when the seconds are over.

    httpx bounds each read and not their sum, so a bank that sends a byte at a time would never
    end. The thread that is given up ends with its next read: its connection is closed.
    """
    if not THREADS:
        return _get(client, download)
    results: SimpleQueue[bytes | BaseException] = SimpleQueue()

    def work() -> None:
        try:
            results.put(_get(client, download))
        except BaseException as error:  # noqa: BLE001  # the thread that waits gets it
            results.put(error)

    Thread(target=work, name="kzt_rates attempt", daemon=True).start()
    try:
        result = results.get(timeout=seconds)
    except Empty:
        raise TimeoutError from None
    if isinstance(result, BaseException):
        raise result
    return result
