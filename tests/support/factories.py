"""Values that tests need and that no document has to be drawn for."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from indexer.base.pages import PageEmbedding, PageWords
from indexer.base.verdicts import Verdict
from indexer.catalog.catalog import Catalog
from indexer.catalog.collections import Collection
from indexer.catalog.column_values import new_id
from indexer.catalog.document_records import Document, DocumentDraft, Page, PageDraft
from indexer.encoders.base import EncoderFingerprint
from indexer.storage.segments import VectorStore

FINGERPRINT = EncoderFingerprint("test", "none", "1", dim=8)


def unit_vectors(n: int, dim: int = 8, seed: int = 0) -> np.ndarray:
    """(n, dim) float32 of length one."""
    vectors = np.random.default_rng(seed).normal(size=(n, dim)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def embedding(n: int, dim: int = 8, seed: int = 0) -> PageEmbedding:
    """A page of `n` random vectors, every box the whole page."""
    boxes = np.tile(np.array([0, 0, 65535, 65535], np.uint16), (n, 1))
    return PageEmbedding(unit_vectors(n, dim, seed).astype(np.float16), boxes)


def words(text: str) -> PageWords:
    """The words of `text` in one column: a line for each of its lines."""
    texts, boxes, lines = [], [], []
    for number, line in enumerate(text.splitlines()):
        for column, word in enumerate(line.split()):
            texts.append(word)
            x, y = 2000 + 5000 * column, 2000 + 2500 * number
            boxes.append((x, y, min(x + 4500, 65535), y + 2000))
            lines.append(number)
    return PageWords(
        tuple(texts), np.array(boxes, np.uint16).reshape(-1, 4), np.array(lines, np.int32), "text"
    )


def draft(
    catalog: Catalog,
    vectors: VectorStore,
    collection: Collection,
    pages: list[PageEmbedding],
    *,
    name: str = "a.pdf",
    sha256: str = "a" * 64,
    text: str = "some words",
) -> DocumentDraft:
    """A document that is ready to be committed, its segment already written."""
    first = catalog.pages.reserve_ids(len(pages))
    document = Document(
        id=new_id(),
        collection_id=collection.id,
        name=name,
        sha256=sha256,
        n_bytes=1,
        verdict=Verdict.INDEXED,
        error=None,
        warnings=(),
        n_pages=len(pages),
        first_page_id=first,
        created_at=datetime.now(UTC),
    )
    drafts = [
        PageDraft(
            Page(first + i, document.id, i + 1, str(i + 1), 612.0, 792.0, "0" * 64, 1, 1,
                 len(page.vectors), "text"),
            words(text).to_bytes(),
        )
        for i, page in enumerate(pages)
    ]  # fmt: skip
    segment = vectors.write(collection.id, [d.page.id for d in drafts], pages)
    return DocumentDraft(document, drafts, segment)
