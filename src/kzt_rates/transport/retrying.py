"""When to ask again, and how long to wait before."""

import tenacity

from kzt_rates.errors import BankUnavailable, Blink, FeedError
from kzt_rates.notices import log
from kzt_rates.transport.exchange import Transient

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypedDict

    class Settings(TypedDict):
        """The arguments that both of tenacity's controllers take."""

        stop: tenacity.stop_after_attempt
        retry: tenacity.retry_if_exception
        wait: Callable[[tenacity.RetryCallState], float]
        before_sleep: Callable[[tenacity.RetryCallState], None]
        reraise: bool


MAX_WAIT_SECONDS = 2.0
# A bank that asks for more than this is better asked by the caller, later.
MAX_RETRY_AFTER_SECONDS = 10.0

_backoff = tenacity.wait_random_exponential(multiplier=0.2, max=MAX_WAIT_SECONDS)


def settings(retries: int) -> "Settings":
    """Return how tenacity is to retry: so many attempts after the first, waits with jitter."""
    return {
        "stop": tenacity.stop_after_attempt(retries + 1),
        "retry": tenacity.retry_if_exception(_may_be_mended),
        "wait": _wait,
        "before_sleep": _log_retry,
        "reraise": True,
    }


def settled(error: Exception, attempts: int) -> Exception:
    """Return the error that leaves the house when no attempt is left, with their number."""
    plain: BankUnavailable | FeedError
    message = str(error) if attempts < 2 else f"{error} ({attempts} attempts)"
    if isinstance(error, Transient):
        plain = BankUnavailable(message, url=error.url, status=error.status)
    elif isinstance(error, Blink):
        plain = FeedError(message, url=error.url, excerpt=error.excerpt)
    else:
        return error
    plain.__cause__ = error.__cause__
    return plain


def attempts_of(retrying: tenacity.BaseRetrying) -> int:
    """Return how many attempts there were."""
    return int(retrying.statistics.get("attempt_number", 1))


def _may_be_mended(error: BaseException) -> bool:
    if isinstance(error, Transient):
        return error.wait is None or error.wait <= MAX_RETRY_AFTER_SECONDS
    return isinstance(error, Blink)


def _wait(state: tenacity.RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked = error.wait if isinstance(error, Transient) else None
    return _backoff(state) if asked is None else asked


def _log_retry(state: tenacity.RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    seconds = state.next_action.sleep if state.next_action else 0
    log("info", "attempt %d failed, the next in %.1f s: %s", state.attempt_number, seconds, error)
