"""Writes sheets into a cache until it is killed: all values of a sheet are 1, or all are 2."""

import sys
from datetime import date, datetime, timedelta, timezone
from itertools import count, product
from string import ascii_uppercase

from kzt_rates.figures import Day, Figure
from kzt_rates.store.sqlite import SqliteStore

CODES = ["Q" + "".join(letters) for letters in product("AB", ascii_uppercase)]
FIRST, DAYS = date(2025, 1, 1), 20
NOW = datetime(2025, 12, 10, tzinfo=timezone.utc)


def main(cache: str) -> None:
    store = SqliteStore(cache)
    for turn in count():
        for back in range(DAYS):
            value = str(1 + turn % 2)
            figures = {
                code: Figure(value, 1, feed="daily", final=True, fetched_at=NOW) for code in CODES
            }
            day = Day(FIRST + timedelta(days=back), figures, complete=True, fetched_at=NOW)
            store.change([day.date], lambda _, day=day: [day])
            sys.stdout.write(f"{value}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
