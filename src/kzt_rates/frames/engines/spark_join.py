"""Spark: a frame left-joined with the rates, of which every executor gets a copy."""

from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

import pyarrow.compute as pc
from pyspark.sql import functions as F  # noqa: N812  # as all of Spark's users know it

from kzt_rates.figures import KZT
from kzt_rates.frames.engines.spark_amounts import converted, needs
from kzt_rates.frames.engines.spark_columns import code_of, day_of, named
from kzt_rates.frames.engines.spark_stages import Stages
from kzt_rates.frames.engines.sql_text import known_codes, no_rate_texts
from kzt_rates.frames.ratios import LARGEST_PART

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

    from kzt_rates.frames.asked import Asked, Codes
    from kzt_rates.frames.rate_table import RateTable

    Figures = dict[str, Column]

# What one unit of a currency costs in itself; the shortest decimal there is lengthens no other.
ONES = {"top": 1, "bottom": 1, "rate": 1.0, "factor": Decimal(1)}
BAD_DATE = "a date is written 2025-12-05 or 05.12.2025, not "
MAX_SHOWN = 40


class _Row(NamedTuple):
    """Where and when the amount of a row is: codes in capitals, and its date in Kazakhstan."""

    base: "Column"
    quote: "Column"
    day: "Column"
    is_whole: "Column"
    is_same: "Column"


def convert(frame: "DataFrame", asked: "Asked", table: "RateTable") -> "DataFrame":
    """Return a frame with one column more; no job runs until its rows are asked for.

    Raises `TypeError` for columns of other types and `ValueError` for a name that is taken. A
    row without a rate fails the job that reads the new column, in words that name the row.
    """
    _refuse_clash(frame, asked.into)
    kind = frame.schema[asked.amount].dataType
    figure, table = needs(kind, asked, table)
    stages = Stages(frame)
    row = _row_of(stages, frame, asked, table)
    rate = _rate_of(stages, row, asked, table, figure)
    found = converted(stages, named(asked.amount), kind, rate, asked.places)
    return stages.result(asked.into, found)


def _refuse_clash(frame: "DataFrame", into: str) -> None:
    """Refuse a name that Spark would replace, since it tells no small letters from capitals."""
    if frame.sparkSession.conf.get("spark.sql.caseSensitive") == "true":
        return
    for column in frame.columns:
        if column.lower() == into.lower():
            raise ValueError(f"there is a column {column!r} already: name another with into=")


def _row_of(stages: Stages, frame: "DataFrame", asked: "Asked", table: "RateTable") -> _Row:
    def code(of: "Codes") -> "Column":
        if of.column is None:
            return F.lit(of.code)
        return code_of(named(of.column), frame.schema[of.column].dataType)

    day = F.lit(str(asked.date.day)).cast("date")
    if asked.date.column is not None:
        day = day_of(named(asked.date.column), frame.schema[asked.date.column].dataType)
    base, quote, day = stages.add(code(asked.currency), code(asked.to), day)
    is_same = (base == quote) & day.isNotNull()
    if asked.to.column is not None:
        is_same &= base.isin(known_codes(table))
    is_whole = named(asked.amount).isNotNull()
    for name in (asked.currency.column, asked.date.column, asked.to.column):
        if name is not None:
            is_whole &= named(name).isNotNull()
    return _Row(base, quote, day, is_whole, is_same)


def _rate_of(
    stages: Stages, row: _Row, asked: "Asked", table: "RateTable", needed: str
) -> "Figures":
    """Join the rates of each row; where there is none, the needed figure is null or an error."""
    if asked.to.column is None:
        found, lacking = _leg(stages, row, asked, table, asked.currency, row.base), row.base
    else:
        found, lacking = _pair(stages, row, asked, table)
    checked = {}
    for name, one in ONES.items():
        if name in found:
            figure = F.when(row.is_same, one).when(found[name].isNotNull(), found[name])
            checked[name] = _checked(figure, row, asked, table, lacking, is_needed=name == needed)
    return dict(zip(checked, stages.add(*checked.values()), strict=True))


def _pair(
    stages: Stages, row: _Row, asked: "Asked", table: "RateTable"
) -> "tuple[Figures, Column]":
    """Join the rates of both currencies; return those of the pair, and what a row may lack."""
    for name in ("top", "bottom"):
        if table.rows[name].to_numpy().max(initial=0) >= LARGEST_PART:
            raise ValueError("rates of so many digits cannot be multiplied with one another here")
    base = _leg(stages, row, asked, table, asked.currency, row.base)
    quote = _leg(stages, row, asked, table, asked.to, row.quote)
    top, bottom = base["top"] * quote["bottom"], base["bottom"] * quote["top"]
    if asked.missing == "previous":
        # both figures are of one day; the tenge is of any
        is_of_one_day = base["effective"] == quote["effective"]
        top = F.when(is_of_one_day | (row.base == KZT) | (row.quote == KZT), top)
    lacks = (base["top"].isNull(), quote["top"].isNull())
    top, bottom, lacks_base, lacks_quote = stages.add(top, bottom, *lacks)
    pair = F.concat(row.base, F.lit(" in "), row.quote)
    lacking = F.when(lacks_base, row.base).when(lacks_quote, row.quote).otherwise(pair)
    rate = top.cast("double") / bottom.cast("double")
    return {"top": top, "bottom": bottom, "rate": rate}, lacking


def _leg(
    stages: Stages,
    row: _Row,
    asked: "Asked",
    table: "RateTable",
    codes: "Codes",
    code: "Column",
) -> "Figures":
    """Join the rates of one of two currencies; Spark drops the columns that are not used."""
    rows, keys = table.rows, {}
    if codes.column is None:
        rows = rows.filter(pc.field("code") == codes.code)
    else:
        keys["code"] = code
    if asked.date.column is None:
        rows = rows.filter(pc.field("day") == asked.date.day)
    else:
        keys["day"] = row.day
    return stages.join(rows, keys)


def _checked(
    figure: "Column",
    row: _Row,
    asked: "Asked",
    table: "RateTable",
    lacking: "Column",
    *,
    is_needed: bool,
) -> "Column":
    """Return the figure of rows that have one, null for those with a null, for others an error."""
    if not is_needed:
        return figure
    if asked.date.column is not None:
        text = named(asked.date.column).cast("string")
        refusal = F.concat(F.lit(BAD_DATE), F.substring(text, 1, MAX_SHOWN))
        figure = figure.when(row.day.isNull() & text.isNotNull(), F.raise_error(refusal))
    if asked.missing == "null":
        return figure
    before, between, after = map(F.lit, no_rate_texts(asked, table))
    message = F.concat(before, lacking, between, row.day.cast("string"), after)
    return figure.when(row.is_whole, F.raise_error(message))
