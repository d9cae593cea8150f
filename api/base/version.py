"""The version of pagesight that runs."""

from __future__ import annotations

import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


def version_of_this() -> str:
    """Return the version that is installed, or that of the checkout from which this runs."""
    try:
        return version("pagesight")
    except PackageNotFoundError:
        project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())
        return str(project["project"]["version"])
