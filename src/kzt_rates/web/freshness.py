"""How long an answer may be repeated: from the kind of its day, today's date and the instant.

Pure: a table of tests holds it. A day is never called immutable, because the bank corrects.
"""

from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from kzt_rates.dates import ALMATY, MAX_DAYS_AHEAD, date_in_kazakhstan

# The bank sets tomorrow's rate in these hours of Almaty, and is looked at every ten minutes.
WINDOW_STARTS, WINDOW_ENDS = time(14), time(19)
LOOK_IN_WINDOW = timedelta(minutes=10)
LOOK = timedelta(hours=1)
# After midnight a draft has become final, which the bank is asked five minutes later.
LOOK_AFTER_MIDNIGHT = time(0, 5)

# What is older than this was corrected by nobody for a week.
SETTLED_DAYS = 7
A_MINUTE = 60

# Errors of a method or of headers: a cache does not look at these, and would give the error to
# right requests for the same address.
OF_THE_HEADERS = (405, 406, 431)

A_DAY = "public, max-age=86400"
FOREVER = "public, max-age=31536000, immutable"  # only for names that hold a hash
NO_STORE = "no-store"


class Freshness(NamedTuple):
    """The header `Cache-Control`, and until when this server itself may repeat the answer.

    `until` is the instant at which another header or another answer is due, `None` for never.
    `stale`: a figure past its time was given, since the bank could not be asked.
    """

    cache_control: str
    until: datetime | None = None
    stale: bool = False


STATIC = Freshness(A_DAY)
NEVER = Freshness(NO_STORE)


def next_look(now: datetime) -> datetime:
    """Return when the bank is looked at next by whoever follows it.

    >>> from datetime import timezone
    >>> next_look(datetime(2026, 8, 21, 9, 4, tzinfo=timezone.utc)).astimezone(ALMATY).isoformat()
    '2026-08-21T14:10:00+05:00'
    """
    here = now.astimezone(ALMATY)
    day = here.replace(hour=0, minute=0, second=0, microsecond=0)
    starts, ends = _at(day, WINDOW_STARTS), _at(day, WINDOW_ENDS)
    if starts <= here < ends:
        return here - (here - day) % LOOK_IN_WINDOW + LOOK_IN_WINDOW
    following = here - (here - day) % LOOK + LOOK
    after_midnight = _at(day, LOOK_AFTER_MIDNIGHT)
    return after_midnight if here < after_midnight else following


def midnight(now: datetime) -> datetime:
    """Return the end of today in Kazakhstan."""
    here = now.astimezone(ALMATY)
    return here.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def of_day(
    day: date,
    now: datetime,
    *,
    final: bool = True,
    carried: bool = False,
    complete: bool = True,
    stale: bool = False,
) -> Freshness:
    """Return how fresh an answer for a date is that was asked for by name.

    `carried`: the day has no rate so far, and one before it answers. `complete`: nothing of what
    was asked for is unknown. `stale`: the bank should have been asked and could not be.
    """
    today = date_in_kazakhstan(now)
    if carried and (today - day).days <= SETTLED_DAYS:
        # the bank may publish the day's own rate yet, and then no answer from before it may do
        return of_now(now, complete=complete, stale=stale)
    if stale or not complete or (not final and day <= today):
        return _stale(now, stale=stale or not final)
    if not final:
        seconds = min(600, _seconds(now, midnight(now)))
        return Freshness(f"public, max-age={seconds}, stale-if-error=3600", _soon(now))
    kept = "public, max-age=3600, stale-while-revalidate=86400, stale-if-error=604800"
    if (today - day).days > SETTLED_DAYS:
        kept = "public, max-age=86400, stale-while-revalidate=604800, stale-if-error=2592000"
    # tomorrow it may be among the settled ones; and that there is none is known for a month
    return Freshness(kept, midnight(now))


def of_now(now: datetime, *, complete: bool = True, stale: bool = False) -> Freshness:
    """Return how fresh an answer without a date is: the latest, today's, an open range.

    Never past the next look at the bank nor past midnight in Almaty, and without
    `stale-while-revalidate`, which would answer with yesterday's rate after midnight.
    """
    if stale or not complete:
        return _stale(now, stale=stale)
    seconds = _seconds(now, min(next_look(now), midnight(now)))
    return Freshness(f"public, max-age={seconds}, stale-if-error=86400", _soon(now))


def of_error(status: int, reason: str, day: date | None, now: datetime) -> str:
    """Return `Cache-Control` of an error; `reason` is that of `RateNotFound`, else `""`."""
    if status >= 500 or status in OF_THE_HEADERS:
        return NO_STORE
    today = date_in_kazakhstan(now)
    settled = day is not None and (today - day).days > SETTLED_DAYS
    if status == 404 and settled and reason in ("none_published", "no_such_unit"):
        return "public, max-age=3600"
    return _for_a_minute(now)


def shortened(cache_control: str, seconds: int) -> str:
    """Return the header of an answer that is sent so many seconds after it was begun.

    >>> shortened("public, max-age=9, stale-if-error=86400", 8)
    'public, max-age=1, stale-if-error=86400'
    """
    before, name, after = cache_control.partition("max-age=")
    if seconds < 1 or not name:
        return cache_control
    digits, comma, more = after.partition(",")
    return f"{before}{name}{max(0, int(digits) - seconds)}{comma}{more}"


def retry_after(now: datetime) -> int:
    """Return in how many seconds a rate that is not set yet is worth asking for again."""
    return max(1, _seconds(now, next_look(now)) + 1)


def is_too_far(day: date, now: datetime) -> bool:
    """Whether no rate can be set that early."""
    return (day - date_in_kazakhstan(now)).days > MAX_DAYS_AHEAD


def _stale(now: datetime, *, stale: bool) -> Freshness:
    return Freshness(_for_a_minute(now), _soon(now), stale)


def _for_a_minute(now: datetime) -> str:
    # after midnight today is another day, and an answer about the last one is none
    return f"public, max-age={min(A_MINUTE, _seconds(now, midnight(now)))}"


def _soon(now: datetime) -> datetime:
    """Return the end of a second: the seconds in the header count down."""
    return now + timedelta(seconds=1)


def _seconds(now: datetime, then: datetime) -> int:
    # one second less, because the header may be repeated for a second
    return max(0, int((then - now).total_seconds()) - 1)


def _at(day: datetime, when: time) -> datetime:
    return day.replace(hour=when.hour, minute=when.minute)
