"""The second of a video at which a page is shown.

Revision ID: 0019
Revises: 0018
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.add_column("pages", sa.Column("time_s", sa.Float))


def downgrade() -> None:
    op.drop_column("pages", "time_s")
