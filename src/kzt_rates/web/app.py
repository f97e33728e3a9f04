"""The service as one ASGI app: ready answers first, then the routes; the same headers on all."""

import asyncio
import logging
from collections import Counter, OrderedDict
from collections.abc import Awaitable, Callable, Hashable, MutableMapping
from datetime import datetime
from time import monotonic
from typing import Any

from starlette.requests import Request
from starlette.routing import Route, Router

from kzt_rates.async_client import AsyncClient
from kzt_rates.client import Client
from kzt_rates.web.api import Api
from kzt_rates.web.frankfurter import Frankfurter
from kzt_rates.web.freshness import NO_STORE, of_error
from kzt_rates.web.lookup import Ask, Lookup
from kzt_rates.web.messages import MAX_TARGET_BYTES, Answer, Problem, Refused, etag, problem_of
from kzt_rates.web.shapes import MEDIA_TYPES, document

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

METHODS = "GET, HEAD, OPTIONS"

MAX_ANSWERS = 4096
MAX_ANSWERS_BYTES = 32 * 1024 * 1024
MAX_ANSWER_BYTES = 256 * 1024  # a longer one is made again
MAX_AT_ONCE = 256
MAX_HEADER_BYTES = 16 * 1024
STAMP_SECONDS = 1.0

SECURITY: Headers = [
    (
        b"content-security-policy",
        b"default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; "
        b"connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
]
CORS: Headers = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"etag, last-modified, retry-after, x-kzt-rates-stale"),
    (b"cross-origin-resource-policy", b"cross-origin"),
]


class Ready:
    """An answer that can be sent again."""

    __slots__ = ("body", "headers", "short", "tag", "until")

    def __init__(self, body: bytes, headers: Headers, tag: bytes, until: datetime | None) -> None:
        self.body = body
        self.headers = headers
        self.tag = tag
        self.until = until
        self.short = [header for header in headers if not header[0].startswith(b"content-l")]


class App:
    """The service over a client, as an ASGI app."""

    def __init__(self, client: Client | AsyncClient, ask: Ask) -> None:
        self.lookup = Lookup(client, ask)
        self._router = Router(
            [
                Route(path, endpoint=_Endpoint(self, handler))
                for path, handler in {
                    **Api(self.lookup).routes(),
                    **Frankfurter(self.lookup).routes(),
                    "/health/live": self._live,
                }.items()
            ],
            redirect_slashes=False,
            default=_Endpoint(self, self._nothing),
        )
        self._ready: OrderedDict[Hashable, Ready] = OrderedDict()
        self._ready_bytes = 0
        self._stamp: Hashable = None
        self._stamped = -STAMP_SECONDS
        self._at_once = 0
        self.counts: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; other protocols than HTTP are closed."""
        if scope["type"] == "lifespan":
            await self._live_on(receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1000})
            return
        method, path, query = scope["method"], scope["path"], scope["query_string"]
        if method not in ("GET", "HEAD"):
            await self._other_method(scope, send)
            return
        accept = asked_tag = b""
        for name, value in scope["headers"]:
            if name == b"accept":
                accept = value
            elif name == b"if-none-match":
                asked_tag = value
        key = (path, query, accept if b"/csv" in accept or b"ndjson" in accept else b"")
        ready = self._ready.get(key)
        if ready is not None and await self._is_current(key, ready):
            self.counts["memo_hits"] += 1
            await _send_ready(ready, method, asked_tag, send)
            return
        if len(path) + len(query) > MAX_TARGET_BYTES:
            await self._refuse(Refused(414, "the request is too long"), scope, send)
            return
        if self._at_once >= MAX_AT_ONCE:
            await self._refuse(Refused(503, "the server is busy", retry_after=1), scope, send)
            return
        self._at_once += 1
        scope["kzt_rates.key"] = key
        scope["kzt_rates.tag"] = asked_tag
        try:
            await self._router(scope, receive, send)
        finally:
            self._at_once -= 1

    # --- sending -----------------------------------------------------------------------------

    async def answer(self, answer: Answer, scope: Scope, send: Send) -> None:
        """Send an answer of a route, and keep it where it may be repeated."""
        headers: Headers = [
            (b"content-type", answer.media_type.encode()),
            (b"cache-control", answer.fresh.cache_control.encode()),
        ]
        headers += [(name.encode(), value.encode()) for name, value in answer.headers.items()]
        if answer.fresh.stale:
            headers.append((b"x-kzt-rates-stale", b"1"))
        if answer.modified is not None:
            headers.append((b"last-modified", _http_date(answer.modified)))
        headers += SECURITY
        headers += CORS
        if not isinstance(answer.body, bytes):
            await _send_pieces(answer, headers, scope["method"], send)
            return
        tag = etag(answer.body).encode()
        headers += [(b"content-length", b"%d" % len(answer.body))]
        if answer.status != 200 or answer.fresh.cache_control == NO_STORE:
            await _send_whole(answer.status, headers, answer.body, scope["method"], send)
            return
        ready = Ready(answer.body, [*headers, (b"etag", tag)], tag, answer.fresh.until)
        self._keep(scope["kzt_rates.key"], ready)
        await _send_ready(ready, scope["method"], scope["kzt_rates.tag"], send)

    async def fail(self, error: Exception, scope: Scope, send: Send) -> None:
        """Send an error in the shape of its family of routes."""
        problem = problem_of(error)
        if problem.status >= 500 and problem.kind == "internal_error":
            logging.getLogger("kzt_rates").error("a request failed", exc_info=error)
        now = self.lookup.now()
        after = problem.facts.pop("retry_after", 60 if problem.status == 503 else None)
        body, media_type = _error_body(problem, _below_root(scope), scope.get("root_path", ""))
        headers: Headers = [
            (b"content-type", media_type.encode()),
            (
                b"cache-control",
                of_error(problem.status, problem.reason, problem.day, now).encode(),
            ),
            (b"content-length", b"%d" % len(body)),
            *SECURITY,
            *CORS,
        ]
        if after is not None:
            headers.append((b"retry-after", str(after).encode()))
        if problem.status == 405:
            headers.append((b"allow", METHODS.encode()))
        await _send_whole(problem.status, headers, body, scope["method"], send)

    async def _refuse(self, error: Refused, scope: Scope, send: Send) -> None:
        await self.fail(error, scope, send)

    async def _other_method(self, scope: Scope, send: Send) -> None:
        if scope["method"] != "OPTIONS":
            await self._refuse(Refused(405, f"write {METHODS}"), scope, send)
            return
        headers = [
            (b"allow", METHODS.encode()),
            (b"access-control-allow-methods", METHODS.encode()),
            (b"access-control-max-age", b"86400"),
            (b"cache-control", b"public, max-age=86400"),
            *SECURITY,
            *CORS,
        ]
        await _send_whole(204, headers, b"", "OPTIONS", send)

    # --- ready answers -----------------------------------------------------------------------

    async def _is_current(self, key: Hashable, ready: Ready) -> bool:
        """Whether a ready answer may be sent again: its time has not passed, nothing was learned."""
        if ready.until is not None and self.lookup.now() >= ready.until:
            self._forget(key)
            return False
        if monotonic() - self._stamped >= STAMP_SECONDS:
            await self._look_at_stamp()
            return self._ready.get(key) is ready
        return True

    async def _look_at_stamp(self) -> None:
        stamp = await self.lookup.in_thread(self.lookup.stamp)
        if stamp is None or stamp != self._stamp:
            self._ready.clear()
            self._ready_bytes = 0
        self._stamp, self._stamped = stamp, monotonic()

    def _keep(self, key: Hashable, ready: Ready) -> None:
        if len(ready.body) > MAX_ANSWER_BYTES:
            return
        self._forget(key)
        self._ready[key] = ready
        self._ready_bytes += len(ready.body)
        while len(self._ready) > MAX_ANSWERS or self._ready_bytes > MAX_ANSWERS_BYTES:
            self._forget(next(iter(self._ready)))

    def _forget(self, key: Hashable) -> None:
        gone = self._ready.pop(key, None)
        if gone is not None:
            self._ready_bytes -= len(gone.body)

    # --- the rest ----------------------------------------------------------------------------

    async def _live(self, request: Request) -> Answer:
        return Answer(document({"status": "ok"}), MEDIA_TYPES["json"])

    async def _nothing(self, request: Request) -> Answer:
        raise Refused(404, "not found")

    async def _live_on(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await send({"type": "lifespan.startup.complete"})
            else:
                self.lookup.close()
                await send({"type": "lifespan.shutdown.complete"})
                return


class _Endpoint:
    """A handler as an ASGI app."""

    def __init__(self, app: App, handler: "Callable[[Request], Awaitable[Answer]]") -> None:
        self._app, self._handler = app, handler

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            answer = await self._handler(Request(scope))
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001  # every error is an answer
            await self._app.fail(error, scope, send)
        else:
            await self._app.answer(answer, scope, send)


def _below_root(scope: Scope) -> str:
    path, root = scope["path"], scope.get("root_path", "")
    return path[len(root) :] if root and path.startswith(root) else path  # type: ignore[no-any-return]


def _error_body(problem: Problem, path: str, root: str) -> tuple[bytes, str]:
    if path.startswith("/v1/"):
        return document({"message": problem.detail}), MEDIA_TYPES["json"]
    if path.startswith("/v2/"):
        body = {"status": problem.status, "message": problem.detail}
        return document(body), MEDIA_TYPES["json"]
    body = {
        "type": f"{root}/api/v1/errors#{problem.kind}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        **problem.facts,
    }
    return document(body), MEDIA_TYPES["problem"]


def _http_date(instant: datetime) -> bytes:
    from datetime import timezone
    from email.utils import format_datetime

    return format_datetime(instant.astimezone(timezone.utc), usegmt=True).encode()


async def _send_ready(ready: Ready, method: str, asked_tag: bytes, send: Send) -> None:
    if asked_tag and (asked_tag == ready.tag or asked_tag == b"*" or ready.tag in asked_tag):
        await _send_whole(304, ready.short, b"", method, send)
        return
    await send({"type": "http.response.start", "status": 200, "headers": ready.headers})
    body = ready.body if method == "GET" else b""
    await send({"type": "http.response.body", "body": body})


async def _send_whole(status: int, headers: Headers, body: bytes, method: str, send: Send) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if method == "HEAD" else body})


async def _send_pieces(answer: Answer, headers: Headers, method: str, send: Send) -> None:
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    if method != "HEAD":
        async for piece in answer.body:  # type: ignore[union-attr]
            await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})
