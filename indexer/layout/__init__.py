"""Pages laid out: words in reading order, and the blocks, tables, fields and notes they belong to."""
