"""Answers "Which documents do you have?": the catalog knows it, no page says it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from generator.answering.inert_text import inert
from indexer.catalog.catalog import Catalog
from indexer.catalog.document_records import Document

_THINGS = r"(?:(?:all )?(?:of )?(?:the |your |my |our )?(?:documents?|files?|pdfs?|docs|manuals?|sources))"
_PLACE = (
    r"(?: (?:in|of|from|inside) (?:here|there|(?:the|this|your|my|our) (?:[\w-]+ )?"
    r"(?:collections?|library|knowledge base|index|folder)))"
)
_ASKS = (
    rf"(?:which|what) (?:kind of |sort of )?{_THINGS} "
    r"(?:do you (?:have|know|read|see|hold)(?: access to| about| of)?"
    r"|have you (?:got|read|indexed)|can you (?:read|see|search|use|access)"
    r"|are (?:there|here|available|loaded|indexed)"
    r"|are you (?:using|reading|searching)|can i ask(?: you)? about)",
    rf"(?:which|what) {_THINGS} are{_PLACE}",
    rf"(?:can you |could you |please )*(?:list|show|name|tell me|give me)(?: me)?(?: a list of)? {_THINGS}"
    rf"(?: (?:that )?you (?:have|know|can read|can see))?",
    rf"how many {_THINGS} (?:do you (?:have|know)|are there)",
    r"what(?: is| are|'s) (?:in (?:here|(?:the|this|your) (?:collection|library|knowledge base)))",
    r"what do you know(?: about)?|what can i ask(?: you)?(?: about)?",
)
_PATTERN = re.compile(
    rf"\W*(?:(?:hi|hello|hey|ok|so|please|and)\W+)?(?:{'|'.join(_ASKS)}){_PLACE}?"
    r"(?: (?:please|now|at all|exactly))*\W*",
    re.IGNORECASE,
)
_MAX_LISTED = 20


def asks_for_documents(message: str) -> bool:
    """Say whether a message asks which documents there are, and nothing else."""
    return _PATTERN.fullmatch(message) is not None


def documents_in_words(catalog: Catalog, collections: Sequence[str]) -> str:
    """Say which documents the collections hold, the first of them by name. Raises CollectionNotFound."""
    groups = [(name, _searchable(catalog, name)) for name in collections]
    n_documents = sum(len(documents) for _, documents in groups)
    if not n_documents:
        return "There are no documents yet."
    text = f"I can read {_count_text(n_documents, 'document')}:\n"
    left = _MAX_LISTED
    for name, documents in groups:
        if len(groups) > 1 and documents and left:
            text += f"\n{inert(name)}:\n"
        for document in documents[:left]:
            text += f"\n- {inert(document.title)} ({_count_text(document.n_pages, 'page')})"
        text += "\n" if len(groups) > 1 and documents and left else ""
        left -= len(documents[:left])
    if n_documents > _MAX_LISTED:
        text += f"\n… and {n_documents - _MAX_LISTED} more."
    return text.rstrip()


def _searchable(catalog: Catalog, collection: str) -> list[Document]:
    rows = catalog.documents.of_collection(catalog.collections.get(collection).id)
    return [row for row in rows if row.verdict.searchable and row.is_current]


def _count_text(n: int, noun: str) -> str:
    return f"{n:,} {noun}" + ("" if n == 1 else "s")
