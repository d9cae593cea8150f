"""What a server sets aside is not walked again, and cycles are still freed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from api.base.settings import Settings
from api.services.wiring import wire
from tests.conftest import ROOT

PROGRAM = """
import gc, weakref
from api.serve.gc_tuning import set_aside

class Node:
    pass

kept = [Node() for _ in range(1000)]
set_aside()
assert gc.get_freeze_count() > 1000
node = Node()
node.itself = node
gone = weakref.ref(node)
del node
gc.collect()
assert gone() is None
"""


def test_what_is_set_aside_stays_and_later_cycles_are_freed() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr


def test_the_loaded_encoder_is_noted_once(tmp_path: Path) -> None:
    services = wire(Settings(_env_file=None, data_dir=tmp_path, encoder="fake"))  # type: ignore[call-arg]
    notes = []
    services.encoder.when_loaded(lambda: notes.append(True))
    services.encoder.get()
    services.encoder.get()
    assert services.encoder.loaded and notes == [True]
