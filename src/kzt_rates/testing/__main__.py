"""Serve the packaged archive as the bank would: `python -m kzt_rates.testing`."""

import argparse
import sys
from collections.abc import Sequence
from datetime import date
from threading import Event
from typing import NoReturn

from kzt_rates.dates import ONE_DAY, bank_date, parse_date
from kzt_rates.testing.bank import StandInBank
from kzt_rates.testing.clock import SettableClock
from kzt_rates.testing.sheets import archive_sheets

PROGRAM = "python -m kzt_rates.testing"
DESCRIPTION = """\
A stand-in for the National Bank of Kazakhstan on this machine: it serves the figures of the
packaged archive as the bank's daily XML, RSS and range export (.xlsx) until Ctrl-C, and prints
the setting that points kzt_rates at it. Most days of the archive hold a few currencies only."""
USAGE_ERROR, TROUBLE, INTERRUPTED = 2, 1, 130


class _OneLineParser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(USAGE_ERROR, f"{self.prog}: {message}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until interrupted; return the exit status."""
    options = _parser().parse_args(arguments)
    today: date | None = options.today
    clock = None if today is None else SettableClock(f"{today}T12:00+05:00")
    try:
        # the bank publishes tomorrow's rates, and nothing beyond
        sheets = archive_sheets(end=None if today is None else today + ONE_DAY)
        bank = StandInBank(sheets, clock=clock).start(options.port)
    except (OSError, OverflowError) as error:
        print(f"{PROGRAM}: {error}", file=sys.stderr)
        return TROUBLE
    try:
        _announce(bank, max(sheets, default=date(2025, 12, 5)))
        Event().wait()
    except KeyboardInterrupt:
        pass
    finally:
        bank.stop()
    return INTERRUPTED


def _announce(bank: StandInBank, day: date) -> None:
    print(f"export KZT_RATES_BASE_URL={bank.url}")
    hint = f"curl '{bank.url}/rss/get_rates.cfm?fdate={bank_date(day)}'"
    print(f"# try: {hint}  (Ctrl-C ends)", flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = _OneLineParser(prog=PROGRAM, description=DESCRIPTION)
    parser.add_argument(
        "--port", type=_port, default=0, help="where to listen on 127.0.0.1 (default: a free port)"
    )
    parser.add_argument(
        "--today",
        type=_date,
        metavar="DATE",
        help="make it noon of this day in Kazakhstan, with no rates after the day that follows",
    )
    return parser


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) < 65_536):
        raise argparse.ArgumentTypeError(f"a port is a number from 0 to 65535, not {text!r}")
    return int(text)


def _date(text: str) -> date:
    try:
        return parse_date(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


if __name__ == "__main__":
    sys.exit(main())
