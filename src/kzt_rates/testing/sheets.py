"""Sheets to publish at a stand-in bank: the packaged archive, or a world without gaps."""

import sqlite3
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from zlib import crc32

from kzt_rates.currency import FACTS, life_of, nominals_on, parse_code
from kzt_rates.dates import ONE_DAY, parse_date
from kzt_rates.printing.export import days_between
from kzt_rates.printing.xml import Published, bank_name
from kzt_rates.store.archive import packaged_path
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
    sheets: dict[date, dict[str, tuple[str, int]]] = {day: {} for day in days_between(first, last)}
    archived = _figures_by_code()
    wanted = sorted(archived) if codes is None else sorted(set(map(parse_code, codes)))
    for code in wanted:
        if code not in archived:
            raise ValueError(f"the archive has no figure of {code} to make others of")
        for since, until, figure in _spans(code, archived[code], first, last):
            for day in days_between(since, until):
                made_up = moving and day not in archived[code]
                sheets[day][code] = _moved(figure, code, day) if made_up else figure
    return sheets


def filled_sheets(start: date, end: date) -> dict[date, dict[str, Published]]:
    """Return a sheet for every calendar day: the archive's figures, made-up ones where it has none.

    A made-up figure says so in its name. It lies on the line between its neighbours in the
    archive, after the last of them at that one, and up to a third of a per cent beside, by code
    and day: the same whenever it is asked for, no two sheets alike, and no move that would be
    strange. On a Sunday and a Monday it is Saturday's, as the bank's are.
    """
    sheets: dict[date, dict[str, Published]] = {day: {} for day in days_between(start, end)}
    for code, archived in _figures_by_code().items():
        days = sorted(archived)
        name = f"{bank_name(code)} (ВЫДУМАНО)"
        for since, until, (_, nominal) in _spans(code, archived, start, end):
            # the figures around a span of days without any, in hundredths for that nominal
            place = bisect_right(days, since)
            around = days[max(place - 1, 0)], days[min(place, len(days) - 1)]
            first, last = around
            low, high = (_hundredths(archived[day], nominal) for day in around)
            for day in days_between(since, until):
                if day in archived:
                    sheets[day][code] = Published(*archived[day])
                    continue
                told_on = _weekend_of(day, archived, start)
                if told_on in archived and archived[told_on][1] == nominal:
                    sheets[day][code] = Published(*archived[told_on], name=name)
                    continue
                passed = min(max((told_on - first).days, 0), (last - first).days)
                value = low + (high - low) * passed // max((last - first).days, 1)
                value += crc32(f"{code} {told_on}".encode()) % (value // 150 + 1) - value // 300
                text = f"{max(value, 1) // 100}.{max(value, 1) % 100:02}".rstrip("0").rstrip(".")
                sheets[day][code] = Published(text, nominal, name=name)
    return sheets


def _weekend_of(day: date, archived: Mapping[date, object], start: date) -> date:
    """Return the day whose figure a day repeats: on Sundays and Mondays, and before them."""
    monday = day + timedelta(days=-day.weekday() % 7)
    weekend = [monday - 2 * ONE_DAY, monday - ONE_DAY, monday]
    if day not in weekend:
        return day
    return next((known for known in weekend if known in archived), max(weekend[0], start))


def _hundredths(figure: tuple[str, int], nominal: int) -> int:
    return round(Decimal(figure[0]) * 100 * nominal / figure[1])


def _moved(figure: tuple[str, int], code: str, day: date) -> tuple[str, int]:
    """Add up to a hundredth of a value, the same whenever it is asked for."""
    value, nominal = Decimal(figure[0]), figure[1]
    tiyn = crc32(f"{code} {day}".encode()) % (int(value) + 1)
    return f"{(value + Decimal(tiyn) / 100).normalize():f}", nominal


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
    """Return the spans of days on which neither the figure nor the nominal changes."""
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
    exact = Decimal(value) * nominal / old_nominal
    return f"{exact.normalize():f}"
