"""How an answer travels: whole, or as badly as on a bad network."""

import os
import socket
import struct
from collections.abc import Callable
from threading import Event

from kzt_rates.testing.http import Answer
from kzt_rates.testing.options import FaultOptions

SECONDS_BETWEEN_BYTES = 0.05
SLOW_SECONDS = 1.0
MISSING_BYTES = 1000
ENDLESS_PIECE = b" " * 65_536


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
        """Say nothing more until the client gives up or the bank is stopped."""
        while self._connection.recv(4096):
            pass

    def reset(self) -> None:
        """Close with RST. A mere close would wait for the handler's files and send FIN first."""
        linger = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        socket.close(self._connection.detach())


Wire = Callable[[Line, Answer, FaultOptions], None]


def send_whole(line: Line, answer: Answer) -> None:
    line.send(answer.head(len(answer.body)) + answer.body)


def refuse(line: Line, answer: Answer, options: FaultOptions) -> None:
    """Send nothing; the server closes the connection."""


def reset(line: Line, answer: Answer, options: FaultOptions) -> None:
    _send_half(line, answer)
    line.reset()


def say_nothing(line: Line, answer: Answer, options: FaultOptions) -> None:
    line.hold()


def answer_slowly(line: Line, answer: Answer, options: FaultOptions) -> None:
    line.pause(options.get("seconds", SLOW_SECONDS))
    send_whole(line, answer.with_headers({"Connection": "close"}))


def stall(line: Line, answer: Answer, options: FaultOptions) -> None:
    _send_half(line, answer)
    line.hold()


def drip(line: Line, answer: Answer, options: FaultOptions) -> None:
    line.send(answer.head(None))
    _drip(line, answer.body, options)


def drip_headers(line: Line, answer: Answer, options: FaultOptions) -> None:
    _drip(line, b"HTTP/1.1 200 OK\r\nX-Drip:", options)


def truncate_transfer(line: Line, answer: Answer, options: FaultOptions) -> None:
    line.send(answer.head(len(answer.body) + MISSING_BYTES) + answer.body)


def send_endlessly(line: Line, answer: Answer, options: FaultOptions) -> None:
    line.send(answer.head(None) + answer.body)
    while True:
        line.send(ENDLESS_PIECE)


def _send_half(line: Line, answer: Answer) -> None:
    line.send(answer.head(len(answer.body)) + answer.body[: len(answer.body) // 2])


def _drip(line: Line, data: bytes, options: FaultOptions) -> None:
    every = options.get("every", SECONDS_BETWEEN_BYTES)
    position = 0
    while True:
        line.send(data[position : position + 1] or b" ")
        position += 1
        line.pause(every)
