"""A bank 50 ms away: the stand-in bank's answers, each made once and kept.

The stand-in bank makes a workbook of four years in half a second; what is to be measured is
the client. `GET /requests` tells how many requests there were.
"""

import sys
import time
import urllib.request
from contextlib import suppress
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from urllib.error import HTTPError

from benchmarks.world import THIRTY_YEARS
from kzt_rates.testing import StandInBank, dense_sheets

DELAY_SECONDS = 0.05
COUNT = "/requests"
_NOT_KEPT = {"date", "server", "connection", "content-length", "transfer-encoding"}

Answer = tuple[int, list[tuple[str, str]], bytes]


class Bank(ThreadingHTTPServer):
    """Asks the stand-in bank once, and answers the next ones from memory."""

    daemon_threads = True
    request_queue_size = 1024

    def __init__(self, url: str) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests = 0
        self._url = url
        self._answers: dict[str, Answer] = {}
        self._lock = Lock()

    def answer(self, path: str) -> Answer:
        with self._lock:
            self.requests += 1
            known = self._answers.get(path)
        if known is None:
            known = self._answers[path] = self._ask(path)
        return known

    def _ask(self, path: str) -> Answer:
        try:
            response = urllib.request.urlopen(self._url + path, timeout=60)
        except HTTPError as refusal:
            response = refusal
        with response:
            headers = [
                pair for pair in response.headers.items() if pair[0].lower() not in _NOT_KEPT
            ]
            return response.status, headers, response.read()


class Handler(BaseHTTPRequestHandler):
    """One connection of a client."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_GET(self) -> None:
        bank = self.server
        assert isinstance(bank, Bank)
        if self.path == COUNT:
            self._send(200, [], str(bank.requests).encode())
            return
        answer = bank.answer(self.path)
        time.sleep(DELAY_SECONDS)
        self._send(*answer)

    def _send(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.send_response_only(status)
        sized = ("Date", formatdate(usegmt=True)), ("Content-Length", str(len(body)))
        for name, value in (*headers, *sized):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def main() -> None:
    """Print the address, and answer until the input ends."""
    with StandInBank(dense_sheets(*THIRTY_YEARS)) as stand_in:
        bank = Bank(stand_in.url)
        Thread(target=bank.serve_forever, daemon=True).start()
        print(f"http://127.0.0.1:{bank.server_port}", flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        main()
