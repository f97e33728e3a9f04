"""Small values: a currency, a point, a change, a report of a sync, a status."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, NamedTuple

from pydantic import BaseModel


class Point(NamedTuple):
    """A date and a figure; equal to a plain pair of them."""

    date: date
    value: Decimal


class Change(NamedTuple):
    """How a rate moved between two sheets; equal to a plain pair.

    `difference` is in tenge for the nominal of the later sheet, as `Rate.change` is; `percent`
    is in percent of the earlier rate. Both are exact where they terminate, else rounded to 28
    significant digits.
    """

    difference: Decimal
    percent: Decimal


class Currency(BaseModel, frozen=True, extra="forbid"):
    """One currency the bank publishes or has published.

    `symbol` is its sign, or its code where it has none of its own. `nominal` is the lot its
    value is quoted for now, or was last; `None` for a code this version does not know.
    `first` and `last` are the first and last effective date known here, in archive and cache.
    `successor` is the code that took its place.

    >>> import kzt_rates
    >>> {currency.code: currency for currency in kzt_rates.currencies()}["AMD"].name_en
    'Armenian dram'
    """

    code: str
    symbol: str
    name_ru: str | None
    name_kk: str | None
    name_en: str | None
    nominal: int | None
    first: date | None
    last: date | None
    successor: str | None


class SyncReport(BaseModel, frozen=True, extra="forbid"):
    """How much a `sync` fetched for `currencies` from `start` to `end`, both inclusive.

    `days` are those that got rates, `rates` how many, by `requests` to the bank,
    repeated attempts not counted. `holes` are by code the days that stay unknown, which the
    next sync asks for again, and those without a rate between the first and the last known one.
    """

    start: date
    end: date
    currencies: tuple[str, ...]
    days: int
    rates: int
    requests: int
    holes: Mapping[str, tuple[date, ...]]

    __str__ = BaseModel.__repr__

    def __hash__(self) -> int:
        return hash((self.start, self.end, self.currencies, self.days, self.rates, self.requests))


class FeedStatus(BaseModel, frozen=True, extra="forbid"):
    """When a feed of the bank last answered, and when and why it last failed.

    `last_success` is when it last gave an answer that could be read, `last_error_at` when it
    last could not be had or was not believed, and `last_error` why; `None` where that never was.
    """

    last_success: datetime | None = None
    last_error_at: datetime | None = None
    last_error: str | None = None


class Status(BaseModel, frozen=True, extra="forbid"):
    """How fresh the packaged archive and the cache are.

    `today` is the date in Kazakhstan. `newest_complete` is the newest day whose whole sheet is
    known, `newest_asked` the date of the newest sheet when the bank was last asked for it, at
    `asked_at`. `archive_end` is the last complete day of the archive. `missed` are the days
    after it, up to today, that a sync or a sheet would still ask for; without an archive, those
    after the first complete day.

    `feeds` has a `FeedStatus` for `"latest"`, `"daily"` and `"export"`: what this client met
    since it was made. The cache does not keep it, but for the last answer of `"latest"`.
    """

    today: date
    newest_complete: date | None
    newest_asked: date | None
    asked_at: datetime | None
    archive_end: date | None
    missed: tuple[date, ...]
    feeds: Mapping[Literal["latest", "daily", "export"], FeedStatus]

    __str__ = BaseModel.__repr__

    def __hash__(self) -> int:
        return hash((self.today, self.newest_complete, self.asked_at, self.archive_end))
