"""A progress bar on stderr, drawn by rich, which comes with the extra `cli`."""

from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from kzt_rates.cli.interrupts import undisturbed
from kzt_rates.cli.output import count_text
from kzt_rates.cli.progress import Display
from kzt_rates.typing import SyncProgress


class Bar(Display):
    """Days done of all, drawn from the first request on, and gone when it ends."""

    def __init__(self, console: Console) -> None:
        super().__init__()
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

    def __call__(self, progress: SyncProgress) -> None:
        """Draw how far it is; where nothing is to be done, nothing is drawn."""
        super().__call__(progress)
        if not progress.days_total:
            return
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
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Take the bar away, and give the cursor back."""
        with undisturbed():
            self._progress.stop()


def make_bar() -> Bar | None:
    """Return a bar, `None` on a terminal that cannot move its cursor."""
    console = Console(stderr=True)
    return Bar(console) if console.is_terminal and not console.is_dumb_terminal else None
