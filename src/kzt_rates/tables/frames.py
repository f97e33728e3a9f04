"""Tables as the frames of pandas and of Polars, with the types that these give by themselves."""

from decimal import Context, Decimal
from typing import TYPE_CHECKING, Any

from kzt_rates.process import require
from kzt_rates.tables.table import MAX_DIGITS

if TYPE_CHECKING:
    from kzt_rates.tables.table import Column, Table


def pandas_frame(table: "Table", *, exact: bool) -> Any:
    """Return a `pandas.DataFrame` whose index is what names the rows."""
    pd = require("pandas")
    columns = {column.name: _pandas_array(pd, column, exact=exact) for column in table.columns}
    index = pd.Index(columns.pop(table.key), name=table.key)
    return pd.DataFrame(columns, index=index)


def polars_frame(table: "Table", *, exact: bool) -> Any:
    """Return a `polars.DataFrame`."""
    pl = require("polars")
    return pl.DataFrame([_polars_series(pl, column, exact=exact) for column in table.columns])


def _pandas_array(pd: Any, column: "Column", *, exact: bool) -> Any:
    if column.kind == "figure":
        if exact:
            return pd.array(list(column.figures), dtype=object)
        return pd.array(column.floats, dtype="float64")
    if column.kind == "date":  # pandas 2 reckons in other units by itself than pandas 3
        return pd.DatetimeIndex(list(column.values), dtype=pd.DatetimeIndex(["1993-11-15"]).dtype)
    text = pd.Series(["USD"]).dtype  # and has another type for texts
    dtypes = {"text": text, "whole": "int64", "flag": "bool"}
    return pd.array(list(column.values), dtype=dtypes[column.kind])


def _polars_series(pl: Any, column: "Column", *, exact: bool) -> Any:
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
