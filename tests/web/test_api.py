"""The routes of `/api/v1`: figures as text, with the days that they are of and were asked for."""

import csv
import io
import json
from typing import Any

import pytest

from kzt_rates.testing import SettableClock, StandInBank

# True rates: sheets of 2025-12-01 to 2025-12-06, of which the last is tomorrow's.
TODAY, TOMORROW = "2025-12-05", "2025-12-06"


def by_code(sheet: dict[str, Any]) -> dict[str, Any]:
    return {rate["currency"]: rate for rate in sheet["rates"]}


def test_sheet(archived: Any) -> None:
    """A sheet has every currency with its value, its nominal, and the tenge for one unit."""
    answer = archived.get("/api/v1/sheet/2026-08-21")
    sheet = answer.json()
    assert len(sheet["rates"]) == 48
    assert by_code(sheet)["IRR"] == {
        "currency": "IRR",
        "nominal": "10000",
        "value": "3.33",
        "per_unit": "0.000333",
        "change": None,
        "name": "иранский риал",
    }
    del sheet["rates"]
    assert sheet == {
        "date": "2026-08-21",
        "requested_date": "2026-08-21",
        "carried": False,
        "complete": True,
        "provisional": False,
        "source": "archive",
        "fetched_at": None,
        "refused": [],
    }


def test_incomplete_sheet(archived: Any) -> None:
    """A day that is known in part says so, and is soon asked for again."""
    answer = archived.get("/api/v1/sheet/2025-11-29")
    assert answer.json()["complete"] is False
    assert len(answer.json()["rates"]) == 4
    assert answer.headers["cache-control"] == "public, max-age=60"


@pytest.mark.parametrize("form", ["csv", "ndjson"])
def test_incomplete_sheet_in_rows(archived: Any, form: str) -> None:
    """Rows of a day that is known in part are an error, which names what is unknown."""
    for headers in ({}, {"accept": f"text/{form}, application/x-{form}"}):
        ending = "" if headers else f".{form}"
        answer = archived.get(f"/api/v1/sheet/2025-11-29{ending}", **headers)
        said = answer.json()
        assert (answer.status_code, said["type"]) == (503, "/api/v1/errors#not_known_here")
        assert said["date"] == "2025-11-29"
        assert "(unknown: AED, AMD, " in said["detail"]
        assert said["detail"].endswith("ask for JSON, which says so")


def check_rows_without_yen(http: Any, path: str) -> None:
    answer = http.get(path)
    assert (answer.status_code, answer.headers["cache-control"]) == (503, "no-store")
    said = answer.json()
    assert said["type"] == "/api/v1/errors#refused"
    assert "(refused: JPY)" in said["detail"]
    assert http.get(path.rpartition(".")[0]).json()["refused"] == ["JPY"]


@pytest.mark.parametrize("name", ["today", "sheet/2025-12-05"])
@pytest.mark.parametrize("form", ["csv", "ndjson"])
def test_refused_rate_in_rows(without_yen: Any, name: str, form: str) -> None:
    """Rows cannot name a rate that was refused, and are an error; JSON names it."""
    check_rows_without_yen(without_yen, f"/api/v1/{name}.{form}")


def test_refused_rate_in_rows_of_the_latest(serve: Any, kzt_bank: StandInBank) -> None:
    """The newest sheet is no other."""
    http = serve()
    http.get("/api/v1/today")
    kzt_bank.fail("scaled", codes="JPY", times=None, feed="latest")
    check_rows_without_yen(http, "/api/v1/latest.csv")


@pytest.mark.parametrize("how", ["ending", "accept"])
def test_forms_of_a_sheet(archived: Any, how: str) -> None:
    """CSV and NDJSON are had by the path's ending and by the header Accept."""
    path = "/api/v1/sheet/2026-08-21"
    whole = archived.get(path).json()["rates"]
    if how == "ending":
        answers = archived.get(f"{path}.csv"), archived.get(f"{path}.ndjson")
        assert "vary" not in answers[0].headers
    else:
        answers = (
            archived.get(path, accept="text/csv"),
            archived.get(path, accept="application/x-ndjson"),
        )
        assert answers[0].headers["vary"] == "Accept"
    assert answers[0].headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answers[0].text)))
    shown = ("currency", "nominal", "value", "per_unit", "change")
    assert rows == [{name: str(rate[name] or "") for name in shown} for rate in whole]
    assert [json.loads(line) for line in answers[1].text.splitlines()] == whole
    assert archived.get(f"{path}.json").json()["rates"] == whole


def test_forms_do_not_mix(archived: Any) -> None:
    """A ready answer in one form is not given to who wants another."""
    accepts = ("text/csv", "*/*", "text/*", "application/json", "text/csv", "", "text/html")
    answers = [archived.get("/api/v1/sheet/2026-08-21", accept=accept) for accept in accepts]
    types = [answer.headers["content-type"].partition(";")[0] for answer in answers]
    assert types == [
        *("text/csv", "application/json", "text/csv", "application/json", "text/csv"),
        *("application/json", "application/problem+json"),
    ]


def test_carried(serve: Any, kzt_bank: StandInBank) -> None:
    """A day without a rate is 404, and the day before where it may be carried."""
    kzt_bank.withdraw("2025-12-04")
    http = serve()
    missing = http.get("/api/v1/sheet/2025-12-04")
    assert (missing.status_code, missing.json()["reason"]) == (404, "none_published")
    carried = http.get("/api/v1/sheet/2025-12-04?missing=previous").json()
    assert carried["carried"] is True
    assert (carried["requested_date"], carried["date"]) == ("2025-12-04", "2025-12-03")
    amount = http.get("/api/v1/convert?from=USD&on=2025-12-04&missing=previous").json()
    assert (amount["effective_date"], amount["carried"]) == ("2025-12-03", True)


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/sheet/2025-12-05?missing=previous",
        "/api/v1/convert?from=USD&on=2025-12-05&missing=previous",
        "/api/v1/history/USD?start=2025-12-04&end=2025-12-05&missing=previous",
        "/v2/rates?date=2025-12-05&base=USD",
        "/v2/rate/USD/KZT?date=2025-12-05",
        "/v1/2025-12-05?base=USD&symbols=KZT",
    ],
)
def test_carried_is_not_kept(serve: Any, kzt_bank: StandInBank, path: str) -> None:
    """Yesterday's rate in place of today's is not kept past the next look at the bank."""
    kzt_bank.withdraw("2025-12-05")
    answer = serve().get(path)
    assert "2025-12-04" in answer.text
    assert answer.headers["cache-control"] == "public, max-age=3599, stale-if-error=86400"


@pytest.mark.parametrize(
    "path",
    [
        *("/api/v1/today", "/api/v1/convert?from=USD", "/api/v1/ticker", "/v2/rate/USD/KZT"),
        *("/v2/rates?base=USD", "/v1/latest", "/api/v1/history/USD?start=2025-12-04"),
        *("/v2/rates?base=USD&from=2025-12-04", "/v1/2025-12-04..?base=USD&symbols=KZT"),
    ],
)
def test_midnight_comes_while_a_visitor_waits(
    serve: Any, kzt_clock: SettableClock, path: str
) -> None:
    """An answer that was begun before midnight is not kept after it."""
    kzt_clock.set("2025-12-05T23:59:50+05:00")
    http = serve()
    find = http.app.lookup.find

    async def slow(*arguments: Any, **named: Any) -> Any:
        found = await find(*arguments, **named)
        kzt_clock.set("2025-12-06T00:00:02+05:00")
        return found

    http.app.lookup.find = slow
    answer = http.get(path)
    assert TODAY in answer.text or "05.12.2025" in answer.text
    assert answer.headers["cache-control"].startswith("public, max-age=0,")


def test_today_tomorrow_latest(serve: Any) -> None:
    """Tomorrow's sheet is provisional, and may be the latest."""
    http = serve()
    today, tomorrow, latest = (
        http.get(f"/api/v1/{name}") for name in ("today", "tomorrow", "latest")
    )
    assert (today.json()["date"], today.json()["provisional"]) == (TODAY, False)
    assert (tomorrow.json()["date"], tomorrow.json()["provisional"]) == (TOMORROW, True)
    assert latest.json()["date"] == TOMORROW
    assert latest.headers["cache-control"] == "public, max-age=3599, stale-if-error=86400"
    assert http.get("/api/v1/today.csv").text.startswith("currency,nominal,value")


def test_not_yet(serve: Any, kzt_bank: StandInBank, kzt_clock: SettableClock) -> None:
    """What the bank has not set yet is 404 "not yet", with when it is worth asking again."""
    kzt_bank.withdraw(TOMORROW)
    kzt_clock.set("2025-12-05T15:34:56+05:00")
    answer = serve().get("/api/v1/tomorrow")
    assert answer.status_code == 404
    assert answer.json()["type"] == "/api/v1/errors#not_yet"
    assert answer.headers["retry-after"] == "304"
    assert answer.headers["cache-control"] == "public, max-age=60"


def test_unknown_is_no_absence(archived: Any) -> None:
    """A day that is not known here is 503, with the nearest days, and never 404."""
    answer = archived.get("/api/v1/convert?from=USD&on=2026-08-22")
    assert answer.status_code == 503
    assert answer.headers["cache-control"] == "no-store"
    assert int(answer.headers["retry-after"]) > 0
    said = answer.json()
    assert said["type"].endswith("#not_known_here")
    assert said["nearest"] == ["2026-08-21", None]


@pytest.mark.parametrize("path", ["/api/v1/latest", "/v1/latest", "/v2/rates", "/api/v1/today"])
def test_nothing_of_today(archived: Any, path: str) -> None:
    """Offline and without today's rates the latest is 503 and names the newest day known."""
    archived.app.lookup._core.terms.clock.set("2026-11-29T12:00+05:00")
    answer = archived.get(path)
    assert answer.status_code == 503
    assert "2026-08-21" in answer.text


@pytest.mark.parametrize(
    ("query", "result", "rate"),
    [
        ("amount=100&from=USD&on=2025-12-05", "49965", "499.65"),
        ("amount=100&from=usd&to=eur&on=2025-12-05&places=2", "85.72", None),
        ("amount=-1.50&from=AMD&on=2025-12-05", "-1.971", "1.314"),
        ("from=KZT&to=KZT&on=2025-12-05&amount=7", "7", "1"),
    ],
)
def test_convert(archived: Any, query: str, result: str, rate: str | None) -> None:
    """An amount is converted exactly and rounded once."""
    said = archived.get(f"/api/v1/convert?{query}").json()
    assert said["result"] == result
    assert rate is None or said["rate"] == rate
    assert said["requested_date"] == said["effective_date"] == "2025-12-05"


def test_history(archived: Any) -> None:
    """A history has each day's rate as text, and the days without one."""
    path = "/api/v1/history/USD?start=2015-08-19&end=2015-08-21"
    said = archived.get(path).json()
    assert said == {
        "base": "USD",
        "quote": "KZT",
        "start": "2015-08-19",
        "end": "2015-08-21",
        "rates": [
            {"date": "2015-08-19", "rate": "188.35"},
            {"date": "2015-08-20", "rate": "188.38"},
            {"date": "2015-08-21", "rate": "255.26"},
        ],
        "missing": [],
        "carried": {},
        "provisional": [],
    }
    lines = archived.get(path.replace("USD", "usd.csv")).text.splitlines()
    assert lines == ["date,rate", "2015-08-19,188.35", "2015-08-20,188.38", "2015-08-21,255.26"]


def test_history_grouped(archived: Any) -> None:
    """Means are over the calendar days of a period, and exact."""
    path = "/api/v1/history/USD?start=2015-08-19&end=2015-08-21&group=month"
    # a third of the sum of 188.35, 188.38 and 255.26
    mean = {"date": "2015-08-19", "rate": "210.6633333333333333333333333"}
    assert archived.get(path).json()["rates"] == [mean]


@pytest.mark.parametrize("form", ["json", "csv", "ndjson"])
def test_history_of_the_tenge(archived: Any, form: str) -> None:
    """That no file has the tenge in itself is no word that it is not known here."""
    assert archived.get(f"/api/v1/history/KZT.{form}").status_code == 404
    ones = archived.get(f"/api/v1/history/KZT.{form}?start=2026-08-21")
    assert (ones.status_code, "2026-08-21" in ones.text) == (200, True)


def test_history_grouped_without_rates(serve: Any) -> None:
    """No mean of a pair is no word that the bank has none of the base, which may be there."""
    http = serve()
    path = "/api/v1/history/USD?to=ILS&start=2025-12-04&end=2025-12-04"
    by_day = http.get(path)
    assert (by_day.status_code, by_day.json()["missing"]) == (200, ["2025-12-04"])
    by_week = http.get(f"{path}&group=week")
    assert by_week.status_code == 200
    assert by_week.json() == {**by_day.json(), "group": "week"}


def test_history_carried(serve: Any, kzt_bank: StandInBank) -> None:
    """A carried day is named with the day that answers for it."""
    kzt_bank.withdraw("2025-12-04")
    http, path = serve(), "/api/v1/history/USD?start=2025-12-03&end=2025-12-05"
    skipped = http.get(path).json()
    assert skipped["missing"] == ["2025-12-04"]
    assert [rate["date"] for rate in skipped["rates"]] == ["2025-12-03", "2025-12-05"]
    carried = http.get(f"{path}&missing=previous").json()
    assert carried["carried"] == {"2025-12-04": "2025-12-03"}
    assert [rate["date"] for rate in carried["rates"]] == [
        *("2025-12-03", "2025-12-04", "2025-12-05"),
    ]
    assert http.get(f"{path}&missing=raise").status_code == 404


def test_ticker(archived: Any) -> None:
    """The line of news sites reads to the character."""
    line = "(29.11.2025) $ 512.53 ₸ € 592.43 ₸ ¥ 72.44 ₸ ₽ 6.53 ₸"
    assert archived.get("/api/v1/ticker?date=2025-11-29").json()["text"] == line
    russian = archived.get("/api/v1/ticker?date=2025-11-29&codes=USD&lang=ru").json()["text"]
    assert russian == "(29.11.2025) $ 512,53 ₸"


def test_currencies(archived: Any) -> None:
    """The currencies are those of the library."""
    found = {one["code"]: one for one in archived.get("/api/v1/currencies").json()}
    assert found["AMD"]["name_en"] == "Armenian dram"
    assert found["USD"]["last"] == "2026-08-21"
    assert found["EEK"]["successor"] == "EUR"


def test_last_modified(serve: Any) -> None:
    """When the bank gave the rates is the time of their last change."""
    answer = serve().get("/api/v1/sheet/2025-12-05")
    assert answer.headers["last-modified"] == "Fri, 05 Dec 2025 07:00:00 GMT"
    assert answer.json()["fetched_at"] == "2025-12-05T12:00:00+05:00"


@pytest.mark.parametrize("to", ["KZT", "EUR"])
def test_history_of_a_carried_draft(serve: Any, kzt_clock: SettableClock, to: str) -> None:
    """A day that a draft is carried to is as provisional as the draft's own."""
    http = serve()
    kzt_clock.set("2025-12-05T18:00+05:00")
    for start in ("2025-12-07", "2025-12-08"):
        path = f"/api/v1/history/USD?start={start}&to={to}&missing=previous"
        answer = http.get(f"{path}&end={start}").json()
        assert [row["date"] for row in answer["rates"]] == [start]
        assert answer["carried"] == {start: "2025-12-06"}
        assert answer["provisional"] == [start]
