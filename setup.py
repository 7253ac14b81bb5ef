"""Copies the shipped profiles into the wheel; in a source tree they are read where they lie."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

SHIPPED = {"profiles": "workbench/profiles/shipped"}
"""Folder at the top of the source tree → where it lies in an installed package."""


class BuildWithShipped(build_py):
    """Adds the folders of SHIPPED to what is built."""

    def run(self) -> None:
        """Build, then copy."""
        super().run()
        if self.editable_mode:
            return
        for source, target in SHIPPED.items():
            shutil.copytree(Path(source), Path(self.build_lib) / target, dirs_exist_ok=True)


setup(cmdclass={"build_py": BuildWithShipped})
