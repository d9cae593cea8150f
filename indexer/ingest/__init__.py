"""One document on its way from a file to a commit."""
