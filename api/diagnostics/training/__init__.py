"""Fit an adapter to the questions of a collection: which of them to learn, and whether it helped."""
