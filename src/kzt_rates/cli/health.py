"""`kzt-rates health`: asking the bank whether its feeds are as they were."""

from functools import partial

from kzt_rates.cli.output import json_text, table_text
from kzt_rates.cli.terminal import one_line
from kzt_rates.errors import BankUnavailable, FeedError, Offline
from kzt_rates.feed import export_codes_on
from kzt_rates.health import (
    Check,
    check_codes,
    check_export,
    check_figures,
    check_nominals,
    dates_until,
)
from kzt_rates.plans.asking import ask_daily, ask_export, ask_latest
from kzt_rates.plans.questions import Question

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Sequence
    from datetime import date

    from kzt_rates.cli.session import Session
    from kzt_rates.figures import Day

    # A feed's check, and what the feed said.
    Heard = tuple[Check, Sequence[Day]]

OUT_OF_REACH, NOT_USABLE = 4, 5
EXPORT_DAYS = 14


def run(session: "Session", options: "Namespace") -> tuple[str, int]:
    """Return how the checks came out, and the exit status that says the worst of it."""
    if session.offline:
        raise Offline("health needs the bank, and offline is on")
    today = session.today()
    checks, statuses, said = [], set(), {}
    for name, ask in (("daily", _daily), ("latest", _latest), ("export", _export)):
        check, said[name], status = _tried(name, partial(ask, session, today))
        checks.append(check)
        statuses.add(status)
    sheets = {feed: said[feed][0] for feed in ("daily", "latest") if said[feed]}
    compared = [check_codes(sheets), check_nominals(said), check_figures(said)]
    if any(check.reasons and not check.failed for check in compared):
        statuses.add(NOT_USABLE)
    text = _json if options.format == "json" else _table
    return text(session.base_url, today, [*checks, *compared]), max(statuses)


def _tried(name: str, ask: "Callable[[], Heard]") -> "tuple[Check, Sequence[Day], int]":
    """Ask a feed, whatever happened to the others."""
    try:
        check, days = ask()
    except (BankUnavailable, FeedError) as error:
        status = OUT_OF_REACH if isinstance(error, BankUnavailable) else NOT_USABLE
        return Check(name, "", [one_line(error.args[0])], failed=True), (), status
    return check, days, NOT_USABLE if check.reasons else 0


def _daily(session: "Session", today: "date") -> "Heard":
    outcome = session.ask(lambda terms: ask_daily(terms, today, refresh=True))
    if not outcome.days:
        raise FeedError(f"the bank has no rates for {today}")
    return Check("daily", _sheet(outcome.days[0])), outcome.days


def _latest(session: "Session", today: "date") -> "Heard":
    day = session.ask(lambda terms: ask_latest(terms, refresh=True))
    # the sheet that users get has all that is known; here is what the feed says now
    listed = day.listings["latest"].codes
    day = day.replace(figures={c: figure for c, figure in day.figures.items() if c in listed})
    old = [f"the latest sheet is of {day.date}"] if day.date < today else []
    return Check("latest", _sheet(day), old), [day]


def _export(session: "Session", today: "date") -> "Heard":
    dates = dates_until(today, EXPORT_DAYS)
    codes = export_codes_on(today)
    question = Question(codes, dates[0], today)
    outcome = session.ask(lambda terms: ask_export(terms, question, refresh=True))
    return check_export(outcome.days, codes, dates), outcome.days


def _sheet(day: "Day") -> str:
    return f"{len(day.figures)} rates for {day.date}"


def _table(base_url: str, today: "date", checks: "Sequence[Check]") -> str:
    rows = []
    for check in checks:
        first, *others = map(one_line, check.reasons or [check.what])
        rows += [(check.name, check.state, first), *(("", "", why) for why in others)]
    return f"{base_url} on {today}\n\n{table_text(('Check', 'State', 'What'), rows)}"


def _json(base_url: str, today: "date", checks: "Sequence[Check]") -> str:
    rows: list[dict[str, object]] = [
        {
            "check": check.name,
            "state": check.state,
            "what": check.what or None,
            "reasons": list(check.reasons),
        }
        for check in checks
    ]
    return json_text({"base_url": base_url, "date": today, "checks": rows})
