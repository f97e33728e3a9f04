"""`kzt-rates convert`: one amount, from the figures themselves."""

from decimal import Decimal

from kzt_rates.arithmetic import Ratio
from kzt_rates.currency import parse_code
from kzt_rates.dates import parse_date
from kzt_rates.figures import KZT, Day
from kzt_rates.money import in_groups, money_text, rate_text

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
        published = quote == KZT and base != KZT and found.figures[base].nominal == 1
        return _sentence(answer, options, published=published)
    if options.format == "plain":
        return f"{answer['result']:f}"
    from kzt_rates.cli.output import csv_text, json_text

    return json_text(answer) if options.format == "json" else csv_text(list(answer), [answer])


def _leg(code: str, day: Day) -> "tuple[Decimal, int] | None":
    if code == KZT:
        return None
    figure = day.figures[code]
    return Decimal(figure.value), figure.nominal


def _sentence(answer: "Row", options: "Namespace", *, published: bool) -> str:
    """Return the answer in words: money to two decimals, unless all digits are wanted."""
    base, quote, result, rate = (answer[part] for part in ("base", "quote", "result", "rate"))
    assert isinstance(result, Decimal)
    assert isinstance(rate, Decimal)
    if options.exact:
        amount, money, price = options.amount, f"{result:f}", f"{rate:f}"
    else:
        amount = in_groups(options.amount)
        money = money_text(result) if options.places is None else in_groups(f"{result:f}")
        price = rate_text(rate, published=published)
    first = f"{amount} {base} = {money} {quote}"
    if base == quote:
        return f"{first}\nat 1 {quote} per {base}, on any date"
    carried = f", carried to {answer['requested_date']}" if answer["carried"] else ""
    provisional = ", provisional" if answer["provisional"] else ""
    return (
        f"{first}\nat {price} {quote} per {base},"
        f" official for {answer['effective_date']}{carried}{provisional}"
    )
