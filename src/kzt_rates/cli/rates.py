"""`kzt-rates sheet`, `latest`, `ticker` and `currencies`."""

from decimal import Decimal

from kzt_rates.cli.saving import deliver, prepare
from kzt_rates.cli.words import Words
from kzt_rates.dates import parse_date
from kzt_rates.figures import Day
from kzt_rates.money import TICKER_CODES, rate_text, ticker_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace

    from kzt_rates.cli.session import Session
    from kzt_rates.models import Rate, RateSheet
    from kzt_rates.typing import Row


def run(session: "Session", options: "Namespace") -> str | None:
    """Return what the chosen command says, `None` where it went to a file."""
    prepare(options)
    if options.command == "currencies":
        return _currencies(session, options)
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
        rates = [(code, Decimal(figure.value), figure.nominal) for code, figure in figures.items()]
        words = Words(options)
        return ticker_line(
            found.date, rates, options.language and words.language, sign_of=words.sign
        )
    from kzt_rates.models.sheet import sheet_from

    few = Day(found.date, figures, fetched_at=found.fetched_at, source=found.source)
    return _sheet_text(sheet_from(few, day), options)


def _sheet_text(sheet: "RateSheet", options: "Namespace") -> str | None:
    return deliver(options, sheet, lambda: _sheet_table(sheet, options))


def _sheet_table(sheet: "RateSheet", options: "Namespace") -> str:
    from kzt_rates.cli.output import table_text
    from kzt_rates.cli.terminal import one_line

    words = Words(options)
    marks = [
        words.say("carried to", sheet.requested_date) if sheet.carried else "",
        words.say("provisional") if sheet.provisional else "",
        "" if sheet.complete else words.say("incomplete"),
    ]
    heading = ", ".join(filter(None, [words.say("sheet", sheet.date), *marks]))
    rows = [
        (
            rate.base,
            words.name(rate.base, rate.name),
            str(rate.nominal),
            *_figures(rate, words, exact=options.exact),
        )
        for rate in sheet.rates
    ]
    head = [words.say(x) for x in ("code", "name", "nominal", "value", "per unit", "change")]
    refused = [words.say("refused", code, one_line(why)) for code, why in sheet.refused.items()]
    table = table_text(head, rows, right=(2,), point=(3, 4, 5))
    return "\n".join([heading, "", table, *refused])


def _figures(rate: "Rate", words: Words, *, exact: bool) -> tuple[str, str, str]:
    """Return the value, the rate per unit, and the change with its sign."""
    change = rate.change
    if exact:
        signed = "" if change is None else f"{change:+f}"
        return f"{rate.value:f}", f"{rate.per_unit:f}", signed
    signed = "" if change is None else rate_text(change, words.language, published=True)
    return (
        rate_text(rate.value, words.language, published=True),
        rate_text(rate.per_unit, words.language, published=rate.nominal == 1),
        f"+{signed}" if change is not None and change > 0 else signed,
    )


def _currencies(session: "Session", options: "Namespace") -> str:
    from kzt_rates.cli.output import csv_text, json_text, table_text
    from kzt_rates.tables.text import text_of

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
    if options.format == "json":
        return json_text(rows)
    if options.format == "csv":
        return csv_text(list(rows[0]), rows)
    words = Words(options)
    facts = ("code", "sign", "nominal", "first", "last", "successor")
    head = [words.say(fact) for fact in facts]
    lines = [
        [text_of({**row, "sign": words.sign(str(row["code"]))}[fact]) for fact in facts]
        for row in rows
    ]
    # the names come last: they are what makes a line wider than a narrow terminal
    if options.language:
        head.append(words.say("name"))
        for line in lines:
            line.append(words.name(line[0]))
    else:
        shown = words.readable({"ru": "Russian", "kk": "Kazakh", "en": "English"})
        head += shown.values()
        for line, row in zip(lines, rows, strict=True):
            line += [text_of(row[f"name_{language}"]) for language in shown]
    return table_text(head, lines, right=(2,))
