"""What of an answer is believed: checks that need a clock, or what is known already.

That an answer is a sheet at all, of the date asked for, is the feeds' to say. A check raises
`FeedError` where the whole answer is refused; a strange figure needs a witness, whom `asking` asks.
"""

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from kzt_rates import currency
from kzt_rates.arithmetic import EXACT
from kzt_rates.dates import MAX_DAYS_AHEAD, ONE_DAY, date_in_kazakhstan, each_day
from kzt_rates.errors import FeedError
from kzt_rates.feed import DAILY_STARTS, EXPORT_STARTS
from kzt_rates.figures import Refusal
from kzt_rates.log import log
from kzt_rates.plans import load, load_bounds, load_days, load_nearest, load_series
from kzt_rates.plans.rules import RECENT_DAYS, is_recent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import date, datetime

    from kzt_rates.figures import Day, Entry, Feed, Figure
    from kzt_rates.plans import BankAnswer, Steps, Terms
    from kzt_rates.plans.questions import Question

    # The final figures known of each day, by code: value and nominal.
    Finals = dict[date, dict[str, tuple[Decimal, int]]]
    Rows = dict[date, Day]
    # The nearest known figure of a code, and its day.
    Neighbours = Mapping[str, tuple[date, Figure]]

# Three codes of another time are no accident: today's nine in a sheet of 2022.
MIN_CODES_OUT_OF_TIME = 3

# No two whole sheets further apart than six days have ever been as alike as this.
ALIKE_DAYS_APART = timedelta(days=10)
MIN_ALIKE_CODES = 9
MIN_ALIKE_SHARE = Fraction(4, 5)
MIN_ALIKE_DIGITS = 3
# They follow the dollar, and say nothing that it does not say.
PEGGED = frozenset({"AED", "SAR", "OMR", "QAR", "HKD"})
# So many codes find the days that may be alike, before whole days are compared.
PROBES = 8
MAX_DAYS_COMPARED = 100

# Fewer shared codes than these can contradict by chance.
MIN_CODES_FOR_CHANGES = 10
MIN_CODES_FOR_OLD_DAYS = 3

# A reform may drop a few codes of a sheet, never a fifth of them overnight.
MIN_SHARE_OF_CODES = Fraction(4, 5)
# Two feeds that agree may show a larger reform, but never that half of the currencies is gone.
MIN_SHARE_OF_CODES_AGREED = Fraction(1, 2)

# Moves that another feed must confirm. True ones: BYN +25 % on 2022-07-08, IRR -96 % on 2026-01-09.
STRANGE_MOVE = Fraction(1, 10)
STRANGE_MOVE_IN_VALUE = Decimal("0.10")
NEAR = timedelta(days=7)
STRANGE_MOVE_IN_A_YEAR = Fraction(1, 2)
YEAR = timedelta(days=366)


# Fewer figures than these can differ by a correction.
MIN_CONTRADICTIONS = 3

# So many figures do not repeat those of about today by chance.
MIN_REPEATED = 10

MIN_REPEATED_DIGITS = 3

DAYS_AROUND_TODAY = 3

# Weekends and holidays without rows, as the export of the 1990s may have them.
LONGEST_CALENDAR_GAP_DAYS = 10

LONGEST_GAP_BEFORE_FIRST_ROW_DAYS = 31

WEEKEND = (5, 6)


def refuse_alone(day: "Day", reasons: "Mapping[str, str]") -> "Day":
    """Return a day without some figures, and with the reasons why."""
    if not reasons:
        return day
    assert day.fetched_at is not None
    refused = {code: Refusal(why, day.fetched_at) for code, why in reasons.items()}
    for code, why in reasons.items():
        log("warning", "refused the figure of %s for %s: %s", code, day.date, why)
    figures = {code: figure for code, figure in day.figures.items() if code not in reasons}
    return day.replace(figures=figures, refused={**day.refused, **refused})


def note_unknown_codes(day: "Day", noted: "set[str]") -> None:
    """Log the codes that the table does not know, each once; they are kept as published."""
    for code in sorted(day.figures.keys() - currency.FACTS.keys() - noted):
        noted.add(code)
        log("info", "the bank publishes %s, a code this version does not know", code)


def log_replaced(day: "date", code: str, old: "Figure", new: "Figure | None") -> None:
    """Log a figure that the bank now says otherwise, with both."""
    log(
        "warning" if old.final else "info",
        "the bank now says %s for %s on %s, and said %s per %s before",
        "nothing" if new is None else f"{new.value} per {new.nominal}",
        code, day, old.value, old.nominal,
    )  # fmt: skip


def refuse_date_of_latest(day: "Day", answer: "BankAnswer", now: "datetime") -> None:
    """Refuse a latest sheet of another season: the bank's hour, where it says one, is today."""
    today = date_in_kazakhstan(answer.server_time or now)
    if day.date > today + MAX_DAYS_AHEAD * ONE_DAY or day.date < today - RECENT_DAYS * ONE_DAY:
        how = "too far ahead" if day.date > today else "too old"
        raise FeedError(
            f"the bank's latest sheet is of {day.date}, {how} to be the latest on {today}"
        )


def refuse_another_time(day: "Day") -> "Steps[None]":
    """Refuse a sheet of another time: by its codes, or because a known day is like it."""
    strangers = currency.codes_out_of_time(day.figures, day.date)
    if len(strangers) >= MIN_CODES_OUT_OF_TIME:
        names = ", ".join(sorted(strangers))
        raise FeedError(
            f"the bank answered for {day.date} with a sheet of another time: {names} "
            "were not quoted on that day"
        )
    counted = {code: figure for code, figure in day.figures.items() if _counts(code, figure)}
    if len(counted) < MIN_ALIKE_CODES:
        return
    candidates = yield from _days_like(day, counted)
    for known in (yield from load_days(candidates, frozenset(counted))):
        # a draft may itself be the lie: only what is final bears witness
        shared = {code for code in counted if code in known.figures and known.figures[code].final}
        equal = [code for code in shared if counted[code].same_as(known.figures[code])]
        if len(shared) >= MIN_ALIKE_CODES and len(equal) >= MIN_ALIKE_SHARE * len(shared):
            raise FeedError(
                f"the bank answered for {day.date} with the rates of {known.date}: "
                f"{len(equal)} of {len(shared)} are equal"
            )


def _counts(code: str, figure: "Figure") -> bool:
    return code not in PEGGED and _digits(figure) >= MIN_ALIKE_DIGITS


def _digits(figure: "Figure") -> int:
    """Return how many significant digits a figure has."""
    return len(figure.value.replace(".", "").strip("0"))


def _days_like(day: "Day", counted: "Mapping[str, Figure]") -> "Steps[list[date]]":
    """Return the days that share a figure with this one, those that share most first."""
    longest = sorted(counted, key=lambda code: (-len(counted[code].value), code))
    bounds = yield from load_bounds()
    alike: dict[date, int] = {}
    for code in [code for code in longest if code in bounds][:PROBES]:
        value, nominal = Decimal(counted[code].value), counted[code].nominal
        for on, known, per, final in (yield from load_series(code, *bounds[code])):
            is_equal = final and known == value and per == nominal
            if is_equal and abs(on - day.date) > ALIKE_DAYS_APART:
                alike[on] = alike.get(on, 0) + 1
    return sorted(alike, key=lambda on: (-alike[on], on))[:MAX_DAYS_COMPARED]


def refuse_contradicted(sheet: "Day", known: "Day", feed: "Feed") -> None:
    """Refuse a sheet that differs in most from what other feeds have said of its day for good."""
    finals = {c: f for c, f in known.figures.items() if f.final and f.feed != feed}
    shared, differing = _compared(sheet, finals)
    if len(shared) >= MIN_CODES_FOR_OLD_DAYS and 2 * len(differing) > len(shared):
        raise _contradiction(sheet, shared, differing)


def hold_against_known(sheet: "Day", known: "Day") -> "Day":
    """Hold the daily feed's sheet of an old day against what is known for certain of it.

    Of such days the feed has wrong nominals, and sometimes today's figures. What differs is left
    out; where too little can be compared, nothing of the sheet is final.
    """
    finals = {code: figure for code, figure in known.figures.items() if figure.final}
    shared, differing = _compared(sheet, finals)
    if len(shared) < MIN_CODES_FOR_OLD_DAYS:
        drafts = {code: figure.replace(final=False) for code, figure in sheet.figures.items()}
        sheet = sheet.replace(figures=drafts, final=False)
    elif 2 * len(differing) > len(shared):
        raise _contradiction(sheet, shared, differing)
    for code in differing:
        log_kept(sheet.date, code, finals[code], sheet.figures[code])
    figures = {code: figure for code, figure in sheet.figures.items() if code not in differing}
    return sheet.replace(figures=figures)


def _compared(sheet: "Day", finals: "Mapping[str, Figure]") -> "tuple[list[str], list[str]]":
    """Return the codes that a sheet shares with known figures, and those that differ."""
    shared = sorted(sheet.figures.keys() & finals.keys())
    return shared, [code for code in shared if not finals[code].same_as(sheet.figures[code])]


def _contradiction(sheet: "Day", shared: "list[str]", differing: "list[str]") -> FeedError:
    return FeedError(
        f"the bank's sheet of {sheet.date} contradicts {len(differing)} of {len(shared)} figures "
        f"that are known: {', '.join(differing[:6])}"
    )


def log_kept(day: "date", code: str, known: "Figure", came: "Figure") -> None:
    """Log a figure that is not believed, because another is known for certain."""
    log(
        "warning",
        "%s on %s stays %s per %s, although the bank's daily feed says %s per %s",
        code, day, known.value, known.nominal, came.value, came.nominal,
    )  # fmt: skip


def agreements(day: "Day", before: "Day") -> "dict[str, bool]":
    """Return by code whether a sheet's `change` leads back to the day before.

    value - change is the previous calendar day's value. Only final figures can contradict, and
    only for the same nominal.
    """
    agreed = {}
    for code, figure in day.figures.items():
        earlier = before.figures.get(code)
        if earlier and earlier.final and earlier.nominal == figure.nominal and figure.change:
            start = EXACT.subtract(Decimal(figure.value), Decimal(figure.change))
            agreed[code] = start == Decimal(earlier.value)
    return agreed


def refuse_contradicted_by_next_day(sheet: "Day", after: "Day") -> None:
    """Refuse a sheet to which the changes of the day after do not lead back."""
    finals = {code: figure for code, figure in after.figures.items() if figure.final}
    agreed = agreements(after.replace(figures=finals), sheet)
    if contradicts(agreed):
        raise FeedError(f"the changes of {after.date} contradict the bank's sheet of {sheet.date}")


def contradicts(agreed: "Mapping[str, bool]") -> bool:
    """Whether most changes of enough codes lead elsewhere than to the day before."""
    return len(agreed) >= MIN_CODES_FOR_CHANGES and 2 * sum(agreed.values()) < len(agreed)


def neighbours_of(day: "Day") -> "Steps[Neighbours]":
    """Return the nearest known figure of each code of a sheet: of its own day, or of another."""
    codes = frozenset(day.figures)
    near = [day.date + offset * ONE_DAY for offset in _OFFSETS]
    found: dict[str, tuple[date, Figure]] = {}
    for known in (yield from load_days(near, codes)):  # the nearest first
        for code, figure in known.figures.items():
            found.setdefault(code, (known.date, figure))
    bounds = yield from load_bounds()
    places: dict[date, set[str]] = {}
    for code in sorted(codes & bounds.keys() - found.keys()):
        first, last = bounds[code]
        sides: tuple[date | None, date | None] = (last, None) if last < day.date else (None, first)
        if first <= day.date <= last:
            sides = yield from load_nearest(code, day.date)
        known_days = [on for on in sides if on is not None]
        if known_days:
            nearest = min(known_days, key=lambda on: abs(on - day.date))
            places.setdefault(nearest, set()).add(code)
    for on, some in places.items():
        for code, figure in (yield from load(on, frozenset(some))).figures.items():
            found[code] = (on, figure)
    return found


# The nearest first, of two equally near the earlier.
_OFFSETS = [0] + [sign * days for days in range(1, NEAR.days + 1) for sign in (-1, 1)]


def impossible_nominals(day: "Day", near: "Neighbours") -> "dict[str, str]":
    """Return the figures whose nominal the code cannot have had, with the reason.

    Up to the last day that the table was held against the bank's own figures it says which,
    because the daily feed joins old values with the nominals of today.
    """
    reasons = {}
    verified = day.date.isoformat() <= currency.VERIFIED_UNTIL
    for code, figure in day.figures.items():
        shown = f"{figure.value} per {figure.nominal}"
        usual = currency.nominal_on(code, day.date) if verified else None
        if verified and usual is None and code in near:
            usual = near[code][1].nominal
        if usual is not None and figure.nominal != usual:
            reasons[code] = f"{shown}, but {code} was quoted per {usual} on {day.date}"
        elif str(figure.nominal).strip("0") != "1":
            reasons[code] = f"{shown}, but the bank quotes per 1, 10, 100 and so on"
    return reasons


def strange_figures(
    day: "Day", known: "Day", near: "Neighbours", agreed: "Mapping[str, bool]"
) -> "dict[str, str]":
    """Return the figures that another feed must confirm, with the reason.

    What was believed of this very date before is no stranger.
    """
    reasons = {}
    agree = sum(agreed.values())
    most_others_agree = 2 * agree > len(agreed) - 1  # where one of them does not
    for code, figure in day.figures.items():
        before = known.figures.get(code)
        if before is not None and before.same_as(figure):
            continue
        usual = near[code][1].nominal if code in near else currency.nominal_now(code)
        if day.date.isoformat() > currency.VERIFIED_UNTIL and usual not in (None, figure.nominal):
            reasons[code] = f"it was quoted per {usual}"
        elif most_others_agree and agreed.get(code) is False:
            reasons[code] = f"its change of {figure.change} contradicts the day before"
        elif code in near and (moved := _moved(day.date, figure, *near[code])):
            reasons[code] = moved
    return reasons


def _moved(day: "date", figure: "Figure", on: "date", known: "Figure") -> str:
    """Return how a figure moved too far from the nearest known one, `""` where it did not."""
    value, usual = Decimal(figure.value), Decimal(known.value)
    # both for the nominal of today's: no division
    now, then = EXACT.multiply(value, known.nominal), EXACT.multiply(usual, figure.nominal)
    difference = EXACT.subtract(now, then).copy_abs()
    share = Fraction(difference) / Fraction(then)
    near = abs(on - day) <= NEAR
    in_value = difference > EXACT.multiply(STRANGE_MOVE_IN_VALUE, known.nominal)
    if (near and share > STRANGE_MOVE and in_value) or (
        abs(on - day) <= YEAR and share > STRANGE_MOVE_IN_A_YEAR
    ):
        return f"it moved by {round(100 * share)} % from {known.value} per {known.nominal} on {on}"
    return ""


def expected_on(day: "date") -> "Steps[frozenset[str]]":
    """Return the codes to expect on a sheet: of the table, and of the nearest complete day."""
    before, after = yield from load_nearest(None, day)
    nearest = before or after
    if nearest is None:
        return currency.quoted_on(day)
    codes = (yield from load(nearest)).figures.keys()
    return currency.quoted_on(day) | (codes - currency.codes_out_of_time(codes, day))


def is_complete(
    codes: "Collection[str]", expected: "Collection[str]", others: "Iterable[frozenset[str]]"
) -> bool:
    """Whether a sheet has the codes of its day: most of those expected, or another feed's."""
    present = sum(code in codes for code in expected)
    agreed = frozenset(codes) in others
    share = MIN_SHARE_OF_CODES_AGREED if agreed else MIN_SHARE_OF_CODES
    return present >= share * len(expected)


def finals_of(question: "Question") -> "Steps[Finals]":
    """Return what is known for certain of the days that a question asks for."""
    finals: Finals = {}
    for code in question.codes_of_its_days():
        points: Sequence[Entry] = yield from load_series(code, question.first, question.last)
        for day, value, nominal, is_final in points:
            if is_final:
                finals.setdefault(day, {})[code] = (value, nominal)
    return finals


def _refused(answer: "BankAnswer", why: str) -> FeedError:
    """Log that an answer is not believed, and return the error for it."""
    error = FeedError(why, url=answer.url, excerpt=answer.excerpt)
    log("warning", "refused an answer: %s", error)
    return error


def refuse_contradicted_export(
    answer: "BankAnswer", question: "Question", finals: "Finals", *, refresh: bool
) -> None:
    """Refuse an answer that contradicts most of what is known for certain: it is of other days.

    A refresh puts the days it asks for into doubt, and not those around them.
    """
    agreed: dict[str, list[bool]] = {}
    for row in answer.days:
        if refresh and question.start <= row.date <= question.end:
            continue
        for code, known in finals.get(row.date, {}).items():
            if (figure := row.figures.get(code)) is not None:
                same = known == (Decimal(figure.value), figure.nominal)
                agreed.setdefault(code, []).append(same)
    everything = [same for column in agreed.values() for same in column]
    # a column under another heading, or of another lot, is one of many that are right
    for compared in (everything, *agreed.values()):
        differing = compared.count(False)
        if differing >= MIN_CONTRADICTIONS and 2 * differing > len(compared):
            raise _refused(
                answer,
                f"the bank's export contradicts {differing} of {len(compared)} figures that are "
                f"known (the export of {question.first} to {question.last})",
            )


def refuse_two_answers(rows: "Rows", again: "Rows", answer: "BankAnswer") -> None:
    """Refuse two answers to one question that differ where both have figures."""
    agreed: dict[str, list[bool]] = {}
    for day in rows.keys() & again.keys():
        first, second = rows[day], again[day]
        for code in (first.figures.keys() | second.figures.keys()) - first.refused.keys():
            one, another = first.figures.get(code), second.figures.get(code)
            # a blank here and a figure there differ, too
            same = one is not None and another is not None and one.same_as(another)
            agreed.setdefault(code, []).append(same)
    for code, compared in agreed.items():
        if not all(compared):
            raise _refused(
                answer,
                f"the bank's export answered twice, and {compared.count(False)} of "
                f"{len(compared)} figures of {code} differ",
            )


def refuse_todays_rates(terms: "Terms", answer: "BankAnswer") -> "Steps[None]":
    """Refuse rows of old days that all repeat a stored day of about today.

    Figures of fewer digits are left out: they stand still by themselves, as the rial did at 0.4.
    """
    today = terms.today()
    old = [row for row in answer.days if not is_recent(row.date, today)]
    if not old:
        return
    near = [today + offset * ONE_DAY for offset in range(-DAYS_AROUND_TODAY, DAYS_AROUND_TODAY + 1)]
    for stored in (yield from load_days(near)):
        equal = 0
        for row in old:
            for code, figure in stored.figures.items():
                same = row.figures.get(code)
                if same is None or _digits(same) < MIN_REPEATED_DIGITS:
                    continue
                if not same.same_as(figure):
                    break
                equal += 1
            else:
                continue
            break
        else:
            if equal >= MIN_REPEATED:
                raise _refused(
                    answer,
                    f"the bank answered for {old[0].date} to {old[-1].date} with the rates of "
                    f"{stored.date}",
                )


def days_without_row(question: "Question", rows: "Rows") -> "list[date]":
    """Return the wanted days without a row."""
    return [day for day in each_day(question.start, question.end) if day not in rows]


def days_off(question: "Question", rows: "Rows") -> "Steps[frozenset[date]]":
    """Return the days without a row on which the bank set none, by the export's own calendar.

    A short gap between rows is one, where the rows were not there a second time either; it may
    reach into the margins. A question about one day is not asked twice: there a gap is one where
    all Saturdays or all Sundays lack their rows, as in the 1990s they may. A gap in which any
    final figure is known, of whatever code, is none.
    """
    if question.is_single and question.start >= DAILY_STARTS:
        return frozenset()
    found: set[date] = set()
    for gap in _runs(day for day in each_day(question.first, question.last) if day not in rows):
        before, after = gap[0] - ONE_DAY in rows, gap[-1] + ONE_DAY in rows
        limit = LONGEST_CALENDAR_GAP_DAYS
        if gap[0] == EXPORT_STARTS == question.first and not question.is_single:
            before, limit = True, LONGEST_GAP_BEFORE_FIRST_ROW_DAYS
        if before and after and len(gap) <= limit:
            found.update(gap)
    if question.is_single:
        weekday = question.start.weekday()
        if weekday not in WEEKEND:
            return frozenset()
        same = [day for day in each_day(question.first, question.last) if day.weekday() == weekday]
        if len(same) < 2 or any(day in rows for day in same):
            return frozenset()
    known = yield from load_days(sorted(found))
    with_rates = {day.date for day in known if day.has_final()}
    for gap in _runs(sorted(found)):
        if not with_rates.isdisjoint(gap):
            found.difference_update(gap)
    return frozenset(found.intersection(days_without_row(question, rows)))


def _runs(days: "Iterable[date]") -> "list[list[date]]":
    """Return days as runs of consecutive ones."""
    runs: list[list[date]] = []
    for day in days:
        if runs and day - runs[-1][-1] == timedelta(days=1):
            runs[-1].append(day)
        else:
            runs.append([day])
    return runs
