"""The command line: `kzt-rates`.

A conversion from the archive must cost little more than argparse, so that every command
imports what it needs when it is run.
"""

import sys
import warnings
from contextlib import suppress

from kzt_rates.cli.terminal import be_lenient, one_line, say, tell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence
    from typing import TextIO

__all__ = ["main", "make_parser"]

TROUBLE, USAGE, NOT_FOUND, OUT_OF_REACH, NOT_USABLE, INTERRUPTED = 1, 2, 3, 4, 5, 130

# Seconds an attempt may take: one answer of the range export can take the bank long.
TIMEOUTS = {"history": 30, "health": 30, "sync": 60}


def main(arguments: "Sequence[str] | None" = None) -> int:
    """Run one command; return its exit status."""
    try:
        be_lenient(sys.stdout)
        try:
            words = sys.argv[1:] if arguments is None else arguments
            parser = make_parser(words)
            if not words:
                parser.print_help()
                say(None)
                return 0
            options, rest = parser.parse_known_args(words)
            if rest:
                from kzt_rates.cli.hints import why_no_more

                parser.error(why_no_more(options, rest))
            if options.check is not None:
                options.check(options)
        except SystemExit as end:  # help, the version or a usage error, said already
            say(None)
            return end.code if isinstance(end.code, int) else TROUBLE
        with warnings.catch_warnings():
            return _attempt(options)
    except KeyboardInterrupt:
        if arguments is None:  # the process is about to end
            _ignore_interrupts()
        return INTERRUPTED


def _ignore_interrupts() -> None:
    """Let a second Ctrl-C change nothing: while Python ends it would bring a traceback."""
    with suppress(ValueError, KeyboardInterrupt):  # in a thread, or a third Ctrl-C
        import signal

        signal.signal(signal.SIGINT, signal.SIG_IGN)


def make_parser(words: "Sequence[str] | None" = None) -> "ArgumentParser":
    """Return the parser of all commands; given words, of the commands among them."""
    from kzt_rates.cli.parser import make_parser

    return make_parser(words)


def _attempt(options: "Namespace") -> int:
    from kzt_rates.errors import StaleRateWarning

    show = warnings.showwarning

    def show_warning(
        message: "Warning | str",
        category: type[Warning],
        filename: str,
        lineno: int,
        file: "TextIO | None" = None,
        line: "str | None" = None,
    ) -> None:
        if issubclass(category, StaleRateWarning):
            tell(f"warning: {one_line(message)}")
        else:
            show(message, category, filename, lineno, file, line)

    warnings.simplefilter("always", StaleRateWarning)
    warnings.showwarning = show_warning
    try:
        text, status = _run(options)
        say(text)
    except Exception as error:  # noqa: BLE001  # a traceback is no answer to a person
        status, message = _explain(error)
        tell(message)
    return status


def _run(options: "Namespace") -> tuple[str | None, int]:
    """Run the chosen command and return what it says, and its exit status."""
    if options.command in ("cache", "completion"):
        if options.command == "cache":
            from kzt_rates.cli.cache import run
        else:
            from kzt_rates.cli.completion import run

        return run(options), 0
    from kzt_rates.cli.session import Session

    if options.command == "health":
        from kzt_rates.cli import health

        with Session(options, timeout=TIMEOUTS["health"], retries=1, keeps=False) as session:
            return health.run(session, options)
    with Session(options, timeout=TIMEOUTS.get(options.command, 10)) as session:
        if options.command == "convert":
            from kzt_rates.cli import convert

            return convert.run(session, options), 0
        if options.command == "history":
            from kzt_rates.cli import history

            return history.run(session, options), 0
        if options.command == "sync":
            from kzt_rates.cli import sync

            return sync.run(session, options), 0
        from kzt_rates.cli import rates

        return rates.run(session, options), 0


def _explain(error: Exception) -> tuple[int, str]:
    """Return the exit status of an error, and its one line."""
    from kzt_rates import errors
    from kzt_rates.cli.arguments import SettingsError

    statuses: tuple[tuple[type[Exception], int], ...] = (
        (SettingsError, USAGE),
        (errors.UnknownCurrency, NOT_FOUND),
        (errors.RateNotFound, NOT_FOUND),
        (errors.Offline, OUT_OF_REACH),
        (errors.BankUnavailable, OUT_OF_REACH),
        (errors.FeedError, NOT_USABLE),
        (errors.StoreError, TROUBLE),
        (OSError, TROUBLE),
    )
    if type(error) is ImportError:  # an extra is missing, and the message says which
        return TROUBLE, one_line(error)
    for kind, status in statuses:
        if isinstance(error, kind):
            said = "; ".join([str(error), *getattr(error, "__notes__", [])])
            return status, one_line(said) or type(error).__name__
    return TROUBLE, one_line(f"{type(error).__name__}: {error}")
