"""The pair with the data folder, files that are to be removed, documents that are degraded.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_INDEXES = (("documents", "sha256"), ("pages", "image_sha256"), ("jobs", "sha256"))


def upgrade() -> None:
    op.create_table(
        "pair_mark",
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("epoch", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_pair_mark"),
    )
    op.create_table(
        "removals",
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("collection_id", sa.String(32), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_removals"),
    )
    op.add_column("documents", sa.Column("degraded", sa.Text))
    for table, column in _INDEXES:
        op.create_index(f"ix_{table}_{column}", table, [column])


def downgrade() -> None:
    for table, column in _INDEXES:
        op.drop_index(f"ix_{table}_{column}", table)
    op.drop_column("documents", "degraded")
    op.drop_table("removals")
    op.drop_table("pair_mark")
