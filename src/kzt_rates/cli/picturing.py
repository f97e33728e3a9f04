"""`--plot` of `history`: a picture in a file, and the line of blocks above its table."""

import errno
import os
import sys
from argparse import ArgumentTypeError
from contextlib import contextmanager
from importlib import import_module

from kzt_rates.cli.interrupts import undisturbed
from kzt_rates.plotting.sparkline import BLOCKS, GAP, sparkline
from kzt_rates.plotting.words import LANGUAGES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator
    from decimal import Decimal

    from kzt_rates.models import Series

ENDINGS = (".png", ".svg", ".pdf")
# So many digits tell the ends of the line of blocks; the table has all of them.
SPARKLINE_DIGITS = 6


def add_picture(parser: "ArgumentParser") -> None:
    """Add the picture's file, and what may be said of the picture."""
    group = parser.add_argument_group("a picture")
    group.add_argument(
        "--plot",
        type=_parse_picture_text,
        metavar="FILE",
        help="draw the rates into a file, .png, .svg or .pdf, over one that is there, and show "
        "no table",
    )
    group.add_argument(
        "--language",
        choices=LANGUAGES,
        metavar="LANGUAGE",
        help="the words of the picture: en (default), kk or ru",
    )
    group.add_argument(
        "--events", action="store_true", help="mark the devaluations of the tenge in the picture"
    )


def check_picture(parser: "ArgumentParser", options: "Namespace") -> None:
    """End with a usage error where there are words for a picture and no picture."""
    for name, given in (("--language", options.language), ("--events", options.events)):
        if given and options.plot is None:
            parser.error(f"argument {name}: it is about a picture, which takes --plot FILE")


def prepare_picture(options: "Namespace") -> None:
    """Raise before anything is asked, where a picture cannot be drawn or has no folder to go to."""
    if options.plot is None:
        return
    from kzt_rates.extras import require

    # numpy makes of a Ctrl-C in the middle of its import an error of its own
    with _silence(options), undisturbed():
        require("matplotlib", "plot")
        import_module("kzt_rates.plotting.picture")
    folder = os.path.dirname(options.plot) or os.curdir
    if not os.path.isdir(folder):
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), folder)


def save_picture(options: "Namespace", series: "Series") -> None:
    """Write the picture, all of it or nothing."""
    from kzt_rates.interchange.files import write_bytes

    with _silence(options):
        from kzt_rates.plotting.picture import picture_bytes

        form = os.path.splitext(options.plot)[1].lower().removeprefix(".")
        picture = picture_bytes(
            series, form, language=options.language or LANGUAGES[0], events=options.events
        )
    write_bytes(options.plot, picture)


def sparkline_of(series: "Series", width: int) -> list[str]:
    """Return a line of blocks and what its ends are; none where stdout has no blocks."""
    low, high = min(series.values), max(series.values)
    ends = f"{GAP * 2}min {_short(low)}, max {_short(high)}"
    try:
        BLOCKS.encode(getattr(sys.stdout, "encoding", None) or "ascii")
    except UnicodeEncodeError:
        return []
    return [f"{sparkline(series, width - len(ends))}{ends}"] if len(series) > 1 else []


def _short(value: "Decimal") -> str:
    """Return a value, or where it has too many digits what it is about."""
    if len(value.as_tuple().digits) <= SPARKLINE_DIGITS:
        return f"{value:f}"
    places = max(SPARKLINE_DIGITS - 1 - value.adjusted(), 0)
    return f"≈{value:.{places}f}"


def _parse_picture_text(text: str) -> str:
    if os.path.splitext(text)[1].lower() not in ENDINGS:
        raise ArgumentTypeError(f"a picture is a file .png, .svg or .pdf, not {text[-40:]!r}")
    return text


@contextmanager
def _silence(options: "Namespace") -> "Iterator[None]":
    """Keep matplotlib from telling of its fonts and folders, unless one wants to hear of all."""
    import logging
    import warnings

    log = logging.getLogger("matplotlib")
    level = log.level
    with warnings.catch_warnings():
        if not options.verbose:
            log.setLevel(logging.CRITICAL)
            warnings.simplefilter("ignore")
        try:
            yield
        finally:
            log.setLevel(level)
