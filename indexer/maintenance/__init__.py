"""Care of the data folder: compaction, verification, repair."""
