"""The figures as tables, as JSON, and as the page on speed."""

import json
import os
import platform
import re
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.cases import ENVIRONMENT_OF, GROUPS, Group
from benchmarks.environments import OURS, REQUIREMENTS, versions
from benchmarks.measuring import Figures, Runner
from benchmarks.places import ROOT

RESULTS = ROOT / "benchmarks" / "results.json"
TEMPLATE = ROOT / "benchmarks" / "performance.md.in"
PAGE = ROOT / "docs" / "explanation" / "performance.md"

_UNITS = {
    "seconds": ((1e-6, "ns", 1e9), (1e-3, "µs", 1e6), (1, "ms", 1e3), (1e9, "s", 1)),
    "bytes": ((1e15, "MB", 1e-6),),
}
_MARKS = {"limit": "*", "ours": "**", "peer": "", "other": ""}


def table(group: Group, rows: list[Figures]) -> str:
    """Return a group's table in Markdown."""
    limit = next((row for row in rows if row.part == "limit"), None)
    ours = next((row for row in rows if row.part == "ours"), None)
    facts = list(dict.fromkeys(name for row in rows for name in row.facts))
    unit = "bytes" if group.kind == "memory" else "seconds"
    heads = ["", "median", "from–to", *facts]
    heads += ["times its limit"] * bool(limit) + ["kzt_rates takes"] * bool(ours)
    lines = [heads, ["---", *["--:"] * (len(heads) - 1)]]
    for row in rows:
        cells = [_marked(row), amount(row.median, unit), _spread(row, unit)]
        cells += [f"{row.facts[name]:,.0f}" if name in row.facts else "" for name in facts]
        if limit:
            cells.append("" if row is limit else ratio(row.times(limit)))
        if ours:
            cells.append(_share(ours, row))
        lines.append(cells)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _marked(row: Figures) -> str:
    return f"{_MARKS[row.part]}{row.name}{_MARKS[row.part]}"


def _spread(row: Figures, unit: str) -> str:
    if len(row.rounds) == 1:
        return "once"
    return f"{amount(min(row.rounds), unit)}–{amount(max(row.rounds), unit)}"


def _share(ours: Figures, row: Figures) -> str:
    """Say how much of a peer's time or memory ours takes."""
    return ratio(ours.times(row)) + " of it" if row.part == "peer" else ""


def amount(number: float, unit: str) -> str:
    """Return seconds or bytes in the unit that is read best.

    >>> amount(0.0000123, "seconds"), amount(0.4567, "seconds"), amount(1.5e6, "bytes")
    ('12.3 µs', '457 ms', '1.5 MB')
    """
    _, name, factor = next(step for step in _UNITS[unit] if abs(number) < step[0])
    return f"{_three_digits(number * factor)} {name}"


def ratio(number: float) -> str:
    """Return how many times, with three digits.

    >>> ratio(0.00287), ratio(1.532), ratio(12345.6)
    ('0.0029', '1.53', '12,346')
    """
    return _three_digits(number) if number >= 0.01 else f"{number:.2g}"


def _three_digits(number: float) -> str:
    size = abs(number)
    places = 0 if size >= 100 else 1 if size >= 10 else 2
    return f"{number:,.{places}f}" if size != 1.5 else f"{number:g}"


def write(found: dict[str, list[Figures]], runner: Runner) -> None:
    """Write the figures as JSON, and the page that is made of them."""
    python_of = {ENVIRONMENT_OF[s]: runner.python(s) for s in ENVIRONMENT_OF}
    results = {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "machine": machine(),
        "versions": {name: versions(path) for name, path in python_of.items()},
        "groups": {name: [_plain(row) for row in rows] for name, rows in found.items()},
    }
    RESULTS.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    PAGE.write_text(page(results), encoding="utf-8")


def _plain(row: Figures) -> dict[str, Any]:
    rounds = [float(f"{number:.4g}") for number in row.rounds]
    return {"name": row.name, "part": row.part, "rounds": rounds, "facts": row.facts}


def page(results: dict[str, Any]) -> str:
    """Return the page on speed: the template, with the tables and figures that it names."""
    groups = {group.name: group for group in GROUPS}
    rows = {
        name: [Figures(**row) for row in measured] for name, measured in results["groups"].items()
    }
    named = {
        "machine": _about(results),
        "versions": ", ".join(requirement.replace("==", " ") for requirement in REQUIREMENTS[OURS]),
    }

    def fill(found: re.Match[str]) -> str:
        kind, _, rest = found[1].partition(": ")
        if kind == "table":
            return table(groups[rest], rows[rest])
        if kind in named:
            return named[kind]
        raise ValueError(f"the template asks for {found[1]!r}")

    return re.sub(r"\{\{ ([^{}]+) \}\}", fill, TEMPLATE.read_text(encoding="utf-8"))


def _about(results: dict[str, Any]) -> str:
    facts = results["machine"]
    return (
        f"{facts['processors']} processors ({facts['model']}), {facts['memory']}, "
        f"{facts['system']}, Python {facts['python']}, SQLite {facts['sqlite']}; "
        f"measured on {results['date']}"
    )


def machine() -> dict[str, Any]:
    """Return what the figures were measured on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "processors": os.cpu_count(),
        "model": _processor(),
        "memory": f"{memory:.0f} GiB",
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()
