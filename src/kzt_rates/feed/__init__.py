"""The bank's feeds: what each of them can be asked for, and how.

`feed.xml` reads the daily feed and `rates_all.xml`, `feed.export` the range export: bytes to
figures, or `FeedError`. They are loaded when there is something to read, and lxml with them.
"""

from datetime import date, timedelta

from kzt_rates.currency import FACTS, exists_on
from kzt_rates.dates import bank_date

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

# The daily feed's own archive begins about here; for an older date it may silently answer with
# today's rates.
DAILY_STARTS = date(2021, 5, 8)

# The tenge's first day; the bank's archive begins three days later.
EXPORT_STARTS = date(1993, 11, 15)

LATEST_PATH = "/rss/rates_all.xml"

# The export chokes on some twenty years at once; four a request work.
MAX_EXPORT_YEARS = 4

# Four years of 39 currencies have 0.6 MB packed, and not quite 6 MB where nothing is packed.
MAX_EXPORT_BYTES = 8 * 1024 * 1024

# A figure as the bank prints it, in any of its feeds: plain ASCII and of a bounded size. The
# longest value on record has 8 characters, the longest nominal 5.
NUMBER = r"[0-9]{1,15}(?:\.[0-9]{1,10})?"
_ABOVE_ZERO = r"(?=[0.]*[1-9])"
VALUE = f"{_ABOVE_ZERO}{NUMBER}"
NOMINAL = f"{_ABOVE_ZERO}[0-9]{{1,9}}"


def export_id(code: str) -> int | None:
    """Return the id by which a currency is asked for, `None` where the export cannot answer.

    >>> export_id("USD"), export_id("BYR") == export_id("BYN"), export_id("EEK")
    (5, True, None)
    """
    facts = FACTS.get(code)
    return None if facts is None else facts.export_id


def export_codes() -> tuple[str, ...]:
    """Return the codes that can be asked for, those of the past that share an id included."""
    return tuple(code for code, facts in FACTS.items() if facts.export_id is not None)


def export_codes_on(day: date) -> tuple[str, ...]:
    """Return the codes that can be asked for and existed on a day."""
    return tuple(code for code in export_codes() if exists_on(code, day))


def daily_path(day: date) -> str:
    """Return what to ask the bank for the sheet of a date, below its base URL.

    >>> daily_path(date(2025, 12, 5))
    '/rss/get_rates.cfm?fdate=05.12.2025'
    """
    return f"/rss/get_rates.cfm?fdate={bank_date(day)}"


def longest_export_end(start: date) -> date:
    """Return the last date of the longest range that begins on a date.

    >>> longest_export_end(date(2016, 1, 1)), longest_export_end(date(2016, 2, 29))
    (datetime.date(2019, 12, 31), datetime.date(2020, 2, 28))
    """
    year = start.year + MAX_EXPORT_YEARS
    if year > date.max.year:
        return date.max
    try:
        return start.replace(year=year) - timedelta(days=1)
    except ValueError:  # 29 February, four years before 2100
        return date(year, 2, 28)


def export_path(codes: "Iterable[str]", start: date, end: date) -> str:
    """Return what to ask the bank for, below its base URL; both dates are included.

    Raises `ValueError` for no code or one without an id, for an end before the start and for
    more than four years.

    >>> export_path(["EUR", "USD"], date(2016, 1, 1), date(2019, 12, 31)).partition("excel")[2]
    '?beginDate=01.01.2016&endDate=31.12.2019&rates[]=5&rates[]=6'
    """
    ids = set()
    for code in codes:
        number = export_id(code)
        if number is None:
            raise ValueError(f"the bank's export cannot be asked for {code}")
        ids.add(number)
    return export_path_of_ids(ids, start, end)


def export_path_of_ids(ids: "Iterable[int]", start: date, end: date) -> str:
    """Return what to ask the bank for, by the ids of its form, as `export_path` does by codes."""
    if end < start:
        raise ValueError(f"the end {end} is before the start {start}")
    if end > longest_export_end(start):
        raise ValueError(f"{start} to {end} is more than {MAX_EXPORT_YEARS} years")
    rates = "".join(f"&rates[]={number}" for number in sorted(ids))
    if not rates:
        raise ValueError("no currency is asked for")
    return (
        "/ru/exchangerates/ezhednevnye-oficialnye-rynochnye-kursy-valyut/excel"
        f"?beginDate={bank_date(start)}&endDate={bank_date(end)}{rates}"
    )
