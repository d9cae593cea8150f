"""Neighbouring pictures of a video, which a model that watches videos is given as one."""

from __future__ import annotations

from collections.abc import Iterable

from generator.prompts import PromptPage

_LONGEST_STEP_S = 30.0  # what moves all the time is a page of its video as often


def clips_of(pages: Iterable[PromptPage]) -> list[tuple[PromptPage, ...]]:
    """Group pages that are shown one after the other in one video; every other page is alone."""
    clips: list[tuple[PromptPage, ...]] = []
    for page in pages:
        if clips and _follows(clips[-1][-1], page):
            clips[-1] += (page,)
        else:
            clips.append((page,))
    return clips


def _follows(page: PromptPage, next_page: PromptPage) -> bool:
    if page.time_s is None or next_page.time_s is None or not page.video_id:
        return False
    return (
        page.video_id == next_page.video_id
        and page.page_number + 1 == next_page.page_number
        and 0 < next_page.time_s - page.time_s <= _LONGEST_STEP_S
        and page.image is not None
        and next_page.image is not None
    )
