"""The kinds of amounts that Spark has, and how each is multiplied."""

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql import types

from kzt_rates.frames.asked import DECIMAL_DIGITS, SCALE_WITHOUT_PLACES
from kzt_rates.frames.engines.spark_columns import as_written
from kzt_rates.frames.engines.spark_money import Ratio, money_of_numbers, multiplied, no_room

if TYPE_CHECKING:
    from pyspark.sql import Column

    from kzt_rates.frames.asked import Asked
    from kzt_rates.frames.engines.spark_money import Ties
    from kzt_rates.frames.engines.spark_stages import Stages
    from kzt_rates.frames.rate_table import RateTable

    Figures = dict[str, Column]

LARGEST_WHOLE_FLOAT = 2**53
LARGEST_FACTOR = 1e18  # of a 64-bit integer
MAX_SCALE = 12


def needs(kind: "types.DataType", asked: "Asked", table: "RateTable") -> "tuple[str, RateTable]":
    """Return the figure of a rate that amounts are multiplied by, and a table that has it.

    Raises `TypeError` for a column that holds no numbers, or decimals of too many digits.
    """
    if isinstance(kind, types.DecimalType):
        if kind.scale > SCALE_WITHOUT_PLACES:
            raise TypeError(
                f"the amounts are {kind.simpleString()}: cast them to at most "
                f"{SCALE_WITHOUT_PLACES} decimals"
            )
        factor = None if asked.to.column is not None else _factors(table.rows)
        if factor is None or not _has_room(kind, factor.type, asked.places):
            return "top", table
        return "factor", table._replace(rows=table.rows.append_column("factor", factor))
    if not isinstance(kind, types.FractionalType | types.IntegralType):
        raise TypeError(f"a column of amounts has numbers, not {kind.simpleString()}")
    return "rate", table


def converted(
    stages: "Stages", amount: "Column", kind: "types.DataType", rate: "Figures", places: int | None
) -> "Column":
    """Return the amounts in the other currency: decimals for decimals, else float64."""
    if isinstance(kind, types.DecimalType):
        return _decimals(stages, amount, kind, rate, places)
    if isinstance(kind, types.FloatType):
        (amount,) = stages.add(as_written(amount))
    if places is not None:
        return money_of_numbers(stages, amount, _ratio(rate), rate["rate"], places)
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
    stages: "Stages",
    amount: "Column",
    kind: types.DecimalType,
    rate: "Figures",
    places: int | None,
) -> "Column":
    scale = SCALE_WITHOUT_PLACES if places is None else places
    if "factor" in rate:
        figure = rate["factor"]
        # the product is exact, and Spark's cast rounds it halves away from zero
        (found,) = stages.add((amount * figure).cast(f"decimal({DECIMAL_DIGITS},{scale})"))
    else:
        figure = rate["top"]
        ties: Ties = "even" if places is None else "away"
        found = multiplied(stages, amount, _ratio(rate), kind.scale, scale, ties)
    # where Spark's ANSI mode is off, what has no room is null
    is_fine = found.isNotNull() | amount.isNull() | figure.isNull()
    return F.when(is_fine, found).otherwise(no_room(amount))


def _ratio(rate: "Figures") -> Ratio:
    return Ratio(rate["top"], rate["bottom"])


def _factors(rows: "pa.Table") -> "pa.Array | None":
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


def _has_room(kind: types.DecimalType, factor: "pa.Decimal128Type", places: int | None) -> bool:
    """Say whether Spark's product of two kinds of decimals keeps every digit."""
    scale = kind.scale + factor.scale
    is_exact = kind.precision + factor.precision < DECIMAL_DIGITS
    return is_exact and (places is not None or scale <= SCALE_WITHOUT_PLACES)
