"""Read the words of page images with RapidOCR (PP-OCRv6 small, the models inside its wheel).

The only importer of rapidocr and onnxruntime. Dimension key: L lines, W words.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from indexer.base.errors import EncoderUnavailable
from indexer.base.pages import FractionBox, PageWords, boxes_from_fractions
from indexer.ocr.layout import rows_in_reading_order

# 1440 px cost 20 to 40 % more and found no more text, on slides or dense pages (own measurement).
LONG_SIDE_PX = 1024
_MAX_ASPECT = 2.0
_MAX_STRETCH = 2.0
ENGINE_BYTES = 150_000_000  # what an engine holds in memory, measured
N_WORKERS = min(4, os.cpu_count() or 1)
_DETECTOR, _RECOGNIZER = "PP-OCRv6_det_small.onnx", "PP-OCRv6_rec_small.onnx"
_INSTEAD = "or set PAGESIGHT_OCR=never to index text layers only"

_import_lock = threading.Lock()


class PageReader:
    """Reads page images on a small pool of threads, each with an engine built at its first page.

    Scripts: those of the recognizer, which are Latin, Chinese and Japanese.
    """

    def __init__(self, n_workers: int = N_WORKERS) -> None:
        self._pool = ThreadPoolExecutor(n_workers, thread_name_prefix="page-reader")
        self._engines = threading.local()

    def read(self, image: Image.Image) -> PageWords:
        """Return the words on one RGB page image; `PageWords()` when there are none.

        Raises EncoderUnavailable when the OCR package or its models are missing.
        """
        return self.read_many([image])[0]

    def read_many(self, images: Sequence[Image.Image]) -> list[PageWords]:
        """`read` for each image, in the order given, on all workers."""
        return list(self._pool.map(self._read_page, images))

    def _read_page(self, image: Image.Image) -> PageWords:
        engine = getattr(self._engines, "engine", None)
        if engine is None:
            engine = self._engines.engine = _build_engine()
        small = _scaled_down(image)
        result = engine(_pad(small))
        if not result.txts:
            return PageWords()
        return _page_words(result.boxes, result.txts, result.word_results, small.size)


def _scaled_down(image: Image.Image) -> Image.Image:
    """Scale to 1024 px on the long side; up to 2048 for strips (a till receipt), which stay legible."""
    aspect = max(image.size) / min(image.size)
    strip_side = round(min(aspect / _MAX_ASPECT, _MAX_STRETCH) * LONG_SIDE_PX)
    small = image.convert("RGB")
    side = max(LONG_SIDE_PX, strip_side)
    small.thumbnail((side, side))
    return small


def _pad(image: Image.Image) -> Image.Image:
    """Put the image on a white ground of aspect 2 at most.

    The detector enlarges the short side to 736 px: a strip of 3 x 2000 px would take all memory.
    """
    width, height = (max(side, round(max(image.size) / _MAX_ASPECT)) for side in image.size)
    ground = Image.new("RGB", (width, height), "white")
    ground.paste(image)
    return ground


def _page_words(
    quads: Any, texts: Sequence[str], word_results: Sequence[Any], size: tuple[int, int]
) -> PageWords:
    """Return the words in reading order, from quads (L, 4, 2) in px and the text of each line."""
    corners = np.asarray(quads, dtype=np.float64)
    words: list[str] = []
    boxes: list[FractionBox] = []
    lines: list[int] = []
    for number, row in enumerate(rows_in_reading_order(corners)):
        for line in row:
            word_boxes = word_results[line] if len(word_results) == len(texts) else ()
            for word, box in _words_of_line(texts[line], corners[line], word_boxes):
                words.append(word)
                boxes.append(box)
                lines.append(number)
    fractions = np.array(boxes, np.float64).reshape(-1, 4) / np.array([*size, *size])
    return PageWords(
        texts=tuple(words),
        boxes=boxes_from_fractions(fractions),
        lines=np.array(lines, np.int32),
        source="ocr" if words else "none",
    )


def _words_of_line(
    text: str, quad: np.ndarray[Any, np.dtype[np.float64]], word_boxes: Sequence[Any]
) -> Iterator[tuple[str, FractionBox]]:
    """Yield the words of a line, each with its upright frame in px.

    The engine's word boxes are used where it cut the line as white space does (99 % of lines; they
    overlap the text layer's by 0.95). It cuts Chinese and Japanese by character, and any word at a
    wide gap: there a word gets its share of the line's length (0.81).
    """
    words = text.split()
    if [item[0] for item in word_boxes] == words:
        for word, item in zip(words, word_boxes, strict=True):
            yield word, _frame(np.asarray(item[2], np.float64))
        return
    top_left, top_right, bottom_right, bottom_left = quad
    start = 0
    for word in words:
        start = text.index(word, start)
        end = start + len(word)
        a, b = start / len(text), end / len(text)
        top, bottom = top_right - top_left, bottom_right - bottom_left
        corners = (top_left + a * top, top_left + b * top)
        yield word, _frame(np.array([*corners, bottom_left + a * bottom, bottom_left + b * bottom]))
        start = end


def _frame(points: np.ndarray[Any, np.dtype[np.float64]]) -> FractionBox:
    (x0, y0), (x1, y1) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    return (x0, y0, x1, y1)


def _build_engine() -> Any:
    """Build an engine on one thread that neither logs nor downloads."""
    with _import_lock:
        try:
            import onnxruntime  # noqa: F401 - rapidocr would miss it at the first page only
            import rapidocr
            from rapidocr import RapidOCR
        except ImportError as error:
            raise EncoderUnavailable(
                f"page images cannot be read ({error}): install rapidocr and onnxruntime, "
                f"{_INSTEAD}"
            ) from error
    models = Path(rapidocr.__file__).parent / "models"
    for name in (_DETECTOR, _RECOGNIZER):
        if not (models / name).is_file():
            raise EncoderUnavailable(
                f"the OCR model {name} is missing: reinstall rapidocr 3.10, {_INSTEAD}"
            )
    return RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.use_cls": False,  # pages come upright from the rasterizer
            "Global.return_word_box": True,
            "Det.model_path": str(models / _DETECTOR),  # a path given is never downloaded
            "Rec.model_path": str(models / _RECOGNIZER),
            # Lines of unlike length are padded to the longest of their batch: one by one costs 28 %
            # less CPU on a dense page and reads the same text.
            "Rec.rec_batch_num": 1,
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )
