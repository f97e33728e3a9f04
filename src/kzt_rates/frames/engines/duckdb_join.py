"""DuckDB: a relation joined with the rates, on the relation's own connection."""

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
from kzt_rates.frames.engines.whole_table import whole

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation

    from kzt_rates.frames.asked import Asked, Codes
    from kzt_rates.frames.engines.whole_table import WholeTable
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
    rates = whole(table, asked.currency.code if asked.to.column is None else None)
    rate = _joined(stages, asked, rates, known_codes(table), day)
    found = money_of(stages, amount, rate, stages.name("top"), stages.name("bottom"), asked.places)
    nulls = " OR ".join(f"{part} IS NULL" for part in (amount.sql, base, quote, day))
    lacking = "NULL" if asked.missing == "null" else _no_rate(stages, asked, table, day)
    converted = f"CASE WHEN {nulls} THEN NULL WHEN {rate} IS NULL THEN {lacking} ELSE {found} END"
    sql = stages.select(f"{converted} AS {quoted(asked.into)}")
    # DuckDB finds it by its name, and keeps it for as long as the relation lives. Of a data set it
    # does not know the size: it streams the frame, in its order, and hashes the rates.
    kzt_rates_of_the_bank = dataset(rates.rows)  # noqa: F841
    converted_frame = frame.query(view, sql)
    assert converted_frame is not None
    return converted_frame


def _joined(
    stages: Stages, asked: "Asked", rates: "WholeTable", known: "list[str]", day: str
) -> str:
    """Join the rates of each row; return its rate, with columns `top` and `bottom` beside it.

    A currency that is known has a rate of 1 in itself on any day.
    """
    base, quote = stages.name("base"), stages.name("quote")
    # those that have rates come first, so that a place in the list is a place in the table
    listed = [*rates.codes, *(code for code in known if code not in rates.codes)]
    places = {
        "base place": _place(asked.currency, base, listed),
        "quote place": _place(asked.to, quote, listed),
    }
    stages.add(**places)
    base_place, quote_place = map(stages.name, places)
    slots = {
        "base slot": _slot(base_place, day, rates),
        "quote slot": _slot(quote_place, day, rates),
    }
    stages.add(**slots)
    base_slot, quote_slot = map(stages.name, slots)
    stages.join(RATES, "b", f"b.slot = {base_slot}")
    is_same, legs = f"{base} = {quote}", {}
    if asked.to.column is None:
        top, bottom, rate = "b.top", "b.bottom", "b.rate"
    else:
        stages.join(RATES, "q", f"q.slot = {quote_slot}")
        is_same += f" AND {base_place} > 0"
        top, bottom = "b.top * q.bottom", "b.bottom * q.top"
        rate = f"CAST({top} AS DOUBLE) / CAST({bottom} AS DOUBLE)"
        if asked.missing == "previous":  # both figures are of one day; tenge are of any
            is_pair = f"(b.effective = q.effective OR {base} = 'KZT' OR {quote} = 'KZT')"
            rate = f"CASE WHEN {is_pair} THEN {rate} END"
        legs = {"base_rate": "b.rate", "quote_rate": "q.rate"}
    stages.add(
        **legs,
        top=f"CAST(CASE WHEN {is_same} THEN 1 ELSE {top} END AS HUGEINT)",
        bottom=f"CAST(CASE WHEN {is_same} THEN 1 ELSE {bottom} END AS HUGEINT)",
        rate=f"CASE WHEN {is_same} THEN CAST(1 AS DOUBLE) ELSE {rate} END",
    )
    return stages.name("rate")


def _place(of: "Codes", code: str, listed: "list[str]") -> str:
    """Return where in a list a code is, from 1 on; 0 for one that is not in it, and for null."""
    if of.code is not None:
        return str(listed.index(of.code) + 1 if of.code in listed else 0)
    return f"coalesce(list_position([{', '.join(map(literal, listed))}], {code}), 0)"


def _slot(place: str, day: str, rates: "WholeTable") -> str:
    """Return the number of the row that a place and a day have, of those there are."""
    return (
        f"CASE WHEN {place} BETWEEN 1 AND {len(rates.codes)}"
        f" AND {day} BETWEEN DATE '{rates.start}' AND DATE '{rates.end}'"
        f" THEN ({place} - 1) * {rates.size} + ({day} - DATE '{rates.start}')"
        f" ELSE {rates.nowhere} END"
    )


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
