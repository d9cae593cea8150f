"""What every tier shares: documents drawn at run time, and stores in a fresh folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

# Set before numpy or torch is imported: two test processes must not fight over the cores.
os.environ.setdefault("OMP_NUM_THREADS", "2")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import pymupdf
import pytest
from hypothesis import settings

from indexer.catalog.catalog import Catalog
from indexer.catalog.database import Database
from indexer.indexes.derived import DerivedStore
from indexer.storage.blobs import BlobStore
from indexer.storage.durable import DurableFolder
from indexer.storage.segment_store import SegmentStore
from indexer.stores import Stores
from tests.postgres import running_server

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared" / "data"

DrawPdf = Callable[..., Path]

settings.register_profile("no wall times", deadline=None)
settings.load_profile("no wall times")


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("PAGESIGHT_"):
            monkeypatch.delenv(name)


@pytest.fixture
def draw_pdf(tmp_path: Path) -> DrawPdf:
    """draw_pdf("a.pdf", ["text of page 1", "text of page 2"]) -> its path."""

    def draw(name: str, pages: list[str]) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        document = pymupdf.open()
        for text in pages:
            page = document.new_page()
            page.insert_textbox(pymupdf.Rect(50, 50, 545, 792), text, fontsize=12)
        document.save(path, no_new_id=True)
        return path

    return draw


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a server of our own, for `tests.postgres.new_database`; skips where there is none."""
    with running_server() as address:
        yield address


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    folder = DurableFolder(tmp_path / "data")
    database = Database(f"sqlite:///{folder.root / 'catalog.sqlite3'}")
    yield database
    database.engine.dispose()


@pytest.fixture
def stores(tmp_path: Path, database: Database) -> Stores:
    folder = DurableFolder(tmp_path / "data")
    return Stores(
        folder=folder,
        catalog=Catalog(database),
        vectors=SegmentStore(folder),
        originals=BlobStore(folder, "originals", ".pdf"),
        images=BlobStore(folder, "images", ".webp"),
        derived_data=DerivedStore(folder),
    )


@pytest.fixture
def shared_data() -> Path:
    """Real PDFs with real questions, where they are at hand."""
    if not SHARED.is_dir():
        pytest.skip("../shared/data is absent: real documents are not part of the project")
    return SHARED
