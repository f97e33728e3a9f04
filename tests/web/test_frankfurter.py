"""The routes `/v2` and `/v1`, as clients of Frankfurter know them."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from kzt_rates.testing import SettableClock, StandInBank, archive_sheets, dense_sheets
from kzt_rates.web.frankfurter import Frankfurter, Pair
from kzt_rates.web.freshness import of_now


def exactly(answer: Any) -> Any:
    """Return JSON with its numbers as they are written."""
    return json.loads(answer.text, parse_float=Decimal, parse_int=Decimal)


def test_rows(archived: Any) -> None:
    """Rows are sorted by quote, published figures exact, others of fifteen digits."""
    answer = archived.get("/v2/rates?date=2026-08-21&base=USD&quotes=kzt,EUR")
    assert answer.text == (
        '[{"date":"2026-08-21","base":"USD","quote":"EUR","rate":0.854922666467658},'
        '{"date":"2026-08-21","base":"USD","quote":"KZT","rate":458.23}]\n'
    )


def test_no_exponent(archived: Any) -> None:
    """The smallest rate is written out."""
    assert archived.get("/v2/rate/irr/kzt?date=2026-08-21").text == (
        '{"date":"2026-08-21","base":"IRR","quote":"KZT","rate":0.000333}\n'
    )


def test_euro_is_the_base(archived: Any) -> None:
    """Where no base is named it is the euro, and it has a row of its own."""
    rows = {row["quote"]: row for row in exactly(archived.get("/v2/rates"))}
    assert {row["base"] for row in rows.values()} == {"EUR"}
    assert len(rows) == 49
    assert rows["EUR"]["rate"] == 1
    assert rows["KZT"]["rate"] == Decimal("535.99")


def test_all_in_one_currency(archived: Any) -> None:
    """Every currency in tenge is one request."""
    rows = {row["base"]: row["rate"] for row in exactly(archived.get("/v2/rates?quote=KZT"))}
    assert len(rows) == 49
    assert (rows["IRR"], rows["KZT"]) == (Decimal("0.000333"), 1)


@pytest.mark.parametrize("path", ["/v2/rates.csv", "/v2/rates.ndjson", "/v2/rates.json"])
def test_endings(archived: Any, path: str) -> None:
    """The path's ending is the form."""
    text = archived.get(f"{path}?date=2026-08-21&base=USD&quotes=KZT").text
    row = '{"date":"2026-08-21","base":"USD","quote":"KZT","rate":458.23}'
    assert (
        text
        == {
            "csv": "date,base,quote,rate\n2026-08-21,USD,KZT,458.23\n",
            "ndjson": f"{row}\n",
            "json": f"[{row}]\n",
        }[path.rpartition(".")[2]]
    )


def test_range(archived: Any) -> None:
    """A range has every day that has a rate, by date and then by quote."""
    path = "/v2/rates?from=2015-08-20&to=2015-08-21&base=USD&quotes=KZT,USD"
    rows = [(row["date"], row["quote"], row["rate"]) for row in exactly(archived.get(path))]
    assert rows == [
        ("2015-08-20", "KZT", Decimal("188.38")),
        ("2015-08-20", "USD", 1),
        ("2015-08-21", "KZT", Decimal("255.26")),
        ("2015-08-21", "USD", 1),
    ]


def test_silent_start(serve: Any, kzt_bank: StandInBank) -> None:
    """A range that starts on a day without a rate begins with the day before it."""
    for day in ("2025-12-02", "2025-12-04"):
        kzt_bank.withdraw(day)
    path = "/v2/rates?from=2025-12-02&to=2025-12-05&base=USD&quotes=KZT"
    assert [row["date"] for row in serve("any").get(path).json()] == [
        *("2025-12-01", "2025-12-03", "2025-12-05"),
    ]


def test_one_day_carries_each_currency_by_itself(serve: Any, kzt_bank: StandInBank) -> None:
    """A currency that the bank left out is of the day before, and the others are not."""
    sheet = dict(archive_sheets("2025-12-05", "2025-12-05")[date(2025, 12, 5)])
    del sheet["XDR"]
    kzt_bank.publish("2025-12-05", sheet)
    path = "/v2/rates?date=2025-12-05&base=XDR&quotes=KZT"
    http = serve()
    assert http.get(path).status_code == 503  # expected on the sheet, and so unknown without it
    for day in ("2025-12-05", "2025-12-04"):
        kzt_bank.withdraw(day)
    rows = serve(cache=False).get("/v2/rates?date=2025-12-05&base=USD&quotes=KZT,XDR").json()
    assert [(row["date"], row["quote"]) for row in rows] == [
        *(("2025-12-03", "KZT"), ("2025-12-03", "XDR")),
    ]


@pytest.mark.parametrize(
    "path",
    [
        *("/v2/rates", "/v2/rates.csv", "/v2/rates.ndjson", "/v2/rates.json", "/v2/rates?base=KZT"),
        *("/v2/rates?quote=KZT", "/v2/rates/2025-12-05.json", "/v2/rates?date=2025-12-05"),
        *("/v2/providers/NBK/rates", "/v2/rates?base=JPY", "/v2/rates?providers=NBK"),
        *("/v1/latest", "/v1/latest?base=USD", "/v1/2025-12-05", "/v1/2025-12-05.json"),
    ],
)
def test_whole_sheet_without_a_refused_rate(without_yen: Any, path: str) -> None:
    """A sheet that lacks a refused rate is an error that names it, and is kept by nobody."""
    answer = without_yen.get(path)
    assert (answer.status_code, answer.headers["cache-control"]) == (503, "no-store")
    assert answer.json()["message"] == (
        "the sheet of 2025-12-05 is not known here whole (refused: JPY): "
        "name the currencies to ask for"
    )


@pytest.mark.parametrize(
    "path",
    [
        *("/v2/rates?from=2025-12-04", "/v2/rates.csv?from=2025-12-04&to=2025-12-05&base=KZT"),
        *("/v2/rates?from=2025-12-04&quote=KZT", "/v2/rates?from=2025-12-01&group=week"),
        *("/v1/2025-12-04..", "/v1/2025-12-04..2025-12-05?base=USD"),
    ],
)
def test_range_of_all_without_a_refused_rate(without_yen: Any, path: str) -> None:
    """A range of all currencies is an error, too, where one of them was refused."""
    without_yen.get("/v2/rates?from=2025-12-01&to=2025-12-04&quote=KZT")
    assert without_yen.get(path).status_code == 503


@pytest.mark.parametrize("where", ["/v2/rates?base=USD&quotes=", "/v1/latest?base=USD&symbols="])
def test_named_currencies_beside_a_refused_one(without_yen: Any, where: str) -> None:
    """Who names currencies has those that are believed, and an error for the other."""
    assert "499.65" in without_yen.get(f"{where}KZT,EUR").text
    assert without_yen.get(f"{where}KZT,JPY").status_code == 503


@pytest.mark.parametrize("path", ["/v1/2025-11-29", "/v2/rates/2025-11-29.json"])
def test_sheet_known_in_part(archived: Any, path: str) -> None:
    """A day that is known in part is an error with the codes of which nothing is known."""
    said = archived.get(path).json()["message"]
    assert said.startswith("the sheet of 2025-11-29 is not known here whole (unknown: AED, AMD, ")
    assert not any(code in said for code in ("CNY", "EUR", "RUB", "USD"))


@pytest.mark.parametrize(
    "path",
    [
        "/v2/rates?base=USD&from=2026-08-22&to=2026-08-23",
        "/v2/rates?base=USD&from=2026-08-22",
        "/v2/rates?quote=KZT&from=2026-08-22",
        "/v2/rates?base=USD&from=2026-08-22&group=month",
        "/v1/2026-08-22..2026-08-23",
        "/v1/2026-08-22..",
    ],
)
def test_range_of_nothing_known(serve: Any, path: str) -> None:
    """Days that nothing is known of are never an empty list."""
    clock = SettableClock("2026-08-25T12:00+05:00")
    answer = serve(archive=None, cache=False, offline=True, clock=clock).get(path)
    assert answer.status_code == 503
    assert "2026-08-22 is not known here" in answer.json()["message"]


@pytest.fixture
def with_shekel(serve: Any, kzt_bank: StandInBank) -> Any:
    """A service that knows the shekel, which the daily feed alone has, from that feed's start."""
    for day, rates in dense_sheets("2021-05-05", "2021-05-11").items():
        kzt_bank.publish(day, {**rates, "ILS": ("130.50", 1)})
    http = serve(ask="any")
    for day in ("2021-05-08", "2021-05-09"):
        http.get(f"/api/v1/sheet/{day}")
    return http


@pytest.mark.parametrize(
    "path",
    [
        "/v2/rates?base=ILS&quotes=KZT&from=2021-05-07&to=2021-05-09",
        "/v2/rates?base=USD&quotes=ILS,KZT&from=2021-05-07&to=2021-05-09",
        "/v2/rates?base=ILS&from=2021-05-07&to=2021-05-09",
        "/v2/rates?base=ILS&quotes=KZT&from=2021-05-07&to=2021-05-09&group=month",
        "/v2/rates?base=ILS&quotes=KZT&date=2021-05-07",
        "/v2/rate/ILS/KZT?date=2021-05-07",
        "/v1/2021-05-07..2021-05-09?base=ILS&symbols=KZT",
        "/v1/2021-05-07?base=ILS&symbols=KZT",
    ],
)
def test_what_no_feed_can_be_asked_for(with_shekel: Any, path: str) -> None:
    """A day of which nobody can know a rate that is wanted is no day without that rate."""
    answer = with_shekel.get(path)
    assert answer.status_code == 503
    why = "no official rate of ILS for 2021-05-07: no feed can be asked for it that far back"
    assert answer.json()["message"].startswith(why)


def test_rates_that_begin_later(with_shekel: Any) -> None:
    """A range of all currencies has each from the day on that it can be asked for."""
    for query in ("", "&group=week"):
        rows = exactly(with_shekel.get(f"/v2/rates?quote=KZT&from=2021-05-07&to=2021-05-09{query}"))
        found = {code: [] for code in ("ILS", "USD")}
        for row in rows:
            found.get(row["base"], []).append(row["date"])
        assert [*map(len, found.values())] == ([1, 1] if query else [2, 3])
        assert {row["rate"] for row in rows if row["base"] == "ILS"} == {Decimal("130.5")}


def test_base_that_a_whole_sheet_lacks(serve: Any, kzt_bank: StandInBank) -> None:
    """Rates of a base that the sheet lacks, though the bank has it, are an error and not none."""
    (rates,) = archive_sheets("2025-12-05", "2025-12-05").values()
    lacking = {code: rate for code, rate in rates.items() if code != "JPY"}
    kzt_bank.publish("2025-12-05", lacking)
    http = serve()
    assert http.get("/api/v1/sheet/2025-12-05").json()["complete"]
    for path in ("/v2/rates?base=JPY", "/v2/rates?quote=JPY", "/v1/latest?base=JPY"):
        assert http.get(path).status_code == 503, path
    assert http.get("/v2/rates?base=USD").status_code == 200


def test_group(archived: Any) -> None:
    """A group is the exact mean over the days of its period."""
    path = "/v2/rates?from=2015-08-19&to=2015-08-21&base=USD&quotes=KZT&group=week"
    # a third of the sum of 188.35, 188.38 and 255.26
    assert archived.get(path).text == (
        '[{"date":"2015-08-19","base":"USD","quote":"KZT","rate":210.663333333333}]\n'
    )


def test_providers(archived: Any) -> None:
    """There is one provider, named where that is wanted; another has no rates."""
    path = "/v2/rates?date=2026-08-21&base=USD&quotes=KZT"
    assert archived.get(f"{path}&providers=ecb").json() == []
    assert archived.get(f"{path}&providers=ECB,NBK").json() == archived.get(path).json()
    (row,) = archived.get(f"{path}&expand=providers").json()
    assert row["providers"] == [{"key": "NBK", "date": "2026-08-21", "rate": 458.23}]
    assert archived.get("/v2/providers/NBK/rates").json() == archived.get("/v2/rates").json()
    (bank,) = archived.get("/v2/providers").json()
    assert (bank["key"], bank["base"], bank["publishes_missed"]) == ("NBK", "KZT", 0)
    assert bank["end_date"] == "2026-08-21"


LISTS = ("/v2/currencies", "/v2/currencies?scope=all", "/v1/currencies", "/v2/currency/USD")


@pytest.mark.parametrize("path", [*LISTS, "/v2/currency/KZT", "/feed.xml", "/kk/feed.xml"])
def test_nothing_is_known(serve: Any, path: str) -> None:
    """Where nothing is known there is no list of nothing, and no "not found", to be kept."""
    answer = serve(offline=True).get(path)
    assert answer.status_code == 503
    assert answer.headers["cache-control"] == "no-store"
    assert "known here" in answer.text


def test_publishes_missed_are_unknown(serve: Any) -> None:
    """Without a whole sheet nobody can say how many days are missing since."""
    http = serve(offline=True)
    assert http.get("/v2/providers").json()[0]["publishes_missed"] is None
    assert http.get("/v2/currency/QQM").status_code == 404


def test_currencies(archived: Any) -> None:
    """Former currencies are listed where they are asked for."""
    today = {one["iso_code"]: one for one in archived.get("/v2/currencies").json()}
    everything = {one["iso_code"] for one in archived.get("/v2/currencies?scope=all").json()}
    assert today["USD"] == {
        "iso_code": "USD",
        "iso_numeric": "840",
        "name": "US dollar",
        "symbol": "$",
        "start_date": "2013-04-24",
        "end_date": "2026-08-21",
    }
    assert "KZT" in today
    assert {"BYR", "EEK"} <= everything - set(today)
    assert archived.get("/v2/currency/byr").json()["providers"] == ["NBK"]
    assert archived.get("/v2/currency/XXX").json() == {"status": 404, "message": "not found"}
    assert archived.get("/v1/currencies").json()["AMD"] == "Armenian dram"


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        ("rates?base=XXX", 422, "invalid currency: XXX"),
        ("rates?base=xxx&quotes=USD,yyyy", 422, "invalid currency: XXX,YYYY"),
        ("rate/XXX/KZT", 422, "invalid currency: XXX"),
        ("rates?foo=1", 422, "unknown parameter: foo"),
        ("rates?date=2026-08-21&from=2026-08-21", 422, "conflicting params"),
        ("rates?from=2026-09-05&base=USD&quotes=KZT", 404, "not found"),  # the future
        ("rates?expand=x", 422, "invalid expand: x"),
        ("rate/EEK/KZT?date=2026-08-21", 404, "not found"),
        ("nothing", 404, "not found"),
    ],
)
def test_errors_of_v2(archived: Any, path: str, status: int, message: str) -> None:
    """Errors read as Frankfurter's, to the letter."""
    answer = archived.get(f"/v2/{path}")
    assert answer.status_code == status
    assert answer.json() == {"status": status, "message": message}


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        ("latest?base=USD&symbols=USD", 422, "bad currency pair"),
        ("latest?amount=0", 422, "invalid amount"),
        ("latest?amount=abc", 422, "invalid amount"),
        ("latest?base=XXX", 404, "not found"),
        ("latest?symbols=XXX", 404, "not found"),
        ("2026-13-45", 422, "invalid date"),
        ("2026-08-21?from=EEK", 404, "not found"),
        ("nothing", 404, "not found"),
        ("2026-08-20..2026-08-32", 422, "invalid date"),
    ],
)
def test_errors_of_v1(archived: Any, path: str, status: int, message: str) -> None:
    """Errors of the first edition have a message alone, which clients compare."""
    answer = archived.get(f"/v1/{path}")
    assert answer.status_code == status
    assert answer.json() == {"message": message}


def test_v1_day(archived: Any) -> None:
    """A day has the rates by code, without the base's own."""
    path = "/v1/2026-08-21?base=USD&symbols=KZT,USD&amount=100"
    assert archived.get(path).text == (
        '{"amount":100.0,"base":"USD","date":"2026-08-21","rates":{"KZT":45823}}\n'
    )
    same = archived.get("/v1/2026-08-21?from=USD&to=KZT&amount=100")
    assert same.text == archived.get(path).text
    assert archived.get("/v1/latest").json()["date"] == "2026-08-21"
    assert "EUR" not in archived.get("/v1/latest").json()["rates"]


def test_v1_range(archived: Any) -> None:
    """A range has the rates by day; an open one ends today."""
    path = "/v1/2026-08-20..2026-08-21?base=USD&symbols=KZT"
    said = exactly(archived.get(path))
    assert (said["start_date"], said["end_date"]) == ("2026-08-20", "2026-08-21")
    assert said["rates"]["2026-08-21"] == {"KZT": Decimal("458.23")}
    assert exactly(archived.get("/v1/2026-08-20..?base=USD&symbols=KZT")) == said


@pytest.mark.parametrize("path", ["/v2/rates", "/v1/2025-11-29"])
def test_part_of_a_sheet_is_no_sheet(archived: Any, path: str) -> None:
    """A day that is known in part is an error where the shape cannot say so."""
    answer = archived.get(path if "v1" in path else f"{path}?date=2025-11-29")
    assert answer.status_code == 503
    one = archived.get("/v2/rate/USD/KZT?date=2025-11-29")
    assert one.json()["rate"] == 512.53


def test_long_range_comes_in_pieces(archived: Any) -> None:
    """A range of years is the same in pieces as its years by themselves."""
    for form in ("json", "csv", "ndjson"):
        path, years = f"/v2/rates.{form}?base=USD&quotes=KZT,USD", (2016, 2017, 2018, 2019)
        whole = archived.get(f"{path}&from=2016-01-01&to=2019-12-31").text
        archived.app.lookup.figures_at_once = 400
        archived.app.forget_ready()
        pieces = archived.get(f"{path}&from=2016-01-01&to=2019-12-31")
        archived.app.lookup.figures_at_once = 4000
        assert "content-length" not in pieces.headers
        assert pieces.text == whole
        parts = [archived.get(f"{path}&from={year}-01-01&to={year}-12-31") for year in years]
        if form == "json":
            assert json.loads(whole) == [row for part in parts for row in part.json()]


def test_long_range_of_v1(archived: Any) -> None:
    """The first edition's range is the same in pieces, its end included."""
    path = "/v1/2016-01-01..2019-12-31?base=USD&symbols=KZT"
    whole = archived.get(path).text
    archived.app.lookup.figures_at_once = 400
    archived.app.forget_ready()
    assert archived.get(path).text == whole
    assert json.loads(whole)["end_date"] == "2019-12-31"


@pytest.mark.parametrize("start", ["1990-01-01", "1993-11-15"])
def test_before_the_tenge(archived: Any, start: str) -> None:
    """A range may begin before there was a tenge; there are no rows of that."""
    answer = archived.get(f"/v2/rates?from={start}&to=1993-11-14&base=KZT&quotes=KZT")
    assert answer.json() == []
    assert archived.get(f"/v1/{start}..1993-11-14?base=KZT").status_code == 404


def test_reversed(archived: Any) -> None:
    """A range that ends before it starts has no days."""
    assert archived.get("/v2/rates?from=2026-08-21&to=2026-08-20").json() == []
    assert archived.get("/v1/2026-08-21..2026-08-20").json() == {"message": "not found"}


def test_quote_beside_base(archived: Any) -> None:
    """One quote of a base is that pair."""
    path = "/v2/rates?date=2026-08-21&base=USD"
    assert archived.get(f"{path}&quote=KZT").text == archived.get(f"{path}&quotes=KZT").text


def test_one_date_is_of_all_rates(archived: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """No rate of an earlier day stands under a date at which others have their own."""
    older, newer = date(2026, 8, 20), date(2026, 8, 21)
    pairs = [
        Pair(newer, "USD", "KZT", ((Decimal("458.23"), 1), None), final=True),
        Pair(older, "USD", "XDR", ((Decimal("458.23"), 1), (Decimal("629.22"), 1)), final=True),
    ]

    async def on(*_: object) -> object:
        return pairs, of_now(archived.app.lookup.now())

    monkeypatch.setattr(Frankfurter, "_on", on)
    answer = archived.get("/v1/2026-08-21?base=USD&symbols=KZT,XDR").json()
    assert (answer["date"], answer["rates"]) == ("2026-08-21", {"KZT": 458.23})


TO_COME = ("/v2/rates?from=2025-12-06&base=USD&quotes=KZT", "/v1/2025-12-06..?base=USD&symbols=KZT")


@pytest.mark.parametrize("path", TO_COME)
def test_range_from_tomorrow(serve: Any, path: str) -> None:
    """A range that begins tomorrow asks the bank for its first day, as that day itself does."""
    answer = serve().get(path)
    assert answer.status_code == 200
    assert "2025-12-06" in answer.text
    assert "504.49" in answer.text


@pytest.mark.parametrize("path", TO_COME)
def test_range_from_an_unknown_tomorrow(serve: Any, path: str) -> None:
    """That a day to come is not known here is no "not found": the bank may have set it."""
    http = serve(ask="none")
    answer = http.get(path)
    assert answer.status_code == 503
    assert "USD of 2025-12-06 is not known here" in answer.json()["message"]
    assert answer.headers["cache-control"] == "no-store"


def test_range_from_a_tomorrow_that_is_not_set(serve: Any, kzt_bank: StandInBank) -> None:
    """Where the bank has none of tomorrow yet, the range begins with the day before, dated."""
    kzt_bank.withdraw("2025-12-06")
    (row,) = serve().get("/v2/rates?from=2025-12-06&base=USD&quotes=KZT").json()
    assert (row["date"], row["rate"]) == ("2025-12-05", 499.65)


@pytest.mark.parametrize("code", ["USD", "ILS", "LTL", "KZT"])
@pytest.mark.parametrize("when", ["date={0}", "from={0}&to={0}", "from={0}&to={0}&group=month"])
def test_one_of_itself(archived: Any, code: str, when: str) -> None:
    """A currency costs one of itself, whatever is known of it: no rate is needed for that."""
    path = f"/v2/rates?base={code}&quotes={code}&{when}"
    (row,) = archived.get(path.format("1999-01-01")).json()
    assert row == {"date": "1999-01-01", "base": code, "quote": code, "rate": 1}


@pytest.mark.parametrize("when", ["date=2026-08-21", "from=2026-08-21"])
def test_one_of_itself_beside_others(archived: Any, when: str) -> None:
    """A currency's own row leaves those of others as they are."""
    rows = archived.get(f"/v2/rates?base=USD&quotes=USD,KZT,EUR&{when}").json()
    assert [(row["quote"], row["rate"]) for row in rows] == [
        ("EUR", 0.854922666467658),
        ("KZT", 458.23),
        ("USD", 1),
    ]
