"""`kzt-rates convert`: one amount, from the figures themselves."""

from itertools import takewhile

from kzt_rates.cli.options import (
    FORMATS,
    Command,
    add_exact,
    add_format,
    add_language,
    add_missing,
    add_on,
    add_refresh,
    check_pair,
    explained,
)
from kzt_rates.cli.terminal import LETTERS, can_show, write_out

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from kzt_rates.cli.session import Session
    from kzt_rates.typing import Language, Row

NOTES = """\
examples:
  kzt-rates convert 100 USD
  kzt-rates convert 12.50 USD EUR --on 05.12.2025 --places 2
  kzt-rates convert -5 USD --on 2025-12-05 --format json
  kzt-rates convert --pairs invoices.csv --places 2 > converted.csv

--pairs writes the rows of the file with three more columns: converted, rate and effective_date. \
The first row may name the columns amount, base, date and quote, in any order and among others. A \
bad row ends the command with its number and status 3; the rows before it are written."""

# How the rate is said, with its date, without one, carried, and provisional.
WORDS: "dict[Language, tuple[str, str, str, str, str]]" = {
    "en": (
        "at {} {} per {}",
        *(", official for {}", ", on any date", ", carried to {}", ", provisional"),
    ),
    "kk": (
        "1 {2} = {0} {1}",
        *(", {} күнгі ресми бағам", ", кез келген күні", ", {} күніне көшірілген", ", алдын ала"),
    ),
    "ru": (
        "по {} {} за {}",
        *(", официальный курс на {}", ", на любую дату", ", перенесён на {}", ", предварительный"),
    ),
}


def run(options: "Namespace") -> int:
    """Show the converted amount, with the rate and the day it is of; or convert a file's rows."""
    from kzt_rates.cli.session import Session

    if options.pairs is not None:
        from kzt_rates.cli.pairs import convert_rows

        with Session(options, timeout=30) as session:
            return convert_rows(session, options)
    with Session(options) as session:
        text = _answer(session, options)
    write_out(text)
    return 0


def _answer(session: "Session", options: "Namespace") -> str:
    from kzt_rates.arithmetic import Ratio
    from kzt_rates.cli.session import ratio_of
    from kzt_rates.currency import parse_code
    from kzt_rates.dates import parse_date
    from kzt_rates.figures import KZT, Day

    base, quote = parse_code(options.base), parse_code(options.quote)
    day = session.today() if options.on is None else parse_date(options.on)
    if base == quote:
        session.check_same(options.amount, base, options.places)
        found, ratio = Day(day), Ratio(1, 1)
    else:
        found = session.figures((base, quote), day, options.missing, refresh=options.refresh)
        ratio = ratio_of(found, base, quote)
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


def _sentence(answer: "Row", options: "Namespace", *, published: bool) -> str:
    """Return the answer in words: money to two decimals, unless all digits are wanted."""
    from decimal import Decimal

    from kzt_rates.money import in_groups, money_text, rate_text

    language: Language = options.language or "en"
    if not can_show(LETTERS[language]):
        language = "en"
    at_rate, on_a_date, on_any_date, carried, provisional = WORDS[language]
    base, quote, result, rate = (answer[part] for part in ("base", "quote", "result", "rate"))
    assert isinstance(result, Decimal)
    assert isinstance(rate, Decimal)
    money, price = f"{result:f}", f"{rate:f}"
    if options.exact:
        amount = options.amount
    else:
        amount = in_groups(options.amount, language)
        if options.places is None:
            money = money_text(result, language)
        else:
            money = in_groups(money, language)
        price = rate_text(rate, language, published=published)
    first = f"{amount} {base} = {money} {quote}"
    if base == quote:
        return f"{first}\n{at_rate.format(1, quote, base)}{on_any_date}"
    second = at_rate.format(price, quote, base) + on_a_date.format(answer["effective_date"])
    if answer["carried"]:
        second += carried.format(answer["requested_date"])
    return f"{first}\n{second}{provisional if answer['provisional'] else ''}"


def _add(parser: "ArgumentParser") -> None:
    parser.add_argument(
        "amount", metavar="AMOUNT", nargs="?", help="an amount such as 1250 or 1250.50"
    )
    parser.add_argument("base", metavar="BASE", nargs="?", help="the currency of the amount")
    parser.add_argument(
        "quote", metavar="QUOTE", nargs="?", help="the currency to convert to (default: KZT)"
    )
    parser.add_argument(
        "--pairs",
        metavar="FILE",
        help="convert the rows of a CSV file, - for stdin: amount,base,date and perhaps quote",
    )
    add_on(parser)
    parser.add_argument(
        "--places",
        type=_parse_places_text,
        metavar="N",
        help="round the result to N decimals, ties away from zero",
    )
    add_format(parser, (*FORMATS, "plain"))
    parser.set_defaults(format=None)
    add_missing(parser)
    add_refresh(parser)
    add_language(parser)
    add_exact(parser)


def _parse_places_text(text: str) -> int:
    from kzt_rates.arithmetic import MAX_PLACES, parse_places

    with explained():
        if not (text.isascii() and text.isdigit() and len(text) < 10):
            raise ValueError(f"places is a whole number from 0 to {MAX_PLACES}, not {text[:20]!r}")
        return parse_places(int(text))


def _check(parser: "ArgumentParser", options: "Namespace") -> None:
    """Settle the pair; end with a usage error where the words stand in another order."""
    from kzt_rates.arithmetic import parse_amount

    if options.pairs is not None:
        _check_pairs(parser, options)
        return
    if options.base is None:
        _refuse_too_few(parser, options)
    words = [options.base, *filter(None, [options.quote]), *options.rest]
    try:
        parse_amount(options.amount)
    except ValueError as error:
        parser.error(_why_no_amount(parser.prog, options.amount, words) or str(error))
    more = list(takewhile(lambda word: word[:1].isdigit(), words))
    others = words[len(more) :]
    if more and others and others[0].isalpha():
        whole = "".join([options.amount, *more]).replace(",", ".")
        line = " ".join([parser.prog, whole, *others])
        parser.error(f"{more[0]!r} is no currency; write the amount without spaces: {line}")
    check_pair(parser, options)
    options.format = options.format or FORMATS[0]


def _refuse_too_few(parser: "ArgumentParser", options: "Namespace") -> None:
    given = options.amount
    why = given and _why_no_amount(parser.prog, given, [])
    parser.error(why or f"missing: {'BASE' if given else 'AMOUNT, BASE'}")


def _check_pairs(parser: "ArgumentParser", options: "Namespace") -> None:
    if options.amount is not None:
        parser.error("give --pairs FILE or AMOUNT BASE, not both")
    if options.on is not None:
        parser.error("--pairs takes no --on: each row has its date")
    if options.format not in (None, "csv"):
        parser.error(f"--pairs writes csv, not {options.format}")
    for name in ("exact", "language"):
        if getattr(options, name):
            parser.error(f"--pairs takes no --{name}: it writes csv with all digits")


def _why_no_amount(program: str, amount: str, words: "list[str]") -> str:
    """Return what to type where a currency stands in the amount's place, or is stuck to it."""
    figure = "".join(character for character in amount if character in "0123456789.,")
    if figure and amount.replace(figure, "", 1) != amount:
        code = _code_meant(amount.replace(figure, "", 1))
        line = " ".join([program, figure, code, *(word for word in words if word.upper() != code)])
        return f"write the amount and the currency apart: {line}" if code else ""
    code = _code_meant(amount)
    if not code:
        return ""
    figures = [word for word in words if word[:1].isdigit()]
    others = [word for word in words if word not in figures]
    line = " ".join([*(figures[:1] or ["100"]), code, *others])
    return f"the amount comes first: {program} {line}"


def _code_meant(word: str) -> str:
    """Return the code that a word is or stands for, "" for none."""
    from kzt_rates.currency import FACTS, codes_meant
    from kzt_rates.figures import KZT

    code = word.upper()
    return code if code in {KZT, *FACTS} else next(iter(codes_meant(word)), "")


COMMANDS = (
    Command(
        "convert",
        run,
        usage="(AMOUNT BASE [QUOTE] | --pairs FILE)",
        notes=NOTES,
        add=_add,
        check=_check,
    ),
)
