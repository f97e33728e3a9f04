import io
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread, current_thread, main_thread
from typing import Any

import pytest

from kzt_rates.cli.sync import GOES_ON, Display, make_display
from kzt_rates.cli.terminal import undisturbed
from kzt_rates.testing import SettableClock, StandInBank, archive_sheets

Figures = dict[str, dict[str, tuple[str, int]]]

# The dollar of these years is on record for every day.
START, END = "2015-04-01", "2020-03-30"
YEARS = f"sync --start {START} --end {END} --currency USD"


@pytest.fixture
def old_bank(clock: SettableClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandInBank]:
    """A bank with five years of true rates of the dollar, and no archive beside it."""
    monkeypatch.setenv("KZT_RATES_ARCHIVE", "off")
    with StandInBank(archive_sheets(START, END), clock=clock) as bank:
        monkeypatch.setenv("KZT_RATES_BASE_URL", bank.url)
        yield bank


def check_one_line(said: Any, status: int, *parts: str) -> None:
    assert (said.status, said.out, said.err.count("\n")) == (status, "", 1)
    for part in parts:
        assert part in said.err


def test_years(run: Any, old_bank: StandInBank, figures: Figures) -> None:
    """Years are filled by few requests and told of in a few lines; then nothing is asked for."""
    count = sum(START <= day <= END and "USD" in rates for day, rates in figures.items())
    assert count == 1826
    assert run(YEARS) == (
        0,
        (
            "USD from 2015-04-01 to 2020-03-30\n"
            "fetched 1\xa0826 rates of 1\xa0826 days in 2 requests\n"
            "no holes\n"
        ),
        "",
    )
    assert {request.feed for request in old_bank.requests} == {"export"}
    old_bank.forget()
    assert run(YEARS).out == (
        "USD from 2015-04-01 to 2020-03-30\nnothing had to be asked for\nno holes\n"
    )
    said = run(f"history USD --start {START} --end {END} --offline --format csv")
    rates = dict(line.split(",") for line in said.out.splitlines()[1:])
    assert rates == {day: sheet["USD"][0] for day, sheet in figures.items() if START <= day <= END}
    assert old_bank.requests == ()


def test_a_week(run: Any, bank: StandInBank) -> None:
    """Currencies are named after one option or several; without a bar nothing is on stderr."""
    said = run("sync --start 2025-12-01 --end 05.12.2025 --currency usd EUR --currency CNY")
    assert said == (
        0,
        (
            "CNY, EUR, USD from 2025-12-01 to 2025-12-05\n"
            "fetched 195 rates of 5 days in 5 requests\n"  # whole sheets of 39
            "no holes\n"
        ),
        "",
    )
    said = run("sync --start 2025-12-01 --offline")
    assert said.out.splitlines()[1:] == ["nothing had to be asked for", "no holes"]


def test_one_of_each(run: Any, bank: StandInBank) -> None:
    """One day is a day, one request a request."""
    said = run("sync --start 2025-12-05 --end 2025-12-05 --currency USD")
    assert said.out.splitlines()[1] == "fetched 39 rates of 1 day in 1 request"


def test_holes(run: Any, bank: StandInBank) -> None:
    """Days that the bank has no rate for are counted and named, the first of many."""
    bank.withdraw("2025-12-03")
    said = run("sync --start 2025-12-01 --currency EUR USD")
    assert said.status == 0
    assert said.out.splitlines()[2:] == [
        "2 holes (days without a rate between days that have one, or days still unknown):",
        "",
        "Code  Days  Dates",
        "EUR      1  2025-12-03",
        "USD      1  2025-12-03",
    ]


def test_many_holes(run: Any, old_bank: StandInBank) -> None:
    """Of many holes the first spans are named, of one currency only."""
    for month in range(1, 6):
        for day in (3, 4):
            old_bank.withdraw(f"2016-{month:02}-{day:02}")
    said = run("sync --start 2016-01-01 --end 2016-12-31 --currency USD")
    assert said.out.splitlines() == [
        "USD from 2016-01-01 to 2016-12-31",
        "fetched 376 rates of 376 days in 1 request",  # with ten days before and after
        "10 holes (days without a rate between days that have one, or days still unknown):",
        "",
        "Code  Days  Dates",
        (
            "USD     10  2016-01-03 to 2016-01-04, 2016-02-03 to 2016-02-04, "
            "2016-03-03 to 2016-03-04, …"
        ),
    ]


def test_unknown_days(run: Any, old_bank: StandInBank, clock: SettableClock) -> None:
    """Days of which the export has no row are holes, and a later sync asks for them again."""
    old_bank.fail("lost_rows", times=None, start="2017-03-01", end="2017-03-20")
    line = "sync --start 2017-01-01 --end 2017-12-31 --currency USD"
    said = run(line)
    assert (said.status, said.err) == (0, "")
    assert said.out.splitlines() == [
        "USD from 2017-01-01 to 2017-12-31",
        "fetched 365 rates of 365 days in 2 requests",  # 365 and twice ten days, without twenty
        "20 holes (days without a rate between days that have one, or days still unknown):",
        "",
        "Code  Days  Dates",
        "USD     20  2017-03-01 to 2017-03-20",
    ]
    check_one_line(run("history USD --start 2017-03-01 --end 2017-03-31 --offline"), 5, "no row")
    old_bank.reset()
    clock.advance(days=1, seconds=1)
    said = run(line)
    assert said.out.splitlines()[1:] == ["fetched 20 rates of 20 days in 1 request", "no holes"]


def test_many_currencies(run: Any) -> None:
    """Without --currency all that the range export knows are meant, and they are counted."""
    said = run("sync --start 2025-12-02 --end 2025-12-05 --offline")
    assert said.out == (
        "39 currencies (41 codes) from 2025-12-02 to 2025-12-05\n"
        "nothing had to be asked for\nno holes\n"
    )


def test_not_quoted(run: Any) -> None:
    """A currency that did not exist in these days is named."""
    said = run("sync --start 2020-01-01 --end 2020-12-31 --currency BYR")
    assert said.status == 0
    assert "\nnothing had to be asked for\nnot a currency of these days: BYR\n" in said.out


def test_trouble_on_the_way(run: Any, old_bank: StandInBank) -> None:
    """An error ends it with one line and its status; what was fetched before is not asked again."""
    old_bank.fail("html", times=None, day=END)
    check_one_line(run(YEARS), 5, "HTML", GOES_ON)
    old_bank.reset()
    old_bank.fail("status", times=None, status=404)
    check_one_line(run(YEARS), 4, "404")
    first = old_bank.requests[0]
    # the first answer reached to 2019-03-21; a question has ten days more on both sides
    assert (str(first.start), str(first.end)) == ("2019-03-12", "2020-04-09")
    old_bank.reset()
    assert run(YEARS).out.splitlines()[1] == "fetched 375 rates of 375 days in 1 request"


def test_trouble_at_once(run: Any, old_bank: StandInBank) -> None:
    """Where nothing was fetched yet, nothing is said to be kept."""
    old_bank.stop()
    said = run(YEARS)
    check_one_line(said, 4, old_bank.url)
    assert GOES_ON not in said.err


def test_interrupted(run: Any, old_bank: StandInBank, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C is status 130 and one line that says how to go on."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("kzt_rates.transport.threaded.Transport.fetch", interrupt)
    check_one_line(run(YEARS), 130, f"interrupted; {GOES_ON}")


def test_errors(run: Any, bank: StandInBank) -> None:
    """An unknown code is status 3, offline 4, a range that is still to come 2."""
    check_one_line(run("sync --start 2025-12-01 --currency USD USX"), 3, "unknown currency 'USX'")
    check_one_line(run("sync --start 2025-12-01 --offline"), 4, "offline is on")
    check_one_line(run("sync --start 2025-12-06"), 2, "start 2025-12-06 is in the future")
    check_one_line(
        run("sync --start 2025-12-06 --end 2025-12-07"), 2, "start 2025-12-06 is in the future"
    )
    assert bank.requests == ()


def test_without_a_cache(
    run: Any, bank: StandInBank, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Where nothing can be kept, nothing is asked for: the cache is off, or cannot be used."""
    monkeypatch.setenv("KZT_RATES_CACHE", "off")
    check_one_line(run("sync --start 2025-12-01"), 2, "KZT_RATES_CACHE=off")
    folder = tmp_path / "not-a-folder"
    folder.write_text("a file where the cache's folder should be", encoding="utf-8")
    monkeypatch.setenv("KZT_RATES_CACHE", str(folder / "cache.sqlite"))
    check_one_line(run("sync --start 2025-12-01"), 1, str(folder), "KZT_RATES_CACHE")
    damaged = tmp_path / "damaged.sqlite"
    damaged.write_bytes(b"SQLite format 3\0" + b"x" * 5000)
    monkeypatch.setenv("KZT_RATES_CACHE", str(damaged))
    check_one_line(run("sync --start 2025-12-01"), 1, str(damaged))
    assert bank.requests == ()


class Tty(io.StringIO):
    """A terminal, as far as anybody asks."""

    def isatty(self) -> bool:
        return True


WITH_AND_WITHOUT_RICH = [pytest.param(True, marks=pytest.mark.extras), False]


@pytest.mark.parametrize("with_rich", WITH_AND_WITHOUT_RICH)
def test_progress(
    run: Any, old_bank: StandInBank, monkeypatch: pytest.MonkeyPatch, *, with_rich: bool
) -> None:
    """On a terminal it is shown how far it is: a bar with rich, else lines; neither for nothing."""
    for name in ("COLUMNS", "NO_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    if not with_rich:
        monkeypatch.setitem(sys.modules, "rich.console", None)
    first, second = Tty(), Tty()
    monkeypatch.setattr("sys.stderr", first)
    assert "in 2 requests" in run(YEARS).out
    assert ("fetched 1\xa0441 of 1\xa0826 days\n" in first.getvalue()) is not with_rich
    assert ("\x1b[?25h" in first.getvalue()) is with_rich
    monkeypatch.setattr("sys.stderr", second)
    assert run(YEARS).status == 0
    assert second.getvalue() == ""


@pytest.mark.system
def test_interrupt_that_waits() -> None:
    """Ctrl-C while the bar is taken away is heard when that is done; in a thread there is none."""
    steps = []

    def tidy() -> None:
        with undisturbed():
            steps.append("begun")
            if current_thread() is main_thread():
                signal.raise_signal(signal.SIGINT)
            steps.append("done")

    with pytest.raises(KeyboardInterrupt):
        tidy()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    thread = Thread(target=tidy)
    thread.start()
    thread.join()
    assert steps == ["begun", "done"] * 2


def test_closed_stderr(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing is shown on a stderr that is closed, or that is not there."""
    closed = (tmp_path / "stderr").open("w", encoding="utf-8")
    closed.close()
    for stream in (closed, None):
        monkeypatch.setattr("sys.stderr", stream)
        assert type(make_display(verbose=False)) is Display


def test_nothing_is_loaded_for_a_bar_that_nobody_sees(
    run: Any, bank: StandInBank, monkeypatch: pytest.MonkeyPatch
) -> None:
    """rich is imported only for a terminal."""
    monkeypatch.delitem(sys.modules, "rich.progress", raising=False)
    assert run("sync --start 2025-12-05 --end 2025-12-05").status == 0
    assert "rich.progress" not in sys.modules
