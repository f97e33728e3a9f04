"""What the bank said, as light values: a figure, and all that is known of one day.

They travel between the feeds, the store and the plans. They are plain classes and not
pydantic models because a conversion from the archive must not wait for pydantic.
"""

from datetime import date
from decimal import Decimal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any, Literal

    Feed = Literal["daily", "latest", "export", "archive"]
    Source = Literal["archive", "cache", "bank"]

# One figure of a series, without the rest: day, value, nominal, whether it is final.
Entry = tuple[date, Decimal, int, bool]

KZT = "KZT"

# What the feeds can print, 15 digits before the point and 10 after it, is far beyond any rate.
MAX_VALUE_CHARACTERS = 26
MAX_NOMINAL = 10**9 - 1

# Feeds whose answer is a sheet: every code of its day. The export's has what was asked for.
SHEET_FEEDS = ("daily", "latest")


class Figure:
    """One currency's official figure on one day, with the digits as published.

    `final`: the day had come when the bank printed it. `refreshed`: a user's `refresh` brought
    it, so it counts before what the packaged archive has.
    """

    __slots__ = (
        "change",
        "feed",
        "fetched_at",
        "final",
        "name",
        "nominal",
        "refreshed",
        "source",
        "value",
    )

    def __init__(
        self,
        value: str,
        nominal: int,
        change: "str | None" = None,
        name: "str | None" = None,
        *,
        feed: "Feed",
        final: bool,
        fetched_at: "datetime | None" = None,
        source: "Source" = "bank",
        refreshed: bool = False,
    ) -> None:
        self.value = value
        self.nominal = nominal
        self.change = change
        self.name = name
        self.feed: Feed = feed
        self.final = final
        self.fetched_at = fetched_at
        self.source: Source = source
        self.refreshed = refreshed

    def same_as(self, other: "Figure") -> bool:
        """Whether two figures are the same number for the same nominal, however written."""
        return self.nominal == other.nominal and (
            self.value == other.value or Decimal(self.value) == Decimal(other.value)
        )

    def replace(self, **changes: "Any") -> "Figure":
        """Return a copy with some fields changed."""
        fields = {name: getattr(self, name) for name in Figure.__slots__}
        return Figure(**{**fields, **changes})

    def __repr__(self) -> str:
        state = "final" if self.final else "provisional"
        return f"<Figure {self.value} per {self.nominal}, {state}, from the {self.source}>"


class Received:
    """When an answer came, and the last date whose figures are final in it."""

    __slots__ = ("at", "final_until")

    def __init__(self, at: "datetime", final_until: "date") -> None:
        self.at = at
        self.final_until = final_until


class Refusal:
    """Why the bank's figure of a code on a day was refused, and when."""

    __slots__ = ("at", "reason")

    def __init__(self, reason: str, at: "datetime") -> None:
        self.reason = reason
        self.at = at

    def __repr__(self) -> str:
        return f"<Refusal {self.reason}>"


class Listing:
    """The codes that a feed's sheet of a date listed, refused ones too, and when it came."""

    __slots__ = ("at", "codes")

    def __init__(self, codes: "frozenset[str]", at: "datetime") -> None:
        self.codes = codes
        self.at = at

    def __repr__(self) -> str:
        return f"<Listing of {len(self.codes)} codes>"


class Day:
    """What is known of one effective date; it is not changed while it travels.

    `complete`: the codes of the date are known, and what is not here was not expected;
    `final`: the sheet that made it complete was final. `refused`: figures that came and are not
    believed. `silences`: which feed said that it has no rate for this date, and when.
    `blanks`: for which codes the range export has an empty cell, and when it came. `absent`:
    for which codes the export was asked and had no row of this date, which tells nothing.
    `listings`: the codes of each feed's last sheet of this date.
    """

    __slots__ = (
        "absent",
        "blanks",
        "complete",
        "date",
        "fetched_at",
        "figures",
        "final",
        "listings",
        "refused",
        "silences",
        "source",
    )

    def __init__(
        self,
        date: "date",
        figures: "Mapping[str, Figure] | None" = None,
        *,
        complete: bool = False,
        final: bool = False,
        fetched_at: "datetime | None" = None,
        source: "Source" = "bank",
        refused: "Mapping[str, Refusal] | None" = None,
        silences: "Mapping[Feed, datetime] | None" = None,
        blanks: "Mapping[str, datetime] | None" = None,
        absent: "Mapping[str, datetime] | None" = None,
        listings: "Mapping[Feed, Listing] | None" = None,
    ) -> None:
        self.date = date
        self.figures: Mapping[str, Figure] = {} if figures is None else figures
        self.complete = complete
        self.final = final
        self.fetched_at = fetched_at
        self.source: Source = source
        self.refused: Mapping[str, Refusal] = {} if refused is None else refused
        self.silences: Mapping[Feed, datetime] = {} if silences is None else silences
        self.blanks: Mapping[str, datetime] = {} if blanks is None else blanks
        self.absent: Mapping[str, datetime] = {} if absent is None else absent
        self.listings: Mapping[Feed, Listing] = {} if listings is None else listings

    def replace(self, **changes: "Any") -> "Day":
        """Return a copy with some fields changed."""
        fields = {name: getattr(self, name) for name in Day.__slots__}
        return Day(**{**fields, **changes})

    def has_final(self) -> bool:
        """Whether anything is known for certain."""
        return any(figure.final for figure in self.figures.values())

    def has_provisional(self) -> bool:
        """Whether anything may still be set otherwise."""
        return any(not figure.final for figure in self.figures.values())

    def __repr__(self) -> str:
        extent = "complete" if self.complete else "incomplete"
        return f"<Day {self.date}, {len(self.figures)} figures, {extent}>"
