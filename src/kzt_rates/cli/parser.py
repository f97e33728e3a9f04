"""The table of commands, and the parser of the one that is run.

A new command is a file of its own with a `COMMANDS` tuple, and a row in `ROOMS`.
"""

import argparse
import os
import re
from importlib import import_module

from kzt_rates._version import __version__
from kzt_rates.cli.options import SETTINGS, Command, explained, listed
from kzt_rates.cli.terminal import PROGRAM, one_line, write_error, write_out

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, NoReturn

    from _typeshed import SupportsWrite

# Each command's file in this folder, which is imported when the command is run, and its line in
# the help, which is shown without importing any of them.
ROOMS = {
    "convert": ("convert", "convert an amount at the official rate of a date"),
    "sheet": ("rates", "show all official rates of a date"),
    "latest": ("rates", "show the newest rates, which may be tomorrow's"),
    "ticker": ("rates", "show dollar, euro, yuan and rouble in one line"),
    "history": ("history", "show the rates of a currency over a range of dates"),
    "export": ("export", "write the rates of many currencies as one table"),
    "export-site": ("web", "write the rates as files for a static web host"),
    "sync": ("sync", "fill the cache for a range of dates"),
    "refresh": ("watch", "fill the cache for today and tomorrow, or keep it fresh"),
    "watch": ("watch", "write a line whenever the bank's newest rates change"),
    "serve": ("web", "serve the rates over HTTP"),
    "currencies": ("rates", "list the currencies the bank publishes or has published"),
    "cache": ("cache", "show, copy or delete what is stored on this machine"),
    "health": ("health", "check the bank's feeds for changes"),
    "completion": ("completion", "print a completion script for a shell"),
}

DEFAULT_COLUMNS = 80

DESCRIPTION = """\
The tenge's official exchange rates from the National Bank of Kazakhstan. A rate comes from the
packaged archive or the cache; if it is in neither, the bank is asked. Dates are calendar dates
in Kazakhstan, written 2025-12-05 or 05.12.2025. The default is today."""

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

# Below the help of every command, after what it has to say itself.
MORE = "exit status and environment: see kzt-rates --help"

# What argparse says, and what is said in its place.
REWORDED = (
    (r"^argument ", ""),
    (r"^(--(\w+)): \2 is ", r"\1 is "),
    (r"^the following arguments are required: (.*)$", r"missing: \1"),
    (r": expected (?:one|at least one) argument$", " needs a value"),
    (r": ignored explicit argument (.*)$", r" takes no value, and \1 was given"),
)


def parse(words: "Sequence[str]") -> argparse.Namespace:
    """Return the options of a command, with its `run`; end the process for help or wrong usage."""
    before, name, after = _split(words)
    if name not in ROOMS or not {"-h", "--help", "--version"}.isdisjoint(before):
        parser = _make_parser(whole=False)
        _require_options(parser, PROGRAM, before)
        parser.parse_args(words)
    path, command = [PROGRAM, name], find_command(name)
    if command.parts:
        inner, part, rest = _split(after)
        names = {known.name: known for known in command.parts}
        if part not in names or not {"-h", "--help"}.isdisjoint(inner):
            parser = Parser(" ".join(path))
            _fill(parser, command, whole=False)
            if not part and {"-h", "--help"}.isdisjoint(inner):
                parser.error(f"missing: {listed([*names], 'or')}")
            parser.parse_args(after)
        before, path, command, after = [*before, *inner], [*path, part], names[part], rest
    parser = Parser(" ".join(path))
    _fill(parser, command)
    given = [*before, *after]
    _require_options(parser, command.name, given, command.instead)
    options, rest = parser.parse_known_intermixed_args(given)
    options.rest, options.program = rest, parser.prog
    if command.check is not None:
        command.check(parser, options)
    if rest:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    return options


def make_parser() -> "Parser":
    """Return the parser of all commands and their options, which documents them."""
    return _make_parser(whole=True)


def _make_parser(*, whole: bool) -> "Parser":
    """Return a parser of all commands; without their options it serves for help and errors."""
    parser = Parser(
        PROGRAM,
        usage="%(prog)s COMMAND [arguments] [options]",
        description=DESCRIPTION,
        epilog=EPILOG,
    )
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    holder = _add_holder(parser)
    for name, (_, summary) in ROOMS.items():
        inner = holder.add_parser(name, help=summary)
        if whole:
            _fill(inner, find_command(name))
    _add_settings(parser, SETTINGS)
    return parser


def find_command(name: str) -> Command:
    """Return a command of the table."""
    commands: tuple[Command, ...] = import_module(f"kzt_rates.cli.{ROOMS[name][0]}").COMMANDS
    return next(command for command in commands if command.name == name)


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, and takes any negative number for an argument."""

    def __init__(self, prog: str, **settings: "Any") -> None:
        self._validator: _Validator | None = None
        # argparse makes the parsers of commands, and gives them what it knows: `color` since 3.14
        super().__init__(prog, formatter_class=_HelpFormatter, allow_abbrev=False, **settings)
        self._positionals.title = "arguments"
        self._negative_number_matcher = re.compile(r"-[\d.]")

    def _get_validation_formatter(self) -> "_Validator":
        self._validator = self._validator or _Validator(self.prog)
        return self._validator

    def _print_message(self, message: str, file: "SupportsWrite[str] | None" = None) -> None:  # noqa: ARG002
        """Write help and the version as every answer is written."""
        write_out(message.removesuffix("\n"))

    def _check_value(self, action: argparse.Action, value: object) -> None:
        """Raise what names the option, its values and the word that was given."""
        if action.choices is None or value in action.choices:
            return
        choices, given = [str(choice) for choice in action.choices], one_line(value)[:40]
        if action.dest == "command":
            known = f"the commands of {self.prog} are {listed(choices)}"
            raise argparse.ArgumentError(
                None, f"no command {given!r}; {_meant(given, choices) or known}"
            )
        name = "/".join(action.option_strings) or action.metavar
        raise argparse.ArgumentError(None, f"{name} is {listed(choices, 'or')}, not {given!r}")

    def error(self, message: str) -> "NoReturn":
        """Say what is wrong and where help is, and exit."""
        for said, plainly in REWORDED:
            message = re.sub(said, plainly, message)
        write_error(f"{one_line(message)} (see {self.prog} --help)")
        self.exit(2)


class _HelpFormatter(argparse.RawDescriptionHelpFormatter):
    """Fills paragraphs and leaves indented lines as they are, as wide as the terminal."""

    def __init__(self, prog: str, **newer: "Any") -> None:
        # shutil, which argparse asks for the width, takes long to import
        super().__init__(prog, max_help_position=26, width=_columns() - 2, **newer)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        import textwrap

        return "\n\n".join(
            part if "\n  " in part else textwrap.fill(part, width, initial_indent=indent)
            for part in text.split("\n\n")
        )


class _Validator(_HelpFormatter):
    """Looks arguments over without colours, whose import in 3.14 takes as long as an answer."""

    def _set_color(self, *_: object, **__: object) -> None:
        pass


def _split(words: "Sequence[str]") -> "tuple[list[str], str, list[str]]":
    """Return the settings before a command, the command's name, "" for none, and what follows."""
    place = 0
    while place < len(words) and words[place].startswith("-"):
        place += 2 if words[place] == "--base-url" else 1
    name = words[place] if place < len(words) else ""
    return list(words[:place]), name, list(words[place + 1 :])


def _fill(parser: argparse.ArgumentParser, command: Command, *, whole: bool = True) -> None:
    parser.usage = " ".join(filter(None, ["%(prog)s", command.usage, "[options]"]))
    summary = command.summary or ROOMS[command.name][1]
    parser.description = f"{summary[0].upper()}{summary[1:]}."
    parser.epilog = "\n\n".join(filter(None, [command.notes, MORE]))
    parser.set_defaults(run=command.run, output=None)
    if command.add is not None:
        command.add(parser)
    if command.parts:
        holder = _add_holder(parser)
        for part in command.parts:
            inner = holder.add_parser(part.name, help=part.summary)
            if whole:
                _fill(inner, part)
    _add_settings(parser, command.settings)


def _add_holder(parser: argparse.ArgumentParser) -> "argparse._SubParsersAction[Any]":
    # argparse makes a usage line to name the commands' programs after, if it is given no name
    return parser.add_subparsers(
        dest="command", metavar="COMMAND", title="commands", required=True, prog=parser.prog
    )


def _add_settings(parser: argparse.ArgumentParser, shown: "Sequence[str]") -> None:
    """Add what every command takes, before its name or after it; some say so in their help."""

    def about(name: str, text: str) -> str:
        return text if name in shown else argparse.SUPPRESS

    group = parser.add_argument_group("settings")
    group.add_argument(
        "--offline", action="store_true", help=about("--offline", "never ask the bank")
    )
    group.add_argument(
        "--base-url",
        type=_parse_url_text,
        metavar="URL",
        help=about("--base-url", "the bank's address"),
    )
    group.add_argument(
        "--verbose", action="store_true", help=about("--verbose", "log every request to stderr")
    )


def _require_options(
    parser: Parser, name: str, words: "Sequence[str]", instead: "Mapping[str, str] | None" = None
) -> None:
    """End with a usage error for an option that the command does not have.

    argparse would take the option's value for an argument, and complain of that.
    """
    own = _options_of(parser)
    for word in words:
        if word == "--":
            return
        option = word.partition("=")[0]
        if option.startswith("--") and option not in own:
            hint = (instead or {}).get(option) or _meant(option, [*own]) or _holders(option)
            parser.error(f"{name} has no {option}{hint and f'; {hint}'}")


def _holders(option: str) -> str:
    """Return which commands have an option, "" for none."""
    names = []
    for command in map(find_command, ROOMS):
        parser = Parser(command.name)
        _fill(parser, command)
        action = _options_of(parser).get(option)
        if action is not None and action.help != argparse.SUPPRESS:
            names.append(command.name)
    return f"{listed(names)} {'has' if len(names) == 1 else 'have'} it" if names else ""


def _options_of(parser: Parser) -> "Mapping[str, argparse.Action]":
    return parser._option_string_actions  # noqa: SLF001  # argparse has no other list of them


def _meant(given: str, known: "Sequence[str]") -> str:
    from difflib import get_close_matches

    close = get_close_matches(given, known, 1, 0.75)
    return f"did you mean {close[0]}?" if close else ""


def _parse_url_text(text: str) -> str:
    from kzt_rates.settings import base_url_of

    with explained():
        base_url_of(text or " ")  # nothing at all would be taken for the environment's
    return text


def _columns() -> int:
    columns = os.environ.get("COLUMNS", "")
    if columns.isascii() and columns.isdigit() and int(columns):
        return int(columns)
    try:
        return os.get_terminal_size().columns or DEFAULT_COLUMNS
    except (OSError, ValueError):  # stdout is no terminal, or there is none
        return DEFAULT_COLUMNS
