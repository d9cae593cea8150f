"""An agent that answers from documents and shows its proof: LangChain's tools over pagesight.

    python client/examples/agent.py "How tight must the flange bolts be?" manuals

It needs no model: the agent here is a loop that searches, reads and lets pagesight answer. With a model, hand
`tools(client)` to any agent of LangChain's: `create_agent(model, tools(client))`.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from langchain_core.tools import BaseTool, tool

from pagesight_client import Client


def tools(client: Client, collections: Sequence[str] = ()) -> list[BaseTool]:
    """Return the tools of an agent: search pages, read one, ask for a cited answer."""

    @tool
    def search_pages(query: str) -> list[dict[str, object]]:
        """Find the pages that match a query best; each has an id, its document and a snippet."""
        hits = client.search(query, collections, k=5).hits
        return [
            {
                "page_id": hit.page_id,
                "document": hit.document,
                "page_number": hit.page_number,
                "snippet": hit.snippet,
            }
            for hit in hits
        ]

    @tool
    def read_page(page_id: int) -> str:
        """Read the text of a page by its id."""
        return client.page_text(page_id).text

    @tool
    def ask_documents(question: str) -> dict[str, object]:
        """Answer a question from the documents, with the pages that prove it."""
        answer = client.answer(question, collections)
        return {
            "answer": answer.answer,
            "grounded": answer.grounded,
            "citations": [f"{row.document}, page {row.page_number}" for row in answer.citations],
        }

    return [search_pages, read_page, ask_documents]


def main(question: str, *collections: str) -> None:
    """Answer a question and print the pages that prove it."""
    with Client("http://127.0.0.1:8000") as client:
        by_name = {one_tool.name: one_tool for one_tool in tools(client, collections)}
        answer = by_name["ask_documents"].invoke({"question": question})
        print(answer["answer"])
        for citation in answer["citations"]:
            print("-", citation)
        if not answer["grounded"]:
            for hit in by_name["search_pages"].invoke({"query": question}):
                print("nearest:", hit["document"], "page", hit["page_number"])


if __name__ == "__main__":
    main(*sys.argv[1:])
