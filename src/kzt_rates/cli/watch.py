"""`kzt-rates watch` and `refresh`: following the bank, for people, for programs and for a cache."""

import os
import sys
from contextlib import suppress

from kzt_rates.cli.options import Command, add_format, explained, parse_date_text
from kzt_rates.cli.terminal import UsageError, write_error, write_out

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence

    from kzt_rates.cli.session import Session
    from kzt_rates.models import WatchedSheet
    from kzt_rates.store.lock import RefreshLock

COMMAND_SECONDS = 60
MAX_SECONDS_TO_END = 5  # of a command that was killed
STDERR = 2

WATCH_NOTES = """\
Writes a line whenever the bank's newest sheet changes: published, corrected or final. Asks the \
bank every 10 minutes from 14:00 to 19:00 in Kazakhstan, at 00:05, and otherwise once an hour. \
Runs until Ctrl-C, even while the bank cannot be reached.

--exec runs a command for each line, without a shell, with the figures in its environment: \
KZT_RATES_DATE, KZT_RATES_REASON, KZT_RATES_PROVISIONAL (1 or 0), KZT_RATES_BEFORE_DATE, and for \
each currency KZT_RATES_USD, KZT_RATES_USD_NOMINAL and KZT_RATES_USD_CHANGE, the difference in \
tenge from the sheet before. What the command prints goes to stderr. If it fails or takes longer \
than a minute, a warning goes to stderr, and the watch continues.

examples:
  kzt-rates watch --codes USD EUR --threshold 0.5
  kzt-rates watch --format json >> rates.ndjson
  kzt-rates watch --exec "notify-send rates\""""

REFRESH_NOTES = """\
Fills the cache for today and tomorrow, once. With --forever it asks the bank as often as watch \
does, until Ctrl-C. When several processes refresh one cache, only one asks the bank; the others \
end, or with --forever wait to take its place.

examples:
  kzt-rates refresh
  kzt-rates refresh --forever"""


def watch(options: "Namespace") -> None:
    """Write a line for each change of the newest sheet, and run a command."""
    from kzt_rates.cli.session import Session
    from kzt_rates.errors import UnknownCurrency

    with Session(options) as session:
        try:
            sheets = session.watch(options.codes, options.threshold, options.until)
        except (ValueError, UnknownCurrency) as error:
            option = "--" if str(error).startswith("until ") else ""
            raise UsageError(f"{option}{error}") from error
        for sheet in sheets:
            text = _json_line if options.format == "json" else _line
            if not write_out(text(sheet, options.codes)):
                return
            if options.exec is not None:
                _execute(options.exec, _environment(sheet, options.codes))


def refresh(options: "Namespace") -> None:
    """Fill the cache for today and tomorrow, once or for ever."""
    from kzt_rates.cli.session import Session
    from kzt_rates.settings import cache_path
    from kzt_rates.store.lock import RefreshLock

    with Session(options) as session:
        if session.offline:
            from kzt_rates.errors import Offline

            raise Offline("refresh needs the bank, and offline is on")
        path = cache_path(session.base_url)
        if path is None:
            raise UsageError(
                "the cache is off, so there is nothing to refresh: see KZT_RATES_CACHE"
            )
        lock = RefreshLock(path)
        if not lock.acquire(wait=options.forever):
            write_out("another process is refreshing this cache")
            return
        try:
            if options.forever:
                _refresh_forever(session, lock)
            else:
                _refresh_once(session, lock)
        finally:
            lock.release()


def _refresh_once(session: "Session", lock: "RefreshLock") -> None:
    """Ask for the newest sheet and for today's; raise what kept one from the cache."""
    from kzt_rates.errors import BankUnavailable, FeedError, RateNotFound
    from kzt_rates.plans import require_kept
    from kzt_rates.plans.asking import ask_latest
    from kzt_rates.plans.day import sheet_on

    today, days = session.today(), []
    failure: BankUnavailable | FeedError | None = None
    try:
        try:
            # not latest(), which is content with a sheet of before where the bank is away
            days.append(session.ask(lambda terms: ask_latest(terms, refresh=False)))
        except (BankUnavailable, FeedError) as error:
            failure = error
        if [day.date for day in days] != [today]:
            try:
                found = session.ask(
                    lambda terms: sheet_on(terms, today, missing="raise", refresh=False)
                )
                days.insert(0, found)
            except RateNotFound as error:
                write_error(str(error))
            except (BankUnavailable, FeedError) as error:
                failure = failure or error
        session.ask(lambda _: require_kept())
        for day in days:
            state = "provisional" if day.has_provisional() else "final"
            state += "" if day.complete else ", incomplete"
            write_out(f"{day.date}: {len(day.figures)} rates, {state}")
        if failure is not None:
            raise failure
    finally:
        lock.note(session.met())


def _refresh_forever(session: "Session", lock: "RefreshLock") -> None:
    for sheet in session.keep_fresh(lambda: lock.note(session.met())):
        write_out(_line(sheet, None))


def _codes_of(sheet: "WatchedSheet", codes: "Sequence[str] | None") -> list[str]:
    """Return the codes to show, as far as the sheet has them."""
    return [code for code in codes or sheet if code in sheet]


def _line(sheet: "WatchedSheet", codes: "Sequence[str] | None") -> str:
    from kzt_rates.money import TICKER_CODES

    shown = _codes_of(sheet, codes or TICKER_CODES)
    return f"{sheet.reason:9}  {sheet.ticker(shown, changes=sheet.before)}"


def _json_line(sheet: "WatchedSheet", codes: "Sequence[str] | None") -> str:
    import json

    changes = sheet.change_since(sheet.before)
    rates = []
    for code in _codes_of(sheet, codes):
        rate, change = sheet[code], changes.get(code)
        rates.append(
            {
                "currency": code,
                "nominal": rate.nominal,
                "value": f"{rate.value:f}",
                "per_unit": f"{rate.per_unit:f}",
                "difference": None if change is None else f"{change.difference:f}",
                "percent": None if change is None else f"{change.percent:f}",
            }
        )
    return json.dumps(
        {
            "date": sheet.date.isoformat(),
            "reason": sheet.reason,
            "before": sheet.before.date.isoformat(),
            "complete": sheet.complete,
            "provisional": sheet.provisional,
            "rates": rates,
        }
    )


def _environment(sheet: "WatchedSheet", codes: "Sequence[str] | None") -> dict[str, str]:
    """Return what a command finds in its environment besides ours."""
    changes = sheet.change_since(sheet.before)
    found = {
        "DATE": sheet.date.isoformat(),
        "REASON": sheet.reason,
        "PROVISIONAL": "1" if sheet.provisional else "0",
        "BEFORE_DATE": sheet.before.date.isoformat(),
    }
    for code in _codes_of(sheet, codes):
        found[code] = f"{sheet[code].value:f}"
        found[f"{code}_NOMINAL"] = str(sheet[code].nominal)
        if code in changes:
            found[f"{code}_CHANGE"] = f"{changes[code].difference:f}"
    return {f"KZT_RATES_{name}": value for name, value in found.items()}


def _execute(words: "Sequence[str]", figures: dict[str, str]) -> None:
    """Run a command; say so where it fails, and do not wait for ever."""
    import signal
    import subprocess

    def end() -> None:
        with suppress(OSError):  # it has just ended by itself, or is another user's by now
            if os.name == "nt":
                process.kill()
            else:
                # with all that it has started: a shell's children would go on without it
                os.killpg(process.pid, signal.SIGKILL)
        with suppress(subprocess.TimeoutExpired):
            process.wait(MAX_SECONDS_TO_END)

    try:
        process = subprocess.Popen(  # noqa: S603  # the user's own command, and no shell
            words,
            env={**os.environ, **figures},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL if sys.stderr is None else STDERR,
            start_new_session=True,
        )
    except OSError as error:
        write_error(f"warning: {words[0]} cannot be run: {error.strerror}")
        return
    try:
        status = process.wait(COMMAND_SECONDS)
    except subprocess.TimeoutExpired:
        end()
        write_error(f"warning: {words[0]} took longer than {COMMAND_SECONDS} seconds and was ended")
    except BaseException:
        end()
        raise
    else:
        if status:
            write_error(f"warning: {words[0]} ended with status {status}")


def _parse_command(text: str) -> list[str]:
    import shlex
    import shutil

    with explained():
        words = shlex.split(text)
        if not words:
            raise ValueError("no command is given")
        if shutil.which(words[0]) is None:
            raise ValueError(f"no command {words[0]!r} is found")
    return words


def _parse_threshold(text: str) -> str:
    from kzt_rates.plans.following import parse_threshold

    with explained():
        parse_threshold(text)
    return text


def _parse_code(text: str) -> str:
    from kzt_rates.currency import parse_code
    from kzt_rates.errors import UnknownCurrency

    with explained():
        try:
            return parse_code(text)
        except UnknownCurrency as error:
            raise ValueError(str(error)) from error


def _add_watch(parser: "ArgumentParser") -> None:
    parser.add_argument(
        "--codes", nargs="+", type=_parse_code, metavar="CODE", help="the currencies (default: all)"
    )
    parser.add_argument(
        "--threshold",
        type=_parse_threshold,
        metavar="PERCENT",
        help="write a line only if a currency has moved at least this much since the last line",
    )
    parser.add_argument(
        "--until", type=parse_date_text, metavar="DATE", help="stop after this day (default: never)"
    )
    parser.add_argument(
        "--exec", type=_parse_command, metavar="CMD", help="run a command for each line"
    )
    add_format(parser, ("table", "json"))


def _add_refresh(parser: "ArgumentParser") -> None:
    parser.add_argument("--forever", action="store_true", help="follow the bank until Ctrl-C")


COMMANDS = (
    Command(
        "watch",
        watch,
        notes=WATCH_NOTES,
        add=_add_watch,
    ),
    Command(
        "refresh",
        refresh,
        notes=REFRESH_NOTES,
        add=_add_refresh,
    ),
)
