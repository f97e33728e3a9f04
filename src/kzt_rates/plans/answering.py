"""What is answered from what is known: the table of states, top to bottom."""

from datetime import timedelta

from kzt_rates.calendar import MAX_DAYS_AHEAD, date_in_kazakhstan
from kzt_rates.currency_facts import is_quoted_on
from kzt_rates.feed import daily, export

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import date, datetime
    from typing import Literal

    from kzt_rates.figures import Day

    Verdict = Literal[
        "too_far_ahead",
        "give",
        "not_quoted",
        "refused",
        "none_published",
        "not_available_here",
        "ask",
    ]

# Verdicts that no question can change, and those that a refresh may.
NEVER = ("too_far_ahead", "not_quoted", "not_available_here")
UNTIL_ASKED = ("none_published", "refused")

# A provisional figure, a latest sheet and a recent "no rate" may change with the bank's next
# word, which comes once a day; ten minutes keep a busy service from asking more than that.
YOUNG = timedelta(minutes=10)

# "No rate" for an older day is as good as settled; asked again monthly, should the bank mend it.
SILENCE_OF_OLD_DAYS = timedelta(days=30)
OLD_DAYS = 7


def is_young(at: "datetime | None", now: "datetime") -> bool:
    """Say whether something happened within ten minutes of now, by clocks that may jump back."""
    return at is not None and abs(now - at) < YOUNG


def silence_is_young(day: "date", at: "datetime", now: "datetime") -> bool:
    """Say whether a feed's "no rate" for a day still holds."""
    # by the earlier clock, because one that ran fast made the day look older than it was
    old = (date_in_kazakhstan(min(at, now)) - day).days > OLD_DAYS
    return abs(now - at) < (SILENCE_OF_OLD_DAYS if old else YOUNG)


def daily_may_tell(known: "Day", now: "datetime") -> bool:
    """Say whether the daily feed may have rates of a day that are not known to be none."""
    silent_at = known.silences.get("daily")
    return known.date >= daily.STARTS and not (
        silent_at is not None and silence_is_young(known.date, silent_at, now)
    )


def export_may_tell(code: str, known: "Day", now: "datetime") -> bool:
    """Say whether the range export may have a rate of a code that is not known to be none."""
    blank_at = known.blanks.get(code)
    return (
        export.STARTS <= known.date <= date_in_kazakhstan(now)
        and export.id_of(code) is not None
        and is_quoted_on(code, known.date)
        and not (blank_at is not None and silence_is_young(known.date, blank_at, now))
    )


def needs_export(day: "date", today: "date") -> bool:
    """Say whether the daily feed's word about a day is not yet the bank's.

    It lacks days that the range export has, and all before it began.
    """
    return day < daily.STARTS or (today - day).days > OLD_DAYS


class State:
    """One code on one day, and what is known of it now."""

    __slots__ = ("code", "known", "now", "today")

    def __init__(self, code: str, known: "Day", now: "datetime") -> None:
        self.code = code
        self.known = known
        self.now = now
        self.today = date_in_kazakhstan(now)


def is_too_far_ahead(day: "date", today: "date") -> bool:
    """Say whether no rate can have been set yet for a day."""
    return (day - today).days > MAX_DAYS_AHEAD


def _has_final_figure(state: State) -> bool:
    return _is_final(state.code, state.known)


def _is_not_quoted(state: State) -> bool:
    return not is_quoted_on(state.code, state.known.date)


def _was_refused(state: State) -> bool:
    return state.code in state.known.refused and is_settled(state.known, state.now)


def _was_refused_and_may_be_mended(state: State) -> bool:
    return _was_refused(state) and export_may_tell(state.code, state.known, state.now)


def _is_not_on_final_sheet(state: State) -> bool:
    return state.known.complete and state.known.final and state.code not in state.known.figures


def _has_young_provisional_figure(state: State) -> bool:
    figure = state.known.figures.get(state.code)
    return figure is not None and is_young(figure.fetched_at, state.now)


def _cannot_be_asked_for(state: State) -> bool:
    return export.STARTS <= state.known.date < daily.STARTS and export.id_of(state.code) is None


def _is_silent(state: State) -> bool:
    return is_silent(state.known, state.now, (state.code,))


TABLE: "tuple[tuple[Callable[[State], bool], Verdict], ...]" = (
    (lambda state: is_too_far_ahead(state.known.date, state.today), "too_far_ahead"),
    (_has_final_figure, "give"),
    (_is_not_quoted, "not_quoted"),
    (_was_refused_and_may_be_mended, "ask"),
    (_was_refused, "refused"),
    (_is_not_on_final_sheet, "none_published"),
    (_has_young_provisional_figure, "give"),
    (_cannot_be_asked_for, "not_available_here"),
    (_is_silent, "none_published"),
    (lambda _: True, "ask"),
)


def verdict(code: str, known: "Day", now: "datetime") -> "Verdict":
    """Return the answer of the first row that holds."""
    state = State(code, known, now)
    return next(answer for holds, answer in TABLE if holds(state))


def is_settled(known: "Day", now: "datetime") -> bool:
    """Say whether a whole sheet is known that need not be asked for."""
    return known.complete and (known.final or is_young(known.fetched_at, now))


def is_silent(known: "Day", now: "datetime", codes: "Collection[str]") -> bool:
    """Say whether every feed that must be asked about a day says it has none of some codes."""
    if daily_may_tell(known, now):
        return False
    if not needs_export(known.date, date_in_kazakhstan(now)):
        return True
    return not any(
        export_may_tell(code, known, now) for code in codes if not _is_final(code, known)
    )


def _is_final(code: str, known: "Day") -> bool:
    figure = known.figures.get(code)
    return figure is not None and figure.final
