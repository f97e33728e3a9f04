"""Documents that are not to be believed: what the daily feed and the RSS may say."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import get_args

from kzt_rates.dates import MAX_DAYS_AHEAD, ONE_DAY, bank_date, parse_date
from kzt_rates.printing import Document, Item, Sheet, bank_name, items_of, main_items, no_rates
from kzt_rates.testing.faults.fault import (
    Changes,
    Circumstances,
    FaultOptions,
    codes_of,
    on_document,
)
from kzt_rates.testing.http import RSS_FEEDS

FAR_FUTURE = timedelta(days=MAX_DAYS_AHEAD + 16)
FEW_CODES = 5
STRANGER = "XYZ"
_DROPPED = ("fullname", "index", "change")
_PADDED = ("description", "quant", "change")
_TIYN = Decimal("0.01")


@on_document("sends the envelope with neither items nor info")
def blink(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    return replace(document, items=(), info=None)


@on_document("leaves the items out, an info stays")
def no_items(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    return replace(document, items=())


@on_document("says that there is no rate for the date")
def no_rate(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    return replace(document, items=(), info=no_rates(date_of(document)).info)


@on_document("leaves the date out (in the RSS every pubDate)")
def no_date(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    items = tuple(replace(item, day=None) for item in document.items)
    return replace(document, date=None, items=items)


@on_document("dates the sheet `date`, or a day too early", "date")
def another_date(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    printed = date_of(document)
    other = parse_date(options["date"]) if "date" in options else printed - ONE_DAY
    return _dated(document, other)


@on_document("dates the sheet `date`, or thirty days after today", "date")
def far_future(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    given = options.get("date")
    return _dated(document, around.today + FAR_FUTURE if given is None else parse_date(given))


@on_document(
    "says `code` (USD) twice, the second time with `value`, or with the same", "code", "value"
)
def duplicate_code(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    twice = _first(document, options)
    if twice is None:
        return document
    again = replace(twice, value=options.get("value", twice.value))
    return replace(document, items=(*document.items, again))


@on_document("writes `code` (USD) as `text` (Usd)", "code", "text")
def bad_code(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    return _with_first(
        document, options, lambda item: replace(item, code=options.get("text", "Usd"))
    )


@on_document("gives `code` (USD) the `value` (-1), or none at all for None", "code", "value")
def bad_value(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    return _with_first(
        document, options, lambda item: replace(item, value=options.get("value", "-1"))
    )


@on_document("gives `code` (USD) the `nominal` (0), or none at all for None", "code", "nominal")
def bad_nominal(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    return _with_first(
        document, options, lambda item: replace(item, nominal=options.get("nominal", "0"))
    )


@on_document("leaves the dollar out")
def no_usd(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    items = tuple(item for item in document.items if item.code != "USD")
    return replace(document, items=items)


@on_document("keeps the dollar and some others, `keep` (5) in all", "keep")
def few_codes(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    # the dollar first, so that the sheet is refused for its few codes and nothing else
    items = sorted(newest_items(document), key=lambda item: item.code != "USD")
    return replace(document, items=tuple(items[: options.get("keep", FEW_CODES)]))


@on_document("says `change` (+77.77) for the changes of `codes` (all)", "codes", "change")
def wrong_changes(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    change = options.get("change", "+77.77")
    codes = codes_of(options, *(item.code for item in document.items))
    items = (
        replace(item, change=change) if item.code in codes else item for item in document.items
    )
    return replace(document, items=tuple(items))


def _first(document: Document, options: FaultOptions) -> Item | None:
    code = options.get("code", "USD")
    return next((item for item in document.items if item.code == code), None)


def _with_first(
    document: Document, options: FaultOptions, change: Callable[[Item], Item]
) -> Document:
    chosen = _first(document, options)
    items = (change(item) if item is chosen else item for item in document.items)
    return replace(document, items=tuple(items))


def newest_items(document: Document) -> list[Item]:
    """Return the items of the sheet itself, without those of dead currencies in the RSS."""
    newest = bank_date(date_of(document))
    return [item for item in document.items if not document.rss or _full(item.day) == newest]


def date_of(document: Document) -> date:
    if document.date is not None:
        return parse_date(document.date)
    days = [parse_date(text) for text in (_full(item.day) for item in document.items) if text]
    return max(days, default=date(2000, 1, 1))


def _full(day: str | None) -> str | None:
    return day if day is None or len(day) == 10 else f"{day[:6]}20{day[6:]}"


def _dated(document: Document, day: date) -> Document:
    """Date a sheet anew; in the RSS the items of dead currencies keep their own dates."""
    if not document.rss:
        return replace(document, date=bank_date(day))
    newest = newest_items(document)
    items = (
        replace(item, day=bank_date(day)) if item in newest else item for item in document.items
    )
    return replace(document, items=tuple(items))


@on_document(
    "has the figures of `date` (today), or of `days` before the date asked for, or of the newest"
    " day published before that, or else `sheet`, under the date asked for (the RSS: its newest"
    " date); all of them, or those of `codes`, or `keep` in all; with `by` added to the value of"
    " `code` (USD)",
    "date",
    "days",
    "sheet",
    "codes",
    "keep",
    "code",
    "by",
    "changes",
    lie=True,
)
def another_sheet(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    given = options.get("sheet")
    if given is None:
        if "days" in options:
            day = date_of(document) - timedelta(days=options["days"])
        else:
            day = parse_date(options.get("date", around.today))
        items = list(around.published.sheet_at(day, around.now))
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


@on_document(
    "has the sheet of `date` (the day before), or the newest published before it, under its own"
    " date",
    "date",
    lie=True,
)
def stale_sheet(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    given = options.get("date")
    day = date_of(document) - ONE_DAY if given is None else parse_date(given)
    items = around.published.sheet_at(day, around.now)
    if document.rss:
        newest = newest_items(document)
        others = [item for item in document.items if item not in newest]
        return replace(document, items=_arranged([*items, *others], around))
    printed = items[0].day if items else bank_date(day)
    return replace(document, date=printed, items=items, info=None)


@on_document("leaves out `codes` (EUR)", "codes", lie=True)
def lost_codes(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    lost = codes_of(options, "EUR")
    return replace(document, items=tuple(i for i in document.items if i.code not in lost))


@on_document(
    "has one code more, `code` (XYZ) with `value` (1.23) per `nominal` (1) and `change`",
    "code",
    "value",
    "nominal",
    "change",
    lie=True,
)
def extra_code(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    newest = newest_items(document)
    if not newest:
        return document
    code = options.get("code", STRANGER)
    value, nominal = options.get("value", "1.23"), options.get("nominal", "1")
    extra = Item(code, value, nominal, options.get("change", ""), bank_name(code), newest[0].day)
    return replace(document, items=(*document.items, extra))


@on_document(
    "has `codes` (USD) as they were `days` (1) before, under that date",
    "codes",
    "days",
    feeds=RSS_FEEDS,
    lie=True,
)
def lagging_codes(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    day = date_of(document) - timedelta(days=options.get("days", 1))
    before = {item.code: item for item in around.published.sheet_at(day, around.now)}

    def late(item: Item) -> Item:
        old = before.get(item.code, item)
        return replace(old, day=bank_date(day))

    return _changed(document, options, around, codes_of(options, "USD"), late)


@on_document(
    "multiplies the values of `codes` (all) by `factor` (10), rounded to two decimals",
    "codes",
    "factor",
    "changes",
    lie=True,
)
def scaled(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    factor = options.get("factor", 10)
    codes = codes_of(options, *(item.code for item in document.items))

    def times(item: Item) -> Item:
        return replace(item, value=item.value and multiplied(item.value, factor))

    return _changed(document, options, around, codes, times)


@on_document(
    "has the figures of the first of two `codes` (EUR and USD) under the second, and those of the"
    " second under the first",
    "codes",
    "changes",
    lie=True,
)
def exchanged_codes(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    one, other = pair_of(options)
    figures = {item.code: item for item in newest_items(document)}
    if one not in figures or other not in figures:
        return document

    def exchanged(item: Item) -> Item:
        source = figures[other if item.code == one else one]
        return replace(item, value=source.value, nominal=source.nominal, change=source.change)

    return _changed(document, options, around, (one, other), exchanged)


@on_document(
    "has the nominal of `codes` (USD) as the value, and the value in whole tenge as the nominal",
    "codes",
    "changes",
    lie=True,
)
def exchanged_numbers(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    def exchanged(item: Item) -> Item:
        return replace(item, value=item.nominal, nominal=item.value and whole(item.value))

    return _changed(document, options, around, codes_of(options, "USD"), exchanged)


@on_document(
    "has the values of `codes` (USD) for `nominal` (100)", "codes", "nominal", "changes", lie=True
)
def another_nominal(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    nominal = options.get("nominal", "100")
    codes = codes_of(options, "USD")
    return _changed(document, options, around, codes, lambda i: replace(i, nominal=nominal))


@on_document(
    "leaves out `elements` (fullname, index and change), or has `text` in them", "elements", "text"
)
def bare_items(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    text = options.get("text")
    instead = dict.fromkeys(options.get("elements", _DROPPED), text)
    items = tuple(replace(item, instead=instead) for item in document.items)
    return replace(document, items=items)


@on_document("puts `text` (a blank) before and after value, nominal and change", "text")
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
    return [replace(i, change=around.published.fitting_change(i, day, around.now)) for i in items]


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
