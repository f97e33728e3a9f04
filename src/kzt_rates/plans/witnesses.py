"""Strange figures: another feed is asked about them, and two that agree are believed.

A witness is fetched and read, and never judged in turn: it asks for no witness of its own, so
that two feeds cannot wait for one another.
"""

from decimal import Decimal

from kzt_rates.dates import ONE_DAY
from kzt_rates.errors import BankUnavailable, FeedError
from kzt_rates.feed import DAILY_STARTS, export_id
from kzt_rates.log import log
from kzt_rates.plans.fetch import fetch_daily, fetch_export, fetch_latest
from kzt_rates.plans.steps import load

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import date

    from kzt_rates.figures import Day, Feed, Figure
    from kzt_rates.plans.steps import Steps, Terms

_NAMES = {"daily": "the daily feed", "latest": "rates_all.xml", "export": "the range export"}


def unconfirmed(
    terms: "Terms", day: "Day", feed: "Feed", strange: "Mapping[str, str]"
) -> "Steps[dict[str, str]]":
    """Return the figures that no witness confirms, each with the reason to refuse it.

    What is on record of another feed is a witness without a question; then one feed after the
    other is asked, once for all strange codes.
    """
    said: dict[str, list[str]] = {code: [] for code in strange}
    open_codes = set(strange)
    known = [(yield from load(day.date, frozenset(strange)))]
    known.append((yield from load(day.date + ONE_DAY, frozenset(strange))))
    own = {code: f for code, f in known[0].figures.items() if f.feed != feed}
    next_day = {code: f for code, f in known[1].figures.items() if f.feed != feed}
    for figures, of_next_day in ((own, False), (next_day, True)):
        open_codes -= _confirmed(day, figures, open_codes, said, "", of_next_day=of_next_day)
    for witness in _witnesses(terms, day.date, feed, open_codes) if open_codes else ():
        if not open_codes:
            break
        try:
            answered = yield from _ask(terms, witness, day.date, open_codes)
        except (BankUnavailable, FeedError) as error:
            terms.leave_alone(witness)
            log("info", "%s cannot tell of %s: %s", _NAMES[witness], day.date, error)
            continue
        for found in answered:
            if found.date in (day.date, day.date + ONE_DAY):
                open_codes -= _confirmed(
                    day, found.figures, open_codes, said, _NAMES[witness],
                    of_next_day=found.date != day.date,
                )  # fmt: skip
    for code in strange.keys() - open_codes:
        log("info", "the figure of %s for %s is strange and confirmed", code, day.date)
    return {code: _reason(day.figures[code], strange[code], said[code]) for code in open_codes}


def _witnesses(
    terms: "Terms", day: "date", feed: "Feed", codes: "Collection[str]"
) -> "Iterable[Feed]":
    """Return the feeds that may tell of a day, the likeliest first."""
    today = terms.today()
    feeds: list[Feed] = []
    if feed != "latest" and day >= today - ONE_DAY:  # it has the newest day, maybe tomorrow
        feeds.append("latest")
    if feed != "daily" and day >= DAILY_STARTS:
        feeds.append("daily")
    if day <= today and any(export_id(code) is not None for code in codes):
        feeds.append("export")
    return [name for name in feeds if not terms.is_left_alone(name)]


def _ask(
    terms: "Terms", witness: "Feed", day: "date", codes: "Collection[str]"
) -> "Steps[list[Day]]":
    if witness == "latest":
        answer = yield from fetch_latest(terms)
    elif witness == "daily":
        answer = yield from fetch_daily(terms, day)
    else:
        asked = sorted(code for code in codes if export_id(code) is not None)
        answer = yield from fetch_export(terms, tuple(asked), day, day)
    return answer.days


def _confirmed(
    day: "Day",
    figures: "Mapping[str, Figure]",
    codes: "Collection[str]",
    said: "Mapping[str, list[str]]",
    name: str,
    *,
    of_next_day: bool,
) -> "set[str]":
    """Return the codes that a witness confirms, and note what it says of the others."""
    confirmed = set()
    for code in codes:
        figure, theirs = day.figures[code], figures.get(code)
        if theirs is None or (of_next_day and not theirs.change):
            continue
        value = Decimal(theirs.value)
        if of_next_day:
            # the next day's value less its change, which says nothing after a change of nominal
            if theirs.nominal != figure.nominal:
                continue
            value -= Decimal(theirs.change or 0)
        if (value, theirs.nominal) == (Decimal(figure.value), figure.nominal):
            confirmed.add(code)
        else:
            said[code].append(f"{name or 'another feed'} says {value} per {theirs.nominal}")
    return confirmed


def _reason(figure: "Figure", why: str, said: "list[str]") -> str:
    heard = "; ".join(dict.fromkeys(said)) or "no other feed could confirm it"
    return f"{figure.value} per {figure.nominal} is strange, as {why}; {heard}"
