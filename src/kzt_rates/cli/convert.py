"""`kzt-rates convert`: one amount, from the figures themselves."""

from decimal import Decimal

from kzt_rates.arithmetic import Ratio
from kzt_rates.calendar import parse_date
from kzt_rates.currency_facts import parse_code
from kzt_rates.figures import KZT, Day

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace

    from kzt_rates.cli.session import Session
    from kzt_rates.typing import Row


def run(session: "Session", options: "Namespace") -> str:
    """Return the converted amount, with the rate and the day it is of."""
    base, quote = parse_code(options.base), parse_code(options.quote)
    day = session.today() if options.on is None else parse_date(options.on)
    if base == quote:
        session.check_same(options.amount, base, options.places)
        found, ratio = Day(day), Ratio(1, 1)
    else:
        found = session.figures((base, quote), day, options.missing, refresh=options.refresh)
        ratio = Ratio.of_legs(_leg(base, found), _leg(quote, found))
    used = [] if base == quote else [found.figures[code] for code in {base, quote} - {KZT}]
    answer: Row = {
        "amount": options.amount,
        "base": base,
        "quote": quote,
        "result": ratio.convert(options.amount, options.places),
        "rate": ratio.per_unit(),
        "requested_date": day,
        "effective_date": found.date,
        "carried": found.date != day,
        "provisional": not all(figure.final for figure in used),
    }
    if options.format == "table":
        return _sentence(answer)
    from kzt_rates.cli.formats import csv_text, json_text

    return json_text(answer) if options.format == "json" else csv_text(list(answer), [answer])


def _leg(code: str, day: Day) -> "tuple[Decimal, int] | None":
    if code == KZT:
        return None
    figure = day.figures[code]
    return Decimal(figure.value), figure.nominal


def _sentence(answer: "Row") -> str:
    base, quote = answer["base"], answer["quote"]
    first = f"{answer['amount']} {base} = {answer['result']:f} {quote}"
    if base == quote:
        return f"{first}\nat 1 {quote} per {base}, on any date"
    carried = f", carried to {answer['requested_date']}" if answer["carried"] else ""
    provisional = ", provisional" if answer["provisional"] else ""
    return (
        f"{first}\nat {answer['rate']:f} {quote} per {base},"
        f" official for {answer['effective_date']}{carried}{provisional}"
    )
