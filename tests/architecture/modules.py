"""The modules of the product, which the rules of the house are about."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import ROOT

PACKAGES = ("indexer", "retriever", "generator", "api")
MODULES = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))
