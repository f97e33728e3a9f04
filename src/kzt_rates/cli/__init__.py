"""The command line: `kzt-rates`.

A conversion from the archive must cost little more than argparse, so that every command
imports what it needs when it is run.
"""

import sys
import warnings
from collections.abc import Sequence  # loaded long since, and read at run time
from contextlib import suppress

from kzt_rates.cli.terminal import FAILED, PROGRAM, be_lenient, explain, one_line, write_error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

__all__ = ["main"]

INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status."""
    try:
        be_lenient(sys.stdout)
        with warnings.catch_warnings():
            return _attempt(sys.argv[1:] if arguments is None else arguments)
    except KeyboardInterrupt:
        if arguments is None:  # the process is about to end
            _ignore_interrupts()
        return INTERRUPTED


def _ignore_interrupts() -> None:
    """Let a second Ctrl-C change nothing: while Python ends it would bring a traceback."""
    with suppress(ValueError, KeyboardInterrupt):  # in a thread, or a third Ctrl-C
        import signal

        signal.signal(signal.SIGINT, signal.SIG_IGN)


def _attempt(words: Sequence[str]) -> int:
    from kzt_rates.cli.parser import parse
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
            write_error(f"warning: {one_line(message)}")
        else:
            show(message, category, filename, lineno, file, line)

    warnings.simplefilter("always", StaleRateWarning)
    warnings.showwarning = show_warning
    program = PROGRAM
    try:
        options = parse(words or ["--help"])
        program = options.program
        return options.run(options) or 0
    except SystemExit as end:  # help, the version or a usage error, said already
        return end.code if isinstance(end.code, int) else FAILED
    except Exception as error:  # noqa: BLE001  # a traceback is no answer to a person
        status, message = explain(error, program)
        write_error(message)
        return status
