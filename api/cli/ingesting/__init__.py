"""Commands that put documents into a collection."""
