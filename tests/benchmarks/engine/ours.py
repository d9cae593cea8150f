"""Our engine: what a search of a collection runs, without the catalog and the encoder around it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.base.verdicts import Verdict
from indexer.catalog.catalog import CollectionSnapshot
from indexer.catalog.collections import Collection
from indexer.catalog.document_records import Document
from indexer.encoders.base import EncoderFingerprint
from indexer.indexes.derived import DerivedStore
from indexer.maintenance.merge_plan import INDEXED_PAGES
from indexer.storage.durable import DurableFolder
from indexer.storage.segments import Segment, SegmentRecord
from retriever.candidates.recall import PRESETS, RecallMeter
from retriever.candidates.token_candidates import SearchParams
from retriever.open_collections import OpenCollection, OpenSegment
from retriever.query.filters import SearchFilter
from retriever.query.page_scope import page_scopes
from retriever.ranked_pages import Target
from retriever.ranking import Ranker
from retriever.scoring.cpu import CpuScorer
from retriever.scoring.kernels import maxsim_f16
from retriever.settings import RetrieverSettings
from tests.benchmarks.engine.corpus import DIM, Pages
from tests.benchmarks.engine.protocol import Settings, best, folder_bytes

EXACT, CASCADE, FLOAT16 = "exact", "cascade", "float16 only"
ID = "0" * 32


class Ours:
    """One segment with its int8 copy and, where the product makes one, its candidate index."""

    def build(self, pages: Pages, folder: Path) -> None:
        record, segment = _record(pages), _segment(pages)
        derived = DerivedStore(DurableFolder(folder))
        derived.make_int8(record, segment)
        if record.n_pages >= INDEXED_PAGES:
            derived.make_tokens(record, segment)

    def open(self, pages: Pages, folder: Path) -> None:
        self._folder = folder
        derived = DerivedStore(DurableFolder(folder))
        record, self._segment = _record(pages), _segment(pages)
        opened = OpenSegment(record, self._segment, derived.int8(record), derived.tokens(record))
        collection = OpenCollection(_snapshot(record), (opened,))
        self.target = Target(collection, *page_scopes([collection.snapshot], SearchFilter()))
        settings = RetrieverSettings(recall_sampling=0, candidates_from_pages=INDEXED_PAGES - 1)
        scorer = CpuScorer(_threads())
        self._rankers = [Ranker(scorer, settings, _Fixed(params)) for params in PRESETS]
        self._has_candidates = opened.tokens is not None

    def modes(self) -> Mapping[str, Sequence[Settings]]:
        cascade = {CASCADE: [{"step": n} for n in range(len(PRESETS))]}
        return {EXACT: [{}], FLOAT16: [{}], **(cascade if self._has_candidates else {})}

    def search(
        self, query: NDArray[np.float32], k: int, mode: str, settings: Settings
    ) -> list[int]:
        if mode == FLOAT16:
            return best(
                maxsim_f16(query, self._segment.vectors, self._segment.offsets, None, _threads()), k
            )
        ranker = self._rankers[settings.get("step", 0)]
        (ranking,) = ranker.rank([query], [self.target], k, exact=mode == EXACT)
        return [page.page_id - 1 for page in ranking.pages]

    def bytes_per_page(self) -> float:
        n_bytes = self._segment.vectors.nbytes + folder_bytes(self._folder)
        return n_bytes / len(self._segment.page_ids)


class _Fixed(RecallMeter):
    """One setting of stage 1, so that the bench chooses among them as it does for every engine."""

    def __init__(self, params: SearchParams) -> None:
        super().__init__(target=0.0)
        self._params = params

    def search_params(self, collection_id: str, n_vectors: int) -> SearchParams:
        return self._params


def _threads() -> int:
    return len(os.sched_getaffinity(0))


def _segment(pages: Pages) -> Segment:
    boxes = np.zeros((0, 4), np.uint16)  # no search reads them
    return Segment(np.arange(1, len(pages) + 1), pages.offsets, pages.vectors, boxes)


def _record(pages: Pages) -> SegmentRecord:
    return SegmentRecord("bench", ID, len(pages), len(pages.vectors), DIM, {})


def _snapshot(record: SegmentRecord) -> CollectionSnapshot:
    """One document that has every page; page ids count from 1."""
    now = datetime.now(UTC)
    document = Document(
        ID, ID, "bench.pdf", "0" * 64, 0, Verdict.INDEXED, None, (), record.n_pages, 1, now
    )
    fingerprint = EncoderFingerprint("bench", "none", "0", DIM)
    collection = Collection(ID, "bench", fingerprint, 0, now)
    return CollectionSnapshot(collection, (document,), (record,))
