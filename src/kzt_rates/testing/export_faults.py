"""The faults that only the range export has."""

from kzt_rates.testing import spoil_zip
from kzt_rates.testing.faults import workbooks as spoil_export
from kzt_rates.testing.faults.answers import SpoilBytes
from kzt_rates.testing.faults.fault import Fault
from kzt_rates.testing.faults.workbooks import SpoilExport
from kzt_rates.testing.http import FeedName

_EXPORT: tuple[FeedName, ...] = ("export",)


def _bytes(name: str, does: str, spoil: SpoilBytes, *options: str) -> Fault:
    return Fault(name, does, options, _EXPORT, answer=spoil)


def _table(name: str, does: str, spoil: SpoilExport, *options: str) -> Fault:
    return Fault(name, does, options, _EXPORT, export=spoil)


EXPORT_FAULTS = (
    _bytes(
        "truncated_zip",
        "answers with half a workbook, as its Content-Length says",
        spoil_zip.truncated_zip,
    ),
    _bytes(
        "zip_bomb",
        "sends a little workbook whose sheet unpacks to `size` bytes (300 MiB)",
        spoil_zip.zip_bomb,
        "size",
    ),
    _bytes("macros", "puts a vbaProject.bin into a good workbook", spoil_zip.macros),
    _table(
        "wrong_columns",
        "calls the columns of `code` (the last) `text` (EGP), which was not asked for",
        spoil_export.wrong_columns,
        *("code", "text"),
    ),
    _table("missing_column", "leaves out `code` (USD)", spoil_export.missing_column, "code"),
    _table(
        "lone_quant",
        "leaves out the value of `code` (USD), whose nominal stays",
        spoil_export.lone_quant,
        "code",
    ),
    _table("duplicate_column", "has `code` (USD) twice", spoil_export.duplicate_column, "code"),
    _table(
        "shuffled_columns",
        "has the columns after the dates backwards, each with its own figures",
        spoil_export.shuffled_columns,
    ),
    _table(
        "shuffled_rows",
        "has the rows in disorder, each with its own date",
        spoil_export.shuffled_rows,
    ),
    _table(
        "duplicate_row",
        "has the row `date` (the first with a rate) twice, the second time with the `value` for"
        " `code` (USD), or the same",
        spoil_export.duplicate_row,
        *("date", "code", "value"),
    ),
    _table(
        "another_range",
        "dates the rows from `date` on, or as the days before those asked for",
        spoil_export.another_range,
        "date",
    ),
    _table(
        "todays_rates", "has the newest rates up to today in every row", spoil_export.todays_rates
    ),
    _table(
        "bad_date",
        "dates the row `date` (the first with a rate) `text` (31.02.2025)",
        spoil_export.bad_date,
        *("date", "text"),
    ),
    _table(
        "empty_rows",
        "has rows without cells before, amid and after the rows",
        spoil_export.empty_rows,
    ),
    _table("text_numbers", "writes every number as a text", spoil_export.text_numbers),
    _table(
        "formula_cells",
        "writes the values of `code` (USD) as formulas",
        spoil_export.formula_cells,
        "code",
    ),
    _table(
        "error_cells", "says #N/A for the values of `code` (USD)", spoil_export.error_cells, "code"
    ),
    _table("other_sheet", "has a title above the header, `text`", spoil_export.other_sheet, "text"),
    _table("two_sheets", "has its sheet twice", spoil_export.two_sheets),
    _table(
        "dates_of_1904",
        "counts the days from 1904, as it declares",
        spoil_export.dates_of_1904,
    ),
)
