"""`kzt-rates sync`: filling the cache for a range, and what is left to fill."""

import os

from kzt_rates.cli.arguments import SettingsError
from kzt_rates.cli.interrupts import undisturbed
from kzt_rates.cli.options import range_of
from kzt_rates.cli.output import count_text, spans_text, table_text
from kzt_rates.cli.progress import make_display
from kzt_rates.cli.terminal import tell
from kzt_rates.currency import existed_between
from kzt_rates.errors import KztRatesError, StoreError, StoreUnavailable
from kzt_rates.feed import DAILY_STARTS, export_codes, export_id
from kzt_rates.settings import cache_path
from kzt_rates.store.sqlite import SqliteFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from datetime import date

    from kzt_rates.cli.session import Session
    from kzt_rates.models import SyncReport

MAX_SHOWN_SPANS = 3
GOES_ON = "what was fetched is stored; run the same command to continue"


def run(session: "Session", options: "Namespace") -> str:
    """Fill the cache; return what that took. An error or Ctrl-C loses nothing that was fetched."""
    start, end = range_of(session, options)
    if start > session.today():
        raise SettingsError(
            f"start {start} is in the future: today in Kazakhstan is {session.today()}"
        )
    if not session.offline:
        _require_cache(session)
    display = make_display(verbose=options.verbose)
    try:
        with display:
            report = session.sync(start, end, currencies=_currencies(options), progress=display)
    except KeyboardInterrupt:
        with undisturbed():
            tell(f"interrupted; {GOES_ON}")
        raise
    except KztRatesError as error:
        if display.requests and not isinstance(error, StoreError):
            error.add_note(GOES_ON)
        raise
    return _summary(report, chosen=options.currency is not None)


def _currencies(options: "Namespace") -> "list[str] | None":
    """Return the currencies that are meant, `None` for all that the export can be asked for."""
    if options.all and options.currency:
        return [*export_codes(), *options.currency]
    named: list[str] | None = options.currency
    return named


def _require_cache(session: "Session") -> None:
    """Raise where nothing could be kept: the client would go on without, and all in vain."""
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
    codes = report.currencies
    what = ", ".join(codes) if len(codes) <= 4 else f"{len(codes)} currencies"
    lines = [f"{what or 'nothing'} from {report.start} to {report.end}"]
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
            f"not fetched before {DAILY_STARTS}, since the range export does not have it: "
            f"{', '.join(closed)}"
        )
    if not report.holes:
        lines.append("no holes")
        return "\n".join(lines)
    total = sum(map(len, report.holes.values()))
    lines.append(
        f"{_count(total, 'hole')}, days without a rate between those that have one,"
        " and days that stay unknown:"
    )
    rows = [(code, count_text(len(days)), _first_of(days)) for code, days in report.holes.items()]
    return "\n".join([*lines, "", table_text(("Code", "Days", "Dates"), rows, right=(1,))])


def _first_of(days: "tuple[date, ...]") -> str:
    spans = spans_text(days)
    more = ["…"] if len(spans) > MAX_SHOWN_SPANS else []
    return ", ".join([*spans[:MAX_SHOWN_SPANS], *more])


def _count(number: int, what: str) -> str:
    return f"{count_text(number)} {what}{'' if number == 1 else 's'}"
