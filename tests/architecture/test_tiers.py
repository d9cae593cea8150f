"""Each tier of tests stands alone; what several need lies in `tests/support` and `tests/builders.py`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.conftest import ROOT

TESTS = ROOT / "tests"
TIERS = (
    "acceptance", "architecture", "benchmarks", "contracts", "faults", "integration", "smoke", "unit",
)  # fmt: skip
MODULES = sorted(TESTS.rglob("*.py"))


def tier_of(module: str) -> str:
    """Return `unit` for `tests.unit.api.test_client`; nothing for a module that all tiers share."""
    parts = module.split(".")
    return parts[1] if parts[0] == "tests" and len(parts) > 1 and parts[1] in TIERS else ""


def imports_of(path: Path) -> Iterator[str]:
    """Yield the modules of `tests` that a file imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            modules = [node.module]
        else:
            continue
        yield from (module for module in modules if module.split(".")[0] == "tests")


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def test_no_tier_imports_from_another() -> None:
    imports = [
        f"{module_name(path)} imports {module}, which is of another tier"
        for path in MODULES
        for module in imports_of(path)
        if tier_of(module) not in tiers_for(path)
    ]
    assert not imports, "\n".join(imports)


def tiers_for(path: Path) -> set[str]:
    tiers = {tier_of(module_name(path)), ""}
    if path.is_relative_to(TESTS / "unit" / "benchmarks"):
        tiers.add("benchmarks")  # the code that these tests are about
    return tiers


def test_the_root_of_the_tests_holds_little() -> None:
    files = {path.name for path in TESTS.glob("*.py")}
    assert files == {"builders.py", "conftest.py", "generate_docs.py"}
