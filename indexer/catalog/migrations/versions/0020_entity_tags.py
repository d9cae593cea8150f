"""The entity tag of an object that a collection is kept in step with.

Revision ID: 0020
Revises: 0019
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.add_column(
        "synced_files", sa.Column("entity_tag", sa.Text, nullable=False, server_default="")
    )


def downgrade() -> None:
    op.drop_column("synced_files", "entity_tag")
