"""The rules of the house that no linter knows."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.modules import MODULES, relative
from tests.conftest import ROOT

BANNED_NAMES = {"utils", "util", "common", "helpers", "misc", "core"}
MAX_FILE_LINES, MAX_FUNCTION_LINES = 300, 60  # ceilings; the aim is 200 and 40


def test_files_and_functions_stay_small() -> None:
    too_large = [f"{relative(path)}: {excess}" for path in MODULES for excess in excesses_of(path)]
    assert not too_large, "\n".join(too_large)


def excesses_of(path: Path) -> Iterator[str]:
    source = path.read_text(encoding="utf-8")
    if (n_lines := source.count("\n")) > MAX_FILE_LINES:
        yield f"{n_lines} lines"
    if "migrations" in path.parts:
        return
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            n_lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if n_lines > MAX_FUNCTION_LINES:
                yield f"{node.name} has {n_lines} lines"


def test_no_module_has_a_name_that_says_nothing() -> None:
    names = {part for path in MODULES for part in (path.stem, *path.relative_to(ROOT).parts[:-1])}
    assert not names & BANNED_NAMES


def test_every_package_is_shipped_and_nothing_else() -> None:
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    present = {str(p.parent.relative_to(ROOT)).replace("/", ".") for p in MODULES}
    assert set(listed) == present


def importers_of(library: str) -> set[str]:
    found = set()
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module:
                names.append(node.module)
            if any(name.split(".")[0] == library for name in names):
                found.add(relative(path.parent))
    return found


@pytest.mark.parametrize(
    ("library", "home"),
    [("pymupdf", "indexer/inputs"), ("rapidocr", "indexer/ocr"), ("fitz", None),
     ("pickle", None), ("torchvision", None)],
)  # fmt: skip
def test_a_library_has_one_home(library: str, home: str | None) -> None:
    importers = importers_of(library)
    assert bool(importers) == bool(home)
    assert all(folder == home or folder.startswith(f"{home}/") for folder in importers)


def test_only_api_reads_the_environment() -> None:
    allowed = {
        "indexer/inputs/sandbox",  # hands a minimal environment to its child
        "indexer/base",  # writes into it that no telemetry is wanted
    }
    readers = set()
    for path in MODULES:
        source = path.read_text(encoding="utf-8")
        if "os.environ" in source or "getenv" in source:
            readers.add(relative(path.parent))
    assert {one for one in readers if not one.startswith("api")} <= allowed


def test_the_command_line_starts_without_the_heavy_libraries() -> None:
    code = (
        "import sys; import api.cli.main, api.services.wiring\n"
        "heavy = {'torch', 'transformers', 'pymupdf', 'onnxruntime', 'cv2', 'rapidocr'}\n"
        "heavy |= {'alembic', 'fastapi'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_torchvision_is_absent() -> None:
    """Its operators do not fit the CPU build of torch, and transformers breaks at its import."""
    from importlib.util import find_spec

    assert find_spec("torchvision") is None
