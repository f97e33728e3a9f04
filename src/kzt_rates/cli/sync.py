"""`kzt-rates sync`: filling the cache for a range, how far it is, and what is left to fill."""

import sys

from kzt_rates.cli.options import (
    Command,
    add_range,
    check_range,
    range_of,
)
from kzt_rates.cli.terminal import SettingsError, UsageError, undisturbed, write_error, write_out
from kzt_rates.errors import KztRatesError, StoreError, StoreUnavailable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from datetime import date
    from types import TracebackType
    from typing import Self

    from kzt_rates.cli.session import Session
    from kzt_rates.models import SyncReport
    from kzt_rates.typing import SyncProgress

MAX_SHOWN_SPANS = 3
GOES_ON = "what was fetched is stored; run the same command to continue"

NOTES = """\
Asks for what is not stored yet, and again for days that stayed unknown, and stores each answer \
at once. If it is interrupted, run it again to continue. A terminal shows the progress: as a bar \
where rich is installed, else as lines.

A currency that the bank's range export does not have costs a request for each day since \
2021-05-08.

examples:
  kzt-rates sync --start 1993-11-15
  kzt-rates sync --start 2016-01-01 --end 2019-12-31 --currency USD EUR
  kzt-rates sync --all
  kzt-rates sync --all --currency ILS"""


def run(options: "Namespace") -> None:
    """Fill the cache; say what that took. An error or Ctrl-C loses nothing that was fetched."""
    from kzt_rates.cli.session import Session

    # a cache that cannot keep what is fetched is an error here, so no warning comes before it
    with Session(options, timeout=60, warns=False) as session:
        start, end = range_of(session.today(), options)
        if start > session.today():
            raise UsageError(
                f"--start {start} is in the future: today in Kazakhstan is {session.today()}"
            )
        if not session.offline:
            _require_cache(session)
        display = make_display(verbose=options.verbose)
        try:
            with display:
                report = session.sync(start, end, currencies=_currencies(options), progress=display)
        except KeyboardInterrupt:
            with undisturbed():
                write_error(f"interrupted; {GOES_ON}")
            raise
        except KztRatesError as error:
            if display.requests and not isinstance(error, StoreError):
                error.add_note(GOES_ON)
            raise
    write_out(_summary(report, chosen=options.currency is not None))


def _currencies(options: "Namespace") -> "list[str] | None":
    """Return the currencies that are meant, `None` for all that the export can be asked for."""
    if options.all and options.currency:
        from kzt_rates.feed import export_codes

        return [*export_codes(), *options.currency]
    named: list[str] | None = options.currency
    return named


def _require_cache(session: "Session") -> None:
    """Raise where nothing could be kept: a sync without a cache is in vain."""
    import os

    from kzt_rates.settings import cache_path
    from kzt_rates.store.sqlite import SqliteFile

    path = cache_path(session.base_url)
    if path is None:
        raise SettingsError(
            f"sync needs a cache, and KZT_RATES_CACHE={os.environ.get('KZT_RATES_CACHE')} turns "
            "it off"
        )
    file = SqliteFile(path)
    try:
        file.write(lambda _: None)
    except StoreUnavailable as error:
        raise StoreError(f"{error}; name another cache with KZT_RATES_CACHE", path=path) from error
    finally:
        file.close()


def _summary(report: "SyncReport", *, chosen: bool) -> str:
    """Return what was done; of `chosen` currencies also those that could bring nothing."""
    from kzt_rates.cli.output import count_text, table_text
    from kzt_rates.currency import existed_between
    from kzt_rates.feed import DAILY_STARTS, export_id

    codes = report.currencies
    lines = [f"{_named(codes)} from {report.start} to {report.end}"]
    if report.requests:
        lines.append(
            f"fetched {_count(report.rates, 'rate')} of {_count(report.days, 'day')}"
            f" in {_count(report.requests, 'request')}"
        )
    else:
        lines.append("nothing had to be asked for")
    unborn = [code for code in codes if not existed_between(code, report.start, report.end)]
    if unborn and chosen:
        lines.append(f"not a currency of these days: {', '.join(unborn)}")
    closed = [code for code in codes if export_id(code) is None and code not in unborn]
    if closed and report.start < DAILY_STARTS:
        lines.append(
            f"{', '.join(closed)}: only the days since {DAILY_STARTS}, for a request each; the "
            "bank's range export does not have "
            f"{'it' if len(closed) == 1 else 'them'}"
        )
    if not report.holes:
        lines.append("no holes")
        return "\n".join(lines)
    total = sum(map(len, report.holes.values()))
    lines.append(
        f"{_count(total, 'hole')} (days without a rate between days that have one,"
        " or days still unknown):"
    )
    rows = [(code, count_text(len(days)), _first_of(days)) for code, days in report.holes.items()]
    return "\n".join([*lines, "", table_text(("Code", "Days", "Dates"), rows, right=(1,))])


def _named(codes: "tuple[str, ...]") -> str:
    """Return few codes by name; of many how many currencies, which may have an old code, too."""
    from kzt_rates.currency import FACTS

    if len(codes) <= 4:
        return ", ".join(codes) or "nothing"
    old = [code for code in codes if code in FACTS and FACTS[code].successor in codes]
    many = f"{len(codes) - len(old)} currencies"
    return f"{many} ({len(codes)} codes)" if old else many


def _first_of(days: "tuple[date, ...]") -> str:
    from kzt_rates.cli.output import spans_text

    spans = spans_text(days)
    more = ["…"] if len(spans) > MAX_SHOWN_SPANS else []
    return ", ".join([*spans[:MAX_SHOWN_SPANS], *more])


def _count(number: int, what: str) -> str:
    from kzt_rates.cli.output import count_text

    return f"{count_text(number)} {what}{'' if number == 1 else 's'}"


class Display:
    """Shows nothing, and counts the requests."""

    def __init__(self) -> None:
        self.requests = 0

    def __call__(self, progress: "SyncProgress") -> None:
        """Note how far it is."""
        self.requests = progress.requests

    def __enter__(self) -> "Self":
        return self

    def __exit__(
        self,
        kind: "type[BaseException] | None",
        error: "BaseException | None",
        traceback: "TracebackType | None",
    ) -> None:
        """Leave the terminal as it was."""


class Lines(Display):
    """A line before each request that follows, as plain as the terminal may be."""

    def __init__(self) -> None:
        super().__init__()
        self._shown = -1

    def __call__(self, progress: "SyncProgress") -> None:
        """Write how far it is, except at the end, where the summary follows."""
        super().__call__(progress)
        from kzt_rates.cli.output import count_text

        if progress.requests > self._shown and progress.days_done < progress.days_total:
            self._shown = progress.requests
            done, total = count_text(progress.days_done), count_text(progress.days_total)
            write_error(f"fetched {done} of {total} days")


class Bar(Display):
    """Days done of all, drawn by rich from the first request on, and gone when it ends.

    Raises `ImportError` without rich, and where the terminal cannot move its cursor.
    """

    def __init__(self) -> None:
        super().__init__()
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        console = Console(stderr=True)
        if not console.is_terminal or console.is_dumb_terminal:
            raise ImportError("no terminal for a bar")
        self._progress = Progress(
            TextColumn("fetching"),
            BarColumn(),
            TextColumn("{task.fields[done]} of {task.fields[days]} days"),
            TextColumn("requests: {task.fields[requests]}"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )
        self._task = self._progress.add_task("", total=1, requests=0, done="0", days="0")

    def __call__(self, progress: "SyncProgress") -> None:
        """Draw how far it is; where nothing is to be done, nothing is drawn."""
        super().__call__(progress)
        if not progress.days_total:
            return
        from kzt_rates.cli.output import count_text

        self._progress.update(
            self._task,
            completed=progress.days_done,
            total=progress.days_total,
            requests=progress.requests,
            done=count_text(progress.days_done),
            days=count_text(progress.days_total),
        )
        self._progress.start()

    def __exit__(
        self,
        kind: "type[BaseException] | None",
        error: "BaseException | None",
        traceback: "TracebackType | None",
    ) -> None:
        """Take the bar away, and give the cursor back."""
        with undisturbed():
            self._progress.stop()


def make_display(*, verbose: bool) -> Display:
    """Return what suits stderr; a log with a line for each request is display enough."""
    if verbose or not _is_terminal():
        return Display()
    try:
        return Bar()
    except ImportError:
        return Lines()


def _is_terminal() -> bool:
    try:
        return sys.stderr is not None and sys.stderr.isatty()
    except ValueError:  # it is closed
        return False


def _add(parser: "ArgumentParser") -> None:
    add_range(parser)
    parser.add_argument(
        "--all",
        action="store_true",
        help="in place of --start: all since 1993-11-15 that the bank's range export has",
    )
    parser.add_argument(
        "--currency",
        nargs="+",
        action="extend",
        metavar="CODE",
        help="with --start: only these currencies (default: all in the bank's range export); "
        "with --all: these too",
    )


def _check(parser: "ArgumentParser", options: "Namespace") -> None:
    if options.all and options.start is not None:
        parser.error("give --start or --all, not both")
    if options.all:
        from kzt_rates.feed import EXPORT_STARTS

        options.start = EXPORT_STARTS
    if options.start is None:
        parser.error("give --start DATE or --all")
    check_range(parser, options)


COMMANDS = (
    Command(
        "sync",
        run,
        usage="(--start DATE | --all) [--end DATE]",
        notes=NOTES,
        add=_add,
        check=_check,
        instead={"--last": "give --start DATE"},
    ),
)
