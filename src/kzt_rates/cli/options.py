"""What the commands but `convert` and `cache` take; imported when one of them is wanted."""

import os
from datetime import date

from kzt_rates.cli.arguments import (
    SettingsError,
    add_format,
    add_on,
    add_reading,
    parse_date_text,
    parse_period_text,
)
from kzt_rates.cli.hints import why_no_quote
from kzt_rates.cli.picturing import add_picture, check_picture
from kzt_rates.cli.saving import FORMATS, add_saving, check_saving
from kzt_rates.dates import ONE_DAY
from kzt_rates.feed import EXPORT_STARTS
from kzt_rates.money import LANGUAGES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace, _ArgumentGroup

    from kzt_rates.cli.session import Session


HISTORY_NOTES = """\
--last 10d is the ten days up to today in Kazakhstan. --last 3m starts on the
day after the same day three months ago.

examples:
  kzt-rates history USD --last 3m
  kzt-rates history USD EUR --start 2016-01-01 --end 2016-12-31
  kzt-rates history USD --start 2025-01-01 --output usd.csv
  kzt-rates history USD --last 1y --plot usd.png --language ru --events"""

SYNC_NOTES = """\
Asks only for rates that are not stored yet, and stores each answer at once. If
it is interrupted, run it again to continue. The progress is shown on
a terminal, as a bar if rich is installed: pip install rich.

examples:
  kzt-rates sync --start 1993-11-15
  kzt-rates sync --start 2016-01-01 --end 2019-12-31 --currency USD EUR
  kzt-rates sync --all --currency ILS VND"""

COPY_NOTES = """\
examples:
  kzt-rates cache copy ~/.cache/kzt_rates/cache.sqlite rates.sqlite

The other machine reads it with KZT_RATES_CACHE=rates.sqlite."""

HEALTH_NOTES = """\
Asks the bank for today's sheet, the latest sheet and two weeks of the range
export, and compares them with each other and with the table of currencies. A
check is ok, CHANGED or FAILED. The exit status is 5 if something changed or
cannot be used, 4 if the bank cannot be reached. No rate is stored.

examples:
  kzt-rates health
  kzt-rates health --format json"""


COMPLETION_NOTES = """\
examples:
  eval "$(kzt-rates completion bash)"         in ~/.bashrc
  eval "$(kzt-rates completion zsh)"          in ~/.zshrc, after compinit
  kzt-rates completion fish | source          in ~/.config/fish/config.fish"""


def add_sheet(parser: "ArgumentParser") -> None:
    """Add the arguments and options of `sheet`."""
    _add_day(parser)
    add_reading(parser, FORMATS)
    _add_language(parser)
    _add_exact(parser)
    add_saving(parser)
    parser.set_defaults(check=lambda options: _check_day(parser, options))


def add_latest(parser: "ArgumentParser") -> None:
    """Add the options of `latest`."""
    add_reading(parser, FORMATS, hidden=("missing",))
    _add_language(parser)
    _add_exact(parser)
    add_saving(parser)


def add_ticker(parser: "ArgumentParser") -> None:
    """Add the arguments and options of `ticker`."""
    _add_day(parser)
    add_reading(parser)
    _add_language(parser)
    parser.set_defaults(check=lambda options: _check_day(parser, options), exact=False)


def add_currencies(parser: "ArgumentParser") -> None:
    """Add the options of `currencies`."""
    add_reading(parser, hidden=("missing", "refresh"))
    _add_language(parser)


def add_completion(parser: "ArgumentParser") -> None:
    """Add the argument of `completion`."""
    _explain(parser, COMPLETION_NOTES)
    parser.add_argument(
        "shell", choices=("bash", "zsh", "fish"), metavar="SHELL", help="bash, zsh or fish"
    )


def add_history(parser: "ArgumentParser") -> None:
    """Add the arguments and options of `history`."""
    _explain(parser, HISTORY_NOTES)
    parser.add_argument("base", metavar="BASE", help="the currency whose rates are wanted")
    parser.add_argument(
        "quote",
        metavar="QUOTE",
        nargs="?",
        default="KZT",
        help="the currency the rates are in (default: KZT)",
    )
    start = parser.add_mutually_exclusive_group()
    _add_start(start)
    start.add_argument(
        "--last",
        type=parse_period_text,
        metavar="PERIOD",
        help="in place of --start: the days up to today, as 10d, 2w, 3m or 1y",
    )
    _add_end(parser)
    add_format(parser, FORMATS)
    add_saving(parser)
    _add_language(parser)
    _add_exact(parser)
    add_picture(parser)
    parser.add_argument(
        "--missing",
        choices=("skip", "raise", "previous"),
        default="skip",
        metavar="POLICY",
        help='for days without a rate: "skip" and list them (default), "raise" an error, or '
        'use the "previous" day that has one, up to 14 days back',
    )
    parser.add_argument(
        "--refresh", action="store_true", help="ask the bank again, also for known rates"
    )
    parser.set_defaults(check=lambda options: _check_history(parser, options))


def add_sync(parser: "ArgumentParser") -> None:
    """Add the options of `sync`."""
    _explain(parser, SYNC_NOTES)
    begins = parser.add_mutually_exclusive_group(required=True)
    _add_start(begins, required=False)
    begins.add_argument(
        "--all",
        action="store_true",
        help="everything since the tenge began, of all currencies that the bank's range export "
        "has, and of those that --currency names",
    )
    _add_end(parser)
    parser.add_argument(
        "--currency",
        nargs="+",
        action="extend",
        metavar="CODE",
        help="only these currencies (default: all in the bank's range export)",
    )
    parser.set_defaults(last=None, check=lambda options: _check_sync(parser, options))


def add_copy(parser: "ArgumentParser") -> None:
    """Add the arguments of `cache copy`."""
    _explain(parser, COPY_NOTES)
    parser.add_argument("source", metavar="FROM", help="a cache, or an archive")
    parser.add_argument("target", metavar="TO", help="a file that is made, or a cache to add to")


def add_health(parser: "ArgumentParser") -> None:
    """Add the options of `health`."""
    _explain(parser, HEALTH_NOTES)
    add_format(parser, ("table", "json"))


def range_of(session: "Session", options: "Namespace") -> tuple[date, date]:
    """Return the first and the last day that the options mean; raise `SettingsError` for none."""
    today = session.today()
    start = options.start or _start_of(options.last, today)
    end = options.end or today
    if start > end:  # an end that is given was compared before
        raise SettingsError(f"start {start} is in the future: today in Kazakhstan is {today}")
    return start, end


def _start_of(period: tuple[int, str], today: date) -> date:
    """Return the day after the same day so many units before: ten days are today and nine more."""
    count, unit = period
    from dateutil.relativedelta import relativedelta

    back = relativedelta(
        days=count if unit == "d" else 0,
        weeks=count if unit == "w" else 0,
        months=count if unit == "m" else 0,
        years=count if unit == "y" else 0,
    )
    try:
        return today - back + ONE_DAY
    except (ValueError, OverflowError):
        raise SettingsError(f"--last {count}{unit} begins before the year 1") from None


def _explain(parser: "ArgumentParser", notes: str) -> None:
    parser.epilog = f"{notes}\n\n{parser.epilog}"


def _add_start(holder: "ArgumentParser | _ArgumentGroup", *, required: bool = False) -> None:
    holder.add_argument(
        "--start",
        type=parse_date_text,
        required=required,
        metavar="DATE",
        help="the first day",
    )


def _add_end(parser: "ArgumentParser") -> None:
    parser.add_argument(
        "--end", type=parse_date_text, metavar="DATE", help="the last day (default: today)"
    )


def _add_day(parser: "ArgumentParser") -> None:
    """Add a date, which may stand alone or after --on."""
    parser.add_argument(
        "date", nargs="?", type=parse_date_text, metavar="DATE", help="the date (default: today)"
    )
    add_on(parser)


def _add_language(parser: "ArgumentParser") -> None:
    parser.add_argument(
        "--language",
        choices=LANGUAGES,
        metavar="LANGUAGE",
        help="language of words and figures: en (default), ru or kk",
    )


def _add_exact(parser: "ArgumentParser") -> None:
    parser.add_argument("--exact", action="store_true", help="show all digits")


def _check_day(parser: "ArgumentParser", options: "Namespace") -> None:
    """Settle the date, and the format of an answer that may go to a file."""
    if None not in (options.date, options.on) and options.date != options.on:
        parser.error(f"two dates, {options.date} and --on {options.on}: give one")
    options.date = options.date or options.on
    if options.command == "sheet":
        check_saving(parser, options)


def _check_history(parser: "ArgumentParser", options: "Namespace") -> None:
    why = why_no_quote(options.quote, "history")
    if why:
        parser.error(why)
    if options.start is None and options.last is None:
        parser.error("give --start DATE or --last PERIOD")
    files = [os.path.realpath(file) for file in (options.plot, options.output) if file]
    if len(files) > len({*files}):
        parser.error("--plot and --output name the same file")
    check_saving(parser, options)
    check_picture(parser, options)
    _check(parser, options)


def _check_sync(parser: "ArgumentParser", options: "Namespace") -> None:
    if options.all:
        options.start = EXPORT_STARTS
    _check(parser, options)


def _check(parser: "ArgumentParser", options: "Namespace") -> None:
    """End with a usage error where the dates do not go together."""
    if options.end is None:
        return
    if options.last is not None:
        parser.error("--last ends today and takes no --end")
    if options.start > options.end:
        parser.error(f"a range from {options.start} to {options.end} ends before it starts")
