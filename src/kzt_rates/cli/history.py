"""`kzt-rates history`: the rates of a pair over dates, as a table and as a picture."""

import os
from argparse import ArgumentTypeError
from contextlib import contextmanager
from importlib import import_module

from kzt_rates.cli.options import (
    PICTURES,
    Command,
    add_exact,
    add_language,
    add_output,
    add_range,
    add_refresh,
    check_output,
    check_pair,
    check_range,
    first_day_of,
    parse_period_text,
    range_of,
)
from kzt_rates.cli.terminal import undisturbed, write_out

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator
    from datetime import date

    from kzt_rates.cli.output import Words
    from kzt_rates.models import Series


NOTES = """\
--last 10d is the ten days up to today in Kazakhstan. --last 3m starts on the day after the same \
day three months ago.

examples:
  kzt-rates history USD --last 3m
  kzt-rates history USD EUR --start 2016-01-01 --end 2016-12-31
  kzt-rates history USD --start 2025-01-01 --output usd.csv
  kzt-rates history USD --last 1y --plot usd.png --language ru --events"""


def run(options: "Namespace") -> None:
    """Show the series, or write it to a file; raise `RateNotFound` for one without rates."""
    from kzt_rates.cli.output import Words, deliver, prepare
    from kzt_rates.cli.session import Session
    from kzt_rates.errors import RateNotFound

    prepare(options)
    _prepare_picture(options)
    with Session(options, timeout=30) as session:
        begins = options.last and first_day_of("--last", options.last, session.today())
        start, end = range_of(session.today(), options, begins)
        series = session.series(
            options.base, options.quote, start, end, options.missing, refresh=options.refresh
        )
    if not series.dates:
        raise RateNotFound(
            f"no official rate of {series.base} for {series.start} to {series.end}: "
            "the bank has published none",
            code=series.base,
            date=series.start,
        )
    if options.plot is not None:
        _save_picture(options, series)
        if options.format == "table" and options.output is None:
            words, missing = Words(options), series.missing
            lacking = f", {words.count('without', len(missing))}" if missing else ""
            write_out(f"{options.plot}: {_heading(series, words)}{lacking}")
            return
    write_out(deliver(options, series, lambda: _table(series, options)))


def _heading(series: "Series", words: "Words") -> str:
    return words.count("history", len(series), series.base, series.quote, series.start, series.end)


def _table(series: "Series", options: "Namespace") -> str:
    from kzt_rates.cli.output import WIDTH, Words, spans_text, table_text, wrapped
    from kzt_rates.money import rate_text

    words, provisional = Words(options), frozenset(series.provisional)
    rows = [
        (
            str(day),
            f"{value:f}" if options.exact else rate_text(value, words.language),
            _marks(series, day, words, provisional=day in provisional),
        )
        for day, value in series
    ]
    heading = [_heading(series, words), *sparkline_of(series, WIDTH, words)]
    head = (words.phrase("date"), words.phrase("rate"), "")
    lines = [*heading, "", table_text(head, rows, right=(0,), point=(1,))]
    if series.missing:
        spans = spans_text(series.missing, words.phrase("to", "{}", "{}"))
        lines += ["", *wrapped(words.count("missing", len(series.missing)), spans)]
    return "\n".join(lines)


def _marks(series: "Series", day: "date", words: "Words", *, provisional: bool) -> str:
    carried = words.phrase("carried from", series.carried[day]) if day in series.carried else ""
    return ", ".join(
        filter(None, [carried, words.phrase("provisional rate") if provisional else ""])
    )


def _prepare_picture(options: "Namespace") -> None:
    """Raise before anything is asked, where a picture cannot be drawn or has no folder to go to."""
    if options.plot is None:
        return
    from kzt_rates.cli.output import require_folder
    from kzt_rates.process import require

    # numpy makes of a Ctrl-C in the middle of its import an error of its own
    with _silence(options), undisturbed():
        require("matplotlib", "plot")
        import_module("kzt_rates.plotting.drawing")
    require_folder("--plot", options.plot)


def _save_picture(options: "Namespace", series: "Series") -> None:
    """Write the picture, all of it or nothing."""
    from kzt_rates.tables.files import write_bytes

    with _silence(options):
        form = os.path.splitext(options.plot)[1].lower().removeprefix(".")
        picture = series.picture(
            form,
            language=options.language or "en",
            events=options.events,
            dark=options.dark,
            transparent=options.transparent,
        )
    write_bytes(options.plot, picture)


def sparkline_of(series: "Series", width: int, words: "Words") -> list[str]:
    """Return a line of blocks and what its ends are; none where stdout has no blocks."""
    from kzt_rates.money import rate_text
    from kzt_rates.plotting import BLOCKS, GAP, blocks_of

    low, high = (rate_text(pick(series.values), words.language) for pick in (min, max))
    ends = f"{GAP * 2}{words.phrase('min')} {low}, {words.phrase('max')} {high}"
    if len(series) < 2 or not words.shows(BLOCKS):
        return []
    days = (series.dates, series.values, series.start, series.end)
    return [f"{blocks_of(*days, width - len(ends))}{ends}"]


def _parse_picture_text(text: str) -> str:
    if os.path.splitext(text)[1].lower() not in PICTURES:
        raise ArgumentTypeError(f"cannot draw {text[-40:]!r}: use a file .png, .svg or .pdf")
    return text


@contextmanager
def _silence(options: "Namespace") -> "Iterator[None]":
    """Silence matplotlib's log about fonts and folders, unless every step is logged."""
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


def _add(parser: "ArgumentParser") -> None:
    parser.add_argument("base", metavar="BASE", help="the currency whose rates are wanted")
    parser.add_argument(
        "quote", metavar="QUOTE", nargs="?", help="the currency the rates are in (default: KZT)"
    )
    add_range(parser)
    parser.add_argument(
        "--last",
        type=parse_period_text,
        metavar="PERIOD",
        help="in place of --start: the days up to today, as 10d, 2w, 3m or 1y",
    )
    add_output(parser)
    add_language(parser)
    add_exact(parser)
    parser.add_argument(
        "--missing",
        choices=("skip", "raise", "previous"),
        default="skip",
        metavar="POLICY",
        help='for days without a rate: "skip" and list them (default), "raise" an error, or '
        'use the "previous" day that has one, up to 14 days back',
    )
    add_refresh(parser)
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
    group.add_argument(
        "--dark", action="store_true", help="draw light lines and letters on a dark ground"
    )
    group.add_argument(
        "--transparent",
        action="store_true",
        help="draw no ground: the page shows through; with --dark for a dark page",
    )


def _check(parser: "ArgumentParser", options: "Namespace") -> None:
    check_pair(parser, options)
    if options.start is None and options.last is None:
        parser.error("give --start DATE or --last PERIOD")
    if None not in (options.start, options.last):
        parser.error("give --start or --last, not both")
    if None not in (options.end, options.last):
        parser.error("--last ends today and takes no --end")
    files = [os.path.realpath(file) for file in (options.plot, options.output) if file]
    if len(files) > len({*files}):
        parser.error("--plot and --output name the same file")
    check_output(parser, options)
    for name in ("events", "dark", "transparent"):
        if getattr(options, name) and options.plot is None:
            parser.error(f"--{name} needs --plot FILE")
    check_range(parser, options)


COMMANDS = (
    Command(
        "history",
        run,
        usage="BASE [QUOTE] (--start DATE | --last PERIOD)",
        notes=NOTES,
        add=_add,
        check=_check,
        instead={"--on": "give --start and --end"},
    ),
)
