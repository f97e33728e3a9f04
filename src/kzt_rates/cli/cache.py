"""`kzt-rates cache`: what is known here, where it is, and removing it."""

import os
import sqlite3
from contextlib import closing

from kzt_rates.cli.arguments import SettingsError
from kzt_rates.errors import StoreError, StoreUnavailable
from kzt_rates.settings import archive_is_on, base_url_of, cache_path
from kzt_rates.store.archive import packaged_path
from kzt_rates.store.rows import APPLICATION_ID

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from datetime import date

    from kzt_rates.store.contents import Coverage
    from kzt_rates.typing import Row

HEADER = b"SQLite format 3\0"
COLUMNS = (
    "currency",
    "archive_first",
    "archive_last",
    "archive_days",
    "cache_first",
    "cache_last",
    "cache_days",
    "missing_days",
)


def run(options: "Namespace") -> str:
    """Return what `info`, `path`, `copy` or `clear` has to say."""
    if options.part == "copy":
        return _copy(options.source, options.target)
    try:
        path, with_archive = cache_path(base_url_of(options.base_url)), archive_is_on()
    except ValueError as error:
        raise SettingsError(str(error)) from error
    path = path and os.path.abspath(path)
    if options.part == "path":
        return path or "off"
    if options.part == "clear":
        return "the cache is off: nothing to clear" if path is None else _clear(path)
    return _info(
        _look(packaged_path(), immutable=True) if with_archive else None,
        None if path is None else _look(path, immutable=False),
        options.format,
    )


def _copy(source: str, target: str) -> str:
    from kzt_rates.store.contents import copy

    source, target = map(os.path.expanduser, (source, target))
    copied = copy(source, target)
    return f"copied {copied.figures:,} figures of {copied.days:,} days to {target}"


def _look(path: str, *, immutable: bool) -> "Coverage":
    from kzt_rates.store.contents import coverage_of

    try:
        return coverage_of(path, immutable=immutable)
    except StoreUnavailable as error:
        raise StoreError(f"{error}; name another cache with KZT_RATES_CACHE", path=path) from error


def _info(archive: "Coverage | None", cache: "Coverage | None", form: str) -> str:
    from kzt_rates.cli.output import csv_text, json_text

    rows = _rows(archive, cache)
    if form == "csv":
        return csv_text(COLUMNS, rows)
    if form == "table":
        return _table(archive, cache, rows)
    complete: set[date] = set()
    for part in (archive, cache):
        complete |= frozenset() if part is None else part.complete
    return json_text(
        {
            "archive": _part(archive),
            "cache": _part(cache),
            "complete_days": len(complete),
            "currencies": rows,
        }
    )


def _part(part: "Coverage | None") -> "Row | None":
    if part is None:
        return None
    return {"path": part.path, "size": part.size, "complete_days": len(part.complete)}


def _rows(archive: "Coverage | None", cache: "Coverage | None") -> "list[Row]":
    known = [{} if part is None else part.days for part in (archive, cache)]
    rows: list[Row] = []
    for code in sorted({*known[0], *known[1]}):
        in_archive, in_cache = (days.get(code, frozenset()) for days in known)
        days = in_archive | in_cache
        rows.append(
            {
                "currency": code,
                "archive_first": min(in_archive, default=None),
                "archive_last": max(in_archive, default=None),
                "archive_days": len(in_archive),
                "cache_first": min(in_cache, default=None),
                "cache_last": max(in_cache, default=None),
                "cache_days": len(in_cache),
                "missing_days": (max(days) - min(days)).days + 1 - len(days),
            }
        )
    return rows


def _table(archive: "Coverage | None", cache: "Coverage | None", rows: "list[Row]") -> str:
    from kzt_rates.cli.output import table_text
    from kzt_rates.tables.text import text_of

    heading = [f"archive: {_summary(archive)}", f"cache:   {_summary(cache)}"]
    if not rows:
        return "\n".join(heading)
    lines = [
        (
            text_of(row["currency"]),
            _span(row["archive_first"], row["archive_last"]),
            text_of(row["archive_days"]),
            _span(row["cache_first"], row["cache_last"]),
            text_of(row["cache_days"]),
            text_of(row["missing_days"]),
        )
        for row in rows
    ]
    head = ("Code", "Archive", "Days", "Cache", "Days", "Missing")
    return "\n".join([*heading, "", table_text(head, lines, right=(2, 4, 5))])


def _summary(part: "Coverage | None") -> str:
    from kzt_rates.cli.output import count_text

    if part is None:
        return "off"
    if part.size is None:
        return f"{part.path} (not made yet)"
    count = len(part.complete)
    days = f"{count_text(count)} complete {'day' if count == 1 else 'days'}"
    return f"{part.path}, {count_text(part.size)} bytes, {days}"


def _span(first: object, last: object) -> str:
    return "" if first is None else f"{first}..{last}"


def _clear(path: str) -> str:
    """Remove the cache, and what SQLite keeps beside it."""
    from kzt_rates.store.contents import COMPANIONS, size_of

    file = os.path.realpath(path)  # SQLite follows links, and has its companions there
    size = size_of(file)
    if size is None:
        return f"nothing to clear: {path} does not exist"
    # at the default path is what kzt_rates has put there, in whatever state
    if os.path.exists(file) and (
        not os.path.isfile(file) or (os.environ.get("KZT_RATES_CACHE") and _is_foreign(file))
    ):
        raise StoreError(
            f"{path} is not a cache of kzt_rates and was not deleted; delete it yourself, or set "
            "KZT_RATES_CACHE to another file",
            path=path,
        )
    from kzt_rates.cli.output import count_text

    for name in (file, *(file + end for end in COMPANIONS)):
        if os.path.exists(name):
            os.remove(name)
    return f"removed {path} ({count_text(size)} bytes)"


def _is_foreign(path: str) -> bool:
    """Say whether a file is not ours: no SQLite file, or a sound one with other tables."""
    with open(path, "rb") as file:
        head = file.read(len(HEADER))
    if head != HEADER:
        return bool(head)  # an empty file is a cache that nothing was written to yet
    from urllib.request import pathname2url

    uri = f"file:{pathname2url(path)}?mode=ro"
    try:
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            (application,) = connection.execute("PRAGMA application_id").fetchone()
            (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.DatabaseError as error:
        damaged = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)
        return getattr(error, "sqlite_errorcode", 0) & 0xFF not in damaged
    return bool(application != APPLICATION_ID and tables)
