"""Every block of docs/clients.md, run against the library that it is for and a real server."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys

import pytest

from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "clients.md").read_text(encoding="utf-8")
WRITTEN_FOR = "http://127.0.0.1:8000"
BLOCKS = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
VALUE = "5.1 A"  # what the relay is set to
LIBRARIES = {
    "llama_index.llms.openai_like",
    "pagesight_client.langchain",
    "pagesight_client.llamaindex",
}
NEEDED_BY = {
    "pagesight_client.langchain": "langchain_core",
    "pagesight_client.llamaindex": "llama_index",
}


def modules_of(code: str) -> set[str]:
    names = set(re.findall(r"^(?:from|import) ([\w.]+)", code, re.MULTILINE))
    return {
        NEEDED_BY.get(name, name if name in LIBRARIES else name.partition(".")[0]) for name in names
    }


def is_installed(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:  # nor is the package that it would be in
        return False


def title_of(code: str) -> str:
    return ", ".join(sorted(modules_of(code) - {"pathlib", "asyncio"}))


@pytest.mark.parametrize("code", BLOCKS, ids=title_of)
def test_every_block_gives_the_right_value(samples_server: str, code: str) -> None:
    missing = {name for name in modules_of(code) if not is_installed(name)}
    if missing:
        pytest.skip(f"not installed: {', '.join(sorted(missing))}")
    assert WRITTEN_FOR in code
    ran = subprocess.run(
        [sys.executable, "-c", code.replace(WRITTEN_FOR, samples_server)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr + ran.stdout
    assert VALUE in ran.stdout, ran.stdout
