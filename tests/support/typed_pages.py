"""Pages as a typewriter sets them: every letter as wide as the next, a blank line for a gap."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import numpy as np

from generator.passages.support import ReadPage
from indexer.base.pages import PageWords, RenderedPage, boxes_from_fractions
from indexer.base.verdicts import Verdict
from indexer.catalog.document_records import Document, Page
from indexer.encoders.fake import FakeEncoder
from retriever.hits import PageHit

LETTER = 0.01
LINE = 0.02
HEIGHT = 0.015
ENCODER = FakeEncoder()


def typed(page: str, *, large: tuple[int, ...] = ()) -> PageWords:
    """The words of a page, line by line; the lines numbered in `large` are in larger type."""
    texts, boxes, lines = [], [], []
    rows = page.strip("\n").split("\n")
    margin = min((len(row) - len(row.lstrip()) for row in rows if row.strip()), default=0)
    for n, row in enumerate(rows):
        height = HEIGHT * 1.3 if n in large else HEIGHT
        for found in re.finditer(r"\S+", row[margin:]):
            x0, x1 = 0.05 + LETTER * found.start(), 0.05 + LETTER * found.end()
            texts.append(found.group())
            boxes.append((x0, 0.05 + LINE * n, x1, 0.05 + LINE * n + height))
            lines.append(n)
    return PageWords(
        tuple(texts),
        boxes_from_fractions(np.array(boxes).reshape(-1, 4)),
        np.array(lines, np.int32),
        "text",
    )


def read_page(
    words: PageWords, number: int = 1, document: str = "a.pdf", *, label: str | None = None
) -> ReadPage:
    """The page as a hit, encoded by the fake encoder; its label is its number unless one is given."""
    rendered: Any = RenderedPage(number, str(number), 612, 792, None, words)  # type: ignore[arg-type]
    return ReadPage(hit(number, document, label), words, ENCODER.encode_pages([rendered])[0])


def hit(number: int, document: str = "a.pdf", label: str | None = None) -> PageHit:
    page = Page(
        id=100 + number,
        document_id=document,
        page_number=number,
        label=str(number) if label is None else label,
        width_pt=612.0,
        height_pt=792.0,
        image_sha256="0" * 64,
        image_width_px=1,
        image_height_px=1,
        n_vectors=1,
        text_source="text",
    )
    owner = Document(
        id=document,
        collection_id="c",
        name=document,
        sha256="0" * 64,
        n_bytes=1,
        verdict=Verdict.INDEXED,
        error=None,
        warnings=(),
        n_pages=9,
        first_page_id=101,
        created_at=datetime(2024, 1, 1, tzinfo=UTC),
    )
    return PageHit(number, "manuals", owner, page, 1.0, (), "", ENCODER.fingerprint)
