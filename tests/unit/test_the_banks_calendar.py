"""What the days on record have in common: the claims on which rules of belief stand."""

import csv
import datetime as dt
from collections import Counter, defaultdict
from itertools import combinations
from pathlib import Path

import pytest

from kzt_rates.dates import ONE_DAY

CSV = Path(__file__).parents[2] / "data" / "official_rates.csv"

Sheets = dict[dt.date, dict[str, tuple[str, str]]]

# They follow the dollar, and stand still when it does.
PEGGED = {"AED", "HKD", "OMR", "QAR", "SAR"}
MIN_SHARED = 9
MIN_DIGITS = 3

# The bank moves working days, and so these Sundays and Mondays have figures of their own.
SUNDAYS = [
    "2016-03-06", "2017-03-19", "2017-07-02", "2018-03-04", "2018-04-29", "2018-05-06",
    "2018-08-26", "2018-12-30", "2019-05-05", "2021-07-04", "2022-03-06", "2022-08-28",
    "2022-10-23", "2023-07-02",
]  # fmt: skip
MONDAYS = ["2020-01-06", "2020-12-21", "2025-01-06"]


@pytest.fixture(scope="module")
def sheets() -> Sheets:
    found: Sheets = defaultdict(dict)
    with CSV.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            day = dt.date.fromisoformat(row["date"])
            found[day][row["currency"]] = (row["value"], row["nominal"])
    return dict(found)


def digits(figure: tuple[str, str]) -> int:
    return len(figure[0].replace(".", "").lstrip("0"))


def equal_pairs(sheets: Sheets) -> dict[tuple[dt.date, dt.date], tuple[int, int]]:
    """Return how many codes two days share, and how many of them are equal to the digit."""
    wide = {
        day: {code: figure for code, figure in rates.items() if code not in PEGGED}
        for day, rates in sheets.items()
    }
    days_of = defaultdict(list)
    for day in sorted(day for day, rates in wide.items() if len(rates) >= MIN_SHARED):
        for code, figure in wide[day].items():
            if digits(figure) >= MIN_DIGITS:
                days_of[code, figure].append(day)
    equal = Counter(pair for days in days_of.values() for pair in combinations(days, 2))
    shared = {(one, other): len(wide[one].keys() & wide[other].keys()) for one, other in equal}
    return {pair: (shared[pair], equal[pair]) for pair in equal if shared[pair] >= MIN_SHARED}


def alike(sheets: Sheets) -> list[tuple[dt.date, dt.date]]:
    """Return the pairs of days of which four fifths are equal, the nearest first."""
    pairs = [
        pair for pair, (shared, equal) in equal_pairs(sheets).items() if 5 * equal >= 4 * shared
    ]
    return sorted(pairs, key=lambda pair: (pair[1] - pair[0], pair))


def test_no_sheets_further_apart_than_six_days_are_alike(sheets):
    """Holidays repeat a sheet for seven days at most; beyond, no two have a half in common."""
    found = alike(sheets)
    assert len(found) > 600
    assert found[-1] == (dt.date(2022, 1, 6), dt.date(2022, 1, 12))
    # 2021-08-24 and 2021-08-31, of twelve codes four
    far = [
        equal / shared
        for (one, other), (shared, equal) in equal_pairs(sheets).items()
        if other - one > dt.timedelta(days=6)
    ]
    assert max(far) == 4 / 12


@pytest.mark.parametrize(("changed", "found"), [(0, True), (1, True), (2, False)])
def test_an_old_sheet_under_another_date_is_seen(sheets, changed, found):
    """Ten codes of twelve give it away, and nine do not; one has two digits and is not equal."""
    codes = sorted(sheets[dt.date(2021, 8, 24)].keys() - PEGGED)
    assert len(codes) == 12
    copied = dict(sheets[dt.date(2021, 8, 24)])
    for code in codes[:changed]:
        copied[code] = ("0.01", "1")
    lie = {**sheets, dt.date(1999, 9, 9): copied}
    assert (alike(lie)[-1] == (dt.date(1999, 9, 9), dt.date(2021, 8, 24))) is found


@pytest.mark.parametrize(("weekday", "exceptions"), [(6, SUNDAYS), (0, MONDAYS)])
def test_sundays_and_mondays_repeat_the_day_before_but_for_these(sheets, weekday, exceptions):
    """Of 539 Sundays on record fourteen differ from their Saturdays, three Mondays from Sunday."""
    compared, differing = 0, []
    for day, rates in sorted(sheets.items()):
        before = sheets.get(day - ONE_DAY, {})
        shared = rates.keys() & before.keys()
        if day.weekday() == weekday and shared:
            compared += 1
            if any(rates[code] != before[code] for code in shared):
                differing.append(str(day))
    assert differing == exceptions
    assert compared >= 539
