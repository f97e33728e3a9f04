"""The daily feed and `rates_all.xml`: bytes to the sheet of one date, by a hardened parser.

No page of the bank specifies its feeds, so what is read is what was seen: everything a figure
is made of must be there once and look as it always did. Other elements are ignored.
"""

import re
from datetime import date
from operator import attrgetter

from lxml import etree

from kzt_rates.currency import ROUBLES, published_code
from kzt_rates.dates import parse_date
from kzt_rates.errors import Blink, FeedError, excerpt
from kzt_rates.feed import NOMINAL, NUMBER, VALUE
from kzt_rates.figures import KZT, Day, Figure
from kzt_rates.process import OnePerProcess

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from kzt_rates.figures import Feed, Received


TENGE_SINCE = date(1993, 11, 15)

# A figure as these feeds print it, on a line: code, value, nominal, change, maybe with blanks.
_B = "[ \\t\\r\\n]*"
_figure = re.compile(
    rf"{_B}([A-Z]{{3}}){_B}\|{_B}({VALUE}){_B}\|{_B}({NOMINAL}){_B}\|{_B}([+-]?{NUMBER})?{_B}\n"
)
_STRIDE = 5  # the gap before a figure, and the four groups of its pattern

_parser = OnePerProcess(
    lambda: etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_blank_text=True,
        remove_comments=True,
        remove_pis=True,
    )
)

_tag_and_text = attrgetter("tag", "text")
_count_all = etree.XPath("count(descendant::*)")

_BLANKS = b" \t\r\n"
_BYTE_ORDER_MARKS = (b"\xff\xfe", b"\xfe\xff")


def read_daily(body: bytes, day: date, received: "Received") -> Day | None:
    """Return the sheet of a date, or `None` where the bank says that it has none.

    Raises `FeedError` for an answer that is no sheet of that date, its subclass `Blink` for
    one that is neither a sheet nor a refusal.
    """
    try:
        root = parse(body)
        if root.tag != "rates":
            raise FeedError(f"the bank's answer is <{root.tag}>, not <rates>")
        dates = list(root.iterchildren("date"))
        if len(dates) != 1:
            raise FeedError(f"the bank's answer has {len(dates)} dates")
        answered = bank_day(dates[0].text)
        if answered != day:
            raise FeedError(f"the bank answered for {answered}, and was asked for {day}")
        items = items_of(root)
        if not items:
            if next(root.iterchildren("info"), None) is not None:
                return None
            raise Blink(f"the bank answered for {day} with neither rates nor an explanation")
        return _sheet(items, day, "daily", received)
    except FeedError as error:
        error.excerpt = error.excerpt or excerpt(body)
        raise


def read_latest(body: bytes, received: "Received") -> Day:
    """Return the newest sheet that `rates_all.xml` has, which may be tomorrow's.

    Items of dead currencies stay in the feed for years under their own date; only those of
    the newest date are the sheet. Raises `FeedError`, or its subclass `Blink` for no items.
    """
    try:
        root = parse(body)
        channels = list(root.iterchildren("channel"))
        if root.tag != "rss" or len(channels) != 1:
            raise FeedError(
                f"the bank's answer is <{root.tag}> with {len(channels)} channels, not RSS"
            )
        items = items_of(channels[0])
        if not items:
            raise Blink("the bank answered without any rates")
        dated = [(bank_day(item.get("pubDate")), item) for item in items]
        newest = max(day for day, _ in dated)
        of_newest = [item for day, item in dated if day == newest]
        return _sheet(of_newest, newest, "latest", received)
    except FeedError as error:
        error.excerpt = error.excerpt or excerpt(body)
        raise


def parse(body: bytes) -> etree._Element:
    """Return the root element of a document that can be trusted to be only what it shows.

    Nothing is resolved or fetched, and a document that brings its own DTD is refused.
    """
    body = body.lstrip(_BLANKS)  # one of the bank's servers puts blank lines before the declaration
    if not body:
        raise FeedError("the bank's answer is empty")
    if body[:14].lower().startswith((b"<!doctype html", b"<html")):
        raise FeedError("the bank's answer is an HTML page")
    try:
        root: etree._Element = _parser.use(lambda parser: etree.fromstring(body, parser))
    except (etree.XMLSyntaxError, ValueError) as error:
        problem = error.msg if isinstance(error, SyntaxError) else error
        raise FeedError(f"the bank's answer is not XML: {problem}") from error
    document = root.getroottree().docinfo
    if document.internalDTD is not None:
        raise FeedError("the bank's answer declares a DTD")
    # A document in another encoding than it declares may still parse, into other letters.
    encoding = "UTF-16" if body[:2] in _BYTE_ORDER_MARKS else document.encoding or "UTF-8"
    if encoding.upper() not in ("UTF-8", "ASCII", "US-ASCII"):
        raise FeedError(f"the bank's answer is in the encoding {encoding}, not UTF-8")
    return root


def items_of(parent: etree._Element) -> list[dict[str, str | None]]:
    """Return the items below an element, each as its children's texts by tag.

    Refused where an element is in none of them nor beside them: it is there twice in its item,
    inside a text (half a text is a number too), or in an <ITEM> or another wrapper.
    """
    found: list[dict[str, str | None]] = [
        dict(map(_tag_and_text, item[:]))  # type: ignore[index]  # the stubs know no slices
        for item in parent.iterchildren("item")
    ]
    if _count_all(parent) != len(parent) + sum(map(len, found)):
        raise FeedError("the bank's answer has elements twice, or where none must be")
    return found


def bank_day(text: str | None) -> date:
    """Return the date of a feed's `DD.MM.YYYY`, or of the `DD.MM.YY` of its older years."""
    text = text and text.strip()
    if text is not None and len(text) == 8 and text[6:].isdigit():
        text = f"{text[:6]}{'19' if text[6:] >= '93' else '20'}{text[6:]}"
    try:
        if text is None or "." not in text:
            raise ValueError("it must be written DD.MM.YYYY")
        day = parse_date(text)
        if day < TENGE_SINCE:
            raise ValueError("the tenge is younger")
    except ValueError as error:
        raise FeedError(f"the bank's answer has the date {text!r}: {error}") from None
    return day


def _sheet(
    items: "Sequence[dict[str, str | None]]", day: date, feed: "Feed", received: "Received"
) -> Day:
    """Return the sheet that items make; one bad item refuses them all."""
    final = day <= received.final_until
    figures = _figures(items, day, feed, received, final=final)
    return Day(day, figures, final=final, fetched_at=received.at)


def _figures(
    items: "Sequence[dict[str, str | None]]",
    day: date,
    feed: "Feed",
    received: "Received",
    *,
    final: bool,
) -> dict[str, Figure]:
    lines = [
        f"{item.get('title')}|{item.get('description')}|{item.get('quant')}|"
        f"{item.get('change') or ''}\n"
        for item in items
    ]
    # As many figures as there are lines, and nothing between them: there is one on each line.
    pieces = _figure.split("".join(lines))
    codes, values, nominals, changes = (pieces[group::_STRIDE] for group in range(1, _STRIDE))
    if any(pieces[::_STRIDE]) or len(codes) != len(lines):
        printed = next(line for line in lines if not _figure.fullmatch(line))
        raise FeedError(f"the bank's answer has the figure {printed[:-1][:80]!r}")
    if KZT in codes:
        raise FeedError("the bank's answer has a rate of the tenge")
    codes = [published_code(code, day) if code in ROUBLES else code for code in codes]
    found = {
        code: Figure(
            value, int(nominal), change, item.get("fullname"),
            feed=feed, final=final, fetched_at=received.at,
        )
        for code, value, nominal, change, item in zip(
            codes, values, nominals, changes, items, strict=True
        )
    }  # fmt: skip
    if len(found) != len(items):
        twice = next(code for code in codes if codes.count(code) > 1)
        raise FeedError(f"the bank's answer has {twice} twice")
    if "USD" not in found:
        raise FeedError("the bank's answer has no USD")
    return found
