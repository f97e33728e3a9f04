"""Measure everything in turns, and write the figures and the page: `python -m benchmarks`."""

import argparse
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks import report
from benchmarks.cases import GROUPS
from benchmarks.environments import OURS, python_of
from benchmarks.measuring import Runner
from benchmarks.places import ROOT, environment


@contextmanager
def bank() -> Iterator[str]:
    """Run the bank of the benchmarks, and yield its address."""
    python = str(python_of(OURS))
    variables = environment("")
    subprocess.run([python, "-m", "benchmarks.prepared"], env=variables, cwd=ROOT, check=True)
    process = subprocess.Popen(
        [python, "-m", "benchmarks.bank"],
        env=variables,
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.communicate()


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", default="", help="the groups whose name has this in it")
    parser.add_argument("--rounds", type=int, default=100, help="at most so many turns of each")
    parser.add_argument("--list", action="store_true", help="name the groups and end")
    options = parser.parse_args()
    groups = [group for group in GROUPS if options.only in group.name]
    if options.list:
        print(*(group.name for group in groups), sep="\n")
        return
    with bank() as url:
        runner = Runner(url)
        found = {}
        for group in groups:
            print(f"\n{group.name}", flush=True)
            found[group.name] = runner.measure(group, options.rounds)
            print(report.table(group, found[group.name]), flush=True)
    if options.only:
        print("\nOnly a part was measured: nothing is written.")
    else:
        report.write(found, runner)


if __name__ == "__main__":
    main()
