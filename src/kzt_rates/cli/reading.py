"""`kzt-rates sheet`, `latest`, `ticker` and `currencies`."""

from decimal import Decimal

from kzt_rates.calendar import parse_date
from kzt_rates.cli.saving import deliver, prepare
from kzt_rates.currency_facts import name_of
from kzt_rates.figures import Day
from kzt_rates.ticker import TICKER_CODES, ticker_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace

    from kzt_rates.cli.session import Session
    from kzt_rates.models import RateSheet
    from kzt_rates.typing import Row

# Published names are written out in full, and a line is to fit a terminal of 80 columns.
MAX_NAME_CHARACTERS = 30


def run(session: "Session", options: "Namespace") -> str | None:
    """Return what the chosen command says, `None` where it went to a file."""
    prepare(options)
    if options.command == "currencies":
        return _currencies(session, options.format)
    if options.command == "ticker":
        return _ticker(session, options)
    if options.command == "latest":
        return _sheet_text(session.latest(refresh=options.refresh), options)
    sheet = session.sheet(options.date, missing=options.missing, refresh=options.refresh)
    return _sheet_text(sheet, options)


def _ticker(session: "Session", options: "Namespace") -> str | None:
    day = session.today() if options.date is None else parse_date(options.date)
    found = session.figures(TICKER_CODES, day, options.missing, refresh=options.refresh)
    figures = {code: found.figures[code] for code in TICKER_CODES}
    if options.format == "table":
        return ticker_line(
            found.date,
            [(code, Decimal(figure.value), figure.nominal) for code, figure in figures.items()],
        )
    from kzt_rates.models.sheet import sheet_of

    few = Day(found.date, figures, fetched_at=found.fetched_at, source=found.source)
    return _sheet_text(sheet_of(few, day), options)


def _sheet_text(sheet: "RateSheet", options: "Namespace") -> str | None:
    from kzt_rates.interchange.documents import sheet_document

    return deliver(options, sheet, lambda: sheet_document(sheet), lambda: _sheet_table(sheet))


def _sheet_table(sheet: "RateSheet") -> str:
    from kzt_rates.cli.formats import table_text
    from kzt_rates.cli.streams import one_line

    marks = [
        f"carried to {sheet.requested_date}" if sheet.carried else "",
        "provisional" if sheet.provisional else "",
        "" if sheet.complete else "incomplete",
    ]
    heading = ", ".join(filter(None, [f"Official rates for {sheet.date}", *marks]))
    rows = [
        (
            rate.base,
            _name(rate.base, rate.name),
            str(rate.nominal),
            f"{rate.value:f}",
            f"{rate.per_unit:f}",
            "" if rate.change is None else f"{rate.change:+f}",
        )
        for rate in sheet.rates
    ]
    head = ("Code", "Name", "Nominal", "Value", "Per unit", "Change")
    refused = [f"{code} was refused: {one_line(why)}" for code, why in sheet.refused.items()]
    return "\n".join([heading, "", table_text(head, rows, right=(2, 3, 4, 5)), *refused])


def _name(code: str, published: "str | None") -> str:
    name = name_of(code, published)
    if len(name) > MAX_NAME_CHARACTERS:
        return name[: MAX_NAME_CHARACTERS - 1].rstrip() + "…"
    return name


def _currencies(session: "Session", form: str) -> str:
    from kzt_rates.cli.formats import csv_text, json_text, table_text
    from kzt_rates.interchange.texts import text_of

    rows: list[Row] = [
        {
            "code": currency.code,
            "symbol": currency.symbol,
            "name_ru": currency.name_ru,
            "name_kk": currency.name_kk,
            "name_en": currency.name_en,
            "nominal": currency.nominal,
            "first": currency.first,
            "last": currency.last,
            "successor": currency.successor,
        }
        for currency in session.currencies()
    ]
    if form == "json":
        return json_text(rows)
    if form == "csv":
        return csv_text(list(rows[0]), rows)
    # the names come last: they are what makes a line wider than a narrow terminal
    shown = (
        "code", "symbol", "nominal", "first", "last", "successor", "name_ru", "name_kk", "name_en",
    )  # fmt: skip
    head = ("Code", "Sign", "Nominal", "First", "Last", "Successor", "Russian", "Kazakh", "English")
    lines = [[text_of(row[column]) for column in shown] for row in rows]
    return table_text(head, lines, right=(2,))
