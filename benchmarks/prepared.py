"""Makes the files that several subjects read: `python -m benchmarks.prepared`."""

import hashlib
import zipfile
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from benchmarks import world
from benchmarks.places import ECB_FILE, PREPARED, SHEET, STORE
from kzt_rates.figures import Day, Figure
from kzt_rates.store import rows
from kzt_rates.store.sqlite import SqliteStore
from kzt_rates.testing import archive_sheets, daily_xml

SHEET_DAY = date(2026, 8, 21)
DAYS_AT_ONCE = 1000


def make_store(path: Path) -> None:
    """Write the made-up rates as if the bank's range export had given them."""
    store = SqliteStore(str(path))
    days = [
        Day(day, {c: Figure(text, 1, feed="export", final=True) for c, text in rates.items()})
        for day, rates in world.sheets()
    ]
    for start in range(0, len(days), DAYS_AT_ONCE):
        some = days[start : start + DAYS_AT_ONCE]

        def take(_: list[Day], some: list[Day] = some) -> list[Day]:
            return some

        store.change([day.date for day in some], take)
    store.close()


def make_sheet(path: Path) -> None:
    """Write the bank's answer for a day on which it published 48 currencies."""
    before = SHEET_DAY - timedelta(1)
    found = archive_sheets(before, SHEET_DAY)
    path.write_bytes(daily_xml(SHEET_DAY, found[SHEET_DAY], previous=found.get(before)))


def make_ecb_file(path: Path) -> None:
    """Write the same made-up rates in the form of the European Central Bank's file."""
    lines = [",".join(("Date", *world.CODES))]
    for day, rates in world.sheets():
        units = [f"{1 / Decimal(text):.6g}" for text in rates.values()]
        lines.append(f"{day},{','.join(units)}")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("rates.csv", "\n".join(lines))


def recipe() -> str:
    """Return what tells files of this recipe from older ones."""
    here = Path(__file__)
    parts = (here, here.with_name("world.py"), Path(rows.__file__))
    return hashlib.sha256(b"".join(part.read_bytes() for part in parts)).hexdigest()


def main() -> None:
    PREPARED.mkdir(parents=True, exist_ok=True)
    stamp, wanted = PREPARED / "recipe.txt", recipe()
    if stamp.exists() and stamp.read_text(encoding="ascii") == wanted:
        return
    for path in PREPARED.iterdir():
        path.unlink()
    for path, make in ((STORE, make_store), (SHEET, make_sheet), (ECB_FILE, make_ecb_file)):
        make(path)
    stamp.write_text(wanted, encoding="ascii")


if __name__ == "__main__":
    main()
