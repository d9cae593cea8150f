"""Models that `MultiVectorEncoder` of sentence-transformers loads: of words, and of page images."""
