"""Print what the project, with some of its extras, needs: `requirements.py server mongo`. Used in the images' builds.

Installing this before the code is copied keeps it in a layer of its own, which a change of the code leaves as it is.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path


def requirements(pyproject: str, extras: Sequence[str]) -> list[str]:
    """Requirements from the text of a pyproject.toml.

    Raises:
        KeyError: naming an extra that it does not have.
    """
    project = tomllib.loads(pyproject)["project"]
    return [*project["dependencies"], *(line for name in extras for line in project["optional-dependencies"][name])]


if __name__ == "__main__":
    sys.stdout.write("\n".join(requirements(Path("pyproject.toml").read_text("utf-8"), sys.argv[1:])) + "\n")
