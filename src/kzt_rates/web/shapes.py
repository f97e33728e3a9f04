"""The bytes of every answer: a day, a pair or a range as JSON, CSV and NDJSON.

Pure, and the only serializer: the server, the exported files and the tests share it. Figures are
written from the digits of their `Decimal`; no binary float comes near them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import lru_cache
from itertools import chain, repeat
from json import dumps
from json.encoder import encode_basestring as quoted
from typing import Literal

from kzt_rates import printing
from kzt_rates.arithmetic import EXACT, per_units
from kzt_rates.currency import FACTS
from kzt_rates.dates import bank_date
from kzt_rates.figures import KZT, Day, Figure

Form = Literal["json", "csv", "ndjson"]
FORMS: tuple[Form, ...] = ("json", "csv", "ndjson")
MEDIA_TYPES: dict[str, str] = {
    "json": "application/json; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "ndjson": "application/x-ndjson; charset=utf-8",
    "problem": "application/problem+json; charset=utf-8",
    "text": "text/plain; charset=utf-8",
    "html": "text/html; charset=utf-8",
    # as the bank calls them
    "xml": "text/xml; charset=UTF-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

# One side of a pair as published, (value in tenge, nominal); `None` is the tenge itself.
Leg = tuple[Decimal, int] | None

# A double keeps every decimal of up to fifteen digits.
NUMBER_DIGITS = 15
_NUMBER = Context(prec=NUMBER_DIGITS, rounding=ROUND_HALF_EVEN)
_ONE = Decimal(1)
_NULL = "null"
GENERATOR = "kzt_rates"
# Whoever follows the bank needs so long for a look.
ON_THE_WAY = timedelta(minutes=5)
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
    return _trimmed(f"{_NUMBER.plus(value):f}")


def _trimmed(digits: str) -> str:
    return digits.rstrip("0").rstrip(".") if digits[-1] == "0" and "." in digits else digits


def texts(values: Sequence[Decimal]) -> list[str]:
    """Return the digits of many numbers, as `text` does."""
    found = list(map(str, values))
    return list(map(text, values)) if "E" in "".join(found) else found


def cross(base: Leg, quote: Leg, amount: Decimal = _ONE) -> str:
    """Return what an amount of `base` costs in `quote` as a JSON number, rounded once.

    >>> cross((Decimal("458.23"), 1), (Decimal("535.99"), 1)), cross((Decimal("3.33"), 10000), None)
    ('0.854922666467658', '0.000333')
    """
    multiply = EXACT.multiply
    top, bottom = amount, _ONE
    if base is not None:
        top, bottom = multiply(amount, base[0]), Decimal(base[1])
    if quote is not None:
        top, bottom = multiply(top, quote[1]), multiply(bottom, quote[0])
    return number(_NUMBER.divide(top, bottom))


def crosses(base: tuple[Decimal, int], quotes: Iterable[Leg]) -> list[str]:
    """Return what one unit of `base` costs in each of some currencies, as `cross` does.

    >>> crosses((Decimal("458.23"), 1), [(Decimal("535.99"), 1), None])
    ['0.854922666467658', '458.23']
    """
    value, nominal = base
    legs = [quote or (_ONE, 1) for quote in quotes]
    tops = {units: EXACT.multiply(value, units) for units in {units for _, units in legs}}
    bottoms = [price if nominal == 1 else EXACT.multiply(price, nominal) for price, _ in legs]
    divide = _NUMBER.divide
    rates = [divide(tops[units], bottom) for (_, units), bottom in zip(legs, bottoms, strict=True)]
    return [_trimmed(digits) if digits[-1] == "0" else digits for digits in texts(rates)]


def leg(figure: Figure) -> tuple[Decimal, int]:
    """Return a figure as one side of a pair."""
    return Decimal(figure.value), figure.nominal


# --- the day's sheet -------------------------------------------------------------------------


def sheet(form: Form, day: Day, requested: date) -> bytes:
    """Return the whole sheet of a day; CSV and NDJSON have its rows alone."""
    rows = sheet_rows(day)
    if form == "csv":
        return _csv_of_rows("\n".join(map(csv_row, rows)))
    if form == "ndjson":
        return "".join([f"{sheet_row(row)}\n" for row in rows]).encode()
    return sheet_of(day, requested, ",".join(map(sheet_row, rows)).encode())


def _csv_of_rows(rows: str) -> bytes:
    head = ",".join(SHEET_COLUMNS)
    return f"{head}\n{rows}\n".encode() if rows else f"{head}\n".encode()


def sheet_of(day: Day, requested: date, rows: bytes) -> bytes:
    """Return the sheet of a day as JSON, whose rows are written."""
    at = "null" if day.fetched_at is None else f'"{day.fetched_at.isoformat()}"'
    refused = dumps(sorted(day.refused)) if day.refused else "[]"
    head = (
        f'{{"date":"{day.date}","requested_date":"{requested}",'
        f'"carried":{_truth(day.date != requested)},"complete":{_truth(day.complete)},'
        f'"provisional":{_truth(day.has_provisional())},"source":"{day.source}",'
        f'"fetched_at":{at},"refused":{refused},"rates":['
    )
    return b"%b%b]}\n" % (head.encode(), rows)


class Sheets:
    """Writes the sheets of days that list the same currencies for the same nominals, unchanged.

    Its patterns are the rows of any sheet, with room for the figures.
    """

    def __init__(self, codes: Sequence[str], nominals: Sequence[int]) -> None:
        rows: list[SheetRow] = [
            (code, nominal, _ROOM, _ROOM, None, _without_rooms(name_of(code)))
            for code, nominal in zip(codes, nominals, strict=True)
        ]
        self._csv = "\n".join(map(csv_row, rows))
        self._json = ",".join(map(sheet_row, rows))

    def json(self, figures: tuple[str, ...]) -> bytes:
        """Return the rows of `sheet_of`, of value and per_unit of each currency in turn."""
        return (self._json % figures).encode()

    def csv(self, figures: tuple[str, ...]) -> bytes:
        """Return the same as a CSV file."""
        return _csv_of_rows(self._csv % figures)


_ROOM = "%s"


def _without_rooms(name: str | None) -> str | None:
    return None if name is None else name.replace("%", "%%")


def per_unit(value: Decimal, nominal: int) -> str:
    """Return tenge per one unit of what is published as a value per nominal."""
    if nominal == 1:
        return _trimmed(text(value))
    return f"{per_units(((None, value, nominal, None),))[0]:f}"


def units(digits: Sequence[str], values: Sequence[Decimal], nominals: Sequence[int]) -> list[str]:
    """Return tenge per one unit of many figures, as `per_unit` does, whose digits are known."""
    return [
        text if nominal == 1 and text[-1] != "0" else per_unit(value, nominal)
        for text, value, nominal in zip(digits, values, nominals, strict=True)
    ]


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
            name_of(code) or figure.name,
        )
        for (code, figure), value, unit in zip(figures, values, units, strict=True)
    ]


@lru_cache(maxsize=256)
def name_of(code: str) -> str | None:
    """Return the Russian name of a currency."""
    facts = FACTS.get(code)
    return None if facts is None else facts.name_ru


def csv_row(row: SheetRow) -> str:
    """Return a row of the sheet as CSV; no cell of a figure or a code needs quotes."""
    code, nominal, value, per_unit, change, _ = row
    return f"{code},{nominal},{value},{per_unit},{change or ''}"


def sheet_row(row: SheetRow) -> str:
    """Return a row of the sheet as JSON."""
    code, nominal, value, per_unit, change, name = row
    moved = _NULL if change is None else f'"{change}"'
    return (
        f'{{"currency":"{code}","nominal":"{nominal}","value":"{value}","per_unit":"{per_unit}",'
        f'"change":{moved},"name":{_NULL if name is None else _quoted(name)}}}'
    )


@lru_cache(maxsize=512)
def _quoted(name: str) -> str:
    return quoted(name)


# --- documents without rows ------------------------------------------------------------------


def document(content: object) -> bytes:
    """Return compact JSON of text, whole numbers, truth and nothing; figures are text in it."""
    return f"{dumps(content, ensure_ascii=False, separators=(',', ':'))}\n".encode()


# --- rows, whole or in pieces ----------------------------------------------------------------


def history(
    form: Form,
    head: Mapping[str, object],
    rates: Iterable[tuple[date | str, str]],
    tail: Mapping[str, object],
) -> bytes:
    """Return the history of a pair, a date and the digits of a rate in each row.

    JSON has `head` before the rows and `tail` after them; CSV and NDJSON have the rows alone.
    """
    if form == "csv":
        lines = [",".join(HISTORY_COLUMNS), *[f"{day},{rate}" for day, rate in rates], ""]
        return "\n".join(lines).encode()
    lines = [f'{{"date":"{day}","rate":"{rate}"}}' for day, rate in rates]
    if form == "ndjson":
        return "".join(f"{line}\n" for line in lines).encode()
    rows = f',"rates":[{",".join(lines)}],'.encode()
    return document(head)[:-2] + rows + document(tail)[1:]


def known_history(
    form: Form,
    code: str,
    rates: Sequence[tuple[date | str, str]],
    silent: Iterable[date],
    lacking: Iterable[date],
) -> bytes:
    """Return every final rate of a currency in tenge; `missing` are the days that had none.

    Of the days that lack a rate, those that are not silent are unknown: JSON has them as ranges.
    """
    missing = {*silent}
    unknown: list[list[date]] = []
    for day in lacking:
        if day in missing:
            continue
        if unknown and (day - unknown[-1][1]).days == 1:
            unknown[-1][1] = day
        else:
            unknown.append([day, day])
    head = {"base": code, "quote": KZT, "start": str(rates[0][0]), "end": str(rates[-1][0])}
    tail = {
        "missing": [f"{day}" for day in sorted(missing)],
        "carried": {},
        "provisional": [],
        "unknown": [[f"{day}" for day in ends] for ends in unknown],
    }
    return history(form, head, rates, tail)


# A row of Frankfurter's second edition: date, base, quote, and the rate as a JSON number.
Row = tuple[date, str, str, str]


class RowWriter:
    """Writes rows in Frankfurter's shape, in pieces; `providers` names the bank in each row."""

    def __init__(self, form: Form, *, providers: bool = False) -> None:
        self._form = form
        self._write = _row_with_providers if providers else _row
        self._before = {"csv": ",".join(ROW_COLUMNS) + "\n", "json": "["}.get(form, "")

    def piece(self, lines: Iterable[Row]) -> bytes:
        """Return some more rows."""
        if self._form == "csv":
            text = "".join([f"{day},{base},{quote},{rate}\n" for day, base, quote, rate in lines])
        elif self._form == "ndjson":
            text = "".join([f"{self._write(*line)}\n" for line in lines])
        else:
            text = ",".join([self._write(*line) for line in lines])
        if not text:
            return b""
        before, self._before = self._before, "," if self._form == "json" else ""
        return f"{before}{text}".encode()

    def end(self) -> bytes:
        """Return what comes after the last row."""
        left = self._before if self._before != "," else ""
        return (left + ("]\n" if self._form == "json" else "")).encode()


def rows(form: Form, lines: Iterable[Row], *, providers: bool = False) -> bytes:
    r"""Return rows in Frankfurter's shape.

    >>> rows("csv", [(date(2026, 8, 21), "USD", "KZT", "458.23")])
    b'date,base,quote,rate\n2026-08-21,USD,KZT,458.23\n'
    """
    writer = RowWriter(form, providers=providers)
    return writer.piece(lines) + writer.end()


def row(line: Row) -> bytes:
    """Return one row of Frankfurter's shape as a document."""
    return f"{_row(*line)}\n".encode()


def rows_of_day(day: date, base: str, quotes: tuple[str, ...], rates: Iterable[str]) -> bytes:
    """Return rows of one day as JSON, as `rows` does."""
    cells = chain.from_iterable(zip(repeat(day.isoformat()), rates))
    return f"[{_rows_of_day(base, quotes) % tuple(cells)}]\n".encode()


@lru_cache(maxsize=64)
def _rows_of_day(base: str, quotes: tuple[str, ...]) -> str:
    """Return the rows of a day with room for date and rate in each."""
    return ",".join([_row(_ROOM, base, quote, _ROOM) for quote in quotes])


def _row(day: date | str, base: str, quote: str, rate: str) -> str:
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


# The rates of a day by code, as JSON numbers.
Rates = tuple[date, list[tuple[str, str]]]


class V1RangeWriter:
    """Writes the rates of a range by day and code, in pieces."""

    def __init__(self, amount: Decimal, base: str, start: date, end: date) -> None:
        self._before = (
            f'{{"amount":{_amount(amount)},"base":"{base}","start_date":"{start}",'
            f'"end_date":"{end}","rates":{{'
        )

    def piece(self, days: Iterable[Rates]) -> bytes:
        """Return some more days."""
        text = ",".join([f'"{day}":{_rates(rates)}' for day, rates in days])
        if not text:
            return b""
        before, self._before = self._before, ","
        return f"{before}{text}".encode()

    def end(self) -> bytes:
        """Return what comes after the last day."""
        return f"{self._before if self._before != ',' else ''}}}}}\n".encode()


def _rates(rates: Iterable[tuple[str, str]]) -> str:
    return "{" + ",".join(f'"{code}":{rate}' for code, rate in rates) + "}"


def _amount(amount: Decimal) -> str:
    # there an amount is a float, and prints as one
    digits = number(amount)
    return digits if "." in digits else f"{digits}.0"


# --- the bank's own feeds --------------------------------------------------------------------

# What a feed prints of a currency: value, nominal, change, and name.
Printed = dict[str, tuple[str, int, str, str]]


def bank_rates(day: Day, before: Day) -> Printed:
    """Return what a feed prints of a day, in the bank's order; `before` is the day before.

    A change is the bank's own, or the difference of two final figures of one nominal.
    """
    printed: Printed = {}
    for code in sorted(day.figures, key=printing.bank_name):
        figure, earlier = day.figures[code], before.figures.get(code)
        change = figure.change
        if change is None and earlier is not None:
            final = figure.final and earlier.final
            if final and figure.nominal == earlier.nominal:
                change = printing.change_since(figure.value, earlier.value)
        name = figure.name or printing.bank_name(code)
        printed[code] = text(Decimal(figure.value)), figure.nominal, change or "", name
    return printed


def bank_daily(day: date, printed: Printed) -> bytes:
    """Return the daily XML of a day."""
    return bank_daily_of(day, [bank_item(code, *printed[code]) for code in printed])


def bank_item(code: str, value: str, nominal: int, change: str, name: str) -> str:
    """Return an item of the daily XML."""
    return printing.item_head(code, name) + printing.item_rest(value, nominal, change)


def bank_daily_of(day: date, items: Sequence[str]) -> bytes:
    """Return the daily XML of items that are written."""
    return printing.daily_text(bank_date(day), items, generator=GENERATOR).encode()


def bank_silence(day: date) -> bytes:
    """Return the envelope of a day without rates."""
    return replace(printing.no_rates(day), generator=GENERATOR).xml()


def bank_latest(day: date, printed: Printed) -> bytes:
    """Return the RSS of a sheet."""
    return printing.Document(None, tuple(_items(day, printed)), rss=True, generator=GENERATOR).xml()


def bank_main(day: date, printed: Printed) -> bytes:
    """Return the RSS of the main currencies of a sheet."""
    items = tuple(printing.main_items(_items(day, printed)))
    return printing.Document(None, items, rss=True, generator=GENERATOR).xml()


def _items(day: date, printed: Printed) -> list[printing.Item]:
    rates = {code: printing.Published(*of_code) for code, of_code in printed.items()}
    return printing.items_of(day, rates, None)


def _truth(value: bool) -> str:
    return "true" if value else "false"
