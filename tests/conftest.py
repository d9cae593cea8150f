"""What every tier shares: documents drawn at run time, and stores in a fresh folder."""

from __future__ import annotations

import gc
import importlib
import logging
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

# Set before numpy or torch is imported: two test processes must not fight over the cores.
os.environ.setdefault("OMP_NUM_THREADS", "2")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
# Every commit waits for the disk, and thousands of tests commit: data folders lie in memory where
# there is room. What must hold on a disk that loses or refuses something is injected, not hoped for.
if Path("/dev/shm").is_dir() and shutil.disk_usage("/dev/shm").free > 8 << 30:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", "/dev/shm")
    os.environ.setdefault("TMPDIR", "/dev/shm")  # databases and browsers, too
    tempfile.tempdir = None  # it is asked for anew
if os.environ.keys() & {"TEST_KERNEL_PATH", "TEST_DTYPE", "TEST_CLUSTER_SEED"}:
    # The processes that tests start import it by themselves, because of its name.
    forced = str(Path(__file__).parent / "support" / "forced")
    os.environ["PYTHONPATH"] = os.pathsep.join([forced, os.environ.get("PYTHONPATH", "")])
    sys.path.insert(0, forced)
    sys.modules.pop("sitecustomize", None)  # the one of this Python, if it has one
    importlib.import_module("sitecustomize")

import pytest
from hypothesis import HealthCheck, settings

from indexer.catalog.database import Database
from indexer.storage.durable import DurableFolder
from indexer.stores import Stores
from tests.builders import open_stores, write_pdf
from tests.support.postgres import running_server
from tests.support.s3 import running_s3

# How long an example takes says how busy the machine is, not whether the product is right.
settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared" / "data"

DrawPdf = Callable[..., Path]


def pytest_collection_finish() -> None:
    """Keep the cycle collector from walking all tests and all of torch again and again."""
    gc.freeze()
    gc.set_threshold(10_000)


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("PAGESIGHT_"):
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _no_logs_to_closed_streams() -> Iterator[None]:
    """Take away what a command that ran in this process logs to: its standard error is gone with it."""
    yield
    root = logging.getLogger()
    for handler in list(root.handlers):
        if getattr(getattr(handler, "stream", None), "closed", False):
            root.removeHandler(handler)


@pytest.fixture
def draw_pdf(tmp_path: Path) -> DrawPdf:
    """draw_pdf("a.pdf", ["text of page 1", "text of page 2"]) -> its path."""

    return lambda name, pages: write_pdf(tmp_path / name, *pages)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a server of our own, for `new_database`; skips where there is none."""
    with running_server() as address:
        yield address


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """The address of an S3 server of our own; skips where its packages are missing."""
    with running_s3() as address:
        yield address


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    folder = DurableFolder(tmp_path / "data")
    database = Database(f"sqlite:///{folder.root / 'catalog.sqlite3'}")
    yield database
    database.engine.dispose()


@pytest.fixture
def stores(tmp_path: Path, database: Database) -> Stores:
    return open_stores(tmp_path / "data", database)


@pytest.fixture
def shared_data() -> Path:
    """Real PDFs with real questions, where they are at hand."""
    if not SHARED.is_dir():
        pytest.skip("../shared/data is absent: real documents are not part of the project")
    return SHARED
