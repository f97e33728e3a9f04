"""What a table becomes: a frame of pandas, Polars or PyArrow, Parquet, CSV, JSON."""

from decimal import Context, Decimal
from typing import TYPE_CHECKING, Any, cast, overload

import kzt_rates.typing
from kzt_rates.process import require
from kzt_rates.tables import MAX_DIGITS, Column, Table
from kzt_rates.tables.files import csv_text, json_text, put, text_of, write_bytes
from kzt_rates.typing import FileName, Row

if TYPE_CHECKING:
    from collections.abc import Collection


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
        return cast("kzt_rates.typing.PandasFrame", pandas_frame(self._table(), exact=exact))

    def to_polars(self, *, exact: bool = False) -> "kzt_rates.typing.PolarsFrame":
        """Return a `polars.DataFrame`; with `exact=True` the figures are its `Decimal`.

        >>> import kzt_rates
        >>> kzt_rates.history("USD", start="2015-08-20", end="2015-08-21").to_polars().rows()[1]
        (datetime.date(2015, 8, 21), 255.26)
        """
        return cast("kzt_rates.typing.PolarsFrame", polars_frame(self._table(), exact=exact))

    def to_arrow(self, *, exact: bool = False) -> "kzt_rates.typing.ArrowTable":
        """Return a `pyarrow.Table`; with `exact=True` the figures are decimal128.

        The scale of a column is the smallest that holds all of its figures. What the table is
        of, the schema's metadata says.

        >>> import kzt_rates
        >>> kzt_rates.sheet("2025-12-05").to_arrow(exact=True).schema.field("value").type
        Decimal128Type(decimal128(38, 2))
        """
        return arrow_table(self._table(), exact=exact)

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Give the table to any library that takes Arrow data; decimals asked for are exact.

        `polars.DataFrame` takes a series so, but no sheet: that is a mapping, which it takes for
        columns. A sheet has `to_polars`.

        >>> import kzt_rates, pyarrow
        >>> pyarrow.table(kzt_rates.sheet("2025-12-05")).shape
        (39, 7)
        """
        return arrow_stream(self._table(), requested_schema)

    def to_dict(self) -> dict[str, object]:
        """Return what its JSON is of."""
        raise NotImplementedError

    def _csv(self) -> Table:
        raise NotImplementedError

    def _table(self) -> Table:
        raise NotImplementedError


def pandas_frame(table: Table, *, exact: bool) -> Any:
    """Return a `pandas.DataFrame` whose index is what names the rows."""
    pd = require("pandas")
    columns = {column.name: _pandas_array(pd, column, exact=exact) for column in table.columns}
    index = pd.Index(columns.pop(table.key), name=table.key)
    return pd.DataFrame(columns, index=index)


def polars_frame(table: Table, *, exact: bool) -> Any:
    """Return a `polars.DataFrame`."""
    pl = require("polars")
    return pl.DataFrame([_polars_series(pl, column, exact=exact) for column in table.columns])


def arrow_table(table: Table, *, exact: bool) -> Any:
    """Return a `pyarrow.Table`; the schema's metadata says what it is about."""
    return _arrow_table(table, [column.name for column in table.columns] if exact else ())


def arrow_stream(table: Table, requested_schema: object) -> object:
    """Return the table as a capsule of an Arrow stream, in the types asked for where given.

    Decimals and text that are asked for are made of the exact figures and never of floats. A
    date has no time zone: `ValueError` where one is asked for.
    """
    if requested_schema is None:
        return arrow_table(table, exact=False).__arrow_c_stream__()
    pa = require("pyarrow", "frames")
    wanted = pa.schema(_Schema(requested_schema))
    exact = [field.name for field in wanted if pa.types.is_decimal(field.type)]
    texts = [field.name for field in wanted if field.type in _text_types(pa)]
    for field in wanted:
        if pa.types.is_timestamp(field.type) and field.type.tz is not None:
            raise ValueError(
                f"{field.name} is a calendar date, which has no time zone: ask for date32, or "
                "for a timestamp without a zone"
            )
    return _arrow_table(table, exact, texts).cast(wanted).__arrow_c_stream__()


def parquet_bytes(table: Table) -> bytes:
    """Return the content of a Parquet file, its figures as decimals."""
    made = arrow_table(table, exact=True)
    parquet = require("pyarrow.parquet", "frames")
    sink = require("pyarrow", "frames").BufferOutputStream()
    parquet.write_table(made, sink)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def _pandas_array(pd: Any, column: Column, *, exact: bool) -> Any:
    if column.kind == "figure":
        if exact:
            return pd.array(list(column.figures), dtype=object)
        return pd.array(column.floats, dtype="float64")
    if column.kind == "date":  # pandas 2 reckons in other units by itself than pandas 3
        return pd.DatetimeIndex(list(column.values), dtype=pd.DatetimeIndex(["1993-11-15"]).dtype)
    text = pd.Series(["USD"]).dtype  # and has another type for texts
    dtypes = {"text": text, "whole": "int64", "flag": "bool"}
    return pd.array(list(column.values), dtype=dtypes[column.kind])


def _polars_series(pl: Any, column: Column, *, exact: bool) -> Any:
    if column.kind == "figure":
        if exact:
            scale = column.scale()
            figures = [_at_scale(value, scale) for value in column.figures]
            return pl.Series(column.name, figures, dtype=pl.Decimal(MAX_DIGITS, scale))
        return pl.Series(column.name, column.floats, dtype=pl.Float64)
    dtypes = {"date": pl.Date, "text": pl.String, "whole": pl.Int64, "flag": pl.Boolean}
    return pl.Series(column.name, list(column.values), dtype=dtypes[column.kind])


def _at_scale(value: "Decimal | None", scale: int) -> "Decimal | None":
    """Return a figure with the decimals of its column: Polars 1.0 takes no others."""
    if value is None:
        return None
    return value.quantize(Decimal(1).scaleb(-scale), context=Context(prec=MAX_DIGITS))


class _Schema:
    """A capsule of a schema, as PyArrow takes one."""

    def __init__(self, capsule: object) -> None:
        self._capsule = capsule

    def __arrow_c_schema__(self) -> object:
        return self._capsule


def _arrow_table(table: Table, exact: "Collection[str]", texts: "Collection[str]" = ()) -> Any:
    """Return a table whose figures are decimals in the columns named as exact, or texts."""
    pa = require("pyarrow", "frames")
    arrays = [
        pa.array(
            [None if value is None else text_of(value) for value in column.figures], pa.string()
        )
        if column.kind == "figure" and column.name in texts
        else _arrow_array(pa, column, exact=column.name in exact)
        for column in table.columns
    ]
    fields = [
        pa.field(column.name, array.type)
        for column, array in zip(table.columns, arrays, strict=True)
    ]
    return pa.table(arrays, schema=pa.schema(fields, metadata=table.about))


def _text_types(pa: Any) -> "tuple[Any, ...]":
    return pa.string(), pa.large_string(), pa.string_view()


def _arrow_array(pa: Any, column: Column, *, exact: bool) -> Any:
    if column.kind == "figure":
        if exact:
            return pa.array(column.figures, pa.decimal128(MAX_DIGITS, column.scale()))
        return pa.array(column.floats, pa.float64())
    types = {"date": pa.date32, "text": pa.string, "whole": pa.int64, "flag": pa.bool_}
    return pa.array(column.values, types[column.kind]())
