"""Pages on their way to the encoder: their images kept, and gathered into lists worth encoding at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO

from PIL import Image

from indexer.base.pages import RenderedPage
from indexer.storage.blobs import BlobStore

_FIRST = 4  # pages; small, so that encoding begins while the rest are rendered
MAX_BYTES = 200_000_000  # of page images in one window: 16 of 4 megapixels
_WEBP_QUALITY = 80
_WEBP_EFFORT = 1  # 0..6; 1 costs a third of the CPU time of Pillow's default 4 for 5 % more bytes


@dataclass(frozen=True, slots=True)
class StoredPage:
    """A page whose image is in the store under `image_sha256`."""

    rendered: RenderedPage
    image_sha256: str


def kept(pages: Iterable[RenderedPage], images: BlobStore) -> Iterator[StoredPage]:
    """Every page, its image stored as WebP. Raises StorageError."""
    for page in pages:
        yield StoredPage(page, images.add(webp(page.image)))


def windows(pages: Iterable[StoredPage], most: int) -> Iterator[list[StoredPage]]:
    """Lists that double in length up to `most` pages; a list ends early at 200 MB of pixels."""
    wanted = min(_FIRST, most)
    window: list[StoredPage] = []
    n_bytes = 0
    for page in pages:
        window.append(page)
        n_bytes += 3 * page.rendered.image.width * page.rendered.image.height
        if len(window) == wanted or n_bytes >= MAX_BYTES:
            yield window
            wanted = min(2 * wanted, most)
            window, n_bytes = [], 0
    if window:
        yield window


def webp(image: Image.Image) -> bytes:
    """A page image as it is stored."""
    out = BytesIO()
    image.save(out, "WEBP", quality=_WEBP_QUALITY, method=_WEBP_EFFORT)
    return out.getvalue()
