"""The bank's own feeds at the bank's own paths, for whoever reads them already.

What cannot be known whole is 503 and never a sheet in part or an empty envelope: whoever reads a
mirror takes what it lacks for what the bank lacks.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from starlette.requests import Request

from kzt_rates.currency import existed_between, exists_on
from kzt_rates.dates import MAX_DAYS_AHEAD, ONE_DAY, bank_date, date_in_kazakhstan, each_day
from kzt_rates.errors import KztRatesError, Offline, RateNotFound
from kzt_rates.feed import EXPORT_STARTS, export_codes, export_id, longest_export_end
from kzt_rates.feed.export import COLUMN_OF
from kzt_rates.figures import Day
from kzt_rates.plans import load, load_days, load_series
from kzt_rates.plans.day import latest_sheet, newest_standing, sheet_on
from kzt_rates.plans.range import history_of
from kzt_rates.plans.rules import verdict
from kzt_rates.printing import Style, make_export
from kzt_rates.web import shapes
from kzt_rates.web.freshness import (
    SETTLED_DAYS,
    Freshness,
    of_day,
    of_error,
    of_now,
    retry_after,
)
from kzt_rates.web.lookup import Lookup, has_all, is_whole
from kzt_rates.web.messages import Answer, Refused, date_of, shown
from kzt_rates.web.shapes import MEDIA_TYPES, Printed

if TYPE_CHECKING:
    from kzt_rates.plans import Steps, Terms

FORM = "exchangerates/ezhednevnye-oficialnye-rynochnye-kursy-valyut"
LANGUAGES = ("ru", "kk", "en")
MAX_IDS = 100
# Complete days that are looked through for the newest one that can be printed.
MAX_DAYS_BACK = 60

# The ids of the bank's form; the codes that share a column have one id.
CODE_OF_ID = {export_id(code): code for code in export_codes() if code not in COLUMN_OF}
FORMER = {column: code for code, column in COLUMN_OF.items()}

_bank_date = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})")

# A row of the export: its cells by column, value and nominal as published.
Cells = dict[str, tuple[str, int]]


class Mirror:
    """What answers under `/rss` and in the place of the bank's form."""

    def __init__(self, lookup: Lookup, node: str) -> None:
        self._lookup = lookup
        self._node = f"kzt-rates-{node}"
        lookup.send_along(Via=f"1.1 {self._node}")

    def routes(self) -> "dict[str, Callable[[Request], Any]]":
        """Return the handlers by path."""
        handlers = {
            "/rss/get_rates.cfm": self._daily,
            "/rss/get_rates/{day}.xml": self._daily_file,
            "/rss/rates_all.xml": self._all,
            "/rss/rates.xml": self._main,
            **{f"/{language}/{FORM}/excel": self._workbook for language in LANGUAGES},
            **{f"/{language}/{FORM}/report": self._report for language in LANGUAGES},
        }
        return {path: self._noticing(handler) for path, handler in handlers.items()}

    def _noticing(self, handler: Callable[[Request], Any]) -> Callable[[Request], Any]:
        """Refuse what this mirror asks itself, and name it in every answer."""

        async def answer(request: Request) -> Answer:
            if any(self._node in via for via in request.headers.getlist("via")):
                raise Refused(508, "this mirror asks itself: its bank is its own address")
            found: Answer = await handler(request)
            found.headers["via"] = f"1.1 {self._node}"
            return found

        return answer

    # --- one day -----------------------------------------------------------------------------

    async def _daily(self, request: Request) -> Answer:
        """Answer with the daily XML of a date, in the bank's form."""
        asked = _parameters(request)
        if len(asked.get("fdate", ())) != 1:
            raise Refused(422, "write fdate=21.08.2026, once")
        return await self._day(_date_of_bank(asked["fdate"][0]))

    async def _daily_file(self, request: Request) -> Answer:
        """Answer with the same at the path that it has among files."""
        return await self._day(date_of(request.path_params["day"]))

    async def _day(self, day: date) -> Answer:
        lookup = self._lookup

        def plan(terms: "Terms") -> "Steps[tuple[Day, Day | None]]":
            try:
                found = yield from sheet_on(terms, day, missing="raise", refresh=False)
            except RateNotFound as error:
                known = yield from load(day)
                if is_final_silence(known, error, terms.today()):
                    return known, None
                raise
            return found, (yield from load(day - ONE_DAY))

        def enough(found: tuple[Day, Day | None]) -> bool:
            return found[1] is None or is_whole(found[0])

        def holds(found: tuple[Day, Day | None]) -> bool:
            day = found[0]
            return day.date > lookup.today() and lookup.is_followed(day, day.fetched_at)

        try:
            found = await lookup.find(plan, key=("day", day), enough=enough, holds=holds, day=day)
        except RateNotFound:
            after = retry_after(lookup.now())
            raise Refused(503, f"no sheet of {day} is known here", retry_after=after) from None
        (known, before), now = found.value, lookup.now()
        if before is None:
            fresh = Freshness(of_error(404, "none_published", day, now), until=now)
            return Answer(shapes.bank_silence(day), MEDIA_TYPES["xml"], fresh)
        if found.stale or not is_printable(known, lookup.today()):
            raise Refused(503, f"the sheet of {day} is not known here whole and for certain")
        fresh = of_day(day, now, final=not known.has_provisional())
        body = shapes.bank_daily(day, shapes.bank_rates(known, before))
        return Answer(body, MEDIA_TYPES["xml"], fresh, modified=known.fetched_at)

    # --- the latest --------------------------------------------------------------------------

    async def _all(self, request: Request) -> Answer:
        """Answer with the newest sheet that is known whole, whatever its age."""
        return await self._latest(request, shapes.bank_latest)

    async def _main(self, request: Request) -> Answer:
        """Answer with the main currencies of that sheet."""
        return await self._latest(request, shapes.bank_main)

    async def _latest(self, request: Request, write: "Callable[[date, Printed], bytes]") -> Answer:
        _parameters(request)
        lookup, stale, last = self._lookup, True, date.max

        def newest(terms: "Terms") -> "Steps[Day]":
            return latest_sheet(terms, refresh=False)

        def holds(day: Day) -> bool:
            return lookup.is_followed(day, day.fetched_at)

        with suppress(KztRatesError):  # whatever it is, the newest that is known stands here
            newer = await lookup.find(newest, key="latest", enough=is_whole, holds=holds)
            stale, last = newer.stale, newer.value.date
        found = (await lookup.in_thread(lambda: lookup.read(newest_printable))).value
        if found is None:
            raise Refused(503, "no whole sheet is known here")
        known, before = found
        # where the newest sheet cannot be printed, the one before it is soon not what to show
        fresh = of_now(lookup.now(), stale=stale or known.date < last)
        body = write(known.date, shapes.bank_rates(known, before))
        return Answer(body, MEDIA_TYPES["xml"], fresh, modified=known.fetched_at)

    # --- the range export --------------------------------------------------------------------

    async def _workbook(self, request: Request) -> Answer:
        """Answer with the range export as a workbook."""
        return await self._range(request, "xlsx", _workbook_of)

    async def _report(self, request: Request) -> Answer:
        """Answer with the range export as a table of HTML."""
        return await self._range(request, "html", _report_of)

    async def _range(
        self,
        request: Request,
        media_type: str,
        write: "Callable[[Sequence[str], Mapping[date, Cells]], bytes]",
    ) -> Answer:
        lookup = self._lookup
        start, last, columns = _range_of(_parameters(request))
        today, now = lookup.moment()
        end = min(last, today)  # the bank has no rows of days to come
        if end < start:
            raise Refused(503, "the rates of these days are not settled yet")
        first = min(max(start, lookup.first_recent()), end)
        # a column has the units of before it, too
        former = [FORMER[column] for column in columns if column in FORMER]
        codes = (*columns, *[code for code in former if existed_between(code, first, end)])

        def plan(terms: "Terms") -> "Steps[dict[date, Cells]]":
            return rows_of(terms, columns, start, end)

        def ask(terms: "Terms") -> "Steps[Any]":
            return history_of(terms, codes, first, end, missing="skip", refresh=False)

        key = ("mirror", *columns, start, end)
        found = await lookup.find(plan, key=key, ask=ask, day=start, what="range")
        body = await lookup.in_thread(write, columns, found.value, what="range")
        recent = (row for day, row in found.value.items() if (today - day).days <= SETTLED_DAYS)
        blank = any(len(row) < len(columns) for row in recent)
        fresh = of_day(end, now, carried=blank, stale=found.stale)
        if last > today:  # tomorrow there is a row more
            fresh = of_now(now, stale=found.stale)
        return Answer(body, MEDIA_TYPES[media_type], fresh)


def is_printable(day: Day, today: date) -> bool:
    """Whether a day can stand in a feed: whole, and final once the day has come.

    Of a day to come a sheet in part leaves the drafts that it lacks; with those none is whole.
    """
    drafts = {figure.fetched_at for figure in day.figures.values() if not figure.final}
    of_one_sheet = len(drafts) == 1 and day.date > today
    return has_all(day) and bool(day.figures) and (of_one_sheet or not drafts)


def is_final_silence(known: Day, error: RateNotFound, today: date) -> bool:
    """Whether the bank said once the day had come that it has no rates for it."""
    return (
        error.reason in ("none_published", "no_such_unit")
        and known.date <= today
        and all(date_in_kazakhstan(at) >= known.date for at in known.silences.values())
    )


def newest_printable(terms: "Terms") -> "Steps[tuple[Day, Day] | None]":
    """Return the newest day that can stand in a feed, and the day before it."""
    until = terms.today() + MAX_DAYS_AHEAD * ONE_DAY
    for _ in range(MAX_DAYS_BACK):
        known = yield from newest_standing(until)
        if known is None:
            return None
        if is_printable(known, terms.today()):
            return known, (yield from load(known.date - ONE_DAY))
        until = known.date - ONE_DAY
    return None


def rows_of(
    terms: "Terms", columns: Sequence[str], start: date, end: date
) -> "Steps[dict[date, Cells]]":
    """Return the rows of a range; raise `Offline` where a cell is neither a rate nor a blank."""
    rows: dict[date, Cells] = {day: {} for day in each_day(start, end)}
    for column in columns:
        for code in (FORMER.get(column, column), column):
            for day, value, nominal, final in (yield from load_series(code, start, end)):
                if final:
                    rows[day][column] = shapes.text(value), nominal
    lacking = {day: {*columns} - row.keys() for day, row in rows.items()}
    days = [day for day, of_day in lacking.items() if of_day]
    now = terms.clock()
    for known in (yield from load_days(days)) if days else ():
        for column in sorted(lacking[known.date]):
            code = column if exists_on(column, known.date) else FORMER.get(column, column)
            if verdict(code, known, now) not in ("none_published", "no_such_unit"):
                raise Offline(f"{code} of {known.date} is not settled", code=code, date=known.date)
    return rows


def _workbook_of(columns: Sequence[str], rows: "Mapping[date, Cells]") -> bytes:
    return make_export(columns, rows.items(), style=Style()).xlsx()


def _report_of(columns: Sequence[str], rows: "Mapping[date, Cells]") -> bytes:
    """Return the export's cells as a table; how the bank decorates it is not on record."""
    export = make_export(columns, rows.items(), style=Style())
    lines = ["".join(f"<th>{escape(name)}</th>" for name in export.header)]
    lines += [
        "".join(f"<td>{'' if cell is None else escape(cell.text)}</td>" for cell in row)
        for row in export.rows
    ]
    table = "\n".join(f"<tr>{line}</tr>" for line in lines)
    head = '<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>Exchange Rates</title></head>'
    return f"{head}<body><table>\n{table}\n</table></body></html>\n".encode()


# --- what a request asks for -----------------------------------------------------------------


def _parameters(request: Request) -> dict[str, list[str]]:
    """Return the parameters by name; those that the bank does not know change nothing there."""
    query: bytes = request.scope["query_string"]
    try:
        pairs = parse_qsl(query.decode("ascii"), keep_blank_values=True, max_num_fields=2 * MAX_IDS)
    except ValueError:
        raise Refused(422, "invalid query: write name=value&name=value") from None
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def _date_of_bank(text: str) -> date:
    """Return a date written 05.12.2025, or without the zeros."""
    found = _bank_date.fullmatch(text)
    if found is not None:
        day, month, year = map(int, found.groups())
        with suppress(ValueError):
            return date(year, month, day)
    raise Refused(422, f"invalid date: write 21.08.2026, not {shown(text)}")


def _range_of(asked: Mapping[str, list[str]]) -> tuple[date, date, list[str]]:
    """Return the dates and the columns that the export is asked for."""
    for name in ("beginDate", "endDate"):
        if len(asked.get(name, ())) != 1:
            raise Refused(422, f"write {name}=21.08.2026, once")
    start, end = (_date_of_bank(asked[name][0]) for name in ("beginDate", "endDate"))
    if end < start:
        raise Refused(422, f"invalid range: {bank_date(end)} is before {bank_date(start)}")
    if start < EXPORT_STARTS:
        raise Refused(422, f"the tenge began on {bank_date(EXPORT_STARTS)}")
    if end > longest_export_end(start):
        raise Refused(422, "invalid range: ask for at most four years at once")
    numbers = asked.get("rates[]", [])
    if not 0 < len(numbers) <= MAX_IDS:
        raise Refused(422, f"write rates[]=5, for each currency, at most {MAX_IDS} of them")
    columns: list[str] = []
    for number in numbers:
        code = CODE_OF_ID.get(int(number) if re.fullmatch("[0-9]{1,3}", number) else None)
        if code is None:
            raise Refused(422, f"no currency of the bank's form has the id {shown(number)}")
        if code not in columns:
            columns.append(code)
    return start, end, columns
