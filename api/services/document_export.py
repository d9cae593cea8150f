"""A stored document, or one page of it, as Markdown, HTML or JSON: read from the catalog as it is sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from indexer.base.errors import DocumentNotFound, InvalidName, PageNotFound
from indexer.catalog.catalog import Catalog
from indexer.catalog.collections import Collection
from indexer.catalog.document_records import Document, Page
from indexer.inputs.names import same_name
from indexer.layout.export.documents import ExportFormat, ExportPage, export_pieces
from indexer.layout.export.page_content import page_content

_PAGES_AT_ONCE = 16  # whose words are in memory


def document_named(catalog: Catalog, name: str, collection: str | None = None) -> Document:
    """Return the document with this id or name, in one collection or in any.

    Raises CollectionNotFound, DocumentNotFound, and InvalidName where several have this name.
    """
    collections = (
        catalog.collections.all() if collection is None else [catalog.collections.get(collection)]
    )
    matches = [
        (of_collection, document)
        for of_collection in collections
        for document in catalog.documents.of_collection(of_collection.id)
        if document.id == name or same_name(document.name) == same_name(name)
    ]
    with_pages = [match for match in matches if match[1].first_page_id is not None] or matches
    if not with_pages:
        where = f" in {collection}" if collection is not None else ""
        raise DocumentNotFound(
            f"no document {name!r}{where}: `pagesight documents list -c NAME` shows what there is"
        )
    if len(with_pages) > 1:
        raise InvalidName(f"{name!r} is the name of several documents: {_ids_of(with_pages)}")
    return with_pages[0][1]


def export(
    catalog: Catalog, document: Document, format_: ExportFormat, page_number: int | None = None
) -> Iterator[str]:
    """Return the document in pieces, or one page of it; what is wrong is raised before the first.

    Raises DocumentNotFound for one without pages, PageNotFound for a page that is not there. A document that
    is deleted meanwhile ends with DocumentNotFound.
    """
    if document.first_page_id is None:
        reason = f": {document.error.message}" if document.error else ""
        raise DocumentNotFound(f"{document.name!r} has no pages{reason}")
    if page_number is not None and not 1 <= page_number <= document.n_pages:
        raise PageNotFound(
            f"no page {page_number} in {document.name!r}: it has the pages 1 to {document.n_pages}"
        )
    by_number = {page.page_number: page for page in catalog.pages.of_document(document.id)}
    if not by_number:
        raise DocumentNotFound(f"{document.name!r} was deleted while it was exported")
    if page_number is not None and page_number not in by_number:
        raise PageNotFound(
            f"page {page_number} of {document.name!r} could not be read when it was indexed"
        )
    numbers = range(1, document.n_pages + 1) if page_number is None else [page_number]
    pages = _export_pages(catalog, document, by_number, numbers)
    return export_pieces(format_, document.id, document.name, pages)


def _export_pages(
    catalog: Catalog, document: Document, by_number: dict[int, Page], numbers: Sequence[int]
) -> Iterator[ExportPage]:
    for start in range(0, len(numbers), _PAGES_AT_ONCE):
        batch = numbers[start : start + _PAGES_AT_ONCE]
        pages = {number: by_number[number] for number in batch if number in by_number}
        words = catalog.pages.words([page.id for page in pages.values()])
        for number in batch:
            page = pages.get(number)
            if page is None:
                yield ExportPage(number)
                continue
            if page.id not in words:
                raise DocumentNotFound(f"{document.name!r} was deleted while it was exported")
            yield ExportPage(
                page_number=number,
                label=page.label,
                time_s=page.time_s,
                page_id=page.id,
                width_pt=page.width_pt,
                height_pt=page.height_pt,
                source=words[page.id].source,
                content=page_content(words[page.id]),
            )


def _ids_of(matches: Sequence[tuple[Collection, Document]]) -> str:
    return ", ".join(f"{document.id} in {collection.name}" for collection, document in matches)
