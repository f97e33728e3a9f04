"""Counts the instructions of what a user waits for, and compares them with the record."""

import argparse
import datetime as dt
import json
import os
import platform
import re
import shutil
import sqlite3
import subprocess
import sys
import sysconfig
import tempfile
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple, TypedDict

RECORD = Path(__file__).with_suffix(".json")
YARDSTICK = "yardstick"
TOLERANCE = 0.02  # the same build in other folders and installations: 0.6 %
# Of another build, counts are related to the yardstick's. Debian's optimized Python 3.11 and a
# plain one of the same version, which are as unlike as builds come, then differ by up to 8 %.
TOLERANCE_OF_OTHER_BUILDS = 0.15
SHEET_DAY = dt.date(2026, 8, 21)  # 48 codes
SECONDS = 300  # for one process, which takes 2 to 10

# -S leaves out what an environment runs at every start, hence the path
START = "import sys; sys.path.append(sys.argv[1])\n"
NOTHING = START + "pass"
LOOP = (
    START
    + """
def work():
    total, last = 0, {}
    for i in range(20_000):
        total += i * i
        last[i % 7] = str(i)
work()
"""
)
WARM = (
    START
    + """
import datetime, kzt_rates
day = datetime.date(2025, 12, 5)
for _ in range(%d):
    kzt_rates.convert(100, "USD", on=day)
"""
)
PARSE = (
    START
    + f"""
import datetime
from kzt_rates.feed import xml
from kzt_rates.figures import Received
from kzt_rates.models.sheet import sheet_from
day = datetime.date{SHEET_DAY.timetuple()[:3]}
with open("sheet.xml", "rb") as file:
    body = file.read()
received = Received(datetime.datetime.now(datetime.timezone.utc), day)
for _ in range(%d):
    sheet_from(xml.read_daily(body, day, received), day)
"""
)


class Case(NamedTuple):
    """What `more` takes beyond `less`, divided by the calls that it has more."""

    less: str
    more: str
    calls: int = 1


CASES = {
    YARDSTICK: Case(NOTHING, LOOP),
    "import": Case(NOTHING, START + "import kzt_rates"),
    "cold convert": Case(
        NOTHING, START + "import kzt_rates; kzt_rates.convert(100, 'USD', on='2025-12-05')"
    ),
    "warm convert": Case(WARM % 50, WARM % 550, 500),
    "parse": Case(PARSE % 5, PARSE % 25, 20),
}

Figures = dict[str, int]


class Entry(TypedDict):
    """The counts of one build of Python, and what it is known by."""

    build: dict[str, str]
    instructions: Figures


def key() -> str:
    """Return what a record must be of to be compared at all."""
    python = f"{sys.implementation.name}-{sys.version_info.major}.{sys.version_info.minor}"
    return f"{python}-{platform.machine()}"


def build() -> dict[str, str]:
    """Return what moves the counts without a change of ours."""
    libraries = {name: version(name) for name in ("lxml", "pydantic", "pydantic-core")}
    libc = " ".join(platform.libc_ver())
    return {"python": sys.version, "libc": libc, "sqlite": sqlite3.sqlite_version, **libraries}


def site() -> str:
    """Return the folder that kzt_rates was installed in."""
    import kzt_rates

    folder = sysconfig.get_path("purelib")
    if not Path(kzt_rates.__file__).is_relative_to(folder):
        sys.exit("kzt_rates is not installed here, or editable: python3 -m pip install .")
    return folder


def write_sheet(folder: Path) -> None:
    """Write the document that is parsed."""
    from kzt_rates.testing import archive_sheets, daily_xml

    day_before = SHEET_DAY - dt.timedelta(1)
    sheets = archive_sheets(day_before, SHEET_DAY)
    body = daily_xml(SHEET_DAY, sheets[SHEET_DAY], previous=sheets.get(day_before))
    (folder / "sheet.xml").write_bytes(body)


def collected(said: str) -> int:
    """Return the count in what callgrind says on the error stream."""
    found = re.search(r"^==\d+== Collected : (\d+)$", said, re.MULTILINE)
    if not found:
        raise ValueError(f"callgrind says no count: {said[-500:]!r}")
    return int(found[1])


def run(code: str, packages: str, folder: Path, *tool: str) -> str:
    """Run a program in an environment that holds nothing of the caller's."""
    with tempfile.TemporaryDirectory(dir=folder) as home:
        env = {
            "HOME": home,  # where a cache would be, and there is none yet
            "KZT_RATES_OFFLINE": "1",
            "LC_ALL": "C.UTF-8",
            "PATH": os.defpath,
            "PYTHONHASHSEED": "0",
            "TZ": "UTC",
        }
        command = [*tool, sys.executable, "-S", "-P", "-c", code, packages]
        done = subprocess.run(
            command,
            check=False,
            env=env,
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )
    if done.returncode:
        sys.exit(f"a case could not be run:\n{code}\n{done.stderr[-2000:]}")
    return done.stderr


def count(cases: dict[str, Case], valgrind: str, packages: str) -> Figures:
    """Return the instructions of every case."""
    tool = (valgrind, "--tool=callgrind", "--callgrind-out-file=/dev/null")
    programs = list(dict.fromkeys(code for case in cases.values() for code in case[:2]))
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(os.cpu_count()) as turns:
        folder = Path(name)
        write_sheet(folder)

        def counted(code: str) -> int:
            return collected(run(code, packages, folder, *tool))

        for code in programs:  # in turns and uncounted, so that all bytecode is there
            run(code, packages, folder)
        counts = dict(zip(programs, turns.map(counted, programs), strict=True))
    return {
        name: round((counts[case.more] - counts[case.less]) / case.calls)
        for name, case in cases.items()
    }


def differences(recorded: Figures, now: Figures, same_build: bool) -> dict[str, float]:
    """Return by which part of the recorded count each case differs, our own cases alone."""
    scale = 1.0 if same_build else now[YARDSTICK] / recorded[YARDSTICK]
    return {
        name: now[name] / (recorded[name] * scale) - 1
        for name in now
        if name != YARDSTICK and name in recorded
    }


def table(recorded: Figures, now: Figures, differ: dict[str, float]) -> str:
    """Return all counts as text."""
    lines = [f"{'case':14s} | {'recorded':>12s} | {'now':>12s} | difference"]
    for name, figure in now.items():
        before = f"{recorded[name]:,}" if name in recorded else "-"
        change = f"{differ[name]:+.2%}" if name in differ else "-"
        lines.append(f"{name:14s} | {before:>12s} | {figure:>12,} | {change:>10s}")
    return "\n".join(lines)


def complaints(differ: dict[str, float], tolerance: float) -> list[str]:
    """Return a sentence for each case that is beyond the tolerance."""
    beyond = {name: part for name, part in differ.items() if abs(part) > tolerance}
    return [
        f"{name} takes {part:.1%} more instructions than recorded: find out why, and renew the "
        "record only if it is worth that"
        if part > 0
        else f"{name} takes {-part:.1%} fewer instructions than recorded: renew the record, so "
        "that what was gained is kept"
        for name, part in beyond.items()
    ]


def judge(entry: Entry | None, now: Figures, built: dict[str, str]) -> tuple[str, int]:
    """Return what to print of the counts, and the program's exit."""
    if entry is None:
        return f"{table({}, now, {})}\nthere is no record of {key()} to compare with", 0
    recorded = entry["instructions"]
    if recorded.keys() != now.keys():
        return f"{table(recorded, now, {})}\nthe record has other cases: renew it", 1
    others = [name for name in built if built[name] != entry["build"].get(name)]
    differ = differences(recorded, now, same_build=not others)
    tolerance = TOLERANCE_OF_OTHER_BUILDS if others else TOLERANCE
    said = [table(recorded, now, differ)]
    if others:
        said.append(
            f"recorded with another {', '.join(others)}: the differences are related to the "
            f"{YARDSTICK}'s, and may be {tolerance:.0%}"
        )
    beyond = complaints(differ, tolerance)
    if beyond:
        beyond.append("the record is renewed by `nox -s instructions -- --record`")
    return "\n".join([*said, *beyond]), 1 if beyond else 0


def main(arguments: list[str] | None = None, record: Path = RECORD) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--record", action="store_true", help="write the record anew")
    options = parser.parse_args(arguments)
    valgrind = shutil.which("valgrind")
    if valgrind is None:
        print("valgrind counts the instructions, and is not installed: apt-get install valgrind")
        return 2
    now, built = count(CASES, valgrind, site()), build()
    entries: dict[str, Entry] = json.loads(record.read_text(encoding="utf-8"))
    said, code = judge(entries.get(key()), now, built)
    print(said)
    if options.record:
        entries[key()] = {"build": built, "instructions": now}
        record.write_text(json.dumps(entries, indent=2) + "\n", encoding="utf-8")
        print(f"this is the record of {key()} now")
        return 0
    return code


if __name__ == "__main__":
    sys.exit(main())
