"""The bank's documents, written as the bank writes them.

The daily XML is laid out as in a response recorded for 2026-04-02, the RSS as in one of
2017-06-16, down to the spaces.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple
from xml.sax.saxutils import escape

from kzt_rates.currency import FACTS
from kzt_rates.dates import bank_date, parse_date
from kzt_rates.typing import DateLike

# The bank's own wording in 2026 where it is not the name that kzt_rates gives the currency.
_BANK_NAMES = {
    "GBP": "ФУНТ СТЕРЛИНГОВ СОЕДИНЕННОГО КОРОЛЕВСТВА",
    "HUF": "ВЕНГЕРСКИХ ФОРИНТОВ",
    "JPY": "ЯПОНСКАЯ ЙЕНА",
    "KGS": "КЫРГЫЗСКИЙ СОМ",
    "KRW": "ЮЖНО-КОРЕЙСКИХ ВОН",
    "MXN": "МЕКСИКАНСКИЙ ПЕСО",
    "MYR": "МАЛАЗИЙСКИЙ РИНГГИТ",
    "SAR": "РИЯЛ САУДОВСКОЙ АРАВИИ",
    "UZS": "УЗБЕКСКИХ СУМОВ",
    "ZAR": "ЮЖНО-АФРИКАНСКИЙ РАНД",
}

# What rates.xml holds, in its order; in 2017 it called the rouble RUR.
_MAIN_CODES = ("RUR", "RUB", "EUR", "USD", "CNY")

_GENERATOR = "Alternate RSS Builder"
_TITLE = "Official exchange rates of National Bank of Republic Kazakhstan"
_SITE = "www.nationalbank.kz"


class Published(NamedTuple):
    """One rate as a feed prints it: tenge per nominal, in the digits to be printed.

    `change=None` is worked out from the day before, `name=None` is the bank's Russian one.
    """

    value: str | int | Decimal
    nominal: int = 1
    change: str | None = None
    name: str | None = None


_Value = str | int | Decimal
RateLike = _Value | tuple[_Value, int] | tuple[_Value, int, str | None] | Published

# To annotate the sheets of a test with: rates by code.
Sheet = Mapping[str, RateLike]


@dataclass(frozen=True)
class Item:
    """An `<item>`, in the texts to be printed; `None` leaves the element out.

    `instead` has texts for elements by their tags, over all others.
    """

    code: str
    value: str | None
    nominal: str | None
    change: str | None
    name: str
    day: str | None
    instead: Mapping[str, str | None] = field(default_factory=dict)

    @property
    def index(self) -> str:
        """Return UP or DOWN, as the sign of the change says."""
        return _index(self.change or "")


@dataclass(frozen=True)
class Document:
    """What a feed is about to say: the daily XML, or the RSS whose items bear the dates."""

    date: str | None
    items: tuple[Item, ...]
    info: str | None = None
    rss: bool = False
    generator: str = _GENERATOR

    def xml(self) -> bytes:
        """Write it down."""
        text = _rss_text(self) if self.rss else _daily_text(self)
        return text.encode()


def published(rate: RateLike) -> Published:
    """Return a rate as users write it, whole: `"499.65"`, or `("12.72", 10)`."""
    if isinstance(rate, Published):
        return rate
    if isinstance(rate, tuple):
        return Published(*rate) if len(rate) == 2 else Published(rate[0], rate[1], rate[2])
    if isinstance(rate, bool) or not isinstance(rate, str | int | Decimal):
        raise TypeError(
            "a rate is its text, (text, nominal), or (text, nominal, change),"
            f" not {type(rate).__name__}"
        )
    return Published(rate)


@lru_cache(maxsize=256)
def bank_name(code: str) -> str:
    """Return the name the bank prints for a code; its sheets are sorted by it."""
    facts = FACTS.get(code)
    return _BANK_NAMES.get(code) or (
        code if facts is None or facts.name_ru is None else facts.name_ru.upper()
    )


def change_since(value: str, before: str) -> str:
    """Return a `<change>`: signed, two decimals or as many as the values have.

    >>> change_since("329.81", "328.01"), change_since("3", "3.00")
    ('+1.80', '0.00')
    """
    try:
        return change_between(Decimal(value), Decimal(before))
    except (ArithmeticError, ValueError):
        return ""


def change_between(value: Decimal, before: Decimal) -> str:
    """Return a `<change>` of two values."""
    difference = value - before
    if not difference:
        return "0.00"
    text = f"{difference:+f}"
    dot = text.find(".")
    if dot < 0:
        return f"{text}.00"
    return f"{text}0" if len(text) - dot == 2 else text


def items_of(day: date, rates: Sheet, previous: Sheet | None, *, short: bool = False) -> list[Item]:
    """Return the items of a sheet, in its order; `short` prints the year in two digits."""
    printed = bank_date(day)
    if short:
        printed = printed[:6] + printed[8:]
    items = []
    for code, rate in rates.items():
        value, nominal, change, name = published(rate)
        if change is None and previous is not None and code in previous:
            change = change_since(str(value), str(published(previous[code]).value))
        full_name = bank_name(code) if name is None else name
        items.append(Item(code, str(value), str(nominal), change or "", full_name, printed))
    return items


def daily_xml(
    day: DateLike, rates: Sheet, info: str | None = None, *, previous: Sheet | None = None
) -> bytes:
    """Return the daily XML of a date, its items in the order of `rates`.

    `previous` holds the rates of the day before, for the changes. With no rates, `info` makes
    the envelope of a date without rates; without it, the bank's blink.
    """
    on = parse_date(day)
    return Document(bank_date(on), tuple(items_of(on, rates, previous)), info).xml()


def rates_all_xml(
    *sheets: tuple[DateLike, Sheet], previous: Sheet | None = None, two_digit_years: bool = False
) -> bytes:
    """Return the RSS of one or more dated sheets, in the order given.

    `previous` holds the rates of the day before the first sheet, for its changes. Years were
    printed in two digits until about 2017.
    """
    items: list[Item] = []
    for number, (day, rates) in enumerate(sheets):
        before = previous if number == 0 else None
        items += items_of(parse_date(day), rates, before, short=two_digit_years)
    return Document(None, tuple(items), rss=True).xml()


def main_items(items: Iterable[Item]) -> list[Item]:
    """Return what rates.xml has of the items of a sheet, in its order."""
    found = {item.code: item for item in items}
    return [found[code] for code in _MAIN_CODES if code in found]


def no_rates(day: date) -> Document:
    """Return the envelope of a date that has no rates."""
    return Document(bank_date(day), (), info=f"на {bank_date(day)} информации нет")


def rates_xml(day: DateLike, rates: Sheet, *, previous: Sheet | None = None) -> bytes:
    """Return the RSS of the main currencies, in its order; `previous` is as in `rates_all_xml`."""
    on = parse_date(day)
    return Document(None, tuple(main_items(items_of(on, rates, previous))), rss=True).xml()


def in_bank_order(rates: Sheet) -> dict[str, RateLike]:
    """Return the rates of a sheet in the order in which the bank prints them: by their names."""
    return {code: rates[code] for code in sorted(rates, key=bank_name)}


def _daily_text(document: Document) -> str:
    items = [
        item_text(item.code, item.value, item.nominal, item.change or "", item.name)
        if item.value and item.nominal and item.change is not None and not item.instead
        else "\n".join([*_elements(12, _daily_children(item)), _ITEM_ENDS])
        for item in document.items
    ]
    return daily_text(document.date, items, document.info, document.generator)


_ITEM_ENDS = " " * 12 + "</item>"
# The first item of the recorded response is indented further than the rest.
FIRST_ITEM, NEXT_ITEM = " " * 24 + "<item>\n", "\n" + " " * 20 + "<item>\n"


def daily_text(
    date: str | None, items: Sequence[str], info: str | None = None, generator: str = _GENERATOR
) -> str:
    """Return the daily XML of items as `item_text` writes them."""
    head, end = daily_frame(date, info, generator)
    body = f"\n{FIRST_ITEM}{NEXT_ITEM.join(items)}" if items else ""
    return f"{head}{body}{end}"


def daily_frame(
    date: str | None, info: str | None = None, generator: str = _GENERATOR
) -> tuple[str, str]:
    """Return what comes before and after the items of the daily XML."""
    head = [
        '<?xml version="1.0" encoding="utf-8"?>',
        "<rates>",
        f"    <generator>{generator}</generator>",
        f"    <title>{_TITLE}</title>",
        f"    <link>{_SITE}</link>",
        f"    <description>{_TITLE}</description>",
        f"    <copyright>{_SITE}</copyright>",
        *_elements(4, [("date", date)]),
        "",
        *_elements(12, [("info", info)]),
    ]
    return "\n".join(head), "\n" + " " * 12 + "</rates>\n"


def item_text(code: str, value: str, nominal: str, change: str, name: str) -> str:
    """Return the lines of an item of the daily XML, after its opening tag."""
    return item_head(code, name) + item_rest(*map(escape, (value, nominal, change)))


@lru_cache(maxsize=512)
def item_head(code: str, name: str) -> str:
    """Return the first lines of an item, up to the value."""
    return (
        f"            <fullname>{escape(name)}</fullname>\n"
        f"            <title>{escape(code)}</title>\n"
        "            <description>"
    )


def item_rest(value: str, nominal: str | int, change: str) -> str:
    """Return the rest of an item, of digits."""
    return (
        f"{value}</description>\n"
        f"            <quant>{nominal}</quant>\n"
        f"            <index>{_index(change)}</index>\n"
        f"            <change>{change}</change>\n"
        "            </item>"
    )


_INDEX = {"+": "UP", "-": "DOWN"}


def _index(change: str) -> str:
    return _INDEX.get(change[:1], "")


def _rss_text(document: Document) -> str:
    lines = [
        '<rss version="2.0">',
        "    <channel>",
        f"        <generator>{document.generator}</generator>",
        *("        <title>", f"            {_TITLE}", "        </title>"),
        f"        <link>{_SITE}</link>",
        *("        <description>", f"            {_TITLE}", "        </description>"),
        "        <language>ru</language>",
        f"        <copyright>{_SITE}</copyright>",
        *_elements(8, [("info", document.info)]),
    ]
    for item in document.items:
        children = [("pubDate", item.day), *_daily_children(item)[2:]]
        lines.append("        <item>")
        lines += _elements(12, [("title", item.code), *children])
        lines += ["            <link/>", "        </item>"]
    return "\n".join([*lines, "    </channel>", "</rss>"])


def _daily_children(item: Item) -> list[tuple[str, str | None]]:
    children = [
        ("fullname", item.name),
        ("title", item.code),
        ("description", item.value),
        ("quant", item.nominal),
        ("index", item.index),
        ("change", item.change),
    ]
    return [(tag, item.instead.get(tag, text)) for tag, text in children]


def _elements(indent: int, children: Iterable[tuple[str, str | None]]) -> list[str]:
    return [
        f"{' ' * indent}<{tag}>{escape(text)}</{tag}>" for tag, text in children if text is not None
    ]
