"""Asking the range export: what it says of some codes over some days, checked and remembered."""

from decimal import Decimal

from kzt_rates.calendar import date_in_kazakhstan, each_day
from kzt_rates.currency_facts import is_quoted_on
from kzt_rates.errors import FeedError
from kzt_rates.feed import export
from kzt_rates.figures import Day
from kzt_rates.notices import log
from kzt_rates.plans.ranges import is_open
from kzt_rates.plans.receiving import (
    MIN_SHARED_CODES,
    log_replaced,
    refuse_todays_rates,
    stamp,
)
from kzt_rates.plans.steps import Outcome, fetch, keep_export, load_days, load_series, once

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import date, datetime

    from kzt_rates.plans.ranges import Question
    from kzt_rates.plans.steps import Steps, Terms
    from kzt_rates.questions import Answer

    # The final figures known of each day, by code: value and nominal.
    Finals = dict[date, dict[str, tuple[Decimal, int]]]


def learn_export(terms: "Terms", question: "Question", *, refresh: bool) -> "Steps[Outcome]":
    """Bring the days of which something was learned, with just what was learned of them.

    A final figure is not replaced unless by a refresh, and what the export has none of is
    remembered as a blank.
    """
    codes, start, end = question.codes, question.start, question.end

    def ask() -> "Steps[Outcome]":
        if not refresh and not (yield from is_open(terms, question)):
            # somebody else has asked while this question waited for its turn
            known = (yield from load_days((start,), codes)) if start == end else []
            return Outcome(known, asked=False)
        answer = yield from fetch(
            export.path(codes, start, end),
            lambda body: export.read(body, codes, start, end),
            export.MAX_BODY_BYTES,
            refresh=refresh,
        )
        return Outcome((yield from _receive(terms, answer, question, refresh=refresh)), asked=True)

    # a refresh shares no question with those who leave out what is final
    return (yield from once(("export", (codes, start, end, refresh)), ask, refresh=refresh))


def _receive(
    terms: "Terms", answer: "Answer", question: "Question", *, refresh: bool
) -> "Steps[list[Day]]":
    now = terms.clock()
    today = date_in_kazakhstan(now)
    answered = {day.date: day for day in stamp(answer, now)}
    try:
        yield from refuse_todays_rates(answer.days, today)
        finals = yield from _finals(question, answer.days)
        if not refresh:
            _refuse_contradiction(answer.days, finals)
    except FeedError as error:
        error.url, error.excerpt = answer.url, answer.excerpt
        log("warning", "refused the answer of %s: %s", answer.url, error)
        raise
    days, contradictions = [], []
    for date in each_day(question.start, question.end):
        day = answered.get(date) or Day(date, fetched_at=now)
        for code, why in day.refused.items():
            log("warning", "refused the figure of %s for %s: %s", code, date, why)
        _mark_blanks(day, question.codes, finals, now)
        if not refresh:
            contradictions += _respect_finals(day, finals)
        if day.figures or day.blanks:
            days.append(day)
    if contradictions:
        log(
            "warning",
            "%s contradicts %d figures that are known and stay, first: %s",
            answer.url, len(contradictions), contradictions[0],
        )  # fmt: skip
    for replaced in (yield from keep_export(days)):
        log_replaced(*replaced)
    return days


def _finals(question: "Question", days: "list[Day]") -> "Steps[Finals]":
    finals: Finals = {}
    # asked for BYN, the export also answers of the BYR before it
    for code in sorted({*question.codes}.union(*(day.figures for day in days))):
        points = yield from load_series(code, question.start, question.end)
        for date, value, nominal, is_final in points:
            if is_final:
                finals.setdefault(date, {})[code] = (value, nominal)
    return finals


def _refuse_contradiction(days: "list[Day]", finals: "Finals") -> None:
    """Refuse an answer that contradicts most of what is known for certain: it is of other days."""
    agreements = [
        known == (Decimal(day.figures[code].value), day.figures[code].nominal)
        for day in days
        for code, known in finals.get(day.date, {}).items()
        if code in day.figures
    ]
    if len(agreements) >= MIN_SHARED_CODES and 2 * sum(agreements) < len(agreements):
        raise FeedError(
            f"the bank's export contradicts {agreements.count(False)} of {len(agreements)}"
            " figures that are known"
        )


def _mark_blanks(day: Day, codes: "tuple[str, ...]", finals: "Finals", now: "datetime") -> None:
    for code in sorted({*codes}.difference(day.figures, finals.get(day.date, ()))):
        if is_quoted_on(code, day.date):
            day.blanks[code] = now


def _respect_finals(day: Day, finals: "Finals") -> "list[str]":
    """Leave out what is known for certain; return where it is known otherwise."""
    contradictions = []
    for code, (value, nominal) in finals.get(day.date, {}).items():
        figure = day.figures.pop(code, None)
        if figure and (value, nominal) != (Decimal(figure.value), figure.nominal):
            contradictions.append(
                f"{code} on {day.date}, {figure.value} per {figure.nominal}"
                f" instead of {value} per {nominal}"
            )
    return contradictions
