"""How long an answer may be repeated: the table, row by row."""

from datetime import date, datetime, timedelta

import pytest

from kzt_rates.web.freshness import midnight, next_look, of_day, of_error, of_now, retry_after

NOON = "2025-12-05T12:00:00+05:00"
TODAY = date(2025, 12, 5)


def at(instant: str) -> datetime:
    return datetime.fromisoformat(instant)


def days_ago(days: int) -> date:
    return TODAY - timedelta(days=days)


@pytest.mark.parametrize(
    ("day", "marks", "header"),
    [
        (
            days_ago(8),
            {},
            "public, max-age=86400, stale-while-revalidate=604800, stale-if-error=2592000",
        ),
        (
            days_ago(7),
            {},
            "public, max-age=3600, stale-while-revalidate=86400, stale-if-error=604800",
        ),
        (TODAY, {}, "public, max-age=3600, stale-while-revalidate=86400, stale-if-error=604800"),
        (days_ago(-1), {"final": False}, "public, max-age=600, stale-if-error=3600"),
        (TODAY, {"final": False}, "public, max-age=60"),
        (days_ago(100), {"complete": False}, "public, max-age=60"),
        (days_ago(1), {"stale": True}, "public, max-age=60"),
    ],
)
def test_day(day: date, marks: dict[str, bool], header: str) -> None:
    """An answer for a date is as fresh as its day is settled."""
    assert of_day(day, at(NOON), **marks).cache_control == header


@pytest.mark.parametrize("ago", [0, 1, 7])
def test_carried(ago: int) -> None:
    """Where a day's own rate may still come, an older one is kept no longer than the latest."""
    carried = of_day(days_ago(ago), at(NOON), carried=True)
    assert carried.cache_control == of_now(at(NOON)).cache_control
    assert of_day(days_ago(8), at(NOON), carried=True) == of_day(days_ago(8), at(NOON))


@pytest.mark.parametrize("marks", [{"final": False}, {"stale": True}])
def test_stale(marks: dict[str, bool]) -> None:
    """A figure past its time is marked as such, an unknown part is not a stale one."""
    assert of_day(TODAY, at(NOON), **marks).stale
    assert not of_day(TODAY, at(NOON), complete=False).stale


@pytest.mark.parametrize(
    ("instant", "seconds"),
    [
        ("2025-12-05T12:00:00+05:00", 3599),  # hourly
        ("2025-12-05T13:59:00+05:00", 59),  # the window begins
        ("2025-12-05T14:00:00+05:00", 599),
        ("2025-12-05T15:34:56+05:00", 303),  # at :40
        ("2025-12-05T18:55:00+05:00", 299),  # the window ends
        ("2025-12-05T19:00:00+05:00", 3599),
        ("2025-12-05T23:59:30+05:00", 29),  # midnight in Almaty
        ("2025-12-05T23:59:59.5+05:00", 0),
        ("2025-12-06T00:00:00+05:00", 299),  # drafts have become final: 00:05
        ("2025-12-06T00:05:00+05:00", 3299),
    ],
)
def test_now(instant: str, seconds: int) -> None:
    """The latest rate is fresh until the next look at the bank, and never past midnight."""
    assert of_now(at(instant)).cache_control == f"public, max-age={seconds}, stale-if-error=86400"


@pytest.mark.parametrize("minutes", range(0, 24 * 60, 7))
def test_never_past_midnight(minutes: int) -> None:
    """No answer about now is fresh after midnight in Almaty, whatever zone the clock has."""
    now = at("2025-12-04T19:00:00+00:00") + timedelta(minutes=minutes)
    for fresh in (of_now(now), of_day(date(2025, 12, 6), now, final=False)):
        seconds = int(fresh.cache_control.partition("max-age=")[2].partition(",")[0])
        assert now + timedelta(seconds=seconds) < midnight(now)
        assert fresh.until is not None
        assert now < fresh.until <= now + timedelta(seconds=1)
        assert "stale-while-revalidate" not in fresh.cache_control


@pytest.mark.parametrize("minutes", range(0, 24 * 60, 7))
def test_looks(minutes: int) -> None:
    """The next look is ahead, at most an hour, and ten minutes where the bank publishes."""
    now = at("2025-12-05T00:00:00+05:00") + timedelta(minutes=minutes)
    wait = next_look(now) - now
    assert timedelta() < wait <= timedelta(hours=1)
    if 14 <= now.hour < 19:
        assert wait <= timedelta(minutes=10)
    assert retry_after(now) >= 1


@pytest.mark.parametrize("ago", [7, 8, 3000])
def test_day_is_looked_at_anew_at_midnight(ago: int) -> None:
    """What is among the last seven days today may be older tomorrow, and none is none no more."""
    assert of_day(days_ago(ago), at(NOON)).until == at("2025-12-06T00:00:00+05:00")


@pytest.mark.parametrize(
    ("status", "reason", "day", "header"),
    [
        (404, "none_published", days_ago(8), "public, max-age=3600"),
        (404, "no_such_unit", days_ago(900), "public, max-age=3600"),
        (404, "none_published", days_ago(7), "public, max-age=60"),
        (404, "none_published", days_ago(-1), "public, max-age=60"),
        (404, "too_far_ahead", days_ago(-20), "public, max-age=60"),
        (404, "", None, "public, max-age=60"),
        (422, "", None, "public, max-age=60"),
        (405, "", None, "no-store"),
        (406, "", None, "no-store"),
        (431, "", None, "no-store"),
        (500, "", None, "no-store"),
        (503, "", days_ago(8), "no-store"),
    ],
)
def test_error(status: int, reason: str, day: date | None, header: str) -> None:
    """A failure is never kept, and an absence only where nothing will change it."""
    assert of_error(status, reason, day, at(NOON)) == header


@pytest.mark.parametrize(("left", "seconds"), [(61, 60), (60, 59), (20, 19), (1, 0)])
def test_minute_ends_at_midnight(left: int, seconds: int) -> None:
    """Neither "none today" nor a late figure of today is kept into another day."""
    now = at("2025-12-06T00:00:00+05:00") - timedelta(seconds=left)
    header = f"public, max-age={seconds}"
    assert of_error(404, "none_published", TODAY, now) == header
    assert of_error(422, "", None, now) == header
    assert of_now(now, stale=True).cache_control == header
    assert of_now(now, complete=False).cache_control == header
    assert of_day(TODAY, now, final=False).cache_control == header
