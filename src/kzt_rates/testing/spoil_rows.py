"""Exports that are good to look at and wrong: rows lost, days late, columns exchanged."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import date, timedelta

from kzt_rates.dates import parse_date
from kzt_rates.printing.workbook import Export
from kzt_rates.testing.faults.documents import codes_of
from kzt_rates.testing.options import Circumstances, FaultOptions
from kzt_rates.testing.spoil_figures import multiplied, pair_of, whole
from kzt_rates.testing.workbooks import Cell

FRIDAY = 4

_Pair = tuple[Cell | None, Cell | None]


def first_rows(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    return _kept(export, export.days[: options.get("keep", 1)])


def last_rows(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    kept = min(options.get("keep", 1), len(export.days))
    return _kept(export, export.days[len(export.days) - kept :])


def lost_rows(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    lost = _days(export, options)
    if not options.keys() & {"date", "start", "end"}:
        # the middle third, or the first of two
        third = -(-len(lost) // 3)
        lost = lost[(len(lost) - third) // 2 :][:third]
    return _kept(export, set(export.days).difference(lost))


def no_weekends(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    within = set(_days(export, options))
    return _kept(
        export, [day for day in export.days if day.weekday() <= FRIDAY or day not in within]
    )


def late_rows(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    if not export.days:
        return export
    late = timedelta(days=options.get("days", 1))
    first, last = export.days[0] - late, export.days[-1] - late
    found = around.gazette.export(first, last, export.codes, around.now)
    figures = {day + late: row[1:] for day, row in zip(found.days, found.rows, strict=True)}
    blank = (None,) * (len(export.header) - 1)
    rows = (
        (*row[:1], *figures.get(day, blank))
        for day, row in zip(export.days, export.rows, strict=True)
    )
    return replace(export, rows=tuple(rows))


def exchanged_codes(export: Export, options: FaultOptions, around: Circumstances) -> Export:
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


def exchanged_numbers(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    def exchanged(nominal: Cell, value: Cell) -> _Pair:
        return export.style.nominal(whole(value.text)), export.style.value(nominal.text)

    return _changed(export, options, codes_of(options, "USD"), exchanged)


def scaled(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    factor = options.get("factor", 10)

    def times(nominal: Cell, value: Cell) -> _Pair:
        return nominal, export.style.value(multiplied(value.text, factor))

    return _changed(export, options, codes_of(options, *export.codes), times)


def another_nominal(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    text = options.get("nominal", "100")
    shown = None if text is None else export.style.nominal(text)
    return _changed(export, options, codes_of(options, "USD"), lambda _, value: (shown, value))


def blank_cells(export: Export, options: FaultOptions, around: Circumstances) -> Export:
    return _changed(export, options, codes_of(options, "USD"), lambda _, __: (None, None))


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


def _changed(
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
