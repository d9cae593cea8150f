"""Every name of the product says what it is: no bare participle, no pronoun."""

from __future__ import annotations

from tests.architecture.modules import MODULES, relative
from tests.architecture.names import empty_names
from tests.conftest import ROOT

CLIENT = sorted((ROOT / "client").rglob("*.py"))


def test_every_name_says_something() -> None:
    names = [
        f"{relative(path)}, line {name.line}: {name.text}"
        for path in [*MODULES, *CLIENT]
        for name in empty_names(path.read_text(encoding="utf-8"))
    ]
    assert not names, "\n".join(names)
