"""A real browser, the service under a clock of its own, and a page of somebody else."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

import kzt_rates
from kzt_rates import web
from kzt_rates.testing import SettableClock

CHROMIUM = Path("/usr/bin/chromium")
EVENING = "2026-08-21T20:00+05:00"  # of the last day of the archive


class Live:
    """The service at an address of this machine, from the packaged archive."""

    def __init__(self) -> None:
        import uvicorn

        self.client = kzt_rates.Client(cache=False, offline=True, clock=SettableClock(EVENING))
        self.service = web.app(self.client)
        config = uvicorn.Config(self.service, port=0, log_level="error", ws="none")
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()
        while not self.server.started:
            self.thread.join(0.01)
        port = self.server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"

    def stop(self) -> None:
        self.server.should_exit = self.server.force_exit = True
        self.thread.join()
        self.client.close()


class Host:
    """A site of somebody else: pages by path, with headers of its own."""

    def __init__(self) -> None:
        self.pages: dict[str, tuple[bytes, str, dict[str, str]]] = {}
        pages = self.pages
        pages["/favicon.ico"] = (b"-", "image/x-icon", {})

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                content, media_type, headers = pages.get(
                    self.path.partition("?")[0], (b"", "text/plain", {})
                )
                self.send_response(200 if content else 404)
                self.send_header("content-type", media_type)
                self.send_header("content-length", str(len(content)))
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def put(self, body: str, path: str = "/", **headers: str) -> str:
        """Put up a page; return its address."""
        content = (
            f'<!doctype html><html lang="ru"><meta charset="utf-8"><title>Новости</title>{body}'
        )
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        self.pages[path] = (content.encode(), "text/html; charset=utf-8", sent)
        return self.url + path

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture(scope="module")  # while it runs it holds the event loop of this thread
def chromium() -> Iterator[Any]:
    """Debian's browser; tests are skipped where it or what drives it is absent."""
    if not CHROMIUM.exists():
        pytest.skip("chromium is not installed: apt-get install chromium")
    sync_api = pytest.importorskip("playwright.sync_api", reason="pip install playwright")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def shared() -> Iterator[Live]:
    live = Live()
    yield live
    live.stop()


@pytest.fixture
def live() -> Iterator[Live]:
    """A service that a test may end."""
    live = Live()
    yield live
    live.stop()


@pytest.fixture
def host() -> Iterator[Host]:
    host = Host()
    yield host
    host.stop()


@pytest.fixture
def opened(chromium: Any) -> Iterator[Callable[..., Any]]:
    """What opens a page on the evening of the archive's last day, and notes what goes wrong."""
    contexts: list[Any] = []

    def open_page(address: str, *, now: str = EVENING, wait: str = "load", **settings: Any) -> Any:
        usual = {"viewport": {"width": 1280, "height": 800}}
        context = chromium.new_context(**{**usual, **settings})
        context.set_default_timeout(60_000)
        contexts.append(context)
        page = context.new_page()
        page.problems = []
        page.on("pageerror", lambda error: page.problems.append(str(error)))
        page.on(
            "console",
            lambda said: page.problems.append(said.text) if said.type == "error" else None,
        )
        if settings.get("java_script_enabled", True):
            page.clock.set_fixed_time(now)
        page.goto(address, wait_until=wait)
        return page

    yield open_page
    for context in contexts:
        context.close()
