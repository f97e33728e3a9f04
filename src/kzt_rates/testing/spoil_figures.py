"""Documents that are good to look at and wrong: other dates', other codes', other numbers."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import get_args

from kzt_rates.dates import ONE_DAY, bank_date, parse_date
from kzt_rates.printing.xml import Document, Item, Sheet, bank_name, items_of
from kzt_rates.testing.faults.documents import codes_of, date_of, newest_items
from kzt_rates.testing.options import Changes, Circumstances, FaultOptions
from kzt_rates.testing.published import main_items

STRANGER = "XYZ"
_DROPPED = ("fullname", "index", "change")
_PADDED = ("description", "quant", "change")
_TIYN = Decimal("0.01")


def another_sheet(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    given = options.get("sheet")
    if given is None:
        if "days" in options:
            day = date_of(document) - timedelta(days=options["days"])
        else:
            day = parse_date(options.get("date", around.today))
        items = list(around.gazette.sheet_at(day, around.now))
    else:
        items = items_of(date_of(document), _sorted(given), None)
    chosen = codes_of(options, *(item.code for item in items))
    items = [item for item in items if item.code in chosen]
    items = _some(items, options.get("keep", len(items)))
    if "by" in options:
        wrong = options.get("code", "USD")
        items = [_moved(item, options["by"]) if item.code == wrong else item for item in items]
    items = _with_changes(items, document, options, around)
    return _instead_of_newest(replace(document, info=None), items, around)


def stale_sheet(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    given = options.get("date")
    day = date_of(document) - ONE_DAY if given is None else parse_date(given)
    items = around.gazette.sheet_at(day, around.now)
    if document.rss:
        newest = newest_items(document)
        others = [item for item in document.items if item not in newest]
        return replace(document, items=_arranged([*items, *others], around))
    printed = items[0].day if items else bank_date(day)
    return replace(document, date=printed, items=items, info=None)


def lost_codes(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    lost = codes_of(options, "EUR")
    return replace(document, items=tuple(i for i in document.items if i.code not in lost))


def extra_code(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    newest = newest_items(document)
    if not newest:
        return document
    code = options.get("code", STRANGER)
    value, nominal = options.get("value", "1.23"), options.get("nominal", "1")
    extra = Item(code, value, nominal, options.get("change", ""), bank_name(code), newest[0].day)
    return replace(document, items=(*document.items, extra))


def lagging_codes(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    day = date_of(document) - timedelta(days=options.get("days", 1))
    before = {item.code: item for item in around.gazette.sheet_at(day, around.now)}

    def late(item: Item) -> Item:
        old = before.get(item.code, item)
        return replace(old, day=bank_date(day))

    return _changed(document, options, around, codes_of(options, "USD"), late)


def scaled(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    factor = options.get("factor", 10)
    codes = codes_of(options, *(item.code for item in document.items))

    def times(item: Item) -> Item:
        return replace(item, value=item.value and multiplied(item.value, factor))

    return _changed(document, options, around, codes, times)


def exchanged_codes(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    one, other = pair_of(options)
    figures = {item.code: item for item in newest_items(document)}
    if one not in figures or other not in figures:
        return document

    def exchanged(item: Item) -> Item:
        source = figures[other if item.code == one else one]
        return replace(item, value=source.value, nominal=source.nominal, change=source.change)

    return _changed(document, options, around, (one, other), exchanged)


def exchanged_numbers(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    def exchanged(item: Item) -> Item:
        return replace(item, value=item.nominal, nominal=item.value and whole(item.value))

    return _changed(document, options, around, codes_of(options, "USD"), exchanged)


def another_nominal(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    nominal = options.get("nominal", "100")
    codes = codes_of(options, "USD")
    return _changed(document, options, around, codes, lambda i: replace(i, nominal=nominal))


def bare_items(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    text = options.get("text")
    instead = dict.fromkeys(options.get("elements", _DROPPED), text)
    items = tuple(replace(item, instead=instead) for item in document.items)
    return replace(document, items=items)


def padded_figures(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    blank = options.get("text", " ")

    def padded(item: Item) -> Item:
        texts = zip(_PADDED, (item.value, item.nominal, item.change), strict=True)
        return replace(item, instead={tag: text and blank + text + blank for tag, text in texts})

    return replace(document, items=tuple(map(padded, document.items)))


def pair_of(options: FaultOptions) -> tuple[str, str]:
    """Return the two codes that change places."""
    one, other = codes_of(options, "EUR", "USD")
    return one, other


def multiplied(value: str, factor: str | int | Decimal) -> str:
    """Return a value times a factor as the bank prints it: two decimals at most, and not zero.

    >>> multiplied("12.72", 10), multiplied("0.07", "0.1"), multiplied("4.704", 1)
    ('127.2', '0.01', '4.704')
    """
    number = Decimal(value)
    places = min(_TIYN, Decimal(1).scaleb(int(number.as_tuple().exponent)))
    return _plain(max((number * Decimal(factor)).quantize(places, ROUND_HALF_UP), places))


def whole(value: str) -> str:
    """Return a value in whole tenge, as it can stand for a nominal."""
    return str(max(int(Decimal(value)), 1))


def _moved(item: Item, by: str | int | Decimal) -> Item:
    return replace(item, value=item.value and _plain(Decimal(item.value) + Decimal(by)))


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _some(items: Iterable[Item], keep: int) -> list[Item]:
    """Return so many items in their order, the dollar among them."""
    first = sorted(items, key=lambda item: item.code != "USD")[:keep]
    return [item for item in items if item in first]


def _sorted(sheet: Sheet) -> Sheet:
    return {code: sheet[code] for code in sorted(sheet, key=bank_name)}


def _changed(
    document: Document,
    options: FaultOptions,
    around: Circumstances,
    codes: Iterable[str],
    change: Callable[[Item], Item],
) -> Document:
    """Change the items of some codes; those of dead currencies in the RSS are left alone."""
    chosen = [item for item in newest_items(document) if item.code in codes]
    changed = _with_changes(map(change, chosen), document, options, around)
    new = {item.code: item for item in changed}
    items = (new[item.code] if item in chosen else item for item in document.items)
    return replace(document, items=tuple(items))


def _with_changes(
    items: Iterable[Item], document: Document, options: FaultOptions, around: Circumstances
) -> list[Item]:
    how = options.get("changes", "kept")
    if how not in get_args(Changes):
        raise ValueError(f"changes are one of {', '.join(get_args(Changes))}, not {how!r}")
    if how == "kept":
        return list(items)
    if how == "empty":
        return [replace(item, change="") for item in items]
    day = date_of(document)
    return [replace(i, change=around.gazette.fitting_change(i, day, around.now)) for i in items]


def _instead_of_newest(
    document: Document, items: Iterable[Item], around: Circumstances
) -> Document:
    """Put other items in the place of a sheet's, under its date."""
    if not document.rss:
        return replace(document, items=tuple(items))
    newest = newest_items(document)
    day = newest[0].day if newest else bank_date(date_of(document))
    others = [item for item in document.items if item not in newest]
    dated = (replace(item, day=day) for item in items)
    return replace(document, items=_arranged([*dated, *others], around))


def _arranged(items: Iterable[Item], around: Circumstances) -> tuple[Item, ...]:
    if around.feed == "main":
        return tuple(main_items(items))
    return tuple(sorted(items, key=lambda item: item.name))
