"""Opens a bundle for a service that shows it and changes nothing of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from api.base.settings import Settings
from api.services.wiring import Services, wire
from indexer.base.errors import EncoderMismatch
from indexer.maintenance.backups.restoring import fill_data_folder
from indexer.maintenance.bundles.bundle_file import BundleFile
from indexer.maintenance.bundles.signatures import Signer


@contextmanager
def bundle_services(
    path: Path, settings: Settings, signer: Signer | None = None
) -> Iterator[Services]:
    """Unpack a bundle into a folder that is gone afterwards, every file proven, and wire services over it.

    signer  whose signature it must have; None: whoever made it

    Raises DamagedBundle, DataFolderTooNew, StorageError, EncoderMismatch where the settings ask for another
    encoder than its pages were made with, and what `wire` raises.
    """
    with TemporaryDirectory(prefix="pagesight-bundle-") as folder:
        data_dir = Path(folder) / "data"
        with BundleFile(path, signer) as bundle:
            fill_data_folder(bundle, data_dir)
            facts = bundle.facts
        changes = {
            "data_dir": data_dir,
            "database_url": None,
            "storage": None,
            "vectors": "faiss",
            "reserve_bytes": 0,
            "embedded_worker": False,
            "encoder": str(facts.encoder.get("name", settings.encoder)),
        }
        services = wire(settings.model_copy(update=changes))
        try:
            _require_encoder(services, path)
            yield replace(services, bundle=facts)
        finally:
            services.database.engine.dispose()


def _require_encoder(services: Services, path: Path) -> None:
    for collection in services.stores.catalog.collections.all():
        if not services.encoders.knows(collection.fingerprint):
            raise EncoderMismatch(
                f"the pages of {path} were made with {collection.fingerprint}, and the settings ask for "
                f"{services.encoder.fingerprint}: unset PAGESIGHT_ENCODER_CHECKPOINT, "
                "PAGESIGHT_TOKEN_POOLING and the like, or set them as they were where the bundle was made"
            )
