"""`kzt-rates watch` and `refresh`: lines, commands, and one among many processes."""

import errno
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from kzt_rates.cli import main
from kzt_rates.store.lock import RefreshLock, read_note
from kzt_rates.testing import SettableClock, StandInBank, archive_sheets

from .conftest import Run

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "follow-the-bank.md"
UNTIL = "--until 2025-12-05"

pytestmark = pytest.mark.system


@pytest.fixture
def bank(clock: SettableClock, bank: StandInBank, monkeypatch: pytest.MonkeyPatch) -> StandInBank:
    """The bank of the other tests, but tomorrow's sheet is out at 15:58."""
    bank.stop()
    other = StandInBank(
        archive_sheets("2025-12-01", "2025-12-08"), clock=clock, tomorrow_at="15:58"
    ).start()
    monkeypatch.setenv("KZT_RATES_BASE_URL", other.url)
    return other


def test_a_line_for_each_change(run: Run, bank: StandInBank) -> None:
    """The line has the reason, and the rates with their changes since the line before."""
    said = run(f"watch {UNTIL} --codes usd eur")
    assert (said.status, said.err) == (0, "")
    assert said.out == "published  (06.12.2025) $ 504.49 ₸ ▲4.84 € 587.73 ₸ ▲4.84\n"
    del bank


def test_json_lines(run: Run, bank: StandInBank) -> None:
    """With --format json each line is an object, with figures as text."""
    said = run("watch --until 2025-12-06 --codes USD --format json")
    lines = [json.loads(line) for line in said.out.splitlines()]
    assert [line["reason"] for line in lines] == ["published", "final", "published"]
    assert lines[0] == {
        "date": "2025-12-06",
        "reason": "published",
        "before": "2025-12-05",
        "complete": True,
        "provisional": True,
        "rates": [
            {
                "currency": "USD",
                "nominal": 1,
                "value": "504.49",
                "per_unit": "504.49",
                "difference": "4.84",
                "percent": "0.9686780746522565796057240068",
            }
        ],
    }
    del bank


@pytest.mark.parametrize(("percent", "lines"), [("1", 0), ("0.9", 1)])
def test_a_threshold(run: Run, bank: StandInBank, percent: str, lines: int) -> None:
    """Changes below the threshold are no lines."""
    found = run(f"watch {UNTIL} --codes USD --threshold {percent}")
    assert len(found.out.splitlines()) == lines
    del bank


WRITE = "open(sys.argv[1], 'a').write('|'.join(os.environ.get(n, '-') for n in sys.argv[2:]))"


def command(*words: object) -> str:
    return " ".join(f'"{word}"' for word in (sys.executable, *words))


def test_a_command_gets_the_figures(run: Run, bank: StandInBank, tmp_path: Path) -> None:
    """They are in its environment; no shell reads the line."""
    file = tmp_path / "seen $(date) ; x"
    names = ("DATE", "REASON", "BEFORE_DATE", "PROVISIONAL", "USD", "UZS_NOMINAL", "USD_CHANGE")
    wanted = [f"KZT_RATES_{name}" for name in names]
    line = command("-c", f"import os, sys; {WRITE}", file, *wanted)
    said = run(f"watch {UNTIL}", "--exec", line)
    assert (said.status, said.err) == (0, "")
    assert file.read_text() == "2025-12-06|published|2025-12-05|1|504.49|100|4.84"
    del bank


def test_a_command_that_fails(run: Run, bank: StandInBank) -> None:
    """It is named with its status, and the next line comes all the same."""
    line = command("-c", "raise SystemExit(3)")
    said = run("watch --until 2025-12-06 --codes USD", "--exec", line)
    assert said.status == 0
    assert len(said.out.splitlines()) == 3
    assert said.err == f"kzt-rates: warning: {sys.executable} ended with status 3\n" * 3
    del bank


def test_a_command_that_prints(
    bank: StandInBank, clock: SettableClock, capfd: pytest.CaptureFixture[str]
) -> None:
    """Its words go to stderr: stdout has the lines alone, whoever reads them."""
    words = ["watch", *UNTIL.split(), "--codes", "USD", "--format", "json"]
    assert main([*words, "--exec", command("-c", "print('hello')")]) == 0
    out, err = capfd.readouterr()
    assert json.loads(out)["date"] == "2025-12-06"
    assert err == "hello\n"
    del bank, clock


def test_nobody_reads(
    run: Run, bank: StandInBank, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A watch whose reader has gone ends at the next line, and runs nothing more."""

    class Gone(io.StringIO):
        def write(self, _: str) -> int:
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stdout", Gone())
    assert main(["watch", "--until", "2025-12-07", "--exec", command("-c", "1/0")]) == 0
    assert clock().isoformat() < "2025-12-05T16:20"
    assert run("cache path").err == ""
    del bank


def test_a_command_that_hangs(
    run: Run, bank: StandInBank, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """After a minute, here a moment, it is ended with all that it started."""
    monkeypatch.setattr("kzt_rates.cli.watch.COMMAND_SECONDS", 1)
    file = tmp_path / "pid"
    # a shell is up at once, on a busy machine too
    line = f"sh -c 'sleep 60 & echo $! > {file}; sleep 60'"
    said = run(f"watch {UNTIL} --codes USD", "--exec", line)
    assert (said.status, len(said.out.splitlines())) == (0, 1)
    assert "took longer than 1 seconds and was ended" in said.err
    _wait_until(lambda: not _is_alive(int(file.read_text())))
    del bank


def _is_alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().split()[2] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--codes USB", "unknown currency 'USB'"),
        ("--codes KZT", "no currency to watch but the tenge"),
        ("--threshold -1", "at least 0, not -1"),
        ("--threshold nan", "threshold is a percentage"),
        (
            "--until 2025-12-04",
            "--until 2025-12-04 is in the past: today in Kazakhstan is 2025-12-05",
        ),
        ("--exec no-such-command", "no command 'no-such-command' is found"),
        ('--exec "', "No closing quotation"),
        ("--exec=", "no command is given"),
    ],
)
def test_bad_input(run: Run, bank: StandInBank, words: str, said: str) -> None:
    """What cannot be is a usage error before the first question."""
    found = run(f"watch {words}")
    assert (found.status, found.out) == (2, "")
    assert said in found.err
    assert bank.requests == ()


def test_the_bank_is_away(run: Run, bank: StandInBank, clock: SettableClock) -> None:
    """One warning says so, another that it is back; the lines come late."""
    bank.fail("status", status=503, times=12, feed="latest")
    clock.set("2025-12-05T13:00+05:00")
    said = run("watch --until 2025-12-06 --codes USD")
    assert said.status == 0
    assert [line[:60] for line in said.err.splitlines()] == [
        "kzt-rates: warning: the watch continues after a failure: the",
        "kzt-rates: warning: the bank answers again, for the first ti",
    ]


def test_the_lines_of_the_page(
    run: Run, bank: StandInBank, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the page shows for the command line runs, until Ctrl-C ends it."""
    page = PAGE.read_text(encoding="utf-8")
    shown = [
        line.removeprefix("kzt-rates ")
        for block in re.findall(r"^```sh\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
        for line in block.splitlines()
    ]
    assert len(shown) == 5

    def end(instant: object) -> None:
        raise KeyboardInterrupt(instant)

    monkeypatch.setattr(clock, "wait_until", end)
    for line in shown:
        words = re.sub('--exec "notify-send rates"', f"--exec {sys.executable}", line)
        status = 0 if line == "refresh" else 130
        assert run(words).status == status, line
    del bank


def test_refresh(run: Run, bank: StandInBank, clock: SettableClock) -> None:
    """It fills the cache for today, and for tomorrow where that is out; then it asks nobody."""
    assert run("refresh").out == "2025-12-05: 39 rates, final\n"
    clock.set("2025-12-05T16:00+05:00")
    said = run("refresh")
    assert said.out == "2025-12-05: 39 rates, final\n2025-12-06: 39 rates, provisional\n"
    bank.forget()
    assert run("refresh").status == 0
    assert bank.requests == ()
    assert run("convert 1 USD --on 2025-12-06 --offline").status == 0


def test_refresh_at_a_bank_that_is_away(run: Run, bank: StandInBank, clock: SettableClock) -> None:
    """The error is the exit status, and `cache info` shows it, with how fresh the cache is."""
    run("refresh")
    clock.set("2025-12-07T10:00+05:00")
    bank.stop()
    assert run("refresh").status == 4
    _, _, newest, missed, failed, daily, empty, *_ = run("cache info").out.splitlines()
    assert newest == "newest:  2025-12-05; the bank had 2025-12-05 at 2025-12-05 12:00"
    assert missed == "missed:  2 days, 2025-12-06 to 2025-12-07"
    assert failed.startswith("latest:  failed at 2025-12-07 10:00: the bank cannot be reached")
    assert daily.startswith("daily:   failed at 2025-12-07 10:00: the bank cannot be reached")
    assert empty == ""
    (latest, *_) = json.loads(run("cache info --format json").out)["status"]["feeds"]
    assert latest["last_success"].startswith("2025-12-05T12:00")
    assert latest["last_error_at"] == "2025-12-07T10:00:00+05:00"


def test_refresh_without_tomorrow(run: Run, bank: StandInBank, clock: SettableClock) -> None:
    """That today is known is no success where the bank could not be asked for tomorrow."""
    run("refresh")
    clock.set("2025-12-05T16:00+05:00")
    bank.fail("status", status=503, feed="latest", times=None)
    said = run("refresh")
    assert (said.status, said.out) == (4, "2025-12-05: 39 rates, final\n")
    assert "503" in said.err


def test_refresh_of_a_cache_that_keeps_nothing(
    run: Run, bank: StandInBank, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What cannot be kept was asked for in vain."""
    (tmp_path / "a folder").mkdir()
    monkeypatch.setenv("KZT_RATES_CACHE", str(tmp_path / "a folder"))
    said = run("refresh")
    assert (said.status, said.out) == (1, "")
    assert "what is fetched cannot be stored" in said.err
    del bank


def test_a_file_system_without_locks(
    run: Run, bank: StandInBank, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error names the lock's file."""
    import fcntl

    def flock(_: int, __: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", flock)
    said = run("refresh")
    path = os.environ["KZT_RATES_CACHE"]
    assert (said.status, said.err) == (1, f"kzt-rates: {path}-refresh: no locks available\n")
    assert bank.requests == ()


def test_a_note_that_is_not_ours(run: Run, bank: StandInBank) -> None:
    """A lock file with something else in it is no trouble."""
    run("refresh")
    for text in ("no json", "[]", '{"latest": 5, "daily": {"last_success": "noon"}}'):
        Path(os.environ["KZT_RATES_CACHE"] + "-refresh").write_text(text, encoding="utf-8")
        assert run("cache info").status == 0
    del bank


def test_refresh_without_a_cache(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is nothing to refresh where nothing is kept, nor where nobody may be asked."""
    assert run("refresh --offline").status == 4
    monkeypatch.setenv("KZT_RATES_CACHE", "off")
    found = run("refresh")
    assert (found.status, found.out) == (2, "")
    assert "the cache is off" in found.err


def test_one_among_many(run: Run, bank: StandInBank) -> None:
    """While another process has the lock, a refresh leaves without a question."""
    lock = RefreshLock(os.environ["KZT_RATES_CACHE"])
    assert lock.acquire(wait=False)
    said = run("refresh")
    assert (said.status, said.out) == (0, "another process is refreshing this cache\n")
    assert bank.requests == ()
    lock.release()
    assert run("refresh").out.startswith("2025-12-05")


def test_a_killed_leader_is_replaced(
    start: Callable[..., "subprocess.Popen[bytes]"], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two that refresh for ever one asks; when that is killed, the other does."""
    monkeypatch.setenv("KZT_RATES_ARCHIVE", "off")
    with StandInBank() as bank:
        _publish_today(bank)
        processes = [start("refresh --forever", KZT_RATES_BASE_URL=bank.url) for _ in range(2)]
        _wait_until(lambda: bool(bank.requests))
        _wait_until(lambda: bool(read_note(os.environ["KZT_RATES_CACHE"])))
        asked = len(bank.requests)
        time.sleep(0.3)
        assert len(bank.requests) == asked
        cache = Path(os.environ["KZT_RATES_CACHE"])
        leader = next(p for p in processes if _holds(p.pid, f"{cache}-refresh"))
        leader.send_signal(signal.SIGKILL)
        leader.wait(60)
        (other,) = (p for p in processes if p is not leader)
        _wait_until(lambda: _holds(other.pid, f"{cache}-refresh"))
        other.send_signal(signal.SIGINT)
        assert other.wait(60) == 130


def _publish_today(bank: StandInBank) -> None:
    from datetime import timedelta

    from kzt_rates.dates import date_in_kazakhstan, utc_now
    from kzt_rates.testing import dense_sheets

    today = date_in_kazakhstan(utc_now())
    for day, rates in dense_sheets(today - timedelta(days=3), today).items():
        bank.publish(day, rates)


def _holds(process: int, path: str) -> bool:
    """Whether a process has the lock of a file, by the system's own list."""
    number = str(os.stat(path).st_ino)
    return any(
        f"{process}" in line.split() and f":{number} " in line
        for line in Path("/proc/locks").read_text().splitlines()
        if "->" not in line
    )


def _wait_until(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.02)


def test_a_lock_file_that_was_deleted(tmp_path: Path) -> None:
    """Whoever locks a file that is no longer there locks the new one."""
    cache = str(tmp_path / "kzt.sqlite")
    first, second = RefreshLock(cache), RefreshLock(cache)
    assert first.acquire(wait=False)
    assert not second.acquire(wait=False)
    first.note({"a": 1})
    assert read_note(cache) == {"a": 1}
    first.note({})
    assert read_note(cache) == {}
    Path(first.path).unlink()
    assert second.acquire(wait=False)
    first.release()
    second.release()
    assert read_note(cache) == {}
