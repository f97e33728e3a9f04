"""`kzt-rates serve` and mounted apps: real processes and sockets."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import uvicorn
from uvicorn.server import ServerState

import kzt_rates
from kzt_rates import web
from kzt_rates.cli import main
from kzt_rates.plans import load_bounds
from kzt_rates.store.lock import RefreshLock, read_note
from kzt_rates.testing import SettableClock, StandInBank, archive_sheets
from kzt_rates.web import lookup, server

if TYPE_CHECKING:
    from serving import Serving

pytestmark = pytest.mark.system


@pytest.fixture
def serving() -> type["Serving"]:
    """Starts servers over the packaged archive, offline unless told otherwise."""
    import importlib.util

    spec = importlib.util.spec_from_file_location("serving", Path(__file__).parent / "serving.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: type[Serving] = module.Serving
    return found


def test_serve(serving: Any) -> None:
    """It answers from the archive without a network, and ends when it is told to."""
    with serving("--offline") as server:
        answer = server.get("/v2/rate/USD/KZT?date=2026-08-21")
        assert answer.json()["rate"] == 458.23
        assert "server" not in answer.headers
        assert server.get("/health/ready").json()["store"] == "ok"
        assert server.get("/metrics").status_code == 200
        for name in ("x-forwarded-for", "forwarded", "x-real-ip", "via"):
            assert server.get("/metrics", headers={name: "for=1.2.3.4"}).status_code == 404
        latest = server.get("/v1/latest")
        assert latest.status_code == 503
        assert "2026-08-21" in latest.json()["message"]
        assert server.stop() == 0


@pytest.mark.parametrize(
    ("head", "more"),
    [
        (b"GET /health/live HTTP/1.1\r\nHost: a\r\n", b"X-A: b\r\n" * 1000),
        (b"GET /health/live HTTP/1.1\r\nHost: a\r\nX-A: ", b"b" * 10_000),
        (b"GET /", b"a" * 10_000),
        (b"", b"\r\n" * 5000),
        (
            b"GET /health/live HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
            b"X-A: b\r\n" * 1000,
        ),
    ],
)
def test_request_without_end(serving: Any, head: bytes, more: bytes) -> None:
    """Who sends a request that has no end is cut off, before all memory holds it."""
    sent = 0
    with serving("--offline") as running:
        running.get("/health/live")
        connection = socket.create_connection(("127.0.0.1", running.port), 30)
        with connection, suppress(ConnectionError):
            connection.sendall(head)
            while sent < 64 * server.MAX_REQUEST_BYTES:
                connection.sendall(more)
                sent += len(more)
        assert sent < 64 * server.MAX_REQUEST_BYTES
        assert running.get("/health/live").status_code == 200


def test_long_bodies_and_many_requests(serving: Any) -> None:
    """A connection is not cut off for what several requests have together, nor for a body."""
    with (
        serving("--offline") as running,
        httpx.Client(base_url=running.url, trust_env=False, timeout=30) as http,
    ):
        running.get("/health/live")
        for _ in range(50):
            assert http.get("/health/live", headers={"x-a": "b" * 8000}).status_code == 200
        assert http.post("/v2/rates", content=b"b" * 1_000_000).status_code == 405


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_killed_worker_is_replaced(serving: Any) -> None:
    """A worker that is killed is replaced, and the others go on."""
    with serving("--offline", "--workers", "2") as server:
        server.get("/health/live")
        first = server.workers()
        assert len(first) == 2
        os.kill(first[0], signal.SIGKILL)
        while first[0] in server.workers() or len(server.workers()) < 2:
            assert server.get("/health/live").status_code == 200
        assert first[1] in server.workers()
        assert server.stop() == 0
        assert server.workers() == []


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("workers", ["1", "2"])
def test_nobody_outlives_the_main_process(serving: Any, tmp_path: Path, workers: str) -> None:
    """Where the main process is killed, its workers and who follows the bank end by themselves."""
    options = ("--workers", workers, "--keep-fresh", "--ask", "none")
    settings = {
        "KZT_RATES_BASE_URL": "http://127.0.0.1:9",
        "KZT_RATES_CACHE": str(tmp_path / "cache.sqlite"),
    }
    with serving(*options, **settings) as server:
        server.get("/health/live")
        wait_for("its processes", lambda: len(server.children()) >= 1 + 2 * (workers == "2"))
        others = server.children()
        server.stop(signal.SIGKILL)
        wait_for("the end of all", lambda: not any(map(server.runs, others)))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--port", "70000"), "--port is 0 to 65535, not 70000"),
        (("--workers", "0"), "--workers is 1 to 64, not 0"),
        (("--ask", "all"), "--ask is"),
        (("--metrics-from", "everybody"), "--metrics-from is a network"),
        (("--host", "no-such-host.invalid"), "cannot listen on no-such-host.invalid:8000"),
    ],
)
def test_wrong_usage(options: tuple[str, ...], said: str) -> None:
    """What cannot be is said in one line."""
    words = (sys.executable, "-m", "kzt_rates", "serve", *options)
    ended = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 2
    assert said in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


@pytest.mark.parametrize("library", ["uvicorn", "httptools", "starlette"])
def test_without_a_library(library: str, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    """Where a part of the extra is missing, the line to type is said, and nothing is served."""
    monkeypatch.setitem(sys.modules, library, None)
    monkeypatch.setattr(server, "listen", None)
    assert main(["serve", "--offline"]) == 1
    said = capsys.readouterr().err
    assert f"this needs {library}, which is not installed: pip install 'httptools" in said


def test_pipelined_requests_are_not_cut_off() -> None:
    """Many whole requests that come at once, and the beginning of one, are not one without end."""
    closed: list[str] = []
    transport = SimpleNamespace(
        get_extra_info=lambda _: None,
        is_closing=lambda: bool(closed),
        close=lambda: closed.append("closed"),
        write=lambda _: None,
        pause_reading=lambda: None,
        resume_reading=lambda: None,
    )

    async def app(_scope: Any, receive: Any, _send: Any) -> None:
        await receive()

    async def receive_all() -> None:
        config = uvicorn.Config(app, log_level="critical", ws="none")
        connection: Any = server._Connection(config, ServerState(), {})
        connection.connection_made(transport)
        request = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
        count = server.MAX_HEAD_BYTES // len(request) + 1
        connection.data_received(request * count + b"GET / HTTP/1.1\r\n")
        assert not closed
        connection.data_received(b"X-A: b\r\n" * (server.MAX_HEAD_BYTES // 8 + 1))
        assert closed
        connection.connection_lost(None)
        await asyncio.gather(*connection.tasks)

    asyncio.run(receive_all())


def test_told_to_end_before_it_has_begun() -> None:
    """A signal that comes while the server is being made ends it as one that comes later."""
    code = """
import signal, uvicorn
from kzt_rates.web import server

run = uvicorn.Server.run

def run_late(self, **options):
    signal.raise_signal(signal.SIGTERM)
    run(self, **options)

uvicorn.Server.run = run_late
server.work(server.Settings(None, True, "none"), server.listen("127.0.0.1", 0))
print("ended")
"""
    words = (sys.executable, "-c", code)
    ended = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    assert (ended.returncode, ended.stdout) == (0, "ended\n"), ended.stderr


@pytest.mark.parametrize("workers", [1, 3])
def test_workers_ask_as_often_as_one(workers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each worker pauses as many seconds between questions as there are workers."""
    service = server._make_service(server.Settings(None, True, "recent", workers))
    waits: list[float] = []

    async def note(seconds: float) -> None:
        waits.append(seconds)

    async def ask() -> None:
        for _ in range(3):
            await service.lookup._put(lambda _: load_bounds())
        await service.aclose()

    means = SimpleNamespace(sleep=note, get_running_loop=asyncio.get_running_loop)
    monkeypatch.setattr(lookup, "asyncio", means)
    monkeypatch.setattr(lookup, "monotonic", lambda: 7.0)
    asyncio.run(ask())
    assert waits == [0, workers, 2 * workers]


def test_port_is_taken(serving: Any) -> None:
    """A port that another program has is named, with what to do."""
    with serving("--offline") as server:
        words = (sys.executable, "-m", "kzt_rates", "serve", "--port", f"{server.port}")
        ended = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    assert f"cannot listen on 127.0.0.1:{server.port}: address already in use" in ended.stderr
    assert ended.returncode == 2


def wait_for(what: str, holds: Callable[[], bool]) -> None:
    """Wait for other processes, on a machine that may be busy."""
    until = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < until, f"in vain: {what}"
        time.sleep(0.05)


def test_keep_fresh(
    serving: Any, kzt_bank: StandInBank, kzt_clock: SettableClock, tmp_path: Path
) -> None:
    """The bank is followed once for all workers, on a schedule, and after it has failed."""

    def looks() -> int:
        return sum(request.feed == "latest" for request in kzt_bank.requests)

    def wait_for_look(which: str = "last_success") -> None:
        now = kzt_clock().isoformat()  # what is noted last, when the next look is fixed
        wait_for("a look", lambda: read_note(cache).get("latest", {}).get(which) == now)

    def status_of(path: str) -> int:
        return int(server.get(path).status_code)

    clock, cache = tmp_path / "clock", str(tmp_path / "cache.sqlite")
    kzt_clock.show_in(clock)
    kzt_clock.set("2025-12-05T15:50+05:00")
    kzt_bank.withdraw("2025-12-06")
    settings = {
        "KZT_RATES_ARCHIVE": "off",
        "KZT_RATES_BASE_URL": kzt_bank.url,
        "KZT_RATES_CACHE": cache,
        "KZT_RATES_TEST_CLOCK": str(clock),
    }
    options = ("--ask", "none", "--keep-fresh", "--workers", "2")
    with serving(*options, **settings) as server:
        wait_for_look()
        assert server.get("/api/v1/today").json()["date"] == "2025-12-05"
        assert status_of("/api/v1/tomorrow") == 503
        assert looks() == 1

        # ten minutes after the first look
        kzt_bank.publish(
            "2025-12-06", archive_sheets("2025-12-06", "2025-12-06")[date(2025, 12, 6)]
        )
        kzt_clock.set("2025-12-05T16:00+05:00")
        wait_for_look()
        assert server.get("/api/v1/tomorrow").json()["provisional"] is True
        assert looks() == 2

        # a failure, which is not tried again at once; a minute later the bank is well
        kzt_bank.fail("status", status=404, times=1)
        kzt_clock.set("2025-12-05T16:10+05:00")
        wait_for_look("last_error_at")
        assert looks() == 3
        kzt_clock.set("2025-12-05T16:11+05:00")
        wait_for_look()
        assert looks() == 4

        # after midnight the draft has become final, and no visitor has made anybody ask
        kzt_clock.set("2025-12-06T00:06+05:00")
        wait_for_look()
        wait_for("a final sheet", lambda: not server.get("/api/v1/today").json()["provisional"])
        assert server.get("/api/v1/today").json()["date"] == "2025-12-06"
        assert looks() == 5
        assert server.stop() == 0
    lock = RefreshLock(cache)
    assert lock.acquire(wait=False)  # whoever followed the bank has ended as well
    lock.release()


def test_keep_fresh_of_two_servers(
    serving: Any, kzt_bank: StandInBank, kzt_clock: SettableClock, tmp_path: Path
) -> None:
    """Of two servers on one cache one follows the bank, and the other does once it has ended."""
    clock = tmp_path / "clock"
    kzt_clock.show_in(clock)
    settings = {
        "KZT_RATES_ARCHIVE": "off",
        "KZT_RATES_BASE_URL": kzt_bank.url,
        "KZT_RATES_CACHE": str(tmp_path / "cache.sqlite"),
        "KZT_RATES_TEST_CLOCK": str(clock),
    }
    options = ("--ask", "none", "--keep-fresh")
    with serving(*options, **settings) as one, serving(*options, **settings) as other:
        for server in (one, other):
            wait_for("a sheet", lambda s=server: s.get("/api/v1/tomorrow").status_code == 200)
        looks = len(kzt_bank.requests)
        assert looks == len({(request.feed, request.day) for request in kzt_bank.requests})
        assert one.stop() == 0
        kzt_clock.advance(hours=1, minutes=30)
        wait_for("the other's look", lambda: len(kzt_bank.requests) > looks)
        assert other.stop() == 0


@pytest.mark.parametrize("root", ["", "/rates"])
def test_mounted_in_fastapi(root: str) -> None:
    """It is mounted in another app, below a path of its own, and the type of errors leads there."""
    from fastapi import FastAPI

    with kzt_rates.Client(cache=False, offline=True) as client:
        host = FastAPI()

        @host.get("/own")
        def own() -> dict[str, int]:
            return {"answer": 42}

        host.mount(root, web.app(client))

        async def ask() -> list[httpx.Response]:
            transport = httpx.ASGITransport(host)
            async with httpx.AsyncClient(transport=transport, base_url="http://host.test") as http:
                paths = (
                    "/own",
                    f"{root}/v2/rate/USD/KZT?date=2026-08-21",
                    f"{root}/v2/rates.csv?date=2026-08-21&base=USD&quotes=KZT",
                    f"{root}/api/v1/sheet/x",
                    f"{root}/v1/nothing",
                    f"{root}/v2/openapi.json",
                )
                return [await http.get(path) for path in (*paths, *paths)]

        answers = asyncio.run(ask())
        assert [answer.status_code for answer in answers] == 2 * [200, 200, 200, 422, 404, 200]
        assert answers[0].json() == {"answer": 42}
        assert answers[1].json()["rate"] == 458.23
        assert answers[3].json()["type"] == f"{root}/api/v1/errors#invalid_request"
        assert answers[4].json() == {"message": "not found"}


@pytest.mark.parametrize("kind", [kzt_rates.Client, kzt_rates.AsyncClient])
@pytest.mark.parametrize("root", ["/rates", "/a/b"])
@pytest.mark.filterwarnings("error")
def test_mounted_in_litestar(
    root: str, kind: type[kzt_rates.Client | kzt_rates.AsyncClient]
) -> None:
    """Litestar ends each path with a slash; the routes are found all the same."""
    app = web.app(kind(cache=False, offline=True))

    async def ask(path: str, query: bytes) -> tuple[int, bytes]:
        scope: dict[str, Any] = {
            "type": "http",
            "method": "GET",
            "http_version": "1.1",
            "path": f"{path}/" if path != "/" else path,
            "raw_path": f"{root}{path}?".encode() + query,
            "root_path": "",
            "query_string": query,
            "headers": [],
            "client": ("127.0.0.1", 1),
            "litestar_app": object(),
        }
        before = dict(scope)
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        async def receive() -> Any:
            await asyncio.Event().wait()

        await app(scope, receive, send)
        assert scope == before  # it is the host's, which warns of a change
        return sent[0]["status"], sent[1]["body"]

    async def main() -> None:
        for _ in range(2):
            status, body = await ask("/v2/rate/USD/KZT", b"date=2026-08-21")
            assert (status, json.loads(body)["rate"]) == (200, 458.23)
            for path in ("/", "/openapi.json", "/api/v1/sheet/2026-08-21.csv", "/health/ready"):
                assert (await ask(path, b""))[0] == 200
            status, body = await ask("/api/v1/sheet/x", b"")
            assert (status, json.loads(body)["type"]) == (
                422,
                f"{root}/api/v1/errors#invalid_request",
            )
        await app.aclose()

    asyncio.run(main())


def test_nothing_of_it_is_imported_by_the_base() -> None:
    """Who converts pays for no server."""
    program = (
        "import sys, kzt_rates; kzt_rates.convert(1, 'USD', on='2025-12-05');"
        "print([m for m in sys.modules if m.split('.')[0] in ('starlette', 'uvicorn', 'anyio')"
        " or m.startswith('kzt_rates.web')])"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert ended.stdout.strip() == "[]"


def test_without_the_extra() -> None:
    """Who lacks the extra is told how to install it."""
    program = (
        "import sys; sys.modules['starlette'] = None\n"
        "import kzt_rates.web\n"
        "try: kzt_rates.web.app()\n"
        "except ImportError as error: print(error)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert "this needs starlette, which is not installed: pip install " in ended.stdout


@pytest.mark.parametrize("argument", [{"ask": "all"}, {"client": 1}, {"metrics_from": ["x"]}])
def test_arguments(argument: dict[str, Any]) -> None:
    """Invalid arguments are refused at once."""
    with pytest.raises((ValueError, TypeError)):
        web.app(**argument)
