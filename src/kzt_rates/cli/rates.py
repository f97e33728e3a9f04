"""`kzt-rates sheet`, `latest`, `ticker` and `currencies`: the rates of one day, and their codes."""

from kzt_rates.cli.options import (
    Command,
    add_day,
    add_exact,
    add_format,
    add_language,
    add_missing,
    add_output,
    add_refresh,
    check_day,
    check_output,
)
from kzt_rates.cli.terminal import one_line, say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from kzt_rates.cli.output import Words
    from kzt_rates.models import Rate, RateSheet
    from kzt_rates.typing import Row


def show_sheet(options: "Namespace") -> None:
    """Show the sheet of a day, or write it to a file."""
    from kzt_rates.cli.output import prepare
    from kzt_rates.cli.session import Session

    prepare(options)
    with Session(options) as session:
        day, missing = options.date, options.missing
        sheet = session.sheet(day, missing=missing, refresh=options.refresh)
    say(_sheet_text(sheet, options))


def show_latest(options: "Namespace") -> None:
    """Show the newest sheet, or write it to a file."""
    from kzt_rates.cli.output import prepare
    from kzt_rates.cli.session import Session

    prepare(options)
    with Session(options) as session:
        sheet = session.latest(refresh=options.refresh)
    say(_sheet_text(sheet, options))


def show_ticker(options: "Namespace") -> None:
    """Show four currencies of a day."""
    from decimal import Decimal

    from kzt_rates.cli.output import Words
    from kzt_rates.cli.session import Session
    from kzt_rates.dates import parse_date
    from kzt_rates.figures import Day
    from kzt_rates.money import TICKER_CODES, ticker_line

    with Session(options) as session:
        day = session.today() if options.date is None else parse_date(options.date)
        found = session.figures(TICKER_CODES, day, options.missing, refresh=options.refresh)
    figures = {code: found.figures[code] for code in TICKER_CODES}
    if options.format == "table":
        rates = [(code, Decimal(figure.value), figure.nominal) for code, figure in figures.items()]
        words = Words(options)
        language = options.language and words.language
        say(ticker_line(found.date, rates, language, sign_of=words.sign))
        return
    from kzt_rates.models.sheet import sheet_from

    few = Day(found.date, figures, fetched_at=found.fetched_at, source=found.source)
    say(_sheet_text(sheet_from(few, day), options))


def show_currencies(options: "Namespace") -> None:
    """List the currencies that the bank publishes, or has published."""
    from kzt_rates.cli.output import Words, csv_text, json_text, table_text
    from kzt_rates.cli.session import Session
    from kzt_rates.tables.text import text_of

    with Session(options) as session:
        currencies = session.currencies()
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
        for currency in currencies
    ]
    if options.format == "json":
        say(json_text(rows))
    elif options.format == "csv":
        say(csv_text(list(rows[0]), rows))
    else:
        words = Words(options)
        # the names come last: they are what makes a line wider than a narrow terminal
        facts = ("code", "sign", "nominal", "first", "last", "successor", "name")
        lines = []
        for row in rows:
            code = str(row["code"])
            shown = {**row, "sign": words.sign(code), "name": words.name(code)}
            lines.append([text_of(shown[fact]) for fact in facts])
        say(table_text([words.say(fact) for fact in facts], lines, right=(2,)))


def _sheet_text(sheet: "RateSheet", options: "Namespace") -> str | None:
    from kzt_rates.cli.output import deliver

    return deliver(options, sheet, lambda: _sheet_table(sheet, options))


def _sheet_table(sheet: "RateSheet", options: "Namespace") -> str:
    from kzt_rates.cli.output import Words, table_text

    words = Words(options)
    marks = [
        words.say("carried to", sheet.requested_date) if sheet.carried else "",
        words.say("provisional") if sheet.provisional else "",
        "" if sheet.complete else words.say("incomplete"),
    ]
    heading = ", ".join(filter(None, [words.say("sheet", sheet.date), *marks]))
    rows = [
        [
            rate.base,
            words.name(rate.base, rate.name),
            str(rate.nominal),
            *_figures(rate, words, exact=options.exact),
        ]
        for rate in sheet.rates
    ]
    facts = ["code", "name", "nominal", "value", "per unit", "change"]
    if not any(row[-1] for row in rows):  # the archive has no changes
        facts, rows = facts[:-1], [row[:-1] for row in rows]
    head = [words.say(fact) for fact in facts]
    refused = [words.say("refused", code, one_line(why)) for code, why in sheet.refused.items()]
    table = table_text(head, rows, right=(2,), point=range(3, len(facts)))
    return "\n".join([heading, "", table, *refused])


def _figures(rate: "Rate", words: "Words", *, exact: bool) -> tuple[str, str, str]:
    """Return the value, the rate per unit, and the change with its sign."""
    from kzt_rates.money import rate_text

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


def _add_sheet(parser: "ArgumentParser") -> None:
    add_day(parser)
    _add_of_sheets(parser)


def _add_latest(parser: "ArgumentParser") -> None:
    _add_of_sheets(parser, dated=False)


def _add_of_sheets(parser: "ArgumentParser", *, dated: bool = True) -> None:
    add_output(parser)
    add_missing(parser, hidden=not dated)
    add_refresh(parser)
    add_language(parser)
    add_exact(parser)


def _add_ticker(parser: "ArgumentParser") -> None:
    add_day(parser)
    add_format(parser)
    add_missing(parser)
    add_refresh(parser)
    add_language(parser)
    parser.set_defaults(exact=False)


def _add_currencies(parser: "ArgumentParser") -> None:
    add_format(parser)
    add_missing(parser, hidden=True)
    add_refresh(parser, hidden=True)
    add_language(parser)


def _check_sheet(parser: "ArgumentParser", options: "Namespace") -> None:
    check_day(parser, options)
    check_output(parser, options)


def _check_latest(parser: "ArgumentParser", options: "Namespace") -> None:
    if options.rest:
        parser.error("latest takes no date; kzt-rates sheet does")
    check_output(parser, options)


COMMANDS = (
    Command(
        "sheet",
        "show all official rates of a date",
        show_sheet,
        usage="[DATE | --on DATE]",
        notes="examples:\n  kzt-rates sheet 2025-12-05\n  kzt-rates sheet --format json",
        add=_add_sheet,
        check=_check_sheet,
    ),
    Command(
        "latest",
        "show the newest rates, which may be tomorrow's",
        show_latest,
        notes="examples:\n  kzt-rates latest\n  kzt-rates latest --format csv",
        add=_add_latest,
        check=_check_latest,
        instead={"--on": "kzt-rates sheet takes a date"},
    ),
    Command(
        "ticker",
        "show dollar, euro, yuan and rouble in one line",
        show_ticker,
        usage="[DATE | --on DATE]",
        notes="examples:\n  kzt-rates ticker\n  kzt-rates ticker 2025-11-29 --offline",
        add=_add_ticker,
        check=check_day,
    ),
    Command(
        "currencies",
        "list the currencies the bank publishes or has published",
        show_currencies,
        notes="First date and last date: the dates in archive and cache. The names in all three "
        "languages are in json and csv.",
        add=_add_currencies,
    ),
)
