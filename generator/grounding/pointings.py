"""Ties what a model pointed at to the pages that it was given and to what it said there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from generator.grounding.agreement import Agreement, agreement
from generator.grounding.places import PointedPlace
from generator.grounding.scales import Scale, to_fractions
from generator.passages.support import ReadPage
from indexer.base.pages import FractionBox

_MARKER = re.compile(r"\[(\d{1,2})(?:\s*[,;]\s*\d{1,2})*\]")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")


@dataclass(frozen=True, slots=True)
class Pointing:
    """A place of a page that the model itself pointed at.

    box         page fractions; of a point, its two corners are the same
    label       what the model calls it, or the sentence beside it
    agrees_with what of the page agrees: `words`, `cell`, `patches`; empty: nothing, it is the model's own
    """

    page_id: int
    document_id: str
    document: str
    page_number: int
    box: FractionBox
    is_point: bool
    label: str
    agrees_with: Agreement = ""


def pointings_of(
    text: str,
    places: Sequence[PointedPlace],
    pages: Sequence[ReadPage],
    scale: Scale,
    images_px: Sequence[tuple[int, int] | None],
) -> list[Pointing]:
    """Return what the places of a text point at, those that name no page and lie on none left out.

    pages, images_px  as the model was given them, [1] the first; the size of an image is as the model saw it
    """
    pointings = []
    for place in places:
        number = place.image or _marked_page(text, place) or (1 if len(pages) == 1 else 0)
        if not 1 <= number <= len(pages):
            continue
        box = to_fractions(place, scale, images_px[number - 1])
        if box is None:
            continue
        page = pages[number - 1]
        sentence = _sentence_at(text, place)
        statement = place.label or sentence
        agrees_with = agreement(box, statement, page) or agreement(box, sentence, page)
        hit = page.hit
        pointings.append(
            Pointing(
                hit.page.id, hit.document.id, hit.document.name, hit.page.page_number,
                box, place.is_point, statement, agrees_with,
            )
        )  # fmt: skip
    return pointings


def _marked_page(text: str, place: PointedPlace) -> int | None:
    """Return the [n] nearest before a place in its sentence, else the nearest behind it."""
    before = _SENTENCE.split(text[: place.start])[-1]
    markers = [*_MARKER.finditer(before)]
    match = markers[-1] if markers else _MARKER.search(text, place.stop)
    return int(match[1]) if match else None


def _sentence_at(text: str, place: PointedPlace) -> str:
    """Return the words of the sentence before a place, without numbers of pages."""
    parts = [part for part in _SENTENCE.split(text[: place.start]) if _MARKER.sub("", part).strip()]
    return _MARKER.sub("", parts[-1]).strip() if parts else ""
