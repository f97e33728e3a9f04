"""Who can make the server ask the bank: nobody beyond what it was told to ask for."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest

import kzt_rates
from kzt_rates import web
from kzt_rates.testing import SettableClock, StandInBank, dense_sheets


def asked(bank: StandInBank) -> list[str]:
    return [request.feed if request.day is None else f"{request.day}" for request in bank.requests]


@pytest.mark.parametrize(
    ("ask", "day", "questions"),
    [
        ("none", "2025-12-05", 0),
        ("none", "2025-11-01", 0),
        ("recent", "2025-12-05", 1),
        ("recent", "2025-11-20", 0),  # fifteen days ago
        ("recent", "2016-01-01", 0),
        ("recent", "2025-12-20", 0),  # fifteen days ahead: none can be set
        ("any", "2025-12-05", 1),
        ("any", "2025-11-20", 1),
    ],
)
@pytest.mark.parametrize("path", ["/api/v1/convert?from=USD&on=", "/v2/rate/USD/KZT?date="])
def test_bounds(
    serve: Any, kzt_bank: StandInBank, ask: str, day: str, questions: int, path: str
) -> None:
    """The bank is asked about the days that it may be asked about, and about no other."""
    http = serve(ask)
    http.get(f"{path}{day}")
    http.get(f"{path}{day}")
    # of an old day both feeds may be asked, and the days before it
    assert min(len(kzt_bank.requests), 1) == questions
    before = len(kzt_bank.requests)
    http.get(f"{path}{day}")
    assert len(kzt_bank.requests) == before


def test_offline_client_never_asks(serve: Any, kzt_bank: StandInBank) -> None:
    """A client that is offline stays so, whatever the service may ask."""
    http = serve("any", offline=True)
    assert http.get("/api/v1/today").status_code == 503
    assert kzt_bank.requests == ()


def test_range_asks_for_its_recent_days_alone(serve: Any, kzt_bank: StandInBank) -> None:
    """Old days of a range are not asked for on the way."""
    http = serve("recent", archive=None)
    path = "/api/v1/history/USD?start=2024-01-01&end=2025-12-05"
    assert http.get(path).status_code == 503  # of 2024 the archive has holes
    assert http.get("/api/v1/history/USD?start=2025-11-25&end=2025-12-05").status_code == 200
    assert all(day >= "2025-11-21" for day in asked(kzt_bank))


@pytest.mark.parametrize(
    "path", ["/v2/rates?from={0}", "/v1/{0}..", "/v2/rates?from={0}&group=week"]
)
def test_range_of_all_is_asked_for_at_once(serve: Any, kzt_bank: StandInBank, path: str) -> None:
    """A range of all currencies takes a question a recent day, and not one a currency."""
    for day, rates in dense_sheets("2025-11-01", "2025-12-05").items():
        kzt_bank.publish(day, rates)
    http = serve()
    assert http.get(path.format("2025-11-24")).status_code == 200
    questions = asked(kzt_bank)
    assert sorted(set(questions) - {"export"}) == [
        *("2025-11-28", "2025-11-29", "2025-11-30"),
        *(f"2025-12-0{day}" for day in range(1, 6)),
    ]
    assert len(questions) <= 10


def test_many_who_want_the_same_ask_once(serve: Any, kzt_bank: StandInBank) -> None:
    """A question is asked once for all who wait for it, in every shape."""
    http = serve()
    paths = [
        *("/api/v1/today", "/v2/rates", "/v1/latest", "/v2/rate/EUR/KZT"),
        *(f"/api/v1/convert?from=USD&amount={amount}" for amount in range(50)),
    ]
    answers = http.all_of(paths)
    assert {answer.status_code for answer in answers} == {200}
    assert asked(kzt_bank) == ["2025-12-05"]


def test_distinct_queries_of_what_is_known(serve: Any, kzt_bank: StandInBank) -> None:
    """No number of different requests makes the bank be asked about known days again."""
    http = serve(archive=None)
    http.get("/api/v1/latest")
    http.get("/api/v1/today")
    before = asked(kzt_bank)
    for place in range(300):
        day = f"2025-{1 + place % 12:02}-{1 + place % 28:02}"
        http.get(f"/v2/rate/USD/KZT?date={day}")
        http.get(f"/api/v1/convert?from=USD&amount={place}&to=EUR")
        http.get(f"/api/v1/sheet/2016-{1 + place % 12:02}-01?missing=previous")
        http.get(f"/v2/rates?quotes=Q{place:02}")
    new = asked(kzt_bank)[len(before) :]
    # the recent days that are among them, of one feed or of both
    assert len(new) == len(set(new))
    assert all("2025-11-21" <= day <= "2025-12-19" for day in new if day != "export")


def test_bank_down(serve: Any, kzt_bank: StandInBank, kzt_clock: SettableClock) -> None:
    """After a failure nobody makes the bank be asked for a minute, then for two."""
    kzt_bank.fail("status", status=503, times=None)
    http = serve()
    answers = [http.get("/api/v1/today") for _ in range(5)]
    assert {answer.status_code for answer in answers} == {503}
    assert {answer.headers["cache-control"] for answer in answers} == {"no-store"}
    assert answers[0].headers["retry-after"] == "60"
    assert len(kzt_bank.requests) == 1
    assert str(kzt_bank.url) not in answers[0].text
    kzt_clock.advance(seconds=61)
    http.get("/api/v1/today")
    assert len(kzt_bank.requests) == 2
    kzt_clock.advance(seconds=61)
    http.get("/api/v1/today")
    assert len(kzt_bank.requests) == 2
    kzt_bank.heal()
    kzt_clock.advance(seconds=61)
    assert http.get("/api/v1/today").status_code == 200


def test_draft_past_its_time(serve: Any, kzt_bank: StandInBank, kzt_clock: SettableClock) -> None:
    """When the bank is away after midnight, yesterday's draft is given and marked as such."""
    http = serve()
    assert http.get("/api/v1/tomorrow").json()["provisional"] is True
    kzt_clock.set("2025-12-06T00:20+05:00")
    kzt_bank.fail("status", status=503, times=None)
    for path in ("/api/v1/today", "/v2/rate/USD/KZT", "/v1/latest?base=USD&symbols=KZT"):
        stale = http.get(path)
        assert stale.status_code == 200
        assert stale.headers["x-kzt-rates-stale"] == "1"
        assert stale.headers["cache-control"] == "public, max-age=60"
    kzt_bank.heal()
    kzt_clock.advance(minutes=3)
    fresh = http.get("/api/v1/today")
    assert fresh.json()["provisional"] is False
    assert "x-kzt-rates-stale" not in fresh.headers


def test_latest_holds_until_the_next_look(
    serve: Any, kzt_bank: StandInBank, kzt_clock: SettableClock
) -> None:
    """Outside of the window a look an hour is enough, and visitors cause no more."""
    kzt_clock.set("2025-12-05T20:00+05:00")
    http = serve()
    assert http.get("/api/v1/latest").json()["date"] == "2025-12-06"
    kzt_clock.advance(minutes=50)
    again = http.get("/api/v1/latest")
    assert "x-kzt-rates-stale" not in again.headers
    assert asked(kzt_bank) == ["latest"]
    kzt_clock.advance(minutes=20)
    http.get("/api/v1/latest")
    assert asked(kzt_bank) == ["latest", "latest"]


def test_async_client(
    kzt_bank: StandInBank, kzt_async_client: Callable[[], kzt_rates.AsyncClient]
) -> None:
    """An async client asks as well, within the loop of the service."""

    async def main() -> list[httpx.Response]:
        async with kzt_async_client() as client:
            transport = httpx.ASGITransport(web.app(client))
            async with httpx.AsyncClient(transport=transport, base_url="http://a.test") as http:
                asked = [http.get("/api/v1/today"), http.get("/v2/rate/USD/KZT")]
                return list(await asyncio.gather(*asked))

    today, rate = asyncio.run(main())
    assert today.json()["date"] == rate.json()["date"] == "2025-12-05"
    assert rate.json()["rate"] == 499.65
    assert asked(kzt_bank) == ["2025-12-05"]


DIALECTS = [
    *("/api/v1/latest", "/api/v1/latest.json", "/api/v1/latest.csv", "/api/v1/latest.ndjson"),
    *("/api/v1/today", "/api/v1/tomorrow", "/api/v1/convert?from=USD", "/api/v1/ticker"),
    *("/v2/rates", "/v2/rates.csv", "/v2/rates.ndjson", "/v2/rates?quote=KZT", "/v2/rates.json"),
    *("/v2/rate/USD/KZT", "/v2/providers/NBK/rates", "/v2/rates?from=2025-12-06"),
    *("/v1/latest", "/v1/latest.json", "/v1/latest?base=USD&symbols=KZT", "/v1/2025-12-06.."),
    *("/api/v1/history/USD?start=2025-12-06", "/rss/get_rates.cfm?fdate=10.12.2025"),
]


@pytest.fixture(params=["offline", "the bank fails", "the bank lies"])
def without_bank(request: Any, serve: Any, kzt_bank: StandInBank, kzt_clock: SettableClock) -> Any:
    """A service that knows 2025-12-06 for its newest day, and cannot ask four days later."""
    known = serve()
    for path in ("/api/v1/today", "/api/v1/tomorrow"):
        known.get(path)
    kzt_clock.set("2025-12-06T10:00+05:00")
    known.get("/api/v1/today")
    kzt_clock.set("2025-12-10T12:00+05:00")
    if request.param == "the bank lies":
        kzt_bank.fail("html", times=None)
    else:
        kzt_bank.fail("status", status=503, times=None)
    return serve(offline=request.param == "offline")


@pytest.mark.parametrize("path", DIALECTS)
def test_newest_day_is_named(without_bank: Any, path: str) -> None:
    """With nothing of today every dialect says 503, and which day is the newest known."""
    for _ in range(2):  # the second one comes while the bank is left alone
        answer = without_bank.get(path)
        assert answer.status_code == 503
        assert "the nearest known: 2025-12-06" in answer.text
        assert answer.headers["cache-control"] == "no-store"
        assert int(answer.headers["retry-after"]) >= 1
        assert without_bank.get(path, "HEAD").status_code == 503
        if path.startswith("/api/"):
            assert answer.json()["nearest"] == ["2025-12-06", None]


def test_newest_day_is_shown(without_bank: Any) -> None:
    """Where a date stands beside its rates the newest day is shown under it, marked as old."""
    for path, date in (
        ("/rss/rates_all.xml", "06.12.2025"),
        ("/rss/rates.xml", "06.12.2025"),
        ("/embed/ticker", "2025-12-06"),
        ("/", "2025-12-06"),
    ):
        answer = without_bank.get(path)
        assert answer.status_code == 200
        assert date in answer.text
        assert answer.headers["cache-control"] == "public, max-age=60"
        assert answer.headers["x-kzt-rates-stale"] == "1"


def test_failure_is_told_to_each_of_what_it_wanted(serve: Any, kzt_bank: StandInBank) -> None:
    """Those who shared a question in vain are told of their own currency."""
    kzt_bank.fail("status", status=503, times=None)
    codes = ("USD", "EUR", "CNY")
    answers = serve().all_of([f"/api/v1/convert?from={code}" for code in codes])
    assert [answer.json()["code"] for answer in answers] == [*codes]
    assert len(kzt_bank.requests) == 1


def test_draft_that_a_later_sheet_lacks(
    serve: Any, kzt_bank: StandInBank, kzt_clock: SettableClock
) -> None:
    """A sheet with drafts that its last answer came without is as stale as each of them."""
    http = serve()
    http.get("/api/v1/today")
    rates = http.get("/api/v1/tomorrow").json()["rates"]
    whole = {row["currency"]: (row["value"], int(row["nominal"])) for row in rates}
    few, lacking = dict(list(whole.items())[::2]), list(whole)[1]
    kzt_bank.publish("2025-12-06", {**few, "USD": whole["USD"], "EUR": whole["EUR"]})
    kzt_clock.advance(minutes=70)
    for path in (
        *("/api/v1/tomorrow", "/api/v1/tomorrow.csv", "/api/v1/sheet/2025-12-06"),
        *("/api/v1/latest", "/v2/rates?date=2025-12-06", "/v1/2025-12-06"),
        f"/api/v1/convert?from={lacking}&on=2025-12-06",
    ):
        answer = http.get(path)
        assert (answer.status_code, answer.headers.get("x-kzt-rates-stale")) == (200, "1"), path
        assert answer.headers["cache-control"] == "public, max-age=60"
    assert "x-kzt-rates-stale" not in http.get("/api/v1/convert?from=USD&on=2025-12-06").headers


def test_clock_that_is_set_back(
    serve: Any, kzt_bank: StandInBank, kzt_clock: SettableClock
) -> None:
    """A pause that began by a clock that ran fast keeps nobody from asking once it is right."""
    http = serve()
    kzt_clock.set("2025-12-06T12:00+05:00")
    kzt_bank.fail("status", status=503, times=None)
    assert http.get("/api/v1/today").status_code == 503
    kzt_bank.heal()
    kzt_clock.set("2025-12-05T12:00+05:00")
    assert http.get("/api/v1/today").status_code == 200


def test_latest_of_a_clock_that_ran_fast(
    serve: Any, kzt_bank: StandInBank, kzt_clock: SettableClock
) -> None:
    """A sheet that came in the future is no fresh one: it is asked for, or marked as late."""
    kzt_clock.set("2025-12-05T20:00+05:00")
    http = serve()
    assert http.get("/api/v1/latest").json()["date"] == "2025-12-06"
    kzt_clock.set("2025-12-05T16:00+05:00")
    kzt_bank.fail("status", status=503, times=None)
    assert http.get("/api/v1/latest").headers["x-kzt-rates-stale"] == "1"
    kzt_bank.heal()
    kzt_clock.advance(minutes=2)
    assert "x-kzt-rates-stale" not in http.get("/api/v1/latest").headers
    assert asked(kzt_bank) == ["latest", "latest", "latest"]
