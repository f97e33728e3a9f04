"""A clock that stands still until it is set."""

import os
from datetime import datetime, timedelta
from threading import Lock


class SettableClock:
    """A clock for `Client(clock=...)` and `StandInBank(clock=...)`: aware, and still.

    It is set by aware datetimes or by ISO text with an offset; both raise `ValueError`
    where the offset is missing.

    >>> clock = SettableClock("2025-12-05T23:59+05:00")
    >>> clock.advance(minutes=1)
    >>> clock
    SettableClock("2025-12-06T00:00:00+05:00")
    """

    def __init__(self, instant: datetime | str) -> None:
        self._lock = Lock()
        self._instant = aware(instant)
        self._file: str | None = None

    def __call__(self) -> datetime:
        return self._instant

    def set(self, instant: datetime | str) -> None:
        """Put the clock to an instant, before or after the one it shows."""
        moment = aware(instant)
        with self._lock:
            self._instant = moment
            self._show()

    def advance(self, by: timedelta | None = None, **units: float) -> None:
        """Move the clock by a `timedelta`, or by what makes one: `advance(hours=2)`."""
        step = (by or timedelta()) + timedelta(**units)
        with self._lock:
            self._instant += step
            self._show()

    def show_in(self, path: str | os.PathLike[str]) -> None:
        """Write the instant into a file now and whenever it moves, for other processes."""
        with self._lock:
            self._file = os.fspath(path)
            self._show()

    def _show(self) -> None:
        if self._file is not None:
            part = f"{self._file}.part"
            with open(part, "w", encoding="ascii") as lines:
                lines.write(self._instant.isoformat())
            os.replace(part, self._file)  # nobody reads half an instant

    def wait_until(self, instant: datetime) -> None:
        """Move the clock forward to an instant at once; one that has passed changes nothing.

        A client that follows the bank waits by this, so that a week of it takes a second.
        """
        with self._lock:
            self._instant = max(self._instant, instant)
            self._show()

    def __repr__(self) -> str:
        return f'{type(self).__name__}("{self._instant.isoformat()}")'


def aware(instant: datetime | str) -> datetime:
    """Return an instant that users gave."""
    moment = datetime.fromisoformat(instant) if isinstance(instant, str) else instant
    if not isinstance(moment, datetime):
        raise TypeError(f"an instant is a datetime or ISO text, not {type(instant).__name__}")
    if moment.utcoffset() is None:
        raise ValueError(f"an instant needs its offset, as in 2025-12-05T12:00+05:00: {instant!r}")
    return moment
