"""Stage 1: the pages worth an exact score, and how many it misses."""
