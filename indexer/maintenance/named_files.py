"""Every file that a catalog names."""

from __future__ import annotations

from collections.abc import Iterator

from indexer.catalog.catalog import Catalog
from indexer.stores import Stores


def named_files(stores: Stores, catalog: Catalog) -> Iterator[tuple[str, str]]:
    """Yield (path below the data folder, SHA-256) of what a catalog names, first what is soonest removed."""
    root = stores.folder.root
    for record in catalog.segments.all():
        folder = stores.vectors.folder_of(record.collection_id, record.name)
        if folder is not None:
            for name, file in record.files.items():
                yield (folder / name).relative_to(root).as_posix(), file.sha256
    originals, images = catalog.named_blobs()
    for store, names in ((stores.originals, originals), (stores.images, images)):
        for sha256 in sorted(names):
            yield store.path(sha256).relative_to(root).as_posix(), sha256
