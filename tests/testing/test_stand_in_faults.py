import gzip
import http.client
import re
import socket
import time
import zlib
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from lxml import etree

from kzt_rates.testing import FAULTS, StandInBank

from .conftest import LATEST, Dial, Get, daily

DAILY = daily("2025-12-05")


def test_all_are_tested() -> None:
    """Every fault by name is in this file or in its neighbours, and says what it does."""
    files = Path(__file__).parent.glob("test_stand_in_*.py")
    named = {name for file in files for name in re.findall(r'"(\w+)"', file.read_text("utf-8"))}
    assert set(FAULTS) <= named
    assert all(fault.does for fault in FAULTS.values())


def test_unknown_fault(bank: StandInBank) -> None:
    """A fault that does not exist is answered with those that do."""
    with pytest.raises(ValueError, match=r"no fault is called 'blnk'; known are .*blink"):
        bank.fail("blnk")


def test_unknown_option(bank: StandInBank) -> None:
    """An option that the fault does not have is an error, as are no times and an unknown feed."""
    with pytest.raises(
        TypeError, match="'status' has no option 'code'; it has status, retry_after"
    ):
        bank.fail("status", code="USD")
    with pytest.raises(TypeError, match="'empty' has no option 'size'; it has none"):
        bank.fail("empty", size=1)
    with pytest.raises(ValueError, match="'dtd' is one of the feeds daily, latest, main, not of e"):
        bank.fail("dtd", feed="export")
    with pytest.raises(ValueError, match="not 0 times"):
        bank.fail("empty", 0)
    with pytest.raises(ValueError, match="daily, latest, main, export, other, not 'dialy'"):
        bank.fail("empty", feed="dialy")  # type: ignore[arg-type]


def test_in_order_and_used_up(bank: StandInBank, get: Get) -> None:
    """Faults meet requests in the order queued, each as often as told, then all is well."""
    bank.fail("status", status=500)
    bank.fail("status", times=2, status=502)
    assert [get(DAILY)[0].status for _ in range(4)] == [500, 502, 502, 200]
    assert [r.fault for r in bank.requests] == ["status"] * 3 + [None]


def test_chosen_requests(bank: StandInBank, get: Get) -> None:
    """A fault can wait for a feed or for a date, and lets others pass."""
    bank.fail("status", status=500, feed="latest")
    bank.fail("status", status=502, day="2025-12-04")
    assert [get(path)[0].status for path in (DAILY, daily("2025-12-04"), LATEST, LATEST)] == [
        200,
        502,
        500,
        200,
    ]


def test_until_healed(bank: StandInBank, get: Get) -> None:
    """A fault without a number of times lasts until `heal`; `reset` empties the log too."""
    bank.fail("status", times=None)
    bank.delay = 0.001
    assert [get(DAILY)[0].status for _ in range(3)] == [503] * 3
    bank.heal()
    assert (get(DAILY)[0].status, len(bank.requests), bank.delay) == (200, 4, 0)
    bank.reset()
    assert bank.requests == ()


def test_any_answer(bank: StandInBank, get: Get) -> None:
    """Any bytes can be the answer, with any status and headers over the usual ones."""
    bank.answer_with(b"<rates/>", status=203, headers={"content-type": "x/y", "Set-Cookie": None})
    response, body = get(DAILY)
    assert (response.status, body) == (203, b"<rates/>")
    assert response.getheader("Content-Type") == "x/y"
    assert response.getheader("Set-Cookie") is None
    assert response.getheader("Cache-Control") == "no-cache, private"
    bank.answer_with(b"", status=799, times=2, feed="latest")
    assert [get(path)[0].status for path in (DAILY, LATEST, LATEST, LATEST)] == [200, 799, 799, 200]


def test_refuse(bank: StandInBank, get: Get) -> None:
    """The connection is closed without a byte."""
    bank.fail("refuse")
    with pytest.raises(http.client.RemoteDisconnected):
        get(DAILY)


def test_reset(bank: StandInBank, get: Get) -> None:
    """The connection is reset, not closed."""
    bank.fail("reset")
    with pytest.raises(ConnectionResetError):
        get(DAILY)


def test_timeout(bank: StandInBank, dial: Dial) -> None:
    """Not a byte comes."""
    bank.fail("timeout")
    assert silent(dial(DAILY))


def test_slow(bank: StandInBank, get: Get) -> None:
    """The right answer comes after as many seconds as told, or one, and ends the connection."""
    right = get(DAILY)[1]
    bank.fail("slow", seconds=0.05)
    begun = time.perf_counter()
    response, body = get(DAILY)
    assert time.perf_counter() - begun >= 0.05
    assert (body, response.getheader("Connection")) == (right, "close")
    bank.fail("slow")
    with pytest.raises(TimeoutError):
        get_within(0.3, bank)


def get_within(seconds: float, bank: StandInBank) -> None:
    connection = http.client.HTTPConnection(bank.url.removeprefix("http://"), timeout=seconds)
    with closing(connection):
        connection.request("GET", DAILY)
        connection.getresponse()


def test_stall(bank: StandInBank, get: Get, dial: Dial) -> None:
    """Half the body comes, and then nothing."""
    whole = get(DAILY)[1]
    bank.fail("stall")
    connection = dial(DAILY)
    head, body = receive(connection, len(whole) // 2)
    assert f"Content-Length: {len(whole)}".encode() in head
    assert body == whole[: len(whole) // 2]
    assert silent(connection)


def test_drip(bank: StandInBank, dial: Dial) -> None:
    """The body comes a byte at a time and goes on past its end."""
    bank.fail("drip", every=0)
    head, body = receive(dial(DAILY), 3000)
    assert b"Content-Length" not in head
    assert b"</rates>\n   " in body
    bank.fail("drip")
    begun = time.perf_counter()
    receive(dial(DAILY), 3)
    assert time.perf_counter() - begun >= 0.08


def test_drip_headers(bank: StandInBank, dial: Dial) -> None:
    """The headers come a byte at a time and never end."""
    bank.fail("drip_headers", every=0)
    received = receive_bytes(dial(DAILY), 2000)
    assert received.startswith(b"HTTP/1.1 200 OK\r\nX-Drip:   ")
    assert b"\r\n\r\n" not in received


def test_endless(bank: StandInBank, dial: Dial) -> None:
    """Megabytes come quickly, without a length, and more of them."""
    bank.fail("endless")
    head, body = receive(dial(DAILY), 8 << 20)
    assert b"Content-Length" not in head
    assert len(body) >= 8 << 20


def test_truncated_transfer(bank: StandInBank, get: Get) -> None:
    """The connection ends before the length that was promised."""
    bank.fail("truncated_transfer")
    with pytest.raises(http.client.IncompleteRead) as caught:
        get(DAILY)
    assert caught.value.expected == 1000


def silent(connection: socket.socket) -> bool:
    """Say whether nothing comes for a while and the connection stays open."""
    connection.settimeout(0.1)
    try:
        return connection.recv(1) is None
    except TimeoutError:
        return True


def receive_bytes(connection: socket.socket, count: int) -> bytes:
    """Read at least so many bytes."""
    received = bytearray()
    while len(received) < count:
        piece = connection.recv(1 << 16)
        assert piece, "the connection ended"
        received += piece
    return bytes(received)


def receive(connection: socket.socket, count: int) -> tuple[bytes, bytes]:
    """Read the head and at least so many bytes of the body."""
    received = receive_bytes(connection, 1)
    while b"\r\n\r\n" not in received:
        received += receive_bytes(connection, 1)
    head, _, body = received.partition(b"\r\n\r\n")
    return head, body if len(body) >= count else body + receive_bytes(connection, count - len(body))


@pytest.mark.parametrize("status", [500, 502, 503, 504, 404, 403, 429])
@pytest.mark.parametrize("retry_after", [None, 1, "Fri, 05 Dec 2025 07:00:09 GMT"])
def test_status(bank: StandInBank, get: Get, status: int, retry_after: int | str | None) -> None:
    """Any status comes, with a Retry-After in either form if one is given."""
    if retry_after is None:
        bank.fail("status", status=status)
    else:
        bank.fail("status", status=status, retry_after=retry_after)
    response, body = get(DAILY)
    assert response.status == status
    expected = None if retry_after is None else str(retry_after)
    assert response.getheader("Retry-After") == expected
    assert b"<html>" in body


def test_redirect_elsewhere(bank: StandInBank, get: Get) -> None:
    """The other origin is the same bank under another name, or what is given."""
    bank.fail("redirect_elsewhere")
    bank.fail("redirect_elsewhere", location="http://example.invalid/")
    response, _ = get(DAILY)
    port = bank.url.rpartition(":")[2]
    assert response.status == 302
    assert response.getheader("Location") == f"http://localhost:{port}{DAILY}"
    assert get(DAILY)[0].getheader("Location") == "http://example.invalid/"


def test_redirect_here(bank: StandInBank, get: Get) -> None:
    """Whoever follows within the origin gets the right answer, faults or not."""
    right = get(DAILY)[1]
    bank.fail("redirect_here", times=None)
    answer = httpx.get(bank.url + DAILY, follow_redirects=True, trust_env=False)
    assert (answer.content, len(answer.history)) == (right, 1)
    assert [(r.feed, r.fault) for r in bank.requests[1:]] == [
        ("daily", "redirect_here"),
        ("daily", None),
    ]


def test_redirect_loop(bank: StandInBank) -> None:
    """Whoever follows never arrives."""
    bank.fail("redirect_loop")
    with pytest.raises(httpx.TooManyRedirects):
        httpx.get(bank.url + DAILY, follow_redirects=True, trust_env=False)


def test_no_date_header(bank: StandInBank, get: Get) -> None:
    """There is no Date header."""
    bank.fail("no_date_header")
    assert get(DAILY)[0].getheader("Date") is None


def test_date_header(bank: StandInBank, get: Get) -> None:
    """The Date header is off by a day or as told, or no date at all."""
    bank.fail("date_header")
    bank.fail("date_header", skew=timedelta(hours=20))
    bank.fail("date_header", text="yesterday")
    assert [get(DAILY)[0].getheader("Date") for _ in range(3)] == [
        "Thu, 04 Dec 2025 07:00:00 GMT",
        "Sat, 06 Dec 2025 03:00:00 GMT",
        "yesterday",
    ]


def test_html(bank: StandInBank, get: Get) -> None:
    """A page comes with status 200."""
    bank.fail("html")
    response, body = get(DAILY)
    assert (response.status, response.getheader("Content-Type")) == (
        200,
        "text/html; charset=UTF-8",
    )
    assert b"<html>" in body


def test_empty(bank: StandInBank, get: Get) -> None:
    """Nothing comes with status 200."""
    bank.fail("empty")
    response, body = get(DAILY)
    assert (response.status, body, response.getheader("Content-Length")) == (200, b"", "0")


@pytest.mark.parametrize("path", [DAILY, LATEST])
def test_truncated_xml(bank: StandInBank, get: Get, path: str) -> None:
    """Half a document comes, whole as far as HTTP knows."""
    bank.fail("truncated_xml")
    response, body = get(path)
    assert response.getheader("Content-Length") == str(len(body))
    with pytest.raises(etree.XMLSyntaxError):
        etree.fromstring(body)


@pytest.mark.parametrize("path", [DAILY, LATEST])
def test_oversized(bank: StandInBank, get: Get, path: str) -> None:
    """The document is good XML of more than a mebibyte, or of the size given."""
    items = len(parse(get(path)[1]).findall(".//item"))
    bank.fail("oversized")
    bank.fail("oversized", size=1 << 20)
    body = get(path)[1]
    assert len(body) == 2 << 20
    assert len(parse(body).findall(".//item")) == items
    assert len(get(path)[1]) == 1 << 20


def test_gzip_bomb(bank: StandInBank, get: Get) -> None:
    """A few hundred kilobytes unpack to hundreds of mebibytes, correctly to the checksum."""
    bank.fail("gzip_bomb")
    bank.fail("gzip_bomb", size=3 << 20)
    response, body = get(DAILY)
    assert response.getheader("Content-Encoding") == "gzip"
    assert len(body) < 1 << 20
    unpacking = zlib.decompressobj(31)
    assert len(unpacking.decompress(body, 64 << 20)) == 64 << 20
    assert len(unpacking.unconsumed_tail) * 5 > len(body) * 3
    assert gzip.decompress(get(DAILY)[1]) == b" " * (3 << 20)


def test_unknown_encoding(bank: StandInBank, get: Get) -> None:
    """The body says it is brotli, and is nothing."""
    bank.fail("unknown_encoding")
    response, body = get(DAILY)
    assert response.getheader("Content-Encoding") == "br"
    assert len(body) == 2048


@pytest.mark.parametrize("path", [DAILY, LATEST])
def test_dtd(bank: StandInBank, get: Get, path: str) -> None:
    """The document has a DOCTYPE and is otherwise good."""
    bank.fail("dtd")
    root = parse(get(path)[1])
    assert root.getroottree().docinfo.internalDTD is not None
    assert root.find(".//item") is not None


@pytest.mark.parametrize("path", [DAILY, LATEST])
def test_external_entity(bank: StandInBank, get: Get, path: str) -> None:
    """Whoever resolves entities fetches what it names, a local file or the bank's own path."""
    bank.fail("external_entity")
    bank.fail("external_entity", target=f"{bank.url}/secret")
    body = get(path)[1]
    assert b'<!ENTITY secret SYSTEM "file:///etc/passwd">' in body
    assert b"&secret;</generator>" in body
    assert parse(body).getroottree().docinfo.internalDTD is not None
    assert f'SYSTEM "{bank.url}/secret"'.encode() in get(path)[1]


@pytest.mark.parametrize("path", [DAILY, LATEST])
def test_billion_laughs(bank: StandInBank, get: Get, path: str) -> None:
    """The document is small, refers to the last of ten entities, and blows up when resolved."""
    bank.fail("billion_laughs")
    body = get(path)[1]
    assert len(body) < 10_000
    assert body.count(b"<!ENTITY lol") == 10
    assert b"&lol9;</generator>" in body
    with pytest.raises(etree.XMLSyntaxError, match=r"(?i)entit|amplif"):
        etree.fromstring(body)


def parse(body: bytes) -> "etree._Element":
    return etree.fromstring(body, etree.XMLParser(resolve_entities=False))


@pytest.mark.parametrize("path", [DAILY, LATEST])
def test_utf8_as_cp1251(bank: StandInBank, get: Get, path: str) -> None:
    """The declaration says windows-1251 and the bytes are UTF-8."""
    bank.fail("utf8_as_cp1251")
    body = get(path)[1]
    assert body.startswith(b'<?xml version="1.0" encoding="windows-1251"?>\n<')
    assert not body.isascii()
    body.decode("utf-8")


@pytest.mark.parametrize("path", [DAILY, LATEST])
def test_cp1251_as_utf8(bank: StandInBank, get: Get, path: str) -> None:
    """The declaration says UTF-8 and the bytes are windows-1251."""
    bank.fail("cp1251_as_utf8")
    body = get(path)[1]
    assert body.startswith(b'<?xml version="1.0" encoding="utf-8"?>\n<')
    with pytest.raises(UnicodeDecodeError):
        body.decode("utf-8")
    assert re.search("[А-Яа-я]{5}", body.decode("cp1251"))


@pytest.mark.parametrize("path", [DAILY, LATEST])
def test_other_root(bank: StandInBank, get: Get, path: str) -> None:
    """The root has another name."""
    bank.fail("other_root")
    assert parse(get(path)[1]).tag == "currencies"


def test_error_element(bank: StandInBank, get: Get) -> None:
    """The document is nothing but an error."""
    bank.fail("error_element")
    assert [child.tag for child in parse(get(DAILY)[1])] == ["error"]


def item(body: bytes, code: str, tag: str) -> list[str | None]:
    """Return the texts of an element in the items of a code."""
    items = parse(body).iter("item")
    return [found.findtext(tag) for found in items if found.findtext("title") == code]


@pytest.mark.parametrize("path", [DAILY, LATEST])
def test_blink(bank: StandInBank, get: Get, path: str) -> None:
    """There is the envelope and nothing in it, even where an info would have been."""
    for where in (path, daily("2025-12-06")):
        bank.fail("blink")
        root = parse(get(where)[1])
        assert root.find(".//item") is root.find(".//info") is None
    assert root.findtext("date") == "06.12.2025"


def test_no_items(bank: StandInBank, get: Get) -> None:
    """There are no items, and an info stays."""
    bank.fail("no_items", times=2)
    assert parse(get(DAILY)[1]).find("item") is None
    assert parse(get(daily("2025-12-06"))[1]).find("info") is not None


def test_no_rate(bank: StandInBank, get: Get) -> None:
    """A date that has a sheet is said to have none."""
    bank.fail("no_rate")
    root = parse(get(DAILY)[1])
    assert root.findtext("date") == "05.12.2025"
    assert root.findtext("info") == "на 05.12.2025 информации нет"
    assert root.find("item") is None


def test_no_date(bank: StandInBank, get: Get) -> None:
    """No date is in the sheet, nor in the RSS."""
    bank.fail("no_date", times=2)
    assert parse(get(DAILY)[1]).find("date") is None
    latest = parse(get(LATEST)[1])
    assert latest.find(".//pubDate") is None
    assert latest.find(".//item") is not None


def test_another_date(bank: StandInBank, get: Get) -> None:
    """The sheet bears another date than the one asked for; the items stay."""
    bank.fail("another_date", times=2)
    bank.fail("another_date", date="2025-11-01")
    root = parse(get(DAILY)[1])
    assert (root.findtext("date"), len(root.findall("item"))) == ("04.12.2025", 4)
    assert item(get(LATEST)[1], "USD", "pubDate") == ["04.12.2025"]
    assert parse(get(DAILY)[1]).findtext("date") == "01.11.2025"


def test_far_future(bank: StandInBank, get: Get) -> None:
    """The newest date is thirty days ahead, or as told; dead currencies keep theirs."""
    bank.fail("far_future")
    bank.fail("far_future", date="2025-12-20")
    body = get(LATEST)[1]
    assert item(body, "USD", "pubDate") == ["04.01.2026"]
    assert item(body, "LVL", "pubDate") == ["31.12.2013"]
    assert item(get(LATEST)[1], "USD", "pubDate") == ["20.12.2025"]


def test_duplicate_code(bank: StandInBank, get: Get) -> None:
    """A code is there twice, with the same or another value."""
    bank.fail("duplicate_code")
    bank.fail("duplicate_code", code="EUR", value="1.11")
    bank.fail("duplicate_code", code="XXX")
    assert item(get(DAILY)[1], "USD", "description") == ["505.53", "505.53"]
    assert item(get(DAILY)[1], "EUR", "description") == ["590.52", "1.11"]
    assert len(parse(get(DAILY)[1]).findall("item")) == 4


def test_bad_code(bank: StandInBank, get: Get) -> None:
    """A code is written otherwise."""
    bank.fail("bad_code")
    bank.fail("bad_code", code="EUR", text="E€R")
    assert item(get(DAILY)[1], "Usd", "quant") == ["1"]
    assert item(get(LATEST)[1], "E€R", "quant") == ["1"]


@pytest.mark.parametrize("value", ["-1", "0", "1e5", "nan", "１２", "", "<b>", None])
def test_bad_value(bank: StandInBank, get: Get, value: str | None) -> None:
    """A value is any text, or missing; the others stay."""
    bank.fail("bad_value", times=2, value=value)
    for path in (DAILY, LATEST):
        body = get(path)[1]
        assert item(body, "USD", "description") == [value]
        assert item(body, "EUR", "description") == ["590.52"]


@pytest.mark.parametrize("nominal", ["-1", "0", "1.5", "100", "", None])
def test_bad_nominal(bank: StandInBank, get: Get, nominal: str | None) -> None:
    """A nominal is any text, or missing; the others stay."""
    bank.fail("bad_nominal", times=2, code="AMD", nominal=nominal)
    for path in (DAILY, LATEST):
        body = get(path)[1]
        assert item(body, "AMD", "quant") == [nominal]
        assert item(body, "EUR", "quant") == ["1"]


def test_no_usd(bank: StandInBank, get: Get) -> None:
    """The dollar is missing."""
    bank.fail("no_usd")
    body = get(DAILY)[1]
    assert item(body, "USD", "quant") == []
    assert len(parse(body).findall("item")) == 3


def test_few_codes(bank: StandInBank, get: Get) -> None:
    """The dollar and some others are left, none of them a dead currency's."""
    bank.fail("few_codes", times=2, keep=2)
    for path in (DAILY, LATEST):
        body = get(path)[1]
        assert [found.findtext("title") for found in parse(body).iter("item")] == ["USD", "AMD"]


def test_wrong_changes(bank: StandInBank, get: Get) -> None:
    """No change agrees with the values of two days."""
    bank.fail("wrong_changes")
    body = get(DAILY)[1]
    assert {found.findtext("change") for found in parse(body).iter("item")} == {"+77.77"}
    assert {found.findtext("index") for found in parse(body).iter("item")} == {"UP"}
