"""What a stand-in bank publishes, and when: sheets of the archive, or of a world without gaps."""

import sqlite3
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from threading import RLock
from typing import Literal, NamedTuple, get_args
from zlib import crc32

from kzt_rates import printing
from kzt_rates.arithmetic import EXACT, ROUNDED
from kzt_rates.currency import FACTS, life_of, nominals_on, parse_code
from kzt_rates.dates import ONE_DAY, bank_date, date_in_kazakhstan, parse_date
from kzt_rates.settings import packaged_path
from kzt_rates.typing import DateLike


def archive_sheets(
    start: "DateLike | None" = None,
    end: "DateLike | None" = None,
    *,
    path: str | Path | None = None,
) -> dict[date, dict[str, tuple[str, int]]]:
    """Return the archive's figures by date and code, as (value, nominal); both ends inclusive.

    Most days of the archive hold a few codes only. `path` names another archive's file.
    Raises `FileNotFoundError` where there is none.
    """
    file = Path(packaged_path() if path is None else path).absolute()
    if not file.is_file():
        raise FileNotFoundError(f"there is no archive of rates at {file}")
    first = "" if start is None else parse_date(start).isoformat()
    last = "9999-12-31" if end is None else parse_date(end).isoformat()
    sheets: dict[date, dict[str, tuple[str, int]]] = {}
    connection = sqlite3.connect(f"{file.as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        rows = connection.execute(
            "SELECT day, code, value, nominal FROM figure"
            " WHERE day BETWEEN ? AND ? ORDER BY day, code",
            (first, last),
        )
        for day, code, value, nominal in rows:
            sheets.setdefault(date.fromisoformat(day), {})[code] = (value, nominal)
    finally:
        connection.close()
    return sheets


def dense_sheets(
    start: "DateLike",
    end: "DateLike",
    codes: Iterable[str] | None = None,
    *,
    moving: bool = True,
) -> dict[date, dict[str, tuple[str, int]]]:
    """Return a made-up sheet for every calendar day: for tests, **not official rates**.

    A day of the packaged archive has the archive's figure. Any other has that of the nearest day
    before, else of the nearest after, up to 1 % larger, by code and day: no two sheets are
    alike, as the bank's never are, because a client refuses a sheet that is like another day's.
    With `moving=False` the figures stand still until the archive has others. The nominal is the
    one that the currency had on the day, as far as that is known. There are all codes that the
    bank can have quoted on the day, or those among `codes`; the old rouble has the figures of
    the new one. Both ends are inclusive.

    Raises `ValueError` for an end before the start or a code without any figure.

    >>> sheets = dense_sheets("2010-01-01", "2010-12-31", ["HUF"], moving=False)
    >>> len(sheets), sheets[date(2010, 5, 9)]
    (365, {'HUF': ('0.65', 1)})
    """
    first, last = parse_date(start), parse_date(end)
    if last < first:
        raise ValueError(f"the end {last} is before the start {first}")
    sheets: dict[date, dict[str, tuple[str, int]]] = {
        day: {} for day in printing.days_between(first, last)
    }
    archived = _figures_by_code()
    wanted = sorted(archived) if codes is None else sorted(set(map(parse_code, codes)))
    for code in wanted:
        if code not in archived:
            raise ValueError(f"the archive has no figure of {code} to make others of")
        for since, until, figure in _spans(code, archived[code], first, last):
            for day in printing.days_between(since, until):
                made_up = moving and day not in archived[code]
                sheets[day][code] = _moved(figure, code, day) if made_up else figure
    return sheets


def filled_sheets(start: date, end: date) -> dict[date, dict[str, printing.Published]]:
    """Return a sheet for every calendar day: the archive's figures, made-up ones where it has none.

    A made-up figure says so in its name. It lies on the line between its neighbours in the
    archive, after the last of them at that one, and up to a third of a per cent beside, by code
    and day: the same whenever it is asked for, no two sheets alike, and no move that would be
    strange. On a Sunday and a Monday it is Saturday's, as the bank's are.
    """
    sheets: dict[date, dict[str, printing.Published]] = {
        day: {} for day in printing.days_between(start, end)
    }
    for code, archived in _figures_by_code().items():
        days = sorted(archived)
        name = f"{printing.bank_name(code)} (ВЫДУМАНО)"
        for since, until, (_, nominal) in _spans(code, archived, start, end):
            # the figures around a span of days without any, in hundredths for that nominal
            place = bisect_right(days, since)
            around = days[max(place - 1, 0)], days[min(place, len(days) - 1)]
            first, last = around
            low, high = (_hundredths(archived[day], nominal) for day in around)
            for day in printing.days_between(since, until):
                if day in archived:
                    sheets[day][code] = printing.Published(*archived[day])
                    continue
                told_on = _weekend_of(day, archived, start)
                if told_on in archived and archived[told_on][1] == nominal:
                    sheets[day][code] = printing.Published(*archived[told_on], name=name)
                    continue
                passed = min(max((told_on - first).days, 0), (last - first).days)
                value = low + (high - low) * passed // max((last - first).days, 1)
                value += crc32(f"{code} {told_on}".encode()) % (value // 150 + 1) - value // 300
                text = f"{max(value, 1) // 100}.{max(value, 1) % 100:02}".rstrip("0").rstrip(".")
                sheets[day][code] = printing.Published(text, nominal, name=name)
    return sheets


def _weekend_of(day: date, archived: Mapping[date, object], start: date) -> date:
    """Return the day whose figure a day repeats: on Sundays and Mondays, and before them."""
    monday = day + timedelta(days=-day.weekday() % 7)
    weekend = [monday - 2 * ONE_DAY, monday - ONE_DAY, monday]
    if day not in weekend:
        return day
    return next((known for known in weekend if known in archived), max(weekend[0], start))


def _hundredths(figure: tuple[str, int], nominal: int) -> int:
    return round(Fraction(figure[0]) * 100 * nominal / figure[1])


def _moved(figure: tuple[str, int], code: str, day: date) -> tuple[str, int]:
    """Add up to a hundredth of a value, the same whenever it is asked for."""
    value, nominal = Decimal(figure[0]), figure[1]
    tiyn = crc32(f"{code} {day}".encode()) % (int(value) + 1)
    return f"{EXACT.normalize(EXACT.add(value, Decimal(tiyn).scaleb(-2, EXACT))):f}", nominal


def _figures_by_code() -> dict[str, dict[date, tuple[str, int]]]:
    by_code: dict[str, dict[date, tuple[str, int]]] = {}
    for day, rates in archive_sheets().items():
        for code, figure in rates.items():
            by_code.setdefault(code, {})[day] = figure
    # a thousand old roubles are one new: the same values, for another nominal
    roubles = by_code.get("RUB", {})
    by_code.setdefault("RUR", {day: (value, 1000) for day, (value, _) in roubles.items()})
    return by_code


def _spans(
    code: str, figures: dict[date, tuple[str, int]], first: date, last: date
) -> Iterator[tuple[date, date, tuple[str, int]]]:
    days = sorted(figures)
    changes = {first, *(day for day in days if first < day <= last)}
    changes |= {day for day in _turns(code) if first < day <= last}
    begins = sorted(changes)
    for since, until in zip(begins, [*(day - ONE_DAY for day in begins[1:]), last], strict=True):
        nominals = nominals_on(code, since)
        if nominals == ():
            continue
        value, nominal = figures[days[max(bisect_right(days, since) - 1, 0)]]
        if nominals is not None and nominal not in nominals:
            value, nominal = _per(nominals[0], value, nominal), nominals[0]
        yield since, until, (value, nominal)


def _turns(code: str) -> Iterator[date]:
    """Return the days on which the nominals that a currency can have had may change."""
    facts = FACTS.get(code)
    if facts is not None:
        since, until = life_of(code)
        for _, first, last in facts.spans:
            if first:
                yield date.fromisoformat(first)
            yield date.fromisoformat(last) + ONE_DAY
        if since is not None:
            yield since
        if until is not None:
            yield until + ONE_DAY


def _per(nominal: int, value: str, old_nominal: int) -> str:
    exact = ROUNDED.divide(EXACT.multiply(Decimal(value), nominal), old_nominal)
    return f"{exact.normalize(EXACT):f}"


OldDates = Literal["today_labelled_as_asked", "today", "info"]

# The days that the bank's daily feed lacks, as its readers report, though the export has them.
DAILY_HOLES = frozenset(
    (
        date(2022, 12, 20),
        *printing.days_between(date(2023, 7, 28), date(2023, 8, 21)),
        *printing.days_between(date(2023, 8, 23), date(2023, 8, 28)),
    )
)

# What rates_all.xml still held years after the currencies were gone.
_STALE: tuple[tuple[date, printing.Sheet], ...] = (
    (date(2005, 1, 5), {"TRL": ("0.1", 1000)}),
    (date(2010, 12, 31), {"EEK": "12.48"}),
    (date(2013, 12, 31), {"LVL": "300.96"}),
)

_EVER = datetime.min.replace(tzinfo=UTC)
_NEVER = datetime.max.replace(tzinfo=UTC)


class Version(NamedTuple):
    """A sheet as it is printed from an instant on; `None` is before all others."""

    at: datetime | None
    sheet: printing.Sheet


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
        export_style: printing.Style,
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

    def publish(self, day: DateLike, rates: printing.Sheet, at: datetime | None = None) -> None:
        on = parse_date(day)
        sheet = {
            code: printing.published(rate) for code, rate in printing.in_bank_order(rates).items()
        }
        with self._lock:
            # what is out at once replaces all that was to come
            others = [] if at is None else self._sheets.get(on, [])
            versions = [*(version for version in others if version.at != at), Version(at, sheet)]
            self._sheets[on] = sorted(versions, key=lambda version: version.at or _EVER)

    def correct(self, day: DateLike, rates: printing.Sheet, at: datetime | None = None) -> None:
        on = parse_date(day)
        with self._lock:
            before = self._sheet(on, at or _NEVER)
            if before is None:
                raise ValueError(f"there is no sheet of {on} to correct: publish one first")
            self.publish(on, {**before, **rates}, at)

    def withdraw(self, day: DateLike) -> None:
        with self._lock:
            self._sheets.pop(parse_date(day), None)

    def daily(self, day: date, now: datetime) -> printing.Document:
        """Return what the daily feed says of a day."""
        with self._lock:
            if day >= self._archive_start or self._old_dates == "info":
                out = self._is_out(day, now) and day not in self._daily_holes
                return self._sheet_document(day, now) if out else printing.no_rates(day)
            newest = self._newest(now, date_in_kazakhstan(now))
            if newest is None:
                return printing.no_rates(day)
            document = self._sheet_document(newest, now)
            if self._old_dates == "today_labelled_as_asked":
                document = replace(document, date=bank_date(day))
            return document

    def latest(self, now: datetime, *, main: bool = False) -> printing.Document:
        """Return what rates_all.xml says, or with `main` what rates.xml does."""
        with self._lock:
            newest = self._newest(now)
            items = [] if newest is None else self._items(newest, now, self._two_digit_years)
        if main:
            items = printing.main_items(items)
        elif self._stale_items:
            for day, rates in _STALE:
                items += printing.items_of(day, rates, None, short=self._two_digit_years)
            items.sort(key=lambda item: item.name)
        return printing.Document(None, tuple(items), rss=True)

    def sheet_at(self, day: date, now: datetime) -> tuple[printing.Item, ...]:
        """Return the items of a day's sheet, or of the newest before it, under their own date."""
        with self._lock:
            known = [on for on in self._sheets if on <= day and self._sheet(on, now) is not None]
            return tuple(self._items(max(known), now)) if known else ()

    def fitting_change(self, item: printing.Item, day: date, now: datetime) -> str:
        """Return the change that a value would have on a day, empty where none is known."""
        with self._lock:
            before = (self._sheet(day - ONE_DAY, now) or {}).get(item.code)
        if before is None or item.value is None:
            return ""
        return printing.change_since(item.value, str(printing.published(before).value))

    def exports(self, start: date, end: date) -> bool:
        """Whether a range is short enough for the export."""
        year = start.year + self._export_years
        if year > date.max.year:
            return True
        try:
            return end < start.replace(year=year)
        except ValueError:  # a 29 February
            return end < date(year, 3, 1)

    def export(
        self, start: date, end: date, codes: Iterable[str], now: datetime
    ) -> printing.Export:
        """Return the export of a range: every day of it up to the newest published one."""
        with self._lock:
            newest = self._newest(now)
            last = start - ONE_DAY if newest is None else min(end, newest)
            rows = [
                (day, self._sheet(day, now))
                for day in printing.days_between(start, last)
                if day not in self._export_holes
            ]
            current = self._newest(now, date_in_kazakhstan(now))
            latest = None if current is None else (current, self._sheet(current, now) or {})
        return printing.make_export(codes, rows, newest=latest, style=self._export_style)

    def _last_day(self, now: datetime) -> date:
        if self._tomorrow_at is None:
            return date.max
        hour = self._tomorrow_at
        # what is left of the day from that hour on: put forward by it, the clock is past midnight
        rest = ONE_DAY - timedelta(hours=hour.hour, minutes=hour.minute, seconds=hour.second)
        return date_in_kazakhstan(now + rest)

    def _sheet(self, day: date, now: datetime) -> printing.Sheet | None:
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

    def _sheet_document(self, day: date, now: datetime) -> printing.Document:
        items = [
            replace(item, nominal=str(self._current_nominals.get(item.code, item.nominal)))
            for item in self._items(day, now)
        ]
        return printing.Document(bank_date(day), tuple(items))

    def _items(self, day: date, now: datetime, short: bool = False) -> list[printing.Item]:
        previous = self._sheet(day - ONE_DAY, now)
        return printing.items_of(day, self._sheet(day, now) or {}, previous, short=short)
