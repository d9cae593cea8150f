"""The tables of the service's own state: conversations, keys and what they use. As `tables`, for the rest."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from indexer.catalog.table_metadata import metadata

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

# What a key may still ask for; no foreign key: users whom a token names have no row of their own.
request_buckets = Table(
    "request_buckets",
    metadata,
    Column("key_id", String(255), primary_key=True),
    Column("n_left", Float, nullable=False),  # at `moment`; it grows evenly
    Column("moment", DateTime(timezone=True), nullable=False),
)
