"""What is stored of a page that was looked up a moment ago, and may have been deleted since."""

from __future__ import annotations

from indexer.base.errors import DamagedBlob, PageNotFound
from indexer.base.pages import PageWords
from indexer.catalog.document_records import Page
from indexer.stores import Stores


def page_image(stores: Stores, page: Page) -> bytes:
    """Return the image as it is stored (WebP). Raises PageNotFound, DamagedBlob, Unreadable."""
    try:
        return stores.images.read(page.image_sha256)
    except DamagedBlob as error:
        stores.catalog.pages.with_document(
            page.id
        )  # raises PageNotFound where the page is gone, too
        stores.damage.report(error)
        raise


def page_words(stores: Stores, page: Page) -> PageWords:
    """Return the words in reading order. Raises PageNotFound."""
    try:
        return stores.catalog.pages.words([page.id])[page.id]
    except KeyError as error:
        raise PageNotFound(f"no page {page.id}") from error
