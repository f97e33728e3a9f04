"""The routes of `/api/v1`: figures as text, with the day that was asked for and their own."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from starlette.requests import Request

from kzt_rates.arithmetic import Ratio, per_units
from kzt_rates.dates import ONE_DAY, date_in_kazakhstan, each_day
from kzt_rates.errors import Offline, RateNotFound
from kzt_rates.feed import EXPORT_STARTS
from kzt_rates.figures import KZT, Day
from kzt_rates.money import LANGUAGES, TICKER_CODES, ticker_line
from kzt_rates.plans import load_days, load_latest, load_newcomers, load_series
from kzt_rates.plans.day import figures_on, known_codes, latest_sheet, sheet_on
from kzt_rates.plans.range import History, history_of
from kzt_rates.plans.rules import verdict
from kzt_rates.web import shapes
from kzt_rates.web.freshness import Freshness, of_day, of_now, retry_after
from kzt_rates.web.lookup import Found, Lookup, check_has_all, is_whole
from kzt_rates.web.messages import (
    Answer,
    Query,
    Refused,
    check_range,
    code_of,
    date_of,
    form_of,
    with_ending,
)
from kzt_rates.web.shapes import MEDIA_TYPES, Form

if TYPE_CHECKING:
    from kzt_rates.figures import Entry
    from kzt_rates.plans import Steps, Terms

MISSING = ("raise", "previous")
MISSING_DAYS = ("skip", "raise", "previous")
GROUPS = ("week", "month", "quarter", "year")


class Api:
    """What answers under `/api/v1`."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup

    def routes(self) -> "dict[str, Callable[[Request], Any]]":
        """Return the handlers by path."""
        return {
            "/api/v1/sheet/{day}": self.sheet,
            **{
                f"/api/v1/{name}{ending}": handler
                for ending in ("", ".json", ".csv", ".ndjson")
                for name, handler in (
                    ("latest", self.latest),
                    ("today", self.today),
                    ("tomorrow", self.tomorrow),
                )
            },
            "/api/v1/convert": self.convert,
            "/api/v1/history/{code}": self.history,
            **dict.fromkeys(("/api/v1/currencies", "/api/v1/currencies.json"), self.currencies),
            "/api/v1/ticker": self.ticker,
        }

    # --- sheets ------------------------------------------------------------------------------

    async def sheet(self, request: Request) -> Answer:
        """Answer with the sheet of a date."""
        name, ending = with_ending(request.path_params["day"])
        form = form_of(request.headers.get("accept", ""), ending)
        query = Query(request.scope["query_string"], ("missing",))
        day = date_of(name)
        now = self._lookup.now()
        found = await self._sheet_of(day, query.choice("missing", MISSING, "raise"))
        fresh = _fresh_sheet(found, day, now)
        return _sheet_answer(form, ending, found.value, day, fresh, now)

    async def today(self, request: Request) -> Answer:
        """Answer with the sheet of today in Kazakhstan."""
        return await self._sheet_ahead(request, 0)

    async def tomorrow(self, request: Request) -> Answer:
        """Answer with the sheet of tomorrow, which the bank publishes in the afternoon."""
        return await self._sheet_ahead(request, 1)

    async def latest(self, request: Request) -> Answer:
        """Answer with the newest sheet the bank has published, which may be tomorrow's."""
        form, ending = _form(request)
        Query(request.scope["query_string"], ())

        def newest(terms: "Terms") -> "Steps[tuple[Day, datetime | None]]":
            day = yield from latest_sheet(terms, refresh=False)
            note = yield from load_latest()
            return day, None if note is None else note[1]

        def holds(known: tuple[Day, datetime | None]) -> bool:
            return self._lookup.is_followed(*known)

        found = await self._lookup.find(
            newest, key="latest", enough=lambda known: is_whole(known[0]), holds=holds
        )
        day, now = found.value[0], self._lookup.now()
        fresh = of_now(now, complete=day.complete, stale=found.stale)
        return _sheet_answer(form, ending, day, day.date, fresh, now)

    async def _sheet_ahead(self, request: Request, days: int) -> Answer:
        form, ending = _form(request)
        Query(request.scope["query_string"], ())
        today, now = self._lookup.moment()
        day = today + days * ONE_DAY
        found = await self._sheet_of(day, "raise")
        fresh = of_now(now, complete=found.value.complete, stale=found.stale)
        return _sheet_answer(form, ending, found.value, day, fresh, now)

    async def _sheet_of(self, day: date, missing: Any) -> "Found[Day]":
        def plan(terms: "Terms") -> "Steps[Day]":
            return sheet_on(terms, day, missing=missing, refresh=False)

        with _not_yet(self._lookup, day):
            return await self._lookup.find(plan, key=("day", day), enough=is_whole, day=day)

    # --- pairs -------------------------------------------------------------------------------

    async def convert(self, request: Request) -> Answer:
        """Answer with an amount of one currency in units of another."""
        query = Query(
            request.scope["query_string"], ("amount", "from", "to", "on", "places", "missing")
        )
        amount, places = query.amount("amount"), query.places()
        base, quote = query.code("from"), query.code("to", KZT)
        today, now = self._lookup.moment()
        asked_for = query.date("on")
        day = asked_for or today
        found = await self.pair((base, quote), day, query.choice("missing", MISSING, "raise"))
        known = found.value
        ratio = Ratio.of_legs(*_legs(known, base, quote))
        body = shapes.document(
            {
                "amount": shapes.text(amount),
                "base": base,
                "quote": quote,
                "result": shapes.text(ratio.convert(amount, places)),
                "rate": shapes.text(ratio.per_unit()),
                "requested_date": day.isoformat(),
                "effective_date": known.date.isoformat(),
                "carried": known.date != day,
                "provisional": known.has_provisional(),
            }
        )
        if asked_for is None:
            fresh = of_now(now, stale=found.stale)
        else:
            final, carried = not known.has_provisional(), known.date != day
            fresh = of_day(day, now, final=final, carried=carried, stale=found.stale)
        return Answer(body, MEDIA_TYPES["json"], fresh, modified=known.fetched_at)

    async def pair(self, codes: tuple[str, str], day: date, missing: Any) -> "Found[Day]":
        """Find the figures of a pair on a day, of those two alone."""

        def plan(terms: "Terms") -> "Steps[Day]":
            yield from known_codes(*codes)
            if codes[0] == codes[1]:
                return Day(day)
            foreign = frozenset(codes) - {KZT}
            known = yield from figures_on(terms, day, foreign, missing=missing, refresh=False)
            return known.replace(figures={code: known.figures[code] for code in foreign})

        with _not_yet(self._lookup, day):
            return await self._lookup.find(plan, key=("day", day), day=day)

    async def history(self, request: Request) -> Answer:
        """Answer with the rates of a pair over dates; a file's path has all that is known."""
        name, ending = with_ending(request.path_params["code"])
        if ending is not None and not request.scope["query_string"]:
            return await self._known_history(code_of(name), ending)
        form = form_of(request.headers.get("accept", ""), ending)
        query = Query(request.scope["query_string"], ("start", "end", "to", "missing", "group"))
        base, quote = code_of(name), query.code("to", KZT)
        start, until = query.date("start"), query.date("end")
        if start is None:
            raise Refused(422, "missing parameter: start")
        today, now = self._lookup.moment()
        end = until or today
        check_range(start, end)
        missing = query.choice("missing", MISSING_DAYS, "skip")
        group = query.choice("group", GROUPS, "day") if "group" in query else None
        found = await self._history_of(base, quote, start, end, missing)
        body = await self._lookup.in_thread(
            _history_body, form, base, quote, found.value, group, what="range"
        )
        fresh = _fresh_range(found, end, now)
        return _negotiated(Answer(body, MEDIA_TYPES[form], fresh), ending)

    async def _known_history(self, code: str, form: Form) -> Answer:
        """Answer with every final rate of a currency that is known here; nobody is asked."""
        if code == KZT:
            raise Refused(404, "the tenge is one of itself on any day: write start=2026-08-21")

        def plan(terms: "Terms") -> "Steps[bytes]":
            yield from known_codes(code)
            points = yield from load_series(code, EXPORT_STARTS, terms.today())
            finals = [point[:3] for point in points if point[3]]
            if not finals:
                raise Offline(f"no rate of {code} is known here", code=code)
            lacking = days_lacking([point[0] for point in finals])
            newcomers, now = (yield from load_newcomers((code,))), terms.clock()
            days = (yield from load_days(lacking)) if lacking else []
            rates = [(day, shapes.per_unit(value, nominal)) for day, value, nominal in finals]
            silent = [day.date for day in days if is_silent(code, day, now, newcomers)]
            return shapes.known_history(form, code, rates, silent, lacking)

        now = self._lookup.now()
        found: Found[bytes] = await self._lookup.in_thread(
            lambda: self._lookup.read(plan), what="range"
        )
        return Answer(found.value, MEDIA_TYPES[form], of_now(now))

    async def _history_of(
        self, base: str, quote: str, start: date, end: date, missing: Any
    ) -> "Found[History]":
        def over(first: date) -> "Callable[[Terms], Steps[History]]":
            def plan(terms: "Terms") -> "Steps[History]":
                yield from known_codes(base, quote)
                foreign = tuple(sorted({base, quote} - {KZT}))
                if base == quote:
                    return History(start, min(end, max(start, terms.today())), {})
                return (
                    yield from history_of(
                        terms, foreign, first, end, missing=missing, refresh=False
                    )
                )

            return plan

        recent = min(max(start, self._lookup.first_recent()), end)
        key = ("history", base, quote, start, end)
        return await self._lookup.find(
            over(start), key=key, ask=over(recent), day=recent, what="range"
        )

    # --- what is known -----------------------------------------------------------------------

    async def currencies(self, request: Request) -> Answer:
        """Answer with every currency that is known here."""
        Query(request.scope["query_string"], ())
        now = self._lookup.now()
        found = await self._lookup.currencies()
        texts = "nominal", "first", "last"
        body = shapes.document(
            [
                {**one, **{name: None if one[name] is None else str(one[name]) for name in texts}}
                for one in found
            ]
        )
        return Answer(body, MEDIA_TYPES["json"], of_now(now))

    async def ticker(self, request: Request) -> Answer:
        """Answer with the line that news sites carry."""
        query = Query(request.scope["query_string"], ("codes", "lang", "date"))
        codes = query.codes("codes") or TICKER_CODES
        language = query.choice("lang", LANGUAGES, "en") if "lang" in query else None
        today, now = self._lookup.moment()
        asked_for = query.date("date")
        day = asked_for or today

        def plan(terms: "Terms") -> "Steps[Day]":
            yield from known_codes(*codes)
            foreign = frozenset(codes) - {KZT}
            if not foreign:
                return Day(day)
            return (yield from figures_on(terms, day, foreign, missing="raise", refresh=False))

        with _not_yet(self._lookup, day):
            found = await self._lookup.find(plan, key=("day", day), day=day)
        figures = found.value.figures
        legs = [
            (code, *((Decimal(1), 1) if code == KZT else shapes.leg(figures[code])))
            for code in codes
        ]
        provisional = not all(figures[code].final for code in codes if code != KZT)
        body = shapes.document(
            {
                "date": day.isoformat(),
                "provisional": provisional,
                "text": ticker_line(found.value.date, legs, language),
            }
        )
        fresh = (
            of_now(now, stale=found.stale)
            if asked_for is None
            else of_day(day, now, final=not provisional, stale=found.stale)
        )
        return Answer(body, MEDIA_TYPES["json"], fresh)


class _not_yet:  # noqa: N801  # reads as a statement
    """Turns "the bank published none" of a day to come into "not yet"."""

    def __init__(self, lookup: Lookup, day: date) -> None:
        self._lookup, self._day = lookup, day

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        if (
            isinstance(error, RateNotFound)
            and error.reason == "none_published"
            and self._day > self._lookup.today()
        ):
            raise Refused(
                404,
                f"the bank has not published the rates of {self._day} yet",
                kind="not_yet",
                date=self._day.isoformat(),
                retry_after=retry_after(self._lookup.now()),
            ) from error


def days_lacking(days: Sequence[date]) -> list[date]:
    """Return the days between the first and the last of some that are not among them."""
    if len(days) == (days[-1] - days[0]).days + 1:
        return []
    known = {*days}
    return [day for day in each_day(days[0], days[-1]) if day not in known]


def is_silent(code: str, day: Day, now: datetime, newcomers: Mapping[str, date]) -> bool:
    """Whether the bank has no rate of a currency for a day, which is no more than known.

    `newcomers` are codes of no table, with the first day that each is known of.
    """
    if not (day.complete or day.silences or day.blanks or day.absent or day.refused):
        return False  # as most days are of which nothing is known
    return verdict(code, day, now, newcomers) in ("none_published", "no_such_unit")


def _form(request: Request) -> tuple[Form, Form | None]:
    # not of `url`, which old Starlettes make of whatever stands in the header `Host`
    ending = with_ending(request.scope["path"].rpartition("/")[2])[1]
    return form_of(request.headers.get("accept", ""), ending), ending


def _fresh_sheet(found: "Found[Day]", requested: date, now: datetime) -> Freshness:
    day = found.value
    return of_day(
        requested,
        now,
        final=not day.has_provisional(),
        carried=day.date != requested,
        complete=day.complete,
        stale=found.stale,
    )


def _fresh_range(found: "Found[History]", end: date, now: datetime) -> Freshness:
    if end >= date_in_kazakhstan(now):
        return of_now(now, stale=found.stale)
    final = all(point[3] for points in found.value.points.values() for point in points)
    carried = bool(found.value.missing or found.value.carried)
    return of_day(end, now, final=final, carried=carried, stale=found.stale)


def _sheet_answer(
    form: Form, ending: Form | None, day: Day, requested: date, fresh: Freshness, now: datetime
) -> Answer:
    if form != "json":  # whose rows are all there is
        check_has_all(day, now, "ask for JSON, which says so")
    body = shapes.sheet(form, day, requested)
    return _negotiated(Answer(body, MEDIA_TYPES[form], fresh, modified=day.fetched_at), ending)


def _negotiated(answer: Answer, ending: Form | None) -> Answer:
    if ending is None:
        answer.headers["vary"] = "Accept"
    return answer


def _legs(known: Day, *codes: str) -> list[tuple[Decimal, int] | None]:
    return [shapes.leg(known.figures[code]) if code in known.figures else None for code in codes]


def history_rates(found: History, base: str, quote: str) -> list[tuple[date, Decimal]]:
    """Return the rates of a pair on the days that a history has, one unit of base in quote."""
    if base == quote:
        return [(day, Decimal(1)) for day in each_day(found.start, found.end)]
    if quote == KZT:
        points = found.points[base]
        rates: Sequence[Decimal] = per_units(points)
    else:
        points = found.points[quote]
        bases = [None] * len(points) if base == KZT else found.points[base]
        rates = [
            Ratio.of_legs(None if one is None else one[1:3], point[1:3]).per_unit()
            for one, point in zip(bases, points, strict=True)
        ]
    return list(zip(_days_of(found, points), rates, strict=True))


def _days_of(found: History, points: "Sequence[Entry]") -> list[date]:
    """Return the days that the points of a history answer for, which may be later than theirs."""
    if found.carried:
        return list(each_day(found.start, found.end))
    return [point[0] for point in points]


def _history_body(form: Form, base: str, quote: str, found: History, group: str | None) -> bytes:
    if group is None:
        rates = history_rates(found, base, quote)
    else:
        from kzt_rates.models.series import identity, series_from

        series = (
            identity(base, found.start, found.end)
            if base == quote
            else series_from(found, base, quote)
        )
        if series.dates:  # else it would be said of the base that it has none
            series = series.resample(group, "mean", allow_missing=True)  # type: ignore[arg-type]
        rates = list(zip(series.dates, series.values, strict=True))
    rows = [(day, f"{rate:f}") for day, rate in rates]
    head = {
        "base": base,
        "quote": quote,
        "start": found.start.isoformat(),
        "end": found.end.isoformat(),
        **({} if group is None else {"group": group}),
    }
    drafts = {
        day
        for points in found.points.values()
        for day, point in zip(_days_of(found, points), points, strict=True)
        if not point[3]
    }
    tail = {
        "missing": [day.isoformat() for day in found.missing],
        "carried": {f"{day}": f"{source}" for day, source in found.carried.items()},
        "provisional": [day.isoformat() for day in sorted(drafts)],
    }
    return shapes.history(form, head, rows, tail)
