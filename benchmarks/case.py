"""A case: something to time, made ready in the environment of its subject."""

from collections.abc import Callable
from contextlib import ExitStack
from threading import Thread
from typing import NamedTuple

THREADS = 16


class Case(NamedTuple):
    """What is timed: `call` does `of` of what the table is about.

    `held` is let go of when the case is over; `facts` tells what there is to know of a turn
    besides its time, such as how many rates it brought.
    """

    call: Callable[[], object]
    of: int = 1
    held: ExitStack | None = None
    facts: Callable[[], dict[str, float]] | None = None


class Growth(NamedTuple):
    """What memory is measured of: `load` is called between two readings, after `imports`."""

    imports: Callable[[], object]
    load: Callable[[], object]


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
