"""How many terms a page has, for the full text of PostgreSQL; SQLite keeps that itself.

Revision ID: 0016
Revises: 0015
"""

from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        return
    op.execute("ALTER TABLE page_index ADD COLUMN n_terms INTEGER")
    op.execute(
        "UPDATE page_index SET n_terms = "
        "(SELECT coalesce(sum(cardinality(positions)), 0) FROM unnest(terms))"
    )
    op.execute("CREATE INDEX ix_page_index_n_terms ON page_index (n_terms)")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        return
    op.execute("ALTER TABLE page_index DROP COLUMN n_terms")
