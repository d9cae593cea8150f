"""A small reader: MiniLM with an adapter that chooses among the best passages of some pages."""
