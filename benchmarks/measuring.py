"""Runs the cases of a group in turns, and tells their medians, spreads and ratios."""

import json
import math
import statistics
import subprocess
import time
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple, Self

from benchmarks.cases import ENVIRONMENT_OF, Group, Part, Row
from benchmarks.environments import python_of
from benchmarks.places import ROOT, environment

PROGRAMS = Path(__file__).parent / "programs"

# A turn shorter than this is repeated, so that the clock's own steps do not count.
TURN_SECONDS = 0.02

Facts = dict[str, float]
Turn = Callable[[], tuple[float, Facts]]


class Figures(NamedTuple):
    """What was measured of a row: a number a turn, in seconds or bytes, and facts beside it."""

    name: str
    part: Part
    turns: list[float]
    facts: Facts

    @property
    def median(self) -> float:
        return statistics.median(self.turns)

    def times(self, other: "Figures") -> float:
        """Return how many times the other this takes: the median of each round's own ratio.

        A row that has fewer turns than the other is held against those of the same rounds.
        """
        pairs = zip(self.turns, other.turns, strict=False)
        return statistics.median(mine / its for mine, its in pairs)


class Failed(Exception):
    """A case could not be measured."""


class Runner:
    """The environments, and the processes that run cases in them."""

    def __init__(self, bank: str) -> None:
        self._bank = bank
        self._environment = environment(bank)
        self._pythons: dict[str, Path] = {}

    def python(self, subject: str) -> Path:
        name = ENVIRONMENT_OF[subject]
        if name not in self._pythons:
            self._pythons[name] = python_of(name)
        return self._pythons[name]

    def measure(self, group: Group, most_rounds: int) -> list[Figures]:
        """Run a group's rows in turns, each of them as often as it says.

        Every round begins with another row, so that none always follows the same neighbour.
        """
        prepare = {"process": self._process, "turns": self._turn, "memory": self._growth}
        with ExitStack() as held:
            workers: dict[str, Worker] = {}
            turns = [prepare[group.kind](row, workers, held) for row in group.rows]
            found = [Figures(row.name, row.part, [], {}) for row in group.rows]
            for number in range(min(group.rounds, most_rounds)):
                places = [(number + place) % len(turns) for place in range(len(turns))]
                for place in places:
                    rounds = group.rows[place].rounds
                    if rounds is None or number < rounds:
                        amount, facts = turns[place]()
                        found[place].turns.append(amount)
                        found[place].facts.update(facts)
        return found

    def _process(self, row: Row, _: dict[str, "Worker"], __: ExitStack) -> Turn:
        first, *more = row.case.split("|")
        start = first if first.startswith("-") else str(PROGRAMS / first)
        command = [str(self.python(row.subject)), start, *more]

        def turn() -> tuple[float, Facts]:
            begun = time.perf_counter()
            done = subprocess.run(
                command, check=False, env=self._environment, stdout=subprocess.DEVNULL, cwd=PROGRAMS
            )
            if done.returncode:
                raise Failed(f"{row.name} ended with {done.returncode}")
            return time.perf_counter() - begun, {}

        turn()  # bytecode and files are read once before
        return turn

    def _turn(self, row: Row, workers: dict[str, "Worker"], held: ExitStack) -> Turn:
        worker = workers.get(row.subject)
        if worker is None:
            worker = workers[row.subject] = held.enter_context(self.worker(row.subject))
        once = worker.ask("open", row.case)["seconds"]
        times = max(1, math.ceil(TURN_SECONDS / max(once, 1e-9)))

        def turn() -> tuple[float, Facts]:
            before = self._requests()
            answer = worker.ask("turn", row.case, str(times))
            asked = self._requests() - before
            facts: Facts = {"requests": asked / times} if asked else {}
            return answer["seconds"], {**facts, **answer["facts"]}

        return turn

    def _growth(self, row: Row, _: dict[str, "Worker"], __: ExitStack) -> Turn:
        def turn() -> tuple[float, Facts]:
            with self.worker(row.subject) as worker:
                return worker.ask("grow", row.case)["bytes"], {}

        return turn

    def worker(self, subject: str) -> "Worker":
        """Start a subject's process."""
        return Worker(self.python(subject), subject, self._environment)

    def _requests(self) -> int:
        with urllib.request.urlopen(f"{self._bank}/requests") as response:
            return int(response.read())


class Worker:
    """A process of `benchmarks.worker`, given orders."""

    def __init__(self, python: Path, subject: str, variables: dict[str, str]) -> None:
        command = [str(python), "-m", "benchmarks.worker", subject]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(
            command, env=variables, cwd=ROOT, stdin=pipe, stdout=pipe, text=True
        )

    def ask(self, *words: str) -> dict[str, Any]:
        """Give an order, and wait for the answer."""
        orders, answers = self._process.stdin, self._process.stdout
        assert orders is not None
        assert answers is not None
        try:
            print(*words, file=orders, flush=True)
            answer = answers.readline()
        except BrokenPipeError:
            answer = ""
        if not answer:
            raise Failed(f"the worker ended at: {' '.join(words)}")
        found: dict[str, Any] = json.loads(answer)
        return found

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._process.communicate()
        except BrokenPipeError:
            self._process.wait()
