"""The page of the rates, the feed of new ones, and the page with what to copy: pure HTML and Atom.

The server and the exported files have the same pages; only where their links lead differs.
"""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from hashlib import sha384
from html import escape
from typing import NamedTuple, Protocol
from urllib.parse import urlencode

from kzt_rates.arithmetic import MAX_PLACES, Ratio
from kzt_rates.currency import symbol_of
from kzt_rates.dates import ALMATY, bank_date
from kzt_rates.figures import KZT
from kzt_rates.money import (
    NO_BREAK_SPACE,
    TICKER_CODES,
    in_groups,
    name_in,
    number_text,
    rate_text,
)
from kzt_rates.typing import Language
from kzt_rates.web import line, pictures, shapes
from kzt_rates.web.line import Board
from kzt_rates.web.words import ORDER, OWN_NAMES, long_date, say

PERIODS = ("1m", "3m", "1y", "5y", "all")
USUAL_PERIOD = "1y"
WIDE, NARROW = 600, 280
CURRENT, CURRENT_PERIOD = ' aria-current="page"', ' aria-current="true"'
# Amounts that a file without a server converts.
ROUND_AMOUNTS = (1, 100, 1000)


class Links(Protocol):
    """Where the links of a page lead."""

    home: str

    def page(self, language: Language, day: date | None = None, **query: str) -> str:
        """Return the address of a page."""
        ...

    def chart(self, language: Language, code: str, day: date | None) -> str:
        """Return where the chart of a currency is."""
        ...


class Served:
    """Links of the server: a page is asked for with a query."""

    def __init__(self, home: str = "./") -> None:
        self.home = home

    def page(self, language: Language, day: date | None = None, **query: str) -> str:
        """Return the address of a page."""
        asked = {"lang": language, **({"date": str(day)} if day else {}), **query}
        return f"{self.home}?{urlencode(asked)}"

    def chart(self, language: Language, code: str, day: date | None) -> str:
        """Return where the chart of a currency is: on the page with it as the base."""
        return f"{self.page(language, day, **{'from': code})}#chart"


class Filed:
    """Links of exported files, of which every page of a day and language is one."""

    def __init__(self, home: str, newest: date | None) -> None:
        self.home = home
        self.newest = newest

    def page(self, language: Language, day: date | None = None, **_query: str) -> str:
        """Return the address of a page."""
        return f"{self.home}{path_of(language, None if day == self.newest else day)}"

    def chart(self, language: Language, code: str, day: date | None) -> str:  # noqa: ARG002
        """Return where the chart of a currency is: a picture."""
        return f"{self.home}chart/{folder_of(language)}{code}.svg"


def folder_of(language: Language) -> str:
    """Return where the files of a language are, below those of the first one."""
    return "" if language == ORDER[0] else f"{language}/"


def path_of(language: Language, day: date | None) -> str:
    """Return the file of a page.

    >>> path_of("ru", None), path_of("kk", date(2026, 8, 20))
    ('index.html', 'kk/day/2026-08-20.html')
    """
    return folder_of(language) + ("index.html" if day is None else f"day/{day}.html")


class Conversion(NamedTuple):
    """What the form holds: an amount as it was written, and what it is in another currency.

    `lacking` says of each side without a rate why, in a sentence.
    """

    amount: str
    base: str
    quote: str
    number: Decimal | None
    lacking: tuple[str, ...] = ()

    def sentence(self, board: Board, language: Language) -> str | None:
        """Return the amount and what it is worth, `None` where there is no rate of a side."""
        if self.number is None:
            return None
        legs = []
        for code in (self.base, self.quote):
            figure = board.day.figures.get(code)
            if code != KZT and figure is None:
                return None
            legs.append((Decimal(1), 1) if figure is None else shapes.leg(figure))
        ratio = Ratio.of_legs(*legs)
        whole = ratio.convert(self.number)
        # a small amount keeps two digits, so that none becomes nothing
        places = 2 if not whole or whole.adjusted() >= -1 else min(1 - whole.adjusted(), MAX_PLACES)
        result = number_text(ratio.convert(self.number, places), places, language)
        given = in_groups(shapes.text(self.number), language)
        return (
            f"{given}{NO_BREAK_SPACE}{symbol_of(self.base)} = "
            f"{result}{NO_BREAK_SPACE}{symbol_of(self.quote)}"
        )


class Chart(NamedTuple):
    """What the chart of a page shows.

    `unknown`: where it has no points, a day of which it is not known that there is no rate.
    """

    code: str
    nominal: int
    points: tuple[pictures.Point, ...]
    span: tuple[date, date]
    unknown: date | None = None
    last: str = USUAL_PERIOD


class View(NamedTuple):
    """What a page shows; `earlier` and `later` are the days that its links lead to."""

    board: Board
    language: Language
    links: Links
    chart: Chart
    conversion: Conversion | None
    earlier: date | None = None
    later: date | None = None
    asked: date | None = None
    problem: str = ""


def shows_all(board: Board) -> bool:
    """Whether the table has every rate of its day: a refused figure is one that it lacks."""
    return board.day.complete and board.day.refused.keys() <= board.day.figures.keys()


def index(view: View) -> bytes:
    """Return the page of a day."""
    language, links, board = view.language, view.links, view.board

    def w(phrase: str, *facts: object) -> str:
        return escape(say(language, phrase, *facts))

    marks = []
    if board.stale or board.day.date != board.requested:
        wanted, given = bank_date(board.requested), bank_date(board.day.date)
        phrase = "none carried" if board.none else "carried"
        if wanted != given:
            marks.append((" late", w(phrase, wanted, given)))
    if not shows_all(board):
        marks.append(("", w("incomplete")))
    notes = "".join(f'<p class="problem{late}">{mark}</p>' for late, mark in marks)
    if view.problem:
        notes = f'<p class="problem" role="alert">{escape(view.problem)}</p>{notes}'
    codes = [code for code in TICKER_CODES if code in board.day.figures]
    strip = line.fragment(board, codes, language, changes=True).decode().strip() if codes else ""
    stale = ' data-stale=""' if board.stale else ""
    body = (
        f'<a class="skip" href="#rates">{w("skip")}</a>\n<div class="kzt-page"{stale}>\n'
        f"<header><div><h1>{w('title')}</h1>"
        f'<p class="subtitle">{w("subtitle")}</p></div>{_languages(view)}</header>\n<main>\n'
        f'<div class="card">{strip}{notes}</div>\n'
        f'<div class="columns">{_converter(view)}{_chart(view)}</div>\n'
        f"{_table(view)}\n</main>\n<footer><p>{w('source')}</p>"
        f'<p><a href="{links.home}{_feed_file(language)}">{w("feed")}</a> · '
        f'<a href="{links.home}embed/{folder_of(language)}index.html">{w("on your page")}</a></p>'
        "</footer>\n</div>"
    )
    title = f"{say(language, 'title')}, {bank_date(board.day.date)}"
    head = (
        f'<link rel="alternate" type="application/atom+xml" title="{w("feed")}" '
        f'href="{links.home}{_feed_file(language)}">\n'
    )
    if view.conversion is None:
        head += f'<script src="{links.home}static/kzt-rates.js" defer></script>\n'
    return line.document(title, body, language, home=links.home, kind="kzt-body", head=head)


def _feed_file(language: Language) -> str:
    return f"{folder_of(language)}feed.xml"


def _languages(view: View) -> str:
    query = {}
    if view.conversion is not None:
        query = {"from": view.conversion.base, "to": view.conversion.quote, "last": view.chart.last}
        if view.conversion.number is not None:
            # a comma is none of an amount in English
            query["amount"] = shapes.text(view.conversion.number)
    items = "".join(
        f'<li><a href="{escape(view.links.page(language, view.asked, **query))}" '
        f'lang="{language}" hreflang="{language}"'
        f"{CURRENT if language == view.language else ''}>{OWN_NAMES[language]}</a>"
        "</li>"
        for language in ORDER
    )
    return f'<nav aria-label="{escape(say(view.language, "languages"))}"><ul>{items}</ul></nav>'


def _converter(view: View) -> str:
    language, board = view.language, view.board

    def w(phrase: str, *facts: object) -> str:
        return escape(say(language, phrase, *facts))

    heading = f'<h2 id="converter">{w("converter")}</h2>'
    when = f"<small>{w('at rates of', bank_date(board.day.date))}</small>"
    asked = view.conversion
    if asked is None:
        return (
            f'<section class="card converter" aria-labelledby="converter">{heading}'
            f'<kzt-converter lang="{language}" base="{view.links.home}" '
            f'date="{board.day.date}" data-date="{board.day.date}">{_round_amounts(view)}'
            f"{when}</kzt-converter></section>"
        )
    known = [KZT, *sorted(board.day.figures)]

    def options(chosen: str) -> str:
        listed = known if chosen in known else [chosen, *known]
        return "".join(
            f'<option value="{code}"{" selected" if code == chosen else ""}>{code} · '
            f"{escape(name_in(language, code))}</option>"
            for code in listed
        )

    result = asked.sentence(board, language)
    invalid = ' aria-invalid="true" aria-describedby="result"' if asked.number is None else ""
    hidden = f'<input type="hidden" name="lang" value="{language}">'
    if view.asked:
        hidden += f'<input type="hidden" name="date" value="{view.asked}">'
    hidden += f'<input type="hidden" name="last" value="{view.chart.last}">'
    if result is None:
        sentence = (
            w("bad amount", asked.amount)
            if asked.number is None
            else escape(" ".join(asked.lacking))
        )
        output = f'<p class="result problem" id="result">{sentence}</p>'
    else:
        output = f'<p class="result" id="result"><output>{escape(result)}</output>{when}</p>'
    return (
        f'<section class="card converter" aria-labelledby="converter">{heading}'
        f'<form method="get" action="{view.links.home}"><div class="fields">{hidden}'
        f'<div class="whole"><label for="amount">{w("amount")}</label>'
        # one more than is read, so that what is left of a longer amount is refused
        f'<input id="amount" name="amount" inputmode="decimal" autocomplete="off" maxlength="51" '
        f'value="{escape(asked.amount)}"{invalid}></div>'
        f'<div class="whole"><label for="from">{w("from")}</label>'
        f'<select id="from" name="from">{options(asked.base)}</select></div>'
        f'<div class="whole"><label for="to">{w("to")}</label>'
        f'<select id="to" name="to">{options(asked.quote)}</select></div>'
        f'<div class="whole"><button>{w("convert")}</button></div></div></form>{output}</section>'
    )


def _round_amounts(view: View) -> str:
    """Return a table of round amounts, which needs neither a server nor a script."""
    board, language = view.board, view.language
    codes = [code for code in TICKER_CODES if code in board.day.figures]
    head = "".join(
        f'<th scope="col" class="number">{in_groups(str(amount), language)}</th>'
        for amount in ROUND_AMOUNTS
    )
    rows = ""
    for code in codes:
        ratio = Ratio.of_legs(shapes.leg(board.day.figures[code]), (Decimal(1), 1))
        cells = "".join(
            f'<td class="number">{number_text(ratio.convert(Decimal(amount), 2), 2, language)}</td>'
            for amount in ROUND_AMOUNTS
        )
        rows += f'<tr><th scope="row">{code}</th>{cells}</tr>'
    amounts = escape(say(language, "amount"))
    return (
        f'<div class="scroll" tabindex="0" role="group" aria-label="{amounts}">'
        f'<table><thead><tr><th scope="col">{amounts}</th>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _chart(view: View) -> str:
    language, chart = view.language, view.chart
    name = name_in(language, chart.code)
    heading = escape(f"{say(language, 'chart of')}: {name}")
    drawings = "".join(
        f'<div class="{kind}">'
        + pictures.drawing(
            chart.code,
            chart.nominal,
            chart.points,
            chart.span,
            language,
            known=chart.unknown is None,
            width=width,
            name=kind,
        )
        + "</div>"
        for kind, width in (("wide", WIDE), ("narrow", NARROW))
    )
    links = ""
    if view.conversion is not None:
        asked = view.conversion
        query = {"from": asked.base, "to": asked.quote}
        if asked.number is not None:
            query["amount"] = asked.amount
        items = "".join(
            f'<li><a href="'
            f'{escape(view.links.page(language, view.asked, **query, last=period))}#chart"'
            f"{CURRENT_PERIOD if period == chart.last else ''}>"
            f"{escape(say(language, period))}</a></li>"
            for period in PERIODS
        )
        links = f'<nav aria-label="{escape(say(language, "periods"))}"><ul>{items}</ul></nav>'
    return (
        f'<section class="card chart" aria-labelledby="chart"><h2 id="chart">{heading}</h2>'
        f"{drawings}{links}</section>"
    )


def _table(view: View) -> str:
    language, links, board = view.language, view.links, view.board
    day = board.day.date

    def w(phrase: str, *facts: object) -> str:
        return escape(say(language, phrase, *facts))

    head = "".join(
        f'<th scope="col"{kind}>{w(phrase)}</th>'
        for phrase, kind in (
            ("currency", ""),
            ("for", ' class="number lots"'),
            ("rate", ' class="number"'),
            ("change", ' class="number"'),
        )
    )
    rows = ""
    for code, figure in sorted(board.day.figures.items(), key=_most_asked_first):
        name = escape(name_in(language, code, figure.name))
        mark = "" if figure.final else f" <em>{w('provisional')}</em>"
        lot = in_groups(str(figure.nominal), language)
        before = "" if figure.nominal == 1 else f'<span class="lot">{lot}{NO_BREAK_SPACE}</span>'
        address = escape(links.chart(language, code, view.asked))
        rows += (
            f'<tr><th scope="row">{before}<a href="{address}">{escape(code)}</a> '
            f"<span>{name}</span>{mark}</th>"
            f'<td class="number lots">{lot}</td>'
            f'<td class="number"><data value="{figure.value}">'
            f"{rate_text(Decimal(figure.value), language, published=True)}</data></td>"
            f"{_change(board, code, language)}</tr>"
        )
    earlier, later = (
        f'<p><a href="{escape(links.page(language, other))}" rel="{rel}" title="{w(phrase)}">'
        f'{arrow_before}<time datetime="{other}">{bank_date(other)}</time>{arrow_after}'
        f'<span class="hidden">, {w(phrase)}</span></a></p>'
        if other
        else ""
        for other, rel, phrase, arrow_before, arrow_after in (
            (view.earlier, "prev", "the day before", "← ", ""),
            (view.later, "next", "the day after", "", " →"),
        )
    )
    form = ""
    if view.conversion is not None:
        form = (
            f'<form method="get" action="{links.home}">'
            f'<input type="hidden" name="lang" value="{language}">'
            f'<div><label for="date">{w("date")}</label>'
            f'<input id="date" type="date" name="date" value="{day}" min="1993-11-15"></div>'
            f"<button>{w('show')}</button></form>"
        )
    heading = w("rates on", long_date(day, language))
    return (
        f'<section class="card" id="rates" aria-labelledby="rates-heading" tabindex="-1">'
        f'<h2 id="rates-heading">{heading}</h2><div class="days">{earlier}{form}{later}</div>'
        f'<div class="scroll"><table><caption class="hidden">{heading}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div></section>"
    )


def _most_asked_first(item: tuple[str, object]) -> tuple[int, str]:
    code = item[0]
    return (TICKER_CODES.index(code) if code in TICKER_CODES else len(TICKER_CODES), code)


def _change(board: Board, code: str, language: Language) -> str:
    change = board.change(code)
    if change is None:
        return f'<td class="number"><span title="{escape(say(language, "new"))}">–</span></td>'
    direction = "up" if change > 0 else "down" if change else "same"
    arrow = {"up": "▲", "down": "▼", "same": "±"}[direction]
    size = rate_text(change.copy_abs(), language, published=True)
    spoken = escape(say(language, direction, size))
    return (
        f'<td class="number kzt-{direction}"><span role="img" aria-label="{spoken}">'
        f"{arrow} {size}</span></td>"
    )


# --- the feed --------------------------------------------------------------------------------


def feed(boards: Sequence[Board], language: Language, links: Links) -> bytes:
    """Return an Atom feed with an entry for each day, the newest first; tomorrow's is among them.

    An entry keeps its id when its figures are corrected, and has another text. Its link is to the
    page of its day, also today: what leads to the newest page would show other figures tomorrow.
    """
    title = escape(say(language, "title"))
    entries, newest = "", datetime(1993, 11, 15, tzinfo=ALMATY)
    for board in boards:
        day = board.day.date
        codes = [code for code in TICKER_CODES if code in board.day.figures]
        if not codes:
            continue
        at = board.day.fetched_at or datetime.combine(day, time(), ALMATY)
        newest = max(newest, at)
        draft = "" if not board.is_provisional(codes) else f" ({say(language, 'provisional')})"
        entries += (
            f"<entry><id>tag:nationalbank.kz,{day}:{language}</id>"
            f"<title>{escape(say(language, 'rates on', bank_date(day)) + draft)}</title>"
            f'<link href="{escape(links.page(language, day))}"/><updated>{_instant(at)}</updated>'
            f"<content>{escape(line.text(board, codes, language, changes=True) + draft)}</content>"
            "</entry>\n"
        )
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" '
        f'xml:lang="{language}"><id>tag:nationalbank.kz,1993-11-15:{language}</id>'
        f'<title>{title}</title><link rel="self" href="feed.xml"/>'
        f'<link href="{escape(links.page(language))}"/><updated>{_instant(newest)}</updated>'
        f"<author><name>National Bank of Kazakhstan</name></author>\n{entries}</feed>\n"
    ).encode()


def _instant(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


# --- what to copy ----------------------------------------------------------------------------


def integrity(content: bytes) -> str:
    """Return what a page pins a script's content with.

    >>> integrity(b"")[:20]
    'sha384-OLBgp1GsljhM2'
    """
    return f"sha384-{b64encode(sha384(content).digest()).decode()}"


def hashed_name(content: bytes) -> str:
    """Return the name of the script that holds its content's hash, so that it never changes."""
    return f"kzt-rates.{sha384(content).hexdigest()[:12]}.js"


def how_to_embed(board: Board, language: Language, links: Links, script: bytes) -> bytes:
    """Return the page with what to copy into one's own."""

    def w(phrase: str) -> str:
        return escape(say(language, phrase))

    site = "https://rates.example.kz/"
    codes = [code for code in TICKER_CODES if code in board.day.figures]
    filled = line.text(board, codes, language)
    day = board.day.date
    element = f'<kzt-ticker lang="{language}" data-date="{day}">{filled}</kzt-ticker>'
    snippets: Mapping[str, str] = {
        "embed frame": f'<iframe src="{site}embed/{folder_of(language)}ticker.html" '
        f'title="{say(language, "heading")}" sandbox loading="lazy" width="100%" height="96">'
        "</iframe>",
        "embed script": f'<script src="{site}static/kzt-rates.js" async></script>\n{element}',
        "embed pinned": f'<script src="{site}static/{hashed_name(script)}" async\n'
        f'  integrity="{integrity(script)}" crossorigin="anonymous"></script>\n{element}',
        # the dollar and the euro, or those that the sheet has: the text is of the code before it
        "embed more": f'<kzt-rate code="{codes[0]}" lang="{language}" data-date="{day}">'
        f"{_lone(board, codes[0], language)}</kzt-rate>\n"
        f'<kzt-ticker codes="{",".join(codes[:2])}" changes lang="{language}" data-date="{day}">'
        f"{line.text(board, codes[:2], language)}</kzt-ticker>\n"
        f'<kzt-converter amount="100" from="{codes[0]}" to="KZT" lang="{language}" '
        f'data-date="{day}"></kzt-converter>'
        if codes
        else "",
    }
    blocks = ""
    for phrase, snippet in snippets.items():
        note = f'<p class="note">{w("embed pinned note")}</p>' if phrase == "embed pinned" else ""
        blocks += (
            f'<section class="card"><h2>{w(phrase)}</h2>'
            f'<pre tabindex="0" role="region" aria-label="{w(phrase)}">{escape(snippet)}</pre>'
            f"{note}</section>\n"
        )
    languages = "".join(
        f'<li><a href="{links.home}embed/{folder_of(one)}index.html" lang="{one}" '
        f'hreflang="{one}"{CURRENT if one == language else ""}>'
        f"{OWN_NAMES[one]}</a></li>"
        for one in ORDER
    )
    body = (
        '<div class="kzt-page">\n'
        f"<header><div><h1>{w('on your page')}</h1>"
        f'<p class="subtitle">{w("embed intro")}</p></div>'
        f'<nav aria-label="{w("languages")}"><ul>{languages}</ul></nav></header>\n<main>\n'
        f'<section class="card"><h2>{w("embed view")}</h2>'
        f'<iframe src="{links.home}embed/{folder_of(language)}ticker.html" '
        f'title="{w("heading")}"></iframe></section>\n{blocks}'
        f'<p class="note">{w("embed policy")}</p>\n</main>\n'
        f'<footer><p><a href="{escape(links.page(language))}">{w("back")}</a></p></footer></div>'
    )
    title = say(language, "on your page")
    return line.document(title, body, language, home=links.home, kind="kzt-body")


def _lone(board: Board, code: str, language: Language) -> str:
    """Return the text of the element of one rate."""
    figure = board.day.figures[code]
    lot = "" if figure.nominal == 1 else f"{figure.nominal} {symbol_of(code)} "
    value = rate_text(Decimal(figure.value), language, published=True)
    return f"{lot}{value} {symbol_of(KZT)}"
