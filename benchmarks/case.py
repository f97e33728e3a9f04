"""A case: something to time, made ready in the environment of its subject."""

from collections.abc import Callable
from contextlib import ExitStack
from threading import Thread
from typing import Any, NamedTuple

THREADS = 16


class Case(NamedTuple):
    """What is timed: `call` does `of` of what the table is about.

    A dictionary that it returns is taken for facts about the turn, such as how many requests
    it took. `held` is let go of when the case is over.
    """

    call: Callable[[], Any]
    of: int = 1
    held: ExitStack | None = None


class Growth(NamedTuple):
    """What memory is measured of: `load` is called between two readings, after `imports`."""

    imports: Callable[[], Any]
    load: Callable[[], Any]


def in_threads(case: Case) -> Case:
    """Return a case that sixteen threads do at once, each of them ten times."""

    def work() -> None:
        for _ in range(10):
            case.call()

    def call() -> None:
        crew = [Thread(target=work) for _ in range(THREADS)]
        for thread in crew:
            thread.start()
        for thread in crew:
            thread.join()

    return Case(call, 10 * THREADS * case.of, case.held)
