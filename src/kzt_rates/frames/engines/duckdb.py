"""DuckDB: a relation joined with the rates, on the relation's own connection."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from uuid import uuid4

from duckdb import CatalogException
from pyarrow.dataset import dataset

from kzt_rates.arithmetic import MAX_TEXT_CHARACTERS
from kzt_rates.frames import engines
from kzt_rates.frames.columns import LARGEST_WHOLE_FLOAT
from kzt_rates.frames.rate_tables import currencies_of, no_rate_texts, whole
from kzt_rates.frames.request import DECIMAL_DIGITS, SCALE_WITHOUT_PLACES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from duckdb import DuckDBPyRelation
    from duckdb.sqltypes import DuckDBPyType

    from kzt_rates.frames.rate_tables import RateTable, WholeTable
    from kzt_rates.frames.request import Codes, Dates, Request

    Types = Mapping[str, DuckDBPyType]

# How the query finds the rates: a variable of `convert`.
RATES = "kzt_rates_of_the_bank"
SMALL_INTEGERS = ("tinyint", "smallint", "integer", "utinyint", "usmallint", "uinteger")
INTEGERS = (*SMALL_INTEGERS, "bigint", "ubigint", "hugeint", "uhugeint")
WITHOUT_ZONE = ("timestamp", "timestamp_s", "timestamp_ms", "timestamp_ns")
WITH_ZONE = ("timestamp with time zone", "timestamptz_ns")
MICROSECONDS = 1_000_000
LARGEST_ROUNDED = "1e36"  # units of 10**-places, with digits to spare in 128 bits
# The amount, the rate and two products are each off by half an ulp, which may count twice.
DOUBT = 2.0**-49
# Of so many digits, an amount times a top of 52 bits has room in 128.
NARROW_DIGITS = 18


def convert(frame: DuckDBPyRelation, request: Request, table: RateTable) -> DuckDBPyRelation:
    """Return a relation with one column more; nothing runs until its rows are asked for.

    Raises `TypeError` for columns of other types and `ValueError` for names that are equal to
    DuckDB. An error of DuckDB's own names a row without a rate, when the relation is run.
    """
    engines.refuse_clashes(frame.columns, request.into)
    view = f"kzt_rates_{uuid4().hex}"
    types = dict(zip(frame.columns, frame.types, strict=True))
    stages = Stages(view, frame.columns)
    base = codes_of(stages, request.currency, types, "base")
    quote = codes_of(stages, request.to, types, "quote")
    day = days_of(stages, request.date, types)
    amount = amounts_of(stages, request.amount, types)
    rates = whole(table, request.currency.code if request.to.column is None else None)
    rate = _joined(stages, request, rates, currencies_of(table), day)
    found = money_of(
        stages, amount, rate, stages.name("top"), stages.name("bottom"), request.places
    )
    nulls = " OR ".join(f"{part} IS NULL" for part in (amount.sql, base, quote, day))
    lacking = "NULL" if request.missing == "null" else _no_rate(stages, request, table, day)
    converted = f"CASE WHEN {nulls} THEN NULL WHEN {rate} IS NULL THEN {lacking} ELSE {found} END"
    sql = stages.select(f"{converted} AS {engines.quoted(request.into)}")
    # DuckDB finds it by its name, and keeps it for as long as the relation lives. Of a data set it
    # does not know the size: it streams the frame, in its order, and hashes the rates.
    kzt_rates_of_the_bank = dataset(rates.rows)  # noqa: F841
    try:
        converted_frame = frame.query(view, sql)
    except CatalogException as error:
        if RATES not in str(error):
            raise
        raise ValueError(
            "this connection of DuckDB is not allowed to read what Python has, and the rates are "
            "joined so: convert what to_arrow_table() gives, or have python_enable_replacements on"
        ) from error
    assert converted_frame is not None
    return converted_frame


def _joined(stages: Stages, request: Request, rates: WholeTable, known: list[str], day: str) -> str:
    """Join the rates of each row; return its rate, with columns `top` and `bottom` beside it.

    A currency that is known has a rate of 1 in itself on any day.
    """
    base, quote = stages.name("base"), stages.name("quote")
    # those that have rates come first, so that a place in the list is a place in the table
    listed = [*rates.codes, *(code for code in known if code not in rates.codes)]
    places = {
        "base place": _place(request.currency, base, listed),
        "quote place": _place(request.to, quote, listed),
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
    if request.to.column is None:
        top, bottom, rate = "b.top", "b.bottom", "b.rate"
    else:
        stages.join(RATES, "q", f"q.slot = {quote_slot}")
        is_same += f" AND {base_place} > 0"
        top, bottom = "b.top * q.bottom", "b.bottom * q.top"
        rate = f"CAST({top} AS DOUBLE) / CAST({bottom} AS DOUBLE)"
        if request.missing == "previous":  # both figures are of one day; tenge are of any
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


def _place(of: Codes, code: str, listed: list[str]) -> str:
    """Return where in a list a code is, from 1 on; 0 for one that is not in it, and for null."""
    if of.code is not None:
        return str(listed.index(of.code) + 1 if of.code in listed else 0)
    return f"coalesce(list_position([{', '.join(map(engines.literal, listed))}], {code}), 0)"


def _slot(place: str, day: str, rates: WholeTable) -> str:
    """Return the number of the row that a place and a day have, of those there are."""
    return (
        f"CASE WHEN {place} BETWEEN 1 AND {len(rates.codes)}"
        f" AND {day} BETWEEN DATE '{rates.start}' AND DATE '{rates.end}'"
        f" THEN ({place} - 1) * {rates.size} + ({day} - DATE '{rates.start}')"
        f" ELSE {rates.nowhere} END"
    )


def _no_rate(stages: Stages, request: Request, table: RateTable, day: str) -> str:
    """Return the call that fails for a row without a rate, naming it."""
    before, between, after = map(engines.literal, no_rate_texts(request, table))
    code = stages.name("base")
    if request.to.column is not None:
        quote = stages.name("quote")
        code = (
            f"CASE WHEN {stages.name('base_rate')} IS NULL THEN {code}"
            f" WHEN {stages.name('quote_rate')} IS NULL THEN {quote}"
            f" ELSE concat({code}, ' in ', {quote}) END"
        )
    return f"error(concat({before}, {code}, {between}, CAST({day} AS VARCHAR), {after}))"


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


def amounts_of(stages: Stages, column: str, types: Types) -> Amount:
    """Return how the amounts are read; `TypeError` where a column holds no numbers."""
    kind, sql = types[column].id, f"s.{engines.quoted(column)}"
    if kind in ("varchar", "enum"):
        text = stages.add(text=f"CAST({sql} AS VARCHAR)")
        return Amount(
            stages.add(amount=_amount_of_text(text)),
            "decimal",
            precision=DECIMAL_DIGITS,
            scale=SCALE_WITHOUT_PLACES,
        )
    if kind == "float":
        # the number it prints as: a DOUBLE would show its binary tail
        number = stages.add(amount=f"CAST(CAST({sql} AS VARCHAR) AS DOUBLE)")
        return Amount(_refuse_infinite(stages, number), "float")
    if kind in ("double", "null"):
        number = stages.add(amount=f"CAST({sql} AS DOUBLE)")
        return Amount(_refuse_infinite(stages, number), "float")
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
    raise TypeError(f"the amounts in {column!r} are {types[column]}: numbers or text are needed")


def _amount_of_text(text: str) -> str:
    """Return the decimal of a text in the grammar of `kzt_rates.convert`; others are errors."""
    bad = f"concat({engines.literal(engines.BAD_AMOUNT_TEXT)}, left({text}, {MAX_TEXT_CHARACTERS}))"
    long = f"concat({engines.literal(engines.LONG_AMOUNT_TEXT)}, {text})"
    return (
        f"CASE WHEN {text} IS NULL THEN NULL"
        f" WHEN regexp_full_match({text}, {engines.literal(engines.AMOUNT_TEXT)})"
        f" THEN CAST(ltrim({text}, '+') AS DECIMAL({DECIMAL_DIGITS}, {SCALE_WITHOUT_PLACES}))"
        f" WHEN regexp_full_match({text}, {engines.literal(engines.ANY_AMOUNT_TEXT)})"
        f" AND strlen({text}) <= {MAX_TEXT_CHARACTERS} THEN error({long}) ELSE error({bad}) END"
    )


def _refuse_infinite(stages: Stages, number: str) -> str:
    """Add floats of which infinite ones and NaN are errors; return their name."""
    refusal = f"error(concat({engines.literal(engines.NOT_FINITE)}, CAST({number} AS VARCHAR)))"
    return stages.add(
        finite=f"CASE WHEN {number} IS NULL OR isfinite({number}) THEN {number} ELSE {refusal} END"
    )


def codes_of(stages: Stages, codes: Codes, types: Types, working: str) -> str:
    """Add the codes in capitals as a working column; `TypeError` where a column is no text."""
    if codes.column is None:
        return stages.add(**{working: engines.literal(codes.code or "")})
    if types[codes.column].id not in ("varchar", "enum", "null"):
        raise TypeError(f"the codes in {codes.column!r} are {types[codes.column]}, not text")
    text = f"CAST(s.{engines.quoted(codes.column)} AS VARCHAR)"
    # Three bytes are three ASCII characters, or no code: "uſd" too is USD in capitals.
    capitals = f"CASE WHEN strlen({text}) = 3 THEN upper({text}) ELSE {text} END"
    return stages.add(**{working: capitals})


def days_of(stages: Stages, dates: Dates, types: Types) -> str:
    """Add the dates in Kazakhstan as a working column; `TypeError` where a column has none."""
    if dates.column is None:
        return stages.add(day=f"DATE '{dates.day}'")
    kind, sql = types[dates.column].id, f"s.{engines.quoted(dates.column)}"
    if kind in ("date", "null") or kind in WITHOUT_ZONE:
        return stages.add(day=f"CAST({sql} AS DATE)")
    if kind in WITH_ZONE:
        return _day_in_almaty(stages, sql)
    if kind == "varchar":
        return stages.add(day=_day_of_text(sql))
    raise TypeError(f"the dates in {dates.column!r} are {types[dates.column]}: dates are needed")


def _day_in_almaty(stages: Stages, sql: str) -> str:
    """Add the date of instants by the clocks of Almaty, in a session of whatever time zone."""
    instant = f"CAST({sql} AS TIMESTAMP WITH TIME ZONE)"
    ticks = stages.add(instant=instant, ticks=f"epoch_us({instant})")
    local = f"make_timestamp({ticks} + {engines.offset_in_almaty(ticks, MICROSECONDS)})"
    # an infinite instant has no ticks, and is no null
    return stages.add(
        day=f"CASE WHEN {ticks} IS NULL THEN CAST({stages.name('instant')} AS DATE)"
        f" ELSE CAST({local} AS DATE) END"
    )


def _day_of_text(sql: str) -> str:
    refusal = f"concat('a date is written 2025-12-05 or 05.12.2025, not ', left({sql}, 40))"
    year = "([1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])"  # year 0 is none to Python
    iso = rf"'{year}-[0-9]{{2}}-[0-9]{{2}}'"
    dotted = rf"'[0-9]{{2}}\.[0-9]{{2}}\.{year}'"
    reordered = f"concat({sql}[7:10], '-', {sql}[4:5], '-', {sql}[1:2])"
    return (
        f"CASE WHEN {sql} IS NULL THEN NULL"
        f" WHEN regexp_full_match({sql}, {iso}) THEN CAST({sql} AS DATE)"
        f" WHEN regexp_full_match({sql}, {dotted}) THEN CAST({reordered} AS DATE)"
        f" ELSE error({refusal}) END"
    )


def money_of(
    stages: Stages, amount: Amount, rate: str, top: str, bottom: str, places: int | None
) -> str:
    """Add what is needed to convert a row; return the expression of its result.

    DOUBLE for floats and integers, DECIMAL(38, places) for decimals.
    """
    if amount.kind == "decimal":
        return _exact(stages, amount, top, bottom, places)
    if places is not None:
        return _money_of_floats(stages, amount, rate, top, bottom, places)
    if amount.is_small:
        return f"{amount.sql} * {rate}"
    refusal = f"concat('more than a DOUBLE holds: ', {amount.sql}, ', cast amounts to DECIMAL')"
    limits = f"{-LARGEST_WHOLE_FLOAT} AND {LARGEST_WHOLE_FLOAT}"
    return (
        f"CASE WHEN {amount.sql} BETWEEN {limits} THEN CAST({amount.sql} AS DOUBLE) * {rate}"
        f" ELSE error({refusal}) END"
    )


def _exact(stages: Stages, amount: Amount, top: str, bottom: str, places: int | None) -> str:
    scale = SCALE_WITHOUT_PLACES if places is None else places
    units = stages.add(units=f"abs({_units(amount)})")
    if amount.precision <= NARROW_DIGITS:
        product = stages.add(product=f"{units} * {top}")
        stages.add(whole=f"{product} // {bottom}", rest=f"{product} % {bottom}")
    else:
        stages.add(part=f"({units} % {bottom}) * {top}")
        part = stages.name("part")
        stages.add(
            whole=f"({units} // {bottom}) * {top} + {part} // {bottom}",
            rest=f"{part} % {bottom}",
        )
    whole, rest = stages.name("whole"), stages.name("rest")
    if scale >= amount.scale:
        more = _huge(10 ** (scale - amount.scale))
        scaled = stages.add(scaled=f"{rest} * {more}")
        stages.add(
            quotient=f"{whole} * {more} + {scaled} // {bottom}", twice=f"2 * ({scaled} % {bottom})"
        )
        twice, quotient = stages.name("twice"), stages.name("quotient")
        is_more, is_tie = f"{twice} > {bottom}", f"{twice} = {bottom}"
    else:
        less = 10 ** (amount.scale - scale)
        stages.add(quotient=f"{whole} // {_huge(less)}", left=f"{whole} % {_huge(less)}")
        left, quotient, half = stages.name("left"), stages.name("quotient"), _huge(less // 2)
        is_more = f"({left} > {half} OR {left} = {half} AND {rest} > 0)"
        is_tie = f"{left} = {half} AND {rest} = 0"
    if places is None:
        is_tie += f" AND {quotient} % 2 = 1"
    rounded = f"{quotient} + CASE WHEN {is_more} OR {is_tie} THEN 1 ELSE 0 END"
    return _signed(amount.sql, _decimal(stages.add(rounded=rounded), scale))


def _money_of_floats(
    stages: Stages, amount: Amount, rate: str, top: str, bottom: str, places: int
) -> str:
    """Return a DOUBLE result, rounded half up.

    Where the product of floats is far from half a unit it rounds right; only the other rows
    need whole numbers, of the shortest decimal that reads as the float.
    """
    unit, number = f"CAST('1e{places}' AS DOUBLE)", f"CAST({amount.sql} AS DOUBLE)"
    size = stages.add(size=f"abs({number})")
    product = stages.add(product=f"{size} * {rate} * {unit}")
    over = stages.add(floor=f"floor({product})", over=f"{product} - floor({product}) - 0.5")
    refusal = f"error(concat('an amount too large to be rounded: ', {amount.sql}))"
    is_near = f"abs({over}) <= {product} * {DOUBT}"  # of large products, all are
    is_doubtful = stages.add(
        doubtful=f"CASE WHEN NOT isfinite({size}) THEN false"
        f" WHEN {product} >= {LARGEST_ROUNDED} THEN {refusal} ELSE {is_near} END"
    )
    if amount.kind == "integer":
        stages.add(
            digits=f"CASE WHEN {is_doubtful} THEN abs(CAST({amount.sql} AS HUGEINT)) END", scale="0"
        )
    else:
        _add_digits(stages, f"CASE WHEN {is_doubtful} THEN CAST({size} AS VARCHAR) END")
    digits, scale = stages.name("digits"), stages.name("scale")
    stages.add(
        up=f"{digits} * {top} * {_power_of_ten(f'{places} - {scale}')}",
        down=f"{bottom} * {_power_of_ten(f'{scale} - {places}')}",
    )
    up, down = stages.name("up"), stages.name("down")
    rounded = stages.add(
        rounded=f"{up} // {down} + CASE WHEN 2 * ({up} % {down}) >= {down} THEN 1 ELSE 0 END"
    )
    # of its digits, DuckDB makes the nearest DOUBLE
    exact = f"CAST(CAST({_decimal(rounded, places)} AS VARCHAR) AS DOUBLE)"
    quick = f"({stages.name('floor')} + CASE WHEN {over} > 0 THEN 1 ELSE 0 END) / {unit}"
    money = f"CASE WHEN {is_doubtful} THEN {exact} ELSE {quick} END"
    return f"CASE WHEN isfinite({number}) THEN {_signed(number, money)} ELSE {number} END"


def _add_digits(stages: Stages, text: str) -> None:
    """Add the digits of floats written like 0.285, 15.0 or 1.5e-07, and how many are decimals."""
    text = stages.add(text=text)
    # of null, DuckDB before 1.2 makes the empty text
    mantissa = stages.add(
        mantissa=f"CASE WHEN {text} IS NOT NULL THEN split_part({text}, 'e', 1) END"
    )
    exponent = (
        f"CASE WHEN contains({text}, 'e') THEN CAST(split_part({text}, 'e', 2) AS INTEGER)"
        " ELSE 0 END"
    )
    stages.add(
        digits=f"CAST(replace({mantissa}, '.', '') AS HUGEINT)",
        scale=f"length(split_part({mantissa}, '.', 2)) - {exponent}",
    )


def _units(amount: Amount) -> str:
    if not amount.scale:
        return f"CAST({amount.sql} AS HUGEINT)"
    if amount.precision + amount.scale > DECIMAL_DIGITS:
        return f"CAST(replace(CAST({amount.sql} AS VARCHAR), '.', '') AS HUGEINT)"
    wide = f"CAST({amount.sql} AS DECIMAL({DECIMAL_DIGITS}, {amount.scale}))"
    power = f"CAST({10**amount.scale} AS DECIMAL({amount.scale + 1}, 0))"
    return f"CAST({wide} * {power} AS HUGEINT)"


def _decimal(units: str, scale: int) -> str:
    """Return a whole number of 10**-scale as a decimal; DuckDB fails where it has no room."""
    whole = f"CAST({units} AS DECIMAL({DECIMAL_DIGITS}, 0))"
    if not scale:
        return whole
    return f"{whole} * CAST('{10.0**-scale:.{scale}f}' AS DECIMAL({scale}, {scale}))"


def _signed(number: str, size: str) -> str:
    return f"CASE WHEN {number} < 0 THEN -({size}) ELSE {size} END"


def _huge(number: int) -> str:
    return f"CAST('{number}' AS HUGEINT)"


def _power_of_ten(exponent: str) -> str:
    """Return ten to a power, 1 for negative ones; DuckDB fails beyond 38."""
    return f"CAST(concat('1', repeat('0', greatest({exponent}, 0))) AS HUGEINT)"


class Stages:
    """Nested selects over a view, whose own columns come first and unchanged.

    >>> stages = Stages("v", ["a"])
    >>> stages.add(twice="2 * a")
    '"kzt_rates working: twice"'
    >>> stages.select("0 AS zero")
    'SELECT "a", 0 AS zero FROM (SELECT s.*, 2 * a AS "kzt_rates working: twice" FROM v AS s) AS s'
    """

    def __init__(self, view: str, columns: Sequence[str]) -> None:
        self._columns = columns
        self._prefix = engines.working_prefix(columns)
        self._source = f"{view} AS s"

    def name(self, working: str) -> str:
        """Return the quoted name of a working column."""
        return engines.quoted(self._prefix + working)

    def add(self, **columns: str) -> str:
        """Add working columns in one stage; return the quoted name of the last."""
        new = ", ".join(f"{sql} AS {self.name(working)}" for working, sql in columns.items())
        self._source = f"(SELECT s.*, {new} FROM {self._source}) AS s"  # noqa: S608  # names are quoted
        return self.name(list(columns)[-1])

    def join(self, table: str, alias: str, condition: str) -> None:
        """Join a table before the next stage, which may use its alias."""
        self._source += f" JOIN {table} AS {alias} ON {condition}"

    def select(self, column: str) -> str:
        """Return the whole query: the view's columns and one more."""
        own = ", ".join(map(engines.quoted, self._columns))
        return f"SELECT {own}, {column} FROM {self._source}"  # noqa: S608
