"""Exact money, against `fractions`: the independent calculation."""

import math
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal, getcontext, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kzt_rates.arithmetic import MAX_AMOUNT_DIGITS, Ratio, parse_amount, per_units, plain, rounded

VALUES = st.decimals(min_value="0.0001", max_value="99999", places=4)
NOMINALS = st.sampled_from([1, 10, 100, 1000, 10000, 3, 7])
LEGS = st.none() | st.tuples(VALUES, NOMINALS)
AMOUNTS = st.integers(-(10**30), 10**30) | st.decimals(
    allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=6
)


def fraction_of(leg: tuple[Decimal, int] | None) -> Fraction:
    return Fraction(1) if leg is None else Fraction(leg[0]) / leg[1]


def terminates(number: Fraction) -> bool:
    rest = number.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return rest == 1


def half_up(number: Fraction, places: int) -> Fraction:
    scaled = abs(number) * 10**places
    rounded = math.floor(scaled + Fraction(1, 2))
    return Fraction(rounded if number > 0 else -rounded, 10**places)


@given(AMOUNTS, LEGS, LEGS)
def test_convert_is_the_exact_fraction_or_it_rounded_once(amount, base, quote):
    """A terminating result is exact and plain; another is 28 digits, half to even."""
    exact = Fraction(amount) * fraction_of(base) / fraction_of(quote)
    result = Ratio.of_legs(base, quote).convert(amount)
    if terminates(exact):
        assert Fraction(result) == exact
        _, digits, exponent = result.as_tuple()
        assert exponent <= 0
        assert exponent == 0 or digits[-1] != 0
        assert not (result == 0 and result.is_signed())
    else:
        context = Context(prec=28, rounding=ROUND_HALF_EVEN)
        assert result == context.divide(Decimal(exact.numerator), Decimal(exact.denominator))


@given(AMOUNTS, LEGS, LEGS, st.integers(0, 8))
def test_places_round_the_exact_result_once_away_from_zero(amount, base, quote, places):
    """`places=n` gives exactly n decimals, from the exact value, ties away from zero."""
    exact = Fraction(amount) * fraction_of(base) / fraction_of(quote)
    result = Ratio.of_legs(base, quote).convert(amount, places)
    assert Fraction(result) == half_up(exact, places)
    assert result.as_tuple().exponent == -places
    assert not (result == 0 and result.is_signed())


@given(st.integers(-(10**15), 10**15), LEGS, LEGS)
def test_there_and_back_is_exact_where_nothing_was_rounded(amount, base, quote):
    """A → B → A gives the amount back wherever the way there terminated."""
    there = Ratio.of_legs(base, quote).convert(amount)
    if terminates(Fraction(amount) * fraction_of(base) / fraction_of(quote)):
        assert Ratio.of_legs(quote, base).convert(there) == amount


@given(LEGS, LEGS, LEGS)
def test_ratios_multiply(a, b, c):
    """A → B times B → C is A → C, as exact fractions."""
    first, second, whole = Ratio.of_legs(a, b), Ratio.of_legs(b, c), Ratio.of_legs(a, c)
    as_fraction = lambda r: Fraction(r._numerator, r._denominator)  # noqa: E731
    assert as_fraction(first) * as_fraction(second) == as_fraction(whole)


def test_a_context_of_the_caller_changes_nothing():
    """A caller's decimal context of two digits does not round our results."""
    with localcontext() as context:
        context.prec = 2
        context.rounding = ROUND_HALF_UP
        ratio = Ratio.of_legs((Decimal("499.65"), 1), None)
        assert ratio.convert(123456) == Decimal("61684790.4")
        assert ratio.convert("0.01", places=4) == Decimal("4.9965")
    assert getcontext().prec == 28


@pytest.mark.parametrize(
    ("amount", "number"),
    [
        (5, "5"),
        (-5, "-5"),
        (0, "0"),
        (Decimal("1.50"), "1.50"),
        ("1.50", "1.50"),
        ("+1.5", "1.5"),
        ("-0.1", "-0.1"),
        ("007", "7"),
        (0.1, "0.1"),
        (1e22, "1E+22"),
    ],
)
def test_amounts_are_taken_by_their_own_digits(amount, number):
    """An int, Decimal, text or float is the number its shortest writing says."""
    assert parse_amount(amount) == Decimal(number)


@pytest.mark.parametrize(
    "amount",
    [
        "", "+", "-", ".5", "5.", "1e3", "1_000", " 1", "1 ", "1,5", "١٢", "²", "1.2.3", "--1",
        "+-1", "nan", "inf", "0x10", "1" * 51, Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity"),
        math.nan, math.inf, Decimal("1E+999999"), Decimal("1E-999999"),
        10 ** (MAX_AMOUNT_DIGITS + 1), 10 ** (2 * MAX_AMOUNT_DIGITS), Decimal("0." + "1" * 1001),
    ],
)  # fmt: skip
def test_what_is_no_amount_is_a_value_error(amount):
    """Other text, NaN, infinity and numbers beyond any money raise `ValueError`."""
    with pytest.raises(ValueError, match="amount"):
        parse_amount(amount)


@pytest.mark.parametrize("amount", [True, None, b"1", [1], 1j, Fraction(1, 3)])
def test_other_types_are_a_type_error(amount):
    """A bool and what is no number raise `TypeError`."""
    with pytest.raises(TypeError, match="amount"):
        parse_amount(amount)


@pytest.mark.extras
def test_numpys_numbers_are_amounts_as_pythons_are():
    """numpy's integers and floats are the numbers they print; its NaN and bool are none."""
    import numpy as np

    for amount in (np.float64(0.1), np.float32(0.1)):
        assert parse_amount(amount) == Decimal("0.1")
    for amount in (np.int64(7), np.uint8(7)):
        assert parse_amount(amount) == 7
    for amount in (np.float64("nan"), np.float32("inf")):
        with pytest.raises(ValueError, match="amount"):
            parse_amount(amount)
    with pytest.raises(TypeError, match="amount"):
        parse_amount(np.bool_(True))


@pytest.mark.parametrize(
    ("places", "error"), [(-1, ValueError), (101, ValueError), (True, TypeError), (2.0, TypeError)]
)
def test_places_is_a_small_whole_number(places, error):
    """`places` is a whole number of decimals from 0 to 100."""
    with pytest.raises(error, match="places"):
        Ratio(1, 3).convert(1, places)


def test_longest_text_is_fifty_characters():
    """Fifty characters are taken, exactly; the fifty-first is refused."""
    text = "1234567890" * 4 + ".987654321"
    assert len(text) == 50
    assert Ratio.of_legs((Decimal("12.72"), 10), None).convert(text) == Decimal(
        Fraction(text) * Fraction(1272, 1000) * 10**20 // 1
    ).scaleb(-20, Context(prec=100))


@given(st.decimals(allow_nan=False, allow_infinity=False, places=3))
def test_plain_keeps_the_number(number):
    """Writing a number plainly changes neither value nor sign."""
    assert plain(number) == number


@given(st.fractions() | st.fractions(max_denominator=10**6).map(lambda f: f / 5**20))
def test_a_fraction_is_exact_or_rounded_once(number):
    """A terminating fraction is exact and plain; another is 28 digits, half to even."""
    result = rounded(number)
    _, digits, exponent = result.as_tuple()
    assert not (result == 0 and result.is_signed())
    if terminates(number):
        assert exponent == 0 or (exponent < 0 and digits[-1] != 0)
        assert Fraction(result) == number
    else:
        assert len(digits) == 28
        context = Context(prec=28, rounding=ROUND_HALF_EVEN)
        assert result == context.divide(Decimal(number.numerator), Decimal(number.denominator))


def test_a_fraction_may_be_longer_than_any_amount():
    """Sixty thousand digits are rounded as one is, and kept where they terminate."""
    assert rounded(Fraction(2 * 7**70_000 + 1, 3 * 7**70_000)) == Decimal("0." + "6" * 27 + "7")
    assert Fraction(rounded(Fraction(1, 2**60_000))) == Fraction(1, 2**60_000)


@pytest.mark.parametrize("text", ["5D", "3s", "NaT"])
@pytest.mark.extras
def test_a_time_span_is_no_amount(text):
    """numpy's `timedelta64` calls itself an integer, and five days are no money."""
    import numpy as np

    span = np.timedelta64("NaT", "D") if text == "NaT" else np.timedelta64(text[:-1], text[-1])
    with pytest.raises(TypeError, match="time span"):
        parse_amount(span)
    with pytest.raises(TypeError, match="time span"):
        parse_amount(np.array(5, dtype="m8[D]")[()])


@pytest.mark.parametrize(
    ("value", "nominal", "unit"),
    [
        ("13.10", 10, "1.31"),
        ("13.10", 1_000_000, "0.0000131"),
        ("5", 3, "1.666666666666666666666666667"),  # bc: scale=28; 5/3
        ("5", 8, "0.625"),
    ],
)
def test_a_lot_of_any_size_is_divided_once(value, nominal, unit):
    """Per unit is exact where it terminates, else 28 digits, whether the lot is a power of ten."""
    assert per_units([(None, Decimal(value), nominal, None)]) == [Decimal(unit)]
