import http.client
import re
import socket
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from threading import Thread

import httpx
import pytest
from lxml import etree

from kzt_rates.testing import SettableClock, Sheet, StandInBank, archive_sheets

from .conftest import LATEST, SHEETS, Dial, Get, cells, daily, export


def texts(body: bytes, tag: str) -> list[str]:
    """Return the texts of an element in all items."""
    return [item.findtext(tag) or "" for item in etree.fromstring(body).iter("item")]


def test_answers_like_the_bank(bank: StandInBank, get: Get) -> None:
    """Type, caching headers and cookie are the bank's, without ETag or Last-Modified."""
    for path in (daily("2025-12-05"), LATEST, "/rss/rates.xml"):
        response, body = get(path)
        assert (response.status, response.version) == (200, 11)
        assert response.getheader("Content-Type") == "text/xml; charset=UTF-8"
        assert response.getheader("Cache-Control") == "no-cache, private"
        assert response.getheader("Set-Cookie")
        assert response.getheader("Content-Length") == str(len(body))
        assert response.getheader("ETag") is response.getheader("Last-Modified") is None


def test_date_header_follows_the_clock(bank: StandInBank, clock: SettableClock, get: Get) -> None:
    """The Date header shows the bank's clock, in GMT."""
    response, _ = get(LATEST)
    assert response.getheader("Date") == "Fri, 05 Dec 2025 07:00:00 GMT"
    clock.advance(days=1)
    response, _ = get(LATEST)
    assert response.getheader("Date") == "Sat, 06 Dec 2025 07:00:00 GMT"


def test_real_clock_by_default() -> None:
    """Without a clock the Date header is the machine's time."""
    with StandInBank(SHEETS) as bank:
        stamp = parsedate_to_datetime(httpx.get(bank.url + LATEST, trust_env=False).headers["Date"])
    assert abs((datetime.now(UTC) - stamp).total_seconds()) < 60


def test_changes_from_the_day_before(get: Get) -> None:
    """Changes and indexes are worked out from the previous calendar day, empty where unknown."""
    _, body = get(daily("2025-12-05"))
    changes = dict(zip(texts(body, "title"), texts(body, "change"), strict=True))
    assert changes == {"USD": "-1.18", "EUR": "0.00", "AMD": "-0.05", "RUB": "+0.06"}
    assert texts(body, "index") == ["DOWN", "DOWN", "", "UP"]  # AMD, USD, EUR, RUB
    _, body = get(daily("2025-12-04"))
    assert texts(body, "change") == texts(body, "index") == [""] * 4


def test_no_sheet_is_an_info(get: Get) -> None:
    """A date without a sheet gets the envelope with the date asked for and an info."""
    response, body = get(daily("2025-12-06"))
    root = etree.fromstring(body)
    assert response.status == 200
    assert root.findtext("date") == "06.12.2025"
    assert "информации нет" in (root.findtext("info") or "")
    assert root.find("item") is None


def test_publish_and_withdraw(bank: StandInBank, get: Get) -> None:
    """Sheets come, change and go while the bank is open."""
    bank.publish("2025-12-06", {"USD": "507"})
    bank.publish(date(2025, 12, 6), {"USD": "507.2", "EUR": "591"})
    assert texts(get(daily("2025-12-06"))[1], "description") == ["507.2", "591"]
    bank.withdraw("06.12.2025")
    bank.withdraw("2030-01-01")
    assert texts(get(daily("2025-12-06"))[1], "description") == []


@pytest.mark.parametrize(
    ("old_dates", "label", "values"),
    [
        ("today_labelled_as_asked", "24.04.2013", ["506.71"]),
        ("today", "04.12.2025", ["506.71"]),
        ("info", "24.04.2013", []),
    ],
)
def test_before_the_archive(old_dates: str, label: str, values: list[str]) -> None:
    """Dates before the archive's start get today's rates, labelled as chosen, or an info."""
    sheets = {
        "2025-12-04": {"USD": "506.71"},
        "2025-12-06": {"USD": "1"},
    }
    clock = SettableClock("2025-12-05T12:00+05:00")
    with StandInBank(sheets, clock=clock, old_dates=old_dates) as bank:  # type: ignore[arg-type]
        body = httpx.get(bank.url + daily("2013-04-24"), trust_env=False).content
    assert etree.fromstring(body).findtext("date") == label
    assert texts(body, "description") == values


def test_archive_start_can_be_moved() -> None:
    """With an earlier start, old sheets are answered as themselves; with none today, an info."""
    sheets = {"2013-04-24": {"USD": "150.9"}}
    with StandInBank(sheets, archive_start="2013-04-24") as bank:
        body = httpx.get(bank.url + daily("2013-04-24"), trust_env=False).content
        assert texts(body, "description") == ["150.9"]
    with StandInBank() as bank:
        body = httpx.get(bank.url + daily("2013-04-24"), trust_env=False).content
        assert etree.fromstring(body).find("info") is not None


def test_unknown_old_dates() -> None:
    """A wrong choice is named together with the right ones."""
    with pytest.raises(ValueError, match=r"today_labelled_as_asked, today, info, not 'none'"):
        StandInBank(old_dates="none")  # type: ignore[arg-type]


def test_current_nominals_join_old_values() -> None:
    """The daily feed can join a current nominal with the value of an earlier one."""
    sheets: dict[str, Sheet] = {"2026-07-01": {"USD": "480", "IRR": ("0.4", 1000)}}
    with StandInBank(sheets, current_nominals={"IRR": 10_000}) as bank:
        day = httpx.get(bank.url + daily("2026-07-01"), trust_env=False).content
        latest = httpx.get(bank.url + LATEST, trust_env=False).content
    assert dict(zip(texts(day, "title"), texts(day, "quant"), strict=True))["IRR"] == "10000"
    assert dict(zip(texts(latest, "title"), texts(latest, "quant"), strict=True))["IRR"] == "1000"
    assert "0.4" in texts(day, "description")


def test_latest_is_the_newest_sheet(bank: StandInBank, get: Get) -> None:
    """rates_all.xml holds the newest sheet, tomorrow's too, and dead currencies' own dates."""
    bank.publish("2025-12-06", {"USD": "507.2", "EUR": "591"})
    _, body = get(LATEST)
    dates = dict(zip(texts(body, "title"), texts(body, "pubDate"), strict=True))
    assert dates == {
        "USD": "06.12.2025",
        "EUR": "06.12.2025",
        "TRL": "05.01.2005",
        "EEK": "31.12.2010",
        "LVL": "31.12.2013",
    }


def test_latest_in_other_years() -> None:
    """The years can be short, and the dead currencies left out; an empty bank has no items."""
    with StandInBank(SHEETS, stale_items=False, two_digit_years=True) as bank:
        body = httpx.get(bank.url + LATEST, trust_env=False).content
    assert texts(body, "pubDate") == ["05.12.25"] * 4
    with StandInBank(stale_items=False) as bank:
        assert texts(httpx.get(bank.url + LATEST, trust_env=False).content, "title") == []


def test_main_currencies(bank: StandInBank, get: Get) -> None:
    """rates.xml holds the main currencies only, in its own order."""
    bank.publish(
        "2025-12-06", {"AMD": ("13", 10), "CNY": "71", "USD": "507", "EUR": "591", "RUB": "6"}
    )
    assert texts(get("/rss/rates.xml")[1], "title") == ["RUB", "EUR", "USD", "CNY"]


@pytest.mark.parametrize("asked", ["?fdate=2025-12-05", "?fdate=31.02.2025", "?fdate=", ""])
def test_malformed_date(bank: StandInBank, get: Get, asked: str) -> None:
    """What is not a date as the bank writes it is answered 500."""
    response, _ = get("/rss/get_rates.cfm" + asked)
    assert response.status == 500
    assert [(r.feed, r.day) for r in bank.requests] == [("daily", None)]


def test_unknown_path(bank: StandInBank, get: Get) -> None:
    """Other paths are answered 404, also on a connection that goes on."""
    assert get("/")[0].status == get("/rss/rates")[0].status == 404
    assert {r.feed for r in bank.requests} == {"other"}


def test_log_of_requests(bank: StandInBank, clock: SettableClock) -> None:
    """Every request is on record: feed, date, path, headers, instant and fault."""
    bank.fail("empty", feed="latest")
    with httpx.Client(base_url=bank.url, trust_env=False, headers={"X-Name": "y"}) as client:
        client.get(daily("2025-12-04"))
        clock.advance(minutes=1)
        client.get(LATEST)
        client.get("/rss/rates.xml?switch=russian")
    first, second, third = bank.requests
    assert (first.feed, first.day, first.fault) == ("daily", date(2025, 12, 4), None)
    assert first.path == "/rss/get_rates.cfm?fdate=04.12.2025"
    assert first.headers["user-agent"].startswith("python-httpx")
    assert (second.feed, second.day, second.fault) == ("latest", None, "empty")
    assert (second.at - first.at).total_seconds() == 60
    assert third.feed == "main"
    with pytest.raises(TypeError):
        first.headers["x"] = "y"  # type: ignore[index]
    bank.forget()
    assert bank.requests == ()


def test_connections_are_kept(bank: StandInBank) -> None:
    """One connection serves many requests, as HTTP/1.1 has it."""
    connection = http.client.HTTPConnection(bank.url.removeprefix("http://"), timeout=5)
    connection.connect()
    own_port = connection.sock.getsockname()[1]
    for _ in range(3):
        connection.request("GET", LATEST)
        connection.getresponse().read()
        assert connection.sock.getsockname()[1] == own_port
    connection.close()


def test_many_at_once(bank: StandInBank) -> None:
    """Threads are answered side by side, and every request is logged once."""
    bank.delay = 0.05
    begun = time.perf_counter()
    threads = [
        Thread(target=httpx.get, args=(bank.url + LATEST,), kwargs={"trust_env": False})
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(bank.requests) == 8
    assert time.perf_counter() - begun >= 0.05


def test_loopback_only(bank: StandInBank) -> None:
    """The bank listens on 127.0.0.1 and on a port of its own."""
    assert re.fullmatch(r"http://127\.0\.0\.1:[1-9]\d+", bank.url)
    with StandInBank() as another:
        assert another.url != bank.url


def test_no_url_before_the_start() -> None:
    """A bank that was never opened has no url, and can be closed all the same."""
    bank = StandInBank()
    with pytest.raises(RuntimeError, match="before it is started"):
        _ = bank.url
    bank.stop()
    assert repr(bank) == "<StandInBank stopped, 0 requests>"


def test_closed_and_opened_again(bank: StandInBank, get: Get) -> None:
    """A closed bank refuses connections; opened again it has its url and its sheets."""
    url = bank.url
    bank.stop()
    with pytest.raises(ConnectionRefusedError):
        get(LATEST)
    bank.start()
    assert bank.start().url == url
    assert get(daily("2025-12-05"))[0].status == 200


@pytest.mark.parametrize("fault", ["timeout", "stall", "drip", "drip_headers", "endless"])
def test_stops_at_once(bank: StandInBank, dial: Dial, fault: str) -> None:
    """However many connections hang, closing the bank takes no time, and they end."""
    bank.fail(fault, times=None)
    waiting = [dial(LATEST) for _ in range(3)]
    while len(bank.requests) < 3:
        time.sleep(0.001)
    begun = time.perf_counter()
    bank.stop()
    assert time.perf_counter() - begun < 30
    for connection in waiting:
        drain(connection)


def test_stops_while_delaying(bank: StandInBank, dial: Dial) -> None:
    """A long delay does not hold up the closing."""
    bank.delay = 60
    connection = dial(LATEST)
    while not bank.requests:
        time.sleep(0.001)
    begun = time.perf_counter()
    bank.stop()
    assert time.perf_counter() - begun < 30
    assert drain(connection) == b""


def drain(connection: socket.socket) -> bytes:
    """Read until the other side ends, in whatever way."""
    received = b""
    try:
        while piece := connection.recv(1 << 20):
            received += piece
    except ConnectionError:
        pass
    return received


def test_a_defect_is_shown(capfd: pytest.CaptureFixture[str]) -> None:
    """An error in what the user handed in is printed, and the connection closed."""

    def broken() -> datetime:
        raise ZeroDivisionError("a broken clock")

    with StandInBank(clock=broken) as bank, pytest.raises(httpx.RemoteProtocolError):
        httpx.get(bank.url + LATEST, trust_env=False)
    assert "a broken clock" in capfd.readouterr().err


def test_archive_sheets() -> None:
    """The archive's sheets come by date and code, with both ends."""
    sheets = archive_sheets("2025-12-04", "06.12.2025")
    assert list(sheets) == [date(2025, 12, 4), date(2025, 12, 5), date(2025, 12, 6)]
    assert {len(rates) for rates in sheets.values()} == {39}
    assert sheets[date(2025, 12, 5)]["AMD"][1] == 10
    assert min(archive_sheets()) < date(2013, 1, 1) < date(2026, 8, 1) < max(archive_sheets())


def test_no_archive(tmp_path: object) -> None:
    """A missing archive is named."""
    with pytest.raises(FileNotFoundError, match=r"nothing\.sqlite"):
        archive_sheets(path=f"{tmp_path}/nothing.sqlite")


def test_import_is_cheap() -> None:
    """Neither the package nor the pytest plugin loads servers, parsers or models when imported."""
    code = (
        "import sys, pytest; before = set(sys.modules);"
        "import kzt_rates.testing.plugin; import kzt_rates.testing;"
        "heavy = {'httpx', 'lxml', 'pydantic', 'sqlite3', 'http.server', 'socketserver'};"
        "print(sorted(heavy & (set(sys.modules) - before)))"
    )
    command = [sys.executable, "-c", code]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "[]\n"


def test_public_names() -> None:
    """Every public name is there and listed; others are not."""
    import kzt_rates.testing as public

    assert public.__all__ == sorted(public.__all__)
    assert set(public.__all__) <= set(dir(public))
    for name in public.__all__:
        assert getattr(public, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'Bank'"):
        _ = public.Bank


def test_a_date_without_zeros(get: Get) -> None:
    """Clients of the bank write 4.12.2025 as well, and ask for a language with `switch`."""
    plain = get(daily("2025-12-04"))[1]
    assert get("/rss/get_rates.cfm?fdate=4.12.2025&switch=kazakh")[1] == plain


def figure_of(get: Get, day: str, code: str = "USD") -> str | None:
    """Return a value of the daily feed, `None` where the day has no rates."""
    root = etree.fromstring(get(daily(day))[1])
    return root.findtext(f"item[title='{code}']/description")


def test_a_sheet_is_out_from_an_instant_on(
    bank: StandInBank, clock: SettableClock, get: Get
) -> None:
    """No feed has it before, and all of them have it from that second on."""
    bank.publish("2025-12-06", {"USD": "504.49"}, at="2025-12-05T15:58+05:00")
    clock.set("2025-12-05T15:57:59+05:00")
    assert figure_of(get, "2025-12-06") is None
    assert b"<pubDate>05.12.2025</pubDate>" in get(LATEST)[1]
    assert len(cells(get(export("2025-12-05", "2025-12-07", "USD"))[1])) == 2
    clock.advance(seconds=1)
    assert figure_of(get, "2025-12-06") == "504.49"
    assert b"<pubDate>06.12.2025</pubDate>" in get(LATEST)[1]
    rows = cells(get(export("2025-12-05", "2025-12-07", "USD"))[1])
    assert rows[1:] == [["05.12.2025", 1, 505.53], ["06.12.2025", 1, 504.49]]


def test_a_figure_is_corrected_later(bank: StandInBank, clock: SettableClock, get: Get) -> None:
    """The rest of the sheet stays, the changes of that day and the next follow the correction."""
    bank.publish("2025-12-06", {"USD": "504.49"})
    bank.correct("2025-12-05", {"USD": "505.35"}, at="2025-12-05T17:30+05:00")
    assert figure_of(get, "2025-12-05") == "505.53"
    clock.set("2025-12-05T17:30+05:00")
    assert figure_of(get, "2025-12-05") == "505.35"
    assert figure_of(get, "2025-12-05", "EUR") == "590.52"
    changes = [etree.fromstring(get(daily(d))[1]) for d in ("2025-12-05", "2025-12-06")]
    assert [root.findtext("item[title='USD']/change") for root in changes] == ["-1.36", "-0.86"]


def test_a_correction_at_once_and_its_withdrawal(bank: StandInBank, get: Get) -> None:
    """It counts at once where no instant is given; a new sheet forgets what was to come."""
    bank.correct("2025-12-05", {"USD": "505.35"})
    assert figure_of(get, "2025-12-05") == "505.35"
    bank.correct("2025-12-05", {"USD": "1"}, at="2025-12-05T12:00+05:00")
    assert figure_of(get, "2025-12-05") == "1"
    bank.publish("2025-12-05", {"USD": "2"})
    assert figure_of(get, "2025-12-05") == "2"
    with pytest.raises(ValueError, match="there is no sheet of 2025-12-07 to correct"):
        bank.correct("2025-12-07", {"USD": "1"})
    with pytest.raises(ValueError, match="offset"):
        bank.publish("2025-12-07", {"USD": "1"}, at="2025-12-06T15:58")


def test_a_correction_keeps_to_the_hour_of_tomorrow(clock: SettableClock) -> None:
    """What is corrected at once is not out earlier than its sheet."""
    with StandInBank(SHEETS, clock=clock, tomorrow_at="15:58") as bank:
        bank.publish("2025-12-06", {"USD": "504.49"})
        bank.correct("2025-12-06", {"USD": "504.94"})
        assert b"504.94" not in httpx.get(bank.url + LATEST).content
        clock.set("2025-12-05T15:58+05:00")
        assert b"504.94" in httpx.get(bank.url + LATEST).content
