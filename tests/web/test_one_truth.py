"""One truth: every shape, the command line and the library say the same number."""

import csv
import io
import json
from collections.abc import Iterator
from decimal import ROUND_HALF_EVEN, Context, Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import kzt_rates
from kzt_rates.cli import main

FIGURES = Path(__file__).parents[2] / "data" / "official_rates.csv"
FIFTEEN = Context(prec=15, rounding=ROUND_HALF_EVEN)

with FIGURES.open(encoding="utf-8") as file:
    ROWS = [(row["date"], row["currency"]) for row in csv.DictReader(file)]
CODES = sorted({code for _, code in ROWS})
OF_DAY: dict[str, list[str]] = {}
for _day, _code in ROWS:
    OF_DAY.setdefault(_day, []).append(_code)
PAIRS = st.sampled_from(ROWS).flatmap(
    lambda row: st.tuples(st.just(row), st.sampled_from(["KZT", *OF_DAY[row[0]]]), st.booleans())
)


@pytest.fixture
def library() -> Iterator[kzt_rates.Client]:
    """The library over the packaged archive, without a bank."""
    with kzt_rates.Client(cache=False, offline=True) as client:
        yield client


def numbers(text: str) -> Any:
    """Return JSON with its numbers as decimals, digit for digit."""
    return json.loads(text, parse_float=Decimal, parse_int=Decimal)


def command_line(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main([*words, "--offline"]) == 0
    return capsys.readouterr().out


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(asked=PAIRS)
def test_one_truth(
    archived: Any,
    library: kzt_rates.Client,
    capsys: pytest.CaptureFixture[str],
    asked: tuple[tuple[str, str], str, bool],
) -> None:
    """A rate is one number in every shape, as far as the shape can hold it."""
    (day, code), other, inverse = asked
    base, quote = (other, code) if inverse else (code, other)
    rate = library.rate(base, quote, on=day)
    exact, short = rate.per_unit, FIFTEEN.plus(rate.per_unit)

    of_v2 = archived.get(f"/v2/rate/{base}/{quote}?date={day}")
    query = f"date={day}&base={base}&quotes={quote}"
    (row,) = numbers(archived.get(f"/v2/rates?{query}").text)
    (of_csv,) = csv.DictReader(io.StringIO(archived.get(f"/v2/rates.csv?{query}").text))
    of_ndjson = numbers(archived.get(f"/v2/rates?{query}", accept="application/x-ndjson").text)
    span = f"from={day}&to={day}&base={base}&quotes={quote}"
    (of_range,) = numbers(archived.get(f"/v2/rates?{span}").text)
    assert numbers(of_v2.text) == row == of_ndjson == of_range
    assert of_csv == {**row, "rate": f"{row['rate']:f}"}
    assert row == {"date": day, "base": base, "quote": quote, "rate": short}

    if base != quote:
        symbols = f"base={base}&symbols={quote}"
        assert numbers(archived.get(f"/v1/{day}?{symbols}").text)["rates"] == {quote: short}
        of_v1 = numbers(archived.get(f"/v1/{day}..{day}?{symbols}").text)
        assert of_v1["rates"] == {day: {quote: short}}

    ours = archived.get(f"/api/v1/convert?from={base}&to={quote}&on={day}").json()
    words = ("convert", "1", base, quote, "--on", day, "--format", "json")
    assert json.loads(command_line(capsys, *words)) == ours
    assert Decimal(ours["rate"]) == Decimal(ours["result"]) == exact
    assert ours["rate"] == f"{exact:f}"

    history = archived.get(f"/api/v1/history/{base}?start={day}&end={day}&to={quote}").json()
    assert history["rates"] == [{"date": day, "rate": f"{exact:f}"}]

    if quote == "KZT":
        sheet = archived.get(f"/api/v1/sheet/{day}").json()
        (of_sheet,) = (one for one in sheet["rates"] if one["currency"] == base)
        assert of_sheet["value"] == f"{rate.value:f}"
        assert of_sheet["nominal"] == str(rate.nominal)
        assert of_sheet["per_unit"] == f"{exact:f}"


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(day=st.sampled_from(sorted(OF_DAY)))
def test_one_sheet(
    archived: Any, library: kzt_rates.Client, capsys: pytest.CaptureFixture[str], day: str
) -> None:
    """A sheet is the library's and the command line's, in JSON and in CSV."""
    ours = archived.get(f"/api/v1/sheet/{day}").json()
    theirs = json.loads(command_line(capsys, "sheet", day, "--format", "json"))
    assert ours == {**theirs, "carried": False, "refused": []}
    sheet = library.sheet(day)
    assert [one["currency"] for one in ours["rates"]] == list(sheet)
    rows = archived.get(f"/api/v1/sheet/{day}.csv")
    if sheet.complete:
        assert rows.text == sheet.to_csv()
    else:
        assert rows.status_code == 503


@pytest.mark.parametrize("codes", [("USD", "KZT"), ("KZT", "USD"), ("USD", "RUB")])
def test_one_history(archived: Any, library: kzt_rates.Client, codes: tuple[str, str]) -> None:
    """A range is the library's in every shape."""
    base, quote = codes
    start, end = "2025-12-01", "2025-12-31"
    series = library.history(base, quote, start=start, end=end)
    expected = [(f"{day}", f"{value:f}") for day, value in series]
    ours = archived.get(f"/api/v1/history/{base}?start={start}&end={end}&to={quote}").json()
    assert [(one["date"], one["rate"]) for one in ours["rates"]] == expected
    assert ours["missing"] == [f"{day}" for day in series.missing]
    path = f"/v2/rates?from={start}&to={end}&base={base}&quotes={quote}"
    rows = numbers(archived.get(path).text)
    short = [(day, FIFTEEN.plus(Decimal(rate))) for day, rate in expected]
    assert [(row["date"], row["rate"]) for row in rows] == short
