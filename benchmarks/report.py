"""The figures as tables, as JSON, and as the page on speed."""

import json
import math
import os
import platform
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import cases
from benchmarks.cases import ENVIRONMENT_OF, Group
from benchmarks.cases_of_frames import GROUPS_OF_FRAMES
from benchmarks.environments import FRAMES, LIBRARIES, OURS, versions
from benchmarks.measuring import Figures, Runner
from benchmarks.places import BUILD, ROOT

RESULTS = BUILD / "results.json"
TEMPLATE = ROOT / "benchmarks" / "performance.md.in"
PAGE = ROOT / "docs" / "explanation" / "performance.md"

GROUPS = (*cases.GROUPS, *GROUPS_OF_FRAMES)

_SECONDS = ((1, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))
_MARKS = {"limit": "*", "ours": "**"}

Measured = dict[str, list[Figures]]


def table(group: Group, rows: list[Figures]) -> str:
    """Return a group's table in Markdown."""
    limit, ours = _first(rows, "limit"), _first(rows, "ours")
    facts = list(dict.fromkeys(name for row in rows for name in row.facts))
    heads = ["", "median", "from–to", "turns", *facts]
    heads += ["times its limit"] * bool(limit) + ["kzt_rates takes"] * bool(ours)
    lines = [heads, ["---", *["--:"] * (len(heads) - 1)]]
    for row in rows:
        mark = _MARKS.get(row.part, "")
        cells = [f"{mark}{row.name}{mark}", amount(row.median, group), _spread(row, group)]
        cells.append(str(len(row.turns)))
        cells += [f"{row.facts[name]:,.0f}" if name in row.facts else "" for name in facts]
        if limit:
            cells.append("" if row.part in ("limit", "other") else ratio(row.times(limit)))
        if ours:
            cells.append(_share(ours, row))
        lines.append(cells)
    return _markdown(lines)


def _first(rows: list[Figures], part: str) -> Figures | None:
    return next((row for row in rows if row.part == part), None)


def _spread(row: Figures, group: Group) -> str:
    if len(row.turns) == 1:
        return ""
    return f"{amount(min(row.turns), group)}–{amount(max(row.turns), group)}"


def _share(ours: Figures, row: Figures) -> str:
    """Say how much of a peer's time or memory ours takes."""
    return f"{ratio(1 / row.times(ours))} of it" if row.part == "peer" else ""


def amount(number: float, group: Group) -> str:
    """Return seconds or bytes in the unit that is read best."""
    if group.kind == "memory":
        return f"{three_digits(number / 1e6)} MB"
    size, name = next(unit for unit in _SECONDS if number >= 0.9995 * unit[0] or unit[1] == "ns")
    return f"{three_digits(number / size)} {name}"


def ratio(number: float) -> str:
    """Return how many times; of what is below a hundredth, two digits."""
    return three_digits(number) if number >= 0.01 else f"{number:.2g}"


def three_digits(number: float) -> str:
    """Return a number of three digits, or a whole one of more."""
    places = max(0, 2 - math.floor(math.log10(abs(number)))) if number else 0
    return f"{number:,.{min(places, 2)}f}"


def write(found: Measured, runner: Runner) -> None:
    """Write the figures as JSON, which stays here, and the page that is made of them."""
    pythons = {ENVIRONMENT_OF[subject]: runner.python(subject) for subject in ENVIRONMENT_OF}
    results = {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "machine": machine(pythons[OURS]),
        "versions": {name: versions(path) for name, path in pythons.items()},
        "groups": {name: [_plain(row) for row in rows] for name, rows in found.items()},
    }
    RESULTS.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    write_page()


def write_page() -> None:
    """Write the page of the figures that were measured last.

    Raises `FileNotFoundError` where nothing was measured on this machine.
    """
    results = json.loads(RESULTS.read_text(encoding="utf-8"))
    PAGE.write_text(page(results), encoding="utf-8")


def _plain(row: Figures) -> dict[str, Any]:
    turns = [float(f"{number:.4g}") for number in row.turns]
    return {"name": row.name, "part": row.part, "turns": turns, "facts": row.facts}


def page(results: dict[str, Any]) -> str:
    """Return the page on speed: the template, with the tables and figures that it names.

    Raises `ValueError` where the template and what was measured name different tables.
    """
    rows = {
        name: [Figures(**row) for row in measured] for name, measured in results["groups"].items()
    }
    if [group.name for group in GROUPS] != list(rows):
        raise ValueError("the results are of other tables than there are now: measure again")
    parts = {f"table: {group.name}": table(group, rows[group.name]) for group in GROUPS}
    parts |= {"summary": summary(rows), "machine": _about(results), "peers": _peers(results)}
    template = TEMPLATE.read_text(encoding="utf-8")
    named = re.findall(r"\{\{ (.+?) \}\}", template)
    if sorted(named) != sorted(parts):
        raise ValueError(f"the template and the table differ in {set(named) ^ set(parts)}")
    return re.sub(r"\{\{ (.+?) \}\}", lambda found: parts[found[1]], template)


def summary(rows: Measured) -> str:
    """Return a line for each table: ours, its limit, and the best peer."""
    lines = [["", "kzt_rates", "times its limit", "the best of the others", "kzt_rates takes"]]
    lines.append(["---", "--:", "--:", "---", "--:"])
    for group in GROUPS:
        found = rows[group.name]
        ours, limit = _first(found, "ours"), _first(found, "limit")
        assert ours is not None
        assert limit is not None
        best = min((row for row in found if row.part == "peer"), key=_median, default=None)
        lines.append(
            [
                group.name,
                amount(ours.median, group),
                ratio(ours.times(limit)),
                f"{best.name}: {amount(best.median, group)}" if best else "",
                _share(ours, best) if best else "",
            ]
        )
    return _markdown(lines)


def _markdown(lines: list[list[str]]) -> str:
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _median(row: Figures) -> float:
    return row.median


def _peers(results: dict[str, Any]) -> str:
    """Name what is compared, by the versions that were installed."""
    held = {
        name: dict(line.split("==") for line in installed)
        for name, installed in results["versions"].items()
    }
    peers = [f"{name} {held[name][name]}" for name in held if name not in (OURS, FRAMES)]
    libraries = [f"{name} {held[FRAMES][name]}" for name in LIBRARIES]
    return f"{', '.join(peers)}; for frames {', '.join(libraries)}"


def _about(results: dict[str, Any]) -> str:
    facts = results["machine"]
    return (
        f"{facts['processors']} processors ({facts['model']}), {facts['memory']}, "
        f"{facts['system']}, Python {facts['python']}, SQLite {facts['sqlite']}; "
        f"measured on {results['date']}"
    )


def machine(python: Path) -> dict[str, Any]:
    """Return what the figures were measured on, and with which Python."""
    ask = "import platform, sqlite3; print(platform.python_version(), sqlite3.sqlite_version)"
    said = subprocess.run([python, "-c", ask], check=True, capture_output=True, text=True).stdout
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "processors": os.cpu_count(),
        "model": _processor(),
        "memory": f"{memory:.0f} GiB",
        "system": f"{platform.system()} {platform.machine()}",
        "python": said.split()[0],
        "sqlite": said.split()[1],
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()
