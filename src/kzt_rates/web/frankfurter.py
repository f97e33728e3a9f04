"""The routes `/v2` and `/v1` in the shape of Frankfurter, for the clients that there are of it.

Numbers are JSON numbers, the base is EUR where none is named, and errors read as there. A day
that is known to have no rate is answered by the day before, with its date; a day that is unknown
here, or that lacks a refused rate, is an error, since these shapes cannot say so. A range has the
days that have a rate.
"""

from collections.abc import AsyncIterator, Callable, Collection, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from time import monotonic
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeVar

from starlette.requests import Request

from kzt_rates.currency import FACTS, quoted_on
from kzt_rates.dates import ONE_DAY, each_day
from kzt_rates.errors import RateNotFound
from kzt_rates.feed import DAILY_STARTS, EXPORT_STARTS
from kzt_rates.figures import KZT, Day
from kzt_rates.money import name_in
from kzt_rates.plans import load_series
from kzt_rates.plans.day import figures_on, sheet_on
from kzt_rates.plans.range import Filling, History, history_of
from kzt_rates.web import shapes
from kzt_rates.web.freshness import SETTLED_DAYS, Freshness, is_too_far, of_day, of_now
from kzt_rates.web.lookup import Lookup, check_has_all, has_all, is_whole
from kzt_rates.web.messages import (
    MAX_SECONDS,
    Answer,
    Query,
    Refused,
    capitals,
    date_of,
    form_of,
    shown,
    with_ending,
)
from kzt_rates.web.shapes import FORMS, MEDIA_TYPES, PROVIDER, Form, Leg, Row

if TYPE_CHECKING:
    from kzt_rates.figures import Entry
    from kzt_rates.plans import Steps, Terms

    Bounds = dict[str, tuple[date, date]]

T = TypeVar("T")

BASE = "EUR"
V2_PARAMETERS = ("base", "quote", "quotes", "providers", "date", "from", "to", "group", "expand")
V1_PARAMETERS = ("base", "from", "symbols", "to", "amount")
Period = Literal["week", "month", "quarter", "year"]
GROUPS: tuple[Period, ...] = ("week", "month", "quarter", "year")

# Means are exact, and that takes time.
MAX_FIGURES_OF_GROUPS = 100_000
# A currency that no sheet has had for so long is a former one.
ACTIVE_DAYS = 30

NOT_FOUND = "not found"
TOO_LONG = "this range takes too long: ask for a part of it"

# ISO 4217.
NUMERIC_CODES = {
    "AED": "784", "AMD": "051", "AUD": "036", "AZN": "944", "BRL": "986", "BYN": "933",
    "BYR": "974", "CAD": "124", "CHF": "756", "CNY": "156", "CZK": "203", "DKK": "208",
    "EEK": "233", "EGP": "818", "EUR": "978", "GBP": "826", "GEL": "981", "HKD": "344",
    "HUF": "348", "IDR": "360", "ILS": "376", "INR": "356", "IRR": "364", "JPY": "392",
    "KGS": "417", "KRW": "410", "KWD": "414", "KZT": "398", "LTL": "440", "LVL": "428",
    "MDL": "498", "MNT": "496", "MXN": "484", "MYR": "458", "NOK": "578", "OMR": "512",
    "PKR": "586", "PLN": "985", "QAR": "634", "RON": "946", "RUB": "643", "RUR": "810",
    "SAR": "682", "SEK": "752", "SGD": "702", "THB": "764", "TJS": "972", "TRL": "792",
    "TRY": "949", "UAH": "980", "USD": "840", "UZS": "860", "VND": "704", "XDR": "960",
    "ZAR": "710",
}  # fmt: skip


class Pair(NamedTuple):
    """What one unit of a base costs in a quote on a day, as the two published legs."""

    day: date
    base: str
    quote: str
    legs: tuple[Leg, Leg]
    final: bool

    def number(self, amount: Decimal = Decimal(1)) -> str:
        """Return an amount of the base in units of the quote, as a JSON number."""
        return shapes.cross(*self.legs, amount)

    def row(self) -> Row:
        """Return the row of the second edition."""
        return self.day, self.base, self.quote, self.number()


Pairs = list[Pair]
# A pair by its two codes.
Names = tuple[str, str]


class Frankfurter:
    """What answers under `/v2` and `/v1`."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup

    def routes(self) -> dict[str, Callable[[Request], Any]]:
        """Return the handlers by path."""
        tables = {
            f"{path}{ending}": self.v2_rates
            for path in ("/v2/rates", f"/v2/providers/{PROVIDER}/rates")
            for ending in ("", *(f".{form}" for form in FORMS))
        }
        return {
            **tables,
            "/v2/rates/{day}": self.v2_rates,
            **{
                f"{path}{ending}": handler
                for ending in (
                    ".json",
                    "",
                )  # the first as a file, whose ending is no part of a code
                for path, handler in (
                    ("/v2/rate/{base}/{quote}", self.v2_rate),
                    ("/v2/currencies", self.v2_currencies),
                    ("/v2/currency/{code}", self.v2_currency),
                    ("/v2/providers", self.v2_providers),
                    ("/v1/latest", self.v1_day),
                    ("/v1/currencies", self.v1_currencies),
                    ("/v1/{days}", self.v1_day_or_range),
                )
            },
        }

    # --- the second edition ------------------------------------------------------------------

    async def v2_rates(self, request: Request) -> Answer:
        """Answer with a row for each pair: of today, of a date, or of a range."""
        name, ending = with_ending(request.scope["path"].rpartition("/")[2])
        query = Query(request.scope["query_string"], V2_PARAMETERS)
        form = form_of(request.headers.get("accept", ""), ending)
        names = await self._names(query)
        on, start, end = query.date("date"), query.date("from"), query.date("to")
        if "day" in request.path_params:
            if on is not None:
                raise Refused(422, "conflicting params")
            on = date_of(name)
        if on is not None and (start or end):
            raise Refused(422, "conflicting params")
        if start is None and end is not None:
            raise Refused(422, "missing parameter: from")
        group = query.choice("group", GROUPS, "week").lower() if "group" in query else None
        expand = query.text("expand")
        if expand is not None and expand.lower() != "providers":
            raise Refused(422, f"invalid expand: {shown(expand)}")
        if start is not None:
            answer = await self._v2_range(form, names, start, end, group, bool(expand))
        else:
            pairs, fresh = await self._on(on, names)
            rows = [pair.row() for pair in pairs]
            body = shapes.rows(form, rows, providers=bool(expand))
            answer = Answer(body, MEDIA_TYPES[form], fresh)
        if not _is_of_bank(query):
            body = shapes.rows(form, [])
            answer = Answer(body, MEDIA_TYPES[form], answer.fresh)
        if ending is None:
            answer.headers["vary"] = "Accept"
        return answer

    async def v2_rate(self, request: Request) -> Answer:
        """Answer with the row of one pair."""
        query = Query(request.scope["query_string"], ("date", "providers"))
        codes = tuple(request.path_params[name] for name in ("base", "quote"))
        base, quote = await self._checked(codes)
        pairs, fresh = await self._on(query.date("date"), [(base, quote)])
        if not pairs or not _is_of_bank(query):
            raise Refused(404, NOT_FOUND)
        return Answer(shapes.row(pairs[0].row()), MEDIA_TYPES["json"], fresh)

    async def v2_currencies(self, request: Request) -> Answer:
        """Answer with the currencies, those of today or all that there were."""
        query = Query(request.scope["query_string"], ("scope",))
        everything = query.choice("scope", ("all",), "") if "scope" in query else ""
        bounds = await self._known_bounds()
        codes = sorted(bounds) if everything else self._active(bounds)
        return self._document([_currency(code, bounds) for code in codes])

    async def v2_currency(self, request: Request) -> Answer:
        """Answer with one currency."""
        Query(request.scope["query_string"], ())
        bounds, code = await self._bounds(), capitals(request.path_params["code"])
        if code not in bounds:
            if code in {KZT, *FACTS}:
                raise Refused(503, f"no rate of {code} is known here", kind="not_known_here")
            raise Refused(404, NOT_FOUND)
        return self._document({**_currency(code, bounds), "providers": [PROVIDER]})

    async def v2_providers(self, request: Request) -> Answer:
        """Answer with the one provider there is."""
        Query(request.scope["query_string"], ())
        bounds, newest = await self._bounds(), await self._lookup.newest_complete()
        missed = None if newest is None else max(0, (self._lookup.today() - newest).days)
        return self._document(
            [
                {
                    "key": PROVIDER,
                    "name": "National Bank of Kazakhstan",
                    "base": KZT,
                    "country_code": "KZ",
                    "rate_type": "official (market) rate",
                    "pivot_currency": KZT,
                    "start_date": _iso(bounds[KZT][0]) if bounds else None,
                    "end_date": _iso(bounds[KZT][1]) if bounds else None,
                    "publish_cadence": "daily",
                    "publishes_missed": missed,
                    "currencies": sorted(set(bounds) - {KZT}),
                }
            ]
        )

    async def _names(self, query: Query) -> "list[Names] | Callable[[Sequence[str]], list[Names]]":
        """Return the pairs that are asked for, or how to make them of the codes there are."""
        sent = [query.text("base"), query.text("quote")]
        quotes = query.codes("quotes", valid=False)
        codes = await self._checked([c for c in (*sent, *(quotes or ())) if c is not None])
        base = codes.pop(0) if "base" in query else BASE
        if "quote" in query and "base" not in query and quotes is None:
            return lambda known: [(code, codes[0]) for code in known]
        if codes:
            return [(base, quote) for quote in sorted(set(codes))]
        return lambda known: [(base, code) for code in known]

    async def _v2_range(
        self,
        form: Form,
        names: "list[Names] | Callable[[Sequence[str]], list[Names]]",
        start: date,
        end: date | None,
        group: str | None,
        expand: bool,
    ) -> Answer:
        reading = await self._reading(names, start, end)
        if group is not None:
            rows = await reading.means(group)
            body = shapes.rows(form, rows, providers=expand)
            return Answer(body, MEDIA_TYPES[form], reading.fresh)
        first = [pair.row() for pair in await reading.first()]
        if reading.is_whole():
            body = shapes.rows(form, first, providers=expand)
            return Answer(body, MEDIA_TYPES[form], reading.fresh)
        writer = shapes.RowWriter(form, providers=expand)

        async def pieces() -> AsyncIterator[bytes]:
            yield writer.piece(first)
            async for pairs in reading.rest():
                yield writer.piece([pair.row() for pair in pairs])
            yield writer.end()

        return Answer(pieces(), MEDIA_TYPES[form], reading.fresh)

    # --- the first edition -------------------------------------------------------------------

    async def v1_day_or_range(self, request: Request) -> Answer:
        """Answer with a date `2026-08-21`, or a range `2026-08-01..2026-08-21`, `2026-08-01..`."""
        name = request.path_params["days"]
        first, dots, last = name.partition("..")
        if len(first) != 10 or (last and len(last) != 10):
            raise Refused(404, NOT_FOUND)
        try:
            start, end = date_of(first), date_of(last) if last else None
        except Refused:
            raise Refused(422, "invalid date") from None
        if dots:
            return await self._v1_range(request, start, end)
        return await self.v1_day(request, start)

    async def v1_day(self, request: Request, on: date | None = None) -> Answer:
        """Answer with the rates of today or of a date, by code."""
        base, amount, names = await self._v1_query(request)
        pairs, fresh = await self._on(on, names)
        pairs = [pair for pair in pairs if pair.quote != base]
        if not pairs:
            raise Refused(404, NOT_FOUND)
        # one date is said of all, so that what is older is not among them
        day = max(pair.day for pair in pairs)
        rates = [(pair.quote, pair.number(amount)) for pair in pairs if pair.day == day]
        return Answer(shapes.v1_day(amount, base, day, rates), MEDIA_TYPES["json"], fresh)

    async def v1_currencies(self, request: Request) -> Answer:
        """Answer with the names of today's currencies by code."""
        Query(request.scope["query_string"], ())
        codes = self._active(await self._known_bounds())
        return self._document({code: name_in("en", code) for code in codes})

    async def _v1_query(
        self, request: Request
    ) -> "tuple[str, Decimal, list[Names] | Callable[[Sequence[str]], list[Names]]]":
        query = Query(request.scope["query_string"], V1_PARAMETERS)
        for one, other in (("base", "from"), ("symbols", "to")):
            if one in query and other in query:
                raise Refused(422, f"{one} and {other} are the same parameter: write one")
        try:
            amount = query.amount("amount")
        except Refused:
            raise Refused(422, "invalid amount") from None
        if amount <= 0:
            raise Refused(422, "invalid amount")
        named = query.text("from") if query.text("base") is None else query.text("base")
        base = BASE if named is None else capitals(named)
        symbols = query.codes("to" if "to" in query else "symbols", valid=False)
        if symbols == (base,):
            raise Refused(422, "bad currency pair")
        unknown = await self._unknown((base, *(symbols or ())))
        if base in unknown:
            raise Refused(404, NOT_FOUND)
        if symbols is None:
            return base, amount, lambda known: [(base, code) for code in known]
        known = sorted(set(symbols) - unknown)
        if not known:
            raise Refused(404, NOT_FOUND)
        return base, amount, [(base, code) for code in known]

    async def _v1_range(self, request: Request, start: date, end: date | None) -> Answer:
        base, amount, names = await self._v1_query(request)
        reading = await self._reading(names, start, end)

        def by_day(pairs: Pairs) -> list[tuple[date, list[tuple[str, str]]]]:
            days: dict[date, list[tuple[str, str]]] = {}
            for pair in pairs:
                if pair.quote != base:
                    days.setdefault(pair.day, []).append((pair.quote, pair.number(amount)))
            return list(days.items())

        first, last = by_day(await reading.first()), by_day(reading.last())
        if not first and reading.is_whole():
            raise Refused(404, NOT_FOUND)
        start = first[0][0] if first else start
        end = last[-1][0] if last else reading.end
        writer = shapes.V1RangeWriter(amount, base, start, end)
        if reading.is_whole():
            return Answer(writer.piece(first) + writer.end(), MEDIA_TYPES["json"], reading.fresh)

        async def pieces() -> AsyncIterator[bytes]:
            yield writer.piece(first)
            async for pairs in reading.rest():
                yield writer.piece(by_day(pairs))
            yield writer.end()

        return Answer(pieces(), MEDIA_TYPES["json"], reading.fresh)

    # --- both --------------------------------------------------------------------------------

    async def _on(
        self, on: date | None, names: "list[Names] | Callable[[Sequence[str]], list[Names]]"
    ) -> tuple[Pairs, Freshness]:
        """Find pairs on a day, each carried from the day before where the bank set none."""
        lookup = self._lookup
        today, now = lookup.moment()
        day = on or today

        def of_names(terms: "Terms") -> "Steps[tuple[Pairs, Day | None]]":
            assert not callable(names)
            return (yield from _pairs_on(terms, day, names)), None

        def of_sheet(terms: "Terms") -> "Steps[tuple[Pairs, Day | None]]":
            assert callable(names)
            sheet = yield from sheet_on(terms, day, missing="previous", refresh=False)
            pairs = _pairs_of(sheet, names(sorted({*sheet.figures, KZT})))
            if not pairs and has_all(sheet):  # the bank may have what the sheet came without
                yield from _pairs_on(terms, sheet.date, names([KZT]))
            return pairs, sheet

        def enough(known: "tuple[Pairs, Day | None]") -> bool:
            return known[1] is None or is_whole(known[1])

        plan = of_sheet if callable(names) else of_names
        try:
            found = await lookup.find(plan, key=("day", day), enough=enough, day=day)
        except RateNotFound as error:
            _check_available(error)
            raise Refused(404, NOT_FOUND, day=day) from None
        pairs, sheet = found.value
        if sheet is not None:
            check_has_all(sheet, now, "name the currencies to ask for")
        if on is None:
            return pairs, of_now(now, stale=found.stale)
        final = all(pair.final for pair in pairs)
        # a pair that is absent may come yet, as one that is carried
        named = () if callable(names) else names
        carried = len(pairs) < len(named) or any(pair.day != on for pair in pairs)
        return pairs, of_day(on, now, final=final, carried=carried, stale=found.stale)

    async def _reading(
        self,
        names: "list[Names] | Callable[[Sequence[str]], list[Names]]",
        start: date,
        end: date | None,
    ) -> "_Reading":
        start = max(start, EXPORT_STARTS)  # there was no tenge before
        moment = self._lookup.moment()
        bounds = await self._bounds()
        newest = await self._lookup.newest_complete()
        known_until = max(moment[0], newest or date.min)
        if start > known_until:  # it is about its first day, which the bank may have set by now
            if is_too_far(start, moment[1]):
                raise Refused(404, NOT_FOUND)
            known_until = start
        end = min(end or known_until, known_until)
        due: Collection[Names]
        named = {code for pair in (names([KZT]) if callable(names) else names) for code in pair}
        if callable(names):
            known = {code for code in bounds if bounds[code][1] >= start}
            # and what the bank publishes though nothing of it is known: or "none" were said
            quoted = {KZT, *quoted_on(max(start, end))}
            due = names(sorted(quoted))
            names = names(sorted(known | quoted | {*quoted_on(start)}))
        else:
            due = names
        return _Reading(self._lookup, names, due, start, end, moment, named)

    async def _checked(self, codes: Sequence[str]) -> list[str]:
        """Return codes in capitals; refuse those that nobody knows in Frankfurter's words."""
        upper = [capitals(code) for code in codes]
        unknown = await self._unknown(upper)
        if unknown:
            said = ",".join(shown(code) for code in upper if code in unknown)
            raise Refused(422, f"invalid currency: {said}")
        return upper

    async def _unknown(self, codes: Sequence[str]) -> set[str]:
        """Return those of some codes that neither the table nor the store has."""
        strange = {*codes} - {KZT, *FACTS}
        return strange - {*await self._lookup.bounds()} if strange else strange

    async def _bounds(self) -> "Bounds":
        """Return the first and last known day of every code, the tenge's included."""
        bounds = await self._lookup.bounds()
        if not bounds:
            return {}
        first = min(first for first, _ in bounds.values())
        last = max(last for _, last in bounds.values())
        return {**bounds, KZT: (first, last)}

    async def _known_bounds(self) -> "Bounds":
        """Return the bounds; where nothing is known, no list of currencies is one."""
        bounds = await self._bounds()
        if not bounds:
            raise Refused(503, "no rate is known here", kind="not_known_here")
        return bounds

    def _active(self, bounds: "Bounds") -> list[str]:
        today = self._lookup.today()
        expected = quoted_on(today)
        return sorted(
            code
            for code, (_, last) in bounds.items()
            if code == KZT
            or code in expected
            or (code not in FACTS and (today - last).days <= ACTIVE_DAYS)
        )

    def _document(self, content: object) -> Answer:
        fresh = of_now(self._lookup.now())
        return Answer(shapes.document(content), MEDIA_TYPES["json"], fresh)


class _Reading:
    """A range of pairs, read in spans of so many figures at once.

    `due` are the pairs that the range's last days should have. `named` are the codes of which the
    request says that it wants them: where no feed can be asked for one so far back, that is an
    error, and for any other there is what is known of those days.
    """

    def __init__(
        self,
        lookup: Lookup,
        names: list[Names],
        due: Collection[Names],
        start: date,
        end: date,
        moment: tuple[date, datetime],
        named: Collection[str],
    ) -> None:
        self._lookup = lookup
        self._names, self._due = names, due
        self._named = named
        self._codes = _codes_of(names)
        self.start, self.end = start, end
        # the last days, of which some may be missing so far, are all in the last span
        days = max(31, lookup.figures_at_once // max(1, len(self._codes)))
        lasts = range(end.toordinal(), start.toordinal() - 1, -days)
        self._spans = [
            (max(start, date.fromordinal(max(1, last - days + 1))), date.fromordinal(last))
            for last in reversed(lasts)
        ]
        self._today, self._now = moment
        self.fresh = of_now(self._now)
        self._stale = False
        self._final = True
        self._last: Pairs = []

    def is_whole(self) -> bool:
        """Whether the first span is all there is."""
        return len(self._spans) < 2

    async def first(self) -> Pairs:
        """Read the first span, with the day before a start that has no rate, and the last one.

        Unknown and unsettled days must be found before anything is sent: the days between are
        looked over, and read once more when their turn to be sent comes.
        """
        if not self._spans:
            return []
        first = await self._span(*self._spans[0], snap_back=True)
        self._last = first if self.is_whole() else await self._span(*self._spans[-1])
        final = all(pair.final for pair in (*first, *self._last))
        begun = monotonic()
        for span in self._spans[1:-1]:
            final = await self._find(self._has_finals, *span) and final
            if monotonic() - begun > MAX_SECONDS:
                raise Refused(503, TOO_LONG)
        self._judge([*first, *self._last], final=final)
        return first

    def last(self) -> Pairs:
        """Return the last span, once the first one is read."""
        return self._last

    async def rest(self) -> AsyncIterator[Pairs]:
        """Read the spans after the first one, for as long as an answer may take."""
        spent = 0.0
        for span in self._spans[1:-1]:
            begun = monotonic()
            pairs = await self._span(*span)
            spent += monotonic() - begun
            if spent > MAX_SECONDS:
                raise Refused(503, TOO_LONG)
            unsettled = self._final and not all(pair.final for pair in pairs)
            if not self.fresh.stale and (self._stale or unsettled):
                # since the headers were sent; they promise what does not hold any more
                raise Refused(503, "this range has drafts past their time: ask again")
            yield pairs
        if not self.is_whole():
            yield self._last

    def _judge(self, pairs: Pairs, *, final: bool) -> None:
        """Decide how long all of it may be kept, by the first and the last days' pairs."""
        self._final = final
        if self.end >= self._today:
            self.fresh = of_now(self._now, stale=self._stale)
            return
        lacks = self._lacks((pair.day, pair.base, pair.quote) for pair in pairs)
        self.fresh = of_day(self.end, self._now, final=final, carried=lacks, stale=self._stale)

    def _lacks(self, rows: Iterable[tuple[date, str, str]]) -> bool:
        """Whether the bank may publish a rate yet that the last days are without."""
        first = max(self.start, self._today - SETTLED_DAYS * ONE_DAY)
        known = {*rows}
        return any(
            (day, *pair) not in known for day in each_day(first, self.end) for pair in self._due
        )

    async def means(self, group: str) -> list[Row]:
        """Return exact means over the calendar days of each period, written as numbers."""
        if len(self._names) * ((self.end - self.start).days + 1) > MAX_FIGURES_OF_GROUPS:
            raise Refused(422, "too much at once: ask for a shorter range or fewer currencies")
        await self.first()  # recent days may have to be asked for
        if not self._spans:
            return []
        rows: list[Row] = []
        begun = monotonic()
        for base, quote in self._names:
            rows += await self._lookup.in_thread(self._means_of, base, quote, group, what="range")
            if monotonic() - begun > MAX_SECONDS:
                raise Refused(503, TOO_LONG)
        return sorted(rows, key=lambda row: (row[0], row[2]))

    def _means_of(self, base: str, quote: str, group: Any) -> list[Row]:
        from kzt_rates.models.series import identity, series_from

        if base == quote:
            series = identity(base, self.start, self.end)
        else:
            codes = tuple(sorted({base, quote} - {KZT}))

            def plan(terms: "Terms") -> "Steps[History | None]":
                try:
                    return (yield from _history(terms, codes, self.start, self.end))
                except RateNotFound as error:
                    if error.code in self._named:
                        raise
                return (yield from _history(terms, codes, DAILY_STARTS, self.end))

            found, stale = self._lookup.read(plan)
            if found is None:
                return []
            if stale and not self.fresh.stale:  # since all days were looked over
                self.fresh = of_now(self._now, stale=True)
            series = series_from(found, base, quote)
        if not series.dates:
            return []
        means = series.resample(group, "mean", allow_missing=True)
        return [
            (day, base, quote, shapes.number(value))
            for day, value in zip(means.dates, means.values, strict=True)
        ]

    async def _span(self, start: date, end: date, *, snap_back: bool = False) -> Pairs:
        def pairs(terms: "Terms", codes: Sequence[str], first: date, last: date) -> "Steps[Pairs]":
            return self._pairs_between(terms, codes, first, last, snap_back=snap_back)

        return await self._find(pairs, start, end)

    async def _find(
        self,
        look: "Callable[[Terms, Sequence[str], date, date], Steps[T]]",
        start: date,
        end: date,
    ) -> T:
        def over(first: date) -> "Callable[[Terms], Steps[T]]":
            return lambda terms: look(terms, self._codes, first, end)

        recent = max(start, min(end, self._lookup.first_recent()))

        def ask(terms: "Terms") -> "Steps[T]":
            # the plan takes one currency after another, and would ask for each by itself
            yield from Filling(terms, self._codes, recent, end, settle=False).run()
            return (yield from over(recent)(terms))

        key = ("range", *self._codes, start, end)
        try:
            found = await self._lookup.find(over(start), key=key, ask=ask, day=recent, what="range")
        except RateNotFound as error:
            _check_available(error)
            raise
        self._stale = self._stale or found.stale
        return found.value

    def _has_finals(
        self, terms: "Terms", codes: Sequence[str], start: date, end: date
    ) -> "Steps[bool]":
        """Return whether no draft is among the rates; raise where some day is unknown."""
        final = True
        for code in codes:
            points = yield from self._points(terms, code, start, end)
            final = final and all(point[3] for point in points)
        return final

    def _pairs_between(
        self,
        terms: "Terms",
        codes: Sequence[str],
        start: date,
        end: date,
        *,
        snap_back: bool,
    ) -> "Steps[Pairs]":
        """Return pairs by day and quote; for a silent start the ones from before it come first."""
        names = self._names
        legs: dict[str, dict[date, tuple[Leg, bool]]] = {}
        for code in codes:
            points = yield from self._points(terms, code, start, end)
            legs[code] = {day: ((value, nominal), final) for day, value, nominal, final in points}
        days = [date.fromordinal(place) for place in range(start.toordinal(), end.toordinal() + 1)]
        always: dict[date, tuple[Leg, bool]] = dict.fromkeys(days, (None, True))
        # of the tenge no rate is needed, nor of a currency that is wanted in itself alone
        legs.update((code, always) for pair in names for code in pair if code not in legs)
        pairs = [
            Pair(day, base, quote, (one[0], other[0]), one[1] and other[1])
            for day in days
            for base, quote in names
            if (one := legs[base].get(day)) and (other := legs[quote].get(day))
        ]
        if not snap_back:
            return pairs
        silent = [(b, q) for b, q in names if start not in legs[b] or start not in legs[q]]
        before: Pairs = []
        if silent:
            before = yield from _pairs_on(terms, start, silent, self._named)
        before.sort(key=lambda pair: (pair.day, pair.quote))
        return before + pairs

    def _points(
        self, terms: "Terms", code: str, start: date, end: date
    ) -> "Steps[Sequence[Entry]]":
        """Return the figures of a code that a range has."""
        try:
            found = yield from _history(terms, (code,), start, end)
        except RateNotFound:
            if code in self._named:
                raise
            early = yield from load_series(code, start, min(end, DAILY_STARTS - ONE_DAY))
            found = yield from _history(terms, (code,), DAILY_STARTS, end)
            late = [] if found is None else found.points[code]
            return [*(point for point in early if point[3]), *late]
        return [] if found is None else found.points[code]


def _codes_of(names: Iterable[Names]) -> list[str]:
    """Return the currencies that some pairs need rates of."""
    return sorted({code for pair in names if pair[0] != pair[1] for code in pair} - {KZT})


def _history(
    terms: "Terms", codes: tuple[str, ...], start: date, end: date
) -> "Steps[History | None]":
    """Return the history of codes, `None` where a unit did not exist on any day of it.

    Raises `RateNotFound` for a day of which no feed can be asked for a code.
    """
    if start > end:
        return None
    try:
        return (yield from history_of(terms, codes, start, end, missing="skip", refresh=False))
    except RateNotFound as error:
        if error.reason == "not_available_here":
            raise
        return None


def _check_available(error: RateNotFound) -> None:
    """Refuse to say "not found" of what no feed can be asked for; there may have been a rate."""
    if error.reason == "not_available_here":
        raise Refused(503, str(error), kind="not_known_here") from None


def _pairs_on(
    terms: "Terms", day: date, names: list[Names], named: Collection[str] | None = None
) -> "Steps[Pairs]":
    """Return pairs on a day: all of them at once where that goes, else each by itself.

    A code that no feed can be asked for is an error where it is one of those `named`, by default
    all; else its pairs are left out.
    """
    codes = frozenset(_codes_of(names))
    try:
        if not codes:
            return _pairs_of(Day(day), names)
        found = yield from figures_on(terms, day, codes, missing="raise", refresh=False)
        return _pairs_of(found, names)
    except RateNotFound:
        pairs: Pairs = []
    for base, quote in names:
        wanted = frozenset({base, quote}) - {KZT}
        if base == quote:
            pairs.append(Pair(day, base, quote, (None, None), final=True))
            continue
        try:
            found = yield from figures_on(terms, day, wanted, missing="previous", refresh=False)
        except RateNotFound as error:
            if error.reason == "not_available_here" and (named is None or error.code in named):
                raise
            continue
        pairs += _pairs_of(found, [(base, quote)])
    return pairs


def _pairs_of(day: Day, names: list[Names]) -> Pairs:
    """Return those of some pairs that a day has both legs of."""
    legs: dict[str, tuple[Leg, bool]] = {
        code: (shapes.leg(figure), figure.final) for code, figure in day.figures.items()
    }
    always: tuple[Leg, bool] = None, True
    legs[KZT] = always
    # a currency in itself needs no rate
    known = ((*pair, {pair[0]: always} if pair[0] == pair[1] else legs) for pair in names)
    return [
        Pair(day.date, base, quote, (one[0], other[0]), one[1] and other[1])
        for base, quote, of in known
        if (one := of.get(base)) and (other := of.get(quote))
    ]


def _is_of_bank(query: Query) -> bool:
    providers = query.text("providers")
    return providers is None or PROVIDER in providers.upper().split(",")


def _currency(code: str, bounds: "Bounds") -> dict[str, object]:
    facts = FACTS.get(code)
    first, last = bounds[code]
    symbol = "₸" if code == KZT else None if facts is None else facts.symbol
    return {
        "iso_code": code,
        "iso_numeric": NUMERIC_CODES.get(code),
        "name": name_in("en", code),
        "symbol": symbol,
        "start_date": _iso(first),
        "end_date": _iso(last),
    }


def _iso(day: date) -> str:
    return day.isoformat()
