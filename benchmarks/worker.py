"""Runs cases of one subject in its own environment, a turn at a time: `-m benchmarks.worker NAME`.

It reads an order a line and answers each with a line: `open CASE`, `turn CASE TIMES`,
`grow CASE`. A case is the name of a function of the subject and its arguments: `convert:EUR:same`.
"""

import gc
import importlib
import json
import os
import sys
from pathlib import Path
from time import perf_counter
from typing import Any, TextIO

from benchmarks.case import Case, Growth

Facts = dict[str, float]


class Worker:
    """The cases of one subject that are open."""

    def __init__(self, subject: str) -> None:
        self._module: Any = importlib.import_module(f"benchmarks.subjects.{subject}")
        self._cases: dict[str, Case] = {}

    def open(self, name: str) -> dict[str, Any]:
        """Prepare a case and let it run once, so that what is read or built once is there."""
        case: Case = self._make(name)
        self._cases[name] = case
        seconds, _ = _seconds(case, 1)
        return {"once": seconds * case.of}

    def turn(self, name: str, times: str) -> dict[str, Any]:
        """Run a case so many times; answer with the seconds of one."""
        seconds, facts = _seconds(self._cases[name], int(times))
        return {"seconds": seconds, "facts": facts}

    def close(self) -> None:
        """Let go of what the cases hold."""
        for case in self._cases.values():
            if case.held is not None:
                case.held.close()

    def grow(self, name: str) -> dict[str, Any]:
        """Answer with the bytes by which this process grows."""
        growth: Growth = self._make(name)
        growth.imports()
        gc.collect()
        before = _resident_bytes()
        kept = growth.load()
        gc.collect()
        after = _resident_bytes()
        del kept
        return {"bytes": after - before}

    def _make(self, name: str) -> Any:
        function, *arguments = name.split(":")
        return getattr(self._module, function)(*arguments)


def _seconds(case: Case, times: int) -> tuple[float, Facts]:
    call = case.call
    said: Any = None
    start = perf_counter()
    for _ in range(times):
        said = call()
    seconds = (perf_counter() - start) / times / case.of
    return seconds, said if isinstance(said, dict) else {}


def _resident_bytes() -> int:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if "VmRSS" in line) * 1024


def _own_output() -> TextIO:
    """Keep the pipe for the answers; what a library prints goes where errors go."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answers


def main() -> None:
    answers = _own_output()
    worker = Worker(sys.argv[1])
    for order in sys.stdin:
        verb, *words = order.split()
        print(json.dumps(getattr(worker, verb)(*words)), file=answers, flush=True)
    worker.close()


if __name__ == "__main__":
    main()
