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
from benchmarks.environments import FRAMES, OURS, REQUIREMENTS, versions
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
    unit = _unit(group)
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
    return _markdown(lines)


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
    pythons = {ENVIRONMENT_OF[subject]: runner.python(subject) for subject in ENVIRONMENT_OF}
    results = {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "machine": machine(),
        "versions": {name: versions(path) for name, path in pythons.items()},
        "groups": {name: [_plain(row) for row in rows] for name, rows in found.items()},
    }
    RESULTS.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    PAGE.write_text(page(results), encoding="utf-8")


def _plain(row: Figures) -> dict[str, Any]:
    rounds = [float(f"{number:.4g}") for number in row.rounds]
    return {"name": row.name, "part": row.part, "rounds": rounds, "facts": row.facts}


def page(results: dict[str, Any]) -> str:
    """Return the page on speed: the template, with the tables and figures that it names.

    Raises `ValueError` where the template names what there is not, or leaves a table out.
    """
    rows = {
        name: [Figures(**row) for row in measured] for name, measured in results["groups"].items()
    }
    parts = {f"table: {group.name}": table(group, rows[group.name]) for group in GROUPS}
    parts |= {"summary": summary(rows), "machine": _about(results), "peers": _peers(results)}
    template = TEMPLATE.read_text(encoding="utf-8")
    named = re.findall(r"\{\{ (.+?) \}\}", template)
    if sorted(named) != sorted(parts):
        raise ValueError(f"the template and the table differ in {set(named) ^ set(parts)}")
    return re.sub(r"\{\{ (.+?) \}\}", lambda found: parts[found[1]], template)


def summary(rows: dict[str, list[Figures]]) -> str:
    """Return a line for each table: ours, its limit, and the fastest peer."""
    lines = [["", "kzt_rates", "times its limit", "the best peer", "kzt_rates takes"]]
    lines.append(["---", "--:", "--:", "---", "--:"])
    for group in GROUPS:
        found = rows[group.name]
        ours = next((row for row in found if row.part == "ours"), None)
        if ours is None:
            continue
        limit = next((row for row in found if row.part == "limit"), None)
        best = min((row for row in found if row.part == "peer"), key=_median, default=None)
        unit = _unit(group)
        lines.append(
            [
                group.name,
                amount(ours.median, unit),
                ratio(ours.times(limit)) if limit else "",
                f"{best.name}: {amount(best.median, unit)}" if best else "",
                _share(ours, best) if best else "",
            ]
        )
    return _markdown(lines)


def _markdown(lines: list[list[str]]) -> str:
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _median(row: Figures) -> float:
    return row.median


def _unit(group: Group) -> str:
    return "bytes" if group.kind == "memory" else "seconds"


def _peers(results: dict[str, Any]) -> str:
    """Name what is compared, by the versions that were installed."""
    own = {OURS, FRAMES}
    found = [
        next(held for held in installed if held.lower().startswith(name.lower())).replace("==", " ")
        for name, installed in results["versions"].items()
        if name not in own
    ]
    libraries = [held.replace("==", " ") for held in REQUIREMENTS[FRAMES]]
    return f"{', '.join(found)}; for frames {', '.join(libraries)}"


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
