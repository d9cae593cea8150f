"""Rows of values out of documents: one for each document, of a schema, each value with its proof."""
