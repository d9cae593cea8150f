"""A file in, its rendered pages out."""
