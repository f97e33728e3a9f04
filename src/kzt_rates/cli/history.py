"""`kzt-rates history`: the rates of a pair over dates."""

from kzt_rates.cli.formats import csv_text, json_text, spans_text, table_text, wrapped
from kzt_rates.cli.options import range_of
from kzt_rates.errors import RateNotFound

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from datetime import date

    from kzt_rates.cli.formats import Row
    from kzt_rates.cli.session import Session
    from kzt_rates.models import Series


def run(session: "Session", options: "Namespace") -> str:
    """Return the series; raise `RateNotFound` where it has no rate at all."""
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
    if options.format == "table":
        return _table(series)
    rates: list[Row] = [{"date": point.date, "rate": point.value} for point in series]
    if options.format == "csv":
        return csv_text(("date", "rate"), rates)
    return json_text(
        {
            "base": series.base,
            "quote": series.quote,
            "start": series.start,
            "end": series.end,
            "missing": series.missing,
            "rates": rates,
        }
    )


def _table(series: "Series") -> str:
    count = len(series)
    days = f"{count:,} {'day' if count == 1 else 'days'}"
    heading = f"{series.base} in {series.quote}, {series.start} to {series.end}, {days}"
    provisional = frozenset(series.provisional)
    rows = [
        (str(day), f"{value:f}", _marks(series, day, provisional=day in provisional))
        for day, value in series
    ]
    lines = [heading, "", table_text(("Date", "Rate", ""), rows, right=(0, 1))]
    if series.missing:
        count = len(series.missing)
        have = "1 day has" if count == 1 else f"{count:,} days have"
        lines += ["", *wrapped(f"{have} no rate: ", spans_text(series.missing))]
    return "\n".join(lines)


def _marks(series: "Series", day: "date", *, provisional: bool) -> str:
    carried = f"carried from {series.carried[day]}" if day in series.carried else ""
    return ", ".join(filter(None, [carried, "provisional" if provisional else ""]))
