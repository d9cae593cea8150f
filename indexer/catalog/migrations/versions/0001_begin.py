"""Collections, documents, pages, segments.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "collections",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("fingerprint", sa.JSON, nullable=False),
        sa.Column("generation", sa.BigInteger, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_collections"),
        sa.UniqueConstraint("name", name="uq_collections_name"),
    )
    op.create_table(
        "segments",
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("collection_id", sa.String(32), nullable=False),
        sa.Column("n_pages", sa.Integer, nullable=False),
        sa.Column("n_vectors", sa.BigInteger, nullable=False),
        sa.Column("dim", sa.Integer, nullable=False),
        sa.Column("files", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_segments"),
        sa.ForeignKeyConstraint(
            ["collection_id"], ["collections.id"], name="fk_segments_collection_id_collections"
        ),
    )
    op.create_index("ix_segments_collection_id", "segments", ["collection_id"])
    op.create_table(
        "documents",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("collection_id", sa.String(32), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("n_bytes", sa.BigInteger, nullable=False),
        sa.Column("verdict", sa.String(32), nullable=False),
        sa.Column("error_code", sa.String(64)),
        sa.Column("error_message", sa.Text),
        sa.Column("warnings", sa.JSON, nullable=False),
        sa.Column("n_pages", sa.Integer, nullable=False),
        sa.Column("first_page_id", sa.BigInteger),
        sa.Column("segment", sa.String(32)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_documents"),
        sa.UniqueConstraint("collection_id", "sha256", name="uq_documents_collection_id_sha256"),
        sa.ForeignKeyConstraint(
            ["collection_id"], ["collections.id"], name="fk_documents_collection_id_collections"
        ),
        sa.ForeignKeyConstraint(
            ["segment"], ["segments.name"], name="fk_documents_segment_segments"
        ),
    )
    op.create_index("ix_documents_segment", "documents", ["segment"])
    op.create_table(
        "pages",
        sa.Column("id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("document_id", sa.String(32), nullable=False),
        sa.Column("page_number", sa.Integer, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("width_pt", sa.Float, nullable=False),
        sa.Column("height_pt", sa.Float, nullable=False),
        sa.Column("image_sha256", sa.String(64), nullable=False),
        sa.Column("image_width_px", sa.Integer, nullable=False),
        sa.Column("image_height_px", sa.Integer, nullable=False),
        sa.Column("n_vectors", sa.Integer, nullable=False),
        sa.Column("text_source", sa.String(8), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_pages"),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name="fk_pages_document_id_documents"
        ),
    )
    op.create_index("ix_pages_document_id", "pages", ["document_id"])
    op.create_table(
        "page_words",
        sa.Column("page_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("words", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("page_id", name="pk_page_words"),
        sa.ForeignKeyConstraint(["page_id"], ["pages.id"], name="fk_page_words_page_id_pages"),
    )
    op.create_table(
        "counters",
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("value", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_counters"),
    )


def downgrade() -> None:
    for table in ("counters", "page_words", "pages", "documents", "segments", "collections"):
        op.drop_table(table)
