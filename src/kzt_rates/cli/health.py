"""`kzt-rates health`: whether the bank's feeds are as they were.

What comes is compared with the table of currencies, and the feeds with one another.
"""

from kzt_rates.cli.options import Command, add_format, first_day_of, parse_period_text
from kzt_rates.cli.terminal import FAILED, NOT_USABLE, OUT_OF_REACH, one_line, write_out
from kzt_rates.errors import BankUnavailable, FeedError, Offline

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import date
    from typing import Literal

    from kzt_rates.cli.session import Session
    from kzt_rates.figures import Day

    State = Literal["ok", "CHANGED", "FAILED", "OLD"]

    # A feed's check, and what the feed said.
    Examined = tuple["Check", Sequence[Day]]

EXPORT_DAYS = 14
MAX_NAMED = 10

NOTES = """\
Asks the bank for today's sheet, the latest sheet and two weeks of the range export, and compares \
them with each other and with the table of currencies. A check is ok, CHANGED or FAILED. The exit \
status is 5 if something changed or cannot be used, 4 if the bank cannot be reached. No rate is \
stored.

--max-age 1d adds a check: the newest complete day in archive and cache is yesterday or later. If \
it is earlier, the check is OLD, and the exit status is 1, unless another check gives 4 or 5. With \
--offline it is the only check.

examples:
  kzt-rates health
  kzt-rates health --format json
  kzt-rates health --max-age 1d --offline"""


def run(options: "Namespace") -> int:
    """Show how the checks came out; return the exit status that says the worst of it."""
    from kzt_rates.cli.session import Session
    from kzt_rates.dates import ONE_DAY

    checks: list[Check] = []
    statuses = {0}
    with Session(options, timeout=30, retries=1, keeps=False) as session:
        base_url, today = session.base_url, session.today()
        if session.offline and options.max_age is None:
            raise Offline("health needs the bank, and offline is on")
        if not session.offline:
            checks, statuses = _checked(session, today)
    if options.max_age is not None:
        with Session(options) as session:
            # one of today is less than a day old, one of yesterday a day
            age = _age(session, first_day_of("--max-age", options.max_age, today) - ONE_DAY, today)
        checks.append(age)
        statuses.add(FAILED if age.reasons else 0)
    write_out((_json if options.format == "json" else _table)(base_url, today, checks))
    return max(statuses)


def _checked(session: "Session", today: "date") -> "tuple[list[Check], set[int]]":
    """Return the checks of the feeds, and their exit statuses."""
    from functools import partial

    checks, statuses, said = [], set(), {}
    for name, ask in (("daily", _daily), ("latest", _latest), ("export", _export)):
        check, said[name], status = _tried(name, partial(ask, session, today))
        checks.append(check)
        statuses.add(status)
    sheets = {feed: said[feed][0] for feed in ("daily", "latest") if said[feed]}
    compared = [check_codes(sheets), check_nominals(said), check_figures(said)]
    if any(check.reasons and not check.failed for check in compared):
        statuses.add(NOT_USABLE)
    return [*checks, *compared], statuses


def _age(session: "Session", oldest: "date", today: "date") -> "Check":
    """Look whether the newest complete day known here is one of the days since `oldest`."""
    from datetime import timedelta

    from kzt_rates.dates import MAX_DAYS_AHEAD
    from kzt_rates.plans import load_newest_complete

    ahead = today + timedelta(days=MAX_DAYS_AHEAD)
    newest = session.ask(lambda _: load_newest_complete(ahead))
    if newest is None:
        return Check("age", "", ["no complete day is known here"], failed=True)
    days = (today - newest).days
    what = f"the newest complete day known here is {newest}"
    if newest >= oldest:
        return Check("age", what)
    old = f"{days} {'day' if days == 1 else 'days'} ago"
    return Check("age", what, [f"{what}, {old}"], state="OLD")


def _tried(name: str, ask: "Callable[[], Examined]") -> "tuple[Check, Sequence[Day], int]":
    """Ask a feed, whatever happened to the others."""
    try:
        check, days = ask()
    except (BankUnavailable, FeedError) as error:
        status = OUT_OF_REACH if isinstance(error, BankUnavailable) else NOT_USABLE
        return Check(name, "", [one_line(error.args[0])], failed=True), (), status
    return check, days, NOT_USABLE if check.reasons else 0


def _daily(session: "Session", today: "date") -> "Examined":
    from kzt_rates.plans.asking import ask_daily

    outcome = session.ask(lambda terms: ask_daily(terms, today, refresh=True))
    if not outcome.days:
        raise FeedError(f"the bank has no rates for {today}")
    return Check("daily", _sheet(outcome.days[0])), outcome.days


def _latest(session: "Session", today: "date") -> "Examined":
    from kzt_rates.plans.asking import ask_latest

    day = session.ask(lambda terms: ask_latest(terms, refresh=True))
    # the sheet that users get has all that is known; here is what the feed says now
    listed = day.listings["latest"].codes
    day = day.replace(figures={c: figure for c, figure in day.figures.items() if c in listed})
    old = [f"the latest sheet is of {day.date}"] if day.date < today else []
    return Check("latest", _sheet(day), old), [day]


def _export(session: "Session", today: "date") -> "Examined":
    from kzt_rates.feed import export_codes_on
    from kzt_rates.plans.asking import ask_export
    from kzt_rates.plans.questions import Question

    dates = dates_until(today, EXPORT_DAYS)
    codes = export_codes_on(today)
    question = Question(codes, dates[0], today)
    outcome = session.ask(lambda terms: ask_export(terms, question, refresh=True))
    return check_export(outcome.days, codes, dates), outcome.days


def _sheet(day: "Day") -> str:
    return f"{len(day.figures)} rates for {day.date}"


def _table(base_url: str, today: "date", checks: "Sequence[Check]") -> str:
    from kzt_rates.cli.output import table_text

    rows = []
    for check in checks:
        first, *others = map(one_line, check.reasons or [check.what])
        rows += [(check.name, check.state, first), *(("", "", why) for why in others)]
    return f"{base_url} on {today}\n\n{table_text(('Check', 'State', 'What'), rows)}"


def _json(base_url: str, today: "date", checks: "Sequence[Check]") -> str:
    from kzt_rates.cli.output import json_text

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


class Check:
    """One question to the bank's feeds: `what` was looked at, and the reasons not to be content.

    `failed`: it could not be answered; else its state is another than ok where there are reasons.
    """

    __slots__ = ("_state", "failed", "name", "reasons", "what")

    def __init__(
        self,
        name: str,
        what: str,
        reasons: "Sequence[str]" = (),
        *,
        failed: bool = False,
        state: "State" = "CHANGED",
    ) -> None:
        self._state: State = state
        self.name = name
        self.what = what
        self.reasons = tuple(reasons)
        self.failed = failed

    @property
    def state(self) -> "State":
        """How it came out."""
        if self.failed:
            return "FAILED"
        return self._state if self.reasons else "ok"


def check_codes(sheets: "Mapping[str, Day]") -> Check:
    """Compare the codes of whole sheets, by feed, with those that the bank is known to quote."""
    from kzt_rates.currency import FACTS, quoted_on

    if not sheets:
        return _without("codes")
    reasons: dict[str, list[str]] = {}
    for feed, sheet in sheets.items():
        seen, quoted = {*sheet.figures, *sheet.refused}, quoted_on(sheet.date)
        for code in sorted(seen - quoted):
            known = "not known to be quoted on these days" if code in FACTS else "not in the table"
            reasons.setdefault(f"{code} is {known}", []).append(feed)
        for code in sorted(quoted - seen):
            reasons.setdefault(f"{code} is gone", []).append(feed)
    expected = max(len(quoted_on(sheet.date)) for sheet in sheets.values())
    return Check("codes", f"all {expected} of the table, and no others", _by_feed(reasons))


def check_nominals(feeds: "Mapping[str, Sequence[Day]]") -> Check:
    """Compare each figure's nominal with those that the currency can have; a refusal is one."""
    from kzt_rates.currency import nominals_on

    if not any(feeds.values()):
        return _without("nominals")
    reasons: dict[str, list[str]] = {}
    count = 0
    for feed, days in feeds.items():
        found = [
            f"{code} was refused: {refusal.reason}"
            for day in days
            for code, refusal in day.refused.items()
        ]
        for day in days:
            count += len(day.figures)
            for code, figure in day.figures.items():
                possible = nominals_on(code, day.date)
                if possible and figure.nominal not in possible:
                    known = " or ".join(map(str, possible))
                    found.append(f"{code} is quoted per {figure.nominal}, not per {known}")
        for reason in found:
            reasons.setdefault(reason, []).append(feed)
    if not count and not reasons:
        return _without("nominals")
    return Check("nominals", f"{count} figures are for the nominals known", _by_feed(reasons))


def check_figures(feeds: "Mapping[str, Sequence[Day]]") -> Check:
    """Compare what the feeds say of the same currency on the same day."""
    days: dict[date, list[tuple[str, Day]]] = {}
    for feed, answered in feeds.items():
        for day in answered:
            days.setdefault(day.date, []).append((feed, day))
    reasons, count = [], 0
    for on, answers in sorted(days.items()):
        (feed, day), *others = answers
        for other_feed, other in others:
            for code in sorted(day.figures.keys() & other.figures.keys()):
                count += 1
                one, another = day.figures[code], other.figures[code]
                if not one.same_as(another):
                    reasons.append(
                        f"{code} on {on} is {one.value} per {one.nominal} ({feed}) and "
                        f"{another.value} per {another.nominal} ({other_feed})"
                    )
    if not count:
        return _without("figures", "no day is in two feeds")
    return Check("figures", f"{count} figures of two feeds agree", _few(reasons))


def check_export(days: "Sequence[Day]", codes: "Collection[str]", dates: "Sequence[date]") -> Check:
    """Look for currencies and days that the range export was asked for, and has nothing of."""
    known = {day.date: day for day in days if day.figures}
    seen = {code for day in known.values() for code in (*day.figures, *day.refused)}
    reasons = [f"{code} has no figures" for code in sorted({*codes} - seen)]
    reasons += [f"there are no figures of {day}" for day in dates if day not in known]
    what = f"{len(codes)} currencies on {len(dates)} days, {dates[0]} to {dates[-1]}"
    return Check("export", what, _few(reasons))


def dates_until(last: "date", count: int) -> "list[date]":
    """Return so many days that end with a day.

    >>> from datetime import date
    >>> [day.day for day in dates_until(date(2025, 12, 5), 2)]
    [4, 5]
    """
    from kzt_rates.dates import each_day

    first = last.fromordinal(last.toordinal() - count + 1)
    return list(each_day(first, last))


def _by_feed(reasons: "Mapping[str, Sequence[str]]") -> list[str]:
    return _few(
        [f"{reason} ({', '.join(dict.fromkeys(feeds))})" for reason, feeds in reasons.items()]
    )


def _few(reasons: "Sequence[str]") -> list[str]:
    """Return reasons, of many the first: a feed that changed for good changed everywhere."""
    more = len(reasons) - MAX_NAMED
    return [*reasons[:MAX_NAMED], *([f"and {more} more"] if more > 0 else [])]


def _without(name: str, why: str = "no feed has a figure") -> Check:
    return Check(name, "", [why], failed=True)


def _add(parser: "ArgumentParser") -> None:
    add_format(parser, ("table", "json"))
    parser.add_argument(
        "--max-age",
        type=parse_period_text,
        metavar="PERIOD",
        help="also check that the newest complete day known here is at most this old: 1d, 2w or 3m",
    )


COMMANDS = (Command("health", run, notes=NOTES, add=_add),)
