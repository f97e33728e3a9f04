"""Makes the files that several subjects read: `python -m benchmarks.prepared`."""

import zipfile
from datetime import date, timedelta
from decimal import Decimal

from benchmarks import world
from benchmarks.places import ECB_FILE, PREPARED, SHEET, STORE
from kzt_rates.figures import Day, Figure
from kzt_rates.store.sqlite import SqliteStore
from kzt_rates.testing import archive_sheets, daily_xml

SHEET_DAY = date(2026, 8, 21)
DAYS_AT_ONCE = 1000


def make_store() -> None:
    """Write the made-up rates as if the bank's range export had given them."""
    store = SqliteStore(str(STORE))
    days = [
        Day(day, {code: Figure(text, 1, feed="export") for code, text in rates.items()}, final=True)
        for day, rates in world.sheets()
    ]
    for start in range(0, len(days), DAYS_AT_ONCE):
        store.keep_export(days[start : start + DAYS_AT_ONCE])
    store.close()


def make_sheet() -> None:
    """Write the bank's answer for a day on which it published 48 currencies."""
    before = SHEET_DAY - timedelta(1)
    found = archive_sheets(before, SHEET_DAY)
    SHEET.write_bytes(daily_xml(SHEET_DAY, found[SHEET_DAY], previous=found.get(before)))


def make_ecb_file() -> None:
    """Write the same made-up rates in the form of the European Central Bank's file."""
    lines = [",".join(("Date", *world.CODES))]
    for day, rates in world.sheets():
        units = [f"{1 / Decimal(text):.6g}" for text in rates.values()]
        lines.append(f"{day},{','.join(units)}")
    with zipfile.ZipFile(ECB_FILE, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("rates.csv", "\n".join(lines))


def main() -> None:
    PREPARED.mkdir(parents=True, exist_ok=True)
    for path, make in ((STORE, make_store), (SHEET, make_sheet), (ECB_FILE, make_ecb_file)):
        if not path.exists():
            make()


if __name__ == "__main__":
    main()
