"""What a plan raises where there is no answer: why, and the nearest dates that are known."""

from kzt_rates.currency import kin_of, why_not_on
from kzt_rates.dates import MAX_DAYS_AHEAD
from kzt_rates.errors import FeedError, Offline, RateNotFound
from kzt_rates.feed import daily_path, export_id
from kzt_rates.plans.steps import load_bounds, load_nearest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import date

    from kzt_rates.figures import Day
    from kzt_rates.plans.rules import Verdict
    from kzt_rates.plans.steps import Steps, Terms

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
        reason = known.refused[code].reason
        return FeedError(
            f"the bank's figure of {code} for {known.date} was refused: {reason}",
            url=terms.base_url + daily_path(known.date),
            excerpt=reason,
        )
    if answer == "no_such_unit":
        return (yield from no_such_unit(code, known.date))
    return (yield from not_found(code, known.date, answer))


def not_found(code: "str | None", day: "date", reason: str) -> "Steps[RateNotFound]":
    """Return the error for a code, or for a whole sheet, that a day does not have."""
    nearest = yield from load_nearest(code, day)
    what = f"rate of {code}" if code else "sheet"
    return RateNotFound(
        f"no official {what} for {day}: {_WHY[reason]}{near(nearest)}",
        code=code, date=day, reason=reason, nearest=nearest,
    )  # fmt: skip


def no_such_unit(code: str, day: "date", until: "date | None" = None) -> "Steps[RateNotFound]":
    """Return the error for a day, or days `until` another, on which a unit did not exist."""
    nearest = yield from load_nearest(code, day)
    bounds = (yield from load_bounds()).get(code)
    facts = [why_not_on(code, day)]
    if bounds is not None:
        facts.append(f"rates known here: {bounds[0]} to {bounds[1]}")
    days = f"{day}" if until is None else f"{day} to {until}"
    _, successor = kin_of(code)
    return RateNotFound(
        f"no official rate of {code} for {days}: {'; '.join(facts)}",
        code=code, date=day, reason="no_such_unit", nearest=nearest, successor=successor,
    )  # fmt: skip


def still_unknown(
    code: "str | None", day: "date", known: "Day | None" = None
) -> "Steps[FeedError]":
    """Return the error for what the bank was asked for, and has not answered for certain."""
    nearest = yield from load_nearest(code, day)
    what = f"the rate of {code} for {day}" if code else f"the sheet for {day}"
    if known is not None and code in known.figures:
        why = "no feed has confirmed its draft"
    elif known is not None and _is_lacking(code, known):
        why = f"the bank's sheet of {day} lacks it"
    elif known is not None and code in known.blanks:
        why = f"the bank's export has none for {day}, although the bank quoted it then"
    elif known is not None and code is not None and export_id(code) is None:
        why = f"the bank's daily feed has nothing of {day}, and no other feed has {code}"
    elif known is None or code is None or code in known.absent:
        why = f"the bank's export has no row of {day}"
    else:
        why = f"one feed of the bank has nothing of {day}, and no other tells"
    return FeedError(f"{what} is not known: {why}{near(nearest)}")


def _is_lacking(code: "str | None", known: "Day") -> bool:
    """Whether sheets of a day came, and none of them listed a code."""
    listings = known.listings.values()
    return bool(listings) and not any(code in listing.codes for listing in listings)


def taken_back(code: "str | None", day: "date") -> "Steps[RateNotFound]":
    """Return the error for a final figure that the bank, asked anew, does not give any more.

    That is not "none": a day that had a rate is not stepped over.
    """
    nearest = yield from load_nearest(code, day)
    what = f"rate of {code}" if code else "sheet"
    return RateNotFound(
        f"the bank gives no official {what} for {day} now, and gave one before: without refresh "
        "that one is given",
        code=code, date=day, reason="not_available_here", nearest=nearest,
    )  # fmt: skip


def offline(code: "str | None", day: "date", until: "date | None" = None) -> "Steps[Offline]":
    """Return the error for a day, or days `until` another, that only the bank could tell of."""
    nearest = yield from load_nearest(code, day)
    what = f"the rate of {code} for {day}" if code else f"the sheet for {day}"
    if until not in (None, day):
        what = f"rates of {code} between {day} and {until}"
    return Offline(
        f"{what} would need the bank, and offline is on{near(nearest)}",
        code=code, date=day, nearest=nearest,
    )  # fmt: skip


def near(nearest: "tuple[date | None, date | None]") -> str:
    """Return the end of a message that names the nearest dates known."""
    dates = [str(date) for date in nearest if date is not None]
    return f"; the nearest known: {' and '.join(dates)}" if dates else ""
