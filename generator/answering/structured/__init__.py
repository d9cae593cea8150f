"""Answers as JSON of a schema that the caller gives, each value proved by a page."""
