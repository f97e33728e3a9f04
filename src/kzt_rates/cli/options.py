"""What a command is, and the options that several of them take."""

import argparse
import os
from contextlib import contextmanager

from kzt_rates.cli.terminal import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date
    from typing import TypeAlias

    Parser: TypeAlias = argparse.ArgumentParser
    Options: TypeAlias = argparse.Namespace

FORMATS = ("table", "json", "csv")
FILE_FORMATS = (*FORMATS, "parquet")
LANGUAGES = ("en", "ru", "kk")
SETTINGS = ("--offline", "--base-url", "--verbose")
PERIOD_UNITS = ("d", "w", "m", "y")

# What a file's ending promises to whoever opens it.
WRITERS = {".csv": "csv", ".json": "json", ".parquet": "parquet", ".txt": "table"}
PICTURES = (".png", ".svg", ".pdf")

# Between two currencies, as people say it.
BETWEEN = ("to", "in", "into", "=", "->", "в")


class Command:
    """A command: what its help says, the options it takes, and what it does.

    Args:
        name: the word that calls it.
        run: does it, and returns the exit status, `None` for 0. It writes with `write_out`.
        summary: one line for the list of commands, in lower case; that of a command which is
            no part of another stands in `ROOMS`.
        usage: its arguments, as the usage line has them.
        notes: paragraphs and indented examples at the end of its help.
        add: adds its arguments and options to a parser.
        check: settles what was given, and calls `parser.error` for what does not go together;
            `options.rest` are the words that no argument took.
        instead: what to do in place of an option that people try here: `{"--on": "…"}`.
        settings: those of `SETTINGS` that change what it does; the others are taken too.
        parts: the commands of a command such as `cache`.
    """

    __slots__ = (
        "add", "check", "instead", "name", "notes", "parts", "run", "settings", "summary", "usage",
    )  # fmt: skip

    def __init__(
        self,
        name: str,
        run: "Callable[[Options], int | None] | None" = None,
        *,
        summary: str = "",
        usage: str = "",
        notes: str = "",
        add: "Callable[[Parser], None] | None" = None,
        check: "Callable[[Parser, Options], None] | None" = None,
        instead: "dict[str, str] | None" = None,
        settings: "tuple[str, ...]" = SETTINGS,
        parts: "tuple[Command, ...]" = (),
    ) -> None:
        self.name, self.run = name, run
        self.summary, self.usage, self.notes = summary, usage, notes
        self.add, self.check = add, check
        self.instead = instead or {}
        self.settings, self.parts = settings, parts


def parse_date_text(text: str) -> "date":
    """Return a date."""
    from kzt_rates.dates import parse_date

    with explained():
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


def add_format(parser: "Parser", forms: "tuple[str, ...]" = FORMATS) -> None:
    """Add the format of an answer, the first by default."""
    parser.add_argument(
        "--format",
        choices=forms,
        default=forms[0],
        metavar="FORMAT",
        help=listed([f"{forms[0]} (default)", *forms[1:]], "or"),
    )


def add_on(parser: "Parser") -> None:
    """Add the date of an answer."""
    parser.add_argument(
        "--on", type=parse_date_text, metavar="DATE", help="the date (default: today)"
    )


def add_day(parser: "Parser") -> None:
    """Add a date, which may stand alone or after --on."""
    parser.add_argument(
        "date", nargs="?", type=parse_date_text, metavar="DATE", help="the date (default: today)"
    )
    add_on(parser)


def check_day(parser: "Parser", options: "Options") -> None:
    """Settle the date."""
    if None not in (options.date, options.on) and options.date != options.on:
        parser.error(f"two dates, {options.date} and --on {options.on}: give one")
    options.date = options.date or options.on


def add_missing(parser: "Parser", *, hidden: bool = False) -> None:
    """Add what is done about a date without a rate; hidden where that changes nothing."""
    parser.add_argument(
        "--missing",
        choices=("raise", "previous"),
        default="raise",
        metavar="POLICY",
        help=argparse.SUPPRESS
        if hidden
        else 'for a date without a rate: "raise" an error (default), or use the "previous" day '
        "that has one, up to 14 days back",
    )


def add_refresh(parser: "Parser", *, hidden: bool = False) -> None:
    """Add that the bank is asked whatever is known; hidden where that changes nothing."""
    shown = argparse.SUPPRESS if hidden else "ask the bank again, also for known rates"
    parser.add_argument("--refresh", action="store_true", help=shown)


def add_language(parser: "Parser") -> None:
    """Add the language of a table."""
    parser.add_argument(
        "--language",
        choices=LANGUAGES,
        metavar="LANGUAGE",
        help="language of words and figures: en (default), ru or kk",
    )


def add_exact(parser: "Parser") -> None:
    """Add that a table has every digit."""
    parser.add_argument(
        "--exact", action="store_true", help="show all digits, without rounding or grouping"
    )


def add_range(parser: "Parser", *, start: str = "the first day") -> None:
    """Add the first and the last day of a range."""
    parser.add_argument("--start", type=parse_date_text, metavar="DATE", help=start)
    parser.add_argument(
        "--end", type=parse_date_text, metavar="DATE", help="the last day (default: today)"
    )


def check_range(parser: "Parser", options: "Options") -> None:
    """End with a usage error for a range that ends before it starts."""
    if None not in (options.start, options.end) and options.start > options.end:
        parser.error(f"the range from {options.start} to {options.end} ends before it starts")


def range_of(today: "date", options: "Options", start: "date | None" = None) -> "tuple[date, date]":
    """Return the first and the last day; `start` is the first where --start is not given."""
    first = start or options.start
    last = options.end or today
    if first > last:  # an end that is given was compared before
        raise UsageError(f"--start {first} is in the future: today in Kazakhstan is {today}")
    return first, last


def first_day_of(option: str, period: tuple[int, str], today: "date") -> "date":
    """Return the day after the same day so many units before: ten days are today and nine more."""
    count, unit = period
    from dateutil.relativedelta import relativedelta

    from kzt_rates.dates import ONE_DAY

    back = relativedelta(
        days=count if unit == "d" else 0,
        weeks=count if unit == "w" else 0,
        months=count if unit == "m" else 0,
        years=count if unit == "y" else 0,
    )
    try:
        return today - back + ONE_DAY
    except (ValueError, OverflowError):
        raise UsageError(f"{option} {count}{unit} begins before the year 1") from None


def add_output(parser: "Parser", forms: "tuple[str, ...]" = FILE_FORMATS) -> None:
    """Add the format, and the file that an answer may go to, whose ending may be the format."""
    add_format(parser, forms)
    endings = listed([f".{form}" for form in ("csv", "json", "parquet") if form in forms], "or")
    parser.add_argument(
        "--output",
        type=_parse_file_text,
        metavar="FILE",
        help=f"write to a file, replacing an old one; the ending {endings} sets the format",
    )
    parser.set_defaults(format=None, forms=forms)


def add_file(parser: "Parser", shown: str) -> None:
    """Add the file that an answer may go to."""
    parser.add_argument("--output", type=_parse_file_text, metavar="FILE", help=shown)


def check_output(parser: "Parser", options: "Options") -> None:
    """Settle the format; end with a usage error where the file's ending promises another."""
    if options.output is None:
        options.format = options.format or options.forms[0]
        if options.format == "parquet":
            parser.error("--format parquet needs --output FILE")
        return
    ending = os.path.splitext(options.output)[1].lower()
    promised, shown = WRITERS.get(ending), f"--output {options.output[-40:]}"
    if ending in PICTURES and hasattr(options, "plot"):
        parser.error(f"{shown}: a picture needs --plot FILE")
    if ending and promised not in options.forms:
        parser.error(f"{shown}: cannot write {ending} files; use .csv, .json or .parquet")
    if options.format is None:
        if promised in (None, "table"):
            parser.error(
                f"{shown}: unknown format; use a file .csv, .json or .parquet, or add --format"
            )
        options.format = promised
    elif promised not in (None, options.format):
        parser.error(f"{shown}: the ending {ending} contradicts --format {options.format}")


def check_pair(parser: "Parser", options: "Options") -> None:
    """End with a usage error where a date or another word stands for the second currency."""
    words = [word for word in (options.base, options.quote, *options.rest) if word]
    between = [word for word in words[1:] if word.lower() in BETWEEN]
    if between:
        kept = " ".join(word for word in words if word not in between)
        parser.error(f"leave out {between[0]!r}: {_typed(parser, options, kept)}")
    for word in words[1:]:
        if _is_date(word):
            given = f"--on {word}" if hasattr(options, "on") else f"--start {word} or --end {word}"
            parser.error(f"a date is given as {given}")
    for word in words[:2]:
        codes = word.replace("/", " ").replace("-", " ").split() if len(word) == 7 else []
        if [len(code) for code in codes] == [3, 3]:
            pair = _typed(parser, options, " ".join(codes).upper())
            parser.error(f"write the two currencies of {word!r} apart: {pair}")
    options.quote = options.quote or "KZT"


def _typed(parser: "Parser", options: "Options", currencies: str) -> str:
    """Return the line to type for two currencies."""
    amount = f"{options.amount} " if hasattr(options, "amount") else ""
    return f"{parser.prog} {amount}{currencies}"


def listed(words: "Sequence[str]", last: str = "and") -> str:
    """Return words as a sentence lists them.

    >>> listed(["json", "csv", "plain"], "or")
    'json, csv or plain'
    """
    return f" {last} ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


@contextmanager
def explained() -> "Iterator[None]":
    """Have argparse say why a value is wrong, where it would only say that it is."""
    try:
        yield
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _parse_file_text(text: str) -> str:
    if text in ("", "-"):
        raise argparse.ArgumentTypeError(
            "not a file name; without --output the answer goes to stdout"
        )
    return text


def _is_date(word: str) -> bool:
    from kzt_rates.dates import parse_date

    try:
        parse_date(word)
    except ValueError:
        return False
    return True
