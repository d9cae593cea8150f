"""Every promise in docs/ names a test that exists, and every test that is named is one."""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest

from tests.conftest import ROOT

PAGES = ("promises.md", "upgrading.md")
REFERENCE = re.compile(r"`([a-z_0-9/]+\.py)(?:::(\w+))?`")
UNHELD = ("**Not promised:**", "Two versions side by side")


def rows_of(page: str) -> list[list[str]]:
    """Return the cells of each row of each table, without heads and rules."""
    lines = (ROOT / "docs" / page).read_text(encoding="utf-8").splitlines()
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in lines if line[:1] == "|"
    ]
    return [row for row in rows if row[0] not in ("promise", "rule") and not row[0].startswith("-")]


@cache
def names_in(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / "tests" / path).read_text(encoding="utf-8"))
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
    return frozenset(node.name for node in functions if node.name.startswith("test_"))


@pytest.mark.parametrize("page", PAGES)
def test_every_test_that_is_named_exists(page: str) -> None:
    references = REFERENCE.findall((ROOT / "docs" / page).read_text(encoding="utf-8"))
    assert len(references) >= 10
    for path, name in references:
        assert (ROOT / "tests" / path).is_file(), path
        assert not name or name in names_in(path), f"{path}::{name}"


@pytest.mark.parametrize("page", PAGES)
def test_every_promise_is_held_by_a_test(page: str) -> None:
    for row in rows_of(page):
        if not row[0].startswith(UNHELD):
            assert REFERENCE.search(row[-1]), row[0]
