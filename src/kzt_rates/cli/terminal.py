"""stdout, stderr and Ctrl-C: narrow encodings, closed pipes, full disks, and an error's line."""

import errno
import os
import sys
from contextlib import contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType
    from typing import TextIO

PROGRAM = "kzt-rates"
FAILED, USAGE, NOT_FOUND, OUT_OF_REACH, NOT_USABLE = 1, 2, 3, 4, 5
ON_WINDOWS = os.name == "nt"
# Letters that show whether a stream can write a language.
LETTERS = {"en": "", "kk": "АЯаяӘҒҚҢӨҰҮҺІәғқңөұүһі", "ru": "АЯаяЁё"}
PLAIN = {"\N{NO-BREAK SPACE}": " ", "…": "...", "–": "-", "≈": "~"}


class SettingsError(Exception):
    """A variable of the environment or an option has an invalid value."""


class UsageError(SettingsError):
    """The options do not go together, which only shows once the command runs."""


def be_lenient(stream: "TextIO | None") -> None:
    """Let a stream replace what its encoding lacks, such as ₸: digits are in every encoding."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="replace")


def use_utf_8(stream: "TextIO | None") -> None:
    """Write in UTF-8 from here on, whatever the terminal has."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(encoding="utf-8")


def can_show(text: str, stream: "TextIO | None" = None) -> bool:
    """Return whether the encoding of a stream, stdout by default, has all letters of a text."""
    try:
        text.encode(getattr(stream or sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _plainly(text: str, stream: "TextIO | None") -> str:
    """Return a text with plain signs for the typographic ones that a stream lacks."""
    if can_show(text, stream):
        return text
    for sign, plain in PLAIN.items():
        if not can_show(sign, stream):
            text = text.replace(sign, plain)
    return text


def write_out(text: "str | None") -> bool:
    """Write an answer, or a part of it, to stdout; `None` only flushes what was written.

    A reader that has gone away has had enough: that is no error, and `False`. Raises `OSError`,
    which names stdout, where it is closed or full.
    """
    stream = sys.stdout
    if stream is None and text is not None:
        raise OSError(errno.EBADF, "it is closed, so nothing is shown", "stdout")
    try:
        if text is not None:
            print(_plainly(text, stream), file=stream)
        if stream is not None:
            stream.flush()
    except OSError as error:
        _turn_away(stream)
        # Windows calls a closed pipe an invalid argument
        closed = errno.EINVAL if ON_WINDOWS else errno.EPIPE
        if not isinstance(error, BrokenPipeError) and error.errno != closed:
            raise OSError(error.errno, error.strerror, "stdout") from error
        return False
    return True


def write_error(message: str) -> None:
    """Write one line to stderr, if anybody is there to read it."""
    if sys.stderr is not None:
        try:
            print(_plainly(f"{PROGRAM}: {message}", sys.stderr), file=sys.stderr, flush=True)
        except OSError:
            _turn_away(sys.stderr)


def explain(error: Exception, program: str = PROGRAM) -> tuple[int, str]:
    """Return the exit status of an error, and its one line."""
    from kzt_rates import errors

    if isinstance(error, UsageError):
        return USAGE, one_line(f"{error} (see {program} --help)")
    if isinstance(error, OSError) and error.filename is not None and error.strerror:
        why = error.strerror[0].lower() + error.strerror[1:]
        return FAILED, one_line(f"{error.filename}: {why}")
    statuses: tuple[tuple[type[Exception], int], ...] = (
        (SettingsError, USAGE),
        (errors.UnknownCurrency, NOT_FOUND),
        (errors.RateNotFound, NOT_FOUND),
        (errors.Offline, OUT_OF_REACH),
        (errors.BankUnavailable, OUT_OF_REACH),
        (errors.FeedError, NOT_USABLE),
        (errors.StoreError, FAILED),
        (OSError, FAILED),
    )
    if type(error) is ImportError:  # an extra is missing, and the message says which
        return FAILED, one_line(error)
    for kind, status in statuses:
        if isinstance(error, kind):
            said = "; ".join([str(error), *getattr(error, "__notes__", [])])
            return status, one_line(said) or type(error).__name__
    return FAILED, one_line(f"{type(error).__name__}: {error}")


def one_line(text: object) -> str:
    """Return a text without line breaks and other control characters, which may be the bank's."""
    shown = "".join(character if character.isprintable() else " " for character in str(text))
    return " ".join(shown.split())


def _turn_away(stream: "TextIO | None") -> None:
    """Discard what a stream still holds, else Python prints an error when it ends."""
    if stream is None:
        return
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
    except (OSError, ValueError):  # a stream without a file behind it
        pass


@contextmanager
def undisturbed() -> "Iterator[None]":
    """Let Ctrl-C wait for the end of what it must not leave half done.

    A second Ctrl-C often follows the first.
    """
    import signal

    caught: list[int] = []

    def note(number: int, _: "FrameType | None") -> None:
        caught.append(number)

    try:
        before = signal.signal(signal.SIGINT, note)
    except ValueError:  # only the main thread is interrupted, and this is another
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before or signal.default_int_handler)
        if caught:
            raise KeyboardInterrupt
