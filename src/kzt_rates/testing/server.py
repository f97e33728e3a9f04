"""The sockets of the stand-in bank: an HTTP/1.1 server on this machine's loopback."""

import socket
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from os import name as system
from socketserver import TCPServer, ThreadingMixIn
from threading import Event, Lock, Thread

from kzt_rates.testing.wire import Line

LOOPBACK = "127.0.0.1"

# How often the accepting thread looks whether it has been told to stop.
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
    allow_reuse_address = system == "posix"

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
        """Close the door and every open connection, stalled ones too."""
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
        # a client that hangs up is no news; an error of the stand-in itself must be seen
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]
