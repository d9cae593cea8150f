"""The media type of documents; those of before are PDF.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.add_column("documents", sa.Column("media_type", sa.String(100)))
    op.execute(
        "UPDATE documents SET media_type = 'application/pdf' WHERE first_page_id IS NOT NULL"
    )


def downgrade() -> None:
    op.drop_column("documents", "media_type")
