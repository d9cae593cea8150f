"""Text models of the ColBERT kind, loaded by sentence-transformers: a vector for each token."""
