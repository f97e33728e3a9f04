"""What is written of a series or a sheet: its rows, and its document."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kzt_rates.models import RateSheet, Series
    from kzt_rates.tables.text import Document
    from kzt_rates.typing import Row

SERIES_COLUMNS = ("date", "rate")
SHEET_COLUMNS = ("currency", "nominal", "value", "per_unit", "change")  # of CSV, without the name


def series_rows(series: "Series") -> "list[Row]":
    """Return a row for each day that has a rate."""
    return [
        {"date": day, "rate": value} for day, value in zip(series.dates, series.values, strict=True)
    ]


def series_document(series: "Series") -> "Document":
    """Return the rows of a series with its pair, its range, and the days without a rate."""
    return {
        "base": series.base,
        "quote": series.quote,
        "start": series.start,
        "end": series.end,
        "missing": series.missing,
        "rates": series_rows(series),
    }


def sheet_rows(sheet: "RateSheet") -> "list[Row]":
    """Return a row for each currency."""
    return [
        {
            "currency": rate.base,
            "nominal": rate.nominal,
            "value": rate.value,
            "per_unit": rate.per_unit,
            "change": rate.change,
            "name": rate.name,
        }
        for rate in sheet.rates
    ]


def sheet_document(sheet: "RateSheet") -> "Document":
    """Return the rows of a sheet with its dates, what is known of it and where it came from."""
    return {
        "date": sheet.date,
        "requested_date": sheet.requested_date,
        "complete": sheet.complete,
        "provisional": sheet.provisional,
        "source": sheet.source,
        "fetched_at": sheet.fetched_at,
        "rates": sheet_rows(sheet),
    }
