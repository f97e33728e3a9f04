"""The range export as the bank makes it of its sheets: a row a day, a pair of columns a code."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import inf
from typing import Literal, get_args

from kzt_rates.dates import ONE_DAY, bank_date, parse_date
from kzt_rates.feed import export_id
from kzt_rates.feed.export import COLUMN_OF
from kzt_rates.printing.workbook import Cell, Layout, Row, Workbook, serial
from kzt_rates.printing.xml import Published, Sheet, published
from kzt_rates.typing import DateLike

Dates = Literal["text", "serial"]
Numbers = Literal["number", "text", "float"]

# The export has one column for all Belarusian roubles, and one for all Russian ones.
_FORMER = {column: code for code, column in COLUMN_OF.items()}

_plain = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?")


@dataclass(frozen=True)
class Style:
    """How dates and numbers are written, and the parts around them."""

    dates: Dates = "text"
    numbers: Numbers = "number"
    layout: Layout = "bank"

    def __post_init__(self) -> None:
        for name, chosen, known in (
            ("dates", self.dates, get_args(Dates)),
            ("numbers", self.numbers, get_args(Numbers)),
            ("layouts", self.layout, get_args(Layout)),
        ):
            if chosen not in known:
                raise ValueError(f"{name} are one of {', '.join(known)}, not {chosen!r}")

    def date(self, day: date) -> Cell:
        """Return the cell of a date."""
        return Cell(bank_date(day)) if self.dates == "text" else Cell(str(serial(day)), "date")

    def nominal(self, text: str) -> Cell | None:
        """Return the cell of a nominal, a blank for no text, the text itself for no number."""
        cell = self.value(text)
        if cell is None or cell.kind != "number":
            return cell
        return Cell(cell.text.removesuffix(".0"), "number")

    def value(self, text: str) -> Cell | None:
        """Return the cell of a value likewise; the bank writes 513 as 513.0."""
        if not text:
            return None
        if self.numbers == "text" or not _plain.fullmatch(text):
            return Cell(text)
        if self.numbers == "float":
            # as a program that prints all the digits a double can have: 512.52999999999997
            return Cell(f"{float(text):.17g}", "number")
        return Cell(repr(float(text)), "number")


@dataclass(frozen=True)
class Export:
    """What the export is about to say. `newest` is the row of the newest published rates."""

    header: tuple[str, ...]
    rows: tuple[Row, ...]
    newest: Row
    style: Style
    sheets: int = 1
    from_1904: bool = False
    # the codes as asked for, and the dates of the rows, before anything is done to them
    codes: tuple[str, ...] = ()
    days: tuple[date, ...] = field(default=(), repr=False)

    def xlsx(self) -> bytes:
        """Write it down."""
        rows = [tuple(map(Cell, self.header)), *self.rows]
        return Workbook(rows, self.sheets, self.from_1904, self.style.layout).xlsx()


def labels_of(codes: Iterable[str]) -> tuple[str, ...]:
    """Return what the export calls these codes, each once: BYR is BYN there, RUR is RUB."""
    return tuple(dict.fromkeys(COLUMN_OF.get(code, code) for code in codes))


def make_export(
    codes: Iterable[str],
    sheets: Iterable[tuple[date, Sheet | None]],
    *,
    newest: tuple[date, Sheet] | None = None,
    style: Style,
) -> Export:
    """Return the export of dated sheets, `None` for a date without one.

    The columns come in the order of the form's ids, whatever the order asked for.
    """
    labels = tuple(sorted(labels_of(codes), key=lambda code: export_id(code) or inf))
    header = ("Date", *(name for code in labels for name in (f"{code}_quant", code)))
    row = _row_maker(labels, style)
    dated = list(sheets)
    return Export(
        header,
        tuple(row(day, rates) for day, rates in dated),
        row(*newest) if newest else (),
        style,
        codes=labels,
        days=tuple(day for day, _ in dated),
    )


def _row_maker(labels: tuple[str, ...], style: Style) -> Callable[[date, Sheet | None], Row]:
    """Return what makes a row of a sheet; equal rates share their cells, which saves much time."""
    columns = [(code, _FORMER.get(code, code)) for code in labels]
    blank: tuple[Cell | None, Cell | None] = (None, None)
    known: dict[tuple[object, int], tuple[Cell | None, Cell | None]] = {}

    def pair(rate: Published) -> tuple[Cell | None, Cell | None]:
        key = (rate.value, rate.nominal)
        cells = known.get(key)
        # a text is its digits, but Decimal("74.80") equals Decimal("74.8")
        if cells is None or not isinstance(rate.value, str):
            cells = style.nominal(str(rate.nominal)), style.value(str(rate.value))
            known[key] = cells
        return cells

    def row(day: date, rates: Sheet | None) -> Row:
        cells: list[Cell | None] = [style.date(day)]
        sheet = rates or {}
        for code, former in columns:
            rate = sheet.get(code, sheet.get(former))
            cells += blank if rate is None else pair(published(rate))
        return tuple(cells)

    return row


def range_xlsx(
    sheets: "Mapping[date, Sheet] | Mapping[str, Sheet]",
    codes: Iterable[str],
    start: "DateLike | None" = None,
    end: "DateLike | None" = None,
    *,
    dates: Dates = "text",
    numbers: Numbers = "number",
    layout: Layout = "bank",
) -> bytes:
    """Return the range export of some codes as the bytes of its .xlsx.

    There is a row for every calendar day from `start` to `end`, both inclusive, else from the
    first sheet to the last; cells are blank where there is no rate. `dates` are written as
    `"text"`, 05.12.2025, or as Excel's `"serial"` numbers; `numbers` as `"number"`, as
    `"text"` in the digits given, or as `"float"` with 17 digits, such as 512.52999999999997.
    The columns are in the order of the form's ids; BYR is labelled BYN, and RUR RUB. `layout`
    is `"bank"`, with the parts that the bank's workbooks have, or `"plain"`, with only what a
    reader needs. Raises `ValueError` for an end before the start, and for
    no sheets where an end is not given.

    >>> body = range_xlsx({"2016-07-01": {"BYR": ("1.68", 100)}}, ["BYN"])
    >>> body[:2]
    b'PK'
    """
    by_day: dict[date, Sheet] = {parse_date(day): rates for day, rates in sheets.items()}
    if not by_day and (start is None or end is None):
        raise ValueError("without sheets an export needs a start and an end")
    first = min(by_day) if start is None else parse_date(start)
    last = max(by_day) if end is None else parse_date(end)
    if last < first:
        raise ValueError(f"the end {last} is before the start {first}")
    rows = ((day, by_day.get(day)) for day in days_between(first, last))
    return make_export(codes, rows, style=Style(dates, numbers, layout)).xlsx()


def days_between(first: date, last: date) -> list[date]:
    """Return every calendar day, both ends inclusive."""
    return [first + timedelta(days=number) for number in range((last - first) // ONE_DAY + 1)]
