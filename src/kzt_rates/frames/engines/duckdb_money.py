"""Amounts times rates in DuckDB's SQL: by floats, or in whole numbers of 128 bits."""

from typing import TYPE_CHECKING

from kzt_rates.frames.asked import DECIMAL_DIGITS, SCALE_WITHOUT_PLACES

if TYPE_CHECKING:
    from kzt_rates.frames.engines.duckdb_columns import Amount
    from kzt_rates.frames.engines.sql_stages import Stages

LARGEST_WHOLE_FLOAT = 2**53
LARGEST_ROUNDED = "1e36"  # units of 10**-places, with digits to spare in 128 bits
# The amount, the rate and two products are each off by half an ulp, which may count twice.
DOUBT = 2.0**-49
# Of so many digits, an amount times a top of 52 bits has room in 128.
NARROW_DIGITS = 18


def money_of(
    stages: "Stages", amount: "Amount", rate: str, top: str, bottom: str, places: int | None
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


def _exact(stages: "Stages", amount: "Amount", top: str, bottom: str, places: int | None) -> str:
    """Return a decimal result: rounded to places half up, without these half to even."""
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
    stages: "Stages", amount: "Amount", rate: str, top: str, bottom: str, places: int
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


def _add_digits(stages: "Stages", text: str) -> None:
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


def _units(amount: "Amount") -> str:
    """Return a decimal's digits as a whole number."""
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
