"""Forecast the cost of an ingest: every file is opened and counted, five pages are really ingested.

Nothing is written. The five pages are rendered, read and encoded as the pipeline does it.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Sequence
from statistics import fmean

from indexer.base.errors import DocumentRejected
from indexer.base.page_images import encode_stored_image
from indexer.base.page_parts import PartRenderer
from indexer.base.pages import PageEmbedding, RenderedPage
from indexer.base.verdicts import Verdict
from indexer.encoders.base import PageEncoder
from indexer.ingest.forecast import (
    Count,
    CountedFile,
    Estimate,
    PageSeconds,
    RefusedFile,
    SampledPage,
)
from indexer.ingest.page_batches import MAX_BYTES
from indexer.inputs.rasterizer import Rasterizer
from indexer.inputs.sandbox import warm_process
from indexer.inputs.sources import Source
from indexer.layout.document_layout import DocumentLayout
from indexer.ocr.word_source import WordSource
from indexer.storage.files import sha256_of

N_SAMPLES = 5
_BOX_BYTES = 4 * 2


class Estimator:
    """Forecasts ingests with the parts that would do them."""

    def __init__(
        self,
        rasterizer: Rasterizer,
        words: WordSource,
        load_encoder: Callable[[], PageEncoder],
        *,
        int8_copies: bool = True,
    ) -> None:
        self._rasterizer = rasterizer
        self._words = words
        self._load_encoder = load_encoder
        self._int8_copies = int8_copies

    def count(
        self,
        sources: Sequence[Source],
        is_known: Callable[[str], bool] = lambda sha256: False,
        on_file: Callable[[], None] = lambda: None,
    ) -> Count:
        """Open every file in a rasterizer child. `is_known`: whether these bytes are indexed already."""
        files: list[CountedFile] = []
        refused_files: list[RefusedFile] = []
        n_unchanged, open_s = 0, 0.0
        for source in sources:
            began = time.monotonic()
            try:
                with self._rasterizer.open(source.path, name=source.telling_name) as pdf:
                    n_pages = pdf.n_pages
                open_s += time.monotonic() - began
                if is_known(sha256_of(source.path)):
                    n_unchanged += 1
                else:
                    files.append(CountedFile(source, n_pages, source.path.stat().st_size))
            except DocumentRejected as error:
                refused_files.append(RefusedFile(source.name, error.verdict, str(error)))
            except OSError as error:  # it went while it was read
                reason = error.strerror or type(error).__name__
                refused_files.append(RefusedFile(source.name, Verdict.FAILED, reason))
            on_file()
        return Count(tuple(files), tuple(refused_files), n_unchanged, open_s)

    def estimate(self, count: Count) -> Estimate:
        """Raises EncoderUnavailable when the encoder cannot be loaded."""
        if not count.files:
            return Estimate(count, (), PageSeconds(), 0.0, _peak_bytes())
        began = time.monotonic()
        encoder = self._load_encoder()
        load_s = time.monotonic() - began
        names, rendered_pages, part_renderers, render_s, layout_load_s = self._render(count.files)
        if not rendered_pages:
            return Estimate(count, (), PageSeconds(), load_s, _peak_bytes())
        began = time.monotonic()
        # The first time builds an engine for each worker.
        encoder.encode_pages(self._with_words(encoder, rendered_pages, part_renderers)[:1])
        warm_s = time.monotonic() - began
        began = time.monotonic()
        pages = self._with_words(encoder, rendered_pages, part_renderers)
        read_at = time.monotonic()
        embeddings = encoder.encode_pages(pages)
        encoded_at = time.monotonic()
        samples = tuple(map(_sample, names, pages, embeddings))
        stored_at = time.monotonic()
        n = len(pages)
        page_s = PageSeconds(
            render_s / n,
            (read_at - began) / n,
            (encoded_at - read_at) / n,
            (stored_at - encoded_at) / n,
        )
        # A page that needs OCR may come although no sample did.
        unseen = self._words.unloaded_bytes if encoder.reads_words else 0
        peak = _forecast_bytes(count, samples, encoder.window) + unseen
        warm_s -= (read_at - began) + (encoded_at - read_at) / n
        load_s += len(count.files) * layout_load_s / n
        return Estimate(count, samples, page_s, load_s + max(warm_s, 0.0), peak, self._int8_copies)

    def _render(
        self, files: Sequence[CountedFile]
    ) -> tuple[list[str], list[RenderedPage], list[PartRenderer | None], float, float]:
        """Return the names of documents, a sample page of each, what renders parts of it, and the seconds.

        The layout model is loaded once a file: for each sample here, and not for each page. Its seconds
        are the last; those of rendering and of the model's work before them.
        """
        names: list[str] = []
        part_renderers: list[PartRenderer | None] = []
        pages: list[RenderedPage] = []
        seconds, layout_load_s = 0.0, 0.0
        for file, number in spread(files, N_SAMPLES):
            try:
                with self._rasterizer.open(
                    file.source.path, first_page=number, name=file.source.telling_name
                ) as pdf:
                    began = time.monotonic()
                    page = next(pdf.pages())
                    seconds += time.monotonic() - began - pdf.layout_load_s
                    layout_load_s += pdf.layout_load_s
            except (DocumentRejected, StopIteration, OSError):  # the others must do
                continue
            names.append(file.source.name)
            pages.append(page)
            part_renderers.append(pdf.part_renderer)
        return names, pages, part_renderers, max(seconds, 0.0), layout_load_s

    def _with_words(
        self,
        encoder: PageEncoder,
        pages: list[RenderedPage],
        part_renderers: list[PartRenderer | None],
    ) -> list[RenderedPage]:
        complete = self._words.complete(pages, part_renderers) if encoder.reads_words else pages
        return [DocumentLayout().lay_out(page) for page in complete]


def spread(files: Sequence[CountedFile], n: int) -> list[tuple[CountedFile, int]]:
    """Choose at most `n` pages (file, page number), evenly over all pages of all files."""
    total = sum(file.n_pages for file in files)
    n = min(n, total)
    places = [int((i + 0.5) * total / n) for i in range(n)]
    pages: list[tuple[CountedFile, int]] = []
    before = 0
    for file in files:
        pages += [(file, at - before + 1) for at in places if before <= at < before + file.n_pages]
        before += file.n_pages
    return pages


def _sample(name: str, page: RenderedPage, embedding: PageEmbedding) -> SampledPage:
    n_vectors = len(embedding.vectors)
    return SampledPage(
        document=name,
        page_number=page.page_number,
        n_vectors=n_vectors,
        vector_bytes=embedding.vectors.nbytes + n_vectors * _BOX_BYTES,
        image_bytes=len(encode_stored_image(page.image)),
        text_bytes=len(page.words.to_bytes()),
        pixel_bytes=page.image.width * page.image.height * 3,
        text_source=page.words.source,
    )


def _peak_bytes() -> int:
    """Return the most memory so far of this process, and of the largest child that has ended."""
    own_bytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024  # Linux: KiB
    return own_bytes + warm_process.usage.peak_bytes


def _forecast_bytes(count: Count, samples: Sequence[SampledPage], window: int) -> int:
    """Add to the peak so far: two full windows of images for the samples', the largest file's vectors.

    A document's vectors are held until its last page, and once more where they become one segment.
    """
    longest = max(file.n_pages for file in count.files)
    page_bytes = max(page.pixel_bytes for page in samples)
    images = min(2 * min(window * page_bytes, MAX_BYTES), longest * page_bytes)
    sample_bytes = sum(page.pixel_bytes for page in samples)
    vectors = 2 * longest * fmean(page.vector_bytes for page in samples)
    return _peak_bytes() + max(images - sample_bytes, 0) + round(vectors)
