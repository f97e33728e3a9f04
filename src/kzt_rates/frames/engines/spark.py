"""Spark: a frame left-joined with the rates, of which every executor gets a copy."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyspark
from pyspark.sql import functions as F  # noqa: N812  # as all of Spark's users know it
from pyspark.sql import types

from kzt_rates.arithmetic import MAX_TEXT_CHARACTERS
from kzt_rates.figures import KZT
from kzt_rates.frames.columns import LARGEST_WHOLE_FLOAT, SECONDS_A_DAY, offsets
from kzt_rates.frames.engines import (
    AMOUNT_TEXT,
    ANY_AMOUNT_TEXT,
    BAD_AMOUNT_TEXT,
    LONG_AMOUNT_TEXT,
    NOT_FINITE,
    quoted,
    working_prefix,
)
from kzt_rates.frames.rate_tables import currencies_of, no_rate_texts
from kzt_rates.frames.request import DECIMAL_DIGITS, SCALE_WITHOUT_PLACES
from kzt_rates.frames.source import LARGEST_PART

if TYPE_CHECKING:
    from typing import Literal

    from pyspark.sql import Column, DataFrame, SparkSession

    from kzt_rates.frames.rate_tables import RateTable
    from kzt_rates.frames.request import Codes, Request

    Figures = dict[str, Column]
    Ties = Literal["away", "even"]

BAD_DATE = "a date is written 2025-12-05 or 05.12.2025, not "
MAX_SHOWN = 40
# `\z` and not `$`, which Java lets stand before a line's end; year 0 is none to Python.
ISO_TEXT = r"\A(?!0000)[0-9]{4}-[0-9]{2}-[0-9]{2}\z"
DOTTED_TEXT = r"\A[0-9]{2}\.[0-9]{2}\.(?!0000)[0-9]{4}\z"
# A decimal of six digits is never lost in a float32, nine always tell one from the next.
DIGITS_OF_FLOAT = (6, 7, 8, 9)
LARGEST_EXACT_POWER = 22  # of ten, as a float64
TEXT_AMOUNTS = types.DecimalType(DECIMAL_DIGITS, SCALE_WITHOUT_PLACES)
LARGEST_FACTOR = 1e18  # of a 64-bit integer
MAX_SCALE = 12
PART = "decimal(16,0)"  # below 2**52
WIDE = f"decimal({DECIMAL_DIGITS},0)"
LARGEST_EXACT = 2.0**51
# amount, rate, product and scale are each off by at most an ulp; this is far more than all
DOUBT = 2.0**-48
# Money has two decimals; what has more has seldom more than six.
SCALES_OF_FLOATS = (0, 2, 4, 6, 9, 12)
ADVICE = " has too many digits to be rounded as a float: cast the amounts to decimal"

# What one unit of a currency costs in itself; the shortest decimal there is lengthens no other.
ONES = {"top": 1, "bottom": 1, "rate": 1.0, "factor": Decimal(1)}


class _Row(NamedTuple):
    """Where and when the amount of a row is: codes in capitals, and its date in Kazakhstan."""

    base: Column
    quote: Column
    day: Column
    is_whole: Column
    is_same: Column


def convert(frame: DataFrame, request: Request, table: RateTable) -> DataFrame:
    """Return a frame with one column more; no job runs until its rows are asked for.

    Raises `TypeError` for columns of other types and `ValueError` for a name that is taken. A
    row without a rate fails the job that reads the new column, in words that name the row.
    """
    _refuse_clash(frame, request)
    kind = frame.schema[request.amount].dataType
    if isinstance(kind, types.NullType):
        kind = types.DoubleType()
    is_text = isinstance(kind, types.StringType)
    figure, table = needs(TEXT_AMOUNTS if is_text else kind, request, table)
    stages = Stages(frame)
    row = _row_of(stages, frame, request, table)
    rate = _rate_of(stages, row, request, table, figure)
    amount = named(request.amount)
    if is_text:
        (amount,) = stages.add(_amount_of_text(amount))
        kind = TEXT_AMOUNTS
    elif isinstance(kind, types.FractionalType) and not isinstance(kind, types.DecimalType):
        (amount,) = stages.add(_finite(amount))
    found = converted(stages, amount, kind, rate, request.places)
    return stages.result(request.into, found)


def _amount_of_text(column: Column) -> Column:
    """Return the decimals of texts in the grammar of `kzt_rates.convert`; others are errors."""
    text = column.cast("string")
    is_grammar = text.rlike(rf"\A{ANY_AMOUNT_TEXT}\z") & (F.length(text) <= MAX_TEXT_CHARACTERS)
    bad = F.concat(F.lit(BAD_AMOUNT_TEXT), F.substring(text, 1, MAX_TEXT_CHARACTERS))
    long = F.concat(F.lit(LONG_AMOUNT_TEXT), text)
    return (
        F.when(text.rlike(rf"\A{AMOUNT_TEXT}\z"), text.cast(TEXT_AMOUNTS))
        .when(is_grammar, F.raise_error(long))
        .when(text.isNotNull(), F.raise_error(bad))
    )


def _finite(number: Column) -> Column:
    """Return floats of which infinite ones and NaN are errors."""
    refusal = F.raise_error(F.concat(F.lit(NOT_FINITE), number.cast("string")))
    # to Spark NaN is larger than infinity
    is_finite = number.isNull() | (F.abs(number) < float("inf"))
    return F.when(is_finite, number).otherwise(refusal)


def _refuse_clash(frame: DataFrame, request: Request) -> None:
    """Refuse names that mean several columns, or one that Spark would replace.

    It tells no small letters from capitals, unless it is told to.
    """
    is_strict = frame.sparkSession.conf.get("spark.sql.caseSensitive") == "true"
    names = [column if is_strict else column.lower() for column in frame.columns]
    into = request.into if is_strict else request.into.lower()
    if into in names:
        taken = frame.columns[names.index(into)]
        raise ValueError(f"there is a column {taken!r} already: name another with into=")
    read = (request.amount, request.currency.column, request.date.column, request.to.column)
    for name in filter(None, read):
        if names.count(name if is_strict else name.lower()) > 1:
            raise ValueError(f"there are several columns {name!r}: rename them")


def _row_of(stages: Stages, frame: DataFrame, request: Request, table: RateTable) -> _Row:
    def code(of: Codes) -> Column:
        if of.column is None:
            return F.lit(of.code)
        return code_of(named(of.column), frame.schema[of.column].dataType)

    day = F.lit(str(request.date.day)).cast("date")
    if request.date.column is not None:
        day = day_of(named(request.date.column), frame.schema[request.date.column].dataType)
    base, quote, day = stages.add(code(request.currency), code(request.to), day)
    is_same = (base == quote) & day.isNotNull()
    if request.to.column is not None:
        is_same &= base.isin(currencies_of(table))
    is_whole = named(request.amount).isNotNull()
    for name in (request.currency.column, request.date.column, request.to.column):
        if name is not None:
            is_whole &= named(name).isNotNull()
    return _Row(base, quote, day, is_whole, is_same)


def _rate_of(stages: Stages, row: _Row, request: Request, table: RateTable, needed: str) -> Figures:
    """Join the rates of each row; where there is none, the needed figure is null or an error."""
    if request.to.column is None:
        found, lacking = _leg(stages, row, request, table, request.currency, row.base), row.base
    else:
        found, lacking = _pair(stages, row, request, table)
    checked = {}
    for name, one in ONES.items():
        if name in found:
            figure = F.when(row.is_same, one).when(found[name].isNotNull(), found[name])
            checked[name] = _checked(figure, row, request, table, lacking, is_needed=name == needed)
    return dict(zip(checked, stages.add(*checked.values()), strict=True))


def _pair(stages: Stages, row: _Row, request: Request, table: RateTable) -> tuple[Figures, Column]:
    """Join the rates of both currencies; return those of the pair, and what a row may lack."""
    for name in ("top", "bottom"):
        if table.rows[name].to_numpy().max(initial=0) >= LARGEST_PART:
            raise ValueError("rates of so many digits cannot be multiplied with one another here")
    base = _leg(stages, row, request, table, request.currency, row.base)
    quote = _leg(stages, row, request, table, request.to, row.quote)
    top, bottom = base["top"] * quote["bottom"], base["bottom"] * quote["top"]
    if request.missing == "previous":
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
    request: Request,
    table: RateTable,
    codes: Codes,
    code: Column,
) -> Figures:
    """Join the rates of one of two currencies; Spark drops the columns that are not used."""
    rows, keys = table.rows, {}
    if codes.column is None:
        rows = rows.filter(pc.field("code") == codes.code)
    else:
        keys["code"] = code
    if request.date.column is None:
        rows = rows.filter(pc.field("day") == request.date.day)
    else:
        keys["day"] = row.day
    return stages.join(rows, keys)


def _checked(
    figure: Column,
    row: _Row,
    request: Request,
    table: RateTable,
    lacking: Column,
    *,
    is_needed: bool,
) -> Column:
    """Return the figure of rows that have one, null for those with a null, for others an error."""
    if not is_needed:
        return figure
    if request.date.column is not None:
        text = named(request.date.column).cast("string")
        refusal = F.concat(F.lit(BAD_DATE), F.substring(text, 1, MAX_SHOWN))
        figure = figure.when(row.day.isNull() & text.isNotNull(), F.raise_error(refusal))
    if request.missing == "null":
        return figure
    before, between, after = map(F.lit, no_rate_texts(request, table))
    message = F.concat(before, lacking, between, row.day.cast("string"), after)
    return figure.when(row.is_whole, F.raise_error(message))


def named(name: str) -> Column:
    """Return a column by its whole name, whatever is in it."""
    return F.col(quoted(name, "`"))


def code_of(column: Column, kind: types.DataType) -> Column:
    """Return codes in capitals."""
    if not isinstance(kind, types.StringType | types.NullType):
        raise TypeError(f"a column of currency codes is text, not {kind.simpleString()}")
    text = column.cast("string")
    # Three bytes are three ASCII characters, or no code: "uſd" too is USD in capitals.
    return F.when(F.octet_length(text) == 3, F.upper(text)).otherwise(text)


def is_text(kind: types.DataType) -> bool:
    """Whether a column's dates are text, of which some may be no dates."""
    return isinstance(kind, types.StringType)


def day_of(column: Column, kind: types.DataType) -> Column:
    """Return the dates of dates, timestamps and texts; null for a text that is none.

    What Spark calls a timestamp is an instant: its date in Almaty counts, in any session.
    """
    if isinstance(kind, types.DateType):
        return column
    if isinstance(kind, types.TimestampNTZType | types.NullType):
        return column.cast("date")
    if isinstance(kind, types.TimestampType):
        seconds = F.unix_seconds(column)
        local = seconds + _ahead(seconds)
        return F.date_from_unix_date(F.floor(local / SECONDS_A_DAY).cast("int"))
    if is_text(kind):
        text = column.cast("string")
        turned = [F.substring(text, start, size) for start, size in ((7, 4), (4, 2), (1, 2))]
        iso = F.when(text.rlike(ISO_TEXT), text).when(
            text.rlike(DOTTED_TEXT), F.concat_ws("-", *turned)
        )
        if hasattr(type(iso), "try_cast"):  # a column has any attribute: a field
            return iso.try_cast("date")
        return F.try_to_timestamp(iso, F.lit("yyyy-MM-dd")).cast("date")  # of Spark 3.5
    raise TypeError(f"a column of dates has dates, timestamps or text, not {kind.simpleString()}")


def _ahead(seconds: Column) -> Column:
    """Return how far the clocks of Almaty were ahead of UTC at instants."""
    moves = offsets()
    newest, *earlier = reversed(moves)
    found = F.when(seconds >= newest[0], newest[1])
    for since, offset in earlier[:-1]:
        found = found.when(seconds >= since, offset)
    return found.otherwise(moves[0][1])


def as_written(column: Column) -> Column:
    """Return the float64 of the decimal that a float32 prints as: 0.1, not 0.10000000149."""
    number = column.cast("double")
    size = F.abs(number)
    is_itself = number.isNull() | (size == 0) | ~(size < float("inf"))
    before = F.floor(F.log10(size)) + 1
    found = F.when(is_itself, number)
    for digits in DIGITS_OF_FLOAT:
        power = digits - before
        tens = F.pow(F.lit(10.0), F.abs(power).cast("double"))
        decimal = F.when(power >= 0, F.rint(number * tens) / tens).otherwise(
            F.rint(number / tens) * tens
        )
        is_it = (decimal.cast("float") == column) & (F.abs(power) <= LARGEST_EXACT_POWER)
        found = found.when(is_it, decimal)
    text = F.concat(F.lit("the amount "), column.cast("string"), F.lit(" is a float: cast it "))
    return found.otherwise(F.raise_error(F.concat(text, F.lit("to double first"))))


def needs(kind: types.DataType, request: Request, table: RateTable) -> tuple[str, RateTable]:
    """Return the figure of a rate that amounts are multiplied by, and a table that has it.

    Raises `TypeError` for a column that holds no numbers, or decimals of too many digits.
    """
    if isinstance(kind, types.DecimalType):
        if kind.scale > SCALE_WITHOUT_PLACES:
            raise TypeError(
                f"the amounts are {kind.simpleString()}: cast them to at most "
                f"{SCALE_WITHOUT_PLACES} decimals"
            )
        factor = None if request.to.column is not None else _factors(table.rows)
        if factor is None or not _has_room(kind, factor.type, request.places):
            return "top", table
        return "factor", table._replace(rows=table.rows.append_column("factor", factor))
    if not isinstance(kind, types.FractionalType | types.IntegralType):
        raise TypeError(f"a column of amounts has numbers or text, not {kind.simpleString()}")
    return "rate", table


def converted(
    stages: Stages, amount: Column, kind: types.DataType, rate: Figures, places: int | None
) -> Column:
    """Return the amounts in the other currency: decimals for decimals, else float64."""
    if isinstance(kind, types.DecimalType):
        return _decimals(stages, amount, kind, rate, places)
    if isinstance(kind, types.FloatType):
        (amount,) = stages.add(as_written(amount))
    if places is not None:
        return money_of_numbers(stages, amount, rate, places)
    number = amount.cast("double")
    if isinstance(kind, types.LongType):
        text = F.concat(F.lit("more than a double holds: "), amount.cast("string"))
        refusal = F.raise_error(F.concat(text, F.lit(", cast the amounts to decimal")))
        is_exact = amount.between(-LARGEST_WHOLE_FLOAT, LARGEST_WHOLE_FLOAT)
        number = F.when(is_exact | amount.isNull(), number).otherwise(refusal)
    (product,) = stages.add(number * rate["rate"])
    if isinstance(kind, types.IntegralType):
        return product
    infinite = float("inf")
    is_too_large = (F.abs(product) == infinite) & (F.abs(number) != infinite)
    return F.when(is_too_large, no_room(amount)).otherwise(product)


def _decimals(
    stages: Stages,
    amount: Column,
    kind: types.DecimalType,
    rate: Figures,
    places: int | None,
) -> Column:
    scale = SCALE_WITHOUT_PLACES if places is None else places
    if "factor" in rate:
        figure = rate["factor"]
        # the product is exact, and Spark's cast rounds it halves away from zero
        (found,) = stages.add((amount * figure).cast(f"decimal({DECIMAL_DIGITS},{scale})"))
    else:
        figure = rate["top"]
        ties: Ties = "even" if places is None else "away"
        found = multiplied(stages, amount, rate, kind.scale, scale, ties)
    # where Spark's ANSI mode is off, what has no room is null
    is_fine = found.isNotNull() | amount.isNull() | figure.isNull()
    return F.when(is_fine, found).otherwise(no_room(amount))


def _factors(rows: pa.Table) -> pa.Array | None:
    """Return rates that end within some decimals as decimals, as those in tenge do."""
    tops, bottoms = (rows[name].to_numpy() for name in ("top", "bottom"))
    distinct = np.unique(bottoms)
    scale = next((n for n in range(MAX_SCALE + 1) if not (10**n % distinct).any()), None)
    if scale is None:
        return None
    times = 10**scale // bottoms
    if float(tops.max(initial=1)) * float(times.max(initial=1)) >= LARGEST_FACTOR:
        return None
    units = tops * times
    digits = max(len(str(units.max(initial=1))), scale + 1)
    # the same 128 bits, with the point elsewhere
    buffers = pa.array(units).cast(pa.decimal128(19, 0)).buffers()
    return pa.Array.from_buffers(pa.decimal128(digits, scale), len(units), buffers)


def _has_room(kind: types.DecimalType, factor: pa.Decimal128Type, places: int | None) -> bool:
    """Whether Spark's product of two kinds of decimals keeps every digit."""
    scale = kind.scale + factor.scale
    is_exact = kind.precision + factor.precision < DECIMAL_DIGITS
    return is_exact and (places is not None or scale <= SCALE_WITHOUT_PLACES)


def multiplied(
    stages: Stages, amount: Column, ratio: Figures, scale: int, places: int, ties: Ties
) -> Column:
    """Return decimals of a scale times top / bottom, with so many places and rounded once."""
    digits = max(scale, places, 1)
    unit = _whole(10**digits)
    top, bottom, size = stages.add(
        ratio["top"].cast(PART), ratio["bottom"].cast(PART), F.abs(amount)
    )
    rest = ((size % 1).cast(f"decimal({digits},{digits})") * unit).cast("decimal(18,0)")
    # the whole part and the decimals are divided one after the other, as by hand
    upper, lower = stages.add(F.floor(size) * top, rest * top)
    (left,) = stages.add(upper % bottom)
    (lower,) = stages.add(left * unit + lower)
    (last,) = stages.add(lower % bottom)
    high, low = stages.add(_divided(upper, left, bottom), _divided(lower, last, bottom))
    if digits == places:
        (low,) = stages.add((low + _is_more(low, last * 2, bottom, ties).cast(PART)).cast(WIDE))
    # else digits were only cut off so far: from those that are left, Spark rounds halves away
    (decimals,) = stages.add((low % unit).cast("decimal(18,0)"))
    whole = (high + _divided(low, decimals, unit)).cast(f"decimal({DECIMAL_DIGITS - 1 - digits},0)")
    exact = whole + (decimals * _tenth(digits)).cast(f"decimal({digits},{digits})")
    (money,) = stages.add(exact.cast(f"decimal({DECIMAL_DIGITS},{places})"))
    (signed,) = stages.add(F.when(amount < 0, -money).otherwise(money))
    return signed


def money_of_numbers(stages: Stages, amount: Column, ratio: Figures, places: int) -> Column:
    """Return float64 or whole amounts times a rate as the float64 nearest to the exact money.

    A float stands for the shortest decimal that reads as it. Where the product is far from half
    a unit it rounds right; only the other rows need whole numbers.
    """
    unit, rate = 10.0**places, ratio["rate"]
    (number,) = stages.add(amount.cast("double"))
    (product,) = stages.add(F.abs(number) * rate * unit)
    # beyond that, what is rounded down may have no room, which ANSI mode takes for an error
    is_small = product < LARGEST_EXACT
    (floors,) = stages.add(F.when(is_small, F.floor(product).cast("double")))
    rest = product - floors
    is_number = F.abs(number) < float("inf")
    is_near_tie = F.abs(rest - 0.5) <= product * DOUBT
    (is_doubtful,) = stages.add(is_number & (~is_small | is_near_tie))
    (power,) = stages.add(F.when(is_doubtful, _power(number)))
    exact = _units_of(stages, F.abs(F.rint(number * power)), power, ratio, places)
    quick = (floors + F.when(rest > 0.5, 1.0).otherwise(0.0)) / unit
    checked = F.coalesce(exact, no_room(amount))  # where ANSI mode is off
    (size,) = stages.add(F.when(is_doubtful, checked).otherwise(quick))
    found = F.when(rate.isNull(), None).when(~is_number, number)
    return found.when(number < 0, 0.0 - size).otherwise(size)


def _power(number: Column) -> Column:
    """Return ten to the number of decimals that floats are written with; few have many."""
    found = F.when(number.isNull(), None)
    for scale in SCALES_OF_FLOATS:
        power = 10.0**scale
        units = F.rint(number * power)
        is_it = (F.abs(units) < LARGEST_EXACT) & (units / power == number)
        found = found.when(is_it, power)
    text = F.concat(F.lit("the amount "), number.cast("string"), F.lit(ADVICE))
    return found.otherwise(F.raise_error(text))


def _units_of(stages: Stages, units: Column, power: Column, ratio: Figures, places: int) -> Column:
    """Return whole amounts of 1 / power times top / bottom, as floats of so many places."""
    more, less = F.lit(10.0**places) / power, power / F.lit(10.0**places)
    product = _large(units) * ratio["top"].cast(PART) * _large(F.greatest(more, F.lit(1.0)))
    bottom = ratio["bottom"].cast(PART) * _large(F.greatest(less, F.lit(1.0)))
    upper, lower = stages.add((product * 2 + bottom).cast(WIDE), (bottom * 2).cast(WIDE))
    (left,) = stages.add(upper % lower)
    digits = _divided(upper, left, lower).cast("string")
    # the only cast of whole numbers of any size that ends at the float next to their quotient
    return F.concat(digits, F.lit(f"e-{places}")).cast("double")


def _is_more(quotient: Column, twice: Column, bottom: Column, ties: Ties) -> Column:
    if ties == "away":
        return twice >= bottom
    return (twice > bottom) | ((twice == bottom) & (quotient % 2 == 1))


def _divided(number: Column, rest: Column, by: Column) -> Column:
    """Return the quotient of whole numbers that leaves a rest, without it."""
    return ((number - rest) / by).cast(WIDE)


def _large(number: Column) -> Column:
    return number.cast("bigint").cast("decimal(19,0)")


def no_room(amount: Column) -> Column:
    """Return the failure of a row whose result does not fit."""
    text = F.concat(F.lit("there is no room for the result of "), amount.cast("string"))
    return F.raise_error(text)


def _whole(number: int) -> Column:
    return F.lit(number).cast(f"decimal({len(str(number))},0)")


def _tenth(digits: int) -> Column:
    """Return 10**-digits, as short a decimal as it can be."""
    return F.lit(f"0.{'0' * (digits - 1)}1").cast(f"decimal({digits},{digits})")


TAKES_ARROW = int(pyspark.__version__.split(".")[0]) >= 4


class Stages:
    """Selects upon selects; a working column is worked out once for all that is said of it."""

    def __init__(self, frame: DataFrame) -> None:
        self._frame = frame
        self._prefix = working_prefix(frame.columns)
        self._workings: list[str] = []

    def add(self, *columns: Column) -> list[Column]:
        """Add working columns in one stage, and return them by their names."""
        added = {self._name(): column for column in columns}
        self._frame = self._frame.withColumns(added)
        return [named(name) for name in added]

    def join(self, rows: pa.Table, keys: dict[str, Column]) -> dict[str, Column]:
        """Left-join a small table that every executor gets; return its other columns.

        Without keys, all rows get those of its one row, if it has one. Since the small table is
        the one that is sent, Spark takes the frame's rows one by one, each with its rates: no row
        waits for them, as it does where the frame is hashed.
        """
        if not keys:
            return _constants(rows)
        names = {column: self._name() for column in rows.column_names}
        small = frame_of(self._frame.sparkSession, rows.rename_columns(list(names.values())))
        pairs = [named(names[column]) == key for column, key in keys.items()]
        self._frame = self._frame.join(F.broadcast(small), pairs, "left")
        return {column: named(name) for column, name in names.items() if column not in keys}

    def result(self, into: str, column: Column) -> DataFrame:
        """Return the frame with one column more and without its workings."""
        return self._frame.withColumn(into, column).drop(*self._workings)

    def _name(self) -> str:
        self._workings.append(f"{self._prefix}{len(self._workings)}")
        return self._workings[-1]


def frame_of(session: SparkSession, rows: pa.Table) -> DataFrame:
    """Return a table of Arrow as a frame of Spark, of 3.5 too."""
    if TAKES_ARROW:
        return session.createDataFrame(rows)
    from pyspark.sql.pandas.types import from_arrow_schema

    columns = [column.to_pylist() for column in rows.columns]
    kinds = from_arrow_schema(rows.schema, prefer_timestamp_ntz=True)
    return session.createDataFrame(list(zip(*columns, strict=True)), kinds, verifySchema=False)


def _constants(rows: pa.Table) -> dict[str, Column]:
    values = rows.to_pylist()[0] if rows.num_rows else {}
    return {
        field.name: F.lit(values.get(field.name)).cast(_kind(field.type)) for field in rows.schema
    }


def _kind(kind: pa.DataType) -> str:
    if isinstance(kind, pa.Decimal128Type):
        return f"decimal({kind.precision},{kind.scale})"
    return {"int64": "bigint", "date32[day]": "date"}.get(str(kind), str(kind))
