"""DuckDB's columns as the query needs them: codes in capitals, days, amounts by their kind."""

from typing import TYPE_CHECKING, NamedTuple

from kzt_rates.frames.engines.sql_text import literal, offset_in_almaty, quoted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from duckdb.sqltypes import DuckDBPyType

    from kzt_rates.frames.asked import Codes, Dates
    from kzt_rates.frames.engines.sql_stages import Stages

    Types = Mapping[str, DuckDBPyType]

SMALL_INTEGERS = ("tinyint", "smallint", "integer", "utinyint", "usmallint", "uinteger")
INTEGERS = (*SMALL_INTEGERS, "bigint", "ubigint", "hugeint", "uhugeint")
WITHOUT_ZONE = ("timestamp", "timestamp_s", "timestamp_ms", "timestamp_ns")
WITH_ZONE = ("timestamp with time zone", "timestamptz_ns")
MICROSECONDS = 1_000_000


class Amount(NamedTuple):
    """A column of amounts: how it is read, and what it holds.

    `kind` is "float", "integer" or "decimal"; `is_small` says of integers that a DOUBLE holds
    every one; `precision` and `scale` are a decimal's.
    """

    sql: str
    kind: str
    is_small: bool = True
    precision: int = 0
    scale: int = 0


def amounts_of(stages: "Stages", column: str, types: "Types") -> Amount:
    """Return how the amounts are read; `TypeError` where a column holds no numbers."""
    kind, sql = types[column].id, f"s.{quoted(column)}"
    if kind == "float":
        # the number it prints as: a DOUBLE would show its binary tail
        return Amount(stages.add(amount=f"CAST(CAST({sql} AS VARCHAR) AS DOUBLE)"), "float")
    if kind in ("double", "null"):
        return Amount(stages.add(amount=f"CAST({sql} AS DOUBLE)"), "float")
    if kind in INTEGERS:
        return Amount(stages.add(amount=sql), "integer", kind in SMALL_INTEGERS)
    if kind == "decimal":
        digits = {name: int(str(size)) for name, size in types[column].children}
        return Amount(
            stages.add(amount=sql),
            "decimal",
            precision=digits["precision"],
            scale=digits["scale"],
        )
    raise TypeError(f"the amounts in {column!r} are {types[column]}: numbers are needed")


def codes_of(stages: "Stages", codes: "Codes", types: "Types", working: str) -> str:
    """Add the codes in capitals as a working column; `TypeError` where a column is no text."""
    if codes.column is None:
        return stages.add(**{working: literal(codes.code or "")})
    if types[codes.column].id not in ("varchar", "enum", "null"):
        raise TypeError(f"the codes in {codes.column!r} are {types[codes.column]}, not text")
    text = f"CAST(s.{quoted(codes.column)} AS VARCHAR)"
    # Three bytes are three ASCII characters, or no code: "uſd" too is USD in capitals.
    capitals = f"CASE WHEN strlen({text}) = 3 THEN upper({text}) ELSE {text} END"
    return stages.add(**{working: capitals})


def days_of(stages: "Stages", dates: "Dates", types: "Types") -> str:
    """Add the dates in Kazakhstan as a working column; `TypeError` where a column has none."""
    if dates.column is None:
        return stages.add(day=f"DATE '{dates.day}'")
    kind, sql = types[dates.column].id, f"s.{quoted(dates.column)}"
    if kind in ("date", "null") or kind in WITHOUT_ZONE:
        return stages.add(day=f"CAST({sql} AS DATE)")
    if kind in WITH_ZONE:
        return _day_in_almaty(stages, sql)
    if kind == "varchar":
        return stages.add(day=_day_of_text(sql))
    raise TypeError(f"the dates in {dates.column!r} are {types[dates.column]}: dates are needed")


def _day_in_almaty(stages: "Stages", sql: str) -> str:
    """Add the date of instants by the clocks of Almaty, in a session of whatever time zone."""
    instant = f"CAST({sql} AS TIMESTAMP WITH TIME ZONE)"
    ticks = stages.add(instant=instant, ticks=f"epoch_us({instant})")
    local = f"make_timestamp({ticks} + {offset_in_almaty(ticks, MICROSECONDS)})"
    # an infinite instant has no ticks, and is no null
    return stages.add(
        day=f"CASE WHEN {ticks} IS NULL THEN CAST({stages.name('instant')} AS DATE)"
        f" ELSE CAST({local} AS DATE) END"
    )


def _day_of_text(sql: str) -> str:
    refusal = f"concat('a date is written 2025-12-05 or 05.12.2025, not ', left({sql}, 40))"
    iso = r"'[0-9]{4}-[0-9]{2}-[0-9]{2}'"
    dotted = r"'[0-9]{2}\.[0-9]{2}\.[0-9]{4}'"
    reordered = f"concat({sql}[7:10], '-', {sql}[4:5], '-', {sql}[1:2])"
    return (
        f"CASE WHEN {sql} IS NULL THEN NULL"
        f" WHEN regexp_full_match({sql}, {iso}) THEN CAST({sql} AS DATE)"
        f" WHEN regexp_full_match({sql}, {dotted}) THEN CAST({reordered} AS DATE)"
        f" ELSE error({refusal}) END"
    )
