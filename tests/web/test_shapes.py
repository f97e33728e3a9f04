"""Numbers and rows: every digit, from the decimals themselves."""

import json
from datetime import date
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kzt_rates.figures import Day, Figure
from kzt_rates.web import shapes

values = st.decimals("0.0001", "99999", places=4, allow_nan=False)
nominals = st.sampled_from([1, 10, 100, 1000, 10000])
legs = st.one_of(st.none(), st.tuples(values, nominals))
DAY = date(2026, 8, 21)


def rounded(number: Fraction) -> Decimal:
    """Round a fraction to fifteen significant digits, half to even, with integers alone."""
    context = Context(prec=15, rounding=ROUND_HALF_EVEN)
    return context.divide(Decimal(number.numerator), Decimal(number.denominator))


@given(legs, legs)
def test_cross(base: shapes.Leg, quote: shapes.Leg) -> None:
    """A rate is its exact fraction, rounded once to what a double keeps."""
    price = Fraction(1)
    if base is not None:
        price *= Fraction(base[0]) / base[1]
    if quote is not None:
        price /= Fraction(quote[0]) / quote[1]
    written = shapes.cross(base, quote)
    assert Decimal(written) == rounded(price)
    assert "e" not in written.lower()


@given(values, nominals)
def test_number_survives_a_double(value: Decimal, nominal: int) -> None:
    """A published figure is the same after a client has read it as a double."""
    written = shapes.cross((value, nominal), None)
    assert Decimal(written) == value / nominal
    assert Decimal(repr(json.loads(written, parse_int=float))) == value / nominal


@pytest.mark.parametrize(
    ("number", "written"),
    [
        ("458.23", "458.23"),
        ("458.20", "458.2"),
        ("100", "100"),
        ("1E+2", "100"),
        ("3.33E-4", "0.000333"),
        ("0.8549226664676579786936323439", "0.854922666467658"),
        ("0.85492266646765750000", "0.854922666467658"),  # half to even
        ("0.85492266646765650000", "0.854922666467656"),
        ("123456789012345678", "123456789012346000"),
    ],
)
def test_number(number: str, written: str) -> None:
    """Numbers have no exponent and no zeros at the end."""
    assert shapes.number(Decimal(number)) == written


def day_of(**figures: tuple[str, int]) -> Day:
    made = {
        code: Figure(value, nominal, name='a "name"\n', feed="archive", final=True)
        for code, (value, nominal) in figures.items()
    }
    return Day(DAY, made, complete=True, source="archive")


def test_forms_of_a_sheet_agree() -> None:
    """JSON, CSV and NDJSON have the same rows."""
    day = day_of(USD=("458.23", 1), IRR=("3.33", 10000))
    whole = json.loads(shapes.sheet("json", day, DAY))
    lines = shapes.sheet("ndjson", day, DAY).decode().splitlines()
    assert [json.loads(line) for line in lines] == whole["rates"]
    assert shapes.sheet("csv", day, DAY).decode().splitlines() == [
        "currency,nominal,value,per_unit,change",
        "IRR,10000,3.33,0.000333,",
        "USD,1,458.23,458.23,",
    ]
    assert whole["rates"][0]["name"] == "иранский риал"


def test_names_are_escaped() -> None:
    """The bank's name of a currency that no table knows is text, whatever it is."""
    (rate,) = json.loads(shapes.sheet("json", day_of(XTS=("1", 1)), DAY))["rates"]
    assert rate["name"] == 'a "name"\n'


@pytest.mark.parametrize("form", shapes.FORMS)
@pytest.mark.parametrize("sizes", [(), (0,), (2,), (1, 1), (0, 2), (1, 0, 1)])
def test_pieces(form: shapes.Form, sizes: tuple[int, ...]) -> None:
    """Rows that are written in pieces are those that are written at once."""
    line = (DAY, "USD", "KZT", "458.23")
    writer = shapes.RowWriter(form)
    pieces = b"".join(writer.piece([line] * size) for size in sizes) + writer.end()
    assert pieces == shapes.rows(form, [line] * sum(sizes))
    if form == "json":
        assert len(json.loads(pieces)) == sum(sizes)


def test_no_row_is_a_document() -> None:
    """An empty answer is one, too."""
    assert shapes.rows("json", []) == b"[]\n"
    assert shapes.rows("csv", []) == b"date,base,quote,rate\n"
    assert shapes.rows("ndjson", []) == b""
    writer = shapes.V1RangeWriter(Decimal(1), "USD", DAY, DAY)
    assert json.loads(writer.piece([]) + writer.end())["rates"] == {}


def test_history() -> None:
    """A history has what is known of it around its rows."""
    head, tail = {"base": "USD"}, {"missing": []}
    whole = shapes.history("json", head, [(DAY, "458.23")], tail)
    rates = [{"date": "2026-08-21", "rate": "458.23"}]
    assert json.loads(whole) == {"base": "USD", "rates": rates, "missing": []}
    assert shapes.history("csv", head, [(DAY, "1")], tail) == b"date,rate\n2026-08-21,1\n"
