"""A retriever for LangChain: `pip install 'pagesight-client[langchain]'`."""

from __future__ import annotations

from typing import Any

from langchain_core.callbacks import (
    AsyncCallbackManagerForRetrieverRun,
    CallbackManagerForRetrieverRun,
)
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict, Field

from pagesight_client.async_client import AsyncClient
from pagesight_client.client import Client
from pagesight_client.found_pages import page_metadata


class PagesightRetriever(BaseRetriever):
    """Finds pages; each becomes a document with its text, and in `metadata` where it stands.

    client        asks for `invoke`
    async_client  asks for `ainvoke`; None: `ainvoke` asks with the client in a thread
    collections   names; none: all that the key reaches
    k             most pages
    filters       further arguments of the client's `search`: documents, pages, tags, metadata and so on
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    client: Client
    async_client: AsyncClient | None = None
    collections: tuple[str, ...] = ()
    k: int = 5
    filters: dict[str, Any] = Field(default_factory=dict)

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[Document]:
        result = self.client.search(query, self.collections, self.k, **self.filters)
        return [
            Document(
                page_content=self.client.page_text(hit.page_id).text, metadata=page_metadata(hit)
            )
            for hit in result.hits
        ]

    async def _aget_relevant_documents(
        self, query: str, *, run_manager: AsyncCallbackManagerForRetrieverRun
    ) -> list[Document]:
        if self.async_client is None:
            return await super()._aget_relevant_documents(query, run_manager=run_manager)
        result = await self.async_client.search(query, self.collections, self.k, **self.filters)
        return [
            Document(
                page_content=(await self.async_client.page_text(hit.page_id)).text,
                metadata=page_metadata(hit),
            )
            for hit in result.hits
        ]
