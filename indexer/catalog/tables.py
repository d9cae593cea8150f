"""The tables of the catalog. A migration in `migrations/versions` makes each change; a test compares."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from indexer.catalog import service_tables  # noqa: F401 - whoever has `metadata` from here has all tables
from indexer.catalog.table_metadata import metadata as metadata

collections = Table(
    "collections",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", String(100), nullable=False, unique=True),
    Column("fingerprint", JSON, nullable=False),
    # Raised by every transaction that changes what a search may see; readers cache by it.
    Column("generation", BigInteger, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("title", Text),  # what people call it; null: its name
)

segments = Table(
    "segments",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("collection_id", ForeignKey("collections.id"), nullable=False, index=True),
    Column("n_pages", Integer, nullable=False),
    Column("n_vectors", BigInteger, nullable=False),
    Column("dim", Integer, nullable=False),
    Column("files", JSON, nullable=False),  # {file name: {"n_bytes", "sha256"}}
    # It belongs to the index beside the one that is searched (see `reencodings`).
    Column("is_shadow", Boolean, nullable=False, server_default=false()),
)

# The index beside the one that is searched: by the encoder that a collection is to have, or had before.
reencodings = Table(
    "reencodings",
    metadata,
    Column("collection_id", ForeignKey("collections.id", ondelete="CASCADE"), primary_key=True),
    Column("fingerprint", JSON, nullable=False),
    Column("swapped_at", DateTime(timezone=True)),  # null: it was never searched
)

documents = Table(
    "documents",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("collection_id", ForeignKey("collections.id"), nullable=False),
    Column("sha256", String(64), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("n_bytes", BigInteger, nullable=False),
    Column("verdict", String(32), nullable=False),
    Column("error_code", String(64)),
    Column("error_message", Text),
    Column("warnings", JSON, nullable=False),
    Column("n_pages", Integer, nullable=False),
    # Page number n has the id first_page_id + n - 1; null when nothing was indexed.
    Column("first_page_id", BigInteger),
    Column("segment", ForeignKey("segments.name"), index=True),
    Column("created_at", DateTime(timezone=True), nullable=False),
    # What is lost of a document that is searchable all the same; null: nothing that anybody knows of.
    Column("degraded", Text),
    # Which reader read its pages (see `reader_version.py`); null: one of before they had numbers.
    Column("reader", Integer),
    # Null: one that was refused, or that an older pagesight has added, which read PDF alone.
    Column("media_type", String(100)),
    # Where its pages stand in the index beside; null: not there yet. No foreign key: SQLite adds none.
    Column("shadow_segment", String(32), index=True),
    UniqueConstraint("collection_id", "sha256"),
)

# The names of bytes. A document without one (being indexed, refused, or of an older pagesight)
# has that of its own row. No foreign keys: names outlast the row of a document that is indexed anew.
document_names = Table(
    "document_names",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("collection_id", String(32), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("name", Text, nullable=False),
    Column(
        "name_start", String(200), nullable=False
    ),  # the first of its letters, by which it is looked up
    Column("attached_to", String(64)),  # SHA-256 of the document whose attachment it is
    # The last of one name is its newest version.
    Column("given_at", DateTime(timezone=True), nullable=False),
    Index(None, "collection_id", "sha256"),
    Index(None, "collection_id", "name_start"),
    Index(None, "collection_id", "attached_to"),
)

# Tags and metadata belong to the bytes, like names: they are there from the upload on, before any document.
document_tags = Table(
    "document_tags",
    metadata,
    Column("collection_id", String(32), primary_key=True),
    Column("sha256", String(64), primary_key=True),
    Column("tag", String(64), primary_key=True),
    Column("origin", String(16)),  # `properties.Origin`; null: people say it
    Index(None, "collection_id", "tag"),
)

document_metadata = Table(
    "document_metadata",
    metadata,
    Column("collection_id", String(32), primary_key=True),
    Column("sha256", String(64), primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
    Column("origin", String(16)),
)

synced_files = Table(
    "synced_files",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("collection_id", String(32), nullable=False, index=True),
    *(Column(name, Text, nullable=False) for name in ("folder", "path", "name")),
    Column("sha256", String(64), nullable=False),
    *(
        Column(n, BigInteger, nullable=False)
        for n in ("n_bytes", "modified_ns", "changed_ns", "device")
    ),
    Column("entity_tag", Text, nullable=False, server_default=""),
)

pages = Table(
    "pages",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("document_id", ForeignKey("documents.id"), nullable=False, index=True),
    Column("page_number", Integer, nullable=False),
    Column("label", Text, nullable=False),
    Column("width_pt", Float, nullable=False),
    Column("height_pt", Float, nullable=False),
    Column("image_sha256", String(64), nullable=False, index=True),
    Column("image_width_px", Integer, nullable=False),
    Column("image_height_px", Integer, nullable=False),
    Column("n_vectors", Integer, nullable=False),
    Column("text_source", String(8), nullable=False),
    Column("content_sha256", String(64), index=True),
    Column("shadow_n_vectors", Integer),  # in the index beside, where its document stands there
    Column("time_s", Float),
)

# Apart from `pages`, so that listing pages does not read their words.
page_words = Table(
    "page_words",
    metadata,
    Column("page_id", ForeignKey("pages.id"), primary_key=True, autoincrement=False),
    Column("words", LargeBinary, nullable=False),  # PageWords.to_bytes
)

counters = Table(
    "counters",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("value", BigInteger, nullable=False),
)

# One row: what this catalog and its data folder know each other by.
pair_mark = Table(
    "pair_mark",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),  # 1
    Column("id", String(32), nullable=False),
    # Rises while the catalog is written; the folder remembers it, so that an older catalog is known.
    Column("epoch", BigInteger, nullable=False),
)

# Files whose content somebody deleted: they go as soon as nothing names them and no writer relies on them.
removals = Table(
    "removals",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("kind", String(16), nullable=False),  # RemovalKind
    Column("collection_id", String(32), nullable=False),  # no foreign key: it may be gone
    Column("name", String(64), nullable=False),  # SHA-256 of a blob, name of a segment
    Column("since", DateTime(timezone=True), nullable=False),
)

# One uploaded file on its way into a collection. Its state is not a column: `job_rows.state_at` derives it.
jobs = Table(
    "jobs",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("number", BigInteger, nullable=False, unique=True),  # order of arrival, from `counters`
    Column("collection_id", ForeignKey("collections.id"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("sha256", String(64), nullable=False, index=True),
    Column("n_bytes", BigInteger, nullable=False),
    Column("priority", Integer, nullable=False),
    # The key that the client gave the upload, and the file's place in it.
    Column("upload_key", String(255)),
    Column("upload_place", Integer, nullable=False),
    # The fencing token: raised whenever the job changes hands, so that an old worker cannot end it.
    Column("token", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False),  # claims that were not given back
    Column("lease_owner", Text),
    Column("lease_until", DateTime(timezone=True)),
    Column("heartbeat_at", DateTime(timezone=True)),
    Column("not_before", DateTime(timezone=True)),
    Column("pages_done", Integer, nullable=False),
    Column("pages_total", Integer),
    Column("verdict", String(32)),
    Column("error_code", String(64)),
    Column("error_message", Text),
    Column("document_id", String(32)),  # no foreign key: the document may be deleted, the job stays
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("started_at", DateTime(timezone=True)),
    Column("ended_at", DateTime(timezone=True)),
    Column("cancelled_at", DateTime(timezone=True)),
    UniqueConstraint("collection_id", "upload_key", "upload_place"),
    Index(None, "verdict", "priority", "number"),
)

holds = Table(  # locks of processes that share no disk; without a renewal they end
    "holds",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", String(64), nullable=False, index=True),
    Column("is_exclusive", Boolean, nullable=False),
    Column("ends_at", DateTime(timezone=True), nullable=False),
)

pins = Table(  # blobs that a writer relies on while no document names them
    "pins",
    metadata,
    Column("hold_id", ForeignKey("holds.id", ondelete="CASCADE"), primary_key=True),
    Column("sha256", String(64), primary_key=True),
)
