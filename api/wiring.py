"""Settings to services: the one place where concrete classes meet.

Everything heavy (torch, weights, OCR) is behind a function that is called at the first need.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import TypeVar

from api.answer_writers import make_writer
from api.scorers import make_scorer
from api.settings import Settings
from generator.answerer import Answerer
from indexer.blobs import BlobStore
from indexer.catalog.catalog import Catalog
from indexer.catalog.database import Database
from indexer.catalog.records import Collection
from indexer.compaction import Compactor
from indexer.durable import DurableFolder
from indexer.encoders.base import EncoderFingerprint, PageEncoder
from indexer.encoders.registry import facts_of, fingerprint_of, load_encoder
from indexer.errors import CollectionNotFound
from indexer.ocr import PageReader
from indexer.pipeline import Pipeline
from indexer.rasterizer import Rasterizer
from indexer.reconcile import Reconciler
from indexer.stores import Stores
from indexer.vectors.derived import DerivedStore
from indexer.vectors.segment_store import SegmentStore
from indexer.words import WordSource
from retriever.opened import OpenCollections
from retriever.ranking import Ranker
from retriever.recall import RecallMeter
from retriever.searcher import Searcher

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Services:
    """What the entry points work with."""

    settings: Settings
    stores: Stores
    pipeline: Pipeline
    searcher: Searcher
    answerer: Answerer
    reconciler: Reconciler
    compactor: Compactor
    fingerprint: Callable[[], EncoderFingerprint]
    load_encoder: Callable[[], PageEncoder]

    def collection_for_ingest(self, name: str) -> Collection:
        """The named collection, made with the configured encoder when there is none yet."""
        catalog = self.stores.catalog
        try:
            return catalog.collection(name)
        except CollectionNotFound:
            return self.create_collection(name)

    def create_collection(self, name: str) -> Collection:
        """An empty collection of the configured encoder. Raises InvalidName, CollectionExists."""
        return self.stores.catalog.create_collection(name, self.fingerprint())


def wire(settings: Settings) -> Services:
    """Opens the data folder and the catalog; loads no model.

    Raises InvalidSettings, EncoderUnavailable, GeneratorUnavailable, StorageError.
    """
    facts_of(settings.encoder)  # an unknown name must not wait for the first file
    fingerprint = _once(lambda: fingerprint_of(settings.encoder, settings.encoder_checkpoint))
    folder = DurableFolder(settings.data_dir)
    database = Database(settings.database_url or f"sqlite:///{folder.root / 'catalog.sqlite3'}")
    stores = Stores(
        folder=folder,
        catalog=Catalog(database),
        vectors=SegmentStore(folder),
        originals=BlobStore(folder, "originals", ".pdf"),
        images=BlobStore(folder, "images", ".webp"),
        derived=DerivedStore(folder),
    )
    encoder = _once(
        lambda: load_encoder(
            settings.encoder, device=settings.device, checkpoint=settings.encoder_checkpoint
        )
    )
    opened = OpenCollections(stores.catalog, stores.vectors, stores.derived)
    meter = RecallMeter(settings.target_recall, stores.derived)
    ranker = Ranker(make_scorer(settings), settings, meter)
    searcher = Searcher(stores.catalog, opened, encoder, ranker, settings)
    return Services(
        settings=settings,
        stores=stores,
        pipeline=Pipeline(
            stores=stores,
            rasterizer=Rasterizer(settings),
            words=WordSource(settings.ocr, _once(PageReader)),
            fingerprint=fingerprint,
            load_encoder=encoder,
        ),
        searcher=searcher,
        answerer=Answerer(searcher, stores.catalog, make_writer(settings, stores)),
        reconciler=Reconciler(stores, database),
        compactor=Compactor(
            stores, int8=settings.int8_copies, min_indexed=settings.candidates_from_pages
        ),
        fingerprint=fingerprint,
        load_encoder=encoder,
    )


def _once(make: Callable[[], T]) -> Callable[[], T]:
    """`make`, called at the first need and never twice, also from several threads."""
    lock = Lock()
    made = cache(make)

    def get() -> T:
        with lock:
            return made()

    return get
