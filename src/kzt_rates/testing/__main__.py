"""Serve a world as the bank would: `python -m kzt_rates.testing`."""

import argparse
import sys
from collections.abc import Sequence
from datetime import date, timedelta
from os import path
from tempfile import TemporaryDirectory
from threading import Event
from typing import NoReturn

from kzt_rates.dates import ONE_DAY, bank_date, date_in_kazakhstan, parse_date, utc_now
from kzt_rates.testing.bank import SettableClock, StandInBank
from kzt_rates.testing.sheets import filled_sheets

PROGRAM = "python -m kzt_rates.testing"
DESCRIPTION = """\
A stand-in for the National Bank of Kazakhstan on this machine: it serves the bank's daily XML,
RSS and range export (.xlsx) until Ctrl-C, and prints the settings that point kzt_rates at it,
with commands to try. The figures are those of the packaged archive; on days that it lacks, and
after its end up to today, they are made up, and the names in the daily XML say so. Tomorrow's
rates come at 15:58 in Kazakhstan."""
USAGE_ERROR, FAILED, INTERRUPTED = 2, 1, 130

# The tenge's first day; and for how long the program may run.
FIRST_DAY, DAYS_AHEAD = date(1993, 11, 15), timedelta(days=30)
TOMORROW_AT = "15:58"


class _OneLineParser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(USAGE_ERROR, f"{self.prog}: {message}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until interrupted; return the exit status."""
    options = _parser().parse_args(arguments)
    today: date | None = options.today
    with TemporaryDirectory(prefix="kzt_rates-") as folder:
        settings = {"KZT_RATES_CACHE": path.join(folder, "cache.sqlite")}
        try:
            if today is None:
                last = date_in_kazakhstan(utc_now()) + DAYS_AHEAD
                bank = StandInBank(filled_sheets(FIRST_DAY, last), tomorrow_at=TOMORROW_AT)
            else:
                clock = SettableClock(f"{today}T12:00+05:00")
                settings["KZT_RATES_TEST_CLOCK"] = path.join(folder, "clock")
                clock.show_in(settings["KZT_RATES_TEST_CLOCK"])
                # the bank publishes tomorrow's rates, and nothing beyond
                bank = StandInBank(filled_sheets(FIRST_DAY, today + ONE_DAY), clock=clock)
            bank.start(options.port)
        except (OSError, OverflowError, ValueError) as error:
            print(f"{PROGRAM}: {error}", file=sys.stderr)
            return FAILED
        try:
            _announce(bank, settings, today or date_in_kazakhstan(utc_now()))
            Event().wait()
        except KeyboardInterrupt:
            pass
        finally:
            bank.stop()
    return INTERRUPTED


def _announce(bank: StandInBank, settings: dict[str, str], today: date) -> None:
    print(f"export KZT_RATES_BASE_URL={bank.url}")
    for name, value in settings.items():
        print(f"export {name}={value}")
    print("# in another shell, after these lines (Ctrl-C ends):")
    for words in ("ticker", "latest", "convert 100 USD", "history USD --last 10d", "health"):
        print(f"kzt-rates {words}")
    print(f"curl '{bank.url}/rss/get_rates.cfm?fdate={bank_date(today)}'", flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = _OneLineParser(prog=PROGRAM, description=DESCRIPTION)
    parser.add_argument(
        "--port", type=_port, default=0, help="where to listen on 127.0.0.1 (default: a free port)"
    )
    parser.add_argument(
        "--today",
        type=_date,
        metavar="DATE",
        help="make it noon of this day in Kazakhstan, for kzt-rates as well, with no rates"
        " after the day that follows",
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
