"""stdout and stderr as a command meets them: narrow encodings, closed pipes, full disks."""

import errno
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

PROGRAM = "kzt-rates"
ON_WINDOWS = os.name == "nt"
PLAIN = {"\N{NO-BREAK SPACE}": " ", "…": "...", "–": "-", "≈": "~"}


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


def say(text: "str | None") -> None:
    """Write a command's whole answer to stdout; `None` only sees that what was said is written.

    A reader that has gone away has had enough: that is no error. Raises `OSError` for others.
    """
    stream = sys.stdout
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
            raise


def tell(message: str) -> None:
    """Write one line to stderr, if anybody is there to read it."""
    if sys.stderr is not None:
        try:
            print(_plainly(f"{PROGRAM}: {message}", sys.stderr), file=sys.stderr, flush=True)
        except OSError:
            _turn_away(sys.stderr)


def one_line(text: object) -> str:
    """Return a text without line breaks and other control characters, which may be the bank's."""
    shown = "".join(character if character.isprintable() else " " for character in str(text))
    return " ".join(shown.split())


def _turn_away(stream: "TextIO | None") -> None:
    """Send what a stream still holds to nowhere, else Python complains of it when it ends."""
    if stream is None:
        return
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
    except (OSError, ValueError):  # a stream without a file behind it
        pass
