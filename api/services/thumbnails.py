"""Small page images: one is stored within the page image, others are made once while they are asked for.

To make one takes the decoding of the whole page image, 12 to 25 ms of CPU; it has 3 to 30 KB. So they are
kept in memory, the last used ones, by the content of their page image: nothing of them can be out of date
or damaged.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

from indexer.base.page_images import (
    SMALL_WIDTH_PX,
    encode_page_image,
    open_page_image,
    small_image_within,
)

MAX_WIDTH_PX = 640  # of cards on a screen with two pixels for one
MAX_BYTES = 32 * 1024**2  # some 2,000 of them


class Thumbnails:
    """The page images of at most MAX_WIDTH_PX that were asked for last. Safe to use from several threads."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._n_bytes = 0
        self._images: OrderedDict[tuple[str, int], bytes] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, sha256: str, width_px: int, read_stored: Callable[[], bytes]) -> bytes:
        """Return the page image `sha256` (WebP) `width_px` wide; `read_stored` gives it as it is stored.

        A width above MAX_WIDTH_PX is made anew each time. Raises DamagedFile, and what `read_stored` raises.
        """
        if width_px > MAX_WIDTH_PX:
            return _narrower(read_stored(), width_px)
        key = sha256, width_px
        with self._lock:
            if key in self._images:
                self._images.move_to_end(key)
                return self._images[key]
        image = _small(read_stored(), width_px)
        with self._lock:
            if key not in self._images:
                self._images[key] = image
                self._n_bytes += len(image)
            while self._n_bytes > self._max_bytes:
                _, oldest = self._images.popitem(last=False)
                self._n_bytes -= len(oldest)
        return image


def _small(data: bytes, width_px: int) -> bytes:
    small = small_image_within(data) if width_px <= SMALL_WIDTH_PX else None
    if small is None:
        return _narrower(data, width_px)
    return small if width_px == SMALL_WIDTH_PX else _narrower(small, width_px)


def _narrower(data: bytes, width_px: int) -> bytes:
    return encode_page_image(open_page_image(data, width_px))
