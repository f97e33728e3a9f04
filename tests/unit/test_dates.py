"""Dates from users, and which day it is in Kazakhstan."""

import datetime as dt
import zoneinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kzt_rates.dates import bank_date, date_in_kazakhstan, parse_date

DAY = dt.date(2025, 12, 5)
UTC = dt.timezone.utc


@pytest.mark.parametrize(
    "written",
    [
        DAY,
        "2025-12-05",
        "05.12.2025",
        dt.datetime(2025, 12, 5, 23, 59),  # noqa: DTZ001  # a naive one is its own date
        dt.datetime(2025, 12, 4, 19, 0, tzinfo=UTC),
        dt.datetime(2025, 12, 5, 18, 59, 59, tzinfo=UTC),
        dt.datetime(2025, 12, 5, 1, 0, tzinfo=dt.timezone(dt.timedelta(hours=6))),
    ],
)
def test_a_date_can_be_written_so(written):
    """Dates, datetimes and the two ways of writing one mean the day in Kazakhstan."""
    assert parse_date(written) == DAY


@pytest.mark.parametrize(
    "text",
    [
        "20251205", "2025-W49-5", "5.12.25", "05.12.25", "5.12.2025", "2025-12-5", "05/12/2025",
        "2025-13-01", "2025-02-29", "31.04.2025", "00.01.2025", "0000-01-01", " 2025-12-05",
        "2025-12-05 ", "2025-12-05T00:00", "today", "", "٠٥.١٢.٢٠٢٥", "2025.12.05", "05-12-2025",
        "2025-12.05", "+025-12-05", "１２.12.2025",
    ],
)  # fmt: skip
def test_other_text_is_a_value_error(text):
    """Nothing is guessed: any other text raises `ValueError` with what was given."""
    with pytest.raises(ValueError, match="date"):
        parse_date(text)


@pytest.mark.parametrize("thing", [20251205, None, (2025, 12, 5), 1.5, b"2025-12-05", dt.time(1)])
def test_other_types_are_a_type_error(thing):
    """What is neither a date nor text raises `TypeError`."""
    with pytest.raises(TypeError, match="date"):
        parse_date(thing)


@pytest.mark.extras
def test_no_time_is_no_date():
    """NaT, which calls itself a datetime, is refused in our words."""
    pandas = pytest.importorskip("pandas")
    with pytest.raises(ValueError, match=r"^NaT is no date: write 2025-12-05"):
        parse_date(pandas.NaT)


@given(st.dates())
def test_what_is_written_is_read(day):
    """Every date is read back from ISO and from the bank's way of writing it."""
    assert parse_date(day.isoformat()) == day
    assert parse_date(bank_date(day)) == day


@given(st.text(max_size=12))
def test_any_text_is_a_date_or_a_value_error(text):
    """Any text is either the date it shows, or refused."""
    try:
        day = parse_date(text)
    except ValueError:
        return
    assert text in (day.isoformat(), bank_date(day))


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2024-02-29T17:59:59+00:00", "2024-02-29"),  # 23:59:59 in UTC+6
        ("2024-02-29T18:00:00+00:00", "2024-02-29"),  # the clocks went back to 23:00
        ("2024-02-29T18:59:59+00:00", "2024-02-29"),
        ("2024-02-29T19:00:00+00:00", "2024-03-01"),
        ("2026-11-22T18:59:59+00:00", "2026-11-22"),
        ("2026-11-22T19:00:00+00:00", "2026-11-23"),
        ("2023-07-01T18:00:00+00:00", "2023-07-02"),  # UTC+6
        ("2004-07-01T17:00:00+00:00", "2004-07-02"),  # UTC+7 in that summer
        ("2004-12-01T17:00:00+00:00", "2004-12-01"),  # UTC+6
    ],
)
def test_the_day_in_kazakhstan(instant, day):
    """UTC+5 by law since 2024-03-01, by the time-zone database before."""
    at = dt.datetime.fromisoformat(instant)
    assert date_in_kazakhstan(at) == dt.date.fromisoformat(day)


def test_the_past_is_that_of_the_time_zone_database():
    """Before 2024 every hour's date is the one `zoneinfo` gives for Asia/Almaty."""
    almaty = zoneinfo.ZoneInfo("Asia/Almaty")
    for days in range(0, 11_000, 37):
        at = dt.datetime(1993, 11, 18, 12, tzinfo=UTC) + dt.timedelta(days=days, hours=days % 24)
        assert date_in_kazakhstan(at) == at.astimezone(almaty).date()


def test_an_old_time_zone_database_does_not_move_today(monkeypatch):
    """A database older than the law of 2024 is not asked about instants after it."""
    from dateutil import tz

    monkeypatch.setattr(tz, "gettz", lambda name: tz.tzoffset(name, 6 * 3600))
    at = dt.datetime(2026, 11, 22, 18, 30, tzinfo=UTC)
    assert date_in_kazakhstan(at) == dt.date(2026, 11, 22)


def test_a_datetime_of_another_library_is_moved_by_python():
    """What a subclass makes of a time zone is not believed: pandas 2 misreads some."""

    class Stamp(dt.datetime):
        def astimezone(self, tz=None):
            return self

    before_midnight = Stamp(2020, 3, 5, 18, tzinfo=dt.timezone.utc)
    assert date_in_kazakhstan(before_midnight) == parse_date(before_midnight) == dt.date(2020, 3, 6)


def test_a_clock_that_gives_no_datetime_is_refused():
    """A date has no hour, and the day in Kazakhstan cannot be told from it."""
    with pytest.raises(TypeError, match="datetime, not date"):
        date_in_kazakhstan(dt.date(2025, 12, 5))


def test_an_instant_past_the_last_date_is_refused():
    """Where the day in Kazakhstan would be of the year 10000, the error names the instant."""
    with pytest.raises(ValueError, match="9999-12-31 23:00:00"):
        date_in_kazakhstan(dt.datetime(9999, 12, 31, 23, tzinfo=UTC))


def test_no_time_zone_database_is_an_error_about_the_past_alone(monkeypatch):
    """Without Asia/Almaty the day of an old instant is unknown; that of a new one is not."""
    from dateutil import tz

    monkeypatch.setattr(tz, "gettz", lambda name: None)
    with pytest.raises(ValueError, match="has no Asia/Almaty"):
        date_in_kazakhstan(dt.datetime(2020, 3, 5, 18, tzinfo=UTC))
    assert date_in_kazakhstan(dt.datetime(2025, 3, 5, 18, tzinfo=UTC)) == dt.date(2025, 3, 5)


def test_a_naive_clock_is_refused():
    """An instant without an offset is nobody's instant."""
    with pytest.raises(ValueError, match="aware"):
        date_in_kazakhstan(dt.datetime(2025, 12, 5))  # noqa: DTZ001
