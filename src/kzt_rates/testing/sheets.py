"""The packaged archive as sheets, to publish at a stand-in bank."""

import sqlite3
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from kzt_rates.calendar import parse_date
from kzt_rates.store.archive import packaged_path

if TYPE_CHECKING:
    from kzt_rates.calendar import DateLike


def archive_sheets(
    start: "DateLike | None" = None,
    end: "DateLike | None" = None,
    *,
    path: str | Path | None = None,
) -> dict[date, dict[str, tuple[str, int]]]:
    """Return the archive's figures by date and code, as (value, nominal); both ends inclusive.

    Most days of the archive hold a few codes only. `path` names another archive's file.
    Raises `FileNotFoundError` where there is none.
    """
    file = Path(packaged_path() if path is None else path).absolute()
    if not file.is_file():
        raise FileNotFoundError(f"there is no archive of rates at {file}")
    first = "" if start is None else parse_date(start).isoformat()
    last = "9999-12-31" if end is None else parse_date(end).isoformat()
    sheets: dict[date, dict[str, tuple[str, int]]] = {}
    connection = sqlite3.connect(f"{file.as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        rows = connection.execute(
            "SELECT day, code, value, nominal FROM figure"
            " WHERE day BETWEEN ? AND ? ORDER BY day, code",
            (first, last),
        )
        for day, code, value, nominal in rows:
            sheets.setdefault(date.fromisoformat(day), {})[code] = (value, nominal)
    finally:
        connection.close()
    return sheets
