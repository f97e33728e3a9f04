"""The routes `/v2` and `/v1` in the shape of Frankfurter, for the clients that there are of it.

Numbers are JSON numbers, the base is EUR where none is named, and errors read as there. Days
without a rate are answered by the day before, with its date.
"""

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

from starlette.requests import Request

from kzt_rates.figures import KZT, Day
from kzt_rates.plans.day import figures_on, sheet_on
from kzt_rates.web import shapes
from kzt_rates.web.freshness import Freshness, of_day, of_now
from kzt_rates.web.lookup import Found, Lookup
from kzt_rates.web.messages import (
    Answer,
    Query,
    Refused,
    form_of,
    with_ending,
)
from kzt_rates.web.shapes import MEDIA_TYPES, PROVIDER, Leg, Row

if TYPE_CHECKING:
    from kzt_rates.plans.steps import Steps, Terms

BASE = "EUR"
V2_PARAMETERS = ("base", "quote", "quotes", "providers", "date", "from", "to", "group", "expand")
GROUPS = ("week", "month", "quarter", "year")
# Figures of a range that are read and written at once; more is sent in pieces.
FIGURES_AT_ONCE = 4000


class Frankfurter:
    """What answers under `/v2` and `/v1`."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup

    def routes(self) -> "dict[str, Callable[[Request], Any]]":
        """Return the handlers by path."""
        rates = ("/v2/rates", f"/v2/providers/{PROVIDER}/rates")
        return {
            **{
                path + end: self.rates for path in rates for end in ("", ".json", ".csv", ".ndjson")
            },
            "/v2/rate/{base}/{quote}": self.rate,
        }

    async def rates(self, request: Request) -> Answer:
        """Answer with a row for each currency: of now, of a date or of a range."""
        ending = with_ending(request.url.path.rpartition("/")[2])[1]
        form = form_of(request.headers.get("accept", ""), ending)
        query = Query(request.scope["query_string"], V2_PARAMETERS)
        base, quotes = query.code("base", BASE), query.codes("quotes")
        asked_for = query.date("date")
        day = asked_for or self._lookup.today()
        found = await self._legs_on(day, base, quotes)
        rows = _rows_of(found.value, base, quotes)
        body = b"".join(shapes.rows(form, [rows], providers="expand" in query))
        fresh = self._fresh(asked_for, found)
        answer = Answer(body, MEDIA_TYPES[form], fresh)
        if ending is None:
            answer.headers["vary"] = "Accept"
        return answer

    async def rate(self, request: Request) -> Answer:
        """Answer with one row."""
        base, quote = (request.path_params[name].upper() for name in ("base", "quote"))
        query = Query(request.scope["query_string"], ("date", "providers"))
        asked_for = query.date("date")
        day = asked_for or self._lookup.today()
        found = await self._legs_on(day, base, (quote,))
        rows = _rows_of(found.value, base, (quote,))
        if not rows:
            raise Refused(404, "not found")
        return Answer(shapes.row(rows[0]), MEDIA_TYPES["json"], self._fresh(asked_for, found))

    async def _legs_on(self, day: date, base: str, quotes: tuple[str, ...] | None) -> "Found[Day]":
        def plan(terms: "Terms") -> "Steps[Day]":
            if quotes is None:
                return (yield from sheet_on(terms, day, missing="previous", refresh=False))
            codes = frozenset({base, *quotes}) - {KZT}
            return (yield from figures_on(terms, day, codes, missing="previous", refresh=False))

        return await self._lookup.find(plan, key=("day", day), day=day)

    def _fresh(self, asked_for: date | None, found: "Found[Day]") -> Freshness:
        now = self._lookup.now()
        if asked_for is None or asked_for > self._lookup.today():
            return of_now(now, stale=found.stale)
        final = not found.value.has_provisional()
        return of_day(asked_for, now, final=final, stale=found.stale)


def _rows_of(day: Day, base: str, quotes: tuple[str, ...] | None) -> list[Row]:
    legs: dict[str, Leg] = {code: shapes.leg(figure) for code, figure in day.figures.items()}
    legs[KZT] = None
    if base not in legs:
        return []
    return [
        (day.date, base, quote, shapes.cross(legs[base], legs[quote]))
        for quote in sorted(quotes or legs)
        if quote in legs
    ]
