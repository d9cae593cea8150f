"""Pages on their way to the encoder: their images stored, gathered into batches worth encoding at once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from indexer.base.page_images import encode_stored_image
from indexer.base.pages import RenderedPage
from indexer.storage.blobs import BlobStore

_FIRST_PAGES = 4  # of the first batch; few, so that encoding begins while the rest are rendered
MAX_BYTES = 200_000_000  # of page images in one batch: 16 of 4 megapixels


@dataclass(frozen=True, slots=True)
class StoredPage:
    """A page whose image is in the store under `image_sha256`.

    content_sha256  of all that its words and vectors are made of; None: they are not to be made twice
    """

    rendered_page: RenderedPage
    image_sha256: str
    content_sha256: str | None = None


def stored_pages(
    pages: Iterable[RenderedPage], images: BlobStore, ocr: str
) -> Iterator[StoredPage]:
    """Store the image of every page as WebP. Raises StorageError.

    ocr  when pages are read by it, as in the settings: it decides on their words, too
    """
    for page in pages:
        image_sha256 = images.add(encode_stored_image(page.image))
        yield StoredPage(page, image_sha256, _content_sha256(page, image_sha256, ocr))


def _content_sha256(page: RenderedPage, image_sha256: str, ocr: str) -> str:
    """Return the SHA-256 of what is on a page, wherever in a document it stands."""
    facts = (page.width_pt, page.height_pt, page.image_coverage, page.invisible_text)
    text = repr((ocr, image_sha256, facts, page.pictures, page.regions))
    return hashlib.sha256(text.encode() + page.words.to_bytes()).hexdigest()


def page_batches(pages: Iterable[StoredPage], max_pages: int) -> Iterator[list[StoredPage]]:
    """Yield batches that double in length up to `max_pages`; a batch ends early at 200 MB of pixels."""
    n_next = min(_FIRST_PAGES, max_pages)
    batch: list[StoredPage] = []
    n_bytes = 0
    for page in pages:
        image = page.rendered_page.image
        batch.append(page)
        n_bytes += 3 * image.width * image.height
        if len(batch) == n_next or n_bytes >= MAX_BYTES:
            yield batch
            n_next = min(2 * n_next, max_pages)
            batch, n_bytes = [], 0
    if batch:
        yield batch
