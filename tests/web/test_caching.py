"""How long ranges may be kept, and what is told to whoever kept an answer that was corrected."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

import kzt_rates
from kzt_rates.store.contents import build_archive
from kzt_rates.testing import SettableClock, StandInBank, archive_sheets, dense_sheets
from kzt_rates.web import frankfurter
from kzt_rates.web.freshness import of_day, of_now

FORM = "/en/exchangerates/ezhednevnye-oficialnye-rynochnye-kursy-valyut"
# Each dialect's range of dollars, and of all currencies where there is such a thing.
RANGES = [
    "/api/v1/history/USD?start={0}&end={1}",
    "/api/v1/history/USD.csv?start={0}&end={1}",
    "/api/v1/history/USD?start={0}&end={1}&missing=previous",
    "/api/v1/history/USD?start={0}&end={1}&group=week",
    "/v2/rates?base=USD&quotes=KZT&from={0}&to={1}",
    "/v2/rates.csv?quote=KZT&from={0}&to={1}",
    "/v2/rates.ndjson?from={0}&to={1}",
    "/v2/rates?base=USD&quotes=KZT,EUR&from={0}&to={1}&group=month",
    "/v1/{0}..{1}?base=USD&symbols=KZT",
    "/v1/{0}..{1}",
    FORM + "/excel?beginDate={2}&endDate={3}&rates[]=5",
    FORM + "/report?beginDate={2}&endDate={3}&rates[]=5",
]


def between(path: str, start: str, end: str) -> str:
    """Return a range's path, whose dates are written in the dialect's way."""
    days = (".".join(reversed(day.split("-"))) for day in (start, end))
    return path.format(start, end, *days)


def sheet_of(day: str) -> Any:
    return archive_sheets(day, day)[date.fromisoformat(day)]


@pytest.mark.parametrize("path", RANGES)
def test_range_without_its_last_days(
    serve: Any, kzt_bank: StandInBank, kzt_clock: SettableClock, path: str
) -> None:
    """A rate that may come yet keeps a closed range from being kept like a settled one."""
    kzt_bank.withdraw("2025-12-04")
    http, now = serve(), kzt_clock()
    lacking = between(path, "2025-12-02", "2025-12-04")
    assert http.get(lacking).headers["cache-control"] == of_now(now).cache_control
    whole = http.get(between(path, "2025-12-02", "2025-12-03"))
    assert whole.headers["cache-control"] == of_day(date(2025, 12, 3), now).cache_control
    assert "stale-while-revalidate" in whole.headers["cache-control"]

    before = http.get(lacking)
    kzt_bank.publish("2025-12-04", sheet_of("2025-12-04"))
    kzt_clock.advance(minutes=11)
    after = http.get(lacking, if_none_match=before.headers["etag"])
    assert after.status_code == 200
    assert after.content != before.content
    settled = of_day(date(2025, 12, 4), kzt_clock()).cache_control
    assert after.headers["cache-control"] == settled


@pytest.mark.parametrize("path", RANGES)
@pytest.mark.parametrize("end", ["2025-12-05", "2025-12-06", "2025-12-09"])
def test_range_that_goes_on(serve: Any, kzt_clock: SettableClock, path: str, end: str) -> None:
    """A range whose end is not past yet is no closed one."""
    if "Date" in path and end == "2025-12-05":
        pytest.skip("the bank's own range has today's row for good")
    answer = serve().get(between(path, "2025-12-02", end))
    assert answer.headers["cache-control"] == of_now(kzt_clock()).cache_control


IN_PIECES = [
    "/v2/rates?base=USD&quotes=KZT&from={0}&to={1}",
    "/v2/rates.csv?base=USD&quotes=KZT&from={0}&to={1}",
    "/v2/rates.ndjson?base=USD&quotes=KZT&from={0}&to={1}",
    "/v1/{0}..{1}?base=USD&symbols=KZT",
]


@pytest.fixture
def in_pieces(serve: Any, tmp_path: Path) -> Any:
    """Makes services that know dollars since 2023-05-01 but for a day, and send them in pieces."""

    def make(without: str, ask: str = "recent", **settings: Any) -> Any:
        with kzt_rates.Client(cache=False, offline=True) as client:
            known = client.history("USD", start="2023-05-01", end="2023-08-21")
        rows = [f"{day},USD,{rate},1,test" for day, rate in known if f"{day}" != without]
        table, archive = tmp_path / "rates.csv", tmp_path / "archive.sqlite"
        table.write_text("\n".join(["date,currency,value,nominal,source", *rows]))
        build_archive(str(table), str(archive))
        http = serve(ask, archive=archive, **settings)
        http.app.lookup.figures_at_once = 31
        return http

    return make


@pytest.mark.parametrize("path", IN_PIECES)
@pytest.mark.parametrize("lacking", [True, False])
def test_pieces_without_the_last_days(
    in_pieces: Any, kzt_bank: StandInBank, kzt_clock: SettableClock, path: str, lacking: bool
) -> None:
    """What is sent in pieces is judged by its last days, not by the first piece."""
    last = "2023-08-21"
    kzt_clock.set("2023-08-22T12:00+05:00")
    if not lacking:
        kzt_bank.publish(last, sheet_of(last))
    answer = in_pieces(without=last).get(between(path, "2023-05-01", last))
    assert answer.status_code == 200
    assert "content-length" not in answer.headers
    assert (last in answer.text) is not lacking
    now = kzt_clock()
    fresh = of_now(now) if lacking else of_day(date.fromisoformat(last), now)
    assert answer.headers["cache-control"] == fresh.cache_control


@pytest.mark.parametrize("path", IN_PIECES)
def test_draft_amid_the_pieces(
    in_pieces: Any, kzt_bank: StandInBank, kzt_clock: SettableClock, path: str
) -> None:
    """A draft past its time is seen before its range is sent, and marked as such."""
    drafted, asked = "2023-06-15", between(path, "2023-05-01", "2023-08-21")
    kzt_clock.set("2023-06-14T18:00+05:00")
    kzt_bank.publish(drafted, sheet_of(drafted))
    draft = f"/api/v1/convert?from=USD&on={drafted}"
    online = in_pieces(without=drafted, ask="any")
    assert online.get(draft).json()["provisional"] is True
    kzt_clock.set("2023-08-22T12:00+05:00")
    offline = in_pieces(without=drafted, offline=True)
    answer = offline.get(asked)
    assert drafted in answer.text
    assert answer.headers["x-kzt-rates-stale"] == "1"
    assert answer.headers["cache-control"] == "public, max-age=60"
    # once somebody has asked for the rate again the range is settled
    assert online.get(draft).json()["provisional"] is False
    settled = offline.get(asked)
    assert settled.headers["cache-control"] == of_day(date(2023, 8, 21), kzt_clock()).cache_control


@pytest.mark.parametrize("path", IN_PIECES)
def test_hole_amid_the_pieces(in_pieces: Any, kzt_clock: SettableClock, path: str) -> None:
    """A day amid a range that is unknown is an error at once, not a broken answer."""
    kzt_clock.set("2023-08-22T12:00+05:00")
    offline = in_pieces(without="2023-06-15", offline=True)
    answer = offline.get(between(path, "2023-05-01", "2023-08-21"))
    assert answer.status_code == 503
    assert "2023-06-15 is not known here" in answer.text
    assert offline.get(between(path, "2023-06-16", "2023-08-21")).status_code == 200


@pytest.mark.parametrize("path", IN_PIECES)
def test_draft_that_comes_amid_the_pieces(
    in_pieces: Any,
    kzt_bank: StandInBank,
    kzt_clock: SettableClock,
    path: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One that comes after the headers breaks the answer off: they take all for settled."""
    drafted = "2023-06-15"
    kzt_clock.set("2023-06-14T18:00+05:00")
    kzt_bank.publish(drafted, sheet_of(drafted))
    http = in_pieces(without=drafted)
    assert http.get(f"/api/v1/convert?from=USD&on={drafted}").json()["provisional"] is True
    kzt_clock.set("2023-08-22T12:00+05:00")
    looked = frankfurter._Reading._find

    async def find_settled(reading: Any, look: Any, *days: date) -> Any:
        return look == reading._has_finals or await looked(reading, look, *days)

    monkeypatch.setattr(frankfurter._Reading, "_find", find_settled)
    with pytest.raises(RuntimeError, match="drafts past their time"):
        http.get(between(path, "2023-05-01", "2023-08-21"))


@pytest.mark.parametrize("path", IN_PIECES)
def test_young_draft_amid_the_pieces(
    in_pieces: Any, kzt_bank: StandInBank, kzt_clock: SettableClock, path: str
) -> None:
    """An old day that the daily feed alone has stays a draft, and breaks no range of today off."""
    drafted, today = "2023-06-15", "2023-08-22"
    kzt_clock.set("2023-06-14T18:00+05:00")
    kzt_bank.publish(drafted, sheet_of(drafted))
    kzt_clock.set(f"{today}T12:00+05:00")
    kzt_bank.publish(today, sheet_of(today))
    kzt_bank.fail("status", status=404, times=None, feed="export")
    http = in_pieces(without=drafted, ask="any")
    assert http.get(f"/api/v1/convert?from=USD&on={drafted}").json()["provisional"] is True
    answer = http.get(between(path, "2023-05-01", today))
    assert answer.status_code == 200
    assert drafted in answer.text


ENDING_TODAY = [*IN_PIECES, "/api/v1/history/USD?start={0}&end={1}", IN_PIECES[0] + "&group=week"]


@pytest.mark.parametrize("path", ENDING_TODAY)
@pytest.mark.parametrize("drafted", ["2023-08-21", "2023-06-15"])
def test_draft_of_a_long_range(
    in_pieces: Any, kzt_bank: StandInBank, kzt_clock: SettableClock, path: str, drafted: str
) -> None:
    """Of a range that began long ago a draft of the last days is asked for, and an old one not."""
    kzt_clock.set(f"{date.fromisoformat(drafted) - timedelta(1)}T18:00+05:00")
    kzt_bank.publish(drafted, sheet_of(drafted))
    http = in_pieces(without=drafted)
    assert http.get(f"/api/v1/convert?from=USD&on={drafted}").json()["provisional"] is True
    kzt_clock.set("2023-08-21T00:20+05:00")
    questions, requests = sum(http.app.lookup.questions.values()), len(kzt_bank.requests)
    answers = [http.get(between(path, "2023-05-01", "2023-08-21")) for _ in range(2)]
    assert {answer.status_code for answer in answers} == {200}
    is_recent = drafted == "2023-08-21"
    assert [answer.headers.get("x-kzt-rates-stale") for answer in answers] == (
        [None, None] if is_recent else ["1", "1"]
    )
    assert len(kzt_bank.requests) == requests + is_recent
    assert sum(http.app.lookup.questions.values()) == questions + is_recent


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/history/USD?start=2025-11-04&end=2025-11-06",
        "/v2/rates?from=2025-11-04&to=2025-11-06&base=USD&quotes=KZT",
        "/v2/rate/USD/KZT?date=2025-11-05",
        "/api/v1/convert?from=USD&on=2025-11-05&missing=previous",
    ],
)
def test_silence_is_not_repeated_for_ever(
    serve: Any, kzt_bank: StandInBank, kzt_clock: SettableClock, tmp_path: Any, path: str
) -> None:
    """That the bank had none of an old day is known for a month; so long is it answered, too."""
    for day, rates in dense_sheets("2025-10-20", "2025-11-30").items():
        if f"{day}" != "2025-11-05":
            kzt_bank.publish(day, rates)
    with kzt_rates.Client(
        kzt_bank.url, str(tmp_path / "cache.sqlite"), archive=False, clock=kzt_clock
    ) as client:
        client.sync("2025-11-01", "2025-11-20")
        with pytest.raises(kzt_rates.RateNotFound):
            client.rate("USD", on="2025-11-05")
    http = serve("none")
    assert [http.get(path).status_code for _ in range(2)] == [200, 200]
    kzt_clock.advance(days=32)
    assert http.get(path).status_code == 503


@pytest.mark.parametrize(
    "path", ["/api/v1/convert?from=USD", "/v2/rate/USD/KZT", "/v1/latest", "/api/v1/today"]
)
def test_clock_that_is_set_back(serve: Any, kzt_clock: SettableClock, path: str) -> None:
    """What was ready by a clock that ran a day fast is made anew once it is right."""
    http = serve()
    right = http.get(path).text
    kzt_clock.set("2025-12-06T12:00+05:00")
    fast = [http.get(path).text for _ in range(3)]
    kzt_clock.set("2025-12-05T12:00+05:00")
    assert http.get(path).text == right
    assert right not in fast


def test_slow_bank_takes_of_the_time(serve: Any, kzt_clock: SettableClock) -> None:
    """No cache has an answer for longer because the bank was slow, ready ones neither."""
    http = serve()
    find = http.app.lookup.find

    async def slow(*arguments: Any, **named: Any) -> Any:
        kzt_clock.advance(seconds=6)
        return await find(*arguments, **named)

    http.app.lookup.find = slow
    kzt_clock.set("2025-12-05T12:59:50+05:00")
    assert http.get("/api/v1/today").headers["cache-control"].startswith("public, max-age=3,")
    kzt_clock.set("2025-12-05T12:59:55+05:00")
    assert http.get("/v2/rate/USD/KZT").headers["cache-control"].startswith("public, max-age=0,")
