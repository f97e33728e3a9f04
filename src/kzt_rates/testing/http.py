"""One question to the stand-in bank, and one answer."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from http import HTTPStatus
from typing import Literal, NamedTuple, get_args
from urllib.parse import parse_qs, urlsplit

from kzt_rates.dates import parse_date
from kzt_rates.printing.workbook import CODES

FeedName = Literal["daily", "latest", "main", "export", "other"]
EVERY_FEED: tuple[FeedName, ...] = get_args(FeedName)
XML_FEEDS: tuple[FeedName, ...] = ("daily", "latest", "main")

# Where the redirecting faults send a client on this same server.
MOVED = "/moved"
LOOP = "/loop"

_FEEDS: dict[str, FeedName] = {
    "/rss/get_rates.cfm": "daily",
    "/rss/rates_all.xml": "latest",
    "/rss/rates.xml": "main",
    "/ru/exchangerates/ezhednevnye-oficialnye-rynochnye-kursy-valyut/excel": "export",
}
_CODES = {str(number): code for number, code in CODES.items()}
_bank_date = re.compile(r"[0-9]{2}\.[0-9]{2}\.[0-9]{4}")


@dataclass(frozen=True)
class Request:
    """A question that reached the bank.

    `feed` is `"daily"`, `"latest"` (rates_all.xml), `"main"` (rates.xml), `"export"` or
    `"other"`; `day` the date asked for, where the daily feed was asked for one; `path` is as
    sent, with its query; the names in `headers` are in lower case; `at` is by the bank's
    clock; `fault` is the name of the fault that met it, if one did. `start`, `end` and `codes`
    are what the export was asked for, with the export's names for the codes, in the order
    asked; they are `None` or `()` where that is missing or cannot be read, and for the other
    feeds. The `day` of an export is `None`, also where its range is one day.
    """

    feed: FeedName
    day: date | None
    path: str
    headers: Mapping[str, str] = field(repr=False)
    at: datetime
    fault: str | None = None
    start: date | None = None
    end: date | None = None
    codes: tuple[str, ...] = ()

    def asks_for(self, day: date) -> bool:
        """Say whether it asks for this date, alone or within a range."""
        if self.start is not None and self.end is not None:
            return self.start <= day <= self.end
        return self.day == day


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


class Question(NamedTuple):
    """What a path asks for; see `Request`. `whole` is a question that can be answered."""

    feed: FeedName
    day: date | None = None
    start: date | None = None
    end: date | None = None
    codes: tuple[str, ...] = ()
    whole: bool = True


def question_of(path: str) -> Question:
    """Read a path. What is missing or not written as the bank writes it is `None` or left out."""
    parts = urlsplit(path)
    feed = _FEEDS.get(parts.path.removeprefix(MOVED), "other")
    if feed not in ("daily", "export"):
        return Question(feed)
    asked = parse_qs(parts.query, keep_blank_values=True)
    if feed == "daily":
        day = _date(asked.get("fdate", []))
        return Question(feed, day, whole=day is not None)
    start, end = _date(asked.get("beginDate", [])), _date(asked.get("endDate", []))
    numbers = asked.get("rates[]", [])
    codes = [_CODES[number] for number in numbers if number in _CODES]
    known = 0 < len(codes) == len(numbers) == len(set(codes))
    forwards = start is not None and end is not None and start <= end
    return Question(feed, None, start, end, tuple(codes), known and forwards)


def _date(texts: list[str]) -> date | None:
    if len(texts) != 1 or not _bank_date.fullmatch(texts[0]):
        return None
    try:
        return parse_date(texts[0])
    except ValueError:
        return None
