"""Exact money in Spark: whole numbers in decimals of 38 digits, divided and rounded once.

Spark shortens the scale of decimals whose product or quotient would be too long, by rules that a
session may change: numbers here are whole, or so short that no rule of either kind applies. What
has no room is an error where `spark.sql.ansi.enabled`, and null where not.
"""

from typing import TYPE_CHECKING, NamedTuple

from pyspark.sql import functions as F  # noqa: N812

from kzt_rates.frames.asked import DECIMAL_DIGITS

if TYPE_CHECKING:
    from typing import Literal

    from pyspark.sql import Column

    from kzt_rates.frames.engines.spark_stages import Stages

    Ties = Literal["away", "even"]

PART = "decimal(16,0)"  # below 2**52
WIDE = f"decimal({DECIMAL_DIGITS},0)"
LARGEST_EXACT = 2.0**51
# amount, rate, product and scale are each off by at most an ulp; this is far more than all
DOUBT = 2.0**-48
# Money has two decimals; what has more has seldom more than six.
SCALES_OF_FLOATS = (0, 2, 4, 6, 9, 12)
ADVICE = " has too many digits to be rounded as a float: cast the amounts to decimal"


class Ratio(NamedTuple):
    """The exact rate of each row, in whole numbers."""

    top: "Column"
    bottom: "Column"


def multiplied(
    stages: "Stages", amount: "Column", ratio: Ratio, scale: int, places: int, ties: "Ties"
) -> "Column":
    """Return decimals of a scale times top / bottom, with so many places and rounded once."""
    digits = max(scale, places, 1)
    unit = _whole(10**digits)
    top, bottom, size = stages.add(ratio.top.cast(PART), ratio.bottom.cast(PART), F.abs(amount))
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


def money_of_numbers(
    stages: "Stages", amount: "Column", ratio: Ratio, rate: "Column", places: int
) -> "Column":
    """Return float64 or whole amounts times a rate as the float64 nearest to the exact money.

    A float stands for the shortest decimal that reads as it. Where the product is far from half
    a unit it rounds right; only the other rows need whole numbers.
    """
    unit = 10.0**places
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


def _power(number: "Column") -> "Column":
    """Return ten to the number of decimals that floats are written with; few have many."""
    found = F.when(number.isNull(), None)
    for scale in SCALES_OF_FLOATS:
        power = 10.0**scale
        units = F.rint(number * power)
        is_it = (F.abs(units) < LARGEST_EXACT) & (units / power == number)
        found = found.when(is_it, power)
    text = F.concat(F.lit("the amount "), number.cast("string"), F.lit(ADVICE))
    return found.otherwise(F.raise_error(text))


def _units_of(
    stages: "Stages", units: "Column", power: "Column", ratio: Ratio, places: int
) -> "Column":
    """Return whole amounts of 1 / power times top / bottom, as floats of so many places."""
    more, less = F.lit(10.0**places) / power, power / F.lit(10.0**places)
    product = _large(units) * ratio.top.cast(PART) * _large(F.greatest(more, F.lit(1.0)))
    bottom = ratio.bottom.cast(PART) * _large(F.greatest(less, F.lit(1.0)))
    upper, lower = stages.add((product * 2 + bottom).cast(WIDE), (bottom * 2).cast(WIDE))
    (left,) = stages.add(upper % lower)
    digits = _divided(upper, left, lower).cast("string")
    # the only cast of whole numbers of any size that ends at the float next to their quotient
    return F.concat(digits, F.lit(f"e-{places}")).cast("double")


def _is_more(quotient: "Column", twice: "Column", bottom: "Column", ties: "Ties") -> "Column":
    if ties == "away":
        return twice >= bottom
    return (twice > bottom) | ((twice == bottom) & (quotient % 2 == 1))


def _divided(number: "Column", rest: "Column", by: "Column") -> "Column":
    """Return the quotient of whole numbers that leaves a rest, without it."""
    return ((number - rest) / by).cast(WIDE)


def _large(number: "Column") -> "Column":
    return number.cast("bigint").cast("decimal(19,0)")


def no_room(amount: "Column") -> "Column":
    """Return the failure of a row whose result does not fit."""
    text = F.concat(F.lit("there is no room for the result of "), amount.cast("string"))
    return F.raise_error(text)


def _whole(number: int) -> "Column":
    return F.lit(number).cast(f"decimal({len(str(number))},0)")


def _tenth(digits: int) -> "Column":
    """Return 10**-digits, as short a decimal as it can be."""
    return F.lit(f"0.{'0' * (digits - 1)}1").cast(f"decimal({digits},{digits})")
