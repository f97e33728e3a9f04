"""The commands and their options."""

import argparse

from kzt_rates._version import __version__
from kzt_rates.cli.arguments import (
    Parser,
    add_format,
    parse_amount_text,
    parse_date_text,
    parse_places_text,
    parse_url_text,
)
from kzt_rates.cli.streams import PROGRAM

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from typing import TypeAlias

    Command: TypeAlias = tuple[str, str, str, str, Callable[[argparse.ArgumentParser], None]]

DESCRIPTION = """\
The tenge's official exchange rates from the National Bank of Kazakhstan.
Rates come from the packaged archive or the cache where they are known, else
from the bank. Dates are calendar dates in Kazakhstan, written 2025-12-05 or
05.12.2025; without one, today is meant."""

EPILOG = """\
examples:
  kzt-rates convert 100 USD --on 2025-12-05
  kzt-rates convert 980.40 EUR USD --places 2
  kzt-rates sheet 2025-12-05 --format csv
  kzt-rates history USD --last 3m
  kzt-rates sync --start 1993-11-15

exit status:
  0    done
  1    anything not below
  2    wrong usage
  3    no such currency or rate
  4    the bank cannot be reached, or offline is on
  5    the bank's answer is not usable, or health found a change
  130  Ctrl-C

environment:
  KZT_RATES_BASE_URL  the bank's address (default: https://nationalbank.kz)
  KZT_RATES_CACHE     the cache's file, or "off" (default: see "cache path")
  KZT_RATES_ARCHIVE   "off" ignores the packaged archive
  KZT_RATES_OFFLINE   "on" never asks the bank

"kzt-rates COMMAND --help" tells the options of a command."""

CONVERT_EXAMPLES = """\
examples:
  kzt-rates convert 100 USD
  kzt-rates convert 12.50 USD EUR --on 05.12.2025 --places 2
  kzt-rates convert -5 USD --on 2025-12-05 --format json"""

# Below the help of every command, after what it has to say itself.
MORE = "exit status and environment: see kzt-rates --help"


def make_parser(words: "Sequence[str] | None" = None) -> argparse.ArgumentParser:
    """Return the parser of all commands.

    Given the words to parse, it knows no other command than the first word, which spares a
    conversion most of argparse's work; or the options of none but the commands among them.
    """
    parser = Parser(PROGRAM, "%(prog)s COMMAND [arguments] [options]", DESCRIPTION, EPILOG)
    parser.set_defaults(base_url=None, offline=False, verbose=False, check=None, output=None)
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    first = words[0] if words else None
    commands = tuple(row for row in _COMMANDS if row[0] == first)
    _add_commands(parser, "command", commands or _COMMANDS, words)
    _add_common(parser)
    return parser


def _add_commands(
    parser: argparse.ArgumentParser,
    dest: str,
    table: "tuple[Command, ...]",
    words: "Collection[str] | None",
) -> None:
    # argparse makes a usage line to name the commands' programs after, if it is given no name
    commands = parser.add_subparsers(
        dest=dest, metavar="COMMAND", title="commands", required=True, prog=parser.prog
    )
    for name, summary, arguments, epilog, add_options in table:
        command = commands.add_parser(
            name,
            help=summary,
            usage=" ".join(filter(None, ["%(prog)s", arguments, "[options]"])),
            description=f"{summary[0].upper()}{summary[1:]}.",
            epilog="\n\n".join(filter(None, [epilog, MORE])),
        )
        if words is None or name in words:
            add_options(command)
            _add_common(command)


def _add_common(parser: argparse.ArgumentParser) -> None:
    """Add what every command takes, before the command's name or after it."""
    group = parser.add_argument_group("settings")
    absent = argparse.SUPPRESS  # so that what stands before a command is not lost to a default
    group.add_argument("--offline", action="store_true", default=absent, help="never ask the bank")
    group.add_argument(
        "--base-url", type=parse_url_text, default=absent, metavar="URL", help="the bank's address"
    )
    group.add_argument(
        "--verbose", action="store_true", default=absent, help="tell of every request on stderr"
    )


def _add_reading(
    parser: argparse.ArgumentParser, *, hidden: "tuple[str, ...]" = (), saves: bool = False
) -> None:
    """Add what reading commands take; hidden is what can change nothing in this one."""
    if saves:
        from kzt_rates.cli.saving import add_saving

        add_saving(parser)
    else:
        add_format(parser)
    helps = {
        "missing": 'where a date has no rate: "raise" an error (default), or take the '
        '"previous" day that has one, at most 14 back',
        "refresh": "ask the bank again, whatever is known",
    }
    helps.update(dict.fromkeys(hidden, argparse.SUPPRESS))
    parser.add_argument(
        "--missing",
        choices=("raise", "previous"),
        default="raise",
        metavar="POLICY",
        help=helps["missing"],
    )
    parser.add_argument("--refresh", action="store_true", help=helps["refresh"])


def _add_sheet(parser: argparse.ArgumentParser) -> None:
    _add_date(parser, saves=True)


def _add_date(parser: argparse.ArgumentParser, *, saves: bool = False) -> None:
    parser.add_argument(
        "date", nargs="?", type=parse_date_text, metavar="DATE", help="the date (default: today)"
    )
    _add_reading(parser, saves=saves)


def _add_convert(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "amount", type=parse_amount_text, metavar="AMOUNT", help="such as 100 or -12.50"
    )
    parser.add_argument("base", metavar="BASE", help="the currency the amount is in")
    parser.add_argument(
        "quote",
        metavar="QUOTE",
        nargs="?",
        default="KZT",
        help="the currency to convert to (default: KZT)",
    )
    parser.add_argument(
        "--on", type=parse_date_text, metavar="DATE", help="the date (default: today)"
    )
    parser.add_argument(
        "--places",
        type=parse_places_text,
        metavar="N",
        help="round the result, once, to so many decimals, ties away from zero",
    )
    _add_reading(parser)


def _add_latest(parser: argparse.ArgumentParser) -> None:
    _add_reading(parser, hidden=("missing",), saves=True)


def _add_currencies(parser: argparse.ArgumentParser) -> None:
    _add_reading(parser, hidden=("missing", "refresh"))


def _add_history(parser: argparse.ArgumentParser) -> None:
    from kzt_rates.cli.options import add_history

    add_history(parser)


def _add_sync(parser: argparse.ArgumentParser) -> None:
    from kzt_rates.cli.options import add_sync

    add_sync(parser)


def _add_health(parser: argparse.ArgumentParser) -> None:
    from kzt_rates.cli.options import add_health

    add_health(parser)


def _add_cache(parser: argparse.ArgumentParser) -> None:
    _add_commands(parser, "part", _CACHE_COMMANDS, None)


def _add_nothing(_: argparse.ArgumentParser) -> None:
    """Leave a command with what every command takes."""


# name, summary, arguments, what its help ends with, what adds its options
_CACHE_COMMANDS: "tuple[Command, ...]" = (
    (
        "info",
        "tell what archive and cache cover, by currency",
        "",
        "Missing are the days between the first and the last that neither has.",
        add_format,
    ),
    ("path", 'print where the cache is, or "off"', "", "", _add_nothing),
    (
        "clear",
        "remove the cache's file",
        "",
        "Nothing is lost but requests. A file that is no cache of kzt_rates stays.",
        _add_nothing,
    ),
)
_COMMANDS: "tuple[Command, ...]" = (
    (
        "convert",
        "convert an amount at the official rate of a date",
        "AMOUNT BASE [QUOTE]",
        CONVERT_EXAMPLES,
        _add_convert,
    ),
    (
        "sheet",
        "show all official rates of a date",
        "[DATE]",
        "examples:\n  kzt-rates sheet 2025-12-05\n  kzt-rates sheet --format json",
        _add_sheet,
    ),
    (
        "latest",
        "show the newest rates published, maybe tomorrow's",
        "",
        "examples:\n  kzt-rates latest\n  kzt-rates latest --format csv",
        _add_latest,
    ),
    (
        "ticker",
        "show dollar, euro, yuan and rouble of a date in one line",
        "[DATE]",
        "examples:\n  kzt-rates ticker\n  kzt-rates ticker 2025-11-29 --offline",
        _add_date,
    ),
    (
        "history",
        "show the rates of a currency over dates",
        "BASE [QUOTE] --start DATE | --last PERIOD",
        "",
        _add_history,
    ),
    (
        "sync",
        "fill the cache for a range of dates",
        "--start DATE [--end DATE] [--currency CODE ...]",
        "",
        _add_sync,
    ),
    (
        "currencies",
        "list the currencies the bank publishes or has published",
        "",
        "First and Last are the dates known here, in archive and cache.",
        _add_currencies,
    ),
    (
        "cache",
        "look at what is known here, or clear it",
        "info | path | clear",
        "",
        _add_cache,
    ),
    (
        "health",
        "ask the bank whether its feeds are as they were",
        "",
        "",
        _add_health,
    ),
)
