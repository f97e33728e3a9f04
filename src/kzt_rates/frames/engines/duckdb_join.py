"""DuckDB: a relation left-joined with the rates, on the relation's own connection."""

from typing import TYPE_CHECKING
from uuid import uuid4

from pyarrow.dataset import dataset

from kzt_rates.frames.engines.duckdb_columns import amounts_of, codes_of, days_of
from kzt_rates.frames.engines.duckdb_money import money_of
from kzt_rates.frames.engines.sql_stages import Stages
from kzt_rates.frames.engines.sql_text import (
    known_codes,
    literal,
    no_rate_texts,
    quoted,
    refuse_clashes,
)

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation

    from kzt_rates.frames.asked import Asked
    from kzt_rates.frames.rate_table import RateTable

# How the query finds the rates: a variable of `convert`.
RATES = "kzt_rates_of_the_bank"


def convert(frame: "DuckDBPyRelation", asked: "Asked", table: "RateTable") -> "DuckDBPyRelation":
    """Return a relation with one column more; nothing runs until its rows are asked for.

    Raises `TypeError` for columns of other types and `ValueError` for names that are equal to
    DuckDB. An error of DuckDB's own names a row without a rate, when the relation is run.
    """
    refuse_clashes(frame.columns, asked.into)
    view = f"kzt_rates_{uuid4().hex}"
    types = dict(zip(frame.columns, frame.types, strict=True))
    stages = Stages(view, frame.columns)
    base = codes_of(stages, asked.currency, types, "base")
    quote = codes_of(stages, asked.to, types, "quote")
    day = days_of(stages, asked.date, types)
    amount = amounts_of(stages, asked.amount, types)
    rate = _joined(stages, asked, table, base, quote, day)
    found = money_of(stages, amount, rate, stages.name("top"), stages.name("bottom"), asked.places)
    nulls = " OR ".join(f"{part} IS NULL" for part in (amount.sql, base, quote, day))
    lacking = "NULL" if asked.missing == "null" else _no_rate(stages, asked, table, day)
    converted = f"CASE WHEN {nulls} THEN NULL WHEN {rate} IS NULL THEN {lacking} ELSE {found} END"
    sql = stages.select(f"{converted} AS {quoted(asked.into)}")
    # DuckDB finds it by its name, and keeps it for as long as the relation lives. Of a data set it
    # does not know the size: it streams the frame, in its order, and hashes the rates.
    kzt_rates_of_the_bank = dataset(table.rows)  # noqa: F841
    converted_frame = frame.query(view, sql)
    assert converted_frame is not None
    return converted_frame


def _joined(
    stages: Stages, asked: "Asked", table: "RateTable", base: str, quote: str, day: str
) -> str:
    """Join the rates of each row; return its rate, with columns `top` and `bottom` beside it."""
    stages.join(RATES, "b", f"b.code = {base} AND b.day = {day}")
    is_same, legs = f"{base} = {quote}", {}
    if asked.to.column is None:
        top, bottom, rate = "b.top", "b.bottom", "b.rate"
    else:
        stages.join(RATES, "q", f"q.code = {quote} AND q.day = {day}")
        is_same += f" AND {base} IN ({', '.join(map(literal, known_codes(table)))})"
        top, bottom = "b.top * q.bottom", "b.bottom * q.top"
        rate = f"CAST({top} AS DOUBLE) / CAST({bottom} AS DOUBLE)"
        if asked.missing == "previous":  # both figures are of one day; tenge are of any
            is_pair = "(b.effective = q.effective OR b.code = 'KZT' OR q.code = 'KZT')"
            rate = f"CASE WHEN {is_pair} THEN {rate} END"
        legs = {"base_rate": "b.rate", "quote_rate": "q.rate"}
    stages.add(
        **legs,
        top=f"CAST(CASE WHEN {is_same} THEN 1 ELSE {top} END AS HUGEINT)",
        bottom=f"CAST(CASE WHEN {is_same} THEN 1 ELSE {bottom} END AS HUGEINT)",
        rate=f"CASE WHEN {is_same} THEN CAST(1 AS DOUBLE) ELSE {rate} END",
    )
    return stages.name("rate")


def _no_rate(stages: Stages, asked: "Asked", table: "RateTable", day: str) -> str:
    """Return the call that fails for a row without a rate, naming it."""
    before, between, after = map(literal, no_rate_texts(asked, table))
    code = stages.name("base")
    if asked.to.column is not None:
        quote = stages.name("quote")
        code = (
            f"CASE WHEN {stages.name('base_rate')} IS NULL THEN {code}"
            f" WHEN {stages.name('quote_rate')} IS NULL THEN {quote}"
            f" ELSE concat({code}, ' in ', {quote}) END"
        )
    return f"error(concat({before}, {code}, {between}, CAST({day} AS VARCHAR), {after}))"
