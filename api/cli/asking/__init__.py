"""Commands that ask a collection."""
