"""A parser that says what is wrong in one line, and the types of its arguments."""

import argparse
import os
import re
from contextlib import contextmanager, suppress

from kzt_rates.cli.terminal import PROGRAM, one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from typing import Any, NoReturn

    from _typeshed import SupportsWrite

DEFAULT_COLUMNS = 80
FORMATS = ("table", "json", "csv")
PERIOD_UNITS = ("d", "w", "m", "y")


class SettingsError(Exception):
    """A variable of the environment or an option has an invalid value."""


class _HelpFormatter(argparse.RawDescriptionHelpFormatter):
    """As wide as the terminal, which is found out without importing shutil: that takes long."""

    def __init__(self, prog: str, **newer: "Any") -> None:
        super().__init__(prog, max_help_position=26, width=_columns() - 2, **newer)


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, and takes any negative number for an argument."""

    def __init__(
        self, prog: str, usage: str, description: str, epilog: str, **newer: "Any"
    ) -> None:
        # argparse makes the parsers of commands, and gives them what it knows: `color` since 3.14
        super().__init__(
            prog,
            usage,
            description,
            epilog,
            formatter_class=_HelpFormatter,
            allow_abbrev=False,
            **newer,
        )
        self._positionals.title = "arguments"
        self._negative_number_matcher = re.compile(r"-[\d.]")

    def _print_message(self, message: str, file: "SupportsWrite[str] | None" = None) -> None:
        """Print help as newer argparse does: what a closed pipe means is said later."""
        with suppress(AttributeError, OSError):
            super()._print_message(message, file)

    def error(self, message: str) -> "NoReturn":
        """Say what is wrong and where help is, and exit."""
        self.exit(2, f"{PROGRAM}: {one_line(message)} (see {self.prog} --help)\n")


def parse_amount_text(text: str) -> str:
    """Return an amount as it was given."""
    from kzt_rates.arithmetic import parse_amount

    if len(text) == 3 and text.isascii() and text.isalpha():
        raise argparse.ArgumentTypeError(f"the amount comes first: kzt-rates convert 100 {text}")
    with _told():
        parse_amount(text)
    return text


def parse_date_text(text: str) -> "date":
    """Return a date."""
    from kzt_rates.dates import parse_date

    with _told():
        return parse_date(text)


def parse_period_text(text: str) -> tuple[int, str]:
    """Return the count and the unit of a period."""
    count, unit = text[:-1], text[-1:]
    if not (count.isascii() and count.isdigit() and len(count) < 5 and int(count)) or (
        unit not in PERIOD_UNITS
    ):
        raise argparse.ArgumentTypeError(
            f"invalid period {text[:20]!r}: write 10d, 2w, 3m or 1y, with a number up to 9999"
        )
    return int(count), unit


def parse_places_text(text: str) -> int:
    """Return how many decimals."""
    from kzt_rates.arithmetic import MAX_PLACES, parse_places

    with _told():
        if not (text.isascii() and text.isdigit() and len(text) < 10):
            raise ValueError(f"places is a whole number from 0 to {MAX_PLACES}, not {text[:20]!r}")
        return parse_places(int(text))


def parse_url_text(text: str) -> str:
    """Return the bank's address as it was given."""
    from kzt_rates.settings import base_url_of

    with _told():
        base_url_of(text or " ")  # nothing at all would be taken for the environment's
    return text


def add_format(parser: argparse.ArgumentParser, forms: "tuple[str, ...]" = FORMATS) -> None:
    """Add the format of an answer, the first by default."""
    first, *others = forms
    parser.add_argument(
        "--format",
        choices=forms,
        default=first,
        metavar="FORMAT",
        help=f"{', '.join([f'{first} (default)', *others[:-1]])} or {others[-1]}",
    )


def add_on(parser: argparse.ArgumentParser) -> None:
    """Add the date of an answer."""
    parser.add_argument(
        "--on", type=parse_date_text, metavar="DATE", help="the date (default: today)"
    )


def add_reading(
    parser: argparse.ArgumentParser,
    forms: "tuple[str, ...]" = FORMATS,
    hidden: "tuple[str, ...]" = (),
) -> None:
    """Add what reading commands take; hidden is what can change nothing in this one."""
    add_format(parser, forms)
    helps = {
        "missing": 'for a date without a rate: "raise" an error (default), or use the '
        '"previous" day that has one, up to 14 days back',
        "refresh": "ask the bank again, also for known rates",
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


@contextmanager
def _told() -> "Iterator[None]":
    """Have argparse tell why a value is wrong, where it would only say that it is."""
    try:
        yield
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _columns() -> int:
    columns = os.environ.get("COLUMNS", "")
    if columns.isascii() and columns.isdigit() and int(columns):
        return int(columns)
    try:
        return os.get_terminal_size().columns or DEFAULT_COLUMNS
    except (OSError, ValueError):  # stdout is no terminal, or there is none
        return DEFAULT_COLUMNS
