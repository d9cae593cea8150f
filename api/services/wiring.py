"""Settings to services: the one place where concrete classes meet.

Everything heavy (torch, weights, OCR) is lazy: it is loaded at its first use.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from api.base.settings import Settings
from api.services.answer_writers import make_writer
from api.services.answerers import make_answerer
from api.services.conversations import Conversations
from api.services.engines import make_encoders, make_scorer, make_word_source
from api.services.file_reading import FileReader
from api.services.identities import Identities
from api.services.keys import Keys
from api.services.link_secrets import LinkSecrets
from api.services.page_regions import PageRegions
from api.services.places import make_web_files, open_stores
from api.services.quotas import Quotas
from api.services.signed_links import SignedLinks
from api.services.thumbnails import Thumbnails
from api.telemetry.observers import ObservedWriter, Observers
from generator.answering.answerer import Answerer
from generator.answering.writer import AnswerWriter
from generator.extraction.extractor import Extractor
from indexer.base.errors import CollectionNotFound, InvalidName
from indexer.base.lazy import Lazy
from indexer.catalog.collection_names import check_collection_name
from indexer.catalog.collections import Collection
from indexer.catalog.database import Database
from indexer.catalog.jobs.leases import JobLeases
from indexer.catalog.jobs.queue import JobQueue
from indexer.encoders.known_encoders import KnownEncoders
from indexer.encoders.lazy import LazyEncoder
from indexer.ingest.estimate import Estimator
from indexer.ingest.intake import Intake
from indexer.ingest.pipeline import Pipeline
from indexer.ingest.refusing import FirstLook
from indexer.ingest.rereading import Rereader
from indexer.ingest.sync.synchronizer import Synchronizer
from indexer.inputs.rasterizer import Rasterizer
from indexer.maintenance.bundles.contents import BundleFacts
from indexer.maintenance.compaction import Compactor
from indexer.maintenance.mending import Mender
from indexer.maintenance.pairing import Pairing
from indexer.maintenance.reclaiming import Reclaimer
from indexer.maintenance.reencoding import Reencoder
from indexer.maintenance.repair import Repairer
from indexer.maintenance.scrubbing import Scrubber
from indexer.stores import Stores
from retriever.candidates.recall import RecallMeter
from retriever.open_collections import OpenCollections
from retriever.page_heat import PageHeats
from retriever.query.cache import QueryCaches
from retriever.ranking import Ranker
from retriever.searcher import Searcher

if TYPE_CHECKING:
    from indexer.inputs.web.web_files import WebFiles


@dataclass(frozen=True, slots=True)
class Services:
    """The parts that the entry points work with.

    settings, observers            how all of them are set up, and who is told what they do
    database, stores               what is kept
    encoders                       for ingest and search, each loaded by whoever needs it first
    searcher, heats, answerer      questions
    pipeline, rereader             documents
    synchronizer, web_files        places that are followed, files of the web
    first_look, intake             files on their way in
    queue, leases                  jobs: for those who submit them, for those who do them
    pairing                        whether folder and catalog belong together
    repairer, reclaimer, compactor, reencoder, mender, scrubber  upkeep
    conversations, keys, identities, quotas, links  the service's own state
    thumbnails                     small page images, kept in memory
    """

    settings: Settings
    observers: Observers
    database: Database
    stores: Stores
    encoders: KnownEncoders
    searcher: Searcher
    heats: PageHeats
    regions: PageRegions
    reader: FileReader
    answerer: Answerer
    pipeline: Pipeline
    first_look: FirstLook
    intake: Intake
    rereader: Rereader
    synchronizer: Synchronizer
    web_files: Lazy[WebFiles]
    queue: JobQueue
    leases: JobLeases
    pairing: Pairing
    repairer: Repairer
    reclaimer: Reclaimer
    compactor: Compactor
    reencoder: Reencoder
    mender: Mender
    scrubber: Scrubber
    conversations: Conversations
    keys: Keys
    identities: Identities
    quotas: Quotas
    thumbnails: Thumbnails
    links: SignedLinks
    bundle: BundleFacts | None = None  # what is served, where that is one: nobody changes it

    @property
    def encoder(self) -> LazyEncoder:
        """The encoder of new collections."""
        return self.encoders.own

    def answered_by(self, writer: AnswerWriter) -> Services:
        """Return the same services with another writer of answers."""
        observed_writer = ObservedWriter(writer, self.observers)
        catalog = self.stores.catalog
        answerer = make_answerer(
            self.settings, self.searcher, catalog, observed_writer, self.regions
        )
        return replace(self, answerer=answerer)

    @property
    def extractor(self) -> Extractor:
        """What reads rows of values out of documents, with the writer of answers where that is a model."""
        catalog, min_support = self.stores.catalog, self.settings.min_support
        return Extractor(self.searcher, catalog, self.answerer, min_support)

    def collection_for_ingest(self, name: str, *, queue_only: bool = False) -> Collection:
        """Return the named collection; create it with the configured encoder when there is none yet.

        Raises InvalidName, and EncoderUnavailable when the encoder cannot be loaded: a new collection
        would be bound to a checkpoint that nobody can read. With `queue_only` no encoder is loaded: the
        jobs may be for a worker on another machine.
        """
        collections = self.stores.catalog.collections
        try:
            return collections.get(name)
        except CollectionNotFound:
            check_collection_name(name)
            if not queue_only:
                self.encoder.get()
            return collections.get_or_create(name, self.encoder.fingerprint)

    def keys_required(self) -> bool:
        """Say whether a request needs an API key."""
        return self._asks_for_keys or self.keys.exist()

    def known_open(self) -> bool:
        """Say whether a request surely needs no key, without asking the catalog."""
        return not self._asks_for_keys and self.keys.none_lately()

    @property
    def _asks_for_keys(self) -> bool:
        """Whether a key or a signed token is asked for also as long as there is no key."""
        return self.settings.require_keys or self.identities.reads_tokens

    def ids_of(self, names: Iterable[str]) -> list[str]:
        """Of collections. Raises CollectionNotFound."""
        return [self.stores.catalog.collections.get(name).id for name in names]

    def create_collection(self, name: str | None, title: str | None = None) -> Collection:
        """An empty collection of the configured encoder; without a name it gets one like its title.

        Raises InvalidName, CollectionExists.
        """
        collections = self.stores.catalog.collections
        if name is None and title is not None:
            return collections.create_titled(title, self.encoder.fingerprint)
        if name is None:
            raise InvalidName("a collection needs a title or a name")
        return collections.create(name, self.encoder.fingerprint, title)


def wire(settings: Settings) -> Services:
    """Open the data folder and the catalog and connect all parts; load no model.

    Raises InvalidSettings, EncoderUnavailable, GeneratorUnavailable, CatalogMismatch, StorageError.
    """
    encoders = make_encoders(settings)
    observers = Observers()
    database, stores = open_stores(settings)
    rasterizer = Rasterizer(settings)
    pairing = Pairing(stores, database)
    pairing.open()
    searcher, heats = _search(settings, stores, encoders, observers)
    regions = PageRegions(stores, rasterizer)
    writer = ObservedWriter(make_writer(settings, stores), observers)
    queue = JobQueue(database)
    words = make_word_source(settings)
    pipeline = Pipeline(stores, rasterizer, words, encoders, settings.first_pages_s)
    compactor = _compactor(settings, stores)
    keys = Keys(database)
    return Services(
        settings=settings,
        observers=observers,
        database=database,
        stores=stores,
        encoders=encoders,
        searcher=searcher,
        heats=heats,
        regions=regions,
        reader=FileReader(rasterizer, words),
        answerer=make_answerer(settings, searcher, stores.catalog, writer, regions),
        pipeline=pipeline,
        first_look=FirstLook(rasterizer, stores.catalog.documents),
        intake=Intake(stores, queue),
        rereader=Rereader(stores, pipeline),
        synchronizer=Synchronizer(stores, pipeline),
        web_files=make_web_files(settings),
        queue=queue,
        leases=_leases(settings, database),
        pairing=pairing,
        repairer=Repairer(stores, database),
        reclaimer=Reclaimer(stores, database, quarantine_days=settings.quarantine_days),
        compactor=compactor,
        reencoder=Reencoder(stores, compactor),
        mender=_mender(stores, database, compactor, rasterizer, pipeline, encoders),
        scrubber=Scrubber(stores, database, settings.scrub_days),
        conversations=Conversations(database),
        keys=keys,
        identities=Identities(settings, stores.catalog),
        quotas=Quotas(database),
        thumbnails=Thumbnails(),
        links=_signed_links(settings, stores, keys),
    )


def _leases(settings: Settings, database: Database) -> JobLeases:
    return JobLeases(database, lease_s=settings.job_lease_s, max_attempts=settings.job_attempts)


def _mender(
    stores: Stores,
    database: Database,
    compactor: Compactor,
    rasterizer: Rasterizer,
    pipeline: Pipeline,
    encoders: KnownEncoders,
) -> Mender:
    def is_readable(collection: Collection) -> bool:
        return encoders.knows(collection.fingerprint)

    return Mender(stores, database, compactor, rasterizer, pipeline.ingest, is_readable)


def _compactor(settings: Settings, stores: Stores) -> Compactor:
    return Compactor(
        stores,
        int8=settings.int8_copies,
        min_indexed=settings.candidates_from_pages,
        drop_deleted_after=timedelta(days=settings.drop_deleted_days),
    )


def _signed_links(settings: Settings, stores: Stores, keys: Keys) -> SignedLinks:
    own_secrets = settings.link_secrets.get_secret_value().split() if settings.link_secrets else []
    return SignedLinks(LinkSecrets(settings.data_dir, tuple(own_secrets)), settings, keys)


def wire_estimator(settings: Settings) -> Estimator:
    """Make what forecasts an ingest; it has no way to write. Raises EncoderUnavailable."""
    words = make_word_source(settings)
    encoder = make_encoders(settings).own
    return Estimator(Rasterizer(settings), words, encoder.get, int8_copies=settings.int8_copies)


def _search(
    settings: Settings, stores: Stores, encoders: KnownEncoders, observers: Observers
) -> tuple[Searcher, PageHeats]:
    """Search and heat maps, which share the queries that were encoded last."""
    queries = QueryCaches(encoders, settings.query_cache_size, observers.on_query)
    collections = OpenCollections(
        stores.catalog,
        stores.vectors,
        stores.derived_data,
        stores.damage.report,
        opened_at_once=stores.folder.opened_at_once,
    )
    meter = RecallMeter(settings.target_recall, stores.derived_data)
    ranker = Ranker(make_scorer(settings), settings, meter)
    searcher = Searcher(
        stores.catalog, collections, queries.of, ranker, settings, observers.on_search
    )
    return searcher, PageHeats(searcher, stores.catalog)
