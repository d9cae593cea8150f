"""Who says a tag or an entry of metadata: people, a side file, the file itself.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    for table in ("document_tags", "document_metadata"):
        op.add_column(table, sa.Column("origin", sa.String(16)))


def downgrade() -> None:
    for table in ("document_tags", "document_metadata"):
        op.drop_column(table, "origin")
