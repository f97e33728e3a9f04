"""Exports that are not to be believed, and some that only look so."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

from kzt_rates.dates import ONE_DAY, parse_date
from kzt_rates.printing.workbook import Export
from kzt_rates.testing.options import Circumstances, FaultOptions
from kzt_rates.testing.workbooks import DAYS_TO_1904, Cell, Row, serial

SpoilExport = Callable[[Export, FaultOptions, Circumstances], Export]

# The nine codes of 2026 have no ids, so that none of them can have been asked for.
STRANGER = "EGP"


def no_rows(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    return replace(export, rows=())


def empty_rows(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    middle = len(export.rows) // 2
    rows = ((), *export.rows[:middle], (), *export.rows[middle:], ())
    return replace(export, rows=rows)


def wrong_columns(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    # the last of the codes asked for: another one takes its place, figures and all
    code = options.get("code", export.header[-1])
    return _renamed(export, code, options.get("text", STRANGER))


def bad_code(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    return _renamed(export, options.get("code", "USD"), options.get("text", "Usd"))


def missing_column(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    lost = _pair(export, options)
    return _with_columns(export, [n for n in range(len(export.header)) if n not in lost])


def lone_quant(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    lost = _pair(export, options)[1:]
    return _with_columns(export, [n for n in range(len(export.header)) if n not in lost])


def duplicate_column(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    return _with_columns(export, [*range(len(export.header)), *_pair(export, options)])


def shuffled_columns(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    # backwards but for the date: no pair is in its place, and in each the value comes first
    return _with_columns(export, [0, *range(len(export.header) - 1, 0, -1)])


def shuffled_rows(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    return replace(export, rows=(*export.rows[1::2], *reversed(export.rows[::2])))


def duplicate_row(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    row = _row(export, options)
    twice = export.rows[row : row + 1]
    if "value" in options:
        export_of_one = replace(export, rows=twice)
        cell = _cell(options["value"], export.style.value)
        twice = _with_cell(export_of_one, 0, _pair(export, options)[1:], cell).rows
    return replace(export, rows=(*export.rows, *twice))


def another_range(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    if not export.days:
        return export
    first, last = export.days[0], export.days[-1]
    given = options.get("date")
    step = (first - last - ONE_DAY) if given is None else parse_date(given) - first
    return _dated(export, [day + step for day in export.days])


def todays_rates(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    return replace(export, rows=tuple((*row[:1], *export.newest[1:]) for row in export.rows))


def bad_value(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    columns = _pair(export, options)[1:]
    cell = _cell(options.get("value", "-1"), export.style.value)
    return _with_cell(export, _row(export, options), columns, cell)


def bad_nominal(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    columns = _pair(export, options)[:1]
    cell = _cell(options.get("nominal", "0"), export.style.nominal)
    return _with_cell(export, _row(export, options), columns, cell)


def bad_date(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    text = options.get("text", "31.02.2025")
    return _with_cell(export, _row(export, options), [0], Cell(text))


def no_date(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    return _with_cell(export, _row(export, options), [0], None)


def formula_cells(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    return _with_values(export, options, lambda cell: Cell(cell.text, "formula"))


def error_cells(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    return _with_values(export, options, lambda _: Cell("#N/A", "error"))


def text_numbers(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    rows = ((*row[:1], *(cell and Cell(cell.text) for cell in row[1:])) for row in export.rows)
    return replace(export, rows=tuple(rows))


def other_sheet(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    return replace(export, title=options.get("text", "Официальные (рыночные) курсы валют"))


def two_sheets(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    return replace(export, sheets=2)


def dates_of_1904(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    rows = tuple(
        (Cell(str(serial(day) - DAYS_TO_1904), "date"), *row[1:])
        for day, row in zip(export.days, export.rows, strict=True)
    )
    return replace(export, rows=rows, from_1904=True)


def _pair(export: Export, options: FaultOptions) -> list[int]:
    """Return the columns of the code that is meant: nominal and value, or none."""
    code = options.get("code", "USD")
    names = (f"{code}_quant", code)
    return [n for n, name in enumerate(export.header) if name in names]


def _row(export: Export, options: FaultOptions) -> int:
    """Return the row of the date that is meant, else the first with a figure of the code."""
    if "date" in options:
        day = parse_date(options["date"])
        # a row that is not there: nothing is done to it
        return export.days.index(day) if day in export.days else len(export.days)
    pair = _pair(export, options)
    filled = (n for n, row in enumerate(export.rows) if any(row[column] for column in pair))
    return next(filled, 0)


def _cell(text: str | None, write: Callable[[str], Cell | None]) -> Cell | None:
    """Return the cell of a text, where an empty one is not a blank."""
    if text is None:
        return None
    return write(text) if text else Cell("")


def _with_cell(export: Export, row: int, columns: Sequence[int], cell: Cell | None) -> Export:
    rows = list(export.rows)
    if row < len(rows):
        rows[row] = tuple(cell if n in columns else old for n, old in enumerate(rows[row]))
    return replace(export, rows=tuple(rows))


def _with_values(export: Export, options: FaultOptions, change: Callable[[Cell], Cell]) -> Export:
    columns = _pair(export, options)[1:]
    rows = (
        tuple(change(cell) if cell and n in columns else cell for n, cell in enumerate(row))
        for row in export.rows
    )
    return replace(export, rows=tuple(rows))


def _with_columns(export: Export, columns: Sequence[int]) -> Export:
    def chosen(row: Row) -> Row:
        return tuple(row[n] for n in columns)

    header = tuple(export.header[n] for n in columns)
    return replace(export, header=header, rows=tuple(map(chosen, export.rows)))


def _renamed(export: Export, code: str, text: str) -> Export:
    names = {code: text, f"{code}_quant": f"{text}_quant"}
    return replace(export, header=tuple(names.get(name, name) for name in export.header))


def _dated(export: Export, days: Sequence[date]) -> Export:
    rows = ((export.style.date(day), *row[1:]) for day, row in zip(days, export.rows, strict=True))
    return replace(export, rows=tuple(rows))
