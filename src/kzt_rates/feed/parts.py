"""The XML parts of a workbook: a hardened parser for small ones, and what surrounds long ones."""

import re

from lxml import etree

from kzt_rates.errors import FeedError
from kzt_rates.process import OnePerProcess

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"

# What surrounds the rows, and each of the small parts; the largest seen has 14 KB.
MAX_SMALL_BYTES = 64 * 1024

_declared_encoding = re.compile(rb"""<\?xml\s[^>]*?encoding\s*=\s*["']([^"']*)""").match

_parser = OnePerProcess(
    lambda: etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
)


def _check_plain(part: bytes, name: str) -> None:
    """Refuse a part that is not UTF-8, or has a DTD, entities, comments or CDATA.

    No workbook of the bank has any of them, and without them every `<` begins or ends an element.
    """
    declared = _declared_encoding(part.removeprefix(b"\xef\xbb\xbf"))
    if b"\0" in part or (declared is not None and declared[1].upper() != b"UTF-8"):
        raise FeedError(f"{name} of the bank's workbook is not in UTF-8")
    if b"<!" in part:
        raise FeedError(f"{name} of the bank's workbook has a DTD, a comment or CDATA")


def parse(part: bytes, name: str) -> etree._Element:
    """Return the root element of a small part that can be trusted to be only what it shows."""
    if len(part) > MAX_SMALL_BYTES:
        raise FeedError(f"{name} of the bank's workbook has more than {MAX_SMALL_BYTES} bytes")
    _check_plain(part, name)
    try:
        root: etree._Element = _parser.use(lambda parser: etree.fromstring(part, parser))
    except (etree.XMLSyntaxError, ValueError) as error:
        problem = error.msg if isinstance(error, SyntaxError) else error
        raise FeedError(f"{name} of the bank's workbook is not XML: {problem}") from error
    return root


def inside(part: bytes, name: str, root: str, holder: str) -> tuple[str, bytes]:
    """Return the prefix of a holder's elements, and the bytes between its tags.

    The rest of the part must be a document whose only such holder is its root, or in its root.
    What is between the tags is the caller's to check.
    """
    opened = re.search(
        rb"<((?:[A-Za-z_][A-Za-z0-9_.-]{0,20}:)?)%b(?:\s[^<>]*)?/?>" % holder.encode(), part
    )
    if opened is None:
        raise FeedError(f"{name} of the bank's workbook has no <{holder}>")
    start = end = opened.end()
    if not opened[0].endswith(b"/>"):
        end = part.find(b"</" + opened[1] + holder.encode(), start)
        if end < 0:
            raise FeedError(f"{name} of the bank's workbook breaks off")
    tree = parse(part[:start] + part[end:], name)
    found = list(tree.iter(f"{{*}}{holder}"))
    if (
        tree.tag != f"{{{MAIN}}}{root}"
        or [element.tag for element in found] != [f"{{{MAIN}}}{holder}"]
        or found[0] not in (tree, *tree)
        or len(found[0])
    ):
        raise FeedError(f"{name} of the bank's workbook is not a <{root}> as workbooks have it")
    return opened[1].decode(), part[start:end]


def decode(part: bytes, name: str) -> str:
    """Return the text of a part, or of a piece of it."""
    try:
        return part.decode()
    except UnicodeDecodeError:
        raise FeedError(f"{name} of the bank's workbook is not in UTF-8") from None
