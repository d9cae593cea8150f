"""Collections: their names, the encoder that made their vectors, and the generation that readers cache by."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain, count
from typing import Any

from sqlalchemy import Row, bindparam, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from indexer.base.errors import (
    CollectionExists,
    CollectionNotFound,
    EncoderChanged,
    EncoderMismatch,
)
from indexer.catalog.collection_names import check_collection_name, clean_title, name_stem
from indexer.catalog.column_values import new_id, utc
from indexer.catalog.database import Database, Transaction
from indexer.catalog.tables import collections, documents, pages
from indexer.encoders.base import EncoderFingerprint
from indexer.encoders.known_encoders import KnownEncoders
from indexer.encoders.lazy import LazyEncoder

_SETTINGS = ("token_pooling", "min_visual_tokens", "max_visual_tokens")  # and options of that name


@dataclass(frozen=True, slots=True)
class Collection:
    id: str
    name: str
    fingerprint: EncoderFingerprint
    generation: int
    created_at: datetime
    own_title: str | None = None

    @property
    def title(self) -> str:
        """What people call it: its name, as long as nobody gave it a title."""
        return self.own_title or self.name

    def encoder_of(self, encoders: KnownEncoders) -> LazyEncoder:
        """Return the encoder that made the collection's vectors. Raises EncoderMismatch."""
        encoder = encoders.of(self.fingerprint)
        if encoder is None:
            self.require_encoder(encoders.own.fingerprint)
        return encoder or encoders.own

    def require_encoder(self, fingerprint: EncoderFingerprint) -> None:
        """Raise EncoderMismatch unless `fingerprint` made the collection's vectors."""
        made_by = self.fingerprint
        if made_by == fingerprint:
            return
        if made_by.name != fingerprint.name:
            remedy = f"set PAGESIGHT_ENCODER={made_by.name}"
        elif not _same_weights(made_by, fingerprint):
            remedy = "set PAGESIGHT_ENCODER_CHECKPOINT to the checkpoint that indexed it"
        elif made_by.options.get("products") != fingerprint.options.get("products"):
            kind = "of integers" if "products" in made_by.options else "without integers"
            remedy = f"set PAGESIGHT_ENCODER_CHECKPOINT to weights {kind}"
        else:
            remedy = _settings_of(made_by, fingerprint) or "install the version that indexed it"
        raise EncoderMismatch(
            f"collection {self.name!r} was indexed by {made_by}, this is {fingerprint}: {remedy}, "
            "or re-encode the files into a new collection with `pagesight ingest PATH -c NEW_NAME`"
        )


def _settings_of(made_by: EncoderFingerprint, current: EncoderFingerprint) -> str:
    """Name the settings that turn `current` into `made_by`; empty when they alone cannot."""
    old_options, options = dict(made_by.options), dict(current.options)
    steps = []
    for name in _SETTINGS:
        value = old_options.pop(name, None)
        if value != options.pop(name, None):
            variable = f"PAGESIGHT_{name.upper()}"
            steps.append(f"unset {variable}" if value is None else f"set {variable}={value}")
    is_enough = _same_weights(made_by, current) and old_options == options
    return ", ".join(steps) if is_enough else ""


def _same_weights(a: EncoderFingerprint, b: EncoderFingerprint) -> bool:
    return (a.checkpoint, a.revision) == (b.checkpoint, b.revision)


@dataclass(frozen=True, slots=True)
class CollectionTotals:
    """How much a collection holds; `n_rejected` counts files that were refused.

    n_original_bytes  of the PDF files that are searchable
    """

    n_documents: int
    n_rejected: int
    n_pages: int
    n_vectors: int
    n_original_bytes: int


# Every search asks it: put together once.
_GENERATION = select(collections.c.id, collections.c.generation).where(
    collections.c.name == bindparam("name")
)


class Collections:
    """The collections of a database. Every method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(
        self, name: str, fingerprint: EncoderFingerprint, title: str | None = None
    ) -> Collection:
        """Make an empty collection. Raises InvalidName or CollectionExists."""
        check_collection_name(name)
        own_title = None if title is None else clean_title(title)
        collection = Collection(new_id(), name, fingerprint, 0, datetime.now(UTC), own_title)
        try:
            with self._database.writing() as transaction:
                transaction.execute(
                    insert(collections).values(
                        id=collection.id,
                        name=name,
                        fingerprint=fingerprint.to_dict(),
                        generation=0,
                        created_at=collection.created_at,
                        title=own_title,
                    )
                )
        except IntegrityError as error:
            raise CollectionExists(f"collection {name!r} exists already") from error
        return collection

    def get_or_create(
        self, name: str, fingerprint: EncoderFingerprint, title: str | None = None
    ) -> Collection:
        """Return the named collection, made where there is none; of several who make it at once, one does.

        The encoder of one that was there may be another. Raises InvalidName.
        """
        while True:
            try:
                return self.get(name)
            except CollectionNotFound:
                with suppress(CollectionExists):
                    return self.create(name, fingerprint, title)

    def create_titled(self, title: str, fingerprint: EncoderFingerprint) -> Collection:
        """Make an empty collection that the service finds a name for. Raises InvalidName."""
        stem = name_stem(clean_title(title))
        while True:
            try:
                return self.create(self._free_name(stem), fingerprint, title)
            except CollectionExists:  # somebody took the name in between
                continue

    def _free_name(self, stem: str) -> str:
        of_stem = collections.c.name.startswith(stem, autoescape=True)
        with self._database.reading() as transaction:
            names = set(transaction.execute(select(collections.c.name).where(of_stem)).scalars())
        numbered_names = (f"{stem}-{number}" for number in count(2))
        return next(name for name in chain([stem], numbered_names) if name not in names)

    def retitle(self, collection_id: str, title: str) -> Collection:
        """Give a collection another title; its name stays. Raises InvalidName, CollectionNotFound."""
        new_title = clean_title(title)
        with self._database.writing() as transaction:
            transaction.execute(
                update(collections).where(collections.c.id == collection_id).values(title=new_title)
            )
        return self.by_id(collection_id)

    def get(self, name: str) -> Collection:
        """Return the collection. Raises CollectionNotFound, naming the collections there are."""
        with self._database.reading() as transaction:
            row = transaction.execute(select(collections).where(collections.c.name == name)).first()
            if row is not None:
                return collection_of(row)
            names = transaction.execute(
                select(collections.c.name).order_by(collections.c.name).limit(8)
            ).scalars()
            there_are = ", ".join(names) or "none yet; `pagesight ingest PATH -c NAME` makes one"
        raise CollectionNotFound(f"no collection {name!r} (there are: {there_are})")

    def by_id(self, collection_id: str) -> Collection:
        """Return the collection that something was found in. Raises CollectionNotFound."""
        with self._database.reading() as transaction:
            collection = find_collection(transaction, collection_id)
        if collection is None:
            raise CollectionNotFound("the collection was deleted meanwhile")
        return collection

    def all(
        self,
        *,
        after: str | None = None,
        limit: int | None = None,
        within: frozenset[str] | None = None,
    ) -> list[Collection]:
        """Return collections by name.

        after   only those whose names follow this one
        limit   at most so many
        within  only those with these ids
        """
        query = select(collections).order_by(collections.c.name).limit(limit)
        if within is not None:
            query = query.where(collections.c.id.in_(within))
        if after is not None:
            query = query.where(collections.c.name > after)
        with self._database.reading() as transaction:
            return [collection_of(row) for row in transaction.execute(query)]

    def totals(self, collection_id: str) -> CollectionTotals:
        is_indexed = documents.c.first_page_id.is_not(None)
        of_collection = documents.c.collection_id == collection_id
        with self._database.reading() as transaction:
            n_documents, n_all, n_bytes = transaction.execute(
                select(
                    func.count().filter(is_indexed),
                    func.count(),
                    func.coalesce(func.sum(documents.c.n_bytes).filter(is_indexed), 0),
                ).where(of_collection)
            ).one()
            n_pages, n_vectors = transaction.execute(
                select(func.count(), func.coalesce(func.sum(pages.c.n_vectors), 0))
                .join(documents, documents.c.id == pages.c.document_id)
                .where(of_collection)
            ).one()
        n_rejected = n_all - n_documents
        return CollectionTotals(n_documents, n_rejected, n_pages, int(n_vectors), int(n_bytes))

    def generation(self, name: str) -> tuple[str, int]:
        """Return (collection id, generation), which say whether a snapshot is still true.

        Raises CollectionNotFound.
        """
        with self._database.reading() as transaction:
            row = transaction.execute(_GENERATION, {"name": name}).first()
        if row is None:
            collection = self.get(name)  # raises, in all likelihood
            return collection.id, collection.generation
        return row.id, row.generation

    def mark_changed(self, collection_id: str) -> None:
        """Raise the generation, so that readers look anew. Raises CollectionNotFound."""
        with self._database.writing() as transaction:
            raise_generation(transaction, collection_id)


def collection_of(row: Row[Any]) -> Collection:
    fingerprint = EncoderFingerprint.from_dict(row.fingerprint)
    created_at = utc(row.created_at)
    return Collection(row.id, row.name, fingerprint, row.generation, created_at, row.title)


def find_collection(transaction: Transaction, collection_id: str) -> Collection | None:
    row = transaction.execute(select(collections).where(collections.c.id == collection_id)).first()
    return None if row is None else collection_of(row)


def require_unchanged_encoder(transaction: Transaction, collection: Collection) -> None:
    """Raise EncoderChanged where the collection was encoded anew since it was looked up."""
    query = select(collections.c.fingerprint).where(collections.c.id == collection.id)
    made_by = EncoderFingerprint.from_dict(transaction.execute(query).scalar_one())
    if made_by != collection.fingerprint:
        raise EncoderChanged(f"collection {collection.name!r} was encoded anew by {made_by}")


def raise_generation(transaction: Transaction, collection_id: str) -> None:
    """Say that what a search may see has changed, and hold the row. Raises CollectionNotFound."""
    increment = (
        update(collections)
        .where(collections.c.id == collection_id)
        .values(generation=collections.c.generation + 1)
        .returning(collections.c.id)
    )
    if transaction.execute(increment).scalar() is None:
        message = "the collection was deleted meanwhile: ingest again to make it anew"
        raise CollectionNotFound(message)
