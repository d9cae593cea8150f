"""Types that are made from the service's description fit the calls of the TypeScript example."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT

FOLDER = ROOT / "client" / "typescript"
MODULES = FOLDER / "node_modules"
pytestmark = [
    pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed"),
    pytest.mark.skipif(
        not (MODULES / "typescript").exists(), reason="run `npm ci` in client/typescript first"
    ),
]


def run(folder: Path, program: str, *words: str) -> subprocess.CompletedProcess[str]:
    command = ["node", str(MODULES / program), *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The example with types that were generated just now."""
    shutil.copytree(FOLDER / "src", tmp_path / "src")
    shutil.copy(FOLDER / "tsconfig.json", tmp_path)
    (tmp_path / "package.json").write_text(json.dumps({"type": "module"}))
    (tmp_path / "node_modules").symlink_to(MODULES)
    description = str(ROOT / "docs" / "openapi.json")
    target = ["--output", "src/schema.d.ts"]
    made = run(tmp_path, "openapi-typescript/bin/cli.js", description, *target)
    assert made.returncode == 0, made.stdout + made.stderr
    return tmp_path


def test_the_example_compiles_without_a_cast(project: Path) -> None:
    compiled = run(project, "typescript/bin/tsc", "--noEmit")
    assert compiled.returncode == 0, compiled.stdout
    lines = (project / "src" / "example.ts").read_text().splitlines()
    code = [line for line in lines if not line.lstrip().startswith(("/", "*"))]
    assert not [line for line in code if re.search(r"\bas\b|\bany\b", line)]


WRONG_CALLS = {
    "{ query }": "{ question: query }",
    'sort: "-created_at"': 'sort: "size"',
    "row.page_number": "row.page",
    "document.name": "document.title",
}


def test_calls_that_the_service_would_refuse_do_not_compile(project: Path) -> None:
    text = (project / "src" / "example.ts").read_text()
    for number, (right, wrong) in enumerate(WRONG_CALLS.items()):
        assert right in text
        (project / "src" / f"wrong{number}.ts").write_text(text.replace(right, wrong))
    compiled = run(project, "typescript/bin/tsc", "--noEmit")
    assert compiled.returncode != 0
    files = set(re.findall(r"^src/(\w+)\.ts\(", compiled.stdout, re.MULTILINE))
    assert files == {f"wrong{number}" for number in range(len(WRONG_CALLS))}
