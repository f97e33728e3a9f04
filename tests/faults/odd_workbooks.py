"""Workbooks that no bank has sent yet, for our own readers of spreadsheets to refuse or to read.

They are faults as `kzt_rates.testing` has them: `bank.fail(two_sheets)`.
"""

from collections.abc import Callable
from dataclasses import replace

from kzt_rates.printing import (
    DAYS_TO_1904,
    TYPES_PART,
    Cell,
    Export,
    serial,
    unzipped,
    zipped,
)
from kzt_rates.testing.faults import (
    Circumstances,
    Fault,
    FaultOptions,
    cell_of,
    columns_of,
    on_answer,
    on_export,
    row_of,
    with_cell,
    with_columns,
)
from kzt_rates.testing.http import EXPORT_FEED, Response

MACROS_PART = "xl/vbaProject.bin"

_MACRO_TYPE = b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"
_SHEET_TYPE = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"


@on_answer("puts a vbaProject.bin into a good workbook", feeds=EXPORT_FEED)
def macros(answer: Response, options: FaultOptions, around: Circumstances) -> Response:
    if not answer.body.startswith(b"PK"):
        return answer
    parts = unzipped(answer.body)
    types = parts[TYPES_PART].replace(_SHEET_TYPE, _MACRO_TYPE)
    default = b'<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>'
    parts[TYPES_PART] = types.replace(b"<Override", default + b"<Override", 1)
    return replace(answer, body=zipped({**parts, MACROS_PART: b"\xd0\xcf\x11\xe0" * 64}))


@on_export("has rows without cells before, amid and after the rows")
def empty_rows(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    middle = len(export.rows) // 2
    rows = ((), *export.rows[:middle], (), *export.rows[middle:], ())
    return replace(export, rows=rows)


@on_export("leaves out the value of `code` (USD), whose nominal stays", "code")
def lone_quant(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    lost = columns_of(export, options)[1:]
    return with_columns(export, [n for n in range(len(export.header)) if n not in lost])


@on_export("has `code` (USD) twice", "code")
def duplicate_column(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    return with_columns(export, [*range(len(export.header)), *columns_of(export, options)])


@on_export("has the columns after the dates backwards, each with its own figures")
def shuffled_columns(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    # backwards but for the date: no pair is in its place, and in each the value comes first
    return with_columns(export, [0, *range(len(export.header) - 1, 0, -1)])


@on_export("has the rows in disorder, each with its own date")
def shuffled_rows(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    return replace(export, rows=(*export.rows[1::2], *reversed(export.rows[::2])))


@on_export(
    "has the row `date` (the first with a rate) twice, the second time with the `value` for"
    " `code` (USD), or the same",
    "date",
    "code",
    "value",
)
def duplicate_row(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    row = row_of(export, options)
    twice = export.rows[row : row + 1]
    if "value" in options:
        export_of_one = replace(export, rows=twice)
        cell = cell_of(options["value"], export.style.value)
        twice = with_cell(export_of_one, 0, columns_of(export, options)[1:], cell).rows
    return replace(export, rows=(*export.rows, *twice))


@on_export("dates the row `date` (the first with a rate) `text` (31.02.2025)", "date", "text")
def bad_date(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    text = options.get("text", "31.02.2025")
    return with_cell(export, row_of(export, options), [0], Cell(text))


@on_export("writes the values of `code` (USD) as formulas", "code")
def formula_cells(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    return _with_values(export, options, lambda cell: Cell(cell.text, "formula"))


@on_export("says #N/A for the values of `code` (USD)", "code")
def error_cells(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    return _with_values(export, options, lambda _: Cell("#N/A", "error"))


@on_export("writes every number as a text")
def text_numbers(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    rows = ((*row[:1], *(cell and Cell(cell.text) for cell in row[1:])) for row in export.rows)
    return replace(export, rows=tuple(rows))


@on_export("has a title above the header, `text`", "text")
def other_sheet(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    title = options.get("text", "Официальные (рыночные) курсы валют")
    rows = (tuple(map(Cell, export.header)), *export.rows)
    return replace(export, header=(title,), rows=rows)


@on_export("has its sheet twice")
def two_sheets(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    return replace(export, sheets=2)


@on_export("counts the days from 1904, as it declares")
def dates_of_1904(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    rows = tuple(
        (Cell(str(serial(day) - DAYS_TO_1904), "date"), *row[1:])
        for day, row in zip(export.days, export.rows, strict=True)
    )
    return replace(export, rows=rows, from_1904=True)


def _with_values(export: Export, options: FaultOptions, change: Callable[[Cell], Cell]) -> Export:
    columns = columns_of(export, options)[1:]
    rows = (
        tuple(change(cell) if cell and n in columns else cell for n, cell in enumerate(row))
        for row in export.rows
    )
    return replace(export, rows=tuple(rows))


ODD_WORKBOOKS = {fault.name: fault for fault in list(vars().values()) if isinstance(fault, Fault)}
