"""What makes of a series or a sheet a table of another library, or a file."""

from typing import TYPE_CHECKING, cast, overload

import kzt_rates.typing
from kzt_rates.typing import FileName, Row

if TYPE_CHECKING:
    from kzt_rates.models.series import Series
    from kzt_rates.models.sheet import RateSheet
    from kzt_rates.tables.table import Table
    from kzt_rates.tables.text import Document
    from kzt_rates.typing import FileName, Row


class Tables:
    """A value as tables and as files.

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
    def to_csv(self, file: None = None) -> str: ...
    @overload
    def to_csv(self, file: "FileName") -> None: ...
    def to_csv(self, file: "FileName | None" = None) -> str | None:
        r"""Return CSV, or write it to a file.

        A series has the columns `date` and `rate`, a sheet `currency`, `nominal`, `value`,
        `per_unit` and `change`. The digits are exact. Marks, missing days and the date of a
        sheet are not in it: `to_parquet` and `to_json` have them. A file is written whole or
        not at all, over one that is there; raises `OSError` where it cannot be.

        >>> import kzt_rates
        >>> kzt_rates.history("USD", start="2015-08-20", end="2015-08-21").to_csv()
        'date,rate\n2015-08-20,188.38\n2015-08-21,255.26\n'
        >>> kzt_rates.sheet("2025-12-05").to_csv().splitlines()[2]
        'AMD,10,13.14,1.314,'
        """
        from kzt_rates.tables.files import put
        from kzt_rates.tables.text import csv_text

        return put(csv_text(*self._csv()), file)

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

        return put(json_text(self._document()), file)

    def to_parquet(self, file: "FileName") -> None:
        """Write the table to a Parquet file, its figures as exact decimals, as `to_csv` does.

        >>> import kzt_rates, os, pyarrow.parquet, tempfile
        >>> series = kzt_rates.history("USD", start="2015-08-20", end="2015-08-21")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     series.to_parquet(os.path.join(folder, "usd.parquet"))
        ...     pyarrow.parquet.read_table(os.path.join(folder, "usd.parquet"))["rate"].to_pylist()
        [Decimal('188.38'), Decimal('255.26')]
        """
        from kzt_rates.tables.arrow import parquet_bytes
        from kzt_rates.tables.files import write_bytes

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
        from kzt_rates.tables.arrow import arrow_table

        return arrow_table(self._table(), exact=exact)

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Give the table to any library that takes Arrow data; decimals asked for are exact.

        `polars.DataFrame` takes a series so, but no sheet: that is a mapping, which it takes for
        columns. A sheet has `to_polars`.

        >>> import kzt_rates, pyarrow
        >>> pyarrow.table(kzt_rates.sheet("2025-12-05")).shape
        (39, 7)
        """
        from kzt_rates.tables.arrow import arrow_stream

        return arrow_stream(self._table(), requested_schema)

    def _csv(self) -> "tuple[tuple[str, ...], list[Row]]":
        """Return the columns of its CSV, and the rows."""
        raise NotImplementedError

    def _document(self) -> "Document":
        """Return what its JSON is of."""
        raise NotImplementedError

    def _table(self) -> "Table":
        """Return its columns."""
        raise NotImplementedError


class SeriesTables(Tables):
    """A series as tables and as files.

    A table has a row for each day that has a rate: `date` and `rate`. Two more columns are
    there where some day is carried or provisional: `effective_date`, the day that the rate is
    official for, and `provisional`. In a resampled series these are `carried` and
    `provisional`, true where some day of the period is.
    """

    def _csv(self) -> "tuple[tuple[str, ...], list[Row]]":
        from kzt_rates.tables.documents import SERIES_COLUMNS, series_rows

        return SERIES_COLUMNS, series_rows(cast("Series", self))

    def _document(self) -> "Document":
        from kzt_rates.tables.documents import series_document

        return series_document(cast("Series", self))

    def _table(self) -> "Table":
        from kzt_rates.tables.table import series_table

        return series_table(cast("Series", self))


class SheetTables(Tables):
    """A sheet as tables and as files.

    A table has a row for each currency: `date`, `currency`, `nominal`, `value`, `per_unit`,
    `change` and `name`; the date is the day that the rates are official for, so that sheets
    can be stacked. Two more columns are there where the sheet is carried or provisional:
    `requested_date` and `provisional`.
    """

    def _csv(self) -> "tuple[tuple[str, ...], list[Row]]":
        from kzt_rates.tables.documents import SHEET_COLUMNS, sheet_rows

        return SHEET_COLUMNS, sheet_rows(cast("RateSheet", self))

    def _document(self) -> "Document":
        from kzt_rates.tables.documents import sheet_document

        return sheet_document(cast("RateSheet", self))

    def _table(self) -> "Table":
        from kzt_rates.tables.table import sheet_table

        return sheet_table(cast("RateSheet", self))
