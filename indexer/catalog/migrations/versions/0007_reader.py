"""By which reader the pages of a document were read.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("documents", sa.Column("reader", sa.Integer))


def downgrade() -> None:
    op.drop_column("documents", "reader")
