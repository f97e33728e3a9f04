"""Documents that are not to be believed: what the feeds may say in place of a good sheet."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from kzt_rates.dates import MAX_DAYS_AHEAD, ONE_DAY, bank_date, parse_date
from kzt_rates.printing.xml import Document, Item
from kzt_rates.testing.options import Circumstances, FaultOptions
from kzt_rates.testing.published import no_rates

FAR_FUTURE = timedelta(days=MAX_DAYS_AHEAD + 16)
FEW_CODES = 5

Spoil = Callable[[Document, FaultOptions, Circumstances], Document]


def blink(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    return replace(document, items=(), info=None)


def no_items(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    return replace(document, items=())


def no_rate(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    return replace(document, items=(), info=no_rates(date_of(document)).info)


def no_date(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    items = tuple(replace(item, day=None) for item in document.items)
    return replace(document, date=None, items=items)


def another_date(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    printed = date_of(document)
    other = parse_date(options["date"]) if "date" in options else printed - ONE_DAY
    return _dated(document, other)


def far_future(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    given = options.get("date")
    return _dated(document, around.today + FAR_FUTURE if given is None else parse_date(given))


def duplicate_code(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    twice = _first(document, options)
    if twice is None:
        return document
    again = replace(twice, value=options.get("value", twice.value))
    return replace(document, items=(*document.items, again))


def bad_code(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    return _changed(document, options, lambda item: replace(item, code=options.get("text", "Usd")))


def bad_value(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    return _changed(document, options, lambda item: replace(item, value=options.get("value", "-1")))


def bad_nominal(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    return _changed(
        document, options, lambda item: replace(item, nominal=options.get("nominal", "0"))
    )


def no_usd(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    items = tuple(item for item in document.items if item.code != "USD")
    return replace(document, items=items)


def few_codes(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    # the dollar first, so that the sheet is refused for its few codes and nothing else
    items = sorted(newest_items(document), key=lambda item: item.code != "USD")
    return replace(document, items=tuple(items[: options.get("keep", FEW_CODES)]))


def wrong_changes(document: Document, options: FaultOptions, around: Circumstances) -> Document:
    change = options.get("change", "+77.77")
    codes = codes_of(options, *(item.code for item in document.items))
    items = (
        replace(item, change=change) if item.code in codes else item for item in document.items
    )
    return replace(document, items=tuple(items))


def codes_of(options: FaultOptions, *default: str) -> tuple[str, ...]:
    """Return the codes that are meant: one may be given as a text."""
    codes = options.get("codes", default)
    return (codes,) if isinstance(codes, str) else tuple(codes)


def _first(document: Document, options: FaultOptions) -> Item | None:
    code = options.get("code", "USD")
    return next((item for item in document.items if item.code == code), None)


def _changed(document: Document, options: FaultOptions, change: Callable[[Item], Item]) -> Document:
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
