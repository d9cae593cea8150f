"""Names that documents were given under: second names, versions of one name, attachments.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "document_names",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("collection_id", sa.String(32), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("name_start", sa.String(200), nullable=False),
        sa.Column("attached_to", sa.String(64)),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_document_names"),
    )
    op.create_index(
        "ix_document_names_collection_id_sha256", "document_names", ["collection_id", "sha256"]
    )
    op.create_index(
        "ix_document_names_collection_id_name_start",
        "document_names",
        ["collection_id", "name_start"],
    )
    op.create_index(
        "ix_document_names_collection_id_attached_to",
        "document_names",
        ["collection_id", "attached_to"],
    )
    op.execute(
        "INSERT INTO document_names (id, collection_id, sha256, name, name_start, given_at) "
        "SELECT id, collection_id, sha256, name, substr(name, 1, 200), created_at FROM documents "
        "WHERE first_page_id IS NOT NULL OR error_code = 'withdrawn'"
    )


def downgrade() -> None:
    op.drop_table("document_names")
