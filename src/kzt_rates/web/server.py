"""The service as processes: a socket, workers that are replaced, and an end that loses nobody."""

import asyncio
import logging
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.connection import wait
from secrets import token_hex
from threading import Event, Thread
from time import monotonic
from types import FrameType
from typing import TYPE_CHECKING, cast

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from kzt_rates.client import Client
from kzt_rates.web.lookup import Ask
from kzt_rates.web.service import Service

if TYPE_CHECKING:
    from multiprocessing.context import SpawnProcess

BACKLOG = 2048
KEEP_ALIVE_SECONDS = 15
# Whoever is connected when the end is near is answered, and told to connect elsewhere.
DRAIN_SECONDS = 0.5
# Who has just connected has so long to say what they want.
LAST_REQUEST_SECONDS = 1.0
LOOK_SECONDS = 0.01
GRACE_SECONDS = 30
# After its first bytes a request has at most so many before its headers end, and so many with a
# body; it is kept whole until then, and nobody's needs a hundredth of that.
MAX_HEAD_BYTES = 64 * 1024
MAX_REQUEST_BYTES = 4 * 1024 * 1024
# A worker that ends sooner than this after its start will not do better at once.
EARLY_SECONDS = 5.0
PAUSE_SECONDS = 1.0
MAX_EARLY_ENDS = 5
# What runs beside the service is looked at this often, and started again after a while.
LOOK_BESIDE_SECONDS = 0.2
RESTART_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Settings:
    """What a worker is told; it travels to its process."""

    base_url: str | None
    offline: bool | None
    ask: Ask
    workers: int = 1
    metrics_from: tuple[str, ...] = ()
    verbose: bool = False
    node: str = field(default_factory=partial(token_hex, 8))  # the same in every worker

    def client(self) -> Client:
        """Make the client of a process."""
        return Client(self.base_url, offline=self.offline)


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that is bound; raises `OSError` where it cannot be had."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, kind, protocol, _, address = found[0]
    listener = socket.socket(family, kind, protocol)
    try:
        if sys.platform != "win32":  # there it would let two servers share a port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError:
        listener.close()
        raise
    return listener


def serve(listener: socket.socket, settings: Settings, keeper: Sequence[str] = ()) -> int:
    """Serve until a signal ends it; return the exit status.

    `keeper` is a command that runs beside the service and is started again where it ends; its
    stdin is open as long as the service lives.
    """
    stop = Event()
    beside = Thread(target=_run_beside, args=(keeper, stop), daemon=True)
    if keeper:
        beside.start()
    try:
        if settings.workers > 1:
            return _Supervisor(listener, settings).run()
        work(settings, listener)
        return 0
    finally:
        stop.set()
        if keeper:
            beside.join()


def _run_beside(command: Sequence[str], stop: Event) -> None:
    while not stop.is_set():
        # our own command line, with what this one was started with; once nobody holds the other
        # end of its stdin it ends
        with subprocess.Popen(  # noqa: S603
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
        ) as process:
            while process.poll() is None and not stop.wait(LOOK_BESIDE_SECONDS):
                pass
            process.terminate()
        stop.wait(RESTART_SECONDS)


def work(settings: Settings, listener: socket.socket) -> None:
    """Serve in this process."""
    config = uvicorn.Config(
        partial(_make_service, settings),
        factory=True,
        access_log=settings.verbose,
        backlog=BACKLOG,
        http=_Connection,
        log_level="info" if settings.verbose else "warning",
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
    )
    server = _Server(config)
    # for a SIGTERM before uvicorn has its own handler, and for the one it raises again at its end
    signal.signal(signal.SIGTERM, server.handle_exit)
    server.run(sockets=[listener])


def _make_service(settings: Settings) -> Service:
    service = Service(
        settings.client(),
        settings.ask,
        owns_client=True,
        metrics_from=settings.metrics_from,
        node=settings.node,
    )
    service.lookup.pace *= settings.workers  # each asks for itself, and the bank gets them all
    return service


class _Connection(HttpToolsProtocol):
    """A connection that is cut off where a request has no end."""

    _request: object = None
    _received = 0

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        request = self.scope
        if request is self._request:
            self._received += len(data)
        else:  # most of the data may be of requests before this one
            self._request, self._received = request, 0
        # the path is there once the headers have ended
        limit = MAX_REQUEST_BYTES if request and "path" in request else MAX_HEAD_BYTES
        if self._received > limit and not self.transport.is_closing():
            if self.cycle is None or self.cycle.response_complete:
                self.send_400_response(f"too long: at most {MAX_HEAD_BYTES} bytes of headers")
            else:
                self.transport.close()


class _Server(uvicorn.Server):
    """A server that answers everybody who has connected before it ends."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        last = (b"connection", b"close")
        self.server_state.default_headers = [*self.server_state.default_headers, last]
        await asyncio.sleep(DRAIN_SECONDS)
        for listener in sockets or []:
            await self._take_waiting(listener)
        for server in self.servers:
            server.close()
        for _ in range(int(LAST_REQUEST_SECONDS / LOOK_SECONDS)):
            if not any(_has_said_nothing(one) for one in self.server_state.connections):
                break
            await asyncio.sleep(LOOK_SECONDS)
        await super().shutdown(sockets)

    async def _take_waiting(self, listener: socket.socket) -> None:
        """Accept those who have connected and are not known yet: a closed socket resets them."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                break
            connection.setblocking(False)
            await loop.connect_accepted_socket(self._protocol, connection)
        listener.close()

    def _protocol(self) -> asyncio.Protocol:
        make = cast("Callable[..., asyncio.Protocol]", self.config.http_protocol_class)
        return make(
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )


def _has_said_nothing(connection: object) -> bool:
    return getattr(connection, "cycle", None) is None


class _Supervisor:
    """Starts workers, starts another where one has ended, and ends them all."""

    def __init__(self, listener: socket.socket, settings: Settings) -> None:
        self._listener = listener
        self._settings = settings
        self._workers: dict[int, tuple[SpawnProcess, float]] = {}
        self._ended = False
        self._early_ends = 0
        self._wake, self._sleeper = socket.socketpair()

    def run(self) -> int:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._end)
        while len(self._workers) < self._settings.workers:
            self._start()
        while not self._ended:
            sentinels = [process.sentinel for process, _ in self._workers.values()]
            wait([*sentinels, self._sleeper])
            if not self._ended:
                self._replace()
        self._listener.close()  # or whoever connects from now on would wait for nobody
        for process, _ in self._workers.values():
            process.terminate()
        for process, _ in self._workers.values():
            process.join(GRACE_SECONDS + DRAIN_SECONDS + LAST_REQUEST_SECONDS + PAUSE_SECONDS)
            if process.is_alive():
                process.kill()
        return 1 if self._early_ends >= MAX_EARLY_ENDS else 0

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        process = context.Process(target=_work_quietly, args=(self._settings, self._listener))
        process.start()
        assert process.pid is not None
        self._workers[process.pid] = process, monotonic()

    def _replace(self) -> None:
        """Start a worker for each that has ended, unless they end as soon as they are started."""
        for pid, (process, started) in list(self._workers.items()):
            if process.is_alive():
                continue
            del self._workers[pid]
            log = logging.getLogger("kzt_rates")
            log.warning("worker %d ended with %s; another is started", pid, process.exitcode)
            if monotonic() - started < EARLY_SECONDS:
                self._early_ends += 1
                if self._early_ends >= MAX_EARLY_ENDS:
                    self._ended = True
                    return
                wait([self._sleeper], PAUSE_SECONDS)
            else:
                self._early_ends = 0
            if not self._ended:
                self._start()

    def _end(self, _number: int, _frame: FrameType | None) -> None:
        self._ended = True
        self._wake.send(b".")


def _work_quietly(settings: Settings, listener: socket.socket) -> None:
    """Serve in a worker, to whose terminal a Ctrl-C is sent as well."""
    Thread(target=_end_with_supervisor, daemon=True).start()
    with suppress(KeyboardInterrupt):
        work(settings, listener)


def _end_with_supervisor() -> None:
    """End as on a signal once the supervisor was killed: nobody is left who would end this one."""
    supervisor = multiprocessing.parent_process()
    assert supervisor is not None
    supervisor.join()
    os.kill(os.getpid(), signal.SIGTERM)
