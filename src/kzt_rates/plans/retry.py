"""Asking the bank again where that may help: how often, and after how long."""

from kzt_rates.errors import BankUnavailable, Blink, FeedError
from kzt_rates.log import log
from kzt_rates.plans.steps import Attempt, Transient, Wait

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kzt_rates.plans.steps import Answer, Fetch, Steps

MAX_WAIT_SECONDS = 2.0
# A bank that asks for more than this is better asked by the caller, later.
MAX_RETRY_AFTER_SECONDS = 10.0
# The first wait is at most this long, each further one at most twice the one before.
FIRST_WAIT_SECONDS = 0.2


def fetch_with_retries(question: "Fetch", retries: int) -> "Steps[Answer]":
    """Ask the bank, and up to `retries` times again where the failure may pass."""
    attempt = 1
    while True:
        try:
            answer: Answer = yield Attempt(question)
        except (Transient, Blink) as error:
            seconds = _wait_before_next(error, attempt)
            if attempt > retries or seconds is None:
                raise _final(error, attempt) from error.__cause__
            failure = str(error)
        else:
            return answer
        log("info", "attempt %d failed, the next in %.1f s: %s", attempt, seconds, failure)
        yield Wait(seconds)
        attempt += 1


def _wait_before_next(error: "Transient | Blink", attempt: int) -> "float | None":
    """Return the seconds until the next attempt; `None` where the bank wants too many."""
    if isinstance(error, Transient) and error.wait is not None:
        return error.wait if error.wait <= MAX_RETRY_AFTER_SECONDS else None
    from random import random  # here, because a bank that answers needs no dice

    # a random part of the whole, so that those who failed together do not come back together
    longest: float = min(MAX_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2 ** (attempt - 1))
    return random() * longest  # noqa: S311  # nothing secret


def _final(error: "Transient | Blink", attempts: int) -> "BankUnavailable | FeedError":
    """Return the public error of the last attempt, with the number of attempts."""
    message = str(error) if attempts < 2 else f"{error} ({attempts} attempts)"
    if isinstance(error, Transient):
        return BankUnavailable(message, url=error.url, status=error.status)
    return FeedError(message, url=error.url, excerpt=error.excerpt)
