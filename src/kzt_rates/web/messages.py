"""HTTP without figures: what a request asks for, and what an answer carries.

A parameter is a code, a date, an amount or a word of a list, and never anything else: no URL, no
path, no pattern. One that nobody knows or that comes twice is refused with a sentence.
"""

from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from hashlib import blake2b
from urllib.parse import parse_qsl

from kzt_rates.arithmetic import MAX_PLACES, parse_amount
from kzt_rates.errors import (
    BankUnavailable,
    FeedError,
    KztRatesError,
    Offline,
    RateNotFound,
    StoreError,
    UnknownCurrency,
)
from kzt_rates.web.freshness import NEVER, Freshness
from kzt_rates.web.shapes import FORMS, Form

MAX_CODES = 60
MAX_YEARS = 40
MAX_TARGET_BYTES = 2048
MAX_PARAMETERS = 20
MAX_SECONDS = 30.0  # that one answer may be computed for

# What a header names each form by, the most particular names first.
ACCEPTED: Mapping[Form, tuple[str, ...]] = {
    "json": ("application/json", "text/json", "application/*", "*/*"),
    "csv": ("text/csv", "text/*", "*/*"),
    "ndjson": ("application/x-ndjson", "application/ndjson", "application/*", "*/*"),
}


class Refused(Exception):
    """A request that cannot be answered: an HTTP status and a sentence about the request."""

    def __init__(self, status: int, message: str, **facts: object) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.facts = facts


@dataclass(slots=True)
class Answer:
    """An answer before it is sent: a body, or pieces of one that were not made yet."""

    body: bytes | AsyncIterator[bytes]
    media_type: str
    fresh: Freshness = NEVER
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    modified: datetime | None = None


def etag(body: bytes) -> str:
    """Return the tag of a body: a corrected figure has another one, whatever its date."""
    return f'"{blake2b(body, digest_size=12).hexdigest()}"'


# --- what a request asks for -----------------------------------------------------------------


class Query:
    """The parameters of a request, each named once and known to the route."""

    def __init__(self, query_string: bytes, allowed: Collection[str]) -> None:
        try:
            pairs = parse_qsl(
                query_string.decode("ascii"),
                keep_blank_values=True,
                strict_parsing=bool(query_string),
                errors="strict",
                max_num_fields=MAX_PARAMETERS,
            )
        except ValueError:
            raise Refused(422, "invalid query: write name=value&name=value") from None
        names = [name for name, _ in pairs]
        unknown = sorted({*names} - {*allowed})
        if unknown:
            raise Refused(422, f"unknown parameter: {', '.join(map(shown, unknown))}")
        double = sorted({name for name in names if names.count(name) > 1})
        if double:
            raise Refused(422, f"parameter given twice: {', '.join(double)}")
        self._values = dict(pairs)

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def text(self, name: str) -> str | None:
        """Return a parameter as it came, `None` where it did not."""
        return self._values.get(name)

    def choice(self, name: str, choices: Collection[str], default: str) -> str:
        """Return one of some words."""
        value = self._values.get(name, default)
        if value not in choices:
            listed = ", ".join(choices)
            raise Refused(422, f"invalid {name}: {shown(value)}, write one of {listed}")
        return value

    def code(self, name: str, default: str | None = None) -> str:
        """Return a currency's code in capitals."""
        value = self._values.get(name, default)
        if value is None:
            raise Refused(422, f"missing parameter: {name}")
        return code_of(value)

    def codes(self, name: str, *, valid: bool = True) -> tuple[str, ...] | None:
        """Return codes that are separated by commas, each once, `None` where none are named.

        With `valid=False` what is no code is for the caller to refuse.
        """
        value = self._values.get(name)
        if value is None:
            return None
        parse = code_of if valid else capitals
        found = tuple(dict.fromkeys(map(parse, value.split(","))))
        if len(found) > MAX_CODES:
            raise Refused(422, f"too many currencies: at most {MAX_CODES}, not {len(found)}")
        return found

    def date(self, name: str) -> date | None:
        """Return a date, `None` where none is named."""
        value = self._values.get(name)
        return None if value is None else date_of(value)

    def amount(self, name: str) -> Decimal:
        """Return an amount, one where none is named."""
        try:
            return parse_amount(self._values.get(name, "1"))
        except ValueError as error:
            raise Refused(422, str(error)) from None

    def places(self) -> int | None:
        """Return how many decimals to round to, `None` for all."""
        value = self._values.get("places")
        if value is None:
            return None
        if not (value.isascii() and value.isdigit() and len(value) < 4):
            raise Refused(422, f"invalid places: write 0 to {MAX_PLACES}, not {shown(value)}")
        if int(value) > MAX_PLACES:
            raise Refused(422, f"invalid places: write 0 to {MAX_PLACES}, not {int(value)}")
        return int(value)


def capitals(value: str) -> str:
    """Return a code in capitals, and as it is where its letters are no code's.

    >>> capitals("usd"), capitals("u\u017fd")
    ('USD', 'uſd')
    """
    return value.upper() if value.isascii() else value


def code_of(value: str) -> str:
    """Return a code in capitals; whether anybody knows it is another question."""
    if len(value) != 3 or not (value.isascii() and value.isalpha()):
        raise Refused(422, f"invalid currency: {shown(value)}", code=shown(value))
    return value.upper()


def date_of(value: str) -> date:
    """Return a date written 2026-08-21, and nothing else."""
    digits = value[:4] + value[5:7] + value[8:]
    if len(value) == 10 and value[4] == value[7] == "-" and digits.isascii() and digits.isdigit():
        try:
            return date(int(value[:4]), int(value[5:7]), int(value[8:]))
        except ValueError:
            pass
    raise Refused(422, f"invalid date: write 2026-08-21, not {shown(value)}")


def check_range(start: date, end: date) -> None:
    """Refuse a range that ends before it starts or that is longer than the tenge is old."""
    if end < start:
        raise Refused(422, f"invalid range: {start} to {end} ends before it starts")
    if (end - start).days > 366 * MAX_YEARS:
        raise Refused(422, f"invalid range: at most {MAX_YEARS} years, not {start} to {end}")


def with_ending(name: str) -> tuple[str, Form | None]:
    """Return a name of a path without its ending, and the form that the ending asks for.

    >>> with_ending("2026-08-21.csv"), with_ending("USD")
    (('2026-08-21', 'csv'), ('USD', None))
    """
    stem, _, ending = name.rpartition(".")
    for form in FORMS:
        if ending == form and stem:
            return stem, form
    return name, None


def form_of(accept: str, ending: Form | None) -> Form:
    """Return the form of an answer: that of the path's ending, else the first one accepted.

    >>> form_of("text/csv;q=0.5, application/x-ndjson", None), form_of("text/html, */*;q=0.8", None)
    ('ndjson', 'json')
    """
    if ending is not None:
        return ending
    if not accept.strip():
        return "json"
    listed: dict[str, tuple[float, int]] = {}
    for place, part in enumerate(accept.split(",")):
        kind, *settings = (piece.strip().lower() for piece in part.split(";"))
        weight = next((_weight(s[2:]) for s in settings if s.startswith("q=")), 1.0)
        listed.setdefault(kind, (weight, -place))
    # the most specific name of a form counts: `*/*` does not undo a `;q=0`
    wanted = {
        form: next((listed[kind] for kind in kinds if kind in listed), (0.0, 0))
        for form, kinds in ACCEPTED.items()
    }
    best = max(FORMS, key=lambda form: wanted[form])
    if wanted[best][0] <= 0:
        raise Refused(406, "not acceptable: JSON, CSV and NDJSON are served here")
    return best


def _weight(digits: str) -> float:
    try:
        weight = float(digits) if len(digits) <= 5 else 0.0
    except ValueError:
        return 0.0
    return weight if 0 <= weight <= 1 else 0.0


def shown(value: str) -> str:
    """Return what somebody sent, short and printable, to say it back."""
    return "".join(c if c.isprintable() else "?" for c in value[:20])


# --- what went wrong -------------------------------------------------------------------------


@dataclass(slots=True)
class Problem:
    """An error as each family of routes writes it: status, kind, sentence, facts."""

    status: int
    kind: str
    title: str
    detail: str
    facts: dict[str, object]
    day: date | None = None
    reason: str = ""


# Kinds of problems by their name in `type`, which the page of errors explains.
TITLES = {
    "invalid_request": "The request cannot be answered as it is written",
    "not_acceptable": "The answer is not served in that form",
    "not_found": "There is no such page",
    "method_not_allowed": "Only GET, HEAD and OPTIONS are answered",
    "too_long": "The request is too long",
    "unknown_currency": "The bank publishes no such currency",
    "rate_not_found": "There is no official rate",
    "not_yet": "The rate is not published yet",
    "not_known_here": "The rate is not known here, and the bank is not asked for it",
    "bank_unavailable": "The bank could not be asked",
    "refused": "The bank's figure is not believed",
    "store_error": "The store cannot be read",
    "busy": "The server is busy",
    "internal_error": "The server failed",
}

_OF_STATUS = {404: "not_found", 405: "method_not_allowed", 406: "not_acceptable",
              414: "too_long", 422: "invalid_request", 431: "too_long", 503: "busy"}  # fmt: skip


# What is said of an error that carries no facts for a stranger.
_SENTENCES: tuple[tuple[type[KztRatesError], int, str, str], ...] = (
    (BankUnavailable, 503, "bank_unavailable", "the bank could not be asked just now"),
    (FeedError, 503, "refused", "the bank's answer is not believed; ask again later"),
    (StoreError, 500, "store_error", "the store of rates cannot be read"),
)


def problem_of(error: Exception) -> Problem:
    """Return what an error says to a stranger: nothing of this machine, no URL, no path."""
    if isinstance(error, Refused):
        facts = dict(error.facts)
        kind = str(facts.pop("kind", _OF_STATUS.get(error.status, "invalid_request")))
        return _problem(error.status, kind, error.message, facts)
    if isinstance(error, UnknownCurrency):
        facts = {"code": error.code, "suggestions": list(error.suggestions)}
        return _problem(404, "unknown_currency", f"no such currency: {error.code}", facts)
    if isinstance(error, RateNotFound):
        facts = {"reason": error.reason, **_facts(error), "successor": error.successor}
        found = _problem(404, "rate_not_found", str(error), facts)
        found.day, found.reason = error.date, error.reason
        return found
    if isinstance(error, Offline):
        what = "the latest sheet"
        if error.date is None and error.code is not None:
            what = f"{error.code} of any day"
        elif error.date is not None:
            what = f"{error.code or 'the sheet'} of {error.date}"
        detail = f"{what} is not known here{_known(error)}"
        return _problem(503, "not_known_here", detail, _facts(error))
    for kind_of_error, status, kind, sentence in _SENTENCES:
        if isinstance(error, kind_of_error):
            facts = _facts(error) if isinstance(error, BankUnavailable | FeedError) else {}
            return _problem(status, kind, f"{sentence}{_known(error)}", facts)
    return _problem(500, "internal_error", "the server failed; its log has the reason", {})


def _known(error: KztRatesError) -> str:
    """Return the nearest days for which there is an answer, as far as an error knows them."""
    near = " and ".join(day.isoformat() for day in getattr(error, "nearest", ()) if day)
    return f"; the nearest known: {near}" if near else ""


def _facts(error: RateNotFound | Offline | BankUnavailable | FeedError) -> dict[str, object]:
    nearest = [None if day is None else day.isoformat() for day in error.nearest]
    day = None if error.date is None else error.date.isoformat()
    return {"code": error.code, "date": day, "nearest": nearest}


def _problem(status: int, kind: str, detail: str, facts: dict[str, object]) -> Problem:
    return Problem(status, kind, TITLES[kind], detail, facts)
