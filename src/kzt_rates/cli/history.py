"""`kzt-rates history`: the rates of a pair over dates."""

from kzt_rates.cli.formats import WIDTH, spans_text, table_text, wrapped
from kzt_rates.cli.options import range_of
from kzt_rates.cli.picturing import prepare_picture, save_picture, sparkline_of
from kzt_rates.cli.saving import deliver, prepare
from kzt_rates.errors import RateNotFound
from kzt_rates.interchange.documents import series_document

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
            lacking = f", {len(series.missing):,} without a rate" if series.missing else ""
            return f"{options.plot}: {_heading(series)}{lacking}"
    return deliver(options, series, lambda: series_document(series), lambda: _table(series))


def _heading(series: "Series") -> str:
    count = len(series)
    days = f"{count:,} {'day' if count == 1 else 'days'}"
    return f"{series.base} in {series.quote}, {series.start} to {series.end}, {days}"


def _table(series: "Series") -> str:
    provisional = frozenset(series.provisional)
    rows = [
        (str(day), f"{value:f}", _marks(series, day, provisional=day in provisional))
        for day, value in series
    ]
    heading = [_heading(series), *sparkline_of(series, WIDTH)]
    lines = [*heading, "", table_text(("Date", "Rate", ""), rows, right=(0, 1))]
    if series.missing:
        count = len(series.missing)
        have = "1 day has" if count == 1 else f"{count:,} days have"
        lines += ["", *wrapped(f"{have} no rate: ", spans_text(series.missing))]
    return "\n".join(lines)


def _marks(series: "Series", day: "date", *, provisional: bool) -> str:
    carried = f"carried from {series.carried[day]}" if day in series.carried else ""
    return ", ".join(filter(None, [carried, "provisional" if provisional else ""]))
