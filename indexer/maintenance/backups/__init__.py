"""Backups of catalog and data folder: made beside everything else, restored into an empty place."""
