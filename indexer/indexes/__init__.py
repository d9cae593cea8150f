"""Data derived from segments: made from the truth, rebuilt whenever it is missing."""
