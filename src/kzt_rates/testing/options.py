"""What can be said about a fault, and what a fault knows of the question it meets."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypedDict

from kzt_rates.typing import DateLike


class FaultOptions(TypedDict, total=False):
    """Options of `StandInBank.fail`; each fault takes those that its entry in FAULTS names.

    `None` for a `value` or a `nominal` leaves the element out, or the cell blank.
    """

    status: int
    retry_after: int | str
    location: str
    target: str
    size: int
    every: float
    seconds: float
    code: str
    value: str | None
    nominal: str | None
    date: "DateLike"
    keep: int
    skew: timedelta
    text: str


@dataclass(frozen=True)
class Circumstances:
    """The path asked for, the bank's port, and which day it is in Kazakhstan by its clock."""

    path: str
    port: int
    today: date
