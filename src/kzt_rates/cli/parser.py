"""The commands and their options."""

import argparse

from kzt_rates._version import __version__
from kzt_rates.cli.arguments import (
    FORMATS,
    Parser,
    add_format,
    add_on,
    add_reading,
    parse_amount_text,
    parse_places_text,
    parse_url_text,
)
from kzt_rates.cli.terminal import PROGRAM

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from typing import TypeAlias

    Command: TypeAlias = tuple[str, str, str, str, Callable[[argparse.ArgumentParser], None]]

DESCRIPTION = """\
The tenge's official exchange rates from the National Bank of Kazakhstan.
A rate comes from the packaged archive or the cache; if it is in neither, the
bank is asked. Dates are calendar dates in Kazakhstan, written 2025-12-05 or
05.12.2025. The default is today."""

EPILOG = """\
examples:
  kzt-rates convert 100 USD --on 2025-12-05
  kzt-rates convert 980.40 EUR USD --places 2
  kzt-rates sheet 2025-12-05 --format csv
  kzt-rates history USD --last 3m
  kzt-rates sync --start 1993-11-15

exit status:
  0    done
  1    another error
  2    wrong usage
  3    no such currency or rate
  4    the bank cannot be reached, or offline is on
  5    the bank's answer cannot be used, or health found a change
  130  Ctrl-C

environment:
  KZT_RATES_BASE_URL  the bank's address (default: https://nationalbank.kz)
  KZT_RATES_CACHE     the cache's file, or "off" (default: see "cache path")
  KZT_RATES_ARCHIVE   "off" ignores the packaged archive
  KZT_RATES_OFFLINE   "on" never asks the bank

kzt-rates COMMAND --help shows the options of a command."""

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
        "--verbose", action="store_true", default=absent, help="log every request to stderr"
    )


def _add_convert(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "amount", type=parse_amount_text, metavar="AMOUNT", help="an amount such as 1250 or 1250.50"
    )
    parser.add_argument("base", metavar="BASE", help="the currency of the amount")
    parser.add_argument(
        "quote",
        metavar="QUOTE",
        nargs="?",
        default="KZT",
        help="the currency to convert to (default: KZT)",
    )
    add_on(parser)
    parser.add_argument(
        "--places",
        type=parse_places_text,
        metavar="N",
        help="round the result to N decimals, ties away from zero",
    )
    add_reading(parser, (*FORMATS, "plain"))
    parser.add_argument("--exact", action="store_true", help="show all digits")
    parser.set_defaults(check=lambda options: _check_convert(parser, options))


def _check_convert(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """End with a usage error where a date or a word stands for the second currency."""
    if not (options.quote.isascii() and options.quote.isalpha() and len(options.quote) == 3):
        from kzt_rates.cli.hints import why_no_quote

        why = why_no_quote(options.quote)
        if why:
            parser.error(why)


def _late(name: str) -> "Callable[[argparse.ArgumentParser], None]":
    """Return what adds the options of a command, imported when it is wanted."""

    def add(parser: argparse.ArgumentParser) -> None:
        from kzt_rates.cli import options

        getattr(options, f"add_{name}")(parser)

    return add


def _add_cache(parser: argparse.ArgumentParser) -> None:
    _add_commands(parser, "part", _CACHE_COMMANDS, None)


def _add_copy(parser: argparse.ArgumentParser) -> None:
    from kzt_rates.cli.options import add_copy

    add_copy(parser)


def _add_nothing(_: argparse.ArgumentParser) -> None:
    """Leave a command with what every command takes."""


# name, summary, arguments, what its help ends with, what adds its options
_CACHE_COMMANDS: "tuple[Command, ...]" = (
    (
        "info",
        "show which dates archive and cache have, by currency",
        "",
        "Missing: the days between the first and the last that are in neither.",
        add_format,
    ),
    ("path", 'print the path of the cache, or "off"', "", "", _add_nothing),
    (
        "clear",
        "delete the cache",
        "",
        "The bank can be asked for all of it again. Other files are not deleted.",
        _add_nothing,
    ),
    ("copy", "copy all that one file knows into another", "FROM TO", "", _add_copy),
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
        "[DATE | --on DATE]",
        "examples:\n  kzt-rates sheet 2025-12-05\n  kzt-rates sheet --format json",
        _late("sheet"),
    ),
    (
        "latest",
        "show the newest rates, which may be tomorrow's",
        "",
        "examples:\n  kzt-rates latest\n  kzt-rates latest --format csv",
        _late("latest"),
    ),
    (
        "ticker",
        "show dollar, euro, yuan and rouble in one line",
        "[DATE | --on DATE]",
        "examples:\n  kzt-rates ticker\n  kzt-rates ticker 2025-11-29 --offline",
        _late("ticker"),
    ),
    (
        "history",
        "show the rates of a currency over a range of dates",
        "BASE [QUOTE] --start DATE | --last PERIOD",
        "",
        _late("history"),
    ),
    (
        "sync",
        "fill the cache for a range of dates",
        "--start DATE | --all [--end DATE]",
        "",
        _late("sync"),
    ),
    (
        "currencies",
        "list the currencies the bank publishes or has published",
        "",
        "First and Last: the dates in archive and cache.",
        _late("currencies"),
    ),
    (
        "cache",
        "show, copy or delete what is stored on this machine",
        "info | path | copy | clear",
        "",
        _add_cache,
    ),
    (
        "health",
        "check the bank's feeds for changes",
        "",
        "",
        _late("health"),
    ),
    (
        "completion",
        "print a completion script for a shell",
        "bash | zsh | fish",
        "",
        _late("completion"),
    ),
)
