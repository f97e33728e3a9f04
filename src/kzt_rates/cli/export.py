"""`kzt-rates export`: the rates of many currencies as one long table, for programs."""

from kzt_rates.cli.options import (
    Command,
    add_output,
    add_range,
    check_output,
    check_range,
    listed,
    range_of,
)
from kzt_rates.cli.terminal import UsageError, write_out

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator
    from datetime import date

    from kzt_rates.cli.session import Session
    from kzt_rates.tables import ColumnType
    from kzt_rates.typing import Row

FORMATS = ("csv", "json", "parquet")
COLUMNS = ("date", "currency", "rate")

NOTES = """\
A row is a day and a currency: date, currency, and the rate in tenge for one unit, exact. With \
--missing previous there is effective_date, too: the day whose rate it is.

--missing known asks nobody: it exports what archive and cache have, which may have gaps.

examples:
  kzt-rates export --start 2025-12-01 --end 2025-12-05 --currency USD EUR
  kzt-rates export --start 1993-11-15 --missing known --output rates.parquet
  kzt-rates export --start 2025-01-01 --output rates.csv"""


def run(options: "Namespace") -> None:
    """Show the table, or write it to a file; raise `RateNotFound` for one without rates."""
    from kzt_rates.cli.output import prepare
    from kzt_rates.cli.session import Session
    from kzt_rates.errors import RateNotFound

    prepare(options)
    with Session(options, timeout=60) as session:
        start, end = range_of(session.today(), options)
        codes = _codes(session, options, start, end)
        rows = list(_rows(session, options, codes, start, end))
    if not rows:
        which = listed(codes) if 0 < len(codes) <= 4 else "any currency"
        where = " is known here" if options.missing == "known" else ""
        raise RateNotFound(f"no official rate of {which} for {start} to {end}{where}")
    _deliver(options, rows)


def _codes(session: "Session", options: "Namespace", start: "date", end: "date") -> list[str]:
    """Return the currencies that are named, else all that can be had."""
    from kzt_rates.currency import existed_between
    from kzt_rates.feed import export_codes
    from kzt_rates.figures import KZT
    from kzt_rates.plans import load_bounds
    from kzt_rates.plans.day import known_codes

    if options.currency is None and options.missing == "known":
        return sorted(session.ask(lambda _: load_bounds()))
    if options.currency is None:
        return sorted(code for code in export_codes() if existed_between(code, start, end))
    codes = sorted({*session.ask(lambda _: known_codes(*options.currency))} - {KZT})
    if not codes:
        raise UsageError(f"--currency {KZT}: rates are in tenge; name another currency")
    return codes


def _rows(
    session: "Session", options: "Namespace", codes: list[str], start: "date", end: "date"
) -> "Iterator[Row]":
    if options.missing == "known":
        for code in codes:
            yield from _known_rows(session, code, start, end)
        return
    if codes and not session.offline:
        session.sync(start, end, currencies=codes)  # all codes of a range in one question
    for code in codes:
        series = session.series(code, "KZT", start, end, options.missing, refresh=False)
        for day, rate in series:
            row: Row = {"date": day, "currency": code, "rate": rate}
            if options.missing == "previous":
                row["effective_date"] = series.carried.get(day, day)
            yield row


def _known_rows(session: "Session", code: str, start: "date", end: "date") -> "Iterator[Row]":
    from kzt_rates.arithmetic import Ratio
    from kzt_rates.plans.questions import load_known

    for day, value, nominal, _ in session.ask(lambda terms: load_known(terms, code, start, end)):
        rate = Ratio.of_legs((value, nominal), None).per_unit()
        yield {"date": day, "currency": code, "rate": rate}


def _deliver(options: "Namespace", rows: "list[Row]") -> None:
    from kzt_rates.cli.output import csv_text, json_text
    from kzt_rates.tables.files import put, write_bytes

    columns = [*COLUMNS, *(["effective_date"] if options.missing == "previous" else [])]
    if options.format == "parquet":
        from kzt_rates.tables import Column, Table
        from kzt_rates.tables.frames import parquet_bytes

        kinds: dict[str, ColumnType] = {"currency": "text", "rate": "figure"}
        table = Table(
            tuple(
                Column(name, kinds.get(name, "date"), [row[name] for row in rows])
                for name in columns
            ),
            "date",
            {},
        )
        write_bytes(options.output, parquet_bytes(table))
        return
    text = csv_text(columns, rows) if options.format == "csv" else json_text(rows)
    if options.output is None:
        write_out(text)
    else:
        put(text, options.output)


def _add(parser: "ArgumentParser") -> None:
    add_range(parser)
    parser.add_argument(
        "--currency",
        nargs="+",
        action="extend",
        metavar="CODE",
        help="only these currencies (default: all in the bank's range export, or with "
        "--missing known all that are known here)",
    )
    add_output(parser, FORMATS)
    parser.add_argument(
        "--missing",
        choices=("skip", "raise", "previous", "known"),
        default="skip",
        metavar="POLICY",
        help='for days without a rate: "skip" them (default), "raise" an error, use the '
        '"previous" day that has one, or take what is "known" here and ask nobody',
    )


def _check(parser: "ArgumentParser", options: "Namespace") -> None:
    if options.start is None:
        parser.error("give --start DATE")
    check_range(parser, options)
    check_output(parser, options)


COMMANDS = (
    Command(
        "export",
        run,
        usage="--start DATE [--end DATE]",
        notes=NOTES,
        add=_add,
        check=_check,
        instead={"--last": "give --start DATE", "--all": "leave out --currency"},
    ),
)
