"""An index beside the one that is searched, by another encoder.

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.create_table(
        "reencodings",
        sa.Column("collection_id", sa.String(32), nullable=False),
        sa.Column("fingerprint", sa.JSON, nullable=False),
        sa.Column("swapped_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("collection_id", name="pk_reencodings"),
        sa.ForeignKeyConstraint(
            ["collection_id"],
            ["collections.id"],
            name="fk_reencodings_collection_id_collections",
            ondelete="CASCADE",
        ),
    )
    op.add_column(
        "segments", sa.Column("is_shadow", sa.Boolean, nullable=False, server_default=sa.false())
    )
    op.add_column("documents", sa.Column("shadow_segment", sa.String(32)))
    op.create_index("ix_documents_shadow_segment", "documents", ["shadow_segment"])
    op.add_column("pages", sa.Column("shadow_n_vectors", sa.Integer))


def downgrade() -> None:
    op.drop_column("pages", "shadow_n_vectors")
    op.drop_index("ix_documents_shadow_segment", "documents")
    op.drop_column("documents", "shadow_segment")
    op.drop_column("segments", "is_shadow")
    op.drop_table("reencodings")
