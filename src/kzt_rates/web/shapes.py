"""The bytes of every answer: a day, a pair or a range as JSON, CSV and NDJSON.

Pure, and the only serializer: the server, the exported files and the tests share it. Figures are
written from the digits of their `Decimal`; no binary float comes near them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_EVEN, Context, Decimal
from json import dumps
from json.encoder import encode_basestring as quoted
from typing import Literal

from kzt_rates.arithmetic import per_units
from kzt_rates.figures import Day, Figure

Form = Literal["json", "csv", "ndjson"]
FORMS: tuple[Form, ...] = ("json", "csv", "ndjson")
MEDIA_TYPES: dict[str, str] = {
    "json": "application/json; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "ndjson": "application/x-ndjson; charset=utf-8",
    "problem": "application/problem+json; charset=utf-8",
    "text": "text/plain; charset=utf-8",
}

# One side of a pair as published, (value in tenge, nominal); `None` is the tenge itself.
Leg = tuple[Decimal, int] | None

# A double keeps every decimal of up to fifteen digits.
NUMBER_DIGITS = 15
_NUMBER = Context(prec=NUMBER_DIGITS, rounding=ROUND_HALF_EVEN)
_EXACT = Context(prec=400)
_ONE = Decimal(1)
_NULL = "null"
PROVIDER = "NBK"  # what Frankfurter calls the National Bank

SHEET_COLUMNS = ("currency", "nominal", "value", "per_unit", "change")
HISTORY_COLUMNS = ("date", "rate")
ROW_COLUMNS = ("date", "base", "quote", "rate")


def text(number: Decimal) -> str:
    """Return a number's digits, without an exponent.

    >>> text(Decimal("3.33E-4"))
    '0.000333'
    """
    return f"{number:f}"


def number(value: Decimal) -> str:
    """Return a JSON number: exact to fifteen significant digits, else rounded half to even.

    >>> [number(Decimal(digits)) for digits in ("458.23", "1E+2", "0.8549226664676581634")]
    ['458.23', '100', '0.854922666467658']
    """
    digits = f"{_NUMBER.plus(value):f}"
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def cross(base: Leg, quote: Leg, amount: Decimal = _ONE) -> str:
    """Return what an amount of `base` costs in `quote` as a JSON number, rounded once.

    >>> cross((Decimal("458.23"), 1), (Decimal("535.99"), 1)), cross((Decimal("3.33"), 10000), None)
    ('0.854922666467658', '0.000333')
    """
    multiply = _EXACT.multiply
    top, bottom = amount, _ONE
    if base is not None:
        top, bottom = multiply(amount, base[0]), Decimal(base[1])
    if quote is not None:
        top, bottom = multiply(top, quote[1]), multiply(bottom, quote[0])
    return number(_NUMBER.divide(top, bottom))


def leg(figure: Figure) -> tuple[Decimal, int]:
    """Return a figure as one side of a pair."""
    return Decimal(figure.value), figure.nominal


# --- the day's sheet -------------------------------------------------------------------------


def sheet(form: Form, day: Day, requested: date) -> bytes:
    """Return the whole sheet of a day; CSV and NDJSON have its rows alone."""
    rows = sheet_rows(day)
    if form == "csv":
        return _csv(SHEET_COLUMNS, (row[:-1] for row in rows))
    if form == "ndjson":
        return "".join(f"{_sheet_row(row)}\n" for row in rows).encode()
    at = "null" if day.fetched_at is None else f'"{day.fetched_at.isoformat()}"'
    head = (
        f'{{"date":"{day.date}","requested_date":"{requested}",'
        f'"carried":{_truth(day.date != requested)},"complete":{_truth(day.complete)},'
        f'"provisional":{_truth(day.has_provisional())},"source":"{day.source}",'
        f'"fetched_at":{at},"refused":{dumps(sorted(day.refused))},"rates":['
    )
    return f"{head}{','.join(map(_sheet_row, rows))}]}}\n".encode()


SheetRow = tuple[str, int, str, str, str | None, str | None]


def sheet_rows(day: Day) -> list[SheetRow]:
    """Return currency, nominal, value, per_unit, change and name of each figure, by code."""
    figures = sorted(day.figures.items())
    values = [Decimal(figure.value) for _, figure in figures]
    units = per_units(
        (None, value, figure.nominal, None)
        for value, (_, figure) in zip(values, figures, strict=True)
    )
    return [
        (
            code,
            figure.nominal,
            f"{value:f}",
            f"{unit:f}",
            None if figure.change is None else f"{Decimal(figure.change):f}",
            figure.name,
        )
        for (code, figure), value, unit in zip(figures, values, units, strict=True)
    ]


def _sheet_row(row: SheetRow) -> str:
    code, nominal, value, per_unit, change, name = row
    moved, called = (_NULL if cell is None else quoted(cell) for cell in (change, name))
    return (
        f'{{"currency":"{code}","nominal":{nominal},"value":"{value}","per_unit":"{per_unit}",'
        f'"change":{moved},"name":{called}}}'
    )


# --- documents without rows ------------------------------------------------------------------


def document(content: object) -> bytes:
    """Return compact JSON of text, whole numbers, truth and nothing; figures are text in it."""
    return f"{dumps(content, ensure_ascii=False, separators=(',', ':'))}\n".encode()


# --- rows of ranges, in pieces ---------------------------------------------------------------


def history(
    form: Form,
    head: Mapping[str, object],
    rows: Iterable[Sequence[tuple[date, str]]],
    tail: Callable[[], Mapping[str, object]],
) -> Iterator[bytes]:
    """Yield a history in pieces: what is known before its rows, the rows, what is known after.

    A row is a date and the digits of its rate; CSV and NDJSON have the rows alone.
    """
    if form == "csv":
        yield _csv(HISTORY_COLUMNS, ())
        for part in rows:
            yield "".join(f"{day},{rate}\n" for day, rate in part).encode()
        return
    if form == "ndjson":
        for part in rows:
            yield "".join(f'{{"date":"{day}","rate":"{rate}"}}\n' for day, rate in part).encode()
        return
    yield document(head)[:-2] + b',"rates":['
    comma = ""
    for part in rows:
        if part:
            yield (
                comma + ",".join(f'{{"date":"{day}","rate":"{rate}"}}' for day, rate in part)
            ).encode()
            comma = ","
    yield b"]," + document(tail())[1:]


# A row of Frankfurter's second edition: date, base, quote, and the rate as a JSON number.
Row = tuple[date, str, str, str]


def rows(form: Form, parts: Iterable[Sequence[Row]], *, providers: bool = False) -> Iterator[bytes]:
    """Yield rows in Frankfurter's shape, in pieces; `providers` names the bank in each row."""
    if form == "csv":
        yield _csv(ROW_COLUMNS, ())
        for part in parts:
            yield "".join(
                f"{day},{base},{quote},{rate}\n" for day, base, quote, rate in part
            ).encode()
        return
    write = _row_with_providers if providers else _row
    if form == "ndjson":
        for part in parts:
            yield "".join(f"{write(*row)}\n" for row in part).encode()
        return
    comma = "["
    for part in parts:
        if part:
            yield (comma + ",".join(write(*row) for row in part)).encode()
            comma = ","
    yield b"[]\n" if comma == "[" else b"]\n"


def row(line: Row) -> bytes:
    """Return one row of Frankfurter's shape as a document."""
    return f"{_row(*line)}\n".encode()


def _row(day: date, base: str, quote: str, rate: str) -> str:
    return f'{{"date":"{day}","base":"{base}","quote":"{quote}","rate":{rate}}}'


def _row_with_providers(day: date, base: str, quote: str, rate: str) -> str:
    return (
        f"{_row(day, base, quote, rate)[:-1]},"
        f'"providers":[{{"key":"{PROVIDER}","date":"{day}","rate":{rate}}}]}}'
    )


# --- Frankfurter's first edition -------------------------------------------------------------


def v1_day(amount: Decimal, base: str, day: date, rates: Iterable[tuple[str, str]]) -> bytes:
    """Return the rates of a day by code."""
    head = f'{{"amount":{_amount(amount)},"base":"{base}","date":"{day}","rates":'
    return f"{head}{_rates(rates)}}}\n".encode()


def v1_range(
    amount: Decimal,
    base: str,
    start: date,
    end: date,
    parts: Iterable[Sequence[tuple[date, list[tuple[str, str]]]]],
) -> Iterator[bytes]:
    """Yield the rates of a range by day and code, in pieces."""
    yield (
        f'{{"amount":{_amount(amount)},"base":"{base}","start_date":"{start}",'
        f'"end_date":"{end}","rates":{{'
    ).encode()
    comma = ""
    for part in parts:
        if part:
            yield (comma + ",".join(f'"{day}":{_rates(rates)}' for day, rates in part)).encode()
            comma = ","
    yield b"}}\n"


def _rates(rates: Iterable[tuple[str, str]]) -> str:
    return "{" + ",".join(f'"{code}":{rate}' for code, rate in rates) + "}"


def _amount(amount: Decimal) -> str:
    # there an amount is a float, and prints as one
    digits = number(amount)
    return digits if "." in digits else f"{digits}.0"


def _truth(value: bool) -> str:
    return "true" if value else "false"


def _csv(columns: Sequence[str], lines: Iterable[Sequence[object]]) -> bytes:
    """Return a header and lines; no cell of a figure or a code needs quotes."""
    text = [",".join(columns)]
    text += [",".join("" if cell is None else str(cell) for cell in line) for line in lines]
    return ("\n".join(text) + "\n").encode()
