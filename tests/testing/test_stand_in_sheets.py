import sys
from datetime import date, timedelta
from decimal import Decimal

import pytest

from kzt_rates.currency import nominals_on
from kzt_rates.testing import Published, archive_sheets, dense_sheets
from kzt_rates.testing.sheets import filled_sheets


def test_a_sheet_for_every_day() -> None:
    """No calendar day is left out, from the start to the end, whatever the archive has."""
    sheets = dense_sheets("1993-11-15", date(2030, 1, 1), ["USD"])
    days = (date(2030, 1, 1) - date(1993, 11, 15)).days + 1
    assert list(sheets) == [date(1993, 11, 15) + timedelta(days=n) for n in range(days)]
    assert all(list(sheet) == ["USD"] for sheet in sheets.values())


def test_archived_figures_are_themselves() -> None:
    """A figure of the archive is unchanged on its own day."""
    archived = archive_sheets("2025-09-01", "2026-08-21")
    dense = dense_sheets("2025-09-01", "2026-08-21")
    for day, rates in archived.items():
        assert rates.items() <= dense[day].items()
    assert len(archived) > 200


def test_carried_from_before_else_from_after() -> None:
    """Days between figures repeat the one before, days before all the first."""
    dense = dense_sheets("2013-01-01", "2016-07-02", ["KWD", "BYR", "BYN"], moving=False)
    # on record are 2013-04-24 and 2016-04-18; the latter is the last of BYR
    values = archive_sheets("2013-04-24", "2016-04-18")
    kwd = values[date(2013, 4, 24)]["KWD"]
    assert {dense[day]["KWD"] for day in (date(2013, 1, 1), date(2016, 4, 17))} == {kwd}
    assert dense[date(2016, 4, 18)]["KWD"] == values[date(2016, 4, 18)]["KWD"] != kwd
    assert dense[date(2016, 7, 1)]["BYR"] == ("1.68", 100)
    assert "BYN" not in dense[date(2016, 7, 1)]
    assert "BYR" not in dense[date(2016, 7, 2)]
    assert dense[date(2016, 7, 2)]["BYN"][1] == 1


@pytest.mark.parametrize(
    ("code", "day", "archived", "expected"),
    [
        ("HUF", "2013-04-24", ("0.65", 1), ("0.65", 1)),
        ("UZS", "2005-05-05", ("0.07", 1), ("0.07", 1)),
        ("JPY", "2005-12-31", ("1.53", 1), ("15.3", 10)),
        ("JPY", "2010-01-01", ("1.53", 1), ("1.53", 1)),
        ("TRL", "2000-02-29", ("0.1", 1000), ("0.1", 1000)),
        ("RUR", "1997-12-31", ("4.76", 1), ("4.76", 1000)),
        ("RUB", "1998-01-01", ("4.76", 1), ("4.76", 1)),
    ],
)
def test_nominal_of_the_day(
    code: str, day: str, archived: tuple[str, int], expected: tuple[str, int]
) -> None:
    """A figure carried to a day of another nominal is worth the same per unit."""
    source = "RUB" if code == "RUR" else code
    nearest = min(on for on, rates in archive_sheets().items() if source in rates)
    assert archive_sheets()[nearest][source] == archived
    assert dense_sheets(day, day, moving=False)[date.fromisoformat(day)][code] == expected


def test_nominals_are_possible_on_every_day() -> None:
    """Each code has a nominal that it can have had on the day, and is out before its time."""
    for day, rates in dense_sheets("1993-11-15", "2026-12-31").items():
        if day.toordinal() % 7:
            continue
        for code, (value, nominal) in rates.items():
            assert nominal in (nominals_on(code, day) or ())
            assert Decimal(value) > 0
            assert "E" not in value
        assert ("EUR" in rates) == (day >= date(1999, 1, 1))
        assert ("EGP" in rates) == (day >= date(2026, 7, 8))


def test_moving_figures() -> None:
    """No two days are alike, archived figures stay, and others are within a hundredth of still."""
    still = dense_sheets("2026-08-01", "2026-11-30", moving=False)
    moving = dense_sheets("2026-08-01", "2026-11-30")
    for day, rates in archive_sheets("2026-08-01").items():
        assert rates.items() <= moving[day].items()
    for day, rates in moving.items():
        assert rates.keys() == still[day].keys()
        for code, (value, nominal) in rates.items():
            before = Decimal(still[day][code][0])
            assert nominal == still[day][code][1]
            assert 1 <= Decimal(value) / before <= Decimal("1.01")
            assert "E" not in value
    days = list(moving.values())
    for number, rates in enumerate(days):
        for other in days[number + 1 :]:
            same = sum(rates[code] == other.get(code) for code in rates)
            assert same < 0.8 * len(rates)
    assert moving == dense_sheets("2026-08-01", "2026-11-30")


def test_chosen_codes() -> None:
    """Codes are written in any case; one that the archive has nothing of is an error."""
    assert list(dense_sheets("2025-12-05", "2025-12-05", ["usd", "EUR", "USD"]).values()) == [
        {"EUR": ("582.89", 1), "USD": ("499.65", 1)}
    ]
    with pytest.raises(ValueError, match="the archive has no figure of ISK"):
        dense_sheets("2025-12-05", "2025-12-05", ["ISK"])
    with pytest.raises(ValueError, match="the end 2025-12-04 is before the start 2025-12-05"):
        dense_sheets("2025-12-05", "2025-12-04")


def test_thirty_years_are_quick() -> None:
    """A figure costs a few calls, however many years are made at once."""
    calls = 0

    def count(_: object, event: str, __: object) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        sheets = dense_sheets("1996-01-01", "2025-12-31")
    finally:
        sys.setprofile(before)
    made = sum(map(len, sheets.values()))
    assert made > 39 * 10_000
    assert made < calls < 20 * made


SINCE, LAST = date(2026, 7, 1), date(2026, 12, 31)


@pytest.fixture(scope="module")
def filled() -> dict[date, dict[str, Published]]:
    return filled_sheets(SINCE, LAST)


def test_a_filled_world_has_every_day(filled: dict[date, dict[str, Published]]) -> None:
    """There is a sheet for each day with all codes, and what the archive has is the archive's."""
    assert len(filled) == (LAST - SINCE).days + 1
    assert {len(filled[day]) for day in filled if day >= date(2026, 7, 8)} == {48}
    for day, rates in archive_sheets(SINCE).items():
        for code, figure in rates.items():
            assert filled[day][code] == (*figure, None, None)


def test_what_is_made_up_says_so(filled: dict[date, dict[str, Published]]) -> None:
    """A figure that the archive does not have bears it in its name, and no other does."""
    known = archive_sheets(SINCE)
    for day, rates in filled.items():
        for code, rate in rates.items():
            made_up = code not in known.get(day, {})
            assert (rate.name is not None) == made_up
            assert not made_up or str(rate.name).endswith("(ВЫДУМАНО)")


def test_what_is_made_up_moves_little(filled: dict[date, dict[str, Published]]) -> None:
    """By two per cent a day at most, or two tiyn, and on Sundays and Mondays not at all."""
    known = archive_sheets(SINCE)
    for day, rates in filled.items():
        if day < date(2026, 8, 24):  # the archive's own moves
            continue
        for code, (value, _, _, _) in rates.items():
            before = Decimal(filled[day - timedelta(1)][code].value)
            moved = abs(Decimal(value) - before)
            assert moved <= max(before / 50, Decimal("0.02"))
            if day.weekday() in (0, 6) and code not in known.get(day, {}):
                assert moved == 0


def test_the_weekend_before_a_monday_on_record(filled: dict[date, dict[str, Published]]) -> None:
    """2026-08-15 and 16 are not in the archive; the bank's Monday repeats the Saturday."""
    monday = archive_sheets("2026-08-17", "2026-08-17")[date(2026, 8, 17)]["USD"]
    assert monday == ("464.02", 1)
    assert [filled[date(2026, 8, n)]["USD"][:2] for n in (15, 16)] == [monday, monday]


def test_a_filled_world_is_the_same_again(filled: dict[date, dict[str, Published]]) -> None:
    """Whenever and from wherever it is made, a day has the same figures; no two days are alike."""
    again = filled_sheets(date(2026, 11, 7), LAST)  # a Saturday
    assert all(filled[day] == rates for day, rates in again.items())
    tuesdays = [tuple(r.value for r in again[day].values()) for day in again if day.weekday() == 1]
    assert len(set(tuesdays)) == len(tuesdays) == 8
