"""Folders that a collection is kept in step with."""
