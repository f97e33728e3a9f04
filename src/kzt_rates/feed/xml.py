"""What the XML feeds share: a hardened parser, and the checks of an item.

No page of the bank specifies its feeds, so what is read is what was seen: everything a figure
is made of must be there once and look as it always did. Other elements are ignored.
"""

import re
from datetime import date

from lxml import etree

from kzt_rates.calendar import parse_date
from kzt_rates.currency_facts import ROUBLES, published_code
from kzt_rates.errors import FeedError
from kzt_rates.feed.printed import NOMINAL, NUMBER, VALUE
from kzt_rates.figures import KZT, Figure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

TENGE_SINCE = date(1993, 11, 15)

# A figure as these feeds print it: code, value, nominal, change.
_as_printed = re.compile(rf"([A-Z]{{3}})\|({VALUE})\|({NOMINAL})\|([+-]?{NUMBER})?").fullmatch

# Threads may share it: lxml lets one parse at a time.
_parser = etree.XMLParser(
    resolve_entities=False,
    no_network=True,
    load_dtd=False,
    huge_tree=False,
    remove_blank_text=True,
    remove_comments=True,
    remove_pis=True,
)

# Elements inside an item's texts, or items that are not where items are: <ITEM>, or a wrapper.
_is_out_of_shape = etree.XPath("boolean(item/*/*) or boolean(*[not(self::item)]/*)")

_BYTE_ORDER_MARKS = (b"\xff\xfe", b"\xfe\xff")


def parse(body: bytes) -> etree._Element:
    """Return the root element of a document that can be trusted to be only what it shows.

    Nothing is resolved or fetched, and a document that brings its own DTD is refused.
    """
    if not body.strip():
        raise FeedError("the bank's answer is empty")
    if body.lstrip()[:14].lower().startswith((b"<!doctype html", b"<html")):
        raise FeedError("the bank's answer is an HTML page")
    try:
        root = etree.fromstring(body, _parser)
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


def items(parent: etree._Element) -> list[dict[str, str | None]]:
    """Return the items below an element, each as its children's texts by tag.

    Refused where a child is there twice, or has children of its own: half a text is a number too.
    """
    if _is_out_of_shape(parent):
        raise FeedError("the bank's answer has elements where none must be")
    found = []
    for item in parent.iterchildren("item"):
        # the fastest walk; the stubs know no slices
        children: list[etree._Element] = item[:]  # type: ignore[assignment,index]
        texts = {child.tag: child.text for child in children}
        if len(texts) != len(children):
            raise FeedError("the bank's answer has an element twice in one item")
        found.append(texts)
    return found


def bank_day(text: str | None) -> date:
    """Return the date of a feed's `DD.MM.YYYY`, or of the `DD.MM.YY` of its older years."""
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


def figures(items: "Iterable[dict[str, str | None]]", day: date) -> dict[str, Figure]:
    """Return the figures of a sheet's items by code; one bad item refuses them all."""
    found: dict[str, Figure] = {}
    for item in items:
        get = item.get
        printed = (
            f"{get('title')}|{get('description')}|{get('quant')}|{(get('change') or '').strip()}"
        )
        match = _as_printed(printed)
        if match is None:
            raise FeedError(f"the bank's answer has the figure {printed[:80]!r}")
        code, value, nominal, change = match.groups()
        if code == KZT:
            raise FeedError("the bank's answer has a rate of the tenge")
        if code in ROUBLES:
            code = published_code(code, day)
        if code in found:
            raise FeedError(f"the bank's answer has {code} twice")
        found[code] = Figure(value, int(nominal), change, get("fullname"))
    if "USD" not in found:
        raise FeedError("the bank's answer has no USD")
    return found
