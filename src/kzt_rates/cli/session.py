"""The client of one command: without the library's log, and with figures in place of models."""

from kzt_rates import log
from kzt_rates.cli.terminal import SettingsError, one_line, write_error
from kzt_rates.client import Client
from kzt_rates.figures import KZT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Iterator
    from datetime import date
    from typing import TypeVar

    from kzt_rates.arithmetic import Ratio
    from kzt_rates.figures import Day
    from kzt_rates.models import Series, WatchedSheet
    from kzt_rates.plans import Steps, Terms
    from kzt_rates.typing import Missing, MissingDays

    T = TypeVar("T")


class Session(Client):
    """A client set as the options and the environment say.

    Without `--verbose` the library's log is silent: logging would print the warnings of a
    program without handlers, and a command says what is wrong in one line of its own. That the
    cache cannot be used is told all the same, or nobody would ever learn why it is slow.
    """

    def __init__(
        self,
        options: "Namespace",
        *,
        timeout: float = 10,
        retries: int = 3,
        keeps: bool = True,
        warns: bool = True,
    ) -> None:
        try:
            super().__init__(
                base_url=options.base_url,
                cache=None if keeps else False,
                offline=options.offline or None,
                timeout=timeout,
                retries=retries,
            )
        except (ValueError, TypeError) as error:
            raise SettingsError(str(error)) from error
        self._stop_logging: Callable[[], None] | None = None
        if options.verbose:
            self._stop_logging = _log_to_stderr()
        else:
            log.send_complaints_to(_warn if warns else lambda _: None)

    def figures(
        self, codes: tuple[str, ...], on: "date | None", missing: "Missing", *, refresh: bool
    ) -> "Day":
        """Return a day with the figures of some codes, as published."""
        return self._run(self._core.figures(codes, on, missing, refresh))

    def series(
        self,
        base: str,
        quote: str,
        start: "date",
        end: "date",
        missing: "MissingDays",
        *,
        refresh: bool,
    ) -> "Series":
        """Return the history of a pair, which `refresh` asks for whatever is known."""
        return self._run(self._core.history(base, quote, start, end, missing, refresh))

    def ask(self, plan: "Callable[[Terms], Steps[T]]") -> "T":
        """Return what a plan on this session's terms brings."""
        return self._run(plan(self._core.terms))

    def check_same(self, amount: str, code: str, places: "int | None") -> None:
        """Raise `UnknownCurrency` for a code that nobody knows; nothing else is asked."""
        self._run(self._core.ratio(amount, code, code, None, "raise", places, False))

    def keep_fresh(self, looked: "Callable[[], object]") -> "Iterator[WatchedSheet]":
        """Follow the newest sheet, and keep today's in the cache, too."""
        watch = self._core.watch(None, None, None, keep_today=True, looked=looked)
        return self._each(lambda: self._core.next_watched(watch), until_closed=True)

    def met(self) -> "dict[str, dict[str, str | None]]":
        """Return when each feed last answered, and when and why it failed, as text."""
        terms = self._core.terms
        found: dict[str, dict[str, str | None]] = {}
        for feed in (*terms.answered, *terms.failed):
            success = terms.answered.get(feed)
            at, why = terms.failed.get(feed, (None, None))
            found[feed] = {
                "last_success": None if success is None else success.isoformat(),
                "last_error_at": None if at is None else at.isoformat(),
                "last_error": why,
            }
        return found

    def today(self) -> "date":
        """Return today's date in Kazakhstan."""
        return self._core.terms.today()

    @property
    def base_url(self) -> str:
        """The bank's address."""
        return self._core.base_url

    @property
    def offline(self) -> bool:
        """Whether the bank may not be asked."""
        return self._core.terms.offline

    def close(self) -> None:
        """Let go of connections, files, and the log."""
        super().close()
        log.send_complaints_to(None)
        if self._stop_logging is not None:
            self._stop_logging()
            self._stop_logging = None


def ratio_of(found: "Day", base: str, quote: str) -> "Ratio":
    """Return what one unit of a currency costs in another, from a day that has both figures."""
    from decimal import Decimal

    from kzt_rates.arithmetic import Ratio

    legs = [
        None if code == KZT else (Decimal(found.figures[code].value), found.figures[code].nominal)
        for code in (base, quote)
    ]
    return Ratio.of_legs(*legs)


def _warn(message: str) -> None:
    write_error(f"warning: {one_line(message)}")


def _log_to_stderr() -> "Callable[[], None]":
    """Write the library's log to stderr, a line for each record; return what ends that."""
    import logging  # here, because a conversion from the archive has nothing to log

    class Lines(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            write_error(f"{record.levelname.lower()}: {one_line(record.getMessage())}")

    logger, handler = logging.getLogger("kzt_rates"), Lines()
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)

    def stop() -> None:
        logger.removeHandler(handler)
        logger.setLevel(level)

    return stop
