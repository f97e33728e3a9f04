"""Builds the packaged archive from the CSV, for the wheel, the sdist and editable installs."""

import os
import sys

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ARCHIVE = os.path.join("src", "kzt_rates", "archive.sqlite")
OLDEST = (3, 11)


class ArchiveBuildHook(BuildHookInterface):
    def initialize(self, version, build_data):
        # pip builds before it looks at Requires-Python, and the build imports the package
        if sys.version_info < OLDEST:
            here = ".".join(map(str, sys.version_info[:2]))
            sys.exit(f"kzt_rates needs Python {OLDEST[0]}.{OLDEST[1]} or newer; this is {here}")
        sys.path.insert(0, os.path.join(self.root, "src"))
        try:
            from kzt_rates.store.contents import build_archive
        finally:
            sys.path.pop(0)
        csv_path = os.path.join(self.root, "data", "official_rates.csv")
        build_archive(csv_path, os.path.join(self.root, ARCHIVE))
        # git ignores the file, and without this hatchling would leave it out without a word
        build_data["artifacts"].append(ARCHIVE)
