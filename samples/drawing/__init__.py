"""Draws the sample documents: type and rules, tables, charts, and one module per document."""
