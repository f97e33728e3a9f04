import logging
import os
import signal
import sqlite3
import warnings
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from kzt_rates.client import Client
from kzt_rates.testing import SettableClock, StandInBank

FEED_FAULTS = ("html", "empty", "truncated_xml", "dtd", "other_root")


def check_one_line(said: Any, status: int, *parts: str) -> None:
    assert (said.status, said.out) == (status, "")
    assert said.err.startswith("kzt-rates: ")
    assert said.err.count("\n") == 1
    assert "Traceback" not in said.err
    for part in parts:
        assert part in said.err


@pytest.mark.parametrize("command", ["convert 1 USX", "convert 1 USD qqz"])
def test_unknown_currency(run: Any, command: str) -> None:
    """A code that nobody knows is status 3, with the nearest codes."""
    check_one_line(run(command), 3, "unknown currency", "publishes no such code today")


@pytest.mark.parametrize(
    "command",
    [
        "convert 1 USD --on 2030-01-01",
        "sheet 9999-12-31",
        "ticker 0001-01-01 --missing previous",
        "sheet 1999-01-01",
        "convert 1 RUR --on 2025-12-05",
    ],
)
def test_no_such_rate(run: Any, bank: StandInBank, command: str) -> None:
    """A date without a rate is status 3."""
    check_one_line(run(command), 3, "no official ")


@pytest.mark.parametrize("command", ["convert 1 USD", "sheet", "latest", "ticker"])
def test_offline(run: Any, bank: StandInBank, command: str) -> None:
    """What would need the bank is status 4 where offline is on."""
    check_one_line(run(f"{command} --offline"), 4, "offline is on")


@pytest.mark.parametrize("command", ["convert 1 USD", "sheet", "latest", "ticker"])
def test_bank_unavailable(run: Any, bank: StandInBank, command: str) -> None:
    """A bank that cannot be reached is status 4; the retries before are not told of."""
    bank.fail("status", times=None, status=404)
    check_one_line(run(command), 4, "404")
    bank.stop()
    check_one_line(run(command), 4, bank.url)


@pytest.mark.parametrize("fault", FEED_FAULTS)
def test_feed_errors(run: Any, bank: StandInBank, fault: str) -> None:
    """An answer that is not to be believed is status 5."""
    bank.fail(fault, times=None)
    for command in ("convert 1 USD", "sheet", "latest", "ticker"):
        check_one_line(run(command), 5)


def test_refused_figure(run: Any, bank: StandInBank) -> None:
    """A figure refused that no feed mends is status 5, with the reason; the log is not printed."""
    bank.fail("bad_nominal", feed="daily", code="AMD", nominal="1")
    bank.fail("no_items", feed="export")
    check_one_line(run("convert 1 AMD"), 5, "AMD was quoted per 10")


OF_ONE_FIGURE = (
    "convert 1 EUR",
    "convert 1 USD EUR --missing previous",
    "ticker",
    "history EUR --last 2d",
    "history EUR --last 2d --missing previous",
)


def test_strange_figure(run: Any, bank: StandInBank) -> None:
    """A figure that another feed has otherwise is status 5 and one line with both."""
    assert run("sheet 2025-12-04").status == 0
    bank.fail("scaled", times=None, feed="daily", codes="EUR", factor="10")
    for command in OF_ONE_FIGURE:
        # 582.89, and ten times that
        check_one_line(run(command), 5, "EUR for 2025-12-05", "5828.9 per 1 is strange", "582.89")
    said = run("sheet")
    assert (said.status, said.err) == (0, "")
    assert said.out.splitlines()[-1].startswith("EUR was refused: 5828.9 per 1 is strange")


def test_unknown_figure(run: Any, bank: StandInBank) -> None:
    """A figure that no feed tells of is status 5 and one line, and never "there is none"."""
    bank.fail("lost_codes", times=None, codes=["EUR"])
    bank.fail("blank_cells", times=None, feed="export", codes="EUR")
    for command in OF_ONE_FIGURE:
        check_one_line(run(command), 5, "EUR for 2025-12-05 is not known", "lacks it")
    assert run("convert 1 USD").status == 0


def test_day_that_the_export_lacks(run: Any, bank: StandInBank, clock: SettableClock) -> None:
    """A day whose row the export lost is status 5 and one line."""
    clock.set("2026-01-10T12:00+05:00")
    bank.fail("lost_rows", times=None, start="2025-12-05", end="2025-12-05")
    bank.fail("html", times=None, feed="daily")
    check_one_line(run("convert 1 USD --on 2025-12-05"), 5, "HTML")  # the daily feed stood in
    line = "history USD --start 2025-12-01 --end 2025-12-06"
    check_one_line(run(line), 5, "USD for 2025-12-05 is not known", "has no row of 2025-12-05")


def test_no_such_unit(run: Any, bank: StandInBank) -> None:
    """A unit that did not exist on the day is status 3 with the law, and nobody is asked."""
    check_one_line(
        run("convert 1 BYN --on 2016-07-01"), 3, "changed to the new Belarusian rouble", "BYR"
    )
    check_one_line(run("sheet 1993-11-14"), 3, "no tenge before 1993-11-15")
    assert bank.requests == ()


def test_text_of_the_bank_in_an_error(run: Any, bank: StandInBank) -> None:
    """What the bank sends cannot break the line of an error, nor colour it."""
    body = "<html>\r\n\n\x1b[31mred\x07</html>"
    bank.answer_with(body.encode(), times=None)
    said = run("sheet --verbose")
    assert said.status == 5
    assert all(line.startswith("kzt-rates: ") for line in said.err.splitlines())
    assert said.err.replace("\n", "").isprintable()


@pytest.mark.parametrize("line", ["convert 1 USD", "sheet", "currencies"])
@pytest.mark.parametrize(("name", "value"), [("OFFLINE", "maybe"), ("BASE_URL", "nationalbank.kz")])
def test_wrong_environment(
    run: Any, monkeypatch: pytest.MonkeyPatch, line: str, name: str, value: str
) -> None:
    """A setting of the environment that cannot be is status 2."""
    monkeypatch.setenv(f"KZT_RATES_{name}", value)
    check_one_line(run(line), 2, value)


def test_wrong_bank_for_the_cache(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which cache is meant depends on the bank, so that a wrong address is status 2 there too."""
    monkeypatch.setenv("KZT_RATES_BASE_URL", "nationalbank.kz")
    check_one_line(run("cache path"), 2, "nationalbank.kz")


@pytest.mark.parametrize("line", ["convert 1 USD --on 2025-11-30", "cache info"])
def test_damaged_cache(
    run: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, line: str
) -> None:
    """A damaged cache is status 1, with its path and what to do."""
    path = tmp_path / "damaged.sqlite"
    path.write_bytes(b"SQLite format 3\0" + b"x" * 5000)
    monkeypatch.setenv("KZT_RATES_CACHE", str(path))
    check_one_line(run(line), 1, str(path), "KZT_RATES_CACHE")


def test_cache_out_of_reach(run: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Looking at a cache that cannot be opened is status 1, with its path and why."""
    monkeypatch.setenv("KZT_RATES_CACHE", str(tmp_path))
    check_one_line(run("cache info"), 1, f"kzt-rates: {tmp_path}: it is a folder")
    assert run("convert 1 USD --on 2025-12-05").status == 0


def test_damaged_figure(run: Any, monkeypatch: pytest.MonkeyPatch, bank: StandInBank) -> None:
    """A value in the cache that is none is status 1, and is not taken for wrong usage."""
    assert run("convert 1 USD").status == 0
    with closing(sqlite3.connect(os.environ["KZT_RATES_CACHE"])) as cache, cache:
        cache.execute("UPDATE figure SET fetched_at = 'noon'")
    check_one_line(run("convert 1 USD"), 1)
    with closing(sqlite3.connect(os.environ["KZT_RATES_CACHE"])) as cache, cache:
        cache.execute("UPDATE figure SET day = 'noon' WHERE code = 'USD'")
    check_one_line(run("cache info"), 1, "'noon'")


def test_surprise(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error that nobody has foreseen is status 1 and one line with its kind."""

    def surprise(*_: object) -> None:
        raise ZeroDivisionError("nobody\nexpects it")

    monkeypatch.setattr(Client, "_run", surprise)
    check_one_line(run("convert 1 USD"), 1, "ZeroDivisionError: nobody expects it")
    monkeypatch.setattr(Client, "_run", lambda *_: (_ for _ in ()).throw(OSError()))
    check_one_line(run("convert 1 USD"), 1, "OSError")


def test_interrupt(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C is status 130 without a word."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Client, "_run", interrupt)
    before = signal.getsignal(signal.SIGINT)
    assert run("convert 1 USD") == (130, "", "")
    assert signal.getsignal(signal.SIGINT) is before


def test_leaves_no_traces(run: Any, bank: StandInBank) -> None:
    """A command that ran within another program leaves its logging and warnings as they were."""
    logger = logging.getLogger("kzt_rates")
    logger.setLevel(logging.NOTSET)
    before = list(logger.handlers), logger.level, warnings.filters[:], warnings.showwarning
    bank.fail("status", status=404)
    assert run("sheet --verbose").status == 4
    assert run("sheet").status == 0
    after = list(logger.handlers), logger.level, warnings.filters[:], warnings.showwarning
    assert after == before


def test_other_warnings_are_left_alone(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A warning of another kind is shown as Python shows it."""

    def warn(*_: object) -> None:
        warnings.warn("something else", RuntimeWarning, stacklevel=1)
        raise KeyboardInterrupt

    monkeypatch.setattr(Client, "_run", warn)
    with pytest.warns(RuntimeWarning, match="something else"):
        assert run("convert 1 USD").status == 130
