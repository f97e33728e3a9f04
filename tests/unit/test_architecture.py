"""The house: which room may know which, and what an import costs."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import kzt_rates

PACKAGE = Path(kzt_rates.__file__).parent
PURE = (
    "arithmetic", "core", "currency", "dates",
    "errors", "figures", "money", "feed", "models", "plans", "printing",
)  # fmt: skip
WAITING = ("httpx", "sqlite3", "asyncio", "threading", "os", "time", "socket", "queue")

# `typing` is there to name what others have.
NAMES_WHAT_IS_ABOVE = {"typing": ("store",)}

# floor by floor, from the ground up: nothing imports from a floor above its own
FLOORS = (
    ("_version", "errors", "figures", "log", "process", "typing"),
    ("arithmetic", "dates"),
    ("currency",),
    ("money",),
    ("feed", "store"),
    ("printing",),
    ("plans", "settings", "tables", "plotting"),
    ("loops",),
    ("models", "transport"),
    ("core",),
    ("client", "async_client"),
    ("api",),
    ("frames",),
    ("cli", "testing", "web", "__init__", "__main__"),
)


def name_of(path: Path) -> str:
    """Return the dotted name of a module of ours."""
    parts = ("kzt_rates", *path.relative_to(PACKAGE).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def room_of(name: str) -> str:
    """Return the package or module of the first floor that a module belongs to."""
    return name.removeprefix("kzt_rates").strip(".").split(".")[0] or "__init__"


def imports_of(name: str) -> set[str]:
    """Return all that a module imports: late, and for the annotations, too."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(MODULES[name].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name} imports relatively"
            base = node.module or ""
            inner = {f"{base}.{alias.name}" for alias in node.names}
            names |= {one if one in MODULES else base for one in inner}
    return names


def ours(name: str) -> set[str]:
    """Return which of our modules a module imports, with the packages that they bring along."""
    found: set[str] = set()
    for imported in imports_of(name) & MODULES.keys():
        parts = imported.split(".")
        packages = {".".join(parts[:length]) for length in range(1, len(parts))}
        found |= {imported, *(one for one in packages if not f"{name}.".startswith(f"{one}."))}
    return found - {name}


def circles(graph: dict[str, set[str]]) -> list[set[str]]:
    """Return the groups of modules each of which leads to every other."""
    reached: dict[str, set[str]] = {}
    for start in graph:
        found, to_do = set(), [start]
        while to_do:
            for other in graph[to_do.pop()] - found:
                found.add(other)
                to_do.append(other)
        reached[start] = found
    groups: list[set[str]] = []
    for name in graph:
        if name in reached[name] and not any(name in group for group in groups):
            groups.append({other for other in reached[name] if name in reached[other]})
    return groups


def test_no_circles():
    """No module leads back to itself: not by a late import, not by one for annotations."""
    found = circles({name: ours(name) for name in MODULES})
    assert [sorted(circle) for circle in found] == []


def test_a_circle_is_found():
    """The walk sees circles of two and of three, and nothing else."""
    graph = {"a": {"b"}, "b": {"a"}, "c": {"d", "a"}, "d": {"e"}, "e": {"c"}, "f": {"a"}}
    assert circles(graph) == [{"a", "b"}, {"c", "d", "e"}]
    assert circles({"a": {"b"}, "b": set()}) == []


@pytest.mark.parametrize("name", MODULES)
def test_nothing_imports_from_a_floor_above(name):
    """Faces know clients, clients know plans, plans know feeds; never the other way."""
    floor = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
    room = room_of(name)
    assert room in floor, f"{room} has no floor yet"
    for other in imports_of(name) & MODULES.keys():
        if room in NAMES_WHAT_IS_ABOVE and room_of(other) in NAMES_WHAT_IS_ABOVE[room]:
            continue
        assert floor[room_of(other)] <= floor[room], f"{name} imports {other}"


@pytest.mark.parametrize("name", [name for name in MODULES if room_of(name) in PURE])
def test_pure_rooms_do_not_wait(name):
    """What decides and what calculates touches no network, file, thread or clock."""
    roots = {imported.split(".")[0] for imported in imports_of(name)}
    assert roots.isdisjoint(WAITING)


def test_two_edges_never_know_each_other():
    """The store knows nothing of HTTP, the transport nothing of the store."""
    for name in MODULES:
        imported = imports_of(name)
        if room_of(name) == "store":
            assert not any(one.startswith(("kzt_rates.transport", "httpx")) for one in imported)
        if room_of(name) == "transport":
            assert not any(one.startswith(("kzt_rates.store", "sqlite3")) for one in imported)


def test_waiting_is_written_in_few_places():
    """`await` occurs in the async client, its transport and the loops, and nowhere else."""
    waiting = {
        name.removeprefix("kzt_rates.")
        for name, path in MODULES.items()
        if room_of(name) not in ("testing", "web")
        and any(
            isinstance(node, ast.Await) for node in ast.walk(ast.parse(path.read_text("utf-8")))
        )
    }
    assert waiting == {"async_client", "loops", "transport.tasks"}


def loaded(code: str) -> set[str]:
    """Return the top-level modules a fresh process has loaded after some code."""
    script = f"{code}\nimport sys; print(' '.join(sys.modules))"
    run = [sys.executable, "-c", script]
    return set(subprocess.run(run, capture_output=True, text=True, check=True).stdout.split())


@pytest.mark.system
def test_importing_costs_nothing():
    """`import kzt_rates` loads two small modules and nothing heavy."""
    loaded_of_us = {name for name in loaded("import kzt_rates") if name.startswith("kzt_rates")}
    assert loaded_of_us == {"kzt_rates", "kzt_rates._version"}


@pytest.mark.system
def test_a_conversion_from_the_archive_stays_cold():
    """Neither pydantic, httpx, lxml nor their like is loaded to convert a date of the archive."""
    names = loaded("import kzt_rates; kzt_rates.convert(100, 'USD', on='2025-12-05')")
    heavy = {
        "asyncio", "dataclasses", "dateutil", "httpx", "importlib.resources", "json", "logging",
        "lxml", "pathlib", "platformdirs", "pydantic", "re", "typing",
    }  # fmt: skip
    assert names & heavy == set()


def test_every_module_says_what_it_is_for():
    """Each module begins with a docstring."""
    for path in MODULES.values():
        text = path.read_text(encoding="utf-8")
        assert ast.get_docstring(ast.parse(text)) or not text.strip() or path.name == "_version.py"
