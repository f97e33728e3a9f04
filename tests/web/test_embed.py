"""The line, the pictures, the page and the feed, and the same as files: what is in them."""

import csv
import gzip
import re
import shutil
import subprocess
from datetime import date, datetime, timedelta
from decimal import Decimal
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from posixpath import join, normpath
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from lxml import etree

import kzt_rates
from kzt_rates.figures import Day, Figure
from kzt_rates.money import NO_BREAK_SPACE
from kzt_rates.testing import SettableClock, StandInBank
from kzt_rates.web import line, page, pictures
from kzt_rates.web.embed import STATIC_FILES, course_of, files, packaged
from kzt_rates.web.line import Board
from kzt_rates.web.words import _WORDS, ORDER

LINE = "Курсы валют Нацбанка РК (29.11.2025) $ 512.53 ₸ € 592.43 ₸ ¥ 72.44 ₸ ₽ 6.53 ₸"
HEADINGS = {
    "ru": "Курсы валют Нацбанка РК",
    "kk": "ҚР Ұлттық Банкінің валюта бағамдары",
    "en": "Exchange rates of the National Bank of Kazakhstan",
}
FIGURES = Path(__file__).parents[2] / "data" / "official_rates.csv"
ATOM = "{http://www.w3.org/2005/Atom}"
TWO_DAYS = ("day/2025-12-06.html", "index.html")
HOSTILE = '"><script>alert(1)</script>&'


def sheet_of(day: str) -> kzt_rates.RateSheet:
    """Return the archive's sheet of a day, by the library."""
    with kzt_rates.Client(cache=False, offline=True) as client:
        return client.sheet(day)


def line_of(day: str, codes: list[str], *, changes: bool) -> str:
    """Return the library's ticker: changes are those since the sheet of the day before."""
    before = (date.fromisoformat(day) - timedelta(days=1)).isoformat()
    return sheet_of(day).ticker(codes, changes=sheet_of(before) if changes else False)


def text_of(html: str) -> str:
    body = html.partition("<body")[2].partition(">")[2] or html
    return unescape(re.sub(r"<[^>]*>", "", body)).strip()


class Tags(HTMLParser):
    """The tags of a page with their attributes; what is open must be closed in order."""

    VOID = frozenset({"meta", "link", "input", "br", "path", "rect", "circle"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len({*names}), (tag, names)
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: Any) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


# --- the line --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/embed/ticker?date=2025-11-29", "/embed/ticker-fragment?date=2025-11-29"]
)
def test_the_line(archived: Any, path: str) -> None:
    """The text is that of the news site, to the character."""
    answer = archived.get(path)
    assert text_of(answer.text) == LINE
    assert '<time datetime="2025-11-29">29.11.2025</time>' in answer.text
    assert '<data value="512.53">512.53</data>' in answer.text
    assert answer.headers["content-security-policy"].endswith("frame-ancestors *")


@pytest.mark.parametrize("day", ["2025-11-29", "2025-12-05", "2026-08-21"])
@pytest.mark.parametrize("lang", ORDER)
def test_the_line_is_the_librarys(archived: Any, day: str, lang: str) -> None:
    """In any language the line is a heading and the library's ticker, with changes and without."""
    codes = ["USD", "EUR"] if day == "2025-11-29" else ["AMD", "UZS", "USD"]
    for changes in (False, True):
        mark = int(changes)
        path = f"/embed/ticker-fragment?codes={','.join(codes)}&lang={lang}&date={day}"
        answer = archived.get(f"{path}&changes={mark}")
        expected = line_of(day, codes, changes=changes)
        assert text_of(answer.text) == f"{HEADINGS[lang]} {expected}"


def test_todays_line_is_that_of_no_date(archived: Any) -> None:
    """Without a date it is today's line, unmarked."""
    answer = archived.get("/embed/ticker-fragment")
    assert text_of(answer.text).startswith(f"{HEADINGS['ru']} (21.08.2026) $ 458.23 ₸")
    assert "data-stale" not in answer.text
    assert "data-provisional" not in answer.text


@pytest.mark.parametrize(
    ("lang", "note"),
    [
        ("ru", "курсы на сегодня ещё не получены"),
        ("kk", "бүгінгі бағамдар әлі алынған жоқ"),
        ("en", "today’s rates have not been received yet"),
    ],
)
def test_without_todays_figures(lang: str, note: str, serve: Any) -> None:
    """Without today's figures it is the newest complete sheet's line, dated and marked."""
    clock = SettableClock("2026-08-24T09:00+05:00")
    http = serve("none", cache=False, archive=None, offline=True, clock=clock)
    answer = http.get(f"/embed/ticker-fragment?lang={lang}")
    assert answer.status_code == 200
    assert text_of(answer.text).startswith(f"{HEADINGS[lang]} (21.08.2026) $ 458.23 ₸")
    assert f'data-stale="{note}"' in answer.text
    assert answer.headers["x-kzt-rates-stale"] == "1"
    rates = http.get("/embed/rates.json").json()
    assert (rates["date"], rates["requested_date"], rates["stale"]) == (
        "2026-08-21", "2026-08-24", True,
    )  # fmt: skip
    assert 'data-stale=""' in http.get("/badge/USD.svg").text
    assert "21.08.2026" in http.get("/badge/USD.svg").text
    assert "24.08.2026" in text_of(http.get("/").text)


def test_data_of_a_part(archived: Any, without_yen: Any) -> None:
    """The data for elements says whether a sheet is whole, and which rates were refused."""
    for http, day, expected in (
        (archived, "2026-08-21", (True, [])),
        (archived, "2025-11-29", (False, [])),
        (without_yen, "2025-12-05", (True, ["JPY"])),
    ):
        said = http.get(f"/embed/rates/{day}.json").json()
        assert (said["complete"], said["refused"]) == expected


def test_bank_away(serve: Any, kzt_bank: StandInBank) -> None:
    """When the bank goes away yesterday's line is given, marked; it is today's once it is back."""
    assert serve().get("/api/v1/sheet/2025-12-04").status_code == 200
    kzt_bank.fail("status", times=None, status=500)
    http = serve()
    answer = http.get("/embed/ticker-fragment")
    assert "(04.12.2025)" in text_of(answer.text)
    assert "data-stale" in answer.text
    kzt_bank.heal()
    assert "(05.12.2025)" in text_of(serve().get("/embed/ticker-fragment").text)


def test_tomorrow_is_marked(serve: Any, kzt_clock: SettableClock) -> None:
    """Tomorrow's line says that it is provisional."""
    kzt_clock.set("2025-12-05T20:00+05:00")
    answer = serve().get("/embed/ticker-fragment?date=2025-12-06")
    assert 'data-provisional="предварительно"' in answer.text


# --- bad input -------------------------------------------------------------------------------

BAD = {
    "codes=USD,XXX": (404, "XXX"),
    "codes=USD;EUR": (422, "USD;EUR"),
    "codes=KZT": (422, "KZT"),
    "codes=EEK": (404, "EEK"),
    "date=2025-13-45": (422, "2025-13-45"),
    "date=29.11.2025": (422, "29.11.2025"),
    "date=1990-01-01": (404, "01.01.1990"),
    "date=2030-01-01": (404, "01.01.2030"),
    "theme=pink": (422, "pink"),
    "changes=yes": (422, "yes"),
    "colour=red": (422, ""),
    f"codes={quote(HOSTILE)}": (422, ""),
}


@pytest.mark.parametrize("query", BAD)
def test_bad_input(archived: Any, query: str) -> None:
    """What is wrong is said in the reader's language, on the page and in the fragment."""
    status, named = BAD[query]
    said = set()
    for lang in ORDER:
        for path in ("/embed/ticker", "/embed/ticker-fragment"):
            answer = archived.get(f"{path}?{query}&lang={lang}")
            assert answer.status_code == status
            assert answer.headers["content-type"] == "text/html; charset=utf-8"
            assert f'kzt-problem" lang="{lang}" dir="ltr" data-error>' in answer.text
            assert "<script" not in answer.text
            assert named in text_of(answer.text)
        said.add(text_of(archived.get(f"/embed/ticker-fragment?{query}&lang={lang}").text))
    assert len(said) == 3


@pytest.mark.parametrize(
    "path",
    ["/embed/ticker-fragment?date=", "/embed/ticker?date=", "/badge/CNY.svg?date=", "/?date="],
)
def test_a_day_that_is_too_far_ahead(archived: Any, path: str) -> None:
    """That there is no rate is not said of a day that the bank has still to come to."""
    answer = archived.get(f"{path}2026-09-30&lang=ru")
    assert answer.status_code == 404
    assert "Курсы на 30.09.2026 ещё не опубликованы." in text_of(answer.text)
    assert "retry-after" not in answer.headers


def test_unknown_language(archived: Any) -> None:
    """For a language that nobody knows it is said in all three."""
    answer = archived.get("/embed/ticker-fragment?lang=de")
    assert answer.status_code == 422
    assert answer.text.count("«de»") + answer.text.count("“de”") == 3


def test_bad_input_on_the_page(archived: Any) -> None:
    """The page says what is wrong and shows the newest rates."""
    for query, status, said in (
        ("lang=en&date=2025-02-30", 422, "Invalid date: “2025-02-30”"),
        ("lang=kk&from=XXX", 404, "мұндай валютаның бағамын жарияламайды: XXX"),
        ("lang=ru&last=9y", 422, "Неверный период: «9y»"),
        ("lang=en&date=1990-01-01", 404, "01.01.1990"),
    ):
        answer = archived.get(f"/?{query}")
        assert answer.status_code == status
        assert said in text_of(answer.text)
        assert "458" in text_of(answer.text)
    answer = archived.get(f"/?amount={quote(HOSTILE)}&lang=en")
    assert "Invalid amount" in answer.text
    assert "<script" not in answer.text


@pytest.mark.parametrize("amount", ["1" * 51, f"1{' ' * 50}000", f"100{'0' * 48}"])
def test_no_part_of_an_amount_is_converted(archived: Any, amount: str) -> None:
    """An amount that is too long is none: what is left of it would be another one."""
    answer = archived.get(f"/?amount={quote(amount)}&lang=en")
    assert "Invalid amount" in answer.text
    assert "<output>" not in answer.text
    assert re.search(r'name="amount"[^>]* value="[^"]*…"', answer.text)  # sent again it is none
    assert archived.get(f"/?amount={'1' * 50}&lang=en").text.count("<output>") == 1


@pytest.mark.parametrize(
    ("query", "result"),
    [
        ("last=9y", "100 $ = 45 823.00 ₸"),
        ("last=9y&amount=7", "7 $ = 3 207.61 ₸"),
        ("amount=7&date=2025-02-30", "7 $ = 3 207.61 ₸"),
        ("amount=7&theme=dark", "100 $ = 45 823.00 ₸"),
    ],
)
def test_a_good_amount_beside_what_is_wrong(archived: Any, query: str, result: str) -> None:
    """An amount is not called wrong, nor forgotten, because another parameter is."""
    answer = archived.get(f"/?lang=en&{query}")
    assert answer.status_code == 422
    assert output_of(answer) == result


@pytest.mark.parametrize("amount", ["1250,50", "+1 250.50", "-0,5"])
def test_an_amount_in_another_language(archived: Any, amount: str) -> None:
    """A link to another language keeps an amount, which in some is written with a comma."""
    answer = archived.get(f"/?amount={quote(amount)}")
    links = re.findall(r'<a href="\./(\?lang=[^"]*)" lang', answer.text)
    assert len(links) == 3
    outputs = [output_of(archived.get(f"/{unescape(link)}")) for link in links]
    assert {output.replace(",", ".") for output in outputs} == {output_of(answer).replace(",", ".")}


def test_words_are_the_same_in_all_languages() -> None:
    """Every phrase is there in every language, with the same facts."""
    facts = {
        lang: {name: sorted(re.findall(r"{([a-z_]+)}", text)) for name, text in words.items()}
        for lang, words in _WORDS.items()
    }
    assert facts["ru"] == facts["kk"] == facts["en"]
    empty = {
        lang: {name: text.count("{") for name, text in words.items()}
        for lang, words in _WORDS.items()
    }
    assert empty["ru"] == empty["kk"] == empty["en"]


# --- safety ----------------------------------------------------------------------------------

LOOKED_AT = (
    "/", "/?lang=kk&date=2015-08-20", "/embed/ticker", "/embed/", "/embed/ticker-fragment",
    "/badge/USD.svg", "/chart/USD.svg?last=1y", "/embed/ticker?codes=XXX", "/kk/index.html",
)  # fmt: skip


@pytest.mark.parametrize("path", LOOKED_AT)
def test_nothing_inline(archived: Any, path: str) -> None:
    """There is neither an inline script nor a style, nor a handler, and tags are closed."""
    answer = archived.get(path)
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert ("frame-ancestors *" in policy) is ("ticker" in path)
    for tag, attributes in Tags(answer.text.removeprefix("<!doctype html>")).tags:
        assert tag != "style"
        assert "style" not in attributes
        assert not [name for name in attributes if name.startswith("on")]
        if tag == "script":
            assert attributes["src"]


def hostile_board() -> Board:
    figure = Figure("1.5", 1, "0.5", HOSTILE, feed="daily", final=True)
    known = Day(date(2026, 8, 21), {"XTS": figure, "USD": figure})
    return Board(known.date, known, Day(date(2026, 8, 20)))


def test_names_are_escaped() -> None:
    """A name that the bank might print is text, wherever it stands."""
    board = hostile_board()
    links = page.Served()
    chart = page.Chart(
        "XTS", 1, ((board.requested, Decimal(1)),), (date(2026, 8, 20), board.requested)
    )
    view = page.View(board, "ru", links, chart, page.Conversion("1", "XTS", "KZT", Decimal(1)))
    for content in (
        line.fragment(board, ("XTS",), "ru", changes=True),
        page.index(view),
        pictures.badge(board, "XTS", "ru"),
        page.feed([board], "ru", links),
    ):
        assert b"<script" not in content
    etree.fromstring(pictures.badge(board, "XTS", "ru"))


# --- pictures --------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ORDER)
@pytest.mark.parametrize("last", page.PERIODS)
def test_pictures(archived: Any, lang: str, last: str) -> None:
    """A picture is well-formed, has a title and a description, and is not large."""
    for path in ("badge/USD.svg", f"chart/USD.svg?last={last}", f"chart/AMD.svg?last={last}"):
        answer = archived.get(f"/{path}{'&' if '?' in path else '?'}lang={lang}")
        assert answer.headers["content-type"] == "image/svg+xml"
        assert len(answer.content) < 40_000
        root = etree.fromstring(answer.content)
        assert root[0].tag.endswith("title")
        assert root.get("lang") == lang
        ids = {one.get("id") for one in root if one.get("id")}
        assert {*root.get("aria-labelledby").split()} <= ids
        if "chart" in path:
            assert root[1].tag.endswith("desc")
            assert root.get("width") == "320"


@pytest.mark.parametrize("lang", ORDER)
@pytest.mark.parametrize(
    ("state", "marks"),
    [
        ("today's", {"ru": "", "kk": "", "en": ""}),
        ("late", {"ru": " · устарел", "kk": " · ескі", "en": " · old"}),
        ("none", {"ru": " · последний", "kk": " · соңғы", "en": " · latest"}),
        ("draft", {"ru": " · предв.", "kk": " · алдын ала", "en": " · prelim."}),
    ],
)
def test_badge_says_in_a_word(lang: Any, state: str, marks: dict[str, str]) -> None:
    """A badge has its date, a word where a reader must know more, and room on a phone."""
    day = date(2026, 8, 21)
    for code, value, nominal in (("USD", "458.23", 1), ("IRR", "3.33", 10000), ("KWD", "1494", 1)):
        figure = Figure(value, nominal, feed="daily", final=state != "draft")
        found = Day(day, {code: figure}, complete=True)
        requested = day if state in ("today's", "draft") else date(2026, 8, 22)
        board = Board(requested, found, Day(date(2026, 8, 20)), requested != day, state == "none")
        root = etree.fromstring(pictures.badge(board, code, lang))
        assert [one.text for one in root if one.tag.endswith("text")][2] == (
            f"21.08.2026{marks[lang]}"
        )
        assert int(root.get("width")) <= 320
        spoken = [one.text for one in root if one.tag.endswith("desc")]
        assert spoken == ([board.note((code,), lang)] if marks[lang] else [])


def test_chart_dates_its_last_figure(archived: Any) -> None:
    """Beside the last figure of a chart stands its day, which may be long before today."""
    root = etree.fromstring(archived.get("/chart/USD.svg?date=2026-08-16&lang=ru").content)
    (last,) = [one for one in root if one.get("class") == "last"]
    assert "".join(last.itertext()).replace("\N{NO-BREAK SPACE}", " ") == "14.08.2026 · 465,08 ₸"


def test_marks_of_a_chart_differ() -> None:
    """The figures beside a chart are those of its lines, however little a high rate moved."""
    points = ((date(2026, 8, 20), Decimal("1657.10")), (date(2026, 8, 21), Decimal("1657.12")))
    drawn = pictures.chart("KWD", 1, points, (points[0][0], points[1][0]), "en", width=480)
    axis = [one.text for one in etree.fromstring(drawn) if one.get("text-anchor") == "end"][:-1]
    assert [mark.replace("\N{NO-BREAK SPACE}", " ") for mark in axis if mark] == [
        "1 657.100", "1 657.105", "1 657.110", "1 657.115", "1 657.120",
    ]  # fmt: skip


def test_chart_tells_the_figures(archived: Any) -> None:
    """The description has the first, lowest, highest and last rate of the archive's own series."""
    rates = {
        date.fromisoformat(row["date"]): Decimal(row["value"])
        for row in csv.DictReader(FIGURES.read_text(encoding="utf-8").splitlines())
        if row["currency"] == "USD" and "2025-08-21" <= row["date"] <= "2026-08-21"
    }
    low, high = min(rates.values()), max(rates.values())
    answer = archived.get("/chart/USD.svg?lang=en")
    (described,) = re.findall(r"<desc[^>]*>(.*?)</desc>", answer.text)
    for value in (rates[date(2026, 8, 21)], low, high):
        assert f"{value:.2f}" in described


def test_no_chart_of_a_draft_past_its_time(kzt_client: Any, kzt_clock: SettableClock) -> None:
    """Tomorrow's draft is drawn while it is young, and not once it may be another."""
    kzt_client.rate("USD", on="2025-12-06")
    plan = course_of("USD", date(2025, 12, 1), date(2025, 12, 6))
    terms = kzt_client._core.terms
    assert kzt_client._run(plan(terms)).points == ((date(2025, 12, 6), Decimal("504.49")),)
    kzt_clock.set("2025-12-20T12:00+05:00")
    assert kzt_client._run(plan(terms)).points == ()


def test_no_chart_of_nothing(archived: Any) -> None:
    """Where nothing is known it is said, in the picture."""
    answer = archived.get("/chart/EEK.svg?lang=en&last=1m")
    assert answer.status_code == 200
    assert "No rates in this period" in answer.text


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("ru", "Курсы на 05.05.2010 здесь неизвестны."),
        ("kk", "05.05.2010 күнгі бағамдар мұнда белгісіз."),
        ("en", "The rates for 05.05.2010 are not known here."),
    ],
)
def test_no_chart_of_what_is_not_known(archived: Any, lang: str, words: str) -> None:
    """A period of which nothing is known is not one without rates."""
    for last in page.PERIODS:
        answer = archived.get(f"/chart/USD.svg?date=2010-05-05&last={last}&lang={lang}")
        assert (answer.status_code, answer.text.strip()) == (503, words)
        assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("day", "status"),
    [
        ("1993-11-14", 422),
        ("1993-11-15", 503),
        ("2026-09-04", 200),
        ("2026-09-05", 422),
        ("9999-12-31", 422),
    ],
)
def test_days_of_a_chart(archived: Any, day: str, status: int) -> None:
    """A chart ends on a day from the tenge's first to a fortnight from today."""
    assert archived.get(f"/chart/USD.svg?date={day}").status_code == status


def test_no_points_of_silent_days(kzt_client: Any, kzt_clock: SettableClock) -> None:
    """Days are without rates where the bank said so of each; of others it is not known."""
    kzt_clock.set("2025-12-07T12:00+05:00")
    sunday = date(2025, 12, 7)

    def unknown(start: date) -> date | None:
        chart = kzt_client._run(course_of("USD", start, sunday)(kzt_client._core.terms))
        assert chart.points == ()
        return chart.unknown

    assert unknown(sunday) == sunday
    with pytest.raises(kzt_rates.RateNotFound):
        kzt_client.rate("USD", on=sunday)
    assert unknown(sunday) is None
    assert unknown(date(2025, 12, 5)) == date(2025, 12, 6)


def test_charts_of_pages_past_their_time(serve: Any, kzt_clock: SettableClock) -> None:
    """A page and a file say that nothing is known, and not that there are no rates."""
    http = serve()
    kzt_clock.set("2025-12-05T20:00+05:00")
    assert http.get("/api/v1/sheet/2025-12-06").status_code == 200
    kzt_clock.set("2026-01-20T12:00+05:00")
    http = serve("none", offline=True)
    made = dict(files(http.app.lookup))
    for text in (
        http.get("/en/").text,
        http.get("/en/index.html").text,
        made["en/index.html"].decode(),
        made["chart/en/USD.svg"].decode(),
    ):
        assert "The rates are not known here" in text
        assert "No rates in this period" not in text


@pytest.mark.parametrize(
    "path",
    [
        "/badge/KZT.svg",
        "/chart/KZT.svg",
        "/badge/XXX.svg",
        "/badge/USD.png",
        "/chart/USD.svg?width=9",
        "/badge/US1.svg",
    ],
)
def test_no_such_picture(archived: Any, path: str) -> None:
    """What is no picture is refused, and not with the fault of a server."""
    assert archived.get(path).status_code in (404, 422)


# --- the page --------------------------------------------------------------------------------


@pytest.mark.parametrize("amount", ["1", "100", "0.01", "1 234,56", "1000000000000", "0.0001"])
@pytest.mark.parametrize("pair", ["USD KZT", "KZT USD", "AMD EUR", "UZS KZT"])
def test_converter(archived: Any, amount: str, pair: str) -> None:
    """The form converts as the library does."""
    base, quote_ = pair.split()
    answer = archived.get(
        f"/?amount={quote(amount)}&from={base}&to={quote_}&lang=ru&date=2025-12-05"
    )
    (shown,) = re.findall(r"<output>(.*?)</output>", answer.text)
    result = shown.partition(" = ")[2].rpartition("\N{NO-BREAK SPACE}")[0]
    digits = Decimal(result.replace("\N{NO-BREAK SPACE}", "").replace(",", "."))
    plain = amount.replace(" ", "").replace(",", ".")
    exponent = digits.as_tuple().exponent
    places = -exponent if isinstance(exponent, int) else 0
    expected = sheet_of("2025-12-05").convert(plain, base, quote_, places=places)
    assert digits == expected
    assert digits
    assert places >= 2


NO_EEK = "There is no official rate of EEK for 29.11.2025."


def output_of(answer: Any) -> str:
    (shown,) = re.findall(r"<output>(.*?)</output>", answer.text)
    return unescape(shown).replace(NO_BREAK_SPACE, " ")


def result_of(answer: Any) -> str:
    (shown,) = re.findall(r'id="result">(.*?)</p>', answer.text)
    return unescape(shown)


@pytest.mark.parametrize(
    ("lang", "query", "words"),
    [
        ("en", "from=AMD", "The rate of AMD for 29.11.2025 is not known here."),
        ("ru", "from=KZT&to=AMD", "Курс AMD на 29.11.2025 здесь неизвестен."),
        ("kk", "from=AMD&to=USD", "29.11.2025 күнгі AMD бағамы мұнда белгісіз."),
        ("en", "from=EEK", NO_EEK),
        ("en", "from=EEK&to=AMD", f"{NO_EEK} The rate of AMD for 29.11.2025 is not known here."),
    ],
)
def test_why_nothing_is_converted(archived: Any, lang: str, query: str, words: str) -> None:
    """The page says of each currency without a rate what the library says, for a minute."""
    answer = archived.get(f"/?date=2025-11-29&lang={lang}&{query}")
    assert answer.status_code == 200
    assert result_of(answer) == words
    assert answer.headers["cache-control"] == "public, max-age=60"


def test_page_of_a_day_without_rates(serve: Any, kzt_bank: StandInBank) -> None:
    """The page of a day says that the bank set no rates where every other answer says so."""
    kzt_bank.withdraw("2025-12-04")
    http = serve()
    for path, day in (
        ("/en/day/2025-12-04.html", "04.12.2025"),
        ("/en/day/1990-05-05.html", "05.05.1990"),
    ):
        answer = http.get(path)
        assert answer.status_code == 404
        assert f"The bank has set no rates for {day}." in answer.text
        assert "not known here" not in answer.text


def test_new_currency_in_the_form(serve: Any, kzt_bank: StandInBank) -> None:
    """A currency that no table has is converted like those beside it in the list."""
    kzt_bank.correct("2025-12-05", {"XYZ": ("12.5", 1)})
    answer = serve().get("/?amount=4&from=XYZ&lang=en")
    assert answer.status_code == 200
    assert '<option value="XYZ" selected>' in answer.text
    assert "<output>4 XYZ = 50.00" in answer.text.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize("lang", ORDER)
def test_snippets_of_a_sheet_without_the_dollar(lang: str) -> None:
    """What is to be copied has no figure of another currency, nor of another lot."""
    known = Day(
        date(2026, 8, 21),
        {
            "CNY": Figure("681.7", 10, feed="daily", final=True),
            "RUB": Figure("5.46", 1, feed="daily", final=True),
        },
    )
    board = Board(known.date, known, Day(date(2026, 8, 20)))
    html = unescape(page.how_to_embed(board, lang, page.Served(), b"").decode())
    text = "10 ¥ 681.70 ₸" if lang == "en" else "10 ¥ 681,70 ₸"
    assert re.search(rf'<kzt-rate code="CNY"[^>]*>{text}</kzt-rate>', html)
    assert re.search(r'<kzt-ticker codes="CNY,RUB"[^>]*>[^<]*10 ¥ 681.70 ₸ ₽ 5.46 ₸<', html)
    assert "USD" not in html


def test_refused_figure_on_the_page(
    serve: Any, kzt_bank: StandInBank, kzt_clock: SettableClock
) -> None:
    """A figure that was refused on a whole sheet is not one that the bank has not set."""
    http = serve()
    kzt_clock.set("2025-12-04T12:00+05:00")
    assert http.get("/api/v1/today").status_code == 200
    kzt_clock.set("2025-12-05T12:00+05:00")
    kzt_bank.fail("scaled", None, feed="daily", codes="JPY")
    for path, words in (
        ("/?from=JPY", "Банк прислал недостоверный курс JPY на 05.12.2025: он не принят."),
        ("/kk/?from=JPY", "Банк берген 05.12.2025 күнгі JPY бағамы сенімсіз: қабылданбады."),
        ("/en/?from=JPY", "The bank’s figure of JPY for 05.12.2025 was not believed."),
        (
            "/en/?from=JPY&date=2025-12-05",
            "The bank’s figure of JPY for 05.12.2025 was not believed.",
        ),
    ):
        answer = http.get(path)
        assert result_of(answer) == words
        assert answer.headers["cache-control"] == "public, max-age=60"
    for path in ("/en/?from=USD&date=2025-12-05", "/en/day/2025-12-05.html"):
        answer = http.get(path)
        assert "Not all rates are shown" in answer.text
        assert answer.headers["cache-control"] == "public, max-age=60"


def test_none_is_never_said_of_what_no_feed_tells(archived: Any) -> None:
    """Where no feed can be asked for a currency that far back, it is not known."""
    answer = archived.get("/badge/en/VND.svg?date=2004-05-05")
    assert answer.text.strip() == "The rates for 05.05.2004 are not known here."


def test_changes_of_the_table(archived: Any) -> None:
    """Each row has the change since the day before."""
    answer = archived.get("/?lang=en&date=2025-12-05")
    (row,) = re.findall(r'<tr><th scope="row"><a [^>]*>USD</a>.*?</tr>', answer.text)
    assert text_of(row).split() == ["USD", "US", "dollar1499.65▼", "4.24"]


def test_a_day_without_rates(archived: Any) -> None:
    """Links step over days without a sheet."""
    answer = archived.get("/?lang=en&date=2026-08-17")
    assert "date=2026-08-14" in answer.text
    assert "date=2026-08-18" in answer.text


def test_feed(archived: Any) -> None:
    """The feed has a day in each entry, the newest first, each with an id of its own."""
    root = etree.fromstring(archived.get("/feed.xml").content)
    space = {"a": "http://www.w3.org/2005/Atom"}
    entries = root.findall("a:entry", space)
    assert len(entries) == 30
    ids = [entry.findtext("a:id", namespaces=space) for entry in entries]
    assert len({*ids}) == 30
    assert ids[0] == "tag:nationalbank.kz,2026-08-21:ru"
    content = entries[0].findtext("a:content", namespaces=space)
    assert content.startswith("Курсы валют Нацбанка РК (21.08.2026) $ 458.23 ₸ ▼3.99")


def test_feed_is_atom(archived: Any) -> None:
    """Feed and entries have what Atom asks for, once each, and every link leads to a page."""
    for folder in ("", "kk/", "en/"):
        answer = archived.get(f"/{folder}feed.xml")
        assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
        root = etree.fromstring(answer.content)
        updated = []
        for one in [root, *root.findall(f"{ATOM}entry")]:
            for name in ("id", "title", "updated"):
                assert len(one.findall(f"{ATOM}{name}")) == 1
            updated.append(datetime.fromisoformat(one.findtext(f"{ATOM}updated")))
            assert updated[-1].tzinfo is not None
            (link,) = (link for link in one.findall(f"{ATOM}link") if not link.get("rel"))
            assert archived.get(f"/{folder}{link.get('href')}").status_code == 200
            if one is not root:  # a link to the newest page would lead to another day tomorrow
                day = one.findtext(f"{ATOM}id").split(",")[1].split(":")[0]
                assert link.get("href").endswith(f"day/{day}.html")
        assert updated[0] == max(updated[1:])
        assert root.find(f"{ATOM}author/{ATOM}name") is not None


def test_feed_has_tomorrow(serve: Any, kzt_clock: SettableClock) -> None:
    """Tomorrow's rates are an entry as soon as they are known, say so, and have a page."""
    http = serve()
    kzt_clock.set("2025-12-05T20:00+05:00")
    for day in ("2025-12-05", "2025-12-06"):
        assert http.get(f"/api/v1/sheet/{day}").status_code == 200
    made = dict(files(http.app.lookup))
    for feed, tomorrow, today in (
        (http.get("/feed.xml").text, *(http.get(f"/{path}").text for path in TWO_DAYS)),
        (made["feed.xml"].decode(), *(made[path].decode() for path in TWO_DAYS)),
    ):
        assert "Курсы на 06.12.2025 (предварительно)" in feed
        assert 'href="day/2025-12-06.html"' in feed
        assert "data-provisional" in tomorrow
        assert 'href="../index.html" rel="prev"' in tomorrow
        assert re.search(r'href="[^"]*2025-12-06[^"]*" rel="next"', today)
    # that of no date is today's, although tomorrow's is known
    assert b"05.12.2025" in made["embed/ticker.html"]


def test_feed_without_what_was_taken_back(
    serve: Any, kzt_bank: StandInBank, kzt_clock: SettableClock
) -> None:
    """Once the bank's newest sheet is today's again, tomorrow is no entry."""
    http = serve()
    kzt_clock.set("2025-12-05T20:00+05:00")
    for path in ("today", "tomorrow"):
        assert http.get(f"/api/v1/{path}").status_code == 200
    assert "2025-12-06" in http.get("/feed.xml").text
    kzt_bank.withdraw("2025-12-06")
    kzt_clock.advance(minutes=70)
    assert http.get("/api/v1/latest").json()["date"] == "2025-12-05"
    feed = http.get("/feed.xml").text
    assert "2025-12-06" not in feed
    assert "2025-12-05" in feed


def test_feed_of_a_correction(serve: Any, kzt_bank: StandInBank, kzt_clock: SettableClock) -> None:
    """A corrected day keeps its id; its text and the time of its last change are others."""
    http = serve("any")

    def entry() -> tuple[str, ...]:
        assert http.get("/embed/ticker-fragment").status_code == 200
        (found,) = etree.fromstring(http.get("/feed.xml").content).findall(f"{ATOM}entry")
        return tuple(found.findtext(f"{ATOM}{name}") for name in ("id", "updated", "content"))

    before = entry()
    kzt_bank.correct("2025-12-05", {"USD": "501.25"})
    kzt_clock.advance(hours=1)
    http.app.lookup._client.sheet(refresh=True)
    http.app.forget_ready()
    after = entry()
    assert after[0] == before[0]
    assert datetime.fromisoformat(after[1]) > datetime.fromisoformat(before[1])
    assert "$ 501.25" in after[2]
    assert "$ 501.25" not in before[2]


# --- the page of a day ----------------------------------------------------------------------


@pytest.mark.parametrize("lang", ORDER)
def test_page_of_a_day(archived: Any, lang: str) -> None:
    """A day has a page of its own in each language, that leads to its neighbours."""
    folder = page.folder_of(lang)
    for day, before, after in (
        ("2026-08-20", "2026-08-19", None),
        ("2015-08-20", "2015-08-19", "2015-08-21"),
    ):
        answer = archived.get(f"/{folder}day/{day}.html")
        assert answer.status_code == 200
        assert (f"{date.fromisoformat(day):%d.%m.%Y}") in text_of(answer.text)
        hrefs = dict(re.findall(r'href="([^"]*)" rel="(prev|next)"', answer.text))
        assert list(hrefs.values()) == ["prev", "next"]
        earlier, later = hrefs
        assert earlier.endswith(f"{folder}day/{before}.html")
        assert later.endswith(f"{folder}day/{after}.html" if after else f"{folder}index.html")
        for href in hrefs:
            path = normpath(join("/", folder, "day", href))
            assert archived.get(path).status_code == 200, path


@pytest.mark.parametrize(
    ("name", "status", "said"),
    [
        ("2026-13-45.html", 422, "2026-13-45"),
        ("1990-01-01.html", 404, "01.01.1990"),
        ("2030-01-01.html", 404, "01.01.2030"),
        ("2026-08-20", 404, None),
        ("2026-08-20.json", 404, None),
        ("<script>.html", 422, "<script>"),
        ("2026-08-20.html?codes=USD", 422, None),
    ],
)
def test_no_page_of_a_day(archived: Any, name: str, status: int, said: str | None) -> None:
    """For what is no day the page says so, and shows the newest rates under their own date."""
    answer = archived.get(f"/en/day/{quote(name, safe='?=')}")
    assert answer.status_code == status
    assert "<script>" not in answer.text
    if said is not None:
        assert said in text_of(answer.text)
        assert "(21.08.2026) $ 458.23" in text_of(answer.text)


def test_silent_day_in_files(serve: Any, kzt_bank: StandInBank, kzt_clock: SettableClock) -> None:
    """Where the bank has set no rates for today, the files say that and not that they are late."""
    http = serve()
    assert http.get("/api/v1/sheet/2025-12-05").status_code == 200
    kzt_bank.withdraw("2025-12-06")
    kzt_clock.set("2025-12-07T10:00+05:00")
    kzt_bank.withdraw("2025-12-07")
    served = http.get("/embed/ticker-fragment").content
    assert "банк курсов не установил" in served.decode()
    made = dict(files(http.app.lookup))
    assert made["embed/ticker-fragment.html"] == served
    assert "банк курсов не установил" in made["index.html"].decode()


# --- what is copied --------------------------------------------------------------------------


def test_pinned_script(archived: Any) -> None:
    """The page of snippets pins the script that is served, under a name that never changes."""
    text = unescape(archived.get("/embed/").text)
    (name, pin) = re.search(
        r'static/(kzt-rates\.[0-9a-f]+\.js)" async\s+integrity="(.*?)"', text
    ).groups()
    answer = archived.get(f"/static/{name}")
    assert page.integrity(answer.content) == pin
    assert "immutable" in answer.headers["cache-control"]
    assert "immutable" not in archived.get("/static/kzt-rates.js").headers["cache-control"]
    assert archived.get("/static/kzt-rates.000000000000.js").status_code == 404
    assert archived.get("/static/..%2fline.py").status_code == 404


@pytest.mark.parametrize("name", STATIC_FILES)
def test_static_files(archived: Any, name: str) -> None:
    """The files of the package are served as they are, with their type."""
    answer = archived.get(f"/static/{name}")
    assert answer.content == packaged(name)
    assert archived.get(f"/static/{name}?ver=6.1").content == packaged(name)
    assert archived.get(f"/static/{name}?date=1").status_code == 422
    assert answer.headers["content-type"] == STATIC_FILES[name]


def test_script_is_small() -> None:
    """The script has at most 6 KB as it travels."""
    assert len(gzip.compress(packaged("kzt-rates.js"), 9)) <= 6 * 1024


def test_script_sets_text_alone() -> None:
    """The script makes no markup of data."""
    script = packaged("kzt-rates.js").decode()
    for word in (
        "innerHTML",
        "outerHTML",
        "insertAdjacent",
        "document.write",
        "eval(",
        "parseFloat",
    ):
        assert word not in script


# --- the files -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def exported() -> dict[str, bytes]:
    from kzt_rates import web

    clock = SettableClock("2026-08-21T20:00+05:00")
    with kzt_rates.Client(cache=False, offline=True, clock=clock) as client:
        return dict(files(web.app(client).lookup, days=4))


def test_files_are_what_is_served(archived: Any, exported: dict[str, bytes]) -> None:
    """A line, a picture and the data are the same in a file and from the service."""
    same = [name for name in exported if name.startswith(("embed/", "badge/", "static/"))]
    assert len(same) > 150
    for name in same[::7] + [name for name in same if name.endswith(".html")]:
        assert archived.get(f"/{name}").content == exported[name], name


def test_links_of_files(exported: dict[str, bytes]) -> None:
    """Every link of every page leads to a file."""
    for name, content in exported.items():
        if not name.endswith(".html"):
            continue
        for tag, attributes in Tags(content.decode().removeprefix("<!doctype html>")).tags:
            for attribute in ("href", "src", "action"):
                target = attributes.get(attribute)
                if not target or target.startswith("#"):
                    continue
                parts = urlsplit(target)
                assert not parts.scheme
                found = normpath(join("/", name, "..", parts.path))[1:]
                assert found in exported, (name, tag, target)


def test_files_are_the_same_again(exported: dict[str, bytes]) -> None:
    """Two runs give the same bytes."""
    from kzt_rates import web

    clock = SettableClock("2026-08-21T20:00+05:00")
    with kzt_rates.Client(cache=False, offline=True, clock=clock) as client:
        assert dict(files(web.app(client).lookup, days=4)) == exported


def test_old_files_say_so() -> None:
    """Files of a day that has passed are marked where today's figures should be."""
    from kzt_rates import web

    clock = SettableClock("2026-08-24T09:00+05:00")
    with kzt_rates.Client(cache=False, offline=True, clock=clock) as client:
        made = dict(files(web.app(client).lookup, days=1))
    assert b"data-stale=" in made["embed/ticker-fragment.html"]
    assert b'"stale":true' in made["embed/rates.json"]


# --- the page of recipes ---------------------------------------------------------------------

RECIPES = (Path(__file__).parents[2] / "docs/how-to/rates-on-a-web-page.md").read_text("utf-8")


def recipes(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", RECIPES, re.MULTILINE | re.DOTALL)


def test_addresses_of_recipes(archived: Any) -> None:
    """Every address of the service on the page is answered."""
    found = re.findall(r"https://rates\.example\.kz(/[^\s\"'`),;]*)", RECIPES)
    assert len(found) > 6
    for address in found:
        assert archived.get(address).status_code == 200, address


def test_php_recipe(tmp_path: Path) -> None:
    """The blocks of PHP are PHP."""
    if shutil.which("php") is None:
        pytest.skip("php is not installed")
    for text in recipes("php"):
        file = tmp_path / "recipe.php"
        file.write_text(text, encoding="utf-8")
        said = subprocess.run(["php", "-l", str(file)], capture_output=True, text=True, check=False)
        assert said.returncode == 0, said.stdout


@pytest.mark.parametrize("path", ["/", "/embed/ticker", "/embed/ticker-fragment", "/badge/USD.svg"])
def test_none_today_after_an_unknown_day(
    serve: Any, kzt_bank: StandInBank, kzt_clock: SettableClock, path: str
) -> None:
    """Rates are in force today over days that have none, and over no day that is not known."""
    kzt_bank.withdraw("2025-12-06")
    kzt_clock.set("2025-12-06T12:00+05:00")
    known = serve()
    known.get("/api/v1/sheet/2025-12-04")
    assert known.get("/api/v1/today").status_code == 404
    asked_nobody = serve("none")
    late = asked_nobody.get(path)
    assert (late.status_code, late.headers.get("x-kzt-rates-stale")) == (200, "1")
    assert "04.12.2025" in late.text
    assert "банк курсов не установил" not in late.text
    made = dict(files(asked_nobody.app.lookup))
    assert "банк курсов не установил" not in made["index.html"].decode()
    in_force = known.get(path)
    assert "x-kzt-rates-stale" not in in_force.headers
    assert "05.12.2025" in in_force.text
