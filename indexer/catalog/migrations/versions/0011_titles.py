"""Titles of collections: what people read, beside the name that programs use.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("collections", sa.Column("title", sa.Text))


def downgrade() -> None:
    op.drop_column("collections", "title")
