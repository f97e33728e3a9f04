import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

import kzt_rates
from kzt_rates.cli.sync import GOES_ON
from kzt_rates.testing import StandInBank, archive_sheets

if os.name == "nt":
    pytest.skip("Windows has neither pseudo-terminals nor SIGINT to send", allow_module_level=True)

import pty

SOURCE = Path(kzt_rates.__file__).parents[1]  # src, or where the wheel is installed
START, END = "2015-04-01", "2020-03-30"
# what the second question is about after the first, which reached to 2019-03-21: ten days more
# on both sides
SECOND = ("2019-03-12", "2020-04-09")
YEARS = f"sync --start {START} --end {END} --currency USD"
SUMMARY = "USD from 2015-04-01 to 2020-03-30\nfetched {} rates of {} days in {}\nno holes\n"
WHOLE = SUMMARY.format("1\xa0826", "1\xa0826", "2 requests")
REST = SUMMARY.format("375", "375", "1 request")
HIDE_CURSOR, SHOW_CURSOR = "\x1b[?25l", "\x1b[?25h"
INTERRUPTED = f"kzt-rates: interrupted; {GOES_ON}\r\n"


class Terminal:
    """A command whose stderr is a terminal, and what that has shown so far."""

    def __init__(self, line: str, settings: dict[str, str]) -> None:
        ours, theirs = pty.openpty()
        environment = {**os.environ, "PYTHONPATH": str(SOURCE), "TERM": "xterm", **settings}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "kzt_rates", *line.split()],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=theirs,
        )
        os.close(theirs)
        self._ours, self._shown = ours, b""
        self._reader = Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        while True:
            try:
                part = os.read(self._ours, 65536)
            except OSError:  # the other side is closed
                return
            if not part:
                return
            self._shown += part

    def end(self) -> tuple[int, str, str]:
        """Return the status, what is on stdout, and what the terminal was sent."""
        out, _ = self.process.communicate(timeout=60)
        self._reader.join(timeout=60)
        os.close(self._ours)
        return self.process.returncode, out.decode(), self._shown.decode()


@pytest.fixture
def bank(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandInBank]:
    """A bank with five years of true rates of the dollar, and no archive beside it."""
    monkeypatch.setenv("KZT_RATES_ARCHIVE", "off")
    for name in ("COLUMNS", "FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    with StandInBank(archive_sheets(START, END)) as stand_in:
        monkeypatch.setenv("KZT_RATES_BASE_URL", stand_in.url)
        yield stand_in


@pytest.fixture
def terminal() -> Iterator[Callable[..., Terminal]]:
    """Start a command on a terminal, with settings for its environment."""
    started: list[Terminal] = []

    def start(line: str, **settings: str) -> Terminal:
        started.append(Terminal(line, settings))
        return started[-1]

    yield start
    for each in started:
        each.process.kill()


@pytest.fixture
def without_rich(tmp_path: Path) -> dict[str, str]:
    """Settings under which rich cannot be imported."""
    package = tmp_path / "hidden" / "rich"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise ImportError('hidden')\n", encoding="utf-8")
    return {"PYTHONPATH": os.pathsep.join([str(package.parent), str(SOURCE)])}


def wait_for(bank: StandInBank, requests: int) -> None:
    until = time.monotonic() + 30
    while len(bank.requests) < requests and time.monotonic() < until:
        time.sleep(0.01)
    assert len(bank.requests) == requests


def keep_waiting(bank: StandInBank) -> None:
    """Let the bank answer the first question and be silent to the second."""
    bank.fail("timeout", times=None, feed="export", day=END)


def check_rest(bank: StandInBank, run_apart: Any) -> None:
    """The same command asks only for what is missing."""
    bank.reset()
    assert run_apart(YEARS) == (0, REST, "")
    (request,) = bank.requests
    assert (str(request.start), str(request.end)) == SECOND


@pytest.mark.extras
def test_bar(bank: StandInBank, terminal: Any) -> None:
    """With rich there is a bar on the terminal, which is gone when the summary is on stdout."""
    status, out, shown = terminal(YEARS).end()
    assert (status, out) == (0, WHOLE)
    assert "0 of 1\xa0826 days" in shown
    assert "1\xa0826 of 1\xa0826 days" in shown
    assert shown.startswith(HIDE_CURSOR)
    assert shown.endswith(f"{SHOW_CURSOR}\r\x1b[1A\x1b[2K")
    status, _, shown = terminal(YEARS).end()
    assert (status, shown) == (0, "")


@pytest.mark.parametrize("settings", ["without_rich", {"TERM": "dumb"}])
def test_lines(
    bank: StandInBank, terminal: Any, settings: Any, request: pytest.FixtureRequest
) -> None:
    """Without rich, or where a cursor cannot be moved, there is a plain line for each request."""
    if isinstance(settings, str):
        settings = request.getfixturevalue(settings)
    status, out, shown = terminal(YEARS, **settings).end()
    assert (status, out) == (0, WHOLE)
    assert shown == (
        "kzt-rates: fetched 0 of 1\xa0826 days\r\nkzt-rates: fetched 1\xa0441 of 1\xa0826 days\r\n"
    )


def test_verbose(bank: StandInBank, terminal: Any) -> None:
    """With --verbose the lines of the log are all there is on the terminal."""
    status, out, shown = terminal(f"{YEARS} --verbose").end()
    assert (status, out) == (0, WHOLE)
    asked = [line for line in shown.splitlines() if not line.startswith("kzt-rates: debug: ")]
    assert [line[:21] for line in asked] == ["kzt-rates: info: GET "] * 2


@pytest.mark.parametrize("with_rich", [pytest.param(True, marks=pytest.mark.extras), False])
@pytest.mark.parametrize("times", [1, 2])
def test_interrupt(
    bank: StandInBank,
    terminal: Any,
    run_apart: Any,
    without_rich: dict[str, str],
    *,
    with_rich: bool,
    times: int,
) -> None:
    """Ctrl-C, also twice, ends with 130, a clean terminal and one line; what came is kept."""
    keep_waiting(bank)
    sync = terminal(YEARS, **({} if with_rich else without_rich))
    wait_for(bank, 2)
    for _ in range(times):
        sync.process.send_signal(signal.SIGINT)
    status, out, shown = sync.end()
    assert (status, out) == (130, "")
    assert shown.endswith(INTERRUPTED)
    assert "Traceback" not in shown
    if with_rich:
        assert 0 <= shown.rfind(HIDE_CURSOR) < shown.rfind(SHOW_CURSOR)
    else:
        assert shown.count("\n") == 3
        assert "\x1b" not in shown
    check_rest(bank, run_apart)


@pytest.mark.extras
def test_bank_goes_away(bank: StandInBank, terminal: Any, run_apart: Any) -> None:
    """An error in the middle takes the bar away and is one line; what came is kept."""
    bank.fail("status", times=None, status=404, feed="export", day=END)
    status, out, shown = terminal(YEARS).end()
    assert (status, out) == (4, "")
    _, _, after = shown.rpartition(SHOW_CURSOR)
    assert after.startswith("\r\x1b[1A\x1b[2Kkzt-rates: ")
    assert after.endswith(f"; {GOES_ON}\r\n")
    assert after.count("\n") == 1
    check_rest(bank, run_apart)


def test_kill(bank: StandInBank, start: Any, run_apart: Any) -> None:
    """After kill -9 in the middle the same command asks only for what is missing."""
    keep_waiting(bank)
    process = start(YEARS)
    wait_for(bank, 2)
    process.kill()
    assert process.communicate(timeout=60) == (b"", b"")
    assert process.returncode == -signal.SIGKILL
    check_rest(bank, run_apart)


def test_closed_pipe(bank: StandInBank, start: Any) -> None:
    """A reader of the summary that goes away is no error, and what was fetched is kept."""
    process = start(YEARS)
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(timeout=60) == 0
    bank.forget()
    process = start(YEARS)
    assert b"nothing had to be asked for" in process.communicate(timeout=60)[0]
    assert bank.requests == ()
