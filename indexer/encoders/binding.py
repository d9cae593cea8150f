"""A collection and the encoder that made it belong together."""

from __future__ import annotations

from indexer.catalog.records import Collection
from indexer.encoders.base import EncoderFingerprint
from indexer.errors import EncoderMismatch


def require_encoder(collection: Collection, fingerprint: EncoderFingerprint) -> None:
    """Raises EncoderMismatch unless `fingerprint` made the collection's vectors."""
    made_by = collection.fingerprint
    if made_by == fingerprint:
        return
    if made_by.name != fingerprint.name:
        remedy = f"set PAGESIGHT_ENCODER={made_by.name}"
    else:
        remedy = "install the version that indexed it"
    raise EncoderMismatch(
        f"collection {collection.name!r} was indexed by {_told(made_by)}, this is "
        f"{_told(fingerprint)}: {remedy}, or re-encode the files into a new collection with "
        "`pagesight ingest PATH -c NEW_NAME`"
    )


def _told(fingerprint: EncoderFingerprint) -> str:
    return f"{fingerprint.name} ({fingerprint.checkpoint}, revision {fingerprint.revision[:12]})"
