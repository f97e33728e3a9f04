"""`kzt-rates cache`: what is known here, where it is, copying it and removing it."""

import os

from kzt_rates.cli.options import Command, add_format
from kzt_rates.cli.terminal import SettingsError, one_line, write_out
from kzt_rates.errors import StoreError, StoreUnavailable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from datetime import date, datetime

    from kzt_rates.models import Status
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


def show_info(options: "Namespace") -> None:
    """Show what archive and cache have, by currency."""
    from kzt_rates.settings import packaged_path

    path = _path(options)
    archive = _look(packaged_path(), immutable=True) if _archive_counts() else None
    cache = None if path is None else _look(path, immutable=False)
    write_out(_info(archive, cache, _status(options, path), options.format))


def show_path(options: "Namespace") -> None:
    """Print where the cache is."""
    write_out(_path(options) or "off")


def clear(options: "Namespace") -> None:
    """Delete the cache."""
    path = _path(options)
    write_out("the cache is off: nothing to clear" if path is None else _clear(path))


def copy_file(options: "Namespace") -> None:
    """Copy all that one file knows into another."""
    from kzt_rates.cli.output import count_text
    from kzt_rates.store.contents import copy

    source, target = map(os.path.expanduser, (options.source, options.target))
    try:
        copied = copy(source, target)
    except StoreError as error:
        # the files are arguments, and one that is damaged is what the user wants to save
        why = str(error).partition("; ")[0]
        if error.path not in (None, source, target):  # the file on the way to the target
            why = why.replace(str(error.path), target)
        why = why.replace("database or disk is full", "the disk is full")
        raise type(error)(f"nothing was copied: {why}", path=target) from error
    days, figures = count_text(copied.days), count_text(copied.figures)
    write_out(f"copied what is known of {days} days, {figures} figures, to {target}")


def _path(options: "Namespace") -> str | None:
    from kzt_rates.settings import base_url_of, cache_path

    try:
        path = cache_path(base_url_of(options.base_url))
    except ValueError as error:
        raise SettingsError(str(error)) from error
    return path and os.path.abspath(path)


def _archive_counts() -> bool:
    from kzt_rates.settings import archive_is_on

    try:
        return archive_is_on()
    except ValueError as error:
        raise SettingsError(str(error)) from error


def _look(path: str, *, immutable: bool) -> "Coverage":
    from kzt_rates.store.contents import coverage_of

    try:
        return coverage_of(path, immutable=immutable)
    except StoreUnavailable as error:
        raise StoreError(f"{error}; name another cache with KZT_RATES_CACHE", path=path) from error


def _status(options: "Namespace", path: str | None) -> "Status":
    """Return how fresh archive and cache are, and what the last refresh of the cache met."""
    from kzt_rates.cli.session import Session
    from kzt_rates.models.values import FeedStatus
    from kzt_rates.store.lock import read_note

    with Session(options, warns=False) as session:
        status = session.status()
    if path is None:
        return status
    feeds = dict(status.feeds)
    for feed, met in read_note(path).items():
        try:
            noted = FeedStatus.model_validate(met)
        except ValueError:  # somebody else's file
            continue
        if feed == "latest" and noted.last_success is None:
            noted = noted.model_copy(update={"last_success": feeds["latest"].last_success})
        if feed in feeds:
            feeds[feed] = noted
    return status.model_copy(update={"feeds": feeds})


def _freshness(status: "Status") -> list[str]:
    from kzt_rates.cli.output import count_text

    lines = [f"newest:  {status.newest_complete or 'no complete day'}"]
    if status.asked_at is not None:
        lines[0] += f"; the bank had {status.newest_asked} at {_at(status.asked_at)}"
    if status.missed:
        count = len(status.missed)
        since = f"{status.missed[0]} to {status.missed[-1]}" if count > 1 else status.missed[0]
        lines.append(f"missed:  {count_text(count)} {'day' if count == 1 else 'days'}, {since}")
    for feed, met in status.feeds.items():
        if met.last_error is not None and met.last_error_at is not None:
            lines.append(
                f"{feed + ':':8} failed at {_at(met.last_error_at)}: {one_line(met.last_error)}"
            )
        if met.last_success is not None and feed != "latest":
            lines.append(f"{feed + ':':8} answered at {_at(met.last_success)}")
    return lines


def _at(instant: "datetime") -> str:
    from kzt_rates.dates import ALMATY

    return f"{instant.astimezone(ALMATY):%Y-%m-%d %H:%M}"


def _info(archive: "Coverage | None", cache: "Coverage | None", status: "Status", form: str) -> str:
    from kzt_rates.cli.output import csv_text, json_text

    rows = _rows(archive, cache)
    if form == "csv":
        return csv_text(COLUMNS, rows)
    if form == "table":
        return _table(archive, cache, status, rows)
    complete: set[date] = set()
    for part in (archive, cache):
        complete |= frozenset() if part is None else part.complete
    return json_text(
        {
            "archive": _part(archive),
            "cache": _part(cache),
            "complete_days": len(complete),
            "currencies": rows,
            "status": {
                "newest_complete": status.newest_complete,
                "newest_asked": status.newest_asked,
                "asked_at": _iso(status.asked_at),
                "archive_end": status.archive_end,
                "missed": list(status.missed),
                "feeds": [
                    {
                        "feed": feed,
                        "last_success": _iso(met.last_success),
                        "last_error_at": _iso(met.last_error_at),
                        "last_error": met.last_error,
                    }
                    for feed, met in status.feeds.items()
                ],
            },
        }
    )


def _iso(instant: "datetime | None") -> str | None:
    return None if instant is None else instant.isoformat()


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


def _table(
    archive: "Coverage | None", cache: "Coverage | None", status: "Status", rows: "list[Row]"
) -> str:
    from kzt_rates.cli.output import table_text

    heading = [f"archive: {_summary(archive)}", f"cache:   {_summary(cache)}"]
    if not rows:
        return "\n".join(heading)
    heading += _freshness(status)
    parts = [name for name, part in (("archive", archive), ("cache", cache)) if part is not None]
    head = ["Code", *(["First date", "Last date", "Days"] * len(parts)), "Missing"]
    lines = [
        [
            str(row["currency"]),
            *(cell for part in parts for cell in _cells(row, part)),
            _number(row["missing_days"]),
        ]
        for row in rows
    ]
    right = [number for number, name in enumerate(head) if name in ("Days", "Missing")]
    table = table_text(head, lines, right=right)
    # above the columns of each part its name
    above, place = "", 0
    for part in parts:
        place = table.index("First date", place)
        above = f"{above:{place}}in the {part}"
        place += 1
    return "\n".join([*heading, "", above, table])


def _cells(row: "Row", part: str) -> list[str]:
    from kzt_rates.tables.files import text_of

    first, last, days = (row[f"{part}_{fact}"] for fact in ("first", "last", "days"))
    return [text_of(first), text_of(last), _number(days) if days else ""]


def _number(value: object) -> str:
    from kzt_rates.cli.output import count_text

    assert isinstance(value, int)
    return count_text(value)


def _summary(part: "Coverage | None") -> str:
    from kzt_rates.cli.output import count_text

    if part is None:
        return "off"
    if part.size is None:
        return f"{part.path} (not made yet)"
    count = len(part.complete)
    days = f"{count_text(count)} complete {'day' if count == 1 else 'days'}"
    return f"{part.path}, {count_text(part.size)} bytes, {days}"


def _clear(path: str) -> str:
    """Remove the cache, and what SQLite keeps beside it."""
    from kzt_rates.cli.output import count_text
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
    for name in (file, *(file + end for end in COMPANIONS)):
        if os.path.exists(name):
            os.remove(name)
    return f"removed {path} ({count_text(size)} bytes)"


def _is_foreign(path: str) -> bool:
    """Whether a file is not ours: no SQLite file, or a sound one with other tables."""
    import sqlite3
    from contextlib import closing

    from kzt_rates.store.rows import APPLICATION_ID

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


def _add_copy(parser: "ArgumentParser") -> None:
    parser.add_argument("source", metavar="FROM", help="a cache, or an archive")
    parser.add_argument("target", metavar="TO", help="a new file, or a cache to add to")


COMMANDS = (
    Command(
        "cache",
        usage="info | path | copy | clear",
        settings=("--base-url",),
        parts=(
            Command(
                "info",
                show_info,
                summary="show which dates archive and cache have, by currency",
                notes="Missing: the days between the first and the last that are in neither.",
                add=add_format,
                settings=("--base-url",),
            ),
            Command(
                "path",
                show_path,
                summary='print the path of the cache, or "off"',
                settings=("--base-url",),
            ),
            Command(
                "copy",
                copy_file,
                summary="copy all that one file knows into another",
                usage="FROM TO",
                notes="examples:\n"
                "  kzt-rates cache copy ~/.cache/kzt_rates/cache.sqlite rates.sqlite\n\n"
                "The other machine reads it with KZT_RATES_CACHE=rates.sqlite.",
                add=_add_copy,
                settings=(),
            ),
            Command(
                "clear",
                clear,
                summary="delete the cache",
                notes="The bank can be asked for all of it again. Other files are not deleted.",
                settings=("--base-url",),
            ),
        ),
    ),
)
