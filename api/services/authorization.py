"""Who calls, and what they may see: the one place that decides.

What lies in a collection that a caller may not read does not exist for this caller: asked for by id or
name, it is answered exactly as something that nobody has. Only what may be read can be forbidden.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from api.base.errors import NotAllowed
from api.services.conversation_records import Conversation
from api.services.identities import owner_of
from api.services.keys import ApiKey, Scope
from api.services.wiring import Services
from indexer.base.errors import (
    CollectionNotFound,
    ConversationNotFound,
    DocumentNotFound,
    JobNotFound,
    PageNotFound,
)
from indexer.catalog.collections import Collection
from indexer.catalog.document_records import Document, Page
from indexer.catalog.jobs.records import Job
from retriever.query.filters import SearchFilter

SQL_INTEGER_MAX = 2**63 - 1  # a larger page id is no page's, and no database can compare it
_PAGE_ID = TypeAdapter(Annotated[int, Field(ge=1, le=SQL_INTEGER_MAX)])  # as `deps.PageId`
_LISTED = 8  # names of collections that an error tells

_GUARDED = {"name", "document_id", "page_id", "job_id", "conversation_id"}
# They name nothing by themselves: their routes look them up within the caller's reach.
_LOOKED_UP_LATER = {"model_id", "message_id"}


@dataclass(frozen=True, slots=True)
class Target:
    """What the path of a request names, as it was looked up when the request was let in."""

    collection: Collection | None = None
    document: Document | None = None
    page: Page | None = None
    job: Job | None = None
    conversation: Conversation | None = None


@dataclass(frozen=True, slots=True)
class Caller:
    """One caller.

    key      None where no key is asked for: then everything is allowed
    by_link  the caller has no key, but a signed link, which is worth its maker's key for one page
    """

    services: Services
    key: ApiKey | None = None
    by_link: bool = False

    def authorize(self, need: Scope, parameters: Mapping[str, str]) -> Target:
        """Let a request use a route that needs `need`; return what the parameters of its path name.

        Raises NotAllowed, or the error of something that is not there.
        """
        if self.key is not None and self.key.scope is Scope.METRICS:
            self._require(need)  # before anything is looked up for it
        if parameters.keys() - _GUARDED - _LOOKED_UP_LATER:
            self.require_everywhere(Scope.ADMIN)  # no rule says what such a path names
        elif need is not Scope.READ and not parameters.keys() & _GUARDED:
            self.require_everywhere(need)
        target = Target()
        for parameter, value in parameters.items():
            match parameter:
                case "name":
                    target = replace(target, collection=self.collection(value, need))
                case "document_id":
                    target = replace(target, document=self.document(value, need))
                case "page_id":
                    target = self._page_target(value, need)
                case "job_id":
                    target = replace(target, job=self.job(value, need))
                case "conversation_id":
                    target = replace(target, conversation=self.conversation(value))
        return target

    # -- what there is for this caller -------------------------------------------------------------

    @property
    def is_administrator(self) -> bool:
        """Whether everything may be seen: also what tells of collections of others, and of the machine."""
        return self._owns_all

    @property
    def collection_ids(self) -> frozenset[str] | None:
        """Of what may be read; None: everything."""
        return None if self.key is None else self.key.collection_ids

    def collections(
        self, *, after: str | None = None, limit: int | None = None
    ) -> list[Collection]:
        """By name; at most `limit`, from behind the name `after`."""
        catalog = self.services.stores.catalog
        return catalog.collections.all(after=after, limit=limit, within=self.collection_ids)

    def askable(self) -> list[str]:
        """The names of the collections that one encoder can search together: the first that has any.

        Raises CollectionNotFound when there is none.
        """
        encoders = self.services.encoders
        collections = self.collections()
        for encoder in encoders.all:
            names = [c.name for c in collections if c.fingerprint == encoder.fingerprint]
            if names:
                return names
        raise CollectionNotFound(
            "no collection of the configured encoder yet: `pagesight ingest PATH -c NAME` makes one"
        )

    def scope_of(
        self, names: Sequence[str], search_filter: SearchFilter
    ) -> tuple[list[str], SearchFilter]:
        """Return the collections to look in, all that are askable where none is named, and `held_to` them.

        Raises CollectionNotFound.
        """
        collections = [*names] or self.askable()
        return collections, self.held_to(collections, search_filter)

    def held_to(self, names: Iterable[str], search_filter: SearchFilter) -> SearchFilter:
        """The filter of a search in `names`, which then scores no page that this caller may not read.

        Keys that reach the same collections get equal filters: their searches share a pass. What is not
        there at all, the search itself tells. Raises CollectionNotFound.
        """
        if self.collection_ids is None:
            return search_filter
        readable = self._readable()
        ids = frozenset(_collection_named(name, readable).id for name in names)
        return replace(search_filter, collection_ids=ids)

    def collection(self, name: str, need: Scope = Scope.READ) -> Collection:
        """Raises CollectionNotFound, naming what this caller may read; NotAllowed."""
        if self.collection_ids is None:
            collection = self.services.stores.catalog.collections.get(name)
        else:
            collection = _collection_named(name, self._readable())
        self._require(need)
        return collection

    def document(self, document_id: str, need: Scope = Scope.READ) -> Document:
        """Raises DocumentNotFound, NotAllowed."""
        document = self.services.stores.catalog.documents.get(document_id)
        if not self._reaches(document.collection_id):
            raise DocumentNotFound(f"no document {document_id!r}")
        self._require(need)
        return document

    def page(self, page_id: int, need: Scope = Scope.READ) -> tuple[Page, Document]:
        """Raises PageNotFound, NotAllowed."""
        page, document = self.services.stores.catalog.pages.with_document(page_id)
        if not self._reaches(document.collection_id):
            raise PageNotFound(f"no page {page_id}")
        self._require(need)
        return page, document

    def job(self, job_id: str, need: Scope = Scope.READ) -> Job:
        """Raises JobNotFound, NotAllowed."""
        job = self.services.queue.job(job_id)
        if not self._reaches(job.collection_id):
            raise JobNotFound(f"no job {job_id!r}")
        self._require(need)
        return job

    def upload_key(self, client_key: str | None) -> str | None:
        """What the catalog knows an upload by: two callers may have chosen the same word."""
        if client_key is None or self.key is None:
            return client_key
        return sha256(f"{self.key.id}:{client_key}".encode()).hexdigest()

    # -- conversations: a caller's own -------------------------------------------------------------

    def begin_conversation(self, names: Sequence[str], title: str) -> Conversation:
        """Raises CollectionNotFound."""
        about = [self.collection(name).name for name in dict.fromkeys(names or self.askable())]
        owner = None if self.key is None else owner_of(self.key)
        return self.services.conversations.create(about, title, owner)

    def conversations(
        self, limit: int, offset: int, after: tuple[datetime, str] | None
    ) -> list[Conversation]:
        """The latest first; `after` as in the catalog."""
        owner = None if self.key is None or self._owns_all else owner_of(self.key)
        return self.services.conversations.latest(limit, offset, after=after, owner=owner)

    def conversation(self, conversation_id: str) -> Conversation:
        """Raises ConversationNotFound."""
        conversation = self.services.conversations.get(conversation_id)
        if not (self.key is None or self._owns_all or conversation.owner == owner_of(self.key)):
            raise ConversationNotFound(f"no conversation {conversation_id!r}")
        return conversation

    @property
    def _owns_all(self) -> bool:
        key = self.key
        return key is None or (key.scope is Scope.ADMIN and key.collection_ids is None)

    def _readable(self) -> dict[str, Collection]:
        return {collection.name: collection for collection in self.collections()}

    def _reaches(self, collection_id: str) -> bool:
        return self.collection_ids is None or collection_id in self.collection_ids

    def _page_target(self, text: str, need: Scope) -> Target:
        try:
            page_id = _PAGE_ID.validate_python(text)
        except ValidationError:
            return Target()  # the route refuses it by the same rule
        page, document = self.page(page_id, need)
        return Target(page=page, document=document)

    def _require(self, need: Scope) -> None:
        if self.key is not None and not self.key.scope.includes(need):
            raise NotAllowed(
                f"this key has the scope {self.key.scope.value!r}, this needs {need.value!r}"
            )

    def require_everywhere(self, need: Scope) -> None:
        self._require(need)
        if self.collection_ids is not None:
            raise NotAllowed("this key is bound to its collections: this needs one of all of them")


def _collection_named(name: str, readable: Mapping[str, Collection]) -> Collection:
    if name not in readable:
        there_are = ", ".join([*readable][:_LISTED]) or "none for this key"
        raise CollectionNotFound(f"no collection {name!r} (there are: {there_are})")
    return readable[name]
