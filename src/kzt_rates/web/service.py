"""The service as one ASGI app: ready answers first, then the routes; the same headers on all."""

import asyncio
import logging
import os
from bisect import bisect_left
from collections import Counter, OrderedDict
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Hashable,
    Iterable,
    MutableMapping,
    Sequence,
)
from datetime import datetime, timezone
from email.utils import format_datetime
from ipaddress import ip_address, ip_network
from secrets import token_hex
from time import monotonic, perf_counter
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote
from zlib import compressobj, decompressobj

from starlette.requests import Request
from starlette.routing import Route, Router

from kzt_rates.errors import KztRatesError
from kzt_rates.web.api import Api
from kzt_rates.web.embed import Site
from kzt_rates.web.frankfurter import Frankfurter
from kzt_rates.web.freshness import NEVER, NO_STORE, STATIC, Freshness, of_error, shortened
from kzt_rates.web.line import CONTENT_POLICY
from kzt_rates.web.lookup import Ask, Lookup
from kzt_rates.web.messages import (
    MAX_TARGET_BYTES,
    TITLES,
    Answer,
    Problem,
    Query,
    Refused,
    etag,
    form_of,
    problem_of,
)
from kzt_rates.web.mirror import FORM, Mirror
from kzt_rates.web.shapes import MEDIA_TYPES, document

if TYPE_CHECKING:
    from kzt_rates.async_client import AsyncClient
    from kzt_rates.client import Client

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

METHODS = "GET, HEAD, OPTIONS"

MAX_ANSWERS = 4096
MAX_ANSWERS_BYTES = 8 * 1024 * 1024
MAX_ANSWER_BYTES = 256 * 1024  # a longer one is made again
OVERHEAD_BYTES = 2048  # of a ready answer, besides its body and its path
MAX_FORMS = 64
MAX_AT_ONCE = 256
# So many of these may have long answers: a slow reader takes minutes, and others need room.
MAX_IN_PIECES = 128
# Answered under any load: else whoever looks after the server would take it for dead.
NEVER_BUSY = ("/health/live", "/health/ready", "/metrics")
MAX_HEADER_BYTES = 16 * 1024
# Long answers to HTTP/1.0 are kept compressed until they are sent, all of them in this many bytes.
MAX_GATHERED_BYTES = 16 * 1024 * 1024
# How long the slowest reader may take over an answer that is sent in pieces.
MAX_SENDING_SECONDS = 600
# The store is asked this often whether anybody has written to it.
STAMP_SECONDS = 1.0

POLICY = (b"content-security-policy", f"{CONTENT_POLICY}; frame-ancestors 'none'".encode())
SECURITY: Headers = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"etag, last-modified, retry-after, x-kzt-rates-stale"),
    (b"cross-origin-resource-policy", b"cross-origin"),
]

DOCUMENTS = {
    "/openapi.json": "api.json",
    "/v1/openapi.json": "v1.json",
    "/v2/openapi.json": "v2.json",
}
ROBOTS = "User-agent: *\nDisallow: /metrics\n"
# Headers by which proxies say for whom they ask.
PROXIED = ("forwarded", "via", "x-forwarded-for", "x-real-ip")
LOOPBACK = ("127.0.0.0/8", "::1/128")
# Bounds of the histogram, seconds.
BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5, 10.0)


class _Asked:
    """What is known of a request before its route is."""

    __slots__ = ("age", "at", "key", "route", "tag")

    def __init__(self, key: Hashable, tag: bytes, age: int, at: datetime) -> None:
        self.key = key
        self.at = at
        self.tag = tag
        self.age = age
        self.route = "none"


class Ready:
    """An answer that can be sent again, from when it was asked for until its time has passed."""

    __slots__ = ("body", "headers", "route", "short", "since", "tag", "until")

    def __init__(
        self, body: bytes, headers: Headers, tag: bytes, fresh: Freshness, asked: _Asked
    ) -> None:
        self.body = body
        self.headers = headers
        self.tag = tag
        self.since = asked.at
        self.until = fresh.until
        self.route = asked.route
        self.short = [header for header in headers if header[0] not in _OF_BODY]


_OF_BODY = (b"content-length", b"content-type")


class Service:
    """The service over a client, as an ASGI app.

    `owns_client`: the client is closed with the app. `metrics_from` are the networks that may
    read `/metrics` besides this machine. `node` is what its workers share, by which a mirror
    knows itself.
    """

    def __init__(
        self,
        client: "Client | AsyncClient",
        ask: Ask,
        *,
        owns_client: bool = False,
        metrics_from: Sequence[str] = (),
        node: str | None = None,
    ) -> None:
        self.lookup = Lookup(client, ask)
        self._client = client if owns_client else None
        self._readers_of_metrics = [ip_network(one) for one in (*LOOPBACK, *metrics_from)]
        self._router = Router(
            [
                Route(path, endpoint=_Endpoint(self, path, handler))
                for path, handler in {
                    **Api(self.lookup).routes(),
                    **dict.fromkeys(DOCUMENTS, self._openapi),
                    **Frankfurter(self.lookup).routes(),
                    **Mirror(self.lookup, node or token_hex(8)).routes(),
                    **Site(self.lookup).routes(),
                    "/api/v1": self._index,
                    "/api/v1/errors": self._errors,
                    "/health/live": self._live,
                    "/health/ready": self._is_ready,
                    "/llms.txt": self._llms,
                    "/metrics": self._metrics,
                    "/robots.txt": self._robots,
                }.items()
            ],
            redirect_slashes=False,
            default=_Endpoint(self, "none", self._nothing),
        )
        self._ready: OrderedDict[Hashable, Ready] = OrderedDict()
        self._ready_bytes = 0
        self._stamp: Hashable = None
        self._age = 0  # how often the ready answers were dropped
        self._stamped = -STAMP_SECONDS
        self._forms: dict[bytes, str] = {}
        self._at_once = 0
        self._in_pieces = 0
        self._gathered_bytes = 0
        self._hits = 0
        self._counts: Counter[tuple[str, int]] = Counter()
        self._times = [0] * (len(BUCKETS) + 1)
        self._seconds = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; other protocols than HTTP are closed."""
        if scope["type"] != "http":
            await self._other_protocol(scope, receive, send)
            return
        method, query = scope["method"], scope["query_string"]
        accept = asked_tag = b""
        for name, value in scope["headers"]:
            # a list may come in several lines; the routes read it as it is read here
            if name == b"accept":
                accept = b"%b, %b" % (accept, value) if accept else value
            elif name == b"if-none-match":
                asked_tag = b"%b, %b" % (asked_tag, value) if asked_tag else value
            else:
                continue
            if len(accept) + len(asked_tag) > MAX_HEADER_BYTES:
                break  # it is refused below, and no time is spent on the rest
        key = scope["path"], query, self._form_of(accept)
        ready = self._ready.get(key)
        if ready is not None and method in ("GET", "HEAD") and await self._is_current(key, ready):
            self._hits += 1
            self._counts[ready.route, await _send_ready(ready, method, asked_tag, send)] += 1
            return
        begun = perf_counter()
        headers = [header for header in scope["headers"] if header[0] != b"accept"]
        scope = {
            **scope,  # the host of a mounted app goes on with its own
            "headers": [*headers, (b"accept", accept)],
            "kzt_rates": _Asked(key, asked_tag, self._age, self.lookup.now()),
        }
        if "litestar_app" in scope:
            _mount_in_litestar(scope)
        self._at_once += 1
        try:
            self._check(scope)
            if method == "OPTIONS":
                await self._send_options(scope, send)
            else:
                await self._router(scope, receive, send)
        except Refused as error:
            await self.fail(error, scope, send)
        finally:
            self._at_once -= 1
            spent = perf_counter() - begun
            self._times[bisect_left(BUCKETS, spent)] += 1
            self._seconds += spent

    async def aclose(self) -> None:
        """Let go of threads, and of the client where the app made it."""
        await self.lookup.close(self._client)

    def _form_of(self, accept: bytes) -> str:
        """Return which form a header `Accept` wants, of those seen before without reading it."""
        form = self._forms.get(accept)
        if form is None and len(accept) > MAX_HEADER_BYTES:
            return "none"
        if form is None:
            try:
                form = form_of(accept.decode("latin-1"), None)
            except Refused:
                form = "none"
            if len(self._forms) >= MAX_FORMS:
                self._forms.clear()
            self._forms[accept] = form
        return form

    def _check(self, scope: Scope) -> None:
        """Refuse what is too much, or another method."""
        if scope["method"] not in ("GET", "HEAD", "OPTIONS"):
            raise Refused(405, f"only {METHODS} are answered")
        if (
            len(scope.get("raw_path") or scope["path"]) + len(scope["query_string"])
            > MAX_TARGET_BYTES
        ):
            raise Refused(414, f"too long: at most {MAX_TARGET_BYTES} bytes of path and query")
        if sum(len(name) + len(value) for name, value in scope["headers"]) > MAX_HEADER_BYTES:
            raise Refused(431, f"too long: at most {MAX_HEADER_BYTES} bytes of headers")
        if self._at_once > MAX_AT_ONCE and scope_path(scope) not in NEVER_BUSY:
            raise Refused(503, "the server is busy", retry_after=1)

    # --- sending -----------------------------------------------------------------------------

    async def answer(self, answer: Answer, scope: Scope, receive: Receive, send: Send) -> None:
        """Send an answer of a route, and keep it where it may be repeated."""
        asked: _Asked = scope["kzt_rates"]
        # the time counts from the beginning, and the bank may have been slow
        spent = int((self.lookup.now() - asked.at).total_seconds())
        cache_control = shortened(answer.fresh.cache_control, spent)
        headers: Headers = [
            (b"content-type", answer.media_type.encode()),
            (b"cache-control", cache_control.encode()),
            *((name.encode(), value.encode()) for name, value in answer.headers.items()),
        ]
        if answer.fresh.stale:
            headers.append((b"x-kzt-rates-stale", b"1"))
        if answer.modified is not None:
            headers.append((b"last-modified", _http_date(answer.modified)))
        if "content-security-policy" not in answer.headers:  # what may be framed says so
            headers.append(POLICY)
        headers += SECURITY
        if not isinstance(answer.body, bytes):
            if self._in_pieces >= MAX_IN_PIECES:
                raise Refused(503, "the server is busy", retry_after=1)
            self._in_pieces += 1
            try:
                if scope.get("http_version") == "1.0" and scope["method"] == "GET":
                    await self._send_gathered(answer.body, headers, scope, receive, send)
                else:
                    self._counts[asked.route, answer.status] += 1
                    await _send_pieces(answer.body, headers, scope["method"], receive, send)
            finally:
                self._in_pieces -= 1
            return
        headers.append((b"content-length", b"%d" % len(answer.body)))
        if answer.status != 200 or answer.fresh.cache_control == NO_STORE:
            self._counts[asked.route, answer.status] += 1
            await _send_whole(answer.status, headers, answer.body, scope["method"], send)
            return
        tag = etag(answer.body).encode()
        headers.append((b"etag", tag))
        ready = Ready(answer.body, headers, tag, answer.fresh, asked)
        self._keep(asked.key, ready, asked.age)
        status = await _send_ready(ready, scope["method"], asked.tag, send)
        self._counts[asked.route, status] += 1

    async def _send_gathered(
        self,
        pieces: AsyncIterator[bytes],
        headers: Headers,
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        """Send an answer whose length is known: by that alone HTTP/1.0 tells a cut one."""
        squeeze, kept, length, held = compressobj(1), list[bytes](), 0, 0
        try:
            async for piece in pieces:
                kept.append(squeeze.compress(piece))
                length += len(piece)
                held += len(kept[-1])
                self._gathered_bytes += len(kept[-1])
                if self._gathered_bytes > MAX_GATHERED_BYTES:
                    raise Refused(503, "the server is busy: ask with HTTP/1.1", retry_after=1)
            kept.append(squeeze.flush())
        except Exception as error:  # noqa: BLE001  # nothing is sent yet
            await self.fail(error, scope, send)
        else:
            self._counts[scope["kzt_rates"].route, 200] += 1
            headers.append((b"content-length", b"%d" % length))
            await _send_pieces(_spread(kept), headers, "GET", receive, send)
        finally:
            self._gathered_bytes -= held

    async def fail(self, error: Exception, scope: Scope, send: Send) -> None:
        """Send an error in the shape of its family of routes."""
        problem = problem_of(error)
        if problem.kind == "internal_error":
            logging.getLogger("kzt_rates").error("a request failed", exc_info=error)
        self._counts[scope["kzt_rates"].route, problem.status] += 1
        after = problem.facts.pop("retry_after", None)
        if after is None and problem.status == 503:
            after = self.lookup.seconds_to_question()
        body, media_type = _error_body(problem, scope)
        fresh = of_error(problem.status, problem.reason, problem.day, self.lookup.now())
        headers: Headers = [
            (b"content-type", media_type.encode()),
            (b"cache-control", fresh.encode()),
            (b"content-length", b"%d" % len(body)),
            POLICY,
            *SECURITY,
        ]
        if after is not None:
            headers.append((b"retry-after", str(after).encode()))
        if problem.status == 405:
            headers.append((b"allow", METHODS.encode()))
        await _send_whole(problem.status, headers, body, scope["method"], send)

    async def _send_options(self, scope: Scope, send: Send) -> None:
        self._counts["options", 204] += 1
        headers = [
            (b"allow", METHODS.encode()),
            (b"access-control-allow-methods", METHODS.encode()),
            (b"access-control-allow-headers", b"*"),
            (b"access-control-max-age", b"86400"),
            (b"cache-control", STATIC.cache_control.encode()),
            POLICY,
            *SECURITY,
        ]
        await _send_whole(204, headers, b"", scope["method"], send)

    async def _other_protocol(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await send({"type": "websocket.close", "code": 1000})
            return
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.aclose()
        await send({"type": "lifespan.shutdown.complete"})

    # --- ready answers -----------------------------------------------------------------------

    async def _is_current(self, key: Hashable, ready: Ready) -> bool:
        """Whether a ready answer still holds: its time has not passed, and nothing was learned."""
        if monotonic() - self._stamped >= STAMP_SECONDS:
            await self._look_at_stamp()
            if self._ready.get(key) is not ready:
                return False
        # a clock that ran fast is set back, and what was true by it is not true now
        if ready.until is not None and not ready.since <= self.lookup.now() < ready.until:
            self._forget(key)
            return False
        return True

    async def _look_at_stamp(self) -> None:
        try:
            stamp = await self.lookup.stamp()
        except KztRatesError:
            stamp = None  # the routes say what is the matter, each in its shape
        if stamp is None or stamp != self._stamp:
            self.forget_ready()
        self._stamp, self._stamped = stamp, monotonic()

    def forget_ready(self) -> None:
        """Make every answer anew."""
        self._ready.clear()
        self._ready_bytes = 0
        self._age += 1

    def _keep(self, key: Hashable, ready: Ready, age: int) -> None:
        # an answer from before somebody wrote must not be kept after it
        if age != self._age or len(ready.body) > MAX_ANSWER_BYTES:
            return
        self._forget(key)
        self._ready[key] = ready
        self._ready_bytes += len(ready.body) + OVERHEAD_BYTES
        while len(self._ready) > MAX_ANSWERS or self._ready_bytes > MAX_ANSWERS_BYTES:
            self._forget(next(iter(self._ready)))

    def _forget(self, key: Hashable) -> None:
        gone = self._ready.pop(key, None)
        if gone is not None:
            self._ready_bytes -= len(gone.body) + OVERHEAD_BYTES

    # --- about the service -------------------------------------------------------------------

    async def _index(self, _request: Request) -> Answer:
        content = {
            "name": "kzt_rates",
            "description": "The tenge's official exchange rates",
            "source": "National Bank of Kazakhstan",
            "openapi": [path.lstrip("/") for path in DOCUMENTS],
        }
        return Answer(document(content), MEDIA_TYPES["json"], STATIC)

    async def _openapi(self, request: Request) -> Answer:
        name = DOCUMENTS[scope_path(request.scope)]
        return Answer(packaged(name), MEDIA_TYPES["json"], STATIC)

    async def _errors(self, _request: Request) -> Answer:
        lines = [f"{kind}\n    {title}\n" for kind, title in TITLES.items()]
        return Answer("\n".join(lines).encode(), MEDIA_TYPES["text"], STATIC)

    async def _robots(self, _request: Request) -> Answer:
        return Answer(ROBOTS.encode(), MEDIA_TYPES["text"], STATIC)

    async def _llms(self, _request: Request) -> Answer:
        return Answer(packaged("llms.txt"), MEDIA_TYPES["text"], STATIC)

    async def _nothing(self, _request: Request) -> Answer:
        raise Refused(404, "not found")

    async def _live(self, _request: Request) -> Answer:
        return Answer(document({"status": "ok"}), MEDIA_TYPES["json"])

    async def _is_ready(self, request: Request) -> Answer:
        """Answer 200 while rates can be given, old ones too: a balancer must not drop them all."""
        query = Query(request.scope["query_string"], ("strict",))
        strict = query.choice("strict", ("0", "1"), "0") == "1"
        try:
            newest = await self.lookup.newest_complete()
        except KztRatesError:
            content: dict[str, object] = {"status": "unreadable", "store": "unreadable"}
            return Answer(document(content), MEDIA_TYPES["json"], NEVER, 503)
        today = self.lookup.today()
        missed = None if newest is None else max(0, (today - newest).days)
        is_stale = missed is None or missed > 0
        content = {
            "status": "stale" if is_stale else "ok",
            "store": "ok",
            "newest_complete": None if newest is None else newest.isoformat(),
            "expected": today.isoformat(),
            "publishes_missed": missed,
            "last_question": _iso(self.lookup.last_question),
            "last_failure": _iso(self.lookup.last_failure),
        }
        status = 503 if strict and is_stale else 200
        return Answer(document(content), MEDIA_TYPES["json"], NEVER, status)

    async def _metrics(self, request: Request) -> Answer:
        """Answer in the text form of Prometheus; each worker has counts of its own."""
        self._check_reader(request)
        try:
            newest = await self.lookup.newest_complete()
        except KztRatesError:
            newest = None  # the counts of such errors are wanted most of all
        age = None if newest is None else (self.lookup.today() - newest).days
        worker = f'worker="{os.getpid()}"'
        lines = [
            "# TYPE kzt_rates_newest_day_age_seconds gauge",
            f"kzt_rates_newest_day_age_seconds {'NaN' if age is None else age * 86400}",
            "# TYPE kzt_rates_publishes_missed gauge",
            f"kzt_rates_publishes_missed {'NaN' if age is None else max(0, age)}",
            "# TYPE kzt_rates_bank_questions_total counter",
            *(
                f'kzt_rates_bank_questions_total{{{worker},result="{result}"}} {count}'
                for result, count in sorted(self.lookup.questions.items())
            ),
            "# TYPE kzt_rates_ready_answers gauge",
            f"kzt_rates_ready_answers{{{worker}}} {len(self._ready)}",
            "# TYPE kzt_rates_ready_bytes gauge",
            f"kzt_rates_ready_bytes{{{worker}}} {self._ready_bytes}",
            "# TYPE kzt_rates_ready_hits_total counter",
            f"kzt_rates_ready_hits_total{{{worker}}} {self._hits}",
            "# TYPE kzt_rates_http_requests_total counter",
            *(
                f'kzt_rates_http_requests_total{{{worker},route="{route}",status="{status}"}} {n}'
                for (route, status), n in sorted(self._counts.items())
            ),
            "# HELP kzt_rates_http_seconds How long answers took that were not ready.",
            "# TYPE kzt_rates_http_seconds histogram",
        ]
        count = 0
        for bound, more in zip((*BUCKETS, "+Inf"), self._times, strict=True):
            count += more
            lines.append(f'kzt_rates_http_seconds_bucket{{{worker},le="{bound}"}} {count}')
        lines += [
            f"kzt_rates_http_seconds_sum{{{worker}}} {self._seconds:.6f}",
            f"kzt_rates_http_seconds_count{{{worker}}} {count}",
        ]
        body = ("\n".join(lines) + "\n").encode()
        return Answer(body, "text/plain; version=0.0.4; charset=utf-8")

    def _check_reader(self, request: Request) -> None:
        """Refuse who is not of this machine or of a named network, or is sent on by a proxy."""
        Query(request.scope["query_string"], ())
        proxied = any(name in request.headers for name in PROXIED)
        host = request.client.host if request.client else ""
        try:
            address = ip_address(host)
        except ValueError:
            address = None
        known = address is not None and any(address in one for one in self._readers_of_metrics)
        if proxied or not known:
            raise Refused(404, "not found")


class _Endpoint:
    """A handler as an ASGI app."""

    def __init__(
        self, app: Service, route: str, handler: Callable[[Request], Awaitable[Answer]]
    ) -> None:
        self._app, self._route, self._handler = app, route, handler

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["kzt_rates"].route = self._route
        try:
            answer = await self._handler(Request(scope))
        except Exception as error:  # noqa: BLE001  # every error is an answer
            await self._app.fail(error, scope, send)
        else:
            await self._app.answer(answer, scope, receive, send)


def _mount_in_litestar(scope: Scope) -> None:
    """Name the path as others do: Litestar ends each with a slash, and hides where it mounts."""
    path = scope["path"] = scope["path"].rstrip("/") or "/"
    whole = unquote(scope["raw_path"].partition(b"?")[0].decode("ascii")).rstrip("/")
    if not scope["root_path"] and whole.endswith(path):
        scope["root_path"] = whole.removesuffix(path)


def scope_path(scope: Scope) -> str:
    """Return a request's path below where the app is mounted."""
    path: str = scope["path"]
    root: str = scope.get("root_path", "")
    return path[len(root) :] if root and path.startswith(f"{root}/") else path


def _error_body(problem: Problem, scope: Scope) -> tuple[bytes, str]:
    path = scope_path(scope)
    if path.startswith("/rss/") or f"/{FORM}/" in path:
        return f"{problem.detail}\n".encode(), MEDIA_TYPES["text"]
    if path.startswith("/v1/"):
        return document({"message": problem.detail}), MEDIA_TYPES["json"]
    if path.startswith("/v2/"):
        content: dict[str, object] = {"status": problem.status, "message": problem.detail}
        return document(content), MEDIA_TYPES["json"]
    content = {
        "type": f"{scope.get('root_path', '')}/api/v1/errors#{problem.kind}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        **problem.facts,
    }
    return document(content), MEDIA_TYPES["problem"]


def packaged(name: str) -> bytes:
    """Return a file that is served as it is."""
    with open(os.path.join(os.path.dirname(__file__), "documents", name), "rb") as file:
        return file.read()


def _http_date(instant: datetime) -> bytes:
    return format_datetime(instant.astimezone(timezone.utc), usegmt=True).encode()


def _iso(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat(timespec="seconds")


async def _send_ready(ready: Ready, method: str, asked_tag: bytes, send: Send) -> int:
    """Send an answer, or that it is the one which is known; return the status."""
    if asked_tag and (asked_tag.strip() == b"*" or ready.tag in asked_tag):
        await _send_whole(304, [*ready.short], b"", method, send)
        return 304
    # a list of its own for each: what stands around the app may write into it, as gzip does
    await send({"type": "http.response.start", "status": 200, "headers": [*ready.headers]})
    body = b"" if method == "HEAD" else ready.body
    await send({"type": "http.response.body", "body": body})
    return 200


async def _send_whole(status: int, headers: Headers, body: bytes, method: str, send: Send) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if method == "HEAD" else body})


async def _send_pieces(
    pieces: AsyncIterator[bytes], headers: Headers, method: str, receive: Receive, send: Send
) -> None:
    """Send an answer as it is made; one that fails on the way is broken off, never ended well."""
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    if method != "HEAD":
        gone = asyncio.ensure_future(_is_gone(receive))
        try:
            async with asyncio.timeout(MAX_SENDING_SECONDS):
                async for piece in pieces:
                    if gone.done():
                        return
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
        except (Refused, KztRatesError, TimeoutError) as error:
            # a second answer cannot follow: that the first one has no end tells the reader
            raise RuntimeError(f"an answer was broken off: {error}") from error
        finally:
            gone.cancel()
    await send({"type": "http.response.body", "body": b""})


async def _spread(kept: Iterable[bytes]) -> AsyncIterator[bytes]:
    again = decompressobj()
    for part in kept:
        yield again.decompress(part)


async def _is_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
