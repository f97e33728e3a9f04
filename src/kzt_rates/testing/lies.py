"""The faults that leave an answer well-formed, and its figures, dates or codes untrue."""

from kzt_rates.testing import spoil_figures, spoil_rows
from kzt_rates.testing.faults import answers as spoil_bytes
from kzt_rates.testing.faults.documents import Spoil
from kzt_rates.testing.faults.fault import Fault
from kzt_rates.testing.faults.workbooks import SpoilExport
from kzt_rates.testing.http import XML_FEEDS, FeedName

_RSS: tuple[FeedName, ...] = ("latest", "main")


def _sheet(
    name: str,
    does: str,
    spoil: Spoil,
    *options: str,
    export: SpoilExport | None = None,
    feeds: tuple[FeedName, ...] = XML_FEEDS,
) -> Fault:
    feeds = feeds if export is None else (*feeds, "export")
    return Fault(name, does, options, feeds, document=spoil, export=export)


def _rows(name: str, does: str, spoil: SpoilExport, *options: str) -> Fault:
    return Fault(name, does, options, ("export",), export=spoil)


LIES = (
    _sheet(
        "another_sheet",
        "has the figures of `date` (today), or of `days` before the date asked for, or of the"
        " newest day published before that, or else `sheet`, under the date asked for (the RSS:"
        " its newest date); all of them, or those of `codes`, or `keep` in all; with `by` added to"
        " the value of `code` (USD)",
        spoil_figures.another_sheet,
        *("date", "days", "sheet", "codes", "keep", "code", "by", "changes"),
    ),
    _sheet(
        "stale_sheet",
        "has the sheet of `date` (the day before), or the newest published before it, under its"
        " own date",
        spoil_figures.stale_sheet,
        "date",
    ),
    _sheet("lost_codes", "leaves out `codes` (EUR)", spoil_figures.lost_codes, "codes"),
    _sheet(
        "extra_code",
        "has one code more, `code` (XYZ) with `value` (1.23) per `nominal` (1) and `change`",
        spoil_figures.extra_code,
        *("code", "value", "nominal", "change"),
    ),
    _sheet(
        "lagging_codes",
        "has `codes` (USD) as they were `days` (1) before, under that date",
        spoil_figures.lagging_codes,
        *("codes", "days"),
        feeds=_RSS,
    ),
    _sheet(
        "scaled",
        "multiplies the values of `codes` (all) by `factor` (10), rounded to two decimals",
        spoil_figures.scaled,
        *("codes", "factor", "changes", "date", "start", "end"),
        export=spoil_rows.scaled,
    ),
    _sheet(
        "exchanged_codes",
        "has the figures of the first of two `codes` (EUR and USD) under the second, and those of"
        " the second under the first",
        spoil_figures.exchanged_codes,
        *("codes", "changes"),
        export=spoil_rows.exchanged_codes,
    ),
    _sheet(
        "exchanged_numbers",
        "has the nominal of `codes` (USD) as the value, and the value in whole tenge as the"
        " nominal",
        spoil_figures.exchanged_numbers,
        *("codes", "changes", "date", "start", "end"),
        export=spoil_rows.exchanged_numbers,
    ),
    _sheet(
        "another_nominal",
        "has the values of `codes` (USD) for `nominal` (100)",
        spoil_figures.another_nominal,
        *("codes", "nominal", "changes", "date", "start", "end"),
        export=spoil_rows.another_nominal,
    ),
    _sheet(
        "bare_items",
        "leaves out `elements` (fullname, index and change), or has `text` in them",
        spoil_figures.bare_items,
        *("elements", "text"),
    ),
    _sheet(
        "padded_figures",
        "puts `text` (a blank) before and after value, nominal and change",
        spoil_figures.padded_figures,
        "text",
    ),
    Fault(
        "leading_blanks",
        "has two empty lines, or `text`, before the XML declaration",
        ("text",),
        XML_FEEDS,
        answer=spoil_bytes.leading_blanks,
    ),
)

EXPORT_LIES = (
    _rows("first_rows", "breaks off after `keep` (1) rows", spoil_rows.first_rows, "keep"),
    _rows("last_rows", "has the last `keep` (1) rows alone", spoil_rows.last_rows, "keep"),
    _rows(
        "lost_rows",
        "lacks the row `date`, or those from `start` to `end`, or the third in the middle",
        spoil_rows.lost_rows,
        *("date", "start", "end"),
    ),
    _rows(
        "no_weekends",
        "lacks the rows of Saturdays and Sundays, all or those from `start` to `end`",
        spoil_rows.no_weekends,
        *("start", "end"),
    ),
    _rows(
        "blank_cells",
        "has no figures of `codes` (USD) in the row `date`, or those from `start` to `end`, or any",
        spoil_rows.blank_cells,
        *("codes", "date", "start", "end"),
    ),
    _rows(
        "late_rows",
        "has in each row the figures of `days` (1) before",
        spoil_rows.late_rows,
        "days",
    ),
)
