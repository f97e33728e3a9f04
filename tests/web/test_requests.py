"""What a stranger may send: bounded, known and once; and what every answer carries."""

import asyncio
import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from threading import Event
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.middleware.gzip import GZipMiddleware

import kzt_rates
from kzt_rates import web
from kzt_rates.web import service
from kzt_rates.web.frankfurter import _Reading
from kzt_rates.web.messages import Query, Refused, form_of

API, V2, V1 = "/api/v1/convert?from=USD", "/v2/rates?base=USD", "/v1/2026-08-21?base=USD"
DATA = ("/api/v1/sheet/2026-08-21", "/v2/rates", "/v1/latest", "/v2/currencies")
OTHERS = (
    "/api/v1",
    "/",
    "/embed/ticker",
    "/openapi.json",
    "/health/live",
    "/health/ready",
    "/metrics",
    "/robots.txt",
)
MISSING = ("/nothing", "/api/v1/sheet/x", "/v2/nothing", "/v1/nothing")


@pytest.mark.parametrize("path", [API, V2, V1])
@pytest.mark.parametrize(
    ("more", "word"),
    [
        ("&foo=1", "unknown parameter: foo"),
        ("&base=EUR&base=USD", ""),
        ("&", "invalid query"),
        ("&x", "invalid query"),
        ("&%FF=1", "invalid query"),
    ],
)
def test_parameters(archived: Any, path: str, more: str, word: str) -> None:
    """An unknown or a double parameter is refused with a sentence."""
    answer = archived.get(path + more)
    assert answer.status_code == 422
    assert word in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/sheet/20260821",
        "/api/v1/sheet/21.08.2026",
        "/api/v1/sheet/2026-08-32",
        "/api/v1/sheet/2026-08-21?missing=skip",
        "/api/v1/convert",
        "/api/v1/convert?from=US",
        "/api/v1/convert?from=USD&amount=1e9",
        "/api/v1/convert?from=USD&amount=1,5",
        "/api/v1/convert?from=USD&amount=NaN",
        f"/api/v1/convert?from=USD&amount={'9' * 51}",
        "/api/v1/convert?from=USD&places=101",
        "/api/v1/convert?from=USD&places=-1",
        "/api/v1/convert?from=USD&places=%D9%A1",
        "/api/v1/history/USD",
        "/api/v1/history/USD?start=2026-08-21&end=2026-08-20",
        "/api/v1/history/USD?start=1900-01-01&end=2026-08-20",
        "/api/v1/history/USD?start=2026-08-20&group=day",
        "/api/v1/ticker?lang=de",
        f"/api/v1/ticker?codes={','.join(f'A{a}{b}' for a in 'ABCDEFGH' for b in 'ABCDEFGH')}",
        "/v2/rates?to=2026-08-21",
        "/v2/rates?date=21.08.2026",
        "/v1/latest?base=USD&from=EUR",
        "/health/ready?strict=yes",
    ],
)
def test_values(archived: Any, path: str) -> None:
    """A value that is none is refused with a sentence, and the bank is not asked."""
    answer = archived.get(path)
    assert answer.status_code == 422
    said = answer.json()
    assert len(said.get("detail") or said["message"]) > 10


def test_sizes(archived: Any) -> None:
    """A request is as long as a request can be."""
    assert archived.get(f"/v2/rates?base={'U' * 2100}").status_code == 414
    assert archived.get("/v2/rates", x_long="a" * 17_000).status_code == 431
    many = "&".join(f"a{place}=1" for place in range(30))
    assert archived.get(f"/v2/rates?{many}").status_code == 422


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE", "FOO"])
@pytest.mark.parametrize("path", [*DATA, *MISSING])
def test_methods(archived: Any, method: str, path: str) -> None:
    """Other methods are 405 with those that are answered."""
    answer = archived.get(path, method)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize("path", [*DATA, *MISSING, "/api/v1/latest?a=1"])
def test_head(archived: Any, path: str) -> None:
    """HEAD has what GET has, but for the body; ready or not."""
    for _ in range(2):
        head = archived.get(path, "HEAD")
        whole = archived.get(path)
        assert head.content == b""
        assert head.status_code == whole.status_code
        assert head.headers == whole.headers
        assert int(head.headers["content-length"]) == len(whole.content)


@pytest.mark.parametrize("path", [*DATA, *OTHERS, *MISSING, "/v2/rates?a=1"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST"])
def test_headers(archived: Any, path: str, method: str) -> None:
    """Every answer is safe in a browser, open to other sites, and sets no cookie."""
    for _ in range(2):
        headers = archived.get(path, method, origin="https://a.test").headers
        assert headers["content-security-policy"].startswith("default-src 'none'; ")
        may_be_framed = path.startswith("/embed/ticker") and method in ("GET", "HEAD")
        framed = "*" if may_be_framed else "'none'"
        assert headers["content-security-policy"].endswith(f"; frame-ancestors {framed}")
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-resource-policy"] == "cross-origin"
        assert headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in headers
        assert "set-cookie" not in headers
        assert "cache-control" in headers


def test_preflight(archived: Any) -> None:
    """A browser may ask first."""
    answer = archived.get("/v2/rates", "OPTIONS", access_control_request_method="GET")
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-methods"] == "GET, HEAD, OPTIONS"


def test_tag(archived: Any) -> None:
    """Who has the answer is told that it is the same, ready or not."""
    path = "/api/v1/sheet/2026-08-21"
    tag = archived.get(path).headers["etag"]
    archived.app.forget_ready()
    for sent in (tag, f"W/{tag}", f'"other", {tag}', "*", "* "):
        same = archived.get(path, if_none_match=sent)
        assert (same.status_code, same.content) == (304, b"")
        assert same.headers["etag"] == tag
        assert "content-length" not in same.headers
        assert same.headers["cache-control"] == archived.get(path).headers["cache-control"]
    assert archived.get(path, if_none_match='"other"').status_code == 200


def test_counts(archived: Any) -> None:
    """Each answer is counted by its route and by the status that was sent."""
    path, counts = "/api/v1/sheet/2026-08-21", archived.app._counts
    tag = archived.get(path).headers["etag"]
    for _ in range(2):
        archived.get(path, if_none_match=tag)
        archived.get(path, "HEAD")
        archived.app.forget_ready()
    archived.get(path, "POST")
    archived.get("/api/v1/sheet/2026-08-32")
    archived.get("/nowhere")
    route = "/api/v1/sheet/{day}"
    assert counts == {
        (route, 200): 3, (route, 304): 2, (route, 422): 1, ("none", 405): 1, ("none", 404): 1
    }  # fmt: skip


def test_tags_are_of_bodies(archived: Any) -> None:
    """Two answers of one day have different tags."""
    paths = ("/v2/rates?base=USD", "/v2/rates?base=EUR", "/v2/rates.csv?base=USD")
    assert len({archived.get(path).headers["etag"] for path in paths}) == 3


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("", "json"),
        ("*/*", "json"),
        ("text/csv", "csv"),
        ("text/*", "csv"),
        ("application/*", "json"),
        ("application/x-ndjson, */*;q=0.1", "ndjson"),
        ("text/csv;q=0.5, application/json;q=0.4", "csv"),
        ("text/csv;q=0, */*", "json"),
        ("text/html, application/xhtml+xml, */*;q=0.8", "json"),
        ("text/csv;q=nan, application/json", "json"),
        ("text/csv;q=inf, application/json;q=0.1", "json"),
        ("text/csv;q=9, application/json;q=0.1", "json"),
        ("application/json;q=0, */*", "csv"),
        ("*/*, application/json;q=0, text/*;q=0", "ndjson"),
        ("text/*;q=0.9, text/csv;q=0.1, application/json;q=0.5", "json"),
    ],
)
def test_accept(accept: str, form: str) -> None:
    """The most wanted form is answered."""
    assert form_of(accept, None) == form
    assert form_of("text/html", "csv") == "csv"


def test_header_in_two_lines(archived: Any) -> None:
    """A header that comes in two lines is one list, and never keeps a form for those of another."""
    path = "/api/v1/sheet/2026-08-21"
    for first, second in (("text/csv", "application/json"), ("application/json", "text/csv")):
        archived.app.forget_ready()
        lines = archived.get_lines(path, ("accept", first), ("accept", second))
        assert lines.headers["content-type"].startswith(first)
        for accept in (first, second):
            answer = archived.get(path, accept=accept)
            assert answer.headers["content-type"].startswith(accept)
    tag = answer.headers["etag"]
    tags = ("if-none-match", '"other"'), ("if-none-match", tag), ("accept", second)
    assert archived.get_lines(path, *tags).status_code == 304
    assert archived.get_lines(path, *reversed(tags)).status_code == 304


class _Lines(list[tuple[bytes, bytes]]):
    """Lines of headers that count how many of them were looked at, each time anew."""

    def __init__(self, lines: Iterable[tuple[bytes, bytes]]) -> None:
        super().__init__(lines)
        self.looked_at: list[int] = []

    def __iter__(self) -> Iterator[tuple[bytes, bytes]]:
        self.looked_at.append(0)
        for line in super().__iter__():
            self.looked_at[-1] += 1
            yield line


@pytest.mark.parametrize("ready", [False, True])
@pytest.mark.parametrize("name", [b"accept", b"if-none-match"])
@pytest.mark.parametrize("count", [1, 20_000])
def test_too_long_a_list(
    archived: Any, monkeypatch: pytest.MonkeyPatch, name: bytes, count: int, *, ready: bool
) -> None:
    """A list of a megabyte, in one line or in many, costs no time before it is refused."""
    path = "/api/v1/sheet/2026-08-21"
    for _ in range(2 if ready else 0):  # the first look at the store drops what was ready
        archived.get(path)
    read: list[str] = []

    def form(accept: str, ending: Any) -> Any:
        read.append(accept)
        return form_of(accept, ending)

    monkeypatch.setattr(service, "form_of", form)
    lines = _Lines([(name, b"text/csv, " * (100_000 // count))] * count)
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": b"",
        "headers": lines,
        "root_path": "",
    }
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(archived.app(scope, None, send))
    assert sent[0]["status"] == (200 if ready and name == b"if-none-match" else 431)
    assert lines.looked_at[0] * len(lines[0][1]) < 2 * max(16 * 1024, len(lines[0][1]))
    assert all(len(accept) <= 16 * 1024 for accept in read)


def test_not_acceptable(archived: Any) -> None:
    """Who takes none of the forms is told so."""
    for _ in range(2):
        assert archived.get("/v2/rates", accept="image/png").status_code == 406
        assert archived.get("/v2/rates").status_code == 200


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("GET", {"accept": "image/png"}, 406),
        ("GET", {"x_long": "a" * 17_000}, 431),
        ("POST", {}, 405),
    ],
)
def test_spoiled_headers(archived: Any, method: str, headers: dict[str, str], status: int) -> None:
    """What a method or a header has spoiled is kept by no cache for those who ask as one should."""
    answer = archived.get("/v2/rates", method, **headers)
    assert (answer.status_code, answer.headers["cache-control"]) == (status, "no-store")


@pytest.mark.parametrize(
    "path",
    [
        "/v2/rate/U%C5%BFD/KZT?date=2026-08-21",
        "/v2/rate/KZT/u%C5%BFd?date=2026-08-21",
        "/v2/rates?base=u%C5%BFd&date=2026-08-21",
        "/v2/rates?base=USD&quotes=KZT,u%C5%BFd&date=2026-08-21",
        "/v2/currency/u%C5%BFd",
        "/v1/2026-08-21?base=u%C5%BFd",
        "/v1/2026-08-21?base=KZT&symbols=u%C5%BFd",
        "/api/v1/convert?from=u%C5%BFd&on=2026-08-21",
        "/api/v1/history/u%C5%BFd?start=2026-08-21",
        "/api/v1/ticker?codes=u%C5%BFd",
        "/badge/u%C5%BFd.svg",
        "/?from=u%C5%BFd",
    ],
)
def test_letters_that_are_none(archived: Any, path: str) -> None:
    """A letter whose capital is one of a code's, such as a long s, makes no code."""
    assert archived.get(path).status_code in (404, 422)
    assert archived.get(path.replace("%C5%BF", "s")).status_code == 200


@given(st.binary(max_size=60))
def test_any_query(query: bytes) -> None:
    """Whatever is sent is understood or refused."""
    with suppress(Refused):
        Query(query, ("a", "b"))


@settings(max_examples=60, deadline=None)
@given(path=st.text(max_size=40), query=st.text(alphabet="abcefrmquots=&%,-0123456789USDKZT"))
def test_any_path(path: str, query: str) -> None:
    """Whatever is asked for, the server does not fail."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.disconnect"}

    scope = {
        "type": "http",
        "method": "GET",
        "path": f"/v1/{path}",
        "query_string": query.encode(),
        "headers": [],
    }
    with kzt_rates.Client(cache=False, offline=True) as client:
        app = web.app(client)

        async def ask() -> None:
            await app(scope, receive, send)
            await app.aclose()

        asyncio.run(ask())
    assert sent[0]["status"] < 500 or sent[0]["status"] == 503
    json.loads(sent[1]["body"])


def test_failure_says_nothing_of_the_server(archived: Any, caplog: Any) -> None:
    """An error of ours is logged, and told to nobody else."""

    def fail() -> None:
        raise OSError("/home/secret/cache.sqlite")

    archived.app.lookup.moment = fail
    for path in ("/api/v1/today", "/v2/rates", "/v1/latest"):
        answer = archived.get(path)
        assert answer.status_code == 500
        assert "secret" not in answer.text
        assert answer.headers["cache-control"] == "no-store"
    assert "/home/secret/cache.sqlite" in caplog.text


@pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/metrics"])
def test_life_is_told_under_load(archived: Any, path: str) -> None:
    """A server that is busy lives: whoever looks after it must not start it again."""
    archived.app._at_once = 1000
    assert archived.get("/api/v1/latest").status_code == 503
    assert archived.get(path).status_code == 200


@pytest.mark.parametrize("path", ["/api/v1/latest", "/v2/rates", "/embed/ticker", "/nothing"])
def test_middleware_changes_its_own_answer(
    archived: Any, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """What a host's middleware writes into an answer's headers is in no later answer."""
    plain = archived.get(path)
    tag = plain.headers.get("etag", '"none"')
    for _ in range(3):
        with monkeypatch.context() as within:
            within.setattr(archived, "app", GZipMiddleware(archived.app, minimum_size=1))
            packed = archived.get(path, accept_encoding="gzip")
            assert packed.headers["content-encoding"] == "gzip"
            archived.get(path, accept_encoding="gzip", if_none_match=tag)
        for answer in (archived.get(path), packed):
            assert answer.content == plain.content
        again, known = archived.get(path), archived.get(path, if_none_match=tag)
        assert again.headers == plain.headers
        assert known.headers.get("vary") == plain.headers.get("vary")


def test_slow_readers_leave_room(archived: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many read long answers slowly, others are answered."""
    monkeypatch.setattr(service, "MAX_IN_PIECES", 2)
    archived.app.lookup.figures_at_once = 31
    path, query = "/v2/rates", b"base=USD&quotes=KZT&from=2022-05-01&to=2022-12-31"
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": query,
        "headers": [],
        "root_path": "",
    }

    async def statuses() -> list[int]:
        found: list[int] = []
        stuck, begun = asyncio.Event(), asyncio.Event()

        async def receive() -> Any:
            await stuck.wait()

        async def send(message: Any) -> None:
            if "status" in message:
                found.append(message["status"])
            elif message.get("more_body"):
                if len(found) == 2:
                    begun.set()
                await stuck.wait()

        async def read(message: Any) -> None:
            if "status" in message:
                found.append(message["status"])

        slow = [asyncio.create_task(archived.app({**scope}, receive, send)) for _ in range(2)]
        await begun.wait()
        await archived.app({**scope}, receive, read)
        await archived.app(
            {**scope, "path": "/v2/rate/USD/KZT", "query_string": b""}, receive, read
        )
        for one in slow:
            one.cancel()
        await asyncio.wait(slow)
        return found

    assert asyncio.run(statuses()) == [200, 200, 503, 200]
    assert archived.get(f"{path}?{query.decode()}").status_code == 200


def test_long_ranges_keep_nobody_waiting(archived: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many ranges are read, a day is answered, and what was ready, and the health."""
    released = Event()
    pairs_between = _Reading._pairs_between

    def slow(*arguments: Any, **named: Any) -> Any:
        assert released.wait(120)
        return pairs_between(*arguments, **named)

    monkeypatch.setattr(_Reading, "_pairs_between", slow)
    range_of = "/v2/rates?base=USD&quotes=KZT&from=2022-05-01&to=2022-05-{}"
    ready, day = "/api/v1/latest", "/v2/rate/USD/KZT?date=2026-08-20"
    archived.all_of([ready])
    archived.all_of([ready])

    async def statuses() -> list[int]:
        transport = httpx.ASGITransport(archived.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://rates.test") as http:
            ranges = [asyncio.create_task(http.get(range_of.format(day))) for day in range(10, 20)]
            try:
                async with asyncio.timeout(60):
                    await asyncio.wait(ranges, timeout=0.1)
                    archived.app._stamped = -1.0  # as a second later
                    others = [await http.get(path) for path in (ready, day, "/health/ready")]
            finally:
                released.set()
            answers = [*others, *await asyncio.gather(*ranges)]
            return [answer.status_code for answer in answers]

    assert asyncio.run(statuses()) == [200] * 13


def test_store_that_cannot_be_read_any_more(serve: Any, tmp_path: Any) -> None:
    """What was ready is no answer from a damaged store; each route says so, and counts go on."""
    http = serve()
    for _ in range(3):
        assert http.get("/api/v1/sheet/2025-12-05").status_code == 200
    for name in tmp_path.glob("cache.sqlite*"):
        with name.open(
            "r+b"
        ) as file:  # SQLite has mapped one of them: a shorter one would be fatal
            file.write(b"no store" * (name.stat().st_size // 8))
    http.app._stamped = -1.0  # as a second later
    answer = http.get("/api/v1/sheet/2025-12-05", origin="https://a.test")
    assert (answer.status_code, answer.json()["status"]) == (500, 500)
    assert answer.headers["access-control-allow-origin"] == "*"
    counts = http.get("/metrics")
    assert counts.status_code == 200
    assert "kzt_rates_newest_day_age_seconds NaN" in counts.text
    assert 'route="/api/v1/sheet/{day}",status="500"} 1' in counts.text


@pytest.mark.parametrize("host", ["x/y.csv?", "x/y.csv#", "["])
def test_host_names_no_form(archived: Any, host: str) -> None:
    """The header `Host` decides nothing of an answer, which others get as well."""
    lines = archived.get_lines("/api/v1/latest", ("host", host))
    assert lines.headers["content-type"].startswith("application/json")
    assert archived.get("/api/v1/latest").headers["content-type"] == lines.headers["content-type"]
