"""Candidate indexes in Qdrant: one collection for each of ours, a point for each page. The only user of it.

pagesight-<collection id>   points of all segments of a collection
    vectors  `pooled`: up to POOLED means of equal runs of a page's vectors, in an index
             `tokens`: all of them, float16 and int8 beside it, without an index: they rescore
    payload  `segment`, `source` (what tells the bytes of the segment), `row` of the page

A search finds pages by `pooled`, and rescores them by `tokens`, both by MaxSim. What it names is scored
exactly over the stored vectors afterwards, as with any index. Points of a segment never change: writing them
twice is the same as once, and an index is whole when it has as many as the segment has pages.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.base.errors import StorageUnavailable, Unreadable
from indexer.indexes.derived_files import source_of
from indexer.indexes.qdrant_points import (
    PREFIX,
    SEGMENT,
    collection_name,
    filter_of,
    id_of,
    names_start,
    point_vectors,
    segment_value,
)
from indexer.storage.segments import Segment, SegmentRecord

_BATCH_VECTORS = 20_000
_PREFETCHED = 4  # pages found for each that is handed on
_TIMEOUT_S = 10
_MOST_SEGMENTS = 100_000  # of a collection
_DOWN_S = 5.0


@dataclass(frozen=True, slots=True)
class QdrantOptions:
    """Where Qdrant is, and how it keeps a collection.

    url       `http://host:6333`; `:memory:`: in this process, for tests
    replicas  of each shard; a write is acknowledged by all of them
    """

    url: str
    api_key: str | None = None
    shards: int = 1
    replicas: int = 1


class QdrantSource:
    """A CandidateSource. Safe to use from several threads."""

    def __init__(self, options: QdrantOptions) -> None:
        self._options = options
        self._lock = Lock()
        self._open_client: Any | None = None
        self._down_until = 0.0

    @property
    def is_installed(self) -> bool:
        return find_spec("qdrant_client") is not None

    # -- indexes -----------------------------------------------------------------------------------

    def build(self, record: SegmentRecord, segment: Segment) -> None:
        from qdrant_client.models import PointStruct

        segment.require()
        with self.asking() as client:
            self._make_collection(client, record)
            source, points, n_vectors = source_of(record), [], 0
            for row in range(len(segment.page_ids)):
                vectors = segment.vectors[segment.offsets[row] : segment.offsets[row + 1]]
                payload = {"segment": segment_value(record.name), "source": source, "row": row}
                of_point = point_vectors(vectors.astype(np.float32)) if len(vectors) else {}
                points.append(PointStruct(id=id_of(record, row), vector=of_point, payload=payload))
                n_vectors += len(vectors)
                if n_vectors >= _BATCH_VECTORS or row == len(segment.page_ids) - 1:
                    segment.require_unbroken()
                    client.upsert(collection_name(record), points, wait=True)
                    points, n_vectors = [], 0

    def open(self, record: SegmentRecord) -> QdrantIndex | None:
        return QdrantIndex(self, record) if self.is_made(record) else None

    def is_made(self, record: SegmentRecord) -> bool:
        """Say whether every page has its point; no, where Qdrant cannot be asked now."""
        try:
            with self.asking() as client:
                name = collection_name(record)
                if not client.collection_exists(name):
                    return False
                count = client.count(name, count_filter=filter_of(record), exact=True)
                return bool(count.count == record.n_pages)
        except StorageUnavailable:
            return False

    def drop(self, collection_id: str, segment: str) -> None:
        from qdrant_client.models import FieldCondition, Filter, FilterSelector, MatchValue

        condition = FieldCondition(key="segment", match=MatchValue(value=segment_value(segment)))
        with self.asking() as client:
            for name in _names_of(client, collection_id):
                selector = FilterSelector(filter=Filter(must=[condition]))
                client.delete(name, points_selector=selector, wait=True)

    def drop_collection(self, collection_id: str) -> None:
        with self.asking() as client:
            for name in _names_of(client, collection_id):
                client.delete_collection(name)

    def segments(self, collection_id: str) -> Iterator[str]:
        names: list[str] = []
        with suppress(StorageUnavailable), self.asking() as client:
            names = _segments_in(client, collection_id)
        yield from names

    def entries(self) -> Iterator[tuple[str, str]]:
        names: list[tuple[str, str]] = []
        with (
            suppress(StorageUnavailable),
            self.asking() as client,
        ):  # what is left goes the next time
            for collection_id in self._collection_ids(client):
                names += [(collection_id, name) for name in _segments_in(client, collection_id)]
        yield from names

    def collections(self) -> Iterator[str]:
        ids: set[str] = set()
        with suppress(StorageUnavailable), self.asking() as client:
            ids = self._collection_ids(client)
        yield from ids

    # -- asking ------------------------------------------------------------------------------------

    @contextmanager
    def asking(self) -> Iterator[Any]:
        """Yield the client. Raises StorageUnavailable where Qdrant does not answer, or refuses."""
        from qdrant_client.common.client_exceptions import QdrantException
        from qdrant_client.http.exceptions import ApiException

        if time.monotonic() < self._down_until:
            raise StorageUnavailable("Qdrant did not answer a moment ago: it is tried again")
        try:
            yield self._client()
        except (ApiException, QdrantException, OSError, ValueError) as error:
            self._down_until = time.monotonic() + _DOWN_S
            reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
            raise StorageUnavailable(
                f"Qdrant at {self._options.url} does not answer as it should ({reason}): check "
                "PAGESIGHT_QDRANT_URL and its server; searches are exact and slower until then"
            ) from error

    def _client(self) -> Any:
        from qdrant_client import QdrantClient

        with self._lock:
            if self._open_client is None:
                options = self._options
                if options.url == ":memory:":
                    self._open_client = QdrantClient(":memory:")
                else:
                    self._open_client = QdrantClient(
                        url=options.url, api_key=options.api_key, timeout=_TIMEOUT_S
                    )
            return self._open_client

    def _collection_ids(self, client: Any) -> set[str]:
        names = _names_of(client, None)
        return {name.removeprefix(PREFIX).partition("-")[0] for name in names}

    def _make_collection(self, client: Any, record: SegmentRecord) -> None:
        from qdrant_client import models as m

        name = collection_name(record)
        if client.collection_exists(name):
            return
        pages = m.MultiVectorConfig(comparator=m.MultiVectorComparator.MAX_SIM)
        pooled_params = m.VectorParams(
            size=record.dim, distance=m.Distance.DOT, multivector_config=pages,
            datatype=m.Datatype.FLOAT16,
        )  # fmt: skip
        int8 = m.ScalarQuantization(scalar=m.ScalarQuantizationConfig(type=m.ScalarType.INT8))
        token_params = m.VectorParams(
            size=record.dim, distance=m.Distance.DOT, multivector_config=pages, on_disk=True,
            datatype=m.Datatype.FLOAT16, hnsw_config=m.HnswConfigDiff(m=0),
            quantization_config=int8,
        )  # fmt: skip
        client.create_collection(
            name,
            vectors_config={"pooled": pooled_params, "tokens": token_params},
            shard_number=self._options.shards,
            replication_factor=self._options.replicas,
            write_consistency_factor=self._options.replicas,
        )
        for field, kind in (
            ("segment", m.PayloadSchemaType.KEYWORD),
            ("source", m.PayloadSchemaType.KEYWORD),
            ("row", m.PayloadSchemaType.INTEGER),
        ):
            client.create_payload_index(name, field, field_schema=kind, wait=True)


class QdrantIndex:
    """The CandidateIndex of one segment."""

    def __init__(self, source: QdrantSource, record: SegmentRecord) -> None:
        self._source = source
        self._record = record

    def best_pages(
        self,
        query: NDArray[np.float32],
        in_scope: NDArray[np.bool_],
        n_nearest: int,
        n_probe: int,
        n_pages: int,
    ) -> NDArray[np.int64]:
        from qdrant_client.models import Prefetch

        tokens = query.tolist()
        page_filter = filter_of(self._record, in_scope)
        try:
            with self._source.asking() as client:
                answer = client.query_points(
                    collection_name(self._record),
                    prefetch=Prefetch(
                        query=tokens,
                        using="pooled",
                        limit=_PREFETCHED * n_pages,
                        filter=page_filter,
                    ),
                    query=tokens,
                    using="tokens",
                    limit=n_pages,
                    with_payload=["row"],
                )
        except StorageUnavailable as error:
            raise Unreadable(str(error)) from error
        rows = np.array(sorted(int(point.payload["row"]) for point in answer.points), np.int64)
        # A filter has room for so many ranges only; and nothing outside the scope is ever handed on.
        return rows[in_scope[rows]]


def _names_of(client: Any, collection_id: str | None) -> list[str]:
    """Return what is made there for a collection of ours; None: for all of them."""
    start = PREFIX if collection_id is None else names_start(collection_id)
    names = [collection.name for collection in client.get_collections().collections]
    return [name for name in names if name.startswith(start)]


def _segments_in(client: Any, collection_id: str) -> list[str]:
    return [
        str(hit.value).removeprefix(SEGMENT)
        for name in _names_of(client, collection_id)
        for hit in client.facet(name, key="segment", limit=_MOST_SEGMENTS, exact=True).hits
    ]
