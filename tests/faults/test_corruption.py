"""Whatever happens to a stored file, a search is right, or says what it left out, or is an error."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from indexer.base.errors import PagesightError
from indexer.base.pages import PageEmbedding
from indexer.catalog.database import Database
from indexer.stores import Stores
from retriever.hits import PageHit, SearchResult
from retriever.settings import RetrieverSettings
from tests.builders import open_stores
from tests.support.searching import ENCODER, add_document, embed, fake_searcher

pytest.importorskip("faiss", reason="faiss is not installed: candidates are optional")

N_PAGES = 320  # of each of two documents, whose files are of the same sizes
WORDS = [f"word{i}" for i in range(150)]
K = 5
N_QUERIES = 4
# More pages than stage 1 hands on, so that the token index decides; all of its lists are looked at.
SETTINGS = RetrieverSettings(
    candidates_from_pages=100, recall_sampling=0.0, max_k=50, hybrid="never"
)
SEGMENT_FILES = ("vectors.npy", "boxes.npy", "offsets.npy", "pages.npy", "sums.npy")
DERIVED_FILES = (
    "int8/vectors.npy",
    "int8/sums.npy",
    "int8/manifest.json",
    "tokens/index.faiss",
    "tokens/manifest.json",
)
Harm = Callable[[Path, Path, np.random.Generator], None]


def flip(path: Path, _: Path, rng: np.random.Generator) -> None:
    data = bytearray(path.read_bytes())
    data[rng.integers(len(data))] ^= 1 << int(rng.integers(8))
    path.write_bytes(data)


def zero(path: Path, _: Path, rng: np.random.Generator) -> None:
    data = bytearray(path.read_bytes())
    start = int(rng.integers(max(1, len(data) // 4096 + 1))) * 4096
    data[start : start + 4096] = bytes(len(data[start : start + 4096]))
    path.write_bytes(data)


def truncate(path: Path, _: Path, rng: np.random.Generator) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: int(rng.integers(len(data)))])


def swap(path: Path, other: Path, _: np.random.Generator) -> None:
    mine, others = path.read_bytes(), other.read_bytes()
    path.write_bytes(others)
    other.write_bytes(mine)


def delete(path: Path, _: Path, __: np.random.Generator) -> None:
    path.unlink()


# TEST_FAULT_SCALE=16 makes more than 400 corruptions of each file.
SCALE = int(os.environ.get("TEST_FAULT_SCALE", "1"))
HARMS: dict[Harm, int] = {
    flip: 16 * SCALE,
    zero: 6 * SCALE,
    truncate: 4 * SCALE,
    swap: 1,
    delete: 1,
}


@dataclass
class Library:
    """Two documents, each with a segment, an int8 copy and a token index of its own."""

    stores: Stores
    queries: list[str]
    pages: dict[tuple[str, int], PageEmbedding]

    def folders(self) -> list[tuple[Path, Path]]:
        """Return the folder of each segment, and of what was derived from it."""
        root = self.stores.folder.root
        return [
            (root / "collections" / r.collection_id / r.name, root / "derived" / r.collection_id / r.name)
            for r in self.stores.catalog.snapshot("c").segments
        ]  # fmt: skip

    def search(self) -> list[SearchResult]:
        """Search as a process that has just begun does."""
        searcher = fake_searcher(self.stores, SETTINGS)
        return [searcher.search(query, ["c"], K) for query in self.queries]

    def score(self, query: str, hit: PageHit) -> float:
        page = self.pages[hit.document.name, hit.page.page_number]
        tokens = ENCODER.encode_queries([query])[0].vectors
        return float((page.vectors.astype(np.float32) @ tokens.T).max(axis=0).sum())


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    root = tmp_path_factory.mktemp("damage")
    database = Database(f"sqlite:///{root / 'catalog.sqlite3'}")
    stores = open_stores(root, database)
    rng = np.random.default_rng(1)
    pages = {}
    for name in ("a.pdf", "b.pdf"):
        texts = [
            "\n".join(" ".join(rng.choice(WORDS, 12)) for _ in range(2)) for _ in range(N_PAGES)
        ]
        add_document(stores)("c", name, texts)
        pages |= {(name, i): embed(text) for i, text in enumerate(texts, start=1)}
    for record in stores.catalog.snapshot("c").segments:
        segment = stores.vectors.open(record)
        stores.derived_data.make_int8(record, segment)
        stores.derived_data.make_tokens(record, segment)
    queries = [" ".join(rng.choice(WORDS, 3, replace=False)) for _ in range(N_QUERIES)]
    yield Library(stores, queries, pages)
    database.engine.dispose()


def test_the_token_index_is_used_when_nothing_is_damaged(library: Library) -> None:
    for result in library.search():
        assert result.candidates is not None and result.missing_pages is None
        assert result.candidates.n_candidates < result.candidates.n_pages
        assert_right(library, result)


@pytest.mark.parametrize("name", [*SEGMENT_FILES, *DERIVED_FILES])
def test_no_damaged_file_makes_a_wrong_answer(library: Library, name: str) -> None:
    rng = np.random.default_rng(sum(name.encode()))
    outcomes: Counter[str] = Counter()
    (mine, my_derived), (others, others_derived) = library.folders()
    is_segment = name in SEGMENT_FILES
    path = (mine if is_segment else my_derived) / name
    other = (others if is_segment else others_derived) / name
    for harm, n in HARMS.items():
        for _ in range(n):
            with restored(path, other):
                harm(path, other, rng)
                outcomes[outcome(library)] += 1
    assert outcomes["equal"] < outcomes.total() or not is_segment
    if not is_segment:  # no answer depends on it
        assert set(outcomes) == {"equal"}


def test_the_control_answers_wrongly_where_nothing_is_compared(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What these tests must find: the same harm, and nobody who looks."""
    monkeypatch.setattr(
        "indexer.storage.checked_arrays.CheckedArray.find_damage",
        lambda _, starts, __: np.zeros(len(starts), bool),
    )
    (mine, _), (others, _) = library.folders()
    paths = mine / "vectors.npy", others / "vectors.npy"
    with restored(*paths):
        swap(*paths, np.random.default_rng(0))
        with pytest.raises(AssertionError):
            outcome(library)


@contextmanager
def restored(*paths: Path) -> Iterator[None]:
    """Put the files back as they were."""
    contents = [path.read_bytes() for path in paths]
    try:
        yield
    finally:
        for path, content in zip(paths, contents, strict=True):
            path.write_bytes(content)


def outcome(library: Library) -> str:
    """Name what became of the searches; fails for a wrong answer."""
    try:
        results = library.search()
    except PagesightError:
        return "error"
    for result in results:
        assert_right(library, result)
    return "degraded" if any(result.missing_pages for result in results) else "equal"


def assert_right(library: Library, result: SearchResult) -> None:
    """Every score is the page's own, and no better page is left out that the result does not tell of."""
    n_lost = result.missing_pages.n_pages if result.missing_pages else 0
    assert n_lost or len(result.hits) == K
    for hit in result.hits:
        assert hit.score == pytest.approx(library.score(result.query, hit), abs=2e-3)
        assert all(box.box[2] > box.box[0] for box in hit.evidence)
    tokens = ENCODER.encode_queries([result.query])[0].vectors
    floor = min((hit.score for hit in result.hits), default=0.0)
    n_better = sum(
        float((page.vectors.astype(np.float32) @ tokens.T).max(axis=0).sum()) > floor + 2e-3
        for page in library.pages.values()
    )
    assert n_better <= max(len(result.hits) - 1, 0) + n_lost
