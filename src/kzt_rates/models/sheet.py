"""A sheet: all official rates of one effective date."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from importlib import import_module
from typing import Annotated, Any, Self, TypeVar, overload

from pydantic import AfterValidator, BaseModel, PrivateAttr, model_validator

from kzt_rates.arithmetic import parse_amount, rounded
from kzt_rates.currency import (
    FACTS,
    exists_on,
    is_code,
    parse_code,
    quoted_on,
    symbol_of,
    unknown,
    why_not_on,
)
from kzt_rates.dates import ONE_DAY, parse_date
from kzt_rates.errors import RateNotFound
from kzt_rates.feed import DAILY_STARTS, export_id
from kzt_rates.figures import KZT, Day
from kzt_rates.models.rate import (
    BANKS_SOURCES,
    LARGEST_NOMINAL,
    LARGEST_VALUE,
    SMALLEST_VALUE,
    Rate,
    derived,
    own_source,
    published_fields,
    signed_text,
)
from kzt_rates.models.values import Change
from kzt_rates.money import TICKER_CODES, name_in, parse_language, rate_text, ticker_line
from kzt_rates.tables import Column, ColumnType, Table
from kzt_rates.tables.files import text_of
from kzt_rates.tables.frames import Tabular
from kzt_rates.typing import Amount, DateLike, Language, Reason

T = TypeVar("T")

CSV_COLUMNS = ("currency", "nominal", "value", "per_unit", "change")  # without the name
_COLUMNS: dict[str, ColumnType] = {
    "currency": "text", "nominal": "whole", "value": "figure", "per_unit": "figure",
    "change": "figure", "name": "text",
}  # fmt: skip


def _any_source(name: str) -> str:
    return name if name in BANKS_SOURCES else own_source(name)


class RateSheet(Tabular, BaseModel, Mapping[str, Rate], frozen=True, extra="forbid"):
    """The rates of one effective date: a mapping from code to `Rate`, in order of code.

    `date` is the day they are official for, `requested_date` the day that was asked for.
    `complete`: the bank's whole sheet is here, or named in `refused` with the reason why it is
    not believed. A code that it lacks although the bank quotes it is unknown: `kzt_rates.rate`
    asks for it. `source` is `"archive"`, `"cache"` or `"bank"`; `fetched_at` the moment the bank
    gave them, aware, `None` for the archive. These two are not part of equality. A sheet of
    `kzt_rates.sheet_of` has a source of one's own, and equals none of the bank's.

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
    source: Annotated[str, AfterValidator(_any_source)]
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
        days = (self.date, self.requested_date)
        cross = derived(parse_code(base), parse_code(quote), legs, *days, source=self._own)
        return cross.convert(amount, places)

    def change_since(self, other: "RateSheet | DateLike") -> dict[str, Change]:
        """Return by code how the rates moved from another sheet to this one, in order of code.

        A change is a `Change(difference, percent)`: tenge for this sheet's nominal, whatever the
        nominal was then, and percent of the earlier rate; exact where they terminate. A code
        that either sheet lacks is not there. For a date, `kzt_rates.sheet` gives the other
        sheet, and raises as it does; with a client of your own, give `client.sheet(date)`.

        >>> import kzt_rates
        >>> change = kzt_rates.sheet("2025-12-05").change_since("2025-12-04")["USD"]
        >>> change.difference, round(change.percent, 2)
        (Decimal('-4.24'), Decimal('-0.84'))
        """
        # models know no client: what can be asked for a date is the package itself
        sheet: RateSheet = (
            other
            if isinstance(other, RateSheet)
            else import_module("kzt_rates").sheet(parse_date(other))
        )
        earlier = {rate.base: rate for rate in sheet.rates}
        changes = {}
        for rate in self.rates:
            before = earlier.get(rate.base)
            if before is not None:
                changes[rate.base] = _change(before, rate)
        return changes

    def ticker(
        self,
        codes: Iterable[str] = TICKER_CODES,
        changes: "bool | RateSheet | DateLike" = False,  # as documented
        language: "Language | None" = None,
    ) -> str:
        """Return the line that news sites carry: tenge for each currency's sign, two decimals.

        Where a currency is not quoted for one unit, its nominal stands before the sign.

        Args:
            codes: the currencies, in this order.
            changes: `True` adds the bank's own change against the day before, and where the
                feed gave none, that to the sheet of the day before by `kzt_rates.sheet`. A date
                or a sheet adds the change since that one. Nothing is added where there is no
                rate to compare with.
            language: `"en"`, `"ru"` or `"kk"` sets groups of three apart, and in the latter two
                a comma before the decimals.

        Raises as subscripting does, and with `changes` as `change_since`.

        >>> import kzt_rates
        >>> kzt_rates.sheet("2025-12-05").ticker(["USD", "AMD"])
        '(05.12.2025) $ 499.65 ₸ 10 ֏ 13.14 ₸'
        >>> kzt_rates.sheet("2025-12-05").ticker(["USD"], changes=True, language="ru")
        '(05.12.2025) $ 499,65 ₸ ▼4,24'
        """
        rates = list(map(self.__getitem__, (codes,) if isinstance(codes, str) else codes))
        return ticker_line(
            self.date,
            [(rate.base, rate.value, rate.nominal) for rate in rates],
            language,
            changes=self._ticker_changes(rates, changes),
            source=self._own,
        )

    def to_dict(self) -> dict[str, object]:
        """Return what its JSON holds: the facts of the sheet, and `rates`, a row for each."""
        return {
            "date": self.date,
            "requested_date": self.requested_date,
            "complete": self.complete,
            "provisional": self.provisional,
            "source": self.source,
            "fetched_at": self.fetched_at,
            "rates": self._table().select(_COLUMNS).dicts(),
        }

    def to_html(self, *, language: "Language" = "en") -> str:
        """Return what a notebook shows, a table with a row for each currency.

        What was refused stands below. `language` is `"en"`, `"ru"` or `"kk"`.
        """
        from kzt_rates.tables import html

        known = parse_language(language)

        def phrase(key: str, *facts: object) -> str:
            return html.phrase(known, key, *facts)

        columns: list[tuple[str, html.CellStyle, list[str]]] = [
            (phrase("code"), "text", [rate.base for rate in self.rates]),
            (
                phrase("sign"),
                "text",
                ["" if symbol_of(code) == code else symbol_of(code) for code in self],
            ),
            (
                phrase("name"),
                "text",
                [name_in(known, rate.base, rate.name) for rate in self.rates],
            ),
            (phrase("nominal"), "number", [str(rate.nominal) for rate in self.rates]),
            (
                f"{phrase('value')}, {symbol_of(KZT)}",
                "number",
                [rate_text(rate.value, known, published=True) for rate in self.rates],
            ),
            (
                phrase("per unit"),
                "number",
                [
                    "" if rate.nominal == 1 else rate_text(rate.per_unit, known, published=True)
                    for rate in self.rates
                ],
            ),
            (
                phrase("change"),
                "number",
                [
                    "" if rate.change is None else signed_text(rate.change, known)
                    for rate in self.rates
                ],
            ),
        ]
        # a column that is empty for all says nothing: the archive has no changes
        shown = columns[:5] + [column for column in columns[5:] if any(column[2])]
        drafts = [rate.base for rate in self.rates if rate.provisional]
        if 0 < len(drafts) < len(self):
            shown.append(("", "mark", [phrase("provisional") * (code in drafts) for code in self]))
        heads, kinds, cells = zip(*shown, strict=True)
        facts = [html.count(known, "currencies", len(self))]
        if self._own is None:
            title = phrase("sheet", self.date)
            facts.append(phrase(self.source))
        else:
            title = phrase("own sheet", self.date, self._own)
        if self.fetched_at is not None:
            moment = self.fetched_at.isoformat(" ", "minutes").replace("+00:00", " UTC")
            facts.append(phrase("fetched", moment))
        marks = [phrase("carried to", self.requested_date)] if self.carried else []
        if self.provisional:
            some = len(drafts) < len(self)
            marks.append(
                phrase("provisional codes", ", ".join(drafts)) if some else phrase("provisional")
            )
        if not self.complete:
            marks.append(phrase("incomplete"))
        foot = [phrase("refused", code, reason) for code, reason in sorted(self.refused.items())]
        rows = list(zip(*cells, strict=True))
        return html.table(html.caption(title, facts, marks), heads, rows, kinds, foot)

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
        if self._own is not None:
            raise RateNotFound(
                f"no rate of {code} for {self.date}: {self._own} gives {', '.join(self)}",
                code=code,
                date=self.date,
                reason="not_available_here",
            )
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
        origin = f"the {self.source}" if self._own is None else self._own
        return f"<RateSheet {self.date}{carried}, {len(self)} rates{marks}, from {origin}>"

    __str__ = __repr__

    def __array__(self, dtype: object = None, copy: object = None) -> Any:
        # pandas would take the codes for the whole table
        raise TypeError("a sheet is not an array; use its to_pandas() or to_polars()")

    def _repr_html_(self) -> str:
        return self.to_html()

    @property
    def _own(self) -> str | None:
        """Whose figures they are, `None` for the bank's."""
        return None if self.source in BANKS_SOURCES else self.source

    def _ticker_changes(
        self, rates: list[Rate], changes: "bool | RateSheet | DateLike"
    ) -> dict[str, Decimal | None] | None:
        if changes is False:
            return None
        known: dict[str, Decimal | None] = {}
        other: RateSheet | DateLike
        if changes is True:
            if self._own is not None:
                raise ValueError(
                    f"the bank gave no changes for the rates of {self._own}: give changes= the "
                    "sheet or the date to compare with"
                )
            known = {rate.base: rate.change for rate in rates if rate.base != KZT}
            if None not in known.values():
                return known
            other = self.date - ONE_DAY
        else:
            other = changes
        try:
            moved = self.change_since(other)
        except RateNotFound:
            if changes is not True:
                raise
            return known  # the bank set none the day before
        found = {code: change.difference for code, change in moved.items()}
        return {**found, **{code: change for code, change in known.items() if change is not None}}

    def _csv(self) -> Table:
        table = self._table()
        if self.carried:
            days = Column("effective_date", "date", [self.date] * len(self))
            table = table._replace(columns=(*table.columns, days))
        more = [name for name in ("effective_date", "source") if name in table.names]
        return table.select([*CSV_COLUMNS, *more])

    def _table(self) -> Table:
        """Return the rows, each with the effective date, so that sheets can be stacked.

        Where the sheet is carried or provisional, `requested_date` and `provisional` say so, and
        where it is not the bank's, `source`.
        """
        cells: dict[str, list[Any]] = {
            "currency": [rate.base for rate in self.rates],
            "nominal": [rate.nominal for rate in self.rates],
            "value": [rate.value for rate in self.rates],
            "per_unit": [rate.per_unit for rate in self.rates],
            "change": [rate.change for rate in self.rates],
            "name": [rate.name for rate in self.rates],
        }
        columns = [Column("date", "date", [self.date] * len(self))]
        columns += [Column(name, kind, cells[name]) for name, kind in _COLUMNS.items()]
        if self.carried or self.provisional:
            columns.append(Column("requested_date", "date", [self.requested_date] * len(self)))
            flags = [rate.provisional for rate in self.rates]
            columns.append(Column("provisional", "flag", flags))
        if self._own is not None:
            columns.append(Column("source", "text", [self._own] * len(self)))
        about = ("date", "requested_date", "complete", "provisional", "source", "fetched_at")
        return Table(
            tuple(columns), "currency", {name: text_of(getattr(self, name)) for name in about}
        )

    def _find(self, code: str) -> Rate | None:
        if code == KZT:
            return derived(KZT, KZT, (), self.date, self.requested_date, source=self._own)
        return next((rate for rate in self.rates if rate.base == code), None)

    def _says_none(self, code: str) -> bool:
        """Whether the bank set none: its whole sheet lacks a code that is not expected on it."""
        is_whole = self.complete and not self.provisional and code not in quoted_on(self.date)
        # of a day before the daily feed the bank gives but the codes of the export's form
        was_told = self.source == "archive" or self.date >= DAILY_STARTS or export_id(code)
        return is_whole and bool(was_told)

    def _identity(self) -> tuple[object, ...]:
        days = (self.date, self.requested_date)
        return (*days, self.complete, self.provisional, self.rates, self._own)

    @model_validator(mode="after")
    def _one_date_and_no_code_twice(self) -> Self:
        dates = {(rate.effective_date, rate.requested_date) for rate in self.rates}
        if not dates <= {(self.date, self.requested_date)}:
            raise ValueError("a rate is of another date than its sheet")
        if len({rate.base for rate in self.rates}) != len(self.rates):
            raise ValueError("a code is there twice")
        if {rate.source for rate in self.rates} - {self._own}:
            raise ValueError("a rate is of another source than its sheet")
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


def _change(before: Rate, after: Rate) -> Change:
    """Return how a rate moved, in whole numbers: fractions take three times as long."""
    now, now_per = after.value.as_integer_ratio()
    then, then_per = before.value.as_integer_ratio()
    then, then_per = then * after.nominal, then_per * before.nominal
    moved = now * then_per - then * now_per
    return Change(
        rounded(Fraction(moved, now_per * then_per)),
        rounded(Fraction(100 * moved, now_per * then)),
    )


def watched_sheet(day: Day, reason: Reason, before: Day) -> WatchedSheet:
    """Make the sheet that a watch gives."""
    sheet = WatchedSheet.model_validate(_fields(day, day.date))
    # it is not anybody's yet, and what is private is no part of what is frozen
    sheet._reason = reason  # type: ignore[misc]
    sheet._before = sheet_from(before, before.date)  # type: ignore[misc]
    return sheet


def sheet_from(day: Day, requested: dt.date) -> RateSheet:
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


def sheet_of(
    date: DateLike, rates: Mapping[str, Amount | tuple[Amount, int]], *, source: str
) -> RateSheet:
    """Return a sheet of your own figures, such as the rates of a contract.

    It converts as the bank's do, exactly. It is never stored, no verb answers from it, and
    wherever it is shown or exported it has the name of its source, and not the bank's.

    Args:
        date: the day the rates are for.
        rates: by code, the price in tenge of one unit, or a pair of the price and the nominal.
        source: whose figures they are, in a few words.

    Raises `ValueError` or `TypeError` for what is no date, code, price above zero, nominal or
    name, and for a source that is called as the bank is.

    >>> import kzt_rates
    >>> contract = kzt_rates.sheet_of("2025-12-05", {"USD": ("512.53", 1)}, source="contract")
    >>> contract.convert(100, "USD"), contract
    (Decimal('51253'), <RateSheet 2025-12-05, 1 rates, from contract>)
    """
    day = parse_date(date)
    if not isinstance(source, str):
        raise TypeError(f"source is a name such as 'contract', not {type(source).__name__}")
    own_source(source)
    if not isinstance(rates, Mapping):
        raise TypeError(f"rates is a mapping of codes to prices, not {type(rates).__name__}")
    if not rates:
        raise ValueError("a sheet has at least one rate")
    made = [_own_rate(code, price, day, source) for code, price in rates.items()]
    codes = [rate.base for rate in made]
    twice = [code for code in codes if codes.count(code) > 1]
    if twice:
        raise ValueError(f"a code is there twice: {twice[0]}")
    return RateSheet(
        date=day,
        requested_date=day,
        complete=True,
        provisional=False,
        source=source,
        fetched_at=None,
        refused={},
        rates=tuple(sorted(made, key=lambda rate: rate.base)),
    )


def _own_rate(given: str, price: "Amount | tuple[Amount, int]", day: dt.date, source: str) -> Rate:
    if not isinstance(given, str):
        raise TypeError(f"a currency code is text, not {type(given).__name__}")
    code = given.upper()
    if not given.isascii() or not is_code(code) or code == KZT:  # "ſ" is a capital S for Python
        why = "the tenge itself is always 1" if code == KZT else "a code is three letters: USD"
        raise ValueError(f"no rate can be given for {given[:40]!r}: {why}")
    if isinstance(price, tuple | list):
        if len(price) != 2:
            raise ValueError(f"{code}: give a price, or a pair of price and nominal, not {price!r}")
        amount, nominal = price
    else:
        amount, nominal = price, 1
    try:
        value = parse_amount(amount)
    except (TypeError, ValueError) as error:
        raise type(error)(f"{code}: {error}") from None
    if not SMALLEST_VALUE <= value <= LARGEST_VALUE:
        raise ValueError(f"{code}: a price is above zero and at most {LARGEST_VALUE}, not {amount}")
    if isinstance(nominal, bool) or not isinstance(nominal, int):
        raise TypeError(f"{code}: a nominal is a whole number, not {nominal!r}")
    if not 0 < nominal <= LARGEST_NOMINAL:
        raise ValueError(f"{code}: a nominal is from 1 to {LARGEST_NOMINAL}, not {nominal}")
    return Rate(
        base=code, quote=KZT, value=value, nominal=nominal, effective_date=day, source=source
    )
