"""Makes the prompt of a model: the pages of an answer, and what was looked at more closely."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from generator.answering.writer import WritingRequest
from generator.passages.excerpts import excerpts
from generator.passages.support import ReadPage
from generator.prompts import Prompt, PromptLimits, build_prompt
from indexer.base.errors import DamagedFile
from retriever.hits import PageHit

_ONLY_AN_IMAGE = "These pages were found with an image instead of words. What do they show?"


def model_prompt(
    request: WritingRequest,
    pages: Sequence[ReadPage],
    page_image_of: Callable[[PageHit], bytes] | None,
    limits: PromptLimits,
    hidden_hits: list[PageHit],
) -> Prompt:
    """Return the prompt of a request; pages whose image is damaged are added to `hidden_hits`.

    pages          those of the request, and of its looks behind them
    page_image_of  gives the image of a page; None for a model that reads text only
    """
    # A look is told from its page by its hit, which is another object.
    looks = [replace(look.page, hit=replace(look.page.hit)) for look in request.looks]
    images = {id(own.hit): look.image for own, look in zip(looks, request.looks, strict=True)}
    n_pages = len(pages) - len(looks)

    def image_of(hit: PageHit) -> bytes | None:
        if id(hit) in images:
            return images[id(hit)]
        assert page_image_of is not None, "asked for a model that sees"
        try:
            return page_image_of(hit)
        except DamagedFile:
            hidden_hits.append(hit)
            return None

    question = request.question.strip() or _ONLY_AN_IMAGE
    room = limits.max_prompt_characters
    texts: Sequence[str | None] = [None] * n_pages
    if room is not None:
        texts = excerpts(question, request.query, pages[:n_pages], room)
    prompt = build_prompt(
        question,
        [*pages[:n_pages], *looks],
        image_of if page_image_of is not None else None,
        request.history,
        limits,
        request.client_instructions,
        texts=[*texts, *(look.text for look in request.looks)],
        json_schema=request.json_schema,
        wishes=request.wishes,
    )
    whole_pages = prompt.pages[: len(prompt.pages) - len(looks)]
    parts = (replace(page, video_id="") for page in prompt.pages[len(whole_pages) :])
    return replace(prompt, pages=(*whole_pages, *parts), tool_use=request.tool_use)
