"""A running `kzt-rates serve`, as users start it."""

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import httpx

STARTED = re.compile(r"serving on (http://\S+),")


class Serving:
    """A server of its own process, on a free port of this machine."""

    def __init__(self, *options: str, **environment: str) -> None:
        words = (sys.executable, "-W", "error", "-m", "kzt_rates", "serve", "--port", "0")
        self.process = subprocess.Popen(
            [*words, *options],
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env={**os.environ, **environment},
        )
        assert self.process.stderr is not None
        line = self.process.stderr.readline()
        found = STARTED.search(line)
        assert found, line
        self.url = found[1]
        self.port = int(self.url.rpartition(":")[2])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.stop()
        assert self.process.stderr is not None
        self.process.stderr.close()

    def get(self, path: str, **options: Any) -> httpx.Response:
        """Return an answer, of a server that may still be starting."""
        until = time.monotonic() + 60
        while True:
            try:
                return httpx.get(f"{self.url}{path}", timeout=30, trust_env=False, **options)
            except httpx.TransportError:
                if time.monotonic() > until or self.process.poll() is not None:
                    raise
                time.sleep(0.05)

    def workers(self) -> list[int]:
        """Return the processes that serve, of Linux."""
        found = []
        for child in self.children():
            with suppress(OSError):
                if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes():
                    found.append(child)
        return found

    def children(self) -> list[int]:
        """Return the processes that the main one has started, of Linux."""
        found = []
        for name in Path("/proc").iterdir():
            with suppress(OSError):
                if name.name.isdigit() and int(_status(name)[1]) == self.process.pid:
                    found.append(int(name.name))
        return found

    @staticmethod
    def runs(process: int) -> bool:
        """Whether a process has not ended, of Linux."""
        try:
            return _status(Path(f"/proc/{process}"))[0] != "Z"
        except OSError:
            return False

    def memory(self) -> int:
        """Return the resident kilobytes of the process, of Linux."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        return int(status.partition("VmRSS:")[2].split()[0])

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal, and return the exit status."""
        self.process.send_signal(number)
        try:
            return self.process.wait(60)
        finally:
            self.process.kill()


def _status(process: Path) -> list[str]:
    """Return what Linux says of a process after its name: state, parent, and more."""
    return (process / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
