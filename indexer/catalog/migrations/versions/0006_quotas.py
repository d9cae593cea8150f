"""Quotas of API keys, and what each has used of a day.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("api_keys", sa.Column("max_bytes_per_day", sa.BigInteger))
    op.add_column("api_keys", sa.Column("max_documents_per_day", sa.BigInteger))
    op.add_column("api_keys", sa.Column("max_questions_per_day", sa.BigInteger))
    op.create_table(
        "api_key_usage",
        sa.Column("key_id", sa.String(32), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("n_bytes", sa.BigInteger, nullable=False),
        sa.Column("n_documents", sa.BigInteger, nullable=False),
        sa.Column("n_questions", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(
            ["key_id"], ["api_keys.id"], name="fk_api_key_usage_key_id_api_keys"
        ),
        sa.PrimaryKeyConstraint("key_id", "day", name="pk_api_key_usage"),
    )


def downgrade() -> None:
    op.drop_table("api_key_usage")
    op.drop_column("api_keys", "max_questions_per_day")
    op.drop_column("api_keys", "max_documents_per_day")
    op.drop_column("api_keys", "max_bytes_per_day")
