"""The command line as a user meets it: in this process, and in one of its own."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import kzt_rates
from kzt_rates.cli import main
from kzt_rates.testing import SettableClock, StandInBank, archive_sheets

SOURCE = Path(kzt_rates.__file__).parents[1]  # src, or where the wheel is installed
NOON = "2025-12-05T12:00+05:00"


class Said(NamedTuple):
    """How a command ended, and what it said."""

    status: int
    out: str
    err: str


Run = Callable[..., Said]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command in this process."""

    def run_command(line: str, *words: str) -> Said:
        status = main([*line.split(), *words])
        return Said(status, *capsys.readouterr())

    return run_command


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SettableClock:
    """Noon of Friday 2025-12-05 for the commands that run in this process."""
    settable = SettableClock(NOON)
    monkeypatch.setattr("kzt_rates.settings.utc_now", settable)
    return settable


@pytest.fixture
def bank(clock: SettableClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandInBank]:
    """A bank with the true sheets of 2025-12-01 to tomorrow, and no archive beside it."""
    monkeypatch.setenv("KZT_RATES_ARCHIVE", "off")
    with StandInBank(archive_sheets("2025-12-01", "2025-12-06"), clock=clock) as stand_in:
        monkeypatch.setenv("KZT_RATES_BASE_URL", stand_in.url)
        yield stand_in


@pytest.fixture
def start() -> Iterator[Callable[..., "subprocess.Popen[bytes]"]]:
    """Start a command in a process of its own, with settings for its environment."""
    started: list[subprocess.Popen[bytes]] = []

    def start_command(line: str, **settings: str) -> "subprocess.Popen[bytes]":
        environment = {**os.environ, "PYTHONPATH": str(SOURCE), **settings}
        process = subprocess.Popen(
            [sys.executable, "-m", "kzt_rates", *line.split()],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        started.append(process)
        return process

    yield start_command
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def run_apart(start: Callable[..., "subprocess.Popen[bytes]"]) -> Run:
    """Run a command in a process of its own."""

    def run_command(line: str, **settings: str) -> Said:
        process = start(line, PYTHONUTF8="1", **settings)
        out, err = process.communicate(timeout=60)
        return Said(process.returncode, out.decode(), err.decode())

    return run_command
