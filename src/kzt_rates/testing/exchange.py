"""One question to the stand-in bank, and one answer."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from http import HTTPStatus
from typing import Literal
from urllib.parse import parse_qs, urlsplit

from kzt_rates.calendar import parse_date

FeedName = Literal["daily", "latest", "main", "other"]

# Where the redirecting faults send a client on this same server.
MOVED = "/moved"
LOOP = "/loop"

_FEEDS: dict[str, FeedName] = {
    "/rss/get_rates.cfm": "daily",
    "/rss/rates_all.xml": "latest",
    "/rss/rates.xml": "main",
}


@dataclass(frozen=True)
class Request:
    """A question that reached the bank.

    `feed` is `"daily"`, `"latest"` (rates_all.xml), `"main"` (rates.xml) or `"other"`; `day`
    the date asked for, where the daily feed was asked for one; `path` is as sent, with its
    query; the names in `headers` are in lower case; `at` is by the bank's clock; `fault` is
    the name of the fault that met it, if one did.
    """

    feed: FeedName
    day: date | None
    path: str
    headers: Mapping[str, str] = field(repr=False)
    at: datetime
    fault: str | None = None


@dataclass(frozen=True)
class Answer:
    """An answer before it is sent. A `Content-Length` is added while sending if it has none."""

    body: bytes = b""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()

    def with_headers(self, headers: Mapping[str, str | None]) -> "Answer":
        """Set headers by name, in any case; `None` takes one away."""
        names = {name.lower() for name in headers}
        kept = [(name, text) for name, text in self.headers if name.lower() not in names]
        new = [(name, text) for name, text in headers.items() if text is not None]
        return replace(self, headers=(*kept, *new))

    def head(self, content_length: int | None) -> bytes:
        """Return the status line and the headers; without a length the connection ends the body."""
        headers = list(self.headers)
        if content_length is None:
            headers.append(("Connection", "close"))
        elif not any(name.lower() == "content-length" for name, _ in headers):
            headers.append(("Content-Length", str(content_length)))
        try:
            phrase = HTTPStatus(self.status).phrase
        except ValueError:
            phrase = ""
        lines = [f"HTTP/1.1 {self.status} {phrase}", *(f"{name}: {text}" for name, text in headers)]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")


def html_page(status: int, title: str) -> Answer:
    """Return a page as a web server makes them."""
    text = (
        f"<!DOCTYPE html>\n<html><head><title>{title}</title></head><body>{title}</body></html>\n"
    )
    return Answer(text.encode(), status, (("Content-Type", "text/html; charset=UTF-8"),))


def feed_of(path: str) -> tuple[FeedName, date | None]:
    """Return which feed a path asks for, and the date that the daily feed is asked for.

    The date is `None` where it is missing or not written as the bank writes dates.
    """
    parts = urlsplit(path)
    feed = _FEEDS.get(parts.path.removeprefix(MOVED), "other")
    if feed != "daily":
        return feed, None
    asked = parse_qs(parts.query).get("fdate", [""])[0]
    if not re.fullmatch(r"[0-9]{2}\.[0-9]{2}\.[0-9]{4}", asked):
        return feed, None
    try:
        return feed, parse_date(asked)
    except ValueError:
        return feed, None
