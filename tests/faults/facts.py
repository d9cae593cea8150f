"""What a process told the world before it died: kept outside the data folder, a line for each fact."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

# Before anything patches it: a fact that was told is told.
_write = os.write

FactKind = Literal["indexed", "queued", "deleting", "deleted"]


@dataclass(frozen=True)
class Fact:
    """`deleting` is said before the call: from then on the document may be there or not."""

    kind: FactKind
    collection: str
    stem: str


@dataclass
class Facts:
    """The facts that somebody may rely on; `tell` adds one, at once and for good."""

    path: Path
    told: list[Fact] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.path.exists():
            lines = self.path.read_text().splitlines()
            self.told = [Fact(**json.loads(line)) for line in lines]
        self._descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def tell(self, kind: FactKind, collection: str, stem: str) -> None:
        fact = Fact(kind, collection, stem)
        _write(self._descriptor, (json.dumps(asdict(fact)) + "\n").encode())
        self.told.append(fact)

    def of_kind(self, *kinds: FactKind) -> set[tuple[str, str]]:
        """Return (collection, stem) of the facts of these kinds."""
        return {(fact.collection, fact.stem) for fact in self.told if fact.kind in kinds}

    @property
    def promised(self) -> set[tuple[str, str]]:
        """What must be searchable now."""
        return self.of_kind("indexed") - self.of_kind("deleting", "deleted")


def write_facts(path: Path, facts: Iterable[Fact]) -> None:
    """Write facts as `tell` would have."""
    path.write_text("".join(json.dumps(asdict(fact)) + "\n" for fact in facts))
