"""The tools are scripts beside one another, and of no package."""

import sys
from pathlib import Path

TOOLS = Path(__file__).parents[2] / "tools"

sys.path.insert(0, str(TOOLS))
