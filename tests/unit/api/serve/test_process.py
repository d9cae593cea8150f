"""The process of a service: what is set aside, and the switch for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from api.base.settings import Settings
from api.serve.process import warm
from api.services.wiring import wire
from tests.conftest import ROOT

PROGRAM = """
import gc, weakref
from api.serve.process import set_aside

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


TUNED = """
import gc, sys
from api.base.settings import Settings
from api.serve.app import create_app
from api.serve.process import tune
from api.services.wiring import wire

chosen = {name: False for name in sys.argv[2:]}
settings = Settings(_env_file=None, data_dir=sys.argv[1], encoder="fake", **chosen)
app = create_app(wire(settings))
tune(app, settings)
n_frozen = gc.get_freeze_count()
kept = [[] for _ in range(1000)]
app.state.running.services.encoder.get()
print(n_frozen > 1000, gc.get_freeze_count() > n_frozen, gc.get_threshold()[0])
"""


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ((), "True True 50000"),
        (("gc_freeze",), "False False 700"),
    ],
)
def test_the_trick_can_be_switched_off(
    tmp_path: Path, names: tuple[str, ...], expected: str
) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", TUNED, str(tmp_path), *names],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip() == expected


def test_the_loaded_encoder_is_noted_once(tmp_path: Path) -> None:
    services = wire(Settings(_env_file=None, data_dir=tmp_path, encoder="fake"))  # type: ignore[call-arg]
    notes = []
    services.encoder.when_loaded(lambda: notes.append(True))
    services.encoder.get()
    services.encoder.get()
    assert services.encoder.loaded and notes == [True]


def test_a_service_loads_its_encoder_before_the_first_question(tmp_path: Path) -> None:
    services = wire(Settings(_env_file=None, data_dir=tmp_path, encoder="fake"))  # type: ignore[call-arg]
    warm(services.encoder)
    assert services.encoder.loaded


def test_an_encoder_that_cannot_be_loaded_is_logged_and_ends_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = str(tmp_path / "nowhere")
    settings = Settings(  # type: ignore[call-arg]
        _env_file=None, data_dir=tmp_path, encoder="colqwen2", encoder_checkpoint=folder
    )
    warm(wire(settings).encoder)
    assert "the encoder cannot be loaded" in caplog.text
