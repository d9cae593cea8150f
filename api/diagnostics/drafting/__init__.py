"""Drafts questions from what stands in a collection, for a person to approve."""
