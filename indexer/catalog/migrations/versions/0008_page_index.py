"""The words of pages in a full-text index; it is filled when it is first needed.

Revision ID: 0008
Revises: 0006
"""

from alembic import op

revision = "0008"
down_revision = "0006"

# Signs that stand inside terms. Terms are made by pagesight: FTS5 only parts them at spaces.
_SIGNS = "-/.,&+:^"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE page_index USING fts5("
            "words, headings, cells, names, places, "
            f"tokenize=\"ascii tokenchars '{_SIGNS}'\")"
        )
        # By the database itself, so that a pagesight of before deletes them, too.
        op.execute(
            "CREATE TRIGGER page_index_of_deleted AFTER DELETE ON pages "
            "BEGIN DELETE FROM page_index WHERE rowid = old.id; END"
        )
        return
    op.execute(
        "CREATE TABLE page_index ("
        "page_id BIGINT CONSTRAINT pk_page_index PRIMARY KEY "
        "CONSTRAINT fk_page_index_page_id_pages REFERENCES pages (id) ON DELETE CASCADE, "
        "terms TSVECTOR NOT NULL)"
    )
    op.execute("CREATE INDEX ix_page_index_terms ON page_index USING gin (terms)")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER page_index_of_deleted")
    op.execute("DROP TABLE page_index")
