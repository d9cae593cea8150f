"""Mends what was seen to be damaged, beside everything else that runs.

    int8 copy, token index   dropped; compaction makes them anew
    page image               rendered again; where that gives other bytes, its documents are indexed anew
    pages of a segment       their documents are indexed anew, and what is left of the segment is merged away
    original                 nothing can be done here: its document stays searchable, and the entry says so

What is damaged is set aside, never removed. A document is withdrawn only when its original is whole, so that
it can be indexed anew; one whose indexing broke off is found by its error code and tried again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

from indexer.base.errors import (
    CollectionNotFound,
    DamagedFile,
    DamagedPages,
    DataFolderBusy,
    DocumentNotFound,
    PagesightError,
    Unreadable,
)
from indexer.base.page_images import encode_stored_image
from indexer.catalog.collections import Collection
from indexer.catalog.database import Database
from indexer.catalog.document_records import WITHDRAWN, Document, DocumentError, Page
from indexer.inputs.rasterizer import Rasterizer
from indexer.inputs.sources import Source
from indexer.maintenance.compaction import Compactor
from indexer.storage.damage_log import Damage
from indexer.stores import Stores

_log = logging.getLogger(__name__)


class Mender:
    """Mends one data folder.

    ingest        indexes a stored original anew; raises PagesightError where this process cannot
    can_index     says whether this process has the encoder of a collection
    """

    def __init__(
        self,
        stores: Stores,
        database: Database,
        compactor: Compactor,
        rasterizer: Rasterizer,
        ingest: Callable[[Collection, Source], object],
        can_index: Callable[[Collection], bool],
    ) -> None:
        self._stores = stores
        self._database = database
        self._compactor = compactor
        self._rasterizer = rasterizer
        self._ingest = ingest
        self._can_index = can_index

    def run(self, is_stopping: Callable[[], bool] = lambda: False) -> int:
        """Mend all that can be mended; returns how many entries are left.

        Does nothing while another process mends. Raises StorageError, DiskFull among them.
        """
        damage_list = self._stores.damage.entries()
        withdrawn_documents = self._stores.catalog.withdrawn()
        if damage_list or withdrawn_documents:
            with self._alone() as is_alone:
                if not is_alone:
                    return len(damage_list)
                self._stores.folder.space.require_writable()
                for collection, document in withdrawn_documents:
                    self._index_anew(collection, document)
                for damage in damage_list:
                    if is_stopping():
                        break
                    if self._mend(damage):
                        self._stores.damage.forget(damage)
        return len(self._stores.damage.entries())

    def _mend(self, damage: Damage) -> bool:
        """Return whether nothing is damaged there any more."""
        try:
            match damage.kind:
                case "int8" | "tokens":
                    return self._drop_derived(damage)
                case "pages":
                    return self._mend_segment(damage)
                case "images":
                    return self._mend_image(damage.name)
                case "originals":
                    return self._is_whole_or_unused(damage.name)
                case "catalog":
                    return not self._database.faults()
        except DamagedPages as error:  # seen by the compaction that was to save the rest
            self._stores.damage.report(error)
            return False
        except (Unreadable, CollectionNotFound, DocumentNotFound) as error:
            _log.info("%s %s is not mended yet: %s", damage.kind, damage.name, error)
            return False

    # -- segments ----------------------------------------------------------------------------------

    def _drop_derived(self, damage: Damage) -> bool:
        record = self._stores.catalog.segments.find(damage.name)
        if record is not None:
            self._stores.derived_data.drop(record, damage.kind)
            self._stores.catalog.collections.mark_changed(record.collection_id)
        return True

    def _mend_segment(self, damage: Damage) -> bool:
        record = self._stores.catalog.segments.find(damage.name)
        if record is None or not self._stores.vectors.check(record, deep=True):
            return True
        if self._stores.drop_shadow_segments(record.collection_id, [record.name]):
            return True  # nobody searches it
        documents = [
            document
            for document in self._stores.catalog.documents.in_segment(record.name)
            if damage.page_ids is None or _holds_any(document, damage.page_ids)
        ]
        if not self._rebuild(documents):
            return False
        if (
            self._stores.catalog.segments.find(record.name) is not None
        ):  # other documents stand in it
            collection = self._stores.catalog.collections.by_id(record.collection_id)
            self._compactor.run(collection.name, eager=True)
        return self._stores.catalog.segments.find(record.name) is None

    # -- blobs -------------------------------------------------------------------------------------

    def _mend_image(self, sha256: str) -> bool:
        images = self._stores.images
        with suppress(DamagedFile):
            images.require(sha256)
            return True
        pages = self._stores.catalog.pages.with_image(sha256)
        if self._stores.folder.state(images.path(sha256)) is not None:
            self._set_aside(images.path(sha256))
        if not pages or self._render_again(pages[0], sha256):
            return True
        documents = {page.document_id: page for page in pages}
        return self._rebuild([self._stores.catalog.documents.get(id_) for id_ in documents])

    def _render_again(self, page: Page, sha256: str) -> bool:
        """Store the image anew; whether it came out as it was. Raises Unreadable, DocumentNotFound."""
        document = self._stores.catalog.documents.get(page.document_id)
        try:
            self._stores.originals.require(document.sha256)
            path = self._stores.originals.local_path(document.sha256)
            source = Source(path, document.name, media_type=document.media_type)
            with (
                self._stores.folder.writing(),
                self._rasterizer.open(path, page.page_number, source.telling_name) as pdf,
                closing(pdf.pages()) as rendered_pages,  # type: ignore[type-var]
            ):
                data = encode_stored_image(next(rendered_pages).image)
                is_same = self._stores.images.add(data) == sha256
                self._stores.images.sync()
                return is_same
        except (DamagedFile, StopIteration):
            return False
        except Unreadable:
            raise
        except PagesightError as error:
            _log.warning("%s %s cannot be rendered: %s", document.name, page.name, error)
            return False

    def _is_whole_or_unused(self, sha256: str) -> bool:
        originals, _ = self._stores.catalog.named_blobs()
        if sha256 not in originals:
            return True
        documents = [
            document
            for collection in self._stores.catalog.collections.all()
            if (document := self._stores.catalog.documents.find(collection.id, sha256)) is not None
        ]
        try:
            self._stores.originals.require(sha256)
        except DamagedFile as error:
            for document in documents:
                if document.degraded is None:
                    self._stores.catalog.documents.mark_degraded(document.id, str(error))
            return False
        return True

    # -- documents ---------------------------------------------------------------------------------

    def _rebuild(self, documents: Iterable[Document]) -> bool:
        """Index documents anew from their originals; whether that was possible for all."""
        is_done = True
        for document in documents:
            collection = self._stores.catalog.collections.by_id(document.collection_id)
            try:
                self._stores.originals.require(document.sha256)
            except DamagedFile as error:
                self._stores.damage.report(error)
                _log.error("%s cannot be indexed anew: %s", document.name, error)
                is_done = False
                continue
            if not self._can_index(collection):
                is_done = False
                continue
            reason = DocumentError(
                WITHDRAWN, "withdrawn to be indexed anew: stored files are damaged"
            )
            for segment in self._stores.catalog.documents.withdraw(document.id, reason):
                folder = self._stores.vectors.folder_of(segment.collection_id, segment.name)
                if folder is not None:
                    self._set_aside(folder)
                self._stores.derived_data.remove(segment.collection_id, segment.name)
            self._index_anew(collection, document)
        return is_done

    def _index_anew(self, collection: Collection, document: Document) -> None:
        if self._can_index(collection):
            path = self._stores.originals.local_path(document.sha256)
            _log.info("%s is indexed anew", document.name)
            self._ingest(collection, Source(path, document.name, media_type=document.media_type))

    def _set_aside(self, path: Path) -> None:
        self._stores.quarantine.move([path], "damaged, made anew")

    @contextmanager
    def _alone(self) -> Iterator[bool]:
        """Yield whether no other process mends this folder meanwhile."""
        with ExitStack() as stack:
            try:
                stack.enter_context(self._stores.folder.alone("mending", "another process mends"))
            except DataFolderBusy:
                yield False
                return
            yield True


def _holds_any(document: Document, page_ids: Iterable[int]) -> bool:
    first = document.first_page_id
    return first is not None and any(first <= i < first + document.n_pages for i in page_ids)
