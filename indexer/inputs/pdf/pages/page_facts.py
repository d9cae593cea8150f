"""Facts about a page that tell how far its text layer and its image can be trusted, in the child."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Any

from indexer.inputs.sandbox.frames import MAX_PICTURES

_FILLED_OR_STROKED = 16 | 32  # MuPDF's FZ_STEXT_FILLED and FZ_STEXT_STROKED


def picture_facts(
    picture_infos: Sequence[dict[str, Any]], width: float, height: float
) -> list[tuple[float, ...]]:
    """Return the largest pictures of a page of width x height points: box in fractions, pixels per inch."""
    facts: list[tuple[float, ...]] = []
    for picture in picture_infos:
        x0, y0, x1, y1 = picture["bbox"]
        area = (x1 - x0) * (y1 - y0)
        n_px = picture["width"] * picture["height"]
        if not (isfinite(area) and area > 0 and n_px > 0):
            continue
        box = [
            min(max(part, 0.0), 1.0) for part in (x0 / width, y0 / height, x1 / width, y1 / height)
        ]
        if box[0] < box[2] and box[1] < box[3]:
            facts.append((*box, 72.0 * (n_px / area) ** 0.5))
    facts.sort(key=lambda fact: (fact[0] - fact[2]) * (fact[3] - fact[1]))
    return facts[:MAX_PICTURES]


def invisible_share(textpage: Any) -> float:
    """Return the share 0..1 of a page's letters that are painted in no way, as OCR programs write them."""
    from pymupdf import JM_make_spanlist, mupdf

    buffer = mupdf.fz_new_buffer(128)
    bounds = mupdf.FzRect(textpage.this.m_internal.mediabox)
    n_letters = n_invisible = 0
    for block in textpage.this:
        if block.m_internal.type != mupdf.FZ_STEXT_BLOCK_TEXT:
            continue
        for line in block:
            run: dict[str, Any] = {}
            JM_make_spanlist(run, line, False, buffer, bounds)
            for span in run.get("spans", ()):
                n_letters += len(span["text"])
                if not span["char_flags"] & _FILLED_OR_STROKED:
                    n_invisible += len(span["text"])
    return n_invisible / n_letters if n_letters else 0.0
