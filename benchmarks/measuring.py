"""Runs the cases of a group in turns, and tells their medians, spreads and ratios."""

import json
import math
import statistics
import subprocess
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple, Self

from benchmarks.cases import ENVIRONMENT_OF, Group, Row
from benchmarks.environments import python_of
from benchmarks.places import ROOT, environment

PROGRAMS = Path(__file__).parent / "programs"

# A turn shorter than this is repeated, so that the clock's own steps do not count.
TURN_SECONDS = 0.02


class Figures(NamedTuple):
    """What was measured of a row: a number a round, in seconds or bytes, and facts beside it."""

    name: str
    part: str
    rounds: list[float]
    facts: dict[str, float]

    @property
    def median(self) -> float:
        return statistics.median(self.rounds)

    def times(self, other: "Figures") -> float:
        """Return how many times the other this takes: the median of each round's own ratio."""
        pairs = zip(self.rounds, other.rounds, strict=False)
        return statistics.median(mine / its for mine, its in pairs)


class Runner:
    """The environments, and the worker processes that are running."""

    def __init__(self, bank: str) -> None:
        self._environment = environment(bank)
        self._pythons: dict[str, Path] = {}

    def python(self, subject: str) -> Path:
        name = ENVIRONMENT_OF[subject]
        if name not in self._pythons:
            self._pythons[name] = python_of(name)
        return self._pythons[name]

    def measure(self, group: Group, most_rounds: int) -> list[Figures]:
        """Run a group's rows A B C A B C …, each of them as often as it says."""
        measure = {
            "process": self._processes,
            "turns": self._turns,
            "memory": self._memory,
        }[group.kind]
        with ExitStack() as held:
            turns = measure(group, held)
            found = [Figures(row.name, row.part, [], {}) for row in group.rows]
            for number in range(min(group.rounds, most_rounds)):
                for row, turn, figures in zip(group.rows, turns, found, strict=True):
                    if row.rounds is None or number < row.rounds:
                        amount, facts = turn()
                        figures.rounds.append(amount)
                        figures.facts.update(facts)
        return found

    def _processes(self, group: Group, _: ExitStack) -> list["Turn"]:
        turns = [self._process(row) for row in group.rows]
        for turn in turns:
            turn()  # bytecode and files are read once before
        return turns

    def _process(self, row: Row) -> "Turn":
        first, *more = row.case.split("|")
        start = first if first.startswith("-") else str(PROGRAMS / first)
        command = [str(self.python(row.subject)), start, *more]

        def turn() -> tuple[float, dict[str, float]]:
            begun = time.perf_counter()
            subprocess.run(
                command, env=self._environment, check=True, stdout=subprocess.DEVNULL, cwd=PROGRAMS
            )
            return time.perf_counter() - begun, {}

        return turn

    def _turns(self, group: Group, held: ExitStack) -> list["Turn"]:
        workers = {
            subject: held.enter_context(self.worker(subject))
            for subject in dict.fromkeys(row.subject for row in group.rows)
        }
        return [_turn(workers[row.subject], row.case) for row in group.rows]

    def _memory(self, group: Group, _: ExitStack) -> list["Turn"]:
        def turn_of(row: Row) -> Turn:
            def turn() -> tuple[float, dict[str, float]]:
                with self.worker(row.subject) as worker:
                    return worker.ask("grow", row.case)["bytes"], {}

            return turn

        return [turn_of(row) for row in group.rows]

    def worker(self, subject: str) -> "Worker":
        """Start a subject's process."""
        return Worker(self.python(subject), subject, self._environment)


Turn = Callable[[], tuple[float, dict[str, float]]]


class Worker:
    """A process that runs the cases of one subject in its environment."""

    def __init__(self, python: Path, subject: str, variables: dict[str, str]) -> None:
        command = [str(python), "-m", "benchmarks.worker", subject]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(
            command, env=variables, cwd=ROOT, stdin=pipe, stdout=pipe, text=True
        )

    def ask(self, *words: str) -> dict[str, Any]:
        """Give an order, and wait for the answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(*words, file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline()
        if not answer:
            raise SystemExit(f"the worker ended at: {' '.join(words)}")
        found: dict[str, Any] = json.loads(answer)
        return found

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()


def _turn(worker: Worker, case: str) -> Turn:
    once = worker.ask("open", case)["once"]
    times = str(max(1, math.ceil(TURN_SECONDS / max(once, 1e-9))))

    def turn() -> tuple[float, dict[str, float]]:
        answer = worker.ask("turn", case, times)
        return answer["seconds"], answer["facts"]

    return turn
