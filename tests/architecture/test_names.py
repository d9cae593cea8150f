"""Every name of the product says what it is: no bare participle, no pronoun."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.architecture.modules import MODULES, relative
from tests.architecture.names import empty_names
from tests.conftest import ROOT

CLIENT = sorted((ROOT / "client").rglob("*.py"))


@pytest.mark.parametrize("path", [*MODULES, *CLIENT], ids=relative)
def test_every_name_says_something(path: Path) -> None:
    names = empty_names(path.read_text(encoding="utf-8"))
    assert not names, ", ".join(f"line {name.line}: {name.text}" for name in names)
