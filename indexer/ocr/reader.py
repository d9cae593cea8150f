"""Read page images on a small pool of threads, each with an engine of its own.

The OCR packages are imported when the first page is read, not with this module.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from PIL import Image

from indexer.base.page_parts import PartRenderer
from indexer.base.pages import PageWords, RenderedPage
from indexer.ocr.area_reading import Budget, find_lines, legible, read_lines, searched_scale
from indexer.ocr.engine import Engine
from indexer.ocr.page_reading import WHOLE, PageCompleter
from indexer.ocr.printed_lines import words_of
from indexer.ocr.tesseract import Tesseract
from indexer.ocr.unread_scripts import OtherScripts

N_WORKERS = min(4, os.cpu_count() or 1)
MAX_PX = 40_000_000
CPU_S = 60.0


class PageReader:
    """Reads pages and images. Scripts: those of the recognizer, which are Latin, Chinese and Japanese.

    max_px  pixels of one page that are searched for print
    cpu_s   CPU seconds that reading one page may take

    Methods raise EncoderUnavailable when the OCR package or its models are missing.
    """

    def __init__(
        self, n_workers: int = N_WORKERS, *, max_px: int = MAX_PX, cpu_s: float = CPU_S
    ) -> None:
        self._pool = ThreadPoolExecutor(n_workers, thread_name_prefix="page-reader")
        self._engines = threading.local()
        self.n_engines = 0
        tesseract = Tesseract.find()
        self._other_scripts = OtherScripts(tesseract) if tesseract else None
        self._max_px = max_px
        self._cpu_s = cpu_s

    def read(self, image: Image.Image) -> PageWords:
        """Return the words on one RGB image; `PageWords()` when there are none."""
        return self.read_many([image])[0]

    def read_many(self, images: Sequence[Image.Image]) -> list[PageWords]:
        """`read` for each image, in the order given, on all workers."""
        return list(self._pool.map(self._read_image, images))

    def complete(
        self,
        pages: Sequence[RenderedPage],
        part_renderers: Sequence[PartRenderer | None],
        *,
        whole: bool = False,
    ) -> list[RenderedPage]:
        """Return the pages with the words that their layers lack, on all workers.

        part_renderers  of each page: what renders parts of it with more pixels
        whole    read each page whole, wherever its layer has words, too
        """
        completers = [
            PageCompleter(
                self._engine, page, source, self._max_px, self._cpu_s, self._other_scripts
            )
            for page, source in zip(pages, part_renderers, strict=True)
        ]
        return list(self._pool.map(lambda completer: completer.complete(whole=whole), completers))

    def _read_image(self, image: Image.Image) -> PageWords:
        engine, budget = self._engine(), Budget(self._max_px, self._cpu_s)
        rgb = image.convert("RGB")
        quads = find_lines(engine, rgb, WHOLE, searched_scale(rgb.size), budget)
        lines = legible(list(read_lines(engine, np.asarray(rgb), quads, budget)))
        return words_of(lines, rgb.size)

    def _engine(self) -> Engine:
        engine: Engine | None = getattr(self._engines, "engine", None)
        if engine is None:
            engine = self._engines.engine = Engine()
            self.n_engines += 1
        return engine
