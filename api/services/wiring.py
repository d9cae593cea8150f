"""Settings to services: the one place where concrete classes meet.

Everything heavy (torch, weights, OCR) is behind a function that is called at the first need.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache
from threading import Lock
from typing import TypeVar

from api.base.settings import Settings
from api.services.answer_writers import make_writer
from api.services.conversations import Conversations
from api.services.keys import Keys
from api.services.page_encoders import make_encoder
from api.services.scorers import make_scorer
from api.telemetry.observers import ObservedWriter, Observers
from generator.answering.answerer import Answerer, AnswerWriter
from indexer.base.errors import CollectionNotFound
from indexer.catalog.catalog import Catalog
from indexer.catalog.collections import Collection, check_collection_name
from indexer.catalog.database import Database
from indexer.catalog.jobs import JobQueue
from indexer.catalog.leases import JobLeases
from indexer.encoders.base import EncoderFingerprint, PageEncoder
from indexer.encoders.options import EncoderOptions
from indexer.encoders.registry import facts_of, fingerprint_of
from indexer.indexes.derived import DerivedStore
from indexer.ingest.estimate import Estimator
from indexer.ingest.intake import Intake
from indexer.ingest.pipeline import Pipeline
from indexer.inputs.pdf import Rasterizer
from indexer.maintenance.compaction import Compactor
from indexer.maintenance.repair import Reconciler
from indexer.ocr import PageReader
from indexer.ocr.word_source import WordSource
from indexer.storage.blobs import BlobStore
from indexer.storage.durable import DurableFolder
from indexer.storage.segment_store import SegmentStore
from indexer.stores import Stores
from retriever.candidates.recall import RecallMeter
from retriever.open_collections import OpenCollections
from retriever.page_heat import PageHeats
from retriever.query.cache import QueryCache
from retriever.ranking import Ranker
from retriever.searcher import Searcher

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Services:
    """What the entry points work with."""

    settings: Settings
    stores: Stores
    pipeline: Pipeline
    searcher: Searcher
    heats: PageHeats
    answerer: Answerer
    reconciler: Reconciler
    compactor: Compactor
    queue: JobQueue
    leases: JobLeases
    intake: Intake
    conversations: Conversations
    keys: Keys
    fingerprint: Callable[[], EncoderFingerprint]
    load_encoder: Callable[[], PageEncoder]
    database: Database
    writer: AnswerWriter
    observers: Observers

    def answered_by(self, writer: AnswerWriter) -> Services:
        """The same services with another writer of answers."""
        watched = ObservedWriter(writer, self.observers)
        answerer = Answerer(self.searcher, self.stores.catalog, watched)
        return replace(self, answerer=answerer, writer=writer)

    def collection_for_ingest(self, name: str, *, queue_only: bool = False) -> Collection:
        """The named collection, made with the configured encoder when there is none yet.

        Raises InvalidName, and EncoderUnavailable when a new one's encoder cannot be loaded: nothing is
        made then, or the collection would be bound to a checkpoint that nobody can read. What is only
        queued may be for a worker on another machine: no encoder is loaded for it.
        """
        catalog = self.stores.catalog
        try:
            return catalog.collections.get(name)
        except CollectionNotFound:
            check_collection_name(name)
            if not queue_only:
                self.load_encoder()
            return self.create_collection(name)

    def keys_required(self) -> bool:
        """Whether a request needs an API key."""
        return self.settings.require_keys or self.keys.exist()

    def known_open(self) -> bool:
        """Whether a request needs no key, as far as that can be told without asking the catalog."""
        return not self.settings.require_keys and self.keys.none_lately()

    def ids_of(self, names: Iterable[str]) -> list[str]:
        """Of collections. Raises CollectionNotFound."""
        return [self.stores.catalog.collections.get(name).id for name in names]

    def create_collection(self, name: str) -> Collection:
        """An empty collection of the configured encoder. Raises InvalidName, CollectionExists."""
        return self.stores.catalog.collections.create(name, self.fingerprint())


def wire(settings: Settings) -> Services:
    """Opens the data folder and the catalog; loads no model.

    Raises InvalidSettings, EncoderUnavailable, GeneratorUnavailable, StorageError.
    """
    facts_of(settings.encoder)  # an unknown name must not wait for the first file
    options = EncoderOptions.of(settings)
    fingerprint = _once(lambda: fingerprint_of(settings.encoder, options))
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
    encoder = _once(lambda: make_encoder(settings, options))
    observers = Observers()
    asked = _once(lambda: QueryCache(encoder(), settings.query_cache_size, observers.looked_up))
    opened = OpenCollections(stores.catalog, stores.vectors, stores.derived)
    meter = RecallMeter(settings.target_recall, stores.derived)
    ranker = Ranker(make_scorer(settings), settings, meter)
    searcher = Searcher(stores.catalog, opened, asked, ranker, settings, observers.searched)
    queue = JobQueue(database)
    writer = make_writer(settings, stores)
    return Services(
        settings=settings,
        stores=stores,
        pipeline=Pipeline(
            stores=stores,
            rasterizer=Rasterizer(settings),
            words=WordSource(settings.ocr, _once(PageReader)),
            fingerprint=fingerprint,
            load_encoder=encoder,
            first_pages_s=settings.first_pages_s,
        ),
        searcher=searcher,
        heats=PageHeats(searcher, stores.catalog, asked),
        answerer=Answerer(searcher, stores.catalog, ObservedWriter(writer, observers)),
        reconciler=Reconciler(stores, database),
        compactor=Compactor(
            stores, int8=settings.int8_copies, min_indexed=settings.candidates_from_pages
        ),
        queue=queue,
        leases=JobLeases(
            database, lease_s=settings.job_lease_s, max_attempts=settings.job_attempts
        ),
        intake=Intake(stores, queue),
        conversations=Conversations(database),
        keys=Keys(database),
        fingerprint=fingerprint,
        load_encoder=encoder,
        database=database,
        writer=writer,
        observers=observers,
    )


def wire_estimator(settings: Settings) -> Estimator:
    """What forecasts an ingest; it has no way to write. Raises EncoderUnavailable."""
    facts_of(settings.encoder)
    options = EncoderOptions.of(settings)
    return Estimator(
        Rasterizer(settings),
        WordSource(settings.ocr, _once(PageReader)),
        lambda: make_encoder(settings, options),
        int8_copies=settings.int8_copies,
    )


def _once(make: Callable[[], T]) -> Callable[[], T]:
    """`make`, called at the first need and never twice, also from several threads."""
    lock = Lock()
    made = cache(make)

    def get() -> T:
        with lock:
            return made()

    return get
