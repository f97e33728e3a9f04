import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from lxml import etree

from .conftest import LATEST, cells, daily, export

COMMAND = [sys.executable, "-m", "kzt_rates.testing"]


@contextmanager
def serving(*arguments: str) -> "Iterator[tuple[str, subprocess.Popen[str]]]":
    """Run the program until the test has seen enough."""
    with subprocess.Popen(
        [*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as program:
        try:
            assert program.stdout is not None
            name, _, url = program.stdout.readline().strip().partition("=")
            assert name == "export KZT_RATES_BASE_URL", (url, program.poll())
            yield url, program
        finally:
            program.kill()


def ask(url: str, path: str) -> httpx.Response:
    return httpx.get(url + path, trust_env=False)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT to send")
def test_serves_until_interrupted() -> None:
    """It prints where it is and what to try, serves the archive, and ends quietly with 130."""
    with serving() as (url, program):
        hint = next(line for line in announced(program) if line.startswith("curl"))
        path = hint.split("'")[1].removeprefix(url)
        assert etree.fromstring(ask(url, path).content).find("item") is not None
        assert b"<title>USD</title>" in ask(url, daily("2025-12-05")).content
        program.send_signal(signal.SIGINT)
        out, err = program.communicate(timeout=60)
        assert (program.returncode, out, err) == (130, "", "")


def announced(program: "subprocess.Popen[str]") -> list[str]:
    """Return the lines that follow the first."""
    assert program.stdout is not None
    lines = []
    while not (lines and lines[-1].startswith("curl")):
        lines.append(program.stdout.readline().strip())
    return lines


@pytest.mark.parametrize("arguments", [(), ("--today", "2025-12-05")])
def test_what_it_says_to_try(arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """With the settings printed, each command printed works on the reader's own today, or on ours.

    None of them warns, and the bank is what `health` says it has to be.
    """
    with serving(*arguments) as (url, program):
        monkeypatch.setenv("KZT_RATES_BASE_URL", url)
        commands = []
        for line in announced(program):
            if line.startswith("export "):
                monkeypatch.setenv(*line.removeprefix("export ").split("=", 1))
            elif line.startswith("kzt-rates "):
                commands.append(line.split()[1:])
        assert [words[0] for words in commands] == [
            "ticker", "latest", "convert", "history", "health",
        ]  # fmt: skip
        for words in [*commands, ["sheet"], ["history", "EUR", "--last", "40d"]]:
            done = subprocess.run(
                [sys.executable, "-m", "kzt_rates", *words],
                capture_output=True,
                text=True,
                check=False,
            )
            assert (done.returncode, done.stderr) == (0, ""), words
        if arguments:
            assert ask(url, LATEST).headers["Date"] == "Fri, 05 Dec 2025 07:00:00 GMT"


def test_today() -> None:
    """With a day of its own it knows tomorrow's rates and nothing later, and its Date says so."""
    with serving("--today", "05.12.2025") as (url, _):
        latest = ask(url, LATEST)
        assert b"<pubDate>06.12.2025</pubDate>" in latest.content
        assert latest.headers["Date"] == "Fri, 05 Dec 2025 07:00:00 GMT"
        assert b"<info>" in ask(url, daily("2025-12-07")).content
        rows = cells(ask(url, export("2025-12-05", "2025-12-31", "USD")).content)
        assert rows[1:] == [["05.12.2025", 1, 499.65], ["06.12.2025", 1, 504.49]]
        assert "ВЫДУМАНО" not in ask(url, daily("2025-12-05")).text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--today", "5.12.25"], "a date is written 2025-12-05 or 05.12.2025, not '5.12.25'"),
        (["--port", "99999"], "a port is a number from 0 to 65535, not '99999'"),
        (["--nonsense"], "unrecognized arguments: --nonsense"),
    ],
)
def test_usage_errors(arguments: list[str], message: str) -> None:
    """Wrong arguments are one line on stderr and status 2."""
    done = subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("python -m kzt_rates.testing: ")
    assert done.stderr.count("\n") == 1
    assert message in done.stderr


def test_port_in_use() -> None:
    """A port that is taken is one line on stderr and status 1."""
    with serving() as (url, _):
        port = url.rpartition(":")[2]
        done = subprocess.run(
            [*COMMAND, "--port", port], capture_output=True, text=True, check=False
        )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1


def test_help() -> None:
    """--help names the options and what is served."""
    done = subprocess.run([*COMMAND, "--help"], capture_output=True, text=True, check=True)
    for part in ("--port", "--today", "National Bank of Kazakhstan", "Ctrl-C", "range export"):
        assert part in " ".join(done.stdout.split())
