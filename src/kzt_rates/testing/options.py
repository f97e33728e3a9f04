"""What can be said about a fault, and what a fault knows of the question it meets."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, TypedDict

from kzt_rates.dates import date_in_kazakhstan
from kzt_rates.typing import DateLike

if TYPE_CHECKING:
    from kzt_rates.printing.xml import Sheet
    from kzt_rates.testing.http import FeedName
    from kzt_rates.testing.published import Gazette

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
    sheet: "Sheet"
    date: "DateLike"
    start: "DateLike"
    end: "DateLike"
    days: int
    keep: int
    elements: Collection[str]
    skew: timedelta
    text: str


@dataclass(frozen=True)
class Circumstances:
    """What was asked for, the bank's port, its clock, and what it has published."""

    feed: "FeedName"
    path: str
    port: int
    now: datetime
    gazette: "Gazette"

    @property
    def today(self) -> date:
        return date_in_kazakhstan(self.now)
