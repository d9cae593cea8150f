"""What the indexer is about: a page, its words, its vectors.

Dimension key: N page vectors, T query tokens, D dim, W words.
A box is (x0, y0, x1, y1), origin top left, in 1/65535 of the page's width and height: uint16.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexer.base.layout import PageBox, PageLayout
from indexer.base.reading import ReadWord, displayed_words, searched_words
from indexer.base.regions import PageRegions
from indexer.base.word_marks import ALL, BROKEN, GLUED

if TYPE_CHECKING:
    from PIL.Image import Image

BOX_SCALE = 65535

Boxes = NDArray[np.uint16]  # (N, 4)
FractionBox = tuple[float, float, float, float]


def boxes_from_fractions(fractions: NDArray[np.floating]) -> Boxes:
    """Return boxes (N, 4) uint16 of page fractions (N, 4) float, clipped to the page."""
    steps = np.clip(np.asarray(fractions, dtype=np.float64), 0.0, 1.0) * BOX_SCALE
    return np.rint(steps).astype(np.uint16).reshape(-1, 4)


def fraction_box(box: NDArray[np.uint16] | PageBox) -> FractionBox:
    """Return the page fractions of a box (4,) of 1/65535, to 1e-4: the form that leaves the program."""
    x0, y0, x1, y1 = (round(int(v) / BOX_SCALE, 4) for v in box)
    return (x0, y0, x1, y1)


def enclosing(boxes: Boxes) -> NDArray[np.uint16]:
    """Return the smallest box (4,) around boxes (N, 4), N >= 1."""
    return np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])


@dataclass(frozen=True, slots=True, eq=False)
class PageWords:
    """The words of one page in reading order, each with its box and the number of its line.

    texts   W strings without white space
    boxes   (W, 4) uint16
    lines   (W,) int32, non-decreasing: words with the same number stand on one line
    source  "text" from the PDF's text layer, "ocr" read from the page image, "none" for a page without words
    marks   (W,) uint8, the bits of `word_marks.py`; none by default
    layout  what the words belong to; empty where that is not known
    """

    texts: tuple[str, ...] = ()
    boxes: Boxes = field(default_factory=lambda: np.zeros((0, 4), np.uint16))
    lines: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))
    source: str = "none"
    marks: NDArray[np.uint8] = field(default_factory=lambda: np.zeros(0, np.uint8))
    layout: PageLayout = field(default_factory=PageLayout)

    def __post_init__(self) -> None:
        if not len(self.marks):
            object.__setattr__(self, "marks", np.zeros(len(self.texts), np.uint8))
        if not len(self.texts) == len(self.boxes) == len(self.lines) == len(self.marks):
            raise ValueError("texts, boxes, lines and marks must have one entry per word")
        if self.layout and self.layout.n_words != len(self.texts):
            raise ValueError("the blocks of a layout must hold every word")

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def n_characters(self) -> int:
        return sum(map(len, self.texts))

    def select(self, mask: NDArray[np.bool_]) -> PageWords:
        """Return the words for which `mask` (W,) is true."""
        texts = tuple(text for text, keep in zip(self.texts, mask.tolist(), strict=True) if keep)
        source = self.source if texts else "none"
        marks = self.marks[mask]
        places = np.flatnonzero(mask)
        marks[~mask[np.maximum(places - 1, 0)]] &= ALL & ~GLUED  # what it stood at is gone
        marks[~mask[np.minimum(places + 1, len(mask) - 1)]] &= ALL & ~BROKEN
        layout = self.layout.select(mask)
        return PageWords(texts, self.boxes[mask], self.lines[mask], source, marks, layout)

    def text(self, start: int = 0, stop: int | None = None) -> str:
        """Return the words start..stop as they are read: a space between words, a newline between lines."""
        lines = self.lines[start:stop].tolist()
        parts: list[str] = []
        last = 0
        for word in displayed_words(self.texts[start:stop], self.marks[start:stop].tolist()):
            if parts:
                parts.append(" " if lines[word.position] == lines[last] else "\n")
            parts.append(word.text)
            last = word.position
        return "".join(parts)

    def quote(self, start: int, stop: int) -> str:
        """Return the words start..stop as they are quoted, on one line."""
        texts, marks = self.texts[start:stop], self.marks[start:stop]
        if not marks.any():  # as most are
            return " ".join(texts)
        return " ".join(word.text for word in displayed_words(texts, marks.tolist()))

    def searched_words(self) -> list[ReadWord]:
        """Return the words as encoders are given them: parted ones whole, in plain letters and digits."""
        return searched_words(self.texts, self.marks.tolist())

    def to_bytes(self) -> bytes:
        """Return the stored form: compressed JSON."""
        body: dict[str, object] = {
            "texts": self.texts,
            "boxes": self.boxes.ravel().tolist(),
            "lines": self.lines.tolist(),
            "source": self.source,
        }
        if self.marks.any():
            body["marks"] = self.marks.tolist()
        if self.layout:
            body["layout"] = self.layout.to_json()
        return zlib.compress(json.dumps(body, ensure_ascii=False).encode(), 6)

    @classmethod
    def from_bytes(cls, data: bytes) -> PageWords:
        body = json.loads(zlib.decompress(data))
        return cls(
            texts=tuple(body["texts"]),
            boxes=np.array(body["boxes"], np.uint16).reshape(-1, 4),
            lines=np.array(body["lines"], np.int32),
            source=body["source"],
            marks=np.array(body.get("marks", ()), np.uint8),  # pages of before have none
            layout=PageLayout.from_json(body.get("layout")),  # nor a layout
        )


class PagePicture(NamedTuple):
    """A picture on a page: its box in fractions of the page, and how many of its pixels fill an inch."""

    box: FractionBox
    dpi: float


@dataclass(frozen=True, slots=True, eq=False)
class RenderedPage:
    """One page as the rasterizer gives it: the image, and what the text layer says.

    page_number     counts from 1; `label` is the number printed in the document's own scheme
    width_pt, height_pt  page size in points (1/72 inch), rotation applied
    image           RGB page image
    image_coverage  share 0..1 of the page area that embedded images cover
    regions         what else stands on it, and where
    pictures        the largest of those images
    invisible_text  share 0..1 of a scan's letters that are written invisibly: an OCR program's
    time_s          of a picture of a video, the second at which it is shown
    warnings        what to know about how the page was read; each a line
    """

    page_number: int
    label: str
    width_pt: float
    height_pt: float
    image: Image
    words: PageWords
    image_coverage: float = 0.0
    regions: PageRegions = field(default_factory=PageRegions)
    pictures: tuple[PagePicture, ...] = ()
    invisible_text: float = 0.0
    time_s: float | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class PageEmbedding:
    """A page's multi-vector: vectors (N, D) float16, L2-normalised, and the box each one looks at.

    N may be 0 (a page on which the encoder sees nothing); such a page is stored but never a hit.
    """

    vectors: NDArray[np.float16]  # (N, D)
    boxes: Boxes  # (N, 4)

    def __post_init__(self) -> None:
        if self.vectors.ndim != 2 or self.boxes.shape != (len(self.vectors), 4):
            raise ValueError("a page needs vectors (N, D) and boxes (N, 4)")


@dataclass(frozen=True, slots=True, eq=False)
class QueryEmbedding:
    """A query's multi-vector: vectors (T, D) float32, L2-normalised, and the text of each token.

    content  (T,) bool, true for tokens that carry the question's words; the others (special tokens,
             augmentation) take part in the score but never point at evidence.
    """

    vectors: NDArray[np.float32]  # (T, D)
    tokens: tuple[str, ...]
    content: NDArray[np.bool_]  # (T,)
