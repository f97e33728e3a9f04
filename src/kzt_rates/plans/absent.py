"""The errors of a plan without an answer: why there is none, and the nearest dates known."""

from kzt_rates import errors
from kzt_rates.currency import kin_of, why_not_on
from kzt_rates.dates import MAX_DAYS_AHEAD
from kzt_rates.feed import daily_path, export_id
from kzt_rates.plans import load_bounds, load_nearest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date
    from typing import TypeAlias, TypeVar

    from kzt_rates.errors import Nearest
    from kzt_rates.figures import Day
    from kzt_rates.plans import Steps, Terms
    from kzt_rates.plans.rules import Verdict

    E = TypeVar("E", bound=errors.KztRatesError)
    # The errors that a question to the bank can end in.
    Asked: TypeAlias = errors.BankUnavailable | errors.FeedError

MAX_CODES_LISTED = 3

_WHY = {
    "none_published": "the bank has published none",
    "too_far_ahead": f"the bank sets none more than {MAX_DAYS_AHEAD} days ahead",
    "not_available_here": "no feed can be asked for it that far back",
    "no_such_unit": "there was no tenge before 1993-11-15",
}


def withheld(terms: "Terms", code: str, known: "Day", answer: "Verdict") -> "Steps[Exception]":
    """Return the error for a code that a verdict withholds."""
    if answer == "lacking":
        return (yield from still_unknown(code, known.date, known))
    if answer == "refused":
        nearest = yield from load_nearest(code, known.date)
        reason = known.refused[code].reason
        error = errors.FeedError(
            f"the bank's figure of {code} for {known.date} was refused: {reason}{near(nearest)}",
            url=terms.base_url + daily_path(known.date),
            excerpt=reason,
        )
        error.code, error.date, error.nearest = code, known.date, nearest
        return error
    if answer == "no_such_unit":
        return (yield from no_such_unit(code, known.date))
    return (yield from not_found(code, known.date, answer))


def not_had(error: "Asked", code: "str | None", day: "date") -> "Steps[Asked]":
    """Return a failure of asking as the error of what was wanted, and what is known near it."""
    nearest = yield from load_nearest(code, day)
    wanted = f"the rate of {code} for {day}" if code else f"the sheet for {day}"
    named = with_message(error, f"{wanted} cannot be fetched: {error.args[0]}{near(nearest)}")
    named.code, named.date, named.nearest = code, day, nearest
    return named


def latest_not_had(error: "Asked", newest: "date | None") -> "Asked":
    """Return a failure of asking as the error of the latest sheet, and the newest known one."""
    nearest = (newest, None)
    named = with_message(
        error, f"the latest sheet cannot be fetched: {error.args[0]}{near(nearest)}"
    )
    named.nearest = nearest
    return named


def range_not_had(
    error: "Asked",
    codes: "Sequence[str]",
    start: "date",
    end: "date",
    known: "Iterable[date]",
) -> "Steps[Asked]":
    """Return a failure of asking as the error of the range that was wanted."""
    nearest = yield from _nearest_to_range(codes[0], start, end)
    named = with_message(
        error,
        f"the rates of {_listed(codes)} from {start} to {end} cannot be fetched: {error.args[0]}"
        f"{_near_range(nearest, known)}",
    )
    named.code, named.nearest = codes[0] if len(codes) == 1 else None, nearest
    return named


def looking_back(error: "E", asked: "date", on: "date") -> "E":
    """Return the error of a day that could not be stepped over, with the day that was asked for."""
    message = error.args[0] if on == asked else f"for {asked}, looking back: {error.args[0]}"
    if isinstance(error, errors.Offline | errors.BankUnavailable):
        message += (
            f"; whether the bank set one for {on} is not known here, so no earlier day can answer"
        )
    return with_message(error, message)


def with_message(error: "E", message: str) -> "E":
    """Return the same error with another message."""
    twin = errors.twin_of(error)
    assert isinstance(twin, type(error))
    twin.args = (message,)
    return twin


def not_found(code: "str | None", day: "date", reason: str) -> "Steps[errors.RateNotFound]":
    """Return the error for a code, or for a whole sheet, that a day does not have."""
    nearest = yield from load_nearest(code, day)
    what = f"rate of {code}" if code else "sheet"
    return errors.RateNotFound(
        f"no official {what} for {day}: {_WHY[reason]}{near(nearest)}",
        code=code, date=day, reason=reason, nearest=nearest,
    )  # fmt: skip


def no_such_unit(
    code: str, day: "date", until: "date | None" = None
) -> "Steps[errors.RateNotFound]":
    """Return the error for a day, or days `until` another, on which a unit did not exist."""
    nearest = yield from load_nearest(code, day)
    bounds = (yield from load_bounds()).get(code)
    facts = [why_not_on(code, day)]
    if bounds is not None:
        facts.append(f"rates known here: {bounds[0]} to {bounds[1]}")
    days = f"{day}" if until is None else f"{day} to {until}"
    _, successor = kin_of(code)
    return errors.RateNotFound(
        f"no official rate of {code} for {days}: {'; '.join(facts)}",
        code=code, date=day, reason="no_such_unit", nearest=nearest, successor=successor,
    )  # fmt: skip


def before_the_tenge(
    codes: "Sequence[str]", start: "date", end: "date"
) -> "Steps[errors.RateNotFound]":
    """Return the error for a range of before the tenge."""
    if len(codes) == 1:
        return (yield from no_such_unit(codes[0], start, end))
    return errors.RateNotFound(
        f"no official rates for {start} to {end}: {_WHY['no_such_unit']}",
        date=start, reason="no_such_unit",
    )  # fmt: skip


def still_unknown(
    code: "str | None", day: "date", known: "Day | None" = None
) -> "Steps[errors.FeedError]":
    """Return the error for what the bank was asked for, and has not answered for certain."""
    nearest = yield from load_nearest(code, day)
    what = f"the rate of {code} for {day}" if code else f"the sheet for {day}"
    if known is not None and code in known.figures:
        why = "no feed has confirmed its draft"
    elif known is not None and _is_lacking(code, known):
        why = f"the bank's sheet of {day} lacks it"
    elif known is not None and code in known.blanks:
        why = "the bank's export lacks it, on a day on which it had to be quoted"
    elif known is not None and code is not None and export_id(code) is None:
        why = f"the bank's daily feed has nothing of {day}, and no other feed has {code}"
    elif known is None or code is None or code in known.absent:
        why = f"the bank's export has no row of {day}"
    else:
        why = f"one feed of the bank has nothing of {day}, and no other tells"
    error = errors.FeedError(f"{what} is not known: {why}{near(nearest)}")
    error.code, error.date, error.nearest = code, day, nearest
    return error


def _is_lacking(code: "str | None", known: "Day") -> bool:
    """Whether sheets of a day came, and none of them listed a code."""
    listings = known.listings.values()
    return bool(listings) and not any(code in listing.codes for listing in listings)


def taken_back(code: "str | None", day: "date") -> "Steps[errors.RateNotFound]":
    """Return the error for a final figure that the bank, asked anew, does not give any more.

    That is not "none": a day that had a rate is not stepped over.
    """
    nearest = yield from load_nearest(code, day)
    what = f"rate of {code}" if code else "sheet"
    return errors.RateNotFound(
        f"the bank gives no official {what} for {day} now, and gave one before: without refresh "
        "that one is given",
        code=code, date=day, reason="not_available_here", nearest=nearest,
    )  # fmt: skip


def offline(code: "str | None", day: "date") -> "Steps[errors.Offline]":
    """Return the error for a day that only the bank could answer for."""
    nearest = yield from load_nearest(code, day)
    what = f"the rate of {code} for {day}" if code else f"the sheet for {day}"
    return errors.Offline(
        f"{what} would need the bank, and offline is on{near(nearest)}",
        code=code, date=day, nearest=nearest,
    )  # fmt: skip


def range_offline(
    code: str, start: "date", end: "date", known: "Iterable[date]"
) -> "Steps[errors.Offline]":
    """Return the error for a range that needs the bank; some of its days are known."""
    nearest = yield from _nearest_to_range(code, start, end)
    inside = [day for day in known if start <= day <= end]
    some = "some " if inside else ""
    return errors.Offline(
        f"{some}rates of {code} between {start} and {end} would need the bank, and offline is on"
        f"{_near_range(nearest, inside)}",
        code=code, date=start, nearest=nearest,
    )  # fmt: skip


def _nearest_to_range(code: str, start: "date", end: "date") -> "Steps[Nearest]":
    before, _ = yield from load_nearest(code, start)
    _, after = yield from load_nearest(code, end)
    return before, after


def _near_range(nearest: "Nearest", inside: "Iterable[date]") -> str:
    days = sorted(set(inside))
    if not days:
        return near(nearest)
    return f"; known there: {days[0]}" + (f" to {days[-1]}" if len(days) > 1 else "")


def _listed(codes: "Sequence[str]") -> str:
    if len(codes) > MAX_CODES_LISTED:
        return f"{len(codes)} currencies"
    return " and ".join(codes)


def near(nearest: "tuple[date | None, date | None]") -> str:
    """Return the end of a message that names the nearest dates known."""
    dates = [str(date) for date in nearest if date is not None]
    return f"; the nearest known: {' and '.join(dates)}" if dates else ""
