"""Whether the bank's feeds are as they were: what came, compared with the table and itself."""

from kzt_rates.currency import FACTS, nominals_on, quoted_on
from kzt_rates.dates import each_day

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date
    from typing import Literal

    from kzt_rates.figures import Day

    State = Literal["ok", "CHANGED", "FAILED"]

MAX_NAMED = 10


class Check:
    """One question to the bank's feeds: `what` was looked at, and the reasons not to be content.

    `failed` tells that it could not be answered; else it changed, where there are reasons.
    """

    __slots__ = ("failed", "name", "reasons", "what")

    def __init__(
        self, name: str, what: str, reasons: "Sequence[str]" = (), *, failed: bool = False
    ) -> None:
        self.name = name
        self.what = what
        self.reasons = tuple(reasons)
        self.failed = failed

    @property
    def state(self) -> "State":
        """How it came out."""
        if self.failed:
            return "FAILED"
        return "CHANGED" if self.reasons else "ok"


def check_codes(sheets: "Mapping[str, Day]") -> Check:
    """Compare the codes of whole sheets, by feed, with those that the bank is known to quote."""
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
        return _without("figures", "no two feeds have told of the same day")
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


def _without(name: str, why: str = "no feed has brought a figure") -> Check:
    return Check(name, "", [why], failed=True)
