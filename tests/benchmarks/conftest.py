"""The benchmarks are run from the root of the repository, and are not installed."""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

sys.path.insert(0, str(ROOT))
