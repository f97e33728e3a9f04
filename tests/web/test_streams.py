"""Answers in pieces over sockets: whole, or seen to be cut."""

import socket
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

import kzt_rates
from kzt_rates import web
from kzt_rates.settings import open_archive, packaged_path
from kzt_rates.testing import SettableClock
from kzt_rates.web import service

pytestmark = pytest.mark.system

RANGE = "from=2021-05-01&to=2023-08-31&base=USD&quotes=KZT,USD"
PATHS = [
    f"/v2/rates?{RANGE}",
    f"/v2/rates.csv?{RANGE}",
    f"/v2/rates.ndjson?{RANGE}",
    "/v1/2021-05-01..2023-08-31?base=USD&symbols=KZT",
]


class Breaking:
    """The packaged archive, of which some days can be read so often until it breaks."""

    def __init__(self) -> None:
        self.left = 1000
        self._store = open_archive(packaged_path())

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def series(self, code: str, start: date, end: date) -> Any:
        if start < date(2022, 6, 1) <= end:
            if not self.left:
                raise OSError("the disk is gone")
            self.left -= 1
        return self._store.series(code, start, end)


@pytest.fixture
def archive() -> Iterator[Breaking]:
    store = Breaking()
    yield store
    store.close()


@pytest.fixture
def url(running: Any, archive: Breaking) -> Iterator[str]:
    clock = SettableClock("2026-08-21T20:00+05:00")
    with kzt_rates.Client(cache=False, archive=archive, offline=True, clock=clock) as client:  # type: ignore[arg-type]
        app = web.app(client)
        app.lookup.figures_at_once = 31
        with running(app) as address:
            yield address


def ask(
    url: str, path: str, version: str, method: str = "GET"
) -> tuple[int, dict[str, str], bytes]:
    """Return status, headers and every byte after them, to the end of the connection."""
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        asked = f"{method} {path} HTTP/{version}\r\nHost: a\r\nConnection: close\r\n\r\n"
        connection.sendall(asked.encode())
        came = b""
        while more := connection.recv(65536):
            came += more
    head, _, body = came.partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines)
    return int(status.split()[1]), headers, body


def joined(chunked: bytes) -> bytes:
    """Return what was sent in chunks; raise `ValueError` where the last one is missing."""
    whole = b""
    while True:
        length, _, chunked = chunked.partition(b"\r\n")
        size = int(length, 16)  # of nothing it is a ValueError
        if not size:
            return whole
        if chunked[size : size + 2] != b"\r\n":
            raise ValueError("a chunk is cut")
        whole, chunked = whole + chunked[:size], chunked[size + 2 :]


@pytest.mark.parametrize("path", PATHS)
def test_whole(url: str, path: str) -> None:
    """HTTP/1.1 has the last chunk, HTTP/1.0 a length, and both the same bytes."""
    status, headers, chunks = ask(url, path, "1.1")
    assert (status, headers["transfer-encoding"]) == (200, "chunked")
    assert "content-length" not in headers
    whole = joined(chunks)
    status, headers, body = ask(url, path, "1.0")
    assert (status, headers["content-length"]) == (200, f"{len(body)}")
    assert "transfer-encoding" not in headers
    assert body == whole
    assert whole.count(b"2023-08-31") >= 1
    for version in ("1.0", "1.1"):
        assert ask(url, path, version, "HEAD")[2] == b""


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.filterwarnings("error")
def test_broken_off(url: str, archive: Breaking, path: str, caplog: Any) -> None:
    """A store that fails amid a range never leaves an answer that looks whole."""
    archive.left = 1  # they are looked over before anything is sent
    status, headers, chunks = ask(url, path, "1.1")
    assert (status, headers["transfer-encoding"]) == (200, "chunked")
    assert b"2021-05-01" in chunks
    with pytest.raises(ValueError, match=r"cut|invalid literal"):
        joined(chunks)
    # nothing of it is sent where its end could not be seen
    archive.left = 1
    status, headers, body = ask(url, path, "1.0")
    assert (status, headers["content-length"]) == (500, f"{len(body)}")
    assert b"the store of rates cannot be read" in body
    assert b"2021-05-01" not in body
    assert headers["cache-control"] == "no-store"
    assert "the disk is gone" not in body.decode()


def test_too_much_for_old_clients(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of what is kept for HTTP/1.0 there is a bound, and others are answered meanwhile."""
    monkeypatch.setattr(service, "MAX_GATHERED_BYTES", 1)
    status, headers, body = ask(url, PATHS[0], "1.0")
    assert status == 503
    assert headers["retry-after"] == "1"
    assert b"HTTP/1.1" in body
    assert joined(ask(url, PATHS[0], "1.1")[2])
    monkeypatch.undo()
    assert ask(url, PATHS[0], "1.0")[0] == 200
