"""The logger `kzt_rates`, complaints on stderr, and the warning of a stale rate."""

import sys

from kzt_rates.errors import StaleRateWarning

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Literal

    Level = Literal["debug", "info", "warning"]


_complain_to: "Callable[[str], None] | None" = None
_handle_stale: "Callable[[str], bool] | None" = None


def send_complaints_to(complain_to: "Callable[[str], None] | None") -> None:
    """Send complaints to a program's own function and silence the log; `None` ends that."""
    global _complain_to  # noqa: PLW0603  # the log is the process's, and so is its silence
    _complain_to = complain_to


def log(level: "Level", message: str, *values: object) -> None:
    """Write one line to the logger `kzt_rates`; no handler is ever installed.

    Without logging set up nothing is written: Python's last resort would print the line
    without the name of its logger.
    """
    if _complain_to is not None:
        return
    import logging  # here, because a conversion from the archive logs nothing

    logger = logging.getLogger("kzt_rates")
    if logger.hasHandlers():
        getattr(logger, level)(message, *values, stacklevel=2)


def is_debugging() -> bool:
    """Whether debug lines have a reader; there is none before logging is imported."""
    logging = sys.modules.get("logging")
    return (
        logging is not None
        and _complain_to is None
        and (logger := logging.getLogger("kzt_rates")).isEnabledFor(logging.DEBUG)
        and bool(logger.hasHandlers())
    )


def complain(message: str) -> None:
    """Warn of what works less well than it should, although the answers are right.

    Without logging set up it goes to stderr, or nobody would know why the program is slow.
    """
    if _complain_to is not None:
        _complain_to(message)
        return
    import logging

    if logging.getLogger("kzt_rates").hasHandlers():
        log("warning", "%s", message)
    elif sys.stderr is not None:
        print(f"kzt_rates: {message}", file=sys.stderr)  # noqa: T201  # as Python's last resort


def handle_stale_with(handle: "Callable[[str], bool]") -> None:
    """Pass stale rates to a function first; where it returns true no warning is issued.

    A service marks each stale answer; a warning would reach only whoever started it, once.
    """
    global _handle_stale  # noqa: PLW0603  # as above
    _handle_stale = handle


def warn_stale(message: str) -> None:
    """Issue a `StaleRateWarning` at the line of the caller's own code."""
    if _handle_stale is not None and _handle_stale(message):
        return
    import warnings

    depth, frame = 1, sys._getframe(0)  # noqa: SLF001  # inspect costs more than the question
    while frame.f_back is not None and _is_ours(frame.f_globals.get("__name__", "")):
        frame = frame.f_back
        depth += 1
    warnings.warn(message, StaleRateWarning, stacklevel=depth)


def _is_ours(module: str) -> bool:
    return module == "kzt_rates" or module.startswith("kzt_rates.")
