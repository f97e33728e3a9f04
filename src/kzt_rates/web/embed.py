"""The routes of the line, the pictures, the page and the feed, and the same as files."""

import os
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import date
from functools import cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, get_args
from urllib.parse import parse_qsl

from dateutil.relativedelta import relativedelta

from kzt_rates.arithmetic import EXACT, ROUNDED, parse_amount
from kzt_rates.dates import MAX_DAYS_AHEAD, ONE_DAY, bank_date
from kzt_rates.errors import (
    BankUnavailable,
    FeedError,
    KztRatesError,
    Offline,
    RateNotFound,
    UnknownCurrency,
)
from kzt_rates.figures import KZT, Day
from kzt_rates.money import TICKER_CODES
from kzt_rates.plans import load, load_nearest, load_newest_complete
from kzt_rates.plans.day import (
    LOOKBACK_DAYS,
    figures_on,
    known_codes,
    newest_standing,
    sheet_on,
)
from kzt_rates.plans.questions import load_known, survey
from kzt_rates.typing import Language
from kzt_rates.web import line, page, pictures
from kzt_rates.web.freshness import (
    FOREVER,
    NEVER,
    STATIC,
    Freshness,
    is_too_far,
    of_day,
    of_error,
    of_now,
    retry_after,
)
from kzt_rates.web.line import THEMES, Board, Theme
from kzt_rates.web.lookup import Found, Lookup, is_whole
from kzt_rates.web.messages import Answer, Query, Refused, date_of, problem_of, shown
from kzt_rates.web.page import PERIODS, USUAL_PERIOD, Chart, Conversion, Filed, Served, View
from kzt_rates.web.words import ORDER, say

if TYPE_CHECKING:
    from decimal import Decimal

    from starlette.requests import Request

    from kzt_rates.plans import Steps, Terms
    from kzt_rates.typing import Missing

T = TypeVar("T")

HTML, TEXT = "text/html; charset=utf-8", "text/plain; charset=utf-8"
SVG, ATOM = "image/svg+xml", "application/atom+xml; charset=utf-8"
POLICY = f"{line.CONTENT_POLICY}; frame-ancestors 'none'"
FRAMED = {"content-security-policy": f"{line.CONTENT_POLICY}; frame-ancestors *"}
FRAMING = {"content-security-policy": POLICY}
STATIC_FILES = {
    "kzt-rates.js": "text/javascript; charset=utf-8",
    "kzt-rates.css": "text/css; charset=utf-8",
    "kzt-rates.d.ts": "text/plain; charset=utf-8",
    "icon.svg": SVG,
}
# Pages of the line that are files as well: (whether it is a page, whether it has changes).
LINES = {
    "ticker.html": (True, False),
    "ticker-fragment.html": (False, False),
    "ticker-changes.html": (True, True),
    "ticker-changes-fragment.html": (False, True),
}
# what site builders append to the address of a script, so that browsers look again
VERSIONS = ("v", "ver")
FEED_DAYS = 30
FILED_DAYS = 31
FIRST_DAY = date(1993, 11, 15)
HOLIDAYS = 4  # days between two sheets that a link steps over
MAX_AMOUNT = 50


class Wrong(Exception):
    """What is wrong with a request, as a phrase in any language with its facts."""

    def __init__(self, status: int, phrase: str, *facts: object) -> None:
        super().__init__(phrase)
        self.status = status
        self.phrase = phrase
        self.facts = facts

    def sentence(self, language: Language) -> str:
        """Return the sentence for a reader."""
        if self.phrase == "bad lang":
            return line.problem_of_language(str(self.facts[0]))
        facts = [bank_date(fact) if isinstance(fact, date) else fact for fact in self.facts]
        return say(language, self.phrase, *facts)


class Shown(NamedTuple):
    """Figures to show, and for how long."""

    board: Board
    fresh: Freshness


def packaged(name: str) -> bytes:
    """Return a file of the package that is served as it is."""
    with open(os.path.join(os.path.dirname(__file__), "static", name), "rb") as file:
        return file.read()


@cache
def _script() -> bytes:
    return packaged("kzt-rates.js")


# --- what is looked up -----------------------------------------------------------------------


def board_of(
    codes: Iterable[str], day: date, missing: "Missing" = "raise"
) -> "Callable[[Terms], Steps[Board]]":
    """Return a plan for the figures of some codes on a day."""

    def plan(terms: "Terms") -> "Steps[Board]":
        parsed = yield from known_codes(*codes)
        known = yield from figures_on(
            terms, day, frozenset(parsed) - {KZT}, missing=missing, refresh=False
        )
        found = yield from _with_changes(day, known)
        return found._replace(none=known.date != day)

    return plan


def sheet_board(day: date, missing: "Missing" = "raise") -> "Callable[[Terms], Steps[Board]]":
    """Return a plan for the sheet of a day."""

    def plan(terms: "Terms") -> "Steps[Board]":
        known = yield from sheet_on(terms, day, missing=missing, refresh=False)
        found = yield from _with_changes(day, known)
        return found._replace(none=known.date != day)

    return plan


def newest_board(codes: Sequence[str], day: date) -> "Callable[[Terms], Steps[Board]]":
    """Return a plan for the newest complete sheet that has some codes, not after a day.

    Without one the error is that of the day.
    """

    def plan(terms: "Terms") -> "Steps[Board]":
        yield from known_codes(*codes)
        until = day
        for _ in range(LOOKBACK_DAYS):
            newest = yield from load_newest_complete(until)
            if newest is None:
                break
            known = yield from load(newest, details=True)
            if all(code in known.figures for code in codes):
                found = yield from _with_changes(day, known)
                return found._replace(stale=True)
            until = newest - ONE_DAY
        del terms
        raise Offline(f"no complete sheet is known up to {day}", date=day)

    return plan


def _with_changes(requested: date, known: Day) -> "Steps[Board]":
    detailed = yield from load(known.date, details=True)
    figures = {
        code: figure.replace(change=more.change, name=more.name)
        if (more := detailed.figures.get(code)) is not None and more.same_as(figure)
        else figure
        for code, figure in known.figures.items()
    }
    before = known.date - ONE_DAY
    return Board(requested, known.replace(figures=figures), (yield from load(before)))


def course_of(code: str, start: date, end: date) -> "Callable[[Terms], Steps[Chart]]":
    """Return a plan for what is known of the course of a currency."""

    def plan(terms: "Terms") -> "Steps[Chart]":
        yield from known_codes(code)
        entries = yield from load_known(terms, code, start, end)
        first = entries[0][0] if entries and start == FIRST_DAY else start
        unknown = None if entries else (yield from _last_unknown(terms, code, start, end))
        return _chart_of(code, entries, (first, end))._replace(unknown=unknown)

    return plan


def _last_unknown(terms: "Terms", code: str, start: date, end: date) -> "Steps[date | None]":
    """Return the last day of which it is not known that the bank has set no rate of a unit."""
    found = yield from survey(terms, (code,), start, end)
    days = [gap.date for gap in found.gaps]
    days += [known.date for known, _ in found.stale]
    days += [known.date for known, _, answer in found.withheld if answer != "no_such_unit"]
    return max(days, default=None)


def _chart_of(code: str, entries: "Sequence[Any]", span: tuple[date, date]) -> Chart:
    nominal = entries[-1][2] if entries else 1
    points = tuple(
        (
            day,
            value if lot == nominal else ROUNDED.divide(EXACT.multiply(value, nominal), lot),
        )
        for day, value, lot, _ in entries
    )
    return Chart(code, nominal, points, span)


def first_day_of(last: str, end: date) -> date:
    """Return the first day of a period that ends with a day.

    >>> first_day_of("1m", date(2026, 3, 31)), first_day_of("all", date(2026, 3, 31))
    (datetime.date(2026, 2, 28), datetime.date(1993, 11, 15))
    """
    if last == "all":
        return FIRST_DAY
    count = int(last[:-1])
    back = relativedelta(months=count) if last[-1] == "m" else relativedelta(years=count)
    return max(FIRST_DAY, end - back)


def _days_around(day: date) -> "Callable[[Terms], Steps[tuple[date | None, date | None]]]":
    """Return a plan for the days before and after one that have figures or may be asked for."""

    def plan(terms: "Terms") -> "Steps[tuple[date | None, date | None]]":
        newest = yield from load_newest_complete(terms.today() + MAX_DAYS_AHEAD * ONE_DAY)
        until = max(terms.today(), newest or date.min)
        near = yield from load_nearest(None, day)
        earlier, later = (
            None
            if not FIRST_DAY <= beside <= until
            # over days that are known to have none; over others, which may be asked for, not
            else known
            if known and abs((known - day).days) <= HOLIDAYS
            else beside
            for beside, known in zip((day - ONE_DAY, day + ONE_DAY), near, strict=True)
        )
        return earlier, later

    return plan


def wrong_of(error: Exception, day: date, today: date) -> Wrong:
    """Return what is wrong for a reader."""
    if isinstance(error, Wrong):
        found = error
    elif isinstance(error, UnknownCurrency):
        found = Wrong(404, "unknown currency", shown(error.code))
    elif isinstance(error, RateNotFound):
        day = error.date or day
        if day > today and error.reason in ("none_published", "too_far_ahead"):
            found = Wrong(404, "not yet", day)
        elif error.code is None and error.reason in ("none_published", "no_such_unit"):
            found = Wrong(404, "no sheet", day)
        elif error.code is None or error.reason == "not_available_here":
            found = Wrong(404, "not known", day)
        else:
            found = Wrong(404, "none", error.code, day)
    elif isinstance(error, Offline):
        found = Wrong(503, "not known", error.date or day)
    elif isinstance(error, Refused):
        found = Wrong(error.status, "bad query")
    else:
        found = Wrong(problem_of(error).status, "unreachable")
    return found


# --- the routes ------------------------------------------------------------------------------


class Site:
    """What answers with something to look at."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup

    def routes(self) -> "dict[str, Callable[[Request], Any]]":
        """Return the handlers by path."""
        return {
            "/": self.index,
            "/kk/": self.index,
            "/en/": self.index,
            **{f"/{page.folder_of(one)}index.html": self.index for one in ORDER},
            **{f"/{page.folder_of(one)}day/{{name}}": self.day for one in ORDER},
            **{f"/{page.folder_of(one)}feed.xml": self.feed for one in ORDER},
            **{
                f"/{kind}/{page.folder_of(one)}{{name}}": handler
                for one in reversed(ORDER)
                for kind, handler in (("badge", self.badge), ("chart", self.chart))
            },
            "/embed/rates.json": self.rates,
            "/embed/rates/{day}": self.rates,
            "/embed/ticker": self.ticker,
            "/embed/ticker-fragment": self.ticker,
            **{
                f"/embed/{page.folder_of(one)}{name}": self.ticker
                for one in ORDER
                for name in LINES
            },
            **{f"/embed/{page.folder_of(one)}": self.embed for one in ORDER},
            **{f"/embed/{page.folder_of(one)}index.html": self.embed for one in ORDER},
            "/static/{name}": self.static,
        }

    # --- the line ----------------------------------------------------------------------------

    async def ticker(self, request: "Request") -> Answer:
        """Answer with the line, as a page to frame or as a fragment."""
        path = _path_of(request)
        folder, _, name = path.removeprefix("/embed/").rpartition("/")
        whole, changes = LINES.get(name, (name == "ticker", False))
        home = "../../" if folder else "../"
        language: Language = _language_of(folder)
        theme: Theme = "auto"
        day: date | None = None
        language = _reader_of(request, language)
        try:
            query = Query(
                request.scope["query_string"], ("codes", "lang", "date", "changes", "theme")
            )
            language = _language(query, language)
            theme = _theme(query, "auto")
            codes = _codes(query)
            day = _date(query)
            changes = _one_of(query, "changes", ("0", "1"), "1" if changes else "0") == "1"
            board, fresh = await self._board(codes, day)
        except (Wrong, Refused, KztRatesError) as error:
            on = day or self._lookup.today()
            wrong = wrong_of(error, on, self._lookup.today())
            sentence = wrong.sentence(language)
            body = (
                line.problem_page(sentence, language, theme=theme, home=home)
                if whole
                else line.problem_fragment(sentence, language)
            )
            return self._wrong(wrong, body, on, FRAMED)
        body = (
            line.page(board, codes, language, changes=changes, theme=theme, home=home)
            if whole
            else line.fragment(board, codes, language, changes=changes)
        )
        return Answer(body, HTML, fresh, headers=dict(FRAMED), modified=board.day.fetched_at)

    async def rates(self, request: "Request") -> Answer:
        """Answer with the figures for the elements of a page."""
        Query(request.scope["query_string"], ())
        name = request.path_params.get("day")
        if name is None:
            board, fresh = await self._newest_sheet()
        else:
            stem, dot, ending = name.rpartition(".")
            if not dot or ending != "json":
                raise Refused(404, "not found")
            board, fresh = await self._sheet(date_of(stem))
        return Answer(
            line.data(board, sorted(board.day.figures)),
            "application/json; charset=utf-8",
            fresh,
            modified=board.day.fetched_at,
        )

    async def embed(self, request: "Request") -> Answer:
        """Answer with what to copy into one's own page."""
        Query(request.scope["query_string"], ())
        folder = _path_of(request).removeprefix("/embed/").rpartition("/")[0]
        language = _language_of(folder)
        home = "../../" if folder else "../"
        try:
            board, fresh = await self._newest_sheet()
        except KztRatesError as error:
            today = self._lookup.today()
            wrong = wrong_of(error, today, today)
            body = line.problem_page(wrong.sentence(language), language, theme="auto", home=home)
            return self._wrong(wrong, body, today, FRAMING)
        links = Filed(home, board.day.date)
        body = page.how_to_embed(board, language, links, _script())
        return Answer(body, HTML, fresh, headers=dict(FRAMING))

    # --- pictures ----------------------------------------------------------------------------

    async def badge(self, request: "Request") -> Answer:
        """Answer with a badge of a currency."""
        return await self._picture(request, ("lang", "date", "theme"), self._badge)

    async def chart(self, request: "Request") -> Answer:
        """Answer with a chart of a currency."""
        allowed = ("lang", "date", "theme", "last", "width")
        return await self._picture(request, allowed, self._chart)

    async def _badge(self, code: str, language: Language, query: Query) -> Answer:
        theme = _theme(query, "light")
        board, fresh = await self._board((code,), _date(query))
        return Answer(pictures.badge(board, code, language, theme), SVG, fresh)

    async def _chart(self, code: str, language: Language, query: Query) -> Answer:
        theme = _theme(query, "light")
        last = _one_of(query, "last", PERIODS, USUAL_PERIOD)
        width = query.text("width") or str(pictures.WIDTH)
        if not (width.isascii() and width.isdigit() and len(width) < 5) or not (
            pictures.MIN_WIDTH <= int(width) <= pictures.MAX_WIDTH
        ):
            raise Wrong(422, "bad width", shown(width))
        today, now = self._lookup.moment()
        end, latest = _date(query) or today, today + MAX_DAYS_AHEAD * ONE_DAY
        if not FIRST_DAY <= end <= latest:
            raise Wrong(422, "bad day", end, FIRST_DAY, latest)
        drawn = await self._course(code, last, end)
        if drawn.unknown is not None:
            raise Wrong(503, "not known", drawn.unknown)

        def draw() -> bytes:
            return pictures.chart(
                code, drawn.nominal, drawn.points, drawn.span, language,
                width=int(width), theme=theme,
            )  # fmt: skip

        body = await self._lookup.in_thread(draw, what="page")
        return Answer(body, SVG, of_now(now))

    async def _picture(
        self,
        request: "Request",
        allowed: Sequence[str],
        draw: "Callable[[str, Language, Query], Awaitable[Answer]]",
    ) -> Answer:
        """Answer with a picture, or with a sentence where there can be none."""
        code, _, ending = request.path_params["name"].rpartition(".")
        if ending != "svg":
            raise Refused(404, "not found")
        folder = "/".join(_path_of(request).split("/")[2:-1])
        language = _reader_of(request, _language_of(folder))
        try:
            query = Query(request.scope["query_string"], allowed)
            language = _language(query, language)
            if len(code) != 3 or not (code.isascii() and code.isalpha()):
                raise Wrong(422, "bad code", shown(code))
            if code.upper() == KZT:
                raise Wrong(404, "unknown currency", KZT)
            return await draw(code.upper(), language, query)
        except (Wrong, Refused, KztRatesError) as error:
            today = self._lookup.today()
            wrong = wrong_of(error, today, today)
            answer = self._wrong(wrong, f"{wrong.sentence(language)}\n".encode(), today, {})
            answer.media_type = TEXT
            return answer

    # --- the page ----------------------------------------------------------------------------

    async def index(self, request: "Request") -> Answer:
        """Answer with the page of a day."""
        folder, _, name = _path_of(request).removeprefix("/").rpartition("/")
        language, home = _language_of(folder), "../" if folder else "./"
        del name
        today = self._lookup.today()
        wrong: Wrong | None = None
        day: date | None = None
        last, amount, base, quote = USUAL_PERIOD, "100", "USD", KZT
        pair = base, quote
        language = _reader_of(request, language)
        number = _amount(amount, language)
        try:
            query = Query(
                request.scope["query_string"], ("amount", "from", "to", "date", "lang", "last")
            )
            # read first: a wrong parameter neither loses it nor makes it the wrong one
            amount = query.text("amount") or amount
            number = _amount(amount, language)
            amount = amount if len(amount) <= MAX_AMOUNT else f"{shown(amount)}…"
            language = _language(query, language)
            last = _one_of(query, "last", PERIODS, USUAL_PERIOD)
            pair = _code(query, "from", base), _code(query, "to", quote)
            day = _date(query)
            board, fresh = await (
                self._newest_sheet() if day is None else self._sheet(day, "previous")
            )
            base, quote = await self._lookup.in_thread(self._known_codes, *pair)
        except (Wrong, Refused, KztRatesError) as error:
            wrong = wrong_of(error, day or today, today)
            day = None
            with suppress(KztRatesError):
                base, quote = await self._lookup.in_thread(self._known_codes, *pair)
            try:
                board, fresh = await self._newest_sheet()
            except KztRatesError:
                body = line.problem_page(
                    wrong.sentence(language), language, theme="auto", home=home
                )
                return self._wrong(wrong, body, today, FRAMING)
        code = base if base != KZT else quote
        if code == KZT:
            code = "USD"
        chart = await self._course(code, last, board.day.date)
        earlier, later = (
            await self._lookup.in_thread(partial(self._lookup.read, _days_around(board.day.date)))
        ).value
        lacking = await self._lacking((base, quote), board, language)
        view = View(
            board,
            language,
            Served(home),
            chart._replace(last=last),
            Conversion(amount, base, quote, number, lacking),
            earlier,
            later,
            day,
            "" if wrong is None else wrong.sentence(language),
        )
        body = await self._lookup.in_thread(page.index, view, what="page")
        if wrong is not None:
            return self._wrong(wrong, body, today, FRAMING)
        if lacking or chart.unknown is not None or not page.shows_all(board):
            fresh = of_now(self._lookup.now(), complete=False, stale=fresh.stale)
        return Answer(body, HTML, fresh, headers=dict(FRAMING), modified=board.day.fetched_at)

    def _known_codes(self, *codes: str) -> tuple[str, ...]:
        """Return codes that the table or the store knows; raise `UnknownCurrency` for others."""
        return self._lookup.read(lambda _: known_codes(*codes)).value

    async def _lacking(
        self, codes: Sequence[str], board: Board, language: Language
    ) -> tuple[str, ...]:
        """Return why a board has no figure of some codes, a sentence each; the bank is not asked.

        That there is none is said only where the library says so.
        """
        day, sentences = board.day.date, []
        for code in dict.fromkeys(codes):
            if code == KZT or code in board.day.figures:
                continue
            wrong = Wrong(
                503, "refused" if code in board.day.refused else "code not known", code, day
            )
            try:
                plan = board_of((code,), day)
                await self._lookup.in_thread(partial(self._lookup.read, plan))
            except RateNotFound as error:
                if error.reason in ("none_published", "no_such_unit"):
                    wrong = wrong_of(error, day, self._lookup.today())
            except (Offline, FeedError):
                pass
            sentences.append(wrong.sentence(language))
        return tuple(sentences)

    async def feed(self, request: "Request") -> Answer:
        """Answer with the last days as a feed."""
        Query(request.scope["query_string"], ())
        folder = _path_of(request).removeprefix("/").rpartition("/")[0]
        language, home = _language_of(folder), "../" if folder else ""
        now = self._lookup.now()
        _, boards = await self._lookup.in_thread(filed_boards, self._lookup, FEED_DAYS, what="page")
        if not boards:
            raise Refused(503, "no whole sheet is known here", kind="not_known_here")
        body = page.feed(boards, language, Filed(home, None))
        return Answer(body, ATOM, of_now(now))

    async def day(self, request: "Request") -> Answer:
        """Answer with the page of a day as it is in the exported files, or with what is wrong."""
        Query(request.scope["query_string"], ())
        stem, dot, ending = request.path_params["name"].rpartition(".")
        if not dot or ending != "html":
            raise Refused(404, "not found")
        language = _language_of(_path_of(request).removeprefix("/").rpartition("day/")[0][:-1])
        home = "../../" if page.folder_of(language) else "../"
        today, now = self._lookup.moment()
        wrong: Wrong | None = None
        try:
            shown_now, _ = await self._newest_sheet()
        except KztRatesError as error:
            wrong = wrong_of(error, today, today)
            body = line.problem_page(wrong.sentence(language), language, theme="auto", home=home)
            return self._wrong(wrong, body, today, FRAMING)
        newest, boards = await self._lookup.in_thread(filed_boards, self._lookup, what="page")
        day, board = today, newest or shown_now
        links = Filed(home, board.day.date)
        chart = await self._course(_code_of_chart(board), USUAL_PERIOD, board.day.date)
        try:
            day = _day_of(stem)
            known = next((one for one in boards if one.day.date == day), None)
            if known is None or (known.stale and known.requested == day):
                board = (await self._sheet(day)).board
                if known is not None and not board.stale:  # the bank has confirmed it since
                    _, boards = await self._lookup.in_thread(
                        filed_boards, self._lookup, what="page"
                    )
            board = next((one for one in boards if one.day.date == day), board)
        except (Wrong, KztRatesError) as error:
            wrong = wrong_of(error, day, today)
        if board in boards:
            view = _filed_view(board, boards, language, links, chart)
        else:
            around = partial(self._lookup.read, _days_around(board.day.date))
            earlier, later = (await self._lookup.in_thread(around)).value
            view = View(board, language, links, chart, None, earlier, later, board.day.date)
        if wrong is not None:
            view = view._replace(problem=wrong.sentence(language))
        body = await self._lookup.in_thread(page.index, view, what="page")
        if wrong is not None:
            return self._wrong(wrong, body, day, FRAMING)
        fresh = of_now(now, complete=page.shows_all(board), stale=board.stale and not board.none)
        return Answer(body, HTML, fresh, headers=dict(FRAMING), modified=board.day.fetched_at)

    async def static(self, request: "Request") -> Answer:
        """Answer with the script, its types or the style."""
        Query(request.scope["query_string"], VERSIONS)
        name = request.path_params["name"]
        if name == page.hashed_name(_script()):
            return Answer(_script(), STATIC_FILES["kzt-rates.js"], Freshness(FOREVER))
        if name not in STATIC_FILES:
            raise Refused(404, "not found")
        return Answer(packaged(name), STATIC_FILES[name], STATIC)

    # --- figures -----------------------------------------------------------------------------

    async def _board(self, codes: Sequence[str], day: date | None) -> Shown:
        """Return the figures of a day, or the newest ones for none."""
        on = day or self._lookup.today()
        if day is not None:
            found = await self._lookup.find(board_of(codes, on), key=("day", on), day=on)
            return self._dated(found, day)
        return await self._or_newest(
            self._lookup.find(board_of(codes, on), key=("day", on), day=on), codes, on
        )

    async def _sheet(self, day: date, missing: "Missing" = "raise") -> Shown:
        found = await self._lookup.find(
            sheet_board(day, missing),
            key=("day", day),
            enough=lambda board: is_whole(board.day),
            day=day,
        )
        return self._dated(found, day, complete=is_whole(found.value.day))

    async def _newest_sheet(self) -> Shown:
        today = self._lookup.today()
        found = self._lookup.find(
            sheet_board(today),
            key=("day", today),
            enough=lambda board: is_whole(board.day),
            day=today,
        )
        return await self._or_newest(found, (), today)

    async def _or_newest(
        self, finding: "Awaitable[Found[Board]]", codes: Sequence[str], today: date
    ) -> Shown:
        """Return today's figures, or where they are not known the newest complete sheet's."""
        now = self._lookup.now()
        try:
            found = await finding
        except (RateNotFound, Offline, BankUnavailable, FeedError) as error:
            if isinstance(error, RateNotFound) and error.reason == "no_such_unit":
                raise
            found = await self._instead(error, codes, today)
        board = found.value
        late = found.stale or (board.stale and not board.none)
        complete = board.day.complete or bool(codes)
        shown = board._replace(stale=found.stale or board.stale)
        return Shown(shown, of_now(now, complete=complete, stale=late))

    async def _instead(
        self, error: KztRatesError, codes: Sequence[str], today: date
    ) -> "Found[Board]":
        """Return what is in force on a day for which the bank set none, else the newest sheet.

        Over a day that is not known nothing is in force: it may have rates of its own.
        """
        if isinstance(error, RateNotFound) and error.reason == "none_published":
            plan = board_of(codes, today, "previous") if codes else sheet_board(today, "previous")
            with suppress(RateNotFound, Offline, BankUnavailable, FeedError):
                found = await self._lookup.find(plan, key=("carried", today, *codes), day=today)
                return Found(found.value._replace(stale=True), found.stale)
        try:
            read = partial(self._lookup.read, newest_board(codes, today))
            return await self._lookup.in_thread(read)
        except Offline:
            raise error from None

    def _dated(self, found: "Found[Board]", day: date, *, complete: bool = True) -> Shown:
        board = found.value._replace(stale=found.stale)
        fresh = of_day(
            day,
            self._lookup.now(),
            final=not board.is_provisional(tuple(board.day.figures)),
            carried=board.day.date != day,
            complete=complete,
            stale=found.stale,
        )
        return Shown(board, fresh)

    async def _course(self, code: str, last: str, end: date) -> Chart:
        """Return what is known of the course of a currency; the bank is not asked for a picture."""
        plan = course_of(code, first_day_of(last, end), end)
        read = partial(self._lookup.read, plan)
        found: Found[Chart] = await self._lookup.in_thread(read, what="page")
        return found.value

    def _wrong(self, wrong: Wrong, body: bytes, day: date, headers: dict[str, str]) -> Answer:
        now = self._lookup.now()
        fresh = Freshness(of_error(wrong.status, "", day, now)) if wrong.status < 500 else NEVER
        more = dict(headers)
        if wrong.status == 503:
            more["retry-after"] = str(self._lookup.seconds_to_question())
        elif wrong.phrase == "not yet" and not any(
            isinstance(fact, date) and is_too_far(fact, now) for fact in wrong.facts
        ):
            more["retry-after"] = str(retry_after(now))
        return Answer(body, HTML, fresh, status=wrong.status, headers=more)


# --- the files -------------------------------------------------------------------------------


def files(lookup: Lookup, *, days: int = FILED_DAYS) -> "Iterator[tuple[str, bytes]]":
    """Yield the path and the content of each file of the site: pages, lines, pictures, feed.

    The pages and the data for elements are of the newest sheet and of as many days before it.
    Nothing is asked. Where no sheet is known there are but the static files.
    """
    script = _script()
    for name in STATIC_FILES:
        yield f"static/{name}", packaged(name)
    yield f"static/{page.hashed_name(script)}", script
    newest, boards = filed_boards(lookup, days)
    if newest is None:
        return
    codes = sorted(newest.day.figures)
    yield "embed/rates.json", line.data(newest, codes)
    for board in boards:
        of_its_day = board if board.requested == board.day.date else _own(lookup, board.day.date)
        body = line.data(of_its_day, sorted(board.day.figures))
        yield f"embed/rates/{board.day.date}.json", body
    usual = [code for code in TICKER_CODES if code in newest.day.figures]
    charts = {
        code: lookup.read(
            course_of(code, first_day_of(USUAL_PERIOD, newest.day.date), newest.day.date)
        ).value
        for code in codes
    }
    shown_chart = charts[_code_of_chart(newest)]
    for language in ORDER:
        folder = page.folder_of(language)
        home = "../" if folder else ""
        for name, (whole, changes) in LINES.items():
            content = (
                line.page(newest, usual, language, changes=changes, home=f"../{home}")
                if whole
                else line.fragment(newest, usual, language, changes=changes)
            )
            yield f"embed/{folder}{name}", content
        links = Filed(f"../{home}", newest.day.date)
        yield f"embed/{folder}index.html", page.how_to_embed(newest, language, links, script)
        for code, chart in charts.items():
            yield f"badge/{folder}{code}.svg", pictures.badge(newest, code, language)
            drawn = pictures.chart(
                code, chart.nominal, chart.points, chart.span, language,
                known=chart.unknown is None,
            )  # fmt: skip
            yield f"chart/{folder}{code}.svg", drawn
        here = Filed(home, newest.day.date)
        yield f"{folder}feed.xml", page.feed(boards[:FEED_DAYS], language, Filed(home, None))
        for board in boards:
            view = _filed_view(board, boards, language, links, shown_chart)
            yield page.path_of(language, board.day.date), page.index(view)
            if board is newest:
                yield page.path_of(language, None), page.index(view._replace(links=here))


def filed_boards(lookup: Lookup, days: int = FILED_DAYS) -> tuple[Board | None, list[Board]]:
    """Return the newest sheet that is not after today, and the newest sheets, itself among them.

    They are the days that have a page as a file. Nothing is asked; blocks.
    """
    today, boards = lookup.today(), _boards_until(lookup, days)
    place = next((place for place, one in enumerate(boards) if one.day.date <= today), None)
    if place is None:
        return None, boards
    newest, none = boards[place], False
    if newest.day.date < today:
        with suppress(KztRatesError):  # over a day that is not known none is in force
            in_force = lookup.read(sheet_board(today, "previous")).value
            none = in_force.none and in_force.day.date == newest.day.date
        newest = boards[place] = newest._replace(stale=True, requested=today, none=none)
    return newest, boards


def _filed_view(
    board: Board, boards: list[Board], language: Language, links: Filed, chart: Chart
) -> View:
    """Return what the page of a day shows that has a file; its neighbours have one, too."""
    place, day = boards.index(board), board.day.date
    return View(
        board,
        language,
        links,
        chart,
        None,
        boards[place + 1].day.date if place + 1 < len(boards) else None,
        boards[place - 1].day.date if place else None,
        None if day == links.newest else day,
    )


def _code_of_chart(board: Board) -> str:
    return "USD" if "USD" in board.day.figures else min(board.day.figures)


def _boards_until(lookup: Lookup, count: int) -> list[Board]:
    """Return the newest sheets known here, tomorrow's among them, the newest first; blocks.

    Each is what its own day answers: a draft past its time is marked, a withdrawn one left out.
    """
    found: list[Board] = []
    until = lookup.today() + MAX_DAYS_AHEAD * ONE_DAY
    while len(found) < count:
        newest: Day | None = lookup.read(partial(_newest_standing, until)).value
        if newest is None:
            break
        with suppress(KztRatesError):
            board = _own(lookup, newest.date)
            if board.day.figures:
                found.append(board)
        until = newest.date - ONE_DAY
    return found


def _own(lookup: Lookup, day: date) -> Board:
    """Return what is known here of a day for whoever asks for it by name; blocks."""
    found = lookup.read(sheet_board(day))
    return found.value._replace(stale=found.stale)


def _newest_standing(until: date, terms: "Terms") -> "Steps[Day | None]":
    del terms
    return newest_standing(until)


# --- what a request asks for -----------------------------------------------------------------


def _path_of(request: "Request") -> str:
    path: str = request.scope["path"]
    root: str = request.scope.get("root_path", "")
    return path[len(root) :] if root and path.startswith(f"{root}/") else path


def _language_of(folder: str) -> Language:
    for known in get_args(Language):
        if known == folder:
            found: Language = known
            return found
    return ORDER[0]


def _reader_of(request: "Request", language: Language) -> Language:
    """Return the language that was asked for, of a request that may be wrong otherwise."""
    asked = parse_qsl(request.scope["query_string"].decode("latin-1"))
    for known in ORDER:
        if ("lang", known) in asked:
            return known
    return language


def _language(query: Query, default: Language) -> Language:
    chosen = _one_of(query, "lang", ORDER, default)
    return _language_of(chosen)


def _theme(query: Query, default: Theme) -> Theme:
    chosen = _one_of(query, "theme", THEMES, default)
    return next(theme for theme in THEMES if theme == chosen)


def _one_of(query: Query, name: str, choices: "Sequence[T]", default: "T") -> "T":
    value = query.text(name)
    if value is None:
        return default
    for choice in choices:
        if choice == value:
            return choice
    facts = (shown(value), ", ".join(PERIODS)) if name == "last" else (shown(value),)
    raise Wrong(422, f"bad {name}", *facts)


def _codes(query: Query) -> tuple[str, ...]:
    try:
        codes = query.codes("codes") or TICKER_CODES
    except Refused:
        raise Wrong(422, "bad codes", shown(query.text("codes") or "")) from None
    if KZT in codes:
        raise Wrong(422, "bad codes", KZT)
    return codes


def _code(query: Query, name: str, default: str) -> str:
    try:
        return query.code(name, default)
    except Refused:
        raise Wrong(422, "bad code", shown(query.text(name) or "")) from None


def _date(query: Query) -> date | None:
    value = query.text("date")
    return None if not value else _day_of(value)  # an empty field of a form is none


def _day_of(text: str) -> date:
    try:
        return date_of(text)
    except Refused:
        raise Wrong(422, "bad date", shown(text)) from None


def _amount(text: str, language: Language) -> "Decimal | None":
    """Return an amount as a person writes it, `None` for what is none.

    A comma stands before the decimals in Russian and Kazakh, and means thousands to some readers
    of English.
    """
    if len(text) > MAX_AMOUNT:  # a part of it would be another amount
        return None
    plain = "".join(text.split())
    try:
        return parse_amount(plain if language == "en" else plain.replace(",", ".", 1))
    except ValueError:
        return None
