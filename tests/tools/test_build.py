"""The build, as far as it can be looked at without building."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# the hook with nothing of hatchling's, in a Python that says it is another
BUILD = """
import runpy, sys, types
interface = types.ModuleType("interface")
interface.BuildHookInterface = object
sys.modules["hatchling.builders.hooks.plugin.interface"] = interface
sys.version_info = (3, 10, 13, "final", 0)
runpy.run_path("hatch_build.py")["ArchiveBuildHook"]().initialize("standard", {})
"""


@pytest.mark.system
def test_an_older_python_is_told_which_is_needed() -> None:
    """On Python 3.10 the build ends with one sentence: it would else fail in an import."""
    run = subprocess.run(
        [sys.executable, "-c", BUILD], cwd=ROOT, capture_output=True, text=True, check=False
    )
    said = "kzt_rates needs Python 3.11 or newer; this is 3.10\n"
    assert (run.returncode, run.stdout, run.stderr) == (1, "", said)
