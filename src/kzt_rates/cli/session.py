"""The client of one command: silent unless asked, and content with figures without models."""

from kzt_rates import notices
from kzt_rates.cli.arguments import SettingsError
from kzt_rates.cli.streams import one_line, tell
from kzt_rates.client import Client

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from datetime import date

    from kzt_rates.cli.logs import Log
    from kzt_rates.figures import Day
    from kzt_rates.plans.verbs import Missing


class Session(Client):
    """A client set as the options and the environment say.

    Without `--verbose` the library's log is silent: logging would print the warnings of a
    program without handlers, and a command says what is wrong in one line of its own. That the
    cache cannot be used is told all the same, or nobody would ever learn why it is slow.
    """

    def __init__(self, options: "Namespace") -> None:
        try:
            super().__init__(base_url=options.base_url, offline=options.offline or None)
        except (ValueError, TypeError) as error:
            raise SettingsError(str(error)) from error
        self._log: Log | None = None
        if options.verbose:
            from kzt_rates.cli import logs

            self._log = logs.Log()
        else:
            notices.speak_through(_warn)

    def figures(
        self, codes: tuple[str, ...], on: "date | None", missing: "Missing", *, refresh: bool
    ) -> "Day":
        """Return a day with the figures of some codes, as published."""
        return self._run(self._core.figures(codes, on, missing, refresh))

    def check_same(self, amount: str, code: str, places: "int | None") -> None:
        """Raise `UnknownCurrency` for a code that nobody knows; nothing else is asked."""
        self._run(self._core.ratio(amount, code, code, None, "raise", places, False))

    def today(self) -> "date":
        """Return today's date in Kazakhstan."""
        return self._core.terms.today()

    def close(self) -> None:
        """Let go of connections, files, and the log."""
        super().close()
        notices.speak_through(None)
        if self._log is not None:
            self._log.close()
            self._log = None


def _warn(message: str) -> None:
    tell(f"warning: {one_line(message)}")
