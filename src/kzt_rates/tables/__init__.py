"""A table: columns and rows, whatever they are of.

In memory a figure is a float64, the nearest to its `Decimal`, and with `exact=True` a decimal of
the same digits. In a file its digits are exact. A figure that a decimal of 38 digits does not
hold is a `ValueError`; nothing is rounded to fit.
"""

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kzt_rates.typing import Row

MAX_DIGITS = 38  # of a decimal in 128 bits, as Arrow, Parquet, Polars and DuckDB have it

ColumnType = Literal["date", "text", "whole", "flag", "figure"]


class Column(NamedTuple):
    """A name, what the values are, and the values; `None` where there is none."""

    name: str
    kind: ColumnType
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
    """Columns, which of them names the rows, and text that is about them all."""

    columns: tuple[Column, ...]
    key: str
    about: dict[str, str]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(column.name for column in self.columns)

    def dicts(self) -> "list[Row]":
        """Return the rows, with the figures as they are."""
        rows = zip(*(column.values for column in self.columns), strict=True)
        return [dict(zip(self.names, row, strict=True)) for row in rows]

    def select(self, names: "Iterable[str]") -> "Table":
        """Return the table with some of its columns, in the order given."""
        by_name = {column.name: column for column in self.columns}
        return self._replace(columns=tuple(by_name[name] for name in names))


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
