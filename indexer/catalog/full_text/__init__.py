"""Pages by their words: the full text of SQLite (FTS5) and of PostgreSQL (tsvector)."""
