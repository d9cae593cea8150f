"""Searches, answers and conversations."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from pagesight_client.answers import (
    Answer,
    AnswerEvent,
    Citation,
    Conversation,
    Feedback,
    Hit,
    Message,
    MessageEvent,
    PagesRead,
    SearchResult,
    StepTaken,
    TokenRead,
    WholeConversation,
)
from pagesight_client.calls import (
    Call,
    Listing,
    Request,
    Stream,
    get,
    names_of,
    post,
    record_of,
    safe,
)
from pagesight_client.errors import UnexpectedReply
from pagesight_client.events import ServerEvent
from pagesight_client.reading import field_of, read_record, reader
from pagesight_client.records import Mode, Verdict, Versions

T = TypeVar("T", Answer, Message)

_FIRST_BYTES = {b"\xff\xd8\xff": "jpeg", b"GIF8": "gif", b"RIFF": "webp"}


def search(
    query: str,
    collections: Sequence[str] = (),
    k: int = 5,
    *,
    documents: Sequence[str] = (),
    pages: str | None = None,
    versions: Versions = "newest",
    page_ids: Sequence[int] | None = None,
    without_page_ids: Sequence[int] = (),
    tags: Sequence[str] = (),
    metadata: Mapping[str, str] | None = None,
    as_of: str | None = None,
    mode: Mode | None = None,
    image: Path | bytes | str | None = None,
) -> Call[SearchResult]:
    """Find the best pages of collections; none: of all that the key reaches.

    documents  ids or names: only their pages
    pages      page numbers, `7` or `3-10`: only these
    versions   of documents of one name, the newest or `all`
    page_ids   only these pages
    without_page_ids  pages to leave out, such as those of an answer that did not help
    tags       only of documents that have all of them
    metadata   only of documents that have all of these values
    as_of      a date, `2026-03-01`: documents as they were at its end
    mode       what pages are ranked by: `vectors`, `words` or `both`; None: as the service is set up
    image      a file, its bytes or a `data:` URI to look for; `query` may be empty then
    """
    body = _question(
        k, documents, pages, versions, page_ids, without_page_ids, tags, metadata, as_of
    ) | {
        "query": query,
        "collections": names_of(collections),
    }
    if mode is not None:
        body["mode"] = mode
    if image is not None:
        body["image"] = image if isinstance(image, str) else _data_uri(image)
    return Call(post("/v1/search", body), record_of(SearchResult))


def answer(
    question: str,
    collections: Sequence[str] = (),
    k: int = 5,
    *,
    documents: Sequence[str] = (),
    pages: str | None = None,
    versions: Versions = "newest",
    page_ids: Sequence[int] | None = None,
    without_page_ids: Sequence[int] = (),
    tags: Sequence[str] = (),
    metadata: Mapping[str, str] | None = None,
    as_of: str | None = None,
) -> Call[Answer]:
    """Answer a question from the best `k` pages; the rest as in `search`."""
    body = _question(
        k, documents, pages, versions, page_ids, without_page_ids, tags, metadata, as_of
    ) | {
        "question": question,
        "collections": names_of(collections),
    }
    return Call(post("/v1/answers", body), record_of(Answer))


def stream(
    question: str,
    collections: Sequence[str] = (),
    k: int = 5,
    *,
    documents: Sequence[str] = (),
    pages: str | None = None,
    versions: Versions = "newest",
    page_ids: Sequence[int] | None = None,
    without_page_ids: Sequence[int] = (),
    tags: Sequence[str] = (),
    metadata: Mapping[str, str] | None = None,
    as_of: str | None = None,
) -> Stream[AnswerEvent]:
    """Answer a question as the answer is written: PagesRead, StepTaken, TokenRead, Citation, last the Answer.

    Closing the iterator stops the answer.
    """
    body = _question(
        k, documents, pages, versions, page_ids, without_page_ids, tags, metadata, as_of
    ) | {
        "question": question,
        "collections": names_of(collections),
    }
    return Stream(post("/v1/answers", body | {"stream": True}), _event_reader(Answer))


def conversations() -> Listing[Conversation]:
    """Iterate over the conversations of this key, the latest first."""
    return Listing(get("/v1/conversations"), "conversations", reader(Conversation))


def create_conversation(collections: Sequence[str] = (), title: str = "") -> Call[Conversation]:
    """Begin a conversation about collections; none: all that the key reaches.

    Without a title it gets the first question's.
    """
    body = {"collections": names_of(collections), "title": title}
    return Call(post("/v1/conversations", body), record_of(Conversation))


def conversation(conversation_id: str) -> Call[WholeConversation]:
    """Return one conversation with its messages."""
    path = f"/v1/conversations/{safe(conversation_id)}"
    return Call(get(path), record_of(WholeConversation))


def rename_conversation(conversation_id: str, title: str) -> Call[Conversation]:
    """Give a conversation another title."""
    path = f"/v1/conversations/{safe(conversation_id)}"
    return Call(Request("PATCH", path, json={"title": title}), record_of(Conversation))


def delete_conversation(conversation_id: str) -> Call[None]:
    """Delete a conversation with its messages and their feedback."""
    path = f"/v1/conversations/{safe(conversation_id)}"
    return Call(Request("DELETE", path), lambda _: None)


def add_message(
    conversation_id: str,
    question: str,
    k: int = 5,
    *,
    documents: Sequence[str] = (),
    pages: str | None = None,
    versions: Versions = "newest",
    page_ids: Sequence[int] | None = None,
    without_page_ids: Sequence[int] = (),
    tags: Sequence[str] = (),
    metadata: Mapping[str, str] | None = None,
    as_of: str | None = None,
) -> Call[Message]:
    """Ask a question in a conversation; the rest as in `search`."""
    body = _question(
        k, documents, pages, versions, page_ids, without_page_ids, tags, metadata, as_of
    ) | {"question": question}
    path = f"/v1/conversations/{safe(conversation_id)}/messages"
    return Call(post(path, body), record_of(Message))


def stream_message(
    conversation_id: str,
    question: str,
    k: int = 5,
    *,
    documents: Sequence[str] = (),
    pages: str | None = None,
    versions: Versions = "newest",
    page_ids: Sequence[int] | None = None,
    without_page_ids: Sequence[int] = (),
    tags: Sequence[str] = (),
    metadata: Mapping[str, str] | None = None,
    as_of: str | None = None,
) -> Stream[MessageEvent]:
    """Ask a question in a conversation; the events of `stream`, but the last is the Message."""
    body = _question(
        k, documents, pages, versions, page_ids, without_page_ids, tags, metadata, as_of
    ) | {
        "question": question,
        "stream": True,
    }
    path = f"/v1/conversations/{safe(conversation_id)}/messages"
    return Stream(post(path, body), _event_reader(Message))


def give_feedback(
    conversation_id: str, message_id: str, verdict: Verdict, comment: str = ""
) -> Call[Feedback]:
    """Say whether an answer helped; feedback of before is replaced."""
    path = f"/v1/conversations/{safe(conversation_id)}/messages/{safe(message_id)}/feedback"
    body = {"verdict": verdict, "comment": comment}
    return Call(Request("PUT", path, json=body), record_of(Feedback))


def _question(
    k: int,
    documents: Sequence[str],
    pages: str | None,
    versions: Versions,
    page_ids: Sequence[int] | None,
    without_page_ids: Sequence[int],
    tags: Sequence[str],
    metadata: Mapping[str, str] | None,
    as_of: str | None,
) -> dict[str, object]:
    filters: dict[str, object] = {"documents": names_of(documents), "pages": pages}
    if page_ids is not None:
        filters["page_ids"] = list(page_ids)
    if without_page_ids:
        filters["without_page_ids"] = list(without_page_ids)
    if tags:
        filters["tags"] = names_of(tags)
    if metadata:
        filters["metadata"] = dict(metadata)
    if as_of is not None:
        filters["as_of"] = as_of
    body: dict[str, object] = {"k": k, "filters": filters}
    return body if versions == "newest" else body | {"versions": versions}


def _event_reader(
    whole: type[T],
) -> Callable[[ServerEvent], PagesRead | StepTaken | TokenRead | Citation | T]:
    """Return a function that reads the events of an answer; `done` holds the `whole` of it."""

    def read(event: ServerEvent) -> PagesRead | StepTaken | TokenRead | Citation | T:
        if event.name == "pages":
            hits = field_of(event.data, "pages")
            return PagesRead(tuple(read_record(Hit, hit) for hit in hits))
        if event.name == "token":
            return TokenRead(
                str(field_of(event.data, "text")), bool(event.data.get("is_value", False))
            )
        if event.name == "step":
            return read_record(StepTaken, event.data)
        if event.name == "citation":
            return read_record(Citation, event.data)
        if event.name == "done":
            return read_record(whole, event.data)
        raise UnexpectedReply(f"an answer has no event {event.name!r}: is this pagesight?")

    return read


def _data_uri(image: Path | bytes) -> str:
    data = image.read_bytes() if isinstance(image, Path) else image
    kind = next((kind for first, kind in _FIRST_BYTES.items() if data.startswith(first)), "png")
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"
