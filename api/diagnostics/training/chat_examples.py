"""Questions as conversations to train an answer model on: the service's own prompt, and the right answer.

The form is LLaMA-Factory's `sharegpt` for models that see: `messages` of roles and contents, an `<image>` in
them for each file that `images` names, and a `dataset_info.json` that tells these names.
"""

from __future__ import annotations

import json
from collections.abc import Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.base.errors import InvalidQuestions
from api.diagnostics.evaluation.questions import PagePlace, Question
from api.diagnostics.training.labelled import held_out_documents
from api.services.prompting import limits_of
from api.services.stored_pages import page_image
from api.services.wiring import Services
from generator.answering.page_reading import read_pages
from generator.backends.messages import chat_messages
from generator.prompts import NOT_FOUND, build_prompt
from indexer.base.page_images import jpeg_for_model
from retriever.hits import PageHit
from retriever.query.filters import SearchFilter

_IMAGE = "<image>"
_INFO = "dataset_info.json"
_COLUMNS = {"messages": "messages", "images": "images"}
_TAGS = {
    "role_tag": "role",
    "content_tag": "content",
    "user_tag": "user",
    "assistant_tag": "assistant",
    "system_tag": "system",
}


@dataclass(frozen=True, slots=True)
class ChatExamples:
    """How many conversations were written, and how many questions were not, for want of answer or page."""

    n_learnt: int
    n_held_out: int
    n_left_out: int
    held_out_documents: tuple[str, ...]


def write_chat_examples(
    services: Services,
    collection: str,
    questions: Sequence[Question],
    folder: Path,
    *,
    n_pages: int,
    held_out: float,
    seed: int,
) -> ChatExamples:
    """Write `train.json`, `held_out.json`, the images and `dataset_info.json` into a new folder.

    Each question comes with the pages that a search for it finds, as the service would ask it; a right page
    that is not among them takes the place of the last.

    Raises CollectionNotFound, and InvalidQuestions for a folder with something in it and where nothing can be
    written.
    """
    if folder.exists() and any(folder.iterdir()):
        raise InvalidQuestions(f"{folder} has something in it: name a new folder")
    documents = {document.name for document in services.stores.catalog.snapshot(collection).current}
    names = sorted({name for q in questions for name, _ in q.gold if name in documents})
    held_out_names = held_out_documents(names, held_out, seed)
    writer = _ExampleWriter(services, collection, documents, folder, n_pages)
    examples: dict[str, list[dict[str, Any]]] = {"train": [], "held_out": []}
    for question in questions:
        example = writer.example(question)
        if example is not None:
            is_held_out = question.document in held_out_names
            examples["held_out" if is_held_out else "train"].append(example)
    if not examples["train"]:
        raise InvalidQuestions(
            "no question has both an answer and a page of the collection: nothing to write"
        )
    info = {}
    for name, lines in examples.items():
        if lines:
            text = json.dumps(lines, ensure_ascii=False, indent=1)
            (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")
            info[f"pagesight_{name}"] = {
                "file_name": f"{name}.json",
                "formatting": "sharegpt",
                "columns": _COLUMNS,
                "tags": _TAGS,
            }
    (folder / _INFO).write_text(json.dumps(info, indent=2) + "\n", encoding="utf-8")
    n_learnt, n_held_out = (len(lines) for lines in examples.values())
    n_left_out = len(questions) - n_learnt - n_held_out
    return ChatExamples(n_learnt, n_held_out, n_left_out, tuple(sorted(held_out_names)))


class _ExampleWriter:
    """Makes conversations, and writes the images that they show, each once."""

    def __init__(
        self,
        services: Services,
        collection: str,
        documents: Set[str],
        folder: Path,
        n_pages: int,
    ) -> None:
        self._services = services
        self._collection = collection
        self._documents = documents
        self._folder = folder
        self._n_pages = n_pages

    def example(self, question: Question) -> dict[str, Any] | None:
        """Return a conversation; None for a question whose answer or pages are not known."""
        hits = self._hits(question)
        if hits is None:
            return None
        images: list[str] = []

        def image_of(hit: PageHit) -> bytes:
            jpeg = jpeg_for_model(
                page_image(self._services.stores, hit.page),
                self._services.settings.max_prompt_image_px,
            )
            images.append(self._write_image(hit, jpeg))
            return jpeg

        pages = read_pages(hits, self._services.stores.catalog, self._services.searcher)
        limits = limits_of(self._services.settings)
        prompt = build_prompt(question.question, pages, image_of, limits=limits)
        numbers = [
            number for number, page in enumerate(pages, 1) if _place(page.hit) in question.gold
        ]
        answer = NOT_FOUND
        if question.answerable:
            if not numbers:
                return None
            text = "; ".join(question.answer.items) or question.gold_text
            answer = f"{text} {''.join(f'[{number}]' for number in numbers)}"
        messages = [_as_text(message) for message in chat_messages(prompt)]
        return {"messages": [*messages, {"role": "assistant", "content": answer}], "images": images}

    def _hits(self, question: Question) -> list[PageHit] | None:
        gold = {place for place in question.gold if place[0] in self._documents}
        if question.answerable and not (question.answer.is_known and gold):
            return None
        search = self._services.searcher.search
        hits = list(search(question.question, [self._collection], self._n_pages).hits)
        if not question.answerable:
            return hits or None
        for name, number in sorted(gold - {_place(hit) for hit in hits})[: self._n_pages]:
            within = SearchFilter(documents=(name,), page_range=(number, number))
            right_hits = search(question.question, [self._collection], 1, within).hits
            right_so_far = [hit for hit in hits if _place(hit) in gold]
            wrong_hits = [hit for hit in hits if _place(hit) not in gold]
            n_wrong = max(self._n_pages - len(right_so_far) - 1, 0)
            hits = [*right_so_far, *wrong_hits[:n_wrong], *right_hits]
        return hits

    def _write_image(self, hit: PageHit, jpeg: bytes) -> str:
        path = self._folder / "images" / f"{hit.page.id}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(jpeg)
        return f"images/{path.name}"


def _place(hit: PageHit) -> PagePlace:
    return hit.document.name, hit.page.page_number


def _as_text(message: dict[str, Any]) -> dict[str, str]:
    """Return a message whose images are marks; what looks like one on a page is broken up."""
    content = message["content"]
    parts = [{"type": "text", "text": content}] if isinstance(content, str) else content
    texts = [
        part["text"].replace(_IMAGE, "< image>") if part["type"] == "text" else _IMAGE
        for part in parts
    ]
    return {"role": message["role"], "content": "\n".join(texts)}
