"""Find the value that answers: a cell, a span of words, what is calculated."""
