"""Pages on their way to the encoder: their images stored, gathered into batches worth encoding at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from indexer.base.page_images import encode_stored_image
from indexer.base.pages import RenderedPage
from indexer.storage.blobs import BlobStore

_FIRST_PAGES = 4  # of the first batch; few, so that encoding begins while the rest are rendered
MAX_BYTES = 200_000_000  # of page images in one batch: 16 of 4 megapixels


@dataclass(frozen=True, slots=True)
class StoredPage:
    """A page whose image is in the store under `image_sha256`."""

    rendered_page: RenderedPage
    image_sha256: str


def stored_pages(pages: Iterable[RenderedPage], images: BlobStore) -> Iterator[StoredPage]:
    """Store the image of every page as WebP. Raises StorageError."""
    for page in pages:
        yield StoredPage(page, images.add(encode_stored_image(page.image)))


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
