"""Heat maps of stored pages: where on a page a query looks."""

from __future__ import annotations

from dataclasses import dataclass

from indexer.base.errors import PageNotFound
from indexer.catalog.catalog import Catalog
from indexer.catalog.document_records import Document, Page
from retriever.evidence.heatmap import Combine, HeatMap, heat_map
from retriever.query.question_reading import read_question
from retriever.searcher import Searcher


@dataclass(frozen=True, slots=True, eq=False)
class PageHeat:
    """A heat map, with the query and the page that it belongs to."""

    query: str
    page: Page
    document: Document
    heat: HeatMap


class PageHeats:
    """Makes heat maps of stored pages. Safe to use from several threads."""

    def __init__(self, searcher: Searcher, catalog: Catalog) -> None:
        self._searcher = searcher
        self._catalog = catalog

    def of(
        self,
        query: str,
        page_id: int,
        token: int | None = None,
        combine: Combine = "max",
        collection: str | None = None,
    ) -> PageHeat:
        """Map where on the page the query looks; `token` and `combine` as in `heat_map`.

        collection  the page must be in it; None: in any collection

        Raises EmptyQuery, InvalidToken, PageNotFound, CollectionNotFound, EncoderMismatch, DamagedFile.
        """
        self._searcher.check_text(query)
        page, document = self._catalog.pages.with_document(page_id)
        owner = self._catalog.collections.by_id(document.collection_id)
        if collection is not None and collection != owner.name:
            self._catalog.collections.get(
                collection
            )  # raises CollectionNotFound for an unknown one
            raise PageNotFound(
                f"page {page_id} is in collection {owner.name!r}, not {collection!r}"
            )
        embedding, encoder = self._searcher.page_with_encoder(owner.name, page_id)
        if embedding is None:
            raise PageNotFound(f"page {page_id} was deleted meanwhile")
        aspect = page.width_pt / page.height_pt
        (query_embedding,) = encoder.encode_queries([read_question(query).search_text])
        heat = heat_map(query_embedding, embedding, aspect, token, combine)
        return PageHeat(query, page, document, heat)
