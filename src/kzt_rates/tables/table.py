"""A table: columns and rows, whatever they are of, and what a value that is one can become.

In memory a figure is a float64, the nearest to its `Decimal`, and with `exact=True` a decimal of
the same digits. In a file its digits are exact. A figure that a decimal of 38 digits does not
hold is a `ValueError`; nothing is rounded to fit.
"""

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, NamedTuple, cast, overload

import kzt_rates.typing
from kzt_rates.typing import FileName, Row

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


MAX_DIGITS = 38  # of a decimal in 128 bits, as Arrow, Parquet, Polars and DuckDB have it

Kind = Literal["date", "text", "whole", "flag", "figure"]


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


class Tabular:
    """A value that can become a table of another library, or a file.

    In memory the figures are float64, each the nearest to its `Decimal`. With `exact=True` they
    are decimals of the same digits, as they are in files. Raises `ValueError` where a decimal
    of 38 digits cannot hold them, so that nothing is rounded to fit, and `ImportError` with the
    line to type where the other library is missing.
    """

    def to_dicts(self) -> "list[Row]":
        """Return the rows, with figures as `Decimal`.

        >>> import kzt_rates
        >>> kzt_rates.history("USD", start="2015-08-20", end="2015-08-21").to_dicts()[1]
        {'date': datetime.date(2015, 8, 21), 'rate': Decimal('255.26')}
        >>> row = kzt_rates.sheet("2025-12-05").to_dicts()[1]
        >>> row["currency"], row["nominal"], row["value"], row["per_unit"]
        ('AMD', 10, Decimal('13.14'), Decimal('1.314'))
        """
        return self._table().dicts()

    @overload
    def to_csv(self, file: None = None, *, decimal: str = ".", delimiter: str = ",") -> str: ...
    @overload
    def to_csv(self, file: "FileName", *, decimal: str = ".", delimiter: str = ",") -> None: ...
    def to_csv(
        self, file: "FileName | None" = None, *, decimal: str = ".", delimiter: str = ","
    ) -> str | None:
        r"""Return CSV, or write it to a file.

        A series has the columns `date` and `rate`, a sheet `currency`, `nominal`, `value`,
        `per_unit` and `change`. Where a day is carried there is `effective_date` too, the day
        that the rate is official for (`carried` in a resampled series), and `source` where the
        figures are not the bank's. The digits are exact. Other marks, missing days and the date
        of a sheet are not in it: `to_parquet` and `to_json` have them.

        Args:
            file: written whole or not at all, over one that is there; raises `OSError` where it
                cannot be.
            decimal: the mark before the decimals, `"."` or `","`.
            delimiter: what sets the columns apart, such as `";"` or `"\t"`. `ValueError` where
                it is the mark before the decimals, or may be part of a cell.

        >>> import kzt_rates
        >>> series = kzt_rates.history("USD", start="2015-08-20", end="2015-08-21")
        >>> series.to_csv()
        'date,rate\n2015-08-20,188.38\n2015-08-21,255.26\n'
        >>> series.to_csv(decimal=",", delimiter=";")
        'date;rate\n2015-08-20;188,38\n2015-08-21;255,26\n'
        >>> kzt_rates.sheet("2025-12-05").to_csv().splitlines()[2]
        'AMD,10,13.14,1.314,'
        """
        from kzt_rates.tables.files import put
        from kzt_rates.tables.text import csv_text

        table = self._csv()
        text = csv_text(table.names, table.dicts(), decimal=decimal, delimiter=delimiter)
        return put(text, file)

    @overload
    def to_json(self, file: None = None) -> str: ...
    @overload
    def to_json(self, file: "FileName") -> None: ...
    def to_json(self, file: "FileName | None" = None) -> str | None:
        """Return JSON as the command line has it, or write it to a file, as `to_csv` does.

        A series is an object of `base`, `quote`, `start`, `end`, `missing` and `rates`; a sheet
        of `date`, `requested_date`, `complete`, `provisional`, `source`, `fetched_at` and
        `rates`. Figures are strings, which are exact. To come back, use `model_dump_json`.

        >>> import json, kzt_rates
        >>> series = kzt_rates.history("USD", start="2015-08-20", end="2015-08-21")
        >>> json.loads(series.to_json())["rates"][1]
        {'date': '2015-08-21', 'rate': '255.26'}
        """
        from kzt_rates.tables.files import put
        from kzt_rates.tables.text import json_text

        return put(json_text(self.to_dict()), file)

    def to_parquet(self, file: "FileName") -> None:
        """Write the table to a Parquet file, its figures as exact decimals, as `to_csv` does.

        >>> import kzt_rates, os, pyarrow.parquet, tempfile
        >>> series = kzt_rates.history("USD", start="2015-08-20", end="2015-08-21")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     series.to_parquet(os.path.join(folder, "usd.parquet"))
        ...     pyarrow.parquet.read_table(os.path.join(folder, "usd.parquet"))["rate"].to_pylist()
        [Decimal('188.38'), Decimal('255.26')]
        """
        from kzt_rates.tables.files import write_bytes
        from kzt_rates.tables.frames import parquet_bytes

        write_bytes(file, parquet_bytes(self._table()))

    def to_pandas(self, *, exact: bool = False) -> "kzt_rates.typing.PandasFrame":
        """Return a `pandas.DataFrame`, its index the date of a series or the code of a sheet.

        With `exact=True` the figures are Python's `Decimal`.

        >>> import kzt_rates
        >>> frame = kzt_rates.history("USD", start="2015-08-20", end="2015-08-21").to_pandas()
        >>> frame.index.name, frame["rate"].tolist()
        ('date', [188.38, 255.26])
        >>> kzt_rates.sheet("2025-12-05").to_pandas().loc["AMD", "per_unit"].item()
        1.314
        """
        from kzt_rates.tables.frames import pandas_frame

        return cast("kzt_rates.typing.PandasFrame", pandas_frame(self._table(), exact=exact))

    def to_polars(self, *, exact: bool = False) -> "kzt_rates.typing.PolarsFrame":
        """Return a `polars.DataFrame`; with `exact=True` the figures are its `Decimal`.

        >>> import kzt_rates
        >>> kzt_rates.history("USD", start="2015-08-20", end="2015-08-21").to_polars().rows()[1]
        (datetime.date(2015, 8, 21), 255.26)
        """
        from kzt_rates.tables.frames import polars_frame

        return cast("kzt_rates.typing.PolarsFrame", polars_frame(self._table(), exact=exact))

    def to_arrow(self, *, exact: bool = False) -> "kzt_rates.typing.ArrowTable":
        """Return a `pyarrow.Table`; with `exact=True` the figures are decimal128.

        The scale of a column is the smallest that holds all of its figures. What the table is
        of, the schema's metadata says.

        >>> import kzt_rates
        >>> kzt_rates.sheet("2025-12-05").to_arrow(exact=True).schema.field("value").type
        Decimal128Type(decimal128(38, 2))
        """
        from kzt_rates.tables.frames import arrow_table

        return arrow_table(self._table(), exact=exact)

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Give the table to any library that takes Arrow data; decimals asked for are exact.

        `polars.DataFrame` takes a series so, but no sheet: that is a mapping, which it takes for
        columns. A sheet has `to_polars`.

        >>> import kzt_rates, pyarrow
        >>> pyarrow.table(kzt_rates.sheet("2025-12-05")).shape
        (39, 7)
        """
        from kzt_rates.tables.frames import arrow_stream

        return arrow_stream(self._table(), requested_schema)

    def to_dict(self) -> dict[str, object]:
        """Return what its JSON is of."""
        raise NotImplementedError

    def _csv(self) -> Table:
        """Return the columns of its CSV."""
        raise NotImplementedError

    def _table(self) -> Table:
        """Return all of its columns."""
        raise NotImplementedError


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
