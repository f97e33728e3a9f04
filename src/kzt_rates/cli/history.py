"""`kzt-rates history`: the rates of a pair over dates."""

from kzt_rates.cli.options import range_of
from kzt_rates.cli.output import WIDTH, spans_text, table_text, wrapped
from kzt_rates.cli.picturing import prepare_picture, save_picture, sparkline_of
from kzt_rates.cli.saving import deliver, prepare
from kzt_rates.cli.words import Words
from kzt_rates.errors import RateNotFound
from kzt_rates.money import rate_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from datetime import date

    from kzt_rates.cli.session import Session
    from kzt_rates.models import Series


def run(session: "Session", options: "Namespace") -> str | None:
    """Return the series, or write it to a file; raise `RateNotFound` for one without rates."""
    prepare(options)
    prepare_picture(options)
    start, end = range_of(session, options)
    series = session.series(
        options.base, options.quote, start, end, options.missing, refresh=options.refresh
    )
    if not series.dates:
        raise RateNotFound(
            f"no official rate of {series.base} from {series.start} to {series.end}: "
            "the bank has published none",
            code=series.base,
            date=series.start,
        )
    if options.plot is not None:
        save_picture(options, series)
        if options.format == "table" and options.output is None:
            words, missing = Words(options), series.missing
            lacking = f", {words.count('without', len(missing))}" if missing else ""
            return f"{options.plot}: {_heading(series, words)}{lacking}"
    return deliver(options, series, lambda: _table(series, options))


def _heading(series: "Series", words: Words) -> str:
    return words.count("history", len(series), series.base, series.quote, series.start, series.end)


def _table(series: "Series", options: "Namespace") -> str:
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
    head = (words.say("date"), words.say("rate"), "")
    lines = [*heading, "", table_text(head, rows, right=(0,), point=(1,))]
    if series.missing:
        spans = spans_text(series.missing, words.say("to", "{}", "{}"))
        lines += ["", *wrapped(words.count("missing", len(series.missing)), spans)]
    return "\n".join(lines)


def _marks(series: "Series", day: "date", words: Words, *, provisional: bool) -> str:
    carried = words.say("carried from", series.carried[day]) if day in series.carried else ""
    return ", ".join(filter(None, [carried, words.say("provisional rate") if provisional else ""]))
