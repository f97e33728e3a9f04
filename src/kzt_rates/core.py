"""What both clients share: settings, the memory of final rates, and a plan for each verb."""

from datetime import date
from decimal import Decimal

from kzt_rates.arithmetic import Ratio, parse_amount, parse_places
from kzt_rates.currency import FACTS, Facts, nominal_now
from kzt_rates.dates import parse_date
from kzt_rates.feed import export_codes
from kzt_rates.figures import KZT
from kzt_rates.plans import Terms, load, load_bounds
from kzt_rates.plans.day import figures_on, known_codes, latest_sheet, sheet_on
from kzt_rates.settings import bank_of, clock_of, offline_of, store_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable
    from typing import Any, Literal, NoReturn

    from kzt_rates.figures import Day
    from kzt_rates.models import (
        Currency,
        Rate,
        RateSheet,
        Series,
        Status,
        SyncReport,
        WatchedSheet,
    )
    from kzt_rates.plans import BankAnswer, Fetch, Steps, StoreCall
    from kzt_rates.plans.following import Watch
    from kzt_rates.plans.range import Sheets
    from kzt_rates.typing import (
        Amount,
        ArchiveLike,
        CacheLike,
        Clock,
        DateLike,
        Missing,
        MissingDays,
        SyncProgress,
    )

MAX_TIMEOUT_SECONDS = 3600
MAX_RETRIES = 100
FEEDS: "tuple[Literal['latest', 'daily', 'export'], ...]" = ("latest", "daily", "export")


# Fifty currencies on a year of days; about 10 MB when it is full.
MAX_RATIOS = 20_000


class Memo(dict["Hashable", "Ratio"]):
    """Ratios of final figures by (base, quote, day), as the caller wrote them.

    Nothing provisional ever enters. It is emptied when this client sees that the bank
    corrected a figure, and when it is full: the pairs in use are back at once. A correction that
    another process receives is seen by the next client.
    """

    def __init__(self) -> None:
        super().__init__()
        self._corrections = 0

    def corrections(self) -> int:
        """Return how often a correction has emptied it; read this before looking a figure up."""
        return self._corrections

    def remember(self, key: "Hashable", ratio: "Ratio", corrections: int) -> None:
        """Keep a ratio, unless a figure was corrected since it was looked up."""
        if len(self) >= MAX_RATIOS:
            self.clear()
        self[key] = ratio
        if corrections != self._corrections:  # asked after writing: a correction may come between
            self.pop(key, None)

    def correct(self) -> None:
        """Forget everything, because a figure was corrected."""
        self._corrections += 1
        self.clear()


class Core:
    """What the sync and the async client share."""

    def __init__(
        self,
        base_url: "str | None",
        cache: "CacheLike",
        archive: "ArchiveLike",
        offline: "bool | None",
        timeout: float,
        retries: int,
        clock: "Clock | None",
    ) -> None:
        try:
            is_timeout = 0 < timeout <= MAX_TIMEOUT_SECONDS and not isinstance(timeout, bool)
        except TypeError:
            raise TypeError(f"timeout is a number of seconds such as 5, not {timeout!r}") from None
        if not is_timeout:
            raise ValueError(
                f"timeout is from above 0 to {MAX_TIMEOUT_SECONDS} seconds, not {timeout!r}"
            )
        if isinstance(retries, bool) or not isinstance(retries, int):
            raise TypeError(f"retries is a whole number, not {retries!r}")
        if not 0 <= retries <= MAX_RETRIES:
            raise ValueError(f"retries is from 0 to {MAX_RETRIES}, not {retries}")
        self.base_url, self.login = bank_of(base_url)
        self.timeout = float(timeout)
        self.retries = retries
        self.memo = Memo()
        self.terms = Terms(
            clock_of(clock, self.base_url),
            self.base_url,
            offline=offline_of(offline),
            corrected=self.memo.correct,
        )
        self.closed = False
        # sent with every question: a mirror names itself there
        self.headers: dict[str, str] = {}
        self._store = store_of(self.base_url, cache, archive)

    def __getstate__(self) -> "NoReturn":
        # its files and threads are this process's own
        raise TypeError("a client cannot be copied or pickled: make one in each process")

    def call_store(self, call: "StoreCall") -> object:
        """Call the store for a plan."""
        return call.call(self._store)

    def fetch(self, question: "Fetch") -> "Steps[BankAnswer]":
        """Plan: an answer of the bank, asked again where that may help."""
        from kzt_rates.plans.asking import fetch_with_retries

        return fetch_with_retries(question, self.retries if question.retry else 0)

    def close(self) -> None:
        """Let go of files and figures."""
        self.closed = True
        self.memo.clear()
        self._store.close()

    def ratio(
        self,
        amount: "Amount",
        base: str,
        quote: str,
        on: "DateLike | None",
        missing: "Missing",
        places: "int | None",
        refresh: bool,
    ) -> "Steps[Ratio]":
        """Plan: the exact ratio that converts an amount; kept in memory where it is final."""
        parse_amount(amount)
        if places is not None:
            parse_places(places)
        codes, day = (yield from known_codes(base, quote)), self._day(on)
        _check_missing(missing)
        if codes[0] == codes[1]:
            return Ratio(1, 1)
        corrections = self.memo.corrections()
        kept = None if refresh else self.memo.get((*codes, day))
        if kept is not None:
            return kept
        found = yield from self._figures(day, codes, missing, refresh)
        ratio = Ratio.of_legs(*(_leg(code, found) for code in codes))
        if all(found.figures[code].final for code in codes if code != KZT):
            self.memo.remember((*codes, found.date), ratio, corrections)
            # only types whose equals mean the same day: two aware datetimes that are equal may not
            if type(on) in (str, date) and found.date == day:
                self.memo.remember((base, quote, on), ratio, corrections)
        return ratio

    def rate(
        self, base: str, quote: str, on: "DateLike | None", missing: "Missing", refresh: bool
    ) -> "Steps[Rate]":
        """Plan: the rate of a pair."""
        codes, day = (yield from known_codes(base, quote)), self._day(on)
        _check_missing(missing)
        from kzt_rates.models.rate import derived, published

        base, quote = codes
        if base == quote:
            return derived(base, quote, (), day, day)
        found = yield from self._figures(day, codes, missing, refresh)
        legs = tuple(
            published(code, found.figures[code], found.date, day) for code in codes if code != KZT
        )
        return legs[0] if quote == KZT else derived(base, quote, legs, found.date, day)

    def figures(
        self, codes: "tuple[str, ...]", on: "DateLike | None", missing: "Missing", refresh: bool
    ) -> "Steps[Day]":
        """Plan: a day with the figures of some codes, as published."""
        codes, day = (yield from known_codes(*codes)), self._day(on)
        _check_missing(missing)
        return (yield from self._figures(day, codes, missing, refresh))

    def sheet(self, on: "DateLike | None", missing: "Missing", refresh: bool) -> "Steps[RateSheet]":
        """Plan: the sheet of a day."""
        day = self._day(on)
        _check_missing(missing)
        found = yield from sheet_on(self.terms, day, missing=missing, refresh=refresh)
        from kzt_rates.models.sheet import sheet_from

        return sheet_from(found, day)

    def latest(self, refresh: bool) -> "Steps[RateSheet]":
        """Plan: the newest sheet the bank has published."""
        found = yield from latest_sheet(self.terms, refresh=refresh)
        from kzt_rates.models.sheet import sheet_from

        return sheet_from(found, found.date)

    def watch(
        self,
        codes: "Iterable[str] | None",
        threshold: "Amount | None",
        until: "DateLike | None",
        *,
        keep_today: bool = False,
        looked: "Callable[[], object] | None" = None,
    ) -> "Watch":
        """Return what follows the bank's newest sheet."""
        from kzt_rates.plans.following import Watch

        return Watch(
            self.terms,
            codes,
            threshold,
            until,
            is_over=lambda: self.closed,
            keep_today=keep_today,
            looked=looked,
        )

    def next_watched(self, watch: "Watch") -> "Steps[WatchedSheet | None]":
        """Plan: the next sheet of a watch, `None` when it is over."""
        found = yield from watch.next()
        if found is None:
            return None
        from kzt_rates.models.sheet import watched_sheet

        return watched_sheet(*found)

    def status(self) -> "Steps[Status]":
        """Plan: how fresh the archive and the cache are."""
        from kzt_rates.models.values import FeedStatus, Status
        from kzt_rates.plans.following import freshness

        newest_complete, asked, archive_end, missed = yield from freshness(self.terms)
        newest_asked, asked_at = asked or (None, None)
        answered = dict(self.terms.answered)
        if asked_at is not None:
            answered.setdefault("latest", asked_at)
        feeds: dict[Literal["latest", "daily", "export"], FeedStatus] = {}
        for feed in FEEDS:
            at, why = self.terms.failed.get(feed, (None, None))
            feeds[feed] = FeedStatus(
                last_success=answered.get(feed), last_error_at=at, last_error=why
            )
        return Status(
            today=self.terms.today(),
            newest_complete=newest_complete,
            newest_asked=newest_asked,
            asked_at=asked_at,
            archive_end=archive_end,
            missed=missed,
            feeds=feeds,
        )

    def sheets(self, start: "DateLike", end: "DateLike | None") -> "Sheets":
        """Return what brings the sheets of a range."""
        from kzt_rates.plans.range import Sheets

        return Sheets(self.terms, *self._range(start, end))

    def next_sheet(self, sheets: "Sheets") -> "Steps[RateSheet | None]":
        """Plan: the next sheet of a range, `None` after the last."""
        found = yield from sheets.next()
        if found is None:
            return None
        from kzt_rates.models.sheet import sheet_from

        return sheet_from(found, found.date)

    def histories(
        self,
        bases: "Iterable[str]",
        quote: str,
        start: "DateLike",
        end: "DateLike | None",
        missing: "MissingDays",
    ) -> "Steps[dict[str, Series]]":
        """Plan: the series of several pairs with one quote, by base."""
        first, last = self._range(start, end)
        _check_missing_days(missing)
        try:
            given = tuple(bases)
        except TypeError:
            kind = type(bases).__name__
            raise TypeError(f"a base is a code, or a list of codes, not {kind}") from None
        *codes, quote = yield from known_codes(*given, quote)
        if not codes:
            raise ValueError("a history of no currency: name one, or a list of some")
        from kzt_rates.models.series import identity, series_from
        from kzt_rates.plans.range import histories_of

        wanted = {
            code: tuple(leg for leg in (code, quote) if leg != KZT)
            for code in codes
            if code != quote
        }
        found = yield from histories_of(
            self.terms, list(wanted.values()), first, last, missing=missing, refresh=False
        )
        series = {
            code: series_from(history, code, quote)
            for code, history in zip(wanted, found, strict=True)
        }
        end_here = min(last, max(first, self.terms.today()))
        return {
            code: series[code] if code in series else identity(code, first, end_here)
            for code in codes
        }

    def history(
        self,
        base: str,
        quote: str,
        start: "DateLike",
        end: "DateLike | None",
        missing: "MissingDays",
        refresh: bool,
    ) -> "Steps[Series]":
        """Plan: the series of a pair."""
        first, last = self._range(start, end)
        _check_missing_days(missing)
        codes = yield from known_codes(base, quote)
        from kzt_rates.models.series import identity, series_from

        if codes[0] == codes[1]:
            return identity(codes[0], first, min(last, max(first, self.terms.today())))
        from kzt_rates.plans.range import history_of

        foreign = tuple(code for code in codes if code != KZT)
        found = yield from history_of(
            self.terms, foreign, first, last, missing=missing, refresh=refresh
        )
        return series_from(found, *codes)

    def sync(
        self,
        start: "DateLike",
        end: "DateLike | None",
        currencies: "Iterable[str] | None",
        progress: "Callable[[SyncProgress], object] | None",
    ) -> "Steps[SyncReport]":
        """Plan: fill the store for a range."""
        first, last = self._range(start, end)
        self._check_begun(first)
        if isinstance(currencies, str):
            currencies = (currencies,)
        if currencies is None:
            codes: tuple[str, ...] = export_codes()
        else:
            codes = yield from known_codes(*dict.fromkeys(currencies))
        from kzt_rates.models.values import SyncReport
        from kzt_rates.plans.range import sync_of

        foreign = sorted({*codes} - {KZT})
        done = yield from sync_of(self.terms, foreign, first, last, progress=progress)
        return SyncReport(
            start=done.start,
            end=done.end,
            currencies=tuple(foreign),
            days=done.days,
            rates=done.rates,
            requests=done.requests,
            holes={code: days for code, days in done.holes.items() if days},
        )

    def currencies(self) -> "Steps[tuple[Currency, ...]]":
        """Plan: every currency of the table and of the store, in order of code."""
        from kzt_rates.models.values import Currency

        return tuple(Currency(**facts) for facts in (yield from self.facts_of_currencies()))

    def facts_of_currencies(self) -> "Steps[list[dict[str, Any]]]":
        """Plan: what a `Currency` has, by name, without the time that pydantic takes to load."""
        bounds = yield from load_bounds()
        found = []
        for code in sorted({*FACTS, *bounds}):
            facts = FACTS.get(code) or Facts(code, "", None, None, None, None)
            first, last = bounds.get(code, (None, None))
            nominal = nominal_now(code)
            if last is not None:
                newest = (yield from load(last, (code,))).figures.get(code)
                nominal = nominal if newest is None else newest.nominal
            found.append(
                {
                    "code": code,
                    "symbol": facts.symbol,
                    "name_ru": facts.name_ru,
                    "name_kk": facts.name_kk,
                    "name_en": facts.name_en,
                    "nominal": nominal,
                    "first": first,
                    "last": last,
                    "successor": facts.successor,
                }
            )
        return found

    def _range(self, start: "DateLike", end: "DateLike | None") -> "tuple[date, date]":
        first, last = parse_date(start), self._day(end)
        if end is None:
            self._check_begun(first)
        if first > last:
            raise ValueError(f"a range from {first} to {last} ends before it starts")
        return first, last

    def _check_begun(self, start: "date") -> None:
        today = self.terms.today()
        if start > today:
            raise ValueError(f"start {start} is in the future: today in Kazakhstan is {today}")

    def _day(self, on: "DateLike | None") -> "date":
        return self.terms.today() if on is None else parse_date(on)

    def _figures(
        self, day: "date", codes: "tuple[str, ...]", missing: "Missing", refresh: bool
    ) -> "Steps[Day]":
        foreign = frozenset(codes) - {KZT}
        return (yield from figures_on(self.terms, day, foreign, missing=missing, refresh=refresh))


def _leg(code: str, day: "Day") -> "tuple[Decimal, int] | None":
    if code == KZT:
        return None
    figure = day.figures[code]
    return Decimal(figure.value), figure.nominal


def _check_missing(missing: str) -> None:
    if missing not in ("raise", "previous"):
        raise ValueError(f"missing is 'raise' or 'previous', not {missing!r}")


def _check_missing_days(missing: str) -> None:
    if missing not in ("skip", "raise", "previous"):
        raise ValueError(f"missing is 'skip', 'raise' or 'previous', not {missing!r}")
