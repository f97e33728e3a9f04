"""Exports that are not to be believed, and some that only look so."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta

from kzt_rates.dates import ONE_DAY, parse_date
from kzt_rates.printing import Cell, Export, Row
from kzt_rates.testing.faults.documents import (
    another_nominal,
    bad_code,
    bad_nominal,
    bad_value,
    exchanged_codes,
    exchanged_numbers,
    multiplied,
    no_date,
    no_items,
    pair_of,
    scaled,
    whole,
)
from kzt_rates.testing.faults.fault import Circumstances, FaultOptions, codes_of, on_export

# The nine codes of 2026 have no ids, so that none of them can have been asked for.
OTHER_CODE = "EGP"
FRIDAY = 4

_Pair = tuple[Cell | None, Cell | None]


@no_items.in_export("it leaves the rows out")
def no_items_in_export(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    return replace(export, rows=())


@on_export(
    "calls the columns of `code` (the last) `text` (EGP), which was not asked for", "code", "text"
)
def wrong_columns(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    # the last of the codes asked for: another one takes its place, figures and all
    code = options.get("code", export.header[-1])
    return _renamed(export, code, options.get("text", OTHER_CODE))


@bad_code.in_export()
def bad_code_in_export(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    return _renamed(export, options.get("code", "USD"), options.get("text", "Usd"))


@on_export("leaves out `code` (USD)", "code")
def missing_column(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    lost = columns_of(export, options)
    return with_columns(export, [n for n in range(len(export.header)) if n not in lost])


@on_export("dates the rows from `date` on, or as the days before those asked for", "date")
def another_range(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    if not export.days:
        return export
    first, last = export.days[0], export.days[-1]
    given = options.get("date")
    step = (first - last - ONE_DAY) if given is None else parse_date(given) - first
    return _redated(export, [day + step for day in export.days])


@on_export("has the newest rates up to today in every row")
def todays_rates(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    return replace(export, rows=tuple((*row[:1], *export.newest[1:]) for row in export.rows))


@bad_value.in_export("in the row `date`, else in the first with a rate", "date")
def bad_value_in_export(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    columns = columns_of(export, options)[1:]
    cell = cell_of(options.get("value", "-1"), export.style.value)
    return with_cell(export, row_of(export, options), columns, cell)


@bad_nominal.in_export(
    "in the row `date`, else in the first with a rate", "code", "nominal", "date"
)
def bad_nominal_in_export(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    columns = columns_of(export, options)[:1]
    cell = cell_of(options.get("nominal", "0"), export.style.nominal)
    return with_cell(export, row_of(export, options), columns, cell)


@no_date.in_export("only that of the row `date`, else of the first with a rate", "date")
def no_date_in_export(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    return with_cell(export, row_of(export, options), [0], None)


def columns_of(export: Export, options: FaultOptions) -> list[int]:
    """Return the columns of the code that is meant: nominal and value, or none."""
    code = options.get("code", "USD")
    names = (f"{code}_quant", code)
    return [n for n, name in enumerate(export.header) if name in names]


def row_of(export: Export, options: FaultOptions) -> int:
    """Return the row of the date that is meant, else the first with a figure of the code."""
    if "date" in options:
        day = parse_date(options["date"])
        # a row that is not there: nothing is done to it
        return export.days.index(day) if day in export.days else len(export.days)
    pair = columns_of(export, options)
    filled = (n for n, row in enumerate(export.rows) if any(row[column] for column in pair))
    return next(filled, 0)


def cell_of(text: str | None, write: Callable[[str], Cell | None]) -> Cell | None:
    """Return the cell of a text, where an empty one is not a blank."""
    if text is None:
        return None
    return write(text) if text else Cell("")


def with_cell(export: Export, row: int, columns: Sequence[int], cell: Cell | None) -> Export:
    rows = list(export.rows)
    if row < len(rows):
        rows[row] = tuple(cell if n in columns else old for n, old in enumerate(rows[row]))
    return replace(export, rows=tuple(rows))


def with_columns(export: Export, columns: Sequence[int]) -> Export:
    def chosen(row: Row) -> Row:
        return tuple(row[n] for n in columns)

    header = tuple(export.header[n] for n in columns)
    return replace(export, header=header, rows=tuple(map(chosen, export.rows)))


def _renamed(export: Export, code: str, text: str) -> Export:
    names = {code: text, f"{code}_quant": f"{text}_quant"}
    return replace(export, header=tuple(names.get(name, name) for name in export.header))


def _redated(export: Export, days: Sequence[date]) -> Export:
    rows = ((export.style.date(day), *row[1:]) for day, row in zip(days, export.rows, strict=True))
    return replace(export, rows=tuple(rows))


@on_export("breaks off after `keep` (1) rows", "keep", lie=True)
def first_rows(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    return _kept(export, export.days[: options.get("keep", 1)])


@on_export("has the last `keep` (1) rows alone", "keep", lie=True)
def last_rows(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    kept = min(options.get("keep", 1), len(export.days))
    return _kept(export, export.days[len(export.days) - kept :])


@on_export(
    "lacks the row `date`, or those from `start` to `end`, or the third in the middle",
    "date",
    "start",
    "end",
    lie=True,
)
def lost_rows(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    lost = _days(export, options)
    if not options.keys() & {"date", "start", "end"}:
        # the middle third, or the first of two
        third = -(-len(lost) // 3)
        lost = lost[(len(lost) - third) // 2 :][:third]
    return _kept(export, set(export.days).difference(lost))


@on_export(
    "lacks the rows of Saturdays and Sundays, all or those from `start` to `end`",
    "start",
    "end",
    lie=True,
)
def no_weekends(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    within = set(_days(export, options))
    return _kept(
        export, [day for day in export.days if day.weekday() <= FRIDAY or day not in within]
    )


@on_export("has in each row the figures of `days` (1) before", "days", lie=True)
def late_rows(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    if not export.days:
        return export
    late = timedelta(days=options.get("days", 1))
    first, last = export.days[0] - late, export.days[-1] - late
    found = around.published.export(first, last, export.codes, around.now)
    figures = {day + late: row[1:] for day, row in zip(found.days, found.rows, strict=True)}
    blank = (None,) * (len(export.header) - 1)
    rows = (
        (*row[:1], *figures.get(day, blank))
        for day, row in zip(export.days, export.rows, strict=True)
    )
    return replace(export, rows=tuple(rows))


@exchanged_codes.in_export()
def exchanged_codes_in_export(
    export: Export, options: FaultOptions, around: Circumstances
) -> Export:
    one, other = pair_of(options)
    if one not in export.header or other not in export.header:
        return export
    names = {one: other, other: one}
    names |= {f"{code}_quant": f"{name}_quant" for code, name in names.items()}
    # the headings change places, and then the columns, so that the order is as it was
    header = tuple(names.get(name, name) for name in export.header)
    places = [header.index(name) for name in export.header]
    rows = (tuple(row[n] for n in places) for row in export.rows)
    return replace(export, rows=tuple(rows))


@exchanged_numbers.in_export("", "date", "start", "end")
def exchanged_numbers_in_export(
    export: Export, options: FaultOptions, around: Circumstances
) -> Export:
    def exchanged(nominal: Cell, value: Cell) -> _Pair:
        return export.style.nominal(whole(value.text)), export.style.value(nominal.text)

    return _with_pairs(export, options, codes_of(options, "USD"), exchanged)


@scaled.in_export("", "date", "start", "end")
def scaled_in_export(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    factor = options.get("factor", 10)

    def times(nominal: Cell, value: Cell) -> _Pair:
        return nominal, export.style.value(multiplied(value.text, factor))

    return _with_pairs(export, options, codes_of(options, *export.codes), times)


@another_nominal.in_export("", "date", "start", "end")
def another_nominal_in_export(
    export: Export, options: FaultOptions, around: Circumstances
) -> Export:
    text = options.get("nominal", "100")
    shown = None if text is None else export.style.nominal(text)
    return _with_pairs(export, options, codes_of(options, "USD"), lambda _, value: (shown, value))


@on_export(
    "has no figures of `codes` (USD) in the row `date`, or those from `start` to `end`, or any",
    "codes",
    "date",
    "start",
    "end",
    lie=True,
)
def blank_cells(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    return _with_pairs(export, options, codes_of(options, "USD"), lambda _, __: (None, None))


def _days(export: Export, options: FaultOptions) -> list[date]:
    """Return the days of the rows that are meant: one, those from `start` to `end`, or all."""
    if "date" in options:
        first = last = parse_date(options["date"])
    else:
        first, last = (
            parse_date(options.get("start", date.min)),
            parse_date(options.get("end", date.max)),
        )
    return [day for day in export.days if first <= day <= last]


def _kept(export: Export, days: Collection[date]) -> Export:
    rows = [(d, row) for d, row in zip(export.days, export.rows, strict=True) if d in days]
    return replace(export, days=tuple(d for d, _ in rows), rows=tuple(row for _, row in rows))


def _with_pairs(
    export: Export,
    options: FaultOptions,
    codes: Iterable[str],
    change: Callable[[Cell, Cell], _Pair],
) -> Export:
    """Change nominal and value of some codes, where there are any, in the rows that are meant."""
    days = set(_days(export, options))
    nominals = [export.header.index(f"{code}_quant") for code in codes if code in export.header]
    rows = []
    for day, row in zip(export.days, export.rows, strict=True):
        cells = list(row)
        for n in nominals if day in days else ():
            nominal, value = cells[n], cells[n + 1]
            if nominal is not None and value is not None:
                cells[n : n + 2] = change(nominal, value)
        rows.append(tuple(cells))
    return replace(export, rows=tuple(rows))
