"""What a sync did."""

import datetime as dt
from collections.abc import Mapping

from pydantic import BaseModel


class SyncReport(BaseModel, frozen=True, extra="forbid"):
    """How much a `sync` fetched for `currencies` from `start` to `end`, both inclusive.

    `days` are those that rates were learned of, `rates` how many, by `requests` to the bank,
    repeated attempts not counted. `holes` are by code the days that stay unknown, which the
    next sync asks for again, and those without a rate between the first and the last known one.
    """

    start: dt.date
    end: dt.date
    currencies: tuple[str, ...]
    days: int
    rates: int
    requests: int
    holes: Mapping[str, tuple[dt.date, ...]]

    __str__ = BaseModel.__repr__

    def __hash__(self) -> int:
        return hash((self.start, self.end, self.currencies, self.days, self.rates, self.requests))
