"""A sheet: all official rates of one effective date."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Literal, Self, TypeVar, overload

from pydantic import BaseModel, PrivateAttr, model_validator

from kzt_rates.currency import FACTS, exists_on, parse_code, quoted_on, unknown, why_not_on
from kzt_rates.errors import RateNotFound
from kzt_rates.figures import KZT, Day
from kzt_rates.models.rate import Rate, derived, published_fields
from kzt_rates.models.tables import SheetTables
from kzt_rates.ticker import TICKER_CODES, ticker_line
from kzt_rates.typing import Amount, Language, Reason

T = TypeVar("T")


class RateSheet(SheetTables, BaseModel, Mapping[str, Rate], frozen=True, extra="forbid"):
    """The rates of one effective date: a mapping from code to `Rate`, in order of code.

    `date` is the day they are official for, `requested_date` the day that was asked for.
    `complete`: the bank's whole sheet is here, or named in `refused` with the reason why it is
    not believed. A code that it lacks although the bank quotes it is unknown: `kzt_rates.rate`
    asks for it. `source` is `"archive"`, `"cache"` or `"bank"`; `fetched_at` the moment the bank
    gave them, aware, `None` for the archive. These two are not part of equality.

    Subscripting takes codes in any case and raises `RateNotFound` or `UnknownCurrency`; `get`
    and `in` never raise. The tenge itself is there as 1, and is not iterated.

    >>> import kzt_rates
    >>> sheet = kzt_rates.sheet("2025-12-05")
    >>> sheet["uzs"].value, sheet["uzs"].nominal
    (Decimal('4.22'), 100)
    >>> len(sheet), "usd" in sheet
    (39, True)
    """

    date: dt.date
    requested_date: dt.date
    complete: bool
    provisional: bool
    source: Literal["archive", "cache", "bank"]
    fetched_at: dt.datetime | None
    refused: Mapping[str, str]
    rates: tuple[Rate, ...]

    @property
    def carried(self) -> bool:
        """Whether an earlier day's sheet answers for the day that was asked for."""
        return self.date != self.requested_date

    def convert(
        self, amount: "Amount", base: str, quote: str = KZT, places: int | None = None
    ) -> Decimal:
        """Return an amount of `base` in units of `quote` at this sheet's rates.

        Raises as subscripting does, and `TypeError` or `ValueError` for what is not an amount.

        >>> import kzt_rates
        >>> kzt_rates.sheet("2025-12-05").convert(100, "usd", "eur", places=2)
        Decimal('85.72')
        """
        legs = tuple(self[code] for code in (base, quote) if parse_code(code) != KZT)
        cross = derived(parse_code(base), parse_code(quote), legs, self.date, self.requested_date)
        return cross.convert(amount, places)

    def ticker(
        self, codes: Iterable[str] = TICKER_CODES, *, language: "Language | None" = None
    ) -> str:
        """Return the line that news sites carry: tenge for each currency's sign, two decimals.

        Where a currency is not quoted for one unit, its nominal stands before the sign.
        `language`, `"en"`, `"ru"` or `"kk"`, sets groups of three apart, and in the latter two
        a comma before the decimals. Raises as subscripting does.

        >>> import kzt_rates
        >>> kzt_rates.sheet("2025-12-05").ticker(["USD", "AMD"])
        '(05.12.2025) $ 499.65 ₸ 10 ֏ 13.14 ₸'
        >>> kzt_rates.sheet("2025-12-05").ticker(["USD"], language="ru")
        '(05.12.2025) $ 499,65 ₸'
        """
        return ticker_line(
            self.date,
            [(rate.base, rate.value, rate.nominal) for rate in map(self.__getitem__, codes)],
            language,
        )

    @overload
    def get(self, key: str, /) -> Rate | None: ...
    @overload
    def get(self, key: str, /, default: Rate | T) -> Rate | T: ...
    def get(self, key: str, /, default: Rate | T | None = None) -> Rate | T | None:
        """Return the rate of a code, or the default; never raises."""
        try:
            return self[key]
        except (LookupError, TypeError):
            return default

    def __getitem__(self, key: str) -> Rate:
        code = parse_code(key)
        found = self._find(code)
        if found is not None:
            return found
        if code in self.refused:
            why, reason = f"the bank's figure was refused: {self.refused[code]}", "refused"
        elif not exists_on(code, self.date):
            why, reason = why_not_on(code, self.date), "no_such_unit"
        elif code in FACTS and self._says_none(code):
            why, reason = "it is not on the bank's sheet", "none_published"
        elif code in FACTS:
            why, reason = "this sheet lacks it, kzt_rates.rate() asks for it", "not_available_here"
        else:
            raise unknown(code, also=self)
        message = f"no official rate of {code} for {self.date}: {why}"
        raise RateNotFound(message, code=code, date=self.date, reason=reason)

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and key.isascii() and self._find(key.upper()) is not None

    def __iter__(self) -> Iterator[str]:  # type: ignore[override]  # a mapping, not pairs of fields
        return iter([rate.base for rate in self.rates])

    def __len__(self) -> int:
        return len(self.rates)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RateSheet):
            return NotImplemented
        return self._identity() == other._identity() and self.refused == other.refused

    def __hash__(self) -> int:
        return hash(self._identity())

    def __repr__(self) -> str:
        carried = f" for {self.requested_date}" if self.carried else ""
        marks = "" if self.complete else ", incomplete"
        marks += ", provisional" if self.provisional else ""
        return f"<RateSheet {self.date}{carried}, {len(self)} rates{marks}, from the {self.source}>"

    __str__ = __repr__

    def _repr_html_(self) -> str:
        from kzt_rates.models.html import sheet_html

        return sheet_html(self)

    def _find(self, code: str) -> Rate | None:
        if code == KZT:
            return derived(KZT, KZT, (), self.date, self.requested_date)
        return next((rate for rate in self.rates if rate.base == code), None)

    def _says_none(self, code: str) -> bool:
        """Whether the bank set none: its whole sheet lacks a code that is not expected on it."""
        return self.complete and not self.provisional and code not in quoted_on(self.date)

    def _identity(self) -> tuple[object, ...]:
        return (self.date, self.requested_date, self.complete, self.provisional, self.rates)

    @model_validator(mode="after")
    def _one_date_and_no_code_twice(self) -> Self:
        dates = {(rate.effective_date, rate.requested_date) for rate in self.rates}
        if not dates <= {(self.date, self.requested_date)}:
            raise ValueError("a rate is of another date than its sheet")
        if len({rate.base for rate in self.rates}) != len(self.rates):
            raise ValueError("a code is there twice")
        return self


class WatchedSheet(RateSheet, frozen=True, extra="forbid"):
    """A sheet that a watch gave: equal to the same sheet without `reason` and `before`.

    `reason` is why it was given: `"published"`, the first sheet of a date; `"corrected"`, a
    figure is another than before, is new or is gone; `"final"`, no figure will be set otherwise
    any more. `before` is the sheet given before it, or the one from which the watch started.
    Neither is dumped with the fields, so that what was dumped is read as a `RateSheet`.
    """

    _reason: Reason = PrivateAttr()
    _before: RateSheet = PrivateAttr()

    @property
    def reason(self) -> Reason:
        """Why the sheet was given: `"published"`, `"corrected"` or `"final"`."""
        return self._reason

    @property
    def before(self) -> RateSheet:
        """The sheet given before this one, or the one from which the watch started."""
        return self._before


def watched_sheet(day: Day, reason: Reason, before: Day) -> WatchedSheet:
    """Make the sheet that a watch gives."""
    sheet = WatchedSheet.model_validate(_fields(day, day.date))
    # it is not anybody's yet, and what is private is no part of what is frozen
    sheet._reason = reason  # type: ignore[misc]  # noqa: SLF001
    sheet._before = sheet_of(before, before.date)  # type: ignore[misc]  # noqa: SLF001
    return sheet


def sheet_of(day: Day, requested: dt.date) -> RateSheet:
    """Make the sheet of what is known of a day."""
    return RateSheet.model_validate(_fields(day, requested))


def _fields(day: Day, requested: dt.date) -> dict[str, Any]:
    return {
        "date": day.date,
        "requested_date": requested,
        "complete": day.complete,
        "provisional": day.has_provisional(),
        "source": day.source,
        "fetched_at": day.fetched_at,
        "refused": {code: refusal.reason for code, refusal in day.refused.items()},
        "rates": tuple(
            published_fields(code, figure, day.date, requested)
            for code, figure in sorted(day.figures.items())
        ),
    }
