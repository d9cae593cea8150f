"""How many requests each key may make, for all processes together.

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.create_table(
        "request_buckets",
        sa.Column("key_id", sa.String(255), nullable=False),
        sa.Column("n_left", sa.Float, nullable=False),
        sa.Column("moment", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key_id", name="pk_request_buckets"),
    )


def downgrade() -> None:
    op.drop_table("request_buckets")
