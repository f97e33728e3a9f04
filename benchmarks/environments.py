"""An environment for each library that is measured, with pinned versions, made once."""

import os
import subprocess
import sys
from pathlib import Path

from benchmarks.places import BUILD, ROOT

OURS = "kzt_rates"
FRAMES = "kzt_rates and the frames"
LIBRARIES = ("numpy", "pandas", "pyarrow", "polars", "duckdb", "ibis-framework", "dask", "pyspark")
_REQUESTS = ("requests==2.34.2", "urllib3==2.8.0", "certifi==2026.10.18", "idna==3.20")
_DATA = (
    "numpy==2.4.6",
    "pandas==3.1.1",
    "pyarrow==26.0.1",
    "polars==2.1.0",
    "narwhals==2.29.0",
)
_ENGINES = (
    *("duckdb==2.0.0", "ibis-framework[duckdb]==12.0.0", "sqlglot==30.30.0"),
    *("dask[dataframe]==2026.8.0", "pyspark==4.3.0"),
)
_OWN = (
    *("httpx==0.28.1", "lxml==6.1.3", "pydantic==2.14.3", "python-dateutil==4.0.0"),
    "platformdirs==4.14.7",
)

REQUIREMENTS = {
    OURS: _OWN,
    FRAMES: (*_OWN, *_DATA, *_ENGINES, "openpyxl==3.1.5"),
    "CurrencyConverter": ("CurrencyConverter==0.18.23", "numpy==2.4.6", "pandas==3.1.1"),
    "forex-python": ("forex-python==1.9.2", "simplejson==4.3.0", *_REQUESTS),
    "pycbrf": ("pycbrf==1.1.0", *_REQUESTS),
    "python-kzt-exchangerates": ("python-kzt-exchangerates==0.1.2", *_REQUESTS),
}


def python_of(name: str) -> Path:
    """Return the interpreter of an environment, made first where it is not there as pinned."""
    folder = BUILD / "environments" / name.replace(" ", "-")
    python = folder / "bin" / "python"
    stamp = folder / "requirements.txt"
    # another Python needs another environment
    wanted = "\n".join((sys.version, sys.base_prefix, *REQUIREMENTS[name]))
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
        # without pip of its own: not every Python has ensurepip
        _run(sys.executable, "-m", "venv", "--clear", "--without-pip", str(folder))
        _install(python, *REQUIREMENTS[name])
        stamp.write_text(wanted, encoding="utf-8")
    if name in (OURS, FRAMES):
        _install(python, "--force-reinstall", "--no-deps", str(ROOT))
    return python


def versions(python: Path) -> list[str]:
    """Return what an environment holds, as `name==version`."""
    listed = subprocess.run(
        (sys.executable, "-m", "pip", "--python", str(python), "list", "--format", "freeze"),
        check=True,
        capture_output=True,
        text=True,
    )
    return listed.stdout.split()


def _install(python: Path, *what: str) -> None:
    _run(sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", *what)


def _run(*command: str) -> None:
    quiet = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"}
    subprocess.run(command, check=True, env={**os.environ, **quiet})
