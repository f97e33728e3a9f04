"""What is asked again, how often and after how long: the plan alone, so that nobody sleeps."""

import logging
from collections.abc import Callable

import pytest

from kzt_rates.errors import BankUnavailable, Blink, FeedError
from kzt_rates.plans import Attempt, BankAnswer, Fetch, Transient, Wait
from kzt_rates.plans.asking import MAX_WAIT_SECONDS, fetch_with_retries

URL = "https://nationalbank.kz/rss/rates_all.xml"
QUESTION = Fetch("/rss/rates_all.xml", lambda body: [])
ANSWER = BankAnswer([], URL, None, "")

Fault = Callable[[], Transient | Blink]


def transient(wait: float | None = None, status: int | None = 503) -> Transient:
    error = Transient("no luck", url=URL, status=status)
    error.wait = wait
    return error


def blink() -> Blink:
    return Blink("no items", url=URL, excerpt="<rss/>")


class Run:
    """A run of the plan against a script: an error for each attempt that fails, then the answer."""

    def __init__(self, retries: int, *script: Exception) -> None:
        self.attempts = 0
        self.waits: list[float] = []
        self.answer: BankAnswer | None = None
        self.error: Exception | None = None
        failures = iter(script)
        plan = fetch_with_retries(QUESTION, retries)
        step = next(plan)
        try:
            while True:
                if isinstance(step, Wait):
                    self.waits.append(step.seconds)
                    step = plan.send(None)
                    continue
                assert isinstance(step, Attempt)
                assert step.question is QUESTION
                self.attempts += 1
                failure = next(failures, None)
                step = plan.send(ANSWER) if failure is None else plan.throw(failure)
        except StopIteration as stop:
            self.answer = stop.value
        except Exception as error:  # noqa: BLE001  # the tests look at it
            self.error = error


def test_an_answer_is_given_at_once() -> None:
    """An attempt that succeeds is the only one, and nobody waits."""
    run = Run(3)
    assert (run.answer, run.attempts, run.waits) == (ANSWER, 1, [])


@pytest.mark.parametrize("fault", [transient, blink])
@pytest.mark.parametrize("retries", [0, 1, 3])
def test_so_many_attempts_follow_the_first(fault: Fault, retries: int) -> None:
    """The last of them may bring the answer; one failure more is raised, with their number."""
    run = Run(retries, *(fault() for _ in range(retries)))
    assert (run.answer, run.attempts, len(run.waits)) == (ANSWER, retries + 1, retries)
    run = Run(retries, *(fault() for _ in range(retries + 1)))
    assert (run.attempts, len(run.waits)) == (retries + 1, retries)
    count = f" ({retries + 1} attempts)" if retries else ""
    where = f"; asked: {fault().url}"
    assert str(run.error) == f"{fault().args[0]}{count}{where}"


def test_what_is_raised_is_public_and_says_where() -> None:
    """The last error has the public type, url, status or excerpt, and the cause of the failure."""
    last = transient()
    last.__cause__ = OSError("reset")
    error = Run(1, transient(), last).error
    assert type(error) is BankUnavailable
    assert (error.url, error.status, error.__cause__) == (URL, 503, last.__cause__)
    error = Run(0, blink()).error
    assert type(error) is FeedError
    assert (error.url, error.excerpt) == (URL, "<rss/>")


@pytest.mark.parametrize("final", [BankUnavailable("404", url=URL), FeedError("html", url=URL)])
def test_a_refusal_ends_it(final: Exception) -> None:
    """What no attempt can mend is raised as it is, also after failures that may pass."""
    run = Run(3, transient(), final)
    assert run.error is final
    assert run.attempts == 2


@pytest.mark.parametrize("error", [KeyboardInterrupt(), GeneratorExit()])
def test_who_gives_up_is_not_made_to_wait(error: BaseException) -> None:
    """An interrupt passes through, while an attempt is made as well as between two."""
    plan = fetch_with_retries(QUESTION, 3)
    next(plan)
    with pytest.raises(type(error)):
        plan.throw(error)
    plan = fetch_with_retries(QUESTION, 3)
    next(plan)
    assert isinstance(plan.throw(transient()), Wait)
    with pytest.raises(type(error)):
        plan.throw(error)


@pytest.mark.parametrize("wait", [0, 1, 9.5, 10])
def test_the_bank_is_given_the_time_it_asks_for(wait: float) -> None:
    """A Retry-After of at most ten seconds is obeyed to the second, also beyond our own bound."""
    assert Run(2, transient(wait), transient(wait)).waits == [wait, wait]


@pytest.mark.parametrize("wait", [10.1, 11, 86_400])
def test_a_bank_that_wants_long_is_left_alone(wait: float) -> None:
    """A longer Retry-After is the end at once, though attempts are left."""
    run = Run(3, transient(1), transient(wait))
    assert (run.attempts, run.waits) == (2, [1])
    assert str(run.error) == f"no luck (2 attempts); asked: {transient().url}"


def test_waits_grow_are_bounded_and_differ() -> None:
    """Waits are at most 0.2, 0.4, 0.8, 1.6 and then 2 seconds, and no two runs wait alike."""
    runs = [Run(8, *(transient() for _ in range(8))).waits for _ in range(200)]
    for number, longest in enumerate((0.2, 0.4, 0.8, 1.6, 2, 2, 2, 2)):
        seen = [waits[number] for waits in runs]
        assert min(seen) >= 0
        assert 0.8 * longest < max(seen) <= longest <= MAX_WAIT_SECONDS
        assert len({*seen}) > 100


def test_a_hundred_retries_are_possible() -> None:
    """The most that a client may be set to still waits two seconds at most."""
    assert max(Run(100, *(transient() for _ in range(100))).waits) <= MAX_WAIT_SECONDS


def test_each_retry_is_one_line(caplog: pytest.LogCaptureFixture) -> None:
    """The log has the number of the attempt that failed, the wait and why."""
    with caplog.at_level(logging.INFO, logger="kzt_rates"):
        Run(2, transient(1), transient(2))
    assert caplog.messages == [
        "attempt 1 failed, the next in 1.0 s: no luck",
        "attempt 2 failed, the next in 2.0 s: no luck",
    ]
