"""A retriever for LlamaIndex: `pip install 'pagesight-client[llamaindex]'`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from llama_index.core.retrievers import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from pagesight_client.answers import Hit
from pagesight_client.async_client import AsyncClient
from pagesight_client.calls import names_of
from pagesight_client.client import Client
from pagesight_client.found_pages import page_metadata


class PagesightRetriever(BaseRetriever):
    """Finds pages; each becomes a node with its text, its score, and in `metadata` where it stands."""

    def __init__(
        self,
        client: Client,
        collections: Sequence[str] = (),
        k: int = 5,
        *,
        async_client: AsyncClient | None = None,
        **filters: Any,
    ) -> None:
        """Ask with `client`, and where LlamaIndex awaits with `async_client`, if there is one.

        collections  names; none: all that the key reaches
        k            most pages
        filters      further arguments of the client's `search`: documents, pages, tags, metadata and so on
        """
        super().__init__()
        self._client = client
        self._async_client = async_client
        self._collections = tuple(names_of(collections))
        self._k = k
        self._filters = filters

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        query = query_bundle.query_str
        result = self._client.search(query, self._collections, self._k, **self._filters)
        return [_node(hit, self._client.page_text(hit.page_id).text) for hit in result.hits]

    async def _aretrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        client = self._async_client
        if client is None:
            return self._retrieve(query_bundle)
        query = query_bundle.query_str
        result = await client.search(query, self._collections, self._k, **self._filters)
        return [_node(hit, (await client.page_text(hit.page_id)).text) for hit in result.hits]


def _node(hit: Hit, text: str) -> NodeWithScore:
    node = TextNode(id_=f"pagesight-page-{hit.page_id}", text=text, metadata=page_metadata(hit))
    return NodeWithScore(node=node, score=hit.score)
