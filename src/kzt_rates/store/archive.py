"""The packaged archive: a read-only store, built from `data/official_rates.csv`."""

import os
from datetime import date

from kzt_rates.currency_facts import is_quoted_on, quoted_on
from kzt_rates.currency_table import FACTS
from kzt_rates.figures import Day, Figure
from kzt_rates.store.sqlite import SqliteStore

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

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
    The same CSV gives the same bytes on the same SQLite.
    """
    import csv

    days: dict[str, Day] = {}
    with open(csv_path, encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            on = row["date"]
            day = days.setdefault(on, Day(date.fromisoformat(on), final=True))
            day.figures[row["currency"]] = Figure(row["value"], int(row["nominal"]), feed="archive")
    if os.path.exists(archive_path):
        os.remove(archive_path)
    _write(days.values(), archive_path)


def _write(days: "Iterable[Day]", path: str) -> None:
    import sqlite3

    from kzt_rates.store.schema import upgrade_statements

    connection = sqlite3.connect(path)
    # a build that is interrupted is a build to run again: no journal is left beside the archive
    connection.execute("PRAGMA journal_mode = OFF")
    for statement in upgrade_statements(0):
        connection.execute(statement)
    for day in days:
        on = day.date.isoformat()
        connection.executemany(
            "INSERT INTO figure VALUES (?, ?, ?, ?, NULL, NULL, 'archive', 1, NULL)",
            [(code, on, figure.value, figure.nominal) for code, figure in day.figures.items()],
        )
        if _is_complete(day):
            connection.execute("INSERT INTO day VALUES (?, 1, 'archive', NULL, '')", (on,))
    connection.execute("INSERT INTO code SELECT DISTINCT code FROM figure")
    connection.commit()
    connection.execute("VACUUM")
    connection.close()


def _is_complete(day: Day) -> bool:
    codes = day.figures.keys()
    return codes >= quoted_on(day.date) and not any(
        is_quoted_on(code, day.date) for code in FACTS.keys() - codes
    )
