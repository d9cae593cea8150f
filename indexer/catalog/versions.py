"""Which names documents go by, and which of several documents of one name is the newest version.

Documents of one name are its versions, ordered by when they were given it. The newest that is whole is the
current one; while one is being indexed, or when it was refused, the one before it stays current. One that is
withdrawn, to be indexed anew, keeps its place: what is older must not answer for it. An attachment has no
versions of its own: it is as current as the document that it is attached to.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from indexer.base.verdicts import Verdict
from indexer.catalog.document_records import (
    WITHDRAWN,
    Document,
    DocumentName,
    DocumentVersion,
    GivenName,
    own_name,
)
from indexer.inputs.names import same_name


def named_documents(
    documents: Iterable[Document], given_names: Iterable[GivenName]
) -> list[Document]:
    """Return the documents with all their names, each shown under one that is current if it has one.

    `documents` must hold every document of a name, and every document that another is attached to.
    """
    naming = _Naming(documents, given_names)
    return [naming.with_names(document) for document in naming.documents.values()]


class _Naming:
    def __init__(self, documents: Iterable[Document], given_names: Iterable[GivenName]) -> None:
        self.documents = {document.sha256: document for document in documents}
        self._names_of: dict[str, list[GivenName]] = defaultdict(list)
        for name_given in given_names:
            if name_given.sha256 in self.documents:
                self._names_of[name_given.sha256].append(name_given)
        for document in self.documents.values():
            if document.sha256 not in self._names_of:
                self._names_of[document.sha256].append(own_name(document))
        self._versions: dict[str, list[GivenName]] = defaultdict(list)  # of each name, by age
        for names in self._names_of.values():
            for name_given in names:
                if name_given.attached_to is None and _takes_part(
                    self.documents[name_given.sha256]
                ):
                    self._versions[_spelling(name_given.name)].append(name_given)
        for versions in self._versions.values():
            if len(versions) > 1:
                versions.sort(key=lambda name_given: (name_given.given_at, name_given.sha256))
        self._complete: dict[str, Document] = {}
        self._open: set[str] = set()  # what is being named: nothing is attached to itself

    def with_names(self, document: Document) -> Document:
        if self._is_plain(document):
            given_at = self._names_of[document.sha256][0].given_at
            return (
                document
                if given_at == document.created_at
                else replace(document, given_at=given_at)
            )
        if document.sha256 not in self._complete:
            self._open.add(document.sha256)
            names = [self._name(name_given) for name_given in self._names_of[document.sha256]]
            self._open.discard(document.sha256)
            names.sort(
                key=lambda name: (
                    not name.is_current,
                    name.parent is not None,
                    name.name != document.name,
                    name.given_at,
                )
            )
            self._complete[document.sha256] = replace(
                document, name=names[0].name, names=tuple(names)
            )
        return self._complete[document.sha256]

    def _is_plain(self, document: Document) -> bool:
        """Whether the document has its own name alone and shares it with none, as most have."""
        (name_given, *further) = self._names_of[document.sha256]
        return (
            not further
            and name_given.attached_to is None
            and name_given.name == document.name
            and len(self._versions.get(_spelling(name_given.name), ())) <= 1
        )

    def _name(self, name_given: GivenName) -> DocumentName:
        if name_given.attached_to is not None:
            return self._name_of_attachment(name_given, name_given.attached_to)
        versions = self._versions[_spelling(name_given.name)]
        whole = [version for version in versions if _is_whole(self.documents[version.sha256])]
        candidates = whole or versions
        version = None
        if len(candidates) > 1 and name_given in candidates:
            version = DocumentVersion(
                candidates.index(name_given) + 1, len(candidates), name_given.given_at
            )
        is_current = not versions or name_given == candidates[-1]
        return DocumentName(name_given.name, name_given.given_at, is_current, version)

    def _name_of_attachment(self, name_given: GivenName, parent_sha256: str) -> DocumentName:
        """An attachment whose parent is not there yet, or not any more, is in no search."""
        parent = self.documents.get(parent_sha256)
        if parent is None or not _takes_part(parent) or parent_sha256 in self._open:
            return DocumentName(name_given.name, name_given.given_at, is_current=False)
        parent = self.with_names(parent)
        return DocumentName(
            name_given.name, name_given.given_at, parent.is_current, parent.version, parent
        )


def _spelling(name: str) -> str:
    return name if name.isascii() else same_name(name)


def _takes_part(document: Document) -> bool:
    """Whether a document is, or stands for, a version: it is searchable, or about to be again."""
    return document.first_page_id is not None or _is_withdrawn(document)


def _is_whole(document: Document) -> bool:
    return document.verdict is not Verdict.INDEXING


def _is_withdrawn(document: Document) -> bool:
    return document.error is not None and document.error.code == WITHDRAWN
