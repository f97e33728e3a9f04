"""Libraries that are installed on wish: what is loaded when, and what a missing one says."""

import subprocess
import sys
import tomllib
import types
from pathlib import Path

import pytest

from kzt_rates.process import EXTRAS, require

OPTIONAL = ("numpy", "narwhals", "pandas", "polars", "pyarrow", "matplotlib", "duckdb", "rich")


def test_a_library_that_is_there_is_returned():
    """What is returned is the module that was named, a part of a package too."""
    assert require("json") is sys.modules["json"]
    assert require("os.path", "frames") is sys.modules["os.path"]


@pytest.mark.parametrize(
    ("module", "extra", "line"),
    [
        ("nowhere_at_all", "plot", "pip install 'matplotlib>=3.9'"),
        ("nowhere_at_all", None, "pip install nowhere_at_all"),
        ("nowhere_at_all.inner.part", "frames", f"pip install {EXTRAS['frames']}"),
        ("nowhere_at_all.inner.part", None, "pip install nowhere_at_all"),
    ],
)
def test_a_missing_library_says_what_to_type(module, extra, line):
    """The line to type stands at the end of the message, whole."""
    with pytest.raises(ImportError) as caught:
        require(module, extra)
    assert str(caught.value).endswith(line)
    assert "nowhere_at_all" in str(caught.value)
    assert caught.value.name == "nowhere_at_all"


@pytest.mark.parametrize(
    ("library", "extra", "old", "enough"),
    [
        ("narwhals", "frames", "2.10.0", "2.10.1"),
        ("numpy", "frames", "1.25.2", "1.26.0"),
        ("pyarrow", "frames", "17.0.0", "18.0.0.dev1"),
        ("matplotlib", "plot", "3.8.9", "3.9"),
        ("uvloop", "web", "0.20.0", "0.21.0"),
        ("starlette", "web", "0.39.2", "1.0rc1"),
    ],
)
def test_a_library_that_is_too_old_says_what_to_type(monkeypatch, library, extra, old, enough):
    """One that something else brought, older than the extra wants, is as good as missing."""
    there = types.ModuleType(library)
    monkeypatch.setitem(sys.modules, library, there)
    assert require(library, extra) is there  # of which nobody knows how old it is
    for version in (enough, old):
        monkeypatch.setattr(there, "__version__", version, raising=False)
        if version == enough:
            assert require(library, extra) is there
    with pytest.raises(ImportError) as caught:
        require(library, extra)
    assert f"this needs {library} " in str(caught.value)
    assert f"or newer, not {old}: pip install {EXTRAS[extra]}" in str(caught.value)
    assert caught.value.name == library
    assert require(library) is there


@pytest.mark.parametrize("extra", EXTRAS)
def test_what_is_to_be_typed_is_what_the_extra_brings(extra):
    """It is right where kzt_rates comes from a clone, and where it comes from an index."""
    pyproject = Path(__file__).parents[2] / "pyproject.toml"
    project = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]
    wanted = project["optional-dependencies"][extra]
    assert EXTRAS[extra] == " ".join(f"'{requirement}'" for requirement in wanted)


def test_a_library_that_was_taken_away(monkeypatch):
    """One that the interpreter is told not to import is as good as missing."""
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match=r"pip install 'matplotlib>=3\.9'"):
        require("matplotlib", "plot")


def test_a_library_that_is_broken_speaks_for_itself(tmp_path, monkeypatch):
    """It is there: to install it again would not help, and its own error says why."""
    (tmp_path / "half_of_it.py").write_text("import the_other_half\n", encoding="utf-8")
    (tmp_path / "out_of_order.py").write_text("raise ImportError('broken')\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(ModuleNotFoundError, match="No module named 'the_other_half'"):
        require("half_of_it", "frames")
    with pytest.raises(ImportError, match=r"^broken$"):
        require("out_of_order", "frames")


@pytest.mark.parametrize(
    "code",
    [
        "import kzt_rates",
        "import kzt_rates.process",
        "import kzt_rates.frames",
        "from kzt_rates.frames import convert, table",
        "import kzt_rates; kzt_rates.convert(1, 'USD', on='2025-12-05')",
        "import kzt_rates; kzt_rates.history('USD', start='2025-12-05', end='2025-12-05')",
    ],
)
@pytest.mark.system
def test_options_cost_nothing(code):
    """Nothing that was not asked for is loaded, the frames' libraries by no import."""
    script = f"{code}\nimport sys; print(*sys.modules)"
    settings = {"KZT_RATES_OFFLINE": "1", "KZT_RATES_CACHE": "off"}
    run = subprocess.run(
        [sys.executable, "-c", script],
        env=_with(settings),
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(OPTIONAL).isdisjoint(run.stdout.split())


def _with(settings: dict[str, str]) -> dict[str, str]:
    import os

    return {**os.environ, **settings}


@pytest.mark.system
def test_frames_need_no_import_of_their_own() -> None:
    """`import kzt_rates` is enough for `kzt_rates.frames.convert`, and loads it only then."""
    code = (
        "import sys, kzt_rates; assert 'kzt_rates.frames' not in sys.modules; "
        "print(kzt_rates.frames.convert.__name__, 'numpy' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout == "convert False\n"
