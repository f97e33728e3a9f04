"""What the stand-in bank has published, and what it says when asked, oddities included."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from threading import RLock
from typing import TYPE_CHECKING, Literal, get_args

from kzt_rates.dates import ONE_DAY, bank_date, date_in_kazakhstan, parse_date
from kzt_rates.testing.documents import (
    Document,
    Item,
    Sheet,
    bank_name,
    change_since,
    items_of,
    published,
)
from kzt_rates.testing.exports import Export, Style, days_between, make_export

if TYPE_CHECKING:
    from kzt_rates.typing import DateLike

OldDates = Literal["today_labelled_as_asked", "today", "info"]

# The days that the bank's daily feed lacks, as its readers report, though the export has them.
DAILY_HOLES = frozenset(
    (
        date(2022, 12, 20),
        *days_between(date(2023, 7, 28), date(2023, 8, 21)),
        *days_between(date(2023, 8, 23), date(2023, 8, 28)),
    )
)

# What rates_all.xml still held years after the currencies were gone.
_STALE: tuple[tuple[date, Sheet], ...] = (
    (date(2005, 1, 5), {"TRL": ("0.1", 1000)}),
    (date(2010, 12, 31), {"EEK": "12.48"}),
    (date(2013, 12, 31), {"LVL": "300.96"}),
)

# What rates.xml holds, in its order; in 2017 it called the rouble RUR.
_MAIN_CODES = ("RUR", "RUB", "EUR", "USD", "CNY")


class Gazette:
    """The published sheets by date, and the documents made of them.

    `old_dates` says what dates before `archive_start` get: today's rates under the date asked
    for or under today's, or the envelope of a date without rates. `current_nominals` replaces
    the nominals in the daily feed while the values stay. With `tomorrow_at` a sheet is out from
    that hour of the day before it on, else at once. `daily_holes` are dates that the
    daily feed has no rate for, `export_holes` those that the export has no row for, whatever
    is published. The export gives up on more than `export_years`.
    """

    def __init__(
        self,
        *,
        archive_start: date,
        old_dates: OldDates,
        current_nominals: Mapping[str, int],
        stale_items: bool,
        two_digit_years: bool,
        tomorrow_at: time | None,
        daily_holes: "Collection[DateLike]",
        export_holes: "Collection[DateLike]",
        export_years: int,
        export_style: Style,
    ) -> None:
        if old_dates not in get_args(OldDates):
            known = ", ".join(get_args(OldDates))
            raise ValueError(f"old_dates is one of {known}, not {old_dates!r}")
        self._archive_start = archive_start
        self._old_dates = old_dates
        self._current_nominals = dict(current_nominals)
        self._stale_items = stale_items
        self._two_digit_years = two_digit_years
        self._tomorrow_at = tomorrow_at
        self._daily_holes = frozenset(map(parse_date, daily_holes))
        self._export_holes = frozenset(map(parse_date, export_holes))
        if export_years < 1:
            raise ValueError(f"the export has a year at least, not {export_years}")
        self._export_years = export_years
        self._export_style = export_style
        self._sheets: dict[date, Sheet] = {}
        self._lock = RLock()

    def publish(self, day: "DateLike", rates: Sheet) -> None:
        on = parse_date(day)
        sheet = {code: published(rates[code]) for code in sorted(rates, key=bank_name)}
        with self._lock:
            self._sheets[on] = sheet

    def withdraw(self, day: "DateLike") -> None:
        with self._lock:
            self._sheets.pop(parse_date(day), None)

    def daily(self, day: date, now: datetime) -> Document:
        """Return what the daily feed says of a day."""
        with self._lock:
            if day >= self._archive_start or self._old_dates == "info":
                printed = day in self._sheets and day not in self._daily_holes
                out = printed and day <= self._last_day(now)
                return self._sheet_document(day) if out else no_rates(day)
            newest = self._newest(date_in_kazakhstan(now))
            if newest is None:
                return no_rates(day)
            document = self._sheet_document(newest)
            if self._old_dates == "today_labelled_as_asked":
                document = replace(document, date=bank_date(day))
            return document

    def latest(self, now: datetime, *, main: bool = False) -> Document:
        """Return what rates_all.xml says, or with `main` what rates.xml does."""
        with self._lock:
            newest = self._newest(self._last_day(now))
            items = [] if newest is None else self._items(newest, short=self._two_digit_years)
        if main:
            items = main_items(items)
        elif self._stale_items:
            for day, rates in _STALE:
                items += items_of(day, rates, None, short=self._two_digit_years)
            items.sort(key=lambda item: item.name)
        return Document(None, tuple(items), rss=True)

    def sheet_at(self, day: date) -> tuple[Item, ...]:
        """Return the items of a day's sheet, or of the newest before it, under their own date."""
        with self._lock:
            newest = self._newest(day)
            return () if newest is None else tuple(self._items(newest))

    def fitting_change(self, item: Item, day: date) -> str:
        """Return the change that a value would have on a day, empty where none is known."""
        with self._lock:
            before = self._sheets.get(day - ONE_DAY, {}).get(item.code)
        if before is None or item.value is None:
            return ""
        return change_since(item.value, str(published(before).value))

    def exports(self, start: date, end: date) -> bool:
        """Say whether a range is short enough for the export."""
        year = start.year + self._export_years
        if year > date.max.year:
            return True
        try:
            return end < start.replace(year=year)
        except ValueError:  # a 29 February
            return end < date(year, 3, 1)

    def export(self, start: date, end: date, codes: Iterable[str], now: datetime) -> Export:
        """Return the export of a range: every day of it up to the newest published one."""
        with self._lock:
            newest = self._newest(self._last_day(now))
            last = start - ONE_DAY if newest is None else min(end, newest)
            rows = [
                (day, self._sheets.get(day))
                for day in days_between(start, last)
                if day not in self._export_holes
            ]
            current = self._newest(date_in_kazakhstan(now))
            latest = None if current is None else (current, self._sheets[current])
        return make_export(codes, rows, newest=latest, style=self._export_style)

    def _last_day(self, now: datetime) -> date:
        if self._tomorrow_at is None:
            return date.max
        hour = self._tomorrow_at
        # what is left of the day from that hour on: put forward by it, the clock is past midnight
        rest = ONE_DAY - timedelta(hours=hour.hour, minutes=hour.minute, seconds=hour.second)
        return date_in_kazakhstan(now + rest)

    def _newest(self, last: date) -> date | None:
        return max((day for day in self._sheets if day <= last), default=None)

    def _sheet_document(self, day: date) -> Document:
        items = [
            replace(item, nominal=str(self._current_nominals.get(item.code, item.nominal)))
            for item in self._items(day)
        ]
        return Document(bank_date(day), tuple(items))

    def _items(self, day: date, *, short: bool = False) -> list[Item]:
        return items_of(day, self._sheets[day], self._sheets.get(day - ONE_DAY), short=short)


def main_items(items: Iterable[Item]) -> list[Item]:
    """Return what rates.xml has of the items of a sheet, in its order."""
    found = {item.code: item for item in items}
    return [found[code] for code in _MAIN_CODES if code in found]


def no_rates(day: date) -> Document:
    """Return the envelope of a date that has no rates."""
    return Document(bank_date(day), (), info=f"на {bank_date(day)} информации нет")
