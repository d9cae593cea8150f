"""Data derived from segments: made from the vectors, rebuilt whenever it is missing."""
