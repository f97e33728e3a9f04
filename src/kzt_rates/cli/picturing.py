"""`--plot` of `history`: a picture in a file, and the line of blocks above its table."""

import errno
import os
from argparse import ArgumentTypeError
from contextlib import contextmanager
from importlib import import_module

from kzt_rates.cli.interrupts import undisturbed
from kzt_rates.money import LANGUAGES, rate_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator

    from kzt_rates.cli.words import Words
    from kzt_rates.models import Series

ENDINGS = (".png", ".svg", ".pdf")


def add_picture(parser: "ArgumentParser") -> None:
    """Add the picture's file, and the marks in it."""
    group = parser.add_argument_group("picture")
    group.add_argument(
        "--plot",
        type=_parse_picture_text,
        metavar="FILE",
        help="draw the rates to a .png, .svg or .pdf file, replacing an old one; no table is shown",
    )
    group.add_argument(
        "--events", action="store_true", help="mark devaluations of the tenge in the picture"
    )


def check_picture(parser: "ArgumentParser", options: "Namespace") -> None:
    """End with a usage error where there are marks for a picture and no picture."""
    if options.events and options.plot is None:
        parser.error("--events needs --plot FILE")


def prepare_picture(options: "Namespace") -> None:
    """Raise before anything is asked, where a picture cannot be drawn or has no folder to go to."""
    if options.plot is None:
        return
    from kzt_rates.process import require

    # numpy makes of a Ctrl-C in the middle of its import an error of its own
    with _silence(options), undisturbed():
        require("matplotlib", "plot")
        import_module("kzt_rates.plotting.drawing")
    folder = os.path.dirname(options.plot) or os.curdir
    if not os.path.isdir(folder):
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), folder)


def save_picture(options: "Namespace", series: "Series") -> None:
    """Write the picture, all of it or nothing."""
    from kzt_rates.tables.files import write_bytes

    with _silence(options):
        form = os.path.splitext(options.plot)[1].lower().removeprefix(".")
        picture = series.picture(
            form, language=options.language or LANGUAGES[0], events=options.events
        )
    write_bytes(options.plot, picture)


def sparkline_of(series: "Series", width: int, words: "Words") -> list[str]:
    """Return a line of blocks and what its ends are; none where stdout has no blocks."""
    from kzt_rates.plotting.lines import BLOCKS, GAP, blocks_of

    low, high = (rate_text(pick(series.values), words.language) for pick in (min, max))
    ends = f"{GAP * 2}{words.say('min')} {low}, {words.say('max')} {high}"
    if len(series) < 2 or not words.shows(BLOCKS):
        return []
    days = (series.dates, series.values, series.start, series.end)
    return [f"{blocks_of(*days, width - len(ends))}{ends}"]


def _parse_picture_text(text: str) -> str:
    if os.path.splitext(text)[1].lower() not in ENDINGS:
        raise ArgumentTypeError(f"cannot draw {text[-40:]!r}: use a file .png, .svg or .pdf")
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
