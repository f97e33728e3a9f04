"""Measure everything in turns, and write the figures and the page: `python -m benchmarks`."""

import argparse
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from benchmarks import report
from benchmarks.cases import Group
from benchmarks.environments import OURS, python_of
from benchmarks.measuring import Failed, Figures, Runner
from benchmarks.places import ROOT, environment

ALL_ROUNDS = 1000


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
    url = process.stdout.readline().strip()
    try:
        if not url:
            raise SystemExit("the bank of the benchmarks did not start")
        yield url
    finally:
        process.communicate()


def measure(groups: Sequence[Group], rounds: int) -> bool:
    """Measure groups and print their tables; write them where they are all, and all went well."""
    found: dict[str, list[Figures]] = {}
    with bank() as url:
        runner = Runner(url)
        for group in groups:
            print(f"\n{group.name}", flush=True)
            try:
                found[group.name] = runner.measure(group, rounds)
            except Failed as failure:
                print(f"not measured: {failure}", flush=True)
            else:
                print(report.table(group, found[group.name]), flush=True)
        if len(found) == len(report.GROUPS) and rounds == ALL_ROUNDS:
            report.write(found, runner)
            print(f"\nwritten: {report.PAGE.relative_to(ROOT)}")
        else:
            print("\nonly a part was measured: nothing is written")
    return len(found) == len(groups)


def main() -> int:
    """Measure what was asked for; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", default="", help="the tables that have this in their name")
    parser.add_argument("--rounds", type=int, default=ALL_ROUNDS, help="at most so many turns")
    parser.add_argument("--page", action="store_true", help="write the page of what was measured")
    parser.add_argument("--list", action="store_true", help="name the tables and end")
    options = parser.parse_args()
    if options.page:
        report.write_page()
        return 0
    groups = [group for group in report.GROUPS if options.only in group.name]
    if not groups:
        parser.error(f"no table has {options.only!r} in its name; --list names them")
    if options.rounds < 1:
        parser.error("a case has one turn at least")
    if options.list:
        print(*(group.name for group in groups), sep="\n")
        return 0
    if any("Spark" in group.name for group in groups) and shutil.which("java") is None:
        parser.error("Spark needs Java, and there is none here")
    return 0 if measure(groups, options.rounds) else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
