"""What makes of a series a table of another library, or a file."""

from typing import TYPE_CHECKING, cast, overload

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

    from kzt_rates.interchange.files import FileName
    from kzt_rates.interchange.tables import Table
    from kzt_rates.interchange.texts import Row
    from kzt_rates.models.series import Series


class SeriesTables:
    """A series as tables and as files.

    A table has a row for each day that has a rate: `date` and `rate`. Two more columns are
    there where some day is carried or provisional: `effective_date`, the day that the rate is
    official for, and `provisional`. In a resampled series these are `carried` and
    `provisional`, true where some day of the period is.

    In memory the rates are float64, each the nearest to the `Decimal` of the series. With
    `exact=True` they are decimals of the same digits, as they are in files. Raises `ValueError`
    where a decimal of 38 digits cannot hold them, so that nothing is rounded to fit, and
    `ImportError` with the line to type where the other library is missing.
    """

    def to_dicts(self) -> "list[Row]":
        """Return the rows: a `date`, and a `Decimal` as the rate.

        >>> import kzt_rates
        >>> kzt_rates.history("USD", start="2015-08-20", end="2015-08-21").to_dicts()[1]
        {'date': datetime.date(2015, 8, 21), 'rate': Decimal('255.26')}
        """
        return self._table().dicts()

    @overload
    def to_csv(self, file: None = None) -> str: ...
    @overload
    def to_csv(self, file: "FileName") -> None: ...
    def to_csv(self, file: "FileName | None" = None) -> str | None:
        r"""Return CSV with the columns `date` and `rate`, or write it to a file.

        The digits are exact. Marks and missing days are not in it: `to_parquet` has the marks,
        `to_json` the missing days. A file is written whole or not at all, over one that is
        there; raises `OSError` where it cannot be.

        >>> import kzt_rates
        >>> kzt_rates.history("USD", start="2015-08-20", end="2015-08-21").to_csv()
        'date,rate\n2015-08-20,188.38\n2015-08-21,255.26\n'
        """
        from kzt_rates.interchange.documents import SERIES_COLUMNS, series_rows
        from kzt_rates.interchange.files import put
        from kzt_rates.interchange.texts import csv_text

        return put(csv_text(SERIES_COLUMNS, series_rows(self._series())), file)

    @overload
    def to_json(self, file: None = None) -> str: ...
    @overload
    def to_json(self, file: "FileName") -> None: ...
    def to_json(self, file: "FileName | None" = None) -> str | None:
        """Return JSON as `kzt-rates history` has it, or write it to a file, as `to_csv` does.

        An object of `base`, `quote`, `start`, `end`, `missing` and `rates`; rates are strings,
        which are exact. To come back to a `Series`, use `model_dump_json`.

        >>> import json, kzt_rates
        >>> series = kzt_rates.history("USD", start="2015-08-20", end="2015-08-21")
        >>> json.loads(series.to_json())["rates"][1]
        {'date': '2015-08-21', 'rate': '255.26'}
        """
        from kzt_rates.interchange.documents import series_document
        from kzt_rates.interchange.files import put
        from kzt_rates.interchange.texts import json_text

        return put(json_text(series_document(self._series())), file)

    def to_parquet(self, file: "FileName") -> None:
        """Write the table to a Parquet file, its rates as exact decimals, as `to_csv` does.

        >>> import kzt_rates, os, pyarrow.parquet, tempfile
        >>> series = kzt_rates.history("USD", start="2015-08-20", end="2015-08-21")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     series.to_parquet(os.path.join(folder, "usd.parquet"))
        ...     pyarrow.parquet.read_table(os.path.join(folder, "usd.parquet"))["rate"].to_pylist()
        [Decimal('188.38'), Decimal('255.26')]
        """
        from kzt_rates.interchange.arrow import parquet_bytes
        from kzt_rates.interchange.files import write_bytes

        write_bytes(file, parquet_bytes(self._table()))

    def to_pandas(self, *, exact: bool = False) -> "pd.DataFrame":
        """Return a `pandas.DataFrame` whose index is the date, so that it plots at once.

        With `exact=True` the rates are Python's `Decimal`.

        >>> import kzt_rates
        >>> frame = kzt_rates.history("USD", start="2015-08-20", end="2015-08-21").to_pandas()
        >>> frame.index.name, frame["rate"].tolist()
        ('date', [188.38, 255.26])
        """
        from kzt_rates.interchange.frames import pandas_frame

        return cast("pd.DataFrame", pandas_frame(self._table(), exact=exact))

    def to_polars(self, *, exact: bool = False) -> "pl.DataFrame":
        """Return a `polars.DataFrame`; with `exact=True` the rates are its `Decimal`.

        >>> import kzt_rates
        >>> kzt_rates.history("USD", start="2015-08-20", end="2015-08-21").to_polars().rows()[1]
        (datetime.date(2015, 8, 21), 255.26)
        """
        from kzt_rates.interchange.frames import polars_frame

        return cast("pl.DataFrame", polars_frame(self._table(), exact=exact))

    def to_arrow(self, *, exact: bool = False) -> "pa.Table":
        """Return a `pyarrow.Table`; with `exact=True` the rates are decimal128.

        Their scale is the smallest that holds all of them. The schema's metadata has `base`,
        `quote`, `start`, `end` and `step`.

        >>> import kzt_rates
        >>> series = kzt_rates.history("USD", start="2015-08-20", end="2015-08-21")
        >>> series.to_arrow(exact=True).schema.field("rate").type
        Decimal128Type(decimal128(38, 2))
        """
        from kzt_rates.interchange.arrow import arrow_table

        return arrow_table(self._table(), exact=exact)

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Give the table to any library that takes Arrow data; decimals asked for are exact.

        >>> import kzt_rates, polars
        >>> polars.DataFrame(kzt_rates.history("USD", start="2015-08-20", end="2015-08-21")).shape
        (2, 2)
        """
        from kzt_rates.interchange.arrow import arrow_stream

        return arrow_stream(self._table(), requested_schema)

    def _series(self) -> "Series":
        return cast("Series", self)

    def _table(self) -> "Table":
        from kzt_rates.interchange.tables import series_table

        return series_table(self._series())
