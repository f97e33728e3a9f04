"""Sheets to publish at a stand-in bank: the packaged archive, or a world without gaps."""

import sqlite3
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from zlib import crc32

from kzt_rates.currency import FACTS, life_of, nominals_on, parse_code
from kzt_rates.dates import ONE_DAY, parse_date
from kzt_rates.printing.workbook import days_between
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
