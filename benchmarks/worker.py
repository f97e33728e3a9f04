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

# A first run may read files, make connections and fill caches: it says nothing of the next one.
LONG_SECONDS = 1


class Worker:
    """The cases of one subject that are open."""

    def __init__(self, subject: str) -> None:
        self._module: Any = importlib.import_module(f"benchmarks.subjects.{subject}")
        self._cases: dict[str, Case] = {}

    def open(self, name: str) -> dict[str, Any]:
        """Prepare a case, and answer with the seconds that it takes once it has run before."""
        case: Case = self._make(name)
        self._cases[name] = case
        seconds = _seconds(case, 1)
        if seconds < LONG_SECONDS:
            seconds = _seconds(case, 1)
        gc.collect()
        gc.freeze()  # what one case keeps must not slow the collections of another
        return {"seconds": seconds}

    def turn(self, name: str, times: str) -> dict[str, Any]:
        """Run a case so many times; answer with the seconds of one."""
        case = self._cases[name]
        seconds = _seconds(case, int(times)) / case.of
        return {"seconds": seconds, "facts": case.facts() if case.facts else {}}

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


def _seconds(case: Case, times: int) -> float:
    call = case.call
    start = perf_counter()
    for _ in range(times):
        call()
    return (perf_counter() - start) / times


def _resident_bytes() -> int:
    # VmRSS of /proc/self/status is only approximate on newer kernels
    lines = Path("/proc/self/smaps_rollup").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Rss:")) * 1024


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
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
