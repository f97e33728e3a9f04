"""Exact money: per unit, cross rate, conversion, one rounding at the end.

Every number here is a `Decimal` or an `int`; no binary float stands between the bank's digits
and a result. A result that terminates is exact; one that does not is rounded to
`SIGNIFICANT_DIGITS`, half to even. `places` rounds once, from the exact value, ties away from
zero.
"""

from decimal import (
    MAX_EMAX,
    MAX_PREC,
    MIN_EMIN,
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DecimalException,
    Inexact,
    InvalidOperation,
    Overflow,
    Subnormal,
)
from math import gcd

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from fractions import Fraction

    from kzt_rates.typing import Amount

SIGNIFICANT_DIGITS = 28  # what `decimal` itself uses where nobody says otherwise
MAX_TEXT_CHARACTERS = 50
# Far beyond any money, and small enough that Decimal("1E+999999") cannot fill the memory.
MAX_AMOUNT_DIGITS = 1_000
MAX_PLACES = 100

# Room for the longest amount times any rate, and a trap: a product that claims to be exact and
# is not must never leave this module. Neither context is the caller's own, which may be anything.
EXACT = Context(prec=10 * MAX_AMOUNT_DIGITS, traps=[Inexact, InvalidOperation])
ROUNDED = Context(prec=SIGNIFICANT_DIGITS, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation])
_AMOUNT = Context(
    prec=MAX_AMOUNT_DIGITS,
    Emax=MAX_AMOUNT_DIGITS,
    Emin=-MAX_AMOUNT_DIGITS,
    traps=[Inexact, InvalidOperation, Overflow, Subnormal],
)
_UNBOUNDED = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[Inexact, InvalidOperation])
_ZERO = Decimal(0)

# The warm path, where every look-up of a name counts.
_multiply, _add, _normalize = EXACT.multiply, EXACT.add, EXACT.normalize
_divide_rounded = ROUNDED.divide
_scale = EXACT.scaleb
_POWERS_OF_TEN = {10**power: power for power in range(1, 10)}
_FAST_INT = 10**18
_INFINITY = float("inf")


def parse_amount(amount: "Amount") -> Decimal:
    """Return the exact `Decimal` of an amount; a float is taken by its shortest repr.

    Raises `TypeError` for `bool` and other types, `ValueError` for NaN, infinity, text that is
    not `[+-]digits[.digits]`, and amounts beyond `MAX_AMOUNT_DIGITS` digits.

    >>> parse_amount(0.1), parse_amount("-12.50")
    (Decimal('0.1'), Decimal('-12.50'))
    """
    if isinstance(amount, Decimal):
        return _bounded(amount)
    if isinstance(amount, str):
        return _parse_text(amount)
    if isinstance(amount, bool):
        raise TypeError("an amount is a number, not a bool")
    if isinstance(amount, int):
        # A bound in bits first: the decimal digits of a huge int are themselves slow to make.
        if amount.bit_length() > 4 * MAX_AMOUNT_DIGITS:
            raise ValueError(f"an amount has at most {MAX_AMOUNT_DIGITS} digits")
        return _bounded(Decimal(amount))
    if isinstance(amount, float):
        return _bounded(Decimal(float.__repr__(amount)))
    return _bounded(_parse_foreign(amount))


def _parse_text(text: str) -> Decimal:
    if len(text) > MAX_TEXT_CHARACTERS:
        raise ValueError(f"an amount has at most {MAX_TEXT_CHARACTERS} characters, got {len(text)}")
    whole, point, fraction = text.removeprefix("-" if text[:1] == "-" else "+").partition(".")
    digits = whole + fraction
    if not (text.isascii() and digits.isdigit() and whole) or (point and not fraction):
        raise ValueError(
            f"invalid amount {text!r}: write 1250 or 1250.50, without spaces or a comma"
        )
    return Decimal(text)


def _parse_foreign(amount: object) -> Decimal:
    """Take the numbers of other libraries (numpy's) that say they are integers or reals."""
    from numbers import Integral, Rational, Real

    if getattr(getattr(amount, "dtype", None), "kind", "") == "m":
        raise TypeError("an amount is a number, not a time span")  # which numpy calls an integer
    if isinstance(amount, Integral):
        return Decimal(int(amount))
    if isinstance(amount, Real) and not isinstance(amount, Rational):
        return Decimal(str(amount))
    raise TypeError(f"an amount is an int, Decimal, str or float, not {type(amount).__name__}")


def _bounded(number: Decimal) -> Decimal:
    if not number.is_finite():
        raise ValueError(f"an amount is a finite number, not {number}")
    try:
        return _AMOUNT.plus(number)
    except DecimalException:
        raise ValueError(f"an amount has at most {MAX_AMOUNT_DIGITS} digits") from None


def parse_places(places: int) -> int:
    """Return `places` as it is, or raise `TypeError` or `ValueError`."""
    if isinstance(places, bool) or not isinstance(places, int):
        raise TypeError(f"places is a whole number, not {type(places).__name__}")
    if not 0 <= places <= MAX_PLACES:
        raise ValueError(f"places is a whole number from 0 to {MAX_PLACES}, not {places}")
    return places


def plain(number: Decimal) -> Decimal:
    """Return the same number without exponent and without trailing zeros.

    >>> plain(Decimal("51250.00")), plain(Decimal("-0.0")), plain(Decimal("1E+2"))
    (Decimal('51250'), Decimal('0'), Decimal('100'))
    """
    # Normalizing leaves 5.125E+4; adding a zero whose exponent is 0 writes it out again.
    return _add(_normalize(number), _ZERO)


def rounded(number: "Fraction") -> Decimal:
    """Return a fraction as a decimal: exact if it terminates, else of `SIGNIFICANT_DIGITS`.

    Half to even, and an exact one without trailing zeros, as conversions are. It is not bound
    by their digits: a sum of cross rates is a fraction of tens of thousands of digits.

    >>> from fractions import Fraction
    >>> rounded(Fraction(-5, 4)), rounded(Fraction(2, 3))
    (Decimal('-1.25'), Decimal('0.6666666666666666666666666667'))
    """
    cofactor, power = _without_twos_and_fives(number.denominator)
    if cofactor > 1:
        return _divide_rounded(Decimal(number.numerator), Decimal(number.denominator))
    scaled = number.numerator * 10**power // number.denominator
    return Decimal(scaled).scaleb(-power, _UNBOUNDED)


def per_units(figures: "Iterable[tuple[object, Decimal, int, object]]") -> "list[Decimal]":
    """Return tenge per one unit of each figure, given as (day, value, nominal, anything).

    >>> per_units([(None, Decimal("13.10"), 10, None)])
    [Decimal('1.31')]
    """
    return [
        _add(_normalize(value), _ZERO) if nominal == 1 else _per_unit(value, nominal)
        for _, value, nominal, _ in figures
    ]


def _per_unit(value: Decimal, nominal: int) -> Decimal:
    power = _POWERS_OF_TEN.get(nominal)
    if power is None:
        return Ratio.of_legs((value, nominal), None).per_unit()
    return _add(_normalize(_scale(value, -power)), _ZERO)


class Ratio:
    """How many units of the quote one unit of the base costs: an exact fraction.

    >>> Ratio.of_legs((Decimal("12.72"), 10), None).convert(1000)
    Decimal('1272')
    """

    __slots__ = (
        "_cofactor",
        "_decimal_denominator",
        "_decimal_numerator",
        "_denominator",
        "_numerator",
        "_step",
    )

    def __init__(self, numerator: int, denominator: int) -> None:
        common = gcd(numerator, denominator)
        self._numerator = numerator // common
        self._denominator = denominator // common
        self._decimal_numerator = Decimal(self._numerator)
        self._decimal_denominator = Decimal(self._denominator)
        # A decimal fraction terminates where the denominator has no prime factor but 2 and 5.
        # So this ratio times n/d terminates exactly where the cofactor divides n.
        self._cofactor, power = _without_twos_and_fives(self._denominator)
        scaled = self._numerator * 10**power // (self._denominator // self._cofactor)
        self._step = Decimal(scaled).scaleb(
            -power, EXACT
        )  # the result for an amount of one cofactor

    @classmethod
    def of_legs(
        cls, base: "tuple[Decimal, int] | None", quote: "tuple[Decimal, int] | None"
    ) -> "Ratio":
        """Make base → quote from published legs, each (tenge, nominal); `None` is the tenge."""
        top, under_top = (1, 1) if base is None else _fraction(*base)
        bottom, under_bottom = (1, 1) if quote is None else _fraction(*quote)
        return cls(top * under_bottom, under_top * bottom)

    def convert(self, amount: "Amount", places: "int | None" = None) -> Decimal:
        """Return an amount of the base in units of the quote.

        >>> Ratio.of_legs((Decimal("505.53"), 1), (Decimal("588.94"), 1)).convert(100, places=2)
        Decimal('85.84')
        """
        number: int | Decimal
        if type(amount) is int and -_FAST_INT < amount < _FAST_INT:
            number = amount
        elif type(amount) is float and -_INFINITY < amount < _INFINITY:
            number = Decimal(repr(amount))
        else:
            number = parse_amount(amount)
        if places is not None:
            return self._convert_to_places(number, parse_places(places))
        if self._cofactor == 1:
            return _add(_normalize(_multiply(number, self._step)), _ZERO)
        top, bottom = number.as_integer_ratio()
        if top % self._cofactor == 0:
            share = EXACT.divide(top // self._cofactor, bottom)
            return plain(_multiply(share, self._step))
        return _divide_rounded(
            _multiply(number, self._decimal_numerator), self._decimal_denominator
        )

    def _convert_to_places(self, number: int | Decimal, places: int) -> Decimal:
        top, bottom = number.as_integer_ratio()
        top *= self._numerator * 10**places
        bottom *= self._denominator
        magnitude = (2 * abs(top) + bottom) // (2 * bottom)  # half away from zero
        return Decimal(magnitude if top > 0 else -magnitude).scaleb(-places, EXACT)

    def per_unit(self) -> Decimal:
        """Return units of the quote per one unit of the base."""
        return self.convert(1)


def _fraction(value: Decimal, nominal: int) -> tuple[int, int]:
    top, bottom = value.as_integer_ratio()
    return top, bottom * nominal


def _without_twos_and_fives(number: int) -> tuple[int, int]:
    """Return what is left of a number, and how many tens its twos and fives fit into."""
    counts = []
    for prime in (2, 5):
        count = 0
        while number % prime == 0:
            number //= prime
            count += 1
        counts.append(count)
    return number, max(counts)
