"""`kzt-rates sheet`, `latest`, `ticker` and `currencies`: the rates of one day, and their codes."""

from kzt_rates.cli.options import (
    FORMATS,
    Command,
    add_day,
    add_exact,
    add_file,
    add_format,
    add_language,
    add_missing,
    add_output,
    add_refresh,
    check_day,
    check_output,
    parse_date_text,
)
from kzt_rates.cli.terminal import UsageError, one_line, write_error, write_out

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence
    from datetime import date
    from decimal import Decimal

    from kzt_rates.cli.output import Words
    from kzt_rates.cli.session import Session
    from kzt_rates.figures import Day
    from kzt_rates.models import Rate, RateSheet
    from kzt_rates.typing import Row

SINCE_COLUMNS = "currency", "nominal", "value", "per_unit", "difference", "percent"


def show_sheet(options: "Namespace") -> None:
    """Show the sheet of a day, or write it to a file."""
    from kzt_rates.cli.output import prepare
    from kzt_rates.cli.session import Session

    prepare(options)
    with Session(options) as session:
        day, missing = options.date, options.missing
        if options.since is not None and options.since > (day or session.today()):
            raise UsageError(f"--since {options.since} is after {day or session.today()}")
        sheet = session.sheet(day, missing=missing, refresh=options.refresh)
        before = None if options.since is None else session.sheet(options.since, missing=missing)
    _warn_of_part(sheet, options)
    write_out(
        _sheet_text(sheet, options) if before is None else _since_text(sheet, before, options)
    )


def show_latest(options: "Namespace") -> None:
    """Show the newest sheet, or write it to a file."""
    from kzt_rates.cli.output import prepare
    from kzt_rates.cli.session import Session

    prepare(options)
    with Session(options) as session:
        sheet = session.latest(refresh=options.refresh)
    _warn_of_part(sheet, options)
    write_out(_sheet_text(sheet, options))


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
        changes = _changes(session, found, TICKER_CODES, options) if options.changes else None
        today = session.today()
    if options.format == "html":
        _write_html(found, day, today, changes, options)
        return
    figures = {code: found.figures[code] for code in TICKER_CODES}
    if options.format == "table":
        rates = [(code, Decimal(figure.value), figure.nominal) for code, figure in figures.items()]
        words = Words(options)
        language = options.language and words.language
        write_out(ticker_line(found.date, rates, language, sign_of=words.sign, changes=changes))
        return
    from kzt_rates.models.sheet import sheet_from

    few = Day(found.date, figures, fetched_at=found.fetched_at, source=found.source)
    write_out(_sheet_text(sheet_from(few, day), options))


def _write_html(
    found: "Day",
    day: "date",
    today: "date",
    changes: "dict[str, Decimal | None] | None",
    options: "Namespace",
) -> None:
    """Write the line as a fragment for a page; an old file stays where there is no line."""
    from kzt_rates.dates import ONE_DAY
    from kzt_rates.figures import Day
    from kzt_rates.money import TICKER_CODES
    from kzt_rates.tables.files import put
    from kzt_rates.web.line import Board, fragment

    figures = {
        code: found.figures[code].replace(change=None if moved is None else f"{moved:f}")
        for code, moved in (changes or dict.fromkeys(TICKER_CODES)).items()
    }
    shown = Day(found.date, figures, fetched_at=found.fetched_at, source=found.source)
    # that of an earlier day in place of today's is marked for readers
    stale = found.date != day and day == today
    board = Board(day, shown, Day(found.date - ONE_DAY), stale, stale)
    line = fragment(board, TICKER_CODES, options.language or "ru", changes=options.changes)
    write_out(put(line.decode().rstrip(), options.output))


def _changes(
    session: "Session", found: "Day", codes: "Sequence[str]", options: "Namespace"
) -> "dict[str, Decimal | None]":
    """Return the bank's own changes, and where it gave none those since the day before.

    A page is better off with the day's line alone than with that of an earlier day: there, a day
    before that nobody knows leaves the changes out, and stderr says so.
    """
    from decimal import Decimal

    from kzt_rates.dates import ONE_DAY
    from kzt_rates.errors import BankUnavailable, FeedError, Offline, RateNotFound

    printed = {code: found.figures[code].change for code in codes}
    changes = {code: None if said is None else Decimal(said) for code, said in printed.items()}
    lacking = tuple(code for code, change in changes.items() if change is None)
    if lacking:
        from kzt_rates.models.sheet import sheet_from

        try:
            before = session.figures(lacking, found.date - ONE_DAY, "raise", refresh=False)
        except RateNotFound:  # the bank set none on that day
            return changes
        except (BankUnavailable, FeedError, Offline) as error:
            if options.format != "html":
                raise
            write_error(f"warning: the line is without changes: {one_line(str(error))}")
            return changes
        moved = sheet_from(found, found.date).change_since(sheet_from(before, before.date))
        changes.update({code: moved[code].difference for code in lacking})
    return changes


def show_currencies(options: "Namespace") -> None:
    """List the currencies that the bank publishes, or has published."""
    from kzt_rates.cli.output import Words, csv_text, json_text, table_text
    from kzt_rates.cli.session import Session
    from kzt_rates.tables.files import text_of

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
        write_out(json_text(rows))
    elif options.format == "csv":
        write_out(csv_text(list(rows[0]), rows))
    else:
        words = Words(options)
        # the names come last: they are what makes a line wider than a narrow terminal
        facts = ("code", "sign", "nominal", "first", "last", "successor", "name")
        lines = []
        for row in rows:
            code = str(row["code"])
            shown = {**row, "sign": words.sign(code), "name": words.name(code)}
            lines.append([text_of(shown[fact]) for fact in facts])
        write_out(table_text([words.phrase(fact) for fact in facts], lines, right=(2,)))


def _warn_of_part(sheet: "RateSheet", options: "Namespace") -> None:
    """Say on stderr what only the table says: which rates a sheet lacks, and why."""
    says_complete = options.format == "json"
    if options.format == "table" or ((sheet.complete or says_complete) and not sheet.refused):
        return
    from kzt_rates.cli.output import Words

    words = Words(options)
    marks = ["" if sheet.complete else words.phrase("incomplete"), *_refusals(sheet, words)]
    said = [words.phrase("sheet", sheet.date), *filter(None, marks)]
    write_error(f"warning: {'; '.join(said)}")


def _refusals(sheet: "RateSheet", words: "Words") -> list[str]:
    return [words.phrase("refused", code, one_line(why)) for code, why in sheet.refused.items()]


def _sheet_text(sheet: "RateSheet", options: "Namespace") -> str | None:
    from kzt_rates.cli.output import deliver

    return deliver(options, sheet, lambda: _sheet_table(sheet, options))


def _sheet_table(sheet: "RateSheet", options: "Namespace") -> str:
    from kzt_rates.cli.output import Words, table_text

    words = Words(options)
    marks = [
        words.phrase("carried to", sheet.requested_date) if sheet.carried else "",
        words.phrase("provisional") if sheet.provisional else "",
        "" if sheet.complete else words.phrase("incomplete"),
    ]
    heading = ", ".join(filter(None, [words.phrase("sheet", sheet.date), *marks]))
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
    head = [words.phrase(fact) for fact in facts]
    table = table_text(head, rows, right=(2,), point=range(3, len(facts)))
    return "\n".join([heading, "", table, *_refusals(sheet, words)])


def _figures(rate: "Rate", words: "Words", *, exact: bool) -> tuple[str, str, str]:
    from kzt_rates.cli.output import exact_text
    from kzt_rates.money import rate_text

    change = rate.change
    if exact:
        signed = "" if change is None else exact_text(change, sign="+")
        per_unit = exact_text(rate.per_unit, 2 if rate.nominal == 1 else 0)
        return exact_text(rate.value), per_unit, signed
    signed = "" if change is None else rate_text(change, words.language, published=True)
    return (
        rate_text(rate.value, words.language, published=True),
        rate_text(rate.per_unit, words.language, published=rate.nominal == 1),
        f"+{signed}" if change is not None and change > 0 else signed,
    )


def _since_text(sheet: "RateSheet", before: "RateSheet", options: "Namespace") -> str:
    """Return the rates of a sheet, and by how much each has moved since another."""
    from kzt_rates.cli.output import Words, csv_text, json_text, table_text
    from kzt_rates.money import rate_text

    changes = sheet.change_since(before)
    rows: list[Row] = []
    for rate in sheet.rates:
        change = changes.get(rate.base)
        rows.append(
            {
                "currency": rate.base,
                "nominal": rate.nominal,
                "value": rate.value,
                "per_unit": rate.per_unit,
                "difference": None if change is None else change.difference,
                "percent": None if change is None else change.percent,
            }
        )
    if options.format == "json":
        return json_text({"date": sheet.date, "since": before.date, "rates": rows})
    if options.format == "csv":
        return csv_text(SINCE_COLUMNS, rows)  # a sheet may have refused rates alone
    words = Words(options)

    def signed(number: "Decimal", *, places: int | None = None) -> str:
        if options.exact:
            return f"{number:+f}"
        shown = number if places is None else round(number, places)
        text = rate_text(shown, words.language, published=True)
        return f"+{text}" if shown > 0 else text

    lines = []
    for rate in sheet.rates:
        change = changes.get(rate.base)
        lines.append(
            [
                rate.base,
                words.name(rate.base, rate.name),
                str(rate.nominal),
                *_figures(rate, words, exact=options.exact)[:2],
                "" if change is None else signed(change.difference),
                "" if change is None else signed(change.percent, places=2),
            ]
        )
    head = [
        words.phrase(fact) for fact in ("code", "name", "nominal", "value", "per unit", "change")
    ]
    marks = [words.phrase("provisional")] if sheet.provisional else []
    marks += [] if sheet.complete else [words.phrase("incomplete")]
    dates = ", ".join(
        [words.phrase("sheet", sheet.date), words.phrase("since", before.date), *marks]
    )
    table = table_text([*head, "%"], lines, right=(2,), point=range(3, 7))
    return "\n".join([dates, "", table, *_refusals(sheet, words)])


def _add_sheet(parser: "ArgumentParser") -> None:
    add_day(parser)
    parser.add_argument(
        "--since", type=parse_date_text, metavar="DATE", help="show the changes since that date"
    )
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
    add_format(parser, (*FORMATS, "html"))
    add_file(parser, "write the line of --format html to a file, replacing an old one")
    add_missing(parser)
    add_refresh(parser)
    add_language(parser)
    parser.add_argument(
        "--changes", action="store_true", help="show each change against the day before"
    )
    parser.set_defaults(exact=False)


def _add_currencies(parser: "ArgumentParser") -> None:
    add_format(parser)
    add_missing(parser, hidden=True)
    add_refresh(parser, hidden=True)
    add_language(parser)


def _check_sheet(parser: "ArgumentParser", options: "Namespace") -> None:
    check_day(parser, options)
    check_output(parser, options)
    if options.since is not None and options.output is not None:
        parser.error("--since writes to stdout alone: leave out --output")


def _check_ticker(parser: "ArgumentParser", options: "Namespace") -> None:
    check_day(parser, options)
    if options.output is not None:
        if options.output.lower().endswith((".html", ".htm")) and options.format == "table":
            options.format = "html"
        if options.format != "html":
            parser.error("--output writes the line as HTML: add --format html, or use a file .html")
    if options.changes and options.format not in ("table", "html"):
        parser.error(f"--changes is for the line of text; --format {options.format} has a change")


def _check_latest(parser: "ArgumentParser", options: "Namespace") -> None:
    if options.rest:
        parser.error("latest takes no date; kzt-rates sheet does")
    check_output(parser, options)


COMMANDS = (
    Command(
        "sheet",
        show_sheet,
        usage="[DATE | --on DATE]",
        notes="examples:\n  kzt-rates sheet 2025-12-05\n  kzt-rates sheet --since 2025-12-01",
        add=_add_sheet,
        check=_check_sheet,
    ),
    Command(
        "latest",
        show_latest,
        notes="examples:\n  kzt-rates latest\n  kzt-rates latest --format csv",
        add=_add_latest,
        check=_check_latest,
        instead={"--on": "kzt-rates sheet takes a date"},
    ),
    Command(
        "ticker",
        show_ticker,
        usage="[DATE | --on DATE]",
        notes="examples:\n  kzt-rates ticker --changes\n  kzt-rates ticker 2025-11-29 --offline",
        add=_add_ticker,
        check=_check_ticker,
    ),
    Command(
        "currencies",
        show_currencies,
        notes="First date and last date: the dates in archive and cache. The names in all three "
        "languages are in json and csv.",
        add=_add_currencies,
    ),
)
