"""What a fault of the stand-in bank is, and how one is declared: where it is written.

    @on_document("leaves the dollar out")
    def no_usd(document, options, around):
        ...

`StandInBank.fail` takes such a fault itself, or the name of one of the package's own.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from types import FunctionType
from typing import Literal, TypedDict

from kzt_rates.dates import date_in_kazakhstan
from kzt_rates.printing import Document, Export, Sheet
from kzt_rates.testing.http import EVERY_FEED, EXPORT_FEED, XML_FEEDS, FeedName, Line, Response
from kzt_rates.testing.sheets import Publications
from kzt_rates.typing import DateLike

# What a sheet that lies says of its changes: what the true figures said, what fits the false
# ones beside the published day before, or nothing.
Changes = Literal["kept", "fitted", "empty"]


class FaultOptions(TypedDict, total=False):
    """Options of `StandInBank.fail`; each fault takes those that its entry in FAULTS names.

    `None` for a `value`, a `nominal` or a `change` leaves the element out, or the cell
    blank. `codes` is one code or several. `start` and `end` are both inclusive.
    """

    status: int
    retry_after: int | str
    location: str
    target: str
    size: int
    every: float
    seconds: float
    code: str
    codes: str | Collection[str]
    value: str | None
    nominal: str | None
    change: str | None
    changes: Changes
    factor: str | int | Decimal
    by: str | int | Decimal
    sheet: Sheet
    date: DateLike
    start: DateLike
    end: DateLike
    days: int
    keep: int
    elements: Collection[str]
    skew: timedelta
    text: str


@dataclass(frozen=True)
class Circumstances:
    """What was asked for, the bank's port, its clock, and what it has published."""

    feed: FeedName
    path: str
    port: int
    now: datetime
    published: Publications

    @property
    def today(self) -> date:
        return date_in_kazakhstan(self.now)


OnDocument = Callable[[Document, FaultOptions, Circumstances], Document]
OnExport = Callable[[Export, FaultOptions, Circumstances], Export]
OnAnswer = Callable[[Response, FaultOptions, Circumstances], Response]
OnLine = Callable[[Line, Response, FaultOptions], None]


@dataclass(frozen=True)
class Fault:
    """A fault: what the bank does, and which options of `fail` shape it.

    It takes hold of the document (the export has one of its own), of the bytes and headers,
    or of the way they are sent. `feeds` are those it can happen to. A `lie` is well-formed, and
    its figures, dates or codes are not the true ones.
    """

    name: str
    does: str
    options: tuple[str, ...] = ()
    feeds: tuple[FeedName, ...] = EVERY_FEED
    lie: bool = False
    document: OnDocument | None = field(default=None, repr=False)
    export: OnExport | None = field(default=None, repr=False)
    answer: OnAnswer | None = field(default=None, repr=False)
    wire: OnLine | None = field(default=None, repr=False)

    def check(self, options: FaultOptions) -> None:
        """Raise `TypeError` for an option that this fault does not take."""
        strange = sorted(options.keys() - set(self.options))
        if strange:
            takes = ", ".join(self.options) or "none"
            raise TypeError(f"the fault {self.name!r} has no option {strange[0]!r}; it has {takes}")

    def in_export(self, does: str = "", *options: str) -> "Callable[[OnExport], Fault]":
        """Declare what this fault of the daily feed and the RSS is in the export; `does` adds."""
        return lambda alter: replace(
            self,
            does=f"{self.does}; in the export {does}" if does else self.does,
            options=tuple(dict.fromkeys([*self.options, *options])),
            feeds=(*self.feeds, *EXPORT_FEED),
            export=alter,
        )


def on_document(
    does: str, *options: str, feeds: tuple[FeedName, ...] = XML_FEEDS, lie: bool = False
) -> Callable[[OnDocument], Fault]:
    """Declare a fault of what the daily feed or the RSS says."""
    return lambda alter: Fault(_name(alter), does, options, feeds, lie, document=alter)


def on_export(does: str, *options: str, lie: bool = False) -> Callable[[OnExport], Fault]:
    """Declare a fault of what the range export says."""
    return lambda alter: Fault(_name(alter), does, options, EXPORT_FEED, lie, export=alter)


def on_answer(
    does: str, *options: str, feeds: tuple[FeedName, ...] = EVERY_FEED, lie: bool = False
) -> Callable[[OnAnswer], Fault]:
    """Declare a fault of status, headers or bytes."""
    return lambda alter: Fault(_name(alter), does, options, feeds, lie, answer=alter)


def on_line(does: str, *options: str) -> Callable[[OnLine], Fault]:
    """Declare a fault of the way an answer is sent."""
    return lambda alter: Fault(_name(alter), does, options, wire=alter)


def codes_of(options: FaultOptions, *default: str) -> tuple[str, ...]:
    """Return the codes that are meant: one may be given as a text."""
    codes = options.get("codes", default)
    return (codes,) if isinstance(codes, str) else tuple(codes)


def _name(function: object) -> str:
    assert isinstance(function, FunctionType)
    return function.__name__
