"""The bank's feeds, one module each, and here what each of them can be asked for.

A feed's module turns bytes into figures or `FeedError`; it is loaded when there is something to
ask or to read.
"""

from datetime import date

from kzt_rates.currency import exists_on

# The daily feed's own archive begins about here; for an older date it may silently answer with
# today's rates.
DAILY_STARTS = date(2021, 5, 8)

# The tenge's first day; the bank's archive begins three days later.
EXPORT_STARTS = date(1993, 11, 15)

# The ids by which the bank's form asks for currencies. Those of the nine added in 2026 are not
# known; the currencies that were gone before the form was made have none.
EXPORT_IDS = {
    "AED": 4, "AMD": 51, "AUD": 1, "AZN": 48, "BRL": 46, "BYN": 38, "CAD": 7, "CHF": 23,
    "CNY": 8, "CZK": 43, "DKK": 3, "EUR": 6, "GBP": 2, "GEL": 52, "HKD": 45, "HUF": 42,
    "INR": 49, "IRR": 53, "JPY": 26, "KGS": 10, "KRW": 25, "KWD": 9, "MDL": 13, "MXN": 54,
    "MYR": 47, "NOK": 14, "PLN": 39, "RUB": 16, "SAR": 15, "SEK": 22, "SGD": 18, "THB": 50,
    "TJS": 44, "TRY": 41, "UAH": 21, "USD": 5, "UZS": 20, "XDR": 17, "ZAR": 40,
}  # fmt: skip

# The export's columns know only today's codes.
COLUMN_OF = {"BYR": "BYN", "RUR": "RUB"}


def export_id(code: str) -> int | None:
    """Return the id by which a currency is asked for, `None` where the export cannot answer.

    >>> export_id("USD"), export_id("BYR") == export_id("BYN"), export_id("EEK")
    (5, True, None)
    """
    return EXPORT_IDS.get(COLUMN_OF.get(code, code))


def export_codes() -> tuple[str, ...]:
    """Return the codes that can be asked for, those of the past that share an id included."""
    return tuple(sorted({*EXPORT_IDS, *COLUMN_OF}))


def export_codes_on(day: date) -> tuple[str, ...]:
    """Return the codes that can be asked for and existed on a day."""
    return tuple(code for code in export_codes() if exists_on(code, day))
