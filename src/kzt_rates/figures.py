"""What the bank said, as light values: a figure, and all that is known of one day.

They travel between the feeds, the store and the plans. They are plain classes and not
pydantic models because a conversion from the archive must not wait for pydantic.
"""

from decimal import Decimal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date, datetime
    from typing import Literal, TypeVar

    K = TypeVar("K", bound=str)
    Feed = Literal["daily", "latest", "export", "archive"]
    Source = Literal["archive", "cache", "bank"]

    # One figure of a series, without the rest: day, value, nominal, whether it is final.
    Entry = tuple[date, Decimal, int, bool]

KZT = "KZT"

# What the feeds can print, 15 digits before the point and 10 after it, is far beyond any rate.
MAX_VALUE_CHARACTERS = 26
MAX_NOMINAL = 10**9 - 1

# Feeds whose answer holds every code of its day. The export's answer holds what was asked for.
WHOLE_FEEDS = ("daily", "latest")


class Figure:
    """One currency's official figure on one day, with the digits as published."""

    __slots__ = ("change", "feed", "fetched_at", "final", "name", "nominal", "source", "value")

    def __init__(
        self,
        value: str,
        nominal: int,
        change: "str | None" = None,
        name: "str | None" = None,
        *,
        feed: "Feed" = "daily",
        final: bool = True,
        fetched_at: "datetime | None" = None,
        source: "Source" = "bank",
    ) -> None:
        self.value = value
        self.nominal = nominal
        self.change = change
        self.name = name
        self.feed: Feed = feed
        self.final = final
        self.fetched_at = fetched_at
        self.source: Source = source

    def same_as(self, other: "Figure") -> bool:
        """Say whether two figures are the same number for the same nominal, however written."""
        return self.nominal == other.nominal and Decimal(self.value) == Decimal(other.value)

    def outlives_a_sheet(self) -> bool:
        """Say whether a newer sheet without its code takes nothing away from this figure."""
        return self.final and self.feed not in WHOLE_FEEDS

    def __repr__(self) -> str:
        state = "final" if self.final else "provisional"
        return f"<Figure {self.value} per {self.nominal}, {state}, from the {self.source}>"


class Day:
    """What is known of one effective date.

    `complete`: every code the bank published for it is in `figures` or in `refused`.
    `silences`: which feed said it has no rate for this date, and when it said so.
    `blanks`: for which codes the range export has none on this date, and when it said so.
    """

    __slots__ = (
        "blanks",
        "complete",
        "date",
        "fetched_at",
        "figures",
        "final",
        "refused",
        "silences",
        "source",
    )

    def __init__(
        self,
        date: "date",
        figures: "dict[str, Figure] | None" = None,
        *,
        complete: bool = False,
        final: bool = False,
        fetched_at: "datetime | None" = None,
        source: "Source" = "bank",
        refused: "dict[str, str] | None" = None,
        silences: "dict[Feed, datetime] | None" = None,
        blanks: "dict[str, datetime] | None" = None,
    ) -> None:
        self.date = date
        self.figures = {} if figures is None else figures
        self.complete = complete
        self.final = final
        self.fetched_at = fetched_at
        self.source: Source = source
        self.refused = {} if refused is None else refused
        self.silences = {} if silences is None else silences
        self.blanks = {} if blanks is None else blanks

    def over(self, other: "Day") -> "Day":
        """Lay what is known of the day here over what is known elsewhere.

        The complete one is believed first; a final figure is never lost to a provisional one.
        """
        if other.complete and not self.complete:
            return other.over(self)
        figures = {**other.figures, **self.figures}
        for code, figure in other.figures.items():
            if figure.final and not figures[code].final:
                figures[code] = figure
        source = self.source
        if not self.complete and any(figure.source != "archive" for figure in figures.values()):
            source = "cache"
        return Day(
            self.date,
            figures,
            complete=self.complete,
            final=self.final,
            fetched_at=self.fetched_at,
            source=source,
            refused={code: why for code, why in self.refused.items() if code not in figures},
            silences=_newest(self.silences, other.silences),
            blanks=_newest(self.blanks, other.blanks),
        )

    def renewing(self, known: "Day") -> "Day":
        """Return a whole sheet that just came, with what it takes nothing away from."""
        others = {
            code: figure
            for code, figure in known.figures.items()
            if code not in self.figures and figure.outlives_a_sheet()
        }
        return Day(
            self.date,
            {**self.figures, **others},
            complete=self.complete,
            final=self.final,
            fetched_at=self.fetched_at,
            source=self.source,
            refused={code: why for code, why in self.refused.items() if code not in others},
            blanks=known.blanks,
        )

    def filling(self, known: "Day") -> "Day":
        """Return what was known, with the figures that the range export just added to it."""
        figures = {**known.figures, **self.figures}
        return Day(
            self.date,
            figures,
            complete=known.complete,
            final=known.final,
            fetched_at=self.fetched_at,
            source=self.source,
            refused={
                code: why
                for code, why in {**known.refused, **self.refused}.items()
                if code not in figures
            },
            silences=known.silences,
            blanks={**known.blanks, **self.blanks},
        )

    def without(self, *, final: bool, but: "Collection[str]" = ()) -> "Day":
        """Return an incomplete day without provisional figures, and with `final` without any.

        Codes that are named after `but` stay.
        """
        kept = {
            code: figure
            for code, figure in self.figures.items()
            if code in but or (figure.final and not final)
        }
        return Day(
            self.date,
            kept,
            fetched_at=self.fetched_at,
            source=self.source,
            refused=self.refused,
            silences=self.silences,
            blanks=self.blanks,
        )

    def has_final(self) -> bool:
        """Say whether anything is known for certain."""
        return any(figure.final for figure in self.figures.values())

    def has_provisional(self) -> bool:
        """Say whether anything may still be set otherwise."""
        return any(not figure.final for figure in self.figures.values())

    def __repr__(self) -> str:
        extent = "complete" if self.complete else "incomplete"
        return f"<Day {self.date}, {len(self.figures)} figures, {extent}>"


def _newest(marks: "dict[K, datetime]", others: "dict[K, datetime]") -> "dict[K, datetime]":
    """Return the newest hour of each mark."""
    return {
        key: max(part[key] for part in (marks, others) if key in part) for key in {*marks, *others}
    }
