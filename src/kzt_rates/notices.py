"""What kzt_rates says besides its answers: log lines under `kzt_rates`, and warnings."""

import sys
import warnings

from kzt_rates.errors import StaleRateWarning

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    Level = Literal["debug", "info", "warning"]


_muted = False


def mute(yes: bool) -> None:
    """Say nothing to the log, for a program that has no handler and speaks for itself."""
    global _muted  # noqa: PLW0603  # the log is the process's, and so is its silence
    _muted = yes


def log(level: "Level", message: str, *values: object) -> None:
    """Write one line to the logger `kzt_rates`; no handler is ever installed."""
    if _muted:
        return
    import logging  # here, because a conversion from the archive has nothing to say

    logger = logging.getLogger("kzt_rates")
    getattr(logger, level)(message, *values, stacklevel=2)


def warn_stale(message: str) -> None:
    """Issue a `StaleRateWarning` at the line of the caller's own code."""
    depth, frame = 1, sys._getframe(0)  # noqa: SLF001  # inspect costs more than the question
    while frame.f_back is not None and _is_ours(frame.f_globals.get("__name__", "")):
        frame = frame.f_back
        depth += 1
    warnings.warn(message, StaleRateWarning, stacklevel=depth)


def _is_ours(module: str) -> bool:
    return module == "kzt_rates" or module.startswith("kzt_rates.")
