"""The house: which room may know which, and what an import costs."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import kzt_rates

PACKAGE = Path(kzt_rates.__file__).parent
PURE = (
    "arithmetic", "core", "currency", "currency_words", "dates",
    "errors", "figures", "money", "ticker", "feed", "models", "plans",
)  # fmt: skip
WAITING = ("httpx", "sqlite3", "asyncio", "threading", "os", "time", "socket", "queue")

# floor by floor, from the ground up: nothing imports from a floor above its own
FLOORS = (
    ("_version", "errors", "figures", "log", "process", "typing"),
    ("arithmetic", "dates"),
    ("currency", "currency_words"),
    ("money",),
    ("ticker",),
    ("feed", "store"),
    ("plans", "settings", "interchange", "plotting"),
    ("flights", "async_flights", "trio_loop", "loops"),
    ("models", "transport"),
    ("core",),
    ("client", "async_client"),
    ("api",),
    ("frames",),
    ("cli", "testing", "__main__", "__init__"),
)


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def imports_of(path: Path) -> set[str]:
    """Return what a module imports at run time, also late."""
    names: set[str] = set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If)
        and isinstance(node.test, ast.Name)
        and node.test.id == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if node in skipped:
            continue
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            names.add(node.module or "")
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_nothing_imports_from_a_floor_above(path):
    """Faces know clients, clients know plans, plans know feeds; never the other way."""
    floor = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
    room = room_of(path)
    assert room in floor, f"{room} has no floor yet"
    for name in imports_of(path):
        other = name.removeprefix("kzt_rates.").split(".")[0]
        if name.startswith("kzt_rates.") and other in floor:
            assert floor[other] <= floor[room], f"{room} imports {name}"


@pytest.mark.parametrize(
    "path",
    [path for path in modules() if room_of(path) in PURE],
    ids=lambda path: str(path.relative_to(PACKAGE)),
)
def test_pure_rooms_do_not_wait(path):
    """What decides and what calculates touches no network, file, thread or clock."""
    roots = {name.split(".")[0] for name in imports_of(path)}
    assert roots.isdisjoint(WAITING)


def test_two_edges_never_know_each_other():
    """The store knows nothing of HTTP, the transport nothing of the store."""
    for path in modules():
        names = imports_of(path)
        if room_of(path) == "store":
            assert not any(name.startswith(("kzt_rates.transport", "httpx")) for name in names)
        if room_of(path) == "transport":
            assert not any(name.startswith(("kzt_rates.store", "sqlite3")) for name in names)


def test_waiting_is_written_in_few_places():
    """`await` occurs in the async client, its transport and the loops, and nowhere else."""
    waiting = {
        str(path.relative_to(PACKAGE))
        for path in modules()
        if room_of(path) != "testing"
        and any(
            isinstance(node, ast.Await) for node in ast.walk(ast.parse(path.read_text("utf-8")))
        )
    }
    loops = {"async_flights.py", "loops.py", "trio_loop.py"}
    assert waiting == {"async_client.py", "transport/asynchronous.py", *loops}


def loaded(code: str) -> set[str]:
    """Return the top-level modules a fresh process has loaded after some code."""
    script = f"{code}\nimport sys; print(' '.join(sys.modules))"
    run = [sys.executable, "-c", script]
    return set(subprocess.run(run, capture_output=True, text=True, check=True).stdout.split())


@pytest.mark.system
def test_importing_costs_nothing():
    """`import kzt_rates` loads two small modules and nothing heavy."""
    ours = {name for name in loaded("import kzt_rates") if name.startswith("kzt_rates")}
    assert ours == {"kzt_rates", "kzt_rates._version"}


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
    for path in modules():
        text = path.read_text(encoding="utf-8")
        assert ast.get_docstring(ast.parse(text)) or not text.strip() or path.name == "_version.py"
