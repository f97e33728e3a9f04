"""The bank's own feeds: who reads them here reads what the bank published, or an honest error."""

import csv
import io
import json
import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest
from openpyxl import load_workbook

import kzt_rates
from kzt_rates.feed import DAILY_STARTS
from kzt_rates.plans import StoreCall
from kzt_rates.testing import SettableClock, StandInBank, dense_sheets
from kzt_rates.web.mirror import FORM

FIGURES = Path(__file__).parents[2] / "data" / "official_rates.csv"
TODAY, TOMORROW = "2025-12-05", "2025-12-06"
PUBLISHED: dict[str, dict[str, tuple[str, int]]] = {}

with FIGURES.open(encoding="utf-8") as file:
    for row in csv.DictReader(file):
        of_day = PUBLISHED.setdefault(row["date"], {})
        of_day[row["currency"]] = row["value"], int(row["nominal"])


def bank_day(day: str) -> str:
    return f"{date.fromisoformat(day):%d.%m.%Y}"


def through(http: Any, clock: SettableClock) -> httpx.MockTransport:
    """Return a transport that leads to a service, whose server sends the true time."""

    def answer(request: httpx.Request) -> httpx.Response:
        came = http.get(request.url.raw_path.decode())
        sent = {**came.headers, "date": f"{clock().astimezone():%a, %d %b %Y %H:%M:%S GMT}"}
        return httpx.Response(came.status_code, headers=sent, content=came.content)

    return httpx.MockTransport(answer)


@pytest.fixture
def clock() -> SettableClock:
    """The clock of who reads the mirror."""
    return SettableClock("2026-08-21T12:00+05:00")


@pytest.fixture
def reader(archived: Any, clock: SettableClock) -> Iterator[kzt_rates.Client]:
    """A client that knows nothing and reads the mirror of the packaged archive."""
    with kzt_rates.Client(
        "http://rates.test",
        cache=False,
        archive=False,
        offline=False,
        retries=0,
        clock=clock,
        transport=through(archived, clock),
    ) as client:
        yield client


def complete_days(http: Any) -> list[str]:
    """Return the days that the archive has whole, of those that the bank's daily feed has."""
    core = http.app.lookup._core
    plan = StoreCall(lambda store: store.complete_days(DAILY_STARTS, date(2026, 8, 21)))
    return [day.isoformat() for day in core.call_store(plan)]


def test_same_figures(archived: Any, reader: kzt_rates.Client, clock: SettableClock) -> None:
    """Our own client at the mirror has the figures of the bank, on every complete day."""
    days = complete_days(archived)
    assert len(days) > 100
    for day in days if "WEB_WHOLE" in os.environ else days[::5]:
        clock.set(f"{day}T12:00+05:00")
        sheet = reader.sheet(day)
        assert sheet.complete
        read = {code: (f"{rate.value:f}", rate.nominal) for code, rate in sheet.items()}
        assert read == PUBLISHED[day]
        assert not any(rate.provisional for rate in sheet.values())


@pytest.mark.parametrize("code", ["USD", "EUR", "RUB", "BYR", "UZS", "HUF"])
def test_old_day(reader: kzt_rates.Client, code: str) -> None:
    """Of an old day the range export answers for that day alone, as its neighbours are unknown."""
    rate = reader.rate(code, on="2013-04-24")
    assert (f"{rate.value:f}", rate.nominal) == PUBLISHED["2013-04-24"][code]


@pytest.mark.parametrize(("code", "day"), [("BYR", "2015-06-29"), ("RUR", "1997-12-22")])
def test_unit_of_before(
    serve: Any, kzt_bank: StandInBank, kzt_clock: SettableClock, code: str, day: str
) -> None:
    """The bank is asked, where it may be, for the unit that a column held before today's."""
    for on, rates in dense_sheets(day, day).items():
        kzt_bank.publish(on, rates)
    usual: Any = {"cache": False, "archive": False, "offline": False, "retries": 0}
    usual["clock"] = kzt_clock
    with (
        kzt_rates.Client(kzt_bank.url, **usual) as direct,
        kzt_rates.Client(
            "http://rates.test", transport=through(serve("any"), kzt_clock), **usual
        ) as reader,
    ):
        rate, of_bank = reader.rate(code, on=day), direct.rate(code, on=day)
        assert (rate.value, rate.nominal) == (of_bank.value, of_bank.nominal)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("get_rates.cfm?fdate=5.12.2025", 200),  # without zeros, as many ask
        ("get_rates.cfm?fdate=05.12.2025&switch=kazakh", 200),
        ("get_rates.cfm?fdate=05.12.2025&anything=1", 200),
        ("get_rates/2025-12-05.xml", 200),
        ("get_rates.cfm?fdate=29.11.2025", 503),  # four currencies are known
        ("get_rates.cfm?fdate=22.08.2026", 503),  # tomorrow
        ("get_rates.cfm?fdate=01.01.2099", 503),
        ("get_rates.cfm?fdate=20.12.2019", 503),
        ("get_rates.cfm", 422),
        ("get_rates.cfm?fdate=", 422),
        ("get_rates.cfm?fdate=2025-12-05", 422),
        ("get_rates.cfm?fdate=31.02.2025", 422),
        ("get_rates.cfm?fdate=05.12.2025&fdate=06.12.2025", 422),
        ("get_rates.cfm?fdate=٠٥.١٢.٢٠٢٥", 422),
        (f"get_rates.cfm?fdate=05.12.2025{'&a=1' * 300}", 422),
        ("get_rates.xml", 404),
    ],
)
def test_status(archived: Any, path: str, status: int) -> None:
    """What is not known whole and for certain is an error in text, never an envelope."""
    answer = archived.get(f"/rss/{path}")
    assert answer.status_code == status
    if status == 200:
        assert answer.headers["content-type"] == "text/xml; charset=UTF-8"
        assert answer.text.count("<item>") == 39
        return
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert "<" not in answer.text
    assert (status == 503) == (int(answer.headers.get("retry-after", 0)) > 0)


def test_before_the_tenge(archived: Any) -> None:
    """Of a day before there was a tenge the envelope says that there is none."""
    answer = archived.get("/rss/get_rates.cfm?fdate=14.11.1993")
    assert answer.status_code == 200
    assert "на 14.11.1993 информации нет" in answer.text


def test_silence(serve: Any, kzt_bank: StandInBank) -> None:
    """A day that the bank has no rates for, once it has come, is the bank's own envelope."""
    kzt_bank.withdraw("2025-12-04")
    http = serve()
    answer = http.get("/rss/get_rates.cfm?fdate=04.12.2025")
    assert answer.status_code == 200
    assert "<item>" not in answer.text
    assert "<info>на 04.12.2025 информации нет</info>" in answer.text
    assert "<date>04.12.2025</date>" in answer.text


def test_not_yet(serve: Any, kzt_bank: StandInBank) -> None:
    """That tomorrow's rates are not set yet is no silence: they will be."""
    kzt_bank.withdraw(TOMORROW)
    http = serve()
    answer = http.get(f"/rss/get_rates.cfm?fdate={bank_day(TOMORROW)}")
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0


def test_draft(serve: Any, kzt_clock: SettableClock) -> None:
    """Tomorrow's sheet is given, and not once its day has come and nobody has asked again."""
    http = serve()
    path = f"/rss/get_rates.cfm?fdate={bank_day(TOMORROW)}"
    assert http.get(path).status_code == 200
    offline = serve(offline=True)
    kzt_clock.set(f"{TOMORROW}T00:01+05:00")
    assert offline.get(path).status_code == 503


def test_offline(serve: Any) -> None:
    """With nothing known and no bank there is no sheet, no latest sheet, and no range."""
    http = serve(offline=True)
    for path in (
        "/rss/get_rates.cfm?fdate=05.12.2025",
        "/rss/rates_all.xml",
        "/rss/rates.xml",
        f"/ru/{FORM}/excel?beginDate=01.12.2025&endDate=02.12.2025&rates[]=5",
    ):
        answer = http.get(path)
        assert (answer.status_code, answer.headers["cache-control"]) == (503, "no-store")


def test_changes(archived: Any) -> None:
    """A change is the difference to the day before, and empty where that is not known."""
    text = archived.get("/rss/get_rates.cfm?fdate=21.08.2026").text
    usd = text[text.index("<title>USD") :].partition("</item>")[0]
    now, then = (PUBLISHED[day]["USD"][0] for day in ("2026-08-21", "2026-08-20"))
    assert f"<change>{float(now) - float(then):+.2f}</change>" in usd
    assert f"<index>{'UP' if float(now) > float(then) else 'DOWN'}</index>" in usd
    alone = archived.get("/rss/get_rates.cfm?fdate=24.04.2013").text
    assert "<change></change>" in alone


def test_latest(archived: Any) -> None:
    """The newest whole sheet stands under its own date, whatever its age."""
    fresh = archived.get("/rss/rates_all.xml?switch=russian")
    archived.app.lookup._core.terms.clock.set("2026-11-29T12:00+05:00")
    archived.app.forget_ready()
    old = archived.get("/rss/rates_all.xml?switch=russian")
    assert old.content == fresh.content
    assert old.text.count("<pubDate>21.08.2026</pubDate>") == 48
    assert old.headers["cache-control"] == "public, max-age=60"
    main = archived.get("/rss/rates.xml").text
    titles = [line.strip() for line in main.splitlines() if "<title>" in line][1:]
    assert titles == [f"<title>{code}</title>" for code in ("RUB", "EUR", "USD", "CNY")]


def test_range(archived: Any) -> None:
    """The export has a row a day and a pair of columns a currency; a table has the same."""
    query = "beginDate=20.8.2026&endDate=25.08.2026&rates[]=6&rates%5B%5D=5"
    answer = archived.get(f"/en/{FORM}/excel?{query}")
    assert answer.headers["content-type"].endswith("spreadsheetml.sheet")
    rows = list(load_workbook(io.BytesIO(answer.content)).active.values)
    usd = [PUBLISHED[day]["USD"][0] for day in ("2026-08-20", "2026-08-21")]
    assert rows[0] == ("Date", "USD_quant", "USD", "EUR_quant", "EUR")
    assert [row[0] for row in rows[1:]] == ["20.08.2026", "21.08.2026"]  # and no day to come
    assert [row[1:3] for row in rows[1:]] == [(1, float(value)) for value in usd]
    table = archived.get(f"/kk/{FORM}/report?{query}").text
    assert f"<td>20.08.2026</td><td>1</td><td>{float(usd[0])}</td>" in table


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("beginDate=24.04.2013&endDate=24.04.2013&rates[]=5&rates[]=49", 200),  # no rupee then
        ("beginDate=24.04.2013&endDate=25.04.2013&rates[]=5&rates[]=9", 503),
        ("beginDate=21.08.2026&endDate=21.08.2026", 422),
        ("beginDate=21.08.2026&endDate=21.08.2026&rates[]=999", 422),
        ("beginDate=21.08.2026&endDate=20.08.2026&rates[]=5", 422),
        ("beginDate=21.08.2016&endDate=21.08.2026&rates[]=5", 422),
        ("beginDate=01.01.0001&endDate=02.01.0001&rates[]=5", 422),
        ("endDate=20.08.2026&rates[]=5", 422),
        ("beginDate=22.08.2026&endDate=23.08.2026&rates[]=5", 503),
        (f"beginDate=21.08.2026&endDate=21.08.2026{'&rates[]=5' * 101}", 422),
    ],
)
def test_range_status(archived: Any, query: str, status: int) -> None:
    """A cell that is neither a rate nor a blank for certain makes the whole range an error."""
    assert archived.get(f"/ru/{FORM}/excel?{query}").status_code == status


def test_blank(archived: Any) -> None:
    """A currency that was not quoted on a known day is a blank."""
    query = "beginDate=24.04.2013&endDate=24.04.2013&rates[]=5&rates[]=49"
    body = archived.get(f"/ru/{FORM}/excel?{query}").content
    (_, row) = load_workbook(io.BytesIO(body)).active.values
    assert row[3:] == (None, None)
    assert row[2] == float(PUBLISHED["2013-04-24"]["USD"][0])


def test_mirror_of_itself(serve: Any) -> None:
    """A service whose bank is its own address notices, and does not ask itself for ever."""
    asked: list[int] = []

    def ask_itself(request: httpx.Request) -> httpx.Response:
        import asyncio

        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(http.app)
            async with httpx.AsyncClient(transport=transport) as client:
                return await client.get(request.url, headers=request.headers)

        answer = asyncio.run(ask())
        asked.append(answer.status_code)
        return httpx.Response(answer.status_code, content=answer.content)

    http = serve(base_url="http://rates.test", transport=httpx.MockTransport(ask_itself))
    assert http.get("/rss/get_rates.cfm?fdate=05.12.2025").status_code == 503
    assert asked == [508]


def test_via(archived: Any) -> None:
    """Every answer names the mirror, and another mirror's name is no loop."""
    answer = archived.get("/rss/rates.xml")
    assert answer.headers["via"].startswith("1.1 kzt-rates-")
    assert archived.get("/rss/rates_all.xml", via="1.1 kzt-rates-other").status_code == 200
    again = archived.get("/rss/get_rates.cfm?fdate=05.12.2025", via=answer.headers["via"])
    assert again.status_code == 508


def test_asks_like_every_route(serve: Any, kzt_bank: StandInBank) -> None:
    """A mirror asks the bank once for all who wait, and nobody makes it ask for an old day."""
    http = serve()
    answers = http.all_of(["/rss/get_rates.cfm?fdate=05.12.2025"] * 8)
    assert {answer.status_code for answer in answers} == {200}
    assert len([one for one in kzt_bank.requests if one.feed == "daily"]) == 1
    http.get("/rss/get_rates.cfm?fdate=05.12.2020")
    http.get(f"/ru/{FORM}/excel?beginDate=01.01.2020&endDate=02.01.2020&rates[]=5")
    assert len(kzt_bank.requests) == 1


def test_json_beside(archived: Any) -> None:
    """The feed and the native answer have one figure."""
    sheet = json.loads(archived.get("/api/v1/sheet/2026-08-21").content)
    text = archived.get("/rss/get_rates/2026-08-21.xml").text
    for rate in sheet["rates"]:
        item = text[text.index(f"<title>{rate['currency']}<") :].partition("</item>")[0]
        assert f"<description>{rate['value']}</description>" in item
        assert f"<quant>{rate['nominal']}</quant>" in item


def test_draft_that_the_newest_sheet_took_back(
    serve: Any, kzt_bank: StandInBank, kzt_clock: SettableClock
) -> None:
    """Once the bank's newest sheet is today's again, none of tomorrow stands in its place."""
    http = serve()
    for path in ("/api/v1/today", "/api/v1/latest"):
        http.get(path)
    assert bank_day(TOMORROW) in http.get("/rss/rates_all.xml").text
    kzt_bank.withdraw(TOMORROW)
    kzt_clock.advance(minutes=70)
    assert http.get("/api/v1/latest").json()["date"] == TODAY
    for path in ("/rss/rates_all.xml", "/rss/rates.xml"):
        newest = http.get(path)
        assert bank_day(TODAY) in newest.text
        assert bank_day(TOMORROW) not in newest.text
    kzt_bank.fail("status", status=503, times=None)
    kzt_clock.advance(minutes=70)
    late = http.get("/api/v1/latest")
    assert (late.json()["date"], late.headers["x-kzt-rates-stale"]) == (TODAY, "1")


def test_sheet_in_part_after_a_whole_one(
    serve: Any, kzt_bank: StandInBank, kzt_clock: SettableClock
) -> None:
    """Where a later sheet of tomorrow came in part, no feed mixes it with the drafts before it."""
    http = serve()
    for path in ("/api/v1/today", "/api/v1/tomorrow"):
        http.get(path)
    few = dict(list(PUBLISHED[TOMORROW].items())[::2])
    kzt_bank.publish(TOMORROW, {**few, "USD": PUBLISHED[TOMORROW]["USD"]})
    kzt_clock.advance(minutes=70)
    for path in ("/rss/get_rates.cfm?fdate=06.12.2025", "/rss/get_rates/2025-12-06.xml"):
        assert http.get(path).status_code == 503
    assert bank_day(TOMORROW) not in http.get("/rss/rates_all.xml").text


def test_newest_sheet_with_a_refused_figure(
    serve: Any, kzt_bank: StandInBank, kzt_clock: SettableClock
) -> None:
    """The sheet before a newest one that cannot be printed whole is not given as fresh."""
    http = serve()
    http.get("/api/v1/today")
    kzt_bank.correct(TOMORROW, {"AMD": ("133.5", 7)})
    assert http.get("/api/v1/latest").json()["refused"] == ["AMD"]
    for path in ("/rss/rates_all.xml", "/rss/rates.xml"):
        answer = http.get(path)
        assert bank_day(TODAY) in answer.text
        assert answer.headers["x-kzt-rates-stale"] == "1"
        assert answer.headers["cache-control"] == "public, max-age=60"
    kzt_bank.correct(TOMORROW, {"AMD": PUBLISHED[TOMORROW]["AMD"]})
    kzt_clock.advance(minutes=70)
    kept = http.get("/rss/rates_all.xml")
    assert bank_day(TOMORROW) in kept.text
    assert "x-kzt-rates-stale" not in kept.headers
