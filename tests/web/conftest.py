"""The service, asked in this process: no socket between, and the clock is a test's own."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import httpx
import pytest

import kzt_rates
from kzt_rates import web
from kzt_rates.testing import SettableClock, StandInBank

# True figures of 2025-12-05, at noon of which the clock stands.
TODAY, TOMORROW = "2025-12-05", "2025-12-06"


class Http:
    """Asks an app, each request to its end."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self._loop = asyncio.Runner()

    def get(self, path: str, method: str = "GET", **headers: str) -> httpx.Response:
        """Return the answer to a request; in the names of headers `_` stands for `-`."""
        return self.all_of([path], method, **headers)[0]

    def get_lines(self, path: str, *lines: tuple[str, str]) -> httpx.Response:
        """Return the answer to a request with these lines of headers, of which some may repeat."""
        return self._loop.run(self._ask([path], "GET", list(lines)))[0]

    def all_of(self, paths: list[str], method: str = "GET", **headers: str) -> list[httpx.Response]:
        """Return the answers to requests that are made at once."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._loop.run(self._ask(paths, method, sent))

    async def _ask(
        self, paths: list[str], method: str, headers: dict[str, str] | list[tuple[str, str]]
    ) -> list[httpx.Response]:
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://rates.test") as client:
            client.headers.clear()
            asked = [client.request(method, path, headers=headers) for path in paths]
            return list(await asyncio.gather(*asked))

    def close(self) -> None:
        self._loop.run(self.app.aclose())
        self._loop.close()


@contextmanager
def _running(app: Any) -> Iterator[str]:
    """Serve an app from a thread, and give its address."""
    import uvicorn

    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()  # who connects before the server has started waits for it
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", proxy_headers=False))
    thread = Thread(target=server.run, args=([listener],))
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture
def running() -> Any:
    """What serves an app over sockets of this machine, and gives its address."""
    return _running


Serve = Callable[..., Http]


@pytest.fixture
def serve(
    kzt_bank: StandInBank, kzt_clock: SettableClock, tmp_path: Any
) -> Iterator[Callable[..., Http]]:
    """What makes services over a client of the stand-in bank, by default with an empty cache."""
    opened: list[Any] = []

    def make(ask: Any = "recent", **settings: Any) -> Http:
        usual: dict[str, Any] = {
            "base_url": kzt_bank.url,
            "cache": str(tmp_path / "cache.sqlite"),
            "archive": False,
            "offline": False,
            "retries": 0,
            "clock": kzt_clock,
        }
        client = kzt_rates.Client(**{**usual, **settings})
        http = Http(web.app(client, ask=ask))
        http.app.lookup.pace = 0.0
        opened.extend((http, client))
        return http

    yield make
    for one in opened:
        one.close()


@pytest.fixture
def without_yen(serve: Serve, kzt_bank: StandInBank) -> Http:
    """A service whose whole sheet of today has a yen that is not believed."""
    http = serve()
    http.get("/api/v1/sheet/2025-12-04")
    kzt_bank.fail("scaled", codes="JPY", times=None, feed="daily")
    sheet = http.get("/api/v1/sheet/2025-12-05").json()
    assert (sheet["complete"], sheet["refused"]) == (True, ["JPY"])
    return http


@pytest.fixture
def archived() -> Iterator[Http]:
    """A service over the packaged archive alone, on the evening of its last day."""
    clock = SettableClock("2026-08-21T20:00+05:00")
    with kzt_rates.Client(cache=False, offline=True, clock=clock) as client:
        http = Http(web.app(client))
        yield http
        http.close()
