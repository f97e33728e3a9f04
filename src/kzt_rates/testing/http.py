"""HTTP of the stand-in bank: queries, responses, and the server on this machine."""

import os
import re
import socket
import struct
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer, ThreadingMixIn
from threading import Event, Lock, Thread
from typing import Literal, NamedTuple, get_args
from urllib.parse import parse_qs, urlsplit

from kzt_rates.feed import export_codes, export_id
from kzt_rates.feed.export import COLUMN_OF

FeedName = Literal["daily", "latest", "main", "export", "other"]
EVERY_FEED: tuple[FeedName, ...] = get_args(FeedName)
RSS_FEEDS: tuple[FeedName, ...] = ("latest", "main")
XML_FEEDS: tuple[FeedName, ...] = ("daily", *RSS_FEEDS)
EXPORT_FEED: tuple[FeedName, ...] = ("export",)

# Where the redirecting faults send a client on this same server.
MOVED = "/moved"
LOOP = "/loop"

_FEEDS: dict[str, FeedName] = {
    "/rss/get_rates.cfm": "daily",
    "/rss/rates_all.xml": "latest",
    "/rss/rates.xml": "main",
    "/ru/exchangerates/ezhednevnye-oficialnye-rynochnye-kursy-valyut/excel": "export",
}
_CODES = {str(export_id(code)): code for code in export_codes() if code not in COLUMN_OF}
# Some clients of the bank leave the zeros out, and are answered.
_bank_date = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})")


@dataclass(frozen=True)
class Request:
    """A question that reached the bank.

    `feed` is `"daily"`, `"latest"` (rates_all.xml), `"main"` (rates.xml), `"export"` or
    `"other"`; `day` the date asked for, where the daily feed was asked for one; `path` is as
    sent, with its query; the names in `headers` are in lower case; `at` is by the bank's
    clock; `fault` is the name of the fault that met it, if one did. `start`, `end` and `codes`
    are what the export was asked for, with the export's names for the codes, in the order
    asked; they are `None` or `()` where that is missing or cannot be read, and for the other
    feeds. The `day` of an export is `None`, also where its range is one day.
    """

    feed: FeedName
    day: date | None
    path: str
    headers: Mapping[str, str] = field(repr=False)
    at: datetime
    fault: str | None = None
    start: date | None = None
    end: date | None = None
    codes: tuple[str, ...] = ()

    def asks_for(self, day: date) -> bool:
        """Whether it asks for this date, alone or within a range."""
        if self.start is not None and self.end is not None:
            return self.start <= day <= self.end
        return self.day == day


@dataclass(frozen=True)
class Response:
    """An answer before it is sent. A `Content-Length` is added while sending if it has none."""

    body: bytes = b""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()

    def with_headers(self, headers: Mapping[str, str | None]) -> "Response":
        """Set headers by name, in any case; `None` takes one away."""
        names = {name.lower() for name in headers}
        kept = [(name, text) for name, text in self.headers if name.lower() not in names]
        new = [(name, text) for name, text in headers.items() if text is not None]
        return replace(self, headers=(*kept, *new))

    def head(self, content_length: int | None) -> bytes:
        """Return the status line and the headers; without a length the connection ends the body."""
        headers = list(self.headers)
        if content_length is None:
            headers.append(("Connection", "close"))
        elif not any(name.lower() == "content-length" for name, _ in headers):
            headers.append(("Content-Length", str(content_length)))
        try:
            phrase = HTTPStatus(self.status).phrase
        except ValueError:
            phrase = ""
        lines = [f"HTTP/1.1 {self.status} {phrase}", *(f"{name}: {text}" for name, text in headers)]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")


def html_page(status: int, title: str) -> Response:
    """Return a page as a web server makes them."""
    text = (
        f"<!DOCTYPE html>\n<html><head><title>{title}</title></head><body>{title}</body></html>\n"
    )
    return Response(text.encode(), status, (("Content-Type", "text/html; charset=UTF-8"),))


class Query(NamedTuple):
    """What a path asks for; see `Request`. `whole` is a question that can be answered."""

    feed: FeedName
    day: date | None = None
    start: date | None = None
    end: date | None = None
    codes: tuple[str, ...] = ()
    whole: bool = True


def query_of(path: str) -> Query:
    """Read a path. What is missing or not written as the bank writes it is `None` or left out."""
    parts = urlsplit(path)
    feed = _FEEDS.get(parts.path.removeprefix(MOVED), "other")
    if feed not in ("daily", "export"):
        return Query(feed)
    asked = parse_qs(parts.query, keep_blank_values=True)
    if feed == "daily":
        day = _date(asked.get("fdate", []))
        return Query(feed, day, whole=day is not None)
    start, end = _date(asked.get("beginDate", [])), _date(asked.get("endDate", []))
    numbers = asked.get("rates[]", [])
    codes = [_CODES[number] for number in numbers if number in _CODES]
    known = 0 < len(codes) == len(numbers) == len(set(codes))
    forwards = start is not None and end is not None and start <= end
    return Query(feed, None, start, end, tuple(codes), known and forwards)


def _date(texts: list[str]) -> date | None:
    found = _bank_date.fullmatch(texts[0]) if len(texts) == 1 else None
    if found is None:
        return None
    try:
        return date(int(found[3]), int(found[2]), int(found[1]))
    except ValueError:
        return None


def redirected(answer: Response, location: str) -> Response:
    page = html_page(302, "Moved")
    headers = {**dict(page.headers), "Location": location}
    return replace(answer, status=302, body=page.body).with_headers(headers)


class Line:
    """The connection an answer goes out on. It gives way as soon as the bank is stopped."""

    def __init__(self, connection: socket.socket, stopping: Event) -> None:
        self._connection = connection
        self._stopping = stopping

    def send(self, data: bytes) -> None:
        self._connection.sendall(data)

    def pause(self, seconds: float) -> None:
        if self._stopping.wait(seconds):
            raise ConnectionAbortedError("the bank was stopped")

    def hold(self) -> None:
        """Send nothing more until the client gives up or the bank is stopped."""
        while self._connection.recv(4096):
            pass

    def reset(self) -> None:
        """Close with RST. A mere close would wait for the handler's files and send FIN first."""
        linger = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        socket.close(self._connection.detach())


def send_whole(line: Line, answer: Response) -> None:
    line.send(answer.head(len(answer.body)) + answer.body)


LOOPBACK = "127.0.0.1"

# How often the accepting thread checks whether it is to stop.
POLL_SECONDS = 0.02

# Answers a path and headers on a line; says whether the connection is to be kept.
Answering = Callable[[str, Mapping[str, str], Line], bool]


class Handler(BaseHTTPRequestHandler):
    """One connection of a client."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        headers = {name.lower(): text for name, text in self.headers.items()}
        server = self.server
        assert isinstance(server, Server)
        line = Line(self.connection, server.stopping)
        if not server.answering(self.path, headers, line):
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its base's
        """Keep a user's stderr clean: `StandInBank.requests` is the log."""


# Not http.server.HTTPServer: it looks its own name up in the DNS, which can take seconds.
class Server(ThreadingMixIn, TCPServer):
    """Listens in a background thread, one more thread for each connection."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    # on Windows this would let two servers share a port
    allow_reuse_address = os.name == "posix"

    def __init__(self, port: int, answering: Answering) -> None:
        super().__init__((LOOPBACK, port), Handler)
        self.answering = answering
        self.stopping = Event()
        self._connections: set[socket.socket] = set()
        self._lock = Lock()
        self._thread = Thread(
            target=self.serve_forever,
            kwargs={"poll_interval": POLL_SECONDS},
            name="stand-in bank",
            daemon=True,
        )
        self._thread.start()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def halt(self) -> None:
        """Close the listening socket and every open connection, stalled ones too."""
        self.stopping.set()
        self.shutdown()
        self.server_close()
        self._thread.join()
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            with suppress(OSError):  # it may just have closed by itself
                connection.shutdown(socket.SHUT_RDWR)

    def get_request(self) -> tuple[socket.socket, object]:
        connection, address = super().get_request()
        with self._lock:
            self._connections.add(connection)
        return connection, address

    def shutdown_request(self, request: socket.socket | tuple[bytes, socket.socket]) -> None:
        if isinstance(request, socket.socket):
            with self._lock:
                self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: object, client_address: object) -> None:
        # a client may hang up; an error of the stand-in itself must be seen
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]
