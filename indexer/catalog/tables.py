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
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

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

conversations = Table(
    "conversations",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("title", Text, nullable=False),
    Column("collections", JSON, nullable=False),  # their names
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False, index=True),
    Column("owner", String(32)),  # id of the key that began it; null where no key was asked for
)

messages = Table(
    "messages",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("role", String(16), nullable=False),
    Column("text", Text, nullable=False),
    Column("answer", JSON),  # of role "assistant": the whole answer, as it was sent
    Column("created_at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("conversation_id", "position"),
)

message_feedback = Table(
    "message_feedback",
    metadata,
    Column("message_id", ForeignKey("messages.id"), primary_key=True),
    Column("verdict", String(16), nullable=False),
    Column("comment", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", String(32), primary_key=True),  # the part of a key that may be shown
    Column("name", Text, nullable=False),
    Column("secret_sha256", String(64), nullable=False),
    Column("scope", String(8), nullable=False),
    # Null: every collection. Ids, not names: a name may come to mean somebody else's collection.
    Column("collection_ids", JSON(none_as_null=True)),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True)),
    Column("revoked_at", DateTime(timezone=True)),
    Column("last_used_at", DateTime(timezone=True)),
    # Null: no quota.
    Column("max_bytes_per_day", BigInteger),
    Column("max_documents_per_day", BigInteger),
    Column("max_questions_per_day", BigInteger),
)

api_key_usage = Table(
    "api_key_usage",
    metadata,
    Column("key_id", ForeignKey("api_keys.id"), primary_key=True),
    Column("day", String(10), primary_key=True),  # 2026-11-27, by UTC
    Column("n_bytes", BigInteger, nullable=False),
    Column("n_documents", BigInteger, nullable=False),
    Column("n_questions", BigInteger, nullable=False),
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
