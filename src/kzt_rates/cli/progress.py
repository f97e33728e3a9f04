"""How far a sync is, on stderr: a bar with rich, lines without it, nothing where nobody looks."""

import sys

from kzt_rates.cli.output import count_text
from kzt_rates.cli.terminal import tell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from kzt_rates.typing import SyncProgress


class Display:
    """Shows nothing, and remembers how many requests there were."""

    def __init__(self) -> None:
        self.requests = 0

    def __call__(self, progress: "SyncProgress") -> None:
        """Take notice of how far it is."""
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
        self._told = -1

    def __call__(self, progress: "SyncProgress") -> None:
        """Tell how far it is, unless that is all, which the summary tells."""
        super().__call__(progress)
        if progress.requests > self._told and progress.days_done < progress.days_total:
            self._told = progress.requests
            done, total = count_text(progress.days_done), count_text(progress.days_total)
            tell(f"fetched {done} of {total} days")


def make_display(*, verbose: bool) -> Display:
    """Return what suits stderr; a log with a line for each request is display enough."""
    if verbose or not _is_terminal():
        return Display()
    try:
        from kzt_rates.cli.bar import make_bar
    except ImportError:
        return Lines()
    return make_bar() or Lines()


def _is_terminal() -> bool:
    try:
        return sys.stderr is not None and sys.stderr.isatty()
    except ValueError:  # it is closed
        return False
