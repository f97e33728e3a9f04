"""A series or a sheet as columns, before they become those of any library.

The columns are the same from one table to the next but for two that mark what is not an
ordinary rate: they are there where a day is carried or provisional, and nowhere else.
"""

from bisect import bisect_right
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, NamedTuple

from kzt_rates.tables.documents import sheet_rows
from kzt_rates.tables.text import text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kzt_rates.models import RateSheet, Series
    from kzt_rates.typing import Row

MAX_DIGITS = 38  # of a decimal in 128 bits, as Arrow, Parquet, Polars and DuckDB have it

Kind = Literal["date", "text", "whole", "flag", "figure"]
_KINDS: dict[str, Kind] = {
    "currency": "text", "nominal": "whole", "value": "figure", "per_unit": "figure",
    "change": "figure", "name": "text",
}  # fmt: skip


class Column(NamedTuple):
    """A name, what the values are, and the values; `None` where there is none."""

    name: str
    kind: Kind
    values: "Sequence[date | str | int | bool | Decimal | None]"

    @property
    def floats(self) -> list[float | None]:
        """The figures, each as the nearest float."""
        return [None if value is None else float(value) for value in self.figures]

    @property
    def figures(self) -> "Sequence[Decimal | None]":
        """The figures themselves."""
        assert self.kind == "figure"
        return self.values  # type: ignore[return-value]  # as the kind says

    def scale(self) -> int:
        """Return the fewest decimals that hold all figures exactly.

        Raises `ValueError` where digits before and after the point are more than `MAX_DIGITS`.
        """
        scale = whole = 0
        for value in self.figures:
            if value is not None:
                scale = max(scale, _decimals(value))
                whole = max(whole, value.adjusted() + 1)
        if scale + whole > MAX_DIGITS:
            raise ValueError(
                f"the column {self.name} takes {whole} digits before the point and {scale} after "
                f"it, and a decimal holds {MAX_DIGITS}: nothing is rounded to fit"
            )
        return scale


class Table(NamedTuple):
    """Columns, which of them names the rows, and what is said of them all."""

    columns: tuple[Column, ...]
    key: str
    about: dict[str, str]

    def dicts(self) -> "list[Row]":
        """Return the rows, with the figures as they are."""
        names = [column.name for column in self.columns]
        rows = zip(*(column.values for column in self.columns), strict=True)
        return [dict(zip(names, row, strict=True)) for row in rows]


def series_table(series: "Series") -> Table:
    """Return a series as `date` and `rate`, with marks where some day is carried or provisional.

    The marks of days are `effective_date` and `provisional`; those of periods say that some day
    of the period is so: `carried` and `provisional`.
    """
    columns = [Column("date", "date", series.dates), Column("rate", "figure", series.values)]
    if series.carried or series.provisional:
        if series.step == "day":
            of = [series.carried.get(day, day) for day in series.dates]
            columns.append(Column("effective_date", "date", of))
        else:
            columns.append(Column("carried", "flag", _periods_with(series, series.carried)))
        flags = _periods_with(series, series.provisional)
        columns.append(Column("provisional", "flag", flags))
    about = ("base", "quote", "start", "end", "step")
    return Table(tuple(columns), "date", _said(series, about))


def sheet_table(sheet: "RateSheet") -> Table:
    """Return a sheet as its rows, each with the effective date, so that sheets can be stacked.

    Where the sheet is carried or provisional, `requested_date` and `provisional` say so.
    """
    rows, count = sheet_rows(sheet), len(sheet)
    columns = [Column("date", "date", [sheet.date] * count)]
    columns += [Column(name, kind, [row[name] for row in rows]) for name, kind in _KINDS.items()]
    if sheet.carried or sheet.provisional:
        columns.append(Column("requested_date", "date", [sheet.requested_date] * count))
        flags = [rate.provisional for rate in sheet.rates]
        columns.append(Column("provisional", "flag", flags))
    about = ("date", "requested_date", "complete", "provisional", "source", "fetched_at")
    return Table(tuple(columns), "currency", _said(sheet, about))


def _said(model: "Series | RateSheet", names: tuple[str, ...]) -> dict[str, str]:
    return {name: text_of(getattr(model, name)) for name in names}


def _periods_with(series: "Series", days: "Iterable[date]") -> list[bool]:
    """Say of each date whether one of the days is in the period that begins with it."""
    flags = [False] * len(series.dates)
    for day in days:
        flags[bisect_right(series.dates, day) - 1] = True
    return flags


def _decimals(value: Decimal) -> int:
    """Return how many decimals are needed, trailing zeros aside."""
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int)
    if exponent >= 0 or not value:
        return 0
    return max(0, -exponent - _trailing_zeros(value))


def _trailing_zeros(value: Decimal) -> int:
    digits = value.as_tuple().digits
    return next(count for count, digit in enumerate(reversed(digits)) if digit)
