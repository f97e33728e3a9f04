"""The part of the suite that needs neither threads nor lxml."""

import os
import sys
import warnings

import pytest

# as in a fresh process: pytest wants to see the imports of what it tests
warnings.resetwarnings()
for module in [name for name in sys.modules if name.partition(".")[0] == "kzt_rates"]:
    del sys.modules[module]
os.chdir("/project")
int(pytest.main(["-p", "no:cacheprovider", "--base", *words]))  # noqa: F821  # given by the runner
