"""The packaged archive: a read-only store, built from `data/official_rates.csv`."""

import os
from datetime import date

from kzt_rates.currency import FACTS, is_quoted_on, quoted_on
from kzt_rates.figures import Day, Figure
from kzt_rates.store.rows import creation
from kzt_rates.store.sqlite import SqliteStore, write_days

FILE_NAME = "archive.sqlite"


def packaged_path() -> str:
    """Return where the build puts the archive: beside the package's own modules."""
    return os.path.join(os.path.dirname(os.path.dirname(__file__)), FILE_NAME)


def open_archive(path: str) -> SqliteStore:
    """Open an archive; it is never written to, so SQLite takes no locks on it."""
    return SqliteStore(path, source="archive", immutable=True)


def build_archive(csv_path: str, archive_path: str) -> None:
    """Write an archive from a CSV of date, currency, value, nominal, source.

    A day that holds every currency the bank can have quoted then is marked complete. Those that
    were gone before the export's form was made are among them, and it cannot be asked for them.
    The same CSV gives the same bytes on the same SQLite. It takes the place of one that others may
    be reading, or building as well.
    """
    import csv

    days: dict[str, dict[str, Figure]] = {}
    with open(csv_path, encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            figure = Figure(row["value"], int(row["nominal"]), feed="archive", final=True)
            days.setdefault(row["date"], {})[row["currency"]] = figure
    new = f"{archive_path}.{os.getpid()}"
    try:
        _write([_day(date.fromisoformat(on), figures) for on, figures in days.items()], new)
        os.replace(new, archive_path)
    finally:
        if os.path.exists(new):
            os.remove(new)


def _day(on: date, figures: "dict[str, Figure]") -> Day:
    complete = figures.keys() >= quoted_on(on) and not any(
        is_quoted_on(code, on) for code in FACTS.keys() - figures.keys()
    )
    return Day(on, figures, complete=complete, final=True)


def _write(days: "list[Day]", path: str) -> None:
    import sqlite3

    connection = sqlite3.connect(path)
    # a build that is interrupted is a build to run again: no journal is left beside the archive
    connection.execute("PRAGMA journal_mode = OFF")
    for statement in creation():
        connection.execute(statement)
    write_days(connection, [Day(day.date) for day in days], days)
    connection.commit()
    connection.execute("VACUUM")
    connection.close()
