"""Folders that a collection is kept in step with, and the content of pages by its hash.

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.add_column("pages", sa.Column("content_sha256", sa.String(64)))
    op.create_index("ix_pages_content_sha256", "pages", ["content_sha256"])
    op.create_table(
        "synced_files",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("collection_id", sa.String(32), nullable=False),
        sa.Column("folder", sa.Text, nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("n_bytes", sa.BigInteger, nullable=False),
        sa.Column("modified_ns", sa.BigInteger, nullable=False),
        sa.Column("changed_ns", sa.BigInteger, nullable=False),
        sa.Column("device", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_synced_files"),
    )
    op.create_index("ix_synced_files_collection_id", "synced_files", ["collection_id"])


def downgrade() -> None:
    op.drop_table("synced_files")
    op.drop_index("ix_pages_content_sha256", "pages")
    op.drop_column("pages", "content_sha256")
