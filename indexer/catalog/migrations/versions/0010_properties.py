"""Tags and metadata of documents.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "document_tags",
        sa.Column("collection_id", sa.String(32), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("tag", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("collection_id", "sha256", "tag", name="pk_document_tags"),
    )
    op.create_index("ix_document_tags_collection_id_tag", "document_tags", ["collection_id", "tag"])
    op.create_table(
        "document_metadata",
        sa.Column("collection_id", sa.String(32), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("collection_id", "sha256", "name", name="pk_document_metadata"),
    )


def downgrade() -> None:
    op.drop_table("document_metadata")
    op.drop_table("document_tags")
