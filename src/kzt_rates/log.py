"""What kzt_rates says besides its answers: log lines under `kzt_rates`, and warnings."""

import sys

from kzt_rates.errors import StaleRateWarning

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Literal

    Level = Literal["debug", "info", "warning"]


_instead: "Callable[[str], None] | None" = None
_heard: "Callable[[str], bool] | None" = None


def speak_through(tell: "Callable[[str], None] | None") -> None:
    """Have a program that speaks for itself tell complaints; the log is silent meanwhile."""
    global _instead  # noqa: PLW0603  # the log is the process's, and so is its silence
    _instead = tell


def log(level: "Level", message: str, *values: object) -> None:
    """Write one line to the logger `kzt_rates`; no handler is ever installed.

    A program that set up no logging hears nothing: Python's last resort would print the line
    without saying whose it is.
    """
    if _instead is not None:
        return
    import logging  # here, because a conversion from the archive has nothing to say

    logger = logging.getLogger("kzt_rates")
    if logger.hasHandlers():
        getattr(logger, level)(message, *values, stacklevel=2)


def is_debugging() -> bool:
    """Whether a log wants to be told every step; none does before logging is imported."""
    logging = sys.modules.get("logging")
    return (
        logging is not None
        and _instead is None
        and (logger := logging.getLogger("kzt_rates")).isEnabledFor(logging.DEBUG)
        and bool(logger.hasHandlers())
    )


def complain(message: str) -> None:
    """Say what works less well than it should, although the answers are right.

    That is told also where no logging was set up, or nobody would learn why it is slow.
    """
    if _instead is not None:
        _instead(message)
        return
    import logging

    if logging.getLogger("kzt_rates").hasHandlers():
        log("warning", "%s", message)
    elif sys.stderr is not None:
        print(f"kzt_rates: {message}", file=sys.stderr)  # noqa: T201  # as Python's last resort


def hear_stale(hear: "Callable[[str], bool]") -> None:
    """Have a function hear of stale rates first; where it returns true nobody is warned.

    A service says in each answer what a warning would say once, to whoever started it.
    """
    global _heard  # noqa: PLW0603  # as above
    _heard = hear


def warn_stale(message: str) -> None:
    """Issue a `StaleRateWarning` at the line of the caller's own code."""
    if _heard is not None and _heard(message):
        return
    import warnings

    depth, frame = 1, sys._getframe(0)  # noqa: SLF001  # inspect costs more than the question
    while frame.f_back is not None and _is_ours(frame.f_globals.get("__name__", "")):
        frame = frame.f_back
        depth += 1
    warnings.warn(message, StaleRateWarning, stacklevel=depth)


def _is_ours(module: str) -> bool:
    return module == "kzt_rates" or module.startswith("kzt_rates.")
