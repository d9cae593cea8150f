"""Compares a pointed place with what its page says there: only what agrees is evidence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from generator.passages.questions.terms import terms_of
from generator.passages.splitting.page_passages import passages_of
from generator.passages.support import ReadPage
from indexer.base.language.stop_words import STOP_WORDS
from indexer.base.layout import BlockKind
from indexer.base.pages import BOX_SCALE, FractionBox

Agreement = Literal["words", "cell", "patches", ""]

_MAX_AREA = 0.5  # of the page: a larger box points at nothing
_WORD_SHARE = 0.5  # of the words said, in the box; of the numbers all
_EDGE = 0.01  # of the page, added around a box: models are off by a little
_OVERLAP = 0.3  # of intersection over union, with a region that made the page match


def agreement(box: FractionBox, statement: str, page: ReadPage) -> Agreement:
    """Say what of the page agrees with a box or point for `said`: words in it, the cell of a table there,
    or, where the page has no words there, the patches that made it match. Empty: nothing does.
    """
    x0, y0, x1, y1 = box
    if (x1 - x0) * (y1 - y0) > _MAX_AREA:
        return ""
    statement_terms = frozenset(term for term in terms_of(statement) if term not in STOP_WORDS)
    cell = _cell_text(box, page)
    if cell and terms_of(cell) and terms_of(cell) <= terms_of(statement):
        return "cell"
    inside = _words_inside(box, page)
    if not inside:
        return "patches" if _on_evidence(box, page) else ""
    return "words" if statement_terms and _holds(terms_of(inside), statement_terms) else ""


def _holds(terms: frozenset[str], statement_terms: frozenset[str]) -> bool:
    numbers = {term for term in statement_terms if any(map(str.isdigit, term))}
    words = statement_terms - numbers
    return numbers <= terms and len(words & terms) >= _WORD_SHARE * len(words)


def _words_inside(box: FractionBox, page: ReadPage) -> str:
    """Return the words in a box; for a point, the passage that it lies on."""
    words = page.words
    if box[0] == box[2] and box[1] == box[3]:
        at = np.array(box[:2]) * BOX_SCALE
        for passage in passages_of(words):
            if any(_contains(part.tolist(), at) for part in passage.parts):
                return passage.quote
        return ""
    if not len(words):
        return ""
    edges = _grown(box)
    centres = (words.boxes[:, :2].astype(np.float64) + words.boxes[:, 2:]) / 2
    is_inside = np.all((centres >= edges[:2]) & (centres <= edges[2:]), axis=1)
    return " ".join(words.texts[i] for i in np.flatnonzero(is_inside))


def _cell_text(box: FractionBox, page: ReadPage) -> str:
    """Return the text of the table cell that the middle of a box lies in."""
    middle = np.array([box[0] + box[2], box[1] + box[3]]) / 2 * BOX_SCALE
    for block in page.words.layout.blocks:
        if block.kind is BlockKind.TABLE:
            for cell in block.cells:
                if cell.stop > cell.start and _contains(cell.box, middle):
                    return page.words.quote(cell.start, cell.stop)
    return ""


def _on_evidence(box: FractionBox, page: ReadPage) -> bool:
    """Say whether a box lies on a region whose patches made the page match."""
    middle = np.array([box[0] + box[2], box[1] + box[3]]) / 2
    is_point = box[0] == box[2] and box[1] == box[3]
    return any(
        _contains(evidence.box, middle)
        if is_point
        else _intersection_over_union(box, evidence.box) >= _OVERLAP
        for evidence in page.hit.evidence
    )


def _grown(box: FractionBox) -> NDArray[np.float64]:
    edges = np.array(box, np.float64) + np.array([-_EDGE, -_EDGE, _EDGE, _EDGE])
    return np.asarray(edges * BOX_SCALE, np.float64)


def _contains(box: Sequence[float], at: NDArray[np.float64]) -> bool:
    x, y = at.tolist()
    x0, y0, x1, y1 = box
    return bool(x0 <= x <= x1 and y0 <= y <= y1)


def _intersection_over_union(a: FractionBox, b: FractionBox) -> float:
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    common = max(width, 0.0) * max(height, 0.0)
    areas = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (a, b))
    return common / (areas - common) if areas > common else 0.0
