"""What the stand-in bank has published, and what it says when asked, oddities included."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from threading import RLock
from typing import Literal, NamedTuple, get_args

from kzt_rates.dates import ONE_DAY, bank_date, date_in_kazakhstan, parse_date
from kzt_rates.printing.export import Export, Style, days_between, make_export
from kzt_rates.printing.xml import (
    Document,
    Item,
    Sheet,
    change_since,
    in_bank_order,
    items_of,
    main_items,
    no_rates,
    published,
)
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

_EVER = datetime.min.replace(tzinfo=UTC)
_NEVER = datetime.max.replace(tzinfo=UTC)


class Version(NamedTuple):
    """A sheet as it is printed from an instant on; `None` is before all others."""

    at: datetime | None
    sheet: Sheet


class Publications:
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
        daily_holes: Collection[DateLike],
        export_holes: Collection[DateLike],
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
        # the versions of each date's sheet, in the order in which they come to count
        self._sheets: dict[date, list[Version]] = {}
        self._lock = RLock()

    def publish(self, day: DateLike, rates: Sheet, at: datetime | None = None) -> None:
        on = parse_date(day)
        sheet = {code: published(rate) for code, rate in in_bank_order(rates).items()}
        with self._lock:
            # what is out at once replaces all that was to come
            others = [] if at is None else self._sheets.get(on, [])
            versions = [*(version for version in others if version.at != at), Version(at, sheet)]
            self._sheets[on] = sorted(versions, key=lambda version: version.at or _EVER)

    def correct(self, day: DateLike, rates: Sheet, at: datetime | None = None) -> None:
        on = parse_date(day)
        with self._lock:
            before = self._sheet(on, at or _NEVER)
            if before is None:
                raise ValueError(f"there is no sheet of {on} to correct: publish one first")
            self.publish(on, {**before, **rates}, at)

    def withdraw(self, day: DateLike) -> None:
        with self._lock:
            self._sheets.pop(parse_date(day), None)

    def daily(self, day: date, now: datetime) -> Document:
        """Return what the daily feed says of a day."""
        with self._lock:
            if day >= self._archive_start or self._old_dates == "info":
                out = self._is_out(day, now) and day not in self._daily_holes
                return self._sheet_document(day, now) if out else no_rates(day)
            newest = self._newest(now, date_in_kazakhstan(now))
            if newest is None:
                return no_rates(day)
            document = self._sheet_document(newest, now)
            if self._old_dates == "today_labelled_as_asked":
                document = replace(document, date=bank_date(day))
            return document

    def latest(self, now: datetime, *, main: bool = False) -> Document:
        """Return what rates_all.xml says, or with `main` what rates.xml does."""
        with self._lock:
            newest = self._newest(now)
            items = [] if newest is None else self._items(newest, now, self._two_digit_years)
        if main:
            items = main_items(items)
        elif self._stale_items:
            for day, rates in _STALE:
                items += items_of(day, rates, None, short=self._two_digit_years)
            items.sort(key=lambda item: item.name)
        return Document(None, tuple(items), rss=True)

    def sheet_at(self, day: date, now: datetime) -> tuple[Item, ...]:
        """Return the items of a day's sheet, or of the newest before it, under their own date."""
        with self._lock:
            known = [on for on in self._sheets if on <= day and self._sheet(on, now) is not None]
            return tuple(self._items(max(known), now)) if known else ()

    def fitting_change(self, item: Item, day: date, now: datetime) -> str:
        """Return the change that a value would have on a day, empty where none is known."""
        with self._lock:
            before = (self._sheet(day - ONE_DAY, now) or {}).get(item.code)
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
            newest = self._newest(now)
            last = start - ONE_DAY if newest is None else min(end, newest)
            rows = [
                (day, self._sheet(day, now))
                for day in days_between(start, last)
                if day not in self._export_holes
            ]
            current = self._newest(now, date_in_kazakhstan(now))
            latest = None if current is None else (current, self._sheet(current, now) or {})
        return make_export(codes, rows, newest=latest, style=self._export_style)

    def _last_day(self, now: datetime) -> date:
        if self._tomorrow_at is None:
            return date.max
        hour = self._tomorrow_at
        # what is left of the day from that hour on: put forward by it, the clock is past midnight
        rest = ONE_DAY - timedelta(hours=hour.hour, minutes=hour.minute, seconds=hour.second)
        return date_in_kazakhstan(now + rest)

    def _sheet(self, day: date, now: datetime) -> Sheet | None:
        """Return what is printed of a day by now; whether it is out already is another matter."""
        found = None
        for version in self._sheets.get(day, ()):
            if version.at is None or version.at <= now:
                found = version.sheet
        return found

    def _is_out(self, day: date, now: datetime) -> bool:
        last = self._last_day(now)
        return any(
            day <= last if version.at is None else version.at <= now
            for version in self._sheets.get(day, ())
        )

    def _newest(self, now: datetime, last: date = date.max) -> date | None:
        days = (day for day in self._sheets if day <= last and self._is_out(day, now))
        return max(days, default=None)

    def _sheet_document(self, day: date, now: datetime) -> Document:
        items = [
            replace(item, nominal=str(self._current_nominals.get(item.code, item.nominal)))
            for item in self._items(day, now)
        ]
        return Document(bank_date(day), tuple(items))

    def _items(self, day: date, now: datetime, short: bool = False) -> list[Item]:
        previous = self._sheet(day - ONE_DAY, now)
        return items_of(day, self._sheet(day, now) or {}, previous, short=short)
