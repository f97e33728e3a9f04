"""Rebuild `data/official_rates.csv` from the bank: `nox -s archive`.

What differs from a row of the file stops it, and so does a bank that cannot be asked or
believed: then nothing is written. What was learned by then is kept below build/, and the next
run of the same day goes on there.
"""

import argparse
import logging
import os
import shutil
import sys
import warnings
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import form_ids
from archive_rows import Key, Row, differing, merged, plain, read_rows, report, text_of, write

from kzt_rates import BankUnavailable, Client, FeedError, KztRatesError, Offline, StaleRateWarning
from kzt_rates.currency import FACTS, exists_on, is_quoted_on, life_of
from kzt_rates.dates import ONE_DAY, date_in_kazakhstan, each_day, parse_date, utc_now
from kzt_rates.feed import EXPORT_STARTS, export_id
from kzt_rates.plans.checks import MIN_CODES_FOR_OLD_DAYS
from kzt_rates.plans.questions import last_of_question
from kzt_rates.plans.rules import export_end
from kzt_rates.settings import base_url_of
from kzt_rates.store.sqlite import SqliteStore

if TYPE_CHECKING:
    from kzt_rates import SyncProgress
    from kzt_rates.typing import Clock

ROOT = Path(__file__).parents[1]
FILE = ROOT / "data" / "official_rates.csv"
WORK = ROOT / "build" / "archive"

# As the command line's.
DIFFERENT, UNREACHABLE, UNUSABLE, INTERRUPTED = 1, 4, 5, 130

# Four years of 39 currencies are made while one waits.
TIMEOUT_SECONDS = 60

# What is asked for first, of either feed: by these days an answer of today's rates for old days
# is known for what it is.
NEWEST_DAYS = timedelta(days=3)

DAYS_AT_ONCE = 1000

# For a question that nothing depends on.
RETRIES = 1

# A pull request has room for some hundred such lines.
MAX_LINES_SAID = 50


def main(arguments: Sequence[str] | None = None, *, clock: "Clock | None" = None) -> int:
    """Rebuild the file; return the exit status."""
    options = _parser().parse_args(arguments)
    said = _Listener()
    logger = logging.getLogger("kzt_rates")
    logger.addHandler(said)
    try:
        with warnings.catch_warnings():
            # a provisional figure is left out, whatever its age
            warnings.simplefilter("ignore", StaleRateWarning)
            return _rebuild(options, clock or utc_now, said.lines)
    except (BankUnavailable, Offline) as error:
        return _stop(error, UNREACHABLE)
    except FeedError as error:
        return _stop(error, UNUSABLE)
    except (KztRatesError, OSError, ValueError) as error:
        return _stop(error, DIFFERENT)
    except KeyboardInterrupt:
        return INTERRUPTED
    finally:
        logger.removeHandler(said)


def _rebuild(options: argparse.Namespace, clock: "Clock", said: list[str]) -> int:
    if options.report:
        Path(options.report).unlink(missing_ok=True)
    before = Path(options.file).read_bytes()
    rows = read_rows(options.file)
    today = date_in_kazakhstan(clock())
    place = _place(options.work)
    feeds = by_export, by_daily = _feeds(options.start, today)
    # what was learned on another day, or for another range, is no answer to these questions
    folder = os.path.join(place, f"{options.start}-{today}")
    exported = _sync(folder, by_export, today, clock, {})
    daily = _sync(folder, by_daily, today, clock, exported)
    # all has been asked: the next run begins anew, whatever comes of this one
    shutil.rmtree(place, ignore_errors=True)
    bank = {**daily, **exported}
    different = differing(exported, daily) + differing(rows, bank)
    if different:
        return _tell_different(different)
    changes = merged(rows, bank, lambda row: any(feed.was_asked(row) for feed in feeds))
    lines = report(changes)
    if said:
        lines += ["", "Said on the way:", "", *_shortened(list(dict.fromkeys(said)))]
    if not options.no_form_ids:
        lines += ["", *_form_ids(today)]
    after = text_of(changes.rows)
    if after != before:
        write(options.file, after)
    if options.report:
        Path(options.report).write_text("\n".join((*lines, "")), encoding="utf-8")
    print(*lines, sep="\n")
    return 0


class Feed(NamedTuple):
    """What to ask a feed for: codes over ranges of dates, one after the other.

    Each feed has a file of its own, so that the one's figure cannot replace the other's.
    """

    name: str
    codes: tuple[str, ...]
    ranges: tuple[tuple[date, date], ...]

    def was_asked(self, row: Row) -> bool:
        """Say whether a row is among what was asked for."""
        on = date.fromisoformat(row.date)
        return (
            (self.name == "daily" or row.currency in self.codes)  # its sheets have all codes
            and is_quoted_on(row.currency, on)
            and any(first <= on <= last for first, last in self.ranges)
        )


def _feeds(start: date, today: date) -> tuple[Feed, Feed]:
    """Return the export with all it can be asked for, and the daily feed with the rest."""
    by_export = tuple(code for code in FACTS if export_id(code) is not None)
    by_daily = tuple(code for code in FACTS if code not in by_export and is_quoted_on(code, today))
    since = min((life_of(code)[0] or start for code in by_daily), default=today)
    newest = max(start, today - NEWEST_DAYS), today
    older = max(start, since), newest[0] - ONE_DAY
    return (
        Feed("export", by_export, (newest, *_questions(start, export_end(today)))),
        Feed("daily", by_daily, (newest, older) if older[0] <= older[1] else (newest,)),
    )


def _questions(start: date, end: date) -> list[tuple[date, date]]:
    """Return ranges that are one question of the export each, the newest first.

    An answer is kept whole or not at all.
    """
    ranges = []
    while start <= end:
        last = last_of_question(start, end)
        ranges.append((start, last))
        start = last + ONE_DAY
    return ranges[::-1]


def _sync(
    folder: str, feed: Feed, today: date, clock: "Clock", witness: dict[Key, Row]
) -> dict[Key, Row]:
    """Return all final rows of a feed, after asking for those not kept from a run before."""
    store = SqliteStore(os.path.join(folder, f"{feed.name}.sqlite"))
    try:
        with Client(cache=store, archive=False, timeout=TIMEOUT_SECONDS, clock=clock) as client:
            for first, last in feed.ranges:
                # asked again, the export's blanks would be looked for in the daily feed
                if feed.name == "daily" or last == today or not _has_answer(store, first, last):
                    progress = _Progress(first, last)
                    client.sync(first, last, currencies=feed.codes, progress=progress)
        return {row.key: row for row in _final_rows(store, feed.ranges, witness)}
    finally:
        store.close()


def _has_answer(store: SqliteStore, first: date, last: date) -> bool:
    return all(day.figures or day.blanks or day.absent for day in store.read([first, last]))


def _final_rows(
    store: SqliteStore, ranges: Sequence[tuple[date, date]], witness: dict[Key, Row]
) -> Iterator[Row]:
    """Give the final figures of a store, and of old days those that a witness can be held to.

    By itself an old sheet of the daily feed is final for nobody. Here it is when it can be
    compared with the export, because any figure that differs stops the rebuilding.
    """
    days = [day for first, last in ranges for day in each_day(first, last)]
    for number in range(0, len(days), DAYS_AT_ONCE):
        for day in store.read(days[number : number + DAYS_AT_ONCE]):
            on = day.date.isoformat()
            for code, refusal in day.refused.items():
                # another unit's figure is none of ours; a sheet's is the export's to tell
                if exists_on(code, day.date) and not day.listings:
                    raise FeedError(f"the figure of {code} was refused: {refusal.reason}")
            shared = sum((on, code) in witness for code in day.figures)
            for code, figure in day.figures.items():
                if figure.final or shared >= MIN_CODES_FOR_OLD_DAYS:
                    source = "export" if figure.feed == "export" else "daily"
                    yield Row(on, code, plain(figure.value), figure.nominal, source)


def _form_ids(today: date) -> list[str]:
    with Client(cache=False, archive=False, timeout=TIMEOUT_SECONDS, retries=RETRIES) as client:
        return form_ids.tell(client, today)


def _place(work: str) -> str:
    """Return the folder for what this bank says: another's figures are none of its own."""
    host = base_url_of(None).partition("://")[2]
    return os.path.join(work, "".join(c if c.isalnum() or c in ".-" else "_" for c in host))


def _shortened(said: list[str]) -> list[str]:
    more = len(said) - MAX_LINES_SAID
    lines = [f"- {line}" for line in said[:MAX_LINES_SAID]]
    return [*lines, f"- and {more} lines more"] if more > 0 else lines


def _tell_different(different: list[tuple[Row, Row]]) -> int:
    for one, other in different:
        print(f"{one.currency} on {one.date}: {one}, but {other}", file=sys.stderr)
    count = "1 row differs" if len(different) == 1 else f"{len(different)} rows differ"
    print(f"nothing is written: {count}", file=sys.stderr)
    return DIFFERENT


def _stop(error: Exception, status: int) -> int:
    print(f"nothing is written: {error.args[0]}", file=sys.stderr)
    return status


class _Listener(logging.Handler):
    """Keeps what the library logs, for the report."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


class _Progress:
    """Tells of each tenth of a range."""

    def __init__(self, start: date, end: date) -> None:
        self._range = f"{start} to {end}"
        self._told = 0

    def __call__(self, so_far: "SyncProgress") -> None:
        tenths = 10 * so_far.days_done // max(so_far.days_total, 1)
        if tenths > self._told:
            self._told = tenths
            print(
                f"{self._range}: {so_far.days_done} of {so_far.days_total} days, "
                f"{so_far.requests} requests",
                file=sys.stderr,
            )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="rebuild_archive", description=__doc__)
    parser.add_argument(
        "--start", type=parse_date, default=EXPORT_STARTS, help="ask from this date on"
    )
    parser.add_argument("--file", default=str(FILE), help="the rows to compare with and to extend")
    parser.add_argument("--work", default=str(WORK), help="where to keep what is learned")
    parser.add_argument(
        "--no-form-ids", action="store_true", help="do not ask what the form's unknown ids mean"
    )
    parser.add_argument("--report", help="write what changed to this file, too")
    return parser


if __name__ == "__main__":
    sys.exit(main())
