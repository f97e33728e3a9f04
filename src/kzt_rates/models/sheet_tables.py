"""What makes of a sheet a table of another library, or a file."""

from typing import TYPE_CHECKING, cast, overload

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

    from kzt_rates.interchange.files import FileName
    from kzt_rates.interchange.tables import Table
    from kzt_rates.interchange.texts import Row
    from kzt_rates.models.sheet import RateSheet


class SheetTables:
    """A sheet as tables and as files.

    A table has a row for each currency: `date`, `currency`, `nominal`, `value`, `per_unit`,
    `change` and `name`; the date is the day that the rates are official for, so that sheets
    can be stacked. Two more columns are there where the sheet is carried or provisional:
    `requested_date` and `provisional`.

    In memory the figures are float64, each the nearest to the `Decimal` of the sheet. With
    `exact=True` they are decimals of the same digits, as they are in files. Raises `ValueError`
    where a decimal of 38 digits cannot hold them, so that nothing is rounded to fit, and
    `ImportError` with the line to type where the other library is missing.
    """

    def to_dicts(self) -> "list[Row]":
        """Return the rows, with figures as `Decimal`.

        >>> import kzt_rates
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
        """Return CSV, or write it to a file: `currency`, `nominal`, `value`, `per_unit`, `change`.

        The digits are exact. The date and the marks are not in it: `to_json` and `to_parquet`
        have them. A file is written whole or not at all, over one that is there; raises
        `OSError` where it cannot be.

        >>> import kzt_rates
        >>> kzt_rates.sheet("2025-12-05").to_csv().splitlines()[2]
        'AMD,10,13.14,1.314,'
        """
        from kzt_rates.interchange.documents import SHEET_COLUMNS, sheet_rows
        from kzt_rates.interchange.files import put
        from kzt_rates.interchange.texts import csv_text

        return put(csv_text(SHEET_COLUMNS, sheet_rows(self._sheet())), file)

    @overload
    def to_json(self, file: None = None) -> str: ...
    @overload
    def to_json(self, file: "FileName") -> None: ...
    def to_json(self, file: "FileName | None" = None) -> str | None:
        """Return JSON as `kzt-rates sheet` has it, or write it to a file, as `to_csv` does.

        An object of `date`, `requested_date`, `complete`, `provisional`, `source`, `fetched_at`
        and `rates`; numbers are strings, which are exact. To come back to a `RateSheet`, use
        `model_dump_json`.

        >>> import json, kzt_rates
        >>> json.loads(kzt_rates.sheet("2025-12-05").to_json())["rates"][1]["per_unit"]
        '1.314'
        """
        from kzt_rates.interchange.documents import sheet_document
        from kzt_rates.interchange.files import put
        from kzt_rates.interchange.texts import json_text

        return put(json_text(sheet_document(self._sheet())), file)

    def to_parquet(self, file: "FileName") -> None:
        """Write the table to a Parquet file, its figures as exact decimals, as `to_csv` does.

        >>> import kzt_rates, os, pyarrow.parquet, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = os.path.join(folder, "sheet.parquet")
        ...     kzt_rates.sheet("2025-12-05").to_parquet(file)
        ...     pyarrow.parquet.read_table(file)["value"].to_pylist()[1]
        Decimal('13.14')
        """
        from kzt_rates.interchange.arrow import parquet_bytes
        from kzt_rates.interchange.files import write_bytes

        write_bytes(file, parquet_bytes(self._table()))

    def to_pandas(self, *, exact: bool = False) -> "pd.DataFrame":
        """Return a `pandas.DataFrame` whose index is the code of the currency.

        With `exact=True` the figures are Python's `Decimal`.

        >>> import kzt_rates
        >>> frame = kzt_rates.sheet("2025-12-05").to_pandas()
        >>> frame.loc[["USD", "AMD"], "per_unit"].to_dict()
        {'USD': 499.65, 'AMD': 1.314}
        """
        from kzt_rates.interchange.frames import pandas_frame

        return cast("pd.DataFrame", pandas_frame(self._table(), exact=exact))

    def to_polars(self, *, exact: bool = False) -> "pl.DataFrame":
        """Return a `polars.DataFrame`; with `exact=True` the figures are its `Decimal`.

        >>> import kzt_rates
        >>> sheet = kzt_rates.sheet("2025-12-05").to_polars()
        >>> sheet.filter(sheet["currency"] == "AMD")["per_unit"].item()
        1.314
        """
        from kzt_rates.interchange.frames import polars_frame

        return cast("pl.DataFrame", polars_frame(self._table(), exact=exact))

    def to_arrow(self, *, exact: bool = False) -> "pa.Table":
        """Return a `pyarrow.Table`; with `exact=True` the figures are decimal128.

        The scale of a column is the smallest that holds all of its figures. The schema's
        metadata has `date`, `requested_date`, `complete`, `provisional`, `source` and
        `fetched_at`.

        >>> import kzt_rates
        >>> kzt_rates.sheet("2025-12-05").to_arrow(exact=True).schema.field("value").type
        Decimal128Type(decimal128(38, 2))
        """
        from kzt_rates.interchange.arrow import arrow_table

        return arrow_table(self._table(), exact=exact)

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Give the table to any library that takes Arrow data; decimals asked for are exact.

        `polars.DataFrame` is the exception: it takes any mapping, which a sheet is, for columns.
        It has `to_polars`.

        >>> import kzt_rates, pyarrow
        >>> pyarrow.table(kzt_rates.sheet("2025-12-05")).shape
        (39, 7)
        """
        from kzt_rates.interchange.arrow import arrow_stream

        return arrow_stream(self._table(), requested_schema)

    def _sheet(self) -> "RateSheet":
        return cast("RateSheet", self)

    def _table(self) -> "Table":
        from kzt_rates.interchange.tables import sheet_table

        return sheet_table(self._sheet())
