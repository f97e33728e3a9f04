"""Dates: those that users write, and which day it is in Kazakhstan."""

from datetime import date, datetime, timedelta, timezone

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from kzt_rates.typing import DateLike

# All of Kazakhstan is UTC+5 by law since 2024-03-01. That midnight was still struck in UTC+6,
# so the law begins at 18:00 UTC of the day before. A time-zone database older than the law
# would put today's evenings on tomorrow, so it is only asked about instants before this one.
ALMATY = timezone(timedelta(hours=5), "UTC+05:00")
ALMATY_SINCE = datetime(2024, 2, 29, 18, tzinfo=timezone.utc)

# The bank sets a rate on the business day before it takes effect; the longest run of days off
# in Kazakhstan is under two weeks, so nothing further ahead can have been set.
MAX_DAYS_AHEAD = 14

ONE_DAY = timedelta(days=1)


def utc_now() -> datetime:
    """Return the instant of the machine's clock, aware."""
    return datetime.now(timezone.utc)


def date_in_kazakhstan(instant: datetime) -> date:
    """Return the calendar date in Kazakhstan at an aware instant.

    >>> date_in_kazakhstan(datetime(2025, 12, 4, 19, 30, tzinfo=timezone.utc))
    datetime.date(2025, 12, 5)
    """
    if not isinstance(instant, datetime):
        raise TypeError(f"a clock returns a datetime, not {type(instant).__name__}")
    if instant.utcoffset() is None:
        raise ValueError(f"a clock returns an aware datetime, not {instant!r}")
    try:
        if instant >= ALMATY_SINCE:
            return instant.astimezone(ALMATY).date()
        from dateutil.tz import gettz

        almaty = gettz("Asia/Almaty")
        if almaty is None:
            raise ValueError("the time-zone database has no Asia/Almaty")
        return _plain(instant).astimezone(almaty).date()
    except OverflowError:
        raise ValueError(f"{instant} is on no date that Python knows in Kazakhstan") from None


def midnight_in_kazakhstan(day: date) -> datetime:
    """Return the instant at which a date begins in Kazakhstan.

    >>> midnight_in_kazakhstan(date(2025, 12, 5)).isoformat()
    '2025-12-05T00:00:00+05:00'
    """
    midnight = datetime(day.year, day.month, day.day, tzinfo=ALMATY)
    if midnight >= ALMATY_SINCE:
        return midnight
    from dateutil.tz import gettz

    return midnight.replace(tzinfo=gettz("Asia/Almaty")).astimezone(timezone.utc)


def _plain(instant: datetime) -> datetime:
    """Return an instant as Python's own in UTC.

    The timestamps of pandas are moved by pandas, which reads the tables of dateutil: pandas 2
    misreads those of dateutil 4, and says nothing.
    """
    ahead = instant.utcoffset()
    assert ahead is not None
    return datetime.combine(instant.date(), instant.time(), timezone.utc) - ahead


def parse_date(day: "DateLike") -> date:
    """Return the calendar date in Kazakhstan that a user means; nothing is guessed.

    A `date` is itself, a naive `datetime` its own date, an aware one its date in Kazakhstan.
    Text is `"2025-12-05"` or `"05.12.2025"`, whole and nothing else.

    Raises `ValueError` for other text and `TypeError` for other types.

    >>> parse_date("05.12.2025")
    datetime.date(2025, 12, 5)
    """
    if isinstance(day, datetime):
        if day != day:  # noqa: PLR0124  # pandas' NaT calls itself a datetime
            raise ValueError("NaT is no date: write 2025-12-05 or 05.12.2025")
        return day.date() if day.utcoffset() is None else date_in_kazakhstan(day)
    if isinstance(day, date):
        return day
    if not isinstance(day, str):
        raise TypeError(f"a date is a date, a datetime or text, not {type(day).__name__}")
    if len(day) == 10 and day.isascii():
        iso = f"{day[6:]}-{day[3:5]}-{day[:2]}" if day[2] == day[5] == "." else day
        if iso[4] == iso[7] == "-" and (iso[:4] + iso[5:7] + iso[8:]).isdigit():
            try:
                return date(int(iso[:4]), int(iso[5:7]), int(iso[8:]))
            except ValueError as error:
                raise ValueError(f"no such date: {day!r} ({error})") from None
    raise ValueError(f"a date is written 2025-12-05 or 05.12.2025, not {day[:40]!r}")


def bank_date(day: date) -> str:
    """Return a date as the bank writes it.

    >>> bank_date(date(2025, 12, 5))
    '05.12.2025'
    """
    return f"{day.day:02}.{day.month:02}.{day.year:04}"


def each_day(start: date, end: date) -> "Iterator[date]":
    """Yield the days from `start` to `end`, both inclusive."""
    for ordinal in range(start.toordinal(), end.toordinal() + 1):
        yield date.fromordinal(ordinal)
