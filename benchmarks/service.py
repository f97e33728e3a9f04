"""What a request costs the service: processor time, beside others under the same load.

`python3 -m benchmarks.service` prints the tables of `docs/explanation/speed-of-the-service.md`.
It needs Linux, `wrk`, and for one row `nginx`; the sides take turns, so that a machine whose
speed drifts favours none of them.
"""

import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, timedelta
from pathlib import Path
from statistics import median

from kzt_rates.figures import Day, Figure
from kzt_rates.store.sqlite import SqliteStore
from kzt_rates.testing import dense_sheets

DAY = "2026-08-21"
SHEET = f"/api/v1/sheet/{DAY}"
DAYS = [date(2016, 1, 1) + timedelta(days=place) for place in range(1400)]
TICKS = os.sysconf("SC_CLK_TCK")
# The same bytes from an app that does nothing else, and from FastAPI.
PLAIN = """
import sys, urllib.request, uvicorn
with urllib.request.urlopen(sys.argv[2]) as answer:
    body, headers = answer.read(), answer.getheaders()
headers = [(n, v) for n, v in headers if n.lower() not in ("connection", "date")]
kept = [(n.encode(), v.encode()) for n, v in headers]
async def bare(scope, receive, send):
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": kept})
        await send({"type": "http.response.body", "body": body})
app = bare
if sys.argv[3] == "fastapi":
    from fastapi import FastAPI, Response
    app = FastAPI()
    @app.get("/api/v1/sheet/{day}")
    async def sheet(day: str) -> Response:
        return Response(body, headers={n: v for n, v in headers if n != "content-length"})
uvicorn.run(app, port=int(sys.argv[1]), log_level="warning", access_log=False,
            server_header=False, proxy_headers=False)
"""
NGINX = """
daemon off; master_process off; pid {folder}/pid; error_log {folder}/log; worker_processes 1;
events {{ worker_connections 512; }}
http {{
  access_log off; default_type application/json; keepalive_requests 1000000;
  client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
  uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
  server {{ listen 127.0.0.1:{port}; root {folder}/site; }}
}}
"""
# A path of its own for each request.
LUA = """
local paths, place = {{}}, 0
for line in io.lines("{file}") do paths[#paths + 1] = line end
request = function()
  place = place % #paths + 1
  return wrk.format("GET", paths[place])
end
"""


class Side:
    """A server that is measured, and what is asked of it."""

    def __init__(self, name: str, process: subprocess.Popen[bytes], port: int, paths: Path) -> None:
        self.name = name
        self.process = process
        self.port = port
        self.paths = paths
        self.micros: list[float] = []

    def turn(self, seconds: int) -> None:
        """Ask for some seconds, and keep the processor time of one request."""
        before = self._ticks()
        script = f"{self.paths}.lua"
        url = f"http://127.0.0.1:{self.port}{SHEET}"
        words = ["wrk", "-t1", "-c32", f"-d{seconds}s", "-s", script, url]
        said = subprocess.run(words, capture_output=True, text=True, check=True).stdout
        count = int(said.partition(" requests in ")[0].split()[-1])
        if "Non-2xx" in said:
            raise SystemExit(f"{self.name}: {said}")
        self.micros.append((self._ticks() - before) / TICKS / count * 1e6)

    def memory(self) -> float:
        """Return the resident memory, MB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024

    def _ticks(self) -> int:
        stat = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="utf-8")
        fields = stat.rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    options = parser.parse_args()
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is not installed: apt-get install wrk")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        sides = _start(stack, folder)
        for _ in range(options.rounds):
            for side in sides:
                side.turn(options.seconds)
        limit = sides[0]
        print("| side | µs of processor a request | of the bare app's | MB |")
        print("|---|---|---|---|")
        for side in sides:
            ratios = [one / other for one, other in zip(side.micros, limit.micros, strict=True)]
            print(
                f"| {side.name} | {median(side.micros):.0f} | {median(ratios):.2f} "
                f"| {side.memory():.0f} |"
            )
    print(f"\nfirst answer after the start: {_first_answer():.2f} s of processor time")


def _start(stack: ExitStack, folder: Path) -> list[Side]:
    """Start all sides."""
    store = folder / "rates.sqlite"
    _fill(store)
    ours, port = stack.enter_context(_serve(str(store)))
    url = f"http://127.0.0.1:{port}{SHEET}"
    ready = _paths(folder / "ready", [SHEET])
    sides = []
    for name, kind in (
        ("bare ASGI app, the same bytes", "bare"),
        ("FastAPI, the same bytes", "fastapi"),
    ):
        other = _free_port()
        words = [sys.executable, "-c", PLAIN, str(other), url, kind]
        sides.append(Side(name, stack.enter_context(_running(words, other)), other, ready))
    usual = {
        "`serve`, a ready answer": [SHEET],
        "`serve`, a sheet that is not ready": [
            f"/api/v1/sheet/{day}{form}"
            for form in ("", ".csv", ".ndjson", ".json")
            for day in DAYS
        ],
        "`serve`, a rate that is not ready": [
            f"/api/v1/convert?from=USD&on={DAY}&amount={place}" for place in range(20_000)
        ],
        "`serve`, a year of one pair": [
            f"/api/v1/history/USD{form}?start={day}&end={day + timedelta(days=365)}"
            for form in ("", ".csv", ".ndjson", ".json")
            for day in DAYS[:1000]
        ],
    }
    sides[1:1] = [
        Side(name, ours, port, _paths(folder / f"paths{place}", paths))
        for place, (name, paths) in enumerate(usual.items())
    ]
    if shutil.which("nginx"):
        other = _free_port()
        file = folder / "site" / SHEET.lstrip("/")
        file.parent.mkdir(parents=True)
        with urllib.request.urlopen(url) as answer:
            file.write_bytes(answer.read())
        settings = folder / "nginx.conf"
        settings.write_text(NGINX.format(folder=folder, port=other), encoding="utf-8")
        nginx = _running(["nginx", "-c", str(settings)], other)
        sides.append(Side("nginx, the file", stack.enter_context(nginx), other, ready))
    return sides


def _fill(path: Path) -> None:
    """Write whole sheets, as the bank's daily feed gives them, into a store."""
    sheets = dense_sheets(DAYS[0], DAYS[-1])
    days = [
        Day(
            day,
            {
                code: Figure(value, nominal, feed="daily", final=True)
                for code, (value, nominal) in sheets[day].items()
            },
            complete=True,
            final=True,
        )
        for day in DAYS
    ]
    store = SqliteStore(str(path))
    store.change(DAYS, lambda _: days)
    store.close()


@contextmanager
def _serve(store: str = "off") -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    port = _free_port()
    words = [sys.executable, "-m", "kzt_rates", "serve", "--offline", "--port", str(port)]
    with _running(words, port, KZT_RATES_CACHE=store) as process:
        yield process, port


@contextmanager
def _running(words: list[str], port: int, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    settings = {**os.environ, **environment}
    with subprocess.Popen(words, stderr=subprocess.DEVNULL, env=settings) as process:
        try:
            while True:
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}{SHEET}").close()
                except OSError:
                    if process.poll() is not None:
                        raise SystemExit(f"{words[:4]} ended with {process.returncode}") from None
                    time.sleep(0.05)
                else:
                    break
            yield process
        finally:
            process.terminate()


def _first_answer() -> float:
    """Return the processor time from the start of `serve` to its first answer."""
    with _serve() as (process, port):
        return Side("", process, port, Path())._ticks() / TICKS  # noqa: SLF001  # its own


def _paths(file: Path, paths: list[str]) -> Path:
    file.write_text("".join(f"{path}\n" for path in paths), encoding="utf-8")
    Path(f"{file}.lua").write_text(LUA.format(file=file), encoding="utf-8")
    return file


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


if __name__ == "__main__":
    main()
