"""What of the bank's answer is believed: checks that need a clock, or what is stored.

That an answer is a sheet at all, of the date asked for, is the feeds' to say.
"""

from datetime import timedelta
from decimal import Decimal

from kzt_rates.calendar import MAX_DAYS_AHEAD, ONE_DAY, date_in_kazakhstan
from kzt_rates.currency_facts import nominal_now, nominals_on
from kzt_rates.currency_table import FACTS, VERIFIED_UNTIL
from kzt_rates.errors import BankUnavailable, FeedError
from kzt_rates.notices import log
from kzt_rates.plans.steps import load, load_days, load_newest_complete

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from kzt_rates.figures import Day, Figure
    from kzt_rates.plans.steps import Steps
    from kzt_rates.questions import Answer

    Check = Callable[[Day], Steps[None]]

# Fewer shared codes than these can be equal, or contradict, by chance.
MIN_SHARED_CODES = 10

# Today's rates in place of an old day's: how old, and which stored days to compare with.
OLD_ENOUGH = timedelta(days=14)
DAYS_AROUND_TODAY = 3

# A latest sheet may lose a few codes to a reform, never a fifth of them overnight.
MIN_SHARE_OF_CODES = Decimal("0.8")


def stamp(answer: "Answer", now: "datetime") -> "list[Day]":
    """Return the answered days with their hour, final or provisional.

    Final only where our clock and the bank's agree that the day has come: a fast clock must
    not make tomorrow's draft final.
    """
    clocks = [now] if answer.server_time is None else [now, answer.server_time]
    last_final = min(date_in_kazakhstan(clock) for clock in clocks)
    for day in answer.days:
        day.final, day.fetched_at = day.date <= last_final, now
        for figure in day.figures.values():
            figure.final, figure.fetched_at = day.final, now
    return answer.days


def refuse_nominals(day: "Day", today: "date") -> None:
    """Take out the figures whose nominal the currency cannot have had on that day.

    The daily feed joins old values with the current nominal, so that a figure for a past date
    with today's nominal is the very trap. It is right about its own day.
    """
    for code, figure in list(day.figures.items()):
        possible = nominals_on(code, day.date)
        if possible is None:
            continue
        why = _nominal_refusal(code, figure, possible, day.date, today)
        if why is not None:
            del day.figures[code]
            day.refused[code] = why
            log("warning", "refused the figure of %s for %s: %s", code, day.date, why)


def note_unknown_codes(day: "Day", noted: "set[str]") -> None:
    """Log the codes that the table does not know, each once; they are kept as published."""
    for code in sorted(day.figures.keys() - FACTS.keys() - noted):
        noted.add(code)
        log("info", "the bank publishes %s, a code this version does not know", code)


def _nominal_refusal(
    code: str, figure: "Figure", possible: "tuple[int, ...]", day: "date", today: "date"
) -> "str | None":
    is_new = day.isoformat() > VERIFIED_UNTIL and day >= today
    is_trap = len(possible) > 1 and day < today and figure.nominal == nominal_now(code)
    if is_new or (figure.nominal in possible and not is_trap):
        return None
    known = " or ".join(map(str, possible))
    quoted = f"quoted per {known}" if known else "not quoted"
    return f"{figure.value} per {figure.nominal}, but {code} was {quoted} on {day}"


def respect_final_figures(day: "Day", today: "date", *, refresh: bool) -> "Steps[None]":
    """Hold a provisional answer for a day that has come against what is final already.

    Such an answer of a day that was final is a late copy, or of a clock that is behind. What
    it only repeats stays final. Where it differs the final figure stays, too: only who asks
    for a refresh wants the other.
    """
    if day.final or day.date > today:
        return
    known = yield from load(day.date, day.figures)
    for code, figure in known.figures.items():
        if figure.final and figure.same_as(day.figures[code]):
            day.figures[code].final = True
        elif figure.final and not refresh:
            day.figures[code] = figure
    day.final = not day.has_provisional()


def refuse_todays_rates(days: "list[Day]", today: "date") -> "Steps[None]":
    """Refuse an answer in which an old day equals a stored one of about today."""
    if not any(day.date < today - OLD_ENOUGH for day in days):
        return
    about_today = [
        today + offset * ONE_DAY for offset in range(-DAYS_AROUND_TODAY, DAYS_AROUND_TODAY + 1)
    ]
    old = [day for day in days if day.date < today - OLD_ENOUGH]
    for stored in (yield from load_days(about_today)):
        for day in old:
            if _equal_figures([day], stored, min_digits=1) >= MIN_SHARED_CODES:
                raise FeedError(f"the bank answered for {day.date} with the rates of {stored.date}")
        # a range of few codes has few of them on any one day, and still so many figures
        if len(old) > 1 and _equal_figures(old, stored, min_digits=3) >= MIN_SHARED_CODES:
            dates = f"{old[0].date} to {old[-1].date}"
            raise FeedError(f"the bank answered for {dates} with the rates of {stored.date}")


def _equal_figures(days: "list[Day]", other: "Day", *, min_digits: int) -> int:
    """Return how many figures of days are those of another, 0 where a single one differs.

    Figures of fewer digits are left out: in ranges of few codes they stand still by themselves,
    as the rial did at 0.4.
    """
    equal = 0
    for day in days:
        for code, figure in other.figures.items():
            same = day.figures.get(code)
            if same is None or len(same.value.replace(".", "").lstrip("0")) < min_digits:
                continue
            if not same.same_as(figure):
                return 0
            equal += 1
    return equal


def log_replaced(day: "date", code: str, old: "Figure", new: "Figure | None") -> None:
    """Log a figure that the bank now says otherwise, with both."""
    log(
        "warning" if old.final else "info",
        "the bank now says %s for %s on %s, and said %s per %s before",
        "nothing" if new is None else f"{new.value} per {new.nominal}",
        code, day, old.value, old.nominal,
    )  # fmt: skip


def refuse_contradiction(
    day: "Day", ask_again: "Callable[[date, Check], Steps[Day | None]]"
) -> "Steps[None]":
    """Refuse a sheet whose `change` does not lead back to the day before.

    value − change is the previous calendar day's value. Where it is not, for most codes, one
    of the two days is wrong: the one before is asked for again, and believed if it agrees.
    """
    before = yield from load(day.date - ONE_DAY)
    if _agreement(day, before) is not False:
        return
    log("warning", "the changes of %s contradict %s, asking for that again", day.date, before.date)
    refusal = FeedError(f"the changes of {day.date} contradict the rates of {before.date}")

    def must_agree(again: "Day") -> "Steps[None]":
        if not _agreement(day, again):
            raise refusal
        yield from ()

    try:
        again = yield from ask_again(before.date, must_agree)
    except (BankUnavailable, FeedError) as error:
        raise refusal from (None if error is refusal else error)
    if again is None:
        raise refusal


def _agreement(day: "Day", before: "Day") -> "bool | None":
    """Say whether a day's changes lead back to final figures; `None` where too few can tell."""
    agreements = []
    for code, figure in day.figures.items():
        earlier = before.figures.get(code)
        if earlier and earlier.final and earlier.nominal == figure.nominal and figure.change:
            start = Decimal(figure.value) - Decimal(figure.change)
            agreements.append(start == Decimal(earlier.value))
    if len(agreements) < MIN_SHARED_CODES:
        return None
    return 2 * sum(agreements) >= len(agreements)


def refuse_strange_latest(day: "Day", today: "date") -> "Steps[None]":
    """Refuse a latest sheet that is dated too far ahead, or lacks too many codes."""
    if day.date > today + MAX_DAYS_AHEAD * ONE_DAY:
        raise FeedError(f"the bank's latest sheet is dated {day.date}, on {today}")
    last = yield from load_newest_complete(day.date)
    if last is None:
        return
    stored = yield from load(last)
    codes, expected = len(day.figures) + len(day.refused), len(stored.figures)
    if codes < MIN_SHARE_OF_CODES * expected:
        raise FeedError(f"the bank's latest sheet has {codes} codes, that of {last} has {expected}")
