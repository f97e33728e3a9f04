"""The client of one command: silent unless asked, and content with figures without models."""

from kzt_rates import log
from kzt_rates.cli.arguments import SettingsError
from kzt_rates.cli.terminal import one_line, tell
from kzt_rates.client import Client

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Iterator
    from datetime import date
    from typing import TypeVar

    from kzt_rates.cli.logs import Log
    from kzt_rates.figures import Day
    from kzt_rates.models import Series, WatchedSheet
    from kzt_rates.plans.steps import Steps, Terms
    from kzt_rates.typing import Missing, MissingDays

    T = TypeVar("T")


class Session(Client):
    """A client set as the options and the environment say.

    Without `--verbose` the library's log is silent: logging would print the warnings of a
    program without handlers, and a command says what is wrong in one line of its own. That the
    cache cannot be used is told all the same, or nobody would ever learn why it is slow.
    """

    def __init__(
        self, options: "Namespace", *, timeout: float = 10, retries: int = 3, keeps: bool = True
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
        self._log: Log | None = None
        if options.verbose:
            from kzt_rates.cli import logs

            self._log = logs.Log()
        else:
            log.speak_through(_warn)

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
        for feed in {**terms.answered, **terms.failed}:
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
        log.speak_through(None)
        if self._log is not None:
            self._log.close()
            self._log = None


def _warn(message: str) -> None:
    tell(f"warning: {one_line(message)}")
